"""The audit trail as an administrator looks through it: pages, filters, and whether it held when it was last checked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.trail import PAGE, READING, Asked, label_of
from directory.services.trail import audit_check, audit_check_daily, audit_state, trail_page
from directory.storage import accounts, db, records
from tests.factories import NOW, one_value, settings_for

ADA = Actor(1, (Grant(Role.ADMINISTRATOR),))


async def noted(by: str = "seed", action: str = "edit", subject: str = "listing 1", days: int = 0) -> None:
    async with db.staging():
        at = NOW + timedelta(days=days)
        await records.audit(at=at, by=by, action=action, subject=subject, details={"fields": ["phones"]})


async def found(**asked: object) -> list[tuple[str, str, str]]:
    page = await trail_page(by=ADA, asked=Asked(**asked), now=NOW)  # type: ignore[arg-type]
    return [(line.by, line.action, line.subject) for line in page.lines]


async def test_entries_come_newest_first_and_can_be_narrowed_down(database: str) -> None:
    await noted()
    await noted(by="person 4", days=1)
    await noted(by="person 4", action="sign-in", subject="person 4", days=2)
    assert await found() == [
        ("person 4", "sign-in", "person 4"),
        ("person 4", "edit", "listing 1"),
        ("seed", "edit", "listing 1"),
    ]
    assert len(await found(by="person 4")) == 2
    assert await found(action="sign-in") == [("person 4", "sign-in", "person 4")]
    assert await found(by="person 4", subject="listing 1") == [("person 4", "edit", "listing 1")]
    assert await found(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2)) == [
        ("person 4", "edit", "listing 1")
    ]


async def test_a_long_trail_comes_a_page_at_a_time_and_no_entry_is_left_out(database: str) -> None:
    for number in range(PAGE + 2):
        await noted(subject=f"listing {number}")
    first = await trail_page(by=ADA, asked=Asked(), now=NOW)
    rest = await trail_page(by=ADA, asked=Asked(before=first.older), now=NOW)
    subjects = [line.subject for page in (first, rest) for line in page.lines]
    assert subjects == [f"listing {number}" for number in reversed(range(PAGE + 2))]
    assert rest.older is None


async def test_people_are_named_beside_their_numbers(database: str) -> None:
    async with db.staging():
        person = await accounts.person_add(email="wren@example.org", name="Wren Sedge", language="en", now=NOW)
    await noted(by=f"person {person}")
    page = await trail_page(by=ADA, asked=Asked(), now=NOW)
    assert page.names == {f"person {person}": "Wren Sedge"}


async def test_that_somebody_read_the_trail_stands_beside_it_without_what_they_typed(database: str) -> None:
    await found(by="wren@example.org")
    page = await trail_page(by=ADA, asked=Asked(log=READING), now=NOW)
    (line,) = page.lines
    assert (line.by, line.action, line.subject) == ("person 1", "see", "trail changes")
    assert line.details == {"number": 0, "narrowed": ["by"]}
    assert line.seq is None


@pytest.mark.parametrize("role", [Role.PEER, Role.COORDINATOR, Role.EDITOR, Role.OVERSIGHT])
async def test_nobody_but_an_administrator_reads_it(database: str, role: Role) -> None:
    other = Actor(2, (Grant(role, None if role is Role.OVERSIGHT else 1),))
    with pytest.raises(Denied):
        await trail_page(by=other, asked=Asked(), now=NOW)
    with pytest.raises(Denied):
        await audit_state(by=other, now=NOW)
    with pytest.raises(Denied):
        await audit_check(by=other, settings=settings_for(database), now=NOW)
    assert await one_value("SELECT COUNT(*) FROM access_entry") == 0


async def test_a_check_is_noted_and_says_where_the_trail_is_broken(database: str) -> None:
    await noted()
    assert (await audit_state(by=ADA, now=NOW)).checked is None
    settings = settings_for(database)
    await audit_check(by=ADA, settings=settings, now=NOW)
    state = await audit_state(by=ADA, now=NOW)
    assert state.checked is not None
    assert (state.checked.at, state.checked.holds, state.checked.broken) == (NOW, True, {})
    assert [(head.chain, head.seq) for head in state.heads] == [("directory", 2)]  # that it was checked is an entry too

    other_key = settings_for(database, audit_key="another-key-of-more-than-32-characters")
    later = NOW + timedelta(days=1)
    assert await audit_check_daily(settings=other_key, now=later) == 1
    state = await audit_state(by=ADA, now=later)
    assert state.checked is not None
    assert (state.checked.at, state.checked.holds, state.checked.broken) == (later, False, {"directory": 1})


@pytest.mark.parametrize(
    ("typed", "meant"), [("7", "person 7"), (" person  7 ", "person 7"), ("seed", "seed"), ("", "")]
)
def test_a_number_alone_is_that_of_a_person(typed: str, meant: str) -> None:
    assert label_of(typed) == meant
