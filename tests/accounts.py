"""Invented people with accounts, for the tests of storage, services and pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pyotp

from directory.domain.access import OF_THE_SITE, STAFF, Grant, Role
from directory.domain.notices import DEAD, EMAIL, LEASE, Step
from directory.domain.people import Session, SignedIn
from directory.domain.sign_in import FULL
from directory.services import own_account, sessions
from directory.services.invitations import invitation_take, person_invite
from directory.services.notices import notice_queue
from directory.services.sign_in import second_factor_give, sign_in
from directory.settings import CONSOLE, Settings
from directory.storage import accounts, db, outbox

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SETTINGS = Settings(env="test", hosts=("localhost",), base_url="http://localhost", smtp_url=CONSOLE)
PASSWORD = "heron-walks-on-marsh"
OPERATOR = "command line: test"
HERE = {"address": "192.0.2.7", "device": "Firefox, Linux"}


@dataclass(frozen=True)
class Somebody:
    """A person who has taken an invitation. `secret` is that of their authenticator app, "" for none."""

    id: int
    email: str
    secret: str = ""
    password: str = PASSWORD

    def code(self, now: datetime) -> str:
        """What the app shows at this moment."""
        return pyotp.TOTP(self.secret).at(now)


async def agency(name: str = "Marsh Peers", kind: str = "peer") -> int:
    """The id of an agency with this name."""
    async with db.staging():
        return await accounts.agency_add(name=name, kind=kind, timezone="America/New_York", now=NOW)


async def invited(role: Role, agency: int | None = None, email: str = "ana@example.org") -> str:
    """The token of an invitation."""
    found = await person_invite(
        by=OPERATOR, grant=Grant(role, agency), email=email, name="Ana Reed", settings=SETTINGS, now=NOW
    )
    assert found is not None
    assert found.address is not None
    return found.address.rpartition("/")[2]


async def take(token: str, *, now: datetime = NOW, password: str = PASSWORD) -> SignedIn:
    """Opens the account of an invitation."""
    return await invitation_take(
        token=token,
        name="Ana Reed",
        password=password,
        language="en",
        device=HERE["device"],
        settings=SETTINGS,
        now=now,
    )


async def joined(role: Role, agency: int | None = None, email: str = "ana@example.org") -> Somebody:
    """Somebody with this role, with a second factor where one is due, of an hour ago, so that codes of now are unused."""
    then = NOW - timedelta(hours=1)
    begun = await take(await invited(role, agency, email), now=then)
    person = await accounts.account_of_email(email)
    assert person is not None
    somebody = Somebody(person.id, email)
    if begun.stage != FULL:
        secret = await own_account.second_factor_offer(session=await session(begun, then), settings=SETTINGS, now=then)
        somebody = replace(somebody, secret=secret)
        await own_account.second_factor_set(
            session=await session(begun, then), code=somebody.code(then), settings=SETTINGS, now=then
        )
    return somebody


async def session(begun: SignedIn, now: datetime = NOW) -> Session:
    """The session that has just begun."""
    found = await sessions.session_find(token=begun.token, now=now)
    assert found is not None
    return found


async def signed_in(somebody: Somebody, now: datetime = NOW) -> Session:
    """A finished session of this person."""
    begun = await enter(somebody, now)
    if begun.stage != FULL:
        begun = await second_factor_give(
            session=await session(begun, now), code=somebody.code(now), settings=SETTINGS, now=now
        )
    return await session(begun, now)


async def enter(
    somebody: Somebody, now: datetime = NOW, *, password: str = "", address: str = "", known: str = ""
) -> SignedIn:
    """The first step of signing in."""
    return await sign_in(
        email=somebody.email,
        password=password or somebody.password,
        known=known,
        address=address or HERE["address"],
        device=HERE["device"],
        settings=SETTINGS,
        now=now,
    )


# --- a small staff ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Staff:
    """Two agencies with people in every role. `cookies` are sessions of the first agency's and the site's, by role."""

    here: int
    there: int
    cookies: dict[Role, str]
    people: dict[Role, Somebody]


async def staff(url: str) -> Staff:
    """Fills the database at this address, over a connection of its own."""
    async with db.connect(url):
        here, there = await agency(), await agency("Farshore Peers")
        people, cookies = {}, {}
        for role in STAFF:
            home = None if role in OF_THE_SITE else here
            people[role] = await joined(role, home, f"{role}@example.org")
            cookies[role] = await cookie(people[role])
        return Staff(here, there, cookies, people)


async def cookie(somebody: Somebody, now: datetime = NOW) -> str:
    """The cookie of a finished session."""
    begun = await enter(somebody, now)
    if begun.stage != FULL:
        half = await session(begun, now)
        begun = await second_factor_give(session=half, code=somebody.code(now), settings=SETTINGS, now=now)
    return begun.token


async def newcomer(agency: int, email: str) -> tuple[int, int]:
    """The ids of a new peer with an account in this agency, and of the grant."""
    person = await joined(Role.PEER, agency, email)
    (row,) = await db.rows(f"SELECT id FROM role_grant WHERE person_id = {person.id}")
    return person.id, row["id"]


VALUES: dict[str, dict[str, object]] = {
    "update": {"call": "555-0100"},
    "report-outcome": {"link": "https://help.example.org/l/1", "outcome": "fixed", "answer": ""},
}


async def dead_message(template: str = "update") -> int:
    """The number of a new message that its reader's server refused; by this template it can start over, or not."""
    async with db.staging():
        id = await notice_queue(
            channel=EMAIL,
            to="reader@example.org",
            template=template,
            language="en",
            values=VALUES[template],
            dedup_key=f"update {next(_messages)}",
            now=NOW,
        )
    assert id is not None
    row = await outbox.claim(id, lease="test", until=NOW + LEASE, now=NOW)
    assert row is not None
    await outbox.settle(row, Step(DEAD, NOW, "no such reader"), NOW)
    return id


_messages = count()
