"""One answer of a server as it came over the wire, and what may be wrong with it."""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import brotli

if sys.version_info >= (3, 14):
    from compression.zstd import decompress as zstd
else:
    from zstandard import ZstdDecompressor

    def zstd(body: bytes) -> bytes:
        return ZstdDecompressor().decompressobj().decompress(body)


PER_PAGE = 25
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "zstd": zstd,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, head as it came (without the empty line), and body, not decoded."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, "" where there is none."""
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return found[1].decode("latin-1") if found else ""

    def text(self) -> str:
        """The body, decoded."""
        return DECODERS[self.header("content-encoding")](self.body).decode()


def wrong(answer: Answer, status: int, holds: Sequence[str]) -> str:
    """What is wrong with an answer, "" where nothing is: another status, words that its page lacks, figures that do not agree."""
    if answer.status != status:
        return f"status {answer.status}, not {status}"
    if answer.header("content-type").startswith("application/json"):
        return disagreement(json.loads(answer.text()))
    missing = [words for words in holds if words not in answer.text()] if holds else []
    return f"without {missing}" if missing else ""


def disagreement(found: dict[str, Any]) -> str:
    """What does not agree within the first page of a search's answer, "" where all does.

    All of an answer must be of one moment, whatever is written beside it.
    """
    results, elsewhere = found["results"], found["elsewhere"]["results"]
    twice = [slug for slug, n in Counter(each["slug"] for each in (*results, *elsewhere)).items() if n > 1]
    if twice:
        return f"twice in one answer: {twice}"
    expected = min(found["total"], int(found["query"].get("per_page", PER_PAGE)))
    if len(results) != expected:
        return f"{len(results)} on the first page of {found['total']}"
    kinds = Counter({each["code"]: each["count"] for each in found["facets"]["kind"]})
    counted = sum(kinds[kind] for kind in found["query"].get("kind", kinds))
    return "" if counted == found["total"] else f"{found['total']} in all, {counted} by their kinds"
