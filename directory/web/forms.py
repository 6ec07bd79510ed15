"""What comes in by form: its fields, and the way back to a page of ours."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 200


async def form_fields(request: Request) -> dict[str, list[str]]:
    """The fields of a posted form with all their values. Raises HTTPException 415 for anything but a plain form, 400 for a broken one.

    Read here, not by a library for uploads: the forms of this site send text, and every such library is one more thing to trust.
    """
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if kind != FORM:
        raise HTTPException(415)
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def local_path(text: str, default: str = "/") -> str:
    """The address when it is a path of this site, else the default: a form must not send a visitor elsewhere.

    Browsers read a backslash as a slash and drop tabs and line ends, so `/\\evil.test` and `/<tab>/evil.test` lead away too.
    """
    if not re.fullmatch(r"/(?![/\\])[!-~]*", text) or "\\" in text:
        return default
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else default
