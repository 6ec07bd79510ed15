"""The desk in words: when each listing of an agency was last checked, and the cards of the queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor
from directory.domain.listings import Status
from directory.domain.proposals import publishes
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.desk import Own
from directory.web.presenters import Link
from directory.web.presenters_accounts import open_links

_ = gettext

QUEUES = {
    "board": (N_("People with something due"), "/board"),
    "intake": (N_("People who ask to be called"), "/intake"),
    "slots": (N_("Openings to offer"), "/slots"),
    "second-words": (N_("A second person’s word"), "/second-words"),
    "breaches": (N_("Something that went wrong: who is to be told"), "/records"),
    "pairs": (N_("People who may be here twice"), "/pairs"),
    "line-imports": (N_("Lists to put into lines"), "/line-imports"),
    "reports": (N_("What visitors say is wrong"), "/reports"),
    "notices": (N_("Capacity notices to send"), "/notices"),
    "agency-offers": (N_("Offers to your agency"), "/desk/offers"),
    "agency-slots": (N_("Openings to ask about: still there?"), "/desk/slots"),
    "openings": (N_("Openings to say again"), "/desk/openings"),
    "appeals": (N_("Where people do not agree"), "/appeals"),
    "tasks": (N_("Things to look at"), "/tasks"),
    "checks": (N_("Listings to check"), "/checks"),
    "proposals": (N_("Changes to look at"), "/moderation"),
    "claims": (N_("Agencies that ask for a listing"), "/claims"),
    "uploads": (N_("Files to look at"), "/uploads"),
    "doubts": (N_("Places to find on the map"), "/places"),
    "conflicts": (N_("Where a source says something else"), "/conflicts"),
    "duplicates": (N_("Listings that may be the same"), "/duplicates"),
    "messages": (N_("Messages that were given up"), "/messages"),
}
"""By the name of a queue: what its card is called and where it leads."""
LINKS = (
    (N_("Look for an opening"), "/openings", Action.WATCH_OPENINGS),
    (N_("Openings for those who wait"), "/desk/slots", Action.ANSWER_OFFERS),
    (N_("Offers to your agency"), "/desk/offers", Action.ANSWER_OFFERS),
    (N_("Lines"), "/lines", Action.KEEP_CLIENTS),
    (N_("Groups"), "/desk/groups", Action.KEEP_GROUPS),
    (N_("On the way to a place"), "/handoffs", Action.KEEP_CLIENTS),
    (N_("Find a listing"), "/desk/listings", Action.EDIT_LISTING),
    (N_("Changes that I have sent"), "/desk/proposals", Action.EDIT_LISTING),
    (N_("Oversight"), "/oversight", Action.SEE_OVERSIGHT),
    (N_("People"), "/people", Action.SEE_PEOPLE),
    (N_("Agencies"), "/agencies", Action.SET_UP),
    (N_("Feeds"), "/feeds", Action.KEEP_FEEDS),
    (N_("Records"), "/records", Action.KEEP_RECORDS),
    (N_("Audit trail"), "/audit", Action.SEE_AUDIT),
    (N_("How true the directory is"), "/data-quality", Action.SEE_DESK),
    (N_("Search as visitors do"), "/", Action.SEE_DESK),
)
"""Where else one may go from the desk, for those who may do what is done there."""


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A listing of one's agency. `state` and `waiting` are "" where there is nothing to say."""

    slug: str
    version: int
    name: str
    place: str
    checked: str
    is_due: bool
    state: str
    waiting: str


@dataclass(frozen=True, slots=True)
class QueueCard:
    """A queue; `count` is how much waits, in words."""

    title: str
    url: str
    count: str
    is_empty: bool


def own_card(own: Own) -> OwnCard:
    """A listing with the date on which it was last checked."""
    checked = _("Last checked: %(day)s") % {"day": a_date(own.checked_on)} if own.checked_on else _("Never checked")
    return OwnCard(
        own.slug, own.version, own.name, own.city or "", checked, own.is_due, _state(own.status), _waiting(own)
    )


def _state(status: str) -> str:
    if status == Status.TEMPORARILY_CLOSED:
        return _("Visitors see that it is closed for now.")
    return "" if status == Status.ACTIVE else _("Visitors do not see it.")


def _waiting(own: Own) -> str:
    told = ngettext(
        "%(n)s visitor says that something is wrong.", "%(n)s visitors say that something is wrong.", own.reports
    )
    sent = ngettext("%(n)s change waits to be looked at.", "%(n)s changes wait to be looked at.", own.proposals)
    said = [words % {"n": a_number(n)} for words, n in ((told, own.reports), (sent, own.proposals)) if n]
    return " ".join(said)


def queue_cards(waiting: Mapping[str, int], *, of_editor: bool) -> list[QueueCard]:
    """The queues: those in which something waits first, each part in the order in which they are urgent.

    An editor, who has a minute, sees only where something waits, and the openings with their levels.
    """
    shown = {name: n for name, n in waiting.items() if not of_editor or (n and name != "openings")}
    cards = [QueueCard(_(QUEUES[name][0]), QUEUES[name][1], _count(n), n == 0) for name, n in shown.items()]
    return sorted(cards, key=lambda card: card.is_empty)


def _count(number: int) -> str:
    if not number:
        return _("Nothing waits")
    return ngettext("%(n)s waits", "%(n)s wait", number) % {"n": a_number(number)}


def links(actor: Actor, now: datetime) -> list[Link]:
    """Where else somebody may go from the desk. Who writes for the directory itself adds listings to it."""
    adding = [Link(_("Add a listing"), "/desk/listings/new")] if publishes(actor, None) else []
    return [*open_links(actor, LINKS, now), *adding]
