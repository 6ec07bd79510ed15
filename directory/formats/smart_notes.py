"""What the notes of a SMART Recovery meeting say: the way in online, whether one can still come in person, in which weeks it is.

People write names and numbers into notes, so of the free text only sentences stay that speak of none of that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.domain.links import host_of
from directory.formats.hours import WEEKS, day_of
from directory.formats.text import cut, mask, mask_emails, one_line
from directory.formats.urls import is_provider

LONGEST = 2000

_URL = re.compile(r"https?://[^\s<>\"]+")
_MEETING_ID = re.compile(r"(?:meeting|zoom)\s*id(?:\s+is)?[\s:#]{1,4}(\d[\d\s-]{7,14}\d)", re.IGNORECASE)
_PASSCODE = re.compile(r"(?:passcode|password|pwd)(?:\s+is)?[\s:]{1,4}(\w{4,20})", re.IGNORECASE)
_NO_LONGER = re.compile(r"(?:no longer|changed from|moved from|not)\s(?:\w+\s){0,2}?on-?line", re.IGNORECASE)
_ONLINE = re.compile(r"\bon[- ]?line\b|\bzoom\b|\bvirtual", re.IGNORECASE)
_ONLINE_ONLY = re.compile(
    r"online only|only online"
    r"|(?:moved|moving|temporarily|converted|now|currently|held|be|been|being)\s(?:[\w/]+\s){0,5}?(?:on[- ]?line|zoom|virtual)",
    re.IGNORECASE,
)
_IN_PERSON = re.compile(
    r"resum\w+ (?:meeting )?in[- ]person|(?:back|now|again|also|offered|held|both|as well as) in[- ]?person|hybrid|in[- ]person (?:and|&)",
    re.IGNORECASE,
)
_IN_PERSON_ONLY = re.compile(r"in[- ]person only", re.IGNORECASE)
_CLOSED = re.compile(
    r"\bon hiatus\b|(?:meeting|group)s? (?:is|are|has been|have been) (?:suspended|cancell?ed|closed) (?:until|indefinitely)",
    re.IGNORECASE,
)
_NUMBER = "|".join(WEEKS)
_DAY = "sunday|monday|tuesday|wednesday|thursday|friday|saturday"
_MONTHLY = re.compile(
    rf"(?P<verb>^|(?:\bmeets?|\bheld|\bconducted|\bevery)\b[^.;]{{0,30}}?)\b(?P<weeks>(?:{_NUMBER})(?:\s*(?:,|&|and)\s*(?:{_NUMBER}))*)"
    rf"\s+(?P<day>{_DAY})s?(?:\s+evenings?)?(?:\s+of\s+(?:the|each|every)\s+month)?(?P<after>[^.;]{{0,15}})",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"in[- ]person|on[- ]?line|zoom|\blive\b|location|except|addition|remaining|\bno\b|\bnot\b", re.IGNORECASE
)
"""In such a sentence the weeks are those of something else: where it is held, what it is about, when it is left out."""
_NOT_WEEKLY = re.compile(
    rf"every other (?:week|{_DAY})|\bbi-?weekly\b|\b(?:once|twice) a month\b|\b(?:meets|held|is) monthly\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?])(?<!\bSt\.)(?<!\bDr\.)(?<!\bRd\.)(?<!\bE\.)\s+|\n+")
_OF_PEOPLE = re.compile(
    r"facilitat|\bcontact|\bcall\b|\btext\b|e-?mail|@|\bhost|\bled by|\breach\b|\bask for|\bsee \w+ |\bspeak (?:to|with)|removed\]"
    r"|protected\]|\bphone|\bcell\b|my/|\btopic:|[\"“”]|\bMr|\bMs|\bDr\.|\d{3}[-.\s]\d{4}|left out\]",
    re.IGNORECASE,
)
_OF_THE_LINE = re.compile(
    r"https?:|zoom|pass ?code|password|\bpwd|meeting id|one tap|dial (?:by|in)|find your|join |\bUS \(|#|^(?:time|day|date):|:$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{3}.*[^\W\d_]{3}")


@dataclass(frozen=True, slots=True)
class Notes:
    """`text` is what may be shown, `access` the numbers of the room online.

    `weeks` are the weekday (0 Sunday) and the week of the month (1-5, `schedule.LAST`) where it is not every week; `not_weekly` says so in
    words where there is no other way.
    """

    text: str
    url: str | None
    access: str | None
    is_online: bool
    is_online_only: bool
    is_closed: bool
    weeks: tuple[tuple[int, int], ...]
    not_weekly: str | None


def read_notes(text: str) -> Notes:
    """The notes, from the text behind the meeting's number to the end."""
    url = next((found for found in map(_trimmed, _URL.findall(text)) if is_provider(host_of(found) or "")), None)
    online = bool(url or _ONLINE.search(_NO_LONGER.sub("", text))) and not _IN_PERSON_ONLY.search(text)
    sentences = [one_line(sentence) for sentence in _SENTENCES.split(text)]
    return Notes(
        text=cut("\n".join(filter(None, map(_shown, sentences))), LONGEST),
        url=url if online else None,
        access=_access(text) if online else None,
        is_online=online,
        is_online_only=online and bool(_ONLINE_ONLY.search(text)) and not _IN_PERSON.search(text),
        is_closed=bool(_CLOSED.search(text)),
        weeks=tuple(sorted({pair for sentence in sentences for pair in _weeks(sentence)})),
        not_weekly=next(
            (shown for sentence in sentences if _NOT_WEEKLY.search(sentence) and (shown := _shown(sentence))), None
        ),
    )


def _weeks(sentence: str) -> list[tuple[int, int]]:
    found = _MONTHLY.search(sentence)
    if not found or _OTHERWISE.search(found[0]):
        return []
    if not found["verb"] and found["after"].strip(" .!*").lower() not in ("", "only"):
        return []
    day = day_of(found["day"])
    weeks = re.findall(_NUMBER, found["weeks"].lower())
    return [(day, WEEKS[week]) for week in weeks] if day is not None else []


def _trimmed(url: str) -> str:
    """Without what was glued to it: "https://zoom.us/j/5550142Meeting ID"."""
    glued = re.match(r"(https?://[^/]+/j/\d+?)(?:Meeting|One|Pass|Find|Join)", url)
    return mask_emails(glued[1] if glued else url.rstrip(".,;)"))


def _access(text: str) -> str | None:
    number, word = _MEETING_ID.search(text), _PASSCODE.search(text)
    parts = (
        f"Meeting ID: {' '.join(number[1].split())}" if number else "",
        f"Passcode: {word[1]}" if word else "",
    )
    return ", ".join(filter(None, parts)) or None


def _shown(sentence: str) -> str | None:
    """A sentence that may be shown; none that speaks of somebody or of the line, or that is no more than a number."""
    is_private = _OF_PEOPLE.search(sentence) or _OF_THE_LINE.search(sentence)
    return cut(mask(sentence), 500) if not is_private and _WORDS.search(sentence) else None
