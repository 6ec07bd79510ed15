"""The pages of a hand-off: as peers arrange it, as the agency reads what the client wants it to know, and how it goes afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.services.waitlist import offers
from directory.services.waitlist.agency_answers import agency_answer
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import clients
from tests.pages import Page, checked, words
from tests.services.waitlist import agency
from tests.services.waitlist.agency import CALLED, NAME
from tests.services.waitlist.world import NOW
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import SETTINGS, Keeping

DAY = timedelta(days=1)
OWN = "Please do not wake me by touch."


class Way:
    """Somebody who said yes, with the browser of their peer; the openings are of the same agency, whose editor looks too."""

    def __init__(self, keeper: Keeping, scope: tuple[str, ...] = agency.ALL) -> None:
        self.keeper, self.browser = keeper, keeper.browser
        (row,) = keeper.rows("SELECT slug FROM listing WHERE kind = 'treatment' ORDER BY id LIMIT 1")
        home, clerk = self.browser.staff.here, self.browser.staff.people[Role.EDITOR].id
        made = keeper.run(agency.house, clinic=home, peers=home, slug=row["slug"], clerk=clerk)
        made.peer = Actor(self.browser.staff.people[Role.PEER].id, (Grant(Role.PEER, home),))
        self.made = made
        self.offer = keeper.run(agency.offered, made=made, scope=scope, accepted=True, settings=SETTINGS)
        self.upi = keeper.upi_of(self.offer)
        self.url = f"/clients/{self.upi}/handoff"
        self.browser.run(self._goes_with)

    async def _goes_with(self) -> None:
        row = await clients.by_upi(self.upi)
        assert row is not None
        async with db.staging():
            await clients.change(row.id, row.version, peer_id=self.made.peer.person)

    def page(self, language: str = "en", done: str = "") -> Page:
        return self.browser.page(f"{self.url}?done={done}" if done else self.url, language=language)

    def sends(self, part: str, page: Page | None = None, **given: str) -> str:
        """Where the form of this part leads, sent as it stands there, with this in it."""
        address = f"{self.url}/{part}"
        form = sent_back(page or self.browser.page(address), address)
        return self.browser.is_sent_to(self.browser.send(address, **form | given))

    def came(self) -> None:
        self.browser.send(f"{self.url}/arrival", answer="arrived")

    async def passed(self) -> None:
        """Has the time for the first question be over, which is after that of any session."""
        sql = db.Sql()
        sets = f"due_from = {sql(to_column(NOW - 3 * DAY))}, due_at = {sql(to_column(NOW - DAY))}"
        await db.execute(f"UPDATE follow_up SET {sets} WHERE which = '72h'", sql.values)

    def follow_ups(self) -> list[int]:
        text = "SELECT f.id FROM follow_up f JOIN handoff h ON h.id = f.handoff_id WHERE h.offer_id = "
        return [row["id"] for row in self.keeper.rows(f"{text}{self.offer} ORDER BY f.due_at")]


@pytest.fixture
def way(keeper: Keeping) -> Way:
    return Way(keeper)


def step(page: Page, code: str) -> str:
    """What the page says of one step."""
    return words(page.one("li", id=f"step-{code}"))


# --- getting ready ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_names_nobody_and_no_care_in_its_title_and_says_what_is_next(way: Way, language: str) -> None:
    page = way.page(language)
    title = words(page.all("title")[0])
    assert not any(each in title for each in (CALLED, NAME, way.upi, "reatment", "Wing"))
    assert CALLED in page.text
    assert page.response.headers["cache-control"] == "no-store"
    assert len([each for each in page.all("li") if each.get("id", "").startswith("step-")]) == 11
    main = page.one("a", class_="main")
    assert main.get("href") == "#step-told-what"


def test_a_step_is_done_with_one_tap_and_opened_again_with_another(way: Way) -> None:
    answer = way.browser.send(f"{way.url}/steps", step="told-what", state="done")
    assert way.browser.is_sent_to(answer) == f"{way.url}#step-told-what"
    page = way.page()
    assert "Done" in step(page, "told-what")
    assert "Ana Reed" in step(page, "told-what")
    assert "1 of 11 are settled" in page.text
    assert "Not needed" not in step(page, "told-where")
    assert "Not needed" in step(page, "transport")
    way.browser.send(f"{way.url}/steps", step="told-what", state="open")
    assert "0 of 11 are settled" in way.page().text


def test_the_note_of_a_step_is_kept_and_who_saves_second_sees_both(way: Way) -> None:
    address = f"{way.url}/steps/transport"
    old = sent_back(way.browser.page(address), address)
    assert way.sends("steps/transport", note="Bus 9 at 8 am").endswith("?done=saved#step-transport")
    assert "Bus 9 at 8 am" in step(way.page(), "transport")
    page = checked(way.browser.send(address, **old | {"note": "Sam drives"}))
    assert page.response.status_code == 409
    assert "Somebody else set this to: Bus 9 at 8 am" in page.text
    assert words(page.one("textarea")) == "Sam drives"
    assert way.browser.is_sent_to(way.browser.send(address, **sent_back(page, address))).endswith("#step-transport")
    assert "Sam drives" in step(way.page(), "transport")


def test_when_they_are_expected_is_written_on_the_clock_of_the_agency(way: Way) -> None:
    """10 am in New York is 3 pm in UTC, where the clock of the site stands at that moment."""
    assert way.sends("time", arrives_at="2026-03-04T10:00").endswith("?done=saved")
    (row,) = way.keeper.rows(f"SELECT arrives_at FROM handoff WHERE offer_id = {way.offer}")
    assert db.as_moment(row["arrives_at"]) == NOW + timedelta(days=2)
    assert "Expected: Wed 4 Mar, 10 am" in way.page().text
    address = f"{way.url}/time"
    form = sent_back(way.browser.page(address), address)
    for wrong in ("2031-01-01T10:00", "soon", "0001-01-01T00:00"):
        assert checked(way.browser.send(address, **form | {"arrives_at": wrong})).response.status_code == 422


def test_the_step_of_when_to_be_there_leads_to_writing_it_down_until_that_is_done(way: Way) -> None:
    assert "Write down first when they are expected." in step(way.page(), "told-when")
    assert "Write down when to be there" in step(way.page(), "told-when")
    way.sends("time", arrives_at="2026-03-04T10:00")
    assert "The day and the time, and whom to ask for." in step(way.page(), "told-when")
    assert "Write down when to be there" not in step(way.page(), "told-when")


def test_what_is_settled_and_that_they_did_not_come_are_folded_away(way: Way) -> None:
    way.browser.send(f"{way.url}/steps", step="told-what", state="done")
    page = way.page()
    for code, button in (("told-what", "Open it again"), ("arrival", "They did not come")):
        (fold,) = page.one("li", id=f"step-{code}").iter("details")
        assert any(button in words(each) for each in fold.iter("button"))
        assert fold.get("open") is None


def test_their_own_words_are_for_their_own_peer_and_a_coordinator(way: Way) -> None:
    assert way.sends("words", words=OWN, medication="20 mg").endswith("?done=saved#team")
    assert OWN in way.page().text

    async def moves_on() -> None:
        await db.execute(f"UPDATE client SET peer_id = NULL WHERE upi = '{way.upi}'")

    way.browser.run(moves_on)
    page = way.page()
    assert OWN not in page.text
    assert "Only their own peer, who stands in for that peer, and a coordinator read this." in page.text
    for part in ("words", "summary"):
        assert way.browser.page(f"{way.url}/{part}", 403).title == "Somebody else goes with them"
    assert way.browser.send(f"{way.url}/words", words="x", version="2").status_code == 403
    way.browser.becomes(Role.COORDINATOR)
    assert OWN in way.page().text


def test_where_nothing_is_under_way_the_page_says_when_it_begins_and_its_forms_lead_back(keeper: Keeping) -> None:
    entry = keeper.joined()
    url = f"/clients/{entry.upi}/handoff"
    assert "the list of what to get ready opens here by itself" in keeper.browser.page(url).text
    for part in ("time", "steps/transport", "follow-ups/1"):
        answer = keeper.browser.client.get(f"{url}/{part}")
        assert keeper.browser.is_sent_to(answer) == f"{url}?done=newer"
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{url}/arrival", answer="arrived")).endswith("?done=newer")


# --- the page for the team -------------------------------------------------------------------------------------------


def test_the_team_reads_one_page_in_their_words_with_the_notice_and_what_they_agreed_to(way: Way) -> None:
    """42 CFR 2.32(a), 2.32(b)."""
    way.sends("words", words=OWN, medication="20 mg", companion="My brother")
    page = way.browser.page(f"{way.url}/summary")
    assert OWN in page.text
    assert way.browser.is_sent_to(way.browser.send(f"{way.url}/summary")) == f"{way.url}/summary?done=told"
    assert "The team has been told this" in way.browser.page(f"{way.url}/summary").text
    way.browser.becomes(Role.EDITOR)
    desk = f"/desk/offers/{way.offer}"
    assert way.browser.page(desk).links()["One page for your team, in their words"] == f"{desk}/summary"
    page = way.browser.page(f"{desk}/summary")
    for said in (OWN, CALLED, "20 mg", "My brother", "English", "Ana Reed", "42 CFR part 2", "Signed on Mar 2, 2026"):
        assert said in page.text
    assert CALLED not in words(page.all("title")[0])


def test_without_a_consent_that_covers_it_there_is_no_page_and_it_says_what_to_do(keeper: Keeping) -> None:
    way = Way(keeper, ("name", "contact"))
    way.sends("words", words=OWN)
    page = way.browser.page(f"{way.url}/summary")
    assert OWN not in page.text
    assert page.links()["Talk about consent"] == f"/clients/{way.upi}/consent"
    assert way.browser.is_sent_to(way.browser.send(f"{way.url}/summary")).endswith("?done=gone")
    way.browser.becomes(Role.EDITOR)
    page = way.browser.page(f"/desk/offers/{way.offer}/summary")
    assert OWN not in page.text
    assert "Nothing can be told here now." in page.text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                "own words",
                "medication",
                "belongings",
                "language",
                "comes along",
                "expected",
                "name of their peer",
                "number",
            ),
        ),
        (
            "es",
            ("palabras", "medicinas", "pertenencias", "idioma", "va con", "esperan", "de su acompañante", "número"),
        ),
    ],
)
def test_the_consent_names_each_thing_that_the_page_for_the_team_tells(
    way: Way, language: str, told: tuple[str, ...]
) -> None:
    """42 CFR 2.31(a)(3)."""
    page = way.browser.page(f"/clients/{way.upi}/consent", language=language)
    (label,) = [words(each) for each in page.all("label") if each.find("input[@value='hand-off']") is not None]
    assert [each for each in told if each not in label] == []


# --- what comes of it ------------------------------------------------------------------------------------------------


def test_they_came_and_are_asked_how_it_goes_in_one_tap(way: Way) -> None:
    """WAITLIST 1.8."""
    answer = way.browser.send(f"{way.url}/arrival", answer="arrived")
    assert way.browser.is_sent_to(answer) == f"{way.url}?done=arrived"
    page = way.page(done="arrived")
    assert "You ask them how it goes" in page.text
    assert "so ask the place first" not in page.text
    first, second, _third = way.follow_ups()
    # The clocks in New York go forward on 8 March 2026: the same time of day comes an hour sooner.
    (row,) = way.keeper.rows(f"SELECT due_from FROM follow_up WHERE id = {second}")
    assert db.as_moment(row["due_from"]) == NOW + 7 * DAY - timedelta(hours=1)
    way.browser.run(way.passed)
    assert "Overdue" in way.page().text
    board = way.browser.page("/board?due=follow-up")
    assert f"{way.url}/follow-ups/{first}" in board.links().values()
    address = f"{way.url}/follow-ups/{first}"
    form = sent_back(way.browser.page(address), address)
    assert "said" not in form
    asked = way.browser.page(address)
    assert CALLED in words(asked.all("p", class_="lead")[0])
    assert agency.PHONE in words(asked.one("ul", class_="reach"))
    assert CALLED not in words(asked.one("h1"))
    assert checked(way.browser.send(address, **form)).response.status_code == 422
    form |= {"said": "back-in-line", "note": "Food was good"}
    assert way.browser.is_sent_to(way.browser.send(address, **form)) == f"{way.url}?done=noted#follow"
    assert way.browser.is_sent_to(way.browser.send(address, **form)) == f"{way.url}?done=before#follow"
    page = way.page()
    assert "Wants a place in line again" in page.text
    assert "Food was good" in page.text
    assert page.links()["Put them into a line"] == f"/clients/{way.upi}/lines"


def test_before_it_is_time_the_page_says_when_and_takes_only_that_they_want_no_more(way: Way) -> None:
    way.came()
    page = way.page()
    first, *_later = way.follow_ups()
    address = f"{way.url}/follow-ups/{first}"
    assert "Note how it goes" not in page.text
    assert page.links()["They want no more questions"] == address
    early = way.browser.page(address)
    assert "You can note how it goes from tomorrow, 10 am." in early.text
    assert early.all("button", name="said") == []
    form = sent_back(early, address)
    refused = checked(way.browser.send(address, **form | {"said": "there"}))
    assert refused.response.status_code == 409
    assert "It is too early to ask." in refused.text
    assert way.browser.is_sent_to(way.browser.send(address, **form)) == f"{way.url}?done=noted#follow"
    page = way.page()
    assert page.text.count("Does not want to be asked any more") == 3
    assert "They want no more questions" not in page.links()


@pytest.mark.parametrize(("language", "said"), [("en", "A note is kept."), ("es", "Hay una nota guardada.")])
def test_other_peers_see_that_a_note_is_kept_and_not_what_it_says(way: Way, language: str, said: str) -> None:
    way.sends("steps/medication", note=OWN)

    async def moves_on() -> None:
        await db.execute(f"UPDATE client SET peer_id = NULL WHERE upi = '{way.upi}'")

    way.browser.run(moves_on)
    page = way.page(language)
    assert OWN not in page.text
    assert said in step(page, "medication")
    address = f"{way.url}/steps/medication"
    assert address not in page.links().values()
    way.browser.page(address, 403)
    assert way.browser.send(address, note="x", version="2").status_code == 403
    assert way.sends("steps/transport", note="Bus 9").endswith("?done=saved#step-transport")


def test_who_did_not_come_has_their_place_and_a_kind_word_on_page_board_and_tasks(way: Way) -> None:
    answer = way.browser.send(f"{way.url}/arrival", answer="no-show")
    assert way.browser.is_sent_to(answer) == f"{way.url}?done=no-show"
    page = way.page(done="no-show")
    assert "Their place in line is kept with its old day." in page.text
    assert page.links()["Call, and note it"] == f"/clients/{way.upi}/contact"
    assert "did not come" in way.browser.page(f"/clients/{way.upi}").text
    assert "was there no ride?" in way.browser.page(f"/clients/{way.upi}").text
    way.browser.becomes(Role.COORDINATOR)
    assert "Somebody was expected at a place and did not come." in way.browser.page("/tasks").text


def test_what_the_agency_said_first_holds_and_a_peer_who_comes_second_sees_it(way: Way) -> None:
    async def said() -> None:
        await agency_answer(offer=way.offer, answer="arrived", reason="", by=way.made.clerk, now=NOW, settings=SETTINGS)

    way.browser.run(said)
    answer = way.browser.send(f"{way.url}/arrival", answer="no-show")
    assert way.browser.is_sent_to(answer) == f"{way.url}?done=newer"
    assert "Arrived: today" in way.page(done="newer").text


def test_the_list_shows_who_is_on_the_way_and_who_is_to_be_asked(way: Way, keeper: Keeping) -> None:
    other = Way(keeper)
    other.came()
    page = way.browser.page("/handoffs")
    assert {way.url, other.url} <= {each.get("href") for each in page.all("a")}
    titles = [words(each) for each in page.all("h2")]
    assert titles[:2] == ["On the way", "Arrived, and asked how it goes"]
    assert NAME not in page.text
    keeper.browser.becomes(Role.EDITOR)
    keeper.browser.page("/handoffs", 403)


def test_the_page_of_an_offer_leads_to_getting_them_ready(way: Way) -> None:
    page = way.browser.page(f"/offers/{way.offer}")
    assert page.links()["Get them ready to go"] == way.url


def test_earlier_ones_stay_in_sight_and_in_the_copy_for_themselves(way: Way) -> None:
    way.sends("words", words=OWN)
    way.sends("steps/papers", note="Card is at the shelter")

    async def again() -> None:
        now = NOW + timedelta(hours=1)
        given = {"by": way.made.peer, "now": now, "settings": SETTINGS}
        await offers.offer_cancel(offer=way.offer, reason="ill", **given)
        (row,) = await db.rows(f"SELECT slot_id, entry_id FROM offer WHERE id = {way.offer}")
        offer = await offers.offer_make(slot=row["slot_id"], entry=row["entry_id"], **given)
        await offers.offer_accept(offer=offer, **given)

    way.browser.run(again)
    page = way.page()
    assert "It did not come about" in page.text
    assert "Card is at the shelter" in page.text
    copy = way.browser.page(f"/clients/{way.upi}/copy")
    assert "Your way to a place" in copy.text
    assert OWN in copy.text


def test_who_was_written_down_twice_is_shown_where_they_are_kept(way: Way, keeper: Keeping) -> None:
    other = keeper.joined()

    async def merge() -> None:
        sql = db.Sql()
        text = f"UPDATE client SET merged_into_id = (SELECT id FROM client WHERE upi = {sql(way.upi)}), created_at = {sql(to_column(NOW))}"
        await db.execute(f"{text} WHERE id = {sql(other.client)}", sql.values)

    way.browser.run(merge)
    answer = way.browser.client.get(f"/clients/{other.upi}/handoff")
    assert way.browser.is_sent_to(answer) == way.url
