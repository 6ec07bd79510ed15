"""What holds a person while they wait: the plan, goals, check-ins, and the hand-off at the end. Their own words lie sealed."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from directory.storage.models.accounts import Agency
from directory.storage.models.clients import Client
from directory.storage.models.listings import Listing
from directory.storage.models.waitlist import OfferRow


class Plan(Model):
    """Somebody's plan for the wait. `sealed` is all that stands in it (domain/bridge/plans.py). `is_by_code`: they want to read a short
    form of it with the code on their card."""

    id = fields.IntField(primary_key=True)
    client: fields.OneToOneRelation[Client] = fields.OneToOneField("directory.Client", on_delete=fields.CASCADE)
    sealed = fields.TextField(null=True)
    is_by_code = fields.BooleanField(default=False)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "plan"


class PlanMark(Model):
    """What came of a listing that was suggested to somebody: pinned, unpinned, removed, went, closed, not-for-me or back. Rows are only ever added."""

    id = fields.BigIntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    what = fields.CharField(12)
    at = fields.DatetimeField()
    by = fields.CharField(80)

    class Meta:
        table = "plan_mark"
        indexes = (Index(fields=("client_id", "id"), name="plan_mark_client"),)


class Handout(Model):
    """A chosen set of listings to take along, at an address that nobody can guess: `key` is the hash of its token. No client stands here.

    `items` is a JSON list of {slug, miles}, in the order in which they were chosen.
    """

    id = fields.IntField(primary_key=True)
    key = fields.CharField(64, unique=True)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.CASCADE)
    items: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    sort = fields.CharField(10)
    language = fields.CharField(10)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "handout"
        indexes = (Index(fields=("agency_id", "expires_at"), name="handout_agency"),)


class Goal(Model):
    """A goal in somebody's own words: `sealed` is {words, levels} with what each of the five levels from -2 to 2 means.

    `weight` is how much it counts for them, `baseline` where it stood at the beginning, `template` the code of what it was made from.
    """

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    sealed = fields.TextField(null=True)
    weight = fields.SmallIntField(default=1)
    baseline = fields.SmallIntField(null=True)
    template = fields.CharField(30, null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(20, null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "goal"
        indexes = (Index(fields=("client_id",), name="goal_client"),)


class GoalReview(Model):
    """Where a goal stood when it was looked at together, from -2 to 2. Rows are only ever added. Goals looked at together share the moment."""

    id = fields.BigIntField(primary_key=True)
    goal: fields.ForeignKeyRelation[Goal] = fields.ForeignKeyField("directory.Goal", on_delete=fields.CASCADE)
    level = fields.SmallIntField()
    at = fields.DatetimeField()
    by = fields.CharField(80)
    sealed = fields.TextField(null=True)

    class Meta:
        table = "goal_review"
        indexes = (Index(fields=("goal_id", "at"), name="goal_review_goal"),)


class CapitalAnswer(Model):
    """What somebody answered to the recovery-capital questionnaire: `sealed` are the raw answers, `texts` the fingerprint of the questions."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    sealed = fields.TextField(null=True)
    texts = fields.CharField(64)
    by = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "capital_answer"
        indexes = (Index(fields=("client_id", "at"), name="capital_answer_client"),)


class Milestone(Model):
    """A day that matters to somebody, in their own words (`sealed`). It ends and is not deleted."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    sealed = fields.TextField(null=True)
    day = fields.DateField()
    by = fields.CharField(80)
    at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "milestone"
        indexes = (Index(fields=("client_id",), name="milestone_client"),)


class CheckRhythm(Model):
    """How often somebody wants to be asked how they are, by which `channel`, and when that is due next.

    `step` counts what was done about a missed one: 0 nothing yet, 1 a second way, 2 the coordinator. `paused_until` is the last day of a pause.
    """

    id = fields.IntField(primary_key=True)
    client: fields.OneToOneRelation[Client] = fields.OneToOneField("directory.Client", on_delete=fields.CASCADE)
    every_days = fields.SmallIntField(default=7)
    channel = fields.CharField(10)
    due_at = fields.DatetimeField()
    step = fields.SmallIntField(default=0)
    step_at = fields.DatetimeField(null=True)
    paused_until = fields.DateField(null=True)
    by = fields.CharField(80)
    at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "check_rhythm"
        indexes = (Index(fields=("due_at",), name="check_rhythm_due"),)


class CheckIn(Model):
    """That somebody was asked how they are. `feeling` is 1 to 5, `waiting` yes, no or unsure, each null where it was not said.

    `sealed` is {note, safety}; `is_crisis`: one of the safety answers was a yes. `due_at` is the due moment that it answers, `contact_id` the contact.
    """

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    at = fields.DatetimeField()
    channel = fields.CharField(10)
    is_reached = fields.BooleanField()
    feeling = fields.SmallIntField(null=True)
    waiting = fields.CharField(10, null=True)
    is_crisis = fields.BooleanField(default=False)
    sealed = fields.TextField(null=True)
    due_at = fields.DatetimeField(null=True)
    contact_id = fields.IntField(null=True)
    by = fields.CharField(80)

    class Meta:
        table = "check_in"
        indexes = (
            Index(fields=("client_id", "at"), name="check_in_client"),
            Index(fields=("at",), name="check_in_at"),
        )


class CheckMiss(Model):
    """That a check-in was missed, and how far it went: the `step` that was begun. Rows are only ever added."""

    id = fields.IntField(primary_key=True)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.CASCADE)
    due_at = fields.DatetimeField()
    step = fields.SmallIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "check_miss"
        unique_together = (("client", "due_at", "step"),)


class TextReply(Model):
    """A text message that came in, by the gateway's own id, so that one that is delivered twice counts once.

    `kind` is still-waiting, call-me, stop, other or unknown (a number that is nobody's). `sealed` are the words of an other one, until it is settled.
    """

    id = fields.IntField(primary_key=True)
    message = fields.CharField(64, unique=True)
    client: fields.ForeignKeyNullableRelation[Client] = fields.ForeignKeyField(
        "directory.Client", null=True, on_delete=fields.CASCADE
    )
    kind = fields.CharField(14)
    sealed = fields.TextField(null=True)
    at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.CharField(80, null=True)

    class Meta:
        table = "text_reply"
        indexes = (Index(fields=("client_id", "at"), name="text_reply_client"),)


class Handoff(Model):
    """The way from a yes to a bed: open, arrived, no-show or ended. `sealed` is what was arranged and their own words for the receiving team.

    `agency` is the peer agency. `arrives_at` is when they are expected; `arrived_by` who said that they came.
    """

    id = fields.IntField(primary_key=True)
    offer: fields.OneToOneRelation[OfferRow] = fields.OneToOneField("directory.OfferRow", on_delete=fields.RESTRICT)
    client: fields.ForeignKeyRelation[Client] = fields.ForeignKeyField("directory.Client", on_delete=fields.RESTRICT)
    agency: fields.ForeignKeyRelation[Agency] = fields.ForeignKeyField("directory.Agency", on_delete=fields.RESTRICT)
    status = fields.CharField(10)
    sealed = fields.TextField(null=True)
    arrives_at = fields.DatetimeField(null=True)
    arrived_at = fields.DatetimeField(null=True)
    arrived_by = fields.CharField(80, null=True)
    ended_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "handoff"
        indexes = (
            Index(fields=("agency_id", "status"), name="handoff_agency"),
            Index(fields=("client_id",), name="handoff_client"),
        )


class HandoffStep(Model):
    """What was done about one step of a hand-off: done, open again or not-needed. Rows are only ever added. The last one of a step counts."""

    id = fields.IntField(primary_key=True)
    handoff: fields.ForeignKeyRelation[Handoff] = fields.ForeignKeyField("directory.Handoff", on_delete=fields.CASCADE)
    step = fields.CharField(20)
    status = fields.CharField(12)
    at = fields.DatetimeField()
    by = fields.CharField(80)

    class Meta:
        table = "handoff_step"
        indexes = (Index(fields=("handoff_id", "id"), name="handoff_step_handoff"),)


class FollowUp(Model):
    """That somebody is asked how it goes after they arrived: `which` is 72h, 7d or 30d, from `due_from` to `due_at`."""

    id = fields.IntField(primary_key=True)
    handoff: fields.ForeignKeyRelation[Handoff] = fields.ForeignKeyField("directory.Handoff", on_delete=fields.CASCADE)
    which = fields.CharField(6)
    due_from = fields.DatetimeField()
    due_at = fields.DatetimeField()
    outcome = fields.CharField(20, null=True)
    sealed = fields.TextField(null=True)
    done_at = fields.DatetimeField(null=True)
    by = fields.CharField(80, null=True)

    class Meta:
        table = "follow_up"
        unique_together = (("handoff", "which"),)
        indexes = (Index(fields=("done_at", "due_at"), name="follow_up_due"),)
