"""Entries of the audit trail in words: what was done, by whom, to what. What is not known here is shown as it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlencode

from directory.domain.trail import CHANGES, READING, Asked, Line
from directory.i18n import N_, a_moment, a_number, an_age, gettext, ngettext
from directory.services.trail import State, Trail
from directory.web.waitlist import presenters_trail as waitlist

_ = gettext

AUDIT = "/audit"
LOG_NAMES = {CHANGES: N_("What was changed"), READING: N_("Who read what")}
ACTIONS = {
    "agency-add": N_("Added an agency"),
    "agency-change": N_("Changed an agency"),
    "agency-close": N_("Closed an agency"),
    "agency-open": N_("Opened an agency again"),
    "audit-check": N_("Checked the trail"),
    "claim": N_("Asked for a listing"),
    "claim-approve": N_("Approved a claim"),
    "claim-ended": N_("Ended a claim"),
    "claim-refuse": N_("Refused a claim"),
    "claim-withdrawn": N_("Took a claim back"),
    "conflict-settled": N_("Settled what a source says otherwise"),
    "disable": N_("Closed an account"),
    "duplicate-different": N_("Said that two listings are two"),
    "duplicate-reopened": N_("Took a decision about two listings back"),
    "duplicate-same": N_("Said that two listings are one"),
    "feed": N_("Changed a feed"),
    "feed-read": N_("Asked for a feed to be read"),
    "feed-stop": N_("Stopped a feed"),
    "geocode": N_("Looked for places"),
    "geocode-accept": N_("Said that a place is right"),
    "geocode-died": N_("Looking for places was cut off"),
    "geocode-pin": N_("Set a place on the map"),
    "geocode-unpin": N_("Took a place on the map back"),
    "hand-value-dropped": N_("Took the source's words again"),
    "import": N_("Read a file in"),
    "import-died": N_("A file was not read to its end"),
    "import-undo-asked": N_("Asked for an import to be undone"),
    "import-undone": N_("Undid an import"),
    "invitation-taken": N_("Opened an account"),
    "invite": N_("Invited somebody"),
    "level-add": N_("Added a level of care"),
    "level-change": N_("Changed a level of care"),
    "listing-added": N_("Added a listing"),
    "listing-checked": N_("Checked a listing"),
    "listing-edited": N_("Changed a listing"),
    "listing-proposed": N_("Sent a change to be looked at"),
    "listing-reviewed": N_("Decided about a listing that nobody can reach"),
    "message-drop": N_("Deleted a message"),
    "message-retry": N_("Sent a message again"),
    "notice-sent": N_("Noted that a notice was sent"),
    "openings-report": N_("Reported openings"),
    "password-change": N_("Changed a password"),
    "password-reset": N_("Set a new password by mail"),
    "program-add": N_("Added a program"),
    "program-change": N_("Changed a program"),
    "proposal-published": N_("Published a change"),
    "proposal-refused": N_("Refused a change"),
    "proposal-withdrawn": N_("Took a change back"),
    "recovery-codes": N_("Made new recovery codes"),
    "refused": N_("Was refused"),
    "remove-demo": N_("Took the demonstration out"),
    "report-reopened": N_("Opened a report again"),
    "report-settled": N_("Settled a report"),
    "reset": N_("Started an account anew"),
    "reset-link": N_("Asked for a new password"),
    "role-accepted": N_("Accepted a role"),
    "role-declined": N_("Declined a role"),
    "role-end": N_("Ended a role"),
    "role-offer": N_("Offered a role"),
    "role-trust": N_("Changed whether an editor is trusted"),
    "second-factor-reset": N_("Reset a second step"),
    "second-factor-set": N_("Turned a second step on"),
    "see": N_("Looked at"),
    "session-end": N_("Ended a session"),
    "sign-in": N_("Signed in"),
    "sign-in-again": N_("Signed in again"),
    "sign-in-begun": N_("Gave a password"),
    "sign-out": N_("Signed out"),
    "task-done": N_("Noted that a task is done"),
    "upload": N_("Sent a file"),
    "upload-again": N_("Compared a file again"),
    "upload-confirmed": N_("Confirmed a file"),
    "upload-discarded": N_("Put a file away"),
    "upload-expired": N_("A file was put away after a day"),
    "watch-end": N_("Ended a watch for openings"),
    "watch-openings": N_("Asked to be told of openings"),
    "wrong-code": N_("Gave a wrong code"),
    "wrong-password": N_("Gave a wrong password"),
} | waitlist.ACTIONS
"""By the action of an entry."""
DOERS = {
    "seed": N_("The set-up"),
    "sign-in page": N_("Somebody at the sign-in page"),
    "schedule": N_("The schedule"),
    "system": N_("The site itself"),
    "visitor": N_("A visitor"),
    "client": N_("Somebody who waits"),
}
"""Who acts and is no person."""
SUBJECTS = {
    "agency": N_("Agency %s"),
    "claim": N_("Claim %s"),
    "feed": N_("Feed %s"),
    "level": N_("Level of care %s"),
    "listing": N_("Listing %s"),
    "message": N_("Message %s"),
    "notice": N_("Notice %s"),
    "pair": N_("Pair of listings %s"),
    "person": N_("Person %s"),
    "program": N_("Program %s"),
    "report": N_("Report %s"),
    "run": N_("Import %s"),
    "source": N_("Source %s"),
    "task": N_("Task %s"),
    "trail": N_("The trail, %s"),
    "watch": N_("Watch %s"),
} | waitlist.SUBJECTS
"""By the first words of a subject, before its number or code."""
WHOLES = {
    "addresses": N_("The places of listings"),
    "directory": N_("The trail"),
    "messages": N_("The messages"),
    "nobody": N_("A name that nobody has"),
    "people": N_("The people who work here"),
    "site": N_("The site"),
} | waitlist.WHOLES
"""By the subject of an entry about all of a kind."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its card says it. `by_url` and `subject_url` lead to all of the same; `details` is "" where there are none.

    `subject` is "" where somebody did something about themselves.
    """

    number: str
    title: str
    when: str
    age: str
    by: str
    by_url: str
    subject: str
    subject_url: str
    details: str


def entries(trail: Trail, log: str, zone: tzinfo, now: datetime) -> list[Entry]:
    """A page of the trail, its moments in the zone of the site."""
    return [_entry(line, trail.names, log, zone, now) for line in trail.lines]


def _entry(line: Line, names: Mapping[str, str], log: str, zone: tzinfo, now: datetime) -> Entry:
    return Entry(
        "" if line.seq is None else a_number(line.seq),
        action_words(line.action),
        a_moment(line.at.astimezone(zone)),
        age_words(line.at, now),
        doer_words(line.by, names),
        url(log, by=line.by),
        subject_words(line.subject, names) if line.subject != line.by else "",
        url(log, subject=line.subject),
        json.dumps(line.details, ensure_ascii=False, indent=1) if line.details else "",
    )


def action_words(action: str) -> str:
    """What was done."""
    return _(ACTIONS[action]) if action in ACTIONS else action


def doer_words(label: str, names: Mapping[str, str]) -> str:
    """Who did it: a person by name and number, or what acts by itself."""
    return _(DOERS[label]) if label in DOERS else subject_words(label, names)


def subject_words(subject: str, names: Mapping[str, str]) -> str:
    """What it was done to."""
    if subject in names:
        return f"{names[subject]} ({_(SUBJECTS['person']) % subject.partition(' ')[2]})"
    if subject in WHOLES:
        return _(WHOLES[subject])
    for sort, words in SUBJECTS.items():
        if rest := _after(subject, f"{sort} "):
            return _(words) % rest
    return subject


def _after(text: str, start: str) -> str:
    return text.removeprefix(start) if text.startswith(start) else ""


def url(log: str, **asked: str) -> str:
    """The address of the page with this question."""
    given = {"log": log if log != CHANGES else "", **asked}
    kept = {name: value for name, value in given.items() if value}
    return f"{AUDIT}?{urlencode(kept)}" if kept else AUDIT


def older_url(asked: Asked, values: Mapping[str, str], older: int | None) -> str:
    """Where older entries are; "" where there are none."""
    return "" if older is None else url(asked.log, **{**values, "before": str(older)})


def age_words(moment: datetime, now: datetime) -> str:
    """How long ago, of what may have been a moment ago."""
    return an_age(moment, now) if now - moment >= timedelta(minutes=1) else _("just now")


@dataclass(frozen=True, slots=True)
class Health:
    """How the trail is: one sentence, whether that is trouble, and where each chain stands."""

    text: str
    is_trouble: bool
    heads: tuple[str, ...]


def health(state: State, now: datetime) -> Health:
    """Whether the chains held when they were last checked."""
    heads = tuple(str(head) for head in state.heads)
    if not state.checked:
        return Health(_("Nobody has checked yet whether the trail is whole."), True, heads)
    age = age_words(state.checked.at, now)
    if state.checked.holds:
        return Health(_("The trail is whole. Last checked: %(age)s.") % {"age": age}, False, heads)
    places = ", ".join(f"{chain} {a_number(seq)}" for chain, seq in sorted(state.checked.broken.items()))
    text = _("The trail is NOT whole. Last checked: %(age)s.") % {"age": age}
    if places:
        text += " " + _("It cannot be believed from these entries on: %(places)s.") % {"places": places}
    return Health(text, True, heads)


def counted(number: int) -> str:
    """How many entries are on the page."""
    return ngettext("%(n)s entry", "%(n)s entries", number) % {"n": a_number(number)}
