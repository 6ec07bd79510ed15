"""What the bridge keeps about somebody, for the copy that they may take: only where whoever makes it may read the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Actor
from directory.services.bridge.capital import Answered, answers_of
from directory.services.bridge.check_ins import CheckIn, Text, check_ins_kept
from directory.services.bridge.goals import Goals, goals_of
from directory.services.bridge.handoffs import Handed, handoffs_of
from directory.services.bridge.plans import Kept, plan_is_open, plan_of
from directory.services.waitlist.clients import Somebody
from directory.settings import Settings
from directory.storage.bridge import marks as storage
from directory.storage.bridge.marks import MarkLine
from directory.storage.bridge.peers import mentors_of


@dataclass(frozen=True, slots=True)
class BridgeCopy:
    """Their plan as it stands, what was said of each place that was suggested to them, the earliest first, their ways to places, the
    check-ins and the texts that they wrote, the newest first, their goals and days, what they answered to the questionnaire, and who is their
    mentor since when."""

    kept: Kept
    marks: tuple[MarkLine, ...]
    handoffs: tuple[Handed, ...]
    check_ins: tuple[CheckIn, ...]
    texts: tuple[Text, ...]
    goals: Goals
    answers: tuple[Answered, ...]
    mentors: tuple[tuple[str, date], ...]


async def bridge_copy(*, who: Somebody, by: Actor, now: datetime, settings: Settings) -> BridgeCopy | None:
    """All of it; None where `by` is none of those who read the plan, which the copy then says. Whoever calls has logged that a copy was made."""
    if not await plan_is_open(row=who.row, by=by, now=now):
        return None
    client = who.row.id
    check_ins, texts = await check_ins_kept(client=client, settings=settings)
    return BridgeCopy(
        kept=await plan_of(client=client, by=by, settings=settings),
        marks=tuple(await storage.named(client)),
        handoffs=await handoffs_of(client=client, has_words=True, by=by, settings=settings),
        check_ins=check_ins,
        texts=texts,
        goals=await goals_of(client=client, settings=settings),
        answers=await answers_of(client=client, settings=settings),
        mentors=tuple(await mentors_of(client)),
    )
