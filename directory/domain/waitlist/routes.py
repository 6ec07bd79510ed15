"""Ways to reach somebody who waits, and what may go by each: nothing by itself where a telephone is shared, and only what was agreed."""

from __future__ import annotations

from dataclasses import dataclass

from directory.domain.errors import Problem
from directory.domain.sign_in import email_problems
from directory.domain.waitlist.names import is_whole_phone

CALL, TEXT, EMAIL, MAIL, VISIT = "call", "text", "email", "mail", "visit"
CHANNELS = (CALL, TEXT, EMAIL, MAIL, VISIT)
BY_PHONE = (CALL, TEXT)
TAKES_UPDATES = (TEXT, EMAIL)
"""By these goes "you have an update", once it was agreed."""
TAKES_QUESTIONS = (TEXT,)
"""By this goes "Still OK?", once that was agreed by itself."""
LONGEST_TO, LONGEST_TIMES, LONGEST_NOTE = 300, 200, 500
MOST = 12
"""Ways to reach one person; who has more has mistyped."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach somebody: number or address, when it is safe, and what may go there (models/clients.py, ContactRoute)."""

    channel: str
    to: str
    times: str = ""
    note: str = ""
    may_leave_word: bool = False
    is_shared: bool = False
    is_agreed: bool = False
    asks_agreed: bool = False


def way_problems(way: Way) -> list[Problem]:
    """What keeps this from being a way to reach somebody, field by field.

    On a shared telephone, and by a call, a letter or a visit, nothing goes by itself (WAITLIST 1.6; 45 CFR 164.522(b)(1)).
    """
    problems = [] if way.channel in CHANNELS else [Problem("channel", "choose", way.channel)]
    problems += _to_problems(way)
    lengths = (("to", way.to, LONGEST_TO), ("times", way.times, LONGEST_TIMES), ("note", way.note, LONGEST_NOTE))
    problems += [Problem(name, "too-long", "", (str(most),)) for name, text, most in lengths if len(text) > most]
    agreed = (("is_agreed", way.is_agreed, TAKES_UPDATES), ("asks_agreed", way.asks_agreed, TAKES_QUESTIONS))
    for name, wanted, channels in agreed:
        if wanted and way.is_shared:
            problems.append(Problem(name, "shared-phone", ""))
        elif wanted and way.channel not in channels:
            problems.append(Problem(name, "not-this-way", ""))
    return problems


def _to_problems(way: Way) -> list[Problem]:
    if not way.to.strip():
        return [Problem("to", "missing", "")]
    if way.channel in BY_PHONE and not is_whole_phone(way.to):
        return [Problem("to", "not-a-phone", "")]
    if way.channel == EMAIL and email_problems(way.to):
        return [Problem("to", "not-an-email", "")]
    return []
