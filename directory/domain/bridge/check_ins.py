"""Check-ins: how often somebody is asked how they are, what to do when that was missed, and what is answered. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from directory.domain.errors import Problem
from directory.domain.waitlist.routes import CALL, TEXT, VISIT

STATUS = "status"
"""The page behind the card, beside the ways by which a peer asks."""
CHANNELS = (CALL, TEXT, VISIT, STATUS)
PEERS = (CALL, TEXT, VISIT)
"""The ways by which a peer asks."""
USUAL_DAYS, MOST_DAYS = 7, 30
"""A rhythm where nobody has said another one, and the longest there is."""
LONGEST_PAUSE = timedelta(days=60)
GRACE = timedelta(hours=24)
"""So long after it was due a check-in counts as missed."""
SECOND_WAY_FOR = timedelta(hours=48)
"""So long another way is tried before a coordinator is asked."""
FEELINGS = (1, 2, 3, 4, 5)
"""From very bad to very good."""
VERY_BAD = 1
WAITING = ("yes", "no", "unsure")
SAFETY = ("suicide", "overdose", "violence")
"""What opens the card for a crisis when it was spoken of."""
LONGEST_NOTE = 1000


class Step(IntEnum):
    """What was done about a missed check-in so far."""

    NONE = 0
    SECOND_WAY = 1
    COORDINATOR = 2


@dataclass(frozen=True, slots=True)
class Check:
    """What a board has to know: when the next check-in is due and what was done about it (None: there is no rhythm), when the first text came in
    that nobody has read, when the first that is to be read before others, and the first check-in, by moment and id, after which nobody has said
    yet that they are safe. `over_at` is when they said that they wait no more, and no place has ended since. Moments are aware."""

    due_at: datetime | None = None
    step: int = Step.NONE
    text_at: datetime | None = None
    now_at: datetime | None = None
    crisis_at: datetime | None = None
    crisis: int = 0
    over_at: datetime | None = None

    def is_due(self, today: date, zone: str) -> bool:
        """Whether the check-in is for this local day, or was for an earlier one."""
        return self.due_at is not None and self.due_at.astimezone(ZoneInfo(zone)).date() <= today

    def is_missed(self, now: datetime) -> bool:
        """Whether it was not answered in time."""
        return self.due_at is not None and now >= self.due_at + GRACE


# --- the rhythm ------------------------------------------------------------------------------------------------------


def next_due(at: datetime, days: int, zone: str) -> datetime:
    """When the next check-in is due after one at this aware moment: so many days on at the same hour of the local clock, whatever is done to it."""
    local = at.astimezone(ZoneInfo(zone))
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone)).astimezone(at.tzinfo)


def due_after_pause(last: date, due: datetime, zone: str) -> datetime:
    """When a check-in is due whose pause ends with this local day: the day after, at the hour at which it would have been; never sooner than it was."""
    hour = due.astimezone(ZoneInfo(zone)).time()
    moment = datetime.combine(last + timedelta(days=1), hour, ZoneInfo(zone)).astimezone(due.tzinfo)
    return max(moment, due)


def end_of_day(day: date, zone: str) -> datetime:
    """The last moment of a local day."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(seconds=1)


def step_due(step: int, due: datetime, step_at: datetime | None, now: datetime) -> Step | None:
    """The step that is to be begun now about a check-in that was due at this moment; None for none yet.

    Elapsed time, and each step counts from the one before: who was late with the first is given the whole time for the second.
    """
    if step == Step.NONE and now >= due + GRACE:
        return Step.SECOND_WAY
    if step == Step.SECOND_WAY and now >= (step_at or due) + SECOND_WAY_FOR:
        return Step.COORDINATOR
    return None


def coordinator_at(step: int, due: datetime, step_at: datetime | None) -> datetime:
    """When a coordinator is asked at the latest where nothing reaches somebody before."""
    return (step_at if step == Step.SECOND_WAY and step_at else due + GRACE) + SECOND_WAY_FOR


def second_way(channel: str, ways: tuple[str, ...]) -> str | None:
    """The next of the `ways` by which somebody can be reached, in their order, after the usual one; None where there is no other.

    Whoever has no second one is visited, or answers on their own page.
    """
    return next((way for way in ways if way != channel), None)


def usual_channel(ways: tuple[str, ...]) -> str:
    """By which way a rhythm begins: the first of theirs by which a peer asks, else a visit."""
    return next((way for way in ways if way in PEERS), VISIT)


def rhythm_problems(*, every_days: int | None, channel: str, paused_until: date | None, today: date) -> list[Problem]:
    """What keeps this from being a rhythm, field by field. `every_days` None is what was no number."""
    problems = [] if channel in CHANNELS else [Problem("way", "choose", channel)]
    if every_days is None or not 1 <= every_days <= MOST_DAYS:
        problems.append(Problem("every_days", "not-within", "", (str(MOST_DAYS),)))
    if paused_until is not None and not today <= paused_until <= today + LONGEST_PAUSE:
        problems.append(Problem("paused_until", "not-a-review-day", "", (str(LONGEST_PAUSE.days),)))
    return problems


def answer_problems(
    *, channel: str, is_reached: bool, feeling: int | None, waiting: str, safety: tuple[str, ...], note: str
) -> list[Problem]:
    """What keeps this from being a check-in. What was not said is not asked for: feeling None, waiting "" .

    Danger is told by whoever answers, or by a recorded voice: `safety` stands where they themselves were not reached too.
    """
    problems = [] if channel in PEERS else [Problem("channel", "choose", channel)]
    if feeling is not None and (feeling not in FEELINGS or not is_reached):
        problems.append(Problem("feeling", "choose", str(feeling)))
    if waiting and (waiting not in WAITING or not is_reached):
        problems.append(Problem("waiting", "choose", waiting))
    if not set(safety) <= set(SAFETY):
        problems.append(Problem("safety", "choose", ""))
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("note", "too-long", "", (str(LONGEST_NOTE),)))
    return problems
