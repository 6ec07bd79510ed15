"""By what somebody is found again: keyed hashes of the words of their name, their numbers and addresses, and of name with birth date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from directory.domain.sign_in import fold_email
from directory.domain.waitlist.names import name_born, name_words, phone_digits
from directory.domain.waitlist.routes import BY_PHONE
from directory.domain.waitlist.routes import EMAIL as BY_EMAIL
from directory.services.sealing import EMAIL, NAME, NAME_BORN, PHONE, found_by, opened
from directory.services.waitlist.pairs import pairs_find
from directory.settings import Settings
from directory.storage.waitlist import clients, routes

Key = tuple[str, str]
"""A kind and a hash."""


def name_keys(text: str, settings: Settings) -> list[Key]:
    """One for each word of a name, however it is written."""
    return [(NAME, found_by(NAME, word, settings)) for word in name_words(text)]


def phone_key(text: str, settings: Settings) -> Key | None:
    """That of a telephone number; None for what is none."""
    digits = phone_digits(text)
    return (PHONE, found_by(PHONE, digits, settings)) if digits else None


def email_key(text: str, settings: Settings) -> Key | None:
    """That of an e-mail address; None for what is none."""
    folded = fold_email(text)
    return (EMAIL, found_by(EMAIL, folded, settings)) if "@" in folded else None


def client_keys(known: Mapping[str, Any], ways: Iterable[tuple[str, str]], settings: Settings) -> set[Key]:
    """All the keys of somebody of whom this is `known` (as it lies sealed) and who can be reached at these pairs of channel and address."""
    name, called, born = (str(known.get(each) or "") for each in ("name", "called", "born"))
    found: set[Key | None] = {*name_keys(f"{name} {called}", settings)}
    if born and (text := name_born(name or called, date.fromisoformat(born))):
        found.add((NAME_BORN, found_by(NAME_BORN, text, settings)))
    for channel, to in ways:
        if channel in BY_PHONE:
            found.add(phone_key(to, settings))
        elif channel == BY_EMAIL:
            found.add(email_key(to, settings))
    return {each for each in found if each is not None}


async def found_by_write(*, client: int, now: datetime, settings: Settings) -> None:
    """Has a client found by what is known of them now, and looks whom they may be the same as. Needs the transaction that has changed it."""
    row = await clients.by_id(client)
    known = opened(row.sealed, settings) if row else {}
    ways = [
        (each.channel, str(opened(each.sealed, settings).get("to") or "")) for each in await routes.of_client(client)
    ]
    await clients.keys_replace(client, client_keys(known, ways, settings))
    await pairs_find(client=client, now=now)
