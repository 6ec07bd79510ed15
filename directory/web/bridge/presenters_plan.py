"""Somebody's plan in words: the page for those who made it together, the sheet to take along, and the short form behind a card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.bridge.groups import WAITING
from directory.domain.bridge.plans import Helper, Plan
from directory.domain.listings import Phone
from directory.domain.waitlist.clocks import OURS
from directory.domain.waitlist.names import phone_digits
from directory.i18n import a_day, a_list, a_moment, gettext
from directory.services.bridge.goals import Goals
from directory.services.bridge.plan_page import CheckIn, PlanPage, Sitting
from directory.services.bridge.status_plan import ByCode
from directory.services.waitlist.interim import STATUSES
from directory.web.bridge import presenters_words as own_words
from directory.web.bridge.presenters_goals import LEVEL_WORDS
from directory.web.presenters_form import Choice
from directory.web.presenters_question import miles_words
from directory.web.waitlist import presenters_words as words
from directory.web.waitlist.presenters_person import interim_item, interim_lead
from directory.web.waitlist.presenters_spots import Item
from directory.web.wording import date_words, moment_words, phone_url

_ = gettext


@dataclass(frozen=True, slots=True)
class Service:
    """A service for the wait on the checklist. `field` names it in the form; what was said last is chosen in `choices`."""

    field: str
    item: Item
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """The services for the wait: those that are `open` now, and those that were spoken of or can wait (`rest`)."""

    lead: str
    open: tuple[Service, ...]
    rest: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """All of the page. `is_new`: there is no plan yet. `saved` says when, and by whom; lists are () and texts "" where nothing was said."""

    upi: str
    called: str
    is_new: bool
    saved: str
    matters: str
    helps: str
    bad_night: tuple[str, ...]
    people: tuple[Item, ...]
    barriers: tuple[str, ...]
    suits: tuple[tuple[str, str], ...]
    by_code: str
    goals: tuple[tuple[str, str], ...]
    days: tuple[tuple[str, str], ...]
    check_in: str
    seats: tuple[Item, ...]
    services: Checklist


def plan_view(page: PlanPage, now: datetime) -> PlanView:
    """The page of somebody's plan."""
    kept, plan = page.kept, page.kept.plan
    today = now.astimezone(ZoneInfo(page.zone)).date()
    return PlanView(
        upi=page.who.row.upi,
        called=page.who.called,
        is_new=not kept.version,
        saved=_saved(page, now),
        matters=plan.matters,
        helps=plan.helps,
        bad_night=plan.bad_night,
        people=tuple(_helper(each) for each in plan.people),
        barriers=tuple(words.word(own_words.BARRIERS, code) for code in plan.barriers),
        suits=suits_words(plan),
        by_code=a_list([words.word(own_words.PARTS, code) for code in plan.shown]),
        goals=_goals(page.goals),
        days=tuple((date_words(each.day, today), each.words) for each in page.goals.milestones),
        check_in=check_in_words(page.check_in, page.zone),
        seats=tuple(_seat(each) for each in page.seats),
        services=_services(page, now),
    )


def _saved(page: PlanPage, now: datetime) -> str:
    if page.kept.at is None:
        return ""
    said = {"when": moment_words(page.kept.at.astimezone(ZoneInfo(page.zone)), now), "name": page.kept.by}
    return _("Written down on %(when)s by %(name)s.") % said


def _helper(helper: Helper) -> Item:
    return Item(helper.name, " · ".join(each for each in (helper.reach, helper.what) if each))


def suits_words(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What suits somebody, each with its heading; what was not said is left out."""
    liked = [labels.program(code) for code in plan.likes] + [labels.label("kind", code) for code in plan.wanted]
    not_liked = [labels.program(code) for code in plan.dislikes] + [
        labels.label("kind", code) for code in plan.unwanted
    ]
    found = [
        (_("Wanted"), a_list(liked)),
        (_("Not wanted"), a_list(not_liked)),
        (_("How to take part"), a_list([labels.label("attendance", code) for code in plan.attendance])),
        (_("When"), a_list([labels.label("time", code) for code in plan.times])),
        (_("From where"), _from(plan)),
    ]
    return tuple((title, text) for title, text in found if text)


def _from(plan: Plan) -> str:
    if plan.miles is None:
        return plan.where
    far = {"miles": miles_words(plan.miles), "place": plan.where}
    return _("up to %(miles)s from %(place)s") % far if plan.where else _("up to %(miles)s") % far


def _goals(goals: Goals) -> tuple[tuple[str, str], ...]:
    """The goals that they are at, each with where it stands."""
    return tuple((each.said.words, _(LEVEL_WORDS[each.level]) if each.level is not None else "") for each in goals.open)


def check_in_words(check_in: CheckIn | None, zone: str) -> str:
    """When they are asked next how they are; "" where no rhythm is set."""
    if check_in is None:
        return ""
    if check_in.paused_until is not None:
        return _("Paused until %(day)s") % {"day": a_day(check_in.paused_until)}
    return a_moment(check_in.due_at.astimezone(ZoneInfo(zone)))


def _seat(sitting: Sitting) -> Item:
    """A meeting of a group with its day and time, and whether they wait for a seat."""
    waits = _("waits for a seat") if sitting.seat and sitting.seat.status == WAITING else ""
    when = a_moment(sitting.meeting.starts_at.astimezone(ZoneInfo(sitting.group.values.series.timezone)))
    return Item(sitting.group.values.name, " · ".join(part for part in (when, waits) if part))


# --- behind a card ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByCodeView:
    """What somebody chose to read with their code; whom to call can be tapped."""

    bad_night: tuple[str, ...]
    people: tuple[Item, ...]
    check_in: str


def by_code_view(found: ByCode | None) -> ByCodeView | None:
    """The short form of a plan; None where nothing of it is shown."""
    if found is None:
        return None
    people = tuple(Item(each.name, each.reach, _dialled(each.reach)) for each in found.people)
    view = ByCodeView(found.bad_night, people, check_in_words(found.check_in, found.zone))
    return view if view.bad_night or view.people or view.check_in else None


_NUMBER = re.compile(r"[\d\s()+.-]+")


def _dialled(text: str) -> str:
    """The address that calls a number; "" where other words stand with it, whose figures nobody should dial."""
    return phone_url(Phone(text)) if _NUMBER.fullmatch(text) and phone_digits(text) else ""


# --- services for the wait -------------------------------------------------------------------------------------------


def _services(page: PlanPage, now: datetime) -> Checklist:
    """The same services and the same clock as on the person's page: those that are due and were not offered come first."""
    interim = page.interim
    items = tuple(dict.fromkeys((*interim.due, *OURS)))
    open_ones = [item for item in items if item in interim.missing or item not in interim.latest]
    return Checklist(
        lead=interim_lead(interim, page.zone, now),
        open=tuple(_service(item, page) for item in open_ones),
        rest=tuple(_service(item, page) for item in items if item not in open_ones),
    )


def _service(item: str, page: PlanPage) -> Service:
    said = page.interim.latest.get(item)
    choices = tuple(Choice(code, _(own_words.TAPS[code]), bool(said and said.status == code)) for code in STATUSES)
    return Service(f"item-{item}", interim_item(item, page.interim, page.names, page.zone), choices)
