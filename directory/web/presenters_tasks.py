"""How what somebody has to look at is put into words: one sentence for each kind of task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from directory.i18n import N_, a_day, a_number, gettext
from directory.services.confirming import EXPIRY
from directory.services.tasks import NOW, SYSTEM, Task
from directory.web.wording import age_words

_ = gettext

SENTENCES = {
    "check-review": N_("%(name)s could not be reached, or is said to be closed. Decide whether it stays listed."),
    "feed-failed": N_("The feed of %(source)s could not be read (tries in a row: %(tries)s). See what it says."),
    "feed-removals": N_(
        "The feed of %(source)s would take out %(gone)s of %(active)s listings. It was stopped: somebody has to look."
    ),
    "import-look": N_("A file for %(source)s waits. Look at what it would do, then say yes or put it away."),
    "contact-route": N_(
        "Somebody said stop to our messages. Find another way to reach them. Their place in line stays."
    ),
    "handoff-no-show": N_(
        "Somebody was expected at a place and did not come. Call, no blame: was there no ride? Their place in line stays."
    ),
    "follow-up-late": N_("Somebody has arrived at a place, and nobody has asked yet how it goes. Ask them."),
    "check-in-missed": N_(
        "Somebody was to be asked how they are, and neither their usual way nor another one reached them. Find a way together with their peer."
    ),
    "crisis": N_("Somebody may be in danger. Today: see with their peer that they are safe, and how the peer is."),
    "check-in-today": N_("Somebody needs to hear from us today. Call them, and ask how they are."),
    "text-came-in": N_("A text came in that somebody has to read."),
    "text-now": N_("A text came in that somebody has to read now. Then call them."),
    "text-shared": N_(
        "A text came in from a number that several people use, so it counts for nobody. Ask whether it was from them."
    ),
    "text-shared-now": N_(
        "A text that may be urgent came in from a number that several people use. Call now, and ask how they are."
    ),
    "group-told": N_(
        "A meeting of a group was moved or called off, and no message reaches everybody who has a seat (%(n)s). Call them."
    ),
    "group-reminder": N_(
        "A group meets tomorrow, and no message reaches everybody who has a seat (%(n)s). Call them, so that they remember."
    ),
    "group-seat": N_("A seat in a group came free for somebody, and no message reaches them. Call them."),
    "line-import-unread": N_(
        "A list of people was agreed to, but its seal does not open. Tell whoever looks after the server: its secret may have changed."
    ),
    "call-me-full": N_("So many people ask to be called that no more are kept. Call those who wait."),
    "status-guessing": N_(
        "Many wrong codes of cards are being tried. Nobody is locked out. Tell whoever looks after the server."
    ),
    "import-error": N_("A file for %(source)s was confirmed, but could not be put in. Everything is as it was."),
}
"""By the kind of a task; the values are its words."""
BY_ITSELF = (SYSTEM, EXPIRY)
"""Who closes a task where nobody has done anything."""


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task in words. `due` is a sentence, "" without a date; `is_now` where somebody may be in danger. `note` and `by` are of one that is done."""

    id: int
    text: str
    address: str
    due: str
    is_late: bool
    is_now: bool
    age: str
    note: str = ""
    by_itself: bool = False


def task_card(task: Task, now: datetime, zone: tzinfo) -> TaskCard:
    """A task as its card says it; its day is that of this zone, where it is to be done."""
    since = task.done_at or task.created_at
    return TaskCard(
        task.id,
        task_sentence(task.kind, task.words),
        task.address,
        _due_words(task.due_at, now, zone) if task.due_at else "",
        bool(task.due_at and task.due_at < now),
        task.kind in NOW,
        age_words(since, now),
        task.note or "",
        task.done_by in BY_ITSELF,
    )


def _due_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Until when, with "today" as a word: whoever reads "Sun 22 Nov" has to know what day it is."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    if day == today:
        return _("Was due today") if at < now else _("Due today")
    text = N_("Was due on %(day)s") if at < now else N_("Due on %(day)s")
    return _(text) % {"day": a_day(day)}


def task_sentence(kind: str, words: Mapping[str, Any]) -> str:
    """What is to be looked at, and why. A kind of another version of this program has a general sentence."""
    said = {name: a_number(value) if isinstance(value, int) else value for name, value in words.items()}
    try:
        return _(SENTENCES[kind]) % said
    except KeyError:
        return _("Something needs a look.")
