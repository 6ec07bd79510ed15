"""Editing a listing as clerks, peers and coordinators see it: the form, the look before it is saved, two at once, and the past."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from directory.domain.access import Role
from directory.services.geocode_queue import geocode_run
from directory.storage import db, proposals
from directory.storage.db import sqlite_path
from tests import accounts, edits
from tests.accounts import NOW, Staff
from tests.geocoder_server import Place, running
from tests.pages import Page, checked, get_page, words
from tests.web import world
from tests.web.filled import Sent, form_to, sent

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
SAME = {"sec-fetch-site": "same-origin"}


@dataclass
class Clerk:
    """Somebody at a browser of their own."""

    client: TestClient
    cookie: str

    def page(self, url: str, status: int = 200, language: str = "en") -> Page:
        self.client.cookies.clear()
        self.client.cookies.set("session", self.cookie)
        page = get_page(self.client, url, status=status, language=language)
        assert page.response.headers["cache-control"] == "no-store"
        return page

    def send(self, url: str, fields: Sent) -> Response:
        self.client.cookies.clear()
        return self.client.post(url, data=fields, headers={**SAME, "cookie": f"session={self.cookie}"})

    def look(self, url: str, **typed: str | list[str]) -> Page:
        """Fills in the form at this address and looks at what would be saved."""
        return checked(self.send(url, sent(form_to(self.page(url), url), **typed)))

    def save(self, look: Page, url: str, **typed: str | list[str]) -> Response:
        """Saves what one looks at."""
        return self.send(url, sent(form_to(look, url, "save"), **typed) | {"step": ["save"]})

    def goes(self, answer: Response) -> Page:
        """The page to which an answer leads."""
        assert answer.status_code == 303, answer.text[:1000]
        return self.page(answer.headers["location"])


@dataclass
class Office:
    """The site with its people; the clinic belongs to the agency of the editor."""

    client: TestClient
    staff: Staff
    clinic: str
    url: str

    def who(self, role: Role) -> Clerk:
        return Clerk(self.client, self.staff.cookies[role])

    @property
    def desk(self) -> str:
        return f"/desk/listings/{self.clinic}"

    @property
    def edit(self) -> str:
        return f"{self.desk}/edit"


@pytest.fixture(scope="module")
def prepared(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Staff]]:
    """A small world with people in every role, from which each test takes a copy: signing all of them in takes a while."""
    with new_database("sqlite", tmp_path_factory.mktemp("office")) as url:
        world.fill(url)
        staff, path = asyncio.run(accounts.staff(url)), sqlite_path(url)
        assert path is not None
        with closing(sqlite3.connect(path)) as connection:  # all of it into the one file that is copied
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield path, staff


@pytest.fixture
def office(prepared: tuple[Path, Staff], tmp_path: Path) -> Iterator[Office]:
    """One engine is enough for pages: the services that they ask are tested on both."""
    template, staff = prepared
    own = shutil.copy(template, tmp_path / "office.sqlite3")
    with world.site(f"sqlite://{own}", NOW) as client:
        assert client.portal is not None
        clinic = client.portal.call(edits.listing_of, staff.here, "Far Shore Clinic")
        yield Office(client, staff, clinic, f"sqlite://{own}")


def mistakes(page: Page) -> list[str]:
    (summary,) = page.all("div", role="alert")
    return [words(link) for link in summary.iter("a")]


def test_a_coordinator_changes_hours_looks_at_them_saves_and_visitors_see_them(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    typed = {
        "windows__0__sort": "hours",
        "windows__0__day": "1",
        "windows__0__start": "09:00",
        "windows__0__end": "17:30",
    }
    look = cora.look(office.edit, **typed, phones__0__number="(555) 555-0109")
    assert look.title == "Look before you save"
    assert "Days and times Before Not known After Monday, 9 am to 5:30 pm (open)" in look.text
    assert "Not known" not in get_page(office.client, f"/listings/{office.clinic}").text.partition("When")[0]
    desk = cora.goes(cora.save(look, office.edit, reason="They rang us."))
    assert "Saved. Visitors see it now." in desk.text
    assert "Set by Ana Reed" in desk.text
    assert "They rang us." in desk.text
    public = get_page(office.client, f"/listings/{office.clinic}").text
    assert "9 am to 5:30 pm" in public
    assert "(555) 555-0109" in public
    assert "People here last put something right on Mar 2, 2026." in public


def test_nothing_that_was_typed_is_lost_by_a_mistake_or_by_a_wish_for_more_rows(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    form = form_to(cora.page(office.edit), office.edit)
    fields = sent(form, name="", fees="five dollars", windows__1__start="7", pay=["free", "medicaid"])
    answer = cora.send(office.edit, fields)
    assert answer.status_code == 422
    page = checked(answer)
    assert mistakes(page) == [
        "Name: Fill this in.",
        "Days: Fill this in.",
        "Starts at: Write a time, such as 19:00 or 7 pm.",
        "Ends at: Write a time, such as 19:00 or 7 pm.",
    ]
    before = len(page.all("input", type="time"))
    page = checked(cora.send(office.edit, sent(form_to(page, office.edit)) | {"more": ["windows"]}))
    assert len(page.all("input", type="time")) > before
    kept = sent(form_to(page, office.edit))
    assert (kept["fees"], kept["windows-1-start"], kept["pay"]) == (["five dollars"], ["7"], ["medicaid", "free"])


def test_one_can_go_back_from_the_look_and_change_something_else(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    look = cora.look(office.edit, fees="five dollars")
    page = checked(cora.send(office.edit, sent(form_to(look, office.edit, "save")) | {"step": ["back"]}))
    look = checked(cora.send(office.edit, sent(form_to(page, office.edit), eligibility="Ring first.")))
    assert "five dollars" in look.text
    assert "Ring first." in look.text


def test_looking_at_nothing_new_leads_back_to_the_form(office: Office) -> None:
    page = office.who(Role.COORDINATOR).look(office.edit)
    assert "Nothing is different yet." in page.text


def test_an_editors_change_waits_until_a_coordinator_publishes_it_and_the_editor_sees_what_came_of_it(
    office: Office,
) -> None:
    ed, cora = office.who(Role.EDITOR), office.who(Role.COORDINATOR)
    look = ed.look(office.edit, fees="five dollars", eligibility="Adults.")
    desk = ed.goes(ed.save(look, office.edit, reason="New prices."))
    assert "Sent. Somebody looks at it before visitors see it." in desk.text
    assert "Waiting for somebody to look at it" in desk.text
    assert "five dollars" not in get_page(office.client, f"/listings/{office.clinic}").text

    queue = cora.page("/moderation")
    (address,) = [url for url in queue.links().values() if url.startswith("/moderation/")]
    page = cora.page(address)
    assert "What it costs Before Not known After five dollars" in page.text
    refused = cora.send(address, sent(form_to(page, address)) | {"step": ["refuse"]})
    assert refused.status_code == 422
    assert "Write a few words to the writer." in checked(refused).text
    fields = sent(form_to(page, address), fields=["fees"]) | {"step": ["publish"]}
    answer = cora.send(address, fields)
    assert answer.status_code == 422
    assert "Write a few words to the writer." in checked(answer).text
    fields["words"] = ["Thank you."]
    assert "Published. Its writer reads it on their page." in cora.goes(cora.send(address, fields)).text
    public = get_page(office.client, f"/listings/{office.clinic}").text
    assert "five dollars" in public
    assert "Adults." not in public

    own = ed.page("/desk/proposals").text
    assert "Published: What it costs Not published: Who can come, in words" in own
    assert "Answer: Thank you." in own
    assert "Somebody else was faster" in cora.goes(cora.send(address, fields)).text


async def _sent_in(number: int) -> None:
    """So many changes that wait, as if somebody had sent them in."""
    (row,) = await db.rows("SELECT id FROM listing WHERE name = 'Far Shore Clinic'")
    async with db.transaction():
        for _ in range(number):
            await proposals.add(row["id"], agency=None, edits={"fees": "x"}, seen={}, reason=None, by="x", now=NOW)


def test_a_long_queue_has_pages(office: Office) -> None:
    assert office.client.portal is not None
    office.client.portal.call(_sent_in, 21)
    cora = office.who(Role.COORDINATOR)
    first = cora.page("/moderation")
    second = cora.page(first.links()["Next page"])
    assert [len(page.cards()) for page in (first, second)] == [20, 1]
    assert second.links()["Previous page"] == "/moderation?page=1"
    assert "Next page" not in second.links()


def test_a_writer_takes_a_change_back_before_anybody_has_looked(office: Office) -> None:
    ed = office.who(Role.EDITOR)
    desk = ed.goes(ed.save(ed.look(office.edit, fees="five dollars"), office.edit))
    answer = ed.send("/desk/proposals", sent(form_to(desk, "/desk/proposals"), **{}) | {"id": ["1"]})
    assert "Taken back. Nobody will look at it." in ed.goes(answer).text
    assert "Nothing waits for you." in office.who(Role.COORDINATOR).page("/moderation").text


def test_who_moderates_is_told_that_the_listing_has_changed_meanwhile(office: Office) -> None:
    ed, cora = office.who(Role.EDITOR), office.who(Role.COORDINATOR)
    ed.save(ed.look(office.edit, fees="five dollars"), office.edit)
    page = cora.page("/moderation/1")
    cora.save(cora.look(office.edit, fees="six dollars"), office.edit)
    answer = cora.send("/moderation/1", sent(form_to(page, "/moderation/1")) | {"step": ["publish"]})
    assert answer.status_code == 409
    again = checked(answer)
    assert "The listing was changed while you looked." in again.text
    assert "Now six dollars" in again.text
    assert (
        "Published."
        in cora.goes(cora.send("/moderation/1", sent(form_to(again, "/moderation/1")) | {"step": ["publish"]})).text
    )
    assert "five dollars" in get_page(office.client, f"/listings/{office.clinic}").text


def test_a_change_to_a_listing_that_is_gone_can_only_be_answered(office: Office) -> None:
    ed, cora = office.who(Role.EDITOR), office.who(Role.COORDINATOR)
    ed.save(ed.look(office.edit, fees="five dollars"), office.edit)
    assert office.client.portal is not None
    office.client.portal.call(world.refill, office.url, world.without(world.CLINIC))
    page = cora.page("/moderation/1")
    assert "The listing is gone" in page.text
    assert not page.all("input", name="fields")
    fields = sent(form_to(page, "/moderation/1"), words="It has closed.") | {"step": ["refuse"]}
    assert "Not published. Its writer reads it on their page." in cora.goes(cora.send("/moderation/1", fields)).text
    assert "It has closed." in ed.page("/desk/proposals").text
    assert cora.page(office.desk, 410).title == "This listing is gone"


def test_of_two_tabs_the_second_sees_both_values_and_chooses_and_loses_nothing(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    first = cora.look(office.edit, fees="five dollars", eligibility="Adults.")
    second = cora.look(office.edit, fees="six dollars", application__process="Ring.")
    cora.goes(cora.save(first, office.edit))
    answer = cora.save(second, office.edit, reason="They rang.")
    assert answer.status_code == 409
    page = checked(answer)
    assert page.title == "Somebody else changed this too"
    assert "Yours six dollars" in page.text
    assert "Theirs, as it stands now five dollars" in page.text
    assert "How to apply Before Not known After Ring." in page.text

    unanswered = cora.send(office.edit, sent(form_to(page, office.edit)) | {"step": ["save"]})
    assert unanswered.status_code == 422
    assert "Choose one of the two for each field." in checked(unanswered).text
    fields = sent(form_to(page, office.edit)) | {"keep-fees": ["theirs"], "step": ["save"]}
    assert "Saved." in cora.goes(cora.send(office.edit, fields)).text
    public = get_page(office.client, f"/listings/{office.clinic}").text
    assert all(text in public for text in ("five dollars", "Adults.", "Ring."))
    assert "They rang." in cora.page(office.desk).text


def test_a_save_is_taken_back_as_a_new_change_and_the_source_is_followed_again(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    desk = cora.goes(cora.save(cora.look(office.edit, fees="five dollars", description="By hand."), office.edit))
    assert "Its source says: A clinic by the water." in desk.text
    look = checked(cora.send(office.edit, {"step": ["source"], "field": ["description"]}))
    assert "Description Before By hand. After A clinic by the water." in look.text
    desk = cora.goes(cora.save(look, office.edit))
    assert "Its source says: A clinic" not in desk.text
    (back,) = [form for form in desk.all("form") if words(form) == "Put back what was there before: What it costs"]
    look = checked(cora.send(office.edit, sent(back) | {"step": ["take-back"]}))
    assert "What it costs Before five dollars After Not known" in look.text
    desk = cora.goes(cora.save(look, office.edit))
    assert "This was taken back." in desk.text
    assert "five dollars" not in get_page(office.client, f"/listings/{office.clinic}").text


def test_a_listing_is_taken_out_with_a_reason_and_put_back(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    look = checked(cora.send(office.edit, {"step": ["status"], "status": ["inactive"]}))
    answer = cora.save(look, office.edit, reason=" ")
    assert answer.status_code == 422
    assert "Fill this in." in checked(answer).text
    desk = cora.goes(cora.save(look, office.edit, reason="Moved away."))
    assert "Looked after by Marsh Peers. Visitors do not see it." in desk.text
    assert office.clinic not in office.client.get("/search?kind=treatment").text
    look = checked(cora.send(office.edit, {"step": ["status"], "status": ["active"]}))
    cora.goes(cora.save(look, office.edit))
    assert office.clinic in office.client.get("/search?kind=treatment").text


def test_a_coordinator_adds_a_listing_for_an_agency_and_it_is_found(office: Office) -> None:
    cora, new = office.who(Role.COORDINATOR), "/desk/listings/new"
    answer = cora.send(new, sent(form_to(cora.page(new), new), fees="none"))
    assert answer.status_code == 422
    assert mistakes(checked(answer)) == ["Name: Fill this in.", "What it is: Fill this in."]
    look = cora.look(
        new, name="Reed Landing", kind="housing", address__postal__code="19199", agency=str(office.staff.here)
    )
    assert "Name Reed Landing" in look.text
    desk = cora.goes(cora.save(look, new))
    assert "Added. Visitors see it now." in desk.text
    assert "Looked after by Marsh Peers" in desk.text
    assert "Reed Landing" in office.client.get("/search?kind=housing&near=19199").text
    # The same form once more adds nothing.
    assert "It was done once." in cora.goes(cora.save(look, new)).text
    assert office.client.get("/api/listings?q=reed+landing").json()["total"] == 1


def test_an_editor_whom_nobody_trusts_yet_is_told_who_adds_a_listing(office: Office) -> None:
    page = office.who(Role.EDITOR).page("/desk/listings/new", 403)
    assert page.title == "Ask a coordinator to add it"


def test_a_listing_is_found_by_its_words_by_those_who_may_edit_it(office: Office) -> None:
    find = "/desk/listings?q=far+shore"
    assert office.who(Role.PEER).page(find).links()["Far Shore Clinic"] == office.desk
    assert "Quiet Lamp Group" in office.who(Role.PEER).page("/desk/listings?q=quiet").links()
    assert "Far Shore Clinic" in office.who(Role.EDITOR).page(find).links()
    assert "We found no such listing." in office.who(Role.EDITOR).page("/desk/listings?q=quiet").text
    assert not office.who(Role.PEER).page("/desk/listings").cards()


def test_a_listing_that_the_search_does_not_show_is_found_by_its_address(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    look = checked(cora.send(office.edit, {"step": ["status"], "status": ["inactive"]}))
    cora.goes(cora.save(look, office.edit, reason="Moved away."))
    assert not cora.page("/desk/listings?q=far+shore").cards()
    page = cora.page(f"/desk/listings?q=http://localhost/listings/{office.clinic}/")
    assert page.links()["Far Shore Clinic"] == office.desk


def test_a_peer_sees_nothing_of_an_address_that_is_hidden(office: Office) -> None:
    assert office.client.portal is not None
    shelter = office.client.portal.call(edits.listing_of, office.staff.there, "Safe Reeds")
    pia, address = office.who(Role.PEER), f"/desk/listings/{shelter}"
    for page in (pia.page(address), pia.page(f"{address}/edit")):
        assert "Secret Road" not in page.response.text
    assert "Secret Road" in office.who(Role.COORDINATOR).page(address).text


@pytest.mark.parametrize("step", ["look", "more", "back", "save", "take-back", "source", "status"])
@pytest.mark.parametrize("reason", ["", "r" * 2001])
def test_no_step_of_an_edit_uncovers_an_address_that_is_hidden(office: Office, step: str, reason: str) -> None:
    assert office.client.portal is not None
    shelter = office.client.portal.call(edits.listing_of, office.staff.there, "Safe Reeds")
    values = json.dumps({"status": "inactive", "address.visibility": "full"})
    fields = {"step": step, "seen": "{}", "values": values, "reason": reason, "once": "x", "row": "1"}
    more = {"address-visibility": "full", "field": "address.visibility", "status": "inactive"}
    answer = office.who(Role.PEER).send(f"/desk/listings/{shelter}/edit", fields | more)
    assert answer.status_code in (200, 303, 404, 422)
    assert "Secret" not in answer.text
    assert "Saltmarsh" not in answer.text


def test_a_link_that_a_browser_would_run_is_refused(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    form = form_to(cora.page(office.edit), office.edit)
    answer = cora.send(office.edit, sent(form, conference__url="javascript:alert(1)", attendance="online"))
    assert mistakes(checked(answer)) == ["Link to join: Write a web address, such as https://www.example.org."]
    fields = {"step": "save", "seen": "{}", "values": '{"conference_url": "javascript:alert(1)"}', "once": "x" * 43}
    assert cora.send(office.edit, fields).status_code == 422
    assert "javascript" not in office.client.get(f"/listings/{office.clinic}").text


def test_more_numbers_than_a_listing_can_have_are_told_where_they_begin(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    numbers = {f"phones-{place}-number": f"(555) 555-01{place:02}" for place in range(31)}
    answer = cora.send(office.edit, sent(form_to(cora.page(office.edit), office.edit)) | numbers)
    assert mistakes(checked(answer)) == ["Number: There is room for 30 of these. Leave out what is beyond."]


def test_a_writer_of_whom_much_waits_is_told_so_and_keeps_what_was_written(office: Office) -> None:
    ed = office.who(Role.EDITOR)
    for number in range(5):
        ed.goes(ed.save(ed.look(office.edit, fees=f"{number} dollars"), office.edit))
    answer = ed.save(ed.look(office.edit, fees="nine dollars"), office.edit, reason="Once more.")
    assert answer.status_code == 422
    page = checked(answer)
    assert "5 changes of yours to this listing wait to be looked at." in page.text
    assert "nine dollars" in page.text
    assert "Once more." in page.text


def test_an_edit_that_began_at_a_report_leads_back_to_it_and_to_nowhere_else(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    edit = f"{office.edit}?back=/reports/7"
    desk = cora.goes(cora.save(cora.look(edit, fees="five dollars"), edit))
    assert desk.links()["Back to the report"] == "/reports/7"
    for other in ("//evil.test", "https://evil.test/reports/7", "/reports/7/x", "/sign-out"):
        assert "Back to the report" not in cora.page(f"{office.desk}?back={other}").links()


async def _looked_for(url: str) -> None:
    """The work of the geocoding queue, with a service that knows where the clinic has moved to."""
    async with running() as server:
        server.knows("14 Heron Lane, Farshore, PA 19198", Place(number="14", city="Farshore", postal_code="19198"))
        settings = replace(world.settings_for(url), geocoders=(server.entry("nominatim"),))
        await geocode_run(by="test", clock=lambda: NOW, settings=settings)


def test_after_another_address_the_page_says_how_exactly_it_was_found_and_leads_to_the_pin(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    desk = cora.goes(cora.save(cora.look(office.edit, address__street="14 Heron Lane"), office.edit))
    assert "We could not find the place." in desk.text
    assert office.client.portal is not None
    office.client.portal.call(_looked_for, office.url)
    desk = cora.page(office.desk)
    assert "Found: the building itself." in desk.text
    pin = desk.links()["Put a pin on the map"]
    assert pin == f"/places/{office.clinic}"
    assert cora.page(pin).all("form", action=pin)


def test_an_editor_says_on_the_desk_page_that_all_of_it_is_right(office: Office) -> None:
    ed, right = office.who(Role.EDITOR), f"{office.desk}/right"
    answer = ed.send(right, sent(form_to(ed.page(office.desk), right)))
    assert answer.headers["location"] == f"{office.desk}?done=right"
    assert "Visitors see that it was checked today." in ed.goes(answer).text
    assert "Yes, all of it" not in office.who(Role.PEER).page(office.desk).text


@pytest.mark.parametrize(
    "fields",
    [
        {"step": ["save"], "values": ["{"]},
        {"step": ["save"], "values": ["[]"]},
        {"step": ["back"], "values": ['{"windows": [{"day": "x"}]}']},
        {"step": ["look"], "seen": ['{"windows": 7}']},
        {"name": ["a\0b"]},
    ],
)
def test_what_no_browser_sends_is_turned_away(office: Office, fields: Sent) -> None:
    assert office.who(Role.COORDINATOR).send(office.edit, fields).status_code == 400


def test_values_that_no_field_can_hold_are_refused(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    fields = {"step": ["save"], "once": ["x" * 43], "values": ['{"kind": "castle"}']}
    assert cora.send(office.edit, fields).status_code == 422
    assert checked(cora.send(office.edit, fields)).title == "A listing cannot say that"


def test_every_page_speaks_spanish(office: Office) -> None:
    cora = office.who(Role.COORDINATOR)
    office.who(Role.EDITOR).save(office.who(Role.EDITOR).look(office.edit, fees="five"), office.edit)
    for url in (office.desk, office.edit, "/desk/listings/new", "/moderation", "/moderation/1", "/desk/proposals"):
        assert cora.page(url, language="es").response.headers["content-language"] == "es"
