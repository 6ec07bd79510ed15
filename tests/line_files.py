"""Spreadsheets of people who wait that have come in, for the tests of who may go where."""

from __future__ import annotations

from itertools import count

from directory.services.sealing import seal
from directory.services.waitlist.second_words import IMPORT, word_ask
from directory.storage import db
from directory.storage.waitlist import line_imports
from tests.accounts import NOW, SETTINGS

_files = count(1)
NOTHING: dict[str, object] = {
    "read": 0,
    "accepted": 0,
    "lines": {},
    "first_request": None,
    "last_request": None,
    "rejected": [],
}


async def sent(agency: int) -> int:
    """The number of a file without a row that waits for a coordinator of this agency."""
    number, by = next(_files), "command line: test"
    async with db.staging():
        id = await line_imports.add(
            agency=agency,
            name="people.csv",
            sha256=f"{number:064}",
            sealed=seal({"rows": [], "turned": []}, SETTINGS),
            report=NOTHING,
            by=by,
            now=NOW,
        )
        await word_ask(
            kind=IMPORT, agency=agency, reason="spreadsheet", by=by, now=NOW, settings=SETTINGS, import_id=id
        )
    return id
