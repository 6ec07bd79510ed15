"""A place in line in words: where it stands, why it stands there rule by rule, and what the law says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.waitlist.board import Line, Why
from directory.domain.waitlist.facts import PRIORITY
from directory.domain.waitlist.ranking import Fit, fit_of
from directory.domain.waitlist.states import Entry
from directory.i18n import N_, a_date, a_day, a_list, a_number, gettext, ngettext
from directory.services.waitlist.person import FactNow, Fitting, Person, Spot
from directory.services.waitlist.second_words import BACK_DATE, CANNOT_LOCATE, LOWER_TIER
from directory.web.waitlist import presenters_words as words
from directory.web.waitlist.presenters_due import words_of
from directory.web.waitlist.presenters_status import place_words as own_place_words

_ = gettext

NEXT = {
    Entry.WAITING: N_("When an opening comes up and it is their turn, it is offered to them. Then call them."),
    Entry.ON_HOLD: N_("Their place is kept. Nothing is offered until the pause ends."),
    Entry.OFFERED: N_("Tell them about the opening, and note their answer. A no keeps their place."),
    Entry.ACCEPTED: N_("Help them get there. The agency says when they have come."),
}
ASKED = {
    BACK_DATE: N_("A coordinator is asked to agree to an older day of the request."),
    CANNOT_LOCATE: N_("A coordinator is asked whether this place ends, since they cannot be found."),
    LOWER_TIER: N_(
        "A second person is asked whether they go to another group, since facts have changed. Until then nothing changes."
    ),
}
"""What waits for a second person, by its kind."""
DATES = (Why.PREGNANT, Why.INTERIM, Why.ADMIT_BY, Why.ADMIT_LATER)
"""What the law says of one place, with its moment."""
OURS = "/clients"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list: what it says, what stands smaller beneath, where it leads, and the number of its row."""

    text: str
    small: str = ""
    url: str = ""
    id: int = 0
    tag: str = ""


@dataclass(frozen=True, slots=True)
class SpotView:
    """One place. `told` is what the client's own page says of it, `why` are its reasons rule by rule, `dates` what the law says of it, `openings` what is open now and whether it fits."""

    id: int
    line: str
    state: str
    place: str
    told: str
    next: str
    url: str
    why: tuple[str, ...]
    dates: tuple[str, ...]
    openings: tuple[Item, ...]
    is_open: bool


def spot_view(spot: Spot, person: Person, now: datetime) -> SpotView:
    """A place, with why it is where it is."""
    entry = spot.entry
    own = [line for line in person.lines if line.place and line.place.entry == entry.id and line.why in DATES]
    return SpotView(
        id=entry.id,
        line=entry.pool_name,
        state=state_words(spot),
        place=place_words(spot),
        told=_("Their own page says: “%(words)s”") % {"words": own_place_words(spot.told)} if spot.told else "",
        next=_(NEXT[entry.status]) if entry.status in NEXT else "",
        url=f"{OURS}/{person.who.row.upi}/places/{entry.id}",
        why=why_words(spot, person.facts) if spot.is_open else (),
        dates=date_words(own, person.zone, now),
        openings=tuple(_fitting(each, person.who.row.upi) for each in spot.openings),
        is_open=spot.is_open,
    )


def date_words(lines: Sequence[Line], zone: str, now: datetime) -> tuple[str, ...]:
    """By when somebody is to be admitted or offered services, and which facts decide."""
    return tuple(words_of(line, zone, now) for line in lines)


def state_words(spot: Spot) -> str:
    """Where a place stands."""
    entry = spot.entry
    match entry.status:
        case Entry.WAITING:
            return _("Waiting")
        case Entry.ON_HOLD:
            reason = words.word(words.HOLDS, entry.hold_reason or "")
            day = a_day(entry.review_on) if entry.review_on else ""
            return _("Paused: %(reason)s. To be looked at again on %(day)s.") % {"reason": reason, "day": day}
        case Entry.OFFERED:
            return _("An opening is offered")
        case Entry.ACCEPTED:
            return _("Said yes, and is not there yet")
        case Entry.PLACED:
            return _("Has a place")
    reason = words.word(words.CLOSINGS, entry.close_reason or "")
    when = words.moment(entry.closed_at, entry.timezone) if entry.closed_at else ""
    return _("Ended on %(when)s: %(reason)s") % {"when": when, "reason": reason}


def place_words(spot: Spot) -> str:
    """How many stand before somebody, and how many of those cannot be offered anything now."""
    if not spot.before:
        return ""
    ahead = sum(each.ahead for each in spot.before)
    all_of = sum(each.all for each in spot.before)
    paused = sum(each.ahead for each in spot.before if each.status == Entry.ON_HOLD)
    busy = ahead - paused - sum(each.ahead for each in spot.before if each.status == Entry.WAITING)
    said = _("Place %(place)s of %(all)s.") % {"place": a_number(ahead + 1), "all": a_number(all_of)}
    if paused:
        text = ngettext("%(n)s of those before them is on pause.", "%(n)s of those before them are on pause.", paused)
        said += " " + text % {"n": a_number(paused)}
    if busy:
        text = ngettext("%(n)s of them has an offer.", "%(n)s of them have an offer.", busy)
        said += " " + text % {"n": a_number(busy)}
    return said


def why_words(spot: Spot, known: Mapping[str, FactNow]) -> tuple[str, ...]:
    """Why somebody stands where they stand, rule by rule, with the facts that were used."""
    entry, tier = spot.entry, spot.tier
    if tier is None:
        found = [_("No rule of this line puts them before others: they are in the group of all others.")]
        open_ones = [words.fact_name(code) for code in PRIORITY if code not in known]
        if open_ones:
            told = _(
                "Not asked, or not told: %(facts)s. What is not known gives no place before others, and takes none."
            )
            found.append(told % {"facts": a_list(open_ones)})
    else:
        said = {"rank": a_number(tier.rank), "label": words.tier_name(tier), "source": tier.citation}
        found = [_("Group %(rank)s: %(label)s. The rule: %(source)s.") % said]
        found += [used_words(code, known.get(code)) for code in tier.facts]
    asked = words.moment(entry.requested_at, entry.timezone)
    found.append(_("They asked on %(when)s. Within a group, who asked first goes first.") % {"when": asked})
    if spot.target_at is not None:
        by = words.moment(spot.target_at, entry.timezone)
        found.append(_("By this rule they are to be admitted by %(when)s.") % {"when": by})
    found += [_(ASKED[kind]) for kind in spot.asked]
    if entry.asam:
        told = _("Level %(level)s, as named by %(who)s.")
        found.append(told % {"level": entry.asam, "who": entry.recommended_by or _("nobody")})
    return tuple(found)


def used_words(code: str, fact: FactNow | None) -> str:
    """What was used of a fact that gives a place before others, or that it is not known any more."""
    name = words.fact_name(code)
    if fact is None or fact.value != "yes":
        return _("%(fact)s: not known any more. The group stays until a second person has agreed.") % {"fact": name}
    told = {"fact": name, "source": words.word(words.SOURCES, fact.source), "day": a_date(fact.observed_on)}
    return _("%(fact)s: yes, %(source)s on %(day)s.") % told


def _fitting(each: Fitting, upi: str) -> Item:
    fit = fit_of(each.answers)
    names = a_list([words.fact_name(answer.rule) for answer in each.answers if answer.fit is fit])
    said = {
        Fit.YES: _("It fits."),
        Fit.NO: _("It does not fit: %(rules)s.") % {"rules": names},
        Fit.UNKNOWN: _("We cannot tell, since this is not known: %(rules)s.") % {"rules": names},
    }[fit]
    title = f"{each.opening.level}, {each.opening.agency}"
    return Item(title, said, f"{OURS}/{upi}/why/{each.opening.id}")
