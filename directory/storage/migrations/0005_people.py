from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('directory', '0004_records')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Agency',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(unique=True, max_length=120)),
                ('kind', fields.CharField(max_length=20)),
                ('timezone', fields.CharField(max_length=64)),
                ('is_demo', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'agency', 'app': 'directory', 'pk_attr': 'id', 'table_description': 'An organization whose people have accounts. `kind`: peer, treatment or oversight.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Person',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('email', fields.CharField(unique=True, max_length=254)),
                ('name', fields.CharField(max_length=120)),
                ('language', fields.CharField(max_length=10)),
                ('password_hash', fields.CharField(null=True, max_length=200)),
                ('password_changed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('totp_secret', fields.TextField(null=True, unique=False)),
                ('totp_step', fields.BigIntField(null=True)),
                ('is_demo', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('disabled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('proven_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
            ],
            options={'table': 'person', 'app': 'directory', 'pk_attr': 'id', 'table_description': 'Somebody with an account. `email` is folded (domain/sign_in.py).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Link',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('purpose', fields.CharField(max_length=20)),
                ('person', fields.ForeignKeyField('directory.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('payload', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'link', 'app': 'directory', 'indexes': [Index(fields=['person_id', 'purpose'], name='link_person')], 'pk_attr': 'key', 'table_description': 'A link that was handed out, or the token of a form, by its hash: good for one `purpose`, once, until it expires.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person', fields.ForeignKeyField('directory.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('hash', fields.CharField(max_length=64)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'recovery_code', 'app': 'directory', 'unique_together': (('person', 'hash'),), 'pk_attr': 'id', 'table_description': 'A code that stands in for the second factor once, by its keyed hash.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person', fields.ForeignKeyField('directory.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('agency', fields.ForeignKeyField('directory.Agency', source_field='agency_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('role', fields.CharField(max_length=20)),
                ('trusted', fields.BooleanField(default=False)),
                ('granted_by', fields.CharField(max_length=80)),
                ('granted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'role_grant', 'app': 'directory', 'indexes': [Index(fields=['person_id', 'ended_at'], name='role_grant_person'), Index(fields=['agency_id', 'ended_at'], name='role_grant_agency')], 'pk_attr': 'id', 'table_description': 'That a person holds a role, within an agency or, where there is none, for the whole site. It ends and is not deleted.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SessionRow',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('person', fields.ForeignKeyField('directory.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('stage', fields.CharField(max_length=10)),
                ('device', fields.CharField(max_length=40)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('fresh_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('pending_secret', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'session', 'app': 'directory', 'indexes': [Index(fields=['person_id'], name='session_person')], 'pk_attr': 'key', 'table_description': 'One browser that is signed in, or on the way to it (`stage`, domain/sign_in.py). The key is the hash of its cookie.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Throttle',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('count', fields.FloatField()),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'throttle', 'app': 'directory', 'pk_attr': 'key', 'table_description': 'How many tries to sign in count against an account or a part of the network, by the keyed hash of its name.'},
            bases=['Model'],
        ),
    ]
