"""The pages of peers themselves: the team, one peer with all that is kept about them, and what the role is and is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Denied
from directory.domain.errors import NotFound, Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext, language
from directory.services.bridge import covers, peers, supervision, trainings
from directory.services.bridge.peers import Peer, PeerNow
from directory.services.credentials import new_token
from directory.services.texts import text_of
from directory.services.waitlist.clients import client_read, today_of
from directory.services.waitlist.person import CaseloadFull
from directory.web.accounts import full_session
from directory.web.bridge import presenters_peers as shown
from directory.web.fields import Field, FormView, filled, signed_page, typed, with_problems
from directory.web.forms import number_of
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import day_typed

_ = gettext

ROLE_TEXT = "peer-role"


async def team(request: Request) -> Response:
    """The peers of one's agencies: everybody for a coordinator, oneself for a peer."""
    session, now = await full_session(request), now_of(request)
    teams = await peers.peers_show(by=session.actor, now=now)
    views = [shown.team_view(each, await today_of(each.agency, now)) for each in teams]
    context = {"title": _("Peers"), "teams": views}
    return signed_page(request, "bridge/peers.html", session, context)


async def role(request: Request) -> Response:
    """What the role is, and what it is not, on one page."""
    session = await full_session(request)
    context = {"title": _("The role of a peer"), "paragraphs": text_of(ROLE_TEXT, language()).paragraphs}
    return signed_page(request, "bridge/role.html", session, context)


async def page(request: Request) -> Response:
    """One peer."""
    return await _page(request, await full_session(request))


async def _page(
    request: Request,
    session: Session,
    unfit: str = "",
    values: Mapping[str, str] | None = None,
    error: UnfitFields | None = None,
) -> Response:
    """The page of a peer; the form that is `unfit` comes again with what was typed and what is wrong."""
    agency, person, now = _agency(request), _person(request), now_of(request)
    peer, everybody = await peers.peer_show(agency=agency, person=person, by=session.actor, now=now)
    today = await today_of(agency, now)
    forms = _forms(peer, everybody, today, (values or {}).get("once", ""))
    if error is not None:
        forms[unfit] = with_problems(filled(forms[unfit], values or {}), error.problems)
    context = {
        "title": _("A peer"),
        "view": shown.peer_view(peer, today, await _mentored(request, session, peer)),
        "forms": forms,
        "unfit": unfit,
        "ends": shown.code_choices(shown.PAIR_ENDS),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/peer.html", session, context, error.status if error else 200)


async def _mentored(request: Request, session: Session, peer: Peer) -> dict[str, str]:
    """What the people are called whom they mentor now, by number: those alone whom the reader may look at, which stands in the access log."""
    found = {}
    for upi in {each.upi for each in peer.pairings if each.upi and each.ended_at is None}:
        try:
            who = await client_read(
                upi=upi, what="mentor", by=session.actor, now=now_of(request), settings=settings_of(request)
            )
        except (NotFound, Denied):
            continue
        found[upi] = who.called or upi
    return found


def _agency(request: Request) -> int:
    return number_of(request.path_params["agency"])


def _person(request: Request) -> int:
    return number_of(request.path_params["person"])


def _url(request: Request, done: str) -> str:
    return f"/peers/{_agency(request)}/{_person(request)}?done={done}"


def _optional(values: Mapping[str, str], name: str) -> int | None:
    """The number that was chosen or typed; None for an empty field, 0 for what is no number of ours."""
    text = values.get(name, "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# --- forms -----------------------------------------------------------------------------------------------------------


def _forms(peer: Peer, everybody: tuple[PeerNow, ...], today: date, once: str) -> dict[str, FormView]:
    """What the reader can do about a peer, by the part of the address that takes it."""
    url = f"/peers/{peer.agency}/{peer.row.id}"
    token = {"once": once or new_token()}
    found = {"away": _away_form(peer, everybody, today), "training": _training_form()}
    if peer.may_keep:
        found |= {
            "most": _most_form(peer),
            "supervisor": _supervisor_form(peer, everybody),
            "mentor": _mentor_form(peer, everybody),
            "hand-over": _hand_over_form(peer, everybody),
        }
    return {
        name: replace(view, address=f"{url}/{name}", hidden=token | dict(view.hidden)) for name, view in found.items()
    }


def _away_form(peer: Peer, everybody: tuple[PeerNow, ...], today: date) -> FormView:
    fields = (
        Field(
            "stand_in",
            _("Who stands in"),
            choices=shown.people_choices(everybody, peer.row.id, _("Choose one")),
            hint=_("Somebody who is full can stand in too. Ask first whether it is not too much."),
        ),
        Field("from", _("From"), "date", today.isoformat()),
        Field("until", _("Until"), "date"),
    )
    lead = _("Whoever stands in sees all their people as their own on these days. It ends by itself.")
    return FormView("", _("Write it down"), fields, lead)


def _training_form() -> FormView:
    fields = (
        Field("kind", _("What kind"), choices=shown.code_choices(shown.KINDS)),
        Field("name", _("What it is called")),
        Field("done", _("Done on"), "date"),
        Field("expires", _("Holds until"), "date", hint=_("Leave it empty if it lasts.")),
    )
    return FormView("", _("Write it down"), fields)


def _most_form(peer: Peer) -> FormView:
    most = "" if peer.row.most is None else str(peer.row.most)
    field = Field("most", _("The most people at a time"), value=most, numeric=True, hint=_("Empty: no limit."))
    return FormView("", _("Save"), (field,), hidden={"version": str(peer.row.version)})


def _supervisor_form(peer: Peer, everybody: tuple[PeerNow, ...]) -> FormView:
    chosen = peer.supervisor[0] if peer.supervisor else None
    choices = shown.people_choices(everybody, peer.row.id, _("Nobody"), chosen)
    return FormView("", _("Save"), (Field("supervisor", _("Who supervises them"), choices=choices),))


def _mentor_form(peer: Peer, everybody: tuple[PeerNow, ...]) -> FormView:
    fields = (
        Field("person", _("A newer peer"), choices=shown.people_choices(everybody, peer.row.id, _("None"))),
        Field("upi", _("Or the number of somebody who waits")),
    )
    return FormView("", _("Write it down"), fields)


def _hand_over_form(peer: Peer, everybody: tuple[PeerNow, ...]) -> FormView:
    choices = shown.people_choices(everybody, peer.row.id, _("Choose one"))
    lead = _("For good, such as when somebody leaves. For some days, say that they are away instead.")
    fields = [Field("to", _("To whom"), choices=choices)]
    if any(each.most is not None for each in everybody if each.id != peer.row.id):
        even_so = (Choice("yes", _("Even if they go with more people than were agreed"), False),)
        fields.append(Field("even_so", _("If that is too many"), choices=even_so, many=True))
    return FormView("", _("Hand all their people over"), tuple(fields), lead)


# --- sending ---------------------------------------------------------------------------------------------------------


async def away_send(request: Request) -> Response:
    """Says who stands in."""
    session, values = await full_session(request), await typed(request)
    problems: list[Problem] = []
    days = [day_typed(name, values, problems) for name in ("from", "until")]
    try:
        if problems:
            raise UnfitFields(problems)
        id = await covers.cover_add(
            agency=_agency(request),
            away=_person(request),
            stand_in=_optional(values, "stand_in") or 0,
            from_on=days[0],
            until_on=days[1],
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, "away", values, error)
    return see_other(_url(request, "saved" if id is not None else "before"))


async def away_end(request: Request) -> Response:
    """Ends it before its time."""
    session, values = await full_session(request), await typed(request)
    await covers.cover_end(
        agency=_agency(request),
        away=_person(request),
        id=number_of(values.get("id", "")),
        by=session.actor,
        now=now_of(request),
    )
    return see_other(_url(request, "saved"))


async def training_send(request: Request) -> Response:
    """Writes down what they learned."""
    session, values = await full_session(request), await typed(request)
    problems: list[Problem] = []
    days = [day_typed(name, values, problems) for name in ("done", "expires")]
    try:
        if problems:
            raise UnfitFields(problems)
        is_new = await trainings.training_add(
            agency=_agency(request),
            person=_person(request),
            kind=values.get("kind", ""),
            name=values.get("name", ""),
            done_on=days[0],
            expires_on=days[1],
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, "training", values, error)
    return see_other(_url(request, "saved" if is_new else "before"))


async def training_end(request: Request) -> Response:
    """Takes one away."""
    session, values = await full_session(request), await typed(request)
    await trainings.training_end(
        agency=_agency(request),
        person=_person(request),
        id=number_of(values.get("id", "")),
        by=session.actor,
        now=now_of(request),
    )
    return see_other(_url(request, "saved"))


async def most_send(request: Request) -> Response:
    """Sets the most people."""
    session, values = await full_session(request), await typed(request)
    try:
        is_kept = await peers.most_set(
            agency=_agency(request),
            person=_person(request),
            most=_optional(values, "most"),
            version=_optional(values, "version") or 0,
            by=session.actor,
            now=now_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, "most", values, error)
    return see_other(_url(request, "saved" if is_kept else "newer"))


async def supervisor_send(request: Request) -> Response:
    """Sets who supervises."""
    session, values = await full_session(request), await typed(request)
    try:
        await supervision.supervisor_set(
            agency=_agency(request),
            peer=_person(request),
            supervisor=_optional(values, "supervisor"),
            by=session.actor,
            now=now_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, "supervisor", values, error)
    return see_other(_url(request, "saved"))


async def mentor_send(request: Request) -> Response:
    """Has them be a mentor."""
    session, values = await full_session(request), await typed(request)
    try:
        is_new = await peers.pairing_add(
            agency=_agency(request),
            mentor=_person(request),
            person=_optional(values, "person"),
            upi=values.get("upi", "").strip().upper() or None,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, "mentor", values, error)
    return see_other(_url(request, "saved" if is_new else "before"))


async def mentor_end(request: Request) -> Response:
    """Ends a pairing."""
    session, values = await full_session(request), await typed(request)
    try:
        await peers.pairing_end(
            agency=_agency(request),
            mentor=_person(request),
            id=number_of(values.get("id", "")),
            reason=values.get("reason", ""),
            by=session.actor,
            now=now_of(request),
        )
    except UnfitFields:
        return see_other(_url(request, "reason"))
    return see_other(_url(request, "saved"))


async def hand_over(request: Request) -> Response:
    """Gives all their people to somebody else for good."""
    session, values = await full_session(request), await typed(request)
    try:
        await peers.people_hand_over(
            agency=_agency(request),
            person=_person(request),
            to=_optional(values, "to") or 0,
            by=session.actor,
            now=now_of(request),
            even_so=bool(values.get("even_so")),
        )
    except UnfitFields as error:
        return await _page(request, session, "hand-over", values, error)
    except CaseloadFull as full:
        return see_other(_url(request, full.code))
    return see_other(_url(request, "handed"))
