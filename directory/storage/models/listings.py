"""Listings and all that hangs on them, in HSDS terms, and the narrow table that the search runs over."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Source(Model):
    """Where listings come from: a file, a feed, or people. `name` is the operator's.

    `match_by` says how a row is known again: by the source's own "key", or by its "nature" (name, place, day and time). `agency_id` is the agency
    whose own source it is, so that all its listings belong to it.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(80, unique=True)
    title = fields.CharField(200, null=True)
    format = fields.CharField(40)
    fellowship = fields.CharField(20, null=True)
    url = fields.TextField(null=True)
    licence = fields.TextField(null=True)
    is_demo = fields.BooleanField(default=False)
    match_by = fields.CharField(10, db_default="key")
    agency_id = fields.IntField(null=True)
    created_at = fields.DatetimeField()
    checked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "source"


class Organization(Model):
    """Who runs a service, as its source names it."""

    id = fields.IntField(primary_key=True)
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField("directory.Source", on_delete=fields.CASCADE)
    name = fields.CharField(255)

    class Meta:
        table = "organization"
        unique_together = (("source", "name"),)


class Location(Model):
    """The address of one listing, and how its point was come by.

    `lat` and `lon` are the true point and never leave storage unless visibility is full; `public_lat` and
    `public_lon` are what is searched, measured and shown.

    geocode_status: pending, ok, needs_review, failed or not_applicable; the pending ones are the queue, due at `geocode_next_at`.
    `geocode_hash` is of the cleaned address that was asked, `geocode_attempt` which form of it was answered, `geocode_class` the
    provider's own class or type, `geocode_score` from 0 to 1. `pinned_by` is the person who set the point, which nothing overwrites.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(255, null=True)
    street = fields.CharField(255, null=True)
    street_2 = fields.CharField(255, null=True)
    city = fields.CharField(120, null=True)
    state = fields.CharField(40, null=True)
    postal_code = fields.CharField(20, null=True)
    country = fields.CharField(2)
    notes = fields.TextField(null=True)
    visibility = fields.CharField(10)
    timezone = fields.CharField(64)
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)
    public_lat = fields.FloatField(null=True)
    public_lon = fields.FloatField(null=True)
    approximate = fields.BooleanField()
    geocode_provider = fields.CharField(40, null=True)
    geocode_precision = fields.CharField(20, null=True)
    geocode_query = fields.TextField(null=True)
    geocode_label = fields.CharField(255, null=True)
    geocoded_at = fields.DatetimeField(null=True)
    geocode_status = fields.CharField(16, db_default="pending")
    geocode_hash = fields.CharField(32, null=True)
    geocode_attempt = fields.CharField(20, null=True)
    geocode_class = fields.CharField(80, null=True)
    geocode_score = fields.FloatField(null=True)
    geocode_review = fields.CharField(40, null=True)
    geocode_error = fields.CharField(200, null=True)
    geocode_tries = fields.SmallIntField(db_default=0)
    geocode_next_at = fields.DatetimeField(null=True)
    pinned_by = fields.CharField(80, null=True)
    pinned_at = fields.DatetimeField(null=True)

    class Meta:
        table = "location"
        indexes = (Index(fields=("geocode_status", "geocode_next_at"), name="location_geocode_queue"),)


class Listing(Model):
    """One service, meeting or place. Facet columns hold lists, null where it is not known.

    `verified_on` is what its source says; `confirmed_at` is when a person of ours last asked and all of it was right. An import leaves that alone.
    `told` counts what people said of it beside its words, of its openings or that it is right, so that a card knows when it is old.
    """

    id = fields.IntField(primary_key=True)
    slug = fields.CharField(100, unique=True)
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField("directory.Source", on_delete=fields.CASCADE)
    source_key = fields.CharField(600)
    organization: fields.ForeignKeyNullableRelation[Organization] = fields.ForeignKeyField(
        "directory.Organization", null=True, on_delete=fields.SET_NULL
    )
    location: fields.OneToOneRelation[Location] = fields.OneToOneField("directory.Location", on_delete=fields.CASCADE)
    kind = fields.CharField(20)
    name = fields.CharField(255)
    status = fields.CharField(20)
    description = fields.TextField(null=True)
    attendance = fields.CharField(10, null=True)
    program = fields.CharField(20, null=True)
    hours_text = fields.TextField(null=True)
    changes: fields.Field[list[object]] = fields.JSONField(default=list)
    phones: fields.Field[list[object]] = fields.JSONField(default=list)
    urls: fields.Field[list[object]] = fields.JSONField(default=list)
    conference_url = fields.TextField(null=True)
    conference_phone = fields.CharField(80, null=True)
    conference_notes = fields.TextField(null=True)
    languages: fields.Field[list[str] | None] = fields.JSONField(null=True)
    care: fields.Field[list[str] | None] = fields.JSONField(null=True)
    pay: fields.Field[list[str] | None] = fields.JSONField(null=True)
    people: fields.Field[list[str] | None] = fields.JSONField(null=True)
    medication: fields.Field[list[str] | None] = fields.JSONField(null=True)
    access: fields.Field[list[str] | None] = fields.JSONField(null=True)
    minimum_age = fields.SmallIntField(null=True)
    maximum_age = fields.SmallIntField(null=True)
    eligibility = fields.TextField(null=True)
    application_process = fields.TextField(null=True)
    fees = fields.TextField(null=True)
    required_documents = fields.TextField(null=True)
    coverage = fields.CharField(120, null=True)
    verified_on = fields.DateField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    source_url = fields.TextField(null=True)
    source_record: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    content_hash = fields.CharField(32)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)
    told = fields.IntField(db_default=0)

    class Meta:
        table = "listing"
        unique_together = (("source", "source_key"),)
        # For all listings of an organization that an agency has claimed; and all that says how old each one is, so that a list of
        # what is due never reads the listings themselves.
        indexes = (
            Index(fields=("organization_id",), name="listing_organization"),
            Index(fields=("status", "kind", "confirmed_at", "verified_on", "created_at", "id"), name="listing_age"),
        )


class Schedule(Model):
    """One repeated time of a listing: `starts` is minutes since Sunday 00:00 on the wall clock of the location's zone."""

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    sort = fields.CharField(10)
    starts = fields.SmallIntField()
    minutes = fields.SmallIntField()
    week = fields.SmallIntField(null=True)
    valid_from = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)

    class Meta:
        table = "schedule"
        # All that a search asks of the times of a listing.
        indexes = (Index(fields=("listing_id", "starts", "minutes", "sort"), name="schedule_times"),)


class Code(Model):
    """A code of an outside system with its labels (seeds/codes)."""

    id = fields.IntField(primary_key=True)
    system = fields.CharField(20)
    edition = fields.CharField(20)
    code = fields.CharField(40)
    category = fields.CharField(120)
    label_en = fields.TextField()
    label_es = fields.TextField()
    facets = fields.TextField()

    class Meta:
        table = "code"
        unique_together = (("system", "edition", "code"),)


class ListingCode(Model):
    """That a listing carries a code."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    code: fields.ForeignKeyRelation[Code] = fields.ForeignKeyField("directory.Code", on_delete=fields.RESTRICT)

    class Meta:
        table = "listing_code"
        unique_together = (("listing", "code"),)


class ListingLanguage(Model):
    """That a listing is held in a language: its tag (BCP 47) in lower case."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    language = fields.CharField(40)

    class Meta:
        table = "listing_language"
        unique_together = (("listing", "language"),)


class CoverageArea(Model):
    """An area that a listing serves as a whole, by its key (domain/coverage.py)."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    area = fields.CharField(120)

    class Meta:
        table = "coverage_area"
        unique_together = (("area", "listing"),)


class CapacityReport(Model):
    """Openings as reported at a moment. Rows are only ever added.

    `maximum` is how many are licensed. What follows `as_of` is of reports by people alone: `level_id` is the program's level that was
    reported (none for what a source says), `expected` how many come free within 7 days, `accepting` a code of domain/openings.py, `restrictions`
    whom it takes, `via` web, link, phone or import.
    """

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    unit = fields.CharField(40)
    care = fields.CharField(30, null=True)
    available = fields.IntField(null=True)
    maximum = fields.IntField(null=True)
    as_of = fields.DatetimeField()
    level_id = fields.IntField(null=True)
    staffed = fields.IntField(null=True)
    occupied = fields.IntField(null=True)
    held = fields.IntField(null=True)
    expected = fields.IntField(null=True)
    accepting = fields.CharField(20, null=True)
    restrictions: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    note = fields.TextField(null=True)
    by = fields.CharField(80, null=True)
    via = fields.CharField(10, null=True)
    created_at = fields.DatetimeField(null=True)

    class Meta:
        table = "capacity_report"
        indexes = (
            Index(fields=("listing_id", "as_of")),
            # What counts as an opening is of the last three days, out of years of reports.
            Index(fields=("as_of", "listing_id"), name="capacity_report_age"),
            Index(fields=("level_id", "id"), name="capacity_report_level"),
        )


class SearchRow(Model):
    """One row for each active listing, as narrow as it can be: what decides whether it is found, and how far it is.

    `id` is the listing's own; it is no one-to-one key, since Tortoise 1.1.9 sees a change in one at every comparison.

    `mask` holds a bit for each facet value (storage/masks.py). `x y z` is the public point as a unit vector, null
    with `latband` and `lon` where there is no point. The indexes hold all that a search looks at but the name.
    """

    id = fields.IntField(primary_key=True)
    kind = fields.SmallIntField()
    program = fields.SmallIntField()
    zone = fields.SmallIntField()
    latband = fields.SmallIntField(null=True)
    lon = fields.FloatField(null=True)
    x = fields.FloatField(null=True)
    y = fields.FloatField(null=True)
    z = fields.FloatField(null=True)
    mask = fields.BigIntField()
    name_key = fields.CharField(360)

    class Meta:
        table = "search_row"
        indexes = (
            Index(
                fields=("kind", "latband", "lon", "mask", "program", "zone", "x", "y", "z"), name="search_kind_place"
            ),
            Index(fields=("latband", "lon", "kind", "mask", "program", "zone", "x", "y", "z"), name="search_place"),
            Index(fields=("name_key",), name="search_name"),
        )


class ListingWords(Model):
    """All the words of a listing in the form in which they are compared (storage/texts.py). `id` is the listing's."""

    id = fields.IntField(primary_key=True)
    words = fields.TextField()

    class Meta:
        table = "listing_words"


class NameWord(Model):
    """A word that stands in some name, city or label, so that a slip of the finger can be forgiven. It may be of the past."""

    word = fields.CharField(60, primary_key=True)
    length = fields.SmallIntField(db_index=True)

    class Meta:
        table = "name_word"


class Correction(Model):
    """What a visitor says is wrong with a listing, until somebody has looked into it: new, then fixed, right (as it is) or spam (`status`).

    The same words about the same listing are one row, so that sending twice does no harm. Nothing is kept of the visitor, but for the
    address of one who wants to hear what came of it (CorrectionReply), until they have.
    """

    id = fields.IntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField("directory.Listing", on_delete=fields.CASCADE)
    reason = fields.CharField(20)
    words = fields.TextField()
    words_hash = fields.CharField(64)
    status = fields.CharField(10, default="new")
    times = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    settled_by = fields.CharField(80, null=True)
    settled_at = fields.DatetimeField(null=True)
    answer = fields.TextField(null=True)
    version = fields.IntField(db_default=1)

    class Meta:
        table = "correction"
        unique_together = (("listing", "reason", "words_hash"),)
        indexes = (Index(fields=("status", "created_at"), name="correction_queue"),)
