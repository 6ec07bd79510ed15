"""Hand-outs: who makes them, how long they are good, that they belong to nobody, and how their link is sent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.bridge.handouts import CHOSEN, DAY, DAYS, DISTANCE, MOST, Wanted
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.bridge import handouts
from directory.services.bridge.handouts import DeadHandout, Made, handout_make, handout_show
from directory.services.credentials import new_token
from directory.services.letters import written
from directory.services.sealing import seal
from directory.services.waitlist.messages import update_queue
from directory.storage import db
from directory.storage.waitlist import routes
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, World
from tests.web import world as listed

PHONE, MAIL = "775-555-0107", "robin@example.org"
MONTH = Wanted(DAY, 30, "en")
ZONE = ZoneInfo("America/New_York")
"""That of the listings, read here, as none is read while a loop runs."""


@pytest.fixture
async def made(database: str) -> World:
    await listed.refill(database, listed.DRAFTS)
    return await world.made()


async def slugs(*names: str) -> list[str]:
    """The slugs of these listings; of all of the world's where none is named."""
    found = {row["name"]: row["slug"] for row in await db.rows("SELECT name, slug FROM listing ORDER BY id")}
    return [found[name] for name in names or ("Quiet Lamp Group", "Safe Reeds", "Far Shore Clinic")]


async def handed(made: World, *names: str, wanted: Wanted = MONTH) -> Made:
    found = await handout_make(
        slugs=await slugs(*names), agency=made.agency, wanted=wanted, by=made.peer, now=NOW, settings=SETTINGS
    )
    assert found is not None
    return found


async def show(code: str, now: object = NOW) -> handouts.Shown:
    return await handout_show(code=code, now=now, settings=SETTINGS)  # type: ignore[arg-type]


async def test_a_hand_out_is_read_behind_its_code_however_that_is_typed(made: World) -> None:
    code = (await handed(made)).code
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    for typed in (code, code.lower(), code.replace("-", ""), f" {code} "):
        shown = await show(typed)
        assert [each.card.name for each in shown.details] == ["Quiet Lamp Group", "Safe Reeds", "Far Shore Clinic"]
        assert shown.code == code


async def test_nothing_of_a_client_nor_the_code_itself_is_kept_with_it(made: World) -> None:
    code = (await handed(made)).code
    (row,) = await db.rows("SELECT * FROM handout")
    assert code not in str(row)
    assert code.replace("-", "") not in str(row)
    assert set(row) == {"id", "key", "agency_id", "items", "sort", "language", "by", "at", "expires_at", "ended_at"}


async def test_the_trail_says_how_many_listings_and_not_which(made: World) -> None:
    await handed(made)
    (entry,) = await db.rows("SELECT details, chain FROM audit_entry WHERE action = 'handout-made'")
    assert db.from_json(entry["details"]) == {"listings": 3, "days": 30}
    assert entry["chain"] == f"agency {made.agency}"


async def test_it_is_good_for_as_many_days_as_were_chosen(made: World) -> None:
    for days in DAYS:
        code = (await handed(made, wanted=replace(MONTH, days=days))).code
        assert (await show(code, NOW + timedelta(days=days, seconds=-1))).details
        with pytest.raises(DeadHandout):
            await show(code, NOW + timedelta(days=days))


async def test_what_has_ended_what_ran_out_and_what_never_was_are_told_apart_by_nobody(made: World) -> None:
    ended, over = (await handed(made)).code, (await handed(made, wanted=replace(MONTH, days=7))).code
    (row,) = [each for each in await handouts.handouts_list(by=made.peer, now=NOW) if each.expires_at.day == 1]
    assert await handouts.handout_end(id=row.id, by=made.peer, now=NOW)
    said = set()
    for code in (ended, over, "ABCD-EFGH-JKMN-PQRS", "", "x" * 500):
        with pytest.raises(DeadHandout) as refused:
            await show(code, NOW + timedelta(days=8))
        said.add((refused.value.status, str(refused.value)))
    assert said == {(410, "dead-handout")}


async def test_listings_that_nobody_knows_are_named_and_left_out(made: World) -> None:
    found = await handout_make(
        slugs=[*await slugs("Safe Reeds"), "no-such-place", *await slugs("Safe Reeds")],
        agency=made.agency,
        wanted=MONTH,
        by=made.peer,
        now=NOW,
        settings=SETTINGS,
    )
    assert found is not None
    assert found.unknown == ("no-such-place",)
    assert [each.card.name for each in (await show(found.code)).details] == ["Safe Reeds"]


async def test_distances_are_told_and_where_from_is_kept_nowhere(made: World) -> None:
    code = (await handed(made, wanted=Wanted(DISTANCE, 30, "en", near="Saltmarsh, PA"))).code
    shown = await show(code)
    miles = {each.card.name: shown.miles[each.card.slug] for each in shown.details}
    assert miles == {"Quiet Lamp Group": 0, "Safe Reeds": 0, "Far Shore Clinic": 14}
    tables = "SELECT items FROM handout", "SELECT details FROM audit_entry", "SELECT details FROM access_entry"
    kept = [await db.rows(table) for table in tables]
    assert "19199" not in str(kept)
    assert "Saltmarsh" not in str(kept)


async def test_a_hidden_address_is_measured_from_its_zip_code_alone(made: World) -> None:
    """DESIGN 3: the true point of Safe Reeds is 1.5 miles away, the middle of its ZIP code none."""
    shown = await show((await handed(made, "Safe Reeds", wanted=replace(MONTH, near="19199"))).code)
    assert set(shown.miles.values()) == {0}
    assert shown.details[0].card.street is None


WRONG = (
    (Wanted("price", 30, "en"), "sort", "choose"),
    (Wanted(CHOSEN, 31, "en"), "days", "choose"),
    (Wanted(CHOSEN, 30, "tlh"), "language", "choose"),
    (Wanted(DISTANCE, 30, "en"), "near", "missing"),
    (Wanted(DISTANCE, 30, "en", near="Nowhere, ZZ"), "near", "not-a-place"),
    (Wanted(DISTANCE, 30, "en", near="x" * 101), "near", "too-long"),
)


async def test_what_cannot_be_is_said_at_its_field(made: World) -> None:
    found = []
    for wanted, _field, _problem in WRONG:
        with pytest.raises(UnfitFields) as refused:
            await handed(made, wanted=wanted)
        found += [(each.field, each.code) for each in refused.value.problems]
    assert found == [(field, problem) for _wanted, field, problem in WRONG]
    assert await db.rows("SELECT 1 FROM handout") == []


@pytest.mark.parametrize(("count", "problem"), [(0, "none-chosen"), (MOST + 1, "too-many-listings")])
def test_a_hand_out_has_a_listing_and_forty_at_the_most(count: int, problem: str) -> None:
    assert [each.code for each in MONTH.problems(count, ["en"])] == [problem]
    assert MONTH.problems(MOST, ["en"]) == []


async def test_the_same_form_makes_one_alone(made: World) -> None:
    form, chosen = new_token(), await slugs()
    found = [
        await handout_make(
            slugs=chosen, agency=made.agency, wanted=MONTH, form=form, by=made.peer, now=NOW, settings=SETTINGS
        )
        for _ in range(2)
    ]
    assert [each is None for each in found] == [False, True]
    assert len(await db.rows("SELECT 1 FROM handout")) == 1


async def test_nobody_makes_sees_or_ends_those_of_another_agency(made: World) -> None:
    await handed(made)
    (row,) = await handouts.handouts_list(by=made.peer, now=NOW)
    assert await handouts.handouts_list(by=made.stranger, now=NOW) == []
    with pytest.raises(NotFound):
        await handouts.handout_end(id=row.id, by=made.stranger, now=NOW)
    with pytest.raises(NotFound):
        await handed(replace(made, peer=made.stranger))
    with pytest.raises(Denied):
        await handouts.handouts_list(by=Actor(9, (Grant(Role.EDITOR, made.agency),)), now=NOW)


async def test_one_that_ends_twice_ends_once(made: World) -> None:
    await handed(made)
    (row,) = await handouts.handouts_list(by=made.coordinator, now=NOW)
    assert [await handouts.handout_end(id=row.id, by=made.coordinator, now=NOW) for _ in range(2)] == [True, False]
    assert await handouts.handouts_list(by=made.peer, now=NOW) == []
    assert len(await db.rows("SELECT 1 FROM audit_entry WHERE action = 'handout-ended'")) == 1


async def test_rows_are_deleted_a_month_after_they_ran_out(made: World) -> None:
    await handed(made, wanted=replace(MONTH, days=7))
    await handed(made, wanted=replace(MONTH, days=90))
    assert await handouts.handouts_forget(now=NOW + timedelta(days=37)) == 0
    assert await handouts.handouts_forget(now=NOW + timedelta(days=38)) == 1
    assert len(await db.rows("SELECT 1 FROM handout")) == 1


# --- its link, sent --------------------------------------------------------------------------------------------------


async def waiting(made: World, channel: str = "text", to: str = PHONE, **columns: object) -> tuple[int, str]:
    """A client with one way to reach them, and their number."""
    client = await world.client(made)
    flags = {"may_leave_word": True, "is_shared": False, "is_agreed": True, "asks_agreed": False}
    sealed = seal({"to": to, "times": "", "note": ""}, SETTINGS)
    async with db.staging():
        given = {name: world.to_column(value) for name, value in columns.items()}
        await routes.add(client, {"channel": channel, "sealed": sealed} | flags | given)
    (row,) = await db.rows(f"SELECT upi FROM client WHERE id = {client}")
    return client, str(row["upi"])


async def sent(made: World, upi: str, code: str, *, form: str | None = None, days: int = 0) -> int | None:
    return await handouts.handout_send(
        upi=upi,
        code=code,
        form=form or new_token(),
        by=made.peer,
        now=NOW + timedelta(days=days),
        settings=SETTINGS,
    )


@pytest.mark.may_block("templates are read when they are first asked for")
@pytest.mark.parametrize(("channel", "to"), [("text", PHONE), ("email", MAIL)])
async def test_the_message_says_nothing_but_that_here_is_the_list(made: World, channel: str, to: str) -> None:
    code = (await handed(made)).code
    _client, upi = await waiting(made, channel, to)
    assert await sent(made, upi, code) == 1
    (row,) = await db.rows("SELECT channel, recipient, template, words FROM outbox")
    found = written(
        id="1",
        channel=row["channel"],
        to=row["recipient"],
        template=row["template"],
        language="en",
        words=db.from_json(row["words"]),
        site="Heron",
    )
    text = f"Here is the list that you asked for: http://localhost/h/{code}"
    assert " ".join(found.text.split()) == text
    assert len(text) <= 160


async def test_the_trail_of_the_client_says_only_that_a_list_was_sent(made: World) -> None:
    code = (await handed(made)).code
    _client, upi = await waiting(made)
    await sent(made, upi, code)
    (entry,) = await db.rows(f"SELECT action, details FROM audit_entry WHERE subject = 'client {upi}'")
    assert (entry["action"], db.from_json(entry["details"])) == ("list-sent", {"ways": 1})


CLOSED = {"shared": {"is_shared": True}, "not agreed": {"is_agreed": False}, "stopped": {"stopped_at": NOW}}


async def test_it_goes_by_no_way_that_was_not_agreed_or_others_use(made: World) -> None:
    """45 CFR 164.522(b)(1); WAITLIST 1.6."""
    code = (await handed(made)).code
    numbers = {name: (await waiting(made, **columns))[1] for name, columns in CLOSED.items()}
    numbers["call"] = (await waiting(made, "call"))[1]
    assert {name: await sent(made, upi, code) for name, upi in numbers.items()} == dict.fromkeys(numbers, 0)
    assert await db.rows("SELECT 1 FROM outbox") == []


async def test_it_goes_once_a_day_and_on_three_days_of_seven(made: World) -> None:
    """47 CFR 64.1200(a)(9)(iv); WAITLIST 1.6."""
    code = (await handed(made)).code
    _client, upi = await waiting(made)
    assert [await sent(made, upi, code, days=days) for days in (0, 0, 1, 2, 3, 7)] == [1, 0, 1, 1, 0, 1]


async def test_an_update_of_the_same_day_goes_alone_and_a_list_counts_for_the_updates_of_the_week(made: World) -> None:
    code = (await handed(made)).code
    client, upi = await waiting(made)

    async def update(days: int) -> int:
        async with db.staging():
            return await update_queue(client=client, key="x", now=NOW + timedelta(days=days), settings=SETTINGS)

    assert (await update(0), await sent(made, upi, code)) == (1, 0)
    assert [await sent(made, upi, code, days=days) for days in (1, 2)] == [1, 1]
    assert [await update(days) for days in (3, 7)] == [0, 1]


async def test_the_same_form_sends_once_and_somebody_who_was_cleared_hears_nothing(made: World) -> None:
    code, form = (await handed(made)).code, new_token()
    client, upi = await waiting(made)
    assert [await sent(made, upi, code, form=form, days=days) for days in (0, 1)] == [1, None]
    async with db.staging():
        await db.execute(f"UPDATE client SET cleared_at = created_at WHERE id = {client}")
    with pytest.raises(NotFound):
        await sent(made, upi, code, days=2)


async def test_a_list_of_another_agency_or_one_that_ended_is_not_sent(made: World) -> None:
    other = await world.made()
    code = (await handed(other)).code
    _client, upi = await waiting(made)
    for wrong in (code, "ABCD-EFGH-JKMN-PQRS"):
        with pytest.raises(DeadHandout):
            await sent(made, upi, wrong)
    with pytest.raises(NotFound):
        await sent(replace(made, peer=made.stranger), upi, code)
