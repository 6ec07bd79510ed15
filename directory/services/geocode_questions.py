"""Asks the chain of geocoders about one address after another: from memory where it was asked before, else the service itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from directory.domain.addresses import Question
from directory.domain.geocodes import Bounds, Judged, better, judged
from directory.domain.grading import Answer
from directory.gateways.remote import Service, Stopped, Trouble
from directory.services.clock import Clock
from directory.settings import Settings
from directory.storage import geocode_runs

_FORM = "1"
"""Answers are remembered as they were understood: a new number has everything asked again."""


@dataclass(slots=True)
class Chain:
    """The services in the order in which they are asked. `stopped` says of each that is out of this run why, in one line."""

    services: Sequence[Service]
    clock: Clock
    bounds: Bounds | None
    stopped: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    remembered: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nobody is left to ask."""
        return len(self.stopped) == len(self.services)

    async def find(self, questions: Sequence[Question]) -> tuple[Judged | None, str | None]:
        """The best answer to an address in its forms, and, where somebody did not answer who might know better, why that was.

        The first answer without a flaw ends the search. "stopped" stands for a service that is out of this run.
        """
        best, trouble = None, None
        for service in self.services:
            for question in questions:
                try:
                    answer = await self._answer(service, question)
                except (Trouble, Stopped) as missing:
                    trouble = "stopped" if isinstance(missing, Stopped) else missing.reason
                    break
                found = judged(question, answer, service.name, self.bounds) if answer else None
                if found and found.is_good:
                    return found, None
                best = better(best, found) if found else best
        return best, trouble

    async def _answer(self, service: Service, question: Question) -> Answer | None:
        key = _key(service, question)
        known = await geocode_runs.recall([key], self.clock())
        if key in known:
            self.remembered += 1
            return known[key]
        self._still_answers(service)
        try:
            answer = await service.ask(question)
        except Stopped as end:
            self.stopped[service.name] = str(end)
            raise
        finally:
            self.asked += 1
        await geocode_runs.remember({key: answer}, service.name, self.clock())
        return answer

    def _still_answers(self, service: Service) -> None:
        if service.name in self.stopped:
            raise Stopped("busy")

    async def ask_ahead(self, addresses: Sequence[Sequence[Question]]) -> None:
        """Where the first service takes many addresses at once, asks it about all of these, one form after the other.

        The answers are only remembered; `find` meets them there. When it does not answer, `find` will hear of it too.
        """
        service = self.services[0]
        waiting = [list(forms) for forms in addresses if forms and forms[0].is_at_home]
        while service.takes_many and service.name not in self.stopped and waiting:
            answers = await self._ask_many(service, [forms.pop(0) for forms in waiting])
            if answers is None:
                return
            waiting = [forms for forms, is_known in zip(waiting, answers, strict=True) if forms and not is_known]

    async def _ask_many(self, service: Service, questions: Sequence[Question]) -> list[bool] | None:
        """Whether each of these is known now; None where the service did not answer."""
        keys = [_key(service, question) for question in questions]
        known = await geocode_runs.recall(keys, self.clock())
        new = list({key: question for key, question in zip(keys, questions, strict=True) if key not in known}.items())
        if len(new) > 1:
            try:
                answers = await service.ask_many([question for _, question in new])
            except Trouble:
                return None
            except Stopped as end:
                self.stopped[service.name] = str(end)
                return None
            self.asked += len(new)
            found = dict(zip((key for key, _ in new), answers, strict=True))
            await geocode_runs.remember(found, service.name, self.clock())
            known |= found
        return [bool(known.get(key)) for key in keys]


def _key(service: Service, question: Question) -> str:
    """What an answer is remembered by: who was asked, and what."""
    asked = "\n".join((_FORM, service.identity, question.text.casefold()))
    return hashlib.sha256(asked.encode()).hexdigest()


@asynccontextmanager
async def opened(settings: Settings, clock: Clock, bounds: Bounds | None) -> AsyncIterator[Chain]:
    """The chain that the settings name. Raises BadGeocoder, in one line, for a service that cannot be made."""
    entries = [entry for entry in settings.geocoders if entry.is_remote]
    services: list[Service] = []
    try:
        for entry in entries:
            # Reading the certificates of the world takes a moment.
            services.append(await asyncio.to_thread(Service, turn=_turn, **entry.arguments))
        yield Chain(services, clock, bounds)
    finally:
        for service in services:
            await service.close()


async def _turn(host: str, seconds: float) -> None:
    """Waits for a turn that no other process has: by the clock on the wall, whatever the time of the directory is."""
    if seconds <= 0:
        return
    now = datetime.now(UTC)
    turn = await geocode_runs.next_turn(host, seconds, now)
    await asyncio.sleep(max((turn - now) / timedelta(seconds=1), 0))
