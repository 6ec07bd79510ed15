"""Places in line: paused, left, given back, dated back; each with its reason, and never by one person alone where that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial

import pytest

from directory.domain.errors import FootbridgeError, NotFound
from directory.domain.people import UnfitFields
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer
from directory.services.waitlist import entries, locating, offers, requests, settling, slots
from directory.services.waitlist.contacts import contact_note
from directory.services.waitlist.entries import InLine, UnfitReason
from directory.services.waitlist.interim import interim_note
from directory.services.waitlist.locating import StillToTry
from directory.services.waitlist.requests import NobodyToAsk, NotTheDay, ThereIsRoom
from directory.services.waitlist.tiers import tiers_settle
from directory.storage import db
from directory.storage.waitlist import checks, contacts
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.entries import EntryNow
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def waiting(made: World, **facts: str) -> int:
    """The entry of a new client."""
    client = await world.client(made, **facts)
    return await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW)


async def now_of(entry: int) -> EntryNow:
    found = await places.entry(entry)
    assert found is not None
    return found


async def told(entry: int) -> list[tuple[str, dict[str, object]]]:
    """The history of an entry."""
    rows = await db.rows(f"SELECT what, details FROM entry_event WHERE entry_id = {entry} ORDER BY id")
    return [(row["what"], db.from_json(row["details"])) for row in rows]


async def agreed(id: int, made: World, *, agreed: bool = True, after: timedelta = HOUR) -> str:
    """What becomes of a second word that the coordinator gives."""
    return await settling.word_settle(id=id, agreed=agreed, by=made.coordinator, now=NOW + after, settings=SETTINGS)


# --- pausing ---------------------------------------------------------------------------------------------------------


async def test_a_pause_keeps_the_place_and_is_looked_at_again_within_the_days_of_the_line(database: str) -> None:
    """WAITLIST 3.2."""
    made = await world.made()
    entry = await waiting(made)
    for reason, days in (("hospital", 15), ("hospital", -1), ("declined", 3)):
        with pytest.raises(UnfitFields):
            await entries.entry_hold(
                entry=entry, reason=reason, review_on=TODAY + days * DAY, by=made.peer, today=TODAY, now=NOW
            )
    before = await now_of(entry)
    await entries.entry_hold(
        entry=entry, reason="hospital", review_on=TODAY + 14 * DAY, by=made.peer, today=TODAY, now=NOW
    )
    held = await now_of(entry)
    assert (held.status, held.hold_reason, held.review_on) == (Entry.ON_HOLD, "hospital", TODAY + 14 * DAY)
    await entries.entry_resume(entry=entry, by=made.peer, now=NOW + DAY)
    after = await now_of(entry)
    assert (after.status, after.requested_at, after.tie) == (Entry.WAITING, before.requested_at, before.tie)
    with pytest.raises(NoSuchMove):
        await entries.entry_resume(entry=entry, by=made.peer, now=NOW + DAY)


async def test_the_audit_trail_says_nothing_that_follows_from_the_facts_of_a_person(database: str) -> None:
    """WAITLIST 4.3: it is never cleared, and others read it; the history of the place has the rest."""
    made = await world.made()
    entry = await waiting(made, pregnant="yes")
    client = (await now_of(entry)).client
    who = {"by": made.peer, "now": NOW}
    await entries.entry_hold(entry=entry, reason="custody", review_on=TODAY, today=TODAY, **who)
    async with db.staging():
        await db.execute(f"UPDATE entry SET tier = 9 WHERE id = {entry}")
        await tiers_settle(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    upi = (await now_of(entry)).upi
    await interim_note(upi=upi, items={"prenatal-referral": "accepted"}, form="a" * 43, settings=SETTINGS, **who)
    written = await db.rows(f"SELECT action, details FROM audit_entry WHERE subject = 'client {upi}' ORDER BY id")
    actions = [row["action"] for row in written]
    assert actions == ["entry-joined", "entry-held", "entry-tier-raised", "client-interim"]
    assert not {each for each in ("tier", "custody", "prenatal") if each in str([row["details"] for row in written])}
    steps = dict(await told(entry))
    assert (steps["held"]["reason"], steps["tier-raised"]["tier_after"]) == ("custody", 2)


async def test_another_agency_finds_no_entry_to_pause_or_close(database: str) -> None:
    made = await world.made()
    entry = await waiting(made)
    for who in (made.stranger,):
        with pytest.raises(NotFound):
            await entries.entry_resume(entry=entry, by=who, now=NOW)
        with pytest.raises(NotFound):
            await entries.entry_close(entry=entry, reason="withdrew", by=who, now=NOW, settings=SETTINGS)


async def test_of_many_who_do_different_things_with_one_place_at_once_all_that_is_kept_holds_together(
    database: str,
) -> None:
    """WAITLIST 4.1."""
    made = await world.made()
    entry = await waiting(made)

    async def attempt(work: Awaitable[object]) -> bool:
        try:
            await work
        except FootbridgeError:
            return False
        return True

    hold = {"entry": entry, "reason": "hospital", "review_on": TODAY, "by": made.peer, "today": TODAY, "now": NOW}
    close = {"entry": entry, "reason": "withdrew", "by": made.peer, "now": NOW, "settings": SETTINGS}
    done = await asyncio.gather(
        *(attempt(entries.entry_hold(**hold)) for _ in range(4)),  # type: ignore[arg-type]
        *(attempt(entries.entry_close(**close)) for _ in range(4)),  # type: ignore[arg-type]
    )
    assert sum(done[:4]) <= 1
    assert sum(done[4:]) == 1
    assert (await now_of(entry)).status is Entry.CLOSED
    assert await checks.broken() == {}


# --- leaving and coming back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["cannot-locate", "merged", "declined", "too-picky"])
async def test_nobody_is_taken_off_a_line_for_a_reason_that_is_none_or_needs_more(database: str, reason: str) -> None:
    """45 CFR 96.126(d): only refusal, or that somebody cannot be found; a declined offer is no reason (WAITLIST 3.2)."""
    made = await world.made()
    entry = await waiting(made)
    with pytest.raises(UnfitReason):
        await entries.entry_close(entry=entry, reason=reason, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert (await now_of(entry)).status is Entry.WAITING


async def test_a_closing_says_on_whose_side_it_lies_and_ends_a_live_offer(database: str) -> None:
    made = await world.made()
    entry = await waiting(made)
    slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    await entries.entry_close(entry=entry, reason="moved-away", by=made.peer, now=NOW, settings=SETTINGS)
    assert (await told(entry))[-1] == ("closed", {"reason": "moved-away", "attribution": "client"})
    ended = await stored.offer(offer)
    assert ended is not None
    assert ended.status is Offer.DECLINED
    assert await checks.broken() == {}


@pytest.mark.parametrize(
    ("after", "silence", "is_owed", "kept"),
    [
        (30 * DAY, None, False, True),
        (31 * DAY, None, False, False),
        (400 * DAY, "custody", False, True),
        (400 * DAY, "other", False, False),
        (400 * DAY, None, True, True),
    ],
)
async def test_who_comes_back_has_the_old_clock_where_that_is_due(
    database: str, after: timedelta, silence: str | None, is_owed: bool, kept: bool
) -> None:
    """45 CFR 96.126(d); compare 24 CFR 982.204(c)(2)."""
    made = await world.made()
    entry = await waiting(made)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    is_kept = await entries.entry_reinstate(
        entry=entry, silence=silence, reason="came-back", by=made.peer, now=NOW + after, is_owed=is_owed
    )
    found = await now_of(entry)
    assert (is_kept, found.requested_at == NOW) == (kept, kept)
    what, details = (await told(entry))[-1]
    assert (what, details["clock"]) == ("reinstated", "kept" if kept else "new")
    assert details["requested_at"] == found.requested_at.isoformat()


async def test_who_stands_in_the_line_again_is_not_put_into_it_twice(database: str) -> None:
    made = await world.made()
    entry = await waiting(made)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    client = (await now_of(entry)).client
    later = NOW + 31 * DAY
    await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=later)
    with pytest.raises(InLine):
        await entries.entry_reinstate(entry=entry, silence=None, reason="came-back", by=made.peer, now=later)


async def test_a_place_is_given_back_once_however_many_do_it_at_once(database: str) -> None:
    """WAITLIST 4.1."""
    made = await world.made()
    entry = await waiting(made)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)

    async def attempt() -> bool:
        try:
            await entries.entry_reinstate(entry=entry, silence=None, reason="came-back", by=made.peer, now=NOW)
        except FootbridgeError:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(6)))) == 1
    assert [what for what, _ in await told(entry)].count("reinstated") == 1
    assert await checks.broken() == {}


async def test_a_place_that_comes_back_is_never_in_a_worse_group_than_it_was(database: str) -> None:
    """WAITLIST 3.5: priority facts never silently drop a tier."""
    made = await world.made()
    entry = await waiting(made, pregnant="yes")
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    await db.execute(f"UPDATE client_fact SET value = 'no' WHERE client_id = {(await now_of(entry)).client}")
    await entries.entry_reinstate(entry=entry, silence=None, reason="came-back", by=made.peer, now=NOW + DAY)
    assert (await now_of(entry)).tier == 2


# --- dating back -----------------------------------------------------------------------------------------------------


async def test_a_request_is_dated_back_by_a_second_person_with_a_reason_and_audit_alone(database: str) -> None:
    """WAITLIST 3.2."""
    made = await world.made()
    entry, to = await waiting(made), NOW - 9 * DAY
    ask = {"entry": entry, "note": "", "now": NOW, "settings": SETTINGS}
    for moment, reason in ((NOW + HOUR, "old-list"), (NOW - 366 * DAY, "old-list"), (to, "wish")):
        with pytest.raises(UnfitFields):
            await entries.entry_backdate_ask(to=moment, reason=reason, by=made.peer, **ask)  # type: ignore[arg-type]
    word = await entries.entry_backdate_ask(to=to, reason="old-list", by=made.coordinator, **ask)  # type: ignore[arg-type]
    with pytest.raises(settling.OwnWord):
        await agreed(word, made)
    assert (await now_of(entry)).requested_at == NOW
    other = await entries.entry_backdate_ask(to=to, reason="old-list", by=made.peer, **ask)  # type: ignore[arg-type]
    assert other == word


async def test_the_yes_of_a_coordinator_gives_the_older_request(database: str) -> None:
    """WAITLIST 3.2."""
    made = await world.made()
    entry, to = await waiting(made), NOW - 9 * DAY
    word = await entries.entry_backdate_ask(
        entry=entry, to=to, reason="old-list", note="", by=made.peer, now=NOW, settings=SETTINGS
    )
    assert await agreed(word, made) == "agreed"
    assert (await now_of(entry)).requested_at == to
    what, details = (await told(entry))[-1]
    assert (what, details["before"], details["asked_by"]) == ("back-dated", NOW.isoformat(), made.peer.label)
    assert await checks.broken() == {}


# --- somebody who cannot be found ------------------------------------------------------------------------------------


async def tried(client: int, *tries: tuple[int, str, str]) -> None:
    """Contacts of so many days ago, each with route and outcome."""
    async with db.staging():
        for days, route, outcome in tries:
            await contacts.attempt_add(client=client, route=route, outcome=outcome, by="person 1", now=NOW - days * DAY)


async def ways(client: int, *channels: str) -> None:
    async with db.staging():
        for channel in channels:
            await db.insert_many(
                "contact_route",
                ("client_id", "channel", "may_leave_word", "is_shared", "is_agreed", "asks_agreed", "sort"),
                [(client, channel, True, False, False, False, 0)],
            )


ENOUGH = ((9, "call", "word-left"), (5, "text", "word-left"), (1, "call", "no-answer"))


async def test_somebody_who_cannot_be_found_is_taken_off_after_all_conditions_and_a_second_word(database: str) -> None:
    """45 CFR 96.126(d); WAITLIST 3.2."""
    made = await world.made()
    entry = await waiting(made)
    found = await now_of(entry)
    await ways(found.client, "call", "text")
    ask = {"entry": entry, "upi": found.upi, "note": "", "by": made.peer, "now": NOW, "settings": SETTINGS}
    with pytest.raises(StillToTry) as refused:
        await locating.unlocated_ask(**ask)  # type: ignore[arg-type]
    assert refused.value.lacks == ("attempts", "routes", "days", "recent", "notices")
    await tried(found.client, *ENOUGH)
    word = await locating.unlocated_ask(**ask)  # type: ignore[arg-type]
    assert (await now_of(entry)).status is Entry.WAITING
    assert await agreed(word, made) == "agreed"
    closed = await now_of(entry)
    assert (closed.status, closed.close_reason) == (Entry.CLOSED, "cannot-locate")
    assert (await told(entry))[-1][1]["asked_by"] == made.peer.label


@pytest.mark.parametrize("outcome", ["wrong-number", "bounced", "stopped"])
async def test_what_reached_nobodys_telephone_is_no_try(database: str, outcome: str) -> None:
    """WAITLIST 3.2: a STOP or a bounced message is not an attempt."""
    made = await world.made()
    entry = await waiting(made)
    client = (await now_of(entry)).client
    await ways(client, "call", "text")
    await tried(client, *ENOUGH[:2], (1, "call", outcome))
    assert await locating.locate_lacks(client=client, now=NOW) == ("attempts", "days", "recent")


async def test_a_word_from_them_before_the_second_word_keeps_them_in_line(database: str) -> None:
    made = await world.made()
    entry = await waiting(made)
    found = await now_of(entry)
    await ways(found.client, "call", "text")
    await tried(found.client, *ENOUGH)
    word = await locating.unlocated_ask(entry=entry, upi=found.upi, note="", by=made.peer, now=NOW, settings=SETTINGS)
    async with db.staging():
        await contacts.attempt_add(
            client=found.client, route="status", outcome="still-waiting", by="client", now=NOW + HOUR
        )
    assert await agreed(word, made, after=2 * HOUR) == "overtaken"
    assert (await now_of(entry)).status is Entry.WAITING


async def test_who_is_in_hospital_or_custody_is_not_lost(database: str) -> None:
    """WAITLIST 3.2: not on hold for hospital or custody."""
    made = await world.made()
    entry = await waiting(made)
    client = (await now_of(entry)).client
    await ways(client, "call", "text")
    await tried(client, *ENOUGH)
    await entries.entry_hold(entry=entry, reason="custody", review_on=TODAY, by=made.peer, today=TODAY, now=NOW)
    assert await locating.locate_lacks(client=client, now=NOW) == ("hold",)


# --- contacts --------------------------------------------------------------------------------------------------------


async def test_a_contact_is_noted_once_with_its_words_sealed_and_no_word_of_it_in_the_trail(database: str) -> None:
    made = await world.made()
    entry = await now_of(await waiting(made))
    given = {"upi": entry.upi, "route": "call", "by": made.peer, "now": NOW, "settings": SETTINGS, "form": "f" * 43}
    with pytest.raises(UnfitFields):
        await contact_note(outcome="shouted", note="", **given)  # type: ignore[arg-type]
    assert await contact_note(outcome="reached", note="Sister answers", **given)  # type: ignore[arg-type]
    assert not await contact_note(outcome="reached", note="Sister answers", **given)  # type: ignore[arg-type]
    (row,) = await db.rows(f"SELECT * FROM contact_attempt WHERE client_id = {entry.client}")
    assert "Sister" not in str(row)
    (line,) = await db.rows("SELECT details FROM audit_entry WHERE action = 'client-contact'")
    assert db.from_json(line["details"]) == {"contact": row["id"], "route": "call", "outcome": "reached"}


# --- what belongs to a request ---------------------------------------------------------------------------------------


async def reported(made: World, available: int) -> None:
    """What the clinic says of its free places."""
    (row,) = await db.rows(
        f"SELECT g.listing_id FROM program_level l JOIN program g ON g.id = l.program_id WHERE l.id = {made.level}"
    )
    sql = db.Sql()
    values = sql.list(
        (row["listing_id"], made.level, "bed", available, NOW.isoformat() if db.is_sqlite() else NOW, "clerk", "web")
    )
    async with db.staging():
        await db.execute(
            f"INSERT INTO capacity_report (listing_id, level_id, unit, available, as_of, by, via) VALUES ({values})",
            sql.values,
        )


async def test_that_no_program_had_room_counts_on_the_day_of_the_request_and_when_it_is_so(database: str) -> None:
    """45 CFR 96.126(b)(2)."""
    made = await world.made()
    entry = await now_of(await waiting(made, injecting_30d="yes"))
    note = {"entry": entry.id, "upi": entry.upi, "by": made.peer}
    with pytest.raises(NotTheDay):
        await requests.capacity_note(now=NOW + DAY, **note)  # type: ignore[arg-type]
    await reported(made, 2)
    with pytest.raises(ThereIsRoom):
        await requests.capacity_note(now=NOW + HOUR, **note)  # type: ignore[arg-type]
    await reported(made, 0)
    await requests.capacity_note(now=NOW + HOUR, **note)  # type: ignore[arg-type]
    await requests.capacity_note(now=NOW + HOUR, **note)  # type: ignore[arg-type]
    assert (await now_of(entry.id)).no_capacity_on == TODAY
    steps = [details for what, details in await told(entry.id) if what == "no-capacity"]
    assert [step["looked_at"][0][:2] for step in steps] == [[made.level, 0]]  # type: ignore[index]


@pytest.mark.parametrize("reported_before", [False, True])
async def test_a_program_without_a_fresh_report_has_to_be_asked_before_it_counts_as_full(
    database: str, reported_before: bool
) -> None:
    """45 CFR 96.126(b)(2), WAITLIST 3.4: numbers are never inferred from silence."""
    made = await world.made()
    if reported_before:
        await reported(made, 0)
    client = await world.client(made, injecting_30d="yes")
    asked_at = NOW + DAY
    id = await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=asked_at)
    entry = await now_of(id)
    note = partial(requests.capacity_note, entry=entry.id, upi=entry.upi, by=made.peer, now=asked_at)
    for asked in ({}, {made.level: "guess"}, {made.level + 1: "phone"}):
        with pytest.raises(UnfitFields):
            await note(asked=asked)
    assert (await now_of(entry.id)).no_capacity_on is None
    await note(asked={made.level: "phone"})
    assert (await now_of(entry.id)).no_capacity_on == asked_at.date()
    (step,) = [details for what, details in await told(entry.id) if what == "no-capacity"]
    assert step["asked"] == [[made.level, "phone"]]


async def test_where_no_program_gives_openings_nobody_can_say_that_there_is_no_room(database: str) -> None:
    made = await world.made()
    entry = await now_of(await waiting(made, injecting_30d="yes"))
    await db.execute(f"DELETE FROM pool_level WHERE pool_id = {made.pool}")
    with pytest.raises(NobodyToAsk):
        await requests.capacity_note(entry=entry.id, upi=entry.upi, by=made.peer, now=NOW)
    assert (await now_of(entry.id)).no_capacity_on is None


async def test_an_opening_that_is_held_out_is_room(database: str) -> None:
    made = await world.made()
    entry = await now_of(await waiting(made))
    await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    with pytest.raises(ThereIsRoom):
        await requests.capacity_note(entry=entry.id, upi=entry.upi, by=made.peer, now=NOW)


async def test_a_level_is_written_down_with_who_named_it_and_the_second_of_two_tabs_is_refused(database: str) -> None:
    """WAITLIST 1.7: peers record; they do not assign."""
    made = await world.made()
    entry = await now_of(await waiting(made))
    given = {"entry": entry.id, "upi": entry.upi, "by": made.peer, "now": NOW, "version": entry.version}
    for level, who in (("3.5", ""), ("9.9", "Nurse Reed")):
        with pytest.raises(UnfitFields):
            await requests.level_recommend(asam=level, edition="4", recommended_by=who, **given)  # type: ignore[arg-type]
    await requests.level_recommend(asam="3.5", edition="4", recommended_by="Nurse Reed", **given)  # type: ignore[arg-type]
    found = await now_of(entry.id)
    assert (found.asam, found.edition, found.recommended_by) == ("3.5", "4", "Nurse Reed")
    with pytest.raises(NoSuchMove):
        await requests.level_recommend(asam="", edition="", recommended_by="", **given)  # type: ignore[arg-type]
    assert "Reed" not in str(await told(entry.id))
