"""What keeps the directory true: checks by telephone, answers to visitors, pairs that may be one, and what somebody has to do."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.listings import Correction, Listing


class ListingCheck(Model):
    """That somebody asked whether a listing still holds, and what came of it (domain/checks.py OUTCOMES).

    `tries` counts the calls in a row that nobody answered, this one included. Rows are only ever added.
    """

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    outcome = fields.CharField(10)
    tries = fields.SmallIntField(default=0)
    via = fields.CharField(10)
    note = fields.TextField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "listing_check"
        indexes = (
            Index(fields=("listing_id", "id"), name="listing_check_listing"),
            Index(fields=("at",), name="listing_check_at"),
        )


class ListingUse(Model):
    """How often the page of a listing was opened, halved each week, last at `at`: nothing of who opened it. `id` is the listing's."""

    id = fields.IntField(primary_key=True)
    opened = fields.FloatField()
    at = fields.DatetimeField()

    class Meta:
        table = "listing_use"


class CorrectionReply(Model):
    """An address at which somebody wants to hear what came of what they reported. The row goes as soon as they are told."""

    id = fields.IntField(primary_key=True)
    correction: fields.ForeignKeyRelation[Correction] = fields.ForeignKeyField(
        "directory.Correction", on_delete=fields.CASCADE
    )
    address = fields.CharField(254)
    language = fields.CharField(10)
    at = fields.DatetimeField()

    class Meta:
        table = "correction_reply"
        unique_together = (("correction", "address"),)


class DuplicatePair(Model):
    """Two listings that may be one: open, same (`kept` stays, the second points to it) or different. `one` has the smaller id.

    `reasons` are the codes of what they share. What a person has decided is not asked again. `hand_status` is what somebody had set as the
    status of the one that is not kept, to be put back when the decision is taken back.
    """

    id = fields.IntField(primary_key=True)
    one: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "directory.Listing", related_name="pairs_one", on_delete=fields.CASCADE
    )
    other: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "directory.Listing", related_name="pairs_other", on_delete=fields.CASCADE
    )
    score = fields.FloatField()
    reasons: fields.Field[list[str]] = fields.JSONField(default=list)
    status = fields.CharField(10)
    kept: fields.ForeignKeyNullableRelation[Listing] = fields.ForeignKeyField(
        "directory.Listing", related_name="pairs_kept", null=True, on_delete=fields.SET_NULL
    )
    hand_status = fields.CharField(20, null=True)
    found_at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "duplicate_pair"
        unique_together = (("one", "other"),)
        indexes = (
            Index(fields=("status", "score"), name="duplicate_pair_queue"),
            Index(fields=("other_id", "status"), name="duplicate_pair_other"),
        )


class Task(Model):
    """Something that a person has to look at. `key` names the occasion, so that it is not told twice while it is open.

    `words` are the values of its sentence (web), `address` the page where it is done, `agency_id` whose it is (null: the site's).
    """

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(40)
    key = fields.CharField(120)
    agency_id = fields.IntField(null=True)
    words: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    address = fields.CharField(200)
    due_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    done_by = fields.CharField(80, null=True)
    note = fields.TextField(null=True)

    class Meta:
        table = "task"
        indexes = (Index(fields=("done_at", "due_at"), name="task_queue"),)
