"""The words on a card: in the language of whoever carries it, and none that tells what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from directory.domain.waitlist.codes import spelled
from directory.i18n import LANGUAGES, N_, catalogue

GO_TO = N_("Go to")
TYPE = N_("Type this")
KEEP = N_("Keep this card to yourself. Lost it? Ask for a new one.")
CALL = N_("Call")


@dataclass(frozen=True, slots=True)
class CardView:
    """A card of the size of a bank card. `language` is that of its words."""

    language: str
    go_to: str
    address: str
    type: str
    code: str
    keep: str
    call: str


def card_view(code: str, *, base_url: str, language: str) -> CardView:
    """The card for a code. The address stands without its scheme, as people type it."""
    spoken = language if language in LANGUAGES else "en"
    said = catalogue(spoken).gettext
    return CardView(
        spoken, said(GO_TO), f"{urlsplit(base_url).netloc}/status", said(TYPE), spelled(code), said(KEEP), said(CALL)
    )
