from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('directory', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Correction',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('listing', fields.ForeignKeyField('directory.Listing', source_field='listing_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('reason', fields.CharField(max_length=20)),
                ('words', fields.TextField(unique=False)),
                ('words_hash', fields.CharField(max_length=64)),
                ('status', fields.CharField(default='new', max_length=10)),
                ('times', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'correction', 'app': 'directory', 'unique_together': (('listing', 'reason', 'words_hash'),), 'indexes': [Index(fields=['status', 'created_at'], name='correction_queue')], 'pk_attr': 'id', 'table_description': 'What a visitor says is wrong with a listing, until somebody has looked into it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CoverageArea',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('listing', fields.ForeignKeyField('directory.Listing', source_field='listing_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('area', fields.CharField(max_length=120)),
            ],
            options={'table': 'coverage_area', 'app': 'directory', 'unique_together': (('area', 'listing'),), 'pk_attr': 'id', 'table_description': 'An area that a listing serves as a whole, by its key (domain/coverage.py).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ListingLanguage',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('listing', fields.ForeignKeyField('directory.Listing', source_field='listing_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('language', fields.CharField(max_length=40)),
            ],
            options={'table': 'listing_language', 'app': 'directory', 'unique_together': (('listing', 'language'),), 'pk_attr': 'id', 'table_description': 'That a listing is held in a language: its tag (BCP 47) in lower case.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NameWord',
            fields=[
                ('word', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60)),
                ('length', fields.SmallIntField(db_index=True)),
            ],
            options={'table': 'name_word', 'app': 'directory', 'pk_attr': 'word', 'table_description': 'A word that stands in some name, city or label, so that a slip of the finger can be forgiven. It may be of the past.'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='CapacityReport',
            index=Index(fields=['as_of', 'listing_id'], name='capacity_report_age'),
        ),
        ops.AlterModelOptions(
            name='ListingWords',
            options={'table': 'listing_words', 'app': 'directory', 'pk_attr': 'id', 'table_description': "All the words of a listing in the form in which they are compared (storage/texts.py). `id` is the listing's."},
        ),
        ops.AddIndex(
            model_name='Place',
            index=Index(fields=['kind', 'lat', 'lon'], name='place_around'),
        ),
    ]
