"""Whatever people do, in whatever order, the waitlist holds together: random sequences of all steps on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from directory.domain.errors import FootbridgeError
from directory.domain.waitlist.ranking import first
from directory.domain.waitlist.states import CLOSE_REASONS
from directory.services.openings import openings_report
from directory.services.waitlist import entries, offers, slots
from directory.services.waitlist.agency_slots import opening_still
from directory.services.waitlist.consents import consent_revoke
from directory.services.waitlist.merging import clients_merge
from directory.services.waitlist.out_of_order import offer_ask
from directory.services.waitlist.ranking import line_rank
from directory.services.waitlist.settling import word_settle
from directory.storage import db
from directory.storage.waitlist import checks, clients, consents, pairs
from directory.storage.waitlist import entries as stored_entries
from tests.accounts import SETTINGS
from tests.openings import numbers
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY

ANSWERS = st.sampled_from(("accept", "accept", "decline", "cancel", "reject", "withdraw", "admit", "admit", "no_show"))
OF_PEERS = ("accept", "decline", "cancel")
WITH_REASON = ("decline", "cancel", "reject", "withdraw")
RESTRICTIONS = st.sampled_from(((), (("sex", ("female", "other")),)))
FACTS = st.dictionaries(st.sampled_from(("pregnant", "injecting_30d")), st.sampled_from(("yes", "no")), max_size=2)
REASONS = st.sampled_from(sorted(set(CLOSE_REASONS) - {"cannot-locate"}))


class Waitlist(RuleBasedStateMachine):
    """People join, wait, are offered openings, answer, leave and come back, while time goes on."""

    runner: ClassVar[asyncio.Runner]
    places = Bundle("places")
    openings = Bundle("openings")
    wishes = Bundle("wishes")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self._run(world.emptied())
        self.made = self._run(world.made())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def _try(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What comes of a step that may be refused, in which case nothing has happened."""
        try:
            return self._run(work)
        except FootbridgeError:
            return None

    @initialize(target=places)
    def some_people(self) -> Any:
        return multiple(*(self.join({}, True) for _ in range(3)))

    @initialize(target=openings)
    def some_openings(self) -> Any:
        return multiple(*(self.open() for _ in range(2)))

    @rule(target=places, facts=FACTS, consent=st.booleans())
    def join(self, facts: dict[str, str], consent: bool) -> Any:
        client = self._run(world.client(self.made, consent=consent, **facts))
        return self._run(
            entries.entry_join(client=client, pool=self.made.pool, tie=client, by=self.made.peer, now=self.now)
        )

    @rule(target=openings, asked=RESTRICTIONS)
    def open(self, asked: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Any:
        return self._run(slots.slot_open(level=self.made.level, restrictions=asked, by=self.made.clerk, now=self.now))

    @rule(staffed=st.integers(0, 5), available=st.integers(0, 5))
    def report_openings(self, staffed: int, available: int) -> None:
        told = numbers(available, staffed=staffed)
        self._try(openings_report(by=self.made.clerk, id=self.made.level, numbers=told, now=self.now))

    @rule(slot=openings)
    def still_there(self, slot: int) -> None:
        self._try(opening_still(slot=slot, by=self.made.clerk, now=self.now))

    @rule(slot=openings)
    def close_opening(self, slot: int) -> None:
        self._try(slots.slot_close(slot=slot, reason="sold-out", by=self.made.clerk, now=self.now))

    @rule(slot=openings)
    def offer_to_the_next(self, slot: int) -> None:
        self._try(self._offered(slot))

    @rule(slot=openings, number=st.integers(0, 9), answer=ANSWERS)
    def offer_that_is_accepted(self, slot: int, number: int, answer: str) -> None:
        """Goes further than single steps come: something is said of an offer once the client has said yes."""
        for work in (self._offered(slot), self._answered(0, "accept"), self._answered(number, answer)):
            self._try(work)

    async def _offered(self, slot: int) -> None:
        line = await line_rank(pool=self.made.pool, slot=slot, by=self.made.peer, now=self.now)
        if turn := first(line.order):
            entry = turn.candidate.entry
            await offers.offer_make(slot=slot, entry=entry, by=self.made.peer, now=self.now, settings=SETTINGS)

    @rule(slot=openings, entry=places)
    def offer(self, slot: int, entry: int) -> None:
        self._try(
            offers.offer_make(
                slot=slot,
                entry=entry,
                by=self.made.peer,
                now=self.now,
                settings=SETTINGS,
                reason="asked-for",
                second=self.made.coordinator,
            )
        )

    @rule(target=wishes, slot=openings, entry=places)
    def ask_out_of_turn(self, slot: int, entry: int) -> Any:
        asked = self._try(
            offer_ask(
                slot=slot,
                entry=entry,
                reason="safety",
                note="",
                by=self.made.peer,
                now=self.now,
                settings=SETTINGS,
            )
        )
        return asked if asked is not None else multiple()

    @rule(wish=wishes, agreed=st.booleans())
    def answer_wish(self, wish: int, agreed: bool) -> None:
        self._try(word_settle(id=wish, agreed=agreed, by=self.made.coordinator, now=self.now, settings=SETTINGS))

    @rule(entry=places)
    def take_consent_back(self, entry: int) -> None:
        self.now += timedelta(seconds=1)  # of one and the same instant nobody could say later which came first
        self._try(self._revoked(entry))

    async def _revoked(self, entry: int) -> None:
        found = await stored_entries.entry(entry)
        assert found is not None
        for each in await consents.of_client(found.client):
            if each.revoked_at is None:
                await consent_revoke(id=each.id, by=self.made.peer, now=self.now, settings=SETTINGS)

    @rule(entry=places)
    def consent_again(self, entry: int) -> None:
        self._run(self._consented(entry))

    async def _consented(self, entry: int) -> None:
        found = await stored_entries.entry(entry)
        assert found is not None
        async with db.staging():
            await world.consent_add(found.client, self.made.clinic)

    @rule(keep=places, gone=places)
    def merge(self, keep: int, gone: int) -> None:
        self._try(self._merged(keep, gone))

    async def _merged(self, keep: int, gone: int) -> None:
        """Makes one of two who look like one person; of who was merged before, it is the one they became."""
        ids = {found.client for id in (keep, gone) if (found := await stored_entries.entry(id))}
        if len(ids) < 2:
            return
        one, other = sorted(ids)
        async with db.staging():
            await pairs.put(one, other, ("phone",), self.now)
        rows = await db.rows(f"SELECT id FROM client_pair WHERE one_id = {one} AND other_id = {other}")
        versions = {each.id: each.version for id in ids if (each := await clients.by_id(id))}
        await clients_merge(
            pair=rows[0]["id"],
            keep=one,
            versions=versions,
            by=self.made.coordinator,
            now=self.now,
            settings=SETTINGS,
        )

    @rule(number=st.integers(0, 9), answer=ANSWERS)
    def answer(self, number: int, answer: str) -> None:
        """Something that is said of one of the live offers, whether it can follow on where that stands or not."""
        self._try(self._answered(number, answer))

    async def _answered(self, number: int, answer: str) -> None:
        rows = await db.rows("SELECT id FROM offer WHERE status IN ('pending', 'accepted') ORDER BY id")
        rows = rows or await db.rows("SELECT id FROM offer ORDER BY id")
        if rows:
            by = self.made.peer if answer in OF_PEERS else self.made.clerk
            reason = {"reason": "other"} if answer in WITH_REASON else {}
            step = getattr(offers, f"offer_{answer}")
            await step(offer=rows[number % len(rows)]["id"], by=by, now=self.now, settings=SETTINGS, **reason)

    @rule(entry=places)
    def hold(self, entry: int) -> None:
        self._try(
            entries.entry_hold(
                entry=entry, reason="hospital", review_on=TODAY, by=self.made.peer, today=TODAY, now=self.now
            )
        )

    @rule(entry=places)
    def resume(self, entry: int) -> None:
        self._try(entries.entry_resume(entry=entry, by=self.made.peer, now=self.now))

    @rule(entry=places, reason=REASONS)
    def close(self, entry: int, reason: str) -> None:
        self._try(entries.entry_close(entry=entry, reason=reason, by=self.made.peer, now=self.now, settings=SETTINGS))

    @rule(entry=places)
    def reinstate(self, entry: int) -> None:
        self._try(
            entries.entry_reinstate(entry=entry, silence=None, reason="came-back", by=self.made.peer, now=self.now)
        )

    @rule(minutes=st.integers(1, 300))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        self._run(offers.offers_expire(now=self.now, settings=SETTINGS))

    @invariant()
    def holds_together(self) -> None:
        assert self._run(checks.broken()) == {}


@contextmanager
def running(url: str) -> Iterator[asyncio.Runner]:
    """A loop with the database open in it."""
    with asyncio.Runner() as runner:
        opened = db.connect(url)
        runner.run(opened.__aenter__())
        try:
            yield runner
        finally:
            runner.run(opened.__aexit__(None, None, None))


def walk(url: str, *, examples: int, steps: int) -> None:
    """Many random walks over one database."""
    with running(url) as runner:
        Waitlist.runner = runner
        quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
        run_state_machine_as_test(
            Waitlist,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                suppress_health_check=quiet,
            ),
        )


def test_no_sequence_of_steps_breaks_what_must_hold(
    engine: str, new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path: Path
) -> None:
    with new_database(engine, tmp_path) as url:
        walk(url, examples=8, steps=25)
