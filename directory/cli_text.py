"""What the command prints: reports, results and a progress bar, in plain English."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.corrections import Correction
from directory.domain.errors import Problem
from directory.domain.results import Card, SearchResult
from directory.i18n import a_distance, a_moment, a_number
from directory.services.exchange import Report
from directory.services.feeds import Feed, shown

SHOWN = 20


def report(done: Report) -> str:
    """An import's report in a few lines. One that was refused says why first; a trial says what would have been as well."""
    lines = [f"Nothing was changed: {done.error}"] if done.error else []
    if not done.error or (done.dry_run and done.read):
        would = "would be " if done.dry_run else ""
        lines.append(
            f"{done.source}: {done.read} records read; {done.added} {would}added, {done.changed} {would}changed, "
            f"{done.unchanged} as they were, {done.removed} {would}taken out, {done.turned_away} rejected."
        )
    lines += [f"  line {row['line']}: {row['reason']}" for row in done.rejected[:SHOWN]]
    lines += _more(len(done.rejected), "rejected")
    lines += [f"  note, {warning}" for warning in done.warnings[:SHOWN]]
    return "\n".join([*lines, *_more(len(done.warnings), "notes")])


def _more(count: int, what: str) -> list[str]:
    return [f"  ... and {count - SHOWN} more {what}: --json names all"] if count > SHOWN else []


def results(found: SearchResult) -> str:
    """The results as a numbered list."""
    near = (
        f" within {a_number(found.query.within, 1)} miles of {found.place.label}"
        if found.place and found.place.label
        else ""
    )
    head = f"{found.total} found{near}" + (":" if found.cards else ".")
    first = found.query.offset + 1
    lines = [line for number, card in enumerate(found.cards, first) for line in _card(number, card)]
    more = [f"More: --page {found.query.page + 1}"] if found.has_next else []
    return "\n".join([head, *lines, *more])


def _card(number: int, card: Card) -> list[str]:
    distance = a_distance(card.distance_miles, card.approximate) if card.distance_miles is not None else ""
    phone = card.phones[0].number if card.phones else ""
    where = ", ".join(part for part in (card.street, card.city, card.state) if part)
    when = f"next {a_moment(card.next_start)}" if card.next_start else ""
    facts = [part for part in (labels.label("kind", card.kind), distance, where, phone, when) if part]
    return [f"{number:>3}. {card.name}", f"     {' · '.join(facts)}"]


def problem(found: Problem) -> str:
    """What is wrong with one option."""
    allowed = f"; give {' or '.join(found.allowed)}" if found.code == "unknown-value" and found.allowed else ""
    if found.code == "out-of-range":
        allowed = f"; give a number from {found.allowed[0]} to {found.allowed[1]}"
    return f"--{found.field} {found.value!r} cannot be used{allowed}"


def corrections(found: Sequence[Correction], zone: ZoneInfo) -> str:
    """What visitors say is wrong, in two lines each: when and of which listing, then why and in which words."""
    lines = [line for each in found for line in _correction(each, zone)]
    return "\n".join([f"{len(found)} open" + (":" if found else "."), *lines])


def _correction(each: Correction, zone: ZoneInfo) -> list[str]:
    often = f" ({each.times} times)" if each.times > 1 else ""
    parts = [each.remark.reason + often, " ".join(each.remark.words.split())]
    when = a_moment(each.updated_at.astimezone(zone))
    return [f"{each.id:>5}. {when}: {each.name} (/listings/{each.slug})", f"       {': '.join(filter(None, parts))}"]


def corrections_json(found: Sequence[Correction]) -> dict[str, Any]:
    """The same as an object: `total`, and each with its listing's slug and name, `reason` and `words`; moments in UTC."""
    return {"total": len(found), "corrections": [_correction_json(each) for each in found]}


def _correction_json(each: Correction) -> dict[str, Any]:
    return {
        "id": each.id,
        "listing": each.slug,
        "name": each.name,
        "reason": each.remark.reason,
        "words": each.remark.words,
        "times": each.times,
        "created_at": each.created_at.astimezone(UTC).isoformat(),
        "updated_at": each.updated_at.astimezone(UTC).isoformat(),
    }


def feeds(found: Sequence[Feed], zone: ZoneInfo) -> str:
    """The feeds in two lines each: whose and where, then how often and how it went."""
    lines = [line for each in found for line in _feed(each, zone)]
    head = "1 address" if len(found) == 1 else f"{len(found)} addresses"
    return "\n".join([head + (":" if found else "."), *lines])


def _feed(each: Feed, zone: ZoneInfo) -> list[str]:
    often = f"every {each.every_hours} hours" if each.every_hours else "on demand"
    after = f"next {a_moment(each.next_at.astimezone(zone))}" if each.next_at else ""
    read = f"read {a_moment(each.fetched_at.astimezone(zone))}" if each.fetched_at else "never read"
    wrong = f"tries without success: {each.tries}, the last: {each.error}" if each.error else ""
    facts = "; ".join(part for part in (often, read, after, wrong) if part)
    return [f"{each.source} ({each.format}): {shown(each.address)}", f"  {facts}"]


def feeds_json(found: Sequence[Feed]) -> dict[str, Any]:
    """The same as an object; moments in UTC, null for what has not been. What an address may hide is left out."""
    return {"total": len(found), "feeds": [_feed_json(each) for each in found]}


def _feed_json(each: Feed) -> dict[str, Any]:
    return {
        "source": each.source,
        "format": each.format,
        "address": shown(each.address),
        "every_hours": each.every_hours,
        "fetched_at": each.fetched_at.astimezone(UTC).isoformat() if each.fetched_at else None,
        "next_at": each.next_at.astimezone(UTC).isoformat() if each.next_at else None,
        "tries": each.tries,
        "error": each.error,
    }


class Progress:
    """A line on standard error that says how many rows (or other things) are done; silent where that is no terminal."""

    def __init__(self, title: str, what: str = "rows") -> None:
        self.title, self.what = title, what
        self.shown = False

    def __enter__(self) -> Progress:
        return self

    def __call__(self, rows: int) -> None:
        if sys.stderr.isatty():
            self.shown = True
            print(f"\r{self.title}: {rows} {self.what}", end="", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shown:
            print(file=sys.stderr)
