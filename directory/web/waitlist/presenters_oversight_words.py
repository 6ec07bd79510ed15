"""The words of the reports of oversight: what each is for, its tables, their columns and codes."""

from __future__ import annotations

from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.reports import ALL
from directory.i18n import N_

REPORTS = {
    "exceptions": (
        N_("Time limits that were passed"),
        N_(
            "People whom the law puts first, and what they were owed: interim services within 48 hours, a place within 14 or 120 days."
        ),
    ),
    "contact": (
        N_("People whom nobody has reached"),
        N_("Open places where the last sign is older than the line allows, as it is now."),
    ),
    "capacity": (
        N_("Notices at 90 percent"),
        N_("Programs that were nearly full, and whether the State was told within 7 days."),
    ),
    "demand": (
        N_("Demand"),
        N_("How many asked for a place, stood in line at the end, were admitted, or left otherwise."),
    ),
    "order": (
        N_("The order of offers"),
        N_("Offers to somebody whose turn it was not, and why those before were not offered an opening."),
    ),
    "times": (
        N_("How long it took"),
        N_("In days: half took so long at the most, and 9 in 10."),
    ),
    "disclosures": (
        N_("What was told about people"),
        N_("How often something was told about each person, and to how many agencies."),
    ),
    "load": (
        N_("Load of the lines"),
        N_(
            "The last 90 days. Above a load of 1 a line grows. A ratio over 2 is twice the size at which people wait 14 days."
        ),
    ),
    "estimate": (
        N_("Did the estimates come true?"),
        N_(
            "Of the people placed in the last 90 days, how many waited as long as they were told. It should be about 80 percent."
        ),
    ),
    "outcomes": (
        N_("What it achieves"),
        N_(
            "Of the people who waited: how many were reached, kept in contact, came to a group, arrived, and are still in contact. Each person counts once: who has several places counts where it is so of each of them."
        ),
    ),
}
"""By the code of a report: what it is called, and what it says."""
SHEETS = {
    "exceptions": N_("Each limit that was passed"),
    "contact": N_("Who"),
    "capacity": N_("Notices"),
    "demand-tier": N_("By group"),
    "demand-care": N_("By level of care"),
    "demand-line": N_("By line"),
    "removed": N_("Why people left a line"),
    "out-of-order": N_("Offers"),
    "passed-over": N_("Why somebody before was not offered it"),
    "times": N_("Days from one step to the next"),
    "times-line": N_("Days from one step to the next, by line"),
    "disclosures": N_("Who"),
    "load": N_("Lines"),
    "estimate": N_("Lines"),
    "outcomes": N_("All together"),
    "outcomes-tier": N_("By group"),
    "outcomes-line": N_("By line"),
}
COLUMNS = {
    "kind": N_("Limit"),
    "upi": N_("Number"),
    "line": N_("Line"),
    "tier": N_("Group"),
    "requested": N_("Asked"),
    "since": N_("Passed on"),
    "until": N_("Until"),
    "days-over": N_("Days over"),
    "missing": N_("What was missing for 120 days"),
    "status": N_("State"),
    "last-contact": N_("Last sign"),
    "allowed-days": N_("Days allowed"),
    "days-without": N_("Days without"),
    "agency": N_("Agency"),
    "program": N_("Program"),
    "level": N_("Level"),
    "share": N_("Percent"),
    "reached": N_("Reached"),
    "due": N_("Due"),
    "sent": N_("Sent"),
    "sent-to": N_("Sent to"),
    "state": N_("State"),
    "care": N_("Level of care"),
    "listed": N_("In line at the end"),
    "admitted": N_("Admitted"),
    "removed": N_("Left otherwise"),
    "reason": N_("Reason"),
    "number": N_("Number of times"),
    "step": N_("Step"),
    "median-days": N_("Half took at most"),
    "p90-days": N_("9 in 10 took at most"),
    "disclosures": N_("Times"),
    "agencies": N_("Agencies"),
    "last": N_("Last"),
    "waiting": N_("In line now"),
    "load": N_("Load"),
    "queue-ratio": N_("Ratio to its target size"),
    "placed": N_("Placed"),
    "left": N_("Left without a place"),
    "inside": N_("As told (percent)"),
    "inside-from": N_("At least"),
    "inside-to": N_("At most"),
    "early": N_("Sooner (percent)"),
    "late": N_("Later (percent)"),
    "measure": N_("What"),
    "people": N_("People"),
    "yes": N_("Of them"),
    "percent": N_("Percent"),
    ALL: N_("All"),
}
KINDS = {
    "interim": N_("48 hours without interim services"),
    "14-days": N_("14 days without a place"),
    "120-days": N_("120 days without a place"),
}
MISSING = {
    "no-capacity": N_("a check on the day of the request that nobody had room"),
    "interim": N_("interim services within 48 hours"),
}
STEPS = {
    "request-interim": N_("From the request to interim services"),
    "request-offer": N_("From the request to the first offer"),
    "offer-acknowledge": N_("From an offer until the agency saw it"),
    "offer-admit": N_("From an offer to the admission"),
    "request-placed": N_("From the request to a place"),
}
MEASURES = {
    "reached-48h": N_("Reached within 48 hours"),
    "weekly-contact": N_("In contact each week"),
    "lost-waiting": N_("Lost while they waited"),
    "lost-before-assessment": N_("Elsewhere: lost between the call and the assessment"),
    "lost-before-enrolment": N_("Elsewhere: of those left, lost before they enrolled"),
    "group-attended": N_("Came to a group"),
    "arrived": N_("Arrived after a yes"),
    "contact-7d": N_("In contact after 7 days"),
    "contact-30d": N_("In contact after 30 days"),
}
DEFINITIONS = {
    "reached-48h": N_(
        "Of the people who asked in this time: somebody spoke with them, or they gave a sign, within 48 hours. To be taken on for this request counts. Requests of the last 48 hours that nobody answered yet are left out."
    ),
    "weekly-contact": N_(
        "Of the people who waited for a week or longer within this time: there were never more than 8 days without a sign of them (7 days, and one of grace)."
    ),
    "lost-waiting": N_(
        "Of the people who asked in this time and whose wait has ended: they could not be found, wanted it no more, or refused. Not counted are places that were put together or written down in error."
    ),
    "lost-before-assessment": N_(
        "For comparison: of 1,822 people who called one agency, 45 percent were lost between the first call and the assessment."
    ),
    "lost-before-enrolment": N_(
        "Of those whom the same agency had assessed, 32 percent were lost before they enrolled."
    ),
    "group-attended": N_("Of the people who waited within this time: they came to a group at least once."),
    "arrived": N_("Of the people who said yes and whose day has come within this time: they arrived."),
    "contact-7d": N_(
        "Of the people who arrived and whose 7 days were over within this time: somebody asked and reached them, wherever they were. Whoever wants no more calls is not counted as in contact, and who is still to be asked is left out."
    ),
    "contact-30d": N_(
        "Of the people who arrived and whose 30 days were over within this time: somebody asked and reached them, wherever they were. Whoever wants no more calls is not counted as in contact, and who is still to be asked is left out."
    ),
    "request-placed": N_(
        "Of the waits that ended with a place within this time: the days from the request until the person came. Shown is within how many days half of them came, and 9 in 10."
    ),
}
"""By the code of a measure, or of a step: what exactly it counts."""
STATES = {
    "waiting": N_("Waits"),
    "on-hold": N_("On hold"),
    "offered": N_("Has an offer"),
    "due": N_("Due"),
    "overdue": N_("Overdue"),
    "sent": N_("Sent"),
    "steady": N_("Holds"),
    "growing": N_("Grows"),
    "special-measures": N_("Too long to come back by itself"),
    "few": N_("Too few to say"),
    "sound": N_("As it should be"),
    "too-low": N_("Too many were told something else"),
}
TIERS = {
    Tier.PREGNANT_INJECTING: N_("Pregnant, and injects drugs"),
    Tier.PREGNANT: N_("Pregnant"),
    Tier.INJECTING: N_("Injects drugs"),
    Tier.OTHERS: N_("All others"),
}
OPEN_ENDS = {"until": N_("still"), "sent": N_("not yet"), "other": N_("not known")}
"""What stands in a cell without a value, by its column."""
NAMES = frozenset({"upi", "line", "agency", "program", "level", "sent-to"})
"""Columns whose cells are names: they are shown as they are."""
