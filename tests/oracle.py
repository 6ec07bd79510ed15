"""A plain search over listings in memory, written from the contract and not from the SQL, to hold the real one to the truth.

Times are asked of domain/schedule.py, which has an oracle of its own; everything else is worked out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import asin, cos, inf, radians, sin, sqrt
from zoneinfo import ZoneInfo

from directory.domain import schedule
from directory.domain.coverage import areas_of
from directory.domain.geo import Point
from directory.domain.listings import Capacity, ListingDraft, Status, Visibility, fold
from directory.domain.schedule import TimeFilter, Timetable
from directory.domain.search import Query
from directory.domain.taxonomy import CodeInfo
from directory.domain.words import also_called
from tests import factories

RADIUS = 3958.8
FACETS = ("care", "pay", "people", "medication", "access", "language")
COUNTED = ("kind", "attendance", "program", *FACETS, "type", "openings")
MAY_BE_UNKNOWN = (*FACETS, "openings")
HOME = factories.NEW_YORK


def miles(a: Point, b: Point) -> float:
    """The haversine formula, as textbooks write it."""
    up, over = radians(b.lat - a.lat), radians(b.lon - a.lon)
    h = sin(up / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(over / 2) ** 2
    return 2 * RADIUS * asin(min(1, sqrt(h)))


@dataclass(frozen=True)
class Placed:
    """A listing as the public may find it. `texts` are its texts in words, `names` the words in which a slip is forgiven."""

    draft: ListingDraft
    slug: str
    point: Point | None
    table: Timetable
    texts: tuple[tuple[str, ...], ...]
    names: frozenset[str]

    @property
    def online_only(self) -> bool:
        return self.draft.attendance == "online"

    @cached_property
    def words(self) -> set[str]:
        return {word for text in self.texts for word in text}


@dataclass(frozen=True)
class Answer:
    """What a search should give: the slugs of its page in order, the number of all matches, the unknown ones, the counts by
    facet, and what there is elsewhere (number of all, and the first slugs)."""

    slugs: list[str]
    total: int
    unknown: dict[str, int]
    distances: dict[str, float | None]
    openings: dict[str, tuple[int | None, datetime] | None]
    facets: dict[str, dict[str, int]]
    elsewhere: tuple[int, list[str]]
    spelled: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Asked:
    """A query with its place, moment and zone. `words` are sets of alternatives; a listing needs one of each."""

    query: Query
    point: Point | None
    now: datetime
    zone: str
    words: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Judged:
    """A listing held against a question: whether it lies near, and the names of the conditions that it misses."""

    one: Placed
    is_near: bool
    misses: frozenset[str]

    @property
    def is_match(self) -> bool:
        return self.is_near and not self.misses

    def matches_but(self, name: str) -> bool:
        return self.is_near and self.misses <= {name}


class Oracle:
    """The listings of one source over the invented towns of tests/factories.py. `slugs` are their addresses by key."""

    def __init__(
        self, drafts: Sequence[ListingDraft], slugs: Mapping[str, str], codes: Sequence[CodeInfo] = factories.CODES
    ) -> None:
        self.codes = {info.code: info for info in codes}
        self.placed = [self._placed(draft, slugs[draft.key]) for draft in drafts if draft.status is Status.ACTIVE]
        names = {word for one in self.placed for word in one.names}
        self.vocabulary = sorted(word for word in names if not word.isdigit())

    def search(self, query: Query, now: datetime) -> Answer:
        """The answer to this query with the clock at `now`, or at its own `at`."""
        centre, zone, areas = self._place(query)
        moment = self._moment(query, now, zone)
        online = query.attendance == ("online",)
        words = tuple(frozenset([word]) for word in query.words)
        asked = Asked(query, None if online else centre, moment, query.tz or zone, words)
        judged, spelled = self._judged(asked), {}
        if not any(each.is_match for each in judged) and (spelled := self._spelled(query.words)):
            forgiving = replace(asked, words=tuple(frozenset([word, *spelled.get(word, ())]) for word in query.words))
            again = self._judged(forgiving)
            if any(each.is_match for each in again):
                asked, judged = forgiving, again
            else:
                spelled = {}
        found = [each.one for each in judged if each.is_match]
        found.sort(key=lambda one: self._key(one, asked, query.order))
        page = found[query.offset : query.offset + query.per_page]
        return Answer(
            [one.slug for one in page],
            len(found),
            self._unknown(judged, asked),
            {one.slug: miles(centre, one.point) if centre and one.point else None for one in page},
            {one.slug: self.openings(one.draft, moment) for one in page},
            self._facets(judged, asked, centre),
            self._elsewhere(judged, asked, areas) if centre and not online else (0, []),
            spelled,
        )

    # --- where and when ---

    def _place(self, query: Query) -> tuple[Point | None, str, set[str]]:
        """The point searched, its zone, and the areas that it lies in as coverage names them."""
        if not query.has_place:
            return None, HOME, set()
        towns = [town for town in factories.TOWNS if query.point or query.near in (town[2], f"{town[0]}, {town[1]}")]
        name, state, _, lat, lon, zone = min(
            towns, key=lambda town: miles(query.point or Point(0, 0), Point(*town[3:5]))
        )
        return query.point or Point(lat, lon), zone, {"nationwide", state, f"{name} County, {state}"}

    def _moment(self, query: Query, now: datetime, zone: str) -> datetime:
        if query.at is None:
            return now
        local = query.tz or zone if not query.has_place else zone
        return (query.at if query.at.tzinfo else query.at.replace(tzinfo=ZoneInfo(local))).astimezone(UTC)

    def _placed(self, draft: ListingDraft, slug: str) -> Placed:
        address = draft.address
        town = next(
            (
                town
                for town in factories.TOWNS
                if address.postal_code == town[2] or (address.city, address.state) == town[:2]
            ),
            None,
        )
        middle = Point(town[3], town[4]) if town else None
        point = (address.point or middle) if address.visibility is Visibility.FULL else middle
        return Placed(
            draft=draft,
            slug=slug,
            point=None if draft.attendance == "online" else point,
            table=Timetable(draft.windows, address.timezone or (town[5] if town else HOME), draft.changes),
            texts=self._texts(draft),
            names=self._names(draft),
        )

    def _texts(self, draft: ListingDraft) -> tuple[tuple[str, ...], ...]:
        texts = [draft.name, draft.organization, draft.description, *self._shown(draft), *also_called(draft)]
        texts += self._labels(draft)
        return tuple(tuple(fold(text).split()) for text in texts if text)

    def _names(self, draft: ListingDraft) -> frozenset[str]:
        texts = [draft.name, draft.organization, *self._shown(draft), *also_called(draft), *self._labels(draft)]
        return frozenset(word for text in texts if text for word in fold(text).split())

    def _shown(self, draft: ListingDraft) -> list[str | None]:
        address = draft.address
        city = None if address.visibility is Visibility.HIDDEN else address.city
        return [city, address.name if address.visibility is Visibility.FULL else None]

    def _labels(self, draft: ListingDraft) -> list[str]:
        return [label for code in draft.codes if code in self.codes for label in self.codes[code].labels.values()]

    def _spelled(self, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For each word of at least 4 letters the nearest other ones in names: one slip away, from 8 letters on two."""
        found = {}
        for word in words:
            stands = any(have.startswith(word) for one in self.placed for have in one.words)
            if len(word) < 4 or word.isdigit() or stands:
                continue
            slips = {
                other: slip
                for other in self.vocabulary
                if other != word and (slip := slips_between(word, other)) <= 1 + (len(word) >= 8)
            }
            if slips:
                found[word] = tuple(other for other in sorted(slips) if slips[other] == min(slips.values()))[:8]
        return found

    # --- what ---

    def _judged(self, asked: Asked) -> list[Judged]:
        """Every listing with the facets (or "hours", "words") whose condition it misses."""
        wanted = {name: values for name, values in self._wanted(asked.query).items() if values}
        return [
            Judged(one, self._is_near(one, asked), frozenset(self._misses(one, asked, wanted))) for one in self.placed
        ]

    def _is_near(self, one: Placed, asked: Asked) -> bool:
        point = asked.point
        return point is None or (one.point is not None and miles(point, one.point) <= asked.query.within)

    def _misses(self, one: Placed, asked: Asked, wanted: dict[str, set[str]]) -> list[str]:
        """The names of what it misses; the time, which takes longest, is not looked at where two others miss already."""
        found = [name for name, values in wanted.items() if not values & self._values(one, name, asked.now)]
        if not all(any(have.startswith(word) for have in one.words for word in some) for some in asked.words):
            found.append("words")
        if not all(self._holds(one, phrase.split()) for phrase in asked.query.phrases):
            found.append("phrases")
        time = asked.query.time_filter
        if time.is_set and len(found) < 2 and not self._in_time(one, time, asked.now, asked.zone):
            found.append("hours")
        return found

    def _holds(self, one: Placed, phrase: list[str]) -> bool:
        size = len(phrase)
        return any(list(text[at : at + size]) == phrase for text in one.texts for at in range(len(text)))

    def _wanted(self, query: Query) -> dict[str, set[str]]:
        """The values asked for by facet."""
        facets = {name: set(values) for name, values in query.facets.items()}
        ways = set(query.attendance)
        return facets | {
            "kind": set(query.kinds),
            # Asked for beside another way, a hybrid one adds nothing that the other does not hold.
            "attendance": ways - {"hybrid"} or ways,
            "program": set(query.programs),
            "language": {tag.lower() for tag in query.languages},
            "type": {f"{system}:{code.upper()}" for system, code in query.types},
            "openings": {"1"} if query.openings else set(),
        }

    def _values(self, one: Placed, facet: str, now: datetime) -> set[str]:
        """The values that a listing has of a facet."""
        draft = one.draft
        if facet == "kind":
            return {draft.kind}
        if facet == "attendance":
            return (
                {"in-person", "online", "hybrid"} if draft.attendance == "hybrid" else {draft.attendance or "in-person"}
            )
        if facet == "program":
            return {draft.program} if draft.program else set()
        if facet == "type":
            return {f"{code.system}:{code.code.upper()}" for code in draft.codes}
        if facet == "openings":
            return {"1"} if any(report.available for report in self._latest(draft, now)) else set()
        if facet == "language":
            return {tag.lower() for tag in draft.languages or ()}
        return set(getattr(draft, facet) or ())

    def _latest(self, draft: ListingDraft, now: datetime) -> list[Capacity]:
        """The last report of each thing that is reported, if it is not older than three days."""
        latest = {
            (report.unit, report.care): report for report in sorted(draft.capacities, key=lambda report: report.as_of)
        }
        return [report for report in latest.values() if now - report.as_of < timedelta(hours=72)]

    def openings(self, draft: ListingDraft, now: datetime) -> tuple[int | None, datetime] | None:
        """What a card says of openings: the latest report of one that counts, else the latest of all."""
        latest = {
            (report.unit, report.care): report for report in sorted(draft.capacities, key=lambda report: report.as_of)
        }
        reports = sorted(
            latest.values(),
            key=lambda report: (report in self._latest(draft, now) and bool(report.available), report.as_of),
        )
        return (reports[-1].available, reports[-1].as_of) if reports and draft.kind != "meeting" else None

    def _is_unknown(self, one: Placed, facet: str, now: datetime) -> bool:
        if facet == "openings":
            reports = [report for report in one.draft.capacities if now - report.as_of < timedelta(hours=72)]
            return all(report.available is None for report in reports)
        return getattr(one.draft, "languages" if facet == "language" else facet) is None

    def _in_time(self, one: Placed, wanted: TimeFilter, now: datetime, seen_from: str) -> bool:
        return schedule.matches(one.table, wanted, now, seen_from=seen_from if one.online_only else None)

    def _key(self, one: Placed, asked: Asked, order: str) -> tuple[float, str, str]:
        number = 0.0
        if order == "distance":
            assert asked.point
            assert one.point
            number = miles(asked.point, one.point)
        elif order == "time":
            wait = schedule.minutes_until_worth_going(one.table, asked.now)
            number = inf if wait is None else wait
        return number, fold(one.draft.name), one.slug

    # --- what is counted ---

    def _unknown(self, judged: list[Judged], asked: Asked) -> dict[str, int]:
        query, wanted = asked.query, self._wanted(asked.query)
        found = {
            name: sum(self._is_unknown(each.one, name, asked.now) and each.matches_but(name) for each in judged)
            for name in MAY_BE_UNKNOWN
            if wanted.get(name)
        }
        if query.time_filter.is_set:
            name = "open" if query.open_now else "time"
            found[name] = sum(not each.one.draft.windows and each.matches_but("hours") for each in judged)
        return found

    def _facets(self, judged: list[Judged], asked: Asked, centre: Point | None) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = {facet: Counter() for facet in COUNTED}
        # What is online alone is asked for without a radius; once anything else is chosen there is one.
        around = replace(asked, point=centre)
        for each in judged:
            for facet in COUNTED:
                near = self._is_near(each.one, around) if facet == "attendance" else each.is_near
                if near and each.misses <= {facet}:
                    found[facet].update(self._countable(each.one, facet, asked.now))
        return {facet: dict(numbers) for facet, numbers in found.items()}

    def _countable(self, one: Placed, facet: str, now: datetime) -> set[str]:
        """Its values, but of types only those of meetings."""
        if facet != "type":
            return self._values(one, facet, now)
        is_meeting = one.draft.kind == "meeting"
        return {f"{code.system}:{code.code}" for code in one.draft.codes if not code.edition and is_meeting}

    def _elsewhere(self, judged: list[Judged], asked: Asked, areas: set[str]) -> tuple[int, list[str]]:
        """What is online for everyone, or serves an area that the place lies in, and is not near."""
        found = []
        for each in judged:
            coverage = each.one.draft.coverage
            serves = bool(areas.intersection((coverage or "").split("; "))) and not each.is_near
            anywhere = each.one.online_only and not areas_of(coverage)
            if (anywhere or serves) and not each.misses:
                found.append(each.one)
        query = asked.query
        by_time = query.sort == "time" or (query.sort != "name" and query.kinds == ("meeting",))
        found.sort(key=lambda one: self._key(one, asked, "time" if by_time else "name"))
        return len(found), [one.slug for one in found[:10]]


def slips_between(a: str, b: str) -> int:
    """Letters added, dropped, changed, or swapped with their neighbour (optimal string alignment), as textbooks have it."""
    rows = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[len(a)][len(b)]
