"""What oversight sees: counted from what happened, of the lines that are one's own to see, and as a file that says what it is."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.waitlist.clocks import INTERIM
from directory.domain.waitlist.periods import Period, period_of
from directory.domain.waitlist.reports import ALL, Sheet, Told
from directory.services.capacity_notices import notice_send
from directory.services.waitlist import entries, exports, facts, offers, oversight, slots
from directory.services.waitlist.pools import line_change
from directory.services.waitlist.settling import word_settle
from directory.storage import db
from directory.storage import openings as stored_openings
from directory.storage.encoding import to_column
from directory.storage.waitlist import contacts, interim, pools
from tests import openings
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WATCH = Actor(7_000, (Grant(Role.OVERSIGHT),), NOW + HOUR)


def period(code: str = "2026") -> Period:
    found = period_of(code)
    assert found is not None
    return found


async def shown(made: World, code: str, time: str = "2026", *, by: Actor = WATCH, line: bool = True) -> list[Sheet]:
    """The sheets of a report about this line."""
    found = await oversight.report_show(
        code=code, period=period(time), line=made.pool if line else None, by=by, now=NOW, settings=SETTINGS
    )
    return list(found.sheets)


async def waiting(made: World, *, days: float = 0, **facts: str) -> int:
    """The entry of somebody who asked so many days ago."""
    client = await world.client(made, **facts)
    async with db.staging():
        sql = db.Sql()
        signed = to_column((NOW - 100 * DAY).date())
        await db.execute(f"UPDATE consent SET signed_on = {sql(signed)} WHERE client_id = {sql(client)}", sql.values)
    then = NOW - timedelta(days=days)
    return await entries.entry_join(client=client, pool=made.pool, tie=0, by=made.peer, now=then)


async def one(text: str, *values: object) -> dict[str, Any]:
    sql = db.Sql()
    for value in values:
        sql(value)
    (row,) = await db.rows(text.replace("?", db.marker(1)), sql.values)
    return row


async def client_of(entry: int) -> tuple[int, str]:
    row = await one("SELECT c.id, c.upi FROM entry e JOIN client c ON c.id = e.client_id WHERE e.id = ?", entry)
    return row["id"], row["upi"]


async def placed(made: World, entry: int, *, days: float = 0) -> None:
    """Takes an entry through an offer that was made so many days ago, seen after an hour, and admitted after a day."""
    then = NOW - timedelta(days=days)
    slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=then)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=then, settings=SETTINGS)
    await offers.offer_acknowledge(offer=offer, by=made.clerk, now=then + HOUR)
    await offers.offer_accept(offer=offer, by=made.peer, now=then + 2 * HOUR, settings=SETTINGS)
    await offers.offer_admit(offer=offer, by=made.clerk, now=then + DAY, settings=SETTINGS)


async def test_demand_counts_what_was_asked_listed_admitted_and_closed(database: str) -> None:
    """WAITLIST 1.9, 2; 45 CFR 96.126(c)."""
    made = await world.made()
    everybody = [await waiting(made, days=10 + number) for number in range(14)]
    for entry in everybody[2:]:
        await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW - DAY, settings=SETTINGS)
    await waiting(made, days=90)
    tiers, reasons, care = await shown(made, "demand")
    assert tiers.rows[-1] == (ALL, 14, Told.HIDDEN, 0, 12)
    assert reasons.rows == (("withdrew", 12, 12), (ALL, 12, 12))
    assert care.rows[0][:2] == ("residential", 14)
    (_, requested, listed, *_rest) = (await shown(made, "demand", "2026-01"))[0].rows[-1]
    assert (requested, listed) == (0, Told.HIDDEN), "in January nobody asked, and one stood there"


async def test_the_list_at_the_end_of_a_month_is_that_of_its_last_moment(database: str) -> None:
    made = await world.made()
    early = [await waiting(made, days=40) for _ in range(12)]
    await entries.entry_close(entry=early[0], reason="withdrew", by=made.peer, now=NOW - DAY, settings=SETTINGS)
    (january, _, _) = await shown(made, "demand", "2026-01")
    (march, _, _) = await shown(made, "demand", "2026-03")
    assert january.rows[-1][2] == 12
    assert march.rows[-1][2] == 11


async def test_who_was_owed_something_stands_in_the_exceptions_by_number(database: str) -> None:
    """45 CFR 96.126(b), 96.131(d); WAITLIST 1.9, 3."""
    made = await world.made()
    late = await waiting(made, days=15, injecting_30d="yes")
    served = await waiting(made, days=3, injecting_30d="yes")
    await waiting(made, days=30)
    (client, upi), (other, _) = await client_of(late), await client_of(served)
    async with db.staging():
        await interim.items_add(client, dict.fromkeys(INTERIM, "offered"), by="test", now=NOW - 15 * DAY + HOUR)
        await interim.items_add(other, dict.fromkeys(INTERIM, "offered"), by="test", now=NOW - 3 * DAY + HOUR)
    (rows,) = await shown(made, "exceptions", "2026-03")
    assert [(row[0], row[1], row[3]) for row in rows.rows] == [("14-days", upi, 3)]
    assert rows.rows[0][-1] == "no-capacity"
    note = await one("SELECT * FROM access_entry ORDER BY id DESC LIMIT 1")
    assert (note["by"], note["subject"]) == ("person 7000", "oversight exceptions")
    assert "UPI" not in str(note["details"])


async def test_in_a_line_that_the_grant_does_not_pay_for_the_federal_limits_do_not_hold(database: str) -> None:
    made = await world.made()
    await waiting(made, days=15, injecting_30d="yes")
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE pool SET is_funded = {sql(False)} WHERE id = {sql(made.pool)}", sql.values)
    rows = (await shown(made, "exceptions"))[0].rows
    assert {row[0] for row in rows} == {"interim", "14-days"}  # a program that feeds it is paid for
    async with db.staging():
        await pools.level_leave(made.pool, made.level)
    assert (await shown(made, "exceptions"))[0].rows == ()


async def test_a_limit_that_was_passed_stays_in_its_month_when_the_tier_is_lowered(database: str) -> None:
    """45 CFR 96.126(b); the clock ends when two people have agreed, and what was owed until then was owed."""
    made = await world.made()
    entry = await waiting(made, days=15, injecting_30d="yes")
    client, upi = await client_of(entry)
    await facts.fact_end(client=client, code="injecting-30d", by=made.peer, now=NOW - HOUR, settings=SETTINGS)
    (word,) = await db.rows("SELECT id FROM second_word WHERE status = 'open'")
    await word_settle(id=word["id"], agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert (await one("SELECT tier FROM entry WHERE id = ?", entry))["tier"] == 9
    rows = (await shown(made, "exceptions", "2026-03"))[0].rows
    assert [(row[1], row[3], row[6]) for row in rows] == [(upi, 3, NOW)] * len(rows)
    assert "14-days" in {row[0] for row in rows}


async def test_a_limit_that_was_passed_stays_in_its_month_when_the_grant_pays_no_more(database: str) -> None:
    made = await world.made()
    await waiting(made, days=15, injecting_30d="yes")
    late = await waiting(made, days=1, injecting_30d="yes")
    async with db.staging():
        await pools.level_leave(made.pool, made.level)
    pool = await pools.pool(made.pool)
    assert pool is not None
    values = replace(pool.values, is_funded=False)
    await line_change(id=made.pool, version=pool.version, values=values, is_closed=False, by=made.coordinator, now=NOW)
    rows = (await shown(made, "exceptions", "2026-03"))[0].rows
    assert {row[0] for row in rows} == {"interim", "14-days"}
    assert {row[6] for row in rows} == {NOW}
    assert (await client_of(late))[1] not in {row[1] for row in rows}
    await line_change(
        id=made.pool, version=pool.version + 1, values=pool.values, is_closed=False, by=made.coordinator, now=NOW
    )
    assert {row[6] for row in (await shown(made, "exceptions", "2026-03"))[0].rows} == {None}


async def test_a_gap_in_contact_ends_with_a_sign_and_not_with_a_try(database: str) -> None:
    """WAITLIST 1.9, 4."""
    made = await world.made()
    silent, heard = await waiting(made, days=45), await waiting(made, days=45)
    async with db.staging():
        for entry in (silent, heard):
            (client, _) = await client_of(entry)
            sql = db.Sql()
            then = to_column(NOW - 45 * DAY)
            await db.execute(f"UPDATE client SET created_at = {sql(then)} WHERE id = {sql(client)}", sql.values)
            outcome = "reached" if entry == heard else "no-answer"
            await contacts.attempt_add(client=client, route="call", outcome=outcome, by="test", now=NOW - 3 * DAY)
    (sheet,) = await shown(made, "contact")
    (_, upi) = await client_of(silent)
    assert [(row[0], row[-1]) for row in sheet.rows] == [(upi, 45)]


async def test_offers_are_counted_with_their_order_and_how_long_each_step_took(database: str) -> None:
    """WAITLIST 1.9, 5 and 6."""
    made = await world.made()
    for number in range(11):
        await placed(made, await waiting(made, days=20 - number), days=10 - number / 2)
    (order, passed) = await shown(made, "order")
    assert order.rows == (("in-order", 11), (ALL, 11))
    assert passed.rows == ((ALL, 0),)
    (times,) = await shown(made, "times")
    rows = {(row[0], row[1]): row[2:] for row in times.rows}
    assert rows[("offer-admit", ALL)] == (11, 1.0, 1.0)
    assert rows[("offer-acknowledge", ALL)] == (11, 0.0, 0.0)
    assert rows[("request-offer", ALL)] == (11, 7.5, 9.5)
    assert rows[("request-interim", ALL)] == (0, None, None)
    (load,) = await shown(made, "load")
    assert load.rows[0][1:] == (11, 0, 1.0, 0.0, "steady")


async def test_why_those_before_were_not_offered_an_opening_is_counted_by_its_reason(database: str) -> None:
    """WAITLIST 1.9, 5."""
    made = await world.made()
    unsigned = await world.client(made, consent=False)
    await entries.entry_join(client=unsigned, pool=made.pool, tie=0, by=made.peer, now=NOW - 30 * DAY)
    for number in range(11):
        await placed(made, await waiting(made, days=20 - number), days=10 - number / 2)
    (_, passed) = await shown(made, "order")
    assert passed.rows == (("no-consent", 11), (ALL, 11))


async def test_a_notice_stands_with_its_dates_in_each_time_in_which_it_was_open_sent_or_due(database: str) -> None:
    """45 CFR 96.126(a); WAITLIST 1.9, 1."""
    made = await world.made()
    level = await stored_openings.level(made.level)
    assert level is not None
    reached = NOW + 28 * DAY  # the 30th of March, so that it is due in April
    await openings.reported(level, openings.numbers(0, occupied=9, held=0), as_of=reached, now=reached)
    (notice,) = await db.rows(f"SELECT id FROM capacity_notice WHERE level_id = {made.level}")

    async def rows(time: str) -> list[tuple[object, ...]]:
        found = (await shown(made, "capacity", time))[0].rows
        return [row[3:] for row in found if row[0] == level.agency_name]

    due = reached + 7 * DAY
    assert await rows("2026-02") == []
    assert await rows("2026-05") == [(90, reached, due, None, "", "due")], "as long as it is open"
    sent = reached + HOUR
    await notice_send(by=made.clerk, id=notice["id"], sent_to="The State", now=sent)
    for month, number in (("2026-02", 0), ("2026-03", 1), ("2026-04", 1), ("2026-05", 0)):
        assert await rows(month) == [(90, reached, due, sent, "The State", "sent")] * number, month


async def test_disclosures_are_told_for_each_client_by_number(database: str) -> None:
    """42 CFR 2.24, 2.25; WAITLIST 1.9, 7."""
    made = await world.made()
    (client, upi) = await client_of(await waiting(made))
    async with db.staging():
        for days in (1, 2, 400):
            columns = ("client_id", "agency_id", "scope", "basis", "notice", "by", "at")
            at = to_column(NOW - days * DAY)
            await db.insert_many(
                "disclosure", columns, [(client, made.clinic, "[]", "consent", "part2-short", "test", at)]
            )
    (sheet,) = await shown(made, "disclosures")
    assert [row[:3] for row in sheet.rows] == [(upi, 2, 1)]
    assert sheet.rows[0][3] == NOW - DAY


async def test_how_many_waited_as_they_were_told_in_the_last_90_days_is_told_with_its_interval(database: str) -> None:
    """WAITLIST 2.4, 7: each person once, and whoever left without a place apart."""
    made = await world.made()
    columns = (
        "entry_id",
        "issued_on",
        "issued_at",
        "tier",
        "ahead",
        "q10",
        "q50",
        "q90",
        "shown",
        "outcome",
        "resolved_on",
    )
    outcomes = ["inside"] * 9 + ["early", "late"] + ["censored"] * 11
    told = [(await waiting(made), outcome, 1) for outcome in outcomes] + [(await waiting(made), "late", 91)]
    rows = [
        (entry, to_column((NOW - 120 * DAY).date()), to_column(NOW - 120 * DAY), 9, 1, 7.0, 14.0, 28.0, "7-28", outcome,
         to_column((NOW - days * DAY).date()))
        for entry, outcome, days in told
    ]  # fmt: skip
    async with db.staging():
        await db.insert_many("estimate_issued", columns, rows)
    (sheet,) = await shown(made, "estimate")
    assert sheet.rows[-1] == (ALL, 11, 11, 82, 52, 95, 9, 9, "sound")


async def test_a_coordinator_sees_the_lines_of_their_own_agency_and_no_other(database: str) -> None:
    own, other = await world.made(), await world.made()
    await waiting(other, days=15, injecting_30d="yes")
    (rows,) = await shown(own, "exceptions", by=own.coordinator, line=False)
    assert rows.rows == ()
    with pytest.raises(NotFound):
        await shown(other, "exceptions", by=own.coordinator)
    for nobody in (own.peer, own.clerk):
        with pytest.raises(Denied):
            await shown(own, "demand", by=nobody)
    seen = await oversight.lines_seen(by=own.coordinator, now=NOW)
    assert [each.id for each in seen] == [own.pool]


@pytest.mark.parametrize("code", oversight.REPORTS)
async def test_every_report_can_be_made_of_nothing(database: str, code: str) -> None:
    made = await world.made()
    assert await shown(made, code)


async def test_there_is_no_report_of_another_name(database: str) -> None:
    made = await world.made()
    with pytest.raises(NotFound):
        await shown(made, "names")


async def test_what_is_wrong_now_is_counted_for_the_first_page(database: str) -> None:
    made = await world.made()
    await waiting(made, days=15, injecting_30d="yes")
    found = dict(await oversight.troubles(by=made.coordinator, now=NOW))
    assert (found["exceptions"], found["estimate"], found["load"]) == (2, 0, 0)


async def test_a_file_holds_the_notice_first_codes_alone_and_a_manifest_that_fits(database: str) -> None:
    """42 CFR 2.32; WAITLIST 4.4."""
    made = await world.made()
    (_, upi) = await client_of(await waiting(made, days=15, injecting_30d="yes"))
    made_by = Actor(7_001, (Grant(Role.COORDINATOR, made.agency),), NOW + HOUR)
    found = await exports.report_export(
        code="exceptions",
        period=period("2026-Q1"),
        line=made.pool,
        by=made_by,
        now=NOW,
        language="en",
        settings=SETTINGS,
    )
    with zipfile.ZipFile(BytesIO(found.content)) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        sheet = archive.read("exceptions.csv").decode()
        assert "42 CFR part 2" in archive.read(names[0]).decode()
    assert names == ["1-notice.txt", "exceptions.csv", "manifest.json"]
    assert upi in sheet
    assert manifest["made_by"] == "person 7001"
    assert (manifest["period"]["code"], manifest["line"]) == ("2026-Q1", made.pool)
    assert list(manifest["rules"]) == [str(made.pool)]
    note = await one("SELECT * FROM access_entry WHERE action = 'export' ORDER BY id DESC LIMIT 1")
    assert db.from_json(note["details"])["sha256"] == found.sha256 == sha256(found.content).hexdigest()


async def test_a_file_keeps_small_numbers_back_as_the_page_does(database: str) -> None:
    """WAITLIST 1.9."""
    made = await world.made()
    for _ in range(3):
        await waiting(made)
    found = await exports.report_export(
        code="demand",
        period=period(),
        line=made.pool,
        by=replace(WATCH, fresh_until=NOW + HOUR),
        now=NOW,
        language="en",
        settings=SETTINGS,
    )
    with zipfile.ZipFile(BytesIO(found.content)) as archive:
        rows = archive.read("demand-tier.csv").decode().splitlines()
    assert rows == [
        "tier,requested,listed,admitted,removed",
        "9,suppressed,suppressed,0,0",
        "all,suppressed,suppressed,0,0",
    ]


async def test_a_file_takes_a_fresh_sign_in(database: str) -> None:
    made = await world.made()
    stale = Actor(7_002, (Grant(Role.OVERSIGHT),), NOW - HOUR)
    with pytest.raises(Denied) as denied:
        await exports.report_export(
            code="demand", period=period(), line=None, by=stale, now=NOW, language="en", settings=SETTINGS
        )
    assert denied.value.reason == "sign-in-again"
    assert await shown(made, "demand", by=stale)
