"""The hand-offs of the demonstration: one for each yes of the year, with its steps and follow-ups, and one that is half done today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from directory.domain.bridge.handoffs import ALWAYS, ARRANGED, Handoff, Outcome, State, Step, Which, Window, windows
from directory.services.bridge.handoff_steps import handoff_expect, handoff_step
from directory.services.demo_bridge_cast import ARRIVING, Cast, Row, Scene
from directory.services.demo_people import ZONE
from directory.services.sealing import seal
from directory.storage import db
from directory.storage import demo_waitlist as rows
from directory.storage.bridge import handoffs as stored
from directory.storage.demo_bridge import Yes

STATUS = {"accepted": Handoff.OPEN, "admitted": Handoff.ARRIVED, "no-show": Handoff.NO_SHOW}
"""By the state of the offer; any other one has ended the hand-off."""
MADE = {Handoff.OPEN: (2, 5), Handoff.ARRIVED: (10, 10), Handoff.NO_SHOW: (5, 9), Handoff.ENDED: (3, 6)}
"""How many steps were settled, from and to."""
REACHED = {Which.DAYS_3: 0.93, Which.WEEK: 0.86, Which.MONTH: 0.74}
SAID = ((Outcome.THERE, 84), (Outcome.MOVED_ON, 7), (Outcome.LEFT, 7), (Outcome.OTHER, 2))
FIRST_NOTES = (
    *("Sleeps well. Likes the garden.", "The food is good. Asks for a phone card.", "Has a room to themselves."),
    *("Misses the dog. A neighbor takes care of it.", "Goes to the morning group.", "Nothing needed right now."),
)
DONE = (Step.WHAT, Step.WHERE, Step.WHEN, Step.TRANSPORT, Step.PAPERS)
"""Of the one that is under way: half of the steps."""
NOTES = {
    Step.TRANSPORT: "Ride to Care picks them up at 9 at the library.",
    Step.PAPERS: "The new ID card came. It is in the blue folder.",
}
WORDS = {
    "words": "I am a light sleeper, and mornings are hard for me. I like to be asked, not told.",
    "medication": "One for blood pressure, in the morning. I bring the box with me.",
    "belongings": "One bag, and my guitar if that is all right.",
    "companion": "Pia comes with me to the door.",
}
_HANDOFF = (
    *("offer_id", "client_id", "agency_id", "status", "arrives_at", "arrived_at", "arrived_by", "ended_at"),
    *("opened_at", "version"),
)
_STEP = ("handoff_id", "step", "status", "at", "by")
_FOLLOW = ("handoff_id", "which", "due_from", "due_at", "outcome", "sealed", "done_at", "by")
_CONTACT = ("client_id", "at", "route", "outcome", "by", "sealed")


async def handoffs_put(yeses: Sequence[Yes], scene: Scene) -> int:
    """Writes a hand-off for each yes, and says how many. Needs a transaction."""
    ids = await rows.put("handoff", _HANDOFF, [_handoff(each) for each in yeses])
    steps = [row for each, id in zip(yeses, ids, strict=True) for row in _steps(each, id, scene)]
    await rows.put_all("handoff_step", _STEP, steps)
    asked, done = _to_ask(yeses, scene), _done_with(yeses, scene)
    later = [row for each, id in zip(yeses, ids, strict=True) for row in _follow_ups(each, id, asked, done, scene)]
    await rows.put_all("follow_up", _FOLLOW, later)
    await rows.put_all("contact_attempt", _CONTACT, [_call(each) for each in yeses if each.status == "no-show"])
    return len(ids)


def _status(each: Yes) -> Handoff:
    return STATUS.get(each.status, Handoff.ENDED)


def _handoff(each: Yes) -> Row:
    status, end = _status(each), each.ended_at
    has_come = status is Handoff.ARRIVED
    came = (end, end, each.editor) if has_come else (None, None, None)
    return (each.offer, each.client, each.agency, status.value, *came, None if has_come else end, each.agreed_at, 1)


def _call(each: Yes) -> Row:
    """Whoever did not come is called in kindness, the same day."""
    assert each.ended_at is not None
    return (each.client, each.ended_at + timedelta(minutes=40), "call", "reached", _by(each), None)


def _by(each: Yes) -> str:
    return f"person {each.peer}"


def _steps(each: Yes, id: int, scene: Scene) -> Iterator[Row]:
    """The first so many steps, spread over the time that there was; now and then one that was not needed."""
    low, high = MADE[_status(each)]
    number, end = scene.rng.randint(low, high), each.ended_at or scene.now
    for place, step in enumerate(ARRANGED[:number], 1):
        is_needed = step in ALWAYS or scene.rng.random() < 0.85
        state = State.DONE if is_needed else State.NOT_NEEDED
        at = scene.by_day(each.agreed_at + (end - each.agreed_at) * (place / (number + 1)))
        yield (id, step.value, state.value, min(max(at, each.agreed_at), end), _by(each))


# --- how it went afterwards ------------------------------------------------------------------------------------------


def _to_ask(yeses: Sequence[Yes], scene: Scene) -> frozenset[int]:
    """The offers whose first follow-up is to be asked now: those within its time, else the last arrival that is a day old."""
    came = [each for each in yeses if each.status == "admitted" and each.ended_at is not None]
    ages = {each.offer: scene.now - each.ended_at for each in came if each.ended_at is not None}
    due = [offer for offer, age in ages.items() if timedelta(hours=24) <= age <= timedelta(hours=72)]
    old = sorted((age, offer) for offer, age in ages.items() if age > timedelta(hours=72))
    return frozenset(due or [offer for _, offer in old[:1]])


def _done_with(yeses: Sequence[Yes], scene: Scene) -> int:
    """The offer of the last arrival over ten days ago: asked twice, they want to be left in peace, and so all of it is done."""
    came = [(each.ended_at, each.offer) for each in yeses if each.status == "admitted" and each.ended_at is not None]
    return max((each for each in came if each[0] < scene.ago(10)), default=(scene.now, 0))[1]


def _follow_ups(each: Yes, id: int, asked: frozenset[int], done: int, scene: Scene) -> Iterator[Row]:
    if each.status != "admitted" or each.ended_at is None:
        return
    wants_no_more, before = scene.rng.random() < 0.08 or each.offer == done, OPEN
    for window in windows(each.ended_at, ZONE):
        said = OPEN
        if before[0] == Outcome.NO_MORE:
            said = (Outcome.NO_MORE, None, before[2], before[3])
        elif not (each.offer in asked and window.which is Which.DAYS_3):
            said = _said(window, each, before[0], wants_no_more, scene)
        before = said
        yield (id, window.which.value, window.due_from, window.due_at, said[0] and said[0].value, *said[1:])


Said = tuple[Outcome | None, str | None, datetime | None, str | None]
OPEN: Said = (None, None, None, None)


def _said(window: Window, each: Yes, before: Outcome | None, wants_no_more: bool, scene: Scene) -> Said:
    """What came of asking within this time; nothing yet where it has not been asked by now. Who has left or moved on stays away."""
    rng = scene.rng
    at = window.due_from + (window.due_at - window.due_from) * rng.random()
    if at > scene.now:
        return OPEN
    outcome = Outcome.NOT_REACHED
    if rng.random() < REACHED[window.which] or wants_no_more:
        outcome = rng.choices([code for code, _ in SAID], [share for _, share in SAID])[0]
        outcome = before if before in (Outcome.LEFT, Outcome.MOVED_ON) else outcome
        outcome = Outcome.NO_MORE if wants_no_more and window.which is Which.WEEK else outcome
    has_note = outcome is Outcome.THERE and window.which is Which.DAYS_3 and rng.random() < 0.3
    sealed = seal({"note": rng.choice(FIRST_NOTES)}, scene.settings) if has_note else None
    return (outcome, sealed, at, _by(each))


# --- the one that is under way ---------------------------------------------------------------------------------------


async def handoff_under_way(cast: Cast, scene: Scene) -> None:
    """Half of what is to be arranged is done, with notes, a time, and their own words for the team that receives them."""
    who = cast.get(ARRIVING)
    found = await stored.of_client(who.client) if who else []
    if who is None or not found or found[0].status is not Handoff.OPEN:
        return
    by, now, settings = scene.peer, scene.ago(0.1), scene.settings
    for step in DONE:
        await handoff_step(upi=who.upi, step=step, state=State.DONE, by=by, now=now, settings=settings)
    for step in [each for each in ARRANGED if each not in DONE]:
        await handoff_step(upi=who.upi, step=step, state=State.OPEN, by=by, now=now, settings=settings)
    await handoff_expect(
        upi=who.upi, arrives_at=scene.at(1, 10), version=found[0].version, by=by, now=now, settings=settings
    )
    sealed = seal({**WORDS, "notes": {step.value: note for step, note in NOTES.items()}}, settings)
    async with db.staging():
        await stored.change(found[0].id, found[0].version + 1, sealed=sealed)
