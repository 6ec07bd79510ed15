"""Keeps what Tortoise works out about our models each time a database is opened: which filters and columns each has on this engine.

That is always the same, and took a fiftieth of a second, which most of the tests spent once or twice.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from tortoise.apps import Apps

DEPENDING = (
    *("filters", "db_native_fields", "db_default_fields", "db_complex_fields"),
    *("basetable", "basequery", "basequery_all_fields"),
)
"""What of a model's `_meta` depends on the engine."""

_build = Apps._build_initial_querysets
_known: dict[tuple[object, ...], list[dict[str, Any]]] = {}


def work_out_once() -> None:
    """From here on that is worked out once for the same models on the same engine."""
    Apps._build_initial_querysets = _kept  # type: ignore[method-assign]


def _kept(self: Apps) -> None:
    models = [model for app in self.apps.values() for model in app.values()]
    engines = {model._meta.db.__class__ for model in models}
    key = (*models, *engines)
    if key not in _known:
        _build(self)
        _known[key] = [{name: copy(getattr(model._meta, name)) for name in DEPENDING} for model in models]
        return
    for model, found in zip(models, _known[key], strict=True):
        for name, value in found.items():
            # A copy, since Tortoise empties and fills these very objects when it turns to another engine.
            setattr(model._meta, name, copy(value))
