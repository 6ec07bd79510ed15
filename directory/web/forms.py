"""What comes in by form: its fields, the numbers of rows in them, and the way back to a page of ours."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from directory.domain.errors import NotFound

FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"
MAX_FIELDS = 200
UPLOADS = "/uploads"
"""The one address that takes files."""
MOST_UPLOADED = 10_000_000
"""Bytes of a form with its files: the largest list that is published has about six million."""
_MOST_TEXT = 100_000


async def form_fields(request: Request, *, most: int = MAX_FIELDS) -> dict[str, list[str]]:
    """The fields of a posted form with all their values. Raises HTTPException 415 for anything but a plain form, 400 for a broken one
    or one of more than `most` fields.

    Read here, not by a library for uploads: the forms of this site send text, and every such library is one more thing to trust.
    """
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if kind != FORM:
        raise HTTPException(415)
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=most, errors="strict")
    except ValueError:
        raise HTTPException(400) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


async def sent_files(request: Request) -> tuple[dict[str, str], dict[str, UploadFile], FormData]:
    """The fields of a form with files, the files that were chosen, and what is to be closed once they are read.

    A file goes to the disk as it comes in. Raises HTTPException 415 for any other form, 400 for a broken one, 413 for too much.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FILES:
        raise HTTPException(415)
    form = await request.form(max_files=2, max_fields=20, max_part_size=_MOST_TEXT)
    pairs = form.multi_items()
    fields = {name: value for name, value in pairs if isinstance(value, str)}
    files = {name: value for name, value in pairs if isinstance(value, UploadFile) and value.filename}
    if any("\0" in value for value in fields.values()):
        await form.close()
        raise HTTPException(400)
    return fields, files, form


def local_path(text: str, default: str = "/") -> str:
    """The address when it is a path of this site, else the default: a form must not send a visitor elsewhere.

    Browsers read a backslash as a slash and drop tabs and line ends, so `/\\evil.test` and `/<tab>/evil.test` lead away too.
    """
    if not re.fullmatch(r"/(?![/\\])[!-~]*", text) or "\\" in text:
        return default
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else default


def number_of(text: str) -> int:
    """The number of a row, out of an address or a form. Raises NotFound for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound()
    return int(text)
