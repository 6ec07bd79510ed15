"""Small books of codes for tests of readers, so that these do not change when the reference tables do."""

from __future__ import annotations

from directory.domain.taxonomy import Code, CodeBook, CodeInfo

MEETING_TYPES = {
    "O": ("Open", ""),
    "C": ("Closed", ""),
    "D": ("Discussion", ""),
    "11": ("11th Step Meditation", ""),
    "12x12": ("12 Steps & 12 Traditions", ""),
    "S123": ("Steps 1, 2, and 3", ""),
    "S": ("Spanish", "language:es"),
    "W": ("Women", "people:women"),
    "X": ("Wheelchair Access", "access:wheelchair"),
    "WA": ("Wheelchair Ramp", "access:wheelchair"),
    "ASL": ("American Sign Language", "language:ase access:sign-language"),
    "BA": ("Babysitting Available", "access:childcare"),
    "OUT": ("Outdoor", ""),
    "TC": ("Location Temporarily Closed", "status:closed"),
    "ONL": ("Online", "attendance:online"),
}
SERVICE_CODES = {
    "SA": ("Substance use treatment", ""),
    "DT": ("Detoxification", "care:detox"),
    "MH": ("Mental health treatment", ""),
    "SUMH": ("Treatment for both", "people:co-occurring"),
    "OP": ("Outpatient", "care:outpatient"),
    "RES": ("Residential", "care:residential"),
    "BU": ("Buprenorphine used in Treatment", "medication:buprenorphine"),
    "MD": ("Medicaid", "pay:medicaid"),
    "SS": ("Sliding fee scale", "pay:sliding-fee"),
    "VET": ("Veterans", "people:veterans"),
    "PW": ("Pregnant/postpartum women", "people:pregnant"),
    "FEM": ("Female", ""),
    "MALE": ("Male", ""),
    "SP": ("Spanish", "language:es"),
    "AT": ("Activity therapy", ""),
    "TELE": ("Telemedicine/telehealth therapy", "attendance:hybrid"),
}
SMART_TYPES = {
    "4P": ("4-Point", ""),
    "FF": ("Family and Friends", ""),
    "ALL": ("All Welcome", ""),
    "FFO": ("Family and Friends Only", ""),
    "M": ("Men", "people:men"),
    "LGBTQ": ("LGBTQIA+", "people:lgbtq"),
    "TY": ("Teens and Youth", "people:youth"),
}


def _infos(system: str, edition: str, table: dict[str, tuple[str, str]]) -> list[CodeInfo]:
    return [
        CodeInfo(
            Code(system, edition, code), "test", {"en": label}, tuple(tuple(pair.split(":")) for pair in facets.split())
        )
        for code, (label, facets) in table.items()
    ]


BOOK = CodeBook.of(
    [
        *_infos("aa", "", MEETING_TYPES),
        *_infos("al-anon", "", {"O": ("Families", "")}),
        *_infos("smart", "", SMART_TYPES),
        *_infos("samhsa", "2024", SERVICE_CODES),
    ]
)

FACILITY = {
    "name1": "Juniper House",
    "street1": "14 Second Street",
    "city": "Cedar Falls",
    "state": "VT",
    "zip": "05641",
    "phone": "802-555-0111",
    "service_code_info": "SA * OP",
}
"""A row of SAMHSA's directory."""
