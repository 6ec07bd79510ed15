"""What invented people say in their plans and goals, by the part that they play in the demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from directory.domain.bridge.goals import GoalWords
from directory.domain.bridge.plans import BAD_NIGHT, NEXT_CHECK_IN, Helper, Plan
from directory.domain.bridge.plans import PEOPLE as SHOWN_PEOPLE
from directory.services.demo_bridge_cast import (
    ARRIVING,
    CARD,
    ESCALATED,
    ESPANOL,
    FAMILY,
    HEAVY,
    NEW,
    OVERDUE,
    QUIET,
    TEXTER,
)

PLANS: Mapping[str, Plan] = {
    FAMILY: Plan(
        matters="My two girls. I want us to be in one place again, with a door that we can close.\n"
        "And to get to court on time, with my papers.",
        helps="Walking. Calling my sister before it gets late. The group on Tuesdays.",
        bad_night=(
            "Put the phone by the window and call my sister.",
            "Tea, and the blue blanket.",
            "Walk to the gas station and back, where it is light.",
            "Call or text 988.",
        ),
        people=(
            Helper("Rosa, my sister", "775-555-0121", "nights, and the girls on weekends"),
            Helper("Pia", "the peer bridge", "papers, and someone to sit with in court"),
        ),
        barriers=("housing", "court", "childcare"),
        likes=("na", "smart"),
        dislikes=("aa",),
        wanted=("housing", "legal", "family"),
        attendance=("in-person", "online"),
        times=("midday", "evening"),
        where="00101",
        miles=15,
        shown=(BAD_NIGHT,),
    ),
    ESPANOL: Plan(
        matters="Volver a trabajar en la cocina, y que mi mamá duerma tranquila.",
        helps="Cocinar para otros. La misa del domingo. Hablar en español.",
        bad_night=("Llamar a mi mamá, aunque sea tarde.", "Salir al patio y respirar.", "Llamar al 988 y marcar el 2."),
        people=(Helper("Mi mamá", "775-555-0122", "para todo"), Helper("Padre Tomás", "", "los domingos")),
        barriers=("unemployment", "transport", "language"),
        likes=("aa", "na"),
        wanted=("employment", "transport"),
        attendance=("in-person",),
        where="00103",
        miles=20,
    ),
    CARD: Plan(
        matters="My dog, my hands, and being somebody people can count on.",
        helps="Fixing bikes. Getting up at the same time every day.",
        bad_night=(
            "Take the dog around the block, and around again.",
            "Text Sam, even if it is only one word.",
            "Call or text 988. It is free, at any hour.",
        ),
        people=(Helper("Sam", "702-555-0123", "any time"), Helper("Evening Peer Line", "in the directory")),
        barriers=("phone", "transport"),
        likes=("smart", "rd"),
        dislikes=("na",),
        wanted=("employment",),
        times=("evening", "night"),
        where="00101",
        miles=10,
        shown=(BAD_NIGHT, SHOWN_PEOPLE, NEXT_CHECK_IN),
    ),
    HEAVY: Plan(
        matters="To feel that mornings are worth it.",
        helps="Music. Not being alone after nine at night.",
        bad_night=("Go to the kitchen and put the light on.", "Call Jo. She said any time.", "Call or text 988."),
        people=(Helper("Jo", "775-555-0124", "she comes over"),),
        barriers=("health", "money"),
        likes=("na",),
        wanted=("health", "recovery-support"),
        times=("evening", "night"),
        where="00102",
    ),
    ARRIVING: Plan(
        matters="To go in with a calm head, and to come out with a plan for the first week.",
        helps="My guitar. Knowing what comes next.",
        bad_night=("Play something slow.", "Call Pia's line in the morning, and 988 at night."),
        people=(Helper("Uncle Ray", "208-555-0125", "keeps my things"),),
        barriers=("documents",),
        where="00101",
        miles=30,
    ),
    TEXTER: Plan(
        matters="Get to things on my own, without asking for a ride each time.",
        helps="Lists. Leaving early.",
        bad_night=("Put shoes on and go to the 24-hour diner.",),
        barriers=("transport", "food"),
        wanted=("transport", "food"),
        where="00104",
        miles=25,
    ),
    OVERDUE: Plan(
        matters="A steady job, and my own key.",
        helps="Work. Being tired in a good way.",
        barriers=("unemployment", "housing"),
        likes=("aa",),
        wanted=("employment", "housing"),
        where="00101",
        miles=12,
    ),
    ESCALATED: Plan(
        matters="That nobody gives up on me when I go quiet.",
        helps="Somebody who comes by.",
        people=(Helper("Night Lodge, front desk", "in the directory", "they take a message"),),
        barriers=("phone", "housing"),
        where="00101",
    ),
    QUIET: Plan(
        matters="To be there for my son's school play in spring.",
        helps="Swimming. Sunday Check-in by video.",
        bad_night=("A long shower.", "Watch the old cartoons."),
        barriers=("custody", "court"),
        likes=("rd", "smart"),
        attendance=("online",),
        where="00105",
        miles=40,
    ),
    NEW: Plan(matters="I do not know yet. Ask me again next week.", barriers=("food", "documents"), where="00101"),
}
"""Plans in their own words, most of them with something open still, as real ones are."""


@dataclass(frozen=True, slots=True)
class GoalSaid:
    """A goal with how much it counts and where it stood; `levels` are the later looks, each with its note ("" for none).

    `ended` is why it was put away after the last of them, "" for one that they are at.
    """

    said: GoalWords
    weight: int
    baseline: int
    levels: tuple[tuple[int, str], ...] = ()
    ended: str = ""


_COURT = GoalWords(
    "I go to every court date, on time and with my papers.",
    ("I do not go.", "I go late or without my papers.", "I go to the next one on time.", "I go to all of them this month.",
     "All of them, and I call my lawyer before each."),
)  # fmt: skip
_HOME = GoalWords(
    "A room where the girls can stay over.",
    ("We all sleep in different places.", "I have a couch for some nights.", "I have a room for myself.",
     "A room, and they can stay on weekends.", "A home for the three of us."),
)  # fmt: skip
_SLEEP = GoalWords(
    "I sleep at night, without anything.",
    ("I am up most nights.", "Two good nights a week.", "Four good nights a week.", "Six of them.", "I do not think about it."),
)  # fmt: skip
_WORK = GoalWords(
    "Trabajo en una cocina otra vez.",
    ("No busco.", "Pregunto en un lugar.", "Tengo una entrevista.", "Trabajo unos días.", "Tengo un puesto fijo."),
)
_BIKES = GoalWords(
    "I fix three bikes and give one away.",
    (
        "No tools.",
        "I find a place with tools.",
        "One bike runs.",
        "Three bikes run.",
        "Three, and somebody rides mine.",
    ),
)
_CALL = GoalWords(
    "I call somebody before ten at night when it gets heavy.",
    ("I call nobody.", "I think of it.", "I call once in a week.", "I call most times.", "I call each time."),
)

GOALS: Mapping[str, tuple[GoalSaid, ...]] = {
    FAMILY: (
        GoalSaid(_COURT, 2, -1, ((-1, "The bus was late."), (0, "Was there at 8."), (0, ""))),
        GoalSaid(_HOME, 2, -2, ((-2, ""), (-1, "A couch at Rosa's."), (0, "A room for now!"))),
        GoalSaid(_SLEEP, 2, -1, ((0, "Four nights."), (1, ""), (0, "A loud week."))),
    ),
    ESPANOL: (GoalSaid(_WORK, 3, -2, ((-1, "Preguntó en dos lugares."), (0, "Tiene una entrevista el viernes."))),),
    CARD: (
        GoalSaid(_BIKES, 1, -2, ((0, "One runs."), (1, "Gave it to Sam's kid.")), "reached"),
        GoalSaid(_SLEEP, 2, -1, ((-1, ""), (0, ""))),
    ),
    HEAVY: (GoalSaid(_CALL, 3, -1, ((0, "Called Jo twice."), (-1, "A hard one."))),),
}
"""Looked at every two weeks. The three of the first stand where they hoped to be (T = 50), from lower than that."""
MILESTONES: Mapping[str, tuple[tuple[int, str], ...]] = {
    FAMILY: ((33, "Moved into the room."), (12, "First weekend with the girls.")),
    ESPANOL: ((20, "Un mes con mi mamá sin pelear."),),
    CARD: ((40, "Gave away the first bike."), (5, "Asked for help before it got late.")),
    HEAVY: ((1, "Called 988, and stayed."),),
}  # fmt: skip
"""How many days ago, and what it is to them."""
MARKS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    FAMILY: (
        ("magpie-family-shelter", "pinned", 20),
        ("larkspur-legal-aid", "pinned", 20),
        ("larkspur-legal-aid", "went", 14),
        ("bluebird-parent-house", "pinned", 6),
        ("na-come-as-you-are", "went", 3),
        ("night-lodge", "not-for-me", 19),
    ),
    ESPANOL: (("aa-grupo-nuevo-puente", "pinned", 9), ("sagebrush-kitchen-training", "pinned", 9), ("na-nueva-manana", "went", 4)),
    CARD: (("smart-tools-tuesday", "pinned", 15), ("smart-tools-tuesday", "went", 6), ("second-shift-job-center", "pinned", 5)),
    HEAVY: (("evening-peer-line", "pinned", 1),),
    TEXTER: (("ride-to-care", "pinned", 8), ("saltgrass-food-pantry", "went", 5)),
    OVERDUE: (("second-shift-job-center", "pinned", 12), ("long-table-kitchen", "went", 10)),
    QUIET: (("rd-rainbow-inquiry-online", "pinned", 17),),
}  # fmt: skip
"""What was said of which listing, by its key, and how many days ago."""
