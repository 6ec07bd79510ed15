"""What an agency gets to know of somebody who is offered its opening, and for how long: little before they have said yes, and then what
they agreed to (42 CFR 2.13(a), 2.31, 2.32; WAITLIST 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.states import Offer

CONSENT, EMERGENCY = "consent", "emergency"
"""On what something was told: the client's consent (2.31), or a medical emergency without one (2.51)."""
LOOK_BACK_YEARS = 3
"""So far back somebody may ask to whom something was told about them (2.24, 2.25); it is answered at once, where the law gives 30 days."""
SHOWN_AFTER = timedelta(days=7)
"""How long an agency can still look at what it was told once the offer has ended."""
EMERGENCY_NEEDS = ("to", "facility", "who", "nature")
"""What has to be written down at once about an emergency, beside the moment: to whom and where, who told it, and what the emergency was."""
AGE_BANDS = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, None))
"""Ages as an agency sees them, in years from and to."""


def age_band(age: int) -> tuple[int, int | None]:
    """The band that an age in whole years lies in; None is without an end."""
    return next(band for band in AGE_BANDS if band[1] is None or age <= band[1])


def asked_facts(facts: Mapping[str, str], restrictions: Iterable[Restriction]) -> dict[str, str]:
    """Of what is known of somebody, by code, what an opening asks for, and no more (2.13(a)): not the age, of which the band is enough, and
    nothing of what it takes anyway ("yes")."""
    asked = [each.rule for each in restrictions if each.rule != "age" and each.allowed != ("yes",)]
    return {rule: facts[rule] for rule in asked if rule in facts}


def may_tell(status: Offer) -> bool:
    """Whether something new may be told with an offer: between the client's yes and the end of the offer alone."""
    return status is Offer.ACCEPTED


def may_still_see(status: Offer, ended_at: datetime | None, now: datetime) -> bool:
    """Whether what was told with an offer may be looked at: while it is accepted and for 7 days after it has ended."""
    return may_tell(status) or (ended_at is not None and now < ended_at + SHOWN_AFTER)


def years_before(moment: datetime, years: int) -> datetime:
    """The same moment so many years earlier; of 29 February the day before."""
    day = moment.day - 1 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year - years, day=day)
