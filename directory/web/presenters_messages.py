"""Messages that go out, in words: which there are, and what went wrong with one. Nothing of what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from directory.domain.notices import DEAD, EMAIL, SENDING, SENT, SMS, WAITING
from directory.i18n import N_, a_moment, a_number, gettext
from directory.services.notices import Notice, Overview
from directory.web.presenters_audit import age_words

_ = gettext

STATES = {
    WAITING: N_("Wait to go out"),
    SENDING: N_("On their way"),
    SENT: N_("Sent in the last 30 days"),
    DEAD: N_("Given up"),
}
KINDS = {
    "agency-update": N_("There is an update for an agency"),
    "answered": N_("There is an answer"),
    "audit-anchor": N_("Where the audit trail stands"),
    "client-ask": N_("Asks whether all is as before"),
    "client-update": N_("There is an update"),
    "handout-link": N_("Link to a list"),
    "invitation": N_("Invitation"),
    "new-sign-in": N_("Sign-in on a new device"),
    "peer-update": N_("Something for a peer"),
    "openings-reminder": N_("Asks for new numbers"),
    "openings-watch": N_("Something was reported"),
    "proposal-settled": N_("Answer about a change"),
    "report-outcome": N_("What came of a report"),
    "reset-password": N_("New password"),
    "role": N_("Offer of a role"),
    "second-factor-reset": N_("New second step"),
    "update": N_("There is an update"),
}
"""By the template of a message."""
CHANNELS = {EMAIL: N_("E-mail"), SMS: N_("Text message")}
NOT_SET_UP = {
    EMAIL: N_("No mail goes out: nobody has set up where to send it. What waits is kept."),
    SMS: N_("No text message goes out: nobody has set up where to send it. What waits is kept."),
}


@dataclass(frozen=True, slots=True)
class MessageCard:
    """A message in words. `error` is the short code of what went wrong, "" for nothing; `next` when it is tried next, "" for never.

    `is_forgotten`: it cannot be tried again because its address is deleted.
    """

    id: int
    title: str
    to: str
    age: str
    error: str
    next: str
    is_dead: bool
    can_retry: bool
    is_forgotten: bool


def message_card(notice: Notice, zone: tzinfo, now: datetime) -> MessageCard:
    """One message. A kind of another version of this program goes by its code."""
    kind = _(KINDS[notice.template]) if notice.template in KINDS else notice.template
    is_dead, to = notice.state == DEAD, notice.to or _("address deleted")
    return MessageCard(
        notice.id,
        kind,
        f"{_(CHANNELS[notice.channel])}, {to}",
        age_words(notice.created_at, now),
        notice.error or "",
        "" if is_dead else a_moment(max(notice.due_at, now).astimezone(zone)),
        is_dead,
        is_dead and notice.is_whole,
        is_dead and not notice.to,
    )


def figures(overview: Overview) -> list[tuple[str, str]]:
    """How many messages are in each state."""
    return [(_(STATES[state]), a_number(number)) for state, number in overview.counts.items()]


def silent(overview: Overview) -> list[str]:
    """What is said of each channel that nothing is set up for."""
    return [_(NOT_SET_UP[channel]) for channel in overview.not_set_up]
