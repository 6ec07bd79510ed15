"""Messages that go out: which there are, what becomes of one that could not be delivered, and what an operator may see of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

EMAIL, SMS = "email", "sms"

WAITING = "waiting"
SENDING = "sending"
SENT = "sent"
DEAD = "dead"
STATES = (WAITING, SENDING, SENT, DEAD)


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message: the ways it may go, the values it takes, and which of those are secrets, such as a link that signs in."""

    channels: tuple[str, ...]
    words: frozenset[str]
    secrets: frozenset[str] = frozenset()
    forgets: bool = False
    """Whether the address goes once it is sent or given up: that of somebody who has no account here."""


_LINK = Template((EMAIL,), frozenset({"link", "hours"}), frozenset({"link"}))
TEMPLATES: Mapping[str, Template] = {
    "invitation": _LINK,
    "reset-password": _LINK,
    "second-factor-reset": _LINK,
    "role": _LINK,
    "answered": Template((EMAIL,), frozenset({"link"})),
    "new-sign-in": Template((EMAIL,), frozenset({"link"})),
    "update": Template((EMAIL, SMS), frozenset({"call"})),
    # To people who wait: of these no address is kept.
    "client-update": Template((EMAIL, SMS), frozenset({"call"}), forgets=True),
    "client-ask": Template((SMS,), frozenset(), forgets=True),
    "handout-link": Template((EMAIL, SMS), frozenset({"link"}), frozenset({"link"}), forgets=True),
    "openings-reminder": _LINK,
    "openings-watch": Template((EMAIL,), frozenset({"link"})),
    "report-outcome": Template((EMAIL,), frozenset({"link", "outcome", "answer"}), forgets=True),
    "proposal-settled": Template((EMAIL,), frozenset({"link"})),
    "peer-update": Template((EMAIL,), frozenset({"link"})),
    "agency-update": Template((EMAIL,), frozenset({"link"})),
    "audit-anchor": Template((EMAIL,), frozenset({"day", "anchors"})),
}
"""Every message there is. Its texts are `templates/mail/<name>.txt`, `.html` and `.sms.txt`."""

LEASE = timedelta(minutes=5)
"""How long a message belongs to whoever took it up: longer than an attempt may last, so that only a dead process loses one."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
"""How long to wait after each attempt; then there is one more, and the message is given up: in all within two days."""
MOST_TRIES = len(PAUSES) + 1
LONGEST_PAUSE = timedelta(days=1)
KEPT = timedelta(days=30)
"""How long a message that is sent or dead can still be looked at."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to a messenger. `id` is the same at every attempt; `html` is "" where there is only text."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    language: str


class NotDelivered(Exception):
    """A message was not taken. `code` is short and says nothing about the reader.

    `lasting`: trying again is of no use. `everybody`: it is not about this message, so the others need not be tried now.
    `pause`: how long the other side asks to be left alone.
    """

    def __init__(
        self, code: str, *, lasting: bool = False, everybody: bool = False, pause: timedelta = timedelta(0)
    ) -> None:
        super().__init__(code)
        self.code = code
        self.lasting = lasting
        self.everybody = everybody
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a message: its state, when it is due if it waits, and what went wrong, if anything."""

    state: str
    due_at: datetime
    error: str | None = None


def after(trouble: NotDelivered, *, tries: int, now: datetime, good_until: datetime | None) -> Step:
    """The next step of a message that was not delivered at its `tries`th attempt."""
    if trouble.lasting:
        return Step(DEAD, now, trouble.code)
    if tries >= MOST_TRIES:
        return Step(DEAD, now, f"given up: {trouble.code}")
    due = now + min(max(PAUSES[max(tries, 1) - 1], trouble.pause), LONGEST_PAUSE)
    if is_too_late(due, good_until):
        return Step(DEAD, now, f"too late: {trouble.code}")
    return Step(WAITING, due, trouble.code)


def is_too_late(moment: datetime, good_until: datetime | None) -> bool:
    """Whether a message has lost its meaning by then, such as one with a link that has ended."""
    return good_until is not None and good_until <= moment


def without_secrets(template: str, words: Mapping[str, object]) -> dict[str, object]:
    """The values that may stay in the database once the message is on its way, or given up."""
    secrets = TEMPLATES[template].secrets if template in TEMPLATES else frozenset(words)
    return {name: value for name, value in words.items() if name not in secrets}


def is_forgotten(template: str) -> bool:
    """Whether the address of such a message goes once it is sent or given up."""
    return template in TEMPLATES and TEMPLATES[template].forgets


def is_whole(template: str, words: Mapping[str, object], to: str) -> bool:
    """Whether a message still has its address and every value that its template takes."""
    return bool(to) and template in TEMPLATES and set(words) == TEMPLATES[template].words


# --- addresses -------------------------------------------------------------------------------------------------------

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_MAIL = re.compile(rf"(?=[^@]{{1,64}}@)(?!.*=\?){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
"""RFC 5321's Dot-string and Domain, without what a mail program would read as an encoded word ("=?", RFC 2047)."""
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST_ADDRESS = 254


def is_mail_address(text: str) -> bool:
    """Whether this can be the one address of a mail: ASCII, without a name, blanks or line ends."""
    return len(text) <= LONGEST_ADDRESS and bool(_MAIL.fullmatch(text))


def is_phone_number(text: str) -> bool:
    """Whether this is a telephone number in the form of E.164, such as +15555550100."""
    return bool(_PHONE.fullmatch(text))


def masked(address: str) -> str:
    """An address as an operator may see it: `r…@example.org`, or the last two figures of a number."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if at else f"…{address[-2:]}"
