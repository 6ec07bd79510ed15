"""Keeps templates, as read and as compiled, for as long as a process of the tests lives: each test that makes an application of its
own would read and compile them all again, which took more than half of the time of such a test.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import jinja2

_compiled: dict[tuple[object, ...], Any] = {}
_environments: WeakKeyDictionary[jinja2.Environment, tuple[int, tuple[object, ...]]] = WeakKeyDictionary()
_compile = jinja2.Environment.compile
_sources: dict[tuple[str, ...], Any] = {}
_read = jinja2.FileSystemLoader.get_source

DECIDING = ("autoescape", "undefined", "trim_blocks", "lstrip_blocks", "keep_trailing_newline", "optimized", "is_async")
"""What of an environment, beside its extensions and filters, goes into the code that a template is compiled into."""


def compile_once() -> None:
    """From here on a file is read once for as long as it stays as it is, and the same text compiled once for all environments that are alike."""
    jinja2.Environment.compile = _kept  # type: ignore[assignment]
    jinja2.FileSystemLoader.get_source = _remembered  # type: ignore[method-assign]


def _remembered(self: jinja2.FileSystemLoader, environment: jinja2.Environment, template: str) -> Any:
    key = (*self.searchpath, template)
    if key not in _sources or not _sources[key][2]():
        _sources[key] = _read(self, environment, template)
    return _sources[key]


def _kept(self: jinja2.Environment, source: Any, *more: Any, **named: Any) -> Any:
    key = (source, more, tuple(sorted(named.items())), _alike(self))
    if key not in _compiled:
        _compiled[key] = _compile(self, source, *more, **named)
    return _compiled[key]


def _alike(environment: jinja2.Environment) -> tuple[object, ...]:
    """What is the same for environments that compile alike. Put together once for each, and again when it is given more filters."""
    count = len(environment.filters)
    known = _environments.get(environment)
    if known is None or known[0] != count:
        filters = tuple(sorted((name, id(each)) for name, each in environment.filters.items()))
        deciding = tuple(getattr(environment, name) for name in DECIDING)
        known = _environments[environment] = (count, (tuple(sorted(environment.extensions)), filters, deciding))
    return known[1]
