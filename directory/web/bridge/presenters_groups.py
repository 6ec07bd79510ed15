"""Groups in words: when they meet, how many seats are left, and what somebody has in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.bridge.groups import CANCELLED, FORTNIGHTLY, FULL, MONTHLY, ONCE, SEAT, WAITING, GroupValues
from directory.domain.schedule import weekday
from directory.i18n import a_date, a_number, a_weekday, gettext, ngettext
from directory.services.bridge.groups import GroupCard, GroupNow, GroupPage, MeetingNow
from directory.services.bridge.seats import Sitting
from directory.web.bridge import presenters_words as own_words
from directory.web.presenters import Fact
from directory.web.waitlist import presenters_words as words
from directory.web.wording import day_span_words, languages_words, values_words, zone_words

_ = gettext


@dataclass(frozen=True, slots=True)
class CardView:
    """A group in a list. `when` is its next meeting, "" for none; `state` says to whom it is shown, to its own people alone."""

    id: int
    name: str
    by: str
    when: str
    series: str
    seats: str
    where: str
    state: str
    is_demo: bool


def card_view(card: GroupCard, now: datetime, *, is_own: bool = False) -> CardView:
    """A group as everybody sees it, or (`is_own`) as its own people do."""
    group, meeting = card.group, card.meeting
    return CardView(
        id=group.id,
        name=group.values.name,
        by=group.agency_name,
        when=when_words(group, meeting, now) if meeting else "",
        series=series_words(group.values),
        seats=seats_words(meeting) if meeting else "",
        where=where_words(group.values, is_own=is_own),
        state=state_words(group) if is_own else "",
        is_demo=group.is_demo,
    )


def state_words(group: GroupNow) -> str:
    """To whom a group is shown."""
    if group.ended_at is not None:
        return _("Ended")
    return _("Everybody finds it") if group.values.is_public else _("Only for your own people")


def when_words(group: GroupNow, meeting: MeetingNow, now: datetime) -> str:
    """Such as "today, 7 pm to 8:30 pm", on the clock of the group; the clock is named for what happens online."""
    zone = ZoneInfo(group.values.series.timezone)
    said = day_span_words(meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone), now)
    if group.values.attendance == "in-person":
        return said
    return f"{said} ({zone_words(group.values.series.timezone, now)})"


def series_words(values: GroupValues) -> str:
    """Such as "Every Tuesday", with until when."""
    series = values.series
    day = a_weekday(weekday(series.starts_on))
    if series.every == ONCE:
        return _("Once")
    if series.every == MONTHLY:
        said = _(labels.WEEK_OF_MONTH[series.week or 1]) % {"day": day}
    else:
        text = _("Every two weeks on %(day)s") if series.every == FORTNIGHTLY else _("Every %(day)s")
        said = text % {"day": day}
    if series.until:
        said = _("%(times)s, until %(day)s") % {"times": said, "day": a_date(series.until)}
    return said


def seats_words(meeting: MeetingNow) -> str:
    """How many seats are left."""
    if meeting.status == CANCELLED:
        return _("does not take place")
    if meeting.left is None:
        return _("there is room for everybody")
    if not meeting.left:
        return _("full, you can wait for a seat")
    return ngettext("%(n)s seat left", "%(n)s seats left", meeting.left) % {"n": a_number(meeting.left)}


def where_words(values: GroupValues, *, is_own: bool = False, is_named: bool = True) -> str:
    """Where it is; of an address that is not for everybody the town alone, unless the reader may know all of it.

    Without `is_named` the name of the place is left out: it may tell what it is for.
    """
    if values.attendance == "online":
        return _("Online")
    where = values.where
    region = " ".join(part for part in (where.state, where.postal_code) if part)
    whole = is_own or where.visibility == FULL
    place = where.place if is_named else ""
    parts = (place, where.street, where.city, region) if whole else (where.city, where.state)
    said = ", ".join(part for part in parts if part)
    return _("%(place)s, and online") % {"place": said} if values.attendance == "hybrid" else said


def way_words(values: GroupValues, *, is_own: bool = False) -> str:
    """How to find the place; "" where the address is not for the reader."""
    is_told = values.attendance != "online" and (is_own or values.where.visibility == FULL)
    return values.where.notes if is_told else ""


# --- one group -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingView:
    """One meeting in a list. `told` are the seats that are taken and who waits, for the people of the group alone."""

    id: int
    when: str
    seats: str
    told: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group on its page. `join` is where one joins online and `way` how to find it, "" where that is not for the reader."""

    card: CardView
    words: tuple[str, ...]
    facts: tuple[Fact, ...]
    coming: tuple[MeetingView, ...]
    before: tuple[MeetingView, ...]
    join: str
    way: str
    hidden: tuple[str, ...]
    slug: str
    version: int
    is_over: bool
    is_online: bool


SHOWN = 6
"""Meetings to come that everybody sees."""


def group_view(page: GroupPage, now: datetime, *, is_own: bool = False) -> GroupView:
    """A group as everybody sees it, or (`is_own`) as its own people do."""
    group, values = page.group, page.group.values
    coming = page.coming if is_own else [each for each in page.coming if each.status != CANCELLED][:SHOWN]
    first = next((each for each in coming if each.status != CANCELLED), None)
    shows_url = bool(values.url) and (is_own or values.is_url_shown)
    return GroupView(
        card=card_view(GroupCard(group, first), now, is_own=is_own),
        words=tuple(line for line in values.words.splitlines() if line.strip()),
        facts=_facts(values),
        coming=tuple(_meeting(page, each, now) for each in coming),
        before=tuple(_meeting(page, each, now) for each in page.before) if is_own else (),
        join=values.url if shows_url else "",
        way=way_words(values, is_own=is_own),
        hidden=_hidden(values) if not is_own else (),
        slug=page.slug,
        version=group.version,
        is_over=group.ended_at is not None,
        is_online=values.attendance == "online",
    )


def _facts(values: GroupValues) -> tuple[Fact, ...]:
    found = [
        (_("Language"), languages_words([values.language])),
        (_("For"), values_words("people", values.people or ())),
        (_("Access"), values_words("access", values.access or ())),
    ]
    return tuple(Fact(name, said) for name, said in found if said)


def _hidden(values: GroupValues) -> tuple[str, ...]:
    """What only whoever has a seat is told."""
    found = []
    if values.attendance != "online" and values.where.visibility != FULL:
        found.append(_("Whoever has a seat is told the address."))
    if values.url and not values.is_url_shown:
        found.append(_("Whoever has a seat is told how to join online."))
    return tuple(found)


def _meeting(page: GroupPage, meeting: MeetingNow, now: datetime) -> MeetingView:
    said = [taken_words(meeting)]
    if waiting := page.waiting.get(meeting.id):
        said.append(ngettext("%(n)s waits", "%(n)s wait", waiting) % {"n": a_number(waiting)})
    said += came_words(page.came.get(meeting.id, 0), meeting.others or 0)
    is_off = meeting.status == CANCELLED
    return MeetingView(meeting.id, when_words(page.group, meeting, now), seats_words(meeting), " · ".join(said), is_off)


def came_words(seated: int, others: int) -> list[str]:
    """How many came: those who had a seat, and those who came by themselves. Nothing where nobody did, or nobody has said so."""
    if not others:
        return [ngettext("%(n)s came", "%(n)s came", seated) % {"n": a_number(seated)}] if seated else []
    more = ngettext("%(n)s other came", "%(n)s others came", others) % {"n": a_number(others)}
    if not seated:
        return [more]
    first = ngettext("%(n)s with a seat came", "%(n)s with a seat came", seated) % {"n": a_number(seated)}
    return [first, more]


def taken_words(meeting: MeetingNow) -> str:
    """How many seats of a meeting are taken."""
    if meeting.capacity is None:
        return ngettext("%(n)s seat taken", "%(n)s seats taken", meeting.taken) % {"n": a_number(meeting.taken)}
    said = {"n": a_number(meeting.taken), "all": a_number(meeting.capacity)}
    return _("%(n)s of %(all)s seats taken") % said


# --- what somebody has -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SittingView:
    """A meeting with what somebody has in it. `button` is what they can do, "" for nothing more; `what` is its code."""

    meeting: int
    name: str
    by: str
    when: str
    where: str
    way: str
    join: str
    state: str
    seats: str
    button: str
    what: str
    has_seat: bool


TAKE, LEAVE = "take", "leave"


def sitting_view(sitting: Sitting, now: datetime, *, to_client: bool = False) -> SittingView:
    """A meeting as the peer of somebody sees it, or (`to_client`) as they do themselves, on a phone that others see too: without whose it is."""
    group, meeting = sitting.group, sitting.meeting
    status = sitting.seat.status if sitting.seat else ""
    has = status in (SEAT, WAITING)
    has_seat = status not in ("", "left", WAITING)
    button = _button(meeting, now, has=has, status=status, to_client=to_client)
    states = own_words.OWN_SEATS if to_client else own_words.SEATS
    state = words.word(states, status) if status and status != "left" else ""
    if meeting.status == CANCELLED:
        state = _("Does not take place")
    return SittingView(
        meeting=meeting.id,
        name=group.values.name,
        by="" if to_client else group.agency_name,
        when=when_words(group, meeting, now),
        where=where_words(group.values, is_own=has_seat, is_named=not to_client),
        way=way_words(group.values, is_own=True) if has_seat else "",
        join=group.values.url if group.values.url and (has_seat or group.values.is_url_shown) else "",
        state=state,
        seats="" if has else seats_words(meeting),
        button=button,
        what=LEAVE if has else TAKE,
        has_seat=status == SEAT and meeting.status != CANCELLED,
    )


def _button(meeting: MeetingNow, now: datetime, *, has: bool, status: str, to_client: bool) -> str:
    begun = meeting.starts_at <= now
    if meeting.status == CANCELLED or meeting.ends_at <= now or (begun and (has or to_client)):
        return ""
    if has:
        return _("Give up the seat") if status == SEAT else _("Wait no more")
    if status in ("came", "absent"):
        return ""
    return _("Take a seat") if meeting.left != 0 else _("Wait for a seat")


def copy_lines(sittings: Sequence[Sitting], zone: str) -> tuple[tuple[str, str], ...]:
    """What is kept of somebody in groups, for their own copy."""
    return tuple(
        (
            f"{each.group.values.name}: {words.word(own_words.SEATS, each.seat.status)}",
            words.moment(each.meeting.starts_at, zone),
        )
        for each in sittings
        if each.seat is not None
    )


def usual_start(now: datetime, zone: str) -> str:
    """The first day that the form of a new group offers: tomorrow."""
    return (now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)).isoformat()
