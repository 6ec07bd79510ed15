"""What hangs on somebody's plan, so that its addresses have something to show: for the tests that ask who may go where."""

from __future__ import annotations

from directory.services.sealing import seal
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import check_ins, goals, plans, text_replies
from directory.storage.waitlist import clients
from tests.services.waitlist.world import NOW, TODAY

SETTINGS = Settings(env="test", hosts=("localhost",), base_url="http://localhost")


async def around(upi: str, peer: int) -> dict[str, str]:
    """The numbers of what there is about a client, who is from now on that of this peer."""
    row = await clients.by_upi(upi)
    assert row is not None
    client, sealed = row.id, seal({"words": "Sleep at night"}, SETTINGS)
    async with db.staging():
        await db.execute(f"UPDATE client SET peer_id = {int(peer)} WHERE id = {client}")
        await plans.put(client, 0, seal({"matters": "Sleep"}, SETTINGS), is_by_code=False, by="test", now=NOW)
        goal = await goals.goal_add(client, sealed=sealed, weight=1, baseline=-1, template=None, by="test", now=NOW)
        milestone = await goals.milestone_add(client, day=TODAY, sealed=sealed, by="test", now=NOW)
        asked = {"client_id": client, "at": NOW, "channel": "call", "is_reached": True, "is_crisis": True, "by": "test"}
        check_in = await check_ins.add(asked)
        text = await text_replies.add(
            message=f"SM{client}", client=client, kind="other", sealed=sealed, is_settled=False, now=NOW
        )
    return {"goal": str(goal), "milestone": str(milestone), "check_in": str(check_in), "text": str(text)}
