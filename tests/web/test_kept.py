"""Pieces that are kept make the same pages, sooner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.listings import Status
from directory.web import kept
from directory.web.site import attach
from tests.web import shown, world
from tests.web.made import NOW, meeting

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
PATHS = (
    "/search?near=19199",
    "/search?near=19199&kind=meeting",
    "/search?near=19199&kind=meeting&type=aa:O",
    "/search?near=19199&kind=meeting&type=aa:O&type=aa:W",
    "/search?near=19199&program=aa",
    "/search?near=19199&day=1&time=evening&sort=time",
    "/search?kind=housing&openings=1",
    "/search?lat=40.1&lon=-75.1&q=%EE%80%80%3Cb%3E%26&tz=America/Chicago",
    "/search?near=19199&open=now&per_page=1&sort=name",
    "/search?near=19199&kind=food",
)


@pytest.fixture
def filled(new_database: NewDatabase, tmp_path: Path) -> Iterator[str]:
    with new_database("sqlite", tmp_path) as url:
        world.fill(url)
        yield url


@contextmanager
def visitor(url: str, *, keeping: bool, clock: Callable[[], datetime] = lambda: NOW) -> Iterator[TestClient]:
    """A visitor of a site that keeps pieces, or of one that makes every page anew."""
    app = create_app(world.settings_for(url), clock=clock)
    if not keeping:
        attach(app, replace(app.state.site, kept=None))
    with TestClient(app, base_url=world.HOST) as client:
        yield client


def pages(url: str, paths: Sequence[str], *, keeping: bool) -> list[str]:
    """The pages at these addresses, each in English, Spanish and English again."""
    with visitor(url, keeping=keeping) as client:
        return [
            client.get(path, headers={"Accept-Language": language}).text
            for path in paths
            for language in ("en", "es", "en")
        ]


def test_a_page_of_kept_pieces_is_the_page_itself_in_each_language(filled: str) -> None:
    with visitor(filled, keeping=True) as client:
        slug = client.get("/api/listings").json()["results"][0]["slug"]
    paths = (*PATHS, f"{PATHS[0]}&take={slug}", *PATHS)
    found = pages(filled, paths, keeping=True)
    assert found == pages(filled, paths, keeping=False)
    assert [">Kind of meeting<" in page for page in found[3:12:3]] == [True, True, True]


def test_the_national_numbers_below_an_empty_answer_tell_the_hour_at_which_somebody_looks(filled: str) -> None:
    by_day = replace(shown.HOTLINE, windows=(meeting(1, "09:00", 480),))
    shown.add(filled, [by_day], "national")

    def told(*, keeping: bool) -> list[str]:
        clock, found = [NOW], []
        with visitor(filled, keeping=keeping, clock=lambda: clock[0]) as client:
            for clock[0] in (NOW, NOW + timedelta(hours=9), NOW):
                found += [client.get(path).text for path in (PATHS[-1], f"{PATHS[-1]}&at=2026-03-04T10:00")]
        return found

    pages = told(keeping=True)
    assert pages == told(keeping=False)
    assert by_day.name in pages[0]
    assert pages[0] == pages[4] != pages[2]


def test_a_card_that_is_kept_tells_the_hour_and_the_day_that_are_asked_for(filled: str) -> None:
    def told(*, keeping: bool) -> list[str]:
        clock, found = [NOW], []
        with visitor(filled, keeping=keeping, clock=lambda: clock[0]) as client:
            for clock[0] in (NOW, NOW + timedelta(minutes=1), NOW + timedelta(hours=7), NOW):
                found += [client.get(path).text for path in (PATHS[1], PATHS[3], f"{PATHS[1]}&day=1", PATHS[1])]
        return found

    pages = told(keeping=True)
    assert pages == told(keeping=False)
    assert pages[0] == pages[12] != pages[8]
    assert pages[0] == pages[3]


def test_a_site_that_is_called_like_a_page_names_it_once_in_the_title(filled: str) -> None:
    title = "0 places"
    app = create_app(replace(world.settings_for(filled), site_name=title), clock=lambda: NOW)
    with TestClient(app, base_url=world.HOST) as client:
        assert f"<title>{title}</title>" in client.get("/search?q=zzqx").text
        assert f" · {title}</title>" in client.get(PATHS[0]).text


def test_listings_with_the_same_times_each_tell_what_is_their_own(filled: str) -> None:
    silent = replace(world.LAMP, key="silent", windows=(), phones=())
    alike = {
        "checked": {"verified_on": NOW.date()},
        "long ago": {"verified_on": NOW.date() - timedelta(days=900)},
        "never": {"verified_on": None},
        "closed": {"status": Status.TEMPORARILY_CLOSED},
        "hybrid": {"attendance": "hybrid"},
    }
    more = [replace(world.LAMP, key=key, name=f"Lamp {key}", **given) for key, given in alike.items()]
    rung = replace(silent, key="rung", name="Lamp to ring", phones=world.LAMP.phones)
    told = replace(silent, key="told", name="Lamp told", hours_text="Mondays at dusk")
    shown.add(filled, [silent, rung, told, *more], "lamps")
    paths = [
        f"/search?near=19199{more}" for more in ("&kind=meeting", "", "&day=1&time=evening", "&kind=meeting&day=1")
    ]
    pages_of = {keeping: pages(filled, paths, keeping=keeping) for keeping in (True, False)}
    assert pages_of[True] == pages_of[False]
    for text in ("hours not known: call", "hours not known<", "see hours below", "not checked since"):
        assert text in pages_of[True][0]


def test_a_listing_that_changes_shows_at_once(filled: str) -> None:
    changed = (replace(world.LAMP, name="Loud Lamp Group"), world.SHELTER, world.CLINIC)
    with visitor(filled, keeping=True) as client:
        assert "Quiet Lamp Group" in client.get(PATHS[0]).text
        assert client.portal
        client.portal.call(world.refill, filled, changed)
        text = client.get(PATHS[0]).text
    assert "Loud Lamp Group" in text
    assert "Quiet Lamp Group" not in text


def test_no_more_is_kept_than_fits(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    monkeypatch.setattr(kept, "MOST_CARDS", 2)
    with visitor(filled, keeping=True) as client:
        text = client.get(PATHS[0]).text
        pieces = client.app.state.site.kept  # type: ignore[attr-defined]
        assert len(pieces._cards._pieces) == 2
        assert len(pieces._choices._pieces) == 3
    assert text == pages(filled, PATHS[:1], keeping=False)[0]
