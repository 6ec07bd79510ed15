"""What a person must have agreed to before anything about them is told to an agency: 42 CFR Part 2, in its elements.

Nothing here is legal advice. The sentences that people read are an operator's to replace; this module knows codes alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a consent is for. Proceedings are never combined with it (2.31(d)) and are not offered at all."""

    PLACEMENT = "placement"
    TREATMENT_PAYMENT_OPERATIONS = "tpo"


class Scope(StrEnum):
    """What may be told, each by itself, so that no more is told than the purpose needs (2.13(a), 2.31(a)(3)). The last is what the
    team that receives them is told on one page: their number, language, own words, medication and belongings, who comes along, when they are
    expected, and the name of their peer."""

    NAME = "name"
    CONTACT = "contact"
    ELIGIBILITY = "eligibility"
    PRIORITY = "priority"
    CARE = "care-wanted"
    HAND_OFF = "hand-off"


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent, on screen or on paper. `agencies` are the recipients by id; `expires_on` the last local day, None with `expires_when`.

    `discloser` names who may tell (2.31(a)(2)); `signed_on` the day of the signature; `revoked_at` is aware.
    """

    client: str
    discloser: str
    scope: frozenset[Scope]
    agencies: frozenset[int]
    purpose: Purpose | None
    signed_by: str
    signed_on: date | None
    expires_on: date | None = None
    expires_when: str = ""
    may_revoke_told: bool = False
    consequences_told: bool = False
    redisclosure_told: bool = False
    revoked_at: datetime | None = None


def lacks(consent: Consent) -> tuple[str, ...]:
    """The elements of 2.31(a) that are not there, as codes: a consent that is deficient on its face lets nothing be told (2.31(c))."""
    wanted = {
        "client": bool(consent.client.strip()),
        "discloser": bool(consent.discloser.strip()),
        "scope": bool(consent.scope),
        "agencies": bool(consent.agencies),
        "purpose": consent.purpose is not None,
        "right-to-revoke": consent.may_revoke_told,
        "expiry": bool(consent.expires_on or consent.expires_when.strip()) or _may_last(consent),
        "signature": bool(consent.signed_by.strip()),
        "date": consent.signed_on is not None,
        "redisclosure": consent.redisclosure_told or not _is_tpo(consent),
        "consequences": consent.consequences_told or not _is_tpo(consent),
    }
    return tuple(code for code, is_there in wanted.items() if not is_there)


def _is_tpo(consent: Consent) -> bool:
    return consent.purpose is Purpose.TREATMENT_PAYMENT_OPERATIONS


def _may_last(consent: Consent) -> bool:
    """ "None" will do as an expiry for treatment, payment and operations (2.31(a)(7))."""
    return _is_tpo(consent)


def is_valid(consent: Consent, *, today: date, now: datetime) -> bool:
    """Whether something may be told on it today: whole, not revoked, not expired. `today` is the local day."""
    if lacks(consent) or (consent.revoked_at is not None and consent.revoked_at <= now):
        return False
    is_signed = consent.signed_on is not None and consent.signed_on <= today
    return is_signed and (consent.expires_on is None or today <= consent.expires_on)


def allows(consents: Iterable[Consent], agency: int, *, today: date, now: datetime) -> frozenset[Scope]:
    """What may be told to this agency today: the scopes of all valid consents that name it."""
    valid = [each.scope for each in consents if agency in each.agencies and is_valid(each, today=today, now=now)]
    return frozenset().union(*valid)
