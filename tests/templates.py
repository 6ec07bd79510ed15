"""Keeps compiled templates for as long as a process of the tests lives: each test that makes an application of its own would
compile them all again, which took more than half of the time of such a test.
"""

from __future__ import annotations

from typing import Any

import jinja2

_compiled: dict[tuple[object, ...], Any] = {}
_compile = jinja2.Environment.compile

DECIDING = ("autoescape", "undefined", "trim_blocks", "lstrip_blocks", "keep_trailing_newline", "optimized", "is_async")
"""What of an environment, beside its extensions and filters, goes into the code that a template is compiled into."""


def compile_once() -> None:
    """From here on the same text is compiled once for all environments that are alike."""
    jinja2.Environment.compile = _kept  # type: ignore[assignment]


def _kept(self: jinja2.Environment, source: Any, *more: Any, **named: Any) -> Any:
    filters = tuple(sorted((name, id(each)) for name, each in self.filters.items()))
    alike = tuple(getattr(self, name) for name in DECIDING)
    key = (source, more, tuple(sorted(named.items())), tuple(sorted(self.extensions)), filters, alike)
    if key not in _compiled:
        _compiled[key] = _compile(self, source, *more, **named)
    return _compiled[key]
