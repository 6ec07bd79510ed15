"""Hand-outs as they are chosen, made, read behind their address and printed: with the same list everywhere and nobody's name."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import pytest
from httpx2 import Response

from directory.domain.access import Role
from directory.domain.listings import Address, ListingDraft, Phone, Visibility
from tests import accounts, pdf
from tests.pages import Page, checked, get_page, words
from tests.services.bridge.test_handouts import waiting
from tests.web import shown, world
from tests.web.made import NEW_YORK, meeting
from tests.web.test_accounts import SAME, Browser
from tests.web.waitlist.persons import Keeping

ROOMS = ListingDraft(
    key="rooms",
    kind="housing",
    name="Casa Señal",
    address=Address(
        None, "5 Quiet Road", None, "Saltmarsh", "PA", "19199", visibility=Visibility.PARTIAL, timezone=NEW_YORK
    ),
    phones=(Phone("(555) 555-0103"),),
)
DAILY = ListingDraft(
    key="daily",
    kind="food",
    name="Bread Table",
    address=Address(None, "7 Mill Lane", None, "Saltmarsh", "PA", "19199", timezone=NEW_YORK),
    windows=tuple(meeting(day, "09:00", 180) for day in range(7)),
)
TWICE = ListingDraft(
    key="twice",
    kind="meeting",
    name="Twice a Week",
    address=Address(None, "9 Mill Lane", None, "Saltmarsh", "PA", "19199", timezone=NEW_YORK),
    windows=(meeting(3, "18:00"), meeting(5, "18:00")),
)
WEST = ListingDraft(
    key="west",
    kind="food",
    name="Lobo Table",
    address=Address(None, "1 Mesa Road", None, "Drywell", "NM", "87199", timezone="America/Denver"),
    windows=(meeting(3, "18:00"),),
)
MONTHLY = ListingDraft(
    key="monthly",
    kind="meeting",
    name="Second Tuesday",
    address=Address(None, "8 Mill Lane", None, "Saltmarsh", "PA", "19199", timezone=NEW_YORK),
    windows=(meeting(2, "18:00", week=2),),
)


@pytest.fixture(scope="module", autouse=True)
def _more(town: tuple[str, accounts.Staff]) -> None:
    """More listings in the town of this module."""
    shown.add(town[0], [ROOMS, DAILY, MONTHLY, TWICE, WEST], "more")
    shown.add(town[0], [shown.ONLINE], "online")


@pytest.fixture
def peer(keeper: Keeping) -> Browser:
    return keeper.browser


def slugs(browser: Browser, *names: str) -> list[str]:
    found = {
        each["name"]: each["slug"]
        for path in ("/api/listings?per_page=100", "/api/listings?attendance=online")
        for each in browser.client.get(path).json()["results"]
    }
    return [found[name] for name in names]


def send(browser: Browser, url: str, names: tuple[str, ...], **fields: str) -> Response:
    """A form with these listings chosen."""
    data: dict[str, object] = {"slug": slugs(browser, *names), **fields}
    return browser.client.post(url, data=data, headers=SAME)


def form(browser: Browser, *names: str, **fields: str) -> Page:
    """The form for a hand-out of these."""
    return checked(send(browser, "/handouts/new", names, **fields))


def made(browser: Browser, *names: str, **fields: str) -> Page:
    """The page that tells the address of a new one."""
    once = form(browser, *names).one("input", name="once").get("value", "")
    given = {"sort": "day", "days": "30", "language": "en", "near": "", "once": once}
    page = checked(send(browser, "/handouts", names, **given | fields))
    assert page.title == "The list is ready"
    return page


def path_of(page: Page) -> str:
    (path,) = re.findall(r'href="(/h/[0-9A-Z-]{19})"', page.response.text)
    return str(path)


def given(browser: Browser, *names: str, **fields: str) -> str:
    """The address of a new hand-out, for somebody who is not signed in."""
    path = path_of(made(browser, *names, **fields))
    browser.client.cookies.clear()
    return path


def headings(page: Page) -> list[tuple[str, str]]:
    return [(each.tag, words(each)) for each in page.tree.iter() if each.tag in ("h2", "h3")]


# --- choosing and making ---------------------------------------------------------------------------------------------


def test_the_list_that_somebody_takes_along_becomes_a_hand_out(peer: Browser) -> None:
    query = "&".join(f"take={slug}" for slug in slugs(peer, "Quiet Lamp Group", "Safe Reeds"))
    page = get_page(peer.client, f"/list?{query}")
    (sent,) = [each for each in page.all("form") if each.get("action") == "/handouts/new"]
    assert [each.get("value") for each in sent.iter("input")] == slugs(peer, "Quiet Lamp Group", "Safe Reeds")
    places = form(peer, "Quiet Lamp Group", "Safe Reeds").one("fieldset", id="slug")
    assert [words(each) for each in places.iter("label")] == ["Quiet Lamp Group", "Safe Reeds"]


def test_what_is_known_where_the_places_were_chosen_stands_in_the_form_already(peer: Browser) -> None:
    page = form(peer, "Bread Table", near="19199", language="es", sort="distance")
    assert page.one("input", id="near").get("value") == "19199"
    chosen = [words(each) for each in page.all("option") if each.get("selected") is not None]
    assert chosen == ["The nearest first", "30 days", "Español"]


def test_without_a_choice_the_page_says_how_to_choose(peer: Browser) -> None:
    page = peer.page("/handouts/new")
    assert "Search, and tap “Save” on each place." in page.text
    assert page.one("a", class_="main").get("href") == "/search"


def test_where_nothing_is_ticked_the_page_says_what_to_do_and_leads_back(peer: Browser) -> None:
    page = checked(peer.send("/handouts/new", upi="UPI000000001"))
    assert ("No place was ticked" in page.text, page.all("fieldset")) == (True, [])
    assert page.links()["Go back and tick some"] == "/clients/UPI000000001/suggestions"


def test_each_list_is_told_apart_by_its_places_its_language_and_its_hour(peer: Browser) -> None:
    made(peer, "Bread Table", "Quiet Lamp Group", "Safe Reeds", language="es")
    said = "Bread Table · Quiet Lamp Group and 1 more Español. Made on: today, 10 am."
    assert said in peer.page("/handouts").text


def test_what_was_made_tells_its_address_once_with_a_code_papers_and_a_text_about_nobody(peer: Browser) -> None:
    page = made(peer, "Quiet Lamp Group")
    path = path_of(page)
    assert page.response.headers["cache-control"] == "no-store"
    assert '<svg class="qr"' in page.response.text
    papers = {text: url for text, url in page.links().items() if text.endswith("(PDF)")}
    assert set(papers) == {"A5 (PDF)", "Half letter (PDF)", "Cards for a wallet (PDF)"}
    text = unquote(urlsplit(page.links()["Write a text with it"]).query.removeprefix("&body="))
    assert text == f"Here is the list that you asked for: http://localhost{path}"
    assert path not in peer.page("/handouts").response.text


def test_the_form_sent_again_makes_no_second_one(peer: Browser) -> None:
    once = form(peer, "Quiet Lamp Group").one("input", name="once").get("value", "")
    fields = {"sort": "day", "days": "7", "language": "en", "once": once}
    assert send(peer, "/handouts", ("Quiet Lamp Group",), **fields).status_code == 200
    again = send(peer, "/handouts", ("Quiet Lamp Group",), **fields)
    assert peer.is_sent_to(again) == "/handouts?done=before"
    assert "made before" in peer.page("/handouts?done=before").text


def test_what_cannot_be_is_said_and_what_was_typed_stays(peer: Browser) -> None:
    answer = send(peer, "/handouts", ("Bread Table",), sort="distance", days="7", language="es", near="")
    page = checked(answer)
    assert answer.status_code == 422
    assert "From where? Fill this in." in page.text
    assert words(page.one("select", id="days").find("option[@selected]")) == "7 days"  # type: ignore[arg-type]
    nothing = peer.send("/handouts", sort="day", days="7", language="en")
    assert nothing.status_code == 422
    assert "Choose at least one place." in nothing.text


def test_what_nobody_knows_is_named_and_left_out(peer: Browser) -> None:
    data = {"slug": [*slugs(peer, "Bread Table"), "no-such-place"], "sort": "day", "days": "7", "language": "en"}
    answer = peer.client.post("/handouts", data=data | {"once": "n" * 43}, headers=SAME)
    page = checked(answer)
    assert "We do not know these and left them out: no-such-place" in page.text


# --- behind the address ----------------------------------------------------------------------------------------------


def test_anybody_with_the_address_reads_the_list_and_nobody_keeps_or_follows_it(peer: Browser) -> None:
    path = given(peer, "Quiet Lamp Group", "Safe Reeds")
    page = get_page(peer.client, path)
    assert page.title == "Your list"
    headers = page.response.headers
    assert (headers["cache-control"], headers["referrer-policy"], headers["x-robots-tag"]) == (
        "no-store",
        "no-referrer",
        "noindex",
    )
    assert "set-cookie" not in headers
    assert page.one("meta", name="robots").get("content") == "noindex"
    assert "2 places, as of Mon 2 Mar, 10 am. Things change: call before you go." in page.text
    assert "(555) 555-0100 ext. 7" in page.text
    assert "2 beds open, reported 1 hour ago" in page.text
    assert "Ana Reed" not in page.text


def test_the_page_itself_prints_the_code_and_the_address_to_the_same_list(peer: Browser) -> None:
    path = given(peer, "Quiet Lamp Group")
    page = get_page(peer.client, path)
    paper = " ".join(words(part) for part in page.all("section", class_="on-paper"))
    assert f"localhost{path}" in paper.replace(" ", "")  # a line may end at a slash, and not within a word
    assert "In crisis: call or text 988, day and night. In danger: call 911." in paper
    assert '<svg class="qr"' in page.response.text


def test_days_are_headings_from_today_on_then_what_is_there_on_several_and_what_has_no_times(peer: Browser) -> None:
    """Today is Monday."""
    names = ("Safe Reeds", "Bread Table", "Second Tuesday", "Lamp on a Screen", "Quiet Lamp Group")
    page = get_page(peer.client, given(peer, *names))
    assert headings(page) == [
        ("h2", "Monday"),
        ("h3", "Quiet Lamp Group"),
        ("h3", "Lamp on a Screen"),
        ("h2", "On several days, also on Monday"),
        ("h3", "Bread Table"),
        ("h2", "Tuesday"),
        ("h3", "Second Tuesday"),
        ("h2", "Saturday"),
        ("h3", "Quiet Lamp Group"),
        ("h2", "Times not known: call first"),
        ("h3", "Safe Reeds"),
        ("h2", "Urgent help"),  # on paper alone
    ]
    lamp = [words(card) for card in page.all("li", class_="card") if "Quiet Lamp Group" in words(card)]
    assert "7 pm to 8 pm" in lamp[0]
    assert "11:50 pm to 12:30 am" in lamp[1]
    assert "8 pm to 9 pm (Eastern Time)" in page.text
    assert "Second Tuesday of the month, 6 pm to 7 pm" in page.text


def test_a_listing_at_the_same_hours_on_several_days_is_told_once(peer: Browser) -> None:
    page = get_page(peer.client, given(peer, "Twice a Week"))
    assert headings(page)[:-1] == [("h2", "On several days"), ("h3", "Twice a Week")]
    assert "Wednesday, 6 pm to 7 pm; Friday, 6 pm to 7 pm" in page.text


def test_the_hour_is_that_of_the_places(peer: Browser) -> None:
    path = given(peer, "Lobo Table")
    for said in (get_page(peer.client, path).text, pdf.words(peer.client.get(f"{path}.pdf").content)):
        assert "as of Mon 2 Mar, 8 am." in said


def test_the_nearest_comes_first_and_from_where_is_not_said(peer: Browser) -> None:
    path = given(peer, "Far Shore Clinic", "Quiet Lamp Group", sort="distance", near="19199")
    page = get_page(peer.client, path)
    assert page.cards() == ["Quiet Lamp Group", "Far Shore Clinic"]
    assert "from 19199" not in page.text
    assert "from Saltmarsh" not in page.text


@pytest.mark.parametrize(
    ("language", "near", "far"),
    [("en", "under 1 mile", "about 14 miles"), ("es", "menos de 1 milla", "más o menos 14 millas")],
)
def test_distances_are_whole_miles_from_which_nobody_works_out_where_they_were_measured(
    peer: Browser, language: str, near: str, far: str
) -> None:
    path = given(peer, "Far Shore Clinic", "Quiet Lamp Group", near="19199", language=language)
    page, paper = get_page(peer.client, path, language=language), pdf.words(peer.client.get(f"{path}.pdf").content)
    for text in (page.text, paper):
        assert near in text
        assert far in text
        assert re.findall(r"[0-9][.,][0-9]+ (?:miles|millas)", text) == []


@pytest.mark.parametrize("size", ["a5", "half-letter", "wallet"])
def test_hidden_and_partial_addresses_stay_hidden_on_the_page_and_on_paper(peer: Browser, size: str) -> None:
    """DESIGN 3: hidden means hidden."""
    path = given(peer, "Safe Reeds", "Casa Señal", near="19199")
    page = get_page(peer.client, path)
    text = pdf.words(peer.client.get(f"{path}.pdf?size={size}").content)
    for said in (page.response.text, text):
        assert not any(each in said for each in ("Secret", "Rear", "Quiet Road", "40.02", "75.01"))
        assert "Address is not public: call to ask" in said
        assert "exact address is not public" in said


def test_the_code_on_paper_opens_the_very_list_that_is_printed(peer: Browser) -> None:
    names = ("Quiet Lamp Group", "Casa Señal", "Bread Table")
    path = given(peer, *names)
    answer = peer.client.get(f"{path}.pdf?size=half-letter")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="list.pdf"'
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    found = pdf.sheets(answer.content)
    (code,) = found[0].codes
    assert code == f"http://localhost{path}"
    assert f"localhost{path}" in found[0].text
    page = get_page(peer.client, urlsplit(code).path)
    for name in names:
        assert name in page.text
        assert name in " ".join(sheet.text for sheet in found)
    assert "7 Mill Lane, Saltmarsh, PA 19199" in pdf.words(answer.content)
    assert "reported" not in pdf.words(answer.content)  # openings are true at this moment alone


def test_a_hand_out_speaks_the_language_it_was_made_in_and_the_page_that_of_who_asked_for_another(
    peer: Browser,
) -> None:
    path = given(peer, "Quiet Lamp Group", "Casa Señal", language="es")
    assert get_page(peer.client, path, language="es").title == "Su lista"
    assert 'lang="es"' in peer.client.get(path, headers={"accept-language": "en"}).text
    peer.client.cookies.set("language", "en")
    assert get_page(peer.client, path).title == "Your list"
    content = peer.client.get(f"{path}.pdf").content
    text = pdf.words(content)
    assert pdf.told(content)["Title"] == "Lista"
    for said in ("Lunes", "Sábado", "7 pm a 8 pm", "Casa Señal", "Página 1 de"):
        assert said in text


def test_a_listing_that_is_gone_is_said_to_be_gone_on_the_page_and_on_paper(
    town: tuple[str, accounts.Staff], peer: Browser
) -> None:
    path = given(peer, "Far Shore Clinic", "Quiet Lamp Group")
    peer.run(world.refill, town[0], world.without(world.CLINIC))
    try:
        page, text = get_page(peer.client, path), pdf.words(peer.client.get(f"{path}.pdf").content)
        assert "This listing is gone." in words(page.card("Far Shore Clinic"))
        assert "Far Shore Clinic This listing is gone." in text
    finally:
        peer.run(world.refill, town[0], world.DRAFTS)


def test_what_ended_ran_out_or_never_was_answers_the_same(peer: Browser) -> None:
    path = path_of(made(peer, "Bread Table", days="7"))
    over = path_of(made(peer, "Quiet Lamp Group", days="7"))
    assert peer.client.get(path).status_code == 200
    row = peer.page("/handouts").all("form", action="/handouts/end")[1]
    id = next(iter(row.iter("input"))).get("value", "")
    assert peer.is_sent_to(peer.send("/handouts/end", id=id)) == "/handouts?done=ended"
    assert peer.client.get(path).status_code == 410
    peer.wait(days=7)
    peer.client.cookies.clear()
    said = set()
    for ending in ("", ".pdf", ".pdf?size=none"):
        for dead in (path, over, "/h/ABCD-EFGH-JKMN-PQRS", "/h/x"):
            answer = peer.client.get(f"{dead}{ending}")
            said.add((answer.status_code, answer.headers["cache-control"], without_address(answer)))
    assert len(said) == 1
    assert next(iter(said))[:2] == (410, "no-store")
    answer = peer.client.get(path)
    assert (answer.headers["x-robots-tag"], answer.headers["referrer-policy"]) == ("noindex", "no-referrer")
    page = get_page(peer.client, path, status=410)
    assert page.title == "This list has ended"


def without_address(answer: Response) -> str:
    """The page without its own address, to which a change of language leads."""
    return answer.text.replace(urlsplit(str(answer.url)).path, "").replace("?size=none", "")


def test_no_log_has_the_code(peer: Browser, caplog: pytest.LogCaptureFixture) -> None:
    path = given(peer, "Bread Table")
    with caplog.at_level("INFO", logger="footbridge.access"):
        peer.client.get(path)
        peer.client.get(f"{path}.pdf")
    assert caplog.text.count("GET /h/…") == 2
    assert path not in caplog.text


# --- sent to somebody ------------------------------------------------------------------------------------------------


def test_the_link_goes_to_somebody_and_their_page_says_so(keeper: Keeping) -> None:
    _client, upi = keeper.run(waiting, made=keeper.made)
    page = made(keeper.browser, "Quiet Lamp Group", upi=upi)
    (sent,) = [each for each in page.all("form") if each.get("action") == f"/clients/{upi}/handouts"]
    fields = {each.get("name", ""): each.get("value", "") for each in sent.iter("input")}
    answer = keeper.browser.send(f"/clients/{upi}/handouts", **fields)
    assert keeper.browser.is_sent_to(answer) == f"/clients/{upi}?done=list-sent"
    assert "The link to the list is on its way." in keeper.browser.page(f"/clients/{upi}?done=list-sent").text
    again = keeper.browser.send(f"/clients/{upi}/handouts", **fields)
    assert keeper.browser.is_sent_to(again) == f"/clients/{upi}?done=before"
    assert "Quiet Lamp" not in str(keeper.rows("SELECT * FROM audit_entry"))


def test_an_editor_makes_none(peer: Browser) -> None:
    peer.becomes(Role.EDITOR)
    peer.page("/handouts", 403)
    assert peer.send("/handouts/new").status_code == 403
