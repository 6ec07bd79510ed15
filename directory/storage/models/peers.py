"""Peers themselves: how many people they go with, who stands in for them, who goes with them, and what they have learned."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.accounts import Agency, Person
from directory.storage.models.clients import Client


class Caseload(Model):
    """The most people that a peer goes with at a time, null where that was taken away again."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    most = fields.SmallIntField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "caseload"
        unique_together = (("agency", "person"),)


class Cover(Model):
    """That one peer stands in for another with all their people, for these local days of the agency (both included). It may end before."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    away: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "directory.Person", related_name="covers_away", on_delete=fields.CASCADE
    )
    stand_in: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "directory.Person", related_name="covers_in", on_delete=fields.CASCADE
    )
    from_on = fields.DateField()
    until_on = fields.DateField()
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "cover"
        indexes = (
            Index(fields=("stand_in_id", "until_on"), name="cover_stand_in"),
            Index(fields=("away_id", "until_on"), name="cover_away"),
        )


class Pairing(Model):
    """That a peer is a mentor of another peer (`person`) or of a client, until it ends."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    mentor: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "directory.Person", related_name="mentors_of", on_delete=fields.CASCADE
    )
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "directory.Person", related_name="mentored_by", null=True, on_delete=fields.CASCADE
    )
    client: fields.ForeignKeyNullableRelation[Client] = fields.ForeignKeyField(
        "directory.Client", null=True, on_delete=fields.CASCADE
    )
    from_on = fields.DateField()
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(20, null=True)

    class Meta:
        table = "pairing"
        indexes = (Index(fields=("agency_id", "ended_at"), name="pairing_agency"),)


class Supervision(Model):
    """Who supervises a peer: the one person besides the peer who reads the notes. It ends and is not deleted."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    peer: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "directory.Person", related_name="supervised_by", on_delete=fields.CASCADE
    )
    supervisor: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "directory.Person", related_name="supervises", on_delete=fields.CASCADE
    )
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supervision"
        indexes = (Index(fields=("peer_id", "ended_at"), name="supervision_peer"),)


class SupervisionNote(Model):
    """A note between a peer and their supervisor (`sealed`): `kind` is note or debrief. Rows are only ever added."""

    id = fields.IntField(primary_key=True)
    supervision: fields.ForeignKeyRelation[Supervision] = fields.ForeignKeyField(
        "directory.Supervision", on_delete=fields.CASCADE
    )
    kind = fields.CharField(10)
    sealed = fields.TextField(null=True)
    author: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    at = fields.DatetimeField()

    class Meta:
        table = "supervision_note"
        indexes = (Index(fields=("supervision_id", "id"), name="supervision_note_of"),)


class Debrief(Model):
    """That a peer is asked how they are themselves after a crisis of somebody they go with. `check_in_id` is the occasion."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    check_in_id = fields.IntField(unique=True)
    at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(12, null=True)

    class Meta:
        table = "debrief"
        indexes = (Index(fields=("person_id", "done_at"), name="debrief_person"),)


class Training(Model):
    """What a peer has learned: a training or a certification (`kind`), with the last day on which it holds. `told` counts the reminders."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    kind = fields.CharField(14)
    name = fields.CharField(120)
    done_on = fields.DateField(null=True)
    expires_on = fields.DateField(null=True)
    told = fields.SmallIntField(default=0)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "training"
        indexes = (
            Index(fields=("person_id", "ended_at"), name="training_person"),
            Index(fields=("expires_on",), name="training_expires"),
        )
