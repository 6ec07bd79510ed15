"""Where two people save the same form, the second sees both: what stands now beside each field, and what was typed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from directory.domain.agencies import Overtaken
from directory.domain.people import UnfitFields
from directory.i18n import gettext
from directory.web.fields import Field, FormView, filled, last_of, with_problems

_ = gettext


def form_again(view: FormView, lists: Mapping[str, Sequence[str]], error: UnfitFields | Overtaken) -> FormView:
    """The form once more with what was typed (`lists`, as of `typed_lists`) and what is wrong with it.

    The version that was seen and the token of the form stay what they were, so that the next try still finds out what came in between.
    """
    values = last_of(lists)
    view = filled(replace(view, hidden={name: values.get(name, "") for name in view.hidden}), values, lists)
    if isinstance(error, Overtaken):
        return _with_both(view, values, error)
    return with_problems(view, error.problems)


def _with_both(view: FormView, values: Mapping[str, str], error: Overtaken) -> FormView:
    """Beside each field that somebody else has set to something else, what they wrote.

    Sent once more it is taken as it is then: its `version` is the newest.
    """
    fields = tuple(_with_theirs(each, values, error.now) for each in view.fields)
    wrong = _("Somebody else saved this while you were writing. Look at both, then save what should stay.")
    return replace(view, fields=fields, wrong=wrong, hidden={**view.hidden, "version": str(error.version)})


def _with_theirs(field: Field, values: Mapping[str, str], now: Mapping[str, str]) -> Field:
    theirs = now.get(field.name)
    if theirs is None or theirs == values.get(field.name, ""):
        return field
    said = _("Somebody else set this to: %(value)s") % {"value": _worded(field, theirs)}
    return replace(field, mistake=said)


def _worded(field: Field, value: str) -> str:
    """The value as the form has it: in the words of its choice."""
    if field.many:
        return _("ticked") if value else _("not ticked")
    labels = {choice.value: choice.label for choice in field.choices}
    return labels.get(value, value) or _("nothing")
