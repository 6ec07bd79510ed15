"""The rules of signing in: what a password must be, how long a session lasts, how guessing is slowed, what a name to sign in with is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from directory.domain.access import Grant, Role
from directory.domain.errors import Problem
from directory.domain.notices import is_mail_address

# --- passwords -------------------------------------------------------------------------------------------------------

SHORTEST, LONGEST = 12, 128
"""Characters. NIST SP 800-63B-4, 3.1.1.2 asks for 15 where a password is all there is and 8 beside a second factor, to allow 64
at least, and for no rule on which signs are in it. An editor may do without a second factor, so 12 hold for everyone."""


def password_problems(password: str, *, own: Iterable[str], is_common: bool) -> tuple[Problem, ...]:
    """What keeps a password from being taken. `own` are words that stand for the person or the site, such as the e-mail address.

    The codes are `too-short`, `too-long`, `own-words` and `common`; the value is its length, never the password.
    """
    number, folded = str(len(password)), password.casefold()
    if len(password) < SHORTEST:
        return (Problem("password", "too-short", number, (str(SHORTEST),)),)
    if len(password) > LONGEST:
        return (Problem("password", "too-long", number, (str(LONGEST),)),)
    if any(len(word) >= 4 and len(folded.replace(word.casefold(), "")) < SHORTEST / 2 for word in own):
        return (Problem("password", "own-words", number),)
    return (Problem("password", "common", number),) if is_common else ()


# --- names -----------------------------------------------------------------------------------------------------------

LONGEST_NAME = 120


def fold_email(text: str) -> str:
    """The form in which an e-mail address is stored and looked up: nobody tells two people apart by capitals."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def email_problems(text: str) -> tuple[Problem, ...]:
    """What keeps a text from being an e-mail address; only a mail that arrives shows that it is one."""
    return () if is_mail_address(fold_email(text)) else (Problem("email", "not-an-email", text),)


def name_problems(text: str) -> tuple[Problem, ...]:
    """What keeps a text from being a name."""
    if not text.strip():
        return (Problem("name", "missing", text),)
    return (Problem("name", "too-long", str(len(text)), (str(LONGEST_NAME),)),) if len(text) > LONGEST_NAME else ()


# --- sessions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without a sign of life, and in all."""

    idle: timedelta
    absolute: timedelta


USUAL = Limits(timedelta(minutes=30), timedelta(hours=12))
"""NIST SP 800-63B (revision 3), 4.2.3: at the second level half an hour without a sign of life, twelve hours in all."""
STRICT = Limits(timedelta(minutes=15), timedelta(hours=8))
"""The quarter of an hour of the same document's third level (4.3.3), and one working day: for who sees more than one agency."""
_STRICT_ROLES = (Role.OVERSIGHT, Role.ADMINISTRATOR)
UNFINISHED = Limits(timedelta(minutes=10), timedelta(minutes=10))
"""Between the password and the second factor."""
FRESH = timedelta(minutes=15)
"""So long after signing in may be done what asks for a fresh sign-in."""
FORM = timedelta(minutes=10)
"""So much of it must be left when a form is opened that will need it, so that nobody types in vain."""
SEEN_EVERY = timedelta(minutes=1)
"""A sign of life is written down so often at the most: reading a page must not cost a write."""

PASSWORD_GIVEN, SET_UP, FULL = "password", "set-up", "full"
"""The stages of a session: the second factor is still due; it must be set up first; somebody is signed in."""


def limits_of(grants: Sequence[Grant], stage: str) -> Limits:
    """The limits of a session of somebody with these grants: the strictest of all."""
    if stage == PASSWORD_GIVEN:
        return UNFINISHED
    return STRICT if any(grant.role in _STRICT_ROLES for grant in grants) else USUAL


def has_ended(now: datetime, *, seen_at: datetime, ends_at: datetime, idle: timedelta) -> bool:
    """Whether a session is over at this moment. All times are aware."""
    return now >= ends_at or now >= seen_at + idle


# --- guessing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """How guessing is slowed: so many tries are free, then each makes the next wait twice as long, up to `longest`."""

    free: int
    longest: timedelta


OF_ACCOUNT = Pace(5, timedelta(minutes=1))
"""At the end a try a minute, 1,440 a day, whoever tries from wherever; and the owner waits a minute at the most."""
OF_PREFIX = Pace(20, timedelta(minutes=1))
"""Several people may share an address, as in a shelter or an office."""
OF_CODE = Pace(5, timedelta(minutes=15))
"""96 tries a day of a six-figure code, by somebody who has the password already: NIST SP 800-63B allows 100 in a row."""
OF_CODES = Pace(20, timedelta(minutes=15))
"""The codes of one account from all browsers that have not signed in before: the owner gets a try while somebody else goes on."""
OF_MAIL = Pace(3, timedelta(hours=1))
"""Letters about a lost password to one address."""
HALVED = timedelta(minutes=15)
"""Tries are forgotten: after this time without one only half as many count."""


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries count, and when the last one was."""

    count: float
    at: datetime


def tries_now(tries: Tries | None, now: datetime) -> float:
    """How many tries still count at this moment."""
    return tries.count * 0.5 ** (max(now - tries.at, timedelta()) / HALVED) if tries else 0.0


def pause(tries: Tries | None, pace: Pace, now: datetime) -> timedelta:
    """How long the next try has to wait from now on; nothing where it may come at once. What is tried meanwhile does not count."""
    if tries is None or tries.count < pace.free:
        return timedelta()
    seconds = min(2.0 ** min(tries.count - pace.free, 30), pace.longest.total_seconds())
    return max(tries.at + timedelta(seconds=seconds) - now, timedelta())


def counted(tries: Tries | None, now: datetime) -> Tries:
    """The tries with one more, at this moment."""
    return Tries(tries_now(tries, now) + 1, now)


def prefix_of(address: str) -> str:
    """The part of an address that one household or office shares: a /24, or a /56 of IPv6 (RFC 6177). "" where it is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{mapped}/{24 if isinstance(mapped, IPv4Address) else 56}", strict=False))
