"""One meeting of a group in words, for the people who keep it: who has a seat, who came, and what can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.bridge.groups import ABSENT, CAME, CANCELLED, SEAT, WAITING
from directory.i18n import gettext
from directory.services.bridge.attendance import MeetingPage, Seated
from directory.web.bridge import presenters_words as own_words
from directory.web.bridge.presenters_groups import seats_words, taken_words, when_words
from directory.web.fields import Field, FormView
from directory.web.presenters_form import Choice
from directory.web.waitlist import presenters_words as words

_ = gettext

ON, OFF = "on", "off"


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that says one thing of a seat: `value` is seat and state."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class SeatView:
    """Somebody with a seat. `url` is "" for somebody of whom no more is told."""

    name: str
    url: str
    state: str
    taps: tuple[Tap, ...]


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting on its page. `others` is how many came of whom nothing is kept, as it was typed."""

    url: str
    group_url: str
    group: str
    when: str
    taken: str
    left: str
    seats: tuple[SeatView, ...]
    waiting: tuple[SeatView, ...]
    others: str
    version: int
    has_begun: bool
    is_to_come: bool
    is_off: bool


def meeting_view(page: MeetingPage, now: datetime) -> MeetingView:
    """The whole page."""
    meeting, url = page.meeting, f"/desk/groups/{page.group.id}"
    views = [(each.status, _seat(each, page.has_begun)) for each in page.seats]
    return MeetingView(
        url=f"{url}/meetings/{meeting.id}",
        group_url=url,
        group=page.group.values.name,
        when=when_words(page.group, meeting, now),
        taken=taken_words(meeting),
        left=seats_words(meeting) if page.is_to_come else "",
        seats=tuple(view for status, view in views if status != WAITING),
        waiting=tuple(view for status, view in views if status == WAITING),
        others="" if meeting.others is None else str(meeting.others),
        version=meeting.version,
        has_begun=page.has_begun,
        is_to_come=page.is_to_come and page.group.ended_at is None,
        is_off=meeting.status == CANCELLED,
    )


def _seat(seat: Seated, has_begun: bool) -> SeatView:
    name = seat.called or _("Somebody without a name yet")
    if not seat.upi:
        name = _("Somebody through %(agency)s") % {"agency": seat.agency_name}
    url = f"/clients/{seat.upi}/groups" if seat.upi else ""
    return SeatView(name, url, words.word(own_words.SEATS, seat.status), _taps(seat) if has_begun else ())


def _taps(seat: Seated) -> tuple[Tap, ...]:
    """One tap says that somebody came or not, and one takes that back."""
    came, absent = (CAME, _("Came")), (ABSENT, _("Did not come"))
    found = {SEAT: (came, absent), WAITING: (came,)}.get(seat.status, ((SEAT, _("Take it back")),))
    return tuple(Tap(f"{seat.seat}-{status}", text) for status, text in found)


def meeting_form(page: MeetingPage) -> FormView:
    """The form that moves a meeting or calls it off."""
    meeting, zone = page.meeting, ZoneInfo(page.group.values.series.timezone)
    local, is_off = meeting.starts_at.astimezone(zone), meeting.status == CANCELLED
    states = (Choice(ON, _("It takes place"), not is_off), Choice(OFF, _("It does not take place"), is_off))
    fields = (
        Field("state", _("Does it take place?"), choices=states),
        Field("day", _("Day"), "date", local.date().isoformat()),
        Field("time", _("Begins at"), "time", f"{local:%H:%M}"),
        Field(
            "capacity",
            _("How many seats"),
            value="" if meeting.capacity is None else str(meeting.capacity),
            numeric=True,
        ),
    )
    url = f"/desk/groups/{page.group.id}/meetings/{meeting.id}"
    lead = _("Whoever has a seat, or waits for one, is told that there is something new.")
    return FormView(url, _("Save"), fields, lead, hidden={"version": str(meeting.version)})
