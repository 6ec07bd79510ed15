"""The lines of the demonstration: levels of care by areas of the invented county, whose openings they get, and how much goes on in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.schedule import Timetable, Window
from directory.domain.waitlist.pools import PoolValues, usual_minutes
from directory.domain.waitlist.simulated import ACCEPTED, OPEN, PENDING, Line, Source
from directory.domain.waitlist.tiers import Rules, fingerprint, rules_text
from directory.domain.waitlist.whom import restrictions_of
from directory.domain.waitlist.windows import OfferWindow
from directory.services.demo_agencies import PROGRAMS
from directory.services.waitlist.overlays import rules_of
from directory.storage import demo as storage
from directory.storage.waitlist import pools, rules

WEEKDAYS = tuple((day, 9 * 60, 8 * 60) for day in range(1, 6))
COUNTY = ("Larkspur County, ZZ",)


@dataclass(frozen=True, slots=True)
class DemoLine:
    """A line of the demonstration. `overlays` are keys of seeds/tiers.toml. It begins with `start` people, `week` is how many come in one,
    `sources` are levels by name with their openings in a week, and `last` what comes of its last openings, with the hours since then."""

    name: str
    care: str
    asam: str
    start: int
    week: float
    sources: tuple[tuple[str, float], ...]
    last: tuple[tuple[str, float], ...]
    overlays: tuple[str, ...] = ("contact-30:contact-days",)
    working: tuple[tuple[int, int, int], ...] = ()
    is_funded: bool = True
    exact_numbers: bool = True

    def values(self, zone: str) -> PoolValues:
        """What is set of it, in this zone."""
        return PoolValues(
            self.name,
            self.care,
            zone,
            usual_minutes(self.care),
            self.asam,
            "3" if self.asam else "",
            COUNTY,
            self.is_funded,
            self.working,
            self.exact_numbers,
        )

    @property
    def rules(self) -> Rules:
        """Its tiers."""
        return rules_of(self.overlays, (), is_federal=True)


LINES = (
    DemoLine(
        "Detox, all of the county",
        "detox",
        "3.7-WM",
        20,
        3.2,
        (("Detox", 2.2),),
        ((PENDING, 2.6), (PENDING, 1.2), (ACCEPTED, 26), (OPEN, 5), (OPEN, 3)),
    ),
    DemoLine(
        "Residential, Larkspur City",
        "residential",
        "3.1",
        14,
        1.9,
        (("Rest after detox", 0.9), ("Rooms for families", 0.35)),
        ((PENDING, 7), (ACCEPTED, 40)),
        ("texas:overdose-risk", "texas:child-protection", "contact-30:contact-days"),
        WEEKDAYS,
    ),
    DemoLine(
        "Residential for families",
        "residential",
        "3.5",
        9,
        0.9,
        (("Rooms for families", 0.5),),
        ((ACCEPTED, 30),),
        ("families:dependents", "contact-30:contact-days"),
        WEEKDAYS,
    ),
    DemoLine("Medication, start", "medication", "", 10, 2.5, (("Medication", 2.1),), ((PENDING, 4), (ACCEPTED, 20))),
    DemoLine(
        "Evening groups, Juniper Bend",
        "outpatient",
        "2.1",
        8,
        1.75,
        (("Step down", 1.2),),
        ((PENDING, 20), (OPEN, 30)),
        ("veterans:veteran", "contact-30:contact-days"),
        WEEKDAYS,
        is_funded=False,
    ),
    DemoLine("Residential, Quarry Flat", "residential", "3.1", 4, 0.15, (("Rest after detox", 0.05),), (), exact_numbers=False),
)  # fmt: skip
"""The last one has too few placements for any estimate."""
ASKS = {
    care.values.name: care.numbers.restrictions if care.numbers else None for each in PROGRAMS for care in each.care
}
EDITORS = {care.values.name: each.editor for each in PROGRAMS for care in each.care}


@dataclass(frozen=True, slots=True)
class Made:
    """A line that was made: its id, the fingerprint of its rules, and how it is played."""

    id: int
    sha256: str
    line: Line
    demo: DemoLine


async def demo_lines_load(*, agency: int, zone: str, by: str, since: datetime) -> tuple[Made, ...]:
    """Makes the lines with their rules, as if a coordinator had at this moment. Needs a transaction."""
    levels = await storage.levels()
    order = sorted({agency for _, agency in levels.values()})
    return tuple([await _made(each, agency, zone, by, since, levels, order) for each in LINES])


async def _made(
    each: DemoLine,
    agency: int,
    zone: str,
    by: str,
    since: datetime,
    levels: dict[str, tuple[int, int]],
    order: list[int],
) -> Made:
    pool = await pools.pool_put(agency, each.values(zone), since, is_demo=True)
    for name, _ in each.sources:
        await pools.level_join(pool, levels[name][0])
    text = rules_text(each.rules)
    version = await rules.version_add(pool, text, fingerprint(text), by=by, now=since)
    await rules.version_use(pool, version, None, each.rules.contact_days)
    sources = tuple(_source(name, week, levels, order) for name, week in each.sources)
    hours = Timetable(tuple(Window("hours", *day) for day in each.working), zone) if each.working else None
    window = OfferWindow(timedelta(minutes=usual_minutes(each.care)), hours)
    return Made(pool, fingerprint(text), Line(each.rules, window, each.start, each.week, sources, each.last), each)


def _source(name: str, week: float, levels: dict[str, tuple[int, int]], order: list[int]) -> Source:
    level, agency = levels[name]
    asks = ASKS[name]
    return Source(level, order.index(agency) + 1, EDITORS[name], week, restrictions_of(asks) if asks else ())
