"""What words find, in one table for both engines; which other words are meant; what a database from before is made into."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from rapidfuzz.distance import OSA
from tortoise.migrations.api import migrate as apply_migrations

from directory.domain.listings import ListingDraft, Status, Visibility, fold
from directory.domain.search import parse
from directory.domain.taxonomy import Code
from directory.domain.words import FORM
from directory.storage import db, schema, texts
from directory.storage.texts import FREQUENT, Term
from tests.factories import draft, import_drafts, one_value, world_made
from tests.sweeps import swept
from tests.tables import tables

OPEN, WHEELCHAIR = Code("aa", "", "O"), Code("aa", "", "X")
DETOX_24, DETOX_25 = Code("samhsa", "2024", "DT"), Code("samhsa", "2025", "DT")
MENTAL, BOTH = Code("samhsa", "2024", "MH"), Code("samhsa", "2024", "SUMH")


def told(key: str, name: str, **given: object) -> ListingDraft:
    """A listing of few words beside those given: the kind's own, and its town's."""
    return draft(key, **{"kind": "housing", "name": name, "program": None, "windows": (), **given})


WORLD = (
    told("lamp", "Quiet Lamp Group", organization="Marsh House Trust", description="A 12 step circle. All are welcome, all."),
    told("circle", "Circle of Quiet", description="Step 12: the trust of a marsh house. Lamp oil."),
    told("ete", "Centro Été", city="Farshore", description="Reunión los LUNES"),
    told("strasse", "Große Straße"),
    told("dete", "D'Ete Hall", city="O'Fallon"),
    told("days", "Twenty-four-hour Club 24/7", description="Ring 555-0100"),
    told("japan", "日本の会"),
    told("moscow", "Надежда Кириллица", organization="Ёлка"),
    told("hindi", "हिन्दी केंद्र"),
    told("greek", "ΟΔΟΣ Σίσυφος"),
    told("signs", "AND OR NOT NEAR", description="words: a*b_c %d% \"e' (f) {g} [h] <-> | & ! \\ ^"),
    told("mark", "Brand™ No. ½"),
    told("long", "Long", description=f"{'x' * 198}yz1 {'日' * 3_000} end"),
    told("coded", "Coded", codes=(OPEN, WHEELCHAIR, DETOX_24)),
    told("both", "Both", codes=(MENTAL, BOTH, DETOX_25)),
    told("aa", "Noon", kind="meeting", program="aa"),
    told("smart", "Evening", kind="meeting", program="smart", medication=("methadone",), care=("detox",)),
)  # fmt: skip
ALL = tuple(each.key for each in WORLD)


async def keys(terms: Sequence[Term], *, near: bool = False) -> list[str]:
    """The source's keys of the listings that have all of these."""
    sql = db.Sql()
    text = (
        "SELECT l.source_key FROM search_row r JOIN listing l ON l.id = r.id "
        f"WHERE {texts.condition(sql, terms, near=near)} ORDER BY r.id"
    )
    return [row["source_key"] for row in await db.rows(text, sql.values)]


async def find(asked: str) -> str:
    """The keys of what a question in a visitor's own words finds, with blanks between; the same by every way there is."""
    query, _ = parse([("q", asked)])
    terms = await texts.terms_of(query.words, query.phrases)
    found = await keys(terms)
    for hits in (None, 0, FREQUENT):
        for near in (False, True):
            for some in ([0], range(len(terms))):
                told = [replace(term, hits=hits) if number in some else term for number, term in enumerate(terms)]
                assert await keys(told, near=near) == found, (asked, hits, near)
    return " ".join(found)


async def check(database: str, table: dict[str, str]) -> None:
    await world_made()
    await import_drafts(database, WORLD)
    assert {asked: await find(asked) for asked in table} == table


async def test_words_are_found_whatever_their_case_accents_and_signs(database: str) -> None:
    await check(
        database,
        {
            "quiet": "lamp circle", "QUIET": "lamp circle", "Quíet": "lamp circle", "quiet!": "lamp circle",
            "été": "ete dete", "Ete": "ete dete", "ETÉ": "ete dete", "reunion": "ete aa smart", "REUNIÓN": "ete aa smart",
            "lunes": "ete", "strasse": "strasse", "STRASSE": "strasse", "straße": "strasse", "gross": "strasse",
            "d'ete": "dete", "D’Ete": "dete", "dete": "", "o'fallon": "dete", "fallon": "dete", "ofallon": "",
            "twenty-four-hour": "days", "twenty four": "days", "hour club": "days", "24/7": "days", "555-0100": "days",
            "12 step": "lamp circle aa", "12": "lamp circle aa", "brand": "mark", "brandtm": "mark", "1": "lamp circle mark aa",
            "no nothing": "",
        },
    )  # fmt: skip


async def test_words_of_every_script_are_found(database: str) -> None:
    await check(
        database,
        {
            "日本": "japan", "日本の会": "japan", "本": "", "日": "japan long", "кириллица": "moscow", "КИРИЛ": "moscow",
            "надежда ёлка": "moscow", "елка": "moscow", "हिन्दी": "hindi", "केंद्र": "hindi", "हिन्दी केंद्र": "hindi",
            '"हिन्दी केंद्र"': "hindi", "तमिल": "", "οδος": "greek", "ΟΔΌΣ": "greek", "σισυφοσ": "greek", "Σίσυφος": "greek",
        },
    )  # fmt: skip


async def test_each_word_may_be_the_beginning_of_one_and_all_must_be_there_in_whatever_field(database: str) -> None:
    await check(
        database,
        {
            "qui": "lamp circle", "q": "lamp circle", "uiet": "", "quiets": "", "lamp quiet": "lamp circle", "saltmarsh qui": "lamp circle",
            "quiet farshore": "", "farshore": "ete", "marsh trust welcome": "lamp", "oil": "circle", "quiet lamp zebra": "",
            "housing": " ".join(key for key in ALL if key not in ("aa", "smart")), "vivienda quiet": "lamp circle",
        },
    )  # fmt: skip


async def test_a_phrase_is_whole_words_in_their_order_within_one_field(database: str) -> None:
    await check(
        database,
        {
            '"quiet lamp"': "lamp", '"lamp quiet"': "", '"QUIET  Lamp!"': "lamp", '"quiet lam"': "", '"uiet lamp"': "",
            '"quiet lamp group"': "lamp", '"group marsh"': "", '"marsh house"': "lamp circle", '"house trust"': "lamp",
            '"trust a"': "", '"12 step"': "lamp aa", '"step 12"': "circle", '"are welcome all"': "lamp", '"all all"': "",
            '"quiet"': "lamp circle", '"qui"': "", '"marsh house" oil': "circle", '"marsh house" "quiet lamp"': "lamp",
            '"circle of quiet" lam': "circle", '"twenty four hour"': "days", "“quiet lamp”": "lamp", "«quiet lamp»": "lamp",
            '"centro été"': "ete", '"日本の会"': "japan", '"日本"': "", '"d ete"': "dete", '"o fallon"': "dete", '"fallon housing"': "",
            '"hall o"': "", '"alcoholics anonymous"': "aa", '"anonymous alcoholicos"': "", '"rehab tratamiento"': "",
            '"group saltmarsh"': "", '"albergue a"': "", '"quiet lamp" zebra': "", '"zebra lamp"': "", '"!!" quiet': "lamp circle",
        },
    )  # fmt: skip


async def test_labels_of_codes_are_found_in_both_languages_and_as_phrases(database: str) -> None:
    await check(
        database,
        {
            "abierta": "coded", "open": "coded", "OPEN abierta": "coded", "wheelchair": "coded", "acceso": "coded",
            '"wheelchair access"': "coded", '"con acceso"': "coded", '"access con"': "", '"open wheelchair"': "",
            '"abierta con"': "", '"wheelchair con"': "", "desintoxicación": "coded both smart", "desintox": "coded both smart",
            '"withdrawal care"': "both smart", '"care withdrawal"': "", '"mental health treatment"': "both", '"salud mental"': "both",
            '"mental salud"': "", '"health co"': "", '"co-occurring treatment"': "both", '"occurring treatment" "withdrawal care"': "both",
            "ambos": "both", '"open"': "coded", '"ope"': "", '"wheelchair access" both': "",
        },
    )  # fmt: skip


async def test_what_a_listing_is_also_called_finds_it_in_both_languages(database: str) -> None:
    await check(
        database,
        {
            "meeting": "aa smart", "alcohólicos": "aa", "anonymous": "aa", "smart recovery": "smart", "aa": "aa", "suboxone": "",
            "methadone": "smart", "metadona": "smart", "detox": "coded smart", "12 pasos": "aa", "twelve": "aa",
        },
    )  # fmt: skip


async def test_what_means_something_to_a_database_is_a_word_like_any_other(database: str) -> None:
    await check(
        database,
        {
            "AND": "signs", "and or not near": "signs", "quiet OR circle": "", "quiet AND lamp": "", "NOT quiet": "",
            "near": "signs", "NEAR(quiet lamp)": "", '"and or"': "signs", '"or and"': "", "quiet*": "lamp circle", "qui* lam*": "lamp circle",
            "*": "", "words:": "signs", "words:quiet": "", "listing_text": "", "{words}: quiet": "", "^quiet": "lamp circle", "-quiet": "lamp circle",
            "+quiet lamp": "lamp circle", "quiet -lamp": "lamp circle", "(quiet": "lamp circle", "quiet)": "lamp circle", "qui'et": "", "quiet'": "lamp circle",
            "quiet' OR '1'='1": "", "quiet'; DROP TABLE listing; --": "", 'quiet"': "lamp circle", "100%": "", "%": "", "_": "", "a_b": "signs mark both",
            "a%b": "signs mark both", "\\quiet\\": "lamp circle", "quiet:*": "lamp circle", "quiet & lamp": "lamp circle", "quiet | zebra": "",
            "!quiet": "lamp circle", "quiet <-> lamp": "lamp circle", "$q$ quiet": "lamp circle", "$q$zebra$q$": "", "$1 quiet": "lamp circle", "?1": "lamp circle mark aa", "quiet\x00lamp": "lamp circle",
            "<b>quiet</b>": "",
        } | dict.fromkeys(("*", "%", "_"), " ".join(ALL)),
    )  # fmt: skip
    assert await one_value("SELECT COUNT(*) FROM listing") == len(WORLD)


async def test_words_without_end_are_found_by_their_beginning(database: str) -> None:
    await check(
        database,
        {
            "x" * 198: "long", "x" * 150: "long", f"{'x' * 198}yz": "long", "x" * 199: "", "日" * 200: "long", '"end"': "long",
            "y" * 200: "",
        },
    )  # fmt: skip
    assert await keys(await texts.terms_of(["日" * 5_000], ["日" * 4_000])) == ["long"]


async def test_as_many_words_as_fit_into_a_question_may_be_asked_for(database: str) -> None:
    letters = " ".join(chr(code) for code in range(0x430, 0x430 + 97))
    await check(database, {letters: "", f"{letters} quiet": "", " ".join(["quiet lamp"] * 18): "lamp circle"})
    await import_drafts(database, [told("all", letters)])
    assert await find(letters) == "all"


async def test_no_words_at_all_ask_for_nothing(database: str) -> None:
    await world_made()
    await import_drafts(database, WORLD)
    assert await texts.terms_of([], []) == ()
    assert await keys(()) == list(ALL)


async def test_any_of_the_words_of_a_term_will_do(database: str) -> None:
    await world_made()
    await import_drafts(database, WORLD)
    for hits in (None, 0, FREQUENT):
        for near in (False, True):
            some = Term(("zebra", "lam", "ete"), hits=hits)
            assert await keys([some], near=near) == ["lamp", "circle", "ete", "dete"]
            assert await keys([some, Term(("quiet",), hits=hits)], near=near) == ["lamp", "circle"]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_sqlite_asks_its_index_for_rare_words_and_reads_what_is_near_for_frequent_ones(database: str) -> None:
    """With the same answer either way, which the tables above ask for."""
    await world_made()
    await import_drafts(database, WORLD)
    terms = await texts.terms_of(["quiet", "quie", "zebra", "of"], ["marsh house", "house marsh"])
    assert [term.hits for term in terms] == [2, 2, 0, FREQUENT, 2, 2]
    assert ["listing_text" in await plan([term], near=True) for term in terms] == [True, True, True, False, True, True]
    assert "listing_text" in await plan(terms[3:4], near=False)


@pytest.mark.parametrize("engine", ["postgres"])
async def test_postgresql_says_how_rare_a_word_is_and_looks_up_among_few_what_is_near(database: str) -> None:
    await world_made()
    await import_drafts(database, WORLD)
    for words in (["quiet"], ["zebra"], ["quiet", "of"]):
        terms = await texts.terms_of(words, [])
        assert all(term.is_rare for term in terms)
        assert "SubPlan" in await plan(terms, near=True)
        assert "SubPlan" not in await plan(terms, near=False)
        assert "SubPlan" not in await plan([replace(term, hits=FREQUENT) for term in terms], near=True)


async def plan(terms: Sequence[Term], *, near: bool) -> str:
    """How the database goes about it."""
    sql = db.Sql()
    explain = "EXPLAIN QUERY PLAN" if db.is_sqlite() else "EXPLAIN"
    where = texts.condition(sql, terms, near=near)
    rows = await db.rows(f"{explain} SELECT r.id FROM search_row r WHERE {where}", sql.values)
    return "\n".join(str(list(row.values())[-1]) for row in rows)


async def test_random_words_and_phrases_find_what_a_plain_reading_finds(database: str) -> None:
    await world_made()
    rng = random.Random(5)
    vocabulary = ["a", "ab", "abc", "b", "ba", "c", "ca", "é", "ñu", "ñ", "12", "1"]

    def some(most: int) -> str:
        return " ".join(rng.choices(vocabulary, k=rng.randint(1, most)))

    drafts = [
        told(f"k{number}", some(3), organization=some(2), description=some(6), city=some(1)) for number in range(40)
    ]
    await import_drafts(database, drafts)
    read = {each.key: fields_of(each) for each in drafts}
    for _ in range(60):
        asked = " ".join(f'"{some(3)}"' if rng.random() < 0.4 else some(2) for _ in range(rng.randint(1, 3)))
        query, _ = parse([("q", asked)])
        expected = [
            key
            for key, fields in read.items()
            if all(any(have.startswith(word) for field in fields for have in field.split()) for word in query.words)
            and all(any(f" {phrase} " in f" {field} " for field in fields) for phrase in query.phrases)
        ]
        assert await find(asked) == " ".join(expected), asked


def fields_of(one: ListingDraft) -> list[str]:
    kind = ["housing", "shelter", "vivienda", "albergue"]
    return [*(fold(text) for text in (one.name, one.organization, one.description, one.address.city) if text), *kind]


# --- what is not found -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "by_city", "by_place"),
    [(Visibility.FULL, True, True), (Visibility.PARTIAL, True, False), (Visibility.HIDDEN, False, False)],
)
async def test_nobody_finds_a_listing_by_what_is_not_shown_of_its_address(
    database: str, visibility: Visibility, by_city: bool, by_place: bool
) -> None:
    await world_made()
    said = told(
        "safe", "Safe House", city="Farshore", street="99 Secret Road", notes="Blue door", visibility=visibility
    )
    await import_drafts(database, [replace(said, address=replace(said.address, name="Heronry Hall"))])
    assert await find("farshore") == ("safe" if by_city else "")
    assert await find("heronry") == await find('"heronry hall"') == ("safe" if by_place else "")
    for asked in ("secret", "blue", "99", "19199"):
        assert await find(asked) == "", asked
    vocabulary = {row["word"] for row in await db.rows("SELECT word FROM name_word")}
    assert {"farshore", "heronry", "hall", "secret", "blue", "house"} & vocabulary == {"house"} | (
        {"farshore"} if by_city else set()
    ) | ({"heronry", "hall"} if by_place else set())
    assert ("heronry" in str(await texts.forgiven(["heronri"]))) is by_place


async def test_words_follow_what_becomes_of_a_listing(database: str) -> None:
    await world_made()
    lamp, bell = told("lamp", "Quiet Lamp"), told("bell", "Old Bell")
    await import_drafts(database, [lamp, bell])
    assert (await find("lamp"), await find('"old bell"')) == ("lamp", "bell")
    await import_drafts(
        database, [replace(lamp, name="Loud Horn", codes=(OPEN,)), replace(bell, status=Status.INACTIVE)]
    )
    assert [await find(asked) for asked in ("lamp", "quiet", "horn", "abierta", "bell")] == ["", "", "lamp", "lamp", ""]
    await import_drafts(database, [bell])
    assert [await find(asked) for asked in ("horn", "bell")] == ["", "bell"]
    await import_drafts(database, [lamp, bell])
    assert [await find(asked) for asked in ("horn", "lamp", "bell")] == ["", "lamp", "bell"]
    assert await one_value("SELECT COUNT(*) FROM listing_words") == 2


# --- words that are spelled alike ------------------------------------------------------------------------------------


async def test_a_slip_of_the_finger_is_forgiven_in_names_towns_and_labels(database: str) -> None:
    await world_made()
    await import_drafts(
        database,
        [
            draft("a", name="Serenity", organization="Reedsport Trust", description="Elephants", codes=(WHEELCHAIR, DETOX_24)),
            draft("b", name="Lamp Camp Stamp", medication=("methadone",)),
        ],
    )  # fmt: skip
    expected = {
        "serenety": ("serenity",), "serinety": ("serenity",), "alchoholics": ("alcoholics",), "alcohlics": ("alcoholics",),
        "methadon": ("methadone",), "metadonna": ("metadona",), "weelchair": ("wheelchair",), "hweelchair": ("wheelchair",),
        "saltmrash": ("saltmarsh",), "reedspport": ("reedsport",), "tamp": ("camp", "lamp", "stamp"), "stam": ("stamp",), "lmap": ("lamp",),
        "acces": ("acceso", "access"), "desintoxicacoin": ("desintoxicacion",),
    }  # fmt: skip
    for absent in ("elefants", "elephant", "zzzzzzzz", "lam", "1234", "sernty", "srenitee", "lam", ""):
        expected[absent] = ()
    found = await texts.forgiven(list(expected))
    assert found == {word: others for word, others in expected.items() if others}


async def test_the_other_words_are_those_of_the_fewest_slips_and_no_more_than_eight(database: str) -> None:
    rng = random.Random(11)
    words = sorted({"".join(rng.choices("abcd", k=rng.randint(3, 12))) for _ in range(1_500)})
    await world_made()
    await import_drafts(
        database,
        [told(f"k{start}", " ".join(words[start : start + 20]), city=None) for start in range(0, len(words), 20)],
    )
    asked = words[:60] + ["".join(rng.choices("abcd", k=rng.randint(4, 12))) for _ in range(60)]
    found = await texts.forgiven(asked)
    for word in asked:
        most = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        slips = {other: OSA.distance(word, other) for other in words if other != word}
        fewest = min(slips.values())
        nearest = sorted(other for other, slip in slips.items() if slip == fewest)[:8] if fewest <= most else []
        assert found.get(word, ()) == tuple(nearest), word
    assert max(len(others) for others in found.values()) == 8


async def test_words_that_no_listing_has_any_more_hide_none_that_one_has(database: str) -> None:
    await world_made()
    await import_drafts(database, [told("a", "Lantern"), told("b", "Lanxxern")])
    assert await texts.forgiven(["lanxtern"]) == {"lanxtern": ("lantern", "lanxxern")}
    await import_drafts(database, [told("b", "Lanxxern")])
    assert await texts.forgiven(["lanxtern"]) == {"lanxtern": ("lanxxern",)}
    assert await texts.forgiven(["lanternn"]) == {}


async def test_numbers_and_words_of_descriptions_are_not_remembered(database: str) -> None:
    await world_made()
    await import_drafts(
        database, [told("a", "Room 1234 12345", description="Elephants"), told("b", f"B{'ee' * 40} {'c' * 60}")]
    )
    words = {row["word"]: row["length"] for row in await db.rows("SELECT word, length FROM name_word")}
    assert words == {
        word: len(word) for word in ("room", "saltmarsh", "housing", "shelter", "vivienda", "albergue", "c" * 60)
    }


# --- databases from before -------------------------------------------------------------------------------------------

DERIVED = {
    "listing_words": "id, words",
    "name_word": "word, length",
    "listing_language": "listing_id, language",
    "coverage_area": "listing_id, area",
}
GIVEN = ("code", "source", "organization", "location", "listing", "listing_code", "search_row", "zone")


async def derived() -> dict[str, list[dict[str, object]]]:
    return {table: await db.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in DERIVED.items()}


OLD = (
    *WORLD,
    told("es", "Sol", languages=("en", "es-MX", "ES-mx"), coverage="Vermont; nationwide; somewhere", care=("detox",), pay=(), people=("women",)),
    told("gone", "Gone", status=Status.INACTIVE, languages=("en",)),
    *(told(f"many{number}", f"Many {number}", coverage="Delaware County, PA") for number in range(1_100)),
)  # fmt: skip


@pytest.mark.parametrize("engine", swept(["sqlite", "postgres"], always=1))
@pytest.mark.may_block("as a command does")
async def test_a_database_of_the_first_version_has_the_tables_of_a_new_one_and_answers_like_it(
    engine: str, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    with new_database(engine, tmp_path / "new") as new, new_database(engine, tmp_path / "old") as old:
        async with db.connect(new):
            await world_made()
            await import_drafts(new, OLD)
            given = {table: await db.rows(f"SELECT * FROM {table} ORDER BY id") for table in GIVEN}
            expected, made = await derived(), await tables()
        assert {row["language"] for row in expected["listing_language"]} == {"en", "es-mx"}
        assert len(expected["coverage_area"]) == 1_102
        old = await first_version(old, tmp_path / "old" / "first.sqlite3", given)

        assert (await schema.migrate(old))[0] == schema.MIGRATIONS[1]

        async with db.connect(old):
            migrated = await tables()
            assert {name for name in {*made, *migrated} if made.get(name) != migrated.get(name)} == set()
            assert await derived() == expected
            assert await find('"quiet lamp"') == "lamp"
            assert await find("desintox con") == "coded"
            assert await texts.forgiven(["serenety", "saltmrash"]) == {"saltmrash": ("saltmarsh",)}


async def first_version(url: str, path: Path, given: dict[str, list[dict[str, object]]]) -> str:
    """A database as the first version made it, with its listings and their words in the form of then; its address."""
    if db.sqlite_path(url):
        url = f"sqlite://{path}"
    else:
        async with db.connect(url):
            await db.execute("DROP SCHEMA public CASCADE")
            await db.execute("CREATE SCHEMA public")
    await apply_migrations(config=db.config(db.opened(url)), target=f"directory.{schema.MIGRATIONS[0]}")
    for statement in schema.SEEDS:
        await db.execute(statement)
    for table, rows in given.items():
        names = [name for name in rows[0] if name in await columns_of(table)]
        await db.insert_many(table, names, [[row[name] for name in names] for row in rows])
    words = [(row["id"], f" old words {'z' * 3_000}") for row in given["search_row"]]
    await db.insert_many("listing_words", ("id", "words"), words)
    await db.connection().close()
    return url


async def columns_of(table: str) -> set[str]:
    """The columns that a table has now."""
    text = "SELECT name FROM pragma_table_info('{0}')" if db.is_sqlite() else POSTGRES_COLUMNS
    return {str(row["name"]) for row in await db.rows(text.format(table))}


POSTGRES_COLUMNS = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{0}'"


@pytest.mark.may_block("as a command does")
async def test_words_of_another_form_are_made_anew_and_a_refill_cut_short_begins_again(database_url: str) -> None:
    async with db.connect(database_url):
        await world_made()
        await import_drafts(database_url, OLD)
        expected = await derived()
        assert await one_value("SELECT text FROM state WHERE name = 'words'") == FORM
        await db.execute("UPDATE state SET text = 'older' WHERE name = 'words'")
        await db.execute("UPDATE listing_words SET words = ' old '")
        await db.execute("DELETE FROM coverage_area WHERE listing_id > 30")
        await db.execute("DELETE FROM name_word WHERE length > 4")
    assert await schema.migrate(database_url) == []
    async with db.connect(database_url):
        assert await derived() == expected
        assert await find("old") == ""
        assert await find('"quiet lamp"') == "lamp"
    assert await schema.migrate(database_url) == []


async def test_a_source_that_goes_takes_its_words_along(database: str) -> None:
    from directory.storage.listings import erase_source

    await world_made()
    await import_drafts(database, [told("a", "Heron Quay", description="Lantern")], "stays")
    before = await db.rows("SELECT word FROM name_word ORDER BY word")
    await import_drafts(database, [told("b", "Lantern Heron"), told("c", "Lantern Pier")], "goes")
    assert await texts.forgiven(["lantren"]) == {"lantren": ("lantern",)}
    async with db.transaction():
        await erase_source("goes")
    assert await db.rows("SELECT word FROM name_word ORDER BY word") == before
    assert await find("lantern") == "a"
