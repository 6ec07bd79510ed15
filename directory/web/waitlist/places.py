"""One place in line of one person: why it is where it is, and what can be done with it, each thing in a small form of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Actor
from directory.domain.errors import NotFound, Problem
from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.states import Entry, NoSuchMove
from directory.i18n import gettext
from directory.services.clock import local_day
from directory.services.waitlist import entries, locating, requests
from directory.services.waitlist import person as people
from directory.services.waitlist.entries import EntryNow, InLine, UnfitReason
from directory.settings import Settings
from directory.web.accounts import full_session
from directory.web.fields import FormView, filled, signed_page, typed, with_problems
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_places import (
    NAMES,
    forms,
    lacks_words,
    no_room_words,
    room_form,
    room_words,
)
from directory.web.waitlist.presenters_spots import NEXT, place_words, state_words, why_words
from directory.web.waitlist.steps import upi_of

_ = gettext


REFUSALS = (
    NoSuchMove,
    InLine,
    UnfitReason,
    requests.NotTheDay,
    requests.ThereIsRoom,
    requests.NobodyToAsk,
    locating.StillToTry,
)
"""What the page of the place says by itself, above how it is now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for: the entry, what was typed, and who sends it when."""

    entry: EntryNow
    upi: str
    values: Mapping[str, str]
    by: Actor
    now: datetime
    settings: Settings
    today: date


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed in one of the forms, and what is wrong with it."""

    name: str
    values: Mapping[str, str]
    error: UnfitFields

    def within(self, view: FormView) -> FormView:
        """The form with both, each mistake at the field that the page has for it."""
        names = NAMES.get(self.name, {})
        named = [replace(each, field=names.get(each.field, each.field)) for each in self.error.problems]
        return with_problems(filled(view, self.values), named)


async def page(request: Request) -> Response:
    """One place with its reasons and its forms."""
    return await _page(request, await full_session(request))


async def _page(request: Request, session: Session, refused: Refused | None = None) -> Response:
    """The page as it is now; with what was refused in its form, or the word that this form is there no more."""
    now, upi = now_of(request), upi_of(request)
    who, spot, known = await people.spot_show(
        entry=number_of(request.path_params["entry"]),
        upi=upi,
        by=session.actor,
        now=now,
        settings=settings_of(request),
    )
    entry = spot.entry
    address = f"/clients/{upi}/places/{entry.id}"
    looked = await requests.capacity_looked(found=entry, now=now)
    shown = forms(spot, upi, await local_day(entry.timezone, now)) | room_form(spot, upi, looked)
    if refused is not None:
        if refused.name not in shown:
            return see_other(f"{address}?done={NoSuchMove.code}")
        shown[refused.name] = refused.within(shown[refused.name])
    lacks = await locating.locate_lacks(client=entry.client, now=now)
    context = {
        "title": _("A place in line"),
        "called": who.called,
        "upi": upi,
        "line": entry.pool_name,
        "state": state_words(spot),
        "place": place_words(spot),
        "next": _(NEXT[entry.status]) if entry.status in NEXT else "",
        "why": why_words(spot, known) if spot.is_open else (),
        "forms": shown,
        "open": refused.name if refused else "",
        "address": address,
        "is_paused": entry.status is Entry.ON_HOLD,
        "is_open": spot.is_open,
        "is_closed": entry.status is Entry.CLOSED,
        "rooms": [room_words(room, entry.timezone) for room in looked.rooms],
        "no_room": no_room_words(spot, looked),
        "lacks": lacks_words(lacks),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/place.html", session, context, refused.error.status if refused else 200)


# --- what can be done ------------------------------------------------------------------------------------------------


async def send(request: Request) -> Response:
    """Does what one of the forms asks for. Whoever comes second, or too late, is told so and sees how it is now."""
    session, values, name = await full_session(request), await typed(request), request.path_params["what"]
    now, upi, settings = now_of(request), upi_of(request), settings_of(request)
    if name not in WORK:
        raise NotFound()
    entry = await entries.entry_allowed(
        entry=number_of(request.path_params["entry"]), upi=upi, by=session.actor, now=now
    )
    today = await local_day(entry.timezone, now)
    asked = Asked(entry, upi, values, session.actor, now, settings, today)
    address = f"/clients/{upi}/places/{entry.id}"
    try:
        return see_other(f"{address}?done={await WORK[name](asked)}")
    except UnfitFields as error:
        return await _page(request, session, Refused(name, values, error))
    except REFUSALS as error:
        return see_other(f"{address}?done={error.code}")


async def _hold(asked: Asked) -> str:
    await entries.entry_hold(
        entry=asked.entry.id,
        reason=asked.values.get("hold_reason", ""),
        review_on=_day(asked, "review_on"),
        by=asked.by,
        today=asked.today,
        now=asked.now,
    )
    return "held"


async def _resume(asked: Asked) -> str:
    await entries.entry_resume(entry=asked.entry.id, by=asked.by, now=asked.now)
    return "resumed"


async def _close(asked: Asked) -> str:
    reason = asked.values.get("close_reason", "")
    if not reason:
        raise UnfitFields([Problem("reason", "choose", "")])
    await entries.entry_close(entry=asked.entry.id, reason=reason, by=asked.by, now=asked.now, settings=asked.settings)
    return "closed"


async def _lost(asked: Asked) -> str:
    await locating.unlocated_ask(
        entry=asked.entry.id,
        upi=asked.upi,
        note=asked.values.get("lost_note", ""),
        by=asked.by,
        now=asked.now,
        settings=asked.settings,
    )
    return "asked"


async def _reinstate(asked: Asked) -> str:
    reason, silence = asked.values.get("back_reason", ""), asked.values.get("silence", "")
    if reason not in entries.RETURNS:
        raise UnfitFields([Problem("reason", "choose", reason)])
    is_kept = await entries.entry_reinstate(
        entry=asked.entry.id,
        silence=silence if silence in entries.SILENCES else None,
        reason=reason,
        by=asked.by,
        now=asked.now,
    )
    return "back" if is_kept else "back-anew"


async def _older(asked: Asked) -> str:
    midday = datetime.combine(_day(asked, "asked_on"), time(12), ZoneInfo(asked.entry.timezone))
    await entries.entry_backdate_ask(
        entry=asked.entry.id,
        to=min(midday.astimezone(UTC), asked.now),
        reason=asked.values.get("older_reason", ""),
        note=asked.values.get("older_note", ""),
        by=asked.by,
        now=asked.now,
        settings=asked.settings,
    )
    return "asked"


async def _level(asked: Asked) -> str:
    edition, _colon, code = asked.values.get("level", "").partition(":")
    await requests.level_recommend(
        entry=asked.entry.id,
        upi=asked.upi,
        asam=code,
        edition=edition,
        recommended_by=asked.values.get("recommended_by", ""),
        version=number_of(asked.values.get("version", "")),
        by=asked.by,
        now=asked.now,
    )
    return "saved"


async def _no_room(asked: Asked) -> str:
    told = {name.removeprefix("asked-"): way for name, way in asked.values.items() if name.startswith("asked-")}
    ways = {int(level): way for level, way in told.items() if level.isascii() and level.isdigit()}
    await requests.capacity_note(entry=asked.entry.id, upi=asked.upi, by=asked.by, now=asked.now, asked=ways)
    return "saved"


def _day(asked: Asked, name: str) -> date:
    try:
        return date.fromisoformat(asked.values.get(name, ""))
    except ValueError:
        raise UnfitFields([Problem(name, "not-a-day", "")]) from None


WORK: Mapping[str, Callable[[Asked], Awaitable[str]]] = {
    "hold": _hold,
    "resume": _resume,
    "close": _close,
    "lost": _lost,
    "reinstate": _reinstate,
    "older": _older,
    "level": _level,
    "no-room": _no_room,
}
"""By the last part of the address."""
