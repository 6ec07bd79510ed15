"""What one person alone must not do: it is asked for here, and waits for the word of a second one.

How a word is given, and what then happens, is in services/waitlist/settling.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, may, reach_of
from directory.services.sealing import seal
from directory.services.waitlist import plumbing
from directory.settings import Settings
from directory.storage import records
from directory.storage.encoding import dumps
from directory.storage.waitlist import second_words as storage
from directory.storage.waitlist.second_words import Word

OUT_OF_ORDER, BACK_DATE, CANNOT_LOCATE, LOWER_TIER, IMPORT = (
    "out-of-order",
    "back-date",
    "cannot-locate",
    "lower-tier",
    "import",
)
SETTLED_WITH: Mapping[str, Action] = {
    OUT_OF_ORDER: Action.SECOND_OFFER,
    BACK_DATE: Action.SECOND_WORD,
    CANNOT_LOCATE: Action.SECOND_WORD,
    LOWER_TIER: Action.SECOND_WORD,
    IMPORT: Action.SECOND_WORD,
}
"""What somebody must be able to do to give the second word, by what was asked for."""


async def word_ask(
    *,
    kind: str,
    agency: int,
    reason: str,
    by: Actor | str,
    now: datetime,
    settings: Settings,
    client: int | None = None,
    entry: int | None = None,
    slot: int | None = None,
    import_id: int | None = None,
    details: Mapping[str, object] | None = None,
    note: str = "",
) -> int:
    """Asks for a second word, and gives the number of the wish; where the same was asked before and is open, the number of that.

    `details` are plain values and tell nothing of a person; `note` is sealed. `by` is a label where nobody signed in has asked. An open wish
    about the same with other details is overtaken by the new one: a second person agrees to what was asked last, and to nothing else. Needs
    a transaction, and stands last in it.
    """
    label = by if isinstance(by, str) else by.label
    about = {"client_id": client, "entry_id": entry, "slot_id": slot, "import_id": import_id}
    sealed = seal({"note": note}, settings) if note else None
    columns = {"agency_id": agency, "kind": kind, "reason": reason, "sealed": sealed, "by": label, **about}
    if (id := await storage.add(columns, details or {}, now=now)) is None:
        before = await storage.open_like(kind, about)
        if before is not None and before.details == json.loads(dumps(dict(details or {}))):
            return before.id
        if before is not None and await storage.settle(before.id, storage.OVERTAKEN, by=label, now=now):
            await word_note(before, "word-overtaken", label, now)
        id = await storage.add(columns, details or {}, now=now)
        assert id is not None  # whoever was quicker with another wish: nothing of this one is kept
    await _note(id, agency, "word-asked", {"kind": kind, "reason": reason, **_named(about)}, label, now)
    return id


async def open_on(*, kind: str, client: int, entry: int) -> Word | None:
    """The open wish of a kind about an entry of a client."""
    return await storage.open_like(kind, {"client_id": client, "entry_id": entry, "slot_id": None, "import_id": None})


async def words_overtaken(*, kind: str, entry: int, by: Actor | str, now: datetime) -> int:
    """Ends the wishes of a kind about an entry for which there is no need any more, and says how many. Needs a transaction; last in it."""
    label = by if isinstance(by, str) else by.label
    ended = await storage.overtaken(kind, entry, by=label, now=now)
    for id in ended:
        word = await storage.word(id)
        assert word is not None
        await word_note(word, "word-overtaken", label, now)
    return len(ended)


async def word_note(word: Word, action: str, by: str, now: datetime) -> None:
    """Writes what became of a wish into the trail of its agency. Needs its transaction; last in it."""
    about = {"client_id": word.client, "entry_id": word.entry, "slot_id": word.slot, "import_id": word.import_id}
    await _note(word.id, word.agency, action, {"kind": word.kind, "asked_by": word.by, **_named(about)}, by, now)


async def _note(id: int, agency: int, action: str, details: Mapping[str, object], by: str, now: datetime) -> None:
    chain = plumbing.chain_of(agency)
    await records.audit(at=now, by=by, action=action, subject=f"second word {id}", details=details, chain=chain)


def _named(about: Mapping[str, int | None]) -> dict[str, object]:
    return {column.removesuffix("_id"): value for column, value in about.items() if value is not None}


# --- who may settle what ---------------------------------------------------------------------------------------------


def kinds_by_reach(by: Actor, now: datetime) -> list[tuple[list[str], Sequence[int] | None]]:
    """What somebody may settle, with the agencies in which: a pair for each right that they have."""
    found: list[tuple[list[str], Sequence[int] | None]] = []
    for action in dict.fromkeys(SETTLED_WITH.values()):
        if isinstance(may(by, action, SITE, now=now), Allowed):
            found.append(([kind for kind, needed in SETTLED_WITH.items() if needed is action], reach_of(by, action)))
    return found


async def words_waiting(*, by: Actor, now: datetime) -> int:
    """How many wishes wait for this person's word: what they have asked for themselves is not theirs to settle.

    Spreadsheets are left out, which have a queue of their own.
    """
    found = [([kind for kind in kinds if kind != IMPORT], agencies) for kinds, agencies in kinds_by_reach(by, now)]
    return sum([await storage.waiting(agencies, kinds, by.label) for kinds, agencies in found])
