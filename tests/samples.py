"""Imports every sample file with the real command and prints the table of the README: rows, added, rejected, and how exactly each stands.

`TEST_SAMPLE_DATA=folder python -m tests.samples`; it takes some minutes, most of it for reading the gazetteer once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from directory.domain.geo import Precision

ROOT = Path(__file__).resolve().parents[1]
GRADES = (*(precision.value for precision in Precision), "none")


@dataclass(frozen=True, slots=True)
class Sample:
    """A file below the folder of sample data, and how it is imported."""

    path: str
    format: str
    more: tuple[str, ...] = ()


def meetings(name: str, fellowship: str = "aa") -> Sample:
    return Sample(f"meeting-guide-feeds/{name}.json", "meeting-guide", ("--fellowship", fellowship))


SAMPLES = (
    meetings("aasepia-2021"),
    meetings("aasepia"),
    meetings("al-anon", "al-anon"),
    meetings("edmonton"),
    meetings("kansas-city"),
    meetings("sussex"),
    meetings("times"),
    Sample("code4recovery-samples/pdf-fixture-meetings.json", "meeting-guide", ("--fellowship", "aa")),
    Sample("code4recovery-samples/tsml-template.csv", "csv", ("--map", "seeds/maps/tsml.toml")),
    *(Sample(f"samhsa-national-directory/sample_{state}.csv", "samhsa") for state in ("DC", "DE", "RI", "VT")),
    Sample("samhsa-otp-geocoded/OpioidTreatmentProgram_Geocoded.csv", "samhsa"),
    Sample("smart-recovery/SMART.json", "smart"),
    Sample("ca-dhcs-sud-licenses/facilities.csv", "dhcs"),
    Sample("shelters-misc/toronto_housing_shelters_211.csv", "csv", ("--map", "seeds/maps/toronto-shelters.toml")),
)


def imported(sample: Sample, data: Path, database: Path) -> dict[str, object]:
    """What the command reports."""
    command = [sys.executable, "-m", "directory", "import", sample.format, str(data / sample.path)]
    command += ["--source", sample.path.rpartition("/")[2], *sample.more, "--json"]
    environment = {**os.environ, "DIRECTORY_DATABASE_URL": f"sqlite://{database}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def grades(database: Path, source: str) -> dict[str, int]:
    """How many of its listings stand how exactly; "none" are those without a point, such as what is online only."""
    text = (
        "SELECT COALESCE(p.geocode_precision, 'none'), COUNT(*) FROM listing l JOIN location p ON p.id = l.location_id "
        "JOIN source s ON s.id = l.source_id WHERE s.name = ? GROUP BY 1"
    )
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute(text, (source,)).fetchall())


def share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.005 else "under 1%"


def line(sample: Sample, report: dict[str, object], counted: dict[str, int]) -> str:
    """One row of the table."""
    rejected = report["rejected"]
    assert isinstance(rejected, list)
    numbers = [report[name] for name in ("added", "changed", "unchanged")]
    rows = len(rejected) + sum(number for number in numbers if isinstance(number, int))
    total = sum(counted.values()) or 1
    shares = ", ".join(f"{grade} {share(counted[grade] / total)}" for grade in GRADES if counted.get(grade))
    return f"| `{sample.path.rpartition('/')[2]}` | {sample.format} | {rows:,} | {report['added']:,} | {len(rejected):,} | {shares} |"


def main() -> None:
    data = Path(os.environ["TEST_SAMPLE_DATA"])
    sys.stdout.write(
        "| file | format | rows | added | rejected | how exactly the listings stand |\n|---|---|---|---|---|---|\n"
    )
    with TemporaryDirectory() as folder:
        database = Path(folder) / "samples.sqlite3"
        for sample in SAMPLES:
            report = imported(sample, data, database)
            sys.stdout.write(line(sample, report, grades(database, str(report["source"]))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
