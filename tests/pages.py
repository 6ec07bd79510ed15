"""Opens a page as a visitor does and holds it to the rules of the house, so that every page test holds every page to them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from httpx2 import Response
from starlette.testclient import TestClient

SITE = "Footbridge"
UNLABELLED = {"hidden", "submit", "button"}
INLINE = {"a", "b", "span", "small", "button", "svg", "use"}
LOADING = ("src", "srcset", "data", "poster", "background")


@dataclass(frozen=True)
class Page:
    """A page that keeps the rules. `tree` is its HTML, names without a namespace."""

    response: Response
    tree: Element

    @property
    def title(self) -> str:
        """The one heading of the first level, which the title repeats."""
        return words(self.all("h1")[0])

    @property
    def text(self) -> str:
        """All that the page says, blanks run together."""
        return words(self.all("body")[0])

    def all(self, tag: str, /, **attributes: str) -> list[Element]:
        """Every element of this name with these attributes (`class_` for a word of its class)."""
        return [found for found in self.tree.iter(tag) if _has(found, attributes)]

    def one(self, tag: str, /, **attributes: str) -> Element:
        """The only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes} in {self.text[:500]}"
        return found[0]

    def links(self) -> dict[str, str]:
        """Where each link leads, by what it says."""
        return {words(link): link.get("href", "") for link in self.all("a")}

    def cards(self) -> list[str]:
        """The names of the listings, in order."""
        return [
            words(heading) for card in self.all("li", class_="card") for heading in (*card.iter("h2"), *card.iter("h3"))
        ]

    def card(self, name: str) -> Element:
        """The card of this listing."""
        return next(card for card in self.all("li", class_="card") if words(next(card.iter("a"))) == name)

    def fields(self) -> dict[str, list[str]]:
        """What the search form would send, by name."""
        form = next(form for form in self.all("form") if form.get("action") == "/search")
        return _sent(form)


def get_page(client: TestClient, url: str, *, status: int = 200, language: str = "en") -> Page:
    """The page at this address, which must answer with this status, in this language, and keep every rule."""
    response = client.get(url, headers={"accept-language": language})
    assert response.status_code == status, f"{url}: {response.status_code} instead of {status}\n{response.text[:2000]}"
    return checked(response, language)


def checked(response: Response, language: str = "en") -> Page:
    """The page of a response, if it keeps every rule."""
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = Page(response, parser.parse(response.text))
    problems = [*_frame(page, language), *_forms(page), *_content(page), *_policy(page)]
    assert problems == [], f"{response.url}: {problems}"
    return page


def words(element: Element) -> str:
    """The text of an element as it is read: blanks run together, blocks apart."""
    return re.sub(r"\s+", " ", "".join(_texts(element))).strip()


def _texts(element: Element) -> Iterator[str]:
    gap = "" if element.tag in INLINE else " "
    yield gap + (element.text or "" if isinstance(element.tag, str) else "")
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
    yield gap


def _has(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in (element.get("class") or "").split():
                return False
        elif element.get(name) != value:
            return False
    return True


def _frame(page: Page, language: str) -> Iterator[str]:
    if page.tree.get("lang") != language:
        yield f"its language is said to be {page.tree.get('lang')}"
    headings, title = page.all("h1"), words(page.all("title")[0])
    if len(headings) != 1:
        yield f"{len(headings)} headings of the first level"
    elif title not in (words(headings[0]), f"{words(headings[0])} · {SITE}"):
        yield f"the title is {title!r}, the heading {words(headings[0])!r}"
    if not page.all("main"):
        yield "no main part"
    hrefs = {link.get("href") for link in page.all("a")}
    yield from (f"no link to {needed}" for needed in ("tel:988", "tel:911", "#main") if needed not in hrefs)
    if not any(link.get("data-leave") is not None for link in page.all("a")):
        yield "no way to leave at once"


def _forms(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.all("label") if label.get("for")}
    wrapped = {id(field) for label in page.all("label") for field in label.iter()}
    for field in (*page.all("input"), *page.all("select"), *page.all("textarea")):
        has_label = field.get("id") in labelled or id(field) in wrapped or field.get("aria-label")
        if field.get("type") not in UNLABELLED and not has_label:
            yield f"{field.tag} {field.get('name')} has no label"
    yield from (f"a form without an address: {words(form)[:60]}" for form in page.all("form") if not form.get("action"))
    yield from (
        f"an empty {found.tag}" for name in ("button", "a", "label") for found in page.all(name) if not words(found)
    )


def _content(page: Page) -> Iterator[str]:
    elements = [element for element in page.tree.iter() if isinstance(element.tag, str)]
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    yield from (f"the id {name} {number} times" for name, number in ids.items() if number > 1)
    for element in elements:
        named = f"{element.get('aria-labelledby', '')} {element.get('aria-describedby', '')}".split()
        named += [element.get("for")] if element.get("for") else []
        yield from (f"{element.tag} points to {name}, which is not there" for name in named if name not in ids)
        if element.tag == "a" and element.get("target"):
            yield f"a link that opens a window: {words(element)}"
        if (
            element.tag == "a"
            and (element.get("href") or "").startswith("#")
            and element.get("href", "")[1:] not in ids
        ):
            yield f"a link to {element.get('href')}, which is not there"
    levels = [int(element.tag[1]) for element in elements if re.fullmatch("h[1-6]", element.tag)]
    yield from (f"a heading h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1)


def _policy(page: Page) -> Iterator[str]:
    """What the content security policy forbids anyway, and what would tell another site of a visit."""
    for element in page.tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "style" or (element.tag == "script" and (element.text or "").strip()):
            yield f"an inline {element.tag}"
        yield from (f"{element.tag} with {name}" for name in element.attrib if name == "style" or name.startswith("on"))
        loaded = [element.get(name) for name in LOADING] + (
            [element.get("href")] if element.tag in ("link", "use") else []
        )
        yield from (f"{element.tag} loads {url}" for url in loaded if url and urlsplit(url).netloc)
        leads_away = element.tag == "a" and (element.get("href") or "").startswith("http")
        if leads_away and "noreferrer" not in (element.get("rel") or ""):
            yield f"{element.get('href')} would learn where the visitor came from"


def _sent(form: Element) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for field in form.iter("input"):
        if field.get("type") not in ("radio", "checkbox") or field.get("checked") is not None:
            sent.setdefault(field.get("name", ""), []).append(field.get("value", ""))
    for field in form.iter("select"):
        chosen = [option for option in field.iter("option") if option.get("selected") is not None]
        sent[field.get("name", "")] = [
            chosen[0].get("value", "") if chosen else next(field.iter("option")).get("value", "")
        ]
    return sent
