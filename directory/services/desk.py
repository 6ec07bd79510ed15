"""The desk, where everybody lands who works here: an agency's own listings with their ages, and how much waits in each queue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Action, Actor, Allowed, Role, Thing, demand, may
from directory.domain.checks import is_overdue
from directory.domain.openings import Level
from directory.services.capacity_notices import notices_waiting
from directory.services.checks import checks_waiting
from directory.services.claims import claims_waiting
from directory.services.conflicts import conflicts_waiting
from directory.services.duplicates import duplicates_waiting
from directory.services.geocode_review import doubts_waiting
from directory.services.openings import openings_levels, openings_waiting
from directory.services.outbox import messages_waiting
from directory.services.proposals import proposals_waiting
from directory.services.reports import reports_waiting
from directory.services.tasks import tasks_waiting
from directory.services.uploads import uploads_waiting
from directory.services.waitlist.agency_offers import agency_offers_waiting
from directory.services.waitlist.agency_slots import agency_slots_waiting
from directory.services.waitlist.appeals import appeals_waiting
from directory.services.waitlist.board import board_waiting
from directory.services.waitlist.intake import intake_waiting
from directory.services.waitlist.line_imports import line_imports_waiting
from directory.services.waitlist.pairs import pairs_waiting
from directory.services.waitlist.records import breaches_waiting
from directory.services.waitlist.second_words import words_waiting
from directory.services.waitlist.slots import slots_waiting
from directory.storage import accounts
from directory.storage import desk as storage

PAGE = 25
"""Listings that the desk shows at a time."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: who may see it, and how much waits in it (a function of `by` and `now`)."""

    action: Action
    waiting: Callable[..., Awaitable[int]]


QUEUES: Mapping[str, Queue] = {
    "board": Queue(Action.KEEP_CLIENTS, board_waiting),
    "intake": Queue(Action.TAKE_INTAKE, intake_waiting),
    "slots": Queue(Action.MAKE_OFFERS, slots_waiting),
    "second-words": Queue(Action.SECOND_OFFER, words_waiting),
    "breaches": Queue(Action.KEEP_RECORDS, breaches_waiting),
    "pairs": Queue(Action.SETTLE_PAIRS, pairs_waiting),
    "line-imports": Queue(Action.SECOND_WORD, line_imports_waiting),
    "reports": Queue(Action.SETTLE_REPORTS, reports_waiting),
    "notices": Queue(Action.SEE_NOTICES, notices_waiting),
    "agency-offers": Queue(Action.ANSWER_OFFERS, agency_offers_waiting),
    "agency-slots": Queue(Action.ANSWER_OFFERS, agency_slots_waiting),
    "openings": Queue(Action.REPORT_OPENINGS, openings_waiting),
    "appeals": Queue(Action.SETTLE_APPEALS, appeals_waiting),
    "tasks": Queue(Action.DO_TASKS, tasks_waiting),
    "checks": Queue(Action.CHECK_LISTINGS, checks_waiting),
    "proposals": Queue(Action.MODERATE, proposals_waiting),
    "claims": Queue(Action.SETTLE_CLAIM, claims_waiting),
    "uploads": Queue(Action.UPLOAD, uploads_waiting),
    "doubts": Queue(Action.SETTLE_PLACES, doubts_waiting),
    "conflicts": Queue(Action.SETTLE_CONFLICTS, conflicts_waiting),
    "duplicates": Queue(Action.SETTLE_DUPLICATES, duplicates_waiting),
    "messages": Queue(Action.SEE_MESSAGES, messages_waiting),
}
"""Every queue there is, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Own:
    """One listing of one's agency. `checked_on` is None where nobody ever said that it is right; `is_due` where that is too long ago."""

    slug: str
    name: str
    city: str | None
    status: str
    version: int
    checked_on: date | None
    is_due: bool
    proposals: int
    reports: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody finds on the desk. `listings` are of the agencies in which they are an editor; `more` is whether there are others.

    `levels` are those whose openings these agencies report.
    `waiting` says how much waits in each queue that they may see, in the order of QUEUES.
    """

    agencies: tuple[str, ...]
    listings: tuple[Own, ...]
    more: bool
    levels: tuple[Level, ...]
    waiting: Mapping[str, int]


async def desk_show(*, by: Actor, page: int = 1, now: datetime) -> Desk:
    """The desk of this person; `page` of the listings counts from 1. Raises Denied."""
    demand(by, Action.SEE_DESK, Thing(by.person), now=now)
    own = edited_by(by)
    rows = await storage.listings(own, PAGE + 1, (max(page, 1) - 1) * PAGE) if own else []
    names = [agency.name for agency in await accounts.agencies(own)] if own else []
    listings = tuple(_own(row, now.date()) for row in rows[:PAGE])
    levels = [each for each in await openings_levels(by=by, now=now) if each.agency in own] if own else []
    return Desk(tuple(names), listings, len(rows) > PAGE, tuple(levels), await _waiting(by, now))


async def _waiting(by: Actor, now: datetime) -> dict[str, int]:
    seen = {name: each for name, each in QUEUES.items() if isinstance(may(by, each.action, now=now), Allowed)}
    return {name: await each.waiting(by=by, now=now) for name, each in seen.items()}


def edited_by(actor: Actor) -> tuple[int, ...]:
    """The agencies in which somebody is an editor."""
    found = {grant.agency for grant in actor.grants if grant.role is Role.EDITOR and grant.agency is not None}
    return tuple(sorted(found))


def _own(row: storage.Row, today: date) -> Own:
    return Own(
        row.slug,
        row.name,
        row.city,
        row.status,
        row.version,
        row.checked_on,
        row.checked_on is None or is_overdue(row.kind, row.checked_on, row.since, today),
        row.proposals,
        row.reports,
    )
