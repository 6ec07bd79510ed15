"""How roles, people and sessions are put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, Role, Thing, may
from directory.domain.people import Held, Listed, Session
from directory.domain.sign_in import FULL, SEEN_EVERY
from directory.i18n import N_, an_age, gettext
from directory.services.role_offers import Offer
from directory.web.presenters import Link

_ = gettext

ROLES = {
    Role.PEER: N_("Peer"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.EDITOR: N_("Agency editor"),
    Role.OVERSIGHT: N_("Oversight"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
ROLE_HINTS = {
    Role.PEER: N_("Supports people and keeps their place in line"),
    Role.COORDINATOR: N_("Supervises peers and looks after their accounts"),
    Role.EDITOR: N_("Keeps the listings of an agency true"),
    Role.OVERSIGHT: N_("Sees sums and figures, and no names"),
    Role.ADMINISTRATOR: N_("Looks after people and settings, and sees no client"),
}
STATES = {
    "active": N_("Has an account"),
    "invited": N_("Invited, has not come yet"),
    "disabled": N_("Account closed"),
}


def role_name(role: Role) -> str:
    """The name of a role."""
    return _(ROLES[role])


MENU = (
    (N_("Your board"), "/board", Action.KEEP_CLIENTS),
    (N_("Openings to offer"), "/slots", Action.MAKE_OFFERS),
    (N_("Desk"), "/desk", Action.SEE_DESK),
    (N_("Peers"), "/peers", Action.SUPERVISE),
    (N_("Openings"), "/openings", Action.WATCH_OPENINGS),
    (N_("Report openings"), "/desk/openings", Action.REPORT_OPENINGS),
    (N_("Offers"), "/desk/offers", Action.ANSWER_OFFERS),
    (N_("Openings in line"), "/desk/slots", Action.ANSWER_OFFERS),
    (N_("Calls to make"), "/checks", Action.CHECK_LISTINGS),
    (N_("Hand-outs"), "/handouts", Action.MAKE_HANDOUTS),
    (N_("Files"), "/uploads", Action.UPLOAD),
    (N_("Notices"), "/notices", Action.SEE_NOTICES),
    (N_("Agencies"), "/agencies", Action.SET_UP),
    (N_("People"), "/people", Action.SEE_PEOPLE),
    (N_("Feeds"), "/feeds", Action.KEEP_FEEDS),
    (N_("Oversight"), "/oversight", Action.SEE_OVERSIGHT),
    (N_("Messages"), "/messages", Action.SEE_MESSAGES),
    (N_("Audit trail"), "/audit", Action.SEE_AUDIT),
    (N_("Your account"), "/account", Action.KEEP_OWN_ACCOUNT),
)
"""What stands on top of every page of somebody who is signed in. The queues are not in it: they have their cards on the desk."""
_OF_ONES_OWN = (Action.SEE_DESK, Action.KEEP_OWN_ACCOUNT, Action.WATCH_OPENINGS, Action.SUPERVISE)
"""What somebody does for themselves alone."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, for the top of their pages."""

    name: str
    links: tuple[Link, ...]
    is_demo: bool


def me_of(session: Session, now: datetime) -> Me | None:
    """The top of the page for this session; None until signing in is finished."""
    if session.stage != FULL:
        return None
    return Me(session.account.name, tuple(open_links(session.actor, MENU, now)), session.account.is_demo)


def open_links(actor: Actor, links: Sequence[tuple[str, str, Action]], now: datetime) -> list[Link]:
    """Of these links, each with what is done there, those that are open to somebody."""
    own = Thing(actor.person)
    return [
        Link(_(text), url)
        for text, url, action in links
        if isinstance(may(actor, action, own if action in _OF_ONES_OWN else SITE, now=now), Allowed)
    ]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One place where somebody is signed in. `key` names it in the form that ends it; `seen` is "" where that is just now."""

    key: str
    title: str
    seen: str
    is_here: bool


def session_line(session: Session, here: Session, now: datetime) -> SessionLine:
    """A session in words."""
    title = session.device or _("Unknown device")
    is_now = session.key == here.key or now - session.seen_at < SEEN_EVERY
    return SessionLine(session.key, title, "" if is_now else an_age(session.seen_at, now), session.key == here.key)


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role of somebody; `can_end` where the reader may take it away, `can_trust` where they may say whether its holder `is_trusted`.
    `is_own`: it is the reader's."""

    id: int
    text: str
    can_end: bool
    can_trust: bool = False
    is_trusted: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody in the list of people."""

    id: int
    name: str
    email: str
    state: str
    second: str
    roles: tuple[RoleLine, ...]
    can_reset: bool


def person_card(listed: Listed, reader: Session) -> PersonCard:
    """Somebody with what the reader may do about them; what needs a fresh sign-in is offered too, and asks for one then."""
    second = _("Second step is on") if listed.has_second_factor else _("No second step yet")
    held = tuple(each.grant for each in listed.held)
    can_reset = listed.has_second_factor and _can(reader, Action.RESET_SECOND_FACTOR, Thing(listed.id, held))
    roles = tuple(_role_line(listed, each, reader) for each in listed.held)
    return PersonCard(listed.id, listed.name, listed.email or "", _(STATES[listed.state]), second, roles, can_reset)


def _role_line(listed: Listed, held: Held, reader: Session) -> RoleLine:
    thing = Thing(listed.id, (held.grant,))
    can_trust = held.grant.role is Role.EDITOR and _can(reader, Action.GRANT_ROLE, thing)
    can_end = _can(reader, Action.END_ROLE, thing)
    is_own = listed.id == reader.account.id
    return RoleLine(held.id, role_text(held), can_end, can_trust, held.grant.trusted, is_own)


def _can(reader: Session, action: Action, thing: Thing) -> bool:
    return isinstance(may(reader.actor, action, thing, now=reader.created_at), Allowed)


def role_text(held: Held) -> str:
    """A role with where it is held."""
    name = role_name(held.grant.role)
    return f"{name}, {held.agency_name}" if held.agency_name else name


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A role that somebody is offered. `key` names it in the form that answers it."""

    key: str
    text: str


def offer_line(offer: Offer) -> OfferLine:
    """The role with its agency, as it would stand among one's roles."""
    return OfferLine(offer.key, role_text(Held(0, offer.grant, offer.agency_name)))
