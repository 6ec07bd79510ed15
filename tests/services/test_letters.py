from __future__ import annotations

import re
from typing import Any

import html5lib
import pytest

from directory import i18n
from directory.domain.notices import EMAIL, SMS, TEMPLATES, Message
from directory.resources import folder
from directory.services.letters import written

pytestmark = pytest.mark.may_block("templates are read when they are first asked for")

WORDS: dict[str, Any] = {
    "link": "https://help.example.org/in/abc?a=1&b=2",
    "hours": 72,
    "call": "555-0100",
    "outcome": "fixed",
    "answer": "We called.\nIt was so.",
    "day": "2026-03-02",
    "anchors": ["17:" + "0" * 64],
}
KINDS = [(name, channel) for name, template in TEMPLATES.items() for channel in template.channels]
TELLING = re.compile(
    r"treat|recover|substance|drug|alcohol|detox|rehab|clinic|meeting|waitlist|waiting list|bed\b|program|health|patient|"
    r"tratam|recuper|sustancia|droga|desintox|rehabil|clínica|reunión|lista de espera|cama\b|programa|salud|paciente|"
    r"addict|abuse|relapse|adict|abuso|recaída",
    re.IGNORECASE,
)


def letter(name: str, channel: str = EMAIL, language: str = "en", site: str = "Heron & <Lamp>") -> Message:
    words = {word: WORDS[word] for word in TEMPLATES[name].words}
    return written(
        id="1", channel=channel, to="wren@example.org", template=name, language=language, words=words, site=site
    )


def test_every_template_is_one_that_is_sent_and_every_message_has_its_templates() -> None:
    wanted = {f"{name}.{'sms.txt' if channel == SMS else kind}" for name, channel in KINDS for kind in ("txt", "html")}
    there = {path.name for path in folder("templates").joinpath("mail").iterdir()}
    assert there - {"layout.html", "macros.html"} == wanted


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(("name", "channel"), KINDS)
def test_no_message_tells_whoever_sees_it_what_the_site_is_for(name: str, channel: str, language: str) -> None:
    found = letter(name, channel, language)
    shown = re.sub(r"<style.*?</style>", "", f"{found.subject}\n{found.text}\n{found.html}")
    assert TELLING.findall(shown.replace(WORDS["link"], "")) == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", [name for name, channel in KINDS if channel == EMAIL])
def test_both_parts_of_a_mail_say_the_same_in_its_language(name: str, language: str) -> None:
    found = letter(name, language=language)
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(found.html)
    assert page.get("lang") == found.language == language
    assert page.findtext("head/title") == found.subject
    shown = " ".join(" ".join(page.find("body").itertext()).split())
    sentences = [line for line in found.text.splitlines() if line]
    assert [line for line in sentences if line not in shown] == []
    assert len(sentences) > 0


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if "link" in template.words])
def test_a_link_stands_in_both_parts_and_can_be_pressed_in_one(name: str) -> None:
    found = letter(name)
    assert f"\n{WORDS['link']}\n" in found.text
    page = html5lib.parse(found.html, namespaceHTMLElements=False)
    assert [link.get("href") for link in page.iter("a")] == [WORDS["link"]]


def test_what_an_operator_calls_the_site_cannot_change_the_page() -> None:
    found = letter("invitation", site="<img src=x>")
    assert "<img" not in found.html
    assert "<img src=x>" in found.text


def test_a_subject_is_one_line() -> None:
    assert [name for name, channel in KINDS if channel == EMAIL and "\n" in letter(name).subject] == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    "name", [name for name, channel in KINDS if channel == SMS and "link" not in TEMPLATES[name].words]
)
def test_an_sms_that_nobody_asked_for_is_one_short_line_without_a_link(name: str, language: str) -> None:
    text = letter(name, SMS, language).text
    assert 0 < len(text) <= 160
    assert "\n" not in text
    assert "://" not in text


def test_a_message_leaves_the_language_of_whoever_writes_it_alone() -> None:
    before = i18n.language()
    assert letter("update", language="es").language == "es"
    assert i18n.language() == before


def test_a_value_that_is_missing_is_a_mistake_and_not_a_blank() -> None:
    with pytest.raises(Exception, match="hours"):
        written(
            id="1", channel=EMAIL, to="a@b.c", template="invitation", language="en", words={"link": "x"}, site="Heron"
        )
