"""The words for the codes of the waitlist, as the people of a peer agency read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from directory import labels
from directory.domain.waitlist.consents import Scope
from directory.domain.waitlist.facts import BIRTH_MONTH
from directory.domain.waitlist.states import Offer
from directory.domain.waitlist.tiers import PriorityTier
from directory.i18n import N_, a_date, a_language, a_list, a_time, gettext, language

_ = gettext

FACTS = {
    "pregnant": N_("Pregnant"),
    "injecting-30d": N_("Injected in the last 30 days"),
    "overdose-risk": N_("Risk of an overdose"),
    "child-protection": N_("Sent by child protection"),
    "dependents": N_("Children to look after"),
    "veteran": N_("Veteran"),
    "medication": N_("Takes methadone or buprenorphine"),
    "wheelchair": N_("Uses a wheelchair"),
    "children": N_("Children who come too"),
    "sex": N_("Woman or man"),
    "birth-month": N_("Birth month"),
    "age": N_("Age"),
    "payer": N_("Ways to pay"),
    "language": N_("Languages"),
    "level": N_("Care wanted"),
}
VALUES = {
    "yes": N_("yes"),
    "no": N_("no"),
    "female": N_("woman"),
    "male": N_("man"),
    "other": N_("neither, or both"),
}
SOURCES = {
    "client": N_("told by themselves"),
    "clinician": N_("told by a clinician"),
    "document": N_("seen on paper"),
}
TIERS = {
    "pregnant-injecting": N_("Pregnant, and injected in the last 30 days"),
    "pregnant": N_("Pregnant"),
    "injecting": N_("Injected in the last 30 days"),
    "overdose-risk": N_("High risk of an overdose"),
    "child-protection": N_("Sent by child protection"),
    "dependents": N_("Has children to look after"),
    "veteran": N_("Veteran"),
}
"""By the codes that the law and the overlays use; what people add themselves has the name that they gave it."""
HOLDS = {
    "client-asked": N_("They asked for it"),
    "hospital": N_("In hospital"),
    "custody": N_("In custody"),
    "disability": N_("Too ill for now"),
    "other-program": N_("In another program for now"),
    "paperwork": N_("Papers are missing"),
}
CLOSINGS = {
    "admitted-elsewhere": N_("Found a place elsewhere"),
    "withdrew": N_("Does not want a place any more"),
    "refused": N_("Does not want any care"),
    "cannot-locate": N_("Could not be found"),
    "ineligible": N_("This line is not for them"),
    "deceased": N_("Has died"),
    "moved-away": N_("Moved away"),
    "merged": N_("Was written down twice"),
    "in-error": N_("Was put in by mistake"),
}
SIDES = {
    "client": N_("their own choice"),
    "process": N_("our doing"),
    "program": N_("the program’s doing"),
    "nobody": N_("nobody’s doing"),
}
OUTCOMES = {
    "reached": N_("Talked to them"),
    "no-answer": N_("No answer"),
    "word-left": N_("Left word"),
    "came": N_("They came or called"),
    "wrong-number": N_("Wrong number or address"),
    "bounced": N_("The message came back"),
    "stopped": N_("They said stop to messages"),
    "still-waiting": N_("Said on their own page that they still wait"),
    "call-me": N_("Asked on their own page to be called"),
}
ITEMS = {
    "hiv-tb-education": N_("Talk and papers about HIV and TB"),
    "needle-risks": N_("The risks of sharing needles"),
    "transmission-risks": N_("How HIV and TB pass to partners and babies"),
    "prevention-steps": N_("How to keep HIV and TB from passing on"),
    "hiv-tb-referral": N_("Where to go for HIV or TB care, if needed"),
    "effects-on-fetus": N_("What alcohol and drugs do to an unborn baby"),
    "prenatal-referral": N_("Where to go for care in pregnancy"),
    "naloxone": N_("Naloxone"),
    "syringe-services": N_("Syringe services"),
    "988": N_("The number 988"),
    "medication-bridge": N_("Medication until a place opens"),
}
ITEM_STATES = {
    "offered": N_("Offered"),
    "accepted": N_("Offered, said yes"),
    "declined": N_("Offered, said no"),
}
OFFERS = {
    Offer.PENDING: N_("Waits for an answer"),
    Offer.ACCEPTED: N_("They said yes"),
    Offer.DECLINED: N_("They said no"),
    Offer.REJECTED: N_("The agency did not take them"),
    Offer.EXPIRED: N_("Nobody answered in time"),
    Offer.WITHDRAWN: N_("The opening was gone"),
    Offer.ADMITTED: N_("They were admitted"),
    Offer.NO_SHOW: N_("They did not come"),
    Offer.CANCELLED: N_("It did not come about"),
}
SCOPES = {
    Scope.NAME: N_("who they are"),
    Scope.CONTACT: N_("how to reach them"),
    Scope.ELIGIBILITY: N_("what an opening asks for"),
    Scope.PRIORITY: N_("what the law puts first"),
    Scope.CARE: N_("which care was recommended"),
    Scope.HAND_OFF: N_("what helps when they arrive"),
}
ABOUT = {
    "closed": N_("My place in line was ended"),
    "out-of-order": N_("Somebody else went before me"),
    "not-offered": N_("An opening was not offered to me"),
    "tier": N_("I am in the wrong group"),
}
APPEALS = {
    "open": N_("Waits for an answer"),
    "upheld": N_("The decision stays"),
    "overturned": N_("They are right: to be put right"),
    "put-right": N_("They are right: put right"),
    "withdrawn": N_("Taken back"),
}
LACKS = {
    "attempts": N_("3 tries since they last answered"),
    "routes": N_("tries by 2 different ways"),
    "days": N_("tries over 7 days or more"),
    "recent": N_("a try in the last 3 days"),
    "hold": N_("they are in hospital, in custody or too ill: that is no silence"),
    "notices": N_("word left by every way that is safe"),
}


def word(table: Mapping[str, str], code: str) -> str:
    """What a code is called; the code itself where this version of the program knows no name for it."""
    return _(table[code]) if code in table else code


def fact_name(code: str) -> str:
    """What a fact is called."""
    return word(FACTS, code)


def fact_value(code: str, value: str) -> str:
    """The value of a fact in words."""
    if code == "payer":
        return a_list([labels.label("pay", each) for each in value.split(",")])
    if code == "level":
        return a_list([labels.label("care", each) for each in value.split(",")])
    if code == "language":
        return a_list([a_language(each) for each in value.split(",")])
    if code == BIRTH_MONTH:
        return month_words(value)
    return word(VALUES, value)


def month_words(value: str) -> str:
    """Such as "April 1990" for 1990-04; what is no month stays as it is."""
    try:
        return format_date(date.fromisoformat(f"{value}-01"), "LLLL yyyy", locale=language())
    except ValueError:
        return value


def tier_name(tier: PriorityTier) -> str:
    """What a tier is called."""
    return _(TIERS[tier.code]) if tier.code in TIERS else tier.label


def moment(at: datetime, zone: str) -> str:
    """A moment with its year, on the clock of a zone: such pages look back for years."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{a_date(local.date())}, {a_time(local)}"


def scope_words(scope: Sequence[Scope]) -> str:
    """What was told, or may be, in words."""
    return a_list([_(SCOPES[each]) for each in Scope if each in scope])


def someone(label: str) -> str:
    """Who did something whose name the reader does not know: the client, the site itself, or a colleague by number."""
    told = {"client": _("themselves"), "schedule": _("the site"), "system": _("the site")}
    return told.get(label, label)
