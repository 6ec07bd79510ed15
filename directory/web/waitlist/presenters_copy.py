"""All that is kept about somebody, in words for themselves: the right to see it, to have it put right, and to know who was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.i18n import a_date, a_language, a_number, gettext
from directory.services.bridge.copies import BridgeCopy
from directory.services.bridge.seats import Sitting
from directory.services.waitlist.person import FactNow, Person, Spot
from directory.web.bridge.presenters_copy import bridge_parts
from directory.web.bridge.presenters_groups import copy_lines
from directory.web.waitlist import presenters_words as words
from directory.web.waitlist.presenters_person import PersonView, fact_item, person_view
from directory.web.waitlist.presenters_spots import used_words

_ = gettext


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the copy: its heading, and its lines, each with what stands smaller beneath it."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CopyView:
    """The whole copy. `made` says when it was made."""

    made: str
    parts: tuple[Part, ...]


def copy_view(
    person: Person, facts: Iterable[FactNow], bridge: BridgeCopy | None, sittings: Sequence[Sitting], now: datetime
) -> CopyView:
    """The copy of what is kept about somebody at this moment. `bridge` is None for whoever may not read their plan."""
    view = person_view(person, now)
    parts = (
        Part(_("Who you are"), _who(person)),
        Part(_("How you can be reached"), tuple((each.text, each.small) for each in view.ways)),
        Part(_("Your places in line"), _places(view, person)),
        Part(_("What you told us"), tuple(_fact(fact, person) for fact in facts)),
        Part(_("Openings that were offered to you"), tuple((each.text, each.small) for each in view.offers)),
        Part(_("When we were in touch"), tuple((each.text, each.small) for each in view.contacts)),
        Part(_("Services that were offered to you for the wait"), _items(view)),
        Part(_("Groups in which you had a seat, or waited for one"), copy_lines(sittings, person.zone)),
        *(Part(title, lines) for title, lines in bridge_parts(bridge, person.zone)),
        Part(_("What you allowed us to tell"), tuple((each.text, each.small) for each in view.consents)),
        Part(
            _("Who was told something about you in the last 3 years"),
            tuple((each.text, each.small) for each in view.told),
        ),
        Part(_("Where you did not agree"), _appeals(view)),
        Part(_("What happened, step by step"), tuple((each.text, each.small) for each in view.history)),
    )
    return CopyView(words.moment(now, person.zone), parts)


def _who(person: Person) -> tuple[tuple[str, str], ...]:
    known, row = person.who.known, person.who.row
    found = [
        (_("What we call you"), person.who.called),
        (_("Name"), str(known.get("name") or "")),
        (_("Birth date"), _born(str(known.get("born") or ""))),
        (_("Good to know when calling"), str(known.get("note") or "")),
        (_("Your number here"), row.upi),
        (_("Language"), a_language(row.language)),
        (_("Written down on"), words.moment(row.created_at, person.zone)),
        (_("Your peer"), person.peer),
    ]
    return tuple((f"{title}: {text}", "") for title, text in found if text)


def _born(text: str) -> str:
    try:
        return a_date(datetime.fromisoformat(text).date()) if text else ""
    except ValueError:
        return text


def _places(view: PersonView, person: Person) -> tuple[tuple[str, str], ...]:
    """Each place and why it is where it is; what the board tells a peer to do about it is not said to the client."""
    found = []
    for shown, spot in zip(view.spots, person.spots, strict=True):
        found.append((f"{shown.line}: {shown.state}", _place(spot)))
        if spot.is_open:
            found += [(text, "") for text in _why(spot, person)]
    return tuple(found)


def _place(spot: Spot) -> str:
    ahead, all_of = (sum(getattr(each, name) for each in spot.before) for name in ("ahead", "all"))
    said = {"place": a_number(ahead + 1), "all": a_number(all_of)}
    return _("Place %(place)s of %(all)s.") % said if spot.before else ""


def _why(spot: Spot, person: Person) -> list[str]:
    """The rules by which somebody stands where they stand, and until when they are to be admitted, told to themselves."""
    entry, tier = spot.entry, spot.tier
    if tier is None:
        found = [_("No rule of this line puts you before others: you are in the group of all others.")]
    else:
        said = {"rank": a_number(tier.rank), "label": words.tier_name(tier), "source": tier.citation}
        found = [_("Group %(rank)s: %(label)s. The rule: %(source)s.") % said]
        found += [used_words(code, person.facts.get(code)) for code in tier.facts]
    asked = words.moment(entry.requested_at, entry.timezone)
    found.append(_("You asked on %(when)s. Within a group, who asked first goes first.") % {"when": asked})
    if spot.target_at is not None:
        by = words.moment(spot.target_at, entry.timezone)
        found.append(_("By this rule you are to be admitted by %(when)s.") % {"when": by})
    if spot.asked:
        found.append(_("A second person is asked about this place. Until they have answered, nothing changes."))
    if entry.asam:
        told = _("Level %(level)s, as named by %(who)s.")
        found.append(told % {"level": entry.asam, "who": entry.recommended_by or _("nobody")})
    return found


def _fact(fact: FactNow, person: Person) -> tuple[str, str]:
    item = fact_item(fact, person)
    over = _("until %(day)s") % {"day": words.moment(fact.ended_at, person.zone)} if fact.ended_at else ""
    return item.text, " · ".join(part for part in (item.small, over) if part)


def _items(view: PersonView) -> tuple[tuple[str, str], ...]:
    return tuple((each.text, each.small) for each in view.interim)


def _appeals(view: PersonView) -> tuple[tuple[str, str], ...]:
    found = []
    for each in view.appeals:
        found.append((each.text, each.small))
        found += [
            (text, title) for title, text in ((_("Your words"), each.words), (_("The answer"), each.answer)) if text
        ]
    return tuple(found)
