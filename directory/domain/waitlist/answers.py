"""What an agency can answer to an offer of its opening, as codes: why it does not take somebody, and why an opening is gone."""

from __future__ import annotations

from collections.abc import Iterable

from directory.domain.waitlist.ranking import Restriction

FULL = "full-after-all"
NOT_ELIGIBLE = "not-eligible-"
"""With the rule of the opening that does not fit after all."""
CANNOT_MEET = ("cannot-meet-medical", "cannot-meet-mental", "cannot-meet-access", "cannot-meet-safety")
OTHER = "other"
GONE = (FULL, "staff", "closed-for-now", "mistake")
"""Why an opening is gone."""
CLIENT_CANCELLED = "client-told-agency"
"""Why what was accepted does not come about: the person has told the agency so."""


def refusals(restrictions: Iterable[Restriction]) -> tuple[str, ...]:
    """The reasons for which an agency may not take somebody: of its rules those alone that the opening has."""
    rules = [f"{NOT_ELIGIBLE}{each.rule}" for each in restrictions]
    return (FULL, *rules, *CANNOT_MEET, OTHER)


def takes_opening(reason: str) -> bool:
    """Whether a refusal is about the opening and not about the person, so that it is offered to nobody else."""
    return reason == FULL
