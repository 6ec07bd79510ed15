"""A year of check-ins in the demonstration: weekly talks with most of those who waited, and what is due, missed and waiting to be read today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from directory.domain.bridge.check_ins import usual_channel
from directory.domain.waitlist.routes import TEXT
from directory.services.bridge.check_ins import Answer, check_in_note
from directory.services.bridge.crises import crisis_settle
from directory.services.bridge.rhythms import check_ins_missed
from directory.services.bridge.text_replies import text_take
from directory.services.demo_bridge_cast import (
    ANSWERER,
    ESCALATED,
    HEAVY,
    MISSED,
    OVERDUE,
    TEXTER,
    Cast,
    Row,
    Scene,
    is_silent,
)
from directory.services.sealing import seal
from directory.services.waitlist.routes import ways_of
from directory.storage import demo_waitlist as rows
from directory.storage.demo_bridge import Waiter

WEEK = timedelta(days=7)
SHOWN = timedelta(days=63)
"""So far back each check-in has its own line; before that a contact is all that is told."""
KEPT = 0.72
"""The share of people with whom the week was kept."""
LOST = {"cannot-locate", "withdrew", "refused"}
QUIET_BEFORE_END = timedelta(days=24)
DUE: dict[str, timedelta] = {OVERDUE: timedelta(hours=3), MISSED: timedelta(hours=30), ESCALATED: timedelta(days=5)}
"""How long ago the check-in of these was due."""
NOTES = (
    *("The bus pass came.", "Slept at a friend's place this week.", "Wants to hear about the women's circle."),
    *("Went to two meetings.", "The court date was moved.", "A hard week. We talked for half an hour."),
)
HEAVY_NOTE = "Thoughts of not going on. We called 988 together, and a friend came to stay for the night."
TEXT_WORDS = "Can you call me about the bus on Thursday? After 4 is best."
_CONTACT = ("client_id", "at", "route", "outcome", "by", "sealed")
_CHECK = (
    *("client_id", "at", "channel", "is_reached", "feeling", "waiting", "is_crisis", "sealed", "due_at"),
    *("contact_id", "by"),
)
_RHYTHM = ("client_id", "every_days", "channel", "due_at", "step", "by", "at", "version")
Sign = tuple[Waiter, datetime, str, bool]
"""With whom, when, by which way, and whether they were reached."""


async def signs_put(waiters: Sequence[Waiter], cast: Cast, scene: Scene) -> int:
    """Writes the talks of the year and the rhythms of those who wait, and says how many talks that were. Needs a transaction."""
    due = {cast[part].client: scene.now - ago for part, ago in DUE.items() if part in cast}
    parts = {each.client for each in cast.values()}
    signs: list[Sign] = []
    rhythms: list[Row] = []
    for each in waiters:
        last = due[each.client] - WEEK if each.client in due else _last(each, scene)
        is_kept = each.client in parts or (scene.rng.random() < KEPT and not is_silent(each, scene.now))
        own = list(_weeks(each, last, scene)) if is_kept else []
        signs += own
        if each.until is None:
            next_at = due.get(each.client) or _next(last, own, scene)
            channel = usual_channel(tuple(each.channels))
            rhythms.append((each.client, 7, channel, next_at, 0, f"person {each.peer}", last, 1))
    await _put(sorted(signs, key=lambda sign: sign[1]), scene)
    await rows.put_all("check_rhythm", _RHYTHM, rhythms)
    return len(signs)


def _last(each: Waiter, scene: Scene) -> datetime:
    """The last talk: some days before today or before the end, by day."""
    end = each.until - QUIET_BEFORE_END if each.until and each.reasons & LOST else each.until or scene.now
    local = end.astimezone(scene.zone) - timedelta(days=scene.rng.randrange(1, 7))
    return local.replace(hour=scene.rng.randrange(9, 18), minute=scene.rng.randrange(0, 60, 5), second=0).astimezone(
        scene.now.tzinfo
    )


def _next(last: datetime, own: Sequence[Sign], scene: Scene) -> datetime:
    """A week after the last talk; within the next days for those with whom nobody has begun yet."""
    return last + WEEK if own else scene.now + timedelta(days=1 + scene.rng.random() * 5)


def _weeks(each: Waiter, last: datetime, scene: Scene) -> Iterator[Sign]:
    """Back from the last talk, week by week: mostly reached, else asked once more the next day."""
    at, rng, end = last, scene.rng, each.until or scene.now
    while at > each.begun + timedelta(days=1):
        route = rng.choice(each.channels or ["visit"]) if rng.random() < 0.8 else "status"
        is_reached = at == last or route == "status" or rng.random() < 0.9
        yield each, at, route if route != "email" else "call", is_reached
        if not is_reached and rng.random() < 0.8 and at + timedelta(hours=22) < end:
            yield each, at + timedelta(hours=22), "call", True
        at -= WEEK


async def _put(signs: Sequence[Sign], scene: Scene) -> None:
    since = scene.now - SHOWN
    old = [sign for sign in signs if sign[1] < since]
    lately = [sign for sign in signs if sign[1] >= since]
    await rows.put_all("contact_attempt", _CONTACT, [_contact(sign) for sign in old])
    ids = await rows.put("contact_attempt", _CONTACT, [_contact(sign) for sign in lately])
    checks = [_check(sign, id, scene) for sign, id in zip(lately, ids, strict=True)]
    await rows.put_all("check_in", _CHECK, checks)


def _by(sign: Sign) -> str:
    return "client" if sign[2] == "status" else f"person {sign[0].peer}"


def _contact(sign: Sign) -> Row:
    each, at, route, is_reached = sign
    outcome = "still-waiting" if route == "status" else "reached" if is_reached else "no-answer"
    return (each.client, at, route, outcome, _by(sign), None)


def _check(sign: Sign, contact: int, scene: Scene) -> Row:
    each, at, route, is_reached = sign
    feeling = scene.rng.choices((2, 3, 4, 5), (2, 4, 4, 1))[0] if is_reached else None
    waiting = "yes" if is_reached else None
    note = scene.rng.choice(NOTES) if is_reached and route != "status" and scene.rng.random() < 0.2 else ""
    sealed = seal({"note": note, "safety": []}, scene.settings) if note else None
    return (each.client, at, route, is_reached, feeling, waiting, False, sealed, at, contact, _by(sign))


# --- what is going on today ------------------------------------------------------------------------------------------


async def signs_of_today(cast: Cast, scene: Scene) -> None:
    """Has a heavy day, two texts, and what follows from a check-in that was missed come about as they do for everybody."""
    await _missed(cast, scene)
    await _heavy(cast, scene)
    await _texts(cast, scene)


async def _missed(cast: Cast, scene: Scene) -> None:
    """One is tried by a second way, and one a coordinator was asked about."""
    if ESCALATED in cast:
        for days in (4.9, 3.5):
            await _note(cast[ESCALATED], Answer("call", is_reached=False), days, scene)
    for days in (3.9, 1.8, 0.2):
        await check_ins_missed(now=scene.ago(days))


async def _heavy(cast: Cast, scene: Scene) -> None:
    """Somebody was in danger last evening. The agency has seen to it; the peer has not said yet how they are themselves."""
    if HEAVY not in cast:
        return
    answer = Answer("call", is_reached=True, feeling=1, waiting="yes", safety=("suicide",), note=HEAVY_NOTE)
    id = await _note(cast[HEAVY], answer, 0.7, scene)
    if id is not None:
        coordinator = scene.actors["coordinator"]
        await crisis_settle(
            upi=cast[HEAVY].upi, check_in=id, by=coordinator, now=scene.ago(0.6), settings=scene.settings
        )


async def _note(who: Waiter, answer: Answer, days: float, scene: Scene) -> int | None:
    return await check_in_note(
        upi=who.upi,
        answer=answer,
        form=scene.forms.new(),
        by=scene.peer,
        now=scene.ago(days),
        settings=scene.settings,
    )


async def _texts(cast: Cast, scene: Scene) -> None:
    """Two texts: one says that they still wait, the other has words that somebody is to read."""
    for part, words, days in ((ANSWERER, "1", 0.9), (TEXTER, TEXT_WORDS, 0.1)):
        if part in cast and TEXT in cast[part].channels:
            ways = await ways_of(client=cast[part].client, settings=scene.settings)
            sender = next(way.to for route, way in ways if route.channel == TEXT)
            now = scene.ago(days)
            await text_take(message=f"demo-{part}", sender=sender, words=words, now=now, settings=scene.settings)
