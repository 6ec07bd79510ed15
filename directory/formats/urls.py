"""Web addresses as people write them: only http and https lead anywhere that a page may link to."""

from __future__ import annotations

import re

from directory.domain.links import host_of

LONGEST = 2000
# fmt: off
PROVIDERS = (
    "bluejeans.com", "discord.gg", "freeconference.com", "freeconferencecall.com", "goto.com", "gotomeet.me",
    "gotomeeting.com", "horizon.meta.com", "maps.secondlife.com", "meet.google.com", "meet.jit.si",
    "meetings.dialpad.com", "signal.group", "skype.com", "slurl.com", "teams.live.com", "teams.microsoft.com",
    "vrchat.com", "webex.com", "zoho.com", "zoom.us",
)
# fmt: on
"""Hosts of online meetings that TSML UI knows (FORMATS a.6)."""


def is_provider(host: str) -> bool:
    """Whether a host belongs to a known provider, compared on label boundaries: us02web.zoom.us does, evilzoom.us does not."""
    return any(host == provider or host.endswith("." + provider) for provider in PROVIDERS)


def web_address(text: str) -> str | None:
    """The address in a cell, with "https://" where only "www.example.org" or "example.org/help" stands; None for anything else."""
    text = text.strip().replace("&amp;", "&")
    if len(text) > LONGEST:
        return None
    if host_of(text):
        return text
    is_bare = re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:[/?#]\S*)?", text, re.IGNORECASE)
    return f"https://{text}" if is_bare and host_of(f"https://{text}") else None
