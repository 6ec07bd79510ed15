"""A notice at 90 percent in words: when it is due, what it says, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.openings import Notice
from directory.i18n import a_long_day, a_moment, a_number, gettext
from directory.web.presenters import Fact

_ = gettext


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """A notice on its page and in the list. `text` is what it says to whoever gets it, in paragraphs."""

    url: str
    title: str
    agency: str
    state: str
    is_overdue: bool
    facts: tuple[Fact, ...]
    text: tuple[str, ...]


def notice_card(notice: Notice, now: datetime) -> NoticeCard:
    """A notice at this moment, on the clock of the place."""
    return NoticeCard(
        url=f"/notices/{notice.id}",
        title=f"{notice.program}: {notice.level}",
        agency=notice.agency_name,
        state=_state(notice, now),
        is_overdue=notice.is_overdue(now),
        facts=_facts(notice),
        text=_text(notice),
    )


def _state(notice: Notice, now: datetime) -> str:
    if notice.sent_at:
        words = _("Sent %(moment)s to %(whom)s")
        return words % {"moment": _moment(notice.sent_at, notice), "whom": notice.sent_to}
    words = _("Overdue since %(moment)s") if notice.is_overdue(now) else _("Due by %(moment)s")
    return words % {"moment": _moment(notice.due_at, notice)}


def _facts(notice: Notice) -> tuple[Fact, ...]:
    found = [
        Fact(_("Reached"), _moment(notice.reached_at, notice)),
        Fact(_("Taken then"), _taken(notice)),
    ]
    if notice.closed_at:
        found.append(Fact(_("Below 90 percent again"), _moment(notice.closed_at, notice)))
    return tuple(found)


def _taken(notice: Notice) -> str:
    words = _("%(taken)s of %(staffed)s (%(share)s percent)")
    staffed = a_number(notice.staffed or 0)
    return words % {"taken": a_number(notice.taken), "staffed": staffed, "share": a_number(notice.share)}


def _text(notice: Notice) -> tuple[str, ...]:
    """45 CFR 96.126(a): which program, when, and how full."""
    reached = notice.reached_at.astimezone(ZoneInfo(notice.zone))
    words = {
        "program": notice.program,
        "level": notice.level,
        "agency": notice.agency_name,
        "day": a_long_day(reached.date()),
        "taken": _taken(notice),
    }
    return (
        _("Under 45 CFR 96.126(a) we let you know that this program has reached 90 percent of its capacity."),
        _("Program: %(program)s, %(level)s, of %(agency)s.") % words,
        _("Reached on %(day)s. Taken then: %(taken)s, counting what is held for somebody.") % words,
    )


def _moment(moment: datetime, notice: Notice) -> str:
    return a_moment(moment.astimezone(ZoneInfo(notice.zone)))
