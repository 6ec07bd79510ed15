"""What signing in is made of: hashes of passwords, codes of an authenticator app, and what is stored encrypted.

Hashing is slow on purpose. It runs in threads, few at a time, so that neither the loop nor the memory of a small server suffers.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

from directory.domain.tokens import CODE_BYTES, CODES, TOKEN_BYTES, code_text, key_for, keyed_hash, token_text
from directory.settings import Settings
from directory.storage.secret import kept_secret

AT_ONCE = 2
"""Passwords that are hashed at the same time, 19 MiB each."""
STEP = 30
"""Seconds that a code of an authenticator app is for (RFC 6238)."""
DRIFT = (0, -1, 1)
"""The steps whose codes are taken: a clock may be half a minute off (RFC 6238, 5.2)."""
GUESSES = 10**8
"""A password that zxcvbn expects to be guessed in fewer tries is common: that is its score of 2 and below."""
READ = 72
"""Characters that are looked at for that; longer ones only take longer."""


@cache
def _hasher(is_test: bool) -> PasswordHasher:
    """Argon2id as OWASP's Password Storage Cheat Sheet has it for a small server: 19 MiB, two passes, one lane. Cheap in tests alone."""
    if is_test:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hasher_of(settings: Settings) -> PasswordHasher:
    """The hasher of these settings. Only the environment `test` gets the cheap one, and production can never be that."""
    return _hasher(settings.env == "test")


@cache
def _nobodys(is_test: bool) -> str:
    """A hash that no password has: whoever asks for an account that is not there waits as long as for one that is."""
    return _hasher(is_test).hash(secrets.token_urlsafe(32))


_slots: dict[int, asyncio.Semaphore] = {}


def _slot() -> asyncio.Semaphore:
    """The running loop's own: a program may have several loops, one after the other."""
    number = id(asyncio.get_running_loop())
    if number not in _slots:
        _slots.clear()
        _slots[number] = asyncio.Semaphore(AT_ONCE)
    return _slots[number]


async def password_hash(password: str, settings: Settings) -> str:
    """What is stored of a password."""
    async with _slot():
        return await asyncio.to_thread(hasher_of(settings).hash, password)


async def password_fits(stored: str | None, password: str, settings: Settings) -> bool:
    """Whether this is the password; with nothing stored it never is, after the same time."""
    is_test = settings.env == "test"

    def check() -> bool:
        try:
            _hasher(is_test).verify(stored or _nobodys(is_test), password)
            return stored is not None
        except (VerificationError, InvalidHashError):
            return False

    async with _slot():
        return await asyncio.to_thread(check)


def is_outdated(stored: str, settings: Settings) -> bool:
    """Whether the hash was made with other parameters than today's, so that the next sign-in had better make it anew."""
    return hasher_of(settings).check_needs_rehash(stored)


async def is_common(password: str, own: Sequence[str]) -> bool:
    """Whether a password is among those that are tried first: common ones, keyboard rows, dates, doubled words, and the person's own."""

    def guess() -> bool:
        from zxcvbn import zxcvbn  # its word lists take 15 MB, which a process needs only when somebody sets a password

        return int(zxcvbn(password[:READ], user_inputs=list(own))["guesses"]) < GUESSES

    return await asyncio.to_thread(guess)


# --- second factor ---------------------------------------------------------------------------------------------------


def new_totp_secret() -> str:
    """A secret for an authenticator app: 160 bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def totp_address(secret: str, *, account: str, site: str) -> str:
    """What the picture says that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=site)


def totp_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, of those around now; None where it is none of them."""
    digits = "".join(code.split())
    current, totp = int(now.timestamp()) // STEP, pyotp.TOTP(secret)
    for step in (current + drift for drift in DRIFT):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes, as they are shown."""
    return [code_text(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES)]


def recovery_hash(letters: str, settings: Settings) -> str:
    """What is stored of a recovery code, in the form of `tokens.code_read`."""
    return keyed_hash(key_for(secret_of(settings), "recovery-code"), letters)


def try_key(name: str, settings: Settings) -> str:
    """Under what the tries of an account or of a part of the network are counted, so that the table names neither."""
    return keyed_hash(key_for(secret_of(settings), "tries"), name)


def secret_of(settings: Settings) -> str:
    """What all keys are made of. Where nobody has set it there is one of this database's own; only tests do without."""
    if settings.secret or settings.env == "test":
        return settings.secret
    return kept_secret(settings.database_url)


# --- devices that are known ------------------------------------------------------------------------------------------


def known_device(email: str, settings: Settings) -> str:
    """What a browser keeps that has signed in with this address: a random number, sealed together with the address."""
    number = secrets.token_urlsafe(12)
    return f"{number}.{_seal_of_device(email, number, settings)}"


def device_number(cookie: str, email: str, settings: Settings) -> str | None:
    """The number of a browser that has signed in with this address before; None for any other."""
    number, _, seal = cookie.partition(".")
    return number if hmac.compare_digest(_seal_of_device(email, number, settings).encode(), seal.encode()) else None


def _seal_of_device(email: str, number: str, settings: Settings) -> str:
    return keyed_hash(key_for(secret_of(settings), "known-device"), f"{email} {number}")


# --- encryption and tokens -------------------------------------------------------------------------------------------


def new_token() -> str:
    """A token for a link, a cookie or a form."""
    return token_text(secrets.token_bytes(TOKEN_BYTES))


def sealed(text: str, settings: Settings) -> str:
    """A text as it may be stored: whoever has the database without DIRECTORY_SECRET cannot read it."""
    return _fernet(secret_of(settings)).encrypt(text.encode()).decode()


def unsealed(text: str, settings: Settings) -> str | None:
    """The text again; None where it was sealed with another secret."""
    try:
        return _fernet(secret_of(settings)).decrypt(text.encode()).decode()
    except InvalidToken:
        return None


@cache
def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for(secret, "second-factor")))
