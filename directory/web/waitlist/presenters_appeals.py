"""An appeal as a card for the coordinator who answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from directory.i18n import gettext
from directory.services.waitlist.appeals import OPEN, Appeal
from directory.web.waitlist import presenters_words as words

_ = gettext


@dataclass(frozen=True, slots=True)
class AppealCard:
    """One appeal. `settled`: when and by whom it was answered, "" while it waits. `can_answer`: it waits, and the reader did not make the decision."""

    id: int
    title: str
    url: str
    facts: str
    words: str
    answer: str
    state: str
    settled: str
    can_answer: bool
    is_own: bool


def appeal_card(appeal: Appeal, names: Mapping[str, str]) -> AppealCard:
    """An appeal in words. Who it is stands on their own page, which the link leads to."""
    row = appeal.row
    by = words.someone(names.get(row.by, row.by))
    facts = _("Number %(upi)s · %(line)s · taken down on %(when)s by %(name)s") % {
        "upi": row.upi,
        "line": row.line,
        "when": words.moment(row.at, row.timezone),
        "name": by,
    }
    settled = ""
    if row.settled_at is not None:
        settled = words.moment(row.settled_at, row.timezone)
        settled += f", {words.someone(names.get(row.settled_by or '', row.settled_by or ''))}"
    return AppealCard(
        row.id,
        words.word(words.ABOUT, row.about),
        f"/clients/{row.upi}",
        facts,
        appeal.words,
        appeal.answer,
        words.word(words.APPEALS, row.status),
        settled,
        row.status == OPEN and not appeal.is_own,
        appeal.is_own,
    )
