"""The forms of a hand-off: the note of a step, when somebody is expected, and their own words for the team that receives them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.bridge.handoffs import Step
from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.bridge import handoff_steps
from directory.services.bridge.handoffs import WORDS, Handed, NoHandoff, handoff_show
from directory.services.bridge.plans import NotTheirPeer, plan_allowed
from directory.services.waitlist.clients import Somebody
from directory.web.accounts import full_session
from directory.web.bridge import presenters_words as words
from directory.web.bridge.presenters_handoffs import WORD_LABELS, back_link, handoff_url
from directory.web.fields import Field, FormView, form_page, last_of, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import upi_of
from directory.web.waitlist.whose import whose

_ = gettext

# --- the note of a step ----------------------------------------------------------------------------------------------


async def note_form(request: Request) -> Response:
    """The note of one step. Raises NotTheirPeer where one is kept that is for others."""
    session, upi = await full_session(request), upi_of(request)
    found = await _under_way(request, session, "handoff-note")
    if found is None or _step(request) is None:
        return see_other(handoff_url(upi, "newer"))
    if found[1].words is None and _step(request) in found[1].noted:
        raise NotTheirPeer()
    return form_page(request, _("A note for the way"), _note_view(request, found), session=session)


async def note_send(request: Request) -> Response:
    """Keeps it; where somebody has saved in between, both are shown."""
    session, lists, upi = await full_session(request), await typed_lists(request), upi_of(request)
    values = last_of(lists)
    try:
        await handoff_steps.handoff_note(
            upi=upi,
            step=str(request.path_params["what"]),
            note=values.get("note", ""),
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, Overtaken) as error:
        found = await _under_way(request, session, "handoff-note")
        if found is None or _step(request) is None:
            return see_other(handoff_url(upi, "newer"))
        view = form_again(_note_view(request, found), lists, error)
        return form_page(request, _("A note for the way"), view, error.status, session=session)
    except NoHandoff:
        return see_other(handoff_url(upi, "newer"))
    return see_other(f"{handoff_url(upi, 'saved')}#step-{_step(request)}")


def _step(request: Request) -> Step | None:
    text = str(request.path_params["what"])
    return Step(text) if text in set(Step) else None


def _note_view(request: Request, found: Found) -> FormView:
    step = _step(request)
    assert step is not None
    field = Field(
        "note",
        _("Note for their own peer"),
        "textarea",
        found[1].notes.get(step, ""),
        hint=_(
            "Only what helps on the way. Their own peer, a coordinator and they themselves can read it. The team that receives them does not see it."
        ),
    )
    lead = f"{_(words.STEPS[step])}. {_(words.STEP_HINTS[step])}"
    return _form(f"steps/{step.value}", (field,), lead, found)


def _form(part: str, fields: tuple[Field, ...], lead: str, found: Found) -> FormView:
    who, handed = found
    address, hidden = f"{handoff_url(who.row.upi)}/{part}", {"version": str(handed.row.version)}
    links = (back_link(who.row.upi),)
    return FormView(address, _("Save"), fields, lead, hidden=hidden, links=links, whose=whose(who))


Found = tuple[Somebody, Handed]
"""Somebody with their hand-off that counts."""


async def _under_way(request: Request, session: Session, part: str) -> Found | None:
    """The hand-off that counts with whose it is, where it is still under way."""
    found = await handoff_show(
        upi=upi_of(request), by=session.actor, now=now_of(request), settings=settings_of(request), part=part
    )
    is_open = found.now and found.now.row.ended_at is None and found.now.row.arrived_at is None
    return (found.who, found.now) if found.now and is_open else None


# --- when they are expected ------------------------------------------------------------------------------------------


async def time_form(request: Request) -> Response:
    """When they are expected there."""
    session, upi = await full_session(request), upi_of(request)
    found = await _under_way(request, session, "handoff-time")
    if found is None:
        return see_other(handoff_url(upi, "newer"))
    return form_page(request, _("When to be there"), _time_view(found), session=session)


async def time_send(request: Request) -> Response:
    """Keeps the moment, on the clock of the agency."""
    session, lists, upi = await full_session(request), await typed_lists(request), upi_of(request)
    values = last_of(lists)
    found = await _under_way(request, session, "handoff-time")
    if found is None:
        return see_other(handoff_url(upi, "newer"))
    try:
        await handoff_steps.handoff_expect(
            upi=upi,
            arrives_at=_moment(values.get("arrives_at", ""), found[1].row.zone),
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, Overtaken) as error:
        view = form_again(_time_view(found), lists, _local(error, found[1].row.zone))
        return form_page(request, _("When to be there"), view, error.status, session=session)
    except NoHandoff:
        return see_other(handoff_url(upi, "newer"))
    return see_other(handoff_url(upi, "saved"))


def _time_view(found: Found) -> FormView:
    row = found[1].row
    at = _typed(row.arrives_at, row.zone) if row.arrives_at else ""
    field = Field(
        "arrives_at", _("Day and time"), "datetime-local", at, hint=_("Leave it empty while it is not known.")
    )
    return _form("time", (field,), "", found)


def _typed(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _local(error: UnfitFields | Overtaken, zone: str) -> UnfitFields | Overtaken:
    """What stands there by now, as the field has it."""
    if isinstance(error, UnfitFields) or not error.now["arrives_at"]:
        return error
    return Overtaken({"arrives_at": _typed(datetime.fromisoformat(error.now["arrives_at"]), zone)}, error.version)


def _moment(text: str, zone: str) -> datetime | None:
    """The moment that was typed, None for none. Raises UnfitFields for what is no moment."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of the calendar have no moment everywhere
        raise UnfitFields([Problem("arrives_at", "not-soon", text)]) from None


# --- their own words -------------------------------------------------------------------------------------------------


async def words_form(request: Request) -> Response:
    """What they want the team that receives them to know: for who reads their plan."""
    session, upi = await full_session(request), upi_of(request)
    found = await _with_words(request, session)
    if found is None:
        return see_other(handoff_url(upi, "newer"))
    return form_page(request, _("What the team should know"), _words_view(found), session=session)


async def words_send(request: Request) -> Response:
    """Keeps their words; where somebody has saved in between, both are shown."""
    session, lists, upi = await full_session(request), await typed_lists(request), upi_of(request)
    values = last_of(lists)
    try:
        await handoff_steps.handoff_words(
            upi=upi,
            words=values,
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, Overtaken) as error:
        found = await _with_words(request, session)
        if found is None:
            return see_other(handoff_url(upi, "newer"))
        view = form_again(_words_view(found), lists, error)
        return form_page(request, _("What the team should know"), view, error.status, session=session)
    except NoHandoff:
        return see_other(handoff_url(upi, "newer"))
    return see_other(f"{handoff_url(upi, 'saved')}#team")


async def _with_words(request: Request, session: Session) -> Found | None:
    await plan_allowed(
        upi=upi_of(request),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
        part="handoff-words",
    )
    return await _under_way(request, session, "handoff")


def _words_view(found: Found) -> FormView:
    known = found[1].words or {}
    hints = {
        "words": _("In their own words, as “I”: what helps, what to know, what not to do."),
        "medication": _("As they tell it: what, how much, when, and who gives it to them."),
        "belongings": _("Also an animal, or something that must stay dry or cool."),
        "companion": _("Nobody has to. Children are somebody too."),
    }
    fields = tuple(
        Field(name, _(WORD_LABELS[name]), "textarea", known.get(name, ""), hint=hints[name]) for name in WORDS
    )
    lead = _("Write it together. Each may stay empty. The team sees it only as far as they agreed to in writing.")
    return _form("words", fields, lead, found)
