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
from directory.domain.waitlist.states import CLOSE_REASONS
from directory.services.waitlist import entries, offers
from directory.storage import db
from directory.storage.waitlist import checks
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY

FACTS = st.dictionaries(st.sampled_from(("pregnant", "injecting_30d")), st.sampled_from(("yes", "no")), max_size=2)
REASONS = st.sampled_from(sorted(set(CLOSE_REASONS) - {"cannot-locate"}))


class Waitlist(RuleBasedStateMachine):
    """People join, wait, are offered openings, answer, leave and come back, while time goes on."""

    runner: ClassVar[asyncio.Runner]
    places = Bundle("places")
    openings = Bundle("openings")
    made_offers = Bundle("made_offers")

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

    @rule(target=openings)
    def open(self) -> Any:
        return self._run(offers.slot_open(level=self.made.level, restrictions=(), by=self.made.clerk, now=self.now))

    @rule(slot=openings)
    def close_opening(self, slot: int) -> None:
        self._try(offers.slot_close(slot=slot, reason="sold-out", by=self.made.clerk, now=self.now))

    @rule(target=made_offers, slot=openings, entry=places)
    def offer(self, slot: int, entry: int) -> Any:
        made = self._try(
            offers.offer_make(
                slot=slot,
                entry=entry,
                by=self.made.peer,
                now=self.now,
                reason="asked-for",
                second=self.made.coordinator,
            )
        )
        return made if made is not None else multiple()

    @rule(offer=made_offers)
    def accept(self, offer: int) -> None:
        self._try(offers.offer_accept(offer=offer, by=self.made.peer, now=self.now))

    @rule(offer=made_offers)
    def decline(self, offer: int) -> None:
        self._try(offers.offer_decline(offer=offer, reason="too-far", by=self.made.peer, now=self.now))

    @rule(offer=made_offers)
    def reject(self, offer: int) -> None:
        self._try(offers.offer_reject(offer=offer, reason="other-need", by=self.made.clerk, now=self.now))

    @rule(offer=made_offers)
    def withdraw(self, offer: int) -> None:
        self._try(offers.offer_withdraw(offer=offer, reason="bed-gone", by=self.made.clerk, now=self.now))

    @rule(offer=made_offers)
    def cancel(self, offer: int) -> None:
        self._try(offers.offer_cancel(offer=offer, reason="ill", by=self.made.peer, now=self.now))

    @rule(offer=made_offers)
    def admit(self, offer: int) -> None:
        self._try(offers.offer_admit(offer=offer, by=self.made.clerk, now=self.now))

    @rule(offer=made_offers)
    def no_show(self, offer: int) -> None:
        self._try(offers.offer_no_show(offer=offer, by=self.made.clerk, now=self.now))

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
        self._try(entries.entry_close(entry=entry, reason=reason, by=self.made.peer, now=self.now))

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
        self._run(offers.offers_expire(now=self.now))

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
