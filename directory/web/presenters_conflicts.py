"""What a source says otherwise than people do, in words: the field, and both values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.i18n import an_age, gettext
from directory.services.conflicts import Dispute
from directory.web.presenters import listing_url
from directory.web.presenters_edit import field_name, value_lines

_ = gettext


@dataclass(frozen=True, slots=True)
class DisputeCard:
    """One field with both values, each as lines. `seen` goes along with the answer."""

    id: int
    title: str
    url: str
    field: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    source: str
    since: str
    seen: str


def dispute_card(dispute: Dispute, now: datetime) -> DisputeCard:
    """A question as its card asks it."""
    return DisputeCard(
        id=dispute.id,
        title=dispute.name,
        url=f"/desk{listing_url(dispute.slug)}",
        field=field_name(dispute.field),
        ours=value_lines(dispute.field, dispute.ours),
        theirs=value_lines(dispute.field, dispute.theirs),
        source=_("The source %(name)s says") % {"name": dispute.source},
        since=an_age(dispute.since, now),
        seen=dispute.seen,
    )
