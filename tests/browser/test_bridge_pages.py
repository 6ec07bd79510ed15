"""Every page of the bridge on its living example in the invented county: axe finds nothing, narrow and wide, light and dark, and each fits
its window, in both languages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.browser.test_work_pages import found_on, parts
from tests.browser.visits import Visits, signed_in
from tests.sweeps import swept

PAGES = {
    "peer": (
        *("{goals}/plan", "{goals}/goals"),
        *("{goals}/goals/new?from=1", "{goals}/goals > a[href*='/goals/']:not([href$='/new'])"),
        *("{goals}/questionnaire", "{goals}/plan/edit", "{goals}/plan/sheet", "{goals}/suggestions"),
        *("{goals}/check-ins", "{goals}/groups", "{crisis}", "{goals}/copy"),
        *("/peers", "/peers/role", "/peers > h3 a", "/desk/supervision"),
        *("/handoffs", "{way}/handoff", "{way}/handoff/steps/transport", "{way}/handoff/time"),
        *("{way}/handoff/words", "{way}/handoff/summary", "{asked}", "/handouts"),
        *(
            "/handouts/new",
            "/desk/groups",
            "/desk/groups/new",
            "/desk/groups > a[href^='/desk/groups/']:not([href$=new])",
        ),
        "/desk/groups > a[href^='/desk/groups/']:not([href$=new]) > a[href*='/meetings/']",
        "/desk/groups > a[href^='/desk/groups/']:not([href$=new]) > a[href$='/edit']",
    ),
    "coordinator": (
        "/peers",
        "/peers > .card:has(.tag) h3 a",
        "/peers > .card:not(:has(.tag)) h3 a",
        "/desk/supervision",
    ),
    "oversight": ("/oversight/outcomes?period=2026",),
    "visitor": ("/groups", "/groups > a[href^='/groups/']:not([href*='.ics'])"),
}
"""By role: ways as in test_work_pages. `{...}` stands for the page of somebody whom the peer goes with, and for whom there is such a thing."""
OF_PEER = "c.peer_id = (SELECT id FROM person WHERE email = 'peer@demo.example')"
EXAMPLES = {
    "goals": "SELECT '/clients/' || c.upi FROM goal x JOIN client c ON c.id = x.client_id",
    "crisis": "SELECT '/clients/' || c.upi || '/check-ins/' || x.id || '/now' FROM check_in x JOIN client c ON c.id = x.client_id AND x.is_crisis",
    "way": "SELECT '/clients/' || c.upi FROM handoff x JOIN client c ON c.id = x.client_id AND x.status = 'open'",
    "asked": "SELECT '/clients/' || c.upi || '/handoff/follow-ups/' || x.id FROM follow_up x JOIN handoff h ON h.id = x.handoff_id "
    "AND x.done_at IS NULL JOIN client c ON c.id = h.client_id",
}
"""What stands for the words in braces, in the county of before the site began: its numbers stay."""


@pytest.fixture(scope="session")
def examples(county: Path) -> Mapping[str, str]:
    with closing(sqlite3.connect(county)) as connection:
        ask = "{} WHERE " + OF_PEER + " ORDER BY x.id LIMIT 1"
        return {name: connection.execute(ask.format(text)).fetchone()[0] for name, text in EXAMPLES.items()}


def some() -> list[tuple[str, tuple[str, ...]]]:
    """The pages of each role, so many at a time; first the one that every run looks at."""
    first, rest = PAGES["peer"][:1], PAGES["peer"][1:]
    return [("peer", first), *parts(PAGES | {"peer": rest})]


@pytest.mark.parametrize("part", swept(some(), always=1), ids=lambda part: part[0])
def test_the_pages_of_the_bridge_shut_nobody_out_and_fit_every_window(
    visits: Visits, examples: Mapping[str, str], part: tuple[str, tuple[str, ...]]
) -> None:
    role, ways = part
    page = visits.window() if role == "visitor" else signed_in(visits, role)
    found: dict[str, object] = {}
    for way in ways:
        found |= found_on(page, visits, way.format(**examples))
    assert found == {}
