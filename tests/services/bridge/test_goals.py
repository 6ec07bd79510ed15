"""Goals as they are kept: sealed, for their own peer and a coordinator alone, looked at again and again, and gone with the person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from directory.domain.agencies import Overtaken
from directory.domain.bridge.goals import GoalWords
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services import texts
from directory.services.bridge import capital, goals
from directory.services.bridge.goals import goal_add, goal_change, goal_end, goals_look, goals_show, milestone_add
from directory.services.bridge.plans import NotTheirPeer
from directory.storage import db
from directory.storage.waitlist import clients, retention
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

WEEK = timedelta(days=7)
SLEEP = GoalWords("Sleep at night in my own bed", ("", "", "Four nights a week", "", ""))
once = count(1)


def form() -> str:
    return f"{next(once):043}"


async def accompanied(made: World) -> str:
    """The number of a new client, with whom the peer goes."""
    client = await world.client(made)
    async with db.staging():
        await world.account(made.peer)
        await db.execute(f"UPDATE client SET peer_id = {made.peer.person} WHERE id = {client}")
    row = await clients.by_id(client)
    assert row is not None
    return row.upi


async def added(made: World, upi: str, **changes: object) -> int:
    given: dict[str, object] = {
        "upi": upi,
        "said": SLEEP,
        "weight": 1,
        "baseline": -1,
        "says_baseline": True,
        "template": None,
        "form": form(),
        "by": made.peer,
        "now": NOW,
        "settings": SETTINGS,
    }
    id = await goal_add(**(given | changes))  # type: ignore[arg-type]
    assert id is not None
    return id


async def looked(made: World, upi: str, levels: dict[int, int], weeks: int) -> bool:
    return await goals_look(
        upi=upi,
        levels=levels,
        notes=dict.fromkeys(levels, "We talked about the dog"),
        form=form(),
        by=made.peer,
        now=NOW + weeks * WEEK,
        settings=SETTINGS,
    )


async def shown(made: World, upi: str) -> goals.Goals:
    _who, found = await goals_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    return found


async def test_three_goals_that_went_one_level_further_than_hoped_for_score_63_69(database: str) -> None:
    """WAITLIST 1.8."""
    made = await world.made()
    upi = await accompanied(made)
    ids = [await added(made, upi) for _ in range(3)]
    await looked(made, upi, dict.fromkeys(ids, 0), 1)
    await looked(made, upi, dict.fromkeys(ids, 1), 2)
    found = await shown(made, upi)
    assert [round(each.value or 0, 2) for each in found.scores] == [36.31, 50.0, 63.69]
    assert [goal.level for goal in found.open] == [1, 1, 1]
    assert [look.note for look in found.open[0].looks] == ["We talked about the dog"] * 2


async def test_no_word_of_theirs_can_be_read_in_the_database(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    id = await added(made, upi)
    await looked(made, upi, {id: 1}, 1)
    await milestone_add(
        upi=upi, day=TODAY, words="First night indoors", form=form(), by=made.peer, now=NOW, settings=SETTINGS
    )
    told = ""
    for table in ("goal", "goal_review", "milestone", "audit_entry", "access_entry"):
        told += str(await db.rows(f"SELECT * FROM {table}"))
    assert not any(words in told for words in ("Sleep at night", "Four nights", "the dog", "First night"))
    assert "goals-looked-at" in told


async def test_a_peer_who_does_not_go_with_them_reads_none_and_a_coordinator_does(database: str) -> None:
    made, other = await world.made(), await world.made()
    upi = await accompanied(made)
    await added(made, upi)
    async with db.staging():
        await db.execute(f"UPDATE client SET peer_id = NULL WHERE upi = '{upi}'")
    with pytest.raises(NotTheirPeer):
        await shown(made, upi)
    _who, found = await goals_show(upi=upi, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert found.goals[0].said == SLEEP
    for stranger in (other.peer, other.coordinator):
        with pytest.raises(NotFound):
            await goals_show(upi=upi, by=stranger, now=NOW, settings=SETTINGS)


async def test_whoever_saves_second_hears_of_it_and_overwrites_nothing(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    id = await added(made, upi)

    async def changed(words: str) -> bool:
        said = GoalWords(words, SLEEP.levels)
        return await goal_change(
            upi=upi, id=id, version=1, said=said, weight=2, by=made.peer, now=NOW, settings=SETTINGS
        )

    assert await changed("Sleep well")
    assert await changed("Sleep well"), "the same form once more"
    with pytest.raises(Overtaken) as error:
        await changed("Sleep long")
    assert (error.value.version, error.value.now["words"], error.value.now["weight"]) == (2, "Sleep well", "2")
    (goal,) = (await shown(made, upi)).goals
    assert (goal.said.words, goal.row.weight) == ("Sleep well", 2)


async def test_a_form_that_comes_twice_is_taken_once(database: str) -> None:
    made = await world.made()
    upi, token = await accompanied(made), form()
    assert await added(made, upi, form=token)
    given = {"said": SLEEP, "weight": 1, "baseline": None, "says_baseline": False, "template": None}
    again = await goal_add(upi=upi, **given, form=token, by=made.peer, now=NOW, settings=SETTINGS)  # type: ignore[arg-type]
    assert again is None
    assert len((await shown(made, upi)).goals) == 1


async def test_a_goal_that_was_put_away_is_shown_apart_and_cannot_be_looked_at(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    id = await added(made, upi)
    end = {"upi": upi, "id": id, "version": 1, "by": made.peer, "now": NOW, "settings": SETTINGS}
    with pytest.raises(UnfitFields):
        await goal_end(**end, reason="nonsense")  # type: ignore[arg-type]
    assert await goal_end(**end, reason="reached")  # type: ignore[arg-type]
    assert not await goal_end(**end, reason="reached")  # type: ignore[arg-type]
    found = await shown(made, upi)
    assert (found.open, [goal.row.end_reason for goal in found.goals]) == ((), ["reached"])
    with pytest.raises(NotFound):
        await looked(made, upi, {id: 1}, 1)


async def test_a_goal_that_was_written_down_by_mistake_counts_in_no_score(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    meant, mistaken = await added(made, upi), await added(made, upi)
    await looked(made, upi, {meant: 0, mistaken: 2}, 1)
    end = {"upi": upi, "id": mistaken, "version": 1, "by": made.peer, "now": NOW, "settings": SETTINGS}
    assert await goal_end(**end, reason="mistaken")  # type: ignore[arg-type]
    assert [(each.value, each.goals) for each in (await shown(made, upi)).scores] == [(40.0, 1), (50.0, 1)]


async def test_a_look_needs_a_level_that_there_is_and_a_goal_of_theirs(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    id = await added(made, upi)
    levels: dict[int, int]
    for levels, field in (({}, "levels"), ({id: 9}, f"goal-{id}")):
        with pytest.raises(UnfitFields) as error:
            await looked(made, upi, levels, 1)
        assert [each.field for each in error.value.problems] == [field]
    with pytest.raises(NotFound):
        await looked(made, await accompanied(made), {id: 1}, 1)


async def test_ten_goals_at_a_time_are_the_most(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    for _ in range(10):
        await added(made, upi)
    with pytest.raises(UnfitFields) as error:
        await added(made, upi)
    assert error.value.problems[0].code == "too-many-goals"


async def test_goals_and_days_go_when_a_person_is_cleared(database: str) -> None:
    """WAITLIST 4.4."""
    made = await world.made()
    upi = await accompanied(made)
    id = await added(made, upi)
    await looked(made, upi, {id: 1}, 1)
    await milestone_add(upi=upi, day=TODAY, words="Home", form=form(), by=made.peer, now=NOW, settings=SETTINGS)
    row = await clients.by_upi(upi)
    assert row is not None
    async with db.staging():
        assert await retention.client_clear(row.id, NOW)
    for table in ("goal", "goal_review", "milestone"):
        assert await db.rows(f"SELECT 1 FROM {table}") == []
    with pytest.raises(NotFound):
        await added(made, upi)


# --- the questionnaire -----------------------------------------------------------------------------------------------


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[None]:
    """An operator who brought words of their own invention in the shape of the questionnaire."""
    items = "\n\n".join(f"Statement {number}." for number in range(1, 11))
    path = tmp_path / "own.toml"
    path.write_text(f'[recovery-capital]\nversion = "1"\nen = """Say how much.\n\n{items}\n\nNot at all\n\nWholly"""\n')
    texts.use(str(path))
    yield
    texts.use("")


async def test_without_the_operators_words_there_is_no_questionnaire(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    assert capital.questions("en") is None
    with pytest.raises(NotFound):
        await answer(made, upi, [1] * 10)


async def answer(made: World, upi: str, answers: Sequence[int | None], language: str = "en") -> bool:
    return await capital.answers_add(
        upi=upi, answers=answers, language=language, form=form(), by=made.peer, now=NOW, settings=SETTINGS
    )


@pytest.mark.may_block("the file of an operator is read when a process starts")
@pytest.mark.usefixtures("brought")
async def test_the_answers_are_kept_raw_and_sealed_and_a_part_of_them_is_refused(database: str) -> None:
    """WAITLIST 1.8: items as they are, no bands, raw answers."""
    made = await world.made()
    upi = await accompanied(made)
    asked = capital.questions("en")
    assert asked is not None
    assert (asked.lead, asked.items[9], asked.least, asked.most) == (
        "Say how much.",
        "Statement 10.",
        "Not at all",
        "Wholly",
    )
    with pytest.raises(UnfitFields) as error:
        await answer(made, upi, [6, None, 6, 6, 6, 6, 6, 6, 6, 7])
    assert [each.field for each in error.value.problems] == ["item-2", "item-10"]
    assert await answer(made, upi, [6, 5, 4, 3, 2, 1, 6, 5, 4, 3])
    row = await clients.by_upi(upi)
    assert row is not None
    (found,) = await capital.answers_of(client=row.id, settings=SETTINGS)
    assert (found.total, found.is_same) == (39, True)
    assert found.answers == (6, 5, 4, 3, 2, 1, 6, 5, 4, 3)
    (kept,) = await db.rows(f"SELECT sealed FROM capital_answer WHERE client_id = {row.id}")
    assert "[6,5" not in kept["sealed"]


SPANISH = "\n\n".join(("Diga cuánto.", *(f"Frase {number}." for number in range(1, 11)), "Nada", "Todo"))


@pytest.mark.may_block("the file of an operator is read when a process starts")
@pytest.mark.usefixtures("brought")
async def test_whoever_reads_spanish_is_asked_in_english_where_there_is_no_spanish_and_answers_to_either_are_of_today(
    database: str, tmp_path: Path
) -> None:
    made = await world.made()
    upi = await accompanied(made)
    assert capital.questions("es") == capital.questions("en")
    assert await answer(made, upi, [1] * 10)
    path = tmp_path / "own.toml"
    path.write_text(f'{path.read_text()}es = """{SPANISH}"""\n')
    texts.use(str(path))
    asked = capital.questions("es")
    assert asked is not None
    assert asked.items[0] == "Frase 1."
    assert await answer(made, upi, [2] * 10, "es")
    path.write_text(path.read_text().replace("Statement 1.", "Statement 1, said otherwise."))
    texts.use(str(path))
    row = await clients.by_upi(upi)
    assert row is not None
    found = await capital.answers_of(client=row.id, settings=SETTINGS)
    assert [(each.total, each.is_same) for each in found] == [(10, False), (20, True)]
