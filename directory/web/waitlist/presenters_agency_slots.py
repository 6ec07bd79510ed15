"""An agency's openings in words: each with whom it takes and how long ago that was said, beside the last report of its level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from directory.domain.errors import Problem
from directory.domain.openings import Report, Restrictions
from directory.domain.waitlist.agency import AgencySlot
from directory.domain.waitlist.states import Slot
from directory.domain.waitlist.whom import MOST_AT_ONCE, whom_of
from directory.i18n import N_, a_day, a_number, gettext, ngettext
from directory.services.credentials import new_token
from directory.services.waitlist.agency_slots import AgencyLevel, is_old
from directory.web.fields import Field, FormView
from directory.web.openings_form import Parts, again, parts_of, report_view
from directory.web.presenters import Fact, Link
from directory.web.presenters_openings import number_facts, restriction_facts, told_words
from directory.web.wording import age_words

_ = gettext

PROBLEMS = {
    "count": N_("Write a number from 1 to %(a)s. For more than that send the form twice."),
    "free-on": N_("Write a day from today on, in the next 90 days, or leave it empty for now."),
}


@dataclass(frozen=True, slots=True)
class SlotLine:
    """One opening. `offer` is the id of the offer that it is held for, 0 for none; `is_old` where the agency is asked if it is still there."""

    id: int
    title: str
    told: str
    whom: str
    offer: int
    is_old: bool


@dataclass(frozen=True, slots=True)
class LevelCard:
    """A level with its openings. `same` is whom the next one would be for, "" where there was none yet; `wrong` what does not fit the report."""

    id: int
    title: str
    program: str
    reported: str
    facts: tuple[Fact, ...]
    slots: tuple[SlotLine, ...]
    same: str
    wrong: str
    is_in_line: bool
    once: str


def level_card(found: AgencyLevel, now: datetime) -> LevelCard:
    """A level of one's own agency."""
    latest = found.level.latest
    return LevelCard(
        id=found.level.id,
        title=found.level.name,
        program=found.level.program,
        reported=told_words(found.level, now),
        facts=number_facts(latest.numbers)[:2] if latest else (),
        slots=tuple(slot_line(each, found.today, now) for each in found.slots),
        same=whom_words(found.whom) if found.was_told else "",
        wrong=_wrong(found, now),
        is_in_line=found.is_in_line,
        once=new_token(),
    )


def slot_line(slot: AgencySlot, today: date, now: datetime) -> SlotLine:
    """An opening with what has come of it so far."""
    free = (
        _("Free from %(day)s") % {"day": a_day(slot.free_on)}
        if slot.free_on and slot.free_on > today
        else _("Free now")
    )
    return SlotLine(
        id=slot.id,
        title=_("%(free)s, offered to somebody") % {"free": free} if slot.status is Slot.HELD else free,
        told=_("told %(age)s") % {"age": age_words(slot.said_at, now)},
        whom=whom_words(whom_of(slot.restrictions)),
        offer=slot.offer or 0,
        is_old=is_old(slot, now),
    )


def whom_words(whom: Restrictions) -> str:
    """Whom an opening takes, in one line."""
    return "; ".join(fact.value for fact in restriction_facts(whom)) or _("for everybody")


def _wrong(found: AgencyLevel, now: datetime) -> str:
    most = found.too_many(now)
    if most is None:
        return ""
    here = ngettext("%(n)s opening stands here", "%(n)s openings stand here", len(found.slots))
    told = {"here": here % {"n": a_number(len(found.slots))}, "said": a_number(most)}
    return _("%(here)s, and your last report says %(said)s. Change the one that is not right.") % told


# --- the form --------------------------------------------------------------------------------------------------------


def slot_view(found: AgencyLevel, address: str, once: str, back: Link) -> FormView:
    """The form for new openings, with whom the last one was for."""
    fields = (
        Field("count", _("How many?"), value="1", numeric=True),
        Field("free_on", _("Free from"), "date", hint=_("Leave empty for now.")),
        *_whom_fields(found, address),
    )
    return FormView(address, _("Tell of this"), fields, hidden={"once": once}, links=(back,))


def _whom_fields(found: AgencyLevel, address: str) -> tuple[Field, ...]:
    """The same fields as in a report of openings, so that whom a level takes is said in one way."""
    report = Report(0, replace(found.level.start, restrictions=found.whom), datetime.fromtimestamp(0, UTC), "", "")
    return parts_of(report_view(replace(found.level, latest=report), address, {})).whom


def slot_parts(view: FormView) -> Parts:
    """The form in its parts: what is always said, and whom it takes folded away unless something of it is said."""
    parts = parts_of(view)
    return replace(parts, numbers=view.fields[:2], rest=())


def slot_again(
    view: FormView,
    values: Mapping[str, str],
    lists: Mapping[str, Sequence[str]],
    problems: Sequence[Problem],
    zone: str,
) -> FormView:
    """The form with what was typed, and what is wrong beside each field."""
    most = {"a": a_number(MOST_AT_ONCE)}
    own = {each.field: _(PROBLEMS[each.code]) % most for each in problems if each.code in PROBLEMS}
    view = again(view, values, lists, [each for each in problems if each.code not in PROBLEMS], zone)
    return replace(view, fields=tuple(replace(each, mistake=own.get(each.name, each.mistake)) for each in view.fields))
