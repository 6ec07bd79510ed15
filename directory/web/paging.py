"""Long lists that come a page at a time: which page is asked for, and the addresses of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

MOST = 2000
"""The last page that can be asked for: to skip rows takes the database longer the further one goes."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The addresses of the pages before and after this one, "" where there is none."""

    previous_url: str
    next_url: str


def page_asked(request: Request) -> int:
    """The page that the address asks for, from 1; anything that is no page is the first."""
    text = request.query_params.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), MOST)


def pages_around(address: str, page: int, *, is_more: bool) -> Pages:
    """The neighbours of a page of the list at this address."""
    return Pages(
        f"{address}?page={page - 1}" if page > 1 else "",
        f"{address}?page={page + 1}" if is_more and page < MOST else "",
    )
