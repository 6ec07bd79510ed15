from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('directory', '0002_search_complete')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Conflict',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('listing', fields.ForeignKeyField('directory.Listing', source_field='listing_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('field', fields.CharField(max_length=40)),
                ('hand_value', fields.TextField(unique=False)),
                ('source_value', fields.TextField(unique=False)),
                ('status', fields.CharField(max_length=10)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('settled_by', fields.CharField(null=True, max_length=80)),
            ],
            options={'table': 'conflict', 'app': 'directory', 'unique_together': (('listing', 'field'),), 'indexes': [Index(fields=['status', 'created_at'], name='conflict_queue')], 'pk_attr': 'id', 'table_description': 'That a source says something new where a person has set a field: open until somebody keeps the one or takes the other.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Feed',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source', fields.OneToOneField('directory.Source', source_field='source_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('address', fields.TextField(unique=False)),
                ('format', fields.CharField(max_length=40)),
                ('fellowship', fields.CharField(null=True, max_length=20)),
                ('column_map', fields.TextField(null=True, unique=False)),
                ('partial', fields.BooleanField(default=False)),
                ('every_hours', fields.SmallIntField(null=True)),
                ('etag', fields.TextField(null=True, unique=False)),
                ('last_modified', fields.CharField(null=True, max_length=80)),
                ('fetched_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('next_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('tries', fields.SmallIntField(default=0)),
                ('error', fields.TextField(null=True, unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'feed', 'app': 'directory', 'pk_attr': 'id', 'table_description': 'An address that a source is read from: what it said when it was last asked, and when to ask again (`every_hours`, null: on demand).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='GeocodeAnswer',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('provider', fields.CharField(max_length=40)),
                ('answer', fields.TextField(null=True, unique=False)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'geocode_answer', 'app': 'directory', 'pk_attr': 'key', 'table_description': 'What a remote geocoder answered to a cleaned address, as JSON (null: it knows none), so that nobody is asked twice.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='HandValue',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('listing', fields.ForeignKeyField('directory.Listing', source_field='listing_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('field', fields.CharField(max_length=40)),
                ('value', fields.TextField(unique=False)),
                ('source_value', fields.TextField(unique=False)),
                ('reason', fields.TextField(null=True, unique=False)),
                ('by', fields.CharField(max_length=80)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'hand_value', 'app': 'directory', 'unique_together': (('listing', 'field'),), 'pk_attr': 'id', 'table_description': 'One field of a listing as a person set it. It stays until a person takes it back, whatever the source says.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ImportChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('run', fields.ForeignKeyField('directory.ImportRun', source_field='run_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('listing', fields.ForeignKeyField('directory.Listing', source_field='listing_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('action', fields.CharField(max_length=10)),
                ('differences', fields.TextField(unique=False)),
                ('undone', fields.BooleanField(default=False)),
            ],
            options={'table': 'import_change', 'app': 'directory', 'unique_together': (('listing', 'run'),), 'indexes': [Index(fields=['run_id', 'id'], name='import_change_run')], 'pk_attr': 'id', 'table_description': 'What a run did to one listing: `differences` is a JSON object of name -> [before, after]. Rows are only ever added and marked undone.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SourceDraft',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('draft', fields.TextField(unique=False)),
            ],
            options={'table': 'source_draft', 'app': 'directory', 'pk_attr': 'id', 'table_description': "What the source last said of a listing, as JSON, before anything that people set by hand. `id` is the listing's."},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ImportRun',
            name='options',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='ImportRun',
            name='origin',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='ImportRun',
            name='report',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='ImportRun',
            name='undone_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='ImportRun',
            name='undone_by',
            field=fields.CharField(null=True, max_length=80),
        ),
        ops.AddIndex(
            model_name='ImportRun',
            index=Index(fields=['status', 'id'], name='import_run_status'),
        ),
        ops.AlterModelOptions(
            name='ImportStage',
            options={'table': 'import_stage', 'app': 'directory', 'unique_together': (('run', 'source_key'),), 'indexes': [Index(fields=['run_id', 'action', 'id'])], 'pk_attr': 'id', 'table_description': 'One row of a run that is being compared, or a listing that its file no longer holds.'},
        ),
        ops.AlterModelOptions(
            name='Location',
            options={'table': 'location', 'app': 'directory', 'indexes': [Index(fields=['geocode_status', 'geocode_next_at'], name='location_geocode_queue')], 'pk_attr': 'id', 'table_description': 'The address of one listing, and how its point was come by.'},
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_attempt',
            field=fields.CharField(null=True, max_length=20),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_class',
            field=fields.CharField(null=True, max_length=80),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_error',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_hash',
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_next_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_review',
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_score',
            field=fields.FloatField(null=True),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_status',
            field=fields.CharField(db_default='pending', max_length=16),
        ),
        ops.AddField(
            model_name='Location',
            name='geocode_tries',
            field=fields.SmallIntField(db_default=0),
        ),
        ops.AddField(
            model_name='Location',
            name='pinned_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Location',
            name='pinned_by',
            field=fields.CharField(null=True, max_length=80),
        ),
        ops.AddIndex(
            model_name='Location',
            index=Index(fields=['geocode_status', 'geocode_next_at'], name='location_geocode_queue'),
        ),
        ops.AddField(
            model_name='Source',
            name='match_by',
            field=fields.CharField(db_default='key', max_length=10),
        ),
    ]
