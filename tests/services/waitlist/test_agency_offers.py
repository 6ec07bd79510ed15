"""Offers as the agency that has the opening sees and answers them: a number first, and a name only with the client's yes and consent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.domain.waitlist.consents import Scope
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.services.sealing import seal
from directory.services.waitlist.agency_answers import agency_answer, opening_end
from directory.services.waitlist.agency_letters import agency_letters_queue
from directory.services.waitlist.agency_offers import (
    AgencyOffer,
    agency_names,
    agency_offer,
    agency_offers,
    agency_offers_waiting,
)
from directory.services.waitlist.consents import consent_revoke
from directory.services.waitlist.offers import offer_make
from directory.services.waitlist.slots import slot_open
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import checks, routes
from directory.storage.waitlist.agency_offers import letters_due
from directory.storage.waitlist.disclosures import of_client, of_offer
from tests import accounts
from tests.accounts import SETTINGS
from tests.services.waitlist import agency, world
from tests.services.waitlist.agency import CALLED, HOUR, NAME, PHONE, day
from tests.services.waitlist.test_offers import states
from tests.services.waitlist.world import NOW, WINDOW, World

ASKS = (("sex", ("female", "other")), ("age", ("18", "")), ("payer", ("medicaid",)), ("medication", ("yes",)))
FACTS = {"sex": "female", "birth_month": "1991-05", "payer": "medicaid", "medication": "yes", "wheelchair": "no"}


async def seen(made: World, offer: int, *, by: Actor | None = None, after: timedelta = timedelta(0)) -> AgencyOffer:
    return await agency_offer(id=offer, by=by or made.clerk, now=NOW + after, settings=SETTINGS)


async def said(made: World, offer: int, answer: str, reason: str = "", *, after: timedelta = timedelta(0)) -> None:
    await agency_answer(offer=offer, answer=answer, reason=reason, by=made.clerk, now=NOW + after, settings=SETTINGS)


# --- what is seen ----------------------------------------------------------------------------------------------------


async def test_before_the_yes_an_agency_sees_a_number_an_age_band_and_what_its_opening_asks_for(database: str) -> None:
    """WAITLIST 4.4; 42 CFR 2.13(a)."""
    made = await world.made()
    offer = await agency.offered(made, *ASKS, **FACTS, pregnant="yes")
    found = await seen(made, offer)
    assert found.known is None
    assert found.ages == (25, 34)
    assert found.facts == {"sex": "female", "payer": "medicaid"}
    assert NAME not in repr(found)
    assert await of_client(await agency.client_of(offer), NOW - HOUR) == []


async def test_after_the_yes_it_sees_what_the_consent_covers_and_that_is_written_down_once(database: str) -> None:
    """42 CFR 2.31(c), 2.32; WAITLIST 4.4."""
    made = await world.made()
    offer = await agency.offered(made, accepted=True, pregnant="yes")
    known = (await seen(made, offer)).known
    assert known is not None
    assert (known.name, known.called, known.priority) == (NAME, CALLED, ("pregnant",))
    assert [(each.to, each.is_shared, each.may_leave_word) for each in known.routes] == [(PHONE, True, False)]
    await seen(made, offer)
    (row,) = await of_offer(await agency.client_of(offer), offer)
    assert set(row.scope) == set(Scope) - {Scope.HAND_OFF}  # that has a page of its own


@pytest.mark.parametrize("scope", [("name",), ("name", "contact"), ("name", "eligibility"), ("contact",)])
async def test_of_what_the_consent_does_not_cover_it_sees_nothing(database: str, scope: tuple[str, ...]) -> None:
    """42 CFR 2.13(a), 2.31(a)(3)."""
    made = await world.made()
    offer = await agency.offered(made, *ASKS, scope=scope, accepted=True, **FACTS, pregnant="yes")
    found = await seen(made, offer)
    assert found.known is not None
    assert bool(found.known.name) is ("name" in scope)
    assert bool(found.known.routes) is ("contact" in scope)
    assert bool(found.facts) is ("eligibility" in scope)
    assert found.known.priority == ()


async def test_a_way_on_which_somebody_said_stop_is_not_told(database: str) -> None:
    """47 CFR 64.1200(a)(10); WAITLIST 1.6."""
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE contact_route SET stopped_at = {sql(to_column(NOW))}", sql.values)
    known = (await seen(made, offer)).known
    assert known is not None
    assert (known.name, known.routes) == (NAME, ())


async def test_once_the_consent_is_taken_back_the_page_has_the_number_alone(database: str) -> None:
    """42 CFR 2.31(a)(6), 2.31(c): at once, and the offer is over."""
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await seen(made, offer)
    client = await agency.client_of(offer)
    (row,) = await of_offer(client, offer)
    assert row.consent is not None
    await consent_revoke(id=row.consent, by=made.peer, now=NOW, settings=SETTINGS)
    found = await seen(made, offer)
    assert (found.known, found.facts, found.ages, found.row.status) == (None, {}, None, Offer.CANCELLED)


async def test_a_consent_that_has_run_out_shows_no_name_though_the_offer_lives(database: str) -> None:
    """42 CFR 2.31(c)."""
    made = await world.made()
    client = await agency.somebody(made)
    await agency.consent(client, made.clinic, expires_on=day(1))
    offer = await agency.offered(made, client=client, accepted=True)
    assert (await seen(made, offer)).known is not None
    found = await seen(made, offer, after=timedelta(days=2))
    assert (found.row.status, found.known) == (Offer.ACCEPTED, None)


async def test_what_was_told_can_be_looked_at_for_seven_days_after_the_end(database: str) -> None:
    """WAITLIST 4.4: access ends 7 days after close."""
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await seen(made, offer)
    await said(made, offer, "arrived")
    week = timedelta(days=7)
    still = await seen(made, offer, after=week - timedelta(seconds=1))
    assert still.known is not None
    assert still.known.name == NAME
    assert (await seen(made, offer, after=week)).known is None


async def test_what_nobody_looked_at_in_time_is_not_told_after_the_end(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await said(made, offer, "cancelled")
    assert (await seen(made, offer, after=HOUR)).known is None
    assert await of_offer(await agency.client_of(offer), offer) == []


@pytest.mark.parametrize(("scope", "shown"), [(("name",), False), (("name", "eligibility"), True)])
async def test_an_agency_that_knows_whose_number_it_is_sees_before_the_yes_what_was_agreed_to(
    database: str, scope: tuple[str, ...], shown: bool
) -> None:
    """42 CFR 2.13(a), 2.31(c): beside a name that was told once, what the opening asks for is told too, and written down."""
    made = await world.made()
    first = await agency.offered(made, *ASKS, scope=scope, accepted=True, **FACTS)
    await seen(made, first)
    await said(made, first, "no-show")
    client = await agency.client_of(first)
    (entry,) = await db.rows(f"SELECT entry_id AS id FROM offer WHERE id = {first}")
    slot = await slot_open(level=made.level, restrictions=ASKS, by=made.clerk, now=NOW)
    second = await offer_make(slot=slot, entry=entry["id"], by=made.peer, now=NOW, settings=SETTINGS)
    found = await seen(made, second)
    assert found.known is None
    assert (bool(found.facts), bool(found.ages)) == (shown, shown)
    assert [row.scope for row in await of_offer(client, second)] == ([("eligibility",)] if shown else [])


async def test_what_is_told_on_another_consent_is_written_down_anew(database: str) -> None:
    """42 CFR 2.24, 2.25, 2.31(c): told on one that was taken back is not told on the other."""
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await seen(made, offer)
    client = await agency.client_of(offer)
    (first,) = await of_offer(client, offer)
    assert first.consent is not None
    second = await agency.consent(client, made.clinic, ("name", "contact"))
    await consent_revoke(id=first.consent, by=made.peer, now=NOW, settings=SETTINGS)
    for _ in range(2):
        assert (await seen(made, offer)).known is not None
    rows = [(row.consent, row.scope) for row in await of_offer(client, offer)]
    assert rows == [(first.consent, first.scope), (second, ("contact", "name"))]


async def test_a_new_number_is_told_and_written_down_while_the_offer_lives_and_not_after(database: str) -> None:
    """42 CFR 2.24, 2.25; WAITLIST 4.4."""
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await seen(made, offer)
    client = await agency.client_of(offer)
    await _way(client, "555-0177")
    for _ in range(2):
        known = (await seen(made, offer)).known
        assert known is not None
        assert [way.to for way in known.routes] == [PHONE, "555-0177"]
    rows = await of_offer(client, offer)
    assert [set(row.scope) for row in rows] == [set(Scope) - {Scope.HAND_OFF}, {"contact"}]
    assert "555" not in str(rows)
    await said(made, offer, "arrived")
    await _way(client, "555-0188")
    still = (await seen(made, offer)).known
    assert still is not None
    assert [way.to for way in still.routes] == [PHONE, "555-0177"]


async def _way(client: int, to: str) -> None:
    columns = {"channel": "call", "sealed": seal({"to": to}, SETTINGS), "may_leave_word": True}
    async with db.staging():
        await routes.add(client, columns | {"is_shared": False, "is_agreed": False, "asks_agreed": False})


async def test_offers_of_another_agency_are_not_there_and_only_editors_answer(database: str) -> None:
    made, other = await world.made(), await world.made()
    offer = await agency.offered(made, accepted=True)
    with pytest.raises(NotFound):
        await seen(made, offer, by=other.clerk)
    with pytest.raises(NotFound):
        await agency_answer(offer=offer, answer="seen", by=other.clerk, now=NOW, settings=SETTINGS)
    for by in (made.peer, made.coordinator, made.stranger):
        with pytest.raises(Denied):
            await seen(made, offer, by=by)
    assert await agency_offers(by=other.clerk, now=NOW, settings=SETTINGS) == ((), False)


async def test_the_page_has_the_telephone_of_the_peers_where_a_listing_of_theirs_has_one(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made)
    assert (await seen(made, offer)).phones == ()
    async with db.staging():
        sql = db.Sql()
        phones = sql('[{"number":"555-0100"}]')
        (row,) = await db.rows(f"UPDATE listing SET phones = {phones} RETURNING id", sql.values)
        sql = db.Sql()
        await db.execute(
            "INSERT INTO claim (agency_id, listing_id, status, asked_by, asked_at) "
            f"VALUES ({made.agency}, {row['id']}, 'approved', 'test', {sql(to_column(NOW))})",
            sql.values,
        )
    assert [each.number for each in (await seen(made, offer)).phones] == ["555-0100"]


async def test_every_look_is_in_the_access_log_without_a_name(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await seen(made, offer)
    await seen(made, offer)
    rows = await db.rows("SELECT action, subject, details FROM access_entry WHERE action = 'see'")
    assert len(rows) == 2
    assert NAME not in str(rows)
    assert '"offer":' in str(rows[0]["details"])


async def test_the_names_of_a_list_are_those_that_were_told_for_seven_days_and_each_look_is_kept(database: str) -> None:
    """WAITLIST 4.4."""
    made = await world.made()
    offer, unread = await agency.offered(made, accepted=True), await agency.offered(made, accepted=True)
    await seen(made, offer)
    await said(made, offer, "arrived")
    await said(made, unread, "arrived")

    async def names(after: timedelta) -> dict[int, str]:
        rows, _more = await agency_offers(by=made.clerk, now=NOW + after, settings=SETTINGS)
        return await agency_names(rows=rows, by=made.clerk, now=NOW + after, settings=SETTINGS)

    assert await names(HOUR) == {offer: NAME}
    assert await names(timedelta(days=7)) == {}
    rows = await db.rows("SELECT details FROM access_entry WHERE action = 'see'")
    assert len([row for row in rows if '"list"' in str(row["details"])]) == 1
    assert NAME not in str(rows)


async def test_the_list_has_what_waits_first_and_what_ended_for_thirty_days(database: str) -> None:
    made = await world.made()
    first, second = await agency.offered(made), await agency.offered(made)
    await said(made, first, "reject", "other", after=HOUR)
    found, is_more = await agency_offers(by=made.clerk, now=NOW + HOUR, settings=SETTINGS)
    assert ([each.id for each in found], is_more) == ([second, first], False)
    later, _ = await agency_offers(by=made.clerk, now=NOW + timedelta(days=31), settings=SETTINGS)
    assert first not in [each.id for each in later]


async def test_an_offer_whose_time_is_over_ends_when_somebody_looks(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made)
    after = timedelta(minutes=WINDOW)
    assert (await seen(made, offer, after=after)).row.status is Offer.EXPIRED
    with pytest.raises(NoSuchMove):
        await said(made, offer, "agree", after=after)
    assert await checks.broken() == {}


# --- what is answered ------------------------------------------------------------------------------------------------


async def test_looking_says_nothing_and_each_answer_counts_once(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made)
    row = (await seen(made, offer)).row
    assert (row.acknowledged_at, row.agreed_at) == (None, None)
    for after in (HOUR, 2 * HOUR):
        await said(made, offer, "seen", after=after)
        await said(made, offer, "agree", after=after)
    row = (await seen(made, offer, after=2 * HOUR)).row
    assert (row.acknowledged_at, row.agreed_at, row.status) == (NOW + HOUR, NOW + HOUR, Offer.PENDING)
    events = await db.rows(f"SELECT what FROM entry_event WHERE offer_id = {offer} ORDER BY id")
    assert [each["what"] for each in events] == ["offered", "offer-acknowledged", "offer-agreed"]


async def test_what_waits_for_a_word_is_counted_until_it_is_said(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made)
    assert await agency_offers_waiting(by=made.clerk, now=NOW) == 1
    assert await agency_offers_waiting(by=made.peer, now=NOW) == 0
    await said(made, offer, "seen")
    assert await agency_offers_waiting(by=made.clerk, now=NOW) == 0


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize(
    ("reason", "slot"),
    [("not-eligible-sex", Slot.OPEN), ("cannot-meet-medical", Slot.OPEN), ("full-after-all", Slot.CLOSED)],
)
async def test_a_refusal_needs_a_reason_and_takes_nobody_off_the_line(
    database: str, accepted: bool, reason: str, slot: Slot
) -> None:
    made = await world.made()
    offer = await agency.offered(made, ASKS[0], accepted=accepted, **FACTS)
    for wrong in ("", "not-eligible-age", "they are strange"):
        with pytest.raises(UnfitFields):
            await said(made, offer, "reject", wrong)
    await said(made, offer, "reject", reason)
    await said(made, offer, "reject", reason, after=HOUR)
    status, entry, of_slot = await states(offer)
    assert status is (Offer.WITHDRAWN if slot is Slot.CLOSED and not accepted else Offer.REJECTED)
    assert (entry, of_slot) == (Entry.WAITING, slot)
    assert await checks.broken() == {}


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        ("arrived", (Offer.ADMITTED, Entry.PLACED, Slot.FILLED)),
        ("no-show", (Offer.NO_SHOW, Entry.WAITING, Slot.OPEN)),
        ("cancelled", (Offer.CANCELLED, Entry.WAITING, Slot.OPEN)),
    ],
)
async def test_what_came_of_the_arrival_is_said_once_and_only_after_a_yes(
    database: str, answer: str, after: tuple[Offer, Entry, Slot]
) -> None:
    made = await world.made()
    pending = await agency.offered(made)
    with pytest.raises(NoSuchMove):
        await said(made, pending, answer)
    offer = await agency.offered(made, accepted=True)
    await said(made, offer, answer)
    await said(made, offer, answer, after=HOUR)
    assert await states(offer) == after
    other = "no-show" if answer != "no-show" else "arrived"
    with pytest.raises(NoSuchMove):
        await said(made, offer, other)
    assert await checks.broken() == {}


@pytest.mark.parametrize("accepted", [False, True])
async def test_an_opening_that_is_held_goes_back_only_with_its_offer(database: str, accepted: bool) -> None:
    """WAITLIST 3.4: an agency may not close a held opening without withdrawing the offer with a reason."""
    made = await world.made()
    offer = await agency.offered(made, accepted=accepted)
    slot = (await seen(made, offer)).row.slot
    with pytest.raises(UnfitFields):
        await opening_end(slot=slot, reason="because", by=made.clerk, now=NOW, settings=SETTINGS)
    for _ in range(2):
        await opening_end(slot=slot, reason="staff", by=made.clerk, now=NOW, settings=SETTINGS)
    status, entry, of_slot = await states(offer)
    assert status is (Offer.REJECTED if accepted else Offer.WITHDRAWN)
    assert (entry, of_slot) == (Entry.WAITING, Slot.CLOSED)
    assert (await seen(made, offer)).row.end_reason == "staff"
    assert await checks.broken() == {}


async def test_an_opening_that_somebody_has_come_to_cannot_be_taken_back(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    await said(made, offer, "arrived")
    slot = (await seen(made, offer)).row.slot
    with pytest.raises(NoSuchMove):
        await opening_end(slot=slot, reason="staff", by=made.clerk, now=NOW, settings=SETTINGS)


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_answers_at_the_same_moment_one_counts(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    answers = ["arrived", "no-show", "cancelled", "reject"] * 2
    tried = [said(made, offer, each, "other") for each in answers]
    found = await asyncio.gather(*tried, return_exceptions=True)
    assert {type(each) for each in found} <= {type(None), NoSuchMove}
    ends = await db.rows(f"SELECT what FROM entry_event WHERE offer_id = {offer} AND what LIKE 'offer-%'")
    assert len(ends) == 2  # the yes, and one end
    assert await checks.broken() == {}


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_many_who_open_the_page_at_once_what_is_told_is_written_down_once(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    found = await asyncio.gather(*(seen(made, offer) for _ in range(8)))
    assert all(each.known is not None and each.known.name == NAME for each in found)
    assert len(await of_offer(await agency.client_of(offer), offer)) == 1


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_consent_that_is_taken_back_while_somebody_looks_is_seen_by_whoever_comes_after(database: str) -> None:
    """42 CFR 2.31(c): looked at in the transaction that tells."""
    made = await world.made()
    client = await agency.somebody(made)
    consent = await agency.consent(client, made.clinic)
    offer = await agency.offered(made, client=client, accepted=True)
    revoking = consent_revoke(id=consent, by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    *_, last = await asyncio.gather(*(seen(made, offer, after=HOUR) for _ in range(4)), revoking)
    assert last == 1
    assert (await seen(made, offer, after=HOUR)).known is None
    assert await checks.broken() == {}


# --- letters ---------------------------------------------------------------------------------------------------------


async def letters() -> list[dict[str, object]]:
    return await db.rows(
        "SELECT recipient, template, words, dedup_key FROM outbox WHERE template = 'agency-update' ORDER BY id"
    )


async def test_editors_get_a_letter_for_each_turn_of_an_offer_that_says_nothing(database: str) -> None:
    made = await world.made()
    person = await accounts.joined(Role.EDITOR, made.clinic, "clerk@example.org")
    made = replace(made, clerk=Actor(person.id, (Grant(Role.EDITOR, made.clinic),)))
    offer = await agency.offered(made)
    for expected in (1, 0):
        assert await agency_letters_queue(now=NOW, settings=SETTINGS) == expected
    assert await letters_due(NOW, 10) == []  # what is queued is not looked at again
    after = timedelta(minutes=WINDOW)
    await seen(made, offer, after=after)
    for expected in (1, 0):
        assert await agency_letters_queue(now=NOW + after, settings=SETTINGS) == expected
    await agency.offered(made, accepted=True)
    assert await agency_letters_queue(now=NOW, settings=SETTINGS) == 1
    found = await letters()
    assert {each["recipient"] for each in found} == {"clerk@example.org"}
    assert [str(each["dedup_key"]).split()[2] for each in found] == ["made", "ended", "accepted"]
    assert all(db.from_json(each["words"]) == {"link": "http://localhost/desk/offers"} for each in found)


async def test_no_letter_goes_out_for_what_the_agency_did_itself_or_what_is_long_over(database: str) -> None:
    made = await world.made()
    await accounts.joined(Role.EDITOR, made.clinic, "clerk@example.org")
    offer = await agency.offered(made)
    await said(made, offer, "reject", "other")
    assert await agency_letters_queue(now=NOW, settings=SETTINGS) == 0
    second = await agency.offered(made)
    await seen(made, second, after=timedelta(minutes=WINDOW))
    assert await agency_letters_queue(now=NOW + timedelta(days=2), settings=SETTINGS) == 0
    await agency.offered(made)
    assert await agency_letters_queue(now=NOW, settings=replace(SETTINGS, smtp_url="")) == 0
