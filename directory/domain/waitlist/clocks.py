"""What the law gives people who wait, as moments: when interim services are due, by when somebody is to be admitted, and which facts decide.

Sources: 45 CFR 96.126(b) (people who inject drugs: 14 or 120 days), 96.131(a),(d) (pregnant women: first, and interim services
within 48 hours). Hours and days are elapsed time, so that no change of the clock makes them longer or shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

INTERIM_WITHIN = timedelta(hours=48)
"""45 CFR 96.126(b)(2), 96.131(d)."""
ADMIT_WITHIN = timedelta(days=14)
"""45 CFR 96.126(b)(1)."""
ADMIT_WITHIN_EXTENDED = timedelta(days=120)
"""45 CFR 96.126(b)(2): only with no capacity on the day of the request, and interim services in time."""

PREGNANT, INJECTING = "pregnant", "injecting-30d"


class Tier(IntEnum):
    """The federal order of 45 CFR 96.131(a). A smaller one goes first; a state's or an operator's own tiers come after INJECTING."""

    PREGNANT_INJECTING = 1
    PREGNANT = 2
    INJECTING = 3
    OTHERS = 9


def federal_tier(facts: Set[str]) -> Tier:
    """The tier of somebody of whom these facts are known to be true. What is unknown gives no place before others, and takes none."""
    if PREGNANT in facts:
        return Tier.PREGNANT_INJECTING if INJECTING in facts else Tier.PREGNANT
    return Tier.INJECTING if INJECTING in facts else Tier.OTHERS


class Limit(StrEnum):
    """Why somebody is to be admitted by a moment, or that no law says when."""

    AT_ONCE = "at-once"
    DAYS_14 = "14-days"
    DAYS_120 = "120-days"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Clock:
    """What an entry's clock starts from and what decides how long it runs. Moments are aware.

    `no_capacity_on` is the local day on which it was checked and found that no program had room; `interim_at` when the last of the
    interim services that are due was offered; `requested_on` the local day of the request.
    """

    requested_at: datetime
    requested_on: date
    no_capacity_on: date | None = None
    interim_at: datetime | None = None

    @property
    def interim_due_at(self) -> datetime:
        """48 hours after the request, as time passes and not as clocks show."""
        return self.requested_at + INTERIM_WITHIN

    @property
    def is_interim_in_time(self) -> bool:
        """Whether interim services were offered within 48 hours. Taking them up is the client's choice and decides nothing."""
        return self.interim_at is not None and self.interim_at <= self.interim_due_at

    @property
    def had_no_capacity(self) -> bool:
        """Whether it was found on the day of the request itself that no program had room."""
        return self.no_capacity_on is not None and self.no_capacity_on == self.requested_on


@dataclass(frozen=True, slots=True)
class Due:
    """By when somebody is to be admitted and why; `at` is None where no law says. `missing` are the facts that keep it from 120 days."""

    limit: Limit
    at: datetime | None
    missing: tuple[str, ...] = ()


def admit_by(tier: int, clock: Clock) -> Due:
    """By when somebody of this tier is to be admitted.

    A pregnant woman at once: 96.131 knows no time in which she could wait. Somebody who injects within 14 days, and within 120 only
    if both facts that the rule asks for are there.
    """
    if tier in (Tier.PREGNANT_INJECTING, Tier.PREGNANT):
        return Due(Limit.AT_ONCE, clock.requested_at)
    if tier != Tier.INJECTING:
        return Due(Limit.NONE, None)
    wanted = {"no-capacity": clock.had_no_capacity, "interim": clock.is_interim_in_time}
    missing = tuple(name for name, there in wanted.items() if not there)
    if missing:
        return Due(Limit.DAYS_14, clock.requested_at + ADMIT_WITHIN, missing)
    return Due(Limit.DAYS_120, clock.requested_at + ADMIT_WITHIN_EXTENDED)


# --- interim services ------------------------------------------------------------------------------------------------

INTERIM = ("hiv-tb-education", "needle-risks", "transmission-risks", "prevention-steps", "hiv-tb-referral")
"""The least that 45 CFR 96.121 asks for."""
INTERIM_PREGNANT = ("effects-on-fetus", "prenatal-referral")
"""What it asks for beside that for pregnant women."""
OURS = ("naloxone", "syringe-services", "988", "medication-bridge")
"""Not federal: what this site offers beside it."""


def interim_items(facts: Set[str]) -> tuple[str, ...]:
    """The interim services that are due to somebody of whom these facts are known."""
    return INTERIM + (INTERIM_PREGNANT if PREGNANT in facts else ())


INTERIM_BEFORE = timedelta(days=1)
"""What was offered in the talk in which somebody asked counts, though the request was written down only afterwards."""


def interim_first(rows: Iterable[tuple[str, datetime]], since: datetime) -> dict[str, datetime]:
    """When each service was first offered for a request of this moment (`since`), of rows of item and moment.

    What was offered for an earlier request, which is over, does not count for a new one (45 CFR 96.126(d)).
    """
    found: dict[str, datetime] = {}
    for item, at in sorted(rows, key=lambda row: row[1]):
        if at >= since - INTERIM_BEFORE:
            found.setdefault(item, at)
    return found


def interim_offered_at(offered: Mapping[str, datetime], facts: Set[str]) -> datetime | None:
    """When the last of the services that are due was offered; None while one of them is not."""
    due = interim_items(facts)
    return max(offered[item] for item in due) if all(item in offered for item in due) else None


# --- capacity --------------------------------------------------------------------------------------------------------

HOLD_REVIEW = timedelta(days=14)
"""A hold is looked at again after so long at the most."""


# --- contacts --------------------------------------------------------------------------------------------------------

OUTCOMES = ("reached", "no-answer", "word-left", "came", "wrong-number", "bounced", "stopped")
"""What a peer may note of a contact. "came": they came or called by themselves."""
ANSWERED = frozenset({"reached", "came", "still-waiting", "call-me"})
"""What shows that somebody is there; the last two come from the status page."""
NO_TRY = frozenset({"wrong-number", "bounced", "stopped"})
"""What reached nobody, and so was no try to reach them."""
WORD_LEFT = "word-left"


# --- a person who cannot be found ------------------------------------------------------------------------------------

ATTEMPTS, ROUTES = 3, 2
OVER, LATEST = timedelta(days=7), timedelta(days=3)
REINSTATE_WITHIN = timedelta(days=30)
EXCUSED = ("hospital", "custody", "disability")
"""Whoever was silent for one of these comes back with the old clock whenever that is (compare 24 CFR 982.204(c)(2))."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One documented try to reach somebody. A text that bounced, or that was answered with STOP, is none."""

    at: datetime
    route: str
    answered: bool


def attempts_of(contacts: Iterable[tuple[datetime, str, str]]) -> tuple[Attempt, ...]:
    """The tries among contacts, each of moment, route and outcome: all but those that reached nobody's telephone or letter box."""
    return tuple(Attempt(at, route, outcome in ANSWERED) for at, route, outcome in contacts if outcome not in NO_TRY)


def notices_left(contacts: Iterable[tuple[datetime, str, str]]) -> frozenset[str]:
    """The routes by which word was left since somebody last answered."""
    told = sorted(contacts)
    last = max((at for at, _, outcome in told if outcome in ANSWERED), default=None)
    return frozenset(route for at, route, outcome in told if outcome == WORD_LEFT and (last is None or at > last))


def cannot_locate_lacks(
    attempts: tuple[Attempt, ...], *, now: datetime, hold: str | None, notices_left: Set[str], routes: Set[str]
) -> tuple[str, ...]:
    """What is still missing before somebody may be called impossible to find, as codes; empty when nothing is.

    At least 3 tries by 2 routes over 7 days, the last within 3 days, none answered since, no hold for hospital or custody, a notice
    left by every route that is allowed. A second person's word comes on top.
    """
    answered = [attempt.at for attempt in attempts if attempt.answered]
    since = [attempt for attempt in attempts if not answered or attempt.at > max(answered)]
    moments = [attempt.at for attempt in since]
    lacks = {
        "attempts": len(since) < ATTEMPTS,
        "routes": len({attempt.route for attempt in since}) < min(ROUTES, max(1, len(routes))),
        "days": not moments or max(moments) - min(moments) < OVER,
        "recent": not moments or now - max(moments) > LATEST,
        "hold": hold in EXCUSED,
        "notices": not routes <= notices_left,
    }
    return tuple(code for code, missing in lacks.items() if missing)


NEVER_BEFORE = timedelta(days=365)
"""A request is not dated back by more than that."""


def may_date_back(*, requested_at: datetime, to: datetime, now: datetime) -> bool:
    """Whether a request may be given this earlier moment: never one that is still to come, nor a later one, nor one over a year ago."""
    return now - NEVER_BEFORE <= to < requested_at and to <= now


def keeps_clock(*, closed_at: datetime, now: datetime, silence: str | None) -> bool:
    """Whether somebody who comes back after they could not be found keeps the old request: within 30 days, or with a good reason for the silence."""
    return now - closed_at <= REINSTATE_WITHIN or silence in EXCUSED
