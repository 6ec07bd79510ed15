"""Editing a listing: the form, a look at it, then the save. Taking something back, or out, starts at the look."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from directory.domain import edits as rules
from directory.domain.errors import BadEdit, Problem
from directory.domain.listings import Status
from directory.domain.merging import Clash, EditClash, changed
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.listing_desk import listing_reverting
from directory.services.previews import card_preview
from directory.services.revising import Editable, listing_editable, listing_revise, reason_problems
from directory.web.accounts import full_session
from directory.web.edit_form import values_of
from directory.web.edit_pages import (
    Kept,
    Sheet,
    clash_page,
    edit_page,
    in_form,
    kept_of,
    last,
    look_page,
    of_site,
    typed_again,
    typed_form,
    values_sent,
)
from directory.web.edit_rows import Typed
from directory.web.presenters import Link
from directory.web.responses import see_other

_ = gettext

STATUSES = tuple(status.value for status in Status if status is not Status.REMOVED)


def desk_url(slug: str) -> str:
    """The desk page of a listing."""
    return f"/desk/listings/{slug}"


def report_back(request: Request) -> str:
    """The report from which the edit was begun, "" for none: no other address is taken."""
    back = request.query_params.get("back", "")
    return back if re.fullmatch(r"/reports/[0-9]{1,9}", back) else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of an edit that is asked for: by whom, of which listing, with what was sent."""

    request: Request
    session: Session
    listing: Editable
    typed: Typed

    @property
    def site(self) -> dict[str, Any]:
        """The clock and the settings, as services take them."""
        return of_site(self.request)

    @property
    def back(self) -> str:
        """The report that leads here."""
        return report_back(self.request)

    def sheet(self, seen: Mapping[str, Any] | None = None) -> Sheet:
        """What its pages share; `seen` is what stood there when the form was opened, which is now where nothing was sent."""
        slug = self.listing.slug
        return Sheet(
            _("Edit: %(name)s") % {"name": self.listing.name},
            f"{desk_url(slug)}/edit" + (f"?back={self.back}" if self.back else ""),
            Link(_("Back to the listing"), desk_url(slug)),
            self.listing.fields,
            {field: (self.listing.values if seen is None else seen).get(field) for field in self.listing.fields},
            self.listing.is_published_at_once,
        )

    def sent_sheet(self) -> Sheet:
        """The same with what was seen then, which was sent along."""
        return self.sheet(values_sent(self.typed, "seen"))


async def form(request: Request) -> Response:
    """The form with all fields of a listing."""
    step = await _step(request, {})
    return edit_page(request, step.session, step.sheet(), typed_again(step.listing.values))


async def send(request: Request) -> Response:
    """Takes the form: shows it again, shows what would be saved, or saves it."""
    typed = await typed_form(request)
    step = await _step(request, typed)
    name = "more" if "more" in typed else last(typed, "step")
    return await _STEPS.get(name, _look)(step)


async def _step(request: Request, typed: Typed) -> Step:
    session = await full_session(request)
    listing = await listing_editable(by=session.actor, slug=request.path_params["slug"], **of_site(request))
    return Step(request, session, listing, typed)


# --- the steps -------------------------------------------------------------------------------------------------------


async def _more(step: Step) -> Response:
    """The form with more empty rows, and all that was typed."""
    return edit_page(step.request, step.session, step.sent_sheet(), step.typed)


async def _look(step: Step) -> Response:
    """What would be saved of what was typed."""
    sheet = step.sent_sheet()
    try:
        values, problems = values_of(step.typed, sheet.seen, sheet.fields)
    except ValueError:
        raise HTTPException(400) from None
    new = changed(sheet.seen, values)
    problems = problems or in_form(rules.problems(new))
    if problems:
        return edit_page(step.request, step.session, sheet, step.typed, problems)
    if not new:
        notice = _("Nothing is different yet. Change what is not right, then look again.")
        return edit_page(step.request, step.session, sheet, step.typed, notice=notice)
    return await _shown(step, sheet, new, Kept())


async def _shown(
    step: Step, sheet: Sheet, values: Mapping[str, Any], kept: Kept, problems: Sequence[Problem] = ()
) -> Response:
    if wrong := rules.problems(values):
        raise BadEdit(wrong)
    card = await card_preview(by=step.session.actor, slug=step.listing.slug, values=values, **step.site)
    return look_page(step.request, step.session, sheet, values, card, kept, problems)


async def _back(step: Step) -> Response:
    """The form again, from the look at it."""
    sheet = step.sent_sheet()
    return edit_page(step.request, step.session, sheet, typed_again({**sheet.seen, **_values(step, sheet)}))


def _values(step: Step, sheet: Sheet) -> dict[str, Any]:
    """What came along to be saved, without what this form does not have."""
    values = values_sent(step.typed, "values") or {}
    return {field: value for field, value in values.items() if field in sheet.fields}


async def _take_back(step: Step) -> Response:
    """What taking back one field of a save, or all of it, would do."""
    row, change = last(step.typed, "row"), last(step.typed, "change")
    rows = (int(row),) if row.isascii() and row.isdigit() and len(row) < 18 else ()
    listing, values, reverts = await listing_reverting(
        by=step.session.actor, slug=step.listing.slug, rows=rows, change=change, **step.site
    )
    if not values:
        return _done(step, "same")
    kept = Kept(_("Takes an earlier change back."), follow=tuple(values), reverts=reverts)
    step = replace(step, listing=listing)
    return await _shown(step, step.sheet(), values, kept)


async def _source(step: Step) -> Response:
    """What taking the source's value again would do."""
    field = last(step.typed, "field")
    if field not in step.listing.hands & step.listing.past:
        return _done(step, "same")
    values = changed(step.listing.values, {field: step.listing.source[field]})
    if not values:
        return _done(step, "same")
    return await _shown(step, step.sheet(), values, Kept(_("What its source says is right."), follow=(field,)))


async def _status(step: Step) -> Response:
    """What taking the listing out, or showing it again, would do."""
    status = last(step.typed, "status")
    values = changed(step.listing.values, {"status": status})
    if status not in STATUSES or not values:
        return _done(step, "same")
    return await _shown(step, step.sheet(), values, Kept())


async def _save(step: Step) -> Response:
    """Saves; or asks where somebody else has changed the same in between."""
    sheet, kept = step.sent_sheet(), kept_of(step.typed)
    values = _values(step, sheet)
    asked = [field for field in step.typed.get("clash", ()) if field in values]
    open_ones = [field for field in asked if last(step.typed, f"keep-{field}") not in ("yours", "theirs")]
    if open_ones:
        clashes = [Clash(field, None, values[field], sheet.seen.get(field)) for field in asked]
        return clash_page(step.request, step.session, sheet, values, clashes, kept, is_unanswered=True)
    for field in asked:
        if last(step.typed, f"keep-{field}") == "theirs":
            del values[field]
    return await _revised(step, sheet, values, kept)


async def _revised(step: Step, sheet: Sheet, values: dict[str, Any], kept: Kept) -> Response:
    if needed := _reason_needed(values, kept):
        return await _shown(step, sheet, values, kept, needed)
    try:
        done = await listing_revise(
            by=step.session.actor,
            slug=step.listing.slug,
            seen=sheet.seen,
            values=values,
            reason=kept.reason,
            form=kept.once,
            follow=kept.follow,
            reverts=kept.reverts,
            **step.site,
        )
    except EditClash as error:
        now = step.sheet(error.now)
        return clash_page(step.request, step.session, now, values, error.clashes, kept)
    except UnfitFields as error:
        return await _shown(step, sheet, values, kept, error.problems)
    return _done(step, done)


def _reason_needed(values: Mapping[str, Any], kept: Kept) -> list[Problem]:
    """What is wrong with the reason: too long, or missing where a listing is taken out."""
    is_taken_out = values.get("status") == Status.INACTIVE.value
    missing = [Problem("reason", "missing", "")] if is_taken_out and not kept.reason else []
    return missing or reason_problems(kept.reason)


def _done(step: Step, done: str) -> Response:
    back = f"&back={step.back}" if step.back else ""
    return see_other(f"{desk_url(step.listing.slug)}?done={done}{back}")


_STEPS: Mapping[str, Callable[[Step], Awaitable[Response]]] = {
    "more": _more,
    "back": _back,
    "save": _save,
    "take-back": _take_back,
    "source": _source,
    "status": _status,
}
