"""What a source last said of each listing, before anything that people set by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.domain.listings import Status, natural_key
from directory.storage import db
from directory.storage.encoding import draft_from_json

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Said:
    """A source's words of one listing: `text` is the draft as JSON, in which `key` is the source's own; `key` is what it is known
    again by, which for a source matched by nature is another one. `hash` is the fingerprint of its content, `record` the raw row as JSON."""

    key: str
    text: str
    hash: str
    record: str | None

    @property
    def draft(self) -> dict[str, Any]:
        """The draft as plain values."""
        found: dict[str, Any] = json.loads(self.text)
        return found


async def said(ids: Iterable[int]) -> dict[int, Said]:
    """The words for these listings; those from before they were kept have none."""
    sql = db.Sql()
    text = (
        "SELECT l.id, l.source_key, l.content_hash, l.source_record, d.draft FROM listing l "
        f"JOIN source_draft d ON d.id = l.id WHERE l.id IN ({sql.list(ids) or 'NULL'})"
    )
    return {
        row["id"]: Said(row["source_key"], row["draft"], row["content_hash"], row["source_record"])
        for row in await db.rows(text, sql.values)
    }


async def keep(words: Mapping[int, Said], *, new: bool = False) -> None:
    """Writes them down; `new` listings have none yet. Needs the transaction that writes the listings."""
    mark, other = db.marker(1), db.marker(2)
    text = f"INSERT INTO source_draft (id, draft) VALUES ({mark}, {other})"
    if not new:
        text += " ON CONFLICT (id) DO UPDATE SET draft = excluded.draft"
    if words:
        await db.connection().execute_many(text, [[id, each.text] for id, each in words.items()])


async def keep_in_mind(words: Mapping[int, Said]) -> None:
    """Writes them down with their fingerprints for listings that do not change by it. Needs a transaction."""
    await keep(words)
    text = f"UPDATE listing SET content_hash = {db.marker(1)} WHERE id = {db.marker(2)}"
    await db.connection().execute_many(text, [[each.hash, id] for id, each in words.items()])


async def keys_by(source_id: int, match_by: str) -> dict[str, tuple[int, str]]:
    """What each listing of a source would be known by, were it matched so: new key -> (id, the key it has).

    Where two would share one key, the first of those on show has it and the other keeps its own. A listing from before the
    words were kept, one whose key stays, and one that would take the key of another, are left out.
    """
    found: dict[str, tuple[int, str]] = {}
    held = set()
    async for id, old, text in _of_source(source_id):
        held.add(old)
        draft = draft_from_json(json.loads(text)) if text else None
        if draft:
            found.setdefault(natural_key(draft) if match_by == "nature" else draft.key, (id, old))
    return {new: (id, old) for new, (id, old) in found.items() if new not in held}


async def _of_source(source_id: int) -> AsyncIterator[tuple[int, str, str | None]]:
    """(id, key, words) of each listing of a source: first what is on show, then what is gone."""
    for sign in ("<>", "="):
        after = 0
        while True:
            sql = db.Sql()
            text = (
                "SELECT l.id, l.source_key, d.draft FROM listing l LEFT JOIN source_draft d ON d.id = l.id "
                f"WHERE l.source_id = {sql(source_id)} AND l.status {sign} {sql(Status.REMOVED.value)} AND l.id > {sql(after)} "
                f"ORDER BY l.id LIMIT {_BATCH}"
            )
            found = await db.rows(text, sql.values)
            if not found:
                break
            for row in found:
                yield row["id"], row["source_key"], row["draft"]
            after = found[-1]["id"]


async def rekey(keys: Mapping[str, tuple[int, str]]) -> None:
    """Gives listings their new keys; their slugs stay. Needs a transaction."""
    text = f"UPDATE listing SET source_key = {db.marker(1)} WHERE id = {db.marker(2)}"
    if keys:
        await db.connection().execute_many(text, [[key, id] for key, (id, _) in keys.items()])
