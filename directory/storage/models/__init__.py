"""The tables. Other modules of storage read and write them; nothing outside storage does."""

from directory.storage.models.imports import ImportRun, ImportStage
from directory.storage.models.listings import (
    CapacityReport,
    Code,
    Correction,
    CoverageArea,
    Listing,
    ListingCode,
    ListingLanguage,
    ListingWords,
    Location,
    NameWord,
    Organization,
    Schedule,
    SearchRow,
    Source,
)
from directory.storage.models.places import Place, Zone
from directory.storage.models.records import AuditEntry, State

__all__ = [
    "AuditEntry",
    "CapacityReport",
    "Code",
    "Correction",
    "CoverageArea",
    "ImportRun",
    "ImportStage",
    "Listing",
    "ListingCode",
    "ListingLanguage",
    "ListingWords",
    "Location",
    "NameWord",
    "Organization",
    "Place",
    "Schedule",
    "SearchRow",
    "Source",
    "State",
    "Zone",
]
