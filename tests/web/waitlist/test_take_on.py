"""The steps of taking somebody on, as a peer goes through them on a phone: each keeps what it was told, and tells nobody else."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from directory.domain.access import Role
from directory.domain.waitlist.codes import fingerprint, normal
from directory.services.waitlist.codes import pepper
from directory.storage import db
from tests import accounts
from tests.accounts import NOW
from tests.pages import Page, checked, words
from tests.services.waitlist import world as worlds
from tests.services.waitlist.world import SETTINGS
from tests.web import world
from tests.web.signed import Signed, mistakes, value

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
WHO = {
    "called": "Wren",
    "language": "es",
    "name": "Wrenna Heron",
    "born": "1990-04-07",
    "note": "",
    "channel": "text",
    "to": "215-555-0100",
    "times": "mornings",
    "is_agreed": "yes",
}


async def _line(url: str, here: int) -> worlds.World:
    """The world's line, as one of the agency that is here."""
    async with db.connect(url):
        made = await worlds.made()
        await db.execute(f"UPDATE pool SET agency_id = {here} WHERE id = {made.pool}")
        return made


@pytest.fixture(scope="module")
def town(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, accounts.Staff, worlds.World]]:
    """One site for all tests here: each takes on people of its own."""
    with new_database("sqlite", tmp_path_factory.mktemp("taking")) as url:
        world.fill(url)
        staff = asyncio.run(accounts.staff(url))
        yield url, staff, asyncio.run(_line(url, staff.here))


@pytest.fixture
def peer(town: tuple[str, accounts.Staff, worlds.World]) -> Iterator[Signed]:
    url, staff, _ = town
    with world.site(url, NOW) as client:
        signed = Signed(client, staff)
        signed.becomes(Role.PEER)
        yield signed


@pytest.fixture
def line(town: tuple[str, accounts.Staff, worlds.World]) -> worlds.World:
    return town[2]


def form_of(page: Page, address: str) -> dict[str, list[str]]:
    """What a browser would send of the form with this address as it stands there."""
    form = next(each for each in page.all("form") if each.get("action") == address)
    found: dict[str, list[str]] = {}
    for each in form.iter("input"):
        if each.get("type") not in ("checkbox", "radio") or each.get("checked") is not None:
            found.setdefault(each.get("name", ""), []).append(each.get("value", ""))
    for each in form.iter("select"):
        chosen = [option.get("value", "") for option in each.iter("option") if "selected" in option.attrib]
        found[each.get("name", "")] = chosen or [next(each.iter("option")).get("value", "")]
    for each in form.iter("textarea"):
        found[each.get("name", "")] = [each.text or ""]
    return found


def sent(peer: Signed, url: str, **changes: object) -> str:
    """Fills in the form of a page, sends it, and says where that leads."""
    address = url.partition("?")[0]
    answer = peer.client.post(
        address,
        data=form_of(peer.page(url), address) | changes,
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["location"]


def refused(peer: Signed, url: str, status: int = 422, **changes: object) -> Page:
    """The form once more."""
    address = url.partition("?")[0]
    answer = peer.client.post(
        address,
        data=form_of(peer.page(url), address) | changes,
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == status, answer.text[:3000]
    return checked(answer)


def taken_on(peer: Signed, **changes: str) -> str:
    """The number of somebody new."""
    place = sent(peer, "/clients/new", **WHO | changes)
    found = re.fullmatch(r"/clients/([0-9A-Z]{12})/lines\?go=on", place)
    assert found, place
    return found[1]


def rows(peer: Signed, text: str) -> list[dict[str, object]]:
    return peer.run(db.rows, text)


# --- the whole way ---------------------------------------------------------------------------------------------------


def test_a_peer_takes_somebody_on_in_five_short_steps(peer: Signed, line: worlds.World) -> None:
    upi = taken_on(peer)
    assert sent(peer, f"/clients/{upi}/lines?go=on", pools=str(line.pool)) == f"/clients/{upi}/facts?go=on"
    told = {
        "value-pregnant": "yes",
        "due-pregnant": "2026-06-01",
        "value-injecting-30d": "no",
        "value-payer": ["medicaid", "self-pay"],
    }
    assert sent(peer, f"/clients/{upi}/facts?go=on", **told) == f"/clients/{upi}/consent?go=on"
    signed = {
        "agencies": str(line.clinic),
        "scope": ["name", "contact"],
        "signed_by": "Wrenna Heron",
        "right-to-revoke": "yes",
    }
    assert sent(peer, f"/clients/{upi}/consent?go=on", **signed) == f"/clients/{upi}/card?go=on"
    card = f"/clients/{upi}/card"
    answer = peer.client.post(card, data=form_of(peer.page(card), card), headers={"sec-fetch-site": "same-origin"})
    page = checked(answer)
    (code,) = page.all("p", class_="code")
    (entry,) = rows(peer, f"SELECT e.tier FROM entry e JOIN client c ON c.id = e.client_id WHERE c.upi = '{upi}'")
    assert entry["tier"] == 2
    (kept,) = rows(peer, f"SELECT s.hash FROM status_code s JOIN client c ON c.id = s.client_id WHERE c.upi = '{upi}'")
    assert kept["hash"] == fingerprint(normal(words(code)) or "", pepper(SETTINGS))


def test_a_step_that_was_done_shows_what_it_kept_and_can_be_done_again_without_harm(
    peer: Signed, line: worlds.World
) -> None:
    upi = taken_on(peer)
    sent(peer, f"/clients/{upi}/lines?go=on", pools=str(line.pool))
    page = peer.page(f"/clients/{upi}/lines?go=on")
    assert "They stand in line already" in page.text
    sent(peer, f"/clients/{upi}/facts?go=on", **{"value-veteran": "yes"})
    assert value(peer.page(f"/clients/{upi}/facts"), "value-veteran") == "yes"
    assert sent(peer, f"/clients/{upi}/facts") == f"/clients/{upi}?done=saved"
    found = f"SELECT f.id FROM client_fact f JOIN client c ON c.id = f.client_id WHERE c.upi = '{upi}'"
    assert len(rows(peer, found)) == 2  # the birth month is the other


def test_a_form_that_is_sent_twice_takes_on_one_person(peer: Signed) -> None:
    data = form_of(peer.page("/clients/new"), "/clients/new") | {name: [text] for name, text in WHO.items()}
    before = len(rows(peer, "SELECT id FROM client"))
    first, second = (
        peer.client.post("/clients/new", data=data, headers={"sec-fetch-site": "same-origin"}) for _ in range(2)
    )
    assert first.headers["location"] == second.headers["location"]
    assert len(rows(peer, "SELECT id FROM client")) == before + 1


def test_what_is_wrong_stands_at_its_field_and_nothing_that_was_typed_is_lost(peer: Signed) -> None:
    page = refused(peer, "/clients/new", **WHO | {"called": "", "is_shared": "yes", "born": "soon"})
    assert mistakes(page) == ["Write a day, such as 2026-04-30, or leave it empty."]
    page = refused(peer, "/clients/new", **WHO | {"called": "", "is_shared": "yes"})
    assert mistakes(page) == [
        "What do they want to be called? Fill this in.",
        "Others use this phone or address too, so nothing can go there by itself. Untick one of the two.",
    ]
    assert value(page, "to") == "215-555-0100"
    assert page.one("input", name="is_shared").get("checked") is not None


def test_somebody_whom_nobody_can_call_is_taken_on_too(peer: Signed) -> None:
    upi = taken_on(peer, to="", times="", is_agreed="")
    assert "No way to reach them yet" in peer.page(f"/clients/{upi}/routes").text


def test_messages_are_agreed_to_with_advice_and_each_by_itself(peer: Signed) -> None:
    """45 CFR 164.522(b)(1), 78 FR 5634; WAITLIST 1.6."""
    page = peer.page("/clients/new")
    assert "Texts and e-mail are not sealed." in page.text
    assert [page.one("input", name=name).get("checked") for name in ("is_agreed", "asks_agreed")] == [None, None]


def test_no_browser_is_asked_to_remember_anything(peer: Signed) -> None:
    upi = taken_on(peer)
    for url in ("/clients/new", f"/clients/{upi}/edit", f"/clients/{upi}/routes", f"/clients/{upi}/consent"):
        page = peer.page(url)
        forms = [each for each in page.all("form") if each.get("class") == "report"]
        assert [each.get("autocomplete") for each in forms] == ["off"] * len(forms)


def test_no_title_address_cookie_or_log_line_tells_who_somebody_is(
    peer: Signed, line: worlds.World, caplog: pytest.LogCaptureFixture
) -> None:
    """WAITLIST 4.4; issue 6: a marked name and number are looked for everywhere but on the pages that may show them."""
    caplog.set_level(logging.DEBUG)
    upi = taken_on(peer, called="Zanzibara", name="Zanzibara Quill", to="215-555-0177", note="ask for Zanzibara")
    places = [sent(peer, f"/clients/{upi}/lines?go=on", pools=str(line.pool))]
    for part in ("edit", "routes", "lines", "facts", "consent", "card"):
        page = peer.page(f"/clients/{upi}/{part}")
        assert "Zanzibara" not in words(page.one("title"))
        assert "Zanzibara" not in str(page.response.headers)
        assert "Zanzibara" in page.text
    for row in rows(peer, "SELECT * FROM access_entry") + rows(peer, "SELECT * FROM audit_entry"):
        places.append(str(row))
    text = " ".join([*places, caplog.text])
    for word in ("Zanzibara", "Quill", "555-0177", "5550177"):
        assert word not in text


def test_another_agencys_people_find_nobody(peer: Signed, town: tuple[str, accounts.Staff, worlds.World]) -> None:
    """42 CFR 2.13(c)."""
    upi = taken_on(peer)
    for part in ("edit", "routes", "lines", "facts", "consent", "card"):
        assert peer.page(f"/clients/{'0' * 12}/{part}", 404).title == "We cannot find that page"
    peer.run(db.execute, f"UPDATE client SET agency_id = {town[1].there} WHERE upi = '{upi}'")
    for part in ("edit", "routes", "lines", "facts", "consent", "card"):
        assert peer.page(f"/clients/{upi}/{part}", 404).title == "We cannot find that page"


# --- lines -----------------------------------------------------------------------------------------------------------


def test_already_in_line_is_said_kindly_and_says_since_when(peer: Signed, line: worlds.World) -> None:
    """WAITLIST 5.13."""
    upi = taken_on(peer)
    url = f"/clients/{upi}/lines"
    before = form_of(peer.page(url), url)
    sent(peer, url, pools=str(line.pool))
    answer = peer.client.post(url, data=before | {"pools": str(line.pool)}, headers={"sec-fetch-site": "same-origin"})
    page = peer.page(answer.headers["location"])
    assert "They have a place in that line already" in page.text
    assert "since Mar 2, 2026" in page.text


def test_a_line_has_to_be_chosen_and_an_older_day_needs_a_reason(peer: Signed, line: worlds.World) -> None:
    upi = taken_on(peer)
    url = f"/clients/{upi}/lines"
    assert mistakes(refused(peer, url)) == ["Which lines do they want? Choose one of these."]
    page = refused(peer, url, pools=str(line.pool), earlier="2026-02-20")
    assert mistakes(page) == ["Why is it written down only now? Choose one of these."]
    assert sent(peer, url, pools=str(line.pool), earlier="2026-02-20", reason="old-list").endswith("/facts?go=on")


# --- facts -----------------------------------------------------------------------------------------------------------


def test_a_pregnancy_is_saved_without_a_due_day_and_no_answer_is_never_a_no(peer: Signed) -> None:
    upi = taken_on(peer)
    url = f"/clients/{upi}/facts"
    page = refused(peer, url, **{"value-pregnant": "yes", "due-pregnant": "2031-06-01"})
    assert mistakes(page) == ["A child cannot be due on this day. Look at it again."]
    fit = next(each for each in page.all("details") if "What an opening may ask for" in words(each))
    assert fit.get("open") is None, "only what is wrong is unfolded"
    sent(peer, url, **{"value-pregnant": "yes"})
    assert value(peer.page(url), "due-pregnant") == ""
    sent(peer, url, **{"value-pregnant": "yes", "due-pregnant": "2026-06-01"})
    sent(peer, url, **{"value-pregnant": ""})
    found = rows(
        peer,
        f"SELECT f.value, f.ended_at FROM client_fact f JOIN client c ON c.id = f.client_id WHERE c.upi = '{upi}' AND f.code = 'pregnant'",
    )
    assert {(row["value"], row["ended_at"] is None) for row in found} == {("yes", False)}


def test_what_somebody_else_wrote_meanwhile_stands_beside_what_was_typed(peer: Signed) -> None:
    upi = taken_on(peer)
    url = f"/clients/{upi}/facts"
    before = form_of(peer.page(url), url)
    sent(peer, url, **{"value-veteran": "yes"})
    answer = peer.client.post(url, data=before | {"value-veteran": "no"}, headers={"sec-fetch-site": "same-origin"})
    page = checked(answer)
    assert "Somebody else set this to: Yes" in page.text
    assert value(page, "value-veteran") == "no"
    again = peer.client.post(url, data=form_of(page, url), headers={"sec-fetch-site": "same-origin"})
    assert again.status_code == 303


# --- consent ---------------------------------------------------------------------------------------------------------


def test_a_consent_names_nobody_before_and_says_that_the_place_does_not_depend_on_it(
    peer: Signed, line: worlds.World
) -> None:
    """42 CFR 2.31(a)(10)."""
    upi = taken_on(peer)
    url = f"/clients/{upi}/consent"
    assert "so there is nobody to name" in peer.page(url).text
    sent(peer, f"/clients/{upi}/lines", pools=str(line.pool))
    page = peer.page(url)
    assert "Their place in line does not depend on this." in page.text
    assert "openings of these agencies cannot be offered" in page.text
    assert not any(each.get("checked") is not None for each in page.all("input", name="agencies"))


def test_what_a_consent_lacks_is_named_at_its_fields(peer: Signed, line: worlds.World) -> None:
    """42 CFR 2.31(a)."""
    upi = taken_on(peer, name="")
    sent(peer, f"/clients/{upi}/lines", pools=str(line.pool))
    page = refused(peer, f"/clients/{upi}/consent", purpose="tpo", expires_on="", discloser="")
    assert mistakes(page) == [
        "A consent has their whole name.",
        "Tick at least one agency that may be told.",
        "Tick at least one thing that may be told.",
        "Say who may tell it.",
        "Tell them that they can take it back, then tick this.",
        "Tell them this, then tick it. It belongs to this purpose.",
        "Tell them this, then tick it. It belongs to this purpose.",
        "They write their name here; on paper: write who signed.",
    ]


def test_a_consent_on_paper_says_where_the_paper_lies(peer: Signed, line: worlds.World) -> None:
    """42 CFR 2.31(a)(8); issue 6: on screen or on paper."""
    upi = taken_on(peer)
    url = f"/clients/{upi}/consent"
    sent(peer, f"/clients/{upi}/lines", pools=str(line.pool))
    signed = {
        "agencies": str(line.clinic),
        "scope": "name",
        "form": "paper",
        "signed_by": "Wrenna Heron",
        "right-to-revoke": "yes",
    }
    assert mistakes(refused(peer, url, **signed)) == ["On paper: where does it lie? Fill this in."]
    sent(peer, url, **signed, paper_at="Binder 2")
    page = peer.page(url)
    assert "It holds." in page.text
    assert "Paper Binder 2" in page.text


# --- the card --------------------------------------------------------------------------------------------------------


def test_the_card_tells_nothing_and_is_shown_once(peer: Signed) -> None:
    """WAITLIST 4.2."""
    upi = taken_on(peer)
    url = f"/clients/{upi}/card"
    data = form_of(peer.page(url), url)
    page = checked(peer.client.post(url, data=data, headers={"sec-fetch-site": "same-origin"}))
    card = words(page.one("section", class_="wallet"))
    assert re.search(r"\b\w{4}-\w{4}-\w{4}-\w{2}\b", card)
    assert page.one("section", class_="wallet").get("lang") == "es"
    assert "/status" in card
    for word in ("Wren", "Heron", "Footbridge", "fila", "línea", "Marsh Peers", "tratamiento"):
        assert word not in card
    again = peer.client.post(url, data=data, headers={"sec-fetch-site": "same-origin"})
    assert again.headers["location"] == f"{url}?done=shown"
    assert not peer.page(f"{url}?done=shown").all("section", class_="wallet")


def test_that_they_were_given_the_notice_is_noted(peer: Signed) -> None:
    """42 CFR 2.22."""
    upi = taken_on(peer)
    assert peer.sent(f"/clients/{upi}/card/notice") == f"/clients/{upi}/card?done=notice"
    assert "They were given the notice of their rights on: Mar 2, 2026" in peer.page(f"/clients/{upi}/card").text


# --- correcting ------------------------------------------------------------------------------------------------------


def test_a_name_is_corrected_later_and_two_who_do_it_see_both(peer: Signed) -> None:
    upi = taken_on(peer)
    url = f"/clients/{upi}/edit"
    before = form_of(peer.page(url), url)
    assert sent(peer, url, called="Heron") == f"/clients/{upi}?done=saved"
    answer = peer.client.post(url, data=before | {"called": "Reed"}, headers={"sec-fetch-site": "same-origin"})
    page = checked(answer)
    assert "Somebody else set this to: Heron" in page.text
    assert value(page, "called") == "Reed"


def test_ways_to_reach_them_are_added_corrected_and_ended(peer: Signed) -> None:
    upi = taken_on(peer)
    url = f"/clients/{upi}/routes"
    assert sent(peer, url, channel="call", to="215-555-0111", is_shared="yes") == f"{url}?done=added"
    page = peer.page(f"{url}?done=added")
    assert page.cards() == ["Text: 215-555-0100", "Call: 215-555-0111"]
    assert "Other people use this phone too." in page.text
    one = next(link for link in page.links().values() if re.fullmatch(rf"{url}/\d+", link))
    assert sent(peer, one, times="evenings") == f"{url}?done=saved"
    assert "evenings" in peer.page(url).text
    assert peer.sent(f"{one}/end") == f"{url}?done=ended"
    assert peer.page(f"{url}?done=ended").cards() == ["Call: 215-555-0111"]


@pytest.mark.parametrize("part", ["edit", "routes", "lines", "facts", "consent", "card"])
def test_each_step_speaks_spanish_too(peer: Signed, part: str) -> None:
    upi = taken_on(peer)
    page = peer.page(f"/clients/{upi}/{part}", language="es")
    assert page.title != peer.page(f"/clients/{upi}/{part}").title


def test_whoever_works_for_two_agencies_says_which_one_keeps_the_place(
    peer: Signed, town: tuple[str, accounts.Staff, worlds.World]
) -> None:
    grant = (
        "INSERT INTO role_grant (person_id, agency_id, role, trusted, granted_by, granted_at) "
        f"SELECT person_id, {town[1].there}, role, trusted, granted_by, granted_at FROM role_grant "
        f"WHERE role = 'coordinator' AND agency_id = {town[1].here}"
    )
    peer.run(db.execute, grant)
    peer.becomes(Role.COORDINATOR)
    try:
        assert mistakes(refused(peer, "/clients/new", **WHO)) == [
            "Which agency keeps their place? Choose one of these."
        ]
        place = sent(peer, "/clients/new", **WHO, agency=str(town[1].there))
        (row,) = rows(peer, f"SELECT agency_id FROM client WHERE upi = '{place.split('/')[2]}'")
        assert row["agency_id"] == town[1].there
    finally:
        peer.run(db.execute, f"DELETE FROM role_grant WHERE agency_id = {town[1].there} AND role = 'coordinator'")


def test_an_editor_and_an_administrator_take_nobody_on(peer: Signed) -> None:
    upi = taken_on(peer)
    for role in (Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR):
        peer.becomes(role)
        for url in ("/clients/new", f"/clients/{upi}/facts", "/intake"):
            assert peer.client.get(url).status_code == 403
