"""The form of a group: its fields with what they hold, and what was typed as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from directory import labels
from directory.domain.bridge.groups import (
    EVERY,
    FULL,
    LANGUAGES,
    LAST_WEEK,
    MONTHLY,
    PARTIAL,
    PLACED,
    SORTS,
    GroupValues,
    Series,
    Where,
)
from directory.domain.errors import Problem
from directory.domain.schedule import LAST
from directory.domain.taxonomy import ACCESS, ATTENDANCE, PEOPLE
from directory.i18n import a_language, gettext
from directory.web.bridge.presenters_words import EVERY as EVERY_WORDS
from directory.web.bridge.presenters_words import GROUPS
from directory.web.fields import Field, last_of
from directory.web.presenters_agencies import choices_of, zone_choices
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_lines import number_typed
from directory.web.waitlist.steps import day_typed

_ = gettext

USUAL_MINUTES = "60"


def group_form_fields(
    said: Mapping[str, str],
    *,
    people: Sequence[str] = (),
    access: Sequence[str] = (),
    leaders: Sequence[tuple[int, str]] = (),
) -> tuple[Field, ...]:
    """All fields, in the order in which one thinks of them: what, when, where, for whom, who sees it. `said` is what they hold."""
    return (
        *_what(said, leaders),
        *_when(said),
        *_where(said),
        *_for_whom(said, people, access),
        _tick(
            "public",
            _("Who finds it"),
            _("Everybody: it stands in the search, with its times"),
            said["public"] == "yes",
        ),
    )


def _what(said: Mapping[str, str], leaders: Sequence[tuple[int, str]]) -> tuple[Field, ...]:
    hint = _(
        "It stands on people’s phones, which others see too. Take one that tells nothing, such as “Tuesday evenings”."
    )
    led = [Choice("", _("Nobody is named"), not said["leader"])]
    led += [Choice(str(id), name, str(id) == said["leader"]) for id, name in leaders]
    return (
        Field("name", _("Name"), value=said["name"], hint=hint),
        Field("sort", _("What it is"), choices=choices_of(GROUPS, said["sort"], SORTS)),
        Field(
            "words",
            _("A few words about it"),
            "textarea",
            said["words"],
            hint=_("What happens there, and what to bring. Everybody can read it. You may leave it empty."),
        ),
        Field("leader", _("Who leads it"), choices=tuple(led), hint=_("Only your own people see this.")),
    )


def _when(said: Mapping[str, str]) -> tuple[Field, ...]:
    every = choices_of(EVERY_WORDS, said["every"], (*EVERY, LAST_WEEK))
    return (
        Field("starts_on", _("First day"), "date", said["starts_on"]),
        Field("time", _("Begins at"), "time", said["time"]),
        Field("minutes", _("How many minutes it lasts"), value=said["minutes"], numeric=True),
        Field("every", _("How often"), choices=every),
        Field("until", _("Last day"), "date", said["until"], hint=_("Leave it empty if no end is planned.")),
        Field("timezone", _("Time zone"), choices=zone_choices(said["timezone"])),
        Field(
            "capacity",
            _("How many seats"),
            value=said["capacity"],
            numeric=True,
            hint=_("When all are taken, others can wait for one. Empty: there is room for everybody."),
        ),
    )


def _where(said: Mapping[str, str]) -> tuple[Field, ...]:
    attendance = tuple(
        Choice(code, labels.label("attendance", code), code == said["attendance"]) for code in ATTENDANCE
    )
    seen = (
        Choice(FULL, _("Everybody sees the address"), said["visibility"] == FULL),
        Choice(PARTIAL, _("Everybody sees the town; who has a seat sees the address"), said["visibility"] == PARTIAL),
    )
    return (
        Field("attendance", _("How people come"), choices=attendance),
        Field("place", _("Name of the place"), value=said["place"]),
        Field("street", _("Street and number"), value=said["street"]),
        Field("city", _("Town"), value=said["city"]),
        Field("state", _("State"), value=said["state"], hint=_("Two letters, such as PA.")),
        Field("postal_code", _("ZIP code"), value=said["postal_code"]),
        Field("notes", _("How to find it"), value=said["notes"]),
        Field("visibility", _("Who sees the address"), choices=seen),
        Field("url", _("Where to join online"), value=said["url"], hint=_("Such as https://meet.example.org/tuesdays")),
        _tick("url_shown", _("Who sees how to join"), _("Everybody. Else only who has a seat."), said["url_shown"] == "yes"),
    )  # fmt: skip


def _for_whom(said: Mapping[str, str], people: Sequence[str], access: Sequence[str]) -> tuple[Field, ...]:
    languages = tuple(Choice(code, a_language(code), code == said["language"]) for code in LANGUAGES)
    return (
        Field("language", _("Language"), choices=languages),
        _several("people", _("Only or mainly for"), PEOPLE, people),
        _several("access", _("Access"), ACCESS, access),
    )


def _several(name: str, label: str, codes: Sequence[str], chosen: Sequence[str]) -> Field:
    choices = tuple(Choice(code, labels.label(name, code), code in chosen) for code in codes)
    return Field(name, label, choices=choices, many=True)


def _tick(name: str, label: str, text: str, is_ticked: bool) -> Field:
    return Field(name, label, choices=(Choice("yes", text, is_ticked),), many=True)


def empty(zone: str, starts_on: str) -> dict[str, str]:
    """What the form of a new group holds."""
    names = ("name", "words", "until", "capacity", "url", "url_shown", "public", "leader", *PLACED)
    return dict.fromkeys(names, "") | {
        "sort": SORTS[0],
        "attendance": ATTENDANCE[0],
        "visibility": FULL,
        "starts_on": starts_on,
        "time": "19:00",
        "minutes": USUAL_MINUTES,
        "every": EVERY[1],
        "timezone": zone,
        "language": LANGUAGES[0],
    }


# --- what was typed --------------------------------------------------------------------------------------------------


def typed_group(lists: Mapping[str, Sequence[str]]) -> tuple[GroupValues, list[Problem]]:
    """The values of a group as they were typed, and what of it is no day. What is no number is taken for one that no group can have."""
    values = last_of(lists)
    problems: list[Problem] = []
    starts_on, until = day_typed("starts_on", values, problems), day_typed("until", values, problems)
    if starts_on is None and not problems:
        problems.append(Problem("starts_on", "missing", ""))
    every = values.get("every", "")
    series = Series(
        starts_on=starts_on or date.max,
        minute=minute_typed(values.get("time", "")),
        minutes=number_typed(values.get("minutes", "")),
        timezone=values.get("timezone", ""),
        every=MONTHLY if every == LAST_WEEK else every,
        week=LAST if every == LAST_WEEK else None,
        until=until,
    )
    capacity, leader = values.get("capacity", "").strip(), values.get("leader", "")
    where = {name: values.get(name, "") for name in PLACED}
    return (
        GroupValues(
            name=values.get("name", ""),
            sort=values.get("sort", ""),
            attendance=values.get("attendance", ""),
            series=series,
            where=Where(**where, visibility=values.get("visibility", "")),
            words=values.get("words", ""),
            url=values.get("url", ""),
            is_url_shown=values.get("url_shown") == "yes",
            capacity=number_typed(capacity) if capacity else None,
            language=values.get("language", ""),
            people=tuple(lists.get("people", ())) or None,
            access=tuple(lists.get("access", ())) or None,
            is_public=values.get("public") == "yes",
            leader=number_typed(leader) if leader else None,
        ),
        problems,
    )


def minute_typed(text: str) -> int:
    """The minute of the day of a time such as 19:00; -1 for what is none."""
    hour, colon, minute = text.strip().partition(":")
    if not colon or number_typed(hour) not in range(24) or number_typed(minute) not in range(60):
        return -1
    return 60 * number_typed(hour) + number_typed(minute)
