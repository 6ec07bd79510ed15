"""Who of the invented people plays which part in the demonstration of the bridge: chosen from how they wait, so that each part fits the person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from random import Random

from directory.domain.access import Actor
from directory.domain.waitlist.routes import TEXT
from directory.domain.waitlist.states import Entry, Offer
from directory.services.demo_forms import Forms
from directory.services.sealing import PHONE
from directory.settings import Settings
from directory.storage import demo_bridge as storage
from directory.storage.demo_bridge import Waiter, Yes

FAMILY, ESPANOL, CARD, HEAVY, OVERDUE, MISSED, ESCALATED, TEXTER, ANSWERER, ARRIVING, QUIET, NEW = (
    *("family", "espanol", "card", "heavy", "overdue", "missed", "escalated", "texter", "answerer", "arriving"),
    *("quiet", "new"),
)
SILENT = timedelta(days=30)
"""Of whom nobody has heard for so long, no week was kept."""
LONG = timedelta(days=45)
Row = tuple[object, ...]
Fits = Callable[[Waiter], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """The stage: the peer agency with its `zone`, the invented people by key, listings of the county by key, and the moment."""

    agency: int
    actors: Mapping[str, Actor]
    slugs: Mapping[str, str]
    zone: tzinfo
    now: datetime
    rng: Random
    forms: Forms
    settings: Settings

    @property
    def peer(self) -> Actor:
        """The peer whom one click makes of somebody."""
        return self.actors["peer"]

    def ago(self, days: float) -> datetime:
        """A moment so many days ago."""
        return self.now - timedelta(days=days)

    def at(self, days: int, hour: int) -> datetime:
        """This local hour of the day so many days from today."""
        local = self.now.astimezone(self.zone) + timedelta(days=days)
        return local.replace(hour=hour, minute=0, second=0).astimezone(self.now.tzinfo)

    def by_day(self, at: datetime) -> datetime:
        """A moment between 9 and 6 in the evening of the same local day."""
        local = at.astimezone(self.zone)
        return local.replace(hour=min(max(local.hour, 9), 17)).astimezone(at.tzinfo)

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.zone).date()


Cast = Mapping[str, Waiter]


async def cast_find(waiters: Sequence[Waiter], yeses: Sequence[Yes], card: int | None, scene: Scene) -> Cast:
    """Who plays what, each person one part: all of them people of the first peer. `card` is the client whose code anybody may try.

    Who is on the way goes to the agency of the first editor, where there is one, so that the page for their team can be seen too.
    """
    own = [each for each in waiters if each.peer == scene.peer.person and each.until is None]
    waiting = sorted(
        (each for each in own if each.states == {Entry.WAITING}), key=lambda each: each.begun, reverse=True
    )
    here = sorted(waiting, key=lambda each: not is_long(each, scene.now))
    texts = await storage.alone_at(PHONE, [each.client for each in here if TEXT in each.channels])

    def english(each: Waiter) -> bool:
        return each.language == "en" and is_long(each, scene.now)

    wanted: Iterable[tuple[str, Fits]] = (
        (CARD, lambda each: each.client == card),
        (TEXTER, lambda each: each.client in texts and each.language == "en"),
        (ANSWERER, lambda each: each.client in texts),
        (ESPANOL, lambda each: each.language == "es"),
        (FAMILY, lambda each: english(each) and any("families" in line for line in each.lines)),
        (NEW, lambda each: each.language == "en" and each.begun > scene.now - timedelta(days=16)),
        *((part, english) for part in (HEAVY, OVERDUE, MISSED, ESCALATED, QUIET)),
    )
    found = _on_the_way(own, yeses, scene)
    for part, fits in wanted:
        _take(part, fits, here, found)
    return found


def _on_the_way(own: Sequence[Waiter], yeses: Sequence[Yes], scene: Scene) -> dict[str, Waiter]:
    """Who said yes to an opening, best to one of the first editor, and speaks English; nobody where nobody has."""
    accepted = {each.client: each.editor for each in yeses if each.status == Offer.ACCEPTED}
    near = scene.actors["editor"].label
    going = [each for each in own if each.client in accepted]
    going.sort(key=lambda each: (accepted[each.client] != near, each.language != "en"))
    return {ARRIVING: going[0]} if going else {}


def _take(part: str, fits: Fits, here: list[Waiter], found: dict[str, Waiter]) -> None:
    """Gives a part to the first whom it fits, else to the first who is left."""
    who = next((each for each in here if fits(each)), here[0] if here else None)
    if who is not None:
        here.remove(who)
        found[part] = who


def is_long(each: Waiter, now: datetime) -> bool:
    """Whether somebody has waited for long enough to have a history, and was heard of lately."""
    return each.begun < now - LONG and not is_silent(each, now)


def is_silent(each: Waiter, now: datetime) -> bool:
    """Whether nobody has heard of them for long."""
    return each.until is None and (each.heard_at is None or each.heard_at < now - SILENT)
