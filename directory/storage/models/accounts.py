"""People with an account, the agencies that they act for, and all that signing in needs. Of every secret only a hash is kept."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Agency(Model):
    """An organization whose people have accounts. `kind`: peer, treatment, other or oversight."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(120, unique=True)
    kind = fields.CharField(20)
    timezone = fields.CharField(64)
    is_demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(db_default=1)

    class Meta:
        table = "agency"


class Person(Model):
    """Somebody with an account. `email` is folded (domain/sign_in.py).

    `proven_at` is domain/people.py's; `password_changed_at` stays when a password is forgotten. `totp_secret` is encrypted (services/credentials.py); `totp_step` is the last time step whose code was taken, which is never taken
    again. `version` counts what is changed about the account.
    """

    id = fields.IntField(primary_key=True)
    email = fields.CharField(254, unique=True)
    name = fields.CharField(120)
    language = fields.CharField(10)
    password_hash = fields.CharField(200, null=True)
    password_changed_at = fields.DatetimeField(null=True)
    totp_secret = fields.TextField(null=True)
    totp_step = fields.BigIntField(null=True)
    is_demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    disabled_at = fields.DatetimeField(null=True)
    proven_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "person"


class RoleGrant(Model):
    """That a person holds a role, within an agency or, where there is none, for the whole site. It ends and is not deleted."""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    agency: fields.ForeignKeyNullableRelation[Agency] = fields.ForeignKeyField(
        "directory.Agency", null=True, on_delete=fields.CASCADE
    )
    role = fields.CharField(20)
    trusted = fields.BooleanField(default=False)
    granted_by = fields.CharField(80)
    granted_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "role_grant"
        indexes = (
            Index(fields=("person_id", "ended_at"), name="role_grant_person"),
            Index(fields=("agency_id", "ended_at"), name="role_grant_agency"),
        )


class SessionRow(Model):
    """One browser that is signed in, or on the way to it (`stage`, domain/sign_in.py). The key is the hash of its cookie.

    `device` is as coarse as "Firefox, Android"; no address of the network is kept. `pending_secret` is an encrypted second factor that
    is being set up.
    """

    key = fields.CharField(64, primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    stage = fields.CharField(10)
    device = fields.CharField(40)
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    fresh_until = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    pending_secret = fields.TextField(null=True)

    class Meta:
        table = "session"
        indexes = (Index(fields=("person_id",), name="session_person"),)


class Link(Model):
    """A link that was handed out, or the token of a form, by its hash: good for one `purpose`, once, until it expires."""

    key = fields.CharField(64, primary_key=True)
    purpose = fields.CharField(20)
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "directory.Person", null=True, on_delete=fields.CASCADE
    )
    payload: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "link"
        indexes = (Index(fields=("person_id", "purpose"), name="link_person"),)


class RecoveryCode(Model):
    """A code that stands in for the second factor once, by its keyed hash."""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("directory.Person", on_delete=fields.CASCADE)
    hash = fields.CharField(64)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "recovery_code"
        unique_together = (("person", "hash"),)


class Throttle(Model):
    """How many tries to sign in count against an account or a part of the network, by the keyed hash of its name."""

    key = fields.CharField(64, primary_key=True)
    count = fields.FloatField()
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "throttle"
