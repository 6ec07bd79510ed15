"""The one page for the team that receives somebody: on a consent that covers it, looked at anew each time, and always written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.errors import NotFound
from directory.domain.waitlist.consents import Scope
from directory.services.bridge import handoff_steps, summaries
from directory.services.bridge.handoffs import NoHandoff
from directory.services.bridge.plans import NotTheirPeer
from directory.services.bridge.summaries import Summary, SummaryPage
from directory.services.texts import text_of
from directory.services.waitlist import agency_answers
from directory.services.waitlist.consents import consent_revoke
from directory.services.waitlist.disclosures import NOTICE_LONG, NoConsent
from directory.storage import db
from directory.storage.waitlist.disclosures import DisclosureNow, of_offer
from tests.accounts import SETTINGS
from tests.services.bridge.journeys import DAY, HOUR, Journey, begun
from tests.services.waitlist import agency, world
from tests.services.waitlist.agency import CALLED, NAME
from tests.services.waitlist.world import NOW

WORDS = {"words": "Ask me first, please.", "medication": "20 mg in the morning", "companion": "My brother"}


async def told(way: Journey) -> Journey:
    """The same with words of their own."""
    await handoff_steps.handoff_words(upi=way.upi, words=WORDS, version=1, by=way.made.peer, now=NOW, settings=SETTINGS)
    return way


async def shown(way: Journey, after: timedelta = HOUR) -> SummaryPage:
    found = await summaries.summary_show(upi=way.upi, by=way.made.peer, now=NOW + after, settings=SETTINGS)
    assert found is not None
    return found


async def read(way: Journey, after: timedelta = HOUR) -> Summary | None:
    """What the agency reads on its desk."""
    return await summaries.agency_summary(offer=way.offer, by=way.made.clerk, now=NOW + after, settings=SETTINGS)


async def handed_over(way: Journey, after: timedelta = HOUR) -> None:
    await summaries.summary_hand_over(upi=way.upi, by=way.made.peer, now=NOW + after, settings=SETTINGS)


async def written(way: Journey) -> list[DisclosureNow]:
    return [row for row in await of_offer(way.client, way.offer) if Scope.HAND_OFF in row.scope]


async def revoked(way: Journey, after: timedelta = 2 * HOUR) -> None:
    (row,) = await db.rows(f"SELECT id FROM consent WHERE client_id = {way.client}")
    await consent_revoke(id=row["id"], by=way.made.peer, now=NOW + after, settings=SETTINGS)


async def test_the_team_reads_their_own_words_with_the_notice_and_on_what_it_was_told(database: str) -> None:
    """42 CFR 2.31(c), 2.32(a), 2.32(b)."""
    way = await told(await begun())
    found = await read(way)
    assert found is not None
    assert (found.called, found.name, found.language) == (CALLED, NAME, "en")
    assert {name: text for name, text in found.words.items() if text} == WORDS
    assert (found.peer, len(found.consents)) == ("Ana Reed", 1)
    await read(way)
    (row,) = await written(way)
    assert (set(row.scope), row.agency, row.by) == ({"name", "hand-off"}, way.made.clinic, way.made.clerk.label)
    assert row.notice == text_of(NOTICE_LONG, "en").stamp


async def test_to_look_at_it_with_them_tells_nobody_and_handing_it_over_is_written_down_once(database: str) -> None:
    way = await told(await begun())
    before = await shown(way)
    assert before.summary is not None
    assert (before.is_told, await written(way)) == (False, [])
    await handed_over(way)
    await handed_over(way, 2 * HOUR)
    (row,) = await written(way)
    assert (row.by, row.offer) == (way.made.peer.label, way.offer)
    assert (await shown(way)).is_told


@pytest.mark.parametrize("scope", [("name", "contact"), ("name", "contact", "eligibility", "priority", "care-wanted")])
async def test_a_consent_that_says_nothing_of_it_covers_none_of_it(database: str, scope: tuple[str, ...]) -> None:
    """42 CFR 2.31(a)(3): in a specific and meaningful fashion."""
    way = await told(await begun(scope=scope))
    assert ((await shown(way)).summary, await read(way)) == (None, None)
    with pytest.raises(NoConsent):
        await handed_over(way)
    assert await written(way) == []


async def test_without_their_name_in_the_consent_the_page_has_the_number_alone(database: str) -> None:
    """42 CFR 2.13(a)."""
    way = await told(await begun(scope=("hand-off",)))
    found = await read(way)
    assert found is not None
    assert (found.called, found.name, found.upi) == ("", "", way.upi)
    assert found.words["medication"] == WORDS["medication"]
    assert NAME not in repr(replace(found, consents=()))  # of which the page says their words alone


async def test_a_consent_for_another_agency_covers_nothing_here(database: str) -> None:
    made, other = await world.made(), await world.made()
    client = await agency.somebody(made)
    await agency.consent(client, made.clinic, ("name",))
    await agency.consent(client, other.clinic, ("name", "hand-off"))
    offer = await agency.offered(made, client=client, accepted=True)
    (row,) = await db.rows(f"SELECT upi FROM client WHERE id = {client}")
    way = Journey(made, offer, client, row["upi"])
    assert await read(way) is None
    assert await written(way) == []


async def test_once_they_take_the_consent_back_the_page_is_gone_for_everybody(database: str) -> None:
    """42 CFR 2.31(a)(6), 2.31(c): at once, and the offer is over."""
    way = await told(await begun())
    assert await read(way) is not None
    await revoked(way)
    assert await read(way, 3 * HOUR) is None
    page = await shown(way, 3 * HOUR)
    assert (page.summary, page.is_open) == (None, False)
    with pytest.raises(NoHandoff):
        await handed_over(way, 3 * HOUR)


async def test_what_was_told_can_be_read_for_7_days_after_they_came_and_nothing_new(database: str) -> None:
    """WAITLIST 4.4."""
    read_before, never_read = await told(await begun()), await told(await begun())
    await read(read_before)
    for way in (read_before, never_read):
        await agency_answers.agency_answer(
            offer=way.offer, answer="arrived", by=way.made.clerk, now=NOW + 2 * HOUR, settings=SETTINGS
        )
    assert await read(read_before, 7 * DAY) is not None
    assert await read(read_before, 7 * DAY + 3 * HOUR) is None
    assert await read(never_read, 3 * HOUR) is None


async def test_before_they_said_yes_and_for_anybody_else_there_is_no_page(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made)
    assert await summaries.agency_summary(offer=offer, by=made.clerk, now=NOW, settings=SETTINGS) is None
    other = await world.made()
    for by, error in ((other.clerk, NotFound), (made.peer, Denied)):
        with pytest.raises(error):
            await summaries.agency_summary(offer=offer, by=by, now=NOW, settings=SETTINGS)


async def test_a_peer_who_does_not_read_their_plan_neither_sees_nor_tells_it(database: str) -> None:
    way = await begun(mine=False)
    with pytest.raises(NotTheirPeer):
        await shown(way)
    with pytest.raises(NotTheirPeer):
        await handed_over(way)
