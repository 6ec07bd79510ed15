"""What is due for somebody who waits, in words: each reason with its moment, and the one next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from directory.domain.waitlist.board import COORDINATOR, OWN_LIMIT, SECOND_WAY, TEXT_CAME, Line, Why
from directory.domain.waitlist.clocks import Limit
from directory.i18n import N_, a_list, a_number, gettext, language, ngettext
from directory.web.presenters import Link
from directory.web.wording import clock_words, date_words, zone_words

_ = gettext

GROUPS = {
    Why.CRISIS: N_("See today that they are safe"),
    Why.TEXT_NOW: N_("A text to read now"),
    Why.TAKING_ON: N_("Taking on is not finished"),
    Why.PREGNANT: N_("Pregnant: an opening is due at once"),
    Why.INTERIM: N_("Services for the wait are not offered yet"),
    Why.ADMIT_BY: N_("To be admitted soon"),
    Why.OFFER: N_("An offer waits for an answer"),
    Why.TO_ARRIVE: N_("Said yes, and will arrive"),
    Why.ARRIVAL: N_("Did they arrive?"),
    Why.CALL_ME: N_("Asked to be called"),
    Why.PUT_RIGHT: N_("Something to put right"),
    Why.OVER: N_("Says they wait no more"),
    Why.FOLLOW_UP: N_("Arrived: ask how it goes"),
    Why.CHECK_IN: N_("Check-in"),
    Why.CONTACT: N_("Time to get in touch"),
    Why.HOLD: N_("A pause to look at again"),
    Why.TALK: N_("Time for a talk"),
    Why.ASK_AGAIN: N_("Facts to ask again"),
    Why.CONSENT: N_("Consent"),
    Why.ADMIT_LATER: N_("To be admitted later"),
}
ACTIONS = {
    Why.CRISIS: (N_("What to do now"), "/clients/{upi}/check-ins/{check_in}/now"),
    Why.TEXT_NOW: (N_("Read it"), "/clients/{upi}/check-ins"),
    Why.TAKING_ON: (N_("Go on"), "/clients/{upi}/lines"),
    Why.PREGNANT: (N_("Look for an opening"), "/slots"),
    Why.INTERIM: (N_("Offer these services"), "/clients/{upi}/interim"),
    Why.ADMIT_BY: (N_("Look for an opening"), "/slots"),
    Why.OFFER: (N_("Call about the offer"), "/offers/{offer}"),
    Why.TO_ARRIVE: (N_("Get things ready"), "/clients/{upi}/handoff"),
    Why.ARRIVAL: (N_("Ask whether they came"), "/offers/{offer}"),
    Why.CALL_ME: (N_("Call, and note it"), "/clients/{upi}/contact"),
    Why.PUT_RIGHT: (N_("See what was wrong"), "/clients/{upi}#right"),
    Why.OVER: (N_("Look at their places"), "/clients/{upi}#places"),
    Why.FOLLOW_UP: (N_("Ask, and note it"), "/clients/{upi}/handoff/follow-ups/{follow_up}"),
    Why.CHECK_IN: (N_("Check in"), "/clients/{upi}/check-ins"),
    Why.CONTACT: (N_("Call, and note it"), "/clients/{upi}/contact"),
    Why.HOLD: (N_("Go on, or pause again"), "/clients/{upi}/places/{entry}"),
    Why.TALK: (N_("Talk, and note it"), "/clients/{upi}/contact"),
    Why.ASK_AGAIN: (N_("Ask again"), "/clients/{upi}/facts"),
    Why.CONSENT: (N_("Talk about consent"), "/clients/{upi}/consent"),
    Why.ADMIT_LATER: (N_("Open the page"), "/clients/{upi}"),
}
"""By reason: what its one button says and where it leads."""
FACTS = {
    "pregnant": N_("pregnant"),
    "injecting-30d": N_("injected in the last 30 days"),
    "overdose-risk": N_("risk of an overdose"),
    "child-protection": N_("sent by child protection"),
    "dependents": N_("children to look after"),
    "medication": N_("medication"),
    "payer": N_("insurance"),
}
MISSING = {
    "no-capacity": N_("nobody checked on the day of the request that no program had room"),
    "interim": N_("nothing says that services for the wait were offered within 48 hours"),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One reason in words. `sort` is its code, `is_late` where its time is over; that stands in the words too."""

    sort: str
    title: str
    text: str
    is_late: bool
    button: Link


def line_view(line: Line, upi: str, zone: str, now: datetime) -> LineView:
    """One reason with its moment and its next step."""
    text, address = ACTIONS[line.why]
    offer = line.place.offer.id if line.place and line.place.offer else 0
    if line.why in (Why.OFFER, Why.ARRIVAL) and not offer:
        address = "/clients/{upi}"
    entry, follow_up = line.place.entry if line.place else "", line.codes[-1] if line.codes else ""
    button = Link(_(text), address.format(upi=upi, offer=offer, entry=entry, follow_up=follow_up, check_in=follow_up))
    return LineView(line.why.value, _(GROUPS[line.why]), words_of(line, zone, now), line.is_late, button)


def words_of(line: Line, zone: str, now: datetime) -> str:
    """Why somebody is on the board. A moment is told in the zone of the line that it is about, else in that of the person."""
    when = _when(line, line.place.zone if line.place else zone, now)
    match line.why:
        case Why.INTERIM:
            return _interim_words(line, now, when)
        case Why.ADMIT_BY | Why.ADMIT_LATER:
            return _admit_words(line, when)
        case Why.ASK_AGAIN:
            told = a_list([_(FACTS[code]) if code in FACTS else code for code in line.codes])
            return _("Told long ago, so ask how it is today: %(facts)s. Their place stays as it is.") % {"facts": told}
        case Why.CONSENT:
            return _consent_words(line, when)
        case Why.CHECK_IN:
            return _(CHECK_INS[line.codes, line.is_late]) % {"when": when}
        case Why.CONTACT:
            return _contact_words(line, when)
        case Why.TALK:
            number = int(line.codes[0])
            told = ngettext(
                "Said no to %(n)s offer, the last on %(when)s. Ask what would help.",
                "Said no to %(n)s offers, the last on %(when)s. Ask what would help.",
                number,
            )
            return told % {"n": a_number(number), "when": when}
        case Why.OFFER if not line.is_late:
            told = _("The offer holds until %(when)s (%(zone)s).")
            return told % {"when": when, "zone": zone_words(line.place.zone if line.place else zone, now)}
        case Why.TO_ARRIVE | Why.ARRIVAL:
            return _arrival_words(line, zone, now, when)
    return _(SENTENCES[line.why, line.is_late]) % {"when": when}


CHECK_INS = {
    ((TEXT_CAME,), False): N_("They wrote a text on %(when)s. Read it."),
    ((TEXT_CAME,), True): N_("They wrote a text on %(when)s, more than a day ago. Read it."),
    ((), False): N_("Ask how they are: it is due on %(when)s."),
    ((), True): N_("They were to be asked on %(when)s how they are."),
    ((SECOND_WAY,), True): N_("They were to be asked on %(when)s how they are. Try another way to reach them."),
    ((COORDINATOR,), True): N_("They were to be asked on %(when)s how they are. A coordinator looks for a way too."),
}
"""By the codes of a line about a check-in, and whether its time is over."""
SENTENCES = {
    (Why.CRISIS, False): N_("What they said on %(when)s worries us, and nobody has seen to it yet."),
    (Why.CRISIS, True): N_("What they said on %(when)s worries us, and nobody has seen to it since."),
    (Why.TEXT_NOW, False): N_("They wrote a text on %(when)s. Read it before all else, and call them."),
    (Why.TEXT_NOW, True): N_("They wrote a text on %(when)s, and nobody has read it yet. Read it now, and call them."),
    (Why.TAKING_ON, False): N_("Begun on %(when)s, and in no line yet."),
    (Why.TAKING_ON, True): N_("Begun on %(when)s, and in no line yet. More than 48 hours have passed."),
    (Why.PREGNANT, False): N_("Asked on %(when)s. Goes before others. If no program has room, call the State today."),
    (Why.PREGNANT, True): N_(
        "Asked on %(when)s, more than 48 hours ago. Goes before others. If no program has room, call the State today."
    ),
    (Why.OFFER, True): N_("The offer ended on %(when)s. The place in line is kept."),
    (Why.CALL_ME, False): N_("Asked on %(when)s to be called."),
    (Why.CALL_ME, True): N_("Asked on %(when)s to be called, more than a day ago."),
    (Why.PUT_RIGHT, False): N_("They were right to appeal, as was said on %(when)s."),
    (Why.PUT_RIGHT, True): N_("They were right to appeal, as was said on %(when)s, and nothing has come of it yet."),
    (Why.OVER, False): N_("On %(when)s they said that they wait no more. Look at their places with them."),
    (Why.OVER, True): N_(
        "On %(when)s they said that they wait no more, and their places still stand. Look at them together."
    ),
    (Why.FOLLOW_UP, False): N_("They have arrived. Ask by %(when)s how it goes."),
    (Why.FOLLOW_UP, True): N_("They have arrived, and were to be asked by %(when)s how it goes."),
    (Why.HOLD, False): N_("The pause is to be looked at today."),
    (Why.HOLD, True): N_("The pause was to be looked at on %(when)s."),
}


def _arrival_words(line: Line, zone: str, now: datetime, when: str) -> str:
    """A place without a day is free now, and whether somebody came is asked a day later; the day of the yes is told then."""
    if line.why is Why.TO_ARRIVE and line.on is not None:
        return _("Said yes. The place is free from %(when)s.") % {"when": when}
    if line.why is Why.TO_ARRIVE:
        return _("Said yes. The place is free now; we ask on %(when)s whether they came.") % {"when": when}
    offer = line.place.offer if line.place else None
    if line.place and offer and offer.accepted_at:
        when = _moment(offer.accepted_at, line.place.zone, now)
    if line.is_late:
        return _("Said yes on %(when)s, and nobody has said whether they came.") % {"when": when}
    return _("Said yes on %(when)s. Ask whether they came.") % {"when": when}


def _interim_words(line: Line, now: datetime, when: str) -> str:
    if line.is_late or line.at is None:
        return _("They were due by %(when)s, 48 hours after the request. Offer them now.") % {"when": when}
    hours = max(int((line.at - now).total_seconds() // 3600), 0)
    told = ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": a_number(hours)}
    return _("Due by %(when)s, 48 hours after the request: %(left)s.") % {"when": when, "left": told}


def _admit_words(line: Line, when: str) -> str:
    limit, *missing = line.codes
    if limit == OWN_LIMIT:
        text = N_("Was to be admitted by %(when)s.") if line.is_late else N_("By %(when)s.")
        hours = a_number(int(line.codes[1]))
        asked = _("The rules of this line say %(n)s hours after the request.") % {"n": hours}
        return f"{_(text) % {'when': when}} {asked}"
    days = 120 if limit == Limit.DAYS_120 else 14
    text = N_("Was to be admitted by %(when)s: %(days)s days.") if line.is_late else N_("By %(when)s: %(days)s days.")
    found = _(text) % {"when": when, "days": a_number(days)}
    return f"{found} {_deciding_words(language(), tuple(missing))}"


@lru_cache(maxsize=32)
def _deciding_words(_language: str, missing: tuple[str, ...]) -> str:
    """Which facts decide between 14 and 120 days."""
    if not missing:
        return _("No program had room on the day of the request, and services were offered in time.")
    return _("It is not 120, since %(reasons)s.") % {"reasons": a_list([_(MISSING[code]) for code in missing])}


def _contact_words(line: Line, when: str) -> str:
    if "not-come" in line.codes:
        return _("They were expected and did not come (noted on %(when)s). Call, no blame: was there no ride?") % {
            "when": when
        }
    if "missed" in line.codes:
        return _("An offer ended on %(when)s without a word from them. Ask how they are.") % {"when": when}
    found = _("They were to hear from you by %(when)s.") % {"when": when}
    tried = _("Somebody has tried since.")
    return f"{found} {tried}" if "tried" in line.codes else found


def _consent_words(line: Line, when: str) -> str:
    if "none" in line.codes:
        return _("There is none, so no opening can be offered yet. Their place in line does not depend on it.")
    if "ended" in line.codes:
        return _("It ended on %(when)s. Until there is a new one, no opening can be offered.") % {"when": when}
    return _("It ends on %(when)s.") % {"when": when}


def _when(line: Line, zone: str, now: datetime) -> str:
    if line.on is not None:
        return date_words(line.on, now.astimezone(ZoneInfo(zone)).date())
    if line.at is None:
        return ""
    return _moment(line.at, zone, now)


def _moment(at: datetime, zone: str, now: datetime) -> str:
    """Always with its day, as the words around it say "on" or "until"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{date_words(local.date(), now.astimezone(local.tzinfo).date())}, {clock_words(local)}"
