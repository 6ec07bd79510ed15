"""What a peer notes of somebody: a contact, services that were offered for the wait, and what was told in an emergency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.clocks import OURS, OUTCOMES
from directory.domain.waitlist.consents import Scope
from directory.domain.waitlist.routes import CHANNELS
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.waitlist import contacts, emergencies, interim
from directory.services.waitlist.person import Person, person_show
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, again, form_page, last_of, typed, typed_lists
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist import presenters_words as words
from directory.web.waitlist.presenters_person import interim_lead
from directory.web.waitlist.presenters_take_on import CHANNEL_WORDS
from directory.web.waitlist.steps import person_url, upi_of
from directory.web.waitlist.whose import whose, whose_to_reach

_ = gettext


# --- a contact -------------------------------------------------------------------------------------------------------


def contact_view(upi: str, once: str = "") -> FormView:
    """The form for a call, a message or a visit; it stands on the person's page as well."""
    routes = tuple(Choice(code, _(CHANNEL_WORDS[code]), code == CHANNELS[0]) for code in CHANNELS)
    # None is chosen to begin with: a slip must not say that somebody was talked to.
    outcomes = (Choice("", _("Choose one"), True), *(Choice(code, _(words.OUTCOMES[code]), False) for code in OUTCOMES))
    fields = (
        Field("route", _("How"), choices=routes),
        Field("outcome", _("What came of it"), choices=outcomes),
        Field(
            "note",
            _("A short note"),
            "textarea",
            hint=_("Only what helps next time. They can read it. You may leave it empty."),
        ),
    )
    return FormView(f"/clients/{upi}/contact", _("Note it"), fields, hidden={"once": once or new_token()})


async def contact_form(request: Request) -> Response:
    """The form by itself."""
    session, person = await full_session(request), await _seen(request, "contact")
    view = await _contact_page(request, person)
    return form_page(request, _("Note a contact"), view, session=session)


async def _contact_page(request: Request, person: Person, once: str = "") -> FormView:
    """The form with whom it is about and how to reach them, since it is filled in while calling."""
    upi = person.who.row.upi
    return replace(_back(contact_view(upi, once), upi), whose=await whose_to_reach(request, person.who))


async def contact_send(request: Request) -> Response:
    """Notes a contact, and says what is to be asked again now that they were reached."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    try:
        is_new = await contacts.contact_note(
            upi=upi,
            route=values.get("route", ""),
            outcome=values.get("outcome", ""),
            note=values.get("note", ""),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = await _contact_page(request, await _seen(request, "contact"), values.get("once", ""))
        return again(request, _("Note a contact"), view, values, error, "", session=session)
    talked = values.get("outcome") in ("reached", "came")
    return see_other(person_url(upi, ("talked" if talked else "noted") if is_new else "before"))


# --- services for the wait -------------------------------------------------------------------------------------------


async def interim_form(request: Request) -> Response:
    """All services at once, each with what was said to it."""
    session, person = await full_session(request), await _seen(request, "interim")
    return form_page(request, _("Services while waiting"), interim_view(person, now_of(request)), session=session)


async def interim_send(request: Request) -> Response:
    """Notes which services were offered."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    given = {name.removeprefix("item-"): value for name, value in values.items() if name.startswith("item-") and value}
    try:
        is_new = await interim.interim_note(
            upi=upi,
            items=given,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        named = UnfitFields([Problem(f"item-{each.field}", each.code, each.value) for each in error.problems])
        view = interim_view(await _seen(request, "interim"), now_of(request), values.get("once", ""))
        return again(request, _("Services while waiting"), view, values, named, "", session=session)
    return see_other(person_url(upi, "noted" if is_new else "before"))


def interim_view(person: Person, now: datetime, once: str = "") -> FormView:
    """What is due stands first. Nothing is chosen for what was not spoken of today."""
    latest = person.interim.latest
    fields = []
    for item in (*person.interim.due, *OURS):
        said = latest.get(item)
        hint = words.word(words.ITEM_STATES, said.status) if said else _("Not offered yet")
        choices = tuple(Choice(code, _(text), False) for code, text in words.ITEM_STATES.items())
        fields.append(
            Field(
                f"item-{item}",
                words.word(words.ITEMS, item),
                choices=(Choice("", _("Not spoken of today"), True), *choices),
                hint=hint,
            )
        )
    lead = (
        interim_lead(person.interim, person.zone, now)
        + " "
        + _("What they take up is their own choice, and a no changes nothing.")
    )
    upi = person.who.row.upi
    view = FormView(f"/clients/{upi}/interim", _("Save"), tuple(fields), lead, hidden={"once": once or new_token()})
    return replace(_back(view, upi), whose=whose(person.who))


# --- an emergency ----------------------------------------------------------------------------------------------------


async def emergency_form(request: Request) -> Response:
    """What was told to medical people without a consent (42 CFR 2.51)."""
    session, person = await full_session(request), await _seen(request, "emergency")
    view = _emergency_view(person, now_of(request))
    return form_page(request, _("What was told in an emergency"), view, session=session)


async def emergency_send(request: Request) -> Response:
    """Writes it down."""
    session, upi, now = await full_session(request), upi_of(request), now_of(request)
    lists = await typed_lists(request)
    values = last_of(lists)
    person = await _seen(request, "emergency")
    try:
        is_new = await emergencies.emergency_note(
            upi=upi,
            needs=values,
            scopes=lists.get("scope", []),
            at=_moment(values, person.zone),
            form=values.get("once", ""),
            by=session.actor,
            now=now,
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = _emergency_view(person, now, values.get("once", ""))
        title = _("What was told in an emergency")
        return again(request, title, view, values, error, "", session=session, lists=lists)
    return see_other(person_url(upi, "noted" if is_new else "before"))


def _emergency_view(person: Person, now: datetime, once: str = "") -> FormView:
    upi, local = person.who.row.upi, now.astimezone(ZoneInfo(person.zone))
    scopes = tuple(Choice(scope.value, _(words.SCOPES[scope]), False) for scope in Scope)
    fields = (
        Field("to", _("Who was told"), hint=_("Name, and what they are, such as a doctor or medic")),
        Field("facility", _("Where they work"), hint=_("Such as the hospital or the ambulance service")),
        Field("who", _("Who told them")),
        Field("at", _("When"), "datetime-local", local.strftime("%Y-%m-%dT%H:%M")),
        Field("nature", _("What the emergency was"), "textarea"),
        Field("scope", _("What was told"), choices=scopes, many=True),
    )
    lead = _(
        "In a medical emergency what is needed may be told to medical people without a consent. Write it down at once."
    )
    view = FormView(f"/clients/{upi}/emergency", _("Write it down"), fields, lead, hidden={"once": once or new_token()})
    return replace(_back(view, upi), whose=whose(person.who))


def _moment(values: Mapping[str, str], zone: str) -> datetime | None:
    """The moment that was typed, on the clock of the agency; None for what is none."""
    try:
        return datetime.fromisoformat(values.get("at", "")).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of the calendar have no moment everywhere
        return None


# --- what they share -------------------------------------------------------------------------------------------------


async def _seen(request: Request, part: str) -> Person:
    session = await full_session(request)
    return await person_show(
        upi=upi_of(request), by=session.actor, now=now_of(request), settings=settings_of(request), part=part
    )


def _back(view: FormView, upi: str) -> FormView:
    """The form with the way back."""
    return replace(view, links=(Link(_("Back to the person"), person_url(upi)),))
