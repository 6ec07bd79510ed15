"""Two people and one listing: what each of them saw, wrote and finds there now, field by field, so that nobody's words are lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.domain.errors import FootbridgeError
from directory.domain.listings import Visibility

Values = Mapping[str, Any]
"""Fields of a listing by the names of its JSON, such as "address.street"; None, or a field that is missing, says nothing."""

_ROWS = ("windows", "phones", "urls")
"""Lists of which an empty one says no more than none at all."""
_PARTIAL = ("address.name", "address.street", "address.street_2", "address.postal_code", "address.notes")
_VISIBILITY = "address.visibility"


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else has changed since one looked. `before` is what one saw."""

    field: str
    before: Any
    yours: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be set, and what cannot be without asking."""

    values: dict[str, Any]
    clashes: tuple[Clash, ...]


class EditClash(FootbridgeError):
    """Somebody else has saved in between. `clashes` are the fields of which both say something, `now` is all that stands there now."""

    code = "edit-clash"
    status = 409

    def __init__(self, clashes: Iterable[Clash], now: Values) -> None:
        self.clashes = tuple(clashes)
        self.now = dict(now)
        super().__init__(fields=[clash.field for clash in self.clashes])


def are_same(field: str, one: Any, other: Any) -> bool:
    """Whether two values of a field say the same."""
    if field in _ROWS:
        return (one or None) == (other or None)
    return bool(one == other)


def changed(seen: Values, yours: Values) -> dict[str, Any]:
    """What somebody has changed of what they saw."""
    return {field: value for field, value in yours.items() if not are_same(field, seen.get(field), value)}


def merged(seen: Values, yours: Values, now: Values) -> Merged:
    """What somebody wrote over what they saw, laid over what stands there now.

    What only one of the two has changed is taken; what both have changed to the same stays; all else is a clash.
    """
    values, clashes = {}, []
    for field, value in changed(seen, yours).items():
        before, theirs = seen.get(field), now.get(field)
        if are_same(field, theirs, value):
            continue
        if are_same(field, before, theirs):
            values[field] = value
        else:
            clashes.append(Clash(field, before, value, theirs))
    return Merged(values, tuple(clashes))


def hidden_fields(*visibilities: str | None) -> frozenset[str]:
    """The fields that only those see who look after a listing, where its address is, or was, of one of these visibilities.

    What hides them is one of them, so that nobody uncovers what they cannot see.
    """
    if Visibility.HIDDEN in visibilities:
        return frozenset((*_PARTIAL, "address.city", "address.state", _VISIBILITY))
    return frozenset((*_PARTIAL, _VISIBILITY)) if Visibility.PARTIAL in visibilities else frozenset()
