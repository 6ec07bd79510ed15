from __future__ import annotations

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.domain.proposals import agency_of_writer, looks_after, publishes

HERE, THERE = 1, 2


@pytest.mark.parametrize(
    ("grant", "agency", "at_once", "sees_all"),
    [
        pytest.param(Grant(Role.COORDINATOR, HERE), THERE, True, True, id="coordinator, any listing"),
        pytest.param(Grant(Role.COORDINATOR, HERE), None, True, True, id="coordinator, nobody's listing"),
        pytest.param(Grant(Role.EDITOR, HERE, trusted=True), HERE, True, True, id="trusted editor, own"),
        pytest.param(Grant(Role.EDITOR, HERE, trusted=True), THERE, False, False, id="trusted editor, another's"),
        pytest.param(Grant(Role.EDITOR, HERE, trusted=True), None, False, False, id="trusted editor, nobody's"),
        pytest.param(Grant(Role.EDITOR, HERE), HERE, False, True, id="editor, own"),
        pytest.param(Grant(Role.PEER, HERE, trusted=True), HERE, False, False, id="peer, whatever the grant says"),
        pytest.param(Grant(Role.ADMINISTRATOR), HERE, False, False, id="administrator"),
    ],
)
def test_who_publishes_at_once_and_who_sees_an_address_that_is_hidden(
    grant: Grant, agency: int | None, at_once: bool, sees_all: bool
) -> None:
    actor = Actor(7, (grant,))
    assert (publishes(actor, agency), looks_after(actor, agency)) == (at_once, sees_all)


def test_a_proposal_is_written_in_the_name_of_the_agency_of_the_listing_else_of_the_writers_own() -> None:
    actor = Actor(7, (Grant(Role.PEER, THERE), Grant(Role.EDITOR, HERE)))
    assert agency_of_writer(actor, HERE) == HERE
    assert agency_of_writer(actor, None) == THERE
    assert agency_of_writer(Actor(7, (Grant(Role.ADMINISTRATOR),)), HERE) is None
