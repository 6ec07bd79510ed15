"""The queue of those who look at changes before visitors see them, and one such change beside what stands there now."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import FootbridgeError
from directory.domain.merging import EditClash
from directory.domain.people import Session, UnfitFields
from directory.domain.proposals import WAITING
from directory.formats.text import scrub
from directory.i18n import gettext
from directory.services.proposals import (
    PER_PAGE,
    Queued,
    Weighed,
    proposal_list,
    proposal_publish,
    proposal_refuse,
    proposal_show,
    proposals_waiting,
)
from directory.web.accounts import full_session
from directory.web.edit import desk_url
from directory.web.edit_pages import last, of_site, typed_form, values_sent
from directory.web.edit_rows import Typed
from directory.web.fields import Field, signed_page
from directory.web.forms import number_of
from directory.web.listing_desk import done_words
from directory.web.paging import page_asked, pages_around
from directory.web.presenters_edit import NAMES, field_name, value_lines
from directory.web.presenters_edit_form import sentence
from directory.web.presenters_listing_desk import proposal_view
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

QUEUE = "/moderation"


@dataclass(frozen=True, slots=True)
class FieldWeighed:
    """One proposed field: what its writer saw, what they wrote, what stands there now. `moved`: that is not what they saw any more."""

    field: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    now: tuple[str, ...]
    moved: bool
    chosen: bool


async def queue(request: Request) -> Response:
    """All that waits, the oldest first."""
    session, now = await full_session(request), now_of(request)
    number, total = page_asked(request), await proposals_waiting(by=session.actor, now=now)
    found = await proposal_list(by=session.actor, page=number, now=now)
    context = {
        "title": _("Changes to look at"),
        "cards": [proposal_view(each, session.actor.label, now) for each in found],
        "pages": pages_around(QUEUE, number, is_more=number * PER_PAGE < total),
        "done": done_words(request) or _decided(request),
    }
    return signed_page(request, "edit/queue.html", session, context)


def _decided(request: Request) -> str:
    """What was just decided; without mail nobody is told, and its writer reads it on their desk."""
    done, has_mail = request.query_params.get("done", ""), bool(settings_of(request).smtp_url)
    if done == "published":
        return _("Published. Its writer is told.") if has_mail else _("Published. Its writer reads it on their page.")
    if done == "refused":
        words = _("Not published. Its writer reads it on their page.")
        return _("Not published. Its writer is told.") if has_mail else words
    return ""


async def one(request: Request) -> Response:
    """One change, beside what stands there now."""
    session = await full_session(request)
    return await _page(request, session, await _weighed(request, session))


async def _weighed(request: Request, session: Session) -> Weighed:
    id = number_of(request.path_params["id"])
    return await proposal_show(by=session.actor, id=id, **of_site(request))


async def _page(
    request: Request,
    session: Session,
    found: Weighed,
    sent: Typed | None = None,
    mistake: str = "",
    status: int = 200,
) -> Response:
    proposal = found.proposal
    chosen = set(proposal.edits) if sent is None else set(sent.get("fields", ()))
    words = scrub(last(sent, "words")) if sent else ""
    context = {
        "title": _("Change to %(name)s") % {"name": proposal.name},
        "view": proposal_view(Queued(found.proposal, found.writer), session.actor.label, now_of(request)),
        "fields": [_field(found, name, name in chosen) for name in NAMES if name in proposal.edits],
        "is_waiting": proposal.status == WAITING,
        "is_gone": found.is_gone,
        "now": json.dumps(dict(found.now)),
        "desk": desk_url(proposal.slug),
        "words": Field(
            "words", _("Words to the writer"), "textarea", words, _("Needed where you do not publish all of it.")
        ),
        "mistake": mistake,
    }
    return signed_page(request, "edit/proposal.html", session, context, status)


def _field(found: Weighed, name: str, chosen: bool) -> FieldWeighed:
    proposal = found.proposal
    return FieldWeighed(
        name,
        field_name(name),
        before=value_lines(name, proposal.seen.get(name)),
        after=value_lines(name, proposal.edits[name]),
        now=value_lines(name, found.now.get(name)),
        moved=name in found.moved,
        chosen=chosen,
    )


async def settle(request: Request) -> Response:
    """Publishes what is chosen, or refuses all of it with words."""
    session, sent = await full_session(request), await typed_form(request)
    found = await _weighed(request, session)
    given = {"by": session.actor, "id": found.proposal.id, "words": scrub(last(sent, "words")), **of_site(request)}
    try:
        if last(sent, "step") == "refuse":
            done = "refused" if await proposal_refuse(**given) else "settled"
        else:
            seen = values_sent(sent, "now") or {}
            published = await proposal_publish(fields=sent.get("fields", ()), seen=seen, **given)
            done = "published" if published else "settled"
    except (UnfitFields, EditClash) as error:
        return await _page(request, session, found, sent, _mistake(error), error.status)
    return see_other(f"{QUEUE}?done={done}")


def _mistake(error: FootbridgeError) -> str:
    """What to do about it."""
    if isinstance(error, EditClash):
        return _("The listing was changed while you looked. Look at what stands there now, then decide again.")
    assert isinstance(error, UnfitFields)
    (problem, *_rest) = error.problems
    if problem.field == "fields":
        return _("Choose at least one field to publish.")
    return _("Write a few words to the writer.") if problem.code == "missing" else sentence(problem)
