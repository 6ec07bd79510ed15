"""A long list as JSON, piece by piece: one value a line, so that two files can be compared line by line."""

from __future__ import annotations

import json


class JsonList:
    """Puts the commas between the values of a list, and what stands before and after it."""

    def __init__(self, before: str = "[", after: str = "]") -> None:
        self._before, self._after = before, after
        self._is_empty = True

    def start(self) -> bytes:
        """What stands before the first value."""
        return self._before.encode()

    def add(self, value: object) -> bytes:
        """One more value. Keys keep their order, and a number is written as briefly as it can be read back."""
        comma = "\n" if self._is_empty else ",\n"
        self._is_empty = False
        return (comma + json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))).encode()

    def end(self) -> bytes:
        """What stands after the last."""
        return f"{'' if self._is_empty else chr(10)}{self._after}\n".encode()
