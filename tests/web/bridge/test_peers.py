"""The pages of peers themselves: who is away, how many people each goes with, supervision, and what the role is."""

from __future__ import annotations

import pytest

from directory.domain.access import Role
from directory.storage import db
from directory.storage.bridge import debriefs, supervision
from tests.pages import checked, words
from tests.services.waitlist.world import NOW
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import Keeping


def own(keeper: Keeping) -> str:
    return f"/peers/{keeper.made.agency}/{keeper.made.peer.person}"


def form(keeper: Keeping, address: str) -> dict[str, str]:
    return sent_back(keeper.browser.page(own(keeper)), f"{own(keeper)}/{address}")


def sent(keeper: Keeping, address: str, **fields: str) -> str:
    given = form(keeper, address) | fields
    return keeper.browser.is_sent_to(keeper.browser.send(f"{own(keeper)}/{address}", **given))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_peer_finds_themselves_the_role_and_supervision(keeper: Keeping, language: str) -> None:
    page = keeper.browser.page("/peers", language=language)
    assert len(page.all("h3")) == 1
    for address in ("/peers/role", "/desk/supervision", own(keeper)):
        keeper.browser.page(address, language=language)


def test_the_role_is_one_page_in_both_languages(keeper: Keeping) -> None:
    assert "You do not treat them." in keeper.browser.page("/peers/role").text
    assert "No las trata." in keeper.browser.page("/peers/role", language="es").text


def test_somebody_who_goes_away_chooses_who_stands_in_and_wrong_days_keep_what_was_typed(keeper: Keeping) -> None:
    other = str(keeper.browser.staff.people[Role.COORDINATOR].id)
    days = {"stand_in": other, "from": "2026-03-09", "until": "2026-03-02"}
    page = checked(keeper.browser.send(f"{own(keeper)}/away", **(form(keeper, "away") | days)))
    assert page.response.status_code == 422
    assert page.one("input", id="from").get("value") == "2026-03-09"
    assert "end before it begins" in words(page.one("p", id="until-mistake"))
    assert sent(keeper, "away", **(days | {"until": "2026-03-16"})).endswith("?done=saved")
    page = keeper.browser.page(own(keeper))
    assert "To be away;" in page.text
    (row,) = keeper.rows(f"SELECT id FROM cover WHERE away_id = {keeper.made.peer.person} AND ended_at IS NULL")
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{own(keeper)}/away/end", id=str(row["id"])))
    assert "To be away;" not in keeper.browser.page(own(keeper)).text


def test_a_full_caseload_is_said_where_a_peer_is_chosen_and_a_coordinator_can_still_choose_them(
    keeper: Keeping,
) -> None:
    entry, peer = keeper.joined(), str(keeper.made.peer.person)
    keeper.browser.becomes(Role.COORDINATOR)
    held = keeper.rows(f"SELECT COUNT(*) AS n FROM client WHERE peer_id = {peer}")[0]["n"]
    if not held:
        version = keeper.rows(f"SELECT version FROM client WHERE id = {entry.client}")[0]["version"]
        keeper.browser.send(f"/clients/{entry.upi}/peer", peer=peer, version=str(version))
    assert sent(keeper, "most", most="1").endswith("?done=saved")
    assert "Full" in keeper.browser.page("/peers").text
    other = keeper.joined()
    page = keeper.person(other)
    assert " of 1)" in words(page.one("select", id="peer"))
    version = str(keeper.rows(f"SELECT version FROM client WHERE id = {other.client}")[0]["version"])
    asked = {"peer": peer, "version": version}
    assert keeper.browser.is_sent_to(keeper.browser.send(f"/clients/{other.upi}/peer", **asked)).endswith(
        "caseload-full"
    )
    assert "as many people as were agreed" in keeper.person(other, "caseload-full").text
    sent_on = keeper.browser.send(f"/clients/{other.upi}/peer", **asked, even_so="yes")
    assert keeper.browser.is_sent_to(sent_on).endswith("?done=moved")
    assert sent(keeper, "most", most="").endswith("?done=saved")
    assert (
        checked(
            keeper.browser.send(f"{own(keeper)}/most", **(form(keeper, "most") | {"most": "x"}))
        ).response.status_code
        == 422
    )


def test_all_people_are_handed_over_beyond_what_was_agreed_only_where_that_is_said(keeper: Keeping) -> None:
    other = f"/peers/{keeper.made.agency}/{keeper.browser.staff.people[Role.COORDINATOR].id}"
    entry, peer = keeper.joined(), str(keeper.made.peer.person)
    keeper.browser.becomes(Role.COORDINATOR)
    version = keeper.rows(f"SELECT version FROM client WHERE id = {entry.client}")[0]["version"]
    keeper.browser.send(f"/clients/{entry.upi}/peer", peer=peer, version=str(version))
    people = keeper.rows(f"SELECT COUNT(*) AS n FROM client WHERE peer_id = {peer}")[0]["n"]
    limit = sent_back(keeper.browser.page(other), f"{other}/most") | {"most": str(people)}
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{other}/most", **limit)).endswith("?done=saved")
    mine = keeper.browser.staff.people[Role.COORDINATOR].id
    more = keeper.joined()
    version = keeper.rows(f"SELECT version FROM client WHERE id = {more.client}")[0]["version"]
    keeper.browser.send(f"/clients/{more.upi}/peer", peer=str(mine), version=str(version), even_so="yes")
    assert sent(keeper, "hand-over", to=str(mine)).endswith("?done=caseload-full")
    assert "more people than were agreed" in keeper.browser.page(f"{own(keeper)}?done=caseload-full").text
    assert keeper.rows(f"SELECT COUNT(*) AS n FROM client WHERE peer_id = {peer}")[0]["n"] == people
    assert sent(keeper, "hand-over", to=str(mine), even_so="yes").endswith("?done=handed")
    limit = sent_back(keeper.browser.page(other), f"{other}/most") | {"most": ""}
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{other}/most", **limit)).endswith("?done=saved")


def test_a_training_is_written_down_with_its_days_and_taken_away(keeper: Keeping) -> None:
    given = {"kind": "training", "name": "Naloxone for peers", "done": "2026-01-05", "expires": "2026-03-20"}
    assert sent(keeper, "training", **given).endswith("?done=saved")
    page = keeper.browser.page("/peers")
    assert "Naloxone for peers" in page.text, "what ends soon stands on the list"
    (row,) = keeper.rows("SELECT id FROM training WHERE name = 'Naloxone for peers' AND ended_at IS NULL")
    keeper.browser.send(f"{own(keeper)}/training/end", id=str(row["id"]))
    assert "Naloxone for peers" not in keeper.browser.page(own(keeper)).text


def test_a_mentor_is_written_down_and_their_time_ends_with_a_reason(keeper: Keeping) -> None:
    entry = keeper.joined()
    keeper.browser.becomes(Role.COORDINATOR)
    page = checked(keeper.browser.send(f"{own(keeper)}/mentor", **(form(keeper, "mentor") | {"upi": "NOBODY"})))
    assert page.response.status_code == 422
    assert sent(keeper, "mentor", upi=entry.upi).endswith("?done=saved")
    page = keeper.browser.page(own(keeper))
    (said,) = [text for text, url in page.links().items() if url == f"/clients/{entry.upi}"]
    assert said.startswith("Mentor of ")
    assert entry.upi not in page.text, "the called name of somebody whom the reader may look at"
    (row,) = keeper.rows(f"SELECT id FROM pairing WHERE client_id = {entry.client}")
    end = f"{own(keeper)}/mentor/end"
    assert keeper.browser.is_sent_to(keeper.browser.send(end, id=str(row["id"]), reason="x")).endswith("?done=reason")
    assert keeper.browser.is_sent_to(keeper.browser.send(end, id=str(row["id"]), reason="done")).endswith("?done=saved")
    assert "Its time was over" in keeper.browser.page(own(keeper)).text


def test_supervision_is_written_answered_and_read_by_nobody_else(keeper: Keeping) -> None:
    coordinator = str(keeper.browser.staff.people[Role.COORDINATOR].id)
    keeper.browser.becomes(Role.COORDINATOR)
    assert sent(keeper, "supervisor", supervisor=coordinator).endswith("?done=saved")
    keeper.browser.becomes(Role.PEER)
    page = keeper.browser.page("/desk/supervision")
    (pair,) = [each.get("id", "").removeprefix("pair-") for each in page.all("section") if each.get("id")]
    address = f"/desk/supervision/{pair}"
    given = sent_back(page, address)
    wrong = checked(keeper.browser.send(address, **(given | {"words": " "})))
    assert wrong.one("p", id=f"words-{pair}-mistake") is not None
    given |= {"words": "I slept badly after Monday."}
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **given)).endswith("?done=written")
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **given)).endswith("?done=before")
    keeper.browser.becomes(Role.COORDINATOR)
    assert "I slept badly after Monday." in keeper.browser.page("/desk/supervision").text
    keeper.browser.becomes(Role.EDITOR)
    assert "slept badly" not in keeper.browser.page("/desk/supervision", status=403).text


def test_a_heavy_day_is_asked_after_on_the_board_and_any_answer_ends_the_question(keeper: Keeping) -> None:
    peer = keeper.made.peer.person
    assert peer is not None

    async def asked() -> None:
        await debriefs.debrief_add(agency=keeper.made.agency, person=peer, check_in=4711, now=NOW)

    keeper.run(asked)
    assert "A day was heavy. How are you?" in keeper.browser.page("/board").text
    page = keeper.browser.page("/desk/supervision")
    (question,) = [each.get("action", "") for each in page.all("form") if "/desk/debriefs/" in each.get("action", "")]
    wrong = checked(keeper.browser.send(question, words="It was hard."))
    assert wrong.response.status_code == 422
    assert "It was hard." in wrong.text
    assert keeper.browser.is_sent_to(keeper.browser.send(question, answer="fine")).endswith("?done=thanks")
    assert "A day was heavy" not in keeper.browser.page("/board").text


def test_what_is_written_after_a_heavy_day_is_not_lost_where_nobody_supervises_the_writer(keeper: Keeping) -> None:
    peer = keeper.made.peer.person
    assert peer is not None

    async def asked() -> None:
        async with db.staging():
            await supervision.supervisor_set(keeper.made.agency, peer, None, by="test", now=NOW)
        for check_in in (4712, 4713):
            await debriefs.debrief_add(agency=keeper.made.agency, person=peer, check_in=check_in, now=NOW)

    keeper.run(asked)
    page = keeper.browser.page("/desk/supervision")
    first, second = (each.get("action", "") for each in page.all("form") if "/desk/debriefs/" in each.get("action", ""))
    nobody = checked(keeper.browser.send(first, answer="note", words="It was hard."))
    assert "Nobody supervises you yet" in nobody.text
    assert [words(each) for each in nobody.all("textarea")].count("It was hard.") == 1
    chosen = [each.get("value") for each in nobody.all("input", name="answer") if each.get("checked") is not None]
    assert chosen == ["note"], "and not beneath the other day"
    for question in (first, second):
        assert keeper.browser.is_sent_to(keeper.browser.send(question, answer="fine")).endswith("?done=thanks")
