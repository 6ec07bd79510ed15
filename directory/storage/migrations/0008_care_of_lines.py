from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('directory', '0007_waitlist')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Breach',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('agency', fields.ForeignKeyField('directory.Agency', source_field='agency_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('sealed', fields.TextField(null=True, unique=False)),
                ('clients', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('happened_on', fields.DateField(null=True)),
                ('found_on', fields.DateField()),
                ('people_told_on', fields.DateField(null=True)),
                ('department_told_on', fields.DateField(null=True)),
                ('media_told_on', fields.DateField(null=True)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=80)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
            ],
            options={'table': 'breach', 'app': 'directory', 'indexes': [Index(fields=['agency_id'], name='breach_agency')], 'pk_attr': 'id', 'table_description': 'That something about clients came to where it should not have (42 CFR 2.16, 45 CFR 164.400-414). `sealed` says what, `clients` are ids.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='EstimateDay',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('as_of', fields.DateField()),
                ('inputs', fields.CharField(max_length=64)),
                ('days_back', fields.SmallIntField()),
                ('placements', fields.IntField()),
            ],
            options={'table': 'estimate_day', 'app': 'directory', 'pk_attr': 'id', 'table_description': "The day for which a line's estimate and standings were last worked out, and a fingerprint of what the estimate was made of, so that"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LineImport',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('agency', fields.ForeignKeyField('directory.Agency', source_field='agency_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('name', fields.CharField(max_length=120)),
                ('sha256', fields.CharField(max_length=64)),
                ('sealed', fields.TextField(null=True, unique=False)),
                ('report', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('status', fields.CharField(max_length=10)),
                ('by', fields.CharField(max_length=80)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('settled_by', fields.CharField(null=True, max_length=80)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('done_rows', fields.IntField(default=0, db_default=0)),
            ],
            options={'table': 'line_import', 'app': 'directory', 'indexes': [Index(fields=['agency_id', 'status'], name='line_import_queue')], 'pk_attr': 'id', 'table_description': 'A spreadsheet of people who wait, read and not yet put in: `sealed` are its rows, `report` its figures and the rows that were refused.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SecondWord',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('agency', fields.ForeignKeyField('directory.Agency', source_field='agency_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=20)),
                ('client_id', fields.IntField(null=True)),
                ('entry_id', fields.IntField(null=True)),
                ('slot_id', fields.IntField(null=True)),
                ('import_id', fields.IntField(null=True)),
                ('reason', fields.CharField(max_length=40)),
                ('sealed', fields.TextField(null=True, unique=False)),
                ('details', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('status', fields.CharField(max_length=10)),
                ('by', fields.CharField(max_length=80)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('settled_by', fields.CharField(null=True, max_length=80)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'second_word', 'app': 'directory', 'indexes': [Index(fields=['agency_id', 'status'], name='second_word_queue')], 'pk_attr': 'id', 'table_description': 'What one person asks for and a second one has to agree to: `kind` out-of-order, back-date, cannot-locate, lower-tier or import.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Appeal',
            options={'table': 'appeal', 'app': 'directory', 'indexes': [Index(fields=['status', 'at'], name='appeal_queue')], 'pk_attr': 'id', 'table_description': 'That somebody does not agree with a decision: open, upheld, overturned or withdrawn. `sealed` are their words and the answer,'},
        ),
        ops.AddField(
            model_name='Appeal',
            name='about',
            field=fields.CharField(default='', db_default='', max_length=20),
        ),
        ops.AddField(
            model_name='Client',
            name='notice_on',
            field=fields.DateField(null=True),
        ),
        ops.AlterField(
            model_name='ClientFact',
            name='value',
            field=fields.CharField(max_length=120),
        ),
        ops.AlterModelOptions(
            name='ConsentRow',
            options={'table': 'consent', 'app': 'directory', 'indexes': [Index(fields=['client_id'], name='consent_client')], 'pk_attr': 'id', 'table_description': 'A consent (domain/waitlist/consents.py), in which `scope` and `agencies` are lists of codes and ids. `sealed`: who signed, who may tell,'},
        ),
        ops.AddField(
            model_name='ConsentRow',
            name='until_event',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.RemoveField(model_name='ConsentRow', name='discloser'),
        ops.RemoveField(model_name='ConsentRow', name='expires_when'),
        ops.AlterModelOptions(
            name='ContactAttempt',
            options={'table': 'contact_attempt', 'app': 'directory', 'indexes': [Index(fields=['client_id', 'at'], name='contact_attempt_client')], 'pk_attr': 'id', 'table_description': 'One try to reach somebody, or a sign from them. `route` is a channel, `outcome` reached, no-answer, word-left, wrong-number, came'},
        ),
        ops.AlterField(
            model_name='ContactAttempt',
            name='outcome',
            field=fields.CharField(max_length=20),
        ),
        ops.AddField(
            model_name='ContactRoute',
            name='asks_agreed',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='EntryRow',
            name='asam',
            field=fields.CharField(null=True, max_length=10),
        ),
        ops.AddField(
            model_name='EntryRow',
            name='edition',
            field=fields.CharField(null=True, max_length=10),
        ),
        ops.AlterModelOptions(
            name='EstimateIssued',
            options={'table': 'estimate_issued', 'app': 'directory', 'unique_together': (('entry', 'issued_on'),), 'indexes': [Index(fields=['resolved_on', 'outcome'], name='estimate_issued_scored')], 'pk_attr': 'id', 'table_description': 'What an entry was told on a day (`shown` are the days of the range, such as "14-42"), and what came of it: inside, early, late or censored.'},
        ),
        ops.AddField(
            model_name='EstimateIssued',
            name='issued_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='EstimateIssued',
            name='shown',
            field=fields.CharField(default='', db_default='', max_length=20),
        ),
        ops.AlterModelOptions(
            name='EstimateRow',
            options={'table': 'estimate_row', 'app': 'directory', 'unique_together': (('pool', 'tier', 'ahead'),), 'pk_attr': 'id', 'table_description': "One row of a line's estimate (domain/estimate.py) as of a day: days for so many `ahead` in the class of this `tier`."},
        ),
        ops.AddField(
            model_name='Intake',
            name='client_id',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Intake',
            name='taken_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Intake',
            index=Index(fields=['client_id'], name='intake_client'),
        ),
        ops.AddField(
            model_name='OfferRow',
            name='agreed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='OfferRow',
            name='facts',
            field=fields.TextField(default='{}', db_default='{}', unique=False),
        ),
        ops.AddField(
            model_name='Pool',
            name='contact_days',
            field=fields.SmallIntField(default=30, db_default=30),
        ),
        ops.AddField(
            model_name='Pool',
            name='hold_days',
            field=fields.SmallIntField(default=14, db_default=14),
        ),
        ops.AddField(
            model_name='Pool',
            name='unfunded_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SlotRow',
            name='confirmed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
