"""Processor time of processes, from `/proc`: what a page costs, whoever else is at work on the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
"""In how many parts of a second the system counts."""


def of_group(group: int) -> float:
    """Seconds that the processes of a group have had so far: a server with its workers."""
    return _seconds(lambda folder: _numbers(folder)[0] == group)


def of_database(name: str) -> float:
    """Seconds that the sessions of a PostgreSQL database on this machine have had so far; those that have ended are not counted."""
    return _seconds(lambda folder: name in (folder / "cmdline").read_text(encoding="utf-8", errors="replace"))


def _seconds(is_meant: Callable[[Path], bool]) -> float:
    found = 0.0
    for folder in _processes():
        try:
            if is_meant(folder):
                found += sum(_numbers(folder)[1:]) / TICKS
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return found


def _processes() -> Iterator[Path]:
    return (folder for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _numbers(folder: Path) -> tuple[int, int, int]:
    """The process group, and the ticks in the program and in the system (proc(5), fields 5, 14 and 15)."""
    fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return int(fields[2]), int(fields[11]), int(fields[12])
