"""Exports: every active listing as a file for others, the same to the byte for the same data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from directory.domain.exports import Published
from directory.formats.csv_out import CsvOut
from directory.formats.geojson_out import GeoJsonOut
from directory.formats.meeting_guide_out import MeetingGuideOut
from directory.storage import db
from directory.storage import exports as storage

FORMATS = ("csv", "meeting-guide", "geojson")


class Writer(Protocol):
    """What turns listings into the pieces of a file; `left_out` counts by reason what the format cannot say."""

    left_out: dict[str, int]

    def start(self) -> bytes:
        """What stands before the first listing."""

    def add(self, listing: Published) -> bytes:
        """One listing; nothing for one that is left out."""

    def end(self) -> bytes:
        """What stands after the last."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export gave: how many listings were looked at, what of them was left out and why, and whose meetings it holds."""

    listings: int
    left_out: dict[str, int] = field(default_factory=dict)
    fellowships: tuple[str, ...] = ()


async def export_write(
    *,
    format: str,
    write: Callable[[bytes], object],
    base_url: str,
    source: str | None = None,
    fellowship: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Export:
    """Writes all active listings, or those of one source, in the order of their slugs and as they were at one moment.

    `write` is called with piece after piece, so that no more than a few hundred listings are in memory at a time. `fellowship`
    is for meetings: those of others are left out. Raises ValueError for a format that there is none for.
    """
    writer, count = _writer(format, base_url, fellowship), 0
    write(writer.start())
    async with db.snapshot(), aclosing(storage.published(source)) as batches:
        async for batch in batches:
            write(b"".join(map(writer.add, batch)))
            count += len(batch)
            progress(count)
    write(writer.end())
    fellowships = writer.fellowships if isinstance(writer, MeetingGuideOut) else ()
    return Export(count, dict(sorted(writer.left_out.items())), tuple(sorted(fellowships)))


def _writer(format: str, base_url: str, fellowship: str | None) -> Writer:
    if format == "meeting-guide":
        return MeetingGuideOut(base_url, fellowship)
    if format not in FORMATS:
        raise ValueError(format)
    return CsvOut(base_url) if format == "csv" else GeoJsonOut(base_url)
