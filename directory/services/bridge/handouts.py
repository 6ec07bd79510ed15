"""Hand-outs: a chosen set of listings at an address that nobody can guess, for some days. Nothing of it says for whom it is.

The address is told once, to who makes it: only a keyed hash of its code is kept. What has ended, has run out or never was is the same to
whoever asks, and costs the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import Action, Actor, demand, of_agency, reach_of
from directory.domain.bridge.handouts import Item, Wanted, whole_miles
from directory.domain.errors import FootbridgeError, NotFound, PlaceNotFound, Problem
from directory.domain.people import Agency, UnfitFields
from directory.domain.results import Detail
from directory.domain.search import Query
from directory.domain.tokens import CODE_BYTES, code_read, code_text, in_fours, key_for, keyed_hash
from directory.i18n import LANGUAGES
from directory.services.credentials import secret_of
from directory.services.geocoding import place_find
from directory.services.links import form_take
from directory.services.lists import GoneListing, list_show
from directory.services.waitlist.clients import client_found, client_open, zone_of
from directory.services.waitlist.messages import handout_queue
from directory.services.waitlist.plumbing import chain_of, demand_near
from directory.settings import Settings
from directory.storage import accounts, cards, db, duplicates, records
from directory.storage.bridge import handouts as storage
from directory.storage.bridge.handouts import HandoutNow

__all__ = ["DeadHandout", "HandoutNow", "Made", "Shown"]

PATH = "/h/"
"""Where they are read. The code is the rest of the path, which no log shows (web/errors.py)."""
KEPT = timedelta(days=30)
"""How long the row of one that has ended stays."""
LISTED = 200


class DeadHandout(FootbridgeError):
    """No list is good at this address, whatever was once there."""

    code = "dead-handout"
    status = 410


@dataclass(frozen=True, slots=True)
class Made:
    """A hand-out that was made: its code, until when it is good, the zone of its agency, and the listings that nobody knows, which are not on it."""

    code: str
    until: datetime
    zone: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A hand-out as it is read: its listings as they are now in the order in which they were chosen, those that are gone, and how far
    each is by its slug, in whole miles (0: less than one). `zone` is that of all its places, else that of the agency that made it."""

    row: HandoutNow
    code: str
    details: tuple[Detail, ...]
    gone: tuple[GoneListing, ...]
    miles: dict[str, int]
    zone: str


async def handout_agencies(*, by: Actor, now: datetime) -> tuple[Agency, ...]:
    """The agencies for which somebody makes hand-outs, by name. Raises Denied where there is none."""
    return tuple(await accounts.agencies(_own(by, now)))


def _own(by: Actor, now: datetime) -> tuple[int, ...]:
    """Their ids. Raises Denied where there is none."""
    own = reach_of(by, Action.MAKE_HANDOUTS) or ()
    demand(by, Action.MAKE_HANDOUTS, of_agency(own[0] if own else None), now=now)
    return own


async def handout_names(*, slugs: Sequence[str], now: datetime, settings: Settings) -> dict[str, str]:
    """The names of the chosen listings that we know by their slugs, also of those that are gone."""
    taken = await list_show(query=Query(taken=tuple(slugs)), now=now, settings=settings)
    names = {each.card.slug: each.card.name for each in taken.details} | {each.slug: each.name for each in taken.gone}
    return {slug: names[slug] for slug in taken.query.taken if slug in names}


async def handout_make(
    *,
    slugs: Sequence[str],
    agency: int,
    wanted: Wanted,
    by: Actor,
    now: datetime,
    settings: Settings,
    form: str | None = None,
) -> Made | None:
    """Makes one; None for a form that was taken before. Distances are told from the middle of a ZIP code or town, which is not kept.

    Raises UnfitFields, Denied, and NotFound for another agency.
    """
    demand_near(by, Action.MAKE_HANDOUTS, agency, now=now)
    known, unknown = await _chosen(slugs)
    if problems := wanted.problems(len(known), LANGUAGES):
        raise UnfitFields(problems)
    items = await _items(known, wanted.near.strip(), now, settings)
    code, until = code_text(secrets.token_bytes(CODE_BYTES)), now + timedelta(days=wanted.days)
    async with db.staging():
        if form is not None and not await form_take(token=form, now=now):
            return None
        id = await storage.add(
            key=_key(code, settings),
            agency=agency,
            items=items,
            sort=wanted.sort,
            language=wanted.language,
            by=by.label,
            now=now,
            expires_at=until,
        )
        await _note(id, agency, "handout-made", {"listings": len(items), "days": wanted.days}, by, now)
    return Made(code, until, await zone_of(agency), unknown)


async def _chosen(slugs: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The chosen listings that we know, each once and under the slug that it has by now, and those that we do not."""
    kept = await duplicates.kept_for(slugs)
    asked = {slug: kept.get(slug, slug) for slug in slugs}
    known = await cards.by_slugs(tuple(asked.values()))
    found = dict.fromkeys(slug for slug in asked.values() if slug in known)
    return tuple(found), tuple(slug for slug, by_now in asked.items() if by_now not in known)


async def _items(slugs: Sequence[str], near: str, now: datetime, settings: Settings) -> list[Item]:
    """The listings with their distances in whole miles."""
    if not near:
        return [Item(slug) for slug in slugs]
    try:
        await place_find(text=near, settings=settings)
    except PlaceNotFound:
        raise UnfitFields([Problem("near", "not-a-place", near)]) from None
    taken = await list_show(query=Query(taken=tuple(slugs), near=near), now=now, settings=settings)
    miles = {each.card.slug: each.card.distance_miles for each in taken.details}
    return [Item(slug, None if (far := miles.get(slug)) is None else whole_miles(far)) for slug in slugs]


async def handout_show(*, code: str, now: datetime, settings: Settings) -> Shown:
    """What is on the hand-out with this code, as somebody typed it. Raises DeadHandout."""
    letters = code_read(code)
    row = await storage.live(_key(letters, settings), now)
    if row is None:
        raise DeadHandout()
    query = Query(taken=tuple(item.slug for item in row.items))
    taken = await list_show(query=query, now=now, settings=settings)
    miles = {item.slug: item.miles for item in row.items if item.miles is not None}
    zones = {each.card.timezone for each in taken.details if each.card.attendance != "online"}
    zone = zones.pop() if len(zones) == 1 else await zone_of(row.agency)
    return Shown(row, in_fours(letters), taken.details, taken.gone, miles, zone)


def handout_url(code: str, settings: Settings) -> str:
    """The whole address of a hand-out."""
    return f"{settings.base_url.rstrip('/')}{PATH}{code}"


async def handouts_list(*, by: Actor, now: datetime) -> list[HandoutNow]:
    """The hand-outs of one's own agencies that are still good, the newest first. Raises Denied."""
    return await storage.live_of(_own(by, now), now, LISTED)


async def handout_zones(*, rows: Sequence[HandoutNow]) -> dict[int, str]:
    """The time zones of the agencies that made these, by their ids."""
    return {agency: await zone_of(agency) for agency in {row.agency for row in rows}}


async def handout_end(*, id: int, by: Actor, now: datetime) -> bool:
    """Ends one at once. False where it had ended before. Raises NotFound, Denied."""
    row = await storage.one(id)
    if row is None:
        _own(by, now)
        raise NotFound(handout=id)
    demand_near(by, Action.MAKE_HANDOUTS, row.agency, now=now)
    async with db.staging():
        if not await storage.end(id, now):
            return False
        await _note(id, row.agency, "handout-ended", {}, by, now)
    return True


async def handout_send(*, upi: str, code: str, form: str, by: Actor, now: datetime, settings: Settings) -> int | None:
    """Sends the link to somebody by the ways that were agreed for messages, and says by how many; None for a form that was taken before.

    Raises DeadHandout, NotFound, Denied.
    """
    found = await client_found(upi=upi, by=by, now=now, settings=settings)
    letters = code_read(code)
    async with db.staging():
        row = await storage.live(_key(letters, settings), now)
        if row is None or row.agency != found.row.agency:
            raise DeadHandout()
        await client_open(client=found.row.id)
        if not await form_take(token=form, now=now):
            return None
        link = handout_url(in_fours(letters), settings)
        return await handout_queue(client=found.row.id, link=link, by=by.label, now=now, settings=settings)


async def handouts_forget(*, now: datetime) -> int:
    """Deletes the rows of those that ended or ran out 30 days ago, and says how many."""
    async with db.staging():
        return await storage.forget(now - KEPT)


def _key(code: str, settings: Settings) -> str:
    """What is stored in the place of a code, dashes or not."""
    return keyed_hash(key_for(secret_of(settings), "handout"), code.replace("-", ""))


async def _note(id: int, agency: int, action: str, details: dict[str, object], by: Actor, now: datetime) -> None:
    chain = chain_of(agency)
    await records.audit(at=now, by=by.label, action=action, subject=f"handout {id}", details=details, chain=chain)
