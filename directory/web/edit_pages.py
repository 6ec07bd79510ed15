"""The pages that an edit goes through, and what goes along from one to the next: the form, the look at it before it is saved, and what to do when
two people were at it at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from directory.domain.edits import FIELDS
from directory.domain.errors import Problem
from directory.domain.listings import Status
from directory.domain.merging import Clash, changed
from directory.domain.people import Session
from directory.domain.results import Card
from directory.formats.text import scrub
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.web.edit_form import name_of, typed_of
from directory.web.edit_rows import PARTS, Typed
from directory.web.fields import Field, signed_page
from directory.web.forms import form_fields
from directory.web.presenters import Link, card_view
from directory.web.presenters_edit import differences, field_name, value_lines
from directory.web.presenters_edit_form import MORE, edit_view, sentence
from directory.web.site import now_of, settings_of, site_of

_ = gettext

MOST_FIELDS = 4000
"""Fields that are read of one form: a listing may have two hundred times."""
UNREADABLE, CLASH = 422, 409


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the pages of one edit share: where its forms are sent, the way back, the fields that it has, and what was `seen` of them.

    `is_live`: what is saved is published at once. `agency` is for whom a new listing is.
    """

    title: str
    address: str
    back: Link
    fields: tuple[str, ...]
    seen: Mapping[str, Any]
    is_live: bool
    agency: Field | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes along from page to page: the reason, the token of the form, fields that are to follow their source, rows taken back."""

    reason: str = ""
    once: str = ""
    follow: tuple[str, ...] = ()
    reverts: tuple[int, ...] = ()


async def typed_form(request: Request) -> dict[str, list[str]]:
    """What was sent. Raises HTTPException 400 for a NUL, which no browser sends."""
    lists = await form_fields(request, most=MOST_FIELDS)
    if any("\0" in value for values in lists.values() for value in values):
        raise HTTPException(400)
    return lists


def last(typed: Typed, name: str) -> str:
    """The last value of a field; "" where it was not sent."""
    return (typed.get(name) or [""])[-1]


def kept_of(typed: Typed) -> Kept:
    """What came along."""
    rows = (text for text in typed.get("reverts", ()) if text.isascii() and text.isdigit() and len(text) < 18)
    reason = scrub(last(typed, "reason")).strip()
    return Kept(reason, last(typed, "once"), tuple(typed.get("follow", ())), tuple(int(text) for text in rows))


def values_sent(typed: Typed, name: str) -> dict[str, Any] | None:
    """Fields of a listing that came along as they were written into the page; None where none did. Raises HTTPException 400."""
    if name not in typed:
        return None
    try:
        found = json.loads(last(typed, name))
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    if not isinstance(found, dict):
        raise HTTPException(400)
    return {field: value for field, value in found.items() if field in FIELDS}


def typed_again(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values of a listing as the form would send them. Raises HTTPException 400 for what no listing holds."""
    try:
        return typed_of(values)
    except ValueError:
        raise HTTPException(400) from None


def in_form(problems: Iterable[Problem]) -> list[Problem]:
    """What the rules of a listing have against it, by the names of the fields in the form and in the words of its lists."""
    return [
        Problem(name_of(each.field), each.code, "", each.allowed)
        if each.code in ("missing", "too-many")
        else Problem(name_of(each.field), "unknown-value", "")
        for each in problems
    ]


def of_site(request: Request) -> dict[str, Any]:
    """The clock and the settings, as services take them."""
    return {"clock": site_of(request).clock, "settings": settings_of(request)}


def more_of(typed: Typed) -> dict[str, int]:
    """How many empty rows were asked for so far, with those of this tap."""
    asked = last(typed, "more")
    counts = {name: last(typed, f"more-{name}") for name in PARTS}
    found = {
        name: int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0 for name, text in counts.items()
    }
    return found | ({asked: found[asked] + MORE} if asked in PARTS else {})


# --- pages -----------------------------------------------------------------------------------------------------------


def edit_page(
    request: Request,
    session: Session,
    sheet: Sheet,
    typed: Typed,
    problems: Sequence[Problem] = (),
    *,
    notice: str = "",
) -> Response:
    """The form with what was typed, and what is wrong with it."""
    more = more_of(typed)
    asked = last(typed, "more")
    opened = {"windows": "when", "phones": "contact", "urls": "contact"}.get(asked, "what")
    context = {
        "title": sheet.title,
        "sheet": sheet,
        "view": edit_view(typed, problems, fields=sheet.fields, more=more, opened=opened),
        "seen": json.dumps(sheet.seen),
        "more": more,
        "notice": notice,
    }
    return signed_page(request, "edit/form.html", session, context, UNREADABLE if problems else 200)


def look_page(
    request: Request,
    session: Session,
    sheet: Sheet,
    values: Mapping[str, Any],
    card: Card,
    kept: Kept,
    problems: Iterable[Problem] = (),
) -> Response:
    """What would be saved: field by field before and after, and the card as visitors will see it."""
    new = changed(sheet.seen, values)
    mistake = next((sentence(problem) for problem in problems), "")
    context = {
        "title": _("Look before you save"),
        "sheet": sheet,
        "differences": differences(sheet.seen, new),
        "card": card_view(card, now_of(request)),
        "seen": json.dumps(sheet.seen),
        "values": json.dumps(new),
        "kept": kept,
        "once": kept.once or new_token(),
        "reason": Field(
            "reason",
            _("Why, or how do you know?"),
            "textarea",
            kept.reason,
            _reason_hint(new),
            mistake=mistake,
        ),
    }
    return signed_page(request, "edit/look.html", session, context, UNREADABLE if mistake else 200)


def _reason_hint(new: Mapping[str, Any]) -> str:
    if new.get("status") == Status.INACTIVE.value:
        return _("Write nothing about a client.")
    return _("Such as: rang them today. Write nothing about a client. You may leave it empty.")


@dataclass(frozen=True, slots=True)
class ClashView:
    """A field that both have changed, in words."""

    field: str
    name: str
    yours: tuple[str, ...]
    theirs: tuple[str, ...]


def clash_page(
    request: Request,
    session: Session,
    sheet: Sheet,
    values: Mapping[str, Any],
    clashes: Sequence[Clash],
    kept: Kept,
    *,
    is_unanswered: bool = False,
) -> Response:
    """Somebody else has saved in between: both values of each field, to choose from. What only one has changed is kept as it is."""
    fields = {clash.field for clash in clashes}
    context = {
        "title": _("Somebody else changed this too"),
        "sheet": sheet,
        "clashes": [_clash_view(clash) for clash in clashes],
        "others": differences(sheet.seen, {name: value for name, value in values.items() if name not in fields}),
        "seen": json.dumps(sheet.seen),
        "values": json.dumps(dict(values)),
        "kept": kept,
        "once": kept.once or new_token(),
        "is_unanswered": is_unanswered,
    }
    return signed_page(request, "edit/clash.html", session, context, UNREADABLE if is_unanswered else CLASH)


def _clash_view(clash: Clash) -> ClashView:
    yours, theirs = (value_lines(clash.field, value) for value in (clash.yours, clash.theirs))
    return ClashView(clash.field, field_name(clash.field), yours, theirs)
