"""The lines of the demonstration: true to life on the first day, still sound a week later, and in the order that the law asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.domain.waitlist.board import Why
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.facts import CLIENT, Fact
from directory.domain.waitlist.known import Known
from directory.domain.waitlist.periods import period_of
from directory.domain.waitlist.states import CLOSE_REASONS
from directory.services.audit import audit_verify
from directory.services.demo_people import demo_actors
from directory.services.demo_waitlist import demo_codes_shown, demo_waitlist_load
from directory.services.seeding import demo_remove
from directory.services.waitlist.board import ALL, Filters, board_show
from directory.services.waitlist.codes import code_issue
from directory.services.waitlist.entries import entry_join
from directory.services.waitlist.estimates import estimates_refresh
from directory.services.waitlist.offers import offer_make, offers_expire
from directory.services.waitlist.oversight import report_show
from directory.services.waitlist.status import code_enter, status_show
from directory.services.waitlist.taking_on import client_add
from directory.settings import Settings
from directory.storage import accounts, db
from directory.storage.waitlist import checks, consents, facts, pools
from tests.county import clock, county
from tests.factories import NOW, one_value, settings_for

pytestmark = pytest.mark.may_block("the copy of the county is opened as a command would")
WEEK = timedelta(days=7)


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    """Those of an open copy of the county."""
    url = county(tmp_path)
    async with db.connect(url):
        yield settings_for(url)


async def counted(column: str, table: str, where: str = "1 = 1") -> dict[str, int]:
    found = await db.rows(f"SELECT {column} AS code, COUNT(*) AS n FROM {table} WHERE {where} GROUP BY {column}")
    return {row["code"]: row["n"] for row in found}


async def test_everything_that_must_be_so_is_so_and_the_audit_trail_is_whole(settings: Settings) -> None:
    assert await checks.broken() == {}
    assert (await audit_verify(settings=settings)).holds


async def test_people_stand_in_every_state_and_have_left_for_every_reason(settings: Settings) -> None:
    states = await counted("status", "entry")
    assert set(states) == {"waiting", "on-hold", "offered", "accepted", "placed", "closed"}
    assert 90 <= sum(states[each] for each in ("waiting", "on-hold", "offered", "accepted")) <= 150
    assert states["placed"] > 200
    assert set(await counted("close_reason", "entry", "status = 'closed'")) == set(CLOSE_REASONS)
    ended = {"admitted", "declined", "expired", "rejected", "no-show", "cancelled"}
    assert ended | {"pending", "accepted"} == set(await counted("status", "offer"))
    assert {"open", "held", "filled", "closed"} == set(await counted("status", "slot"))


async def test_each_queue_has_something_to_decide(settings: Settings) -> None:
    words = await counted("kind", "second_word", "status = 'open'")
    assert set(words) == {"back-date", "import", "lower-tier", "out-of-order"}
    assert await counted("status", "appeal") == {"open": 2, "overturned": 1}
    assert await counted("status", "client_pair") == {"open": 1, "same": 1}
    assert await counted("status", "intake") == {"waiting": 3}
    assert await counted("status", "line_import") == {"waiting": 1}


async def test_the_board_of_a_peer_has_all_that_can_be_due(settings: Settings) -> None:
    peer = (await demo_actors())["peer"]
    found = await board_show(filters=Filters(ALL), by=peer, now=NOW, settings=settings)
    wanted = {Why.TAKING_ON, Why.PREGNANT, Why.INTERIM, Why.ADMIT_BY, Why.OFFER, Why.CONTACT, Why.HOLD, Why.CONSENT}
    assert wanted <= set(found.counts)
    own = await board_show(filters=Filters(), by=peer, now=NOW, settings=settings)
    assert 10 < own.people < found.people
    assert all(card.called for card in own.cards)


async def test_the_reports_show_exceptions_of_each_kind_and_estimates_that_mostly_came_true(settings: Settings) -> None:
    """45 CFR 96.126(b), 96.126(f); WAITLIST 1.9, 2.2."""
    period = period_of(str(NOW.year))
    assert period

    async def rows(code: str) -> tuple[tuple[object, ...], ...]:
        by = (await demo_actors())["oversight"]
        return (await report_show(code=code, period=period, line=None, by=by, now=NOW, settings=settings)).sheets[0].rows  # fmt: skip

    assert {row[0] for row in await rows("exceptions")} == {"interim", "14-days", "120-days"}
    assert await rows("contact")
    assert await rows("capacity")
    assert len(await rows("order")) > 2
    whole = (await rows("estimate"))[-1]
    assert whole[-1] == "sound"


async def test_nobody_goes_before_those_whom_the_law_puts_first(settings: Settings) -> None:
    """45 CFR 96.131(a): of all placed those of the federal tiers waited less by half."""
    days = (
        "SELECT AVG(julianday(o.ended_at) - julianday(e.requested_at)) FROM entry e JOIN offer o ON o.entry_id = e.id "
        "WHERE o.status = 'admitted' AND e.tier {0} 3"
    )
    first, others = [await one_value(days.replace("{0}", sign)) for sign in ("<=", ">")]
    assert first < others / 2
    assert int(Tier.INJECTING) == 3


async def test_two_cards_open_the_pages_of_two_people_after_every_start(settings: Settings) -> None:
    codes = await demo_codes_shown(now=NOW, settings=settings)
    assert len(set(codes)) == 2
    states = []
    for code in codes:
        session = await code_enter(typed=code.lower(), address="192.0.2.7", now=NOW, settings=settings)
        shown = await status_show(session=session, now=NOW, settings=settings)
        assert shown
        states.append(shown.lines[0].status.value)
    assert states == ["waiting", "on-hold"]
    assert await demo_codes_shown(now=NOW + WEEK, settings=settings) == codes


async def test_a_card_that_was_made_anew_is_not_shown_any_more(settings: Settings) -> None:
    peer, codes = (await demo_actors())["peer"], await demo_codes_shown(now=NOW, settings=settings)
    await code_enter(typed=codes[0], address="192.0.2.7", now=NOW, settings=settings)
    client = await one_value("SELECT client_id FROM status_code WHERE seen_at IS NOT NULL")
    await code_issue(client=client, by=peer, now=NOW, settings=settings)
    assert await demo_codes_shown(now=NOW, settings=settings) == codes[1:]


async def test_another_secret_makes_other_cards_of_which_none_is_shown(settings: Settings) -> None:
    other = settings_for(settings.database_url, secret="o" * 40)
    assert await demo_codes_shown(now=NOW, settings=other) == ()


async def test_a_week_later_all_is_sound_still_and_the_offers_of_today_have_ended(settings: Settings) -> None:
    later = NOW + WEEK
    assert await offers_expire(now=later, settings=settings) == 5
    assert await estimates_refresh(clock=lambda: later, draws=20) == 6
    assert await checks.broken() == {}
    peer = (await demo_actors())["peer"]
    assert (await board_show(filters=Filters(), by=peer, now=later, settings=settings)).due


async def test_loading_it_again_where_it_is_changes_nothing(settings: Settings) -> None:
    before = await one_value("SELECT COUNT(*) FROM entry_event")
    await demo_waitlist_load(clock=clock, settings=settings, only_if_missing=True)
    assert await one_value("SELECT COUNT(*) FROM entry_event") == before


async def test_what_tells_who_somebody_is_lies_sealed_like_anybodys(settings: Settings) -> None:
    for table in ("client", "contact_route", "consent", "intake", "line_import", "appeal"):
        assert await one_value(f"SELECT COUNT(*) FROM {table} WHERE sealed IS NOT NULL") > 0
        told = "sealed LIKE '%555-01%' OR sealed LIKE '%Ashpond%' OR sealed LIKE '%hospital%'"
        assert await one_value(f"SELECT COUNT(*) FROM {table} WHERE {told}") == 0


async def test_a_real_person_with_an_invented_opening_waits_again_when_the_demonstration_goes(
    settings: Settings,
) -> None:
    async with db.staging():
        agency = await accounts.agency_add(name="Marsh Peers", kind="peer", timezone="America/New_York", now=NOW)
        pool = await pools.pool_add(agency=agency, name="Beds", care="detox", timezone="UTC", minutes=240, now=NOW)
        by = Actor(9_000, (Grant(Role.PEER, agency),), NOW + WEEK)
        known = Known("Reed")
        client = await client_add(
            agency=agency, known=known, language="en", ways=(), peer=None, by=by, now=NOW, settings=settings
        )
        row = await db.rows(
            "SELECT s.id, s.level_id, p.agency_id FROM slot s JOIN program_level v ON v.id = s.level_id "
            "JOIN program p ON p.id = v.program_id WHERE s.status = 'open' AND v.name = 'Detox' ORDER BY s.id LIMIT 1"
        )
        await pools.level_join(pool, row[0]["level_id"])
        await consents.add(_consent(client, row[0]["agency_id"]))
        for code, value in (("birth-month", "1980-01"), ("payer", "medicaid")):
            await facts.add(client, Fact(code, value, CLIENT, NOW.date()), by="test", now=NOW)
    entry = await entry_join(client=client, pool=pool, tie=1, by=by, now=NOW)
    await offer_make(slot=row[0]["id"], entry=entry, by=by, now=NOW, settings=settings)
    assert await one_value("SELECT status FROM entry WHERE id = {0}", entry) == "offered"
    await demo_remove(now=NOW, by="test")
    assert await one_value("SELECT status FROM entry WHERE id = {0}", entry) == "waiting"
    assert [await one_value(f"SELECT COUNT(*) FROM {table}") for table in ("client", "entry", "offer")] == [1, 1, 0]
    assert await checks.broken() == {}


def _consent(client: int, agency: int) -> dict[str, object]:
    told = {"may_revoke_told": True, "consequences_told": True, "redisclosure_told": True}
    days = {"signed_on": NOW.date(), "expires_on": NOW.date() + WEEK, "until_event": False}
    who = {"client_id": client, "scope": '["name"]', "agencies": f"[{agency}]"}
    return {**who, "purpose": "placement", "form": "screen", **days, **told, "by": "test", "at": NOW - WEEK}
