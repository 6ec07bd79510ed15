"""What is kept about the data as a whole: its version, who changed and who read what, and the messages that are to go out."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class State(Model):
    """Named numbers and texts, such as the version of the data. Each write transaction begins by touching one."""

    name = fields.CharField(40, primary_key=True)
    number = fields.BigIntField(default=0)
    text = fields.TextField(default="")

    class Meta:
        table = "state"


class AuditEntry(Model):
    """Who did what to which thing, and when. Rows are only ever added.

    `seq` counts within the chain from 1, and `hash` seals the row together with the one before it (domain/audit.py). All three are
    null in rows that are older than the chain.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    by = fields.CharField(80)
    action = fields.CharField(60)
    subject = fields.CharField(120)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    chain = fields.CharField(40, null=True)
    seq = fields.BigIntField(null=True)
    hash = fields.CharField(64, null=True)

    class Meta:
        table = "audit_entry"


class AuditHead(Model):
    """Where a chain stands: the number and the hash of its last entry. Whoever adds one takes this row first."""

    chain = fields.CharField(40, primary_key=True)
    seq = fields.BigIntField()
    hash = fields.CharField(64, default="")

    class Meta:
        table = "audit_head"


class AccessEntry(Model):
    """Who read what about whom. A reader never waits for the chain: rows are put into it in batches, and until then its fields are null."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    by = fields.CharField(80)
    action = fields.CharField(60)
    subject = fields.CharField(120)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    chain = fields.CharField(40, null=True)
    seq = fields.BigIntField(null=True)
    hash = fields.CharField(64, null=True)

    class Meta:
        table = "access_entry"
        indexes = (Index(fields=("subject", "at"), name="access_entry_subject"),)


class Outbox(Model):
    """A message that is to go out, or has: `state` as in domain/notices.py.

    `due_at` is when it may be sent, and while somebody sends it (`lease` says who) when others may try again. `good_until`, if any,
    is when it has lost its meaning. `words` are the values of the template; those that are secrets go as soon as it is sent or dead.
    """

    id = fields.BigIntField(primary_key=True)
    channel = fields.CharField(10)
    recipient = fields.CharField(254)
    template = fields.CharField(40)
    language = fields.CharField(10)
    words: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    dedup_key = fields.CharField(120, unique=True)
    state = fields.CharField(10)
    tries = fields.SmallIntField(default=0)
    lease = fields.CharField(32, null=True)
    error = fields.CharField(80, null=True)
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    good_until = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox"
        indexes = (Index(fields=("state", "due_at"), name="outbox_queue"),)
