"""The forms of one place in line: pause, end, give back, date back, and what belongs to its request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from directory.domain.waitlist.states import CLOSE_REASONS, Entry
from directory.i18n import N_, a_date, a_list, a_number, gettext
from directory.services.waitlist.entries import HOLDS, NOT_CHOSEN, RETURNS, SILENCES, WHY_BACK
from directory.services.waitlist.person import Spot
from directory.services.waitlist.requests import WAYS, Looked, Room
from directory.web.fields import Field, FormView
from directory.web.presenters_agencies import asam_choices
from directory.web.presenters_form import Choice
from directory.web.waitlist import presenters_words as words

_ = gettext

HOLD, RESUME, CLOSE, LOST, BACK, OLDER, LEVEL, ROOM = (
    "hold",
    "resume",
    "close",
    "lost",
    "reinstate",
    "older",
    "level",
    "no-room",
)
"""The forms, by the last part of their address."""
NAMES: Mapping[str, Mapping[str, str]] = {
    HOLD: {"reason": "hold_reason"},
    CLOSE: {"reason": "close_reason"},
    BACK: {"reason": "back_reason"},
    OLDER: {"reason": "older_reason", "to": "asked_on"},
    LEVEL: {"asam": "level"},
}
"""What the fields of a form are called on the page, which has them all, by the names that the services use."""
SILENCE_WORDS = {
    "hospital": N_("They were in hospital"),
    "custody": N_("They were in custody"),
    "disability": N_("They were too ill"),
    "other": N_("Something else"),
}
RETURN_WORDS = {
    "came-back": N_("They came back"),
    "asked-again": N_("They asked for it again"),
    "closed-by-mistake": N_("It should not have been ended"),
}
WAY_WORDS = {
    "phone": N_("By telephone"),
    "visit": N_("I was there"),
    "written": N_("In writing"),
}
OLDER_WORDS = {
    "asked-elsewhere": N_("They asked at another place first"),
    "asked-by-phone": N_("They asked by telephone first"),
    "was-not-written-down": N_("It was not written down that day"),
    "old-list": N_("They stood on an older list"),
}


def forms(spot: Spot, upi: str, today: date) -> dict[str, FormView]:
    """The forms that this place can have now, by name."""
    address = f"/clients/{upi}/places/{spot.entry.id}"
    status = spot.entry.status
    found: dict[str, FormView] = {}
    if status is Entry.WAITING:
        found[HOLD] = _hold(address, spot, today)
    if status is Entry.CLOSED:
        found[BACK] = _back(address, spot)
    if spot.is_open:
        found |= {CLOSE: _close(address), OLDER: _older(address, spot), LEVEL: _level(address, spot)}
    if status in (Entry.WAITING, Entry.ON_HOLD):
        found[LOST] = _lost(address)
    return found


def _hold(address: str, spot: Spot, today: date) -> FormView:
    days = spot.entry.hold_days
    last = today + timedelta(days=days)
    hint = _("%(days)s days from now at the most, so by %(last)s.") % {"days": a_number(days), "last": a_date(last)}
    fields = (
        Field("hold_reason", _("Why?"), choices=_choices(HOLDS, words.HOLDS)),
        Field("review_on", _("When is it looked at again?"), "date", last.isoformat(), hint=hint),
    )
    lead = _("Their place and their clock are kept. Until then nothing is offered.")
    return FormView(f"{address}/{HOLD}", _("Pause"), fields, lead)


def _close(address: str) -> FormView:
    reasons = [code for code in CLOSE_REASONS if code not in NOT_CHOSEN]
    fields = (
        Field(
            "close_reason",
            _("Why?"),
            choices=(Choice("", _("Choose one"), True), *_choices(reasons, words.CLOSINGS)),
            hint=_("Saying no to an offer is no reason: the place is kept."),
        ),
    )
    lead = _(
        "They leave this line. An offer that they have ends with it. They can come back: within 30 days with the old clock."
    )
    return FormView(f"{address}/{CLOSE}", _("End this place"), fields, lead)


def _lost(address: str) -> FormView:
    hint = _("What you tried, for the coordinator who decides. No names of others.")
    fields = (Field("lost_note", _("A note"), "textarea", hint=hint),)
    return FormView(f"{address}/{LOST}", _("Ask a coordinator"), fields)


def _back(address: str, spot: Spot) -> FormView:
    silence = (Choice("", _("They could be reached"), True), *_choices(SILENCES, SILENCE_WORDS))
    fields = (
        Field("back_reason", _("Why?"), choices=_choices(RETURNS, RETURN_WORDS)),
        Field("silence", _("If nobody could reach them: why was that?"), choices=silence),
    )
    kept = _("They get the place back with the old clock, as if they had never left.")
    new = _(
        "More than 30 days have passed, so a new clock starts now; after hospital, custody or illness it is the old one."
    )
    return FormView(f"{address}/{BACK}", _("Give the place back"), fields, kept if spot.is_kept else new)


def _older(address: str, spot: Spot) -> FormView:
    asked = spot.entry.requested_at
    day = a_date((asked - timedelta(days=1)).date())
    fields = (
        Field(
            "asked_on",
            _("On which day did they ask?"),
            "date",
            hint=_("%(day)s or before, one year at the most") % {"day": day},
        ),
        Field("older_reason", _("How is it known?"), choices=_choices(WHY_BACK, OLDER_WORDS)),
        Field("older_note", _("A note for the coordinator"), "textarea"),
    )
    lead = _("A coordinator has to agree. Then the older day counts for their place and for what the law asks.")
    return FormView(f"{address}/{OLDER}", _("Ask a coordinator"), fields, lead)


def _level(address: str, spot: Spot) -> FormView:
    entry = spot.entry
    chosen = f"{entry.edition}:{entry.asam}" if entry.asam else ""
    fields = (
        Field("level", _("Level that was named"), choices=asam_choices(chosen)),
        Field(
            "recommended_by",
            _("Who named it?"),
            value=entry.recommended_by or "",
            hint=_("A clinician or assessor, such as: nurse at the county clinic"),
        ),
    )
    lead = _("A clinician or assessor says which level of care is right. You write it down, and choose nothing.")
    hidden = {"version": str(entry.version)}
    return FormView(f"{address}/{LEVEL}", _("Save"), fields, lead, hidden=hidden)


def _choices(codes: tuple[str, ...] | list[str], table: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, _(table[code]), False) for code in codes)


# --- what was looked at ----------------------------------------------------------------------------------------------


def room_words(room: Room, zone: str) -> str:
    """What a program says of its room now."""
    title = f"{room.name}, {room.agency}: "
    if room.openings:
        return title + _("an opening is held out")
    if room.available is None or room.as_of is None:
        return title + _("nothing was ever reported; call them")
    said = {"n": a_number(room.available), "when": words.moment(room.as_of, zone)}
    return title + _("%(n)s free, as reported on %(when)s") % said


def room_form(spot: Spot, upi: str, looked: Looked) -> dict[str, FormView]:
    """The form that says so, where it can be said; of each program without a fresh report it asks how it was asked."""
    if not looked.is_the_day or looked.with_room or not looked.rooms or spot.entry.no_capacity_on or not spot.is_open:
        return {}
    label = _("How did you ask %(program)s today? They have no room.")
    fields = tuple(
        Field(
            f"asked-{room.level}",
            label % {"program": f"{room.name}, {room.agency}"},
            choices=(Choice("", _("Choose one"), True), *_choices(WAYS, WAY_WORDS)),
        )
        for room in looked.to_ask
    )
    address = f"/clients/{upi}/places/{spot.entry.id}/{ROOM}"
    return {ROOM: FormView(address, _("Write down that no program has room today"), fields)}


def no_room_words(spot: Spot, looked: Looked) -> str:
    """Whether it can be said now that no program has room, and what it changes (45 CFR 96.126(b)(2))."""
    if spot.entry.no_capacity_on is not None:
        day = {"day": a_date(spot.entry.no_capacity_on)}
        return _("It was written down that on %(day)s no program had room.") % day
    if not looked.is_the_day:
        return _("This counts on the day of the request alone, and that day is over.")
    if not looked.rooms:
        return _("Nobody can be asked, so the limit of 14 days stays.")
    if looked.with_room:
        return _("A program has room. Offer it, or ask the program to put its figures right.")
    if looked.to_ask:
        return _(
            "Nobody can tell yet that there is no room. Ask the programs that have not reported today, and write down how you asked."
        )
    return _(
        "No program of this line has room today. Writing it down, with services offered in time, gives 120 days and not 14."
    )


def lacks_words(lacks: tuple[str, ...]) -> str:
    """What is still missing before somebody may be called impossible to find."""
    return a_list([words.word(words.LACKS, code) for code in lacks])
