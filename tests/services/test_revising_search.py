"""After any edit the search finds what a search in plain Python finds in the listings as people have set them."""

from __future__ import annotations

import random
from dataclasses import replace

from directory.domain.differences import flat
from directory.domain.edits import FIELDS
from directory.domain.listings import ListingDraft, Status, Visibility
from directory.domain.search import parse
from directory.domain.taxonomy import FACETS
from directory.services.edits import listing_edit
from directory.services.search import search_run
from directory.storage import db
from directory.storage.encoding import draft_to_json
from tests import factories, oracle
from tests.factories import NOW, draft, hours, import_drafts, meeting, settings_for, world_made

NAMES = ("Quiet Lamp Group", "Harbor House", "Reed Clinic", "Open Door")
LISTINGS, QUESTIONS = 16, 40
DAYS = ("0", "1", "5")
TIMES = ("morning", "evening", "18:00-20:00")


def random_listing(rng: random.Random, number: int) -> ListingDraft:
    town = rng.choice(factories.TOWNS[:2])
    times = (*(meeting(rng.randrange(7), "19:00") for _ in range(2)), hours(rng.randrange(7), "22:00", 480))
    return draft(
        f"key-{number}",
        kind=rng.choice(("meeting", "treatment", "housing")),
        name=rng.choice(NAMES),
        description=rng.choice((None, "Coffee and a quiet room")),
        attendance=rng.choice(("in-person", "hybrid", "online", None)),
        program=rng.choice((None, "aa", "na")),
        status=rng.choice((Status.ACTIVE, Status.ACTIVE, Status.ACTIVE, Status.INACTIVE)),
        windows=rng.choice((times, times[:1], ())),
        languages=rng.choice((None, ("en",), ("en", "es"))),
        visibility=rng.choice((Visibility.FULL, Visibility.FULL, Visibility.HIDDEN)),
        city=town[0],
        state=town[1],
        postal_code=town[2],
        timezone=town[5],
        street=None,
        point=None,
        **{name: rng.choice((None, (), values[:1], values[:2])) for name, values in FACETS.items()},
    )


def random_question(rng: random.Random) -> list[tuple[str, str]]:
    town = rng.choice(factories.TOWNS[:2])
    offers = [
        ("near", town[2]), ("kind", rng.choice(("meeting", "housing"))), ("day", rng.choice(DAYS)), ("open", "now"),
        ("time", rng.choice(TIMES)), ("q", rng.choice(("quiet", "harbor", "open door"))), ("program", "aa"),
        ("care", FACETS["care"][0]), ("pay", FACETS["pay"][1]), ("language", "es"), ("attendance", "online"),
    ]  # fmt: skip
    return rng.sample(offers, rng.choice((1, 1, 2, 3)))


async def test_what_people_set_is_searched_as_if_its_source_had_said_it(database: str) -> None:
    rng = random.Random(5)
    before = [random_listing(rng, number) for number in range(LISTINGS)]
    # An edit sets no time zone: that is found for the new address.
    after = [replace(random_listing(rng, number), key=each.key) for number, each in enumerate(before)]
    after = [
        replace(new, address=replace(new.address, timezone=old.address.timezone))
        for old, new in zip(before, after, strict=True)
    ]
    await world_made()
    await import_drafts(database, before)
    slugs = {row["source_key"]: row["slug"] for row in await db.rows("SELECT source_key, slug FROM listing")}
    given = {"by": "test", "reason": None, "clock": lambda: NOW, "settings": settings_for(database)}
    for each in after:
        said = flat(draft_to_json(each))
        values = {name: _plain(said.get(name)) for name in FIELDS}
        await listing_edit(slug=slugs[each.key], values=values, **given)  # type: ignore[arg-type]
    truth, not_empty = oracle.Oracle(after, slugs), 0
    for _ in range(QUESTIONS):
        params = random_question(rng)
        query, problems = parse(params)
        assert problems == []
        expected = truth.search(query, NOW)
        found = await search_run(query=query, now=NOW, settings=settings_for(database))
        assert (found.total, [card.slug for card in found.cards]) == (expected.total, expected.slugs), params
        assert found.unknown == expected.unknown, params
        not_empty += bool(expected.slugs)
    assert not_empty > QUESTIONS / 3


def _plain(value: object) -> object:
    """A value of a draft as the form has it."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Status | Visibility) else value
