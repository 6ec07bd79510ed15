"""Who it was: the names behind the labels of histories, for those who may know them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from directory.domain.access import TABLE, Action, Actor, Reach
from directory.storage import names

_PERSON = re.compile(r"person ([1-9][0-9]{0,8})")


def person_of(label: str) -> int | None:
    """The person that a label of the audit trail stands for; None for a command, an import or a visitor."""
    found = _PERSON.fullmatch(label)
    return int(found[1]) if found else None


async def names_for(*, labels: Iterable[str], by: Actor) -> Mapping[str, str]:
    """The names behind these labels that the reader may know: their own, those of their own agencies, and all for those who moderate."""
    ids = {id: label for label in labels if (id := person_of(label))}
    reads_all = any(TABLE[Action.MODERATE].reach[grant.role] is not Reach.NO for grant in by.grants)
    own = {grant.agency for grant in by.grants} - {None}
    found = await names.of_people(ids) if ids else []
    return {
        ids[each.person]: each.name for each in found if reads_all or each.person == by.person or each.agencies & own
    }
