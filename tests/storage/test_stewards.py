"""To which agency a listing belongs, asked of the listing and of the agency: the two ways always agree, and both are quick."""

from __future__ import annotations

import pytest

from directory.domain.agencies import APPROVED, ASKED
from directory.storage import claims, db, stewards
from directory.storage.agencies import agencies
from tests import factories
from tests.accounts import NOW, agency
from tests.agencies import listings


async def claimed(agency: int, column: str, id: int, status: str = APPROVED) -> None:
    async with db.staging():
        await claims.add(agency=agency, column=column, id=id, words=None, by="test", now=NOW, status=status)


async def ids() -> dict[str, int]:
    return {row["source_key"]: row["id"] for row in await db.rows("SELECT source_key, id FROM listing")}


async def organization(key: str) -> int:
    return int(await factories.one_value("SELECT organization_id FROM listing WHERE source_key = {0}", key))


async def of_source(agency: int) -> None:
    async with db.staging():
        await db.execute(f"UPDATE source SET agency_id = {agency} WHERE name = 'world'")


async def test_a_claim_on_the_listing_goes_before_one_on_its_organization_and_that_before_its_source(
    database: str,
) -> None:
    slugs = await listings(database)
    keys = await ids()
    by_source, by_organization, by_itself = [await agency(name) for name in ("Source", "Organization", "Itself")]
    await of_source(by_source)
    await claimed(by_organization, "organization_id", await organization("one"))
    await claimed(by_itself, "listing_id", keys["two"])
    await claimed(by_itself, "listing_id", keys["three"], ASKED)
    wanted = {
        "one": by_organization,
        "two": by_itself,
        "three": by_organization,
        "clinic": by_source,
        "lamp": by_source,
    }
    assert {key: await stewards.agency_of(slugs[key]) for key in slugs} == wanted
    assert await stewards.agencies_of(keys.values()) == {keys[key]: owner for key, owner in wanted.items()}
    for owner in (by_source, by_organization, by_itself):
        found = [slug for slug, _ in await stewards.listing_names(owner)]
        assert set(found) == {slugs[key] for key, agency in wanted.items() if agency == owner}
        assert len(found) == len(set(found))
    counted = {each.id: each.listings for each in await agencies(50)}
    assert counted == {by_source: 2, by_organization: 2, by_itself: 1}


async def test_what_its_source_has_taken_out_is_on_nobodys_list(database: str) -> None:
    slugs, home = await listings(database), await agency()
    await of_source(home)
    async with db.transaction():
        await db.execute("UPDATE listing SET status = 'removed' WHERE source_key = 'one'")
    named = [slug for slug, _ in await stewards.listing_names(home)]
    assert slugs["one"] not in named
    assert len(named) == 4


async def test_what_does_not_exist_is_nobodys(database: str) -> None:
    await listings(database)
    assert await stewards.agency_of("no-such-listing") is None
    assert await stewards.agencies_of([999_999]) == {}
    assert await stewards.listing_names(999_999) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_listings_of_an_agency_are_read_through_indexes_and_never_all_listings(database: str) -> None:
    await listings(database)
    home = await agency()
    await claimed(home, "organization_id", await organization("one"))
    text = f"EXPLAIN QUERY PLAN SELECT l.id FROM listing l WHERE l.id IN (SELECT id FROM ({stewards.owned('?1')}) o)"
    steps = [row["detail"] for row in await db.rows(text, [home])]
    assert [step for step in steps if step.startswith("SCAN") and " l" in f"{step} "] == []
    assert any("listing_organization" in step for step in steps), steps
