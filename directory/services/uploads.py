"""Files that people send: for which list, in which form, and read and compared, so that they can look at what it would do.

What waits to be looked at is the compared rows; the file itself is not kept. What becomes of it is for `confirming`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO

from directory.domain.access import Action, Actor, Allowed, Denied, demand, may, of_agency, reach_of
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.proposals import publishes
from directory.domain.taxonomy import PROGRAMS
from directory.formats.column_map import ColumnMap, load_map
from directory.formats.text import scrub
from directory.resources import folder
from directory.services.adding import DIRECTORY
from directory.services.adding import FORMAT as BY_HAND
from directory.services.exchange import Order, Watch, import_preview
from directory.services.readers import FORMATS, reader_of
from directory.services.reviewing import discarded, look_asked
from directory.services.runs import audited
from directory.settings import Settings
from directory.storage import accounts, adding, db, imports, sources, uploads

OWN_MAP = "own"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_MAPS = ("shelter-list", "recovery-residences", "job-services", "tsml", "uk-12-step", "icarol", "toronto-shelters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody sends, as they describe it. `source` is a name, or `agency-<id>` for an agency's own.

    `map` is the name of a ready map, OWN_MAP for the one in `map_text`, "" for none. `filename` is as the browser gives it; `origin` is
    where a file comes from that was fetched. `stream` is None where no file was chosen.
    """

    stream: BinaryIO | None
    filename: str
    format: str
    source: str
    fellowship: str = ""
    map: str = ""
    map_text: bytes = b""
    partial: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A source that this person may send files for. `format` is what it holds, None while it has none; `listings` those on show, and
    `is_own` that it is the one of an agency itself."""

    name: str
    title: str
    format: str | None
    listings: int
    is_own: bool = False


def maps_ready() -> tuple[str, ...]:
    """The names of the maps that come with the program."""
    return _MAPS


def is_source_name(text: str) -> bool:
    """Whether a source can be called that: letters, figures, dots and dashes, at most 80."""
    return bool(_NAME.fullmatch(text))


def is_typed(name: str) -> bool:
    """Whether a source is called like those of what people have typed in. A file is all that there is of its source, so none is for these."""
    return bool(re.fullmatch(rf"{DIRECTORY}|agency-[0-9]+-{DIRECTORY}", name))


# --- sending ---------------------------------------------------------------------------------------------------------


async def upload_targets(*, by: Actor, now: datetime) -> tuple[list[Target], bool]:
    """For which sources this person may send files, and whether for a new one too. Raises Denied."""
    demand(by, Action.UPLOAD, now=now)
    reach = reach_of(by, Action.UPLOAD)
    known = await uploads.sources(reach)
    of_files = [row for row in known if row["format"] in (*FORMATS, BY_HAND) and not is_typed(row["name"])]
    found = {row["name"]: _target(row) for row in of_files}
    if reach is not None:
        found = {name: each for name, each in found.items() if _own(name)}
        for agency in await accounts.agencies(reach):
            found.setdefault(f"agency-{agency.id}", Target(f"agency-{agency.id}", agency.name, None, 0, True))
    return list(found.values()), reach is None


def _target(row: dict[str, Any]) -> Target:
    held = None if row["format"] == BY_HAND else row["format"]
    return Target(row["name"], row["title"] or row["name"], held, int(row["listings"]), bool(_own(row["name"])))


def _own(name: str) -> int | None:
    """The agency whose own source has this name."""
    found = re.fullmatch(r"agency-([1-9][0-9]{0,8})", name)
    return int(found[1]) if found else None


async def upload_read(
    *, by: Actor, upload: Upload, clock: Callable[[], datetime], settings: Settings, watch: Watch | None = None
) -> int:
    """Reads and compares a file and gives the run to look at; a preview of the same source that still waits is replaced.

    A large file takes a minute or two; `watch` knows the run before.
    Raises Denied, UnfitFields, UnreadableFile for what cannot be read, and RunRefused with "busy".
    """
    agency = await _agency(by, upload.source, clock())
    known = await sources.find(upload.source)
    problems = _problems(upload, known)
    if problems:
        raise UnfitFields(problems)
    if agency is not None:
        await _keep_own_source(upload, agency, clock())
    order = await _order(by, upload, known, agency, clock, settings)

    async def then(row: dict[str, Any]) -> None:
        for older in await imports.latest(upload.source, 100, statuses=imports.WAITING):
            if older["id"] != row["id"]:
                await discarded(older, by=by.label, now=clock(), instead=row["id"])
        if not publishes(by, row["agency_id"]):
            await look_asked(row, clock())
        details = {"run": row["id"], "format": row["format"], "file_sha256": row["file_hash"]}
        await audited(row, "upload", by=by.label, now=clock(), details=details)

    return await import_preview(order=order, then=then, watch=watch)


async def _agency(by: Actor, source: str, now: datetime) -> int | None:
    """The agency whose own source it is. Raises Denied where this person may not write to it."""
    demand(by, Action.UPLOAD, now=now)
    if not source:
        return None  # a problem of the form, which is told with all others
    known = await sources.find(source)
    own = _own(source)
    agency = own if known is None or own is not None else known["agency_id"]
    demand(by, Action.UPLOAD, of_agency(agency), now=now)
    if reach_of(by, Action.UPLOAD) is not None and own is None:
        raise Denied("not-yours")  # an editor writes to the agency's one own source
    if own is not None and not await accounts.agencies([own]):
        raise NotFound()
    return own


def _problems(upload: Upload, known: dict[str, Any] | None) -> list[Problem]:
    found = []
    if not is_source_name(upload.source):
        found.append(Problem("source", "not-a-name" if upload.source else "missing-list", ""))
    elif is_typed(upload.source):
        found.append(Problem("source", "typed-in", ""))
    if upload.format not in FORMATS:
        found.append(Problem("format", "missing-format", ""))
    elif known and known["format"] not in (upload.format, BY_HAND) and not is_typed(upload.source):
        found.append(Problem("format", "other-format", known["format"]))
    if upload.stream is None:
        found.append(Problem("file", "missing-file", ""))
    if upload.fellowship and upload.fellowship not in PROGRAMS:
        found.append(Problem("fellowship", "choose", ""))
    if upload.format == "csv" and not (upload.map in _MAPS or (upload.map == OWN_MAP and upload.map_text)):
        found.append(Problem("map", "missing-map", ""))
    return found


async def _keep_own_source(upload: Upload, agency: int, now: datetime) -> None:
    (found,) = await accounts.agencies([agency])
    async with db.staging():
        id = await sources.ensure(upload.source, format=BY_HAND, now=now, title=found.name)
        await adding.source_belongs(id, agency)


async def _order(
    by: Actor,
    upload: Upload,
    known: dict[str, Any] | None,
    agency: int | None,
    clock: Callable[[], datetime],
    settings: Settings,
) -> Order:
    column_map = load_map(BytesIO(await map_bytes(upload.map, upload.map_text))) if upload.format == "csv" else None
    fellowship = upload.fellowship or (known or {}).get("fellowship") if upload.format == "meeting-guide" else None
    title = _title(upload, column_map) if column_map and agency is None and not known else None
    assert upload.stream is not None  # else there was a problem
    return Order(
        stream=upload.stream,
        reader=reader_of(upload.format, fellowship=fellowship or None, column_map=column_map),
        format=upload.format,
        source=upload.source,
        by=by.label,
        clock=clock,
        settings=settings,
        origin=upload.origin or scrub(re.split(r"[/\\]", upload.filename)[-1])[:200] or None,
        fellowship=fellowship or None,
        partial=upload.partial,
        dry_run=False,
        allow_removals=True,
        match_by=None,
        about={"title": title} if title else {},
        progress=lambda _: None,
    )


def _title(upload: Upload, column_map: ColumnMap) -> str:
    """What a new list is called: a ready map is for many lists, and its title is none of one of them."""
    return (upload.map == OWN_MAP and column_map.title) or upload.source


async def map_bytes(name: str, own: bytes = b"") -> bytes:
    """The TOML of a map: one's own, or one of those that are ready."""
    return own if name == OWN_MAP else await asyncio.to_thread(_ready_map, name)


def _ready_map(name: str) -> bytes:
    return (folder("seeds") / "maps" / f"{name}.toml").read_bytes()


async def uploads_waiting(*, by: Actor, now: datetime) -> int:
    """How many previews wait for the yes of this person; 0 for whoever sends no files."""
    if not isinstance(may(by, Action.UPLOAD, now=now), Allowed):
        return 0
    reach = reach_of(by, Action.UPLOAD)
    rows = await imports.latest(None, 100, agencies=reach, statuses=(imports.PREVIEW,))
    return sum(publishes(by, row["agency_id"]) for row in rows)
