"""Who may do what. The one place that decides; whatever the table does not allow is refused.

Everything is a value: services look up who asks and what it is about, and ask here before they read or write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from directory.domain.errors import FootbridgeError


class Role(StrEnum):
    """What somebody is here. A person may hold several, each within an agency or, for the whole site, without one."""

    VISITOR = "visitor"
    CLIENT = "client"
    PEER = "peer"
    COORDINATOR = "coordinator"
    EDITOR = "editor"
    OVERSIGHT = "oversight"
    ADMINISTRATOR = "administrator"


STAFF = (Role.PEER, Role.COORDINATOR, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR)
"""The roles that are granted to a person. A visitor has no account, and a client has a code and no account."""
OF_THE_SITE = (Role.ADMINISTRATOR, Role.OVERSIGHT)
"""The roles that may be held without an agency, for all of them."""
GRANTED_BY: Mapping[Role, tuple[Role, ...]] = {
    Role.COORDINATOR: (Role.PEER, Role.COORDINATOR, Role.EDITOR),
    Role.ADMINISTRATOR: STAFF,
}
"""Whose account each role may make, change or take away: never one that may do more than the role itself."""
GRANTED_ANYWHERE: Mapping[Role, tuple[Role, ...]] = {Role.COORDINATOR: (Role.EDITOR,)}
"""What each role may give in other agencies too: a coordinator sets up the agencies whose editors keep the listings true."""
SECOND_FACTOR_DUE = (Role.PEER, Role.COORDINATOR, Role.OVERSIGHT, Role.ADMINISTRATOR)
"""The roles that need a second factor outside the demonstration. An editor, who sees no person's data, may have one."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within an agency, by its id; None is the whole site. What a trusted editor writes is published at once."""

    role: Role
    agency: int | None = None
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `person` is None for a visitor. `fresh_until` is aware: until then somebody has just signed in."""

    person: int | None = None
    grants: tuple[Grant, ...] = ()
    fresh_until: datetime | None = None

    @property
    def label(self) -> str:
        """How the audit trail names them: by number, never by name."""
        return "visitor" if self.person is None else f"person {self.person}"

    @property
    def roles(self) -> frozenset[Role]:
        """What they are, wherever."""
        return frozenset(grant.role for grant in self.grants) or frozenset({Role.VISITOR})


VISITOR = Actor()


@dataclass(frozen=True, slots=True)
class Thing:
    """What it is about: the person it belongs to, the account with these grants (what it holds, or what it would be given), or the agency."""

    person: int | None = None
    grants: tuple[Grant, ...] = ()
    agency: int | None = None


SITE = Thing()
NOBODYS = 0
"""In the place of an agency: none has it, so nobody reaches it from within one."""


def of_agency(agency: int | None) -> Thing:
    """What belongs to this agency, such as a listing; None where it belongs to nobody yet."""
    return Thing(agency=NOBODYS if agency is None else agency)


class Action(StrEnum):
    """What can be done. Each is one row of the table."""

    KEEP_OWN_ACCOUNT = "keep-own-account"
    CHANGE_SECOND_FACTOR = "change-second-factor"
    SEE_PEOPLE = "see-people"
    GRANT_ROLE = "grant-role"
    END_ROLE = "end-role"
    RESET_SECOND_FACTOR = "reset-second-factor"
    SEE_DESK = "see-desk"
    SET_UP = "set-up"
    KEEP_FEEDS = "keep-feeds"
    ASK_CLAIM = "ask-claim"
    SETTLE_CLAIM = "settle-claim"
    EDIT_LISTING = "edit-listing"
    MODERATE = "moderate"
    CHECK_LISTINGS = "check-listings"
    REPORT_OPENINGS = "report-openings"
    WATCH_OPENINGS = "watch-openings"
    SEE_NOTICES = "see-notices"
    UPLOAD = "upload"
    SETTLE_REPORTS = "settle-reports"
    SETTLE_PLACES = "settle-places"
    SETTLE_CONFLICTS = "settle-conflicts"
    SETTLE_DUPLICATES = "settle-duplicates"
    DO_TASKS = "do-tasks"
    SEE_AUDIT = "see-audit"
    SEE_MESSAGES = "see-messages"
    KEEP_CLIENTS = "keep-clients"
    BACKDATE = "backdate"
    CLOSE_UNLOCATED = "close-unlocated"
    MAKE_OFFERS = "make-offers"
    ANSWER_OFFERS = "answer-offers"
    TAKE_INTAKE = "take-intake"
    SECOND_OFFER = "second-offer"
    SECOND_WORD = "second-word"
    KEEP_POOLS = "keep-pools"
    SETTLE_PAIRS = "settle-pairs"
    SETTLE_APPEALS = "settle-appeals"
    KEEP_RECORDS = "keep-records"
    SEE_OVERSIGHT = "see-oversight"
    EXPORT_WAITLIST = "export-waitlist"
    KEEP_PLANS = "keep-plans"
    MAKE_HANDOUTS = "make-handouts"
    KEEP_GROUPS = "keep-groups"
    KEEP_PEERS = "keep-peers"
    KEEP_COVERS = "keep-covers"
    SUPERVISE = "supervise"


class Reach(StrEnum):
    """How far a role's right goes: nowhere, to what is one's own, to what lies in the agency of the grant, to the directory that all
    agencies share (from within any of them), everywhere (from the site alone)."""

    NO = "-"
    OWN = "own"
    AGENCY = "agency"
    SHARED = "shared"
    ALL = "all"


FRESH = "fresh"
"""Whether the action asks for a sign-in of the last minutes."""

_ROLES = (Role.VISITOR, Role.CLIENT, Role.PEER, Role.COORDINATOR, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR)
_TABLE = """
#                    visitor  client  peer   coordinator  editor  oversight  administrator
keep-own-account     -        -       own    own          own     own        own
change-second-factor -        -       own    own          own     own        own            fresh
see-people           -        -       -      agency       -       -          all
grant-role           -        -       -      agency       -       -          all            fresh
end-role             -        -       -      agency       -       -          all            fresh
reset-second-factor  -        -       -      agency       -       -          all            fresh
see-desk             -        -       own    own          own     own        own
set-up               -        -       -      shared       -       -          all
keep-feeds           -        -       -      shared       -       -          all
ask-claim            -        -       -      -            agency  -          -
settle-claim         -        -       -      shared       -       -          -
edit-listing         -        -       shared shared       agency  -          -
moderate             -        -       -      shared       -       -          -
check-listings       -        -       shared shared       -       -          -
report-openings      -        -       shared shared       agency  -          -
watch-openings       -        -       own    own          -       -          -
see-notices          -        -       -      shared       agency  all        -
upload               -        -       -      shared       agency  -          -
settle-reports       -        -       -      shared       -       -          -
settle-places        -        -       -      shared       agency  -          -
settle-conflicts     -        -       -      shared       -       -          -
settle-duplicates    -        -       -      shared       -       -          -
do-tasks             -        -       -      shared       -       -          all
see-audit            -        -       -      -            -       -          all
see-messages         -        -       -      -            -       -          all
keep-clients         -        -       agency agency       -       -          -
backdate             -        -       -      agency       -       -          -
close-unlocated      -        -       -      agency       -       -          -
make-offers          -        -       agency agency       -       -          -
answer-offers        -        -       -      -            agency  -          -
take-intake          -        -       shared shared       -       -          -
second-offer         -        -       agency agency       -       -          -
second-word          -        -       -      agency       -       -          -
keep-pools           -        -       -      agency       -       -          -
settle-pairs         -        -       -      agency       -       -          -
settle-appeals       -        -       -      agency       -       -          -
keep-records         -        -       -      agency       -       -          -
see-oversight        -        -       -      agency       -       all        -
export-waitlist      -        -       -      agency       -       all        -            fresh
keep-plans           -        -       own    agency       -       -          -
make-handouts        -        -       agency agency       -       -          -
keep-groups          -        -       agency agency       -       -          -
keep-peers           -        -       -      agency       -       -          -
keep-covers          -        -       own    agency       -       -          -
supervise            -        -       own    own          -       -          -
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One action: how far each role reaches, and whether it asks for a fresh sign-in."""

    reach: Mapping[Role, Reach]
    fresh: bool


def _read(table: str) -> dict[Action, Row]:
    """The table as values. Raises ValueError where a row is short, or names what does not exist."""
    rows = {}
    for line in table.strip().splitlines()[1:]:
        action, *cells = line.split()
        reaches = [Reach(cell) for cell in cells if cell != FRESH]
        rows[Action(action)] = Row(dict(zip(_ROLES, reaches, strict=True)), cells[-1] == FRESH)
    return rows


TABLE = _read(_TABLE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No. The reason is a code: `sign-in` (nobody is), `role`, `not-yours`, or `sign-in-again` (not fresh enough)."""

    reason: str


Verdict = Allowed | Refused


class Denied(FootbridgeError):
    """Somebody asked for what they may not do. `reason` is that of Refused."""

    code = "forbidden"
    status = 403

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


def may(actor: Actor, action: Action, thing: Thing = SITE, *, now: datetime) -> Verdict:
    """Whether this actor may do this to that at this aware moment."""
    if actor.person is None:
        return Refused("sign-in")
    row = TABLE[action]
    able = [grant for grant in actor.grants if row.reach[grant.role] is not Reach.NO]
    if not able:
        return Refused("role")
    if not any(_reaches(actor, grant, row.reach[grant.role], thing) for grant in able):
        return Refused("not-yours")
    if row.fresh and not (actor.fresh_until and now < actor.fresh_until):
        return Refused("sign-in-again")
    return Allowed()


def demand(actor: Actor, action: Action, thing: Thing = SITE, *, now: datetime) -> None:
    """The same for a service: raises Denied where the answer is no."""
    verdict = may(actor, action, thing, now=now)
    if isinstance(verdict, Refused):
        raise Denied(verdict.reason)


def _reaches(actor: Actor, grant: Grant, reach: Reach, thing: Thing) -> bool:
    if reach is Reach.OWN:
        return thing.person == actor.person
    if reach is Reach.SHARED:
        return True
    if reach is Reach.ALL and grant.agency is not None:
        return False  # all of it is ruled from the site, never from within an agency
    if reach is Reach.AGENCY and thing.agency is not None:
        return thing.agency == grant.agency
    if reach is Reach.AGENCY and thing.person is not None and not thing.grants:
        return False  # an account that belongs nowhere belongs to no agency
    # An account is within reach only with all that it holds: nobody gets hold of more through somebody else's.
    of_theirs = [held for held in thing.grants if held.role in GRANTED_BY.get(grant.role, ())]
    if reach is Reach.AGENCY:
        of_theirs = [held for held in of_theirs if _is_near(grant, held)]
    return len(of_theirs) == len(thing.grants)


def _is_near(grant: Grant, held: Grant) -> bool:
    """Whether what is held lies in the agency of the grant, or may be given by it anywhere."""
    if grant.agency is None or held.agency is None:
        return False
    return held.agency == grant.agency or held.role in GRANTED_ANYWHERE.get(grant.role, ())


def grantable(actor: Actor) -> tuple[Role, ...]:
    """The roles that this actor may give to somebody somewhere, in the order of STAFF."""
    roles = {role for held in actor.roles for role in GRANTED_BY.get(held, ())}
    return tuple(role for role in STAFF if role in roles)


def granted_anywhere(actor: Actor) -> frozenset[Role]:
    """The roles that this actor may give in agencies that are not their own."""
    held = {grant.role for grant in actor.grants if grant.agency is not None}
    return frozenset(role for each in held for role in GRANTED_ANYWHERE.get(each, ()))


def reach_of(actor: Actor, action: Action) -> tuple[int, ...] | None:
    """The agencies whose things a list of this action shows; None is all of them."""
    reaches = [(TABLE[action].reach[grant.role], grant.agency) for grant in actor.grants]
    if any(reach is Reach.SHARED or (reach is Reach.ALL and agency is None) for reach, agency in reaches):
        return None
    return tuple(sorted({agency for reach, agency in reaches if reach is Reach.AGENCY and agency is not None}))


def needs_second_factor(grants: Sequence[Grant], *, is_demo: bool) -> bool:
    """Whether an account with these grants must have a second factor before it may do anything."""
    return not is_demo and any(grant.role in SECOND_FACTOR_DUE for grant in grants)
