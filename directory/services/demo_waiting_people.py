"""The invented people who wait, as their rows: sealed like everybody's, with contacts, interim services and consents as peers would have kept them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random

from directory.domain.waitlist.clocks import INJECTING, PREGNANT, Tier, interim_items
from directory.domain.waitlist.facts import CLIENT, CLINICIAN, YES, Fact
from directory.domain.waitlist.known import Known, to_sealed
from directory.domain.waitlist.people_made import Made
from directory.domain.waitlist.routes import CALL, EMAIL, TEXT, Way
from directory.domain.waitlist.simulated import Place
from directory.domain.waitlist.states import OPEN_ENTRIES
from directory.services.sealing import seal
from directory.services.waitlist.keys import client_keys
from directory.services.waitlist.routes import way_columns
from directory.services.waitlist.taking_on import new_upi
from directory.settings import Settings
from directory.storage import demo_waitlist as storage
from directory.storage.encoding import dumps

SCOPES = ("name", "contact", "eligibility", "priority", "care-wanted", "hand-off")
CONSENT_DAYS = 400
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is on stage: the peer agency with its name, the agencies that a consent can name by their numbers, people by key, and the day."""

    agency: int
    discloser: str
    programs: tuple[int, ...]
    people: Mapping[str, int]
    zone: tzinfo
    now: datetime
    rng: Random
    settings: Settings

    def label(self, key: str) -> str:
        """How the history names somebody."""
        return f"person {self.people[key]}" if key in self.people else key

    def day(self, at: datetime) -> date:
        """The local day of a moment."""
        return at.astimezone(self.zone).date()


@dataclass(slots=True)
class Rows:
    """The rows of all people, each with the place of its person in the list of people in front."""

    routes: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    interim: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)


_CLIENT = (
    *("upi", "agency_id", "peer_id", "sealed", "language", "is_demo", "created_by", "created_at", "legal_hold"),
    *("notice_on", "version"),
)
_ROUTE = ("channel", "sealed", "may_leave_word", "is_shared", "is_agreed", "asks_agreed")
_TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "routes": ("contact_route", ("client_id", *_ROUTE, "sort")),
    "keys": ("client_key", ("client_id", "kind", "hash")),
    "facts": ("client_fact", ("client_id", "code", "value", "source", "observed_on", "expires_on", "by", "at")),
    "contacts": ("contact_attempt", ("client_id", "at", "route", "outcome", "by", "sealed")),
    "interim": ("interim_service", ("client_id", "item", "status", "at", "by")),
    "consents": (
        "consent",
        (
            *("client_id", "scope", "agencies", "purpose", "form", "sealed", "signed_on", "expires_on"),
            *("until_event", "may_revoke_told", "consequences_told", "redisclosure_told", "by", "at"),
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """The ids of the people by their numbers, and of their consents (0 where there is none)."""

    clients: list[int]
    consents: list[int]


async def people_put(people: Sequence[Made], places: Iterable[Place], stage: Stage) -> Waiting:
    """Writes people with all that is known of them. Needs a transaction."""
    by_person: dict[int, list[Place]] = {}
    for place in places:
        by_person.setdefault(place.person, []).append(place)
    clients = await storage.put("client", _CLIENT, [_client(each, stage) for each in people])
    rows = Rows()
    for each in people:
        _fill(rows, each, by_person.get(each.number, []), stage)
    for name in ("routes", "keys", "facts", "contacts", "interim"):
        table, columns = _TABLES[name]
        await storage.put_all(table, columns, _with_ids(getattr(rows, name), clients))
    table, columns = _TABLES["consents"]
    ids = await storage.put(table, columns, _with_ids(rows.consents, clients))
    whose = {row[0]: id for row, id in zip(rows.consents, ids, strict=True)}
    return Waiting(clients, [whose.get(each.number, 0) for each in people])


def _with_ids(rows: Iterable[Row], clients: Sequence[int]) -> list[Row]:
    return [(clients[number], *rest) for number, *rest in rows if isinstance(number, int)]


def _client(each: Made, stage: Stage) -> Row:
    known = Known(each.called, each.name, each.born)
    notice = stage.day(each.created_at) if stage.rng.random() < 0.9 else None
    by = stage.label(each.peer)
    sealed = seal(to_sealed(known), stage.settings)
    peer = stage.people[each.peer]
    return (new_upi(), stage.agency, peer, sealed, each.language, True, by, each.created_at, False, notice, 1)


def _fill(rows: Rows, each: Made, places: Sequence[Place], stage: Stage) -> None:
    ways = _ways(each, stage.rng)
    known = to_sealed(Known(each.called, each.name, each.born))
    for sort, way in enumerate(ways, 1):
        rows.routes.append((each.number, *(way_columns(way, stage.settings)[name] for name in _ROUTE), sort))
    found = client_keys(known, [(way.channel, way.to) for way in ways], stage.settings)
    rows.keys += [(each.number, *key) for key in sorted(found)]
    contacts = _contacts(each, places, stage)
    rows.contacts += [(each.number, at, route, outcome, stage.label(by), None) for at, route, outcome, by in contacts]
    asked = max((at for at, _, outcome, _ in contacts if outcome == "reached"), default=each.created_at)
    rows.facts += [_fact(each, code, value, asked, stage) for code, value in each.facts.items()]
    rows.interim += _interim(each, places, stage)
    rows.consents += _consent(each, stage)


def _ways(each: Made, rng: Random) -> list[Way]:
    is_shared = rng.random() < 0.2
    call = Way(CALL, each.phone, "after 4 pm" if rng.random() < 0.3 else "", may_leave_word=rng.random() < 0.6, is_shared=is_shared)  # fmt: skip
    ways = [call]
    if not is_shared and rng.random() < 0.4:
        ways.append(Way(TEXT, each.phone))
    if rng.random() < 0.2:
        to = f"{each.name.replace(' ', '.').lower()}@demo.example"
        ways.append(Way(EMAIL, to, is_agreed=rng.random() < 0.5))
    return ways


def _fact(each: Made, code: str, value: str, asked: datetime, stage: Stage) -> Row:
    """That somebody injects is asked at each contact (WAITLIST 3.5)."""
    at = asked if code == INJECTING else each.created_at
    on = stage.day(at)
    due = on + timedelta(days=stage.rng.randrange(20, 220)) if (code, value) == (PREGNANT, YES) else None
    source = CLINICIAN if stage.rng.random() < 0.15 else CLIENT
    fact = Fact(code, value, source, on, due)
    return (each.number, code, value, source, on, fact.expires_on, stage.label(each.peer), at)


# --- contacts --------------------------------------------------------------------------------------------------------

Contact = tuple[datetime, str, str, str]


def _contacts(each: Made, places: Sequence[Place], stage: Stage) -> list[Contact]:
    """A talk when they came, then one every two or three weeks for as long as they waited; of some nobody has heard for too long."""
    rng, is_open = stage.rng, any(place.status in OPEN_ENTRIES for place in places)
    until = stage.now if is_open else max((place.events[-1].at for place in places), default=each.created_at)
    is_silent = is_open and rng.random() < 0.14
    found: list[Contact] = [(each.created_at, "visit" if rng.random() < 0.4 else CALL, "came", each.peer)]
    at = each.created_at
    while (at := at + timedelta(days=rng.uniform(9, 24))) < until - timedelta(days=34 if is_silent else 0):
        by = "client" if rng.random() < 0.2 else each.peer
        route, outcome = ("status", "still-waiting") if by == "client" else (CALL, _outcome(rng))
        found.append((_by_day(at, stage), route, outcome, by))
    lost = [place for place in places if place.close_reason == "cannot-locate" and place.closed_at]
    return found + [try_ for place in lost for try_ in _tries(place, each.peer)]


def _by_day(at: datetime, stage: Stage) -> datetime:
    """The same day between 9 and 6 in the evening."""
    wall = at.astimezone(stage.zone).replace(hour=stage.rng.randrange(9, 18), second=0, microsecond=0)
    return min(wall.astimezone(UTC), stage.now)


def _outcome(rng: Random) -> str:
    return rng.choices(("reached", "no-answer", "word-left"), (0.75, 0.15, 0.1))[0]


def _tries(place: Place, peer: str) -> Iterable[Contact]:
    """What has to be tried before somebody counts as impossible to find (WAITLIST 3.2)."""
    assert place.closed_at is not None
    for days, route, outcome in ((10, CALL, "no-answer"), (6, "mail", "word-left"), (1, CALL, "word-left")):
        at = place.closed_at - timedelta(days=days)
        if at > place.requested_at:
            yield at, route, outcome, peer


# --- interim services and consents -----------------------------------------------------------------------------------


def _interim(each: Made, places: Sequence[Place], stage: Stage) -> list[Row]:
    """For those whom the federal order puts first: mostly within 48 hours, sometimes too late, and now and then not at all."""
    tiers = [place for place in places if place.tier <= Tier.INJECTING]
    if not tiers:
        return []
    hours = stage.rng.choices((stage.rng.uniform(0.5, 40), stage.rng.uniform(52, 140), 9e6), (0.86, 0.1, 0.04))[0]
    at = (min(place.requested_at for place in tiers) + timedelta(hours=min(hours, 9e4))).replace(microsecond=0)
    if at >= stage.now or hours > 9e5:
        return []
    said = ("accepted", "offered", "declined")
    facts = {code for code, value in each.facts.items() if value == YES}
    by = stage.label(each.peer)
    return [(each.number, item, stage.rng.choices(said, (6, 3, 1))[0], at, by) for item in interim_items(facts)]


def _consent(each: Made, stage: Stage) -> list[Row]:
    if not each.agrees_to or each.agreed_at is None:
        return []
    on = stage.day(each.agreed_at)
    agencies = dumps([stage.programs[number - 1] for number in each.agrees_to])
    is_paper = stage.rng.random() < 0.3
    words = {"signed_by": each.name, "discloser": stage.discloser, "paper_at": "Binder 2" if is_paper else ""}
    sealed = seal(words, stage.settings)
    last = on + timedelta(days=CONSENT_DAYS)
    if stage.now - each.created_at < timedelta(days=40) and stage.rng.random() < 0.08:
        last = stage.day(stage.now) + timedelta(days=stage.rng.randrange(3, 12))  # it is asked for anew these days
    told = (dumps(list(SCOPES)), agencies, "placement", "paper" if is_paper else "screen", sealed)
    return [(each.number, *told, on, last, False, True, True, True, stage.label(each.peer), each.agreed_at)]
