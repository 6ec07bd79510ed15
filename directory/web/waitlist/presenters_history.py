"""The history of somebody's places in words: who did what when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from directory.domain.waitlist.tiers import FEDERAL, FIRST_OWN, OTHERS
from directory.i18n import N_, a_date, a_number, gettext
from directory.services.waitlist.history import Step
from directory.web.waitlist import presenters_words as words

_ = gettext

STEPS = {
    "joined": N_("Joined the line"),
    "held": N_("Paused: %(reason)s"),
    "resumed": N_("The pause ended"),
    "closed": N_("The place ended: %(reason)s (%(side)s)"),
    "reinstated": N_("The place was given back, with %(clock)s"),
    "back-dated": N_("The request was dated back to %(when)s"),
    "no-capacity": N_("On the day of the request no program had room"),
    "level-named": N_("A level of care was written down"),
    "offered": N_("An opening was offered; %(considered)s people stood in the line"),
    "offer-accepted": N_("Said yes to an opening"),
    "offer-declined": N_("Said no to an opening; the place was kept"),
    "offer-rejected": N_("The agency did not take them; the place was kept"),
    "offer-expired": N_("Nobody answered the offer in time; the place was kept"),
    "offer-withdrawn": N_("The opening was gone; the place was kept"),
    "offer-admitted": N_("Was admitted"),
    "offer-no-show": N_("Did not come; the place was kept"),
    "offer-cancelled": N_("The opening did not come about; the place was kept"),
    "offer-agreed": N_("The agency says that it takes them"),
    "offer-acknowledged": N_("The agency saw the offer"),
    "tier-raised": N_("Came to a better group: %(tier)s"),
    "tier-lowered": N_("Came to another group: %(tier)s, on which two people agreed"),
    "moved": N_("The rules of the line changed, and with them the place"),
    "merged": N_("Was written down twice: both were put together"),
}
"""By the code of a step; the values are those of its details."""
JOINED_BY_CALL = N_("Joined the line; the moment at which they asked to be called counts")


def step_item(step: Step, zone: str, lines: Mapping[int, str]) -> tuple[str, str]:
    """What happened, and smaller in which line, when and by whom."""
    text = JOINED_BY_CALL if step.what == "joined" and "call" in step.details else STEPS.get(step.what)
    said = _(text) % _values(step, zone) if text else _("Something was changed")
    small = " · ".join((lines.get(step.entry, ""), words.moment(step.at, zone), words.someone(step.by)))
    return said, small


def _values(step: Step, zone: str) -> dict[str, str]:
    details = step.details
    reasons = words.CLOSINGS if step.what == "closed" else words.HOLDS
    kept = _("the old clock") if details.get("clock") == "kept" else _("a new clock")
    return {
        "reason": words.word(reasons, str(details.get("reason", ""))),
        "side": words.word(words.SIDES, str(details.get("attribution", ""))),
        "clock": kept,
        "when": _moment(str(details.get("requested_at", "")), zone),
        "considered": a_number(int(details.get("considered", 0) or 0)),
        "tier": _group(details.get("tier_after")),
    }


def _group(rank: object) -> str:
    """A group by its rank: one of the law by its name, one of a line's own rules by its place after those; "" for what is no rank."""
    if not isinstance(rank, int):
        return ""
    names = {tier.rank: words.tier_name(tier) for tier in FEDERAL} | {OTHERS: _("All others")}
    return names.get(rank) or _("%(n)s after the law") % {"n": a_number(rank - FIRST_OWN + 1)}


def _moment(text: str, zone: str) -> str:
    try:
        return words.moment(datetime.fromisoformat(text), zone) if "T" in text else a_date(date.fromisoformat(text))
    except ValueError:
        return text
