"""The list of calls to make and the call sheet in words: why each listing is on the list, and what came of earlier calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain import checks as rules
from directory.domain.checks import Check
from directory.domain.results import Card
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.checks import PER_PAGE, CallSheet, DueLine, DueList
from directory.web.presenters import Link, listing_url, what_words, where_words
from directory.web.presenters_form import Choice
from directory.web.presenters_listing import ListingView, listing_view
from directory.web.presenters_week import usual_words
from directory.web.wording import moment_words, phone_url, phone_words

_ = gettext

CHECKS = "/checks"
OUTCOME = {
    rules.CONFIRMED: N_("All of it is right"),
    rules.CHANGED: N_("Something has changed: I will put it right now"),
    rules.NO_ANSWER: N_("Nobody answered"),
    rules.NO_NUMBER: N_("The number does not work"),
    rules.CLOSED: N_("They say that it has closed for good"),
}
"""What can come of a call."""
DECISION = {
    rules.HIDDEN: N_("Hide it: visitors do not find it any more. You can show it again."),
    rules.KEPT: N_("Keep it: it stays as it is and is called again in a month."),
}
WAS = {
    rules.CONFIRMED: N_("All of it was right"),
    rules.CHANGED: N_("Something had changed"),
    rules.NO_ANSWER: N_("Nobody answered"),
    rules.NO_NUMBER: N_("The number did not work"),
    rules.CLOSED: N_("Said to be closed"),
    rules.KEPT: N_("Looked at, and kept"),
    rules.HIDDEN: N_("Looked at, and hidden"),
    rules.SHOWN: N_("Shown again"),
}
"""What came of a check, in a list of them."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """A listing on the list: `why` are the reasons that it is there, `last` what came of calls without an answer, "" for none."""

    name: str
    organization: str
    url: str
    what: str
    where: str
    why: tuple[str, ...]
    last: str
    phones: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CallList:
    """One page of the list with its filters; `is_narrowed` where one of them is set."""

    lines: tuple[CallLine, ...]
    count: str
    position: str
    previous_url: str
    next_url: str
    paper_url: str = ""
    kinds: tuple[Choice, ...] = ()
    agencies: tuple[Choice, ...] = ()
    near: str = ""
    is_narrowed: bool = False


@dataclass(frozen=True, slots=True)
class PastLine:
    """An earlier check in words."""

    text: str
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """The call sheet. `listing` is the page of the listing as values; `tries` says how often nobody answered, "" for never.

    `version` of the listing and `last`, the last check, say what whoever sends a form has seen.
    """

    listing: ListingView
    address: str
    url: str
    phones: tuple[Link, ...]
    times: tuple[str, ...]
    why: str
    tries: str
    reports: str
    past: tuple[PastLine, ...]
    needs_review: bool
    may_review: bool
    is_hidden: bool
    version: int
    last: int


def sheet_url(slug: str) -> str:
    """The call sheet of a listing."""
    return f"{CHECKS}/{quote(slug)}"


def list_view(found: DueList, asked: Mapping[str, str], now: datetime, zone: str) -> CallList:
    """The list as it stands on its page. `asked` are its filters as they were typed: kind, near, agency."""
    kept = {name: value for name, value in asked.items() if value}
    count = ngettext("%(n)s listing to check", "%(n)s listings to check", found.total)
    if found.has_more:
        count = _("%(n)s listings to check, or more")
    kinds = {"": _("All kinds")} | {kind: _(label) for kind, label in labels.KIND.items()}
    agencies = {"": _("All agencies")} | {str(each.id): each.name for each in found.agencies}
    return replace(
        _lines_view(found, kept, count, now, zone),
        paper_url=f"{CHECKS}/paper{_question(kept)}",
        kinds=_choices(kinds, kept.get("kind", "")),
        agencies=_choices(agencies, kept.get("agency", "")),
        near=kept.get("near", ""),
        is_narrowed=bool(kept),
    )


def hidden_view(found: DueList, now: datetime, zone: str) -> CallList:
    """The listings that are hidden, as they stand on their page."""
    count = ngettext("%(n)s listing is hidden", "%(n)s listings are hidden", found.total)
    return _lines_view(found, {"hidden": "1"}, count, now, zone)


def _lines_view(found: DueList, kept: Mapping[str, str], count: str, now: datetime, zone: str) -> CallList:
    """A page of one of both lists. `kept` is what its address asks for, `count` the words for how many there are."""
    last_page = max(1, -(-found.total // PER_PAGE))
    return CallList(
        lines=tuple(line_view(line, kept, now, zone) for line in found.lines),
        count=count % {"n": a_number(found.total)} if found.total else "",
        position=_("Page %(page)s of %(pages)s") % {"page": a_number(found.page), "pages": a_number(last_page)},
        previous_url=_page_url(kept, found.page - 1) if found.page > 1 else "",
        next_url=_page_url(kept, found.page + 1) if found.page < last_page else "",
    )


def _choices(names: Mapping[str, str], value: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, name, code == value) for code, name in names.items())


def _page_url(kept: Mapping[str, str], page: int) -> str:
    return CHECKS + _question({**kept, "page": str(page)} if page > 1 else kept)


def _question(kept: Mapping[str, str]) -> str:
    return f"?{urlencode(kept)}" if kept else ""


def line_view(line: DueLine, kept: Mapping[str, str], now: datetime, zone: str) -> CallLine:
    """One listing of the list; its sheet leads back to the list as it was asked for."""
    card = line.card
    return CallLine(
        name=card.name,
        organization=card.organization if card.organization and card.organization != card.name else "",
        url=sheet_url(card.slug) + (f"?{urlencode({'back': CHECKS + _question(kept)})}" if kept else ""),
        what=what_words(card),
        where=where_words(card),
        why=why_words(line),
        last=tries_words(line.past, now, ZoneInfo(zone)),
        phones=tuple(
            Link(phone_words(phone), phone_url(phone)) for phone in card.phones if phone.type in ("voice", "text")
        ),
    )


def why_words(line: DueLine) -> tuple[str, ...]:
    """Why a listing is on the list, the reason that weighs most at the top."""
    return tuple(_reason(code, line) for code in line.due.risk.reasons)


def _reason(code: str, line: DueLine) -> str:
    if code == "reported":
        n = line.due.reports
        return ngettext("%(n)s open report of a visitor", "%(n)s open reports of visitors", n) % {"n": a_number(n)}
    if code == "never":
        since = line.card.since
        return (
            _("never checked since it came here on %(day)s") % {"day": a_date(since)} if since else _("never checked")
        )
    if code == "hidden":
        return _("hidden: visitors do not find it")
    if code == "overdue":
        return age_words(line.card)
    return _("its number decides where somebody is tonight") if code == "tonight" else _("visitors open it often")


def age_words(card: Card) -> str:
    """When it was last checked, and for how long that is good; "" where it never was."""
    if card.checked_on is None:
        return ""
    words = _("last checked on %(day)s, which is good for %(n)s days")
    return words % {"day": a_date(card.checked_on), "n": a_number(rules.HOLDS[card.kind].days)}


def tries_words(past: tuple[Check, ...], now: datetime, zone: tzinfo) -> str:
    """How often nobody answered, and from when on to call again."""
    tries, again = len(rules.tries_before(past)), rules.next_call(past)
    if not again:
        return ""
    said = _("No answer, call %(n)s of %(most)s.") % {
        "n": a_number(min(tries, rules.MOST_TRIES)),
        "most": a_number(rules.MOST_TRIES),
    }
    if again <= now:
        return said
    when = _("Call again from %(when)s on.") % {"when": moment_words(again.astimezone(zone), now)}
    return f"{said} {when} " + _("A call before that is noted, but does not count.")


def sheet_view(sheet: CallSheet, names: Mapping[str, str], now: datetime, zone: str) -> SheetView:
    """The call sheet of a listing. `names` are those behind the labels of who called."""
    card, listing = sheet.detail.card, listing_view(sheet.detail, now)
    phones = [phone for phone in card.phones if phone.type != "fax"]
    reports = ngettext("%(n)s open report of a visitor", "%(n)s open reports of visitors", sheet.reports)
    return SheetView(
        listing=listing,
        address=sheet_url(card.slug),
        url=listing_url(card.slug),
        phones=tuple(Link(phone_words(phone), phone_url(phone)) for phone in phones),
        times=(*usual_words(card.timetable), *([card.hours_text] if card.hours_text else [])),
        why=age_words(card) or _("never checked"),
        tries=tries_words(sheet.past, now, ZoneInfo(zone)),
        reports=reports % {"n": a_number(sheet.reports)} if sheet.reports else "",
        past=tuple(_past(check, names, ZoneInfo(zone)) for check in sheet.past),
        needs_review=sheet.needs_review,
        may_review=sheet.may_review,
        is_hidden=sheet.is_hidden,
        version=card.version,
        last=sheet.last,
    )


def _past(check: Check, names: Mapping[str, str], zone: tzinfo) -> PastLine:
    text = f"{a_date(check.at.astimezone(zone).date())}: {_(WAS.get(check.outcome, check.outcome))}"
    return PastLine(text, check.note or "", names.get(check.by, ""))
