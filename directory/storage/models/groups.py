"""Groups, workshops and sober activities of a peer agency: each time they meet, and who has a seat."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.accounts import Agency, Person
from directory.storage.models.clients import Client


class Group(Model):
    """Something that people come to: once or again and again. `sort` is group, workshop or activity, `attendance` as with listings.

    Times are local to `timezone`: from `starts_on`, at `minute` of the day, for so many `minutes`, `every` once, weekly, fortnightly or monthly
    (in the same `week` of the month, -1 the last), to `until`. `listing_id` is its listing where it is or was public. `address` is what an
    address of a listing holds, with its `visibility`. Everybody sees the `url` where `is_url_shown`, else whoever has a seat.
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.RESTRICT)
    name = fields.CharField(120)
    words = fields.TextField(null=True)
    sort = fields.CharField(12)
    attendance = fields.CharField(10)
    address: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    url = fields.TextField(null=True)
    is_url_shown = fields.BooleanField(default=False)
    timezone = fields.CharField(64)
    starts_on = fields.DateField()
    minute = fields.SmallIntField()
    minutes = fields.SmallIntField()
    every = fields.CharField(12)
    week = fields.SmallIntField(null=True)
    until = fields.DateField(null=True)
    capacity = fields.SmallIntField(null=True)
    language = fields.CharField(10)
    people: fields.Field[list[str] | None] = fields.JSONField(null=True)
    access: fields.Field[list[str] | None] = fields.JSONField(null=True)
    is_public = fields.BooleanField(default=False)
    listing_id = fields.IntField(null=True)
    leader: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "directory.Person", null=True, on_delete=fields.SET_NULL
    )
    is_demo = fields.BooleanField(default=False)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "peer_group"
        indexes = (Index(fields=("agency_id", "ended_at"), name="peer_group_agency"),)


class GroupMeeting(Model):
    """One time that a group meets: planned, held or cancelled. `taken` counts the seats that are taken, which decides who gets the last one.

    `day` is that of the series, also where it meets at another time for once. `others` is how many came of whom nothing is kept.
    `reminded_at` is when those with a seat were reminded.
    """

    id = fields.IntField(primary_key=True)
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField("directory.Group", on_delete=fields.CASCADE)
    day = fields.DateField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    status = fields.CharField(10)
    capacity = fields.SmallIntField(null=True)
    taken = fields.SmallIntField(default=0)
    others = fields.SmallIntField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "group_meeting"
        unique_together = (("group", "day"),)
        indexes = (Index(fields=("starts_at",), name="group_meeting_starts"),)


class GroupSeat(Model):
    """That a client has a seat, or waits for one: seat, waiting, left, came or absent. `turn` is the order in which they asked."""

    id = fields.IntField(primary_key=True)
    meeting: fields.ForeignKeyRelation[GroupMeeting] = fields.ForeignKeyField(
        "directory.GroupMeeting", on_delete=fields.CASCADE
    )
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    status = fields.CharField(10)
    turn = fields.DatetimeField()
    at = fields.DatetimeField()
    by = fields.CharField(80)
    version = fields.IntField(default=1)

    class Meta:
        table = "group_seat"
        unique_together = (("meeting", "client"),)
        indexes = (Index(fields=("client_id",), name="group_seat_client"),)
