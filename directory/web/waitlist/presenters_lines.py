"""Lines of people who wait, in words: their cards, their forms, and who stands where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.levels import asam_level
from directory.domain.waitlist.pools import PoolValues, hours_read, usual_minutes
from directory.domain.waitlist.states import Entry
from directory.domain.waitlist.tiers import Rules
from directory.i18n import N_, a_date, a_list, a_number, a_weekday, gettext, ngettext
from directory.labels import NN_
from directory.services.waitlist.pools import InLine, LevelOption, LineNow, line_fields
from directory.web.fields import Field
from directory.web.presenters import Fact
from directory.web.presenters_agencies import asam_choices, asam_text, care_choices, state_choices, zone_choices
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_slots import tier_words
from directory.web.wording import age_words

_ = gettext

STATES = {
    Entry.WAITING: N_("Waits"),
    Entry.ON_HOLD: N_("On hold"),
    Entry.OFFERED: N_("Has an offer"),
    Entry.ACCEPTED: N_("Said yes, not there yet"),
}
DAYS = (1, 2, 3, 4, 5, 6, 0)
"""A week begins on Monday."""
_WAIT = NN_("%(n)s waits", "%(n)s wait")
_HOLD = NN_("%(n)s on hold", "%(n)s on hold")
_OFFER = NN_("%(n)s with an offer", "%(n)s with an offer")
_USUAL = ("detox", "residential", "outpatient")


@dataclass(frozen=True, slots=True)
class LineCard:
    """A line in the list."""

    id: int
    name: str
    what: str
    figures: str
    oldest: str
    is_closed: bool


def line_card(line: LineNow, now: datetime) -> LineCard:
    """A line with how many stand in it."""
    pool = line.pool
    what = (labels.label("care", pool.care), a_list(list(pool.area)))
    return LineCard(
        pool.id, pool.name, " · ".join(part for part in what if part), figures(line), oldest(line, now), bool(pool.closed_at)
    )  # fmt: skip


def figures(line: LineNow) -> str:
    """How many wait, are on hold, and have an offer."""
    found = line.figures
    counts = ((_WAIT, found.waiting), (_HOLD, found.on_hold), (_OFFER, found.offered + found.accepted))
    return " · ".join(ngettext(*forms, n) % {"n": a_number(n)} for forms, n in counts if n or forms is _WAIT)


def oldest(line: LineNow, now: datetime) -> str:
    """When the one asked who has waited longest; "" where nobody waits."""
    if line.figures.oldest is None:
        return ""
    return _("The first of them asked %(age)s") % {"age": age_words(now - line.figures.oldest, now)}


def line_facts(line: LineNow) -> tuple[Fact, ...]:
    """What a line is for, and how it works."""
    pool, values = line.pool, line.pool.values
    level = asam_level(values.edition, values.asam)
    care = labels.label("care", pool.care)
    facts = [Fact(_("Care"), f"{care}; {asam_text(level)}" if level else care)]
    facts.append(Fact(_("Where people live"), a_list(list(pool.area)) or _("Anywhere")))
    facts.append(Fact(_("An offer holds"), _("%(n)s hours") % {"n": a_number(values.minutes / 60, 1)}))
    facts.append(Fact(_("Reached at least every"), _days(pool.contact_days)))
    facts.append(Fact(_("A hold is looked at after"), _days(pool.hold_days)))
    funded = _("Yes: the order of the law holds") if pool.is_funded else _("No")
    return (*facts, Fact(_("Paid for by the federal block grant"), funded))


def _days(number: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": a_number(number)}


# --- who stands where ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Somebody in a line. `url` is "" for somebody whom another agency keeps."""

    place: str
    called: str
    url: str
    state: str
    order: str


def place_view(one: InLine, rules: Rules, zone: str, today: date) -> PlaceView:
    """Somebody with their place, why they stand there, and since when."""
    placed = one.placed
    day = a_date(placed.requested_at.astimezone(ZoneInfo(zone)).date())
    asked = _("asked on %(day)s") % {"day": day}
    order = f"{tier_words(placed.tier, rules, today)}; {asked}"
    called = one.called or (_("Somebody without a name yet") if one.upi else _("Somebody of another agency"))
    state = _(STATES[Entry(placed.status)])
    return PlaceView(a_number(placed.place), called, f"/clients/{one.upi}" if one.upi else "", state, order)


# --- the form --------------------------------------------------------------------------------------------------------


def line_form_fields(values: PoolValues, *, is_closed: bool | None = None) -> tuple[Field, ...]:
    """The fields of a line; whether it is open only of one that there is."""
    said = line_fields(values)
    usual = ", ".join(
        _("%(care)s %(n)s") % {"care": labels.label("care", care), "n": a_number(usual_minutes(care) // 60)}
        for care in _USUAL
    )
    # fmt: off
    fields = (
        Field("name", _("Name of the line"), value=said["name"], hint=_("As your people call it. Clients never see it.")),
        Field("care", _("Kind of care"), choices=care_choices(values.care)),
        Field("asam", _("ASAM level"), choices=asam_choices(said["asam"])),
        Field("area", _("Where the people live that it is for"), "textarea", value=said["area"], hint=_("One on each line, such as: Vermont, or: Delaware County, PA. Empty is anywhere.")),
        Field("timezone", _("Time zone"), choices=zone_choices(values.timezone)),
        Field("funded", _("Money"), choices=(Choice("yes", _("Paid for by the federal block grant: the order of the law holds"), values.is_funded),), many=True),
        Field("window", _("For how many hours an offer holds"), value=said["window"] if values.minutes else "", numeric=True, hint=_("Empty is what is usual: %(usual)s.") % {"usual": usual}),
        *_hours_fields(said),
        Field("exact", _("What clients see"), choices=(Choice("yes", _("Their number, where the line is long enough"), values.exact_numbers),), many=True, hint=_("Otherwise: next, fewer than 5 ahead, 5 to 9 ahead.")),
        Field("contact_days", _("Reach everybody at least every so many days"), value=said["contact_days"], numeric=True),
        Field("hold_days", _("Look at a hold again after so many days"), value=said["hold_days"], numeric=True),
    )
    # fmt: on
    if is_closed is None:
        return fields
    hint = _("A closed line takes nobody any more. It can be closed when nobody stands in it.")
    return (*fields, Field("state", _("Open or closed"), choices=state_choices(is_closed), hint=hint))


def _hours_fields(said: Mapping[str, str]) -> list[Field]:
    """One for each day; what they are for stands with the first."""
    hint = _(
        "An offer never ends while nobody can be called. Write when somebody can, such as 9:00-17:00. All empty: at any time."
    )
    return [
        Field(f"hours-{day}", _("Hours on %(day)s") % {"day": a_weekday(day)}, value=said[f"hours-{day}"], hint=hint if day == DAYS[0] else "")
        for day in DAYS
    ]  # fmt: skip


def typed_line(values: Mapping[str, str]) -> PoolValues:
    """The values of a line as they were typed; what is no number is taken for one that no line can have."""
    edition, _colon, asam = values.get("asam", "").partition(":")
    hours = {day: values.get(f"hours-{day}", "") for day in range(7)}
    care, window = values.get("care", ""), values.get("window", "").strip()
    return PoolValues(
        name=values.get("name", ""),
        care=care,
        timezone=values.get("timezone", ""),
        minutes=round(60 * _hours_number(window)) if window else usual_minutes(care),
        asam=asam,
        edition=edition,
        area=tuple(area for line in values.get("area", "").splitlines() if (area := line.strip())),
        is_funded=values.get("funded") == "yes",
        working=hours_read(hours),
        exact_numbers=values.get("exact") == "yes",
        contact_days=number_typed(values.get("contact_days", "")),
        hold_days=number_typed(values.get("hold_days", "")),
    )


def number_typed(text: str) -> int:
    """A whole number as it was typed; -1 for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1


def _hours_number(text: str) -> float:
    """Hours, perhaps with a half; -1 for what is no number."""
    whole, _point, part = text.replace(",", ".").partition(".")
    if number_typed(whole) < 0 or (part and number_typed(part) < 0):
        return -1
    return float(f"{whole}.{part or 0}")


# --- whose openings --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LevelGroup:
    """The levels of one agency, to tick."""

    agency: str
    choices: tuple[Choice, ...]


def level_groups(options: Sequence[LevelOption]) -> list[LevelGroup]:
    """The levels of every agency, by agency."""
    found: dict[str, list[Choice]] = {}
    for each in options:
        label = f"{each.program}: {each.name} ({labels.label('care', each.care)})"
        found.setdefault(each.agency, []).append(Choice(str(each.id), label, each.is_chosen))
    return [LevelGroup(agency, tuple(choices)) for agency, choices in found.items()]
