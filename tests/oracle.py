"""A plain search over listings in memory, written from the contract and not from the SQL, to hold the real one to the truth.

Times are asked of domain/schedule.py, which has an oracle of its own; everything else is worked out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import asin, cos, inf, radians, sin, sqrt
from zoneinfo import ZoneInfo

from directory.domain import schedule
from directory.domain.geo import Point
from directory.domain.listings import ListingDraft, Status, Visibility, fold, slug_for
from directory.domain.schedule import TimeFilter, Timetable
from directory.domain.search import Query
from directory.domain.taxonomy import CodeInfo
from tests import factories

RADIUS = 3958.8
FACETS = ("care", "pay", "people", "medication", "access", "languages")
HOME = factories.NEW_YORK


def miles(a: Point, b: Point) -> float:
    """The haversine formula, as textbooks write it."""
    up, over = radians(b.lat - a.lat), radians(b.lon - a.lon)
    h = sin(up / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(over / 2) ** 2
    return 2 * RADIUS * asin(min(1, sqrt(h)))


@dataclass(frozen=True)
class Placed:
    """A listing as the public may find it."""

    draft: ListingDraft
    slug: str
    point: Point | None
    table: Timetable
    words: frozenset[str]

    @property
    def online_only(self) -> bool:
        return self.draft.attendance == "online"


@dataclass(frozen=True)
class Answer:
    """What a search should give: the slugs of its page in order, the number of all matches, and the unknown ones."""

    slugs: list[str]
    total: int
    unknown: dict[str, int]
    distances: dict[str, float | None] = field(default_factory=dict)


class Oracle:
    """The listings of one source over the invented towns of tests/factories.py."""

    def __init__(
        self, drafts: Sequence[ListingDraft], source: str = "world", codes: Sequence[CodeInfo] = factories.CODES
    ) -> None:
        self.codes = {info.code: info for info in codes}
        self.placed = [self._placed(draft, source) for draft in drafts if draft.status is Status.ACTIVE]

    def search(self, query: Query, now: datetime) -> Answer:
        """The answer to this query with the clock at `now`, or at its own `at`."""
        centre, zone = self._place(query)
        moment = self._moment(query, now, zone)
        seen_from = query.tz or zone
        point = None if query.attendance == ("online",) else centre
        found = [one for one in self.placed if self._matches(one, query, point, moment, seen_from)]
        found.sort(key=lambda one: self._key(one, query, point, moment))
        page = found[query.offset : query.offset + query.per_page]
        distances = {one.slug: miles(centre, one.point) if centre and one.point else None for one in page}
        return Answer([one.slug for one in page], len(found), self._unknown(query, point, moment, seen_from), distances)

    # --- where and when ---

    def _place(self, query: Query) -> tuple[Point | None, str]:
        if query.point:
            near = min(factories.TOWNS, key=lambda town: miles(query.point or Point(0, 0), Point(town[3], town[4])))
            return query.point, near[5]
        for name, state, zip_code, lat, lon, zone in factories.TOWNS:
            if query.near in (zip_code, f"{name}, {state}"):
                return Point(lat, lon), zone
        assert not query.near, query.near
        return None, HOME

    def _moment(self, query: Query, now: datetime, zone: str) -> datetime:
        if query.at is None:
            return now
        local = query.tz or zone if not query.has_place else zone
        return (query.at if query.at.tzinfo else query.at.replace(tzinfo=ZoneInfo(local))).astimezone(UTC)

    def _placed(self, draft: ListingDraft, source: str) -> Placed:
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
        city = None if address.visibility is Visibility.HIDDEN else address.city
        return Placed(
            draft=draft,
            slug=slug_for(source, draft.key, draft.name, city),
            point=None if draft.attendance == "online" else point,
            table=Timetable(draft.windows, address.timezone or (town[5] if town else HOME), draft.changes),
            words=self._words(draft),
        )

    def _words(self, draft: ListingDraft) -> frozenset[str]:
        texts = [draft.name, draft.organization, draft.description]
        if draft.address.visibility is not Visibility.HIDDEN:
            texts.append(draft.address.city)
        if draft.address.visibility is Visibility.FULL:
            texts.append(draft.address.name)
        texts += [label for code in draft.codes if code in self.codes for label in self.codes[code].labels.values()]
        return frozenset(word for text in texts if text for word in fold(text).split())

    # --- what ---

    def _matches(
        self, one: Placed, query: Query, point: Point | None, now: datetime, seen_from: str, *, without: str = ""
    ) -> bool:
        draft = one.draft
        ways = {"in-person", "online", "hybrid"} if draft.attendance == "hybrid" else {draft.attendance or "in-person"}
        types = {(code.system, code.code.upper()) for code in draft.codes}
        return (
            (not query.kinds or draft.kind in query.kinds)
            and (point is None or (one.point is not None and miles(point, one.point) <= query.within))
            and (not query.attendance or bool(ways.intersection(query.attendance)))
            and (not query.programs or draft.program in query.programs)
            and (not query.types or any((system, code.upper()) in types for system, code in query.types))
            and all(any(have.startswith(word) for have in one.words) for word in query.words)
            and all(
                name == without
                or not values
                or any(value in [v.lower() for v in getattr(draft, name) or ()] for value in values)
                for name, values in self._asked(query).items()
            )
            and (without == "hours" or self._in_time(one, query.time_filter, now, seen_from))
        )

    def _asked(self, query: Query) -> dict[str, tuple[str, ...]]:
        return {**query.facets, "languages": query.languages}

    def _in_time(self, one: Placed, wanted: TimeFilter, now: datetime, seen_from: str) -> bool:
        return schedule.matches(one.table, wanted, now, seen_from=seen_from if one.online_only else None)

    def _key(self, one: Placed, query: Query, point: Point | None, now: datetime) -> tuple[float, str, str]:
        number = 0.0
        if query.order == "distance":
            assert point
            assert one.point
            number = miles(point, one.point)
        elif query.order == "time":
            wait = schedule.minutes_until_worth_going(one.table, now)
            number = inf if wait is None else wait
        return number, fold(one.draft.name), one.slug

    def _unknown(self, query: Query, point: Point | None, now: datetime, seen_from: str) -> dict[str, int]:
        found = {}
        for name, values in self._asked(query).items():
            if values:
                found["language" if name == "languages" else name] = sum(
                    getattr(one.draft, name) is None and self._matches(one, query, point, now, seen_from, without=name)
                    for one in self.placed
                )
        if query.time_filter.is_set:
            found["open" if query.open_now else "time"] = sum(
                not one.draft.windows and self._matches(one, query, point, now, seen_from, without="hours")
                for one in self.placed
            )
        return found
