"""Peers in words: with how many people they go, who stands in, who mentors, what they learned, and what is written in supervision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from directory.domain.bridge.peers import (
    ASKED,
    CERTIFICATION,
    DEBRIEFS,
    DONE,
    FINE,
    MOVED,
    NOT_NOW,
    NOTE,
    OTHER,
    REMIND_BEFORE,
    TALK,
    TRAINING,
)
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.bridge.peers import CoverNow, PairingNow, Peer, PeerNow, Team, TrainingNow
from directory.services.bridge.supervision import Note, Pair
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_words import word

_ = gettext

NOBODY: Mapping[str, str] = MappingProxyType({})
KINDS = {TRAINING: N_("Training"), CERTIFICATION: N_("Certification")}
PAIR_ENDS = {
    DONE: N_("Its time was over"),
    MOVED: N_("One of them moved on"),
    ASKED: N_("One of them asked for it"),
    OTHER: N_("Something else"),
}
DEBRIEF_WORDS = {
    TALK: N_("I want to talk with my supervisor"),
    NOTE: N_("I write a note for my supervisor"),
    FINE: N_("I am fine"),
    NOT_NOW: N_("Not now"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A line with what stands smaller beneath it; `id` where it can be ended. `tag` stands out, and `link` leads on; neither where it is ""."""

    text: str
    small: str = ""
    id: int = 0
    is_warm: bool = False
    tag: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class PeerView:
    """A peer: on the list, and on a page of their own."""

    id: int
    name: str
    url: str
    people: str
    is_full: bool
    away: tuple[Item, ...]
    supervised: str
    mentors: tuple[Item, ...]
    trainings: tuple[Item, ...]
    is_own: bool
    may_keep: bool
    has_left: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    """The peers of an agency; `left` are links to those who work there no more and left people behind."""

    name: str
    peers: tuple[PeerView, ...]
    left: tuple[Link, ...]


def team_view(team: Team, today: date) -> TeamView:
    """A team, oneself first."""
    own_first = sorted(team.peers, key=lambda peer: not peer.is_own)
    left = [Link(f"{row.name}: {people_words(row)}", f"/peers/{team.agency}/{row.id}") for row in team.left]
    return TeamView(team.name, tuple(peer_view(peer, today) for peer in own_first), tuple(left))


def peer_view(peer: Peer, today: date, called: Mapping[str, str] = NOBODY) -> PeerView:
    """A peer on this local day. `called` are the people with a mentor whom the reader may look at, by number."""
    return PeerView(
        id=peer.row.id,
        name=peer.row.name,
        url=f"/peers/{peer.agency}/{peer.row.id}",
        people=people_words(peer.row),
        is_full=peer.row.is_full,
        away=tuple(_cover(each, peer.row.id, today) for each in peer.covers),
        supervised=_supervised(peer),
        mentors=tuple(_pairing(each, peer, called) for each in peer.pairings),
        trainings=tuple(_training(each, today) for each in peer.trainings),
        is_own=peer.is_own,
        may_keep=peer.may_keep,
        has_left=peer.has_left,
    )


def _supervised(peer: Peer) -> str:
    """Who supervises them, said to themselves or about them."""
    if peer.supervisor is None:
        return _("Nobody supervises you yet") if peer.is_own else _("Nobody supervises them yet")
    said = _("%(name)s supervises you") if peer.is_own else _("%(name)s supervises them")
    return said % {"name": peer.supervisor[1]}


def people_words(row: PeerNow) -> str:
    """With how many people somebody goes."""
    people = ngettext("%(n)s person", "%(n)s people", row.people) % {"n": a_number(row.people)}
    return people if row.most is None else _("%(people)s of %(most)s") % {"people": people, "most": a_number(row.most)}


def _cover(cover: CoverNow, person: int, today: date) -> Item:
    span = cover.span
    if span.away == person:
        text = _("Away; %(name)s stands in") if span.from_on <= today else _("To be away; %(name)s stands in")
        text = text % {"name": cover.stand_in_name}
    else:
        text = _("Stands in for %(name)s") % {"name": cover.away_name}
    days = _("%(from)s to %(until)s") % {"from": a_date(span.from_on), "until": a_date(span.until_on)}
    return Item(text, days, cover.id if span.away == person else 0, is_warm=True)


def _pairing(pairing: PairingNow, peer: Peer, called: Mapping[str, str]) -> Item:
    upi = pairing.upi or ""
    if pairing.person == peer.row.id:
        text = _("%(name)s is their mentor") % {"name": pairing.mentor_name}
    else:
        text = _("Mentor of %(name)s") % {"name": pairing.person_name or called.get(upi) or upi}
    small = _("Since %(day)s") % {"day": a_date(pairing.from_on)}
    if pairing.ended_at is not None:
        ended = a_date(pairing.ended_at.astimezone(ZoneInfo(peer.zone)).date())
        small = " · ".join((_("Ended on %(day)s") % {"day": ended}, word(PAIR_ENDS, pairing.end_reason or OTHER)))
    is_mine = pairing.mentor == peer.row.id and pairing.ended_at is None
    return Item(text, small, pairing.id if is_mine else 0, link=f"/clients/{upi}" if upi in called else "")


def _training(training: TrainingNow, today: date) -> Item:
    parts = [word(KINDS, training.kind)]
    if training.done_on is not None:
        parts.append(_("done on %(day)s") % {"day": a_date(training.done_on)})
    is_over = is_soon = False
    tag = ""
    if training.expires_on is not None:
        is_over = training.expires_on < today
        left = (training.expires_on - today).days
        is_soon = not is_over and left <= max(REMIND_BEFORE)
        if is_soon:
            in_days = ngettext("ends in %(n)s day", "ends in %(n)s days", left) % {"n": a_number(left)}
            tag = in_days if left else _("ends today")
        said = _("ended on %(day)s") if is_over else _("holds until %(day)s")
        parts.append(said % {"day": a_date(training.expires_on)})
    return Item(training.name, " · ".join(parts), training.id, is_warm=is_over or is_soon, tag=tag)


# --- forms -----------------------------------------------------------------------------------------------------------


def people_choices(everybody: Sequence[PeerNow], but: int, first: str, chosen: int | None = None) -> tuple[Choice, ...]:
    """The others of an agency to choose from, with how many people each goes with."""
    others = [
        Choice(str(row.id), f"{row.name} ({_room_words(row)})", row.id == chosen) for row in everybody if row.id != but
    ]
    return (Choice("", first, chosen is None), *others)


def _room_words(row: PeerNow) -> str:
    """The same, with that it is as many as were agreed."""
    return _("%(people)s, full") % {"people": people_words(row)} if row.is_full else people_words(row)


def code_choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    """Codes with their words."""
    return tuple(Choice(code, _(text), False) for code, text in words.items())


# --- supervision -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note with who wrote it and when."""

    words: str
    small: str
    asks: bool


@dataclass(frozen=True, slots=True)
class PairView:
    """A peer with their supervisor, as one of the two reads it. `can_write`: it has not ended."""

    id: int
    title: str
    notes: tuple[NoteView, ...]
    can_write: bool


def pair_view(pair: Pair, zone: str) -> PairView:
    """What the two wrote; days are those of `zone`."""
    title = _("You supervise %(name)s") if pair.is_supervisor else _("%(name)s supervises you")
    notes = tuple(_note(note, pair.other, zone) for note in pair.notes)
    return PairView(pair.row.id, title % {"name": pair.other}, notes, pair.row.ended_at is None)


def _note(note: Note, other: str, zone: str) -> NoteView:
    by = _("you") if note.is_own else other
    return NoteView(note.words, f"{_day(note.at, zone)} · {by}", note.asks)


def _day(at: datetime, zone: str) -> str:
    return a_date(at.astimezone(ZoneInfo(zone)).date())


def debrief_choices() -> tuple[Choice, ...]:
    """What somebody may answer who is asked how they are."""
    return tuple(Choice(code, _(DEBRIEF_WORDS[code]), False) for code in DEBRIEFS)
