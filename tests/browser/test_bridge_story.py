"""The wait of one person, on phones, from the day on which she is taken on to a month after she has her place: the bridge as a whole.

It runs on the invented county at a time that is set, in both languages: so nothing here is found by its words.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.domain.bridge.outcomes import ARRIVED, LOST, MEASURES, MONTH, REACHED, REFERENCES, WEEK
from tests import pdf
from tests.browser import live
from tests.browser.visits import UNFOLD, followed
from tests.browser.waiting import HOUSE, Town
from tests.browser.waiting import town as running
from tests.sweeps import swept

TOKEN = "a-token-of-the-gateway-for-tests"
CALLED, NAME, PHONE = "Wren", "Wren Marsh", "555-555-0142"
LINE = "A bed by the river"
BARRIERS = ("housing", "court", "childcare")
HERE = "00101"
"""In the middle of the invented county."""
A_WEEK = 7 * 24.0
ROWS = [name for measure in MEASURES for name in ((measure, *REFERENCES) if measure == LOST else (measure,))]
"""The rows of the outcomes, in their order."""


@pytest.fixture
def town(browser: Browser, tmp_path: Path, county: Path) -> Iterator[Town]:
    # Nobody but `ticks` does what is due: a job that the server has just taken would not be done yet when its traces are looked for.
    with running(browser, tmp_path, county, SMS_TOKEN=TOKEN, WORKER="no") as town:
        yield town


class Story:
    """What the steps tell each other: the people's phones, and the number of who is waited with."""

    def __init__(self, town: Town, language: str) -> None:
        self.town = town
        self.language = language
        self.peer = town.worker("peer", script=True, language=language)
        self.coordinator = town.worker("coordinator", script=True, language=language)
        self.upi = self.code = ""

    def goes(self, part: str = "") -> Page:
        """A page of the client, on the phone of the peer."""
        answer = self.peer.goto(f"/clients/{self.upi}{part}")
        assert answer is not None
        assert answer.status == 200, part
        return self.peer

    def later(self, hours: float) -> None:
        """The clock goes on; whoever works signs in again."""
        live.later(self.town.folder, hours)
        for page, key in ((self.peer, "peer"), (self.coordinator, "coordinator")):
            self.town.signs_in(page, key)

    def ticks(self) -> None:
        """What is due by itself is done."""
        done = live.command(self.town.folder, "tick", "--once")
        assert done.returncode == 0, done.stdout + done.stderr

    def listing(self, slug: str) -> dict[str, Any]:
        """A listing as everybody finds it."""
        found: dict[str, Any] = json.loads(live.read(f"{self.town.site.url}/api/listings/{slug}"))
        return found

    def rows(self, text: str) -> list[tuple[object, ...]]:
        return self.town.rows(text.replace("CLIENT", f"(SELECT id FROM client WHERE upi = '{self.upi}')"))


@pytest.mark.parametrize("language", swept(["en", "es"], always=1))
def test_somebody_is_held_from_the_first_day_of_the_wait_to_a_month_after_her_place(town: Town, language: str) -> None:
    """Issue by issue of what people asked for: a plan, tonight, on paper; goals; check-ins; a group; a hand-off; and what came of it."""
    story = Story(town, language)
    people, so, with_her = outcomes(story)
    assert with_her == set()
    set_up(story)
    taken_on(story)
    plan(story)
    listings = suggested(story)
    on_paper(story, listings)
    goals(story)
    check_ins(story)
    last_seat(story)
    offered(story)
    handed_off(story)
    counted(story, (people, so))
    sound(story)


# --- the line, and somebody new --------------------------------------------------------------------------------------


def submit(page: Page, name: str = "form.report button.main") -> None:
    followed(page.locator(name).first)


def set_up(story: Story) -> None:
    """The coordinator makes a line to which the openings of the house go."""
    page = story.coordinator
    page.goto("/lines/new")
    page.locator("#name").fill(LINE)
    page.locator("#care").select_option("residential")
    submit(page)
    page.locator("fieldset label", has_text=HOUSE).locator("input").check()
    submit(page)


def taken_on(story: Story) -> None:
    """The peer writes her down in five steps, each on a page of its own."""
    page = story.peer
    page.goto("/clients/new")
    page.locator("#called").fill(CALLED)
    page.locator("#to").fill(PHONE)
    submit(page)
    page.locator("label", has_text=LINE).locator("input").check()
    submit(page)
    page.evaluate(UNFOLD)
    page.locator("#value-sex").select_option("female")
    page.locator("#value-dependents").select_option("yes")
    submit(page)
    page.locator("#name").fill(NAME)
    page.locator("label", has_text=HOUSE).locator("input").check()
    for scope in page.locator("input[name=scope]").all():
        scope.check()
    page.locator("#right-to-revoke").check()
    page.locator("#signed_by").fill(NAME)
    submit(page)
    submit(page, "main form button.main")
    story.code = page.locator(".wallet .code").first.inner_text()
    story.upi = re.findall(r"/clients/([0-9A-Z]+)/", page.url)[0]
    may_be_texted(story)
    story.later(0.2)  # the job that sees to it comes round every ten minutes
    story.ticks()
    assert story.rows("SELECT every_days FROM check_rhythm WHERE client_id = CLIENT") == [(7,)]


def may_be_texted(story: Story) -> None:
    """She wants messages by text, and to be asked by text whether she still waits."""
    page = story.goes("/routes")
    page.locator("#channel").select_option("text")
    page.locator("#to").fill(PHONE)
    for box in ("is_agreed", "asks_agreed"):
        page.locator(f"input[name={box}]").check()
    submit(page)
    assert story.rows("SELECT COUNT(*) FROM contact_route WHERE client_id = CLIENT AND channel = 'text'") == [(1,)]


# --- the plan, and tonight -------------------------------------------------------------------------------------------


def plan(story: Story) -> None:
    """What matters to her, in her words, and the three things in her way. What she chose stands behind her code, and no more."""
    page = story.goes("/plan/edit")
    page.evaluate(UNFOLD)
    page.locator("#matters").fill("My girl sleeps in her own bed.")
    page.locator("#bad_night").fill("Call Ida.\nWalk to the lamp and back.")
    page.locator("#people-1-name").fill("Ida")
    for barrier in BARRIERS:
        page.locator(f"input[name=barrier-{barrier}]").check()
    page.locator("#where").fill(HERE)
    page.locator("#miles").select_option("25")
    page.locator("#program-na").select_option("yes")
    page.locator("#program-aa").select_option("no")
    page.locator("input[name=shown-bad-night]").check()
    submit(page)
    expect(page.locator("main")).to_contain_text("My girl sleeps in her own bed.")
    shown = behind_the_code(story)
    assert "Walk to the lamp and back." in shown
    assert not any(word in shown for word in ("My girl", CALLED, NAME, LINE, HOUSE))


def behind_the_code(story: Story) -> str:
    """What her card shows on a phone that nobody knows."""
    page = story.town.window(script=True, language=story.language)
    page.goto("/status")
    page.locator("#code").fill(story.code)
    submit(page, "main form button")
    words: str = page.locator("main").inner_text()
    story.town.closes(page)
    return words


def suggested(story: Story) -> list[str]:
    """Something real for tonight and for each barrier, each with its reasons and each a row that the search finds. Gives what goes on paper."""
    page = story.goes("/suggestions")
    page.evaluate(UNFOLD)
    cards = page.locator(".suggestions > details .card")
    slugs = [
        str(each.get_attribute("value")) for each in page.locator(".suggestions input[type=checkbox][name=slug]").all()
    ]
    assert cards.count() == len(slugs) >= 6
    found = found_again(story, page)
    assert set(slugs) <= set(found), set(slugs) - set(found)
    for card in cards.all():
        reasons = " ".join(card.locator(".marks li").all_inner_texts())
        result = found[str(card.locator("input[name=slug]").first.get_attribute("value"))]
        assert reasons
        if result["distance_miles"] is not None:
            digits = 0 if result["distance_approximate"] else 1
            assert f"{result['distance_miles']:.{digits}f}" in reasons
    assert {found[slug]["kind"] for slug in slugs} >= {"meeting", "housing", "legal", "family"}
    tonight = {found[slug]["kind"] for slug in slugs if found[slug]["open_until"]}
    assert "housing" in tonight, "the meetings that are on have begun long ago, or are of those that she does not like"
    assert "aa" not in {found[slug]["program"] for slug in slugs}, "she does not like it"
    followed(page.locator(".suggestions button[name=tap][value^='pinned ']").first)
    return slugs[:4]


def found_again(story: Story, page: Page) -> dict[str, dict[str, Any]]:
    """What the search itself returns to the questions that the page links to, by address."""
    links = page.locator(".suggestions a[href^='/search?']").evaluate_all(
        "(all) => all.map((a) => a.getAttribute('href'))"
    )
    returned: dict[str, dict[str, Any]] = {}
    for link in dict.fromkeys(links):
        query = urlsplit(link).query
        answer = json.loads(live.read(f"{story.town.site.url}/api/listings?{query}&per_page=100"))
        returned |= {each["slug"]: each for each in (*answer["results"], *answer["elsewhere"]["results"])}
    return returned


def on_paper(story: Story, slugs: list[str]) -> None:
    """The chosen ones as a PDF on the server; its code leads whoever scans it to the same list, which names nobody."""
    page = story.goes("/suggestions")
    page.evaluate(UNFOLD)
    for slug in slugs:
        page.locator(f".suggestions input[type=checkbox][value={slug}]").first.check()
    followed(page.locator("button[form=handout]:not([name], [formaction])").first)
    submit(page)
    papers = page.locator("a[href*='.pdf']").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
    assert len(papers) == 3
    names = [story.listing(slug)["name"] for slug in slugs]
    for paper in papers:
        content = page.request.get(paper).body()
        sheets = pdf.sheets(content)
        assert all(sheet.is_whole for sheet in sheets)
        words = letters(" ".join(sheet.text for sheet in sheets))
        assert all(letters(name) in words for name in names), paper
        assert letters(CALLED) not in words
        (address,) = {code for sheet in sheets for code in sheet.codes}
        stranger = story.town.window(language=story.language)
        answer = stranger.goto(address)
        assert answer is not None
        assert answer.status == 200
        main = stranger.locator("main").inner_text()
        assert all(name in main for name in names)
        assert not any(word in stranger.content() for word in (CALLED, story.upi, "Marsh Peers"))
        story.town.closes(stranger)


def letters(text: str) -> str:
    """A text without blanks and hyphens, which a line end may have put or taken."""
    return re.sub(r"[\s\-­]", "", text)


# --- goals -----------------------------------------------------------------------------------------------------------


def goals(story: Story) -> None:
    """Three goals from beginnings, looked at after a week and after two: WAITLIST 1.8 has the score."""
    for number in (1, 3, 5):
        page = story.goes(f"/goals/new?from={number}")
        page.locator("#baseline").select_option("-1")
        submit(page)
    for level in (0, 1):
        page = story.goes("/goals")
        for button in page.locator(f"fieldset input[type=radio][value='{level}']").all():
            button.check()
        submit(page, "form[action$='/goals/look'] button.main")
        live.later(story.town.folder, 0.1)
    page = story.goes("/goals")
    page.evaluate(UNFOLD)
    scores = page.locator("main table tbody tr td:nth-of-type(1)").all_inner_texts()
    assert [float(score) for score in scores] == [63.69, 50.0, 36.31]
    assert page.locator("figure.chart circle").count() == 3


# --- check-ins -------------------------------------------------------------------------------------------------------


def check_ins(story: Story) -> None:
    """One by three taps, one by a text that she sends back, and one that nobody answers, which goes to the second way and then further."""
    page = story.goes("/check-ins")
    page.locator("input[name=feeling][value='3']").check()
    followed(page.locator("button[name=said][value=yes]"))
    assert checked_in(story) == [("call", 1, 3, "yes")]
    story.later(A_WEEK)
    assert texts(story, "1", id="SM1") == texts(story, "1", id="SM1") == 200
    assert texts(story, "1", id="SM2", token="wrong") == 403
    assert checked_in(story)[1:] == [("text", 1, None, "yes")]
    story.later(A_WEEK + 25)
    story.ticks()
    assert missed(story) == [1]
    story.later(49)
    story.ticks()
    assert missed(story) == [1, 2]
    story.coordinator.goto("/tasks")
    expect(story.coordinator.locator(f"main a[href='/clients/{story.upi}/check-ins']")).to_be_visible()


def checked_in(story: Story) -> list[tuple[object, ...]]:
    return story.rows("SELECT channel, is_reached, feeling, waiting FROM check_in WHERE client_id = CLIENT ORDER BY id")


def missed(story: Story) -> list[object]:
    return [step for (step,) in story.rows("SELECT step FROM check_miss WHERE client_id = CLIENT ORDER BY id")]


def texts(story: Story, words: str, *, id: str, token: str = TOKEN) -> int:
    """What the site answers when the gateway brings a text of hers, signed with this token."""
    url = f"{story.town.site.url}/texts/incoming"
    fields = {"MessageSid": id, "From": f"+1{PHONE.replace('-', '')}", "To": "+15555550100", "Body": words}
    signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    signature = base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()
    request = Request(url, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
    try:
        with urlopen(request, timeout=live.PATIENCE) as answer:
            status: int = answer.status
            return status
    except HTTPError as refused:
        return refused.code


# --- a group ---------------------------------------------------------------------------------------------------------


def last_seat(story: Story) -> None:
    """A group with one seat, which two people want at the same moment: one has it, the other waits, and is told so kindly."""
    page = story.peer
    page.goto("/clients/new")
    page.locator("#called").fill("Teal")
    page.locator("#to").fill("555-555-0143")
    submit(page)
    other = re.findall(r"/clients/([0-9A-Z]+)/", page.url)[0]
    page.goto("/desk/groups/new")
    page.evaluate(UNFOLD)
    page.locator("#name").fill("Coffee by the lamp")
    page.locator("#starts_on").fill((story.town.now + timedelta(days=3)).date().isoformat())
    page.locator("#every").select_option("weekly")
    page.locator("#capacity").fill("1")
    page.locator("#place").fill("Heron Hall")
    page.locator("#city").fill("Larkspur City")
    page.locator("#state").fill("OR")
    page.locator("#postal_code").fill(HERE)
    submit(page)
    group = int(re.findall(r"/desk/groups/([0-9]+)", page.url)[0])
    forms = [wanting(page, upi, group) for upi in (story.upi, other)]
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    with ThreadPoolExecutor(2) as both:
        assert set(both.map(lambda form: sent(story.town, form, cookie), forms)) == {200}
    seats = story.rows(
        f"SELECT s.status FROM group_seat s JOIN group_meeting m ON m.id = s.meeting_id WHERE group_id = {group}"
    )
    assert sorted(str(status) for (status,) in seats) == ["seat", "waiting"]
    assert story.rows(f"SELECT MAX(taken) FROM group_meeting WHERE group_id = {group}") == [(1,)]


def wanting(page: Page, upi: str, group: int) -> tuple[str, dict[str, str]]:
    """The form by which a seat in the next meeting of this group is asked for."""
    page.goto(f"/clients/{upi}/groups")
    entry = page.locator("li", has_text="Coffee by the lamp").first
    fields = {"once": str(entry.locator("input[name=once]").get_attribute("value"))}
    fields["what"] = str(entry.locator("button[name=what]").get_attribute("value"))
    return str(entry.locator("form").get_attribute("action")), fields


def sent(town: Town, form: tuple[str, dict[str, str]], cookie: str) -> int:
    """What becomes of a form that is sent beside the browser, at the same moment as another one."""
    address, fields = form
    headers = {"Cookie": cookie, "Origin": town.site.url, "Sec-Fetch-Site": "same-origin"}
    with urlopen(
        Request(town.site.url + address, urlencode(fields).encode(), headers), timeout=live.PATIENCE
    ) as answer:
        status: int = answer.status
        return status


# --- the place, and after it -----------------------------------------------------------------------------------------


def offered(story: Story) -> None:
    """The house has an opening; it is hers, and she says yes."""
    editor = story.town.worker("editor", script=True, language=story.language)
    editor.goto("/desk/slots")
    followed(editor.locator("main a[href^='/desk/slots/levels/']").first)
    submit(editor)
    page = story.peer
    page.goto("/slots")
    followed(page.locator("main a[href^='/slots/']").first)
    followed(page.locator(f"form[action$='/offer/{story.upi}'] button"))
    page.goto("/board")
    followed(page.locator("main a[href^='/offers/']").first)
    followed(page.locator("form[action$='/accept'] button").first)
    assert story.rows("SELECT status FROM handoff WHERE client_id = CLIENT") == [("open",)]
    story.town.closes(editor)


def handed_off(story: Story) -> None:
    """All that is to be arranged, her own words for the team, the arrival that the house confirms, and the three times she is asked after it."""
    page = story.goes("/handoff")
    steps = page.locator("li[id^=step-]").evaluate_all("(all) => all.map((each) => each.id)")
    assert len(steps) == 11
    for step in steps[:-1]:
        followed(page.locator(f"#{step} button[name=state][value=done]"))
    expect(page.locator("#step-transport .tag")).to_have_count(1)
    page = story.goes("/handoff/words")
    page.locator("main textarea").first.fill("Please call me Wren. I sleep badly with the light off.")
    submit(page)
    page = story.goes("/handoff/summary")
    expect(page.locator("main")).to_contain_text("I sleep badly with the light off.")
    expect(page.locator("main")).to_contain_text("42 CFR")
    followed(page.locator("form[action$='/handoff/summary'] button.main"))
    told = "SELECT COUNT(*) FROM disclosure WHERE client_id = CLIENT AND notice LIKE 'part2-long%'"
    assert story.rows(told) == [(1,)]
    editor = story.town.worker("editor", script=True, language=story.language)
    editor.goto("/desk/offers")
    followed(editor.locator("main a[href^='/desk/offers/']").first)
    offer = editor.url
    editor.goto(f"{offer}/summary")
    expect(editor.locator("main")).to_contain_text("I sleep badly with the light off.")
    editor.goto(offer)
    followed(editor.locator("button[name=answer][value=arrived]"))
    assert story.rows("SELECT status FROM handoff WHERE client_id = CLIENT") == [("arrived",)]
    story.town.closes(editor)
    for hours in (48.0, 5 * 24.0, 23 * 24.0):
        story.later(hours)
        story.ticks()
        page = story.goes("/handoff")
        followed(page.locator("a[href*='/follow-ups/']").first)
        page.evaluate(UNFOLD)
        followed(page.locator("button[name=said][value=there]"))
    found = story.rows(
        "SELECT f.which, f.outcome FROM follow_up f JOIN handoff h ON h.id = f.handoff_id WHERE h.client_id = CLIENT ORDER BY f.due_at"
    )
    assert found == [("72h", "there"), ("7d", "there"), ("30d", "there")]


# --- what came of it -------------------------------------------------------------------------------------------------


def outcomes(story: Story) -> tuple[dict[str, int], dict[str, int], set[str]]:
    """What oversight sees of the year: how many people each figure is about, of how many it is so, each where it is told, and which figures have
    her line among theirs. Of so few nothing more is told of the line."""
    page = story.town.worker("oversight", script=True, language=story.language)
    page.goto(f"/oversight/outcomes?period={story.town.now.year}")
    page.evaluate(UNFOLD)
    whole = page.locator("section:has(> #sheet-outcomes) tbody tr").all()
    people, so = (
        {
            measure: row.locator("td").nth(column).inner_text().replace(",", "")
            for measure, row in zip(ROWS, whole, strict=True)
        }
        for column in (0, 1)
    )
    assert page.locator("figure.chart rect").count() >= len(ROWS)
    lines = page.locator("section:has(> #sheet-outcomes-line) details").all()
    with_her = {
        measure for measure, part in zip(MEASURES, lines, strict=True) if part.locator("tr", has_text=LINE).count()
    }
    story.town.closes(page)
    return told_of(people), told_of(so), with_her


def told_of(figures: dict[str, str]) -> dict[str, int]:
    """Those that are not kept back."""
    return {measure: int(told) for measure, told in figures.items() if told.isdigit()}


def counted(story: Story, before: tuple[dict[str, int], dict[str, int]]) -> None:
    """She is one of those who were reached, who arrived, and who are still in contact after 7 and after 30 days."""
    people, so, with_her = outcomes(story)
    assert with_her >= {REACHED, ARRIVED, WEEK, MONTH}
    for measure in (REACHED, ARRIVED, WEEK, MONTH):
        assert people[measure] > before[0][measure], measure
    # Nobody else was reached, or asked how it went, meanwhile. Of how many it is not so that they arrived is too few to be told.
    for measure in (REACHED, WEEK, MONTH):
        assert so[measure] == before[1][measure] + 1, measure
    assert people[ARRIVED] == before[0][ARRIVED] + 1


def sound(story: Story) -> None:
    """The chain of what was done is whole, and all that must be so is so; nothing of hers stands in an address that was asked for."""
    for words in (("audit", "verify"), ("check", "--waitlist")):
        done = live.command(story.town.folder, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    asked = " ".join(story.town.urls)
    assert not any(word in asked for word in (CALLED, "Marsh", PHONE, story.code, "housing=", "barrier"))
