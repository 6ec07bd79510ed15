"""The lines of a peer agency: set up, counted, and in their order, for its own people alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.domain.waitlist.pools import Figures, PoolValues
from directory.domain.waitlist.tiers import FEDERAL
from directory.services.waitlist import entries
from directory.services.waitlist import pools as service
from directory.storage import db
from directory.storage.waitlist import checks, pools, rules
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

HOUR = timedelta(hours=1)
VALUES = PoolValues("Quiet beds", "residential", "America/New_York", 1440, area=("Vermont",), working=((1, 540, 480),))


async def joined(made: World, hours: int, **known: str) -> int:
    client = await world.client(made, **known)
    return await entries.entry_join(client=client, pool=made.pool, tie=hours, by=made.peer, now=NOW + hours * HOUR)


async def make(made: World, values: PoolValues = VALUES, form: str = "a" * 43) -> int | None:
    return await service.line_make(agency=made.agency, values=values, form=form, by=made.coordinator, now=NOW)


async def test_a_new_line_is_kept_as_it_was_typed_under_the_order_of_the_law(database: str) -> None:
    """45 CFR 96.131(a)."""
    made = await world.made()
    id = await make(made)
    assert id is not None
    found = await pools.pool(id)
    assert found is not None
    assert found.values == VALUES
    assert (await rules.rules_now(id)).rules.tiers == FEDERAL
    assert found.rules_sha256 == (await rules.rules_now(id)).sha256
    assert await make(made) is None
    with pytest.raises(UnfitFields):
        await make(made, form="b" * 43)


async def test_figures_count_who_waits_is_on_hold_and_has_an_offer(database: str) -> None:
    made = await world.made()
    await joined(made, 0)
    held = await joined(made, 1)
    await entries.entry_hold(
        entry=held, reason="paperwork", review_on=TODAY, by=made.peer, today=TODAY, now=NOW + 2 * HOUR
    )
    now = NOW + 5 * HOUR
    (line,) = await service.lines_list(by=made.peer, now=now)
    assert line.figures == Figures(waiting=1, on_hold=1, oldest=5 * HOUR)
    assert not line.may_set
    assert (await service.line_show(id=made.pool, by=made.coordinator, now=now)).may_set


async def test_a_line_is_shown_in_its_order_a_page_at_a_time(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SHOWN", 2)
    made = await world.made()
    found = [await joined(made, 3), await joined(made, 2), await joined(made, 4, pregnant="yes")]
    pages = [
        await service.line_order(id=made.pool, by=made.peer, now=NOW, settings=SETTINGS, page=page) for page in (1, 2)
    ]
    assert [[(each.placed.place, each.placed.entry) for each in people] for people, _ in pages] == [
        [(1, found[2]), (2, found[1])],
        [(3, found[0])],
    ]
    assert [is_more for _, is_more in pages] == [True, False]
    rows = await db.rows("SELECT subject, details FROM access_entry WHERE action = 'see-line' ORDER BY id")
    assert [row["subject"] for row in rows] == [f"pool {made.pool}"] * 2


async def test_a_line_of_another_agency_is_not_there(database: str) -> None:
    made, elsewhere = await world.made(), await world.made()
    for step in (
        service.line_show(id=made.pool, by=elsewhere.peer, now=NOW),
        service.line_order(id=made.pool, by=elsewhere.peer, now=NOW, settings=SETTINGS),
        service.line_levels(id=made.pool, by=elsewhere.coordinator, now=NOW),
        service.line_levels_set(id=made.pool, levels=[], by=elsewhere.coordinator, now=NOW),
        service.line_make(agency=made.agency, values=VALUES, form="c" * 43, by=elsewhere.coordinator, now=NOW),
    ):
        with pytest.raises(NotFound):
            await step
    with pytest.raises(Denied):
        await service.lines_list(by=made.clerk, now=NOW)


async def test_of_two_changes_at_once_one_is_kept_and_the_other_sees_both(database: str) -> None:
    made = await world.made()
    id = await make(made)
    assert id is not None
    found = await pools.pool(id)
    assert found is not None
    done = await asyncio.gather(
        *(
            service.line_change(
                id=id,
                version=found.version,
                values=replace(VALUES, contact_days=days),
                is_closed=False,
                by=made.coordinator,
                now=NOW,
            )
            for days in (10, 20)
        ),
        return_exceptions=True,
    )
    (error,) = [each for each in done if each is not None]
    assert isinstance(error, Overtaken)
    after = await pools.pool(id)
    assert after is not None
    assert after.contact_days in (10, 20)


async def test_a_line_becomes_funded_only_with_the_order_of_the_law_in_its_rules(database: str) -> None:
    """45 CFR 96.131(a)."""
    made = await world.made()
    id = await make(made, replace(VALUES, is_funded=False))
    assert id is not None
    async with db.staging():
        text = '{"contact_days":null,"tiers":[]}'
        version = await rules.version_add(id, text, "0" * 64, by="test", now=NOW)
        await rules.version_use(id, version, (await rules.rules_now(id)).id, None)
    found = await pools.pool(id)
    assert found is not None
    with pytest.raises(UnfitFields):
        await service.line_change(
            id=id, version=found.version, values=VALUES, is_closed=False, by=made.coordinator, now=NOW
        )


async def test_levels_go_to_a_line_and_leave_it_with_a_trace(database: str) -> None:
    made = await world.made()
    _, options = await service.line_levels(id=made.pool, by=made.coordinator, now=NOW)
    assert [(each.id, each.is_chosen) for each in options] == [(made.level, True)]
    await service.line_levels_set(id=made.pool, levels=[], by=made.coordinator, now=NOW)
    assert not await pools.takes_from(made.pool, made.level)
    await service.line_levels_set(id=made.pool, levels=[made.level], by=made.coordinator, now=NOW)
    await service.line_levels_set(id=made.pool, levels=[made.level], by=made.coordinator, now=NOW)
    assert await pools.takes_from(made.pool, made.level)
    rows = await db.rows("SELECT 1 FROM audit_entry WHERE action = 'line-levels'")
    assert len(rows) == 2


async def test_a_line_is_closed_or_joined_at_one_moment_and_never_both(database: str) -> None:
    """WAITLIST 4.1: nobody is left standing in a line that is closed."""
    for _ in range(4):
        made = await world.made()
        found, client = await pools.pool(made.pool), await world.client(made)
        assert found is not None
        closing = service.line_change(
            id=found.id,
            version=found.version,
            values=found.values,
            is_closed=True,
            by=made.coordinator,
            now=NOW,
        )
        joining = entries.entry_join(client=client, pool=found.id, tie=1, by=made.coordinator, now=NOW)
        outcomes = await asyncio.gather(closing, joining, return_exceptions=True)
        assert sum(isinstance(each, UnfitFields | NotFound) for each in outcomes) == 1, outcomes
    assert await checks.broken() == {}
