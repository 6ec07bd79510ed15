"""Settling what visitors say is wrong, on both engines: the most urgent first, one wins, and whoever wants to hear is told and forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.corrections import MOST_REPLIES, Remark
from directory.domain.errors import NotFound, Settled
from directory.domain.notices import SENT, Message, Step
from directory.domain.people import TooSoon, UnfitFields
from directory.services.corrections import Reply, correction_add, correction_send
from directory.services.notices import notice_retry, notices_forget, notices_send
from directory.services.reports import (
    ADDRESS_KEPT,
    ANSWER_GOOD,
    addresses_forget,
    report_reopen,
    report_settle,
    report_sheet,
    reports_list,
    reports_waiting,
)
from directory.settings import CONSOLE
from directory.storage import corrections, db, outbox
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, snapshot, world_made

CORA = Actor(2, (Grant(Role.COORDINATOR, 1),))
PEER = Actor(1, (Grant(Role.PEER, 1),))
DAY = timedelta(days=1)
ANA = Reply("ana@example.org", "es")


async def slug_of(url: str, key: str = "lamp") -> str:
    """The slug of a listing with this key, which is there from now on."""
    await world_made()
    await import_drafts(url, [draft(key)], source=key)
    return str(await one_value("SELECT slug FROM listing WHERE source_key = {0}", key))


async def told(slug: str, words: str, days: int = 0, reply: Reply | None = None) -> int:
    """The number of the report with these words, which is open from now on."""
    await correction_add(slug=slug, remark=Remark("other", words), now=NOW + days * DAY, reply=reply)
    return next(each.id for each in await corrections.waiting() if each.remark.words == words)


async def settle(url: str, id: int, outcome: str = "fixed", version: int = 1, **more: object) -> int:
    given = {"answer": "", "by": CORA, "now": NOW, "settings": settings_for(url, smtp_url=CONSOLE)}
    return await report_settle(id=id, version=version, outcome=outcome, **given | more)  # type: ignore[arg-type]


async def letters() -> list[dict[str, object]]:
    return [dict(row) for row in await db.rows("SELECT * FROM outbox ORDER BY id")]


class Post:
    """A way out that takes everything."""

    def __init__(self) -> None:
        self.taken: list[Message] = []

    async def send(self, message: Message) -> None:
        self.taken.append(message)


async def test_the_oldest_stands_first_and_what_is_told_often_moves_up(database: str) -> None:
    slug = await slug_of(database)
    for words, day in (("often", 12), ("flood", 16), ("old", 0), ("young", 17)):
        await told(slug, words, day)
    for words, day in [("often", 13), ("often", 14)] + [("flood", 16)] * 7:
        await told(slug, words, day)
    found = await reports_list(by=CORA, now=NOW, settings=settings_for(database))
    assert [line.report.remark.words for line in found.lines] == ["often", "old", "flood", "young"]
    assert {line.card.slug for line in found.lines if line.card} == {slug}
    assert await reports_waiting(by=CORA, now=NOW) == found.total == 4


async def test_only_a_coordinator_sees_or_settles_them(database: str) -> None:
    id = await told(await slug_of(database), "wrong")
    assert await reports_waiting(by=PEER, now=NOW) == 0
    for refused in (
        reports_list(by=PEER, now=NOW, settings=settings_for(database)),
        report_sheet(id=id, by=PEER, now=NOW, settings=settings_for(database)),
        settle(database, id, by=PEER),
        report_reopen(id=id, version=1, by=PEER, now=NOW),
    ):
        with pytest.raises(Denied):
            await refused


async def test_a_report_stands_with_its_listing_and_all_else_that_is_open_on_it(database: str) -> None:
    lamp, reed = await slug_of(database), await slug_of(database, "reed")
    id, other = await told(lamp, "one"), await told(lamp, "two")
    await told(reed, "elsewhere")
    sheet = await report_sheet(id=id, by=CORA, now=NOW, settings=settings_for(database))
    assert sheet.detail is not None
    assert sheet.detail.card.slug == lamp
    assert [each.id for each in sheet.others] == [other]
    with pytest.raises(NotFound):
        await report_sheet(id=999, by=CORA, now=NOW, settings=settings_for(database))


async def test_a_listing_that_is_gone_leaves_its_reports_to_be_settled(database: str) -> None:
    id = await told(await slug_of(database), "closed long ago")
    await import_drafts(database, [], source="lamp")
    sheet = await report_sheet(id=id, by=CORA, now=NOW, settings=settings_for(database))
    assert sheet.detail is None
    await settle(database, id)
    assert await reports_waiting(by=CORA, now=NOW) == 0


async def test_others_on_the_same_listing_are_settled_with_it_and_those_of_another_never(database: str) -> None:
    lamp, reed = await slug_of(database), await slug_of(database, "reed")
    ids = [await told(lamp, "one"), await told(lamp, "two"), await told(reed, "elsewhere")]
    await settle(database, ids[0], also=ids[1:])
    assert [each.id for each in await corrections.waiting()] == [ids[2]]
    (entry,) = await db.rows("SELECT * FROM audit_entry WHERE action = 'report-settled'")
    assert (entry["by"], entry["subject"]) == ("person 2", f"report {ids[0]}")
    assert db.from_json(entry["details"])["also"] == [ids[1]]


async def test_settling_can_say_that_somebody_asked_and_all_of_it_is_right(database: str) -> None:
    slug = await slug_of(database)
    await settle(database, await told(slug, "one"), "right")
    assert await one_value("SELECT confirmed_at FROM listing") is None
    two = await told(slug, "two")
    with pytest.raises(Settled):
        await settle(database, two, "right", is_asked=True, listing_version=7)
    assert await reports_waiting(by=CORA, now=NOW) == 1, "nothing is settled by who has seen other words"
    await settle(database, two, "right", is_asked=True, listing_version=1)
    assert await one_value("SELECT via FROM listing_check") == "report"
    assert await one_value("SELECT confirmed_at FROM listing") is not None


async def test_whoever_wants_to_hear_gets_a_neutral_letter_in_their_language_and_is_forgotten(database: str) -> None:
    slug = await slug_of(database)
    id = await told(slug, "wrong number", reply=ANA)
    assert await settle(database, id, answer="Llamamos.") == 1
    assert "ana@example.org" not in str(await snapshot(without=("outbox",)))
    post = Post()
    await notices_send(clock=lambda: NOW, settings=settings_for(database), ways={"email": post})
    (message,) = post.taken
    assert (message.to, message.language) == ("ana@example.org", "es")
    assert "Llamamos." in message.text
    assert f"/l/{await one_value('SELECT id FROM listing')}" in message.text
    whole = f"{message.subject}{message.text}{message.html}".casefold()
    assert "lamp" not in whole
    assert slug not in whole
    assert "ana@example.org" not in str(await snapshot()), "the address goes once the letter is sent"


@pytest.mark.parametrize("is_asked", [True, False])
async def test_the_letter_says_that_we_asked_only_where_somebody_did(database: str, is_asked: bool) -> None:
    id = await told(await slug_of(database), "wrong number", reply=Reply("ana@example.org", "en"))
    await settle(database, id, "right", is_asked=is_asked, listing_version=1)
    post = Post()
    await notices_send(clock=lambda: NOW, settings=settings_for(database), ways={"email": post})
    (message,) = post.taken
    for text in (message.text, message.html):
        assert ("We asked, and were told" in text, "We looked into it" in text) == (is_asked, not is_asked)


async def test_whoever_sent_spam_hears_nothing_and_is_forgotten_too(database: str) -> None:
    id = await told(await slug_of(database), "buy this", reply=ANA)
    assert await settle(database, id, "spam") == 0
    assert await letters() == []
    assert "ana@example.org" not in str(await snapshot())


async def test_the_address_of_a_letter_that_could_not_be_sent_goes_at_once_and_nobody_tries_again(
    database: str,
) -> None:
    id = await told(await slug_of(database), "wrong", reply=ANA)
    await settle(database, id)
    (row,) = await outbox.due(["email"], NOW, 10)
    taken = await outbox.claim(row[0], lease="x", until=NOW + DAY, now=NOW)
    assert taken is not None
    await outbox.settle(taken, Step("dead", NOW, "no such box"), NOW)
    assert "ana@example.org" not in str(await snapshot())
    assert not await notice_retry(id=row[0], now=NOW), "there is nobody to send it to"


async def test_a_letter_that_nothing_takes_out_goes_with_its_address_when_its_time_is_over(database: str) -> None:
    id = await told(await slug_of(database), "wrong", reply=ANA)
    await settle(database, id)
    assert await notices_forget(now=NOW + ANSWER_GOOD - DAY) == 0
    assert await notices_forget(now=NOW + ANSWER_GOOD) == 1
    assert "ana@example.org" not in str(await snapshot())


async def test_without_mail_no_address_is_kept_and_none_is_queued(database: str) -> None:
    slug, no_mail = await slug_of(database), settings_for(database)
    remark, network = Remark("other", "new"), "192.0.2.7"
    assert await correction_send(slug=slug, remark=remark, reply=ANA, network=network, settings=no_mail, now=NOW)
    assert "ana@example.org" not in str(await snapshot())
    id = await told(slug, "of a time with mail", reply=ANA)
    assert await settle(database, id, settings=no_mail) == 0
    assert "ana@example.org" not in str(await snapshot())


async def test_a_letter_to_somebody_with_an_account_keeps_its_address_as_before(database: str) -> None:
    await outbox.add(
        channel="email", recipient="cora@example.org", template="update", language="en", words={"call": "1"},
        dedup_key="x", good_until=None, now=NOW,
    )  # fmt: skip
    taken = await outbox.claim(1, lease="x", until=NOW + DAY, now=NOW)
    assert taken is not None
    await outbox.settle(taken, Step(SENT, NOW), NOW)
    assert (await letters())[0]["recipient"] == "cora@example.org"


async def test_an_address_goes_after_three_months_even_if_nobody_has_looked(database: str) -> None:
    await told(await slug_of(database), "wrong", reply=ANA)
    assert await addresses_forget(now=NOW + ADDRESS_KEPT - DAY) == 0
    assert await addresses_forget(now=NOW + ADDRESS_KEPT + DAY) == 1
    assert "ana@example.org" not in str(await snapshot())


async def test_the_same_words_of_many_people_are_one_report_and_all_who_want_are_told_once(database: str) -> None:
    slug = await slug_of(database)
    for number in (*range(MOST_REPLIES + 3), 0):
        await correction_add(slug=slug, remark=Remark("closed"), now=NOW, reply=Reply(f"r{number}@example.org", "en"))
    (report,) = await corrections.waiting()
    assert await settle(database, report.id, version=report.version) == MOST_REPLIES
    assert len({letter["recipient"] for letter in await letters()}) == MOST_REPLIES


async def test_one_can_be_opened_again_and_settled_anew(database: str) -> None:
    id = await told(await slug_of(database), "wrong", reply=ANA)
    await settle(database, id, "right")
    with pytest.raises(Settled):
        await report_reopen(id=id, version=1, by=CORA, now=NOW)
    await report_reopen(id=id, version=2, by=CORA, now=NOW)
    assert [each.id for each in await corrections.waiting()] == [id]
    await settle(database, id, "fixed", version=3)
    assert len(await letters()) == 1, "nobody knows whom to tell any more"
    assert await one_value("SELECT COUNT(*) FROM audit_entry WHERE action = {0}", "report-reopened") == 1


async def test_what_comes_in_again_after_it_was_settled_is_open_again(database: str) -> None:
    slug = await slug_of(database)
    id = await told(slug, "wrong")
    await settle(database, id, "right", answer="It is right.")
    assert await told(slug, "wrong", days=3) == id
    report = await corrections.find(id)
    assert report is not None
    assert (report.status, report.answer, report.settled_by, report.times) == ("new", None, None, 2)


async def test_what_is_typed_has_to_fit(database: str) -> None:
    id = await told(await slug_of(database), "wrong")
    with pytest.raises(UnfitFields) as error:
        await settle(database, id, "moon", answer="x" * 1001)
    assert [problem.field for problem in error.value.problems] == ["outcome", "answer"]
    assert await reports_waiting(by=CORA, now=NOW) == 1


async def test_much_from_one_part_of_the_network_has_to_wait_and_another_part_does_not(database: str) -> None:
    slug, settings = await slug_of(database), settings_for(database)

    async def send(number: int, network: str) -> bool:
        remark = Remark("other", f"Wrong {number}")
        return await correction_send(slug=slug, remark=remark, network=network, settings=settings, now=NOW)

    for number in range(10):
        assert await send(number, f"192.0.2.{number}")
    with pytest.raises(TooSoon):
        await send(10, "192.0.2.77")
    assert await send(11, "198.51.100.7")
    assert "192.0.2" not in str(await snapshot()), "only a keyed hash of it is kept"


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_two_who_settle_one_at_once_one_wins_and_one_letter_goes_out(database: str) -> None:
    id = await told(await slug_of(database), "wrong", reply=ANA)
    outcomes = await asyncio.gather(
        *(settle(database, id, outcome) for outcome in ("fixed", "right", "fixed")), return_exceptions=True
    )
    assert sum(isinstance(each, Settled) for each in outcomes) == 2
    assert len(await letters()) == 1
