"""A generated file in the layout of SAMHSA's directory: invented programs, service codes as often as they really occur."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from directory.formats.samhsa import COLUMNS
from tests.bench.listings import SEED, Map

GROUPS: tuple[dict[str, float], ...] = (
    {"SA": 0.99, "DT": 0.21, "HH": 0.09, "SUMH": 0.59},
    {"OP": 0.84, "OIT": 0.46, "OMB": 0.44, "RES": 0.24, "RL": 0.18, "HI": 0.06},
    {"MU": 0.11, "BU": 0.58, "NU": 0.55},
    {"OTP": 0.12, "BUM": 0.43, "UB": 0.48},
    {"CBT": 0.91, "MOTI": 0.91, "RELP": 0.93, "TELE": 0.8, "TWFA": 0.51},
    {"SF": 0.92, "PI": 0.78, "MD": 0.77, "MC": 0.48, "MI": 0.43},
    {"SS": 0.38, "PA": 0.23},
    {"AD": 0.25, "TAY": 0.39, "WN": 0.58, "PW": 0.35, "MN": 0.57, "SE": 0.36, "VET": 0.34, "CJ": 0.47, "CO": 0.64},
    {"CHLD": 0.22, "YAD": 0.61, "ADLT": 0.99, "SNR": 0.31},
    {"FEM": 0.94, "MALE": 0.95},
    {"AH": 0.41, "SP": 0.22},
)
"""Codes by category with their share of the rows of the substance-use list of 2024. A row carries some 21 of them."""

EDITIONS = 8

_WORDS = "Quiet Open Early Lantern River Harbor Cedar Stone Maple Orchard Bridge Meadow North Lamp Heron Willow".split()


def editions(folder: Path, map: Map, count: int, number: int = EDITIONS) -> list[Path]:
    """Files of one source, each of so many rows: from one to the next a third of them change, a sixth goes and a sixth comes."""
    step = count // 6
    write(folder / "all.csv", map, count + step * (number - 1))
    with (folder / "all.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    paths = [folder / f"edition-{edition}.csv" for edition in range(number)]
    for edition, path in enumerate(paths):
        first = edition * step
        with path.open("w", newline="", encoding="utf-8") as file:
            numbered = enumerate(rows[first : first + count], first)
            csv.writer(file).writerows([head, *(_in_edition(edition, at, row) for at, row in numbered)])
    return paths


def _in_edition(edition: int, at: int, row: list[str]) -> list[str]:
    """A facility as an edition has it: each changes with every third, by a program for women and one for men that it has or not."""
    codes = row[-1].replace(" WN", "").replace(" MN", "")
    return [*row[:-1], f"{codes} * WN MN"] if (edition + at % 3) // 3 % 2 else [*row[:-1], codes]


def write(path: Path, map: Map, count: int) -> None:
    """Writes a file of so many rows, all different and all good."""
    rng = random.Random(SEED)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number, place in enumerate(map.draw(rng, count)):
            name = f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} Recovery {number}"
            street = f"{rng.randrange(1, 990)} {rng.choice(_WORDS)} Street"
            phones = [f"555-555-01{rng.randrange(100):02d}", f"555-555-01{rng.randrange(100):02d}", "", "", ""]
            facility = [
                f"substance_{number}",
                "substance",
                name,
                "Main Site",
                street,
                "",
                place.name,
                place.state,
                place.key,
            ]
            rows.writerow([*facility, *phones, _codes(rng)])


def _codes(rng: random.Random) -> str:
    groups = (" ".join(code for code, share in group.items() if rng.random() < share) for group in GROUPS)
    return " * ".join(group for group in groups if group) or "SA"
