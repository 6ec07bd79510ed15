"""Import runs: what each changed, what waits to be applied, what people set by hand, and the feeds that are read again and again."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.listings import Listing, Source


class ImportRun(Model):
    """One import: what came in, who asked for it, and what became of it.

    `origin` is the name of the file or the address; `options` what was asked for; `report` the lines that were rejected and the
    warnings. Both are JSON.
    """

    id = fields.IntField(primary_key=True)
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField("directory.Source", on_delete=fields.CASCADE)
    format = fields.CharField(40)
    origin = fields.TextField(null=True)
    file_hash = fields.CharField(64)
    by = fields.CharField(80)
    status = fields.CharField(20)
    options = fields.TextField(null=True)
    report = fields.TextField(null=True)
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    undone_at = fields.DatetimeField(null=True)
    undone_by = fields.CharField(80, null=True)
    added = fields.IntField(default=0)
    changed = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    removed = fields.IntField(default=0)
    rejected = fields.IntField(default=0)

    class Meta:
        table = "import_run"
        indexes = (Index(fields=("status", "id"), name="import_run_status"),)


class ImportStage(Model):
    """One row of a run that is being compared, or a listing that its file no longer holds.

    `action` is add, change, keep or remove; `payload` is what would be written, as JSON.
    """

    id = fields.BigIntField(primary_key=True)
    run: fields.ForeignKeyRelation[ImportRun] = fields.ForeignKeyField("directory.ImportRun", on_delete=fields.CASCADE)
    source_key = fields.CharField(600)
    line = fields.IntField()
    action = fields.CharField(10)
    payload = fields.TextField(null=True)

    class Meta:
        table = "import_stage"
        unique_together = (("run", "source_key"),)
        indexes = (Index(fields=("run_id", "action", "id")),)


class ImportChange(Model):
    """What a run did to one listing: `differences` is a JSON object of name -> [before, after]. Rows are only ever added and marked undone."""

    id = fields.BigIntField(primary_key=True)
    run: fields.ForeignKeyRelation[ImportRun] = fields.ForeignKeyField("directory.ImportRun", on_delete=fields.CASCADE)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    action = fields.CharField(10)
    differences = fields.TextField()
    undone = fields.BooleanField(default=False)

    class Meta:
        table = "import_change"
        # By the listing first: when a source goes, its listings look here one by one.
        unique_together = (("listing", "run"),)
        indexes = (Index(fields=("run_id", "id"), name="import_change_run"),)


class SourceDraft(Model):
    """What the source last said of a listing, as JSON, before anything that people set by hand. `id` is the listing's."""

    id = fields.IntField(primary_key=True)
    draft = fields.TextField()

    class Meta:
        table = "source_draft"


class HandValue(Model):
    """One field of a listing as a person set it. It stays until a person takes it back, whatever the source says.

    `source_value` is what the source said when it was set; both are JSON.
    """

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    field = fields.CharField(40)
    value = fields.TextField()
    source_value = fields.TextField()
    reason = fields.TextField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "hand_value"
        unique_together = (("listing", "field"),)


class Conflict(Model):
    """That a source says something new where a person has set a field: open until somebody keeps the one or takes the other."""

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    field = fields.CharField(40)
    hand_value = fields.TextField()
    source_value = fields.TextField()
    status = fields.CharField(10)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.CharField(80, null=True)

    class Meta:
        table = "conflict"
        unique_together = (("listing", "field"),)
        indexes = (Index(fields=("status", "created_at"), name="conflict_queue"),)


class Feed(Model):
    """An address that a source is read from: what it said when it was last asked, and when to ask again (`every_hours`, null: on demand).

    `column_map` is the TOML of the map for a CSV.
    """

    id = fields.IntField(primary_key=True)
    source: fields.OneToOneRelation[Source] = fields.OneToOneField("directory.Source", on_delete=fields.CASCADE)
    address = fields.TextField()
    format = fields.CharField(40)
    fellowship = fields.CharField(20, null=True)
    column_map = fields.TextField(null=True)
    partial = fields.BooleanField(default=False)
    every_hours = fields.SmallIntField(null=True)
    etag = fields.TextField(null=True)
    last_modified = fields.CharField(80, null=True)
    fetched_at = fields.DatetimeField(null=True)
    next_at = fields.DatetimeField(null=True, db_index=True)
    tries = fields.SmallIntField(default=0)
    error = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "feed"
