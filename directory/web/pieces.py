"""How pieces of HTML are kept, and put together again: a store of those that were used last, and holes for what is put in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from markupsafe import Markup, escape

HOLE = "\ue000"
"""Stands in a piece for what is put in later: a sign that no label, no name and no number has."""

Piece = TypeVar("Piece")


class Store(Generic[Piece]):
    """The pieces that were used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: OrderedDict[Hashable, Piece] = OrderedDict()

    def get(self, key: Hashable) -> Piece | None:
        """The piece with this key, None where there is none."""
        piece = self._pieces.get(key)
        if piece is not None:
            self._pieces.move_to_end(key)
        return piece

    def put(self, key: Hashable, piece: Piece) -> Piece:
        """Keeps a piece under this key, and gives it."""
        self._pieces[key] = piece
        if len(self._pieces) > self._most:
            self._pieces.popitem(last=False)
        return piece

    def once(self, key: Hashable, make: Callable[[], Piece]) -> Piece:
        """The piece with this key, made where there is none."""
        piece = self.get(key)
        return self.put(key, make()) if piece is None else piece


def filled(pieces: Sequence[str], *values: object) -> Markup:
    """The pieces with a value between each two. Raises ValueError where these are not as many as the gaps."""
    first, *others = pieces
    return Markup(first + "".join([f"{escape(value)}{piece}" for value, piece in zip(values, others, strict=True)]))
