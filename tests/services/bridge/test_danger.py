"""What follows on the same day where somebody is in danger or says that they feel very bad, and that neither trail nor task tells what it was."""

from __future__ import annotations

import pytest

from directory.domain.errors import NotFound
from directory.domain.waitlist.board import Why
from directory.services.bridge import handoff_steps
from directory.services.bridge.check_ins import Answer, check_ins_show
from directory.services.bridge.crises import crisis_settle, crisis_show
from directory.services.bridge.rhythms import rhythms_keep
from directory.services.waitlist import board
from directory.storage import db
from directory.storage.bridge import check_ins as storage
from tests.services.bridge.journeys import begun
from tests.services.bridge.test_check_ins import (
    DANGER,
    DAY,
    HOUR,
    NOBODY,
    WEEK,
    id_of,
    made,
    noted,
    rhythm_of,
    tasks,
    told,
    waiting,
)
from tests.services.waitlist.world import NOW, SETTINGS, World

__all__ = ["made"]


async def test_danger_that_somebody_else_tells_of_counts_though_they_were_not_reached(made: World) -> None:
    """A sister answers, or a recorded voice says it."""
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    id = await noted(made, upi, Answer("call", is_reached=False, safety=("suicide",), note="Their sister said so."))
    assert id is not None
    (task,) = await tasks("crisis")
    assert task["address"] == f"/clients/{upi}/check-ins/{id}/now"
    assert len(await db.rows("SELECT 1 FROM debrief")) == 1
    assert (await crisis_show(upi=upi, check_in=id, by=made.peer, now=NOW, settings=SETTINGS)).is_open
    client = await id_of(upi)
    assert (await storage.checks_of([client]))[client].crisis == id
    assert (await rhythm_of(upi)).due_at == NOW + WEEK
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [(each.safety, each.row.is_reached) for each in shown.said] == [(("suicide",), False)]


async def test_danger_of_somebody_who_has_a_place_stands_on_the_board_until_somebody_has_seen_to_it(
    database: str,
) -> None:
    """Between two of the times at which they are asked how it goes, too."""
    way = await begun()
    await handoff_steps.handoff_answer(upi=way.upi, has_come=True, by=way.made.peer, now=NOW, settings=SETTINGS)

    async def on_board() -> list[Why]:
        filters = board.Filters(whose=board.MINE)
        found = await board.board_show(filters=filters, by=way.made.peer, now=NOW + HOUR, settings=SETTINGS)
        return [line.why for card in found.cards if card.upi == way.upi for line in card.lines]

    assert await on_board() == []
    id = await noted(way.made, way.upi, DANGER)
    assert id is not None
    assert await on_board() == [Why.CRISIS]
    await crisis_settle(upi=way.upi, check_in=id, by=way.made.peer, now=NOW, settings=SETTINGS)
    assert await on_board() == []


async def test_neither_trail_nor_access_log_says_that_it_was_a_crisis(made: World) -> None:
    upi = await waiting(made)
    id = await noted(made, upi, DANGER)
    assert id is not None
    who = {"upi": upi, "check_in": id, "by": made.peer, "now": NOW, "settings": SETTINGS}
    await crisis_show(**who)  # type: ignore[arg-type]
    (task,) = await tasks("crisis")
    assert "crisis" not in task["key"]  # which is noted where somebody ticks it off
    await crisis_settle(**who)  # type: ignore[arg-type]
    trail = await db.rows("SELECT action, subject, details FROM audit_entry")
    seen = await db.rows("SELECT action, subject, details FROM access_entry")
    assert "check-in-settled" in {row["action"] for row in trail}
    assert "check-in-card" in str(seen)
    assert "crisis" not in str(trail) + str(seen)


async def test_the_card_says_the_role_and_is_settled_once(made: World) -> None:
    upi = await waiting(made)
    id = await noted(made, upi, DANGER)
    assert id is not None
    who = {"upi": upi, "check_in": id, "by": made.coordinator, "settings": SETTINGS}
    card = await crisis_show(now=NOW, **who)
    words = card.text.words
    assert "not to treat" in words
    assert "Do not promise to keep this a secret" in words
    assert card.is_open
    assert [await crisis_settle(now=NOW + HOUR, **who) for _ in range(2)] == [True, False]
    assert not (await crisis_show(now=NOW + HOUR, **who)).is_open


async def test_there_is_no_card_of_a_check_in_without_danger_or_of_somebody_else(made: World) -> None:
    upi, other = await waiting(made), await waiting(made)
    calm, danger = await noted(made, upi), await noted(made, upi, DANGER)
    for number, check_in in ((upi, calm), (other, danger)):
        with pytest.raises(NotFound):
            await crisis_show(upi=number, check_in=int(check_in or 0), by=made.peer, now=NOW, settings=SETTINGS)


# --- by the code on their card ---


async def test_who_feels_very_bad_by_code_is_asked_by_a_peer_on_the_same_day(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    await told(made, upi, 1, now=NOW + DAY)
    rhythm = await rhythm_of(upi)
    assert (rhythm.due_at, rhythm.step) == (NOW + DAY, 0)
    (task,) = await tasks("check-in-today")
    assert (task["agency_id"], task["address"]) == (made.agency, f"/clients/{upi}/check-ins")
    assert db.as_moment(task["due_at"]) == (NOW + DAY).replace(hour=23, minute=59, second=59)


async def test_a_very_bad_day_asks_for_a_call_until_somebody_was_reached_and_says_it_nowhere(made: World) -> None:
    upi, other = await waiting(made), await waiting(made)
    await told(made, upi, 1, now=NOW)
    await told(made, other, 2, now=NOW)
    (task,) = await tasks("check-in-today")
    trail = await db.rows("SELECT action, details FROM audit_entry")
    assert not any(word in str((task["words"], task["key"], trail)) for word in ("feeling", "bad", "today"))
    await noted(made, upi, NOBODY, NOW)
    assert len(await tasks("check-in-today")) == 1
    await noted(made, upi, now=NOW)
    assert await tasks("check-in-today") == []


async def test_a_day_that_turns_very_bad_after_an_earlier_answer_is_not_swallowed(made: World) -> None:
    upi = await waiting(made)
    for feeling in (3, 4, 1, 1):
        await told(made, upi, feeling, now=NOW)
    found = await db.rows("SELECT feeling FROM check_in ORDER BY id")
    assert [row["feeling"] for row in found][:2] == [3, 1]
    assert len(await tasks("check-in-today")) == 1
