"""What visitors ask of the search page, from ZIP codes drawn as people live: kinds, some with filters, some with a time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import urlencode

from tests.bench.listings import SEED, Map
from tests.bench.load import Asked

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "en"}
RADII = (25, 24, 23, 22)
"""Each turn asks within so many miles: the places and nearly all of the listings are the same as in the turn before, so that what is
known of a listing can help, but no question and no page is."""

Filters = tuple[tuple[str, str], ...]
ASKED: tuple[tuple[int, Filters], ...] = (
    (14, (("kind", "treatment"),)),
    (8, (("kind", "treatment"), ("pay", "medicaid"), ("people", "women"))),
    (6, (("kind", "treatment"), ("care", "detox"), ("care", "residential"))),
    (4, (("kind", "treatment"), ("open", "now"))),
    (14, (("kind", "meeting"),)),
    (8, (("kind", "meeting"), ("program", "aa"), ("day", "1"), ("time", "evening"))),
    (6, (("kind", "meeting"), ("time", "now"))),
    (4, (("kind", "meeting"), ("day", "today"), ("sort", "time"))),
    (12, (("kind", "housing"),)),
    (4, (("kind", "harm-reduction"),)),
    (4, (("kind", "employment"),)),
    (4, (("kind", "recovery-support"), ("pay", "free"))),
    (12, ()),
)
"""How often which filters are asked for, of a hundred."""
MOVING = ("open", "time", "day")
"""Filters whose answer may be another one a minute later."""


def draw(map: Map, count: int, *, turn: int = 0, seed: int = 3) -> list[Filters]:
    """So many questions as parameters. With one `seed` every turn asks the same at the same places, within its own radius and in
    its own order: in one and the same order a memory that is too small would never remember anything."""
    rng = random.Random(SEED + seed)
    filters = rng.choices([found for _, found in ASKED], [often for often, _ in ASKED], k=count)
    miles = RADII[turn]
    radius: Filters = () if turn == 0 else (("within", f"{miles}"),)
    drawn = [(("near", place.key), *asked, *radius) for place, asked in zip(map.draw(rng, count), filters, strict=True)]
    random.Random(SEED + turn).shuffle(drawn)
    return drawn


def pages(questions: list[Filters]) -> list[Asked]:
    """The requests for their pages. A page holds the place in its form, and comes to its end."""
    return [Asked(path(asked), BROWSER, 200, (f'value="{dict(asked)["near"]}"', "</html>")) for asked in questions]


def path(asked: Filters, at: str = "/search") -> str:
    """The address of a question."""
    return f"{at}?{urlencode(asked)}"


def mixed(questions: list[Filters]) -> Iterator[Asked]:
    """Pages and answers for programs in turn."""
    for page, asked in zip(pages(questions), questions, strict=True):
        yield page
        yield Asked(path(asked, "/api/listings"), BROWSER)


def is_still(asked: Filters) -> bool:
    """Whether its answer depends on nothing but the data."""
    return not any(name in MOVING for name, _ in asked)
