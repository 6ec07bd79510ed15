"""The one tree of expected failures.

Each carries a stable code and the values that explain it. Nothing here is a sentence: `web/responses.py`
and `cli.py` turn a code and its values into words fit for the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FootbridgeError(Exception):
    """Something that can be expected to go wrong. `code` is stable, `values` are plain data."""

    code = "error"
    status = 500

    def __init__(self, **values: object) -> None:
        super().__init__(self.code, values)
        self.values = values

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.code}: {details}" if details else self.code


class NotFound(FootbridgeError):
    """Nothing has this address."""

    code = "not-found"
    status = 404


class Gone(FootbridgeError):
    """It was here and its source has taken it out. `slug` names it."""

    code = "gone"
    status = 410


class Moved(FootbridgeError):
    """It is the same as another listing and is shown there. `slug` names it, `to` the other one."""

    code = "moved"
    status = 308

    def __init__(self, slug: str, to: str) -> None:
        super().__init__(slug=slug, to=to)
        self.slug, self.to = slug, to


class Settled(FootbridgeError):
    """Somebody else has decided this meanwhile, or what it was about has changed. Nothing was written."""

    code = "settled"
    status = 409


class RunRefused(FootbridgeError):
    """An import run cannot be taken back. `run` names it; `status` is its own, or "busy" while its source is at work."""

    code = "run-refused"
    status = 409


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field: a code, the value as given, and what would have been right."""

    field: str
    code: str
    value: str
    allowed: tuple[str, ...] = ()


class BadQuery(FootbridgeError):
    """A search asks for something that does not exist. `problems` says what, field by field."""

    code = "bad-query"
    status = 400

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(fields=[problem.field for problem in problems])
        self.problems = tuple(problems)


class BadEdit(FootbridgeError):
    """A listing cannot be set to that. `problems` says what, field by field."""

    code = "bad-edit"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(fields=[problem.field for problem in problems])
        self.problems = tuple(problems)


class EditRefused(FootbridgeError):
    """A listing cannot be edited before its `source` is imported once more: its words are not known yet."""

    code = "edit-refused"
    status = 409


class PlaceNotFound(FootbridgeError):
    """No place is called that. `place` is the text as typed, `suggestions` the nearest spellings."""

    code = "place-not-found"
    status = 422

    def __init__(self, place: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(place=place, suggestions=list(suggestions))
        self.place = place
        self.suggestions = tuple(suggestions)


class UnreadableFile(FootbridgeError):
    """A file cannot be read, or is not the format it was said to be. Nothing was changed.

    `reason` is a short code, `detail` says where or what in words of the file itself.
    """

    code = "unreadable-file"
    status = 400

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason=reason, detail=detail)
        self.reason = reason
        self.detail = detail
