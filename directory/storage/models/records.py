"""What is kept about the data as a whole: its version, and who changed what."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class State(Model):
    """Named numbers and texts, such as the version of the data. Each write transaction begins by touching one."""

    name = fields.CharField(40, primary_key=True)
    number = fields.BigIntField(default=0)
    text = fields.TextField(default="")

    class Meta:
        table = "state"


class AuditEntry(Model):
    """Who did what to which thing, and when. Rows are only ever added."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    by = fields.CharField(80)
    action = fields.CharField(60)
    subject = fields.CharField(120)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)

    class Meta:
        table = "audit_entry"
