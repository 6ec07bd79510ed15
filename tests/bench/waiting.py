"""Generated lines of people who wait, put straight into the tables: as many agencies, peers and lines as so many people need.

A line holds 250 people, an agency ten lines, a peer 60 people. Who somebody is stays one sealed text for all: to open it costs the
same, and nobody is called by it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from directory.domain.waitlist.codes import code_of, fingerprint
from directory.services.sealing import seal
from directory.services.waitlist.codes import pepper
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import dumps, to_column

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PER_LINE, LINES_OF_AGENCY, PER_PEER, OPENINGS, PLACED = 250, 10, 60, 12, 40
CARE = ("residential", "detox", "outpatient", "intensive-outpatient", "medication")
TIERS = (1, 2, 3, 9)
WEIGHTS = (2, 3, 15, 80)
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was made: ids of lines and openings, one peer with 60 people, some codes of cards, and how many entries there are."""

    lines: tuple[int, ...]
    openings: tuple[int, ...]
    agency: int
    clinic: int
    peer: int
    codes: tuple[str, ...]
    clients: tuple[int, ...]
    size: int
    now: datetime = NOW

    def openings_of(self, line: int) -> tuple[int, ...]:
        """The openings of a line."""
        return self.openings[(line - 1) * OPENINGS : line * OPENINGS]


async def fill(url: str, people: int, *, per_line: int = PER_LINE) -> Waiting:
    """Fills an empty, migrated database with so many people, each in one line."""
    settings = Settings(env="test", database_url=url)
    async with db.connect(url):
        rng = random.Random(people)
        lines = max(1, people // per_line)
        agencies = max(1, lines // LINES_OF_AGENCY)
        async with db.transaction():
            await _staff(rng, agencies, people)
            await _lines(lines, agencies)
        codes = await _people(rng, people, lines, agencies, per_line, settings)
        await _settled()
        openings = await _openings(lines)
        found = await db.rows("SELECT id, client_id FROM entry ORDER BY id LIMIT 500")
    return Waiting(
        lines=tuple(range(1, lines + 1)),
        openings=openings,
        agency=1,
        clinic=agencies + 1,
        peer=1,
        codes=tuple(codes),
        clients=tuple(row["client_id"] for row in found),
        size=people,
    )


async def _settled() -> None:
    """What a database does by itself after a while: it learns how its rows lie, and counts on from the last id."""
    if not db.is_sqlite():
        for table in (
            "agency",
            "person",
            "location",
            "source",
            "listing",
            "program",
            "program_level",
            "pool",
            "client",
            "entry",
        ):
            await db.rows(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
    await db.execute("ANALYZE")


async def _put(table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    names = tuple(columns.split())
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        await db.insert_many(table, names, [[to_column(value) for value in row] for row in batch])


async def _staff(rng: random.Random, agencies: int, people: int) -> None:
    peers = max(agencies, people // PER_PEER)
    homes = [(id, f"Peers {id}", "peer") for id in range(1, agencies + 1)]
    clinics = [(agencies + id, f"Clinic {id}", "treatment") for id in range(1, agencies + 1)]
    await _put(
        "agency",
        "id name kind timezone is_demo created_at",
        [(*row, "America/New_York", False, NOW) for row in (*homes, *clinics)],
    )
    await _put(
        "person",
        "id email name language is_demo created_at version",
        [(id, f"peer{id}@example.org", f"Peer {id}", "en", True, NOW, 1) for id in range(1, peers + 1)],
    )
    await _put(
        "role_grant",
        "person_id agency_id role trusted granted_by granted_at",
        [(id, (id - 1) % agencies + 1, "peer", False, "bench", NOW) for id in range(1, peers + 1)],
    )
    await _put(
        "location",
        "id country visibility timezone approximate",
        [(id, "US", "full", "America/New_York", False) for id in range(1, agencies + 1)],
    )
    await _put("source", "id name format is_demo created_at", [(1, "bench", "bench", False, NOW)])
    await _put(
        "listing",
        "id slug source_id source_key location_id kind name status changes phones urls content_hash version created_at updated_at",
        [
            (
                id,
                f"clinic-{id}",
                1,
                str(id),
                id,
                "treatment",
                f"Clinic {id}",
                "active",
                "[]",
                "[]",
                "[]",
                "",
                1,
                NOW,
                NOW,
            )
            for id in range(1, agencies + 1)
        ],
    )
    await _put(
        "program",
        "id agency_id listing_id name is_funded created_at version",
        [(id, agencies + id, id, "Beds", True, NOW, 1) for id in range(1, agencies + 1)],
    )


async def _lines(lines: int, agencies: int) -> None:
    def home(line: int) -> int:
        return (line - 1) % agencies + 1

    numbers = range(1, lines + 1)
    await _put(
        "program_level",
        "id program_id name care unit reminders created_at version",
        [(id, home(id), f"Level {id}", CARE[id % len(CARE)], "bed", True, NOW, 1) for id in numbers],
    )
    await _put(
        "pool",
        "id agency_id name care area timezone is_funded window_minutes exact_numbers is_demo created_at version",
        [
            (id, home(id), f"Line {id}", CARE[id % len(CARE)], "[]", "America/New_York", True, 240, True, False, NOW, 1)
            for id in numbers
        ],
    )
    await _put("pool_level", "pool_id level_id", [(id, id) for id in numbers])


async def _people(
    rng: random.Random, people: int, lines: int, agencies: int, per_line: int, settings: Settings
) -> list[str]:
    sealed = seal({"name": "Robin Reed", "called": "Robin", "born": "", "note": ""}, settings)
    to = seal({"to": "555-0107", "times": "after 5 pm", "note": ""}, settings)
    key = pepper(settings)
    codes = [code_of(rng.getrandbits(65)) for _ in range(200)]
    peers = max(agencies, people // PER_PEER)
    kept = min(PER_PEER, people // agencies)

    def line_of(id: int) -> int:
        return min((id - 1) // per_line + 1, lines)

    def home(id: int) -> int:
        return (line_of(id) - 1) % agencies + 1

    def peer_of(id: int) -> int:
        """The first peer has the first people, whoever else is drawn among those of the agency."""
        if id <= kept:
            return 1
        own = range(home(id) + (agencies if home(id) == 1 and peers > agencies else 0), peers + 1, agencies)
        return own[rng.randrange(len(own))]

    numbers = range(1, people + 1)
    asked = {id: NOW - timedelta(minutes=rng.randrange(60 * 24 * 200)) for id in numbers}
    tiers = {id: rng.choices(TIERS, WEIGHTS)[0] for id in numbers}
    held = {id for id in numbers if rng.random() < 0.05}
    async with db.transaction():
        await _put(
            "client",
            "id upi agency_id peer_id sealed language is_demo created_by created_at legal_hold version",
            (
                (id, f"{id:012}", home(id), peer_of(id), sealed, "en", False, "bench", asked[id], False, 1)
                for id in numbers
            ),
        )
        await _put(
            "contact_route",
            "client_id channel sealed may_leave_word is_shared is_agreed asks_agreed sort",
            ((id, "call", to, True, False, False, False, 0) for id in numbers),
        )
        await _put("client_fact", "client_id code value source observed_on by at", _facts(numbers, tiers, rng))
        await _put(
            "consent",
            "client_id scope agencies purpose form signed_on expires_on until_event may_revoke_told consequences_told "
            "redisclosure_told by at",
            (
                (
                    id,
                    dumps(["name", "contact"]),
                    dumps([agencies + home(id)]),
                    "placement",
                    "screen",
                    TODAY - timedelta(days=30),
                    TODAY + timedelta(days=300),
                    False,
                    True,
                    False,
                    False,
                    "bench",
                    asked[id],
                )
                for id in numbers
                if rng.random() < 0.9
            ),
        )
        await _put(
            "entry",
            "id client_id pool_id status tier requested_at tie hold_reason review_on created_by created_at version",
            (
                (
                    id,
                    id,
                    line_of(id),
                    "on-hold" if id in held else "waiting",
                    tiers[id],
                    asked[id],
                    rng.randrange(2**31),
                )
                + (("hospital", TODAY + timedelta(days=rng.randrange(-3, 12))) if id in held else (None, None))
                + ("bench", asked[id], 1)
                for id in numbers
            ),
        )
        await _put(
            "entry_event",
            "entry_id at by what before after details",
            ((id, asked[id], "bench", "joined", None, "waiting", "{}") for id in numbers),
        )
        await _put(
            "entry_event",
            "entry_id at by what before after details",
            ((id, NOW, "bench", "held", "waiting", "on-hold", "{}") for id in sorted(held)),
        )
        await _put(
            "contact_attempt",
            "client_id at route outcome by",
            (
                (id, NOW - timedelta(days=rng.randrange(1, 60)), "call", rng.choice(("reached", "no-answer")), "bench")
                for id in numbers
                for _ in range(3)
            ),
        )
        await _put("standing", "id ahead waiting low high over_a_year few history_days as_of", _standings(numbers, rng))
        await _put(
            "status_code",
            "client_id hash created_at",
            ((id, fingerprint(_code(id, codes, rng), key), asked[id]) for id in numbers),
        )
        await _placed(rng, people, lines, home, line_of)
    return codes


async def _placed(
    rng: random.Random, people: int, lines: int, home: Callable[[int], int], line_of: Callable[[int], int]
) -> None:
    """Those of each line who were admitted in the last three months, after an offer that somebody else had let go by."""
    steps = (("joined", None, "waiting"), ("offered", "waiting", "offered"), ("offer-accepted", "offered", "accepted"))
    steps = (*steps, ("offer-admitted", "accepted", "placed"))
    numbers = {people + place + 1: place % lines + 1 for place in range(PLACED * lines)}
    ended = {id: NOW - timedelta(hours=rng.randrange(1, 24 * 85)) for id in numbers}
    begun = {id: ended[id] - timedelta(days=rng.randrange(2, 80)) for id in numbers}
    agency = {line_of(id): home(id) for id in range(1, people + 1)}
    await _put(
        "client",
        "id upi agency_id sealed language is_demo created_by created_at legal_hold version",
        (
            (id, f"{id:012}", agency[line], None, "en", False, "bench", begun[id], False, 1)
            for id, line in numbers.items()
        ),
    )
    await _put(
        "entry",
        "id client_id pool_id status tier requested_at tie created_by created_at closed_at version",
        (
            (id, id, line, "placed", rng.choices(TIERS, WEIGHTS)[0], begun[id], 1, "bench", begun[id], ended[id], 1)
            for id, line in numbers.items()
        ),
    )
    await _put(
        "entry_event",
        "entry_id at by what before after details",
        (
            (id, begun[id] + (ended[id] - begun[id]) * place / (len(steps) - 1), "bench", *step, "{}")
            for id in numbers
            for place, step in enumerate(steps)
        ),
    )


def _code(id: int, codes: Sequence[str], rng: random.Random) -> str:
    return codes[id - 1] if id <= len(codes) else code_of(rng.getrandbits(65))


def _facts(numbers: Iterable[int], tiers: dict[int, int], rng: random.Random) -> Iterator[tuple[object, ...]]:
    for id in numbers:
        known = {"sex": rng.choice(("female", "male")), "payer": rng.choice(("medicaid", "private", "self-pay"))}
        known |= {"pregnant": "yes", "sex": "female"} if tiers[id] in (1, 2) else {}
        known |= {"injecting-30d": "yes"} if tiers[id] in (1, 3) else {}
        for code, value in known.items():
            yield id, code, value, "client", TODAY - timedelta(days=10), "bench", NOW


def _standings(numbers: Iterable[int], rng: random.Random) -> Iterator[tuple[object, ...]]:
    for id in numbers:
        yield id, rng.randrange(PER_LINE), PER_LINE, 14, 56, False, False, 90, TODAY


async def _openings(lines: int) -> tuple[int, ...]:
    """Some openings for each line."""
    async with db.transaction():
        await _put(
            "slot",
            "level_id status restrictions created_by created_at version",
            [
                (id, "open", dumps([["payer", ["medicaid", "private"]]]), "bench", NOW, 1)
                for id in range(1, lines + 1)
                for _ in range(OPENINGS)
            ],
        )
    return tuple(row["id"] for row in await db.rows("SELECT id FROM slot ORDER BY id"))
