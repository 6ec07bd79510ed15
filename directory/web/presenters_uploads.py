"""The form for files in words: which list, which form, which map, and why a file cannot be read."""

from __future__ import annotations

from directory import labels
from directory.domain.taxonomy import PROGRAMS
from directory.i18n import N_, a_number, gettext, ngettext
from directory.services.readers import FORMATS
from directory.services.uploads import OWN_MAP, Target, maps_ready
from directory.web.fields import Field
from directory.web.presenters_form import Choice

_ = gettext

FORMAT = {
    "meeting-guide": N_("Meeting list, Meeting Guide (JSON)"),
    "samhsa": N_("Directory of SAMHSA (CSV or Excel)"),
    "smart": N_("SMART Recovery meetings (JSON)"),
    "dhcs": N_("Licenses of California DHCS (CSV)"),
    "csv": N_("Another table (CSV), with a map of its columns"),
}
MAP = {
    "shelter-list": N_("List of shelters"),
    "recovery-residences": N_("List of recovery residences"),
    "job-services": N_("Help with work"),
    "tsml": N_("Meetings as the TSML plugin writes them"),
    "uk-12-step": N_("Twelve-step meetings in the United Kingdom"),
    "icarol": N_("Export of a 211 center (iCarol)"),
    "toronto-shelters": N_("Shelters of the City of Toronto"),
}
UNREADABLE = {
    "empty": N_("There is nothing in this file."),
    "no-header": N_("This file lacks names of columns that its kind has. Choose another kind, or another file."),
    "not-a-list": N_("This is no list of meetings. Choose another kind, or another file."),
    "not-a-workbook": N_("This Excel file cannot be read. Save it once more, or save it as CSV."),
    "not-json": N_("This is no JSON file. Choose another kind, or another file."),
    "not-text": N_("This is no text file. If it comes from Excel, save it as CSV first."),
    "not-toml": N_("The map is no TOML file."),
    "bad-map": N_("The map of columns cannot be used."),
    "too-large": N_("There is more in this file than we can take at once. Send it in parts."),
    "unknown-layout": N_("The columns of this file are not those of its kind. Choose another kind, or another file."),
}
"""By the reason of UnreadableFile."""


def upload_fields(targets: list[Target], may_be_new: bool, values: dict[str, str]) -> tuple[Field, ...]:
    """The fields of the form but for the files, with what was chosen before."""
    chosen = values.get("source", targets[0].name if len(targets) == 1 and not may_be_new else "")
    sources = [Choice(each.name, _target(each), each.name == chosen) for each in targets]
    fields = [Field("source", _("Which list is it?"), choices=(Choice("", _("Choose a list"), False), *sources))]
    if may_be_new:
        hint = _("A short name without blanks, such as county-shelters. Leave it empty for a list from above.")
        fields.append(Field("new", _("Or the name of a new list"), hint=hint, value=values.get("new", "")))
    fields.append(Field("format", _("Kind of file"), choices=_choices(FORMAT, FORMATS, values.get("format", ""))))
    return tuple(fields)


def more_fields(values: dict[str, str], *, own_map: bool = True) -> tuple[Field, ...]:
    """The fields that only some formats have."""
    programs = tuple(Choice(code, labels.program(code), code == values.get("fellowship", "")) for code in PROGRAMS)
    nobody = Choice("", _("Not said, or no meeting list"), False)
    ready = [Choice(name, _(MAP[name]), name == values.get("map", "")) for name in maps_ready()]
    own = [Choice(OWN_MAP, _("A map of my own, chosen below"), values.get("map", "") == OWN_MAP)] if own_map else []
    maps = (Choice("", _("None"), False), *ready, *own)
    return (
        Field("fellowship", _("For a meeting list: whose meetings"), choices=(nobody, *programs)),
        Field("map", _("For another table: the map of its columns"), choices=maps),
    )


def partial_field(chosen: bool) -> Field:
    """The tick that a file is a part."""
    label = _("The file is only a part of the list: take nothing out")
    return Field("partial", _("All of it?"), choices=(Choice("1", label, chosen),), many=True)


def _choices(names: dict[str, str], order: tuple[str, ...], chosen: str) -> tuple[Choice, ...]:
    return (Choice("", _("Choose one"), False), *(Choice(code, _(names[code]), code == chosen) for code in order))


def _target(each: Target) -> str:
    title = each.title if each.title == each.name or each.is_own else f"{each.title}, {each.name}"
    if not each.listings:
        return title
    said = ngettext("%(n)s listing", "%(n)s listings", each.listings) % {"n": a_number(each.listings)}
    return f"{title} ({said})"


def unreadable_words(reason: str) -> str:
    """Why a file cannot be read, and what to do."""
    return _(UNREADABLE.get(reason, UNREADABLE["unknown-layout"]))
