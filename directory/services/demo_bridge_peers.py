"""The peers of the demonstration themselves: how many people they go with, who stands in this week, supervision, and what they have learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from directory.domain.access import Actor
from directory.domain.bridge.handouts import DAY, USUAL_DAYS, Wanted
from directory.domain.bridge.peers import CERTIFICATION, TRAINING
from directory.services.bridge.covers import cover_add
from directory.services.bridge.handouts import handout_make
from directory.services.bridge.peers import most_set, pairing_add
from directory.services.bridge.supervision import note_write, supervisor_set
from directory.services.bridge.trainings import training_add
from directory.services.demo_bridge_cast import FAMILY, Cast, Scene
from directory.storage.bridge import peers as storage
from directory.storage.bridge import supervision as stored

ROOM = {"peer": 10, "pablo": 6, "quinn": 0}
"""How many people more each could go with; 0: they go with as many as were agreed."""
AWAY, STAND_IN, DAYS_AWAY = "pablo", "peer", 4
MENTOR, NEWER, OTHER_MENTOR = "peer", "quinn", "pablo"
SUPERVISED, SUPERVISOR = "peer", "coordinator"
NOTES = (
    (SUPERVISOR, 9.0, "You go with a lot of people right now. Let us look on Thursday at who could go to Pablo for a while."),
    (SUPERVISED, 8.0, "Thank you. I noticed that I take Fridays home with me. I would like to talk about that too."),
)  # fmt: skip
"""By whom, how many days ago, and the words."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What somebody has learned: so many days ago, and for so many days from now; None without an end."""

    who: str
    kind: str
    name: str
    done: int
    left: int | None


LEARNED = (
    Learned("peer", CERTIFICATION, "Peer support specialist", 710, 20),
    Learned("peer", TRAINING, "Overdose response with naloxone", 200, 530),
    Learned("peer", TRAINING, "Talking about suicide", 90, None),
    Learned("pablo", CERTIFICATION, "Peer support specialist", 300, 430),
    Learned("pablo", TRAINING, "Privacy of treatment records", 400, None),
    Learned("quinn", TRAINING, "First steps as a peer", 120, None),
)
HANDED = (
    *("long-table-kitchen", "larkspur-recovery-center", "aa-noon-bridge", "na-come-as-you-are"),
    *("larkspur-legal-aid", "bus-pass-desk"),
)
"""The listings on a hand-out, by their keys."""


async def peers_put(cast: Cast, scene: Scene) -> None:
    """Sets all of it up, as their coordinator and they themselves would."""
    coordinator = scene.actors["coordinator"]
    await _caseloads(coordinator, scene)
    await cover_add(
        agency=scene.agency,
        away=_id(AWAY, scene),
        stand_in=_id(STAND_IN, scene),
        from_on=scene.today - timedelta(days=1),
        until_on=scene.today + timedelta(days=DAYS_AWAY),
        form=scene.forms.new(),
        by=coordinator,
        now=scene.ago(1.5),
        settings=scene.settings,
    )
    await _pairings(cast, coordinator, scene)
    await _supervision(coordinator, scene)
    await _trainings(scene)
    await _handout(scene)


def _id(key: str, scene: Scene) -> int:
    person = scene.actors[key].person
    assert person is not None  # they are people
    return person


async def _caseloads(by: Actor, scene: Scene) -> None:
    people = {row.id: row.people for row in await storage.peers_of(scene.agency)}
    for key, room in ROOM.items():
        person = _id(key, scene)
        most = max(people.get(person, 0) + room, 1)
        await most_set(agency=scene.agency, person=person, most=most, version=0, by=by, now=scene.ago(30))


async def _pairings(cast: Cast, by: Actor, scene: Scene) -> None:
    """One peer is the mentor of a newer one, and another one of somebody who waits."""
    pairs: list[tuple[str, int | None, str | None]] = [(MENTOR, _id(NEWER, scene), None)]
    if FAMILY in cast:
        pairs.append((OTHER_MENTOR, None, cast[FAMILY].upi))
    for mentor, person, upi in pairs:
        await pairing_add(
            agency=scene.agency,
            mentor=_id(mentor, scene),
            person=person,
            upi=upi,
            form=scene.forms.new(),
            by=by,
            now=scene.ago(40),
            settings=scene.settings,
        )


async def _supervision(by: Actor, scene: Scene) -> None:
    peer = _id(SUPERVISED, scene)
    await supervisor_set(agency=scene.agency, peer=peer, supervisor=by.person, by=by, now=scene.ago(60))
    (pair,) = [each for each in await stored.supervisions_in(scene.agency) if each.peer == peer]
    for key, days, words in NOTES:
        await note_write(
            id=pair.id,
            words=words,
            form=scene.forms.new(),
            by=scene.actors[key],
            now=scene.ago(days),
            settings=scene.settings,
        )


async def _trainings(scene: Scene) -> None:
    for each in LEARNED:
        await training_add(
            agency=scene.agency,
            person=_id(each.who, scene),
            kind=each.kind,
            name=each.name,
            done_on=scene.today - timedelta(days=each.done),
            expires_on=scene.today + timedelta(days=each.left) if each.left is not None else None,
            form=scene.forms.new(),
            by=scene.actors[each.who],
            now=scene.ago(1),
        )


async def _handout(scene: Scene) -> None:
    """One that is good still: its address was told once, to who made it."""
    wanted = Wanted(DAY, USUAL_DAYS, "en", near="00101")
    slugs = [scene.slugs[key] for key in HANDED if key in scene.slugs]
    await handout_make(
        slugs=slugs, agency=scene.agency, wanted=wanted, by=scene.peer, now=scene.ago(2), settings=scene.settings
    )
