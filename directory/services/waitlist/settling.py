"""The word of a second person: what each kind of wish carries out where they agree, and nothing where they do not."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Protocol

from directory.domain.access import Actor, Denied
from directory.domain.errors import FootbridgeError, NotFound, Settled
from directory.services.waitlist.entries import entry_backdate
from directory.services.waitlist.line_imports import import_agreed
from directory.services.waitlist.locating import entry_close_unlocated
from directory.services.waitlist.out_of_order import offer_agreed
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.second_words import (
    BACK_DATE,
    CANNOT_LOCATE,
    IMPORT,
    LOWER_TIER,
    OUT_OF_ORDER,
    SETTLED_WITH,
    word_note,
)
from directory.services.waitlist.tiers import tier_lower
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import second_words as storage
from directory.storage.waitlist.second_words import AGREED, OVERTAKEN, REFUSED, Word


class Carry(Protocol):
    """Does what was asked for, within the transaction of the word, or raises what is in the way by now."""

    def __call__(self, *, word: Word, by: Actor, now: datetime, settings: Settings) -> Awaitable[None]: ...


CARRY_OUT: Mapping[str, Carry] = {
    OUT_OF_ORDER: offer_agreed,
    BACK_DATE: entry_backdate,
    CANNOT_LOCATE: entry_close_unlocated,
    LOWER_TIER: tier_lower,
    IMPORT: import_agreed,
}
"""What a yes does, by the kind of wish; each belongs to the module that owns it."""


class OwnWord(FootbridgeError):
    """Whoever asks for a second word cannot give it."""

    code = "own-word"
    status = 409


async def word_settle(*, id: int, agreed: bool, by: Actor, now: datetime, settings: Settings) -> str:
    """Gives the second word, and says what became of the wish: agreed and carried out, refused, or overtaken, where it cannot be carried
    out any more.

    Raises OwnWord, Settled where somebody has settled it meanwhile, NotFound, Denied.
    """
    word = await storage.word(id)
    if word is None:
        raise NotFound(word=id)
    demand_near(by, SETTLED_WITH[word.kind], word.agency, now=now)
    if word.by == by.label:
        raise OwnWord()
    if not agreed:
        await _ended(word, REFUSED, by, now)
        return REFUSED
    try:
        async with db.staging():
            await _settle(word, AGREED, by, now)
            await _carried_out(word, by, now, settings)
            await word_note(word, "word-agreed", by.label, now)
    except _InTheWay:  # nothing of it was done
        await _ended(word, OVERTAKEN, by, now)
        return OVERTAKEN
    return AGREED


class _InTheWay(Exception):
    """What was asked for cannot be done any more."""


async def _carried_out(word: Word, by: Actor, now: datetime, settings: Settings) -> None:
    try:
        await CARRY_OUT[word.kind](word=word, by=by, now=now, settings=settings)
    except Denied:
        raise
    except FootbridgeError as error:
        raise _InTheWay from error


async def _ended(word: Word, status: str, by: Actor, now: datetime) -> None:
    async with db.staging():
        await _settle(word, status, by, now)
        await word_note(word, f"word-{status}", by.label, now)


async def _settle(word: Word, status: str, by: Actor, now: datetime) -> None:
    if not await storage.settle(word.id, status, by=by.label, now=now):
        raise Settled()
