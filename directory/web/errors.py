"""The one place where an expected failure becomes a sentence fit for its reader: a page, or a problem document under /api."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory import labels
from directory.domain.checks import CLOSED
from directory.domain.errors import BadQuery, FootbridgeError, Gone, Moved, PlaceNotFound
from directory.i18n import N_, gettext
from directory.services.bridge.handouts import PATH as HANDOUT
from directory.services.bridge.handouts import DeadHandout
from directory.services.links import PATHS
from directory.web.forms import UPLOADS
from directory.web.responses import NO_STORE, PUBLIC, page, problem, text
from directory.web.site import settings_of

logger = logging.getLogger("footbridge")

_SECRET = re.compile(r"(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43,}")
"""What can be the token of a link. The name of a listing may be as long, but has no capitals."""

CODES = {
    400: "bad-request",
    403: "cross-origin",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-form",
}
"""The code of what the framework, and not a rule of ours, has turned away. All else is our mistake: "error"."""

TITLES = {
    "bad-request": N_("We could not read that"),
    "cross-origin": N_("That came from another website"),
    "settled": N_("Somebody has decided this already"),
    "bad-edit": N_("A listing cannot say that"),
    "edit-refused": N_("This listing cannot be changed yet"),
    "dead-handout": N_("This list has ended"),
    "last-administrator": N_("This is the last administrator"),
    "no-such-move": N_("Somebody was quicker"),
    "no-handoff": N_("Nothing is under way"),
    "follow-up-not-yet": N_("It is too early to ask"),
    "not-offerable": N_("It cannot be offered to them"),
    "not-their-peer": N_("Somebody else goes with them"),
    "out-of-order": N_("It is somebody else’s turn"),
    "own-word": N_("A second person has to answer this"),
    "seat-refused": N_("It has begun, or does not take place"),
    "method-not-allowed": N_("That cannot be done here"),
    "too-large": N_("That is too much at once"),
    "file-too-large": N_("That file is too large"),
    "run-refused": N_("That cannot be done with this file now"),
    "unsupported-form": N_("We could not read that form"),
}
HELP = {
    "bad-request": N_("Nothing was changed. Go back and try again."),
    "cross-origin": N_("For your safety nothing was changed. Open this site yourself and fill in the form here."),
    "settled": N_("Nothing was changed now. Go back to the list and look again."),
    "bad-edit": N_("Nothing was saved. Go back and fill in the form again."),
    "edit-refused": N_("Nothing was saved. The file that it comes from has to be read once more: tell a coordinator."),
    "dead-handout": N_("Ask whoever gave it to you for a new one, or look for places here yourself."),
    "last-administrator": N_(
        "Nothing was changed. Somebody has to look after the whole site. Invite another administrator, and wait until they have opened their account."
    ),
    "no-such-move": N_("Nothing was changed now. Go back and look how it is."),
    "no-handoff": N_("Nothing was changed. They have said yes to nothing, or it has ended. Their page says how it is."),
    "follow-up-not-yet": N_("Nothing was changed. Their page says from which day on they can be asked."),
    "not-offerable": N_("Nothing was changed. Go back to the line: it says what is in the way."),
    "not-their-peer": N_(
        "Only their own peer, who stands in for that peer, and a coordinator read this. Their page says who that is. If nobody goes with them, you can become their peer there."
    ),
    "out-of-order": N_("Nothing was changed. Offer it to whose turn it is, or ask a second person."),
    "own-word": N_("Nothing was changed. Whoever asks for something like this cannot be the one who agrees to it."),
    "seat-refused": N_("Nothing was changed. Go back and look how it is."),
    "method-not-allowed": N_("Nothing was changed. Go back, or start again from the first page."),
    "file-too-large": N_(
        "Nothing was changed. A file can have 10 million bytes here. Go back, leave out columns that nobody reads here, or send it in parts."
    ),
    "run-refused": N_(
        "Nothing was changed. Another file for the same list is being put in, or this one has been taken back. Wait a minute, then look again."
    ),
    "too-large": N_("Nothing was saved. Go back, shorten the text and send it again."),
    "unsupported-form": N_("Nothing was saved. Go back and send the form again."),
}
"""For each code beyond those in `labels`: what happened, and what to do."""


async def expected(request: Request, error: Exception) -> Response:
    """Answers for every FootbridgeError."""
    assert isinstance(error, FootbridgeError)
    if isinstance(error, Moved):
        return _moved(request, error)
    if is_api(request):
        return problem(error.status, error.code, _detail(error), **_members(error))
    sentences = [_sentence(each) for each in _problems(error)]
    answer = _page(request, error.status, error.code, " ".join(sentences), _suggestions(error))
    if isinstance(error, DeadHandout):  # as quiet as the list was
        answer.headers.update({"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"})
    return answer


def _moved(request: Request, error: Moved) -> Response:
    """The same page of the other listing. No browser keeps that for long, since the decision can be taken back."""
    parts = request.scope["path"].split("/")
    renamed = (
        error.to + part.removeprefix(error.slug) if part in (error.slug, f"{error.slug}.ics") else part
        for part in parts
    )
    return RedirectResponse(quote("/".join(renamed)), error.status, {"Cache-Control": PUBLIC})


async def refused(request: Request, error: Exception) -> Response:
    """Answers for what the framework or a middleware turns away with an HTTPException."""
    assert isinstance(error, HTTPException)
    return refusal(request, error.status_code, error.headers)


def refusal(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a bare status, such as 404 or 405."""
    code = CODES.get(status, "error")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and request.scope["path"] == UPLOADS:
        code = "file-too-large"
    if is_api(request):
        return problem(status, code, f"{_title(code)}. {_help(code)}", headers)
    response = _page(request, status, code)
    response.headers.update(headers or {})
    return response


def unexpected(request: Request, error: Exception) -> Response:
    """Answers for a mistake of ours, and logs where it happened, never what the visitor asked or typed."""
    in_words = not settings_of(request).is_production
    logger.error("%s %s: %s", request.method, logged_path(request.scope["path"]), _trace(error, in_words=in_words))
    try:
        return refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    except Exception as second:  # the page for errors has one itself: a plain sentence always works
        logger.error("the page for errors: %s", _trace(second, in_words=in_words))
        return text(f"{_title('error')}. {_help('error')}\n", cache=NO_STORE, status=500)


def logged_path(path: str) -> str:
    """A path as a log may have it: quoted, so that a line end in it cannot forge a line, and without the secret of a link."""
    for prefix in (*PATHS.values(), HANDOUT):
        if path.startswith(prefix):
            return f"{prefix}…"
    # It may stand elsewhere too, where somebody has copied an address badly.
    return "…".join(quote(part) for part in _SECRET.split(path))[:200]


def is_api(request: Request) -> bool:
    """Whether a program asks, which wants a problem document."""
    path: str = request.scope["path"]
    return path == "/api" or path.startswith("/api/")


def hidden_words(known: str) -> str:
    """What to say of a listing that is hidden after review: what was `known` then (domain/checks.py `hidden_for`), and no more."""
    if known == CLOSED:
        return gettext("We were told that it has closed. It is not in the search.")
    return gettext("We could not reach it. It is not in the search for now.")


def gone_detail(error: Gone) -> str:
    """What to say of a listing that is gone, to a program that also gets what is near instead."""
    if hidden := error.values.get("hidden"):
        return hidden_words(str(hidden))
    return _detail(error)


def _page(request: Request, status: int, code: str, message: str = "", suggestions: tuple[str, ...] = ()) -> Response:
    context = {"title": _title(code), "message": message, "what_next": _help(code), "suggestions": suggestions}
    return page(request, "errors/error.html", {**context, "status": status}, status)


def _title(code: str) -> str:
    return gettext(TITLES[code]) if code in TITLES else labels.error_title(code)


def _help(code: str) -> str:
    return gettext(HELP[code]) if code in HELP else labels.error_help(code)


def _detail(error: FootbridgeError) -> str:
    sentences = " ".join(_sentence(each) for each in _problems(error))
    return sentences or f"{_title(error.code)}. {_help(error.code)}"


def _problems(error: FootbridgeError) -> tuple[Any, ...]:
    return error.problems if isinstance(error, BadQuery) else ()


def _sentence(each: Any) -> str:
    return labels.problem(each.field, each.code, each.value, each.allowed)


def _suggestions(error: FootbridgeError) -> tuple[str, ...]:
    return error.suggestions if isinstance(error, PlaceNotFound) else ()


def _members(error: FootbridgeError) -> dict[str, Any]:
    """What a program can use: every wrong field with what was given and what would be right, or the nearest spellings."""
    if isinstance(error, BadQuery):
        return {
            "errors": [
                {
                    "field": each.field,
                    "code": each.code,
                    "given": each.value,
                    "allowed": list(each.allowed),
                    "detail": _sentence(each),
                }
                for each in error.problems
            ]
        }
    if isinstance(error, PlaceNotFound):
        return {"place": error.place, "suggestions": list(error.suggestions)}
    return {name: value for name, value in error.values.items() if name == "slug"}


def _trace(error: BaseException, *, in_words: bool) -> str:
    """Where it happened, with its causes. The words of an error can hold a name or a place, so production leaves them out."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < 5:
        words = f": {current}" if in_words else ""
        parts.append(f"{type(current).__qualname__}{words}\n" + "".join(traceback.format_tb(current.__traceback__)))
        current = current.__cause__ or current.__context__
    return "caused by ".join(parts)
