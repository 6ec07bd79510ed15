"""Check-ins in words: when the next one is due, what was said before, and what came in by text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.bridge.check_ins import CHANNELS, FEELINGS, PEERS, SAFETY, Step, coordinator_at
from directory.domain.bridge.replies import CALL, STILL, STOP
from directory.i18n import N_, a_day, a_list, a_number, gettext, ngettext
from directory.services.bridge.check_ins import CheckIn, CheckInNow, History, Text
from directory.services.bridge.signs import CLIENT
from directory.web.bridge import presenters_words as words
from directory.web.fields import Field, FormView
from directory.web.presenters_form import Choice
from directory.web.waitlist import presenters_words as told
from directory.web.wording import moment_words

_ = gettext

LATELY = timedelta(days=28)
"""So far back the count of check-ins looks."""
KINDS = {
    STILL: N_("You wrote that you still wait."),
    CALL: N_("You asked to be called."),
    STOP: N_("You asked us to send no more texts."),
}
"""What a text was taken for, for the copy that goes to whoever wrote it."""
READ = N_("You wrote to us. Somebody has read it, and the words are forgotten.")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the page, with what stands smaller beneath it."""

    text: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class TextView:
    """A text that nobody has settled; `words` is "" for who may not read them. `is_now`: it is to be read before others."""

    id: int
    words: str
    when: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class CheckInsView:
    """The page. `is_late`: something was begun about a missed one. `items` are empty for who may not read what was said; `count` says how often they were reached."""

    upi: str
    due: str
    is_late: bool
    rhythm: str
    channels: tuple[Choice, ...]
    feelings: tuple[Choice, ...]
    safety: tuple[Choice, ...]
    texts: tuple[TextView, ...]
    is_reader: bool
    items: tuple[Item, ...]
    count: str


def check_ins_view(history: History, now: datetime) -> CheckInsView:
    """All of the page but its forms' own values."""
    rhythm, zone = history.rhythm, history.zone
    return CheckInsView(
        upi=history.who.row.upi,
        due=due_words(history, now),
        is_late=rhythm is not None and rhythm.step > Step.NONE,
        rhythm=rhythm_words(history),
        channels=_chosen(PEERS, rhythm.channel if rhythm else ""),
        feelings=feeling_choices(),
        safety=tuple(Choice(code, _(words.SAFETY[code]), False) for code in SAFETY),
        texts=tuple(_text(each, zone) for each in history.texts),
        is_reader=history.is_reader,
        items=tuple(item(each, zone) for each in history.said),
        count=_count(history, now),
    )


FEELING_CODES = tuple(str(each) for each in FEELINGS)


def feeling_choices() -> tuple[Choice, ...]:
    """From very bad to very good."""
    return tuple(Choice(str(each), _(words.FEELINGS[each]), False) for each in FEELINGS)


def _chosen(channels: tuple[str, ...], usual: str) -> tuple[Choice, ...]:
    first = usual if usual in channels else channels[0]
    return tuple(Choice(code, _(words.ASKED_BY[code]), code == first) for code in channels)


# --- the rhythm ------------------------------------------------------------------------------------------------------


def due_words(history: History, now: datetime) -> str:
    """When the next check-in is due, or which way to try now."""
    rhythm = history.rhythm
    if rhythm is None:
        return _("No check-in is planned. Once they stand in a line, one is due every week.")
    if rhythm.paused_until is not None and rhythm.paused_until >= now.astimezone(ZoneInfo(history.zone)).date():
        return _("Paused until %(day)s, as they asked.") % {"day": a_day(rhythm.paused_until)}
    when = told.moment(rhythm.due_at, history.zone)
    if rhythm.step == Step.NONE:
        text = N_("Due since %(when)s.") if rhythm.due_at <= now else N_("The next one is due on %(when)s.")
        return _(text) % {"when": when}
    if rhythm.step == Step.COORDINATOR:
        return _("Missed: it was due on %(when)s. A coordinator looks for a way together with you.") % {"when": when}
    missed = _("Missed: it was due on %(when)s.") % {"when": when}
    if history.second is None:
        return missed + " " + _("No other way to reach them is written down. Ask where you could meet them.")
    return missed + " " + _("Try the second way: %(way)s.") % {"way": told.word(CHANNELS_OF_WAYS, history.second)}


def next_words(history: History, now: datetime) -> str:
    """What follows where nobody answered: which way to try until when, and that a coordinator joins in then."""
    rhythm = history.rhythm
    if rhythm is None:
        return _("Try again at another time of the day.")
    if rhythm.step == Step.COORDINATOR:
        return _("A coordinator looks for a way together with you.")
    joins = moment_words(
        coordinator_at(rhythm.step, rhythm.due_at, rhythm.step_at).astimezone(ZoneInfo(history.zone)), now
    )
    if history.second is None:
        said = N_("No other way is written down: ask where you could meet them. A coordinator joins in: %(when)s.")
        return _(said) % {"when": joins}
    said = N_("Next, try %(way)s. If nothing reaches them, a coordinator joins in: %(when)s.")
    return _(said) % {"way": told.word(CHANNELS_OF_WAYS, history.second), "when": joins}


CHANNELS_OF_WAYS = {
    "call": N_("a call"),
    "text": N_("a text"),
    "email": N_("an e-mail"),
    "mail": N_("a letter"),
    "visit": N_("a visit"),
}


def rhythm_words(history: History) -> str:
    """How often and how they are asked."""
    if history.rhythm is None:
        return ""
    days = history.rhythm.every_days
    often = ngettext("Every day", "Every %(n)s days", days) % {"n": a_number(days)}
    way = words.ASKED_BY.get(history.rhythm.channel)
    return f"{often}, {_(way)}" if way else often


def rhythm_form(history: History) -> FormView:
    """The form for the rhythm and a pause."""
    rhythm = history.rhythm
    fields = (
        Field(
            "every_days",
            _("Every how many days"),
            value=str(rhythm.every_days if rhythm else 7),
            numeric=True,
            hint=_("From 1 to 30, as they like it."),
        ),
        Field("way", _("How"), choices=_chosen(CHANNELS, rhythm.channel if rhythm else "")),
        Field(
            "paused_until",
            _("Pause until"),
            "date",
            value=rhythm.paused_until.isoformat() if rhythm and rhythm.paused_until else "",
            hint=_("The last day on which they want to be left alone. Empty: no pause."),
        ),
    )
    hidden = {"version": str(rhythm.version if rhythm else 0)}
    address = f"/clients/{history.who.row.upi}/check-ins/rhythm"
    return FormView(address, _("Save"), fields, hidden=hidden)


# --- what was said ---------------------------------------------------------------------------------------------------


def item(each: CheckIn, zone: str) -> Item:
    """One check-in: how they were, what was said, and who asked."""
    row = each.row
    return Item(_said(row, each), " · ".join(part for part in (told.moment(row.at, zone), _by(row, each.by)) if part))


def _said(row: CheckInNow, each: CheckIn) -> str:
    feeling = _(words.FEELINGS[row.feeling]) if row.feeling else ""
    waiting = _(words.WAITING[row.waiting]) if row.waiting else ""
    first = ", ".join(part for part in (feeling, waiting) if part)
    spoke = spoken_words(each.safety)
    lead = f"{first[:1].upper()}{first[1:]}." if first else _("Reached.") if row.is_reached else _("Nobody answered.")
    return " ".join(part for part in (lead, spoke, each.note) if part)


def spoken_words(safety: Sequence[str]) -> str:
    """What was ticked; "" for nothing, and for who may not read it."""
    ticked = a_list([_(words.SAFETY[code]) for code in safety if code in words.SAFETY])
    return _("Spoken of: %(what)s.") % {"what": ticked} if ticked else ""


def noted_words(at: datetime, now: datetime) -> str:
    """When somebody noted what worries us, on the clock of this moment."""
    return _("Noted: %(when)s.") % {"when": moment_words(at, now)}


def _by(row: CheckInNow, name: str) -> str:
    way = words.ASKED_BY.get(row.channel)
    who = _("they themselves") if row.by == CLIENT else name
    return ", ".join(part for part in (who, _(way) if way else "") if part)


def _count(history: History, now: datetime) -> str:
    """How often they were reached, for who may not read what was said."""
    lately = [row for row in history.rows if row.at > now - LATELY]
    reached = sum(row.is_reached for row in lately)
    text = ngettext(
        "In the last 4 weeks: %(reached)s of %(n)s check-in reached them.",
        "In the last 4 weeks: %(reached)s of %(n)s check-ins reached them.",
        len(lately),
    )
    return text % {"reached": a_number(reached), "n": a_number(len(lately))}


def _text(text: Text, zone: str) -> TextView:
    return TextView(text.row.id, text.words, told.moment(text.row.at, zone), text.row.is_now)


# --- the copy for themselves -----------------------------------------------------------------------------------------


def asked_lines(check_ins: tuple[CheckIn, ...], zone: str) -> tuple[tuple[str, str], ...]:
    """The check-ins, each with what stands smaller beneath it."""
    return tuple((found.text, found.small) for found in (item(each, zone) for each in check_ins))


def written_lines(texts: tuple[Text, ...], zone: str) -> tuple[tuple[str, str], ...]:
    """The texts: their words as long as nobody has read them, then what they were taken for."""
    said = ((each.words or _(KINDS.get(each.row.kind, READ)), each.row.at) for each in texts)
    return tuple((text, told.moment(at, zone)) for text, at in said)
