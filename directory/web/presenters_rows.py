"""Rows of a file in words: what a new one says of itself, and why one is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from directory import labels
from directory.domain.listings import Visibility
from directory.i18n import N_, gettext
from directory.web.presenters_edit import value_lines

_ = gettext

REASONS = (
    (r"same key as (?:line|element) (?P<line>\d+)", N_("It is the same one as in line %(line)s. That one counts.")),
    (r"no name|no facility_name|no name1", N_("It has no name.")),
    (r"no kind for", N_("The map does not say what kind of place this is.")),
    (r"no key|no license_number", N_("What tells this row from the others is missing or cannot be used.")),
    (r"no weekday and time", N_("Its day or its time is missing or cannot be read.")),
    (r"no address and not online", N_("It has no address and is not online.")),
    (r"no address", N_("It has no address.")),
    (r"no service code", N_("It names no service that we know.")),
    (r"no ", N_("Something that each row must have is missing.")),
    (r"unreadable ZIP", N_("Its ZIP code cannot be read.")),
    (r"unknown directory type", N_("It is of a kind that we do not know.")),
    (r"removed, it says|left out by the map", N_("It is not meant to be shown: the map of columns leaves it out.")),
    (r"\d+ columns instead of", N_("It has more or fewer columns than the first row.")),
    (r"not an object", N_("It is not built as a record of this kind of file.")),
    (r".* longer than \d+ characters", N_("Something in it is too long.")),
)
"""How the reason begins for which a row is left out (those of `formats`, in English), and what is said of it."""
OTHER = N_("It cannot be read.")


def reason_words(reason: str) -> str:
    """Why a row is left out."""
    for pattern, words in REASONS:
        if found := re.match(pattern, reason):
            return _(words) % found.groupdict() if found.groupdict() else _(words)
    return _(OTHER)


def new_lines(draft: Mapping[str, Any]) -> tuple[str, ...]:
    """What a listing that is to be added says of itself: its kind, its address, its phone numbers. `draft` are its plain values.

    Of an address that is not for everybody nothing but the town.
    """
    phones = value_lines("phones", draft["phones"]) if draft.get("phones") else ()
    kind = _(labels.KIND_OF_ONE.get(draft["kind"], draft["kind"]))
    return tuple(line for line in (kind, _address(draft["address"]), *phones) if line)


def _address(address: Mapping[str, Any]) -> str:
    is_whole = address["visibility"] == Visibility.FULL
    names = ("name", "street", "street_2", "city") if is_whole else ("city",)
    state = [address["state"], address["postal_code"] if is_whole else None]
    return ", ".join(filter(None, [*(address[name] for name in names), " ".join(filter(None, state))]))
