"""People who wait. What tells who somebody is lies sealed (services/credentials.py): whoever has the database alone reads a number."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.accounts import Agency, Person


class Client(Model):
    """Somebody who asked for help, with the peer agency that keeps their place. `upi` is the random number by which all else names them.

    `sealed` is an encrypted JSON object: name, birth date, what to know when calling. `cleared_at`: it was emptied after its time,
    `legal_hold` keeps that from happening. `merged_into` is the client that this one turned out to be. `notice_on` is the day on which they
    were given the notice of their rights (42 CFR 2.22).
    """

    id = fields.IntField(primary_key=True)
    upi = fields.CharField(16, unique=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.RESTRICT)
    peer: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "directory.Person", null=True, on_delete=fields.SET_NULL
    )
    sealed = fields.TextField(null=True)
    language = fields.CharField(10)
    is_demo = fields.BooleanField(default=False)
    created_by = fields.CharField(80)
    created_at = fields.DatetimeField()
    merged_into: fields.ForeignKeyNullableRelation[Client] = fields.ForeignKeyField(
        "directory.Client", related_name="merged", null=True, on_delete=fields.SET_NULL
    )
    legal_hold = fields.BooleanField(default=False)
    cleared_at = fields.DatetimeField(null=True)
    notice_on = fields.DateField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "client"
        indexes = (
            Index(fields=("agency_id", "peer_id"), name="client_agency"),
            Index(fields=("peer_id",), name="client_peer"),
        )


class ClientKey(Model):
    """A keyed hash by which somebody is found again: a word of the name, a telephone number, an address, name with birth date (`kind`)."""

    id = fields.BigIntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    kind = fields.CharField(10)
    hash = fields.CharField(64)

    class Meta:
        table = "client_key"
        unique_together = (("client", "kind", "hash"),)
        indexes = (Index(fields=("hash", "kind"), name="client_key_found"),)


class ContactRoute(Model):
    """A way to reach somebody: call, text, email, mail, visit or the status page. `sealed` holds the number or address and when it is safe.

    `is_agreed`: neutral messages may go there by themselves, never where a telephone is shared. `asks_agreed`: so may the question whether
    they still wait. `stopped_at`: they said stop.
    """

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    channel = fields.CharField(10)
    sealed = fields.TextField(null=True)
    may_leave_word = fields.BooleanField(default=False)
    is_shared = fields.BooleanField(default=False)
    is_agreed = fields.BooleanField(default=False)
    asks_agreed = fields.BooleanField(default=False, db_default=False)
    sort = fields.SmallIntField(default=0)
    stopped_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "contact_route"
        indexes = (Index(fields=("client_id",), name="contact_route_client"),)


class ClientFact(Model):
    """A fact that decides about order or fit, by its code, with who says so and when: client, clinician or document. It ends and is not deleted."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    code = fields.CharField(30)
    value = fields.CharField(120)
    source = fields.CharField(12)
    observed_on = fields.DateField()
    expires_on = fields.DateField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "client_fact"
        indexes = (Index(fields=("client_id", "ended_at"), name="client_fact_client"),)


class ContactAttempt(Model):
    """One try to reach somebody, or a sign from them. `route` is a channel, `outcome` reached, no-answer, word-left, wrong-number, came
    (of themselves), still-waiting or call-me (both from the status page, then `by` is "client")."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    at = fields.DatetimeField()
    route = fields.CharField(10)
    outcome = fields.CharField(20)
    by = fields.CharField(80)
    sealed = fields.TextField(null=True)

    class Meta:
        table = "contact_attempt"
        indexes = (Index(fields=("client_id", "at"), name="contact_attempt_client"),)


class InterimService(Model):
    """An interim service that was offered, taken or declined (45 CFR 96.121). Rows are only ever added."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    item = fields.CharField(30)
    status = fields.CharField(10)
    at = fields.DatetimeField()
    by = fields.CharField(80)

    class Meta:
        table = "interim_service"
        indexes = (Index(fields=("client_id", "item"), name="interim_service_client"),)


class ConsentRow(Model):
    """A consent (domain/waitlist/consents.py), in which `scope` and `agencies` are lists of codes and ids. `sealed`: who signed, who may tell,
    where the paper is, and what it ends with where it ends with an event (`until_event`)."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    scope: fields.Field[list[str]] = fields.JSONField(default=list)
    agencies: fields.Field[list[int]] = fields.JSONField(default=list)
    purpose = fields.CharField(12, null=True)
    form = fields.CharField(10)
    sealed = fields.TextField(null=True)
    signed_on = fields.DateField(null=True)
    expires_on = fields.DateField(null=True)
    until_event = fields.BooleanField(default=False, db_default=False)
    may_revoke_told = fields.BooleanField(default=False)
    consequences_told = fields.BooleanField(default=False)
    redisclosure_told = fields.BooleanField(default=False)
    revoked_at = fields.DatetimeField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "consent"
        indexes = (Index(fields=("client_id",), name="consent_client"),)


class Disclosure(Model):
    """What was told to whom about somebody, on which consent, with which notice (42 CFR 2.24, 2.25, 2.32, 2.51). Rows are only ever added."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.RESTRICT)
    consent_id = fields.IntField(null=True)
    agency_id = fields.IntField(null=True)
    offer_id = fields.IntField(null=True)
    scope: fields.Field[list[str]] = fields.JSONField(default=list)
    basis = fields.CharField(12)
    notice = fields.CharField(40)
    sealed = fields.TextField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "disclosure"
        indexes = (Index(fields=("client_id", "at"), name="disclosure_client"),)


class StatusCode(Model):
    """The code on somebody's card, by its keyed hash. `seen_at` is when the page was last opened with it, `seen_before` the time before."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    hash = fields.CharField(64, unique=True)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)
    seen_at = fields.DatetimeField(null=True)
    seen_before = fields.DatetimeField(null=True)

    class Meta:
        table = "status_code"
        indexes = (Index(fields=("client_id",), name="status_code_client"),)


class Intake(Model):
    """That somebody asks to be called about a place in line. `sealed`: name, number and safe time, which go when it is settled.

    `client_id` is who was taken on with it: when they asked to be called is when they asked.
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyNullableRelation[Agency] = fields.ForeignKeyField(
        "directory.Agency", null=True, on_delete=fields.CASCADE
    )
    sealed = fields.TextField(null=True)
    language = fields.CharField(10)
    status = fields.CharField(10)
    at = fields.DatetimeField()
    taken_by = fields.CharField(80, null=True)
    taken_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(20, null=True)
    client_id = fields.IntField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "intake"
        indexes = (
            Index(fields=("status", "at"), name="intake_queue"),
            Index(fields=("client_id",), name="intake_client"),
        )


class Breach(Model):
    """That something about clients came to where it should not have (42 CFR 2.16, 45 CFR 164.400-414). `sealed` says what, `clients` are ids.

    The people are told within 60 days of `found_on`, and the Department as well.
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.RESTRICT)
    sealed = fields.TextField(null=True)
    clients: fields.Field[list[int]] = fields.JSONField(default=list)
    happened_on = fields.DateField(null=True)
    found_on = fields.DateField()
    people_told_on = fields.DateField(null=True)
    department_told_on = fields.DateField(null=True)
    media_told_on = fields.DateField(null=True)
    closed_at = fields.DatetimeField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "breach"
        indexes = (Index(fields=("agency_id",), name="breach_agency"),)
