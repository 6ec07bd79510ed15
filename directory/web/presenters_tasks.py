"""How what somebody has to look at is put into words: one sentence for each kind of task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from directory.i18n import N_, a_day, a_number, gettext
from directory.services.confirming import EXPIRY
from directory.services.tasks import SYSTEM, Task
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
    """A task in words. `due` is "" without a date, `note` and `by` are of one that is done."""

    id: int
    text: str
    address: str
    due: str
    is_late: bool
    age: str
    note: str = ""
    by_itself: bool = False


def task_card(task: Task, now: datetime, zone: tzinfo) -> TaskCard:
    """A task as its card says it; its day is that of the site's zone."""
    due = a_day(task.due_at.astimezone(zone).date()) if task.due_at else ""
    since = task.done_at or task.created_at
    return TaskCard(
        task.id,
        task_sentence(task.kind, task.words),
        task.address,
        due,
        bool(task.due_at and task.due_at < now),
        age_words(since, now),
        task.note or "",
        task.done_by in BY_ITSELF,
    )


def task_sentence(kind: str, words: Mapping[str, Any]) -> str:
    """What is to be looked at, and why. A kind of another version of this program has a general sentence."""
    said = {name: a_number(value) if isinstance(value, int) else value for name, value in words.items()}
    try:
        return _(SENTENCES[kind]) % said
    except KeyError:
        return _("Something needs a look.")
