"""The pages for files, runs, feeds and tasks, as coordinators, editors and administrators see them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest
from starlette.testclient import TestClient

from directory.domain.access import Role
from directory.domain.listings import Address, Visibility
from directory.services import comparing
from directory.storage import feeds
from directory.storage.encoding import draft_to_json
from directory.web import reading
from directory.web.presenters_feeds import trouble_words
from directory.web.presenters_rows import OTHER, new_lines, reason_words
from tests import accounts, files
from tests.accounts import NOW
from tests.factories import draft, one_value
from tests.files import STOCK, STORY, shelters
from tests.pages import Page, checked, get_page, words
from tests.web import world

T = TypeVar("T")
SAME = {"sec-fetch-site": "same-origin"}
LIST = {"new": "shelters", "format": "csv", "map": "shelter-list"}


@pytest.fixture
def engine() -> str:
    """Pages ask services, which are tested on both engines; here one is enough."""
    return "sqlite"


class Desk:
    """Somebody who is signed in and sends files."""

    def __init__(self, url: str, client: TestClient, staff: accounts.Staff) -> None:
        self.url, self.client, self.staff = url, client, staff
        self.be(Role.COORDINATOR)

    def be(self, role: Role) -> None:
        """From here on it is somebody in this role."""
        self.client.cookies.clear()
        self.client.cookies.set("session", self.staff.cookies[role])

    def page(self, path: str, language: str = "en", status: int = 200) -> Page:
        return get_page(self.client, path, language=language, status=status)

    def post(self, path: str, **data: str) -> str:
        """Where the answer to a form leads."""
        answer = self.client.post(path, data=data, headers=SAME)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def send(self, content: bytes, name: str = "list.csv", **data: str) -> str:
        """Where the answer to a file leads."""
        answer = self.client.post("/uploads", data=LIST | data, files={"file": (name, content)}, headers=SAME)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def refused(self, content: bytes | None, **data: str) -> Page:
        """The form that comes back."""
        sent = {"file": ("list.csv", content)} if content is not None else {"file": ("", b"")}
        answer = self.client.post("/uploads", data=LIST | data, files=sent, headers=SAME)
        assert answer.status_code == 422
        return checked(answer)

    def inside(self, work: Callable[..., Awaitable[T]], *values: object) -> T:
        """Runs it in the loop of the site, over its connection."""
        assert self.client.portal is not None
        return self.client.portal.call(work, *values)

    def names(self) -> list[str]:
        """Those of the listings of the list that are on show."""
        found = self.client.get("/api/listings?q=house&kind=housing").json()
        return sorted(each["name"] for each in found["results"])


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    world.fill(database_url)
    staff = asyncio.run(accounts.staff(database_url))
    with world.site(database_url, NOW) as client:
        yield Desk(database_url, client, staff)


def test_a_file_is_looked_at_put_in_and_taken_back(desk: Desk) -> None:
    desk.post(f"{desk.send(shelters(*STOCK))}/confirm")
    before = desk.names()
    run = desk.send(shelters(*STORY))
    page = desk.page(run)
    assert "3 new, 2 changed, 1 gone, 2 rows left out" in page.text
    assert "Nothing has been changed yet" in page.text
    assert "Phone numbers before: 555-555-0100 after: 555-555-0199" in desk.page(f"{run}?show=changed").text
    assert "New House 2 Housing · 12 Heron Lane, Saltmarsh, PA 19199 · 555-555-0100" in words(
        desk.page(f"{run}?show=added").one("main")
    )
    assert "House 9" in desk.page(f"{run}?show=gone").text
    rejected = desk.page(f"{run}?show=rejected").text
    assert "Line 14:" in rejected
    assert "It has no name." in rejected
    assert "It is the same one as in line 7. That one counts." in rejected
    assert "What the program says: Line 15 same key as line 7:" in rejected
    assert desk.names() == before
    assert desk.post(f"{run}/confirm") == run
    assert "Put in." in desk.page(run).text
    assert "New House 0" in desk.names()
    assert "House 9" not in desk.names()
    assert desk.post(f"{run}/undo") == run
    assert "Taken back. It had brought: 3 new, 2 changed" in desk.page(run).text
    assert desk.names() == before
    first, second = desk.page("/runs?source=shelters").all("li", class_="card")
    assert [words(each.find(".//h2")) for each in (first, second)] == ["shelters", "shelters"], "as it was named"
    assert desk.page("/runs?source=nowhere").all("li", class_="card") == []


def test_the_pages_of_a_run_are_in_spanish_too(desk: Desk) -> None:
    run = desk.send(shelters(*STORY))
    for path in ("/uploads", "/runs", run, f"{run}?show=rejected", "/feeds", "/feeds/new", "/tasks"):
        page = desk.page(path, language="es")
        assert page.title != desk.page(path).title


def test_where_much_would_go_it_has_to_be_ticked(desk: Desk) -> None:
    desk.post(f"{desk.send(shelters(*STOCK))}/confirm")
    run = desk.send(shelters(*STOCK[:4]))
    assert "Yes, 6 of 10 listings are to go." in desk.page(run).text
    refused = desk.client.post(f"{run}/confirm", headers=SAME)
    assert refused.status_code == 422
    assert "Tick this first" in checked(refused).text
    assert len(desk.names()) == 10
    desk.post(f"{run}/confirm", removals="1")
    assert len(desk.names()) == 4


def test_a_preview_that_listings_have_left_behind_is_shown_again(desk: Desk) -> None:
    first = desk.send(shelters(*STOCK))
    desk.post(f"{first}/confirm")
    run = desk.send(shelters(*STORY))
    desk.post(f"{first}/undo")
    again = desk.post(f"{run}/confirm")
    assert again != run
    assert "compared once more" in desk.page(again).text
    assert again in {link.get("href") for link in desk.page(run).all("a")}


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("same key as element 3: reed", "It is the same one as in line 3. That one counts."),
        ("no name1", "It has no name."),
        ("no address and not online", "It has no address and is not online."),
        ("no address", "It has no address."),
        ("no city and zip", "Something that each row must have is missing."),
        ("name and street longer than 200 characters", "Something in it is too long."),
        (
            "7 columns instead of 9 over 3 lines, a quote may not be closed",
            "It has more or fewer columns than the first row.",
        ),
        ("left out by the map: Confidential is yes", "It is not meant to be shown: the map of columns leaves it out."),
        ("100% new", OTHER),
    ],
)
def test_why_a_row_is_left_out_is_said_in_words(reason: str, said: str) -> None:
    assert reason_words(reason) == said


def test_of_an_address_that_is_not_for_everybody_a_preview_tells_the_town_alone() -> None:
    for visibility, told in (("full", "Reed Hall, 1 Mill Lane, Saltmarsh, PA 19199"), ("hidden", "Saltmarsh, PA")):
        address = Address(
            "Reed Hall", "1 Mill Lane", None, "Saltmarsh", "PA", "19199", visibility=Visibility(visibility)
        )
        given = draft_to_json(draft("reed", kind="meeting", address=address))
        assert new_lines(given)[:2] == ("Meeting", told)


def test_a_long_list_has_pages_of_fifty(desk: Desk) -> None:
    run = desk.send(shelters(*(files.line(f"House {n:03}") for n in range(120))))
    first, last = desk.page(f"{run}?show=added"), desk.page(f"{run}?show=added&page=3")
    assert (len(first.all("h3")), len(last.all("h3"))) == (50, 20)
    assert desk.page(f"{run}?show=added&page=99").text == last.text
    assert "House 119" in last.text


def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays_as_it_was(desk: Desk) -> None:
    page = desk.refused(b"%PDF-1.7", format="meeting-guide", partial="1")
    assert "This is no JSON file" in page.text
    assert "choose the file once more" in page.text
    assert page.one("input", id="new").get("value") == "shelters"
    assert next(each.get("value") for each in page.all("option") if "selected" in each.attrib) == "meeting-guide"
    assert "checked" in page.one("input", name="partial").attrib
    nothing = desk.refused(None, new="", format="", map="")
    assert [link.get("href") for link in nothing.one("div", class_="problem").iter("a")] == [
        "#source",
        "#format",
        "#file",
    ]
    assert "Choose the map" in desk.refused(shelters(*STOCK), map="").text
    assert "Use letters, figures" in desk.refused(shelters(*STOCK), new="two words").text
    assert desk.inside(one_value, "SELECT COUNT(*) FROM import_run") == 1, "the one that made the world"


def test_a_map_of_ones_own_is_used_and_a_bad_one_is_refused(desk: Desk) -> None:
    good = b'kind = "housing"\nkey = ["House"]\n[columns]\nname = "House"\ncity = "Town"\nstate = "St"\n'
    table = b"House,Town,St,Contact\nReed House,Saltmarsh,PA,Pat Quill\n"
    for text, status in ((b"key = 7", 422), (good, 303)):
        sent = {"file": ("list.csv", table), "own-map": ("map.toml", text)}
        answer = desk.client.post("/uploads", data=LIST | {"map": ""}, files=sent, headers=SAME)
        assert answer.status_code == status
    assert "Reed House" in desk.page(f"{answer.headers['location']}?show=added").text


def test_a_file_that_is_too_large_or_no_form_for_files_is_answered_in_words(desk: Desk) -> None:
    large = desk.client.post("/uploads", data=LIST, files={"file": ("l.csv", b"a" * 10_000_001)}, headers=SAME)
    assert (large.status_code, "10 million bytes" in large.text) == (413, True)
    plain = desk.client.post("/uploads", data=LIST, headers=SAME)
    assert (plain.status_code, "send the form again" in plain.text) == (415, True)
    other = desk.client.post("/tasks", content=b"a" * 1_000_001, headers=SAME)
    assert other.status_code == 413, "every other address takes as little as before"
    two = desk.client.post("/uploads", data=LIST, files={"file": ("l.csv", b"a" * 2_000_000)}, headers=SAME)
    assert two.status_code == 422


def test_a_file_that_takes_long_is_read_beside_while_its_page_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.0)
    run = desk.send(shelters(*(files.line(f"House {n:04}") for n in range(1500))))
    seen = {desk.page(run).one("b", class_="state").text}
    deadline = time.monotonic() + 60
    while len(seen) == 1 and time.monotonic() < deadline:
        seen.add(desk.page(run).one("b", class_="state").text)
        time.sleep(0.02)
    assert seen == {"Being read.", "Waits for your yes."}
    assert "1,500 new" in desk.page(run).text


def test_a_long_file_that_cannot_be_read_to_its_end_says_so_on_its_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.0)
    monkeypatch.setattr(comparing, "MOST_ROWS", 1000)
    run = desk.send(shelters(*(files.line(f"House {n:04}") for n in range(1500))))
    deadline = time.monotonic() + 60
    while "Being read." in desk.page(run).text and time.monotonic() < deadline:
        time.sleep(0.02)
    page = desk.page(run)
    assert "Could not be read, nothing was changed." in page.text
    assert "Send it in parts." in page.text


def test_an_editor_is_offered_the_list_of_the_own_agency_alone_and_a_coordinator_looks_first(desk: Desk) -> None:
    desk.be(Role.EDITOR)
    page = desk.page("/uploads")
    assert [
        choice.attrib["value"] for choice in page.one("select", id="source").iter() if "value" in choice.attrib
    ] == [
        "",
        f"agency-{desk.staff.here}",
    ]
    assert not page.all("input", id="new")
    run = desk.send(shelters(*STOCK[:2]), new="", source=f"agency-{desk.staff.here}")
    page = desk.page(run)
    assert "Waits for a coordinator." in page.text
    assert "A coordinator looks at it first" in page.text
    assert "Yes, put it in" not in page.text
    assert desk.client.post(f"{run}/confirm", headers=SAME).status_code == 403
    assert desk.names() == []
    desk.be(Role.COORDINATOR)
    assert "A file for Marsh Peers waits." in desk.page("/tasks").text
    desk.post(f"{run}/confirm")
    assert desk.names() == ["House 0", "House 1"]
    desk.be(Role.EDITOR)
    assert "Take all of it back" not in desk.page(run).text


# --- feeds -----------------------------------------------------------------------------------------------------------


def test_a_feed_is_added_changed_and_stopped_and_its_key_is_never_shown(desk: Desk) -> None:
    given = {"source": "county", "address": "https://8.8.8.8/list.json?key=sesame", "format": "meeting-guide"}
    assert desk.post("/feeds/new", **given, hours="24") == "/feeds?done=added"
    page = desk.page("/feeds?done=added")
    assert "https://8.8.8.8/list.json" in page.text
    assert "within a few minutes, every 24 hours" in page.text
    seen = desk.page("/feeds/county").one("input", name="seen").get("value", "")
    desk.post("/feeds/county", format="meeting-guide", hours="6", address="", seen=seen)
    late = desk.client.post(
        "/feeds/county", data={"format": "meeting-guide", "hours": "12", "seen": seen}, headers=SAME
    )
    assert (late.status_code, "Somebody has changed this" in checked(late).text) == (422, True)
    assert checked(late).one("input", id="hours").get("value") == "12"
    assert "every 6 hours" in desk.page("/feeds").text
    for path in ("/feeds", "/feeds/county", "/runs", "/tasks"):
        assert "sesame" not in desk.client.get(path).text
    kept = desk.inside(feeds.find, "county")
    assert (kept.address, kept.every_hours) == (given["address"], 6)
    desk.post("/feeds/county/stop")
    assert "only when somebody asks" in desk.page("/feeds").text
    desk.post("/feeds/county/read")
    assert "within a few minutes" in desk.page("/feeds").text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"address": "http://192.168.0.7/list"}, "not one of the public web"),
        ({"address": "http://[::1]/list"}, "not one of the public web"),
        ({"address": "file:///etc/passwd"}, "not one of the public web"),
        ({"address": ""}, "Fill this in."),
        ({"source": "new"}, "Use letters"),
        ({"source": "people"}, "typed in by people"),
        ({"hours": "often"}, "from 1 to 8,760"),
        ({"format": ""}, "Fill this in."),
        ({"format": "csv"}, "Choose the map"),
    ],
)
def test_a_feed_that_cannot_be_is_refused_in_words(desk: Desk, given: dict[str, str], words: str) -> None:
    whole = {"source": "county", "address": "https://8.8.8.8/l", "format": "samhsa", "hours": "24"} | given
    answer = desk.client.post("/feeds/new", data=whole, headers=SAME)
    assert answer.status_code == 422
    page = checked(answer)
    assert words in page.text
    assert page.one("input", id="source").get("value") == whole["source"]
    assert desk.inside(feeds.find, "county") is None


def test_the_trouble_of_a_feed_is_told_in_words_and_private_hosts_are_not_asked(desk: Desk) -> None:
    desk.inside(partial(files.fed, "county", error="status-404: http://127.0.0.1:9/list.csv has no file there"))
    page = desk.page("/feeds/county")
    assert "There is no file at this address" in page.text
    desk.inside(partial(files.fed, "once", error="stopped: KeyError", hours=None))
    assert "A mistake of ours stopped it. Try again later." in desk.page("/feeds/once").text
    assert "not one of the public web" in checked(desk.client.post("/feeds/county/look", headers=SAME)).text


@pytest.mark.parametrize(
    "reason", ["unreachable", "status-503", "too-slow", "broken-off", "busy", "status-429", "stopped"]
)
def test_what_nobody_will_try_again_is_not_said_to_be_tried_again_by_itself(reason: str) -> None:
    assert trouble_words(reason).endswith("It is tried again by itself.")
    assert "by itself" not in trouble_words(reason, asked_here=True)
    assert "gain" in trouble_words(reason, asked_here=True)


# --- tasks -----------------------------------------------------------------------------------------------------------


def test_a_task_that_went_away_is_told_apart_from_one_that_somebody_has_done(desk: Desk) -> None:
    for by in ({}, {"by": "expiry"}, {"by": "person 9"}):
        desk.inside(files.asked)
        desk.inside(partial(files.settled, **by))
    text = desk.page("/tasks").text
    assert (text.count("The feed of x could not be read"), text.count("It went away by itself")) == (3, 2)


def test_a_task_is_told_and_done_with_a_note(desk: Desk) -> None:
    task = desk.inside(files.asked)
    page = desk.page("/tasks")
    assert "The feed of x could not be read" in page.text
    long = desk.client.post("/tasks", data={"id": str(task), "note": "n" * 1001}, headers=SAME)
    assert (long.status_code, "n" * 1001 in long.text) == (422, True)
    assert desk.post("/tasks", id=str(task), note="They moved.") == "/tasks?done=1"
    page = desk.page("/tasks?done=1")
    assert "Nothing waits for you here." in page.text
    assert "They moved." in page.text
