"""Accounts, sessions and links as values, and the ways in which signing in can go wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import Actor, Grant, Thing
from directory.domain.errors import FootbridgeError, Problem
from directory.domain.sign_in import FULL

AGENCY_KINDS = ("peer", "treatment", "other", "oversight")


@dataclass(frozen=True, slots=True)
class Agency:
    """An organization whose people have accounts. `kind` is one of AGENCY_KINDS."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person with all that signing in needs, and the live grants. `totp_secret` is encrypted.

    `held` are the live grants and those that rest, of agencies that have closed: they allow nothing, and come back when the agency does,
    so whoever decides over the account must be allowed them too.

    `proven_at`: since when it is known that whoever set the password is who the address belongs to: a letter went there, or somebody
    who looks after the whole site handed the link over.
    """

    id: int
    email: str
    name: str
    language: str
    password_hash: str | None
    totp_secret: str | None
    is_demo: bool
    disabled_at: datetime | None
    proven_at: datetime | None
    grants: tuple[Grant, ...]
    held: tuple[Grant, ...]

    @property
    def is_active(self) -> bool:
        """Whether they can sign in: with a password, a role, and an account that nobody has closed. An invented person never can."""
        return bool(self.password_hash and self.grants and self.disabled_at is None and not self.is_demo)

    @property
    def thing(self) -> Thing:
        """The account as something that somebody may or may not touch."""
        return Thing(self.id, self.held)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in, or on the way to it. Times are aware; `key` is the hash of its cookie."""

    key: str
    stage: str
    device: str
    created_at: datetime
    seen_at: datetime
    fresh_until: datetime
    ends_at: datetime
    pending_secret: str | None
    account: Account

    @property
    def actor(self) -> Actor:
        """Who this is to the rest of the site: nobody, until signing in is finished."""
        return Actor(self.account.id, self.account.grants, self.fresh_until) if self.stage == FULL else Actor()


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can still be used."""

    purpose: str
    person: int | None
    payload: Mapping[str, object]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """One live role of somebody in a list of people. `id` is that of the grant."""

    id: int
    grant: Grant
    agency_name: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in a list of people, with those roles that the reader may see. `state`: active, invited or disabled."""

    id: int
    name: str
    email: str | None
    state: str
    has_second_factor: bool
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun: what goes into the cookie, until when, and what is still to be done (`stage`).

    `known` is what the browser keeps once somebody is in, "" before that.
    """

    token: str
    ends_at: datetime
    stage: str
    known: str = ""


class WrongSignIn(FootbridgeError):
    """The name, the password or the code is not right. Which of them, nobody is told."""

    code = "wrong-sign-in"
    status = 422


class TooSoon(FootbridgeError):
    """There were too many tries; the next one may come after `seconds`."""

    code = "too-soon"
    status = 429

    def __init__(self, wait: timedelta) -> None:
        self.seconds = math.ceil(wait.total_seconds())
        super().__init__(seconds=self.seconds)


class DeadLink(FootbridgeError):
    """A link was used already, is too old, or never was one."""

    code = "dead-link"
    status = 410


class LastAdministrator(FootbridgeError):
    """Nobody else who can sign in looks after the whole site, so this role or account stays. Nothing was written."""

    code = "last-administrator"
    status = 409


class UnfitFields(FootbridgeError):
    """What was typed cannot be taken. `problems` says what, field by field."""

    code = "unfit-fields"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(fields=[problem.field for problem in problems])
        self.problems = tuple(problems)
