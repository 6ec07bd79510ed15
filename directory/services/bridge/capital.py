"""The questionnaire on recovery capital (BARC-10), whose words an operator brings; without them there is none.

Its answers are kept as they were given. They are for the person and their peer, and never decide about anybody's place (WAITLIST 1.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from directory.domain.access import Actor
from directory.domain.bridge.goals import ANSWERS, ITEMS, capital_total
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.i18n import LANGUAGES
from directory.services.bridge.plans import plan_allowed
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.texts import text_brought
from directory.services.waitlist.clients import client_audit, client_open
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import goals as storage

CODE = "recovery-capital"
PART = "questionnaire"
SOURCE = "Vilsaint and others, Drug and Alcohol Dependence 177 (2017)"


@dataclass(frozen=True, slots=True)
class Questions:
    """The questionnaire in one language: what to say first, ten statements, and what 1 and 6 mean. `fingerprint` is that of these words."""

    lead: str
    items: tuple[str, ...]
    least: str
    most: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers as they were given, in the order of the questions; none of what was cleared. `is_same`: to the words that are asked today,
    in any language."""

    at: datetime
    answers: tuple[int, ...]
    is_same: bool

    @property
    def total(self) -> int | None:
        """The sum of 10 to 60; None of what was cleared."""
        return capital_total(self.answers) if self.answers else None


def questions(language: str) -> Questions | None:
    """The words of the questionnaire; None where the operator has brought none, and so it is off."""
    text = text_brought(CODE, language)
    if text is None:
        return None
    lead, *items, least, most = text.paragraphs
    return Questions(lead, tuple(items), least, most, sha256(text.words.encode()).hexdigest())


async def answers_of(*, client: int, settings: Settings) -> tuple[Answered, ...]:
    """What a client answered so far, the oldest first. Whoever calls has found out that the reader may see the plan."""
    today = {asked.fingerprint for each in LANGUAGES if (asked := questions(each)) is not None}
    return tuple(
        Answered(row.at, tuple(opened(row.sealed, settings).get("answers") or ()), row.texts in today)
        for row in await storage.answers_of(client)
    )


async def answers_add(
    *,
    upi: str,
    answers: Sequence[int | None],
    language: str,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Keeps the answers to all ten, in the order of the questions. False for a form that was taken before.

    Raises UnfitFields where one is missing, NotFound where there is no questionnaire, Denied, NotTheirPeer.
    """
    asked = questions(language)
    if asked is None:
        raise NotFound()
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    given = [each for each in answers if each in ANSWERS]
    if len(given) != ITEMS or len(answers) != ITEMS:
        missing = [place for place, each in enumerate(answers, 1) if each not in ANSWERS]
        raise UnfitFields([Problem(f"item-{place}", "choose", "") for place in missing])
    async with db.staging():
        await client_open(client=who.row.id)
        if not await form_take(token=form, now=now):
            return False
        sealed = seal({"answers": list(answers)}, settings)
        id = await storage.answers_add(who.row.id, sealed=sealed, texts=asked.fingerprint, by=by.label, now=now)
        await client_audit(who.row, "questionnaire-answered", {"answers": id}, by=by.label, now=now)
    return True
