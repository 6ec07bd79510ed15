"""Two clients who turned out to be one person, made one without losing anything and without waiting longer (WAITLIST 3.6)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from directory.domain.access import Actor, Denied
from directory.domain.errors import FootbridgeError, Settled
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.pairs import MergeRefused
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer
from directory.services.audit import audit_verify
from directory.services.sealing import opened
from directory.services.waitlist import entries, offers, pairs, slots
from directory.services.waitlist.consents import consent_revoke
from directory.services.waitlist.merging import clients_merge, merged_tidy
from directory.services.waitlist.settling import word_settle
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import checks, clients
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored_offers
from directory.storage.waitlist import routes as ways
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.twins import ROSA, colleague, found_for, joined, pair_of, somebody, twins, versions, way
from tests.services.waitlist.world import NOW, TODAY, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def merged(made: World, keep: int, gone: int, by: Actor | None = None) -> str:
    pair = await pair_of(keep, gone)
    seen = await versions(keep, gone)
    return await clients_merge(
        pair=pair, keep=keep, versions=seen, by=by or made.coordinator, now=NOW + 9 * DAY, settings=SETTINGS
    )


async def entry_of(id: int) -> places.EntryNow:
    found = await places.entry(id)
    assert found is not None
    return found


async def offered(made: World, entry: int) -> int:
    slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    return await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW + 8 * DAY, settings=SETTINGS)


async def consented(made: World, client: int, at: datetime) -> int:
    """The id of a consent to the clinic that was given at this moment."""
    (row,) = await db.rows(f"SELECT MAX(id) AS id FROM consent WHERE client_id = {client}")
    sql = db.Sql()
    day = sql(at.date().isoformat()) if db.is_sqlite() else sql(at.date())
    await db.execute(
        f"UPDATE consent SET at = {sql(to_column(at))}, signed_on = {day} WHERE id = {row['id']}", sql.values
    )
    return int(row["id"])


async def revoke(made: World, id: int, at: datetime) -> None:
    await consent_revoke(id=id, by=made.peer, now=at, settings=SETTINGS)


async def holding(*clients: int) -> list[int]:
    """The consents of these that nobody has taken back."""
    ids = ", ".join(str(each) for each in clients)
    text = f"SELECT id FROM consent WHERE client_id IN ({ids}) AND revoked_at IS NULL ORDER BY id"
    return [row["id"] for row in await db.rows(text)]


# --- merging ---------------------------------------------------------------------------------------------------------


async def test_the_earlier_request_counts_and_the_later_entry_ends_as_merged(database: str) -> None:
    """WAITLIST 3.6: merge keeps the earliest request_at that is continuous, keeps both histories."""
    made = await world.made()
    one, other = await twins(made)
    late, early = await joined(made, one, NOW + 5 * DAY), await joined(made, other, NOW)
    upi = await merged(made, one, other)
    kept, gone = await entry_of(early), await entry_of(late)
    assert (kept.status, kept.client, kept.requested_at) == (Entry.WAITING, one, NOW)
    assert (gone.status, gone.client, gone.close_reason) == (Entry.CLOSED, one, "merged")
    row = await clients.by_id(other)
    assert row is not None
    assert row.merged_into == one
    assert upi == kept.upi
    assert [event.what for event in await places.events_of(one)] == ["merged", "closed", "joined", "joined"]
    assert await checks.broken() == {}
    assert (await audit_verify(settings=SETTINGS)).holds


async def test_a_live_offer_goes_with_the_person_to_the_entry_that_stays(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    early, late = await joined(made, one, NOW), await joined(made, other, NOW + DAY)
    offer = await offered_to_later(made, early, late)
    await merged(made, one, other)
    kept = await entry_of(early)
    assert (kept.status, kept.requested_at) == (Entry.OFFERED, NOW)
    (row,) = await db.rows(f"SELECT client_id, entry_id, status FROM offer WHERE id = {offer}")
    assert (row["client_id"], row["entry_id"], row["status"]) == (one, early, "pending")
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW + 8 * DAY + HOUR, settings=SETTINGS)
    assert (await entry_of(early)).status is Entry.ACCEPTED
    assert await checks.broken() == {}


async def offered_to_later(made: World, early: int, late: int) -> int:
    """An offer to the later of two, while the earlier one is on hold."""
    await entries.entry_hold(
        entry=early,
        reason="paperwork",
        review_on=TODAY + 9 * DAY,
        by=made.peer,
        today=TODAY + 8 * DAY,
        now=NOW + 8 * DAY,
    )
    return await offered(made, late)


async def test_two_live_offers_keep_two_clients_apart_until_one_of_them_ends(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    first = await offered(made, await joined(made, one))
    await offered(made, await joined(made, other, NOW + DAY))
    with pytest.raises(MergeRefused) as refused:
        await merged(made, one, other)
    assert refused.value.reason == "both-offered"
    await offers.offer_decline(offer=first, reason="not-now", by=made.peer, now=NOW + 8 * DAY, settings=SETTINGS)
    await merged(made, one, other)
    assert await checks.broken() == {}


async def test_an_entry_that_was_given_up_before_a_new_request_gives_no_earlier_one(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    old = await joined(made, one, NOW - 40 * DAY)
    await entries.entry_close(entry=old, reason="withdrew", by=made.peer, now=NOW - 20 * DAY, settings=SETTINGS)
    still = await joined(made, other, NOW)
    await merged(made, one, other)
    assert (await entry_of(still)).requested_at == NOW
    assert (await entry_of(old)).close_reason == "withdrew"


async def test_who_was_called_impossible_to_find_while_waiting_under_another_number_waited_on(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    old = await joined(made, one, NOW - 40 * DAY)
    still = await joined(made, other, NOW - 10 * DAY)
    async with db.staging():
        closed = to_column(NOW - DAY)
        sql = db.Sql()
        text = f"UPDATE entry SET status = 'closed', closed_at = {sql(closed)}, close_reason = 'cannot-locate' WHERE id = {old}"
        await db.execute(text, sql.values)
    await merged(made, one, other)
    assert (await entry_of(still)).requested_at == NOW - 40 * DAY
    event = await places.last_event(still, "merged")
    assert event is not None
    assert event.details["requested_before"] == (NOW - 10 * DAY).isoformat()


@pytest.mark.parametrize("keeps_first", [True, False])
async def test_a_consent_that_was_taken_back_under_one_number_does_not_hold_under_the_other(
    database: str, keeps_first: bool
) -> None:
    """42 CFR 2.31(a)(6), 2.31(c): the same person; an offer on the older consent ends, and the place stays."""
    made = await world.made()
    one, other = await twins(made)
    first, second = await consented(made, one, NOW), await consented(made, other, NOW - DAY)
    entry = await joined(made, other)
    offer = await offered(made, entry)
    await revoke(made, first, NOW + DAY)
    pair = await pair_of(one, other)
    assert (await pairs.pair_show(id=pair, by=made.coordinator, now=NOW, settings=SETTINGS)).ends_consents
    keep, gone = (one, other) if keeps_first else (other, one)
    await merged(made, keep, gone)
    assert await holding(one, other) == []
    found, ended = await entry_of(entry), await stored_offers.offer(offer)
    assert ended is not None
    assert (found.status, ended.status) == (Entry.WAITING, Offer.DECLINED)
    (line,) = await db.rows("SELECT details FROM audit_entry WHERE action = 'client-merged'")
    assert {"consents": [second], "offers": 1}.items() <= db.from_json(line["details"]).items()
    assert await checks.broken() == {}


async def test_a_consent_that_was_given_after_the_taking_back_or_to_others_holds_after_a_merge(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    await revoke(made, await consented(made, one, NOW), NOW + DAY)
    later = await consented(made, other, NOW + 2 * DAY)
    async with db.staging():
        elsewhere = await world.consent_add(other, made.agency)
    pair = await pair_of(one, other)
    shown = await pairs.pair_show(id=pair, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert not shown.ends_consents
    await merged(made, one, other)
    assert await holding(one, other) == [later, elsewhere]


async def test_the_better_tier_of_both_stays_and_the_newest_fact_of_each_code_counts(database: str) -> None:
    """45 CFR 96.131(a); WAITLIST 3.5: no tier is dropped without a second word."""
    made = await world.made()
    one, other = await twins(made, pregnant="yes")
    first = await joined(made, one)
    await joined(made, other, NOW + DAY)
    await merged(made, one, other)
    assert (await entry_of(first)).tier == Tier.PREGNANT
    assert not await db.rows("SELECT 1 FROM second_word")


@pytest.mark.parametrize(("own", "kept_by"), [(0, "other"), (20, "other"), (60, "own")])
async def test_a_wish_to_date_back_goes_with_the_person_and_of_two_the_earlier_day(
    database: str, own: int, kept_by: str
) -> None:
    """WAITLIST 3.6: nothing is lost, and nobody waits longer for a merging."""
    made = await world.made()
    kept, gone = await twins(made)
    first, later = await joined(made, kept, NOW), await joined(made, gone, NOW + DAY)

    async def back(entry: int, days: int) -> int:
        return await entries.entry_backdate_ask(
            entry=entry,
            to=NOW - days * DAY,
            reason="old-list",
            note="",
            by=made.peer,
            now=NOW + 2 * DAY,
            settings=SETTINGS,
        )

    words = {"other": await back(later, 40), "own": await back(first, own) if own else 0}
    await merged(made, kept, gone)
    rows = await db.rows("SELECT id, client_id, entry_id FROM second_word WHERE status = 'open'")
    assert [(row["id"], row["client_id"], row["entry_id"]) for row in rows] == [(words[kept_by], kept, first)]
    outcome = await word_settle(
        id=words[kept_by], agreed=True, by=made.coordinator, now=NOW + 9 * DAY, settings=SETTINGS
    )
    assert outcome == "agreed"
    assert (await entry_of(first)).requested_at == NOW - (own if kept_by == "own" else 40) * DAY
    assert await checks.broken() == {}


async def test_a_newer_no_asks_for_a_second_word_and_lowers_nobody_by_itself(database: str) -> None:
    made = await world.made()
    one, other = await somebody(made, ROSA, pregnant="yes"), await somebody(made, ROSA, pregnant="no")
    first = await joined(made, one)
    await merged(made, one, other)
    assert (await entry_of(first)).tier == Tier.PREGNANT
    rows = await db.rows("SELECT kind, entry_id FROM second_word WHERE status = 'open'")
    assert [(row["kind"], row["entry_id"]) for row in rows] == [("lower-tier", first)]
    values = await db.rows(f"SELECT value, ended_at FROM client_fact WHERE client_id = {one} ORDER BY id")
    assert [(row["value"], row["ended_at"] is None) for row in values] == [("yes", False), ("no", True)]


async def test_everything_about_the_one_that_goes_belongs_to_the_one_that_stays(database: str) -> None:
    made = await world.made()
    one = await somebody(made, {"called": "Ro"}, phone="555-0101")
    other = await somebody(made, ROSA | {"note": "Call after six"}, phone="555-0101")
    async with db.staging():
        await way(one, "555-0177", is_shared=False)
        await way(other, "555 0177", is_shared=True)
    await merged(made, one, other)
    row = await clients.by_id(one)
    assert row is not None
    assert opened(row.sealed, SETTINGS) == {
        "called": "Ro",
        "name": "Rosa Reed",
        "born": "1990-04-02",
        "note": "Call after six",
    }
    for table in ("consent", "contact_route", "client_key"):
        assert not await db.rows(f"SELECT 1 FROM {table} WHERE client_id = {other}")
    assert len(await db.rows(f"SELECT 1 FROM consent WHERE client_id = {one}")) == 2
    used = {opened(each.sealed, SETTINGS)["to"]: each for each in await ways.of_client(one)}
    assert set(used) == {"555-0101", "555-0177"}
    assert used["555-0177"].is_shared
    assert not used["555-0177"].is_agreed


@pytest.mark.parametrize(("own", "others", "good"), [(True, True, "own"), (False, True, "other"), (True, False, "own")])
async def test_one_status_code_stays_good(database: str, own: bool, others: bool, good: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    async with db.staging():
        for client, name, has_one in ((one, "own", own), (other, "other", others)):
            if has_one:
                sql = db.Sql()
                values = sql.list((client, name, to_column(NOW)))
                text = f"INSERT INTO status_code (client_id, hash, created_at) VALUES ({values})"
                await db.execute(text, sql.values)
    await merged(made, one, other)
    rows = await db.rows(f"SELECT hash FROM status_code WHERE client_id = {one} AND revoked_at IS NULL")
    assert [row["hash"] for row in rows] == [good]


async def test_a_decision_about_a_third_person_holds_for_the_one_that_stays(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    third = await somebody(made, ROSA)
    await pairs.pair_part(id=await pair_of(other, third), by=made.coordinator, now=NOW)
    await merged(made, one, other)
    assert await found_for(one) == 0
    assert await pairs.pairs_waiting(by=made.coordinator, now=NOW) == 0


async def test_a_client_who_has_changed_since_is_looked_at_again(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    pair, seen = await pair_of(one, other), await versions(one, other)
    async with db.staging():
        await clients.change(other, seen[other], language="es")
    with pytest.raises(Settled):
        await clients_merge(pair=pair, keep=one, versions=seen, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert await pairs.pairs_waiting(by=made.coordinator, now=NOW) == 1


async def test_a_second_tap_leads_to_the_same_person_and_another_coordinator_learns_that_it_is_done(
    database: str,
) -> None:
    made = await world.made()
    one, other = await twins(made)
    pair, seen = await pair_of(one, other), await versions(one, other)
    given = {"pair": pair, "keep": one, "versions": seen, "now": NOW, "settings": SETTINGS}
    assert await clients_merge(by=made.coordinator, **given) == await clients_merge(by=made.coordinator, **given)  # type: ignore[arg-type]
    with pytest.raises(Settled):
        await clients_merge(by=colleague(made), **given)  # type: ignore[arg-type]


async def test_a_peer_merges_nobody(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    with pytest.raises(Denied):
        await merged(made, one, other, by=made.peer)


# --- at the same time ------------------------------------------------------------------------------------------------


async def test_nobody_is_offered_anything_who_became_somebody_else_since_they_were_looked_at(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    entry = await joined(made, other)
    slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    opening, pool = (await offers.wished(slot, entry))[1:]
    wish = offers.Wish(opening, await entry_of(entry), pool, made.peer.label)
    await merged(made, one, other)
    with pytest.raises(NoSuchMove):
        async with db.staging():
            await offers.offer_put(wish, NOW + 9 * DAY, SETTINGS)
    assert await checks.broken() == {}


async def test_what_was_written_about_the_one_that_goes_in_the_very_moment_comes_after(database: str) -> None:
    """WAITLIST 4.1: merged while something else is done, which had looked before."""
    made = await world.made()
    one, other = await twins(made)
    early = await joined(made, one)
    await merged(made, one, other)
    async with db.staging():
        await world.consent_add(other, made.clinic)
        late = await places.entry_add(
            client=other, pool=made.pool, tier=2, requested_at=NOW + DAY, tie=1, by="test", now=NOW
        )
        assert late is not None
        await places.event_add(late, "joined", by="test", now=NOW, after="waiting")
    assert await merged_tidy(now=NOW + 10 * DAY, settings=SETTINGS) == 1
    assert await merged_tidy(now=NOW + 10 * DAY, settings=SETTINGS) == 0
    assert len(await db.rows(f"SELECT 1 FROM consent WHERE client_id = {one}")) == 3
    kept, gone = await entry_of(early), await entry_of(late)
    assert (kept.status, kept.tier, gone.status, gone.close_reason) == (Entry.WAITING, 2, Entry.CLOSED, "merged")
    assert await checks.broken() == {}


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_two_merges_at_once_one_is_done(database: str) -> None:
    """WAITLIST 4.1."""
    made = await world.made()
    one, other = await twins(made)
    await joined(made, one)
    await joined(made, other, NOW + DAY)
    pair, seen = await pair_of(one, other), await versions(one, other)
    done = await asyncio.gather(
        *(
            clients_merge(pair=pair, keep=keep, versions=seen, by=by, now=NOW, settings=SETTINGS)
            for keep, by in ((one, made.coordinator), (other, colleague(made)))
        ),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["Settled", "str"]
    assert len(await db.rows("SELECT 1 FROM client WHERE merged_into_id IS NOT NULL")) == 1
    assert await checks.broken() == {}


@pytest.mark.parametrize("engine", ["postgres"])
@pytest.mark.parametrize("what", ["make", "accept", "expire"])
async def test_merged_while_an_offer_is_made_or_ends_leaves_everything_whole(database: str, what: str) -> None:
    """WAITLIST 4.1: merged while offered."""
    made = await world.made()
    one, other = await twins(made)
    early, late = await joined(made, one), await joined(made, other, NOW + DAY)
    pair = await pair_of(one, other)
    if what == "make":
        await entries.entry_hold(
            entry=early, reason="paperwork", review_on=TODAY, by=made.peer, today=TODAY, now=NOW + DAY
        )
        slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
        step = offers.offer_make(slot=slot, entry=late, by=made.peer, now=NOW + 8 * DAY, settings=SETTINGS)
    else:
        offer = await offered_to_later(made, early, late)
        step = ending(what, offer, made)
    seen = await versions(one, other)
    merging = clients_merge(pair=pair, keep=one, versions=seen, by=made.coordinator, now=NOW, settings=SETTINGS)
    done = await asyncio.gather(merging, step, return_exceptions=True)
    assert all(isinstance(each, FootbridgeError) for each in done if isinstance(each, BaseException)), done
    assert await checks.broken() == {}
    assert (
        len(await db.rows(f"SELECT 1 FROM offer WHERE client_id = {other} AND status IN ('pending', 'accepted')")) == 0
    )


async def ending(what: str, offer: int, made: World) -> object:
    if what == "accept":
        return await offers.offer_accept(offer=offer, by=made.peer, now=NOW + 8 * DAY, settings=SETTINGS)
    return await offers.offer_expire(offer=offer, now=NOW + 20 * DAY, settings=SETTINGS)
