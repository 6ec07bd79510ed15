"""Sending a file: the form, what still waits to be looked at, and the answer to a file that cannot be read."""

from __future__ import annotations

from dataclasses import replace

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Action, demand
from directory.domain.errors import RunRefused, UnreadableFile
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import uploads as service
from directory.services.exchange import Watch
from directory.services.run_pages import runs_seen
from directory.services.uploads import OWN_MAP, Upload
from directory.web.accounts import full_session
from directory.web.corrections import Mistake
from directory.web.fields import sentence, signed_page
from directory.web.forms import UPLOADS, sent_files
from directory.web.presenters_runs import run_card
from directory.web.presenters_uploads import (
    more_fields,
    partial_field,
    unreadable_words,
    upload_fields,
)
from directory.web.reading import run_to_show
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of, site_of

_ = gettext

MOST_MAP = 100_000
"""Bytes of a map, which is a page or two."""


async def page(request: Request) -> Response:
    """The form, and above it the files that wait."""
    return await _page(request, await full_session(request), {}, {})


async def send(request: Request) -> Response:
    """Reads a file and shows what it would do; what is wrong comes back at its field, with all else as it was chosen."""
    session = await full_session(request)
    demand(session.actor, Action.UPLOAD, now=now_of(request))  # before anything of a large body is read
    values, sent, form = await sent_files(request)

    async def read(watch: Watch) -> int:
        try:
            upload, clock = await _upload(values, sent), site_of(request).clock
            return await service.upload_read(
                by=session.actor, upload=upload, clock=clock, settings=settings_of(request), watch=watch
            )
        finally:
            await form.close()

    try:
        return see_other(f"/runs/{await run_to_show(read)}")
    except UnfitFields as error:
        wrong = {each.field: sentence(each) for each in error.problems}
    except UnreadableFile as error:
        at = "own-map" if error.reason in ("bad-map", "not-toml") else "file"
        return await _page(request, session, values, {at: unreadable_words(error.reason)}, error.detail)
    except RunRefused:
        busy = _("Another file for this list is being read or put in. Wait until that is done, then send yours.")
        wrong = {"source": busy}
    return await _page(request, session, values, wrong)


async def _upload(values: dict[str, str], files: dict[str, UploadFile]) -> Upload:
    """What was sent, as the service takes it."""
    file = files.get("file")
    own = await files["own-map"].read(MOST_MAP) if "own-map" in files else b""
    return Upload(
        stream=file.file if file else None,
        filename=(file.filename or "") if file else "",
        format=values.get("format", ""),
        source=values.get("new", "").strip() or values.get("source", ""),
        fellowship=values.get("fellowship", ""),
        map=OWN_MAP if own else values.get("map", ""),
        map_text=own,
        partial="partial" in values,
    )


async def _page(
    request: Request, session: Session, values: dict[str, str], wrong: dict[str, str], detail: str = ""
) -> Response:
    now = now_of(request)
    targets, may_be_new = await service.upload_targets(by=session.actor, now=now)
    runs = await runs_seen(by=session.actor, source=None, now=now)
    first = upload_fields(targets, may_be_new, values)
    more = more_fields(values)
    context = {
        "title": _("Send a file"),
        "waiting": [run_card(run, now) for run in runs if run.status in ("reading", "preview", "confirmed")],
        "first": [replace(each, mistake=wrong.get(each.name, "")) for each in first],
        "more": [replace(each, mistake=wrong.get(each.name, "")) for each in more],
        "partial": partial_field("partial" in values),
        "wrong": wrong,
        "detail": detail,
        "mistakes": [Mistake(name, text, f"#{name}") for name, text in wrong.items()],
        "address": UPLOADS,
    }
    return signed_page(request, "uploads/page.html", session, context, 422 if wrong else 200)
