"""A question in words: its heading, its chips, what is said of it before the list, and the ways out of an empty answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from directory import i18n, labels
from directory.domain import taxonomy
from directory.domain.errors import Problem
from directory.domain.geo import Point
from directory.domain.results import Card, Elsewhere, FacetCount, SearchResult
from directory.domain.search import Query, parse
from directory.domain.taxonomy import Code, CodeInfo
from directory.services.widening import Widened, Wider, without
from directory.web.presenters_notices import place_notice, problem_notices, spelled_notices, unknown_notices
from directory.web.presenters_question import chips, is_blank, search_url, title_words
from directory.web.presenters_search import result_view
from tests.web.made import NEW_YORK, NOW, card

OPEN = CodeInfo(Code("aa", "", "O"), "attendance", {"en": "Open", "es": "Abierta"})
OPEN_NA = CodeInfo(Code("na", "", "O"), "attendance", {"en": "Open", "es": "Abierta"})
TYPES = {"type": (FacetCount("aa:O", 4, OPEN), FacetCount("na:O", 2, OPEN_NA))}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


def asked(*params: tuple[str, str], **more: str) -> Query:
    """The query of parameters that are all right."""
    query, problems = parse([*params, *more.items()])
    assert problems == []
    return query


def answer(query: Query, *cards: Card, **changes: object) -> SearchResult:
    """An answer as the search gives it; `total` is that of the cards unless it is given."""
    given = {"total": len(cards), "place": None, **changes}
    return SearchResult(query=query, now=NOW, zone=NEW_YORK, cards=cards, **given)  # type: ignore[arg-type]


def params_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


# --- what is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "is_nothing"),
    [
        ("", True),
        ("within=50&sort=name&page=2&tz=America/Denver&take=quiet-lamp", True),
        ("near=19107", False),
        ("kind=meeting", False),
        ("q=lamp", False),
        ("openings=1", False),
    ],
)
def test_a_question_is_one_that_asks_for_something(params: str, is_nothing: bool) -> None:
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in params.split("&"))]
    assert is_blank(parse(pairs)[0]) is is_nothing


def test_no_heading_names_what_may_not_be_read_over_a_shoulder() -> None:
    for kind in ("", *taxonomy.KINDS):
        words = title_words(parse([("kind", kind), ("q", "methadone")])[0], 2, "")
        assert not re.search("treatment|methadone|recovery|reduction|crisis|detox", words), words
    assert title_words(asked(kind="meeting"), 12, "") == "12 meetings"
    assert title_words(asked(program="aa"), 12, "") == "12 meetings"


@pytest.mark.parametrize(
    ("facet", "values"),
    [
        ("kind", taxonomy.KINDS),
        ("attendance", taxonomy.ATTENDANCE),
        ("program", taxonomy.PROGRAMS),
        *taxonomy.FACETS.items(),
    ],
)
def test_every_value_of_every_facet_has_words(facet: str, values: tuple[str, ...]) -> None:
    assert set(labels.TABLES[facet]) == set(values)
    assert facet in labels.FACET


# --- chips -----------------------------------------------------------------------------------------------------------


def test_every_filter_has_a_chip() -> None:
    query = asked(
        ("q", "lamp"), ("kind", "meeting"), ("day", "tomorrow"), ("time", "evening"), ("open", "now"), ("attendance", "hybrid"),
        ("program", "na"), ("care", "detox"), ("language", "es"), ("type", "aa:O"), ("at", "2026-03-02T19:00"), ("openings", "1"),
    )  # fmt: skip
    assert [chip.text for chip in chips(query)] == [
        "“lamp”", "Meetings", "Tomorrow", "Evening (5 pm to 9 pm)", "Open now", "Openings reported in the last 3 days",
        "At this time: today, 7 pm", "In person and online", "Narcotics Anonymous (NA)", "Detox (withdrawal care)", "Spanish", "aa:O",
    ]  # fmt: skip
    assert all(chip.url != search_url(query) for chip in chips(query))


def test_words_and_phrases_come_off_one_by_one_and_the_rest_stays_as_it_was_typed() -> None:
    query = asked(q='Café  "Open Door" lamp “Heron Hall”', near="19107")
    found = {chip.text: params_of(chip.url)["q"] for chip in chips(query)}
    assert found == {
        "“Café lamp”": ['"Open Door" “Heron Hall”'],
        "exactly “Open Door”": ["Café lamp “Heron Hall”"],
        "exactly “Heron Hall”": ['Café "Open Door" lamp'],
    }


def test_a_phrase_alone_has_one_chip_that_leaves_nothing_to_look_for() -> None:
    (chip,) = chips(asked(q='"Open Door"', near="19107"))
    assert (chip.text, chip.url) == ("exactly “Open Door”", "/search?near=19107")


@pytest.mark.parametrize(
    ("types", "words"),
    [
        (("aa:O",), ["Open"]),
        (("aa:o",), ["Open"]),
        (("aa:O", "na:O"), ["Open (AA)", "Open (NA)"]),
        (("aa:ZZ",), ["aa:ZZ"]),
    ],
)
def test_a_type_has_its_label_where_the_data_know_it(types: tuple[str, ...], words: list[str]) -> None:
    query = asked(*(("type", each) for each in types), kind="meeting")
    found = chips(query, TYPES)
    assert [chip.text for chip in found][1:] == words
    assert [params_of(chip.url).get("type", []) for chip in found][1:] == [
        [other for other in types if other != each] for each in types
    ]


def test_no_link_of_the_page_forgets_what_is_taken_along() -> None:
    query = asked(
        ("take", "quiet-lamp-abc"), ("take", "safe-reeds-abc"), ("near", "19107"), ("q", "lmp"), ("care", "detox"), ("page", "2"),
        ("per_page", "1"),
    )  # fmt: skip
    result = answer(query, card(), total=3, unknown={"care": 2, "open": 1}, spelled={"lmp": ("lamp",)})
    first = answer(asked(("take", "quiet-lamp-abc"), ("near", "19107")), card(), elsewhere=Elsewhere(1, (online(),)))
    ways = Widened((Wider("within", "within", "50", {"within": 50.0}, 3),))
    view, other = result_view(result, ()), result_view(first, (), widened=ways)
    urls = [chip.url for chip in view.chips] + [sort.url for sort in view.sorts if sort.url]
    urls += [link.url for notice in view.notices for link in notice.links] + [view.previous_url, view.next_url]
    assert len(urls) == 9
    assert {tuple(params_of(url)["take"]) for url in urls} == {("quiet-lamp-abc", "safe-reeds-abc")}
    assert other.elsewhere
    assert params_of(other.elsewhere.online_url)["take"] == params_of(other.wider[0].url)["take"] == ["quiet-lamp-abc"]


def online(**changes: object) -> Card:
    """An online meeting that is not the usual one."""
    return card(
        **{"id": 2, "slug": "lamp-on-a-screen-abc", "name": "Lamp on a Screen", "attendance": "online", **changes}
    )


# --- notices ---------------------------------------------------------------------------------------------------------


def test_every_problem_has_a_sentence() -> None:
    problems = [
        Problem("kind", "unknown-value", "zoo"),
        Problem("type", "bad-shape", "??"),
        Problem("q", "too-long", "x", ("200",)),
        Problem("within", "out-of-range", "900", ("1", "500")),
        Problem("lon", "missing", ""),
        Problem("at", "bad-time", "soon"),
        Problem("openings", "unknown-value", "many"),
    ]
    assert problem_notices(problems)[0].items == (
        "What: we do not know “zoo”.",
        "Listing code: “??” is not written in a way that we can read.",
        "Words: the text is longer than 200 characters.",
        "How far: “900” is not a number from 1 to 500.",
        "Longitude: it is missing; a point needs latitude and longitude.",
        "At this time: “soon” is not a date and time.",
        "Openings: we do not know “many”.",
    )


@pytest.mark.parametrize(
    ("place", "suggestions", "words"),
    [
        ("Philadelphia", ("Philadelphia, PA", "Philadelphia, MS"), "There is more than one Philadelphia. Which one?"),
        ("st. albans", ("Saint Albans, VT", "Saint Albans, NY"), "There is more than one st. albans. Which one?"),
        ("Washington", ("Washington, DC", "Washington, PA"), "There is more than one Washington. Which one?"),
        ("Vermont", ("Burlington, VT", "Rutland, VT"), "“Vermont” is a state. Which town?"),
        ("VT", ("Burlington, VT",), "“VT” is a state. Which town?"),
        ("Burlngton", ("Burlington, VT",), "We cannot find a place called “Burlngton”. Did you mean one of these?"),
    ],
)
def test_a_place_that_is_not_one_place_is_asked_for_as_what_it_is(
    place: str, suggestions: tuple[str, ...], words: str
) -> None:
    notice = place_notice(asked(near=place), place, suggestions)
    assert f"{notice.text} {notice.help}" == words
    assert [link.text for link in notice.links] == list(suggestions)


@pytest.mark.parametrize("name", ["open", "time"])
def test_places_that_do_not_say_their_hours_are_counted_beside_the_list(name: str) -> None:
    query = asked(near="19199", day="1", time="evening", pay="free")
    (notice,) = unknown_notices(answer(query, total=9, unknown={name: 4}))
    assert notice.text == "4 more places do not say their hours."
    assert [link.url for link in notice.links] == ["/search?near=19199&pay=free"]


@pytest.mark.parametrize(
    ("params", "facet", "url"),
    [
        ({"language": "es"}, "language", "/search?kind=health"),
        ({"openings": "1"}, "openings", "/search?kind=health"),
        ({"attendance": "in-person", "pay": "free"}, "attendance", "/search?kind=health&pay=free"),
        ({"access": "wheelchair", "pay": "free"}, "access", "/search?kind=health&pay=free"),
    ],
)
def test_who_does_not_say_is_one_tap_away_whatever_is_asked(params: dict[str, str], facet: str, url: str) -> None:
    (notice,) = unknown_notices(answer(asked(kind="health", **params), total=2, unknown={facet: 1}))
    assert notice.text == f"1 more listing may fit, but does not say: {labels.facet_name(facet)}."
    assert [link.url for link in notice.links] == [url]


@pytest.mark.parametrize(
    ("text", "found", "words", "texts"),
    [
        ("Serenety", ("serenity",), "serenity", ["serenity"]),
        ('Night serenety, "open door"', ("serenity",), "serenity", ['Night serenity "open door"']),
        ("serenety", ("serenity", "serene"), "serenity and serene", ["serenity", "serene"]),
    ],
)
def test_a_slip_of_the_finger_is_named_with_what_was_looked_for_as_well(
    text: str, found: tuple[str, ...], words: str, texts: list[str]
) -> None:
    (notice,) = spelled_notices(asked(q=text, near="19199"), {"serenety": found})
    assert notice.text == "Nothing is called “serenety”."
    assert notice.help == f"We also looked for: {words}."
    assert [link.text for link in notice.links] == [f"Only “{each}”" for each in found]
    assert [params_of(link.url) for link in notice.links] == [{"q": [each], "near": ["19199"]} for each in texts]


def test_a_word_that_is_written_with_other_signs_can_still_be_replaced() -> None:
    (notice,) = spelled_notices(asked(q='open-dor "Heron Hall"'), {"dor": ("door",)})
    assert params_of(notice.links[0].url) == {"q": ['open door "heron hall"']}


# --- elsewhere, and out of an empty answer ---------------------------------------------------------------------------


def test_what_is_elsewhere_has_its_total_and_leads_to_all_that_is_online() -> None:
    query = asked(near="19199", kind="meeting", day="1")
    view = result_view(answer(query, card(), elsewhere=Elsewhere(14, (online(),))), ())
    assert view.elsewhere
    assert view.elsewhere.total == "14 places"
    assert [each.title for each in view.elsewhere.cards] == ["Lamp on a Screen"]
    assert params_of(view.elsewhere.online_url) == {
        "near": ["19199"],
        "kind": ["meeting"],
        "day": ["1"],
        "attendance": ["online"],
    }


def test_where_all_that_is_elsewhere_serves_in_person_nothing_online_is_promised() -> None:
    ride = online(attendance="in-person", kind="transport", coverage="Larkspur County, ZZ")
    view = result_view(answer(asked(near="19199"), card(), elsewhere=Elsewhere(1, (ride,))), ())
    assert view.elsewhere
    assert view.elsewhere.online_url == ""


@pytest.mark.parametrize(("page", "total"), [("1", 0), ("2", 5)])
def test_what_is_elsewhere_is_not_said_twice_and_not_when_it_is_nothing(page: str, total: int) -> None:
    result = answer(asked(near="19199", page=page, per_page="1"), card(), total=2, elsewhere=Elsewhere(total, ()))
    assert result_view(result, ()).elsewhere is None


WAYS = (
    (Wider("within", "within", "50", {"within": 50.0}, 7), "Within 50 miles"),
    (Wider("without", "pay", "medicaid", {"facets": {}}, 3), "Without “Medicaid”"),
    (Wider("without", "pay", "", {"facets": {}}, 3), "Without “Ways to pay”"),
    (Wider("without", "q", "lamp", {"text": ""}, 3), "Without “lamp”"),
    (Wider("without", "day", "1", {"day": ""}, 3), "Without “Monday”"),
    (Wider("without", "day", "tomorrow", {"day": ""}, 3), "Without “Tomorrow”"),
    (Wider("without", "time", "evening", {"time": ""}, 3), "Without “Evening (5 pm to 9 pm)”"),
    (Wider("without", "time", "18:00-20:00", {"time": ""}, 3), "Without “18:00-20:00”"),
    (Wider("without", "time", "", {"day": "", "time": ""}, 3), "Without “Time”"),
    (Wider("without", "open", "now", {"open_now": False}, 3), "Without “Open now”"),
    (Wider("without", "openings", "1", {"openings": False}, 3), "Without “Openings”"),
    (Wider("without", "type", "aa:O", {"types": ()}, 3), "Without “Open (AA)”"),
    (Wider("without", "language", "es", {"languages": ()}, 3), "Without “Spanish”"),
    (Wider("without", "program", "na", {"programs": ()}, 3), "Without “Narcotics Anonymous (NA)”"),
    (Wider("online", "attendance", "online", {"attendance": ("online",)}, 1200), "Online or by phone"),
)


@pytest.mark.parametrize(("way", "words"), WAYS)
def test_each_way_out_is_said_with_what_it_finds(way: Wider, words: str) -> None:
    query = asked(near="19199", pay="medicaid")
    (shown,) = result_view(answer(query, facets=TYPES), (), widened=Widened((way,))).wider
    assert (shown.text, shown.count) == (words, f"{way.total:,}")
    assert shown.url == search_url(query, **way.changes)


def test_nothing_stands_twice_on_a_page() -> None:
    far, line = card(id=3, name="Far Lamp"), online(id=4, name="All Night Line", kind="crisis")
    result = answer(asked(near="19199"), elsewhere=Elsewhere(2, (online(), line)))
    view = result_view(result, (), lines=(line, card(id=5, name="Text Line")), widened=Widened((), (far, online())))
    assert [each.title for each in view.further] == ["Far Lamp"]
    assert [each.title for each in view.lines] == ["Text Line"]


@pytest.mark.parametrize(
    "field", ["q", "day", "time", "open", "openings", "type", "language", "program", "attendance", "kind", "pay"]
)
def test_a_question_without_a_filter_is_the_same_question_otherwise(field: str) -> None:
    given = {
        "q": 'lamp "open door"', "day": "1", "time": "evening", "open": "now", "openings": "1", "type": "aa:O", "language": "es",
        "program": "aa", "attendance": "in-person", "kind": "meeting", "pay": "free", "lat": "40", "lon": "-75", "sort": "name",
    }  # fmt: skip
    of_time = {"day", "time", "open"}
    gone = of_time if field in of_time else {field}
    query = asked(**given)
    left = {name: value for name, value in given.items() if name not in gone}
    assert params_of(f"?{query.url_query(**without(query, field))}") == {name: [value] for name, value in left.items()}
    assert query.point == Point(40, -75)
