"""What agencies keep true: which listings are theirs, what they change, and the openings that they report."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.accounts import Agency, Person
from directory.storage.models.listings import CapacityReport, Listing, Organization


class Claim(Model):
    """That an agency says an organization's listings, or one listing, are its own: asked, approved, refused or withdrawn.

    Either `organization` or `listing` is set. At most one claim for each is approved (an index of guards.py sees to that).
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    organization: fields.ForeignKeyNullableRelation[Organization] = fields.ForeignKeyField(
        "directory.Organization", null=True, on_delete=fields.CASCADE
    )
    listing: fields.ForeignKeyNullableRelation[Listing] = fields.ForeignKeyField(
        "directory.Listing", null=True, on_delete=fields.CASCADE
    )
    status = fields.CharField(10)
    words = fields.TextField(null=True)
    asked_by = fields.CharField(80)
    asked_at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)
    answer = fields.TextField(null=True)

    class Meta:
        table = "claim"
        indexes = (
            Index(fields=("agency_id", "status"), name="claim_agency"),
            Index(fields=("status", "asked_at"), name="claim_queue"),
        )


class Program(Model):
    """A program of an agency, shown to visitors as one of its listings. `is_funded`: by the block grant (45 CFR 96 applies)."""

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    name = fields.CharField(120)
    is_funded = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "program"
        unique_together = (("listing", "name"),)
        indexes = (Index(fields=("agency_id",), name="program_agency"),)


class ProgramLevel(Model):
    """A level of care of a program whose openings are counted: `care` is a code of the search, `asam` one of ASAM of `edition`.

    `unit` is what is counted (bed, place), `licensed` how many there may be. `reminders`: whether the agency is asked when a report is old.
    """

    id = fields.IntField(primary_key=True)
    program: fields.ForeignKeyRelation[Program] = fields.ForeignKeyField("directory.Program", on_delete=fields.CASCADE)
    name = fields.CharField(120)
    care = fields.CharField(30)
    asam = fields.CharField(10, null=True)
    edition = fields.CharField(10, null=True)
    unit = fields.CharField(40)
    licensed = fields.IntField(null=True)
    reminders = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "program_level"
        unique_together = (("program", "name"),)


class CapacityNotice(Model):
    """That a program's level was at 90% of its capacity or more (45 CFR 96.126(a)): one for each time it came to that.

    `share` is in percent; `due_at` 7 days after `reached_at`; `closed_at` when it fell below again. At most one is open (guards.py).
    """

    id = fields.IntField(primary_key=True)
    level: fields.ForeignKeyRelation[ProgramLevel] = fields.ForeignKeyField(
        "directory.ProgramLevel", on_delete=fields.CASCADE
    )
    report: fields.ForeignKeyRelation[CapacityReport] = fields.ForeignKeyField(
        "directory.CapacityReport", on_delete=fields.CASCADE
    )
    share = fields.SmallIntField()
    reached_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    sent_to = fields.CharField(254, null=True)
    sent_by = fields.CharField(80, null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "capacity_notice"
        indexes = (Index(fields=("closed_at", "due_at"), name="capacity_notice_queue"),)


class OpeningWatch(Model):
    """That somebody wants to be told when an opening is reported that this search finds. `query` is the search, with no word about any client."""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    query = fields.TextField()
    created_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    seen_report = fields.IntField(default=0)
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "opening_watch"
        indexes = (Index(fields=("ends_at",), name="opening_watch_end"),)


class Proposal(Model):
    """A change to a listing that waits for a second pair of eyes: waiting, published, refused or withdrawn.

    `edits` and `seen` are JSON objects of field -> value, as of a listing's JSON; `seen` is what its writer saw. `published` is a
    JSON list of the fields that were published.
    """

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    agency: fields.ForeignKeyNullableRelation[Agency] = fields.ForeignKeyField(
        "directory.Agency", null=True, on_delete=fields.SET_NULL
    )
    edits = fields.TextField()
    seen = fields.TextField()
    reason = fields.TextField(null=True)
    status = fields.CharField(10)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)
    answer = fields.TextField(null=True)
    published = fields.TextField(null=True)

    class Meta:
        table = "proposal"
        indexes = (
            Index(fields=("status", "at"), name="proposal_queue"),
            Index(fields=("listing_id", "status"), name="proposal_listing"),
        )


class ListingChange(Model):
    """One field of a listing that people changed: who, when, why, from what to what (JSON). Rows are only ever added.

    The fields of one save share `change`; a row that takes another one back names it in `reverts`.
    """

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    change = fields.CharField(32)
    field = fields.CharField(40)
    before = fields.TextField()
    after = fields.TextField()
    by = fields.CharField(80)
    at = fields.DatetimeField()
    reason = fields.TextField(null=True)
    reverts = fields.BigIntField(null=True)

    class Meta:
        table = "listing_change"
        indexes = (
            Index(fields=("listing_id", "id"), name="listing_change_listing"),
            Index(fields=("change",), name="listing_change_save"),
        )
