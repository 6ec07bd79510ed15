"""The listing of a group: made, changed and taken out with it, so that it is found in the one search that there is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.bridge.groups import (
    CANCELLED,
    Other,
    Where,
    changes_of,
    meets_at,
    series_days,
    source_of,
    windows_of,
)
from directory.domain.differences import differences, published
from directory.domain.listings import Address, ListingDraft, Status, Visibility
from directory.services.clock import local_day
from directory.services.comparing import hash_of
from directory.services.geocoding import Placer
from directory.services.writing import Writer
from directory.settings import Settings
from directory.storage import adding, cards, drafts, listing_changes, listings, records, sources
from directory.storage import agencies as homes
from directory.storage.bridge import groups as storage
from directory.storage.bridge.groups import GroupNow, MeetingNow
from directory.storage.codes import code_table
from directory.storage.drafts import Said
from directory.storage.encoding import draft_to_json, dumps

KIND = "recovery-support"
FORMAT = "people"
"""People type it, and no file is for it."""
A_YEAR = timedelta(days=400)


async def listing_follow(*, group: GroupNow, by: str, now: datetime, settings: Settings) -> None:
    """Has the listing of a group say what the group says, where it does not already. Needs `db.transaction()`.

    There is one for as long as the group is public and meets again; it keeps its address when it comes back. The group is read anew: it may have been
    ended or changed since the caller looked, and writers wait for each other here.
    """
    fresh = await storage.group(group.id)
    assert fresh is not None
    group = fresh
    said = await _wanted(group, now)
    if not await _lags(group, said):
        return
    if said is None:
        assert group.listing is not None
        await listings.remove([group.listing], now)
        await _noted("group-unlisted", group, group.listing, by, now)
    else:
        await _written(group, said, by, now, settings)


async def listing_lags(*, group: GroupNow, now: datetime) -> bool:
    """Whether its listing says something else than the group."""
    return await _lags(group, await _wanted(group, now))


async def _wanted(group: GroupNow, now: datetime) -> Said | None:
    """What the listing of a group is to say; None where there is to be none."""
    today = await local_day(group.values.series.timezone, now)
    known = (await storage.meetings_by_group([group.id], now)).get(group.id, [])
    coming = [meeting for meeting in known if meeting.ends_at > now]
    if not _is_shown(group, coming, today) or not await _is_of_peers(group):
        return None
    draft = _draft(group, coming, known, today)
    payload = draft_to_json(draft)
    return Said(draft.key, dumps(payload), hash_of(payload, draft.key), None)


async def _lags(group: GroupNow, said: Said | None) -> bool:
    if group.listing is None or await _is_gone(group.listing):
        return said is not None
    if said is None:
        return True
    before = (await drafts.said([group.listing])).get(group.listing)
    return before is None or before.text != said.text


def _is_shown(group: GroupNow, coming: Sequence[MeetingNow], today: date) -> bool:
    is_public = group.values.is_public and group.ended_at is None and not group.is_closed
    return is_public and bool(coming or series_days(group.values.series, today, today + A_YEAR))


async def _is_of_peers(group: GroupNow) -> bool:
    home = await homes.agency(group.agency)
    return home is not None and home.values.kind == "peer"


async def _written(group: GroupNow, said: Said, by: str, now: datetime, settings: Settings) -> None:
    name = source_of(group.agency)
    source = await sources.ensure(name, format=FORMAT, now=now, title=group.agency_name, is_demo=group.is_demo)
    writer = Writer(source, name, await code_table(), Placer(settings), lambda: now)
    if group.listing is None:
        await adding.source_belongs(source, group.agency)
        (id,) = await writer.add([said])
        await storage.listed_as(group.id, id)
        await _noted("group-listed", group, id, by, now)
        return
    before = (await drafts.said([group.listing])).get(group.listing)
    await writer.change({group.listing: said})
    if before is not None:
        pairs = published(differences(before.draft, said.draft))
        await listing_changes.add(group.listing, uuid.uuid4().hex, pairs, by=by, at=now, reason=None, reverts={})
    await _noted("group-listed", group, group.listing, by, now)


async def _is_gone(listing: int) -> bool:
    found = await cards.by_status(str(await cards.slug_of(listing)))
    return found is None or found[1] is Status.REMOVED


async def _noted(action: str, group: GroupNow, listing: int, by: str, now: datetime) -> None:
    subject = f"listing {await cards.slug_of(listing)}"
    details: dict[str, object] = {"group": group.id, "agency": group.agency}
    await records.audit(at=now, by=by, action=action, subject=subject, details=details)


# --- what it says ----------------------------------------------------------------------------------------------------


def _draft(group: GroupNow, coming: Sequence[MeetingNow], known: Sequence[MeetingNow], today: date) -> ListingDraft:
    values = group.values
    planned = [meeting.day for meeting in sorted(coming, key=lambda each: each.day)]
    return ListingDraft(
        key=f"group-{group.id}",
        kind=KIND,
        name=values.name,
        organization=group.agency_name,
        address=_address(values.where, values.series.timezone, is_online=values.attendance == "online"),
        description=values.words or None,
        attendance=values.attendance,
        windows=windows_of(values.series, planned, today),
        changes=changes_of(values.series, others_of(group, known)),
        conference_url=values.url if values.url and values.is_url_shown else None,
        languages=(values.language,),
        people=values.people,
        access=values.access,
    )


def _address(where: Where, zone: str, *, is_online: bool) -> Address:
    if is_online:
        return Address(timezone=zone)
    return Address(
        name=where.place or None,
        street=where.street or None,
        city=where.city or None,
        state=where.state or None,
        postal_code=where.postal_code or None,
        notes=where.notes or None,
        timezone=zone,
        visibility=Visibility(where.visibility),
    )


def others_of(group: GroupNow, meetings: Sequence[MeetingNow]) -> list[Other]:
    """The meetings that are not as the series has them."""
    series = group.values.series
    found = []
    for meeting in meetings:
        if meeting.status == CANCELLED:
            found.append(Other(meeting.day, None))
        elif meeting.starts_at != meets_at(series, meeting.day)[0]:
            local = meeting.starts_at.astimezone(ZoneInfo(series.timezone)).replace(tzinfo=None)
            found.append(Other(meeting.day, local))
    return found
