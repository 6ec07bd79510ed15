"""The bridge's codes in words, by what they are codes of. Marked for the catalogue; whoever shows one translates it."""

from __future__ import annotations

from directory.i18n import N_

FEELINGS = {
    1: N_("very bad"),
    2: N_("bad"),
    3: N_("so-so"),
    4: N_("good"),
    5: N_("very good"),
}
"""How somebody says that they are (domain/bridge/check_ins.py)."""
WAITING = {
    "yes": N_("still waiting"),
    "no": N_("not waiting any more"),
    "unsure": N_("not sure about waiting"),
}
SAFETY = {
    "suicide": N_("Thoughts of suicide"),
    "overdose": N_("An overdose, or fear of one"),
    "violence": N_("Violence"),
}
ASKED_BY = {
    "call": N_("by a call"),
    "text": N_("by text"),
    "visit": N_("by a visit"),
    "status": N_("on their own page"),
}
"""By which way somebody is asked how they are."""
BARRIERS = {
    "housing": N_("A place to live"),
    "food": N_("Food"),
    "unemployment": N_("No work"),
    "money": N_("Money"),
    "court": N_("Court"),
    "custody": N_("Custody of children"),
    "childcare": N_("Nobody to look after the children"),
    "transport": N_("Getting from place to place"),
    "documents": N_("ID and papers"),
    "phone": N_("No phone of their own"),
    "health": N_("Health"),
    "language": N_("Language"),
}
"""What can stand in somebody's way (domain/bridge/plans.py)."""
PARTS = {
    "bad-night": N_("what to do on a bad night"),
    "people": N_("people who help, and how to reach them"),
    "next-check-in": N_("when they are asked next how they are"),
}
"""What somebody may read with their code, as parts of a sentence."""
TAPS = {
    "offered": N_("Offered"),
    "accepted": N_("Said yes"),
    "declined": N_("No, thanks"),
}
"""What came of a service for the wait, as short as a button."""
STEPS = {
    "told-what": N_("They know what it is"),
    "told-where": N_("They know where it is"),
    "told-when": N_("They know when to be there"),
    "transport": N_("How they get there"),
    "belongings": N_("What to bring, and what stays where"),
    "medication": N_("Their medication"),
    "papers": N_("ID and papers"),
    "insurance": N_("Insurance"),
    "three-way-call": N_("A call of the three: they, you, and the team there"),
    "who-goes": N_("Who goes along"),
    "arrival": N_("They have arrived"),
}
"""What is arranged before somebody goes to a place (domain/bridge/handoffs.py)."""
STEP_HINTS = {
    "told-what": N_("What happens there, how long, what is different. Tell them even what they may not like."),
    "told-where": N_("The address, and how to find the door."),
    "told-when": N_("The day and the time, and whom to ask for."),
    "transport": N_("Who drives, or which bus. Is the fare paid?"),
    "belongings": N_("Ask the place what may come along. Is there a pet, a room, a car to look after?"),
    "medication": N_("Enough for the way, and a list for the team."),
    "papers": N_("What the place asks for. If something is missing: does the place take them without?"),
    "insurance": N_("The card or number, or that there is none and the place knows."),
    "three-way-call": N_("They speak for themselves; you are there."),
    "who-goes": N_("You, a friend, or nobody: as they like it."),
    "arrival": N_("The place says so. Then you ask them how it goes: after 1 to 3 days, 7 days and 30 days."),
}
STEP_STATES = {
    "open": N_("Still open"),
    "done": N_("Done"),
    "not-needed": N_("Not needed"),
}
HANDOFFS = {
    "open": N_("On the way"),
    "arrived": N_("Arrived"),
    "no-show": N_("They did not come"),
    "ended": N_("It did not come about"),
}
FOLLOW_UPS = {
    "72h": N_("After 1 to 3 days"),
    "7d": N_("After 7 days"),
    "30d": N_("After 30 days"),
}
OUTCOMES = {
    "there": N_("Still there"),
    "left": N_("Left"),
    "moved-on": N_("Moved on to somewhere else"),
    "back-in-line": N_("Wants a place in line again"),
    "not-reached": N_("Could not be reached"),
    "other": N_("Something else"),
    "no-more": N_("Does not want to be asked any more"),
}
"""How it goes for somebody who has arrived."""

NEEDS = {
    "meetings": N_("Meetings in the coming 48 hours"),
    "online": N_("Meetings online or by phone"),
    "harm-reduction": N_("Staying safe: naloxone, new syringes"),
    "prenatal": N_("Care for a pregnancy"),
    "medication": N_("Medication for the wait"),
    "housing": N_("A place to stay"),
    "food": N_("Food"),
    "transport": N_("Rides"),
    "legal": N_("Legal help"),
    "family": N_("Family support"),
    "work": N_("Work and training"),
    "health": N_("Health care"),
    "support": N_("Recovery support"),
}
"""What somebody may need (domain/bridge/questions.py), as headings."""
MEETINGS_WHEN = {
    "now": N_("Meetings about to begin"),
    "today": N_("Meetings today"),
    "tomorrow": N_("Meetings tomorrow"),
}
"""The heading of meetings where another time was asked for."""
WHENS = {
    "": N_("The coming 48 hours"),
    "now": N_("Now"),
    "today": N_("Today"),
    "tomorrow": N_("Tomorrow"),
}
"""The times that suggestions can be asked for."""
REASONS = {
    "online": N_("online or by phone"),
    "hybrid": N_("also online"),
    "always-open": N_("open 24 hours"),
    "open": N_("open now"),
    "wheelchair": N_("wheelchair access"),
    "sign-language": N_("sign language"),
    "childcare": N_("child care"),
    "free": N_("free"),
    "sliding-fee": N_("price by income"),
}
"""Why a listing was suggested, where the code says it all (domain/bridge/suggestions.py)."""
FOR_PEOPLE = {
    "women": N_("for women"),
    "men": N_("for men"),
    "pregnant": N_("for pregnancy and after birth"),
    "parents": N_("for parents"),
    "veterans": N_("for veterans"),
    "youth": N_("for young people under 18"),
    "young-adults": N_("for young adults"),
    "seniors": N_("for older adults"),
    "lgbtq": N_("for LGBTQ+ people"),
    "justice": N_("for people with a court case or record"),
    "co-occurring": N_("for mental health and substance use"),
    "deaf": N_("for Deaf people"),
}
"""Whom a listing is for, as a part of a sentence."""
CAUTIONS = {
    "unknown-hours": N_("the hours are not known"),
    "unknown-wheelchair": N_("it does not say whether a wheelchair gets in"),
    "unknown-language": N_("it does not say whether they speak %(language)s"),
    "unknown-pay": N_("it does not say whether it takes %(payer)s"),
    "other-pay": N_("it does not name %(payer)s"),
}
"""What to ask before going, as parts of a sentence."""
TAPS_OF_MARKS = {
    "pinned": N_("Pin"),
    "unpinned": N_("Unpin"),
    "went": N_("Went"),
    "removed": N_("Not now"),
    "not-for-me": N_("Not for them"),
    "not-went": N_("Undo"),
    "closed": N_("Report as closed"),
    "back": N_("Show it again"),
}
"""What can be said of a suggested listing (domain/bridge/marks.py), as short as a button."""
SAID = {
    "pinned": N_("Pinned: %(name)s. It stands first from now on."),
    "unpinned": N_("Not pinned any more: %(name)s."),
    "went": N_("Written down: they went to %(name)s today."),
    "not-went": N_("Taken back. It is not written down any more that they went to %(name)s today."),
    "removed": N_("Put away: %(name)s. It will not come again."),
    "not-for-me": N_("Put away: %(name)s. It will not come again."),
    "closed": N_(
        "Told to the directory: %(name)s is closed. Somebody looks into it; nobody learns who said so. It will not come again."
    ),
    "back": N_("It may come again: %(name)s."),
}
"""What was said of a listing, once it is done."""
AWAY = {
    "removed": N_("Not now"),
    "not-for-me": N_("Not for them"),
    "closed": N_("Told to be closed: somebody looks into it"),
}
"""Why a listing is not suggested any more."""
GROUPS = {
    "group": N_("Group"),
    "workshop": N_("Workshop"),
    "activity": N_("Activity"),
}
"""What people come to (domain/bridge/groups.py)."""
EVERY = {
    "once": N_("Once"),
    "weekly": N_("Every week"),
    "fortnightly": N_("Every two weeks"),
    "monthly": N_("Every month, in the same week as the first day"),
    "monthly-last": N_("Every month, the last such day"),
}
SEATS = {
    "seat": N_("Has a seat"),
    "waiting": N_("Waits for a seat"),
    "left": N_("Gave the seat up"),
    "came": N_("Came"),
    "absent": N_("Did not come"),
}
"""What somebody has in a meeting of a group."""
OWN_SEATS = {
    "seat": N_("You have a seat."),
    "waiting": N_("It is full. You are waiting for a seat, and we tell you when one comes free."),
    "left": N_("You gave the seat up."),
    "came": N_("You came."),
    "absent": N_("You did not come."),
}
"""The same, told to themselves."""
SAID_OF_PLACES = {
    "pinned": N_("pinned"),
    "unpinned": N_("not pinned any more"),
    "went": N_("you went"),
    "not-went": N_("that you went was taken back"),
    "removed": N_("not now"),
    "not-for-me": N_("not for you"),
    "closed": N_("told to be closed"),
    "back": N_("shown again"),
}
"""The same for the copy of the person themselves, after the name of the place."""
