"""The templates: one strict environment whose texts are in the language of the request, all of it loaded at the start."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from directory import i18n
from directory.web.static import Static

FILTERS = (
    i18n.a_day,
    i18n.a_long_day,
    i18n.a_date,
    i18n.a_time,
    i18n.a_moment,
    i18n.a_zone,
    i18n.an_age,
    i18n.a_number,
    i18n.a_distance,
    i18n.a_weekday,
    i18n.a_list,
    i18n.a_language,
)


def environment(folder: Path, static: Static) -> Environment:
    """An environment over this folder. A name that a page does not give is an error, never a blank."""
    made = _Environment(
        loader=FileSystemLoader(folder),
        autoescape=_is_escaped,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    # These read the language of the running request, so one environment serves all languages.
    made.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext
    )
    made.globals["gettext"] = _gettext  # theirs would put every text together anew, dozens on a page
    made.filters.update({wording.__name__: wording for wording in FILTERS})
    made.globals["static"] = static.url
    return made


class _Environment(Environment):
    """Theirs chains the names that all templates know to those of one template: each import of a page would ask that chain name by
    name. Here every template has all of them at once, those that are known when it is loaded.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows whatever it is given."""
        return {**self.globals, **(d or {})}


@pass_context
def _gettext(context: Context, message: str, **variables: object) -> str:
    is_html = bool(context.eval_ctx.autoescape)
    if not variables:
        return _still(i18n.language(), message, is_html)
    text = i18n.gettext(message)
    return (Markup(text) if is_html else text) % variables


@lru_cache(maxsize=4096)
def _still(_language: str, message: str, is_html: bool) -> str:
    """A text in which nothing is put. It is a format all the same, so that `%%` is one sign."""
    text = i18n.gettext(message) % {}
    return Markup(text) if is_html else text


def preload(templates: Environment) -> None:
    """Compiles every template now: later there is nothing left to read from the disk while visitors wait."""
    for name in templates.list_templates():
        templates.get_template(name)


def _is_escaped(name: str | None) -> bool:
    """All but plain text is HTML, whatever it is called."""
    return not (name or "").endswith(".txt")
