from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('directory', '0003_imports')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccessEntry',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=80)),
                ('action', fields.CharField(max_length=60)),
                ('subject', fields.CharField(max_length=120)),
                ('details', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('chain', fields.CharField(null=True, max_length=40)),
                ('seq', fields.BigIntField(null=True)),
                ('hash', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'access_entry', 'app': 'directory', 'indexes': [Index(fields=['subject', 'at'], name='access_entry_subject')], 'pk_attr': 'id', 'table_description': 'Who read what about whom. A reader never waits for the chain: rows are put into it in batches, and until then its fields are null.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AuditHead',
            fields=[
                ('chain', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('seq', fields.BigIntField()),
                ('hash', fields.CharField(default='', max_length=64)),
            ],
            options={'table': 'audit_head', 'app': 'directory', 'pk_attr': 'chain', 'table_description': 'Where a chain stands: the number and the hash of its last entry. Whoever adds one takes this row first.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Outbox',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('channel', fields.CharField(max_length=10)),
                ('recipient', fields.CharField(max_length=254)),
                ('template', fields.CharField(max_length=40)),
                ('language', fields.CharField(max_length=10)),
                ('words', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('dedup_key', fields.CharField(unique=True, max_length=120)),
                ('state', fields.CharField(max_length=10)),
                ('tries', fields.SmallIntField(default=0)),
                ('lease', fields.CharField(null=True, max_length=32)),
                ('error', fields.CharField(null=True, max_length=80)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('good_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'outbox', 'app': 'directory', 'indexes': [Index(fields=['state', 'due_at'], name='outbox_queue')], 'pk_attr': 'id', 'table_description': 'A message that is to go out, or has: `state` as in domain/notices.py.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='chain',
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='hash',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='seq',
            field=fields.BigIntField(null=True),
        ),
    ]
