"""The groups of the demonstration: with seats left and full, public and not, in person and online; and a year of who came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from directory.domain.bridge.groups import (
    ABSENT,
    CAME,
    FORTNIGHTLY,
    HELD,
    ONCE,
    PARTIAL,
    WEEKLY,
    GroupValues,
    Series,
    Where,
    meets_at,
    series_days,
)
from directory.services.bridge.groups import group_add
from directory.services.bridge.seats import seat_take
from directory.services.demo_bridge_cast import Cast, Row, Scene
from directory.services.demo_people import ZONE
from directory.storage import db
from directory.storage import demo_waitlist as rows
from directory.storage.bridge import groups as stored
from directory.storage.demo_bridge import Waiter

YEAR = timedelta(days=357)
CENTER = Where("Larkspur Recovery Center", "415 Canal Street", "Larkspur City", "ZZ", "00101", "Ring at the side door.")
CABIN = Where("Trail house", "2 Juniper Trail", "Juniper Bend", "ZZ", "00103", "We meet at the trail house.")
HOME = Where("", "", "Mill Hollow", "ZZ", "00102", "You get the address with your seat.", PARTIAL)


@dataclass(frozen=True, slots=True)
class Planned:
    """A group that is set up. `weekday` counts from Monday; `seats` are taken at its next meeting (one more than its `capacity`: somebody waits
    for one), `usual` come to one, and `leader` is the key of who leads it."""

    name: str
    words: str
    sort: str
    attendance: str
    every: str
    weekday: int
    minute: int
    minutes: int
    leader: str
    capacity: int | None = None
    seats: int = 0
    usual: int = 0
    where: Where = Where()
    url: str = ""
    people: tuple[str, ...] | None = None
    language: str = "en"
    is_public: bool = True


GROUPS = (
    Planned(
        "While We Wait",
        "An hour for people who wait for a place. Coffee, and news of who got in. You may just listen.",
        "group", "in-person", WEEKLY, 1, 18 * 60, 75, "peer",
        capacity=14, seats=6, usual=8, where=CENTER,
    ),
    Planned(
        "Cooking for One Week",
        "We cook a pot of something that lasts for days, and everybody takes some home. All food is paid for.",
        "workshop", "in-person", WEEKLY, 3, 16 * 60, 120, "pablo",
        capacity=6, seats=7, usual=6, where=CENTER,
    ),
    Planned(
        "Sunday Check-in by Video",
        "Half an hour on Sunday night, so that Monday is less steep. Camera on or off.",
        "group", "online", WEEKLY, 6, 19 * 60, 30, "quinn",
        seats=4, usual=5, url="https://video.demo.example/sunday",
    ),
    Planned(
        "Mesa de Espera",
        "Café y conversación en español para quienes esperan un lugar. Puede venir con familia.",
        "group", "in-person", FORTNIGHTLY, 2, 17 * 60 + 30, 60, "peer",
        capacity=10, seats=2, usual=4, where=CENTER, language="es",
    ),
    Planned(
        "Parents Between Courts",
        "For parents with a case in family court. We go through papers and dates together.",
        "group", "in-person", FORTNIGHTLY, 4, 12 * 60, 90, "quinn",
        capacity=8, seats=3, usual=5, where=HOME, people=("parents",), is_public=False,
    ),
    Planned(
        "Canyon Walk and Picnic",
        "Three easy miles and a picnic. Rides leave from the center at 9. Nobody drinks or uses on the walk.",
        "activity", "in-person", ONCE, 5, 10 * 60, 240, "peer",
        capacity=20, seats=5, where=CABIN,
    ),
)  # fmt: skip
_MEETING = ("group_id", "day", "starts_at", "ends_at", "status", "capacity", "taken", "others", "version")
_SEAT = ("meeting_id", "client_id", "status", "turn", "at", "by", "version")


async def groups_put(waiters: Sequence[Waiter], cast: Cast, scene: Scene) -> None:
    """Sets the groups up, each with its seats to come and who came before."""
    parts = list(cast.values())
    here = parts + [each for each in waiters if each.until is None and each not in parts]
    for place, planned in enumerate(GROUPS):
        series = _series(planned, scene.today)
        id = await group_add(
            agency=scene.agency,
            values=_values(planned, series, scene),
            form=scene.forms.new(),
            by=scene.peer,
            now=scene.now,
            settings=scene.settings,
        )
        assert id is not None  # each form is new
        await _past(id, planned, series, waiters, scene)
        await _seats(id, planned, here[place * 5 :], scene)


def _series(planned: Planned, today: date) -> Series:
    """It has met for a year; what meets once does in the coming days, never today."""
    ahead = today + timedelta(days=1 + (planned.weekday - today.weekday() - 1) % 7)
    first = ahead if planned.every == ONCE else ahead - timedelta(weeks=52)
    return Series(first, planned.minute, planned.minutes, ZONE, planned.every)


def _values(planned: Planned, series: Series, scene: Scene) -> GroupValues:
    return GroupValues(
        planned.name,
        planned.sort,
        planned.attendance,
        series,
        where=planned.where,
        words=planned.words,
        url=planned.url,
        capacity=planned.capacity,
        language=planned.language,
        people=planned.people,
        access=("wheelchair",) if planned.where is CENTER else None,
        is_public=planned.is_public,
        leader=scene.actors[planned.leader].person,
    )


async def _seats(id: int, planned: Planned, people: Sequence[Waiter], scene: Scene) -> None:
    """Takes seats at the next meeting, in the order in which they asked."""
    meeting = (await stored.meetings_of(id, scene.now, 1))[0]
    speaking = [each for each in people if planned.language == "en" or each.language == planned.language]
    for number, each in enumerate(speaking[: planned.seats]):
        now = scene.now - timedelta(hours=planned.seats - number)
        await seat_take(
            upi=each.upi, meeting=meeting.id, form=scene.forms.new(), by=scene.peer, now=now, settings=scene.settings
        )


# --- who came before -------------------------------------------------------------------------------------------------


async def _past(id: int, planned: Planned, series: Series, waiters: Sequence[Waiter], scene: Scene) -> None:
    """The meetings of the past year as they were held, with whoever waited then."""
    days = series_days(series, scene.today - YEAR, scene.today - timedelta(days=1)) if planned.every != ONCE else []
    held = [(day, *meets_at(series, day)) for day in days]
    came = [_came(planned, starts_at, waiters, scene) for _, starts_at, _ in held]
    capacity = planned.capacity
    meetings: list[Row] = [
        (id, day, starts_at, ends_at, HELD, capacity, len(seats), scene.rng.randrange(3), 1)
        for (day, starts_at, ends_at), seats in zip(held, came, strict=True)
    ]
    async with db.staging():
        ids = await rows.put("group_meeting", _MEETING, meetings)
        by = f"person {scene.actors[planned.leader].person}"
        times = {id: starts_at for id, (_, starts_at, _) in zip(ids, held, strict=True)}
        seats = dict(zip(ids, came, strict=True))
        await rows.put_all("group_seat", _SEAT, list(_rows(seats, times, by)))


def _rows(seats: Mapping[int, Mapping[int, str]], times: Mapping[int, datetime], by: str) -> Iterator[Row]:
    for meeting, came in seats.items():
        asked, after = times[meeting] - timedelta(days=2), times[meeting] + timedelta(minutes=20)
        for client, status in came.items():
            yield (meeting, client, status, asked, after, by, 1)


def _came(planned: Planned, at: datetime, waiters: Sequence[Waiter], scene: Scene) -> dict[int, str]:
    """Who had a seat, by client, and whether they came."""
    rng = scene.rng
    there = [each for each in waiters if each.begun < at and (each.until is None or each.until > at)]
    there = [each for each in there if planned.language == "en" or each.language == planned.language]
    number = min(planned.usual + rng.randrange(-2, 3), planned.capacity or planned.usual + 2, len(there))
    chosen = rng.sample(there, max(number, 0))
    return {each.client: CAME if rng.random() < 0.82 else ABSENT for each in chosen}
