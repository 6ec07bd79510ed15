"""What is cleared after its time, what is kept, and that nothing is cleared that is still needed (WAITLIST 4.4)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.errors import NotFound
from directory.services.audit import audit_verify
from directory.services.sealing import seal
from directory.services.waitlist import appeals, entries, interim, offers, slots
from directory.services.waitlist import contacts as contacting
from directory.services.waitlist.codes import code_issue
from directory.services.waitlist.retention import codes_expire, retention_due, retention_run
from directory.services.waitlist.status import WrongCode, code_enter
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import checks, contacts, disclosures, routes
from directory.storage.waitlist import clients as stored
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

SETTINGS = Settings(env="test")
DAY = timedelta(days=1)
YEAR = timedelta(days=366)
SECRET = "Robin Reed 555-555-0107"


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def somebody(made: World, *, is_closed: bool = True) -> int:
    """A client of whom all sorts of things are known, whose only line ended now."""
    client = await world.client(made, pregnant="yes")
    entry = await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW)
    sealed = seal({"note": SECRET}, SETTINGS)
    async with db.staging():
        await stored.change(client, 1, sealed=sealed)
        await stored.keys_replace(client, [("name", "0" * 64)])
        await routes.add(
            client,
            {"channel": "text", "sealed": sealed, "is_agreed": True, "is_shared": False, "may_leave_word": False},
        )
        await contacts.attempt_add(client=client, route="call", outcome="reached", by="test", now=NOW, sealed=sealed)
        sql = db.Sql()
        await db.execute(f"UPDATE consent SET sealed = {sql(sealed)} WHERE client_id = {client}", sql.values)
        await disclosures.add(
            client=client, consent=None, agency=made.clinic, offer=None, scope=["name"], basis="consent", notice="x 1",
            sealed=sealed, by="test", at=NOW,
        )  # fmt: skip
        await db.execute(
            "INSERT INTO appeal (entry_id, about, sealed, status, by, at) "
            f"VALUES ({entry}, 'closed', {(own := db.Sql())(sealed)}, 'upheld', 'test', {own(to_column(NOW))})",
            own.values,
        )
        await db.execute(
            f"UPDATE entry SET recommended_by = 'Dr. Heron', asam = '3.5', edition = '4' WHERE id = {entry}"
        )
    slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    who = {"by": made.peer, "now": NOW}
    agreed = {"reason": "asked-for", "second": made.coordinator}  # whoever else stands in the line by now
    offer = await offers.offer_make(slot=slot, entry=entry, **who, **agreed, settings=SETTINGS)
    await db.execute(f'UPDATE offer SET facts = \'{{"pregnant":"yes"}}\' WHERE id = {offer}')
    await offers.offer_decline(offer=offer, **who, reason="not-now", settings=SETTINGS)
    await entries.entry_hold(entry=entry, reason="custody", review_on=TODAY, today=TODAY, **who)
    if is_closed:
        await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    return client


async def left(client: int) -> dict[str, int]:
    """How many rows still hold words, by table; of keys and facts how many rows there are."""
    own = {
        "client": f"client WHERE id = {client} AND sealed IS NOT NULL",
        "key": f"client_key WHERE client_id = {client}",
        "route": f"contact_route WHERE client_id = {client} AND sealed IS NOT NULL",
        "contact": f"contact_attempt WHERE client_id = {client} AND sealed IS NOT NULL",
        "fact": f"client_fact WHERE client_id = {client}",
        "level": f"entry WHERE client_id = {client} AND recommended_by IS NOT NULL",
        "facts of an offer": f"offer WHERE client_id = {client} AND facts <> '{{}}'",
        "why held": f"entry_event v JOIN entry e ON e.id = v.entry_id WHERE e.client_id = {client} "
        "AND CAST(v.details AS text) LIKE '%custody%'",
        "appeal": f"appeal a JOIN entry e ON e.id = a.entry_id WHERE e.client_id = {client} AND a.sealed IS NOT NULL",
        "consent": f"consent WHERE client_id = {client} AND sealed IS NOT NULL",
        "disclosure": f"disclosure WHERE client_id = {client} AND sealed IS NOT NULL",
    }
    return {name: (await db.rows(f"SELECT COUNT(*) AS n FROM {text}"))[0]["n"] for name, text in own.items()}


async def run(days: float) -> dict[str, int]:
    return await retention_run(by="test", now=NOW + days * DAY)


PAPERS = {"consent": 1, "disclosure": 1}
OF_PLACES = ("level", "facts of an offer", "why held")
ALL = dict.fromkeys(("client", "key", "route", "contact", "fact", "appeal", *OF_PLACES), 1) | PAPERS


async def test_twelve_months_after_the_last_line_ended_all_goes_but_the_papers(made: World) -> None:
    """WAITLIST 4.4."""
    client = await somebody(made)
    assert (await run(364))["client"] == 0
    assert await left(client) == ALL
    assert (await run(366))["client"] == 1
    assert {name: count for name, count in (await left(client)).items() if count} == PAPERS
    assert await checks.broken() == {}


async def test_the_papers_go_six_years_after_they_last_counted(made: World) -> None:
    """45 CFR 164.316(b)(2)(i), 164.530(j); WAITLIST 4.4."""
    client = await somebody(made)
    await run(366)
    assert (await run(6 * 365))["papers"] == 0
    assert await left(client) == dict.fromkeys(ALL, 0) | PAPERS
    assert (await run(6 * 365 + 120))["papers"] == 1
    assert not any((await left(client)).values())


async def test_whoever_stands_in_a_line_is_never_touched(made: World) -> None:
    client = await somebody(made, is_closed=False)
    assert (await run(4000))["client"] == 0
    assert await left(client) == ALL


async def test_a_second_line_that_is_open_keeps_all(made: World) -> None:
    client = await somebody(made)
    await entries.entry_join(client=client, pool=made.pool, tie=7, by=made.peer, now=NOW + YEAR)
    assert (await run(800))["client"] == 0
    assert await left(client) == ALL


async def test_a_legal_hold_keeps_all_of_it(made: World) -> None:
    client = await somebody(made)
    async with db.staging():
        row = await stored.by_id(client)
        assert row is not None
        await stored.change(client, row.version, legal_hold=True)
    assert (await run(4000))["client"] == 0
    assert await left(client) == ALL


async def test_an_open_appeal_keeps_all_of_it(made: World) -> None:
    client = await somebody(made)
    async with db.staging():
        await db.execute("UPDATE appeal SET status = 'open'")
    assert (await run(800))["client"] == 0
    assert await left(client) == ALL


async def test_who_was_merged_goes_with_the_person_they_are(made: World) -> None:
    kept, gone = await somebody(made, is_closed=False), await world.client(made)
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = {kept}, sealed = 'x' WHERE id = {gone}")
    assert (await run(800))["client"] == 0
    async with db.staging():
        await db.execute(f"DELETE FROM appeal WHERE entry_id IN (SELECT id FROM entry WHERE client_id = {kept})")
    (entry,) = await db.rows(f"SELECT id FROM entry WHERE client_id = {kept}")
    await entries.entry_close(entry=entry["id"], reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    assert (await run(800))["client"] == 2


async def test_a_dry_run_says_what_would_go_by_numbers_and_changes_nothing(made: World) -> None:
    client = await somebody(made)
    row = await stored.by_id(client)
    assert row is not None
    assert (await retention_due(now=NOW + YEAR))["client"] == [f"client {row.upi}"]
    assert await left(client) == ALL


async def test_who_was_cleared_is_neither_written_to_nor_put_back_in_line(made: World) -> None:
    """WAITLIST 4.4; looked at in the transaction that would write it."""
    client = await somebody(made)
    row = await stored.by_id(client)
    assert row is not None
    (entry,) = await db.rows(f"SELECT id FROM entry WHERE client_id = {client}")
    await run(366)
    who = {"by": made.peer, "now": NOW + YEAR}
    form = {"form": "f" * 43, "settings": SETTINGS} | who
    for tried in (
        contacting.contact_note(upi=row.upi, route="call", outcome="reached", note=SECRET, **form),
        interim.interim_note(upi=row.upi, items={"hiv-tb-education": "offered"}, **form),
        appeals.appeal_make(entry=entry["id"], upi=row.upi, about="closed", words=SECRET, **form),
        entries.entry_reinstate(entry=entry["id"], silence=None, reason="came-back", is_owed=True, **who),
        entries.entry_join(client=client, pool=made.pool, tie=1, **who),
    ):
        with pytest.raises(NotFound):
            await tried
    assert await checks.broken() == {}


async def test_words_about_somebody_who_was_cleared_are_found(made: World) -> None:
    client = await somebody(made)
    await run(366)
    async with db.staging():
        sealed = seal({"note": SECRET}, SETTINGS)
        await contacts.attempt_add(client=client, route="call", outcome="reached", by="test", now=NOW, sealed=sealed)
    assert await checks.broken() == {"cleared-but-known": [client]}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contact_route SET sealed = 'x'",
        "INSERT INTO client_fact (client_id, code, value, source, observed_on, by, at) "
        "SELECT client_id, 'veteran', 'yes', 'client', requested_at, 'test', requested_at FROM entry",
    ],
)
async def test_how_to_reach_somebody_and_what_is_known_of_them_are_found_too(made: World, statement: str) -> None:
    client = await somebody(made)
    await run(366)
    async with db.staging():
        await db.execute(statement)
    assert await checks.broken() == {"cleared-but-known": [client]}


async def test_the_card_of_somebody_who_was_cleared_opens_nothing_and_one_that_would_is_found(made: World) -> None:
    """WAITLIST 4.2, 4.4."""
    client = await somebody(made)
    code = await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    await run(366)
    assert await checks.broken() == {}
    with pytest.raises(WrongCode):
        await code_enter(typed=code, address="", now=NOW + 366 * DAY, settings=SETTINGS)
    async with db.staging():
        await db.execute("UPDATE status_code SET revoked_at = NULL")
    (kept,) = await db.rows("SELECT id FROM status_code")
    assert await checks.broken() == {"cleared-but-with-a-code": [kept["id"]]}


async def test_once_more_does_no_harm_and_the_trail_has_one_line_for_each_and_holds(made: World) -> None:
    for _ in range(3):
        await somebody(made)
    assert [(await run(400))["client"] for _ in range(2)] == [3, 0]
    found = await db.rows("SELECT subject, details FROM audit_entry WHERE action = 'cleared'")
    assert len({row["subject"] for row in found}) == len(found) == 3
    assert SECRET not in str(found)
    assert (await audit_verify(settings=SETTINGS)).holds


@pytest.mark.parametrize("engine", ["postgres"])
async def test_two_that_clear_at_once_clear_each_row_once(made: World) -> None:
    for _ in range(4):
        await somebody(made)
    both = await asyncio.gather(run(400), run(400))
    assert sum(found["client"] for found in both) == 4
    assert len(await db.rows("SELECT 1 FROM audit_entry WHERE action = 'cleared'")) == 4


async def test_calls_that_were_settled_go_after_90_days_and_waiting_ones_stay(made: World) -> None:
    async with db.staging():
        for settled in (NOW, None):
            sql = db.Sql()
            values = sql.list(["en", "settled" if settled else "waiting", to_column(NOW), to_column(settled), 1])
            await db.execute(
                f"INSERT INTO intake (language, status, at, settled_at, version) VALUES ({values})", sql.values
            )
    assert [(await run(days))["intake"] for days in (89, 91, 92)] == [0, 1, 0]
    assert [row["status"] for row in await db.rows("SELECT status FROM intake")] == ["waiting"]


async def test_what_peers_wrote_to_their_supervisors_goes_after_12_months_with_debriefs_and_old_standing_in(
    made: World,
) -> None:
    async with db.staging():
        peer, boss = await world.account(made.peer), await world.account(made.coordinator)
        then, old = to_column(NOW), to_column(NOW - 400 * DAY)
        sealed = seal({"words": SECRET}, SETTINGS)
        await db.insert_many(
            "supervision",
            ("id", "agency_id", "peer_id", "supervisor_id", "by", "at"),
            [(1, made.agency, peer, boss, "test", old)],
        )
        columns = ("supervision_id", "kind", "sealed", "author_id", "at")
        await db.insert_many("supervision_note", columns, [(1, "note", sealed, peer, then)])
        await db.insert_many(
            "debrief",
            ("agency_id", "person_id", "check_in_id", "at", "done_at", "outcome"),
            [(made.agency, peer, 1, then, then, "fine"), (made.agency, peer, 2, then, None, None)],
        )
        days = [(to_column(TODAY), None), (to_column(TODAY + 90 * DAY), then), (to_column(TODAY + 90 * DAY), None)]
        await db.insert_many(
            "cover",
            ("agency_id", "away_id", "stand_in_id", "from_on", "by", "at", "until_on", "ended_at"),
            [(made.agency, peer, boss, to_column(TODAY), "test", then, *each) for each in days],
        )
    kinds = ("supervision-note", "debrief", "cover")
    found = [await run(days) for days in (364, 367, 368)]
    assert [[each[kind] for kind in kinds] for each in found] == [[0, 0, 0], [1, 1, 2], [0, 0, 0]]
    assert [row["sealed"] for row in await db.rows("SELECT sealed FROM supervision_note")] == [None]
    assert [row["check_in_id"] for row in await db.rows("SELECT check_in_id FROM debrief")] == [2]
    assert len(await db.rows("SELECT 1 FROM cover")) == 1
    said = await db.rows("SELECT chain, subject FROM audit_entry WHERE action = 'cleared' ORDER BY id")
    assert [row["subject"].split()[0] for row in said] == ["supervision_note", "debrief", "cover", "cover"]
    assert {row["chain"] for row in said} == {f"agency {made.agency}"}


async def test_a_card_is_good_for_90_days_after_the_last_line_ended(made: World) -> None:
    """WAITLIST 4.2."""
    client = await somebody(made)
    code = await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    assert [await codes_expire() for _ in range(2)] == [1, 0]
    assert await code_enter(typed=code, address="", now=NOW + 89 * DAY, settings=SETTINGS)
    with pytest.raises(WrongCode):
        await code_enter(typed=code, address="", now=NOW + 91 * DAY, settings=SETTINGS)
    await entries.entry_join(client=client, pool=made.pool, tie=9, by=made.peer, now=NOW + 80 * DAY)
    await codes_expire()
    assert await code_enter(typed=code, address="", now=NOW + 95 * DAY, settings=SETTINGS)
