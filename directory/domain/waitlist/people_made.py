"""People who do not exist, for the demonstration: names, numbers that nobody has, and facts in shares that lines know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from directory.domain.waitlist.clocks import INJECTING, PREGNANT
from directory.domain.waitlist.facts import NO, YES

GIVEN = (
    *("Alder", "Briar", "Clover", "Dove", "Ember", "Fern", "Gale", "Hazel", "Indigo", "Juniper", "Kestrel", "Lark"),
    *("Maple", "Nettle", "Olive", "Pike", "Quail", "Robin", "Sorrel", "Teal", "Umber", "Vale", "Willow", "Yarrow"),
)
FAMILY = (
    *("Ashpond", "Birchwater", "Cedargate", "Dunefield", "Elmhollow", "Foxmeadow", "Glassbrook", "Heronstep"),
    *("Ironpool", "Jadecliff", "Kettlebank", "Lowbridge", "Mosswall", "Northreed", "Oakferry", "Pebbleton"),
    *("Quarrymoss", "Rushlake", "Saltwind", "Thistlerow", "Underhill", "Violetshore", "Windlatch", "Yewcross"),
)
"""24 words each: 576 names that are plainly made up."""
AREAS = ("775", "702", "725", "208", "541", "530", "458", "986")
"""With 555-01 and two digits more: numbers that are kept free for stories."""
BOTH = (1, 2)
"""The agencies by the numbers that they have here."""


@dataclass(slots=True)
class Made:
    """Somebody who does not exist. `agrees_to` are the agencies, by number, that their consent names since `agreed_at`."""

    number: int
    created_at: datetime
    peer: str
    name: str
    called: str
    born: date
    phone: str
    language: str
    facts: dict[str, str] = field(default_factory=dict)
    agrees_to: tuple[int, ...] = BOTH
    agreed_at: datetime | None = None


def made(number: int, at: datetime, peer: str, today: date, rng: Random) -> Made:
    """The person with this number, who came at this moment. `today` is the local day."""
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]
    born = today - timedelta(days=rng.randrange(19 * 366, 64 * 365))
    phone = f"{AREAS[number // 100 % len(AREAS)]}-555-01{number % 100:02}"
    language = "es" if rng.random() < 0.15 else "en"
    facts = _facts(born, language, rng)
    agrees = rng.choices((BOTH, (1,), (2,), ()), (0.93, 0.02, 0.02, 0.03))[0]
    called = f"{given} {family[0]}."
    return Made(number, at, peer, f"{given} {family}", called, born, phone, language, facts, agrees, at)


def _facts(born: date, language: str, rng: Random) -> dict[str, str]:
    """What they tell. What nobody asked, or they did not want to say, is not there."""

    def says(code: str, share: float) -> None:
        if rng.random() < 0.93:
            found[code] = YES if rng.random() < share else NO

    sex = rng.choices(("female", "male", "other"), (0.42, 0.55, 0.03))[0]
    found = {"birth-month": born.isoformat()[:7]} | ({"sex": sex} if rng.random() < 0.96 else {})
    if sex == "female":
        says(PREGNANT, 0.07)
    says(INJECTING, 0.24)
    for code, share in (("overdose-risk", 0.14), ("child-protection", 0.05), ("dependents", 0.2), ("veteran", 0.06)):
        says(code, share)
    for code, share in (("medication", 0.35), ("wheelchair", 0.04), ("children", 0.12)):
        says(code, share)
    if rng.random() < 0.95:
        found["payer"] = rng.choices(("medicaid", "private", "self-pay", "medicare"), (0.68, 0.14, 0.1, 0.08))[0]
    found["language"] = "es,en" if language == "es" and rng.random() < 0.6 else language
    return found
