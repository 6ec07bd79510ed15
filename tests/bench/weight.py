"""What a page of results weighs: its HTML, and all that a browser fetches to show it, as bytes over the wire."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from statistics import median

from tests.bench import pages
from tests.bench.answers import Answer
from tests.bench.run import Run

MOST_HTML, MOST_IN_ALL = 15_000, 40_000
FETCHED_LINKS = ("stylesheet", "icon", "preload", "modulepreload", "manifest")
ENCODINGS = {"brotli": "gzip, deflate, br", "zstd": "gzip, deflate, br, zstd"}
"""What browsers send: Safari and older ones, and all others."""


def lines(run: Run, engine: str, port: int, paths: list[str]) -> None:
    """Weighs the pages at these addresses in each encoding that browsers ask for."""
    for name, encodings in ENCODINGS.items():
        found = [weigh(port, path, encodings) for path in paths]
        for what, most, sizes in (
            ("the HTML of a page of results", MOST_HTML, [html for html, _ in found]),
            (
                "all that a browser fetches for it, heads of answers included",
                MOST_IN_ALL,
                [whole for _, whole in found],
            ),
        ):
            line = run.line(f"{what}, {name}: p50 / most", f"<= {most / 1000:.0f} kB")
            line.put(engine, f"{median(sizes) / 1000:.1f} / {max(sizes) / 1000:.1f} kB", max(sizes) <= most)


def weigh(port: int, path: str, encodings: str) -> tuple[int, int]:
    """The bytes of the HTML as it is sent, and of all answers that show the page for the first time."""
    answer = pages.fetch(port, path, encodings)
    more = sum(_weight_of_file(port, address, encodings) for address in needed(answer.text()))
    return len(answer.body), _weight(answer, path) + more


@cache
def _weight_of_file(port: int, path: str, encodings: str) -> int:
    return _weight(pages.fetch(port, path, encodings), path)


def _weight(answer: Answer, path: str) -> int:
    assert answer.status == 200, (answer.status, path)
    return len(answer.head) + len("\r\n\r\n") + len(answer.body)


class _Needs(HTMLParser):
    """Finds what an HTML page makes a browser fetch at once."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and set(values.get("rel", "").split()) & set(FETCHED_LINKS):
            self.found.add(values["href"])
        elif tag in ("script", "img", "iframe", "source", "video", "audio", "embed") and values.get("src"):
            self.found.add(values["src"])


def needed(page: str) -> set[str]:
    """The addresses that a browser fetches to show a page; what only a tap loads (the map) is not among them."""
    needs = _Needs()
    needs.feed(page)
    return {address for address in needs.found if not address.startswith("data:")}
