"""The tables of outside codes: all of them read, the crosswalk says what is true, and a mistake is named by its line."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from directory.domain.taxonomy import PROGRAMS, Code, CodeBook
from directory.formats import codes

TABLES = sorted((Path(__file__).parents[2] / "seeds" / "codes").glob("*.csv"))
HEADER = "system,edition,code,category,en,es,facets\n"
LANGUAGES_OF_THE_SPECIFICATION = 38


def table(*rows: str) -> BytesIO:
    return BytesIO((HEADER + "\n".join(rows) + "\n").encode())


def read_all() -> Iterator[codes.CodeInfo]:
    for path in TABLES:
        with path.open("rb") as stream:
            yield from codes.read(stream)


@pytest.fixture(scope="module")
def book() -> CodeBook:
    return CodeBook.of(read_all())


def of_system(book: CodeBook, system: str, edition: str = "") -> dict[str, codes.CodeInfo]:
    return {info.code.code: info for info in book if (info.code.system, info.code.edition) == (system, edition)}


def test_every_table_is_read_and_no_code_is_in_two_of_them(book: CodeBook) -> None:
    infos = list(read_all())
    assert [path.name for path in TABLES] == ["meeting_guide.csv", "samhsa.csv", "smart.csv"]
    assert len({(info.code.system, info.code.edition, info.code.code.casefold()) for info in infos}) == len(infos)
    assert len(list(book)) == len(infos)


def test_labels_hold_no_broken_characters_and_no_runs_of_blanks(book: CodeBook) -> None:
    labels = [label for info in book for label in info.labels.values()]
    assert not [label for label in labels if "\ufffd" in label or label != " ".join(label.split())]


def test_spanish_labels_are_person_first(book: CodeBook) -> None:
    never = ("adict", "abuso", "recaíd", "recaid", "drogadic", "sucio")
    assert [label for info in book if any(word in (label := info.labels["es"].casefold()) for word in never)] == []


def test_every_program_has_its_table_with_all_languages_online_and_closed_for_now(book: CodeBook) -> None:
    own_meaning = {"aca": {"S"}, "da": {"AR"}, "rd": {"IS"}, "rr": {"IS"}, "slaa": {"HR"}}
    spoken = {
        code
        for code, info in of_system(book, "aa").items()
        if info.category == "language" and not any(facet == "access" for facet, _ in info.facets)
    }
    assert len(spoken) == LANGUAGES_OF_THE_SPECIFICATION
    for program in PROGRAMS:
        known = of_system(book, program)
        assert {code for code in spoken if known[code].category != "language"} == own_meaning.get(program, set())
        assert ("attendance", "online") in known["ONL"].facets
        assert ("status", "closed") in known["TC"].facets


def test_aa_has_the_87_codes_of_the_specification_and_those_of_readers_and_proposals(book: CodeBook) -> None:
    beside = {"ONL", "BV-I", "D-HOH", "LO-I", "QSL", "RSL"}
    assert len(of_system(book, "aa").keys() - beside) == 87


def test_the_two_editions_of_samhsa_have_the_same_codes_but_for_two(book: CodeBook) -> None:
    yearly, api = of_system(book, "samhsa", "2024"), of_system(book, "samhsa", "api-2025")
    assert len(yearly) == 314
    assert len(api) == 312
    assert not {"GL", "CBHC", "OIT", "MOTI", "STAG", "SF"} & api.keys()


@pytest.mark.parametrize(
    ("edition", "code", "english", "facets"),
    [
        ("2024", "MI", "Federal military insurance (e.g., TRICARE)", [("pay", "military")]),
        ("api-2025", "MI", "Motivational interviewing", []),
        ("api-2025", "TRICARE", "Federal military insurance (e.g., TRICARE)", [("pay", "military")]),
        ("2024", "SSA", "Screening for substance use", []),
        ("api-2025", "SSA", "State Substance use treatment agency", []),
        ("api-2025", "SSU", "Screening for substance use", []),
        ("2024", "SF", "Cash or self-payment", [("pay", "self-pay")]),
        ("api-2025", "CASH", "Cash or self-payment", [("pay", "self-pay")]),
        ("api-2025", "IOP", "Intensive outpatient treatment", [("care", "intensive-outpatient")]),
        ("2024", "OD", "Outpatient detoxification", [("care", "detox"), ("care", "outpatient")]),
        ("2024", "RD", "Residential detoxification", [("care", "detox"), ("care", "residential")]),
        ("2024", "HID", "Hospital inpatient detoxification", [("care", "detox"), ("care", "inpatient")]),
        ("2024", "MM", "Methadone maintenance", [("care", "medication"), ("medication", "methadone")]),
        ("2024", "MU", "Methadone used in Treatment", [("medication", "methadone")]),
        ("2024", "DB", "Buprenorphine detoxification", [("care", "detox"), ("medication", "buprenorphine")]),
        ("2024", "UN", "Prescribes naltrexone", [("care", "medication"), ("medication", "naltrexone")]),
        ("2024", "CCC", "Child care for clients' children", [("access", "childcare"), ("people", "parents")]),
        (
            "2024",
            "AH",
            "Sign language services for the deaf and hard of hearing",
            [("access", "sign-language"), ("language", "ase"), ("people", "deaf")],
        ),
        (
            "api-2025",
            "ASL",
            "Sign language services for the deaf and hard of hearing",
            [("access", "sign-language"), ("language", "ase"), ("people", "deaf")],
        ),
        ("2024", "F37", "Hmong", [("language", "hmn")]),
        ("2024", "TELE", "Telemedicine/telehealth therapy", [("attendance", "online")]),
        ("2024", "PSYH", "Psychiatric hospital", []),
        ("2024", "ACM", "Acamprosate (Campral)", []),
    ],
)
def test_a_samhsa_code_means_what_its_edition_says(
    book: CodeBook, edition: str, code: str, english: str, facets: list[tuple[str, str]]
) -> None:
    info = book.find("samhsa", code, edition)
    assert info is not None
    assert info.label("en") == english
    assert sorted(info.facets) == facets


@pytest.mark.parametrize(
    ("program", "code", "english", "facets"),
    [
        ("aa", "A", "Secular", []),
        ("aca", "A", "Age Restricted 18+", []),
        ("aa", "Y", "Young People", [("people", "young-adults")]),
        ("al-anon", "Y", "Alateen", [("people", "youth")]),
        ("aca", "Y", "Yellow Workbook Study", []),
        ("aa", "AL", "Concurrent with Alateen", []),
        ("aa", "S", "Spanish", [("language", "es")]),
        ("aca", "S", "Speaker", []),
        ("na", "pun", "Punjabi", [("language", "pa")]),
        ("na", "GL", "Gay/Lesbian", [("people", "lgbtq")]),
        ("sca", "GL", "Graphic Language", []),
        ("aa", "POA", "Proof of Attendance", []),
        ("al-anon", "POA", "Parents of Alcoholics", []),
        ("aa", "X", "Wheelchair Access", [("access", "wheelchair")]),
        ("rd", "WA", "Wheelchair Access", [("access", "wheelchair")]),
        ("rd", "CC", "Child Care Available", [("access", "childcare")]),
        ("eda", "CC", "Chair's Choice", []),
        ("aa", "DD", "Dual Diagnosis", [("people", "co-occurring")]),
        ("aa", "ASL", "American Sign Language", [("access", "sign-language"), ("language", "ase")]),
        ("smart", "VFR", "Veterans and First Responders", [("people", "veterans")]),
        ("smart", "4P", "4-Point", []),
    ],
)
def test_a_meeting_code_means_what_its_fellowship_says(
    book: CodeBook, program: str, code: str, english: str, facets: list[tuple[str, str]]
) -> None:
    info = book.find(program, code)
    assert info is not None
    assert info.label("en") == english
    assert sorted(info.facets) == facets


def test_the_codes_of_a_listing_lead_to_its_facets(book: CodeBook) -> None:
    found = book.crosswalk(Code("samhsa", "2024", code) for code in ("OD", "PW", "SP", "F4", "MD"))
    assert (found.care, found.people, found.languages, found.pay) == (
        ("detox", "outpatient"),
        ("pregnant",),
        ("ar", "es"),
        ("medicaid",),
    )
    assert found.access is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["aa,,O,format,Open,Abierta,", "aa,,W,x,Women,Mujeres,gender:women"], "line 3: unknown facet gender"),
        (["aa,,W,x,Women,Mujeres,people:woman"], "line 2: unknown value people:woman"),
        (["aa,,S,x,Spanish,Español,language:Spanish"], "line 2: unknown value language:Spanish"),
        (["aa,,TC,x,Closed,Cerrado,status:open"], "line 2: unknown value status:open"),
        (["aa,,O,x,Open,Abierta,", "aa,,C,x,Closed,Cerrada,", "aa,,o,x,Open,Abierta,"], "line 4: aa o is on line 2"),
        (["aa,,W,x,Women,Mujeres,people:women people:women"], "line 2: a facet comes twice"),
        (["aa,,O,x,Open,,"], "line 2: es is blank"),
        (["aa,,O,x,Open"], "line 2: 5 values instead of 7"),
        (['aa,,O,x,"Op\nen",Abierta,', "aa,,C,x,Closed,Cerrada,"], "line 2: a line break"),
        (['aa,,O,x,"Open"s,Abierta,'], "line 2: "),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_line(rows: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        list(codes.read(table(*rows)))


@pytest.mark.parametrize("content", [b"", b"system,code\n", b"\n"])
def test_a_file_with_other_columns_is_no_code_table(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^line 1: the columns must be system,edition"):
        list(codes.read(BytesIO(content)))


def test_reading_leaves_the_stream_open_for_its_owner() -> None:
    stream = table("aa,,O,format,Open,Abierta,")
    assert [info.label("es") for info in codes.read(stream)] == ["Abierta"]
    assert not stream.closed
