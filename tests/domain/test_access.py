"""Who may do what, straight from the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.access import (
    SITE,
    STAFF,
    TABLE,
    VISITOR,
    Action,
    Actor,
    Allowed,
    Denied,
    Grant,
    Reach,
    Refused,
    Role,
    Thing,
    demand,
    grantable,
    granted_anywhere,
    may,
    needs_second_factor,
    of_agency,
    reach_of,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
PEER, COORDINATOR, ADMINISTRATOR = Grant(Role.PEER, 1), Grant(Role.COORDINATOR, 1), Grant(Role.ADMINISTRATOR)
ELSEWHERE = Grant(Role.PEER, 2)


def somebody(*grants: Grant, fresh: bool = True) -> Actor:
    return Actor(7, grants, SOON if fresh else NOW)


@pytest.mark.parametrize("action", Action)
def test_what_nobody_has_signed_in_for_is_refused_and_so_is_what_has_no_right(action: Action) -> None:
    assert may(VISITOR, action, now=NOW) == Refused("sign-in")
    assert may(somebody(Grant(Role.CLIENT)), action, now=NOW) == Refused("role")
    assert may(somebody(), action, now=NOW) == Refused("role")


def test_the_table_has_a_row_for_every_action_and_a_cell_for_every_role() -> None:
    assert set(TABLE) == set(Action)
    assert all(set(row.reach) == set(Role) for row in TABLE.values())
    assert all(row.reach[role] is Reach.NO for row in TABLE.values() for role in (Role.VISITOR, Role.CLIENT))


@pytest.mark.parametrize(
    ("actor", "thing", "verdict"),
    [
        (somebody(COORDINATOR), Thing(8, (PEER,)), Allowed()),
        (somebody(COORDINATOR), Thing(8, (ELSEWHERE,)), Refused("not-yours")),
        (somebody(COORDINATOR), Thing(8, (PEER, ELSEWHERE)), Refused("not-yours")),
        (somebody(COORDINATOR), Thing(8, (PEER, ADMINISTRATOR)), Refused("not-yours")),
        (somebody(COORDINATOR), Thing(8, (Grant(Role.OVERSIGHT, 1),)), Refused("not-yours")),
        (somebody(COORDINATOR), Thing(8), Refused("not-yours")),
        (somebody(Grant(Role.COORDINATOR)), Thing(8, (Grant(Role.PEER),)), Refused("not-yours")),
        (somebody(PEER), Thing(8, (PEER,)), Refused("role")),
        (somebody(PEER, COORDINATOR), Thing(8, (PEER,)), Allowed()),
        (somebody(ADMINISTRATOR), Thing(8, (PEER, ELSEWHERE, ADMINISTRATOR)), Allowed()),
        (somebody(Grant(Role.ADMINISTRATOR, 1)), Thing(8, (PEER,)), Refused("not-yours")),
        (somebody(ADMINISTRATOR, fresh=False), Thing(8, (PEER,)), Refused("sign-in-again")),
        (somebody(COORDINATOR, fresh=False), Thing(8, (ELSEWHERE,)), Refused("not-yours")),
    ],
)
def test_an_account_is_within_reach_only_with_all_that_it_holds(
    actor: Actor, thing: Thing, verdict: Allowed | Refused
) -> None:
    assert may(actor, Action.RESET_SECOND_FACTOR, thing, now=NOW) == verdict


def test_ones_own_account_is_ones_own() -> None:
    for role in STAFF:
        assert may(somebody(Grant(role, 1)), Action.KEEP_OWN_ACCOUNT, Thing(7), now=NOW) == Allowed()
        assert may(somebody(Grant(role, 1)), Action.KEEP_OWN_ACCOUNT, Thing(8), now=NOW) == Refused("not-yours")


def test_a_service_is_stopped_with_the_reason() -> None:
    demand(somebody(COORDINATOR), Action.SEE_PEOPLE, SITE, now=NOW)
    with pytest.raises(Denied) as denied:
        demand(somebody(PEER), Action.SEE_PEOPLE, SITE, now=NOW)
    assert (denied.value.reason, denied.value.status) == ("role", 403)


def test_nobody_gives_a_role_that_may_do_more_than_their_own() -> None:
    assert grantable(somebody(COORDINATOR)) == (Role.PEER, Role.COORDINATOR, Role.EDITOR)
    assert grantable(somebody(ADMINISTRATOR)) == STAFF
    assert grantable(somebody(PEER)) == ()


def test_a_list_shows_the_agencies_within_reach() -> None:
    assert reach_of(somebody(COORDINATOR, Grant(Role.COORDINATOR, 3), ELSEWHERE), Action.SEE_PEOPLE) == (1, 3)
    assert reach_of(somebody(COORDINATOR, ADMINISTRATOR), Action.SEE_PEOPLE) is None
    assert reach_of(somebody(PEER), Action.SEE_PEOPLE) == ()
    assert reach_of(somebody(Grant(Role.ADMINISTRATOR, 1)), Action.SEE_PEOPLE) == ()


EDITOR, FAR_EDITOR = Grant(Role.EDITOR, 1), Grant(Role.EDITOR, 2)
PEOPLE = (Action.SEE_PEOPLE, Action.GRANT_ROLE, Action.END_ROLE, Action.RESET_SECOND_FACTOR)
OF_THE_DIRECTORY = [
    action
    for action in Action
    if action not in (*PEOPLE, Action.KEEP_OWN_ACCOUNT, Action.CHANGE_SECOND_FACTOR, Action.SEE_DESK)
]


@pytest.mark.parametrize("action", OF_THE_DIRECTORY)
def test_the_directory_is_worked_on_from_within_any_agency_whose_ever_the_listing_is(action: Action) -> None:
    shared = [role for role in STAFF if TABLE[action].reach[role] is Reach.SHARED]
    for role in shared:
        for thing in (SITE, of_agency(1), of_agency(2), of_agency(None)):
            assert may(somebody(Grant(role, 1)), action, thing, now=NOW) == Allowed()
        assert reach_of(somebody(Grant(role, 1)), action) is None


@pytest.mark.parametrize("action", OF_THE_DIRECTORY)
def test_an_editor_reaches_what_belongs_to_the_own_agency_and_never_what_is_nobodys(action: Action) -> None:
    verdicts = {id: may(somebody(EDITOR), action, of_agency(id), now=NOW) for id in (1, 2, None)}
    if TABLE[action].reach[Role.EDITOR] is Reach.AGENCY:
        assert verdicts == {1: Allowed(), 2: Refused("not-yours"), None: Refused("not-yours")}
        assert reach_of(somebody(EDITOR, FAR_EDITOR), action) == (1, 2)
    else:
        assert set(verdicts.values()) == {Refused("role")}


def test_an_administrator_of_one_agency_rules_no_site() -> None:
    for action in OF_THE_DIRECTORY:
        if TABLE[action].reach[Role.ADMINISTRATOR] is Reach.ALL:
            assert may(somebody(ADMINISTRATOR), action, of_agency(2), now=NOW) == Allowed()
            assert may(somebody(Grant(Role.ADMINISTRATOR, 1)), action, now=NOW) == Refused("not-yours")


@pytest.mark.parametrize("action", [Action.GRANT_ROLE, Action.END_ROLE, Action.RESET_SECOND_FACTOR])
def test_a_coordinator_looks_after_editors_anywhere_and_after_others_at_home(action: Action) -> None:
    for grants, verdict in (
        ((FAR_EDITOR,), Allowed()),
        ((EDITOR, FAR_EDITOR, PEER), Allowed()),
        ((FAR_EDITOR, ELSEWHERE), Refused("not-yours")),
        ((Grant(Role.COORDINATOR, 2),), Refused("not-yours")),
        ((Grant(Role.EDITOR),), Refused("not-yours")),  # of the whole site
    ):
        assert may(somebody(COORDINATOR), action, Thing(8, grants), now=NOW) == verdict
    assert may(somebody(Grant(Role.COORDINATOR)), action, Thing(8, (FAR_EDITOR,)), now=NOW) == Refused("not-yours")


def test_what_may_be_given_anywhere_is_given_from_within_an_agency() -> None:
    assert granted_anywhere(somebody(COORDINATOR, PEER)) == {Role.EDITOR}
    for grants in ((PEER,), (EDITOR,), (ADMINISTRATOR,), (Grant(Role.COORDINATOR),), ()):
        assert granted_anywhere(somebody(*grants)) == frozenset()


def test_all_but_editors_need_a_second_factor_and_invented_people_none() -> None:
    due = {role for role in STAFF if needs_second_factor([Grant(role, 1)], is_demo=False)}
    assert due == set(STAFF) - {Role.EDITOR}
    assert needs_second_factor([Grant(Role.EDITOR, 1), PEER], is_demo=False)
    assert not needs_second_factor([ADMINISTRATOR], is_demo=True)
