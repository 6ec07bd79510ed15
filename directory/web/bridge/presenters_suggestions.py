"""Suggestions in words: what each listing is, why it stands there, what to ask first, and what can be said of it in one tap."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from directory.domain.bridge.marks import BACK, CLOSED, NOT_FOR_ME, PINNED, REMOVED, UNDO, UNPINNED, WENT
from directory.domain.bridge.questions import MEETINGS, ONLINE, WHENS
from directory.domain.bridge.suggestions import Because, Suggestion, first_of
from directory.domain.results import Card, FoundPlace
from directory.domain.search import DEFAULT_PER_PAGE
from directory.i18n import a_number, gettext
from directory.services.bridge.suggestions import Group, Suggestions
from directory.web.bridge import presenters_words as words
from directory.web.bridge.presenters_reasons import asks_words, reason_marks, went_words
from directory.web.presenters import Action, Link, actions, listing_url, where_words
from directory.web.presenters_form import Choice
from directory.web.presenters_question import search_url, title_words
from directory.web.presenters_time import Mark, inactive_words, is_active
from directory.web.wording import whole_words

_ = gettext

PLAN, OWN = "plan", "own"
"""Where suggestions stand: on the plan, with a few of each need, or on a page of their own."""
SHOWN = {PLAN: 3, OWN: 5}
"""Listings of one need that stand there."""
FURTHER = 100.0
"""Miles in which to look where nothing is near."""
TAPS = (PINNED, WENT, REMOVED, NOT_FOR_ME, CLOSED)


@dataclass(frozen=True, slots=True)
class Tap:
    """One thing that can be said of a listing: a code and the button."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """One suggested listing. `asks` is what to ask before going, `note` what was said before."""

    slug: str
    title: str
    url: str
    organization: str
    where: str
    marks: tuple[Mark, ...]
    asks: str
    note: str
    actions: tuple[Action, ...]
    taps: tuple[Tap, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """What there is for one need. `fitting` says how many fit, of which `hidden` do not stand here; `links` ask the whole search the same."""

    title: str
    fitting: str
    items: tuple[SuggestionView, ...]
    hidden: int
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page something was said: the number of the group, 0 for the pinned ones, and that of the card in it. None of both: on top."""

    group: int | None = None
    card: int | None = None


def place_of(text: str) -> Place:
    """The place that a button sent, such as "2-3"; what is none is on top."""
    found = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", text, re.ASCII)
    return Place(int(found[1]), int(found[2])) if found else Place()


@dataclass(frozen=True, slots=True)
class SaidView:
    """What was said just now of which listing, where, and what takes it back (None: nothing does)."""

    text: str
    title: str
    slug: str
    undo: Tap | None
    place: Place


@dataclass(frozen=True, slots=True)
class SuggestionsView:
    """All of it. `here` is PLAN or OWN; `notice` says what is missing for more; `where` and `whens` are for this once; `ticked` are slugs."""

    upi: str
    here: str
    from_where: str
    notice: str
    pinned: tuple[SuggestionView, ...]
    groups: tuple[GroupView, ...]
    away: tuple[SuggestionView, ...]
    whens: tuple[Choice, ...]
    where: str
    is_for_once: bool
    said: SaidView | None
    ticked: frozenset[str]

    @property
    def slugs(self) -> set[str]:
        """All that stands here, also what was put away."""
        listed = (self.pinned, self.away, *(group.items for group in self.groups))
        return {item.slug for items in listed for item in items}


def suggestions_view(
    found: Suggestions,
    upi: str,
    now: datetime,
    *,
    here: str,
    is_for_once: bool = False,
    said: SaidView | None = None,
    ticked: Collection[str] = (),
) -> SuggestionsView:
    """Suggestions as they stand on the plan, or on their own page; `is_for_once`: another place or time was asked for."""
    return SuggestionsView(
        upi=upi,
        here=here,
        from_where=whole_words(found.place.label or found.where) if found.place else "",
        notice=_notice(found),
        pinned=tuple(
            _view(
                each.suggestion,
                now,
                _pinned_note(each.suggestion.card, is_found=each.is_found),
                (UNPINNED, WENT, CLOSED),
            )
            for each in found.pinned
        ),
        groups=tuple(_group(group, found, now, SHOWN[here]) for group in found.groups),
        away=tuple(_away(card, what) for card, what in found.away),
        whens=tuple(Choice(code, _(words.WHENS[code]), code == found.when) for code in ("", *WHENS)),
        where=found.where,
        is_for_once=is_for_once,
        said=said,
        ticked=frozenset(ticked),
    )


def said_view(last: tuple[Card, str] | None, done: str, at: str) -> SaidView | None:
    """What was done, by the listing that it was done with; None where that was not the last thing that was said."""
    if last is None or last[1] != done:
        return None
    card, what = last
    undo = UNDO.get(what)
    text = _(words.TAPS_OF_MARKS[BACK]) if what == CLOSED else _("Undo")  # the directory has been told already
    return SaidView(
        text=_(words.SAID[what]) % {"name": card.name},
        title=card.name,
        slug=card.slug,
        undo=Tap(undo, text) if undo else None,
        place=place_of(at),
    )


def _notice(found: Suggestions) -> str:
    if found.place:
        return ""
    if found.where:
        return _("We do not know the place in the plan any more. Write a ZIP code or a town there.")
    return _("The plan does not say yet from where they set out. With a ZIP code or a town, what is near stands here.")


def _group(group: Group, found: Suggestions, now: datetime, most: int) -> GroupView:
    shown = first_of(group.suggestions, most, now) if group.need == MEETINGS else group.suggestions[:most]
    timed = words.MEETINGS_WHEN.get(found.when) if group.need == MEETINGS else None
    return GroupView(
        title=_(timed or words.NEEDS[group.need]),
        fitting=a_number(len(group.suggestions)),
        items=tuple(_view(each, now, "", TAPS) for each in shown),
        hidden=max(0, len(group.suggestions) - most),
        links=tuple(_links(group, found.place)),
    )


def _links(group: Group, place: FoundPlace | None) -> Iterator[Link]:
    """The same questions on the search page. Those of single days ask nothing that the first does not."""
    label = whole_words(place.label or "") if place else ""
    asked = [each for each in group.asked if group.need not in (MEETINGS, ONLINE) or each is group.asked[0]]
    for each in asked:
        if each.total:
            text = title_words(each.query, each.total, label)
            yield Link(text, search_url(each.query, per_page=DEFAULT_PER_PAGE))
    if place and not any(each.total for each in asked):
        yield Link(_("Look within 100 miles"), search_url(asked[0].query, within=FURTHER, per_page=DEFAULT_PER_PAGE))


def _view(each: Suggestion, now: datetime, note: str, taps: tuple[str, ...]) -> SuggestionView:
    card = each.card
    return SuggestionView(
        slug=card.slug,
        title=card.name,
        url=listing_url(card.slug),
        organization=card.organization if card.organization and card.organization != card.name else "",
        where="" if Because("online") in each.because else where_words(card),
        marks=tuple(reason_marks(each, now)),
        asks=asks_words(each),
        note=" ".join(text for text in (note, went_words(each, now)) if text),
        actions=actions(card),
        taps=tuple(Tap(what, _(words.TAPS_OF_MARKS[what])) for what in taps),
    )


def _pinned_note(card: Card, *, is_found: bool) -> str:
    if not is_active(card):
        return _("It is %(state)s.") % {"state": inactive_words(card)}
    return "" if is_found else _("A search does not bring it up now: call first.")


def _away(card: Card, what: str) -> SuggestionView:
    note = _(words.AWAY[what])
    back = (Tap(BACK, _(words.TAPS_OF_MARKS[BACK])),)
    return SuggestionView(card.slug, card.name, listing_url(card.slug), "", "", (), "", note, (), back)
