"""Finding somebody again: by a name, a telephone, an e-mail address or their number, among the people of one's own agency alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor, demand, reach_of
from directory.domain.tokens import letters_read
from directory.domain.waitlist.states import Entry
from directory.services.sealing import opened
from directory.services.waitlist.clients import called
from directory.services.waitlist.keys import Key, email_key, name_keys, phone_key
from directory.services.waitlist.taking_on import UPI_LETTERS
from directory.settings import Settings
from directory.storage import records
from directory.storage.waitlist import search as storage
from directory.storage.waitlist.board import ClientRow, sealed_of

MOST = 25
"""People that one search shows."""
LONGEST = 200
NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody who was found: what they are called, their whole name, and the lines in which they stand or stood."""

    upi: str
    called: str
    name: str
    is_mine: bool
    lines: tuple[tuple[str, Entry], ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """What came of a search. `kind` says by what it looked; "" for words that are none."""

    kind: str
    hits: tuple[Hit, ...]
    is_more: bool


async def client_search(*, words: str, by: Actor, now: datetime, settings: Settings) -> Hits:
    """The people of one's own agency that these words are about. That somebody searched is logged, by kind and count alone.

    Of people of other agencies it says nothing at all, not even that there are any (42 CFR 2.13(c)). Raises Denied.
    """
    demand(by, Action.KEEP_CLIENTS, now=now)
    agencies = reach_of(by, Action.KEEP_CLIENTS) or ()
    kind, rows = await _found(words[:LONGEST], agencies, settings)
    hits = await _hits(rows[:MOST], by, settings)
    if kind:
        await records.access_log(
            at=now, by=by.label, action="search-clients", subject="clients", details={"kind": kind, "hits": len(hits)}
        )
    return Hits(kind, hits, len(rows) > MOST)


async def _found(words: str, agencies: tuple[int, ...], settings: Settings) -> tuple[str, list[ClientRow]]:
    text = words.strip()
    number = letters_read(text, UPI_LETTERS)
    if number and (rows := await storage.with_number(number, agencies)):
        return NUMBER, rows
    keys = _keys(text, settings)
    if not keys:
        return "", []
    kind = keys[0][0]
    return kind, await storage.found_by([hash for _, hash in keys], kind, agencies, MOST + 1)


def _keys(text: str, settings: Settings) -> list[Key]:
    """The keys of what was typed: an address, a telephone, or else the words of a name, which all have to be there."""
    if "@" in text.strip("@"):
        found = email_key(text, settings)
        return [found] if found else []
    if not any(sign.isalpha() for sign in text):
        found = phone_key(text, settings)
        return [found] if found else []
    return name_keys(text, settings)


async def _hits(rows: list[ClientRow], by: Actor, settings: Settings) -> tuple[Hit, ...]:
    sealed = await sealed_of(row.id for row in rows)
    lines = await storage.lines_of(row.id for row in rows)
    return tuple(
        Hit(
            row.upi,
            called(sealed[row.id], settings),
            str(opened(sealed[row.id], settings).get("name") or ""),
            row.peer == by.person,
            tuple(lines.get(row.id, ())),
        )
        for row in rows
    )
