"""The words of messages: templates of `templates/mail/` in the reader's language, with nothing in them that tells what the site is for."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from directory import i18n
from directory.domain.notices import SMS, TEMPLATES, Message
from directory.resources import folder


@cache
def letters() -> Environment:
    """The templates, read and compiled, and the catalogues with them: all of it files, so that a server calls this in a thread first."""
    made = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=lambda name: not (name or "").endswith(".txt"),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    for name in made.list_templates(filter_func=lambda name: name.startswith("mail/")):
        made.get_template(name)
    for language in i18n.LANGUAGES:
        i18n.catalogue(language)
    return made


def written(
    *, id: str, channel: str, to: str, template: str, language: str, words: Mapping[str, object], site: str
) -> Message:
    """A message in the reader's language, or in English where there is none. `words` are the values of the template.

    The first line of a mail's text is its subject. Raises KeyError for a template that there is not.
    """
    if template not in TEMPLATES:
        raise KeyError(template)
    return copy_context().run(_written, id, channel, to, template, language, {**words, "site": site})


def _written(id: str, channel: str, to: str, template: str, language: str, words: Mapping[str, object]) -> Message:
    language = language if language in i18n.LANGUAGES else "en"
    i18n.use(language)
    values = {**words, "language": language}
    if channel == SMS:
        return Message(id, to, "", _filled(f"mail/{template}.sms.txt", values).strip(), "", language)
    subject, _, text = _filled(f"mail/{template}.txt", values).partition("\n")
    return Message(id, to, subject.strip(), text.strip() + "\n", _filled(f"mail/{template}.html", values), language)


def _filled(name: str, values: Mapping[str, object]) -> str:
    return letters().get_template(name).render(values)
