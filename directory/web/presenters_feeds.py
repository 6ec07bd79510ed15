"""Feeds in words: when each was read and is next, what went wrong, and the form to keep one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from directory.domain.errors import Problem
from directory.i18n import N_, a_moment, gettext, ngettext
from directory.services.feeds import Feed, shown
from directory.services.readers import FORMATS
from directory.web.fields import PROBLEMS, Field, sentence
from directory.web.presenters_form import Choice
from directory.web.presenters_uploads import FORMAT, more_fields, partial_field
from directory.web.wording import age_words

_ = gettext

TROUBLE = {
    "unreachable": N_("It could not be reached. It is tried again by itself."),
    "too-slow": N_("It took too long. It is tried again by itself."),
    "broken-off": N_("It broke off in the middle. It is tried again by itself."),
    "busy": N_("Another file for this list was being put in. It is tried again by itself."),
    "refused-address": N_("This address is not one of the public web, so it is not read. Give another one."),
    "refused-redirect": N_("The address sends on to a place that is not read. Give the one where the file is now."),
    "too-many-redirects": N_("The address sends on again and again. Give the one where the file is now."),
    "status-401": N_("It asks for a name and a password. Ask its owner for an address that is open."),
    "status-403": N_("It does not give the file. Ask its owner whether programs may read it."),
    "status-404": N_("There is no file at this address. Look up where it is now."),
    "status-410": N_("The file was taken away for good. Look up where it is now."),
    "status-429": N_("It was asked too often. It is tried again by itself."),
    "too-large": N_("There is more in this file than we can take at once."),
    "removals": N_("Much of the list would go, so it was stopped. Look at what it would do, then say yes or no."),
    "no-rows": N_("No row of the file could be used, and listings would go. It was stopped: look at the file."),
    "stopped": N_("A mistake of ours stopped it. It is tried again by itself."),
}
"""By how the error of a feed begins."""
NOT_NOW = {
    "unreachable": N_("It could not be reached. Look whether it is right, or try again later."),
    "too-slow": N_("It took too long. Try again later."),
    "broken-off": N_("It broke off in the middle. Try again later."),
    "busy": N_("Another file for this list is being put in. Try again in some minutes."),
    "status-429": N_("It was asked too often. Try again later."),
    "stopped": N_("A mistake of ours stopped it. Try again later."),
}
"""The same where nothing comes by itself: on the form, since nothing was saved or read, and of a feed without a schedule."""
OTHER = N_("The file at this address could not be read. Look whether it is still what it was.")


@dataclass(frozen=True, slots=True)
class FeedCard:
    """A feed in words. `error` is "" where all went well, `detail` what the program says of it, in English."""

    source: str
    address: str
    format: str
    read: str
    next: str
    error: str
    detail: str
    is_on: bool


def feed_card(feed: Feed, now: datetime, zone: tzinfo) -> FeedCard:
    """A feed as its card says it. What may be a key in its address is not shown."""
    read = age_words(feed.fetched_at, now) if feed.fetched_at else _("not yet")
    reason, is_tried_again = (feed.error or "").partition(":")[0], feed.next_at is not None
    error = trouble_words(reason, asked_here=not is_tried_again) if reason else ""
    return FeedCard(
        feed.source,
        shown(feed.address),
        _(FORMAT.get(feed.format, feed.format)),
        read,
        _next(feed, now, zone),
        error,
        feed.error or "",
        feed.every_hours is not None or feed.next_at is not None,
    )


def _next(feed: Feed, now: datetime, zone: tzinfo) -> str:
    if feed.next_at is None:
        return _("only when somebody asks")
    when = _("within a few minutes") if feed.next_at <= now else a_moment(feed.next_at.astimezone(zone))
    if feed.every_hours is None:
        return when
    every = ngettext("every %(n)s hour", "every %(n)s hours", feed.every_hours) % {"n": feed.every_hours}
    return f"{when}, {every}"


def trouble_words(reason: str, *, asked_here: bool = False) -> str:
    """What is wrong with an address or the file there, and what to do; `asked_here` where nobody tries again by itself."""
    if reason.startswith("status-5"):
        reason = "unreachable"
    return _((TROUBLE | NOT_NOW if asked_here else TROUBLE).get(reason, OTHER))


def feed_fields(feed: Feed | None, values: dict[str, str] | None, problems: tuple[Problem, ...] = ()) -> list[Field]:
    """The fields of the form: of a feed as it is kept, or as it was typed."""
    given = values if values is not None else _given(feed)
    wrong = {each.field: _wrong(each) for each in problems}
    choices = tuple(Choice(code, _(FORMAT[code]), code == given.get("format", "")) for code in FORMATS)
    hint = _("A short name without blanks, such as county-shelters.")
    keep = _("Now: %(address)s. Leave it empty to keep that.") % {"address": shown(feed.address)} if feed else ""
    fellowship, column_map = more_fields(given, own_map=False)
    if feed and feed.column_map:
        same = Choice("", _("The map that it has"), False)
        column_map = replace(column_map, choices=(same, *column_map.choices[1:]))
    fields = [
        Field("source", _("Which list is it?"), value=given.get("source", ""), hint=hint, fixed=feed is not None),
        Field("address", _("Web address of the file"), "url", value=(values or {}).get("address", ""), hint=keep),
        Field("format", _("Kind of file"), choices=(Choice("", _("Choose one"), False), *choices)),
        Field(
            "hours",
            _("Hours between two readings"),
            value=given.get("hours", ""),
            numeric=True,
            hint=_("24 is once a day. Empty: only when somebody asks."),
        ),
        fellowship,
        column_map,
        partial_field("partial" in given),
    ]
    return [replace(each, mistake=wrong.get(each.name, "")) for each in fields]


def _given(feed: Feed | None) -> dict[str, str]:
    if feed is None:
        return {"hours": "24"}
    found = {"source": feed.source, "format": feed.format, "fellowship": feed.fellowship or ""}
    found["hours"] = str(feed.every_hours or "")
    return found | ({"partial": "1"} if feed.partial else {})


def _wrong(problem: Problem) -> str:
    return sentence(problem) if problem.code in PROBLEMS else trouble_words(problem.code, asked_here=True)
