"""The form for who somebody is and how to reach them, in fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.listings import Phone
from directory.domain.people import Agency
from directory.domain.waitlist.known import Known
from directory.domain.waitlist.routes import BY_PHONE, CALL, CHANNELS, EMAIL, MAIL, TEXT, VISIT, Way
from directory.i18n import N_, NAMES, a_language, a_list, gettext
from directory.services.waitlist.intake import OTHER, Call
from directory.services.waitlist.routes import FLAGS, way_values
from directory.web.fields import Field, FormView
from directory.web.presenters_form import Choice
from directory.web.wording import age_words, phone_url

_ = gettext

CHANNEL_WORDS = {
    CALL: N_("Call"),
    TEXT: N_("Text"),
    EMAIL: N_("E-mail"),
    MAIL: N_("Letter"),
    VISIT: N_("Visit"),
}
FLAG_WORDS = {
    "may_leave_word": N_("It is safe to leave a message there"),
    "is_shared": N_("Other people use this phone or address too"),
    "is_agreed": N_("Yes to a short message “You have an update”, by text or e-mail"),
    "asks_agreed": N_("Yes to a text “Still OK?” now and then"),
}
SAID = {
    "may_leave_word": N_("a message is safe"),
    "is_agreed": N_("gets “You have an update”"),
    "asks_agreed": N_("gets “Still OK?”"),
}
FOLDED = ("name", "born", "note")
"""What is asked where somebody wants to tell it: it stands folded away."""
WAY_FIELDS = ("channel", "to", "times", *FLAGS)


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of a form as they stand on its page: what is asked first, what is folded away (`is_open` where something of it is said),
    and how to reach the person."""

    first: tuple[Field, ...]
    folded: tuple[Field, ...]
    ways: tuple[Field, ...]
    is_open: bool


def parts_of(view: FormView) -> Parts:
    """The form in its parts."""
    folded = tuple(each for each in view.fields if each.name in FOLDED)
    ways = tuple(each for each in view.fields if each.name in WAY_FIELDS)
    first = tuple(each for each in view.fields if each not in (*folded, *ways))
    return Parts(first, folded, ways, any(each.value or each.mistake for each in folded))


def agency_fields(own: Sequence[Agency]) -> tuple[Field, ...]:
    """Which agency keeps the place, for whoever works for several."""
    choices = (Choice("", _("Choose"), True), *(Choice(str(each.id), each.name, False) for each in own))
    return (Field("agency", _("Which agency keeps their place?"), choices=choices),) if len(own) > 1 else ()


def known_fields(known: Known, language: str) -> tuple[Field, ...]:
    """What tells who somebody is."""
    born = known.born.isoformat() if known.born else ""
    return (
        Field("called", _("What do they want to be called?"), value=known.called),
        Field("language", _("Language of messages and of the card"), choices=language_choices(language)),
        Field("name", _("Whole name"), value=known.name, hint=_("Only if they want to tell it. A consent needs it.")),
        Field("born", _("Birth date"), "date", born, hint=_("Only if they want to tell it.")),
        Field("note", _("Good to know when calling"), "textarea", known.note),
    )


def language_choices(chosen: str) -> tuple[Choice, ...]:
    """The languages of this site."""
    return tuple(Choice(code, name, code == chosen) for code, name in NAMES.items())


def way_fields(way: Way) -> tuple[Field, ...]:
    """One way to reach somebody."""
    channels = tuple(Choice(code, _(CHANNEL_WORDS[code]), code == way.channel) for code in CHANNELS)
    ticks = tuple(
        Field(flag, _(FLAG_WORDS[flag]), choices=(Choice("yes", _(FLAG_WORDS[flag]), getattr(way, flag)),), many=True)
        for flag in FLAGS
    )
    return (
        Field("channel", _("How to reach them"), choices=channels),
        Field("to", _("Number or address"), value=way.to),
        Field("times", _("When is it safe?"), value=way.times, hint=_("Such as: mornings, not on weekends")),
        *ticks,
    )


def way_typed(values: Mapping[str, str]) -> Way:
    """The way that was typed."""
    channel, to, times = (values.get(field, "").strip() for field in ("channel", "to", "times"))
    leave_word, shared, agreed, asks = (values.get(flag) == "yes" for flag in FLAGS)
    return Way(channel, to, times, may_leave_word=leave_word, is_shared=shared, is_agreed=agreed, asks_agreed=asks)


def is_way_typed(values: Mapping[str, str]) -> bool:
    """Whether anything was said of a way at all: somebody can be taken on whom nobody can call."""
    return any(values.get(field, "").strip() for field in ("to", "times", *FLAGS))


@dataclass(frozen=True, slots=True)
class WayCard:
    """One way to reach somebody in words; `url` calls or texts it, "" for any other way. `is_stopped`: they have said stop to messages there."""

    id: int
    title: str
    to: str
    url: str
    times: str
    said: str
    is_stopped: bool


def way_url(way: Way) -> str:
    """The tel: or sms: address of a telephone; "" for what is none."""
    return phone_url(Phone(way.to, type=TEXT if way.channel == TEXT else "voice")) if way.channel in BY_PHONE else ""


def way_card(id: int, way: Way, *, is_stopped: bool) -> WayCard:
    """A way with what was agreed about it."""
    values = way_values(way)
    said = [_(words) for flag, words in SAID.items() if values[flag]]
    words = a_list(said) if said else ""
    if values["is_shared"]:  # by itself and first: whoever calls must not read over it
        alone = (
            _("Other people use this phone too.")
            if way.channel in BY_PHONE
            else _("Other people use this address too.")
        )
        words = " ".join((alone, f"{words[:1].upper()}{words[1:]}.")) if words else alone
    return WayCard(id, _(CHANNEL_WORDS[way.channel]), way.to, way_url(way), way.times, words, is_stopped)


@dataclass(frozen=True, slots=True)
class CallCard:
    """Somebody who asked to be called, in words. `for_whom` is "" where it is for themselves."""

    id: int
    name: str
    phone: str
    url: str
    times: str
    language: str
    for_whom: str
    age: str
    is_again: bool


def call_cards(calls: Sequence[Call], now: datetime) -> list[CallCard]:
    """Those who wait for a call."""
    return [_call_card(call, now) for call in calls]


def _call_card(call: Call, now: datetime) -> CallCard:
    wish = call.wish
    asks = _("Asks for somebody else. Tell them nothing about that person.") if wish.for_whom == OTHER else ""
    return CallCard(
        call.id,
        wish.name,
        wish.phone,
        phone_url(Phone(wish.phone)),
        wish.times,
        a_language(wish.language),
        asks,
        age_words(call.at, now),
        call.is_again,
    )
