"""The board in words: whose people it shows in which groups, its filters, and what else waits for the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from directory.domain.listings import Phone
from directory.domain.waitlist.board import Why
from directory.i18n import N_, a_number, gettext, ngettext
from directory.services.waitlist.board import ALL, MINE, PAGE, Board, Card, Filters, Telephone
from directory.web.paging import Pages
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_due import GROUPS, LineView, line_view
from directory.web.wording import phone_url

_ = gettext

BOARD = "/board"
NOTHING = N_("Nothing is due now")


@dataclass(frozen=True, slots=True)
class CardView:
    """Somebody on the board, with the most urgent line and the others folded beneath it."""

    upi: str
    name: str
    url: str
    lines: str
    first: LineView | None
    others: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """People with the same most urgent reason; `is_calm` are those with none, and `id` is that of the title on the page."""

    id: str
    title: str
    cards: tuple[CardView, ...]
    is_calm: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One's own people, or those of the others in the agency; `title` is "" where there is only one part."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board as the page shows it. `jumps` lead to each group of it, `tabs` are the choices of whose people, `reasons` and `pools` those of the filter."""

    lead: str
    jumps: tuple[Link, ...]
    parts: tuple[Part, ...]
    tabs: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    pools: tuple[Choice, ...]
    is_narrowed: bool
    beside: tuple[Link, ...]
    calls_url: str
    notice: str
    pages: Pages


def board_view(board: Board, filters: Filters, now: datetime) -> BoardView:
    """All of the page."""
    parts = _parts(board, now)
    return BoardView(
        lead=_lead(board),
        jumps=_jumps(parts),
        parts=parts,
        tabs=_tabs(board, filters),
        reasons=_reasons(board, filters),
        pools=_pools(board, filters),
        is_narrowed=filters.why is not None or filters.pool is not None,
        beside=_beside(board),
        calls_url=f"{BOARD}/calls?{urlencode({'whose': board.whose})}",
        notice=_("There are more people than one board can look at. Choose one line to see all of its people.")
        if board.is_cut
        else "",
        pages=_pages(board, filters),
    )


def _lead(board: Board) -> str:
    if not board.due:
        return _("Nothing is to be done right now.")
    due = ngettext("Something is to be done for %(n)s person.", "Something is to be done for %(n)s people.", board.due)
    return due % {"n": a_number(board.due)}


def _parts(board: Board, now: datetime) -> tuple[Part, ...]:
    found = []
    for is_mine, cards in groupby(board.cards, key=lambda card: card.is_mine):
        title = _("Your people") if is_mine else _("Others of your agency")
        groups = _groups(list(cards), "mine" if is_mine else "theirs", now)
        found.append(Part(title if board.whose == ALL else "", groups))
    return tuple(found)


def _jumps(parts: Sequence[Part]) -> tuple[Link, ...]:
    """A link with the number of people to each group of the page; none where there is but one."""
    found = []
    for part in parts:
        for group in part.groups:
            words = f"{group.title} ({a_number(len(group.cards))})"
            found.append(Link(f"{part.title}: {words}" if len(parts) > 1 else words, f"#{group.id}"))
    return tuple(found) if len(found) > 1 else ()


def _groups(cards: Sequence[Card], whose: str, now: datetime) -> tuple[Group, ...]:
    grouped = groupby(cards, key=lambda card: card.lines[0].why if card.lines else None)
    return tuple(
        Group(
            f"{whose}-{why.value if why else 'calm'}",
            _(GROUPS[why]) if why else _(NOTHING),
            tuple(card_view(card, now) for card in those),
            why is None,
        )
        for why, those in grouped
    )


def card_view(card: Card, now: datetime) -> CardView:
    """Somebody with their lines in words."""
    views = [line_view(line, card.upi, card.zone, now) for line in card.lines]
    names = dict.fromkeys(place.line for place in card.places)
    return CardView(
        card.upi,
        card.called or _("Somebody without a name"),
        f"/clients/{card.upi}",
        ", ".join((*names, *_stands_in(card))),
        views[0] if views else None,
        tuple(views[1:]),
    )


def _stands_in(card: Card) -> tuple[str, ...]:
    return (_("for %(name)s, who is away") % {"name": card.stands_in_for},) if card.stands_in_for else ()


def telephone_url(phone: Telephone) -> str:
    """What calls a number of the list of calls, or writes to it."""
    return phone_url(Phone(phone.number, type="text" if phone.is_text else "voice"))


# --- around it -------------------------------------------------------------------------------------------------------


def _tabs(board: Board, filters: Filters) -> tuple[Choice, ...]:
    named = ((MINE, _("Your people")), (ALL, _("Everybody of your agency")))
    return tuple(Choice(_url(filters, whose=whose, page=1), text, board.whose == whose) for whose, text in named)


def _reasons(board: Board, filters: Filters) -> tuple[Choice, ...]:
    chosen = [Choice("", _("Everything"), filters.why is None)]
    for why in Why:
        number = board.counts.get(why, 0)
        if number or why is filters.why:
            chosen.append(Choice(why.value, f"{_(GROUPS[why])} ({a_number(number)})", why is filters.why))
    return tuple(chosen)


def _pools(board: Board, filters: Filters) -> tuple[Choice, ...]:
    found = [Choice("", _("All lines"), filters.pool is None)]
    return (*found, *(Choice(str(id), name, id == filters.pool) for id, name in board.pools))


def _beside(board: Board) -> tuple[Link, ...]:
    words = ngettext("%(n)s person asks for your second word", "%(n)s people ask for your second word", board.words)
    callers = ngettext("You have %(n)s caller to call back", "You have %(n)s callers to call back", board.callers)
    heavy = _("A day was heavy. How are you?")
    found = (
        (board.debriefs, heavy, "/desk/supervision"),
        (board.words, words, "/second-words"),
        (board.callers, callers, "/intake"),
    )
    return tuple(Link(text % {"n": a_number(number)}, url) for number, text, url in found if number)


def _pages(board: Board, filters: Filters) -> Pages:
    page = max(filters.page, 1)
    return Pages(
        _url(filters, whose=board.whose, page=page - 1) if page > 1 else "",
        _url(filters, whose=board.whose, page=page + 1) if board.people > page * PAGE else "",
    )


def _url(filters: Filters, **changed: object) -> str:
    given: Mapping[str, object] = {
        "whose": filters.whose,
        "due": filters.why.value if filters.why else "",
        "line": filters.pool or "",
        **changed,
    }
    kept = {name: value for name, value in given.items() if value and not (name == "page" and value == 1)}
    return f"{BOARD}?{urlencode(kept)}" if kept else BOARD
