"""The rules of a line in words: who goes first and where that stands, what can be chosen, and whom a change would move."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.facts import PRIORITY
from directory.domain.waitlist.tiers import FIRST_OWN, LAST_OWN, OTHERS, PriorityTier, Rules
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.waitlist.overlays import OVERLAYS, Choosable, chosen_in, own_of
from directory.services.waitlist.rules import Preview, Published
from directory.web.fields import Field
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_lines import number_typed
from directory.web.waitlist.presenters_words import fact_name, someone, tier_name
from directory.web.wording import moment_words

_ = gettext

OVERLAY_NAMES = {
    "texas": N_("Texas"),
    "vermont": N_("Vermont"),
    "families": N_("Parents"),
    "veterans": N_("Veterans"),
    "contact-30": N_("State contracts"),
}
FEW = 200
"""Moves that a preview names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class TierView:
    """A tier as it is in force. `limit` is by when somebody of it is to be admitted, "" where nobody says so."""

    rank: str
    name: str
    who: str
    limit: str
    citation: str
    days: str


def tier_views(rules: Rules, on: date) -> list[TierView]:
    """All tiers in their order, all others last. One whose days have not come, or are over, says so."""
    found = [_tier_view(place, tier, on) for place, tier in enumerate(rules.tiers, 1)]
    rest = _("In the order of asking; of two who asked at the same moment a lot decides.")
    return [*found, TierView(a_number(len(found) + 1), _("All others"), rest, "", "", "")]


def _tier_view(place: int, tier: PriorityTier, on: date) -> TierView:
    limit = limit_words(tier)
    joint = _(" and ") if tier.match == "all" else _(" or ")
    who = _("Known of them: %(facts)s") % {"facts": joint.join(fact_name(code) for code in tier.facts)}
    return TierView(
        a_number(place), tier_name(tier), who, limit[:1].upper() + limit[1:], tier.citation, _days(tier, on)
    )


def limit_words(tier: PriorityTier) -> str:
    """By when somebody of a tier is to be admitted."""
    if tier.rank in (Tier.PREGNANT, Tier.PREGNANT_INJECTING):
        return _at_once(tier.target_hours or 0)
    if tier.target_hours is None:
        return ""
    if tier.target_hours > 72 and tier.target_hours % 24 == 0:
        days = tier.target_hours // 24
        return ngettext("to be admitted within %(n)s day", "to be admitted within %(n)s days", days) % {"n": a_number(days)}  # fmt: skip
    return ngettext("to be admitted within %(n)s hour", "to be admitted within %(n)s hours", tier.target_hours) % {
        "n": a_number(tier.target_hours)
    }


def _at_once(hours: int) -> str:
    """The law knows no time in which a pregnant person could wait; a State may say besides how soon somebody sees them."""
    if not hours:
        return _("to be admitted at once")
    return ngettext(
        "to be admitted at once, and seen within %(n)s hour",
        "to be admitted at once, and seen within %(n)s hours",
        hours,
    ) % {"n": a_number(hours)}


def _days(tier: PriorityTier, on: date) -> str:
    if tier.valid_from and on < tier.valid_from:
        return _("Begins on %(day)s") % {"day": a_date(tier.valid_from)}
    if tier.valid_to and tier.valid_to < on:
        return _("Ended on %(day)s") % {"day": a_date(tier.valid_to)}
    return _("Until %(day)s") % {"day": a_date(tier.valid_to)} if tier.valid_to else ""


# --- choosing --------------------------------------------------------------------------------------------------------


def rules_fields(rules: Rules, *, is_funded: bool) -> tuple[Field, ...]:
    """What can be chosen and added, with what is in force ticked."""
    chosen, own = chosen_in(rules), own_of(rules)
    fields = [
        Field(
            "overlays",
            _("From the rules of States"),
            choices=tuple(Choice(each.key, choosable_words(each), each.key in chosen) for each in OVERLAYS),
            many=True,
            hint=_("Read your own State’s text first: these change."),
        )
    ]
    if not is_funded:
        law = Choice("yes", _("The order of the law goes first here too"), rules.is_federal)
        fields.insert(0, Field("federal", _("The law"), choices=(law,), many=True))
    if own:
        kept = tuple(Choice(tier.code, f"{tier_name(tier)} ({tier.citation})", True) for tier in own)
        fields.append(Field("own", _("Groups of your own"), choices=kept, many=True, hint=_("Untick one to end it.")))
    return (*fields, *_new_fields())


def choosable_words(each: Choosable) -> str:
    """One thing to choose, such as "Texas: High risk of an overdose, to be admitted within 72 hours"."""
    name = _(OVERLAY_NAMES[each.overlay]) if each.overlay in OVERLAY_NAMES else each.label
    if each.contact_days is not None:
        days = ngettext("everybody is reached at least every %(n)s day", "everybody is reached at least every %(n)s days", each.contact_days)  # fmt: skip
        return f"{name}: {days % {'n': a_number(each.contact_days)}}"
    shown = each.tier or PriorityTier(
        int(Tier.INJECTING) if each.federal == "injecting" else int(Tier.PREGNANT),
        each.federal, each.label, (), target_hours=each.hours,
    )  # fmt: skip
    limit = limit_words(shown)
    return f"{name}: {tier_name(shown)}" + (f", {limit}" if limit else "")


def _new_fields() -> tuple[Field, ...]:
    facts = (Choice("", _("Choose one"), True), *(Choice(code, fact_name(code), False) for code in PRIORITY))
    ranks = tuple(Choice(str(rank), _("%(n)s after the law") % {"n": a_number(rank - FIRST_OWN + 1)}, rank == FIRST_OWN) for rank in range(FIRST_OWN, LAST_OWN + 1))  # fmt: skip
    # fmt: off
    return (
        Field("label", _("A new group: its name"), hint=_("Leave it empty to add none. Facts decide, never what somebody thinks of a person.")),
        Field("fact", _("What has to be known of them"), choices=facts),
        Field("rank", _("Its place"), choices=ranks),
        Field("hours", _("To be admitted within so many hours"), numeric=True, hint=_("Empty where no rule says so.")),
        Field("citation", _("Where the rule stands"), hint=_("The law, the contract, or the meeting that decided it.")),
        Field("valid_from", _("From this day on"), "date", hint=_("Empty is at once.")),
        Field("valid_to", _("The last day"), "date", hint=_("Empty is without end.")),
    )
    # fmt: on


def typed_tier(values: Mapping[str, str]) -> PriorityTier | None:
    """The group that was typed in; None where no name was. Raises UnfitFields for a day that is none."""
    label = values.get("label", "").strip()
    if not label:
        return None
    fact, hours, rank = values.get("fact", ""), values.get("hours", "").strip(), values.get("rank", "")
    begins, ends = (_day(name, values.get(name, "")) for name in ("valid_from", "valid_to"))
    code = f"own-{sha256(f'{label}|{fact}'.encode()).hexdigest()[:8]}"
    return PriorityTier(
        rank=number_typed(rank),
        code=code,
        label=label,
        facts=(fact,) if fact else (),
        target_hours=number_typed(hours) if hours else None,
        citation=values.get("citation", "").strip(),
        valid_from=begins,
        valid_to=ends,
    )


def _day(field: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise UnfitFields([Problem(field, "not-a-day", text)]) from None


def at_fields(problems: Sequence[Problem], new: PriorityTier | None) -> list[Problem]:
    """The same problems at the fields of the form in which they can be put right."""
    return [replace(each, field=_field_of(each, new)) for each in problems]


def _field_of(problem: Problem, new: PriorityTier | None) -> str:
    if new is None or problem.field != f"tier-{new.code}":
        return problem.field if problem.field in ("valid_from", "valid_to") else "overlays"
    fields = {"choose": "fact", "not-within": "hours", "ends-before": "valid_to", "above-federal": "rank"}
    if problem.code == "missing":
        return "citation"
    if problem.code == "too-long":
        return "label" if problem.value == new.label else "citation"
    return fields.get(problem.code, "label")


# --- before it is published ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MoveView:
    """Somebody whom a change would move. `url` is "" for somebody of another agency."""

    name: str
    url: str
    place: str
    tier: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a change would do: in one sentence, then person by person; `more` says how many are left out."""

    sentence: str
    moves: tuple[MoveView, ...]
    more: str


def preview_view(seen: Preview) -> PreviewView:
    """Whom a change would move and how far."""
    moved = sum(move.has_moved for move in seen.moves)
    sentence = ngettext(
        "Of %(all)s who stand in this line %(n)s would come to another place.",
        "Of %(all)s who stand in this line %(n)s would come to other places.",
        moved,
    ) % {"all": a_number(seen.size), "n": a_number(moved)}
    shown = tuple(_move_view(seen, index) for index in range(min(len(seen.moves), FEW)))
    more = len(seen.moves) - len(shown)
    return PreviewView(sentence, shown, _("and %(n)s more") % {"n": a_number(more)} if more else "")


def _move_view(seen: Preview, index: int) -> MoveView:
    move = seen.moves[index]
    upi = seen.upis.get(move.entry, "")
    places = {"before": a_number(move.place_before), "after": a_number(move.place_after)}
    place = _("from place %(before)s to place %(after)s") % places if move.has_moved else _("stays at place %(after)s") % places  # fmt: skip
    before, after = _names(move.tier_before, seen.before), _names(move.tier_after, seen.after)
    tier = _("%(before)s, then %(after)s") % {"before": before, "after": after} if before != after else after
    return MoveView(upi or _("Somebody of another agency"), f"/clients/{upi}" if upi else "", place, tier)


def _names(rank: int, rules: Rules) -> str:
    found: Collection[str] = [tier_name(tier) for tier in rules.tiers if tier.rank == rank]
    return " / ".join(found) if rank != OTHERS and found else _("All others")


# --- what was published ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of the rules."""

    when: str
    by: str
    tiers: tuple[str, ...]
    mark: str


def version_view(each: Published, names: Mapping[str, str], zone: str, now: datetime) -> VersionView:
    """A version with when it was published, by whom, and the start of its fingerprint, which stands with each offer made by it."""
    when = moment_words(each.at.astimezone(ZoneInfo(zone)), now)
    tiers = tuple(tier_name(tier) for tier in each.rules.tiers)
    return VersionView(when, names.get(each.by) or someone(each.by), tiers, each.sha256[:12])
