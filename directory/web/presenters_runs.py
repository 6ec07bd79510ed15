"""Import runs in words: what one is at, what it would do or did field by field, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.differences import UNPUBLISHED
from directory.i18n import N_, a_list, a_number, gettext, ngettext
from directory.services.history import RunRecord
from directory.services.run_pages import PARTS, RunPage, Shown
from directory.services.undo import ALL
from directory.web.presenters import Link, listing_url
from directory.web.presenters_edit import field_name, value_lines
from directory.web.presenters_rows import new_lines, reason_words
from directory.web.presenters_uploads import unreadable_words
from directory.web.wording import age_words

_ = gettext

STATE = {
    "reading": N_("Being read"),
    "preview": N_("Waits for your yes"),
    "asked": N_("Waits for a coordinator"),
    "confirmed": N_("Will be put in within a few minutes"),
    "applying": N_("Is being put in"),
    "done": N_("Put in"),
    "undo-asked": N_("Will be taken back within a few minutes"),
    "undoing": N_("Is being taken back"),
    "undone": N_("Taken back"),
    "discarded": N_("Put away, nothing was changed"),
    "unreadable": N_("Could not be read, nothing was changed"),
    "error": N_("Could not be put in; everything is as it was"),
}
PART = {
    "changed": N_("Changed"),
    "added": N_("New"),
    "gone": N_("Gone"),
    "rejected": N_("Left out"),
    "warnings": N_("Remarks"),
}
_NOT_NOW = {
    "undone": N_("It had brought: %(counts)s"),
    "discarded": N_("It would have brought: %(counts)s"),
    "error": N_("It would have brought: %(counts)s"),
}
"""How the counts of a run are told of which nothing is there."""
WAITING = ("preview", "asked")
"""The states in which somebody has to look."""
AT_WORK = ("reading", "confirmed", "applying", "undo-asked", "undoing")
"""The states that end by themselves: the page loads again after some seconds."""


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run in a list."""

    id: int
    title: str
    state: str
    counts: str
    origin: str
    age: str
    source: str


def run_card(run: RunRecord, now: datetime) -> RunCard:
    """A run as a list says it."""
    return RunCard(
        run.id,
        run.source_title,
        _(STATE.get(state_of(run), STATE["undone"])),
        counts_words(run),
        run.origin or "",
        age_words(run.started_at, now),
        run.source,
    )


def state_of(run: RunRecord) -> str:
    """The state as people know it: what was taken back since it could not be written is an error."""
    if run.error and run.status in ("undone", "discarded"):
        return "error" if run.status == "undone" else "unreadable"
    return "asked" if run.status == "preview" and run.options.get("asked") else run.status


def counts_words(run: RunRecord) -> str:
    """Such as "3 new, 2 changed, 1 gone, 2 left out"; "nothing at all" where that is so. Before it is read, nothing is said.

    Of what is taken back or was never put in, it is said so.
    """
    counts, state = run.counts, state_of(run)
    if state in ("reading", "unreadable"):
        return ""
    parts = (
        (counts["added"], ngettext("%(n)s new", "%(n)s new", counts["added"])),
        (counts["changed"], ngettext("%(n)s changed", "%(n)s changed", counts["changed"])),
        (counts["removed"], ngettext("%(n)s gone", "%(n)s gone", counts["removed"])),
        (counts["rejected"], ngettext("%(n)s row left out", "%(n)s rows left out", counts["rejected"])),
        (counts["unchanged"], ngettext("%(n)s as it was", "%(n)s as they were", counts["unchanged"])),
    )
    said = [text % {"n": a_number(number)} for number, text in parts if number]
    if not said:
        return _("nothing at all")
    return _(_NOT_NOW.get(state, "%(counts)s")) % {"counts": a_list(said)}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field before and after; `held` where people have set it by hand, so that theirs stays."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One listing that a run is about; `about` is what one that is to be added says of itself."""

    name: str
    url: str
    note: str
    fields: tuple[FieldLine, ...]
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineView:
    """A row that is left out, or a remark. `said` is the reason as the reader of the file gives it, in English; `text` it in words, if any."""

    line: str
    text: str
    said: str


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its page says it. `tabs` are its parts with how many each has; `question` is what has to be ticked."""

    id: int
    state_words: str
    counts: str
    facts: tuple[tuple[str, str], ...]
    notice: str
    question: str
    can_confirm: bool
    can_discard: bool
    can_undo: bool
    is_at_work: bool
    tabs: tuple[tuple[str, str, bool], ...]
    part: str
    rows: tuple[RowView, ...]
    lines: tuple[LineView, ...]
    left: str
    earlier: str
    later: str
    instead: Link | None
    kept: tuple[Link, ...]


def run_view(page: RunPage, who: str, now: datetime) -> RunView:
    """A run with one page of one part of it. `who` is the name of the person who sent it, "" where it is none."""
    run, state = page.run, state_of(page.run)
    options = run.options
    address = f"/runs/{run.id}"
    waits = state in WAITING
    instead = options.get("instead")
    shown = {name for name in PARTS if page.sizes[name]}
    return RunView(
        id=run.id,
        state_words=_(STATE.get(state, STATE["undone"])),
        counts=counts_words(run),
        facts=_facts(run, who, now),
        notice=_notice(run, state, is_decidable=page.is_decidable),
        question=_question(options.get("question")) if waits else "",
        can_confirm=waits and page.is_decidable and options.get("usable", 0) > 0,
        can_discard=waits or state == "confirmed",
        can_undo=state == "done" and page.is_decidable and _does_anything(run),
        is_at_work=state in AT_WORK,
        tabs=tuple(
            (f"{_(PART[name])} ({a_number(page.sizes[name])})", f"{address}?show={name}", name == page.part)
            for name in PARTS
            if name in shown
        ),
        part=_(PART[page.part]) if page.part else "",
        rows=tuple(_row(each) for each in page.rows),
        lines=tuple(_line(line, text, is_left_out=page.part == "rejected") for line, text in page.lines),
        left=a_number(page.left) if page.part == "rejected" and page.left else "",
        earlier=f"{address}?show={page.part}&page={page.page - 1}" if page.page > 1 else "",
        later=f"{address}?show={page.part}&page={page.page + 1}" if page.page < page.pages else "",
        instead=Link(_("Look at the one that took its place"), f"/runs/{instead}") if instead else None,
        kept=tuple(Link(_kept_words(each["slug"], each["field"]), listing_url(each["slug"])) for each in run.kept),
    )


def _line(line: int, said: str, *, is_left_out: bool) -> LineView:
    where = _("Line %(n)s") % {"n": a_number(line)} if line else ""
    return LineView(where, reason_words(said) if is_left_out else "", said)


def _kept_words(slug: str, field: str) -> str:
    return slug if field == ALL else f"{slug}: {field_name(field)}"


def _facts(run: RunRecord, who: str, now: datetime) -> tuple[tuple[str, str], ...]:
    found = [(_("List"), run.source_title), (_("File"), run.origin or ""), (_("Sent by"), who)]
    found.append((_("Read"), age_words(run.started_at, now)))
    if run.status == "done" and run.finished_at:
        found.append((_("Put in"), age_words(run.finished_at, now)))
    if run.undone_at:
        found.append((_("Taken back"), age_words(run.undone_at, now)))
    return tuple((name, text) for name, text in found if text)


def _does_anything(run: RunRecord) -> bool:
    return bool(run.counts["added"] + run.counts["changed"] + run.counts["removed"])


def _notice(run: RunRecord, state: str, *, is_decidable: bool) -> str:
    if state in WAITING and not is_decidable:
        return _("Nothing has been changed yet. A coordinator looks at it first and puts it in. You can put it away.")
    if state in WAITING and run.options.get("is_again"):
        return _(
            "The listings have changed since this file was read, so it was compared once more. Look again: this is what it would do now."
        )
    if state in WAITING:
        return _("Nothing has been changed yet. Look at what the file would do, then say yes or put it away.")
    if state == "unreadable":
        return unreadable_words(run.error or "")
    if state == "error":
        return _(
            "The file could not be put in, because of a mistake of ours. Everything is as it was. Please try again."
        )
    return ""


def _question(asked: list[int] | None) -> str:
    if not asked:
        return ""
    gone, active = (a_number(number) for number in asked)
    return _("Yes, %(gone)s of %(active)s listings are to go.") % {"gone": gone, "active": active}


def _row(each: Shown) -> RowView:
    note = {"return": _("It was gone and comes back."), "remove": _("The file does not have it any more.")}
    fields = tuple(
        FieldLine(_name_of(field), _lines(field, before), _lines(field, after), field in each.held)
        for field, (before, after) in sorted(each.differences.items())
        if field not in UNPUBLISHED and field != ALL
    )
    url = listing_url(each.slug) if each.slug else ""
    about = new_lines(each.draft) if each.draft else ()
    return RowView(each.name, url, note.get(each.action, ""), fields if each.action == "change" else (), about)


_MORE_FIELDS = {
    "address.point": N_("Place on the map"),
    "address.country": N_("Country"),
    "address.timezone": N_("Time zone"),
    "address.approximate": N_("How exact the place is"),
    "codes": N_("Codes of its source"),
    "changes": N_("Days that differ"),
    "capacities": N_("Openings as the source says"),
}


def _name_of(field: str) -> str:
    return _(_MORE_FIELDS[field]) if field in _MORE_FIELDS else field_name(field)


def _lines(field: str, value: Any) -> tuple[str, ...]:
    """What stands in a field. A hidden place is not told: of a point only that there is one."""
    if field == "address.point":
        return (_("A point of the source"),) if value else (_("Not known"),)
    if field == "codes" and value:
        return (", ".join(str(each[-1]) for each in value),)
    if field in ("changes", "capacities") and value:
        return (ngettext("%(n)s of them", "%(n)s of them", len(value)) % {"n": a_number(len(value))},)
    return value_lines(field, value)
