"""The gazetteer, the time zones in use, and what remote geocoders have answered."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Place(Model):
    """A ZIP code or a town (domain/places.py). `demo` marks the invented county."""

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(10)
    key = fields.CharField(80)
    state = fields.CharField(2)
    name = fields.CharField(120)
    lat = fields.FloatField()
    lon = fields.FloatField()
    timezone = fields.CharField(64, null=True)
    county = fields.CharField(120, null=True)
    weight = fields.IntField()
    demo = fields.BooleanField()

    class Meta:
        table = "place"
        unique_together = (("kind", "key", "state", "demo"),)
        indexes = (
            Index(fields=("kind", "state", "key")),
            Index(fields=("kind", "lat", "lon"), name="place_around"),
        )


class Zone(Model):
    """A time zone by the number that search rows carry."""

    id = fields.SmallIntField(primary_key=True)
    name = fields.CharField(64, unique=True)

    class Meta:
        table = "zone"


class GeocodeAnswer(Model):
    """What a remote geocoder answered to a cleaned address, as JSON (null: it knows none), so that nobody is asked twice.

    `key` is a hash of provider and question. Only public addresses of listings are ever asked.
    """

    key = fields.CharField(64, primary_key=True)
    provider = fields.CharField(40)
    answer = fields.TextField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "geocode_answer"
