"""A hand-off in words: the list of what is to be arranged, what came of it, and the list of all that are under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from directory.domain.bridge.handoffs import ALWAYS, ARRANGED, FollowUp, Handoff, Outcome, State, Step
from directory.i18n import N_, a_number, gettext
from directory.services.bridge.follow_ups import AGAIN, NO
from directory.services.bridge.handoffs import WORDS, Handed, HandoffPage, ListedNow
from directory.web.bridge import presenters_words as said
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_words import moment, someone, word
from directory.web.wording import moment_words

_ = gettext

WORD_LABELS = {
    "words": N_("What they want the team to know"),
    "medication": N_("Medication they take"),
    "belongings": N_("What they bring along"),
    "companion": N_("Who comes along"),
}
"""Their own words for the team that receives them, by field."""
PARTS = {
    "under-way": N_("On the way"),
    "to-follow": N_("Arrived, and asked how it goes"),
    "done": N_("Over in the last 30 days"),
}


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note that somebody wrote; `is_kept` alone is true for who does not read it."""

    text: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: its state in words, who said so and when, its note, and what can be said of it (pairs of code and button).

    `note_url` is "" where no note can be written now.
    """

    code: str
    title: str
    hint: str
    state: str
    is_open: bool
    said: str
    note: NoteView
    buttons: tuple[tuple[str, str], ...]
    note_url: str


@dataclass(frozen=True, slots=True)
class FollowView:
    """One follow-up: `state` says when it is due or what came of it; `url` leads to its form, "" where there is nothing to do yet."""

    title: str
    state: str
    small: str
    note: NoteView
    url: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class HandoffView:
    """The hand-off that counts. `words` are their own, as pairs of label and text, None for who does not read them; `again_url` leads to
    joining a line again; `stop_url` to noting that they want no more questions, "" while there is one to ask, whose form has that too."""

    state: str
    place: str
    expected: str
    progress: str
    next: StepView | None
    steps: tuple[StepView, ...]
    follow_ups: tuple[FollowView, ...]
    words: tuple[tuple[str, str], ...] | None
    offer_url: str
    again_url: str
    stop_url: str
    is_open: bool
    is_no_show: bool


@dataclass(frozen=True, slots=True)
class HandoffPageView:
    """The page of a client's hand-offs; `earlier` are lines about those before."""

    upi: str
    called: str
    url: str
    now: HandoffView | None
    earlier: tuple[tuple[str, str], ...]


def handoff_url(upi: str, done: str = "") -> str:
    """The page of a client's hand-off; `done` is a code of what was done."""
    return f"/clients/{upi}/handoff" + (f"?done={done}" if done else "")


def page_view(page: HandoffPage, now: datetime) -> HandoffPageView:
    """All of the page."""
    row = page.who.row
    return HandoffPageView(
        upi=row.upi,
        called=page.who.called or _("Somebody without a name"),
        url=handoff_url(row.upi),
        now=_handoff(page.now, row.upi, now) if page.now else None,
        earlier=tuple(line for each in page.earlier for line in handoff_lines(each)),
    )


def _handoff(found: Handed, upi: str, now: datetime) -> HandoffView:
    row, url = found.row, handoff_url(upi)
    steps = tuple(_step(step, state, found, url, now) for step, state in found.progress.states)
    is_open = row.status is Handoff.OPEN
    is_back = any(each.outcome is Outcome.BACK for each, _note in found.follow_ups)
    return HandoffView(
        state=_state(found, now),
        place=f"{row.clinic_name}, {row.level_name}",
        expected=_when(row.arrives_at, row.zone, now) if row.arrives_at else "",
        progress=progress_words(found.progress.settled, found.progress.all),
        next=next((step for step in steps if is_open and step.code == found.progress.next), None),
        steps=steps,
        follow_ups=tuple(_follow(each, note, found, url, now) for each, note in found.follow_ups),
        words=_words(found),
        offer_url=f"/offers/{row.offer}",
        again_url=f"/clients/{upi}/lines" if is_back else "",
        stop_url=_stop_url(found, url, now),
        is_open=is_open,
        is_no_show=row.status is Handoff.NO_SHOW,
    )


def _stop_url(found: Handed, url: str, now: datetime) -> str:
    rows = [each for each, _note in found.follow_ups if each.done_at is None]
    return f"{url}/follow-ups/{rows[0].id}" if rows and not any(each.is_due(now) for each in rows) else ""


def progress_words(settled: int, of: int) -> str:
    """Such as "3 of 11 are settled"."""
    return _("%(n)s of %(of)s are settled") % {"n": a_number(settled), "of": a_number(of)}


def _state(found: Handed, now: datetime) -> str:
    row = found.row
    if row.arrived_at is None:
        return word(said.HANDOFFS, row.status.value)
    who = someone(found.names.get(row.arrived_by or "", _("the agency")))
    return _("Arrived: %(when)s (%(who)s)") % {"when": _when(row.arrived_at, row.zone, now), "who": who}


def _when(at: datetime, zone: str, now: datetime) -> str:
    return moment_words(at.astimezone(ZoneInfo(zone)), now)


def _words(found: Handed) -> tuple[tuple[str, str], ...] | None:
    if found.words is None:
        return None
    return tuple((_(WORD_LABELS[name]), found.words[name]) for name in WORDS if found.words[name])


def _step(step: Step, state: State, found: Handed, url: str, now: datetime) -> StepView:
    last = found.steps.get(step)
    who = someone(found.names.get(last.by, last.by)) if last else ""
    note = NoteView(found.notes.get(step, ""), step in found.noted)
    can_note = found.row.status is Handoff.OPEN and not (note.is_kept and found.words is None)
    return StepView(
        code=step.value,
        title=_(said.STEPS[step]),
        hint=_(said.STEP_HINTS[step]),
        state=_(said.STEP_STATES[state]),
        is_open=state is State.OPEN,
        said=f"{_when(last.at, found.row.zone, now)}, {who}" if last else "",
        note=note,
        buttons=_buttons(step, state) if found.row.status is Handoff.OPEN else (),
        note_url=f"{url}/steps/{step.value}" if can_note else "",
    )


def _buttons(step: Step, state: State) -> tuple[tuple[str, str], ...]:
    if step not in ARRANGED:
        return ()
    if state is not State.OPEN:
        return ((State.OPEN.value, _("Open it again")),)
    more = () if step in ALWAYS else ((State.NOT_NEEDED.value, _("Not needed")),)
    return ((State.DONE.value, _("Done")), *more)


def _follow(row: FollowUp, note: str, found: Handed, url: str, now: datetime) -> FollowView:
    zone = found.row.zone
    ends = {"start": _when(row.due_from, zone, now), "end": _when(row.due_at, zone, now)}
    if row.outcome and row.done_at:
        who = someone(found.names.get(row.by or "", row.by or ""))
        state, small = word(said.OUTCOMES, row.outcome.value), f"{_when(row.done_at, zone, now)}, {who}"
    elif row.is_due(now):
        state, small = _("Ask now: until %(end)s") % ends, _("Tried, and not reached yet") if row.sealed else ""
    else:
        state, small = _("To ask from %(start)s to %(end)s") % ends, ""
    if row.is_late(now):
        state = _("Was to be asked by %(end)s") % ends
    return FollowView(
        title=_(said.FOLLOW_UPS[row.which]),
        state=state,
        small=small,
        note=NoteView(note, row.sealed is not None),
        url=f"{url}/follow-ups/{row.id}" if row.is_due(now) else "",
        is_late=row.is_late(now),
    )


def handoff_lines(found: Handed) -> Iterable[tuple[str, str]]:
    """A hand-off as plain lines, each with what stands smaller beneath it: for an earlier one, and for the copy that is theirs. Days are told
    with their year, since a copy lies about for long."""
    row = found.row
    begun = _("Said yes on %(when)s") % {"when": moment(row.opened_at, row.zone)}
    ended = moment(at, row.zone) if (at := row.arrived_at or row.ended_at) else ""
    yield f"{row.clinic_name}: {word(said.HANDOFFS, row.status.value)}", " · ".join(filter(None, (begun, ended)))
    for step, state in found.progress.states:
        if note := found.notes.get(step, ""):
            yield f"{_(said.STEPS[step])}: {_(said.STEP_STATES[state])}", note
    yield from _words(found) or ()
    for each, note in found.follow_ups:
        if each.outcome:
            yield f"{_(said.FOLLOW_UPS[each.which])}: {word(said.OUTCOMES, each.outcome.value)}", note


def said_choices() -> tuple[Choice, ...]:
    """What somebody may say who is asked how it goes."""
    told = [each for each in Outcome if each is not Outcome.NOT_REACHED]
    return tuple(Choice(each.value, _(said.OUTCOMES[each]), each is Outcome.THERE) for each in told)


def unreached_choices() -> tuple[Choice, ...]:
    """What is done where nobody answered."""
    return (
        Choice(AGAIN, _("Somebody tries again"), False),
        Choice(NO, _("It is left at that"), False),
    )


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardView:
    """Somebody on their way, in the list."""

    url: str
    called: str
    place: str
    state: str
    next: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of the list."""

    title: str
    cards: tuple[CardView, ...]


def parts_view(found: Sequence[ListedNow], now: datetime) -> tuple[PartView, ...]:
    """The list by its parts."""
    grouped = groupby(found, key=lambda each: each.listed.part)
    return tuple(PartView(_(PARTS[part]), tuple(_card(each, now) for each in those)) for part, those in grouped)


def _card(each: ListedNow, now: datetime) -> CardView:
    row, by = each.listed.row, each.listed.next_by
    is_late = bool(by and by < now)
    return CardView(
        url=handoff_url(row.upi),
        called=each.called or _("Somebody without a name"),
        place=f"{row.clinic_name}, {row.level_name}",
        state=_card_state(each, now),
        next=_(said.STEPS[each.progress.next]) if row.status is Handoff.OPEN and each.progress.next else "",
        is_late=is_late,
    )


def _card_state(each: ListedNow, now: datetime) -> str:
    row = each.listed.row
    if row.status is Handoff.OPEN:
        settled = progress_words(each.progress.settled, each.progress.all)
        if row.arrives_at is None:
            return settled
        return _("Expected %(when)s; %(settled)s") % {"when": _when(row.arrives_at, row.zone, now), "settled": settled}
    if each.listed.next_from and each.listed.next_by:
        ends = {
            "start": _when(each.listed.next_from, row.zone, now),
            "end": _when(each.listed.next_by, row.zone, now),
        }
        return _("To ask from %(start)s to %(end)s") % ends
    return word(said.HANDOFFS, row.status.value)


def back_link(upi: str) -> Link:
    """The way back to the hand-off."""
    return Link(_("Back"), handoff_url(upi))
