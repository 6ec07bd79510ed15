"""Pairs that may be one listing, in words: what they share, how sure that is, and both side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.duplicates import OPEN, SAME
from directory.domain.results import Detail
from directory.i18n import N_, a_date, a_list, an_age, gettext
from directory.services.duplicates import Compared, Pair
from directory.web.presenters import Fact, facts, listing_url
from directory.web.presenters_week import usual_words
from directory.web.wording import phone_words

_ = gettext

SHARED = {
    "name": N_("the name"),
    "alike": N_("nearly the same name"),
    "street": N_("the address"),
    "near": N_("the place, a few steps apart"),
    "town": N_("the town"),
    "phone": N_("a phone number"),
    "link": N_("the link to join"),
    "times": N_("the day and time"),
}
"""What two listings share, by its code."""
VERY_LIKELY, LIKELY = 0.8, 0.6


@dataclass(frozen=True, slots=True)
class PairCard:
    """A pair in the list. `state` is how sure it is, or what was decided and when."""

    id: int
    title: str
    kind: str
    shared: str
    state: str


@dataclass(frozen=True, slots=True)
class Side:
    """One listing of a pair. `keep` is what its button says, `is_kept` whether it is the one that stays."""

    id: int
    title: str
    url: str
    edit_url: str
    facts: tuple[Fact, ...]
    keep: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class PairView:
    """Both side by side. `decided` is "" while nobody has."""

    id: int
    shared: str
    state: str
    decided: str
    sides: tuple[Side, ...]
    tells_place: bool
    is_shown: bool


def pair_card(pair: Pair, now: datetime) -> PairCard:
    """A pair as the list says it."""
    one, other = pair.names
    title = one if one == other else _("%(one)s and %(other)s") % {"one": one, "other": other}
    state = sure_words(pair) if pair.status == OPEN else decided_words(pair, now)
    return PairCard(pair.id, title, _(labels.KIND_OF_ONE.get(pair.kind, pair.kind)), shared_words(pair), state)


def shared_words(pair: Pair) -> str:
    """What they share, in a sentence."""
    shared = [_(SHARED[reason]) for reason in pair.reasons if reason in SHARED]
    return _("They share %(what)s.") % {"what": a_list(shared)}


def sure_words(pair: Pair) -> str:
    """How likely it is that they are one."""
    if pair.score >= VERY_LIKELY:
        return _("Very likely the same")
    return _("Likely the same") if pair.score >= LIKELY else _("Maybe the same")


def decided_words(pair: Pair, now: datetime) -> str:
    """What was decided and how long ago; "" while nobody has."""
    if pair.status == OPEN or pair.settled_at is None:
        return ""
    words = _("Found to be the same, %(age)s") if pair.status == SAME else _("Found to be two, %(age)s")
    return words % {"age": an_age(pair.settled_at, now)}


def pair_view(compared: Compared, now: datetime) -> PairView:
    """A pair as its page says it."""
    pair = compared.pair
    return PairView(
        id=pair.id,
        shared=shared_words(pair),
        state=sure_words(pair),
        decided=decided_words(pair, now),
        sides=tuple(_side(number, detail, pair) for number, detail in enumerate(compared.sides, 1)),
        tells_place=compared.tells_place and pair.status == OPEN,
        is_shown=pair.is_shown,
    )


def _side(number: int, detail: Detail, pair: Pair) -> Side:
    card = detail.card
    return Side(
        id=card.id,
        title=f"{number}. {card.name}",
        url=listing_url(card.slug),
        edit_url=f"/desk{listing_url(card.slug)}",
        facts=(*facts(card), *_more_facts(detail)),
        keep=_("The same: keep number %(n)s") % {"n": number},
        is_kept=pair.kept == card.id,
    )


def _more_facts(detail: Detail) -> Iterator[Fact]:
    """What tells two listings apart: who runs it, when, the numbers, and where it comes from."""
    card = detail.card
    if card.organization:
        yield Fact(_("Run by"), card.organization)
    if times := usual_words(card.timetable):
        yield Fact(_("Times"), "; ".join(times))
    if card.phones:
        yield Fact(_("Phone"), ", ".join(phone_words(phone) for phone in card.phones))
    yield Fact(_("Source"), detail.source_title or card.source_name)
    yield Fact(_("Source read"), a_date(detail.source_checked_at.astimezone(ZoneInfo(card.timezone)).date()))
