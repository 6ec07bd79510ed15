"""Every page of the bridge opens on a living example in the demonstration, for who got in with one click."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from directory.services.demo_waitlist import demo_codes
from tests.county import county
from tests.factories import settings_for
from tests.pages import get_page
from tests.web.waitlist.test_demo_cards import SAME, site

pytestmark = pytest.mark.may_block("the county is loaded once a run")
HAS = "EXISTS (SELECT 1 FROM {0} x WHERE x.client_id = c.id AND {1})"
FIND = {
    "plan": HAS.format("goal", "x.weight = 2") + " AND " + HAS.format("plan_mark", "x.what = 'not-for-me'"),
    "heavy": HAS.format("check_in", "x.is_crisis"),
    "missed": HAS.format("check_rhythm", "x.step = 2"),
    "text": HAS.format("text_reply", "x.settled_at IS NULL"),
    "going": HAS.format("handoff", "x.arrives_at IS NOT NULL AND x.status = 'open'"),
    "arrived": HAS.format(
        "handoff",
        "x.id = (SELECT f.handoff_id FROM follow_up f WHERE f.which = '72h' AND f.done_at IS NULL ORDER BY f.due_from)",
    ),
    "seat": HAS.format("group_seat", "x.status = 'waiting'"),
}
"""By the name of an example: the client `c` who is one."""
NUMBERS = {
    "crisis": "SELECT id FROM check_in WHERE is_crisis",
    "follow": "SELECT f.id FROM follow_up f JOIN handoff h ON h.id = f.handoff_id JOIN client c ON c.id = h.client_id "
    "WHERE c.upi = '{arrived}' AND f.which = '72h'",
    "goal": "SELECT g.id FROM goal g JOIN client c ON c.id = g.client_id WHERE c.upi = '{plan}' ORDER BY g.id",
    "group": "SELECT id FROM peer_group WHERE name = 'While We Wait'",
    "full": "SELECT id FROM peer_group WHERE name = 'Cooking for One Week'",
    "next": "SELECT id FROM group_meeting WHERE group_id = {full} AND taken = 6 AND status = 'planned'",
    "held": "SELECT id FROM group_meeting WHERE group_id = {group} AND status = 'held' ORDER BY day DESC",
    "agency": "SELECT agency_id FROM peer_group",
    "pia": "SELECT id FROM person WHERE name = 'Pia Fen'",
    "offer": "SELECT h.offer_id FROM handoff h JOIN client c ON c.id = h.client_id WHERE c.upi = '{going}' AND h.status = 'open'",
}
PEER = (
    ("/desk", "People with something due"),
    ("/board", "Check in"),
    ("/clients/{plan}/plan", "My two girls"),
    ("/clients/{plan}/plan/edit", "My two girls"),
    ("/clients/{plan}/plan/sheet", "the blue blanket"),
    ("/clients/{plan}/suggestions", "Magpie Family Shelter"),
    ("/clients/{plan}/goals", "I go to every court date"),
    ("/clients/{plan}/goals/{goal}", "I go to the next one on time."),
    ("/clients/{plan}/groups", "While We Wait"),
    ("/clients/{plan}/check-ins", "reached them"),
    ("/clients/{missed}/check-ins", "A coordinator looks for a way"),
    ("/clients/{text}/check-ins", "the bus on Thursday"),
    ("/clients/{heavy}/check-ins", "a friend came to stay"),
    ("/clients/{heavy}/check-ins/{crisis}/now", "Somebody has seen to it."),
    ("/clients/{seat}/groups", "Cooking for One Week"),
    ("/handoffs", "5 of 11 are settled"),
    ("/clients/{going}/handoff", "Ride to Care picks them up"),
    ("/clients/{going}/handoff/steps/papers", "It is in the blue folder."),
    ("/clients/{going}/handoff/time", "10:00"),
    ("/clients/{going}/handoff/words", "light sleeper"),
    ("/clients/{going}/handoff/summary", "light sleeper"),
    ("/clients/{arrived}/handoff", "Note how it goes"),
    ("/clients/{arrived}/handoff/follow-ups/{follow}", "How"),
    ("/desk/groups", "Parents Between Courts"),
    ("/desk/groups/{group}", "came"),
    ("/desk/groups/{group}/edit", "An hour for people who wait"),
    ("/desk/groups/{full}/meetings/{next}", "Cooking for One Week"),
    ("/desk/groups/{group}/meetings/{held}", "While We Wait"),
    ("/handouts", "6 places"),
    ("/peers", "Stands in for Pablo Wren"),
    ("/peers/{agency}/{pia}", "Talking about suicide"),
    ("/desk/supervision", "A day was heavy."),
)
COORDINATOR = (
    ("/clients/{plan}/plan", "My two girls"),
    ("/peers", "Quinn Teal"),
    ("/desk/supervision", "I take Fridays home with me"),
    ("/tasks", "Find a way together with their peer."),
    ("/oversight/outcomes?period=2025", "In contact each week: "),
)
EDITOR = (("/desk/offers/{offer}/summary", "light sleeper"),)
ANYBODY = (("/groups", "Canyon Walk and Picnic"), ("/groups/{group}", "8 seats left"))


@dataclass
class Stage:
    """The site, with the numbers of the examples by name."""

    client: TestClient
    names: dict[str, str]
    code: str

    def becomes(self, role: str) -> None:
        self.client.cookies.clear()
        assert self.client.post("/demo/sign-in", data={"role": role}, headers=SAME).status_code == 303

    def says(self, path: str) -> str:
        """What the page says, also in its fields."""
        page = get_page(self.client, path.format(**self.names))
        fields = [field.get("value", "") for field in page.all("input")]
        return " ".join([page.text, *fields])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    url = county(tmp_path_factory.mktemp("county"))
    names: dict[str, str] = {}
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        for name, condition in FIND.items():
            names[name] = str(connection.execute(f"SELECT c.upi FROM client c WHERE {condition}").fetchone()[0])
        for name, text in NUMBERS.items():
            names[name] = str(connection.execute(text.format(**names)).fetchone()[0])
    with site(url) as client:
        yield Stage(client, names, demo_codes(settings_for(url))[0])


def test_every_page_of_a_peer_opens_on_an_example(stage: Stage) -> None:
    stage.becomes("peer")
    for path, words in PEER:
        assert words in stage.says(path), path


def test_a_coordinator_an_agency_and_anybody_see_theirs(stage: Stage) -> None:
    for role, pages in (("coordinator", COORDINATOR), ("editor", EDITOR)):
        stage.becomes(role)
        for path, words in pages:
            assert words in stage.says(path), path
    stage.client.cookies.clear()
    for path, words in ANYBODY:
        assert words in stage.says(path), path
    for path in ("/groups.ics", "/groups/{group}.ics"):
        assert "While We Wait" in stage.client.get(path.format(**stage.names)).text


def test_behind_the_card_stand_what_they_wanted_to_remember_and_things_to_go_to(stage: Stage) -> None:
    stage.client.cookies.clear()
    assert stage.client.post("/status", data={"code": stage.code}, headers=SAME).status_code == 303
    said = stage.says("/status")
    assert "Take the dog around the block" in said
    assert "Things to go to" in said
    assert "How are you today?" in said
