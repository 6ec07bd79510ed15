""" "Something wrong?" under a listing: a form that needs no script, loses nothing that was typed and knows nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from directory.domain.corrections import LONGEST, MOST_OF_ONE, REASONS
from directory.domain.listings import ListingDraft, slug_for
from tests.pages import Page, checked, get_page, words
from tests.web import shown, world

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    world.fill(database_url)
    with world.site(database_url) as client:
        yield client


def report_of(listing: ListingDraft = world.LAMP, source: str = "world") -> str:
    """The address of the form of this listing."""
    return f"/listings/{slug_for(source, listing.key, listing.name, listing.address.city)}/report"


def form_of(url: str, listing: ListingDraft) -> str:
    """The address of the form of any listing: where the street is not public, only the database knows it."""
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        [slug] = connection.execute("SELECT slug FROM listing WHERE source_key = ?", [listing.key]).fetchone()
    return f"/listings/{slug}/report"


def send(client: TestClient, address: str, language: str = "en", **fields: str) -> Response:
    """What a browser sends from the form on this page."""
    headers = {"sec-fetch-site": "same-origin", "accept-language": language}
    return client.post(address, data={"subject": "", **fields}, headers=headers)


def kept(url: str) -> list[tuple[str, str, int]]:
    """What is in the queue: reason, words, and how often it came. Read beside the site, whose own connection is in use."""
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        return connection.execute("SELECT reason, words, times FROM correction ORDER BY id").fetchall()


def chosen(page: Page) -> list[str | None]:
    return [radio.get("value") for radio in page.all("input", type="radio") if radio.get("checked") is not None]


def typed(page: Page) -> str:
    return page.one("textarea").text or ""


def mistakes(page: Page) -> dict[str, str]:
    """What the summary on top says, and where each line leads."""
    return {words(link): link.get("href", "") for link in page.one("div", role="alert").iter("a")}


# --- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("listing", world.DRAFTS, ids=lambda listing: listing.key)
def test_each_listing_has_a_form_that_keeps_the_rules(
    client: TestClient, database_url: str, listing: ListingDraft, language: str
) -> None:
    address = form_of(database_url, listing)
    page = get_page(client, address, language=language)
    assert [radio.get("value") for radio in page.all("input", type="radio")] == list(REASONS)
    assert chosen(page) == []
    assert address in [form.get("action") for form in page.all("form")]
    assert page.links()[listing.name] == address.removesuffix("/report")


@pytest.mark.parametrize("listing", world.DRAFTS, ids=lambda listing: listing.key)
def test_the_page_of_each_listing_leads_to_its_form(
    client: TestClient, database_url: str, listing: ListingDraft
) -> None:
    address = form_of(database_url, listing)
    page = get_page(client, address.removesuffix("/report"))
    assert page.links()["Something wrong? Tell us"] == address


def test_the_title_names_no_listing(client: TestClient) -> None:
    assert get_page(client, report_of()).title == "Tell us what is wrong"


@pytest.mark.parametrize("query", ["", "?sent=1"])
def test_no_cache_and_no_search_engine_keeps_it(client: TestClient, query: str) -> None:
    page = get_page(client, report_of() + query)
    assert page.response.headers["cache-control"] == "no-store"
    assert page.response.headers["x-robots-tag"] == "noindex"
    assert "etag" not in page.response.headers
    assert page.one("meta", **{"name": "robots"}).get("content") == "noindex"


def test_the_form_asks_for_no_names_and_nothing_about_health(client: TestClient) -> None:
    page = get_page(client, report_of())
    (hint,) = [small for small in page.all("small") if small.get("id") == page.one("textarea").get("aria-describedby")]
    assert "no names of people, and nothing about your health" in words(hint)


# --- sending ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", REASONS)
def test_what_is_sent_is_kept_and_thanked_for_on_a_page_of_its_own(
    client: TestClient, database_url: str, reason: str
) -> None:
    address = report_of()
    answer = send(client, address, reason=reason, words="The door is\r\nround the back.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{address}?sent=1")
    assert answer.headers["cache-control"] == "no-store"
    page = get_page(client, answer.headers["location"])
    assert page.title == "Thank you"
    assert "Somebody will check this. It can take some days. Call before you go." in page.text
    assert page.links()["Back to the listing"] == address.removesuffix("/report")
    assert page.all("textarea") == []
    assert kept(database_url) == [(reason, "The door is\nround the back.", 1)]


def test_words_may_be_left_out_with_any_reason_that_says_enough(client: TestClient, database_url: str) -> None:
    assert send(client, report_of(), reason="closed").status_code == 303
    assert kept(database_url) == [("closed", "", 1)]


def test_sending_twice_does_no_harm(client: TestClient, database_url: str) -> None:
    address = report_of()
    answers = [send(client, address, reason="hours", words="They close at 5.") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert kept(database_url) == [("hours", "They close at 5.", 2)]


def test_no_other_page_becomes_new_by_it(client: TestClient) -> None:
    address = report_of()
    listing = address.removesuffix("/report")
    tag = client.get(listing).headers["etag"]
    send(client, address, reason="closed")
    assert client.get(listing, headers={"if-none-match": tag}).status_code == 304


def test_marks_and_signs_that_nobody_sees_do_not_reach_the_queue(client: TestClient, database_url: str) -> None:
    send(client, report_of(), reason="other", words="\x1b[2J\x00Wrong\u202e <b>door</b>")
    assert kept(database_url) == [("other", "[2JWrong <b>door</b>", 1)]


def test_a_program_that_fills_in_everything_is_thanked_and_not_kept(client: TestClient, database_url: str) -> None:
    address = report_of()
    answer = send(client, address, reason="other", words="Buy now", subject="Offer")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{address}?sent=1")
    assert kept(database_url) == []


def test_no_person_sees_the_field_for_programs(client: TestClient) -> None:
    page = get_page(client, report_of())
    (around,) = [box for box in page.all("div") if box.get("hidden") is not None]
    assert [field.get("name") for field in around.iter("input")] == ["subject"]


def test_another_site_cannot_send_it(client: TestClient, database_url: str) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = client.post(report_of(), data={"reason": "closed"}, headers=headers)
    assert answer.status_code == 403
    assert kept(database_url) == []


# --- what cannot be taken --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, {"Choose what is wrong.": "#reason-phone"}),
        ({"reason": "moon", "words": "It is full."}, {"Choose what is wrong.": "#reason-phone"}),
        ({"reason": "other", "words": " "}, {"Write in a few words what is wrong.": "#words"}),
        (
            {"reason": "hours", "words": "é" * (LONGEST + 234)},
            {"Write it shorter: it has 1,234 characters, and 1,000 are the most that we can take.": "#words"},
        ),
        (
            {"words": "x" * (LONGEST + 1)},
            {
                "Choose what is wrong.": "#reason-phone",
                "Write it shorter: it has 1,001 characters, and 1,000 are the most that we can take.": "#words",
            },
        ),
    ],
)
def test_a_form_that_cannot_be_taken_comes_back_with_a_summary_that_leads_to_each_field(
    client: TestClient, database_url: str, fields: dict[str, str], said: dict[str, str]
) -> None:
    answer = send(client, report_of(), **fields)
    assert answer.status_code == 422
    assert answer.headers["cache-control"] == "no-store"
    page = checked(answer)
    assert mistakes(page) == said
    assert typed(page).strip() == fields.get("words", "").strip()
    assert chosen(page) == [reason for reason in [fields.get("reason")] if reason in REASONS]
    assert [words(mistake) for mistake in page.all("p", class_="mistake")] == list(said)
    assert kept(database_url) == []


def test_what_is_wrong_in_a_field_is_said_of_the_field_too(client: TestClient) -> None:
    page = checked(send(client, report_of(), words="x" * (LONGEST + 1)))
    area, group = page.one("textarea"), page.one("fieldset")
    assert area.get("aria-invalid") == "true"
    assert "words-mistake" in (area.get("aria-describedby") or "").split()
    assert group.get("aria-describedby") == "reason-mistake"


def test_what_was_typed_comes_back_as_words_and_never_as_a_page(client: TestClient) -> None:
    text = '\n</textarea><script>alert(1)</script> & "more"'
    page = checked(send(client, report_of(), words=text))
    assert typed(page) == text


def test_a_form_that_cannot_be_taken_speaks_spanish_too(client: TestClient) -> None:
    page = checked(send(client, report_of(), language="es"), "es")
    assert list(mistakes(page).values()) == ["#reason-phone"]
    assert "Choose" not in page.text


def test_from_a_form_that_came_back_another_language_leads_to_the_form(client: TestClient) -> None:
    address = report_of()
    page = checked(send(client, address))
    assert page.one("input", **{"name": "back"}).get("value") == address


def test_a_listing_with_enough_to_look_through_says_whom_to_call_and_keeps_nothing(
    client: TestClient, database_url: str
) -> None:
    address = report_of()
    for number in range(MOST_OF_ONE):
        assert send(client, address, reason="other", words=f"Wrong {number}").status_code == 303
    answer = send(client, address, reason="other", words="One\nmore")
    assert answer.status_code == 429
    assert answer.headers["cache-control"] == "no-store"
    page = checked(answer)
    assert "nothing new was kept" in page.text
    assert "Please call the place, or tell the source of this listing." in page.text
    assert words(page.one("p", class_="typed")) == "One more"
    assert page.links()["Call (555) 555-0100 ext. 7: Quiet Lamp Group"] == "tel:+15555550100;ext=7"
    assert "An invented world" in page.text
    assert len(kept(database_url)) == MOST_OF_ONE
    assert get_page(client, address, status=429).all("textarea") == []
    assert get_page(client, form_of(database_url, world.SHELTER)).all("textarea") != []


def test_a_listing_that_is_gone_answers_410_and_one_that_never_was_404(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        address = report_of()
    world.fill(database_url, world.without(world.LAMP))
    with world.site(database_url) as client:
        get_page(client, address, status=410)
        get_page(client, "/listings/never-was/report", status=404)
        answers = [send(client, url, reason="closed") for url in (address, "/listings/never-was/report")]
    assert [answer.status_code for answer in answers] == [410, 404]
    assert kept(database_url) == []


def test_a_form_that_is_no_form_is_turned_away(client: TestClient, database_url: str) -> None:
    address = report_of()
    headers = {"sec-fetch-site": "same-origin"}
    assert client.post(address, json={"reason": "closed"}, headers=headers).status_code == 415
    broken = {**headers, "content-type": "application/x-www-form-urlencoded"}
    assert client.post(address, content=b"reason=closed&words=%ff", headers=broken).status_code == 400
    assert kept(database_url) == []


def test_the_demonstration_says_so_on_the_form_too(database_url: str) -> None:
    shown.add(database_url, [world.LAMP], "demo")
    with world.site(database_url) as client:
        assert "demonstration data" in get_page(client, report_of(source="demo")).text


def test_the_privacy_page_says_what_becomes_of_it(client: TestClient) -> None:
    assert "If you tell us that something is wrong with a listing" in get_page(client, "/privacy").text
