"""Whatever somebody types where a number or a date belongs, or writes into an address, is answered in words and never by a mistake of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from directory.domain.access import Role
from directory.domain.tokens import OPENINGS, token_hash
from directory.services.credentials import new_token
from directory.storage import db, sessions
from tests import agencies, openings
from tests.accounts import NOW
from tests.factories import one_value
from tests.web.signed import Signed, signed_site

ODD = (
    "9" * 40,
    "9223372036854775808",
    "2147483648",
    "10^30",
    "1e9",
    "-1",
    "NaN",
    "²",
    "１２",
    "🛏",
    "a\0b",
    "2026-02-30T10:00",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59-14:00",
)
"""No moment that can be, and no number of anything that we count."""


@dataclass(frozen=True)
class Form:
    """A form that is all right but for what is typed into one of the groups of fields."""

    role: Role
    address: str
    groups: Sequence[Sequence[str]]
    sound: Mapping[str, str]


@pytest.fixture(scope="module")
def site(
    new_database: Callable[[str, Path], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Signed]:
    """One site for all tests here: nothing of what they send is taken. PostgreSQL takes fewer numbers and texts than SQLite."""
    with new_database("postgres", tmp_path_factory.mktemp("odd")) as url, signed_site(url) as site:
        yield site


async def _slug() -> str:
    return str(await one_value("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'"))


async def _level(agency: int) -> tuple[int, int, int]:
    return await openings.in_agency(agency, await _slug())


async def _link(person: int, level: int, report: int) -> str:
    token = new_token()
    payload: dict[str, object] = {"level": level, "report": report}
    async with db.staging():
        await sessions.link_add(
            key=token_hash(token), purpose=OPENINGS, person=person, payload=payload, now=NOW,
            expires_at=NOW + timedelta(days=1),
        )  # fmt: skip
    return f"/openings/report/{token}"


REPORT = (("licensed", "staffed", "occupied", "held", "available", "expected"), ("youngest", "oldest"), ("as_of",))


def report(site: Signed) -> Form:
    level, seen, _notice = site.run(_level, site.staff.here)
    return Form(Role.EDITOR, f"/desk/openings/{level}", (*REPORT, ("seen",)), {"available": "x", "seen": str(seen)})


def same(site: Signed) -> Form:
    level, _seen, _notice = site.run(_level, site.staff.here)
    return Form(Role.EDITOR, f"/desk/openings/{level}/same", (("seen",),), {})


def link(site: Signed) -> Form:
    level, seen, _notice = site.run(_level, site.staff.here)
    address = site.run(_link, site.staff.people[Role.EDITOR].id, level, seen)
    return Form(Role.EDITOR, address, REPORT, {"available": "x"})


def notice(site: Signed) -> Form:
    number = site.run(_level, site.staff.here)[2]
    return Form(Role.EDITOR, f"/notices/{number}", (("sent_at",),), {"sent_to": "State office"})


def watch(site: Signed) -> Form:
    return Form(Role.PEER, "/openings/watch", (("within",), ("near",)), {"near": "Nowhere at all"})


def level(site: Signed) -> Form:
    number = site.run(agencies.set_up, "levels", site.run(_slug), f"Row {new_token()}")
    sound = {"name": "Beds", "care": "residential", "unit": "bed", "version": "99"}
    return Form(Role.COORDINATOR, f"/levels/{number}", (("licensed",), ("version",)), sound)


def new_level(site: Signed) -> Form:
    number = site.run(agencies.set_up, "programs", site.run(_slug), f"Row {new_token()}")
    return Form(Role.COORDINATOR, f"/programs/{number}/levels/new", (("licensed",), ("asam",)), {"name": ""})


def program(site: Signed) -> Form:
    number = site.run(agencies.set_up, "programs", site.run(_slug), f"Row {new_token()}")
    return Form(Role.COORDINATOR, f"/programs/{number}", (("version",),), {"name": "Night house"})


def agency(site: Signed) -> Form:
    number = site.run(agencies.set_up, "agencies", site.run(_slug), f"Row {new_token()}")
    sound = {"name": "Far Shore Agency", "kind": "treatment", "timezone": "America/New_York"}
    return Form(Role.COORDINATOR, f"/agencies/{number}", (("version",), ("timezone",)), sound)


def claim(site: Signed) -> Form:
    return Form(Role.COORDINATOR, "/claims/new", (("agency",), ("listing",)), {"agency": "1", "listing": "nothing"})


def check(site: Signed) -> Form:
    return Form(Role.PEER, f"/checks/{site.run(_slug)}", (("version",),), {"outcome": "", "version": "1"})


def review(site: Signed) -> Form:
    sound = {"decision": "", "version": "1", "last": "1"}
    return Form(Role.COORDINATOR, f"/checks/{site.run(_slug)}/review", (("version",), ("last",)), sound)


def upload(site: Signed) -> Form:
    return Form(Role.COORDINATOR, "/uploads", (("source", "new"), ("format",), ("map",), ("fellowship",)), {})


def feed(site: Signed) -> Form:
    sound = {"source": "far", "address": "https://192.0.2.1/list.json", "format": "nothing"}
    return Form(Role.ADMINISTRATOR, "/feeds/new", (("hours",), ("source",)), sound)


FORMS = (report, same, link, notice, watch, level, new_level, program, agency, claim, check, review, upload, feed)


@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.__name__)
def test_odd_numbers_and_dates_in_a_form_are_answered_in_words(site: Signed, made: Callable[[Signed], Form]) -> None:
    form = made(site)
    site.becomes(form.role)
    for group in form.groups:
        for odd in ODD:
            values = {**form.sound, "once": new_token(), **dict.fromkeys(group, odd)}
            if form.address == "/uploads":
                files = {"file": ("list.csv", b"name\n")}
                answer = site.client.post(
                    form.address, data=values, files=files, headers={"sec-fetch-site": "same-origin"}
                )
            else:
                answer = site.send(form.address, **values)
            assert answer.status_code in (303, 400, 404, 409, 422), (group, odd)
            assert answer.status_code != 303 or made in (same, upload, watch), (group, odd, answer.headers["location"])


ADDRESSES = (
    "/desk/openings?page={}", "/desk/openings/{}", "/notices/{}", "/openings?within={}&near={}", "/openings?watch={}",
    "/openings/report/{}", "/agencies/{}", "/agencies?page={}", "/programs/{}", "/levels/{}", "/claims?page={}",
    "/claims/new?listing={}&agency={}&q={}", "/checks?page={}&agency={}&near={}", "/checks/{}", "/runs/{}", "/runs/{}?page={}",
    "/reports?page={}", "/reports/{}", "/desk/listings?page={}&q={}", "/desk/listings/{}", "/desk/listings/{}/edit",
    "/desk?page={}", "/places/{}", "/duplicates/{}", "/moderation/{}", "/listings/{}", "/listings/{}.ics",
    "/listings/{}/report", "/api/listings/{}", "/l/{}", "/search?near={}&within={}&at={}&page={}",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_numbers_in_an_address_are_answered_in_words(site: Signed, address: str) -> None:
    site.becomes(Role.COORDINATOR)
    for odd in ODD:
        answer = site.client.get(address.replace("{}", odd.replace("\0", "%00").replace("+", "%2B")))
        assert answer.status_code in (200, 303, 400, 404, 410, 422), odd
