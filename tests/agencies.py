"""Agencies, listings and claims made up for tests of what agencies keep true."""

from __future__ import annotations

from dataclasses import replace

from directory.domain.access import Actor, Grant, Role
from directory.domain.agencies import APPROVED, ASKED, AgencyValues
from directory.domain.levels import LevelValues, ProgramValues
from directory.services.claims import Wanted, claim_ask, claim_settle
from directory.services.credentials import new_token
from directory.storage import accounts, agencies, claims, db, programs
from tests import factories
from tests.accounts import NOW, SETTINGS, joined, signed_in

REEDS, HERONS = "Reed Houses", "Heron Care"


async def listings(url: str) -> dict[str, str]:
    """Three houses of one organization, one clinic of another and a group of none; their slugs by key."""
    drafts = [
        *(
            factories.draft(key, kind="housing", name=f"Reed House {key.title()}", organization=REEDS, program=None)
            for key in ("one", "two", "three")
        ),
        factories.draft("clinic", kind="treatment", name="Heron Clinic", organization=HERONS, program=None),
        factories.draft("lamp"),
    ]
    await factories.world_made()
    await factories.import_drafts(url, drafts)
    return {row["source_key"]: row["slug"] for row in await db.rows("SELECT source_key, slug FROM listing")}


async def editor(agency: int, email: str = "ed@example.org") -> Actor:
    """An editor of this agency who has just signed in."""
    return (await signed_in(await joined(Role.EDITOR, agency, email))).actor


async def coordinator(agency: int, email: str = "cora@example.org") -> Actor:
    """A coordinator who has just signed in."""
    return (await signed_in(await joined(Role.COORDINATOR, agency, email))).actor


async def administrator() -> Actor:
    """Somebody who looks after the site."""
    return (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor


async def asked(by: Actor, slug: str, agency: int, *, whole: bool = False) -> int:
    """The number of a new claim."""
    claim = await claim_ask(by=by, wanted=Wanted(slug, agency, whole), form=new_token(), now=NOW)
    assert claim is not None
    return claim


async def settled(by: Actor, claim: int, *, approve: bool = True, answer: str = "As we said by phone.") -> None:
    """Answers a claim."""
    await claim_settle(by=by, id=claim, is_approved=approve, answer=answer, settings=SETTINGS, now=NOW)


def of_agency(actor: Actor, agency: int) -> Actor:
    """The same person, as editor of this agency alone."""
    return replace(actor, grants=(Grant(Role.EDITOR, agency),))


# --- for the table of who may go where -------------------------------------------------------------------------------


async def new_editor(agency: int, email: str) -> int:
    """The id of the role of a new editor."""
    person = await joined(Role.EDITOR, agency, email)
    return int(await factories.one_value("SELECT id FROM role_grant WHERE person_id = {0}", person.id))


async def set_up(kind: str, slug: str, name: str) -> int:
    """The id of a new agency, or of a program or a level of care of one."""
    async with db.staging():
        values = AgencyValues(name, "treatment", "America/New_York")
        agency = await agencies.add(values, NOW)
        assert agency is not None
        if kind == "agencies":
            return agency
        program = await programs.program_add(agency, slug, ProgramValues(name), NOW)
        assert program is not None
        level = await programs.level_add(program, LevelValues("Beds", "residential", "bed"), NOW)
        assert level is not None
        return program if kind == "programs" else level


async def unclaimed() -> None:
    """Lets every claim be over."""
    async with db.staging():
        await db.execute("UPDATE claim SET status = 'ended'")


async def claimed(agency: int, slug: str, *, approved: bool) -> int:
    """The number of a claim that waits, or of one that is approved, on this listing; older ones on it are over."""
    await unclaimed()
    async with db.staging():
        listing = await factories.one_value("SELECT id FROM listing WHERE slug = {0}", slug)
        status = APPROVED if approved else ASKED
        return await claims.add(
            agency=agency, column="listing_id", id=listing, words=None, by="test", now=NOW, status=status
        )


async def many_asked(agency: int, slug: str, number: int) -> int:
    """So many claims of an agency on this listing that wait; the number of the last."""
    listing = await factories.one_value("SELECT id FROM listing WHERE slug = {0}", slug)
    async with db.staging():
        made = [
            await claims.add(agency=agency, column="listing_id", id=listing, words=None, by="test", now=NOW)
            for _ in range(number)
        ]
    return made[-1]


async def asked_for(agency: int, slug: str) -> int:
    """The number of a claim that waits."""
    return await claimed(agency, slug, approved=False)


async def proven(person: int) -> None:
    """As if a letter had gone to the address of this account."""
    async with db.staging():
        await accounts.person_set(person, proven_at=NOW)


async def time_passed() -> None:
    """As if everybody had signed in a while ago."""
    await db.execute("UPDATE session SET fresh_until = created_at")
