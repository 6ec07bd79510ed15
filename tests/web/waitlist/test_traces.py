"""A person who carries marks goes through all that can be written about them; then every page, row, cookie, header and log line is searched.

Issue 6 and WAITLIST 4.4: the marks stand on the pages that may show them and nowhere else. The same on paths of a browser is in
tests/browser/test_line_story.py.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from httpx2 import Response
from starlette.routing import Route

from directory.app import create_app
from directory.domain.access import STAFF, Role
from directory.settings import Settings
from directory.storage import db
from tests import accounts
from tests.pages import checked, words
from tests.services.waitlist import agency
from tests.services.waitlist.world import World
from tests.web import world
from tests.web.filled import form_to, sent
from tests.web.test_accounts import Browser, opened

WHO = {
    "called": "Zanzibara",
    "name": "Zanzibara Quillfeather",
    "born": "1987-11-23",
    "note": "Ask for the heronry key",
    "channel": "text",
    "to": "215-555-0177",
    "times": "after the teal ferry",
    "is_agreed": "yes",
}
NOTE, WORDS, WISH, CALLER, BREACH, MEDIC = "cobbler", "thimble", "pumice", "Marisol", "satchel", "gurney"
"""One word each of a contact's note, an appeal, the reason of a wish, the name of a caller, what was lost and an emergency."""
TEAM, RIDE = "tamarind", "lantern"
"""One word each of what they want the team that receives them to know, which no consent covers here, and of a note for the way."""
MARKS = ("zanzibara", "quillfeather", "1987-11-23", "heronry", "555-0177", "5550177", "teal ferry")
MARKS += tuple(word.lower() for word in (NOTE, WORDS, WISH, CALLER, BREACH, MEDIC, TEAM, RIDE))
HEALTH = ("inject", "pregnan", "overdose")
MAY_SHOW = re.compile(
    r"/board(/calls|/search)?|/intake|/lines/\d+|/slots(/\d+(/out-of-turn/\w+)?)?|/offers(/\d+)?|/second-words|/appeals"
    r"|/records(/breaches/\d+)?|/handoffs|/clients/new|/clients/\w+(/.*)?"
)
"""Pages on which peers and coordinators of the agency may find marks of their own people."""
CALLS = re.compile("/intake")
"""A visitor asks no agency by name: until a peer takes the call up, those of each agency see it."""
NOWHERE = re.compile("(?!)")
TO_THE_HOUSE = re.compile(r"/desk/offers(/\d+)?")
"""The page on which those with the opening find the name, after the yes and on the consent, and the list once that page has told it."""


@dataclass
class Life:
    """The site with its people, the marked person's numbers, and all that was answered and logged while they were written down."""

    browser: Browser
    cookies: dict[str, str]
    numbers: dict[str, str]
    answers: list[Response] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def sends(self, page: str, action: str = "", button: str = "", **typed: str | list[str]) -> str:
        """Fills in the form of a page, sends it, and says where that leads."""
        action = action or page.partition("?")[0]
        form = form_to(self.gets(page), action, button)
        data = sent(form, **typed) | ({"answer": [button]} if button else {})
        answer = self.browser.client.post(action, data=data, headers={"sec-fetch-site": "same-origin"})
        self.answers.append(answer)
        assert answer.status_code == 303, answer.text[:2000]
        return str(answer.headers["location"])

    def gets(self, path: str) -> Any:
        answer = self.browser.client.get(path)
        self.answers.append(answer)
        return checked(answer)

    def rows(self, text: str) -> list[dict[str, Any]]:
        return self.browser.run(db.rows, text)


class Keeper(logging.Handler):
    """Keeps every line of every log."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def life(
    new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    """One site on which all is written down once."""
    with new_database("sqlite", tmp_path_factory.mktemp("traces")) as url:
        world.fill(url)
        staff = asyncio.run(accounts.staff(url))
        with opened(url, staff, base_url=world.HOST) as browser:
            elsewhere = {
                f"{role} elsewhere": browser.run(_outsider, role, staff.there) for role in (Role.PEER, Role.EDITOR)
            }
            life = Life(browser, {**{str(role): token for role, token in staff.cookies.items()}, **elsewhere}, {})
            keeper, root = Keeper(life.log), logging.getLogger()
            level = root.level
            root.addHandler(keeper)
            root.setLevel(logging.DEBUG)
            lived(life, browser.run(partial(_house, staff.here)))
            yield life
            root.removeHandler(keeper)
            root.setLevel(level)


async def _outsider(role: Role, home: int) -> str:
    return await accounts.cookie(await accounts.joined(role, home, f"{role}.there@example.org"))


async def _house(here: int) -> World:
    (row,) = await db.rows("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
    return await agency.house(here, here, str(row["slug"]))


def lived(life: Life, made: World) -> None:
    """All that peers, coordinators, visitors and those with the opening can write down about one person."""
    browser = life.browser
    _asked_for_a_call(life)
    browser.becomes(Role.PEER)
    upi = life.sends("/clients/new", **WHO).split("/")[2]
    person = f"/clients/{upi}"
    life.sends(f"{person}/lines", pools=str(made.pool))
    life.sends(f"{person}/facts", value__injecting__30d="yes")
    agreed = {"agencies": str(made.clinic), "scope": ["name", "contact"], "signed_by": WHO["name"]}
    life.sends(f"{person}/consent", **agreed, right__to__revoke="yes")
    life.answers.append(browser.send(f"{person}/card", once="c" * 43))
    life.sends(f"{person}/contact", note=f"Left the {NOTE} with them", outcome="reached")
    life.sends(f"{person}/appeal", words=f"They lost my {WORDS}")
    told = {"to": f"The {MEDIC} crew", "facility": "Shore ambulance", "who": "Ana", "nature": "Did not wake up"}
    life.sends(f"{person}/emergency", **told, scope=["name"])
    life.answers.append(browser.send("/board/search", words="Quillfeather"))
    life.answers.append(browser.send("/board/search", words=WHO["to"]))
    life.numbers = {"upi": upi} | _offered(life, made, upi)
    browser.becomes(Role.COORDINATOR)
    lost = f"A {BREACH} with a list was lost"
    place = life.sends("/records", "/records/breaches", what=lost, clients=upi, found_on="2026-03-01")
    life.numbers["breach"] = place.rpartition("/")[2].partition("?")[0]


def _asked_for_a_call(life: Life) -> None:
    life.browser.client.cookies.clear()
    life.sends("/call-me", name=CALLER, phone="215-555-0178", times="at dusk")


def _offered(life: Life, made: World, upi: str) -> dict[str, str]:
    """Somebody is asked to pass the marked person over; then they have the offer, say yes, and are found by those with the opening."""
    browser = life.browser
    browser.becomes(Role.EDITOR)
    life.sends(f"/desk/slots/levels/{made.level}")
    (slot,) = life.rows("SELECT id FROM slot ORDER BY id DESC LIMIT 1")
    browser.becomes(Role.PEER)
    life.sends(f"/slots/{slot['id']}", f"/slots/{slot['id']}/offer/{upi}")
    (offer,) = life.rows("SELECT id, entry_id FROM offer ORDER BY id DESC LIMIT 1")
    life.sends(f"/offers/{offer['id']}", f"/offers/{offer['id']}/accept")
    life.sends(
        f"/clients/{upi}/places/{offer['entry_id']}", f"/clients/{upi}/places/{offer['entry_id']}/older", **OLDER
    )
    life.sends(f"/clients/{upi}/handoff/words", words=f"Mind my {TEAM}")
    life.sends(f"/clients/{upi}/handoff/steps/transport", note=f"Past the {RIDE}")
    browser.becomes(Role.EDITOR)
    life.sends(f"/desk/offers/{offer['id']}", button="seen")
    (route,) = life.rows("SELECT id FROM contact_route")
    numbers = {"slot": slot["id"], "offer": offer["id"], "entry": offer["entry_id"], "route": route["id"]}
    return {name: str(number) for name, number in numbers.items()} | {"level": str(made.level), "line": str(made.pool)}


OLDER = {"asked_on": "2026-02-20", "older_reason": "old-list", "older_note": f"Found under the {WISH}"}


def paths(numbers: dict[str, str]) -> list[str]:
    """Every page of the site, about the marked person where it can be."""
    found = []
    of = {"lines": "line", "offers": "offer", "breaches": "breach"}
    for route in create_app(Settings(env="test")).routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        given = {"report": "disclosures", "slug": "far-shore-clinic", "number": "1", "token": "t" * 43} | numbers
        for name in re.findall(r"{(\w+)}", route.path):
            before = route.path.split("{")[0].strip("/").rpartition("/")[2]
            given.setdefault(name, numbers.get(of.get(before, ""), "1"))
        found.append(route.path.format(**{"id": numbers.get(of.get(_before(route.path), ""), "1"), **given}))
    return [*found, *(f"/oversight/{code}" for code in ("exceptions", "contact", "demand", "order", "times"))]


def _before(path: str) -> str:
    return path.split("/{id}")[0].rpartition("/")[2]


def marks_in(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text.lower()]


WATCHERS = ["visitor", *map(str, STAFF), "peer elsewhere", "editor elsewhere"]


@pytest.mark.parametrize("who", WATCHERS)
def test_marks_stand_on_the_pages_that_may_show_them_and_nowhere_else(life: Life, who: str) -> None:
    """42 CFR 2.13; WAITLIST 1.5, 4.4."""
    client, own = life.browser.client, (Role.PEER, Role.COORDINATOR)
    client.cookies.clear()
    if who != "visitor":
        client.cookies.set("session", life.cookies[who])
    showing = []
    for path in paths(life.numbers):
        answer = client.get(path)
        assert marks_in(str(answer.headers)) == [], path
        if found := marks_in(answer.text):
            showing.append(path)
            may = {Role.EDITOR: TO_THE_HOUSE, "peer elsewhere": CALLS}.get(who, MAY_SHOW if who in own else NOWHERE)
            assert may.fullmatch(path), (path, found)
            assert path != "/intake" or found == [CALLER.lower()]
            assert answer.headers["cache-control"] == "no-store", path
            assert marks_in(words(checked(answer).one("title"))) == [], path
    assert bool(showing) == (who in (*own, Role.EDITOR, "peer elsewhere"))


def test_whoever_has_the_opening_is_told_what_the_consent_says_and_no_more(life: Life) -> None:
    """42 CFR 2.31(a)(3), 2.13(a)."""
    life.browser.becomes(Role.EDITOR)
    page = life.browser.page(f"/desk/offers/{life.numbers['offer']}")
    assert marks_in(page.text) == ["zanzibara", "quillfeather", "555-0177", "teal ferry"]
    assert not any(word in page.response.text.lower() for word in HEALTH)


def test_nobody_can_find_out_whether_somebody_is_on_a_list_of_others(life: Life) -> None:
    """42 CFR 2.13(c): what there is and what there is not get one answer, word for word."""
    client = life.browser.client
    client.cookies.clear()
    client.cookies.set("session", life.cookies["peer elsewhere"])
    for path in ("/clients/{upi}", "/clients/{upi}/facts", "/clients/{upi}/places/1", "/clients/{upi}/why/1"):
        there, nowhere = (client.get(path.format(upi=upi)) for upi in (life.numbers["upi"], "0" * 12))
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert there.text == nowhere.text.replace("0" * 12, life.numbers["upi"])


LINNET = WHO | {
    "called": "Linnet",
    "name": "Linnet Fold",
    "born": "1991-05-06",
    "to": "215-555-0155",
    "note": "",
    "times": "",
}
ROBIN = LINNET | {"called": "Robin", "name": "Robin Fold", "born": "1990-01-02", "to": "215-555-0188"}


def test_whoever_takes_the_same_person_on_elsewhere_is_told_nothing_of_it(life: Life) -> None:
    """42 CFR 2.13(c); WAITLIST 3.6."""
    life.browser.becomes(Role.PEER)
    here = life.sends("/clients/new", **LINNET).split("/")[2]
    life.browser.carries(life.cookies["peer elsewhere"])
    pages = []
    for who in (LINNET, ROBIN):
        upi = life.sends("/clients/new", **who).split("/")[2]
        page = re.sub(r"[A-Z][a-z]+ 199\d", "month", life.browser.page(f"/clients/{upi}").text)
        page = re.sub(r"\(\d+ (person|people)\)", "with how many their own peers go", page)
        assert here not in page
        for name, value in ((name, who[name]) for name in ("name", "called", "to")):
            page = page.replace(value, name)
        pages.append(page.replace(upi, "upi"))
    assert pages[0] == pages[1]
    assert life.browser.client.get("/pairs").status_code == 403


def test_a_file_for_a_spreadsheet_holds_numbers_of_people_alone(life: Life) -> None:
    """WAITLIST 4.4."""
    life.browser.becomes(Role.OVERSIGHT)
    held = ""
    for code in ("exceptions", "contact", "demand", "order", "disclosures"):
        answer = life.browser.send(f"/oversight/{code}/file", period="2026-03")
        assert answer.headers["content-type"] == "application/zip", answer.text[:500]
        assert marks_in(str(answer.headers)) == []
        with ZipFile(BytesIO(answer.content)) as archive:
            held += "".join(archive.read(name).decode() for name in archive.namelist())
    assert marks_in(held) == []
    assert life.numbers["upi"] in held


def test_no_row_holds_a_mark_in_the_clear(life: Life) -> None:
    """WAITLIST 4.3, 4.4."""
    tables = [row["name"] for row in life.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    holding = [name for name in tables if marks_in(str(life.rows(f'SELECT * FROM "{name}"')))]
    assert holding == ["outbox"]  # the number to which a message is about to go
    (message,) = life.rows("SELECT * FROM outbox WHERE template = 'client-update'")
    assert marks_in(str(message | {"recipient": ""})) == []


@pytest.mark.parametrize("table", ["audit_entry", "access_entry", "entry_event", "outbox", "task", "second_word"])
def test_no_record_of_what_was_done_holds_a_fact(life: Life, table: str) -> None:
    """WAITLIST 4.3."""
    rows = str(life.rows(f"SELECT * FROM {table}")).lower()
    assert not [word for word in HEALTH if word in rows]
    assert table == "task" or len(rows) > 2


def test_no_address_cookie_or_log_line_holds_a_mark_or_a_fact(life: Life) -> None:
    assert len(life.answers) > 30
    for answer in life.answers:
        assert marks_in(f"{answer.url} {answer.headers}") == []
        assert not [word for word in HEALTH if word in f"{answer.url} {answer.headers}".lower()]
        assert answer.headers["cache-control"] == "no-store"
    assert any("/clients/new" in line for line in life.log)
    assert marks_in("\n".join(life.log)) == []


def test_what_is_cleared_is_overwritten_in_the_file_whatever_sqlite_was_built_with() -> None:
    """WAITLIST 4.4: `PRAGMA secure_delete`, whose default is up to whoever built the library."""
    assert "&secure_delete=ON" in db.opened("sqlite://here.sqlite3")
