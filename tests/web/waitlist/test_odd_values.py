"""Whatever somebody types into a form of the waitlist, or writes into its addresses, is answered in words and never by a mistake of ours.

The forms are those that the pages show, with all that stands in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.services.credentials import new_token
from directory.services.waitlist import entries, intake, out_of_order
from directory.storage import db
from tests import care, lines
from tests.factories import one_value
from tests.pages import Page
from tests.services.waitlist import agency, world
from tests.services.waitlist.world import NOW
from tests.web.signed import Signed, mistakes, signed_site
from tests.web.waitlist.persons import joined, kept_by

ODD = (
    "9" * 40,
    "2147483648",
    "a\0b",
    "🛏" * 300,
    "x" * 20_000,
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59",
)
ANSWERS = (200, 303, 400, 404, 409, 413, 422, 429)
NEVER = ("/sign-out", "/language")


@dataclass(frozen=True)
class Pages:
    """A page of somebody in a role, by its address; the values are those of `_filled`."""

    role: Role | None
    address: str


PAGES = (
    *(
        Pages(Role.PEER, address)
        for address in (
            "/clients/new",
            "/clients/{upi}",
            "/clients/{upi}/edit",
            "/clients/{upi}/routes",
            "/clients/{upi}/routes/{route}",
            "/clients/{upi}/lines",
            "/clients/{upi}/facts",
            "/clients/{upi}/consent",
            "/clients/{upi}/card",
            "/clients/{upi}/contact",
            "/clients/{upi}/interim",
            "/clients/{upi}/emergency",
            "/clients/{upi}/appeal",
            "/clients/{upi}/places/{entry}",
            "/clients/{gone}/places/{closed}",
            "/slots/{slot}",
            "/slots/{slot}/out-of-turn/{second}",
            "/offers/{offer}",
            "/board",
            "/intake",
        )
    ),
    *(
        Pages(Role.COORDINATOR, address)
        for address in (
            "/lines/new",
            "/lines/{pool}/edit",
            "/lines/{pool}/levels",
            "/lines/{pool}/rules",
            "/pairs/{pair}",
            "/records",
            "/records/breaches/{breach}",
            "/clients/{upi}/records",
            "/appeals",
            "/second-words",
        )
    ),
    Pages(Role.EDITOR, "/desk/slots/levels/{level}"),
    Pages(Role.EDITOR, "/desk/slots/{held}/end"),
    Pages(Role.EDITOR, "/desk/offers/{asked}"),
    Pages(Role.COORDINATOR, "/oversight/exceptions/file"),
    Pages(None, "/call-me"),
    Pages(None, "/status"),
)


@dataclass(frozen=True)
class Kept:
    """A site, and the forms of each of its pages as they were before anything was sent."""

    site: Signed
    forms: dict[str, list[tuple[str, dict[str, str]]]]


def _comes(site: Signed, role: Role | None) -> None:
    if role is None:
        site.client.cookies.clear()
    else:
        site.becomes(role)


@pytest.fixture(scope="module")
def kept(
    new_database: Callable[[str, Path], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kept]:
    """One site for all tests here. PostgreSQL takes fewer numbers and texts than SQLite."""
    with new_database("postgres", tmp_path_factory.mktemp("odd")) as url, signed_site(url) as site:
        values = site.run(_filled, site)
        found = {}
        for wanted in PAGES:
            _comes(site, wanted.role)
            address = wanted.address.format(**values)
            found[wanted.address] = list(forms(site.page(address), address))
        yield Kept(site, found)


async def _filled(site: Signed) -> dict[str, str]:
    home = site.staff.here
    found = await kept_by(home)
    made = await world.made(home)
    made.peer = Actor(site.staff.people[Role.PEER].id, (Grant(Role.PEER, home),))
    gone, one, other = [await joined(made) for _ in range(3)]
    await entries.entry_close(entry=gone.id, reason="withdrew", by=made.peer, now=NOW, settings=lines.SETTINGS)
    offer = await lines.offered(made)
    await lines.waits(made, "Wren", pregnant="yes")
    second, upi = await lines.waits(made, "Lark")
    slot = await lines.opening(made)
    ask = partial(out_of_order.offer_ask, slot=slot, entry=second, reason="asked-for", note="")
    await ask(by=made.peer, now=NOW, settings=lines.SETTINGS)
    wish = intake.Wish("Ben", "215-555-0133", "", "en", "self")
    for _ in range(2):
        await intake.call_ask(wish=wish, form=new_token(), network="", now=NOW, settings=lines.SETTINGS)
    await intake.intake_take(id=int(await one_value("SELECT MIN(id) FROM intake")), by=made.peer, now=NOW)
    slug = str(await one_value("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'"))
    own = await agency.opened(home, home, slug)
    async with db.staging():
        sql = db.Sql()
        pair = sql.list((one.client, other.client, "open", "[]", NOW))
        text = f"INSERT INTO client_pair (one_id, other_id, status, reasons, found_at) VALUES ({pair}) RETURNING id"
        (row,) = await db.rows(text, sql.values)
    numbers = {"closed": gone.id, "offer": offer, "slot": slot, "pool": made.pool, "pair": row["id"]}
    numbers["breach"] = await care.breach_in(home)
    words = {"gone": gone.upi, "second": upi, "level": own["level"], "held": own["slot"], "asked": own["offer"]}
    return found | words | {name: str(number) for name, number in numbers.items()}


def forms(page: Page, address: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The forms of a page that are sent, by where to, with what is in their fields."""
    for form in page.all("form"):
        to = (form.get("action") or address).partition("#")[0]
        if (form.get("method") or "").lower() == "post" and not to.startswith(NEVER):
            yield to, dict(_fields(form))


def _fields(form: Element) -> Iterator[tuple[str, str]]:
    for field in form.iter():
        if field.tag in ("input", "textarea", "select", "button") and (name := field.get("name")):
            options = [each.get("value", "") for each in field.iter("option")]
            yield name, options[-1] if options else field.get("value", "")


@pytest.mark.parametrize("wanted", PAGES, ids=lambda wanted: wanted.address)
def test_what_is_odd_in_a_form_is_answered_in_words(kept: Kept, wanted: Pages) -> None:
    _comes(kept.site, wanted.role)
    assert kept.forms[wanted.address]
    for to, sound in kept.forms[wanted.address]:
        for odd in ODD:
            for given in (dict.fromkeys(sound, odd), {**sound, **dict.fromkeys(typed(sound), odd)}):
                answer = kept.site.send(to, **{"once": new_token(), **given})
                assert answer.status_code in ANSWERS, (to, odd[:20])


def typed(sound: dict[str, str]) -> list[str]:
    """The fields that somebody types into, as far as nothing stands there, and those of days and moments."""
    return [name for name, value in sound.items() if not value or value[:2] == "20"]


def test_a_path_that_is_too_long_for_the_log_is_refused_like_any_other(kept: Kept) -> None:
    kept.site.becomes(Role.EDITOR)
    assert kept.site.client.get(f"/clients/{'x' * 3000}").status_code in (403, 404)


def test_more_numbers_in_a_breach_than_a_statement_may_hold_are_turned_back_in_words(kept: Kept) -> None:
    kept.site.becomes(Role.COORDINATOR)
    given = {"agency": str(kept.site.staff.here), "what": "A paper was lost.", "found_on": "2026-03-01"}
    many = " ".join(f"A{number}" for number in range(40_000))
    page = kept.site.again("/records/breaches", once=new_token(), clients=many, **given)
    assert len(mistakes(page)) == 1
