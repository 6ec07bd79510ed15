"""The lines themselves: pools, who stands in them, the openings that are offered, and what the estimate is made of."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.accounts import Agency
from directory.storage.models.agencies import ProgramLevel
from directory.storage.models.clients import Client


class Pool(Model):
    """A line: a level of care in an area, kept by a peer agency. `working` are the hours in which offers may end, as a JSON list of windows.

    `is_funded`: by the block grant, so that the federal order holds, `unfunded_at`: since when no more. `exact_numbers`: whether clients see more than a band. Somebody is to
    be reached every `contact_days`, and a hold is looked at again after `hold_days` at the most.
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.RESTRICT)
    name = fields.CharField(120)
    care = fields.CharField(30)
    asam = fields.CharField(10, null=True)
    edition = fields.CharField(10, null=True)
    area: fields.Field[list[str]] = fields.JSONField(default=list)
    timezone = fields.CharField(64)
    is_funded = fields.BooleanField(default=True)
    unfunded_at = fields.DatetimeField(null=True)
    window_minutes = fields.IntField()
    working: fields.Field[list[object] | None] = fields.JSONField(null=True)
    exact_numbers = fields.BooleanField(default=True)
    contact_days = fields.SmallIntField(default=30, db_default=30)
    hold_days = fields.SmallIntField(default=14, db_default=14)
    rules_id = fields.IntField(null=True)
    is_demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "pool"
        unique_together = (("agency", "name"),)


class RuleVersion(Model):
    """The tiers of a pool as they were published: `rules` is the JSON that counts, `sha256` of it. Rows are only ever added."""

    id = fields.IntField(primary_key=True)
    pool: fields.ForeignKeyRelation[Pool] = fields.ForeignKeyField("directory.Pool", on_delete=fields.CASCADE)
    rules = fields.TextField()
    sha256 = fields.CharField(64)
    by = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "rule_version"
        indexes = (Index(fields=("pool_id", "id"), name="rule_version_pool"),)


class PoolLevel(Model):
    """That openings of a program's level go to the people of a pool."""

    id = fields.IntField(primary_key=True)
    pool: fields.ForeignKeyRelation[Pool] = fields.ForeignKeyField("directory.Pool", on_delete=fields.CASCADE)
    level: fields.ForeignKeyRelation[ProgramLevel] = fields.ForeignKeyField(
        "directory.ProgramLevel", on_delete=fields.CASCADE
    )

    class Meta:
        table = "pool_level"
        unique_together = (("pool", "level"),)
        indexes = (Index(fields=("level_id",), name="pool_level_level"),)


class EntryRow(Model):
    """Somebody's place in one line. `requested_at` is set once, `tie` is drawn once. `tier` follows from the facts and the pool's rules.

    `no_capacity_on` is the local day on which it was checked that no program had room. `asam` with its `edition` is the level that
    `recommended_by` (a clinician or assessor) named. A client has at most one open entry in a pool (guards.py).
    """

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.RESTRICT)
    pool: fields.ForeignKeyRelation[Pool] = fields.ForeignKeyField("directory.Pool", on_delete=fields.RESTRICT)
    status = fields.CharField(10)
    tier = fields.SmallIntField()
    requested_at = fields.DatetimeField()
    tie = fields.IntField()
    recommended_by = fields.CharField(80, null=True)
    asam = fields.CharField(10, null=True)
    edition = fields.CharField(10, null=True)
    no_capacity_on = fields.DateField(null=True)
    hold_reason = fields.CharField(20, null=True)
    review_on = fields.DateField(null=True)
    closed_at = fields.DatetimeField(null=True)
    close_reason = fields.CharField(20, null=True)
    created_by = fields.CharField(80)
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "entry"
        indexes = (
            Index(fields=("pool_id", "status", "tier", "requested_at", "tie"), name="entry_line"),
            Index(fields=("client_id", "status"), name="entry_client"),
        )


class EntryEvent(Model):
    """What happened to an entry, in its order: from which state to which, why, by whom. Rows are only ever added."""

    id = fields.BigIntField(primary_key=True)
    entry: fields.ForeignKeyRelation[EntryRow] = fields.ForeignKeyField("directory.EntryRow", on_delete=fields.CASCADE)
    at = fields.DatetimeField()
    by = fields.CharField(80)
    what = fields.CharField(30)
    before = fields.CharField(10, null=True)
    after = fields.CharField(10, null=True)
    offer_id = fields.IntField(null=True)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)

    class Meta:
        table = "entry_event"
        indexes = (
            Index(fields=("entry_id", "id"), name="entry_event_entry"),
            Index(fields=("what", "at"), name="entry_event_what"),
        )


class SlotRow(Model):
    """One opening of a level, for whoever it is offered to. `restrictions` is a JSON list of [rule, [allowed, ...]].

    `confirmed_at` is when the agency last said that it is still there.
    """

    id = fields.IntField(primary_key=True)
    level: fields.ForeignKeyRelation[ProgramLevel] = fields.ForeignKeyField(
        "directory.ProgramLevel", on_delete=fields.RESTRICT
    )
    status = fields.CharField(10)
    restrictions: fields.Field[list[object]] = fields.JSONField(default=list)
    free_on = fields.DateField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    closed_reason = fields.CharField(40, null=True)
    created_by = fields.CharField(80)
    created_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "slot"
        indexes = (Index(fields=("level_id", "status"), name="slot_level"),)


class OfferRow(Model):
    """One opening offered to one person. `passed_over` is the JSON of who stood before them and why each of those was not it.

    `rules_sha256` are the rules it was made by, `facts` the JSON of those that were used, `considered` how many stood in the line,
    `second_by` who agreed to go out of order. `agreed_at`: the agency says that it takes this person. At most one is live for an opening
    and for an entry (guards.py).
    """

    id = fields.IntField(primary_key=True)
    slot: fields.ForeignKeyRelation[SlotRow] = fields.ForeignKeyField("directory.SlotRow", on_delete=fields.RESTRICT)
    entry: fields.ForeignKeyRelation[EntryRow] = fields.ForeignKeyField("directory.EntryRow", on_delete=fields.RESTRICT)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.RESTRICT)
    status = fields.CharField(10)
    rules_sha256 = fields.CharField(64, null=True)
    considered = fields.IntField()
    passed_over = fields.TextField()
    facts = fields.TextField(default="{}", db_default="{}")
    reason = fields.CharField(40, null=True)
    second_by = fields.CharField(80, null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    acknowledged_at = fields.DatetimeField(null=True)
    agreed_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(40, null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "offer"
        indexes = (
            Index(fields=("status", "expires_at"), name="offer_expiry"),
            Index(fields=("entry_id", "id"), name="offer_entry"),
            Index(fields=("slot_id", "id"), name="offer_slot"),
        )


class Appeal(Model):
    """That somebody does not agree with a decision: open, upheld, overturned or withdrawn. `sealed` are their words and the answer,
    `about` the code of the kind of decision."""

    id = fields.IntField(primary_key=True)
    entry: fields.ForeignKeyRelation[EntryRow] = fields.ForeignKeyField("directory.EntryRow", on_delete=fields.CASCADE)
    offer_id = fields.IntField(null=True)
    about = fields.CharField(20, default="", db_default="")
    sealed = fields.TextField(null=True)
    status = fields.CharField(10)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "appeal"
        indexes = (Index(fields=("status", "at"), name="appeal_queue"),)


class SecondWord(Model):
    """What one person asks for and a second one has to agree to: `kind` out-of-order, back-date, cannot-locate, lower-tier or import.

    `entry_id`, `slot_id`, `client_id` and `import_id` say what it is about, `details` the plain values that it needs, `reason` a code. `status`
    is open, agreed, refused or overtaken. Whoever asked never settles it.
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    kind = fields.CharField(20)
    client_id = fields.IntField(null=True)
    entry_id = fields.IntField(null=True)
    slot_id = fields.IntField(null=True)
    import_id = fields.IntField(null=True)
    reason = fields.CharField(40)
    sealed = fields.TextField(null=True)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    status = fields.CharField(10)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "second_word"
        indexes = (Index(fields=("agency_id", "status"), name="second_word_queue"),)


class LineImport(Model):
    """A spreadsheet of people who wait, read and not yet put in: `sealed` are its rows, `report` its figures and the rows that were refused.

    `status` is waiting, agreed, unread, done or refused. `done_rows` of the rows are in, which moves in the transaction that puts them in.
    """

    id = fields.IntField(primary_key=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    name = fields.CharField(120)
    sha256 = fields.CharField(64)
    sealed = fields.TextField(null=True)
    report: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    status = fields.CharField(10)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)
    done_rows = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "line_import"
        indexes = (Index(fields=("agency_id", "status"), name="line_import_queue"),)


class ClientPair(Model):
    """Two clients who may be one person: open, same or different. What a person has decided is not asked again."""

    id = fields.IntField(primary_key=True)
    one: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField(
        "directory.Client", related_name="pairs_one", on_delete=fields.CASCADE
    )
    other: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField(
        "directory.Client", related_name="pairs_other", on_delete=fields.CASCADE
    )
    reasons: fields.Field[list[str]] = fields.JSONField(default=list)
    status = fields.CharField(10)
    found_at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "client_pair"
        unique_together = (("one", "other"),)


class EstimateRow(Model):
    """One row of a line's estimate (domain/estimate.py) as of a day: days for so many `ahead` in the class of this `tier`."""

    id = fields.BigIntField(primary_key=True)
    pool: fields.ForeignKeyRelation[Pool] = fields.ForeignKeyField("directory.Pool", on_delete=fields.CASCADE)
    tier = fields.SmallIntField()
    ahead = fields.IntField()
    q10 = fields.FloatField()
    q50 = fields.FloatField()
    q90 = fields.FloatField()
    beyond = fields.FloatField()
    days_back = fields.SmallIntField()
    as_of = fields.DateField()

    class Meta:
        table = "estimate_row"
        unique_together = (("pool", "tier", "ahead"),)


class EstimateDay(Model):
    """The day for which a line's estimate and standings were last worked out, and a fingerprint of what the estimate was made of, so that
    one whose history has not changed is not simulated again. `id` is the pool's."""

    id = fields.IntField(primary_key=True)
    as_of = fields.DateField()
    inputs = fields.CharField(64)
    days_back = fields.SmallIntField()
    placements = fields.IntField()

    class Meta:
        table = "estimate_day"


class Standing(Model):
    """An entry's place in line as clients see it: worked out once a day, so that nobody learns who has just joined. `id` is the entry's.

    `ahead` counts those before it who can be offered something, `waiting` all of those, `low` and `high` are the shown range in days.
    """

    id = fields.IntField(primary_key=True)
    ahead = fields.IntField()
    waiting = fields.IntField()
    low = fields.SmallIntField(null=True)
    high = fields.SmallIntField(null=True)
    over_a_year = fields.BooleanField(default=False)
    few = fields.BooleanField(default=False)
    history_days = fields.SmallIntField(null=True)
    as_of = fields.DateField()

    class Meta:
        table = "standing"


class EstimateIssued(Model):
    """What an entry was told on a day (`shown` are the days of the range, such as "14-42"), and what came of it: inside, early, late or censored."""

    id = fields.BigIntField(primary_key=True)
    entry: fields.ForeignKeyRelation[EntryRow] = fields.ForeignKeyField("directory.EntryRow", on_delete=fields.CASCADE)
    issued_on = fields.DateField()
    issued_at = fields.DatetimeField(null=True)
    tier = fields.SmallIntField()
    ahead = fields.IntField()
    q10 = fields.FloatField()
    q50 = fields.FloatField()
    q90 = fields.FloatField()
    shown = fields.CharField(20, default="", db_default="")
    outcome = fields.CharField(10, null=True)
    days = fields.FloatField(null=True)
    resolved_on = fields.DateField(null=True)

    class Meta:
        table = "estimate_issued"
        unique_together = (("entry", "issued_on"),)
        indexes = (Index(fields=("resolved_on", "outcome"), name="estimate_issued_scored"),)
