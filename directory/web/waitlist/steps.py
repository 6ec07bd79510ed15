"""The short steps of taking somebody on: each a page of its own that keeps what it was told, so that a peer can leave and come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request

from directory.domain.errors import Problem
from directory.i18n import N_, gettext

_ = gettext

NEW = "/clients/new"
GO = "go"
"""In the address of a step: somebody is being taken on, so that saving leads to the next step. Nothing else stands there."""
STEPS = (
    ("who", N_("Who it is")),
    ("lines", N_("Lines")),
    ("facts", N_("Facts")),
    ("consent", N_("Consent")),
    ("card", N_("Card")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the list on top of each; `url` is "" where it cannot be gone to yet."""

    text: str
    url: str
    is_here: bool


def steps(here: str, upi: str = "") -> tuple[Step, ...]:
    """All steps, with links to those of somebody who has been written down."""
    return tuple(Step(_(text), _step_url(name, upi), name == here) for name, text in STEPS)


def _step_url(name: str, upi: str) -> str:
    if not upi:
        return ""
    return f"/clients/{upi}/edit" if name == "who" else step_url(name, upi)


def step_url(name: str, upi: str) -> str:
    """A step of taking somebody on."""
    return f"/clients/{upi}/{name}?{GO}=on"


def person_url(upi: str, done: str = "") -> str:
    """The page of somebody; `done` is a code of what was done."""
    return f"/clients/{upi}?done={done}" if done else f"/clients/{upi}"


def goes_on(request: Request, values: Mapping[str, str] | None = None) -> bool:
    """Whether saving leads to the next step: by the address of the page, or by its form."""
    return (values or {}).get(GO) == "on" or request.query_params.get(GO) == "on"


def after(name: str, upi: str, *, go: bool) -> str:
    """Where saving a step leads: to the next one, or back to the person."""
    names = [each for each, _words in STEPS]
    following = names[names.index(name) + 1 :]
    return step_url(following[0], upi) if go and following else person_url(upi, "saved")


def hidden(go: bool, **more: str) -> dict[str, str]:
    """The hidden fields of a step's form."""
    return more | ({GO: "on"} if go else {})


def upi_of(request: Request) -> str:
    """The number of the client in an address."""
    return str(request.path_params["upi"])


def day_typed(name: str, values: Mapping[str, str], problems: list[Problem]) -> date | None:
    """The day that was typed in a field; None for none. What is no day is noted as a problem."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(Problem(name, "not-a-day", text))
        return None
