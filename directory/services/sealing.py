"""What tells who somebody is, as it may be stored: sealed, and found again by keyed hashes alone.

Whoever has the database without DIRECTORY_SECRET reads none of it (WAITLIST 4.4). Its keys are not those of signing in.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from directory.domain.tokens import key_for, keyed_hash
from directory.services.credentials import secret_of
from directory.settings import Settings

NAME, PHONE, EMAIL, NAME_BORN, WAY = "name", "phone", "email", "name-born", "way"
"""Kinds of what somebody is found by: a word of the name, a number, an address, and the whole name with the birth date. By the last nobody
is found: it says which numbers and addresses an agency was told."""


def seal(values: Mapping[str, Any], settings: Settings) -> str:
    """These values as they may be stored. They are what JSON knows."""
    text = json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"))
    return _fernet(secret_of(settings)).encrypt(text.encode()).decode()


def opened(text: str | None, settings: Settings) -> dict[str, Any]:
    """The values again; empty for what was cleared, or sealed with a secret that is gone."""
    if not text:
        return {}
    try:
        found: dict[str, Any] = json.loads(_fernet(secret_of(settings)).decrypt(text.encode()))
    except InvalidToken:
        return {}
    return found


def found_by(kind: str, text: str, settings: Settings) -> str:
    """The hash by which somebody is found. `text` has been folded: what is the same must be written the same."""
    return keyed_hash(key_for(secret_of(settings), f"client-{kind}"), text)


@cache
def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for(secret, "client")))
