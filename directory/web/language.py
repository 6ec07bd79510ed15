"""The visitor's choice of language, kept in a cookie."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from directory.i18n import COOKIE, LANGUAGES
from directory.web.forms import form_fields, local_path
from directory.web.responses import see_other
from directory.web.site import settings_of

YEAR = 365 * 24 * 60 * 60


async def choose(request: Request) -> Response:
    """Keeps the choice and goes back to the page where it was made."""
    fields = await form_fields(request)
    wanted = fields.get("language", [""])[-1]
    if wanted not in LANGUAGES:
        raise HTTPException(400)
    response = see_other(local_path(fields.get("back", ["/"])[-1]))
    response.set_cookie(
        COOKIE, wanted, max_age=YEAR, path="/", secure=settings_of(request).is_production, httponly=True, samesite="lax"
    )
    return response
