"""How a place in line is put into words for the person whose it is: plain ones that tell nobody over their shoulder what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.domain.waitlist.ranking import Place
from directory.domain.waitlist.shown import DAYS, MONTHS, WEEKS, Span, span
from directory.domain.waitlist.states import OPEN_ENTRIES, Entry
from directory.i18n import N_, a_date, a_moment, a_number, gettext, ngettext
from directory.services.waitlist.status import Line, Shown, Standing

_ = gettext

STATES = {
    Entry.WAITING: N_("You are waiting. Your place is kept."),
    Entry.ON_HOLD: N_("Paused. Your place is kept."),
    Entry.OFFERED: N_("Something has come up. Call your peer soon."),
    Entry.ACCEPTED: N_("You said yes. We are getting things ready."),
    Entry.PLACED: N_("This is done. You have your place."),
    Entry.CLOSED: N_("This place in line has ended. You can come back: call your peer."),
}
NEXT = {
    Entry.WAITING: N_(
        "When it is your turn, your peer calls you. Until then, tell us now and then that you are still waiting."
    ),
    Entry.ON_HOLD: N_("Tell your peer when you are ready. You go on from where you were."),
    Entry.OFFERED: N_("Your peer tells you what it is, and by when to answer. If you say no, you keep your place."),
    Entry.ACCEPTED: N_("Your peer tells you where to be, when, and what to bring."),
    Entry.PLACED: N_("Your peer stays in touch. If you need us again, call."),
    Entry.CLOSED: N_("Who comes back soon may get the old place again."),
}
BANDS = {
    "next": N_("You are next."),
    "fewer-than-5": N_("Fewer than 5 people are before you."),
    "5-to-9": N_("5 to 9 people are before you."),
    "10-or-more": N_("10 people or more are before you."),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One line in words. `heading` is "" for somebody who has only ever been in one; `place` and `wait` are "" where there is nothing to say."""

    heading: str
    state: str
    place: str
    wait: str
    worked_out: str
    next: str
    is_waiting: bool
    is_open: bool


def line_views(shown: Shown) -> list[LineView]:
    """The lines of a page."""
    return [_view(line, several=shown.several) for line in shown.lines]


def _view(line: Line, *, several: bool) -> LineView:
    heading = _("Line %(n)s") % {"n": a_number(line.number)} if several else ""
    is_waiting = line.status is Entry.WAITING
    place = place_words(line.place) if line.place else ""
    if is_waiting and line.place is None:
        place = _("Your number is worked out each morning. Look again tomorrow.")
    return LineView(
        heading,
        _(STATES[line.status]),
        place,
        wait_words(line.standing) if line.standing else "",
        _worked_out(line.standing) if line.standing else "",
        _(NEXT[line.status]),
        is_waiting,
        line.status in OPEN_ENTRIES,
    )


def notice_words(shown: Shown, seats: Sequence[str]) -> list[str]:
    """What they have told us today and what came of it, in one place; `seats` are the times for which they have a seat, the next one first."""
    told = {
        (True, True): _("Thank you. We know how you are today, and that you are still waiting."),
        (True, False): _("Thank you. We know how you are today."),
        (False, True): _("Thank you. We know that you are still waiting."),
    }
    called = _("Done. Your peer sees that you want to be called.") if shown.is_called else ""
    seat = _("You have a seat: %(when)s.") % {"when": seats[0]} if seats else ""
    return [each for each in (called, told.get((shown.is_told, shown.is_still), ""), seat) if each]


def place_words(place: Place) -> str:
    """The place, as a number or as a band."""
    if place.number is not None and place.of is not None:
        return _("You are number %(n)s of %(of)s.") % {"n": a_number(place.number), "of": a_number(place.of)}
    return _(BANDS[place.band])


def wait_words(standing: Standing) -> str:
    """How long it takes for most people, as a range that is never a promise (WAITLIST 2.2)."""
    if standing.low is None or standing.high is None:
        return _("How long it takes cannot be said yet: too few people have come through.")
    if standing.over_a_year:
        said = [_("It could be longer than a year. Ask your peer about other ways.")]
    else:
        said = [_most(standing.low, standing.high), _("About 1 in 10 wait longer.")]
    if standing.few:
        said.append(_("This rests on few people, so it is rough."))
    return " ".join(said)


def _most(low: int, high: int) -> str:
    begin, end = span(low, is_end=False), span(high, is_end=True)
    if not begin.number:
        return _("Most people in your place wait up to %(time)s.") % {"time": span_words(end)}
    if begin == end:
        return _("Most people in your place wait about %(time)s.") % {"time": span_words(end)}
    first = a_number(begin.number) if begin.unit == end.unit else span_words(begin)
    return _("Most people in your place wait between %(first)s and %(last)s.") % {
        "first": first,
        "last": span_words(end),
    }


def span_words(time: Span) -> str:
    """Such as "6 weeks"."""
    words = {
        DAYS: ngettext("%(n)s day", "%(n)s days", time.number),
        WEEKS: ngettext("%(n)s week", "%(n)s weeks", time.number),
        MONTHS: ngettext("%(n)s month", "%(n)s months", time.number),
    }
    return words[time.unit] % {"n": a_number(time.number)}


def _worked_out(standing: Standing) -> str:
    day = {"day": a_date(standing.as_of)}
    if standing.low is None or standing.history_days is None:
        return _("Worked out on %(day)s. It changes once a day.") % day
    return _("Worked out on %(day)s from the last %(n)s days. An estimate, not a promise.") % {
        **day,
        "n": a_number(standing.history_days),
    }


def seen_words(shown: Shown) -> str:
    """When the page was opened before, so that somebody notices who else has the code."""
    if shown.seen_before is None:
        return _("Nobody has opened this page with your code before.")
    said = _("This page was last opened with your code on %(moment)s.") % {"moment": a_moment(shown.seen_before)}
    otherwise = _("If that was not you, ask for a new card.")
    return f"{said} {otherwise}"
