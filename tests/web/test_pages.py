"""The pages that stand still, the frame around all pages, and the rules that `tests/pages.py` holds every page to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx2 import Request, Response
from starlette.testclient import TestClient

from directory.resources import folder
from tests.pages import checked, get_page, words
from tests.web import shown, world

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
AGENCY = "Substance Abuse and Mental Health Services Administration"
"""Its name is not ours to change."""
STANDING = ("/", "/about", "/privacy", "/search", "/who-goes-first", "/your-rights")


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("pages")) as url:
        world.fill(url)
        shown.add(url, [shown.HOTLINE], "national")
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("url", STANDING)
def test_every_standing_page_keeps_the_rules_in_both_languages(client: TestClient, url: str, language: str) -> None:
    other = {"en": "Español", "es": "English"}[language]
    assert words(get_page(client, url, language=language).one("button", name="language")) == other


def test_the_first_page_asks_what_where_and_when_in_one_plain_form(client: TestClient) -> None:
    page = get_page(client, "/")
    assert [words(legend) for legend in page.all("legend")] == ["What do you need?", "When?"]
    assert [field.get("value") for field in page.all("input", name="kind")] == [
        "treatment",
        "meeting",
        "housing",
        "harm-reduction",
        "employment",
        "",
    ]
    assert page.fields() == {"kind": [""], "q": [""], "near": [""], "when": [""]}
    assert page.all("form")[1].get("method") == "get"


def test_the_first_page_ends_with_the_national_numbers(client: TestClient) -> None:
    page = get_page(client, "/")
    line = page.one("li", class_="line")
    assert words(line) == "All Night Line open 24 hours Call 555-555-0110: All Night Line Text 55501: All Night Line"
    assert [link.get("href") for link in line.iter("a")][1:] == ["tel:+15555550110", "sms:55501"]


def test_leaving_is_a_plain_link_that_tells_nobody_where_from(client: TestClient) -> None:
    page = get_page(client, "/")
    leave = next(link for link in page.all("a") if "data-leave" in link.attrib)
    assert (leave.get("href"), leave.get("rel")) == ("https://www.weather.gov/", "noreferrer")


def test_the_form_for_the_language_comes_back_to_the_same_question(client: TestClient) -> None:
    page = get_page(client, "/search?near=19199&within=5")
    assert page.one("input", name="back").get("value") == "/search?near=19199&within=5"


def test_about_names_every_source_and_the_origin_of_the_places(client: TestClient) -> None:
    text = get_page(client, "/about").text
    assert "There are 4 listings here." in text
    assert "An invented world 3 listings · CC0 · last checked Mar 2, 2026" in text
    assert "GeoNames" in text
    assert "CC BY 4.0" in text
    assert "SAMHSA" in text


def test_about_dates_a_check_on_the_sites_own_clock(database_url: str) -> None:
    evening = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    shown.add(database_url, [shown.HOTLINE], "national", now=evening)
    with world.site(database_url, evening) as client:
        assert "last checked Mar 2, 2026" in get_page(client, "/about").text


def test_who_goes_first_is_public_and_found_from_the_first_page(client: TestClient) -> None:
    """45 CFR 96.131(b); WAITLIST 1.2."""
    assert "/who-goes-first" in get_page(client, "/").links().values()
    page = get_page(client, "/who-goes-first")
    assert "pregnant women who inject drugs" in page.text
    assert page.response.headers["cache-control"] == "public, max-age=60"


def test_the_rights_of_whoever_waits_are_public_too(client: TestClient) -> None:
    """42 CFR 2.22; WAITLIST 1.5."""
    assert "/your-rights" in get_page(client, "/about").links().values()
    assert "You can take it back at any time" in get_page(client, "/your-rights").text


def test_an_error_after_a_form_leads_the_language_back_to_the_first_page(client: TestClient) -> None:
    broken = client.post("/language", data={"language": "tlh"}, headers={"sec-fetch-site": "same-origin"})
    for answer in (broken, client.get("/language"), client.post("/about")):
        assert answer.status_code in (400, 405)
        assert checked(answer).one("input", name="back").get("value") == "/"


def test_no_page_speaks_of_demonstration_data_where_there_is_none(client: TestClient) -> None:
    assert [url for url in STANDING if "demonstration" in get_page(client, url).text] == []


def test_every_page_says_so_while_demonstration_data_is_there(database_url: str) -> None:
    world.fill(database_url)
    shown.add(database_url, [shown.ONLINE], "demo")
    with world.site(database_url) as client:
        pages = [get_page(client, url) for url in (*STANDING, "/search?near=19199")]
        missing = get_page(client, "/nothing-here", status=404)
    assert all("This site shows demonstration data" in page.text for page in (*pages, missing))


def test_a_page_that_is_not_there_says_what_to_do_next(client: TestClient) -> None:
    page = get_page(client, "/nothing-here", status=404)
    assert page.title == "We cannot find that page"
    assert "Search again" in page.text
    assert page.links()["Search"] == "/"


def test_a_second_visit_to_the_first_page_is_answered_without_a_page(client: TestClient) -> None:
    tag = client.get("/").headers["etag"]
    assert client.get("/", headers={"if-none-match": tag}).status_code == 304


def test_the_style_sheet_is_small_and_in_layers() -> None:
    text = (folder("static") / "site.css").read_text()
    assert len(text.encode()) < 20_000
    assert text.startswith("@layer tokens, base, layout, components, print;")


@pytest.mark.parametrize("template", sorted(path.name for path in folder("templates").rglob("*.html")))
def test_no_template_speaks_the_words_that_hurt(template: str) -> None:
    path = next(folder("templates").rglob(template))
    said = path.read_text().replace(AGENCY, "").casefold().split()
    assert {"addict", "addicts", "abuse", "clean", "dirty", "relapse", "non-compliant", "failed"}.isdisjoint(said)


# --- the rules themselves --------------------------------------------------------------------------------------------

GOOD = """<!doctype html><html lang="en"><head><title>Here · Footbridge</title></head><body>
<a href="#main">Skip</a><a href="tel:988">Call</a><a href="tel:911">Call</a><a href="/x" data-leave="">Leave</a>
<main id="main"><h1>Here</h1><form action="/search"><label>Where <input name="near"></label></form>%s</main></body></html>"""


def answer(html: str) -> Response:
    headers = {"content-type": "text/html; charset=utf-8"}
    return Response(200, headers=headers, text=html, request=Request("GET", "http://localhost/"))


def test_a_page_that_keeps_the_rules_is_let_through() -> None:
    assert checked(answer(GOOD % "")).title == "Here"


@pytest.mark.parametrize(
    "wrong",
    [
        "<h1>Again</h1>",
        "<h3>Too deep</h3>",
        "<input name=unlabelled>",
        "<form><button>Send</button></form>",
        '<p id="main">twice</p>',
        '<p style="color:red">styled</p>',
        '<p onclick="x()">scripted</p>',
        "<script>let x</script>",
        "<style>p{}</style>",
        '<script src="https://cdn.test/x.js"></script>',
        '<img alt="" src="//other.test/x.png">',
        '<a href="https://other.test/">away</a>',
        '<a href="/x" target="_blank">a window</a>',
        '<a href="#nowhere">nowhere</a>',
        '<p aria-labelledby="nobody">lost</p>',
        "<button></button>",
    ],
)
def test_a_page_that_breaks_a_rule_is_found(wrong: str) -> None:
    with pytest.raises(AssertionError):
        checked(answer(GOOD % wrong))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<title>Here", "<title>Elsewhere"),
        ('lang="en"', 'lang="es"'),
        ("tel:988", "tel:1"),
        (' data-leave=""', ""),
        ("main>", "div>"),
    ],
)
def test_a_frame_that_lacks_something_is_found(right: str, wrong: str) -> None:
    with pytest.raises(AssertionError):
        checked(answer((GOOD % "").replace(right, wrong).replace("<main", "<div" if right == "main>" else "<main")))


def test_html_that_is_not_valid_is_found() -> None:
    with pytest.raises(Exception, match="Unexpected end tag"):
        checked(answer(GOOD % "</p></b>"))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "tap “Something wrong? Tell us”"), ("es", "toque “¿Hay algo mal? Díganos”")]
)
def test_about_leads_to_where_a_mistake_can_be_told(client: TestClient, language: str, said: str) -> None:
    assert said in get_page(client, "/about", language=language).text
