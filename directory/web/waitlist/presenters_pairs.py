"""Two clients who may be one person, side by side and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from directory.domain.waitlist.pairs import PairState, Reason
from directory.domain.waitlist.states import Entry
from directory.i18n import N_, a_date, a_language, a_list, gettext
from directory.services.waitlist.pairs import EntryNow, Pair, PairShown, Side
from directory.web.presenters import Fact
from directory.web.waitlist.presenters_lines import STATES
from directory.web.waitlist.presenters_words import CLOSINGS, word
from directory.web.wording import age_words

_ = gettext

REASONS = {
    Reason.PHONE: N_("a telephone number"),
    Reason.EMAIL: N_("an e-mail address"),
    Reason.NAME_BORN: N_("name and birth date"),
    Reason.NAME: N_("name and birth month"),
}
DECIDED = {
    PairState.SAME: N_("One person"),
    PairState.DIFFERENT: N_("Two people"),
}
ENDED = {Entry.PLACED: N_("Has a place"), Entry.CLOSED: N_("Ended")}


@dataclass(frozen=True, slots=True)
class PairCard:
    """A pair in the list. It names nobody: who they are stands on its own page."""

    id: int
    shared: str
    age: str
    state: str


def pair_card(pair: Pair, now: datetime) -> PairCard:
    """A pair with what they have in common."""
    state = _(DECIDED[pair.status]) if pair.status in DECIDED else ""
    return PairCard(pair.id, shared_words(pair), age_words(pair.settled_at or pair.found_at, now), state)


def shared_words(pair: Pair) -> str:
    """What two clients have in common."""
    found = [_(REASONS[Reason(each)]) for each in pair.reasons if each in set(Reason)]
    return _("Both have the same: %(what)s.") % {"what": a_list(found)}


@dataclass(frozen=True, slots=True)
class SideView:
    """One of the two. `version` is that which was looked at, `keep` the words of the button that keeps this one."""

    id: int
    called: str
    url: str
    version: int
    facts: tuple[Fact, ...]
    keep: str


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair with both sides. `differs` says what is not the same, "" where nothing known differs."""

    id: int
    shared: str
    differs: str
    decided: str
    is_open: bool
    is_different: bool
    ends_consents: bool
    sides: tuple[SideView, ...]


def pair_view(shown: PairShown) -> PairView:
    """Both sides, with the same facts in the same order."""
    pair = shown.pair
    decided = _(DECIDED[pair.status]) if pair.status in DECIDED else ""
    sides = tuple(_side(side) for side in (shown.one, shown.other))
    is_open, is_different = pair.status is PairState.OPEN, pair.status is PairState.DIFFERENT
    return PairView(
        pair.id, shared_words(pair), differs_words(shown), decided, is_open, is_different, shown.ends_consents, sides
    )


def differs_words(shown: PairShown) -> str:
    """What is known of both and is not the same: it is looked at before anybody makes one person of them."""
    one, other = ((_known(side, "born"), _known(side, "name").casefold()) for side in (shown.one, shown.other))
    names = (_("birth date"), _("whole name"))
    found = [name for name, here, there in zip(names, one, other, strict=True) if here and there and here != there]
    return _("Not the same: %(what)s.") % {"what": a_list(found)} if found else ""


def _known(side: Side, name: str) -> str:
    return " ".join(str(side.who.known.get(name) or "").split())


def _side(side: Side) -> SideView:
    who, row = side.who, side.who.row
    called = who.called or row.upi
    facts = (
        Fact(_("Number"), row.upi),
        Fact(_("Whole name"), str(who.known.get("name") or "")),
        Fact(_("Birth date"), _born(str(who.known.get("born") or ""))),
        Fact(_("Reached at"), a_list([to for _channel, to in side.reached if to])),
        Fact(_("Language"), a_language(row.language)),
        Fact(_("Taken on"), a_date(row.created_at.date())),
        Fact(_("Lines"), "; ".join(_entry(each) for each in side.entries) or _("None yet")),
        Fact(_("To know when calling"), str(who.known.get("note") or "")),
    )
    keep = _("One person: keep the number and name of %(name)s, %(number)s") % {"name": called, "number": row.upi}
    return SideView(row.id, called, f"/clients/{row.upi}", row.version, facts, keep)


def _born(text: str) -> str:
    return a_date(date.fromisoformat(text)) if text else ""


def _entry(entry: EntryNow) -> str:
    day = a_date(entry.requested_at.astimezone(ZoneInfo(entry.timezone)).date())
    state = _(STATES[entry.status]) if entry.status in STATES else _(ENDED[entry.status])
    if entry.close_reason:
        state = f"{state} ({word(CLOSINGS, entry.close_reason)})"
    return _("%(line)s: %(state)s, asked on %(day)s") % {"line": entry.pool_name, "state": state, "day": day}


def pair_cards(pairs: Sequence[Pair], now: datetime) -> list[PairCard]:
    """Pairs in their order."""
    return [pair_card(each, now) for each in pairs]
