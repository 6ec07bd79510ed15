"""Import runs and the rows that wait to be applied."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.listings import Source


class ImportRun(Model):
    """One import: what came in, who asked for it, and what became of it."""

    id = fields.IntField(primary_key=True)
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField("directory.Source", on_delete=fields.CASCADE)
    format = fields.CharField(40)
    file_hash = fields.CharField(64)
    by = fields.CharField(80)
    status = fields.CharField(20)
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    added = fields.IntField(default=0)
    changed = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    removed = fields.IntField(default=0)
    rejected = fields.IntField(default=0)

    class Meta:
        table = "import_run"


class ImportStage(Model):
    """One row of a run that is being compared.

    `action` is add, change or keep; `payload` is what would be written, as JSON.
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
