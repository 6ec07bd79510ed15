"""What a text means: one table, in both languages, with the words that the law names and those that only look like them."""

from __future__ import annotations

import pytest

from directory.domain.bridge.replies import (
    CALL,
    OTHER,
    STILL,
    STOP,
    asks_for_call,
    is_plain_stop,
    is_to_read_now,
    read_reply,
)

STILL_WAITING = ("1", " 1 ", "1.", "1!", "one", "uno", "1, gracias", "Still waiting", "Sigo esperando")
YES = ("Yes", "YES please", "y", "ok", "okay!", "Sí", "si", "sí, gracias")
"""An answer where something was asked a short while ago, and else nobody knows to what."""
CALL_ME = (
    "2",
    "2)",
    "two",
    "call",
    "Call me!",
    "please call me",
    "dos",
    "Llámame",
    "llámeme por favor",
    "HELP",
    "Ayuda",
)
THE_SEVEN = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")
"""47 CFR 64.1200(a)(10)."""
STOPS = (
    *THE_SEVEN, "STOP", "Stop.", "sToP!!", "STOPALL", "stop all", "stop now", "cancel all", "OPT-OUT", "optout", "Opt  Out", "stop please",
    "end texts", "stop messages", "stop 1", "STOP 2", "Please stop texting", "just stop texting me", "STOP the texts", "stop these messages",
    "stop this text", "stop all the texts", "stop sending me these", "no more texts", "No more messages please", "don't text me", "dont text",
    "Don’t message me anymore", "do not text me", "please don't contact me", "never text me again", "unsubscribe me from this", "remove me",
    "take me off this list", "leave me alone", "Please leave me alone!", "alto", "ALTO", "alto ya", "¡Basta!", "basta ya", "parar", "parar todo",
    "cancelar", "baja", "bórrame", "por favor bórrenme", "no más mensajes", "no quiero más mensajes", "no me escriban más",
    "por favor no me manden mensajes", "dejen de escribir", "darme de baja", "déjenme en paz",
)  # fmt: skip
FOR_A_PERSON = (
    "", "   ", "3", "12", "1 2", "1 or 2?", "START", "unstop", "who is this", "cannot stop using", "I want to stop using", "the end", "end it",
    "I want it to end", "stop it", "quit my job", "cancel my appointment", "no", "can you call my mother", "quiero parar de beber",
    "I am not ok", "yes but I moved",
    "end all", "end now", "END ALL NOW", "end it all", "end you", "quit now", "terminar todo", "terminar ya", "salir ya", "cancel 1 2 3 4",
    "I can't stop this", "please stop this pain", "I couldn't stop this time", "stop this", "I cannot stop texting him", "can't stop texting my ex",
    "Please don't leave me alone", "they won't leave me alone", "he will not leave me alone tonight", "you never text me back",
    "they don't text me", "don't text my mother", "no quiero perder sus mensajes", "no me dejen en paz", "la marea baja",
)  # fmt: skip
TABLE = [
    (text, kind)
    for texts, kind in ((STILL_WAITING, STILL), (CALL_ME, CALL), (STOPS, STOP), (FOR_A_PERSON, OTHER))
    for text in texts
]


@pytest.mark.parametrize(("text", "kind"), TABLE)
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_text_means_what_it_says_and_in_doubt_a_person_reads_it(text: str, kind: str, is_asked: bool) -> None:
    assert read_reply(text, is_asked=is_asked) == kind


@pytest.mark.parametrize("text", YES)
def test_a_yes_is_an_answer_only_where_something_was_asked(text: str) -> None:
    assert read_reply(text, is_asked=True) == STILL
    assert read_reply(text, is_asked=False) == OTHER


@pytest.mark.parametrize("word", THE_SEVEN)
@pytest.mark.parametrize("around", ["{}", "{}.", "  {}\n", "{} please", "{} thank you", "¡{}!"])
def test_each_word_that_the_law_names_stops_however_it_is_written(word: str, around: str) -> None:
    """47 CFR 64.1200(a)(10)."""
    said = (around.format(each) for each in (word, word.upper(), word.title()))
    assert {read_reply(each, is_asked=False) for each in said} == {STOP}


@pytest.mark.parametrize("text", ["STOP", " stop. ", "¡Alto!", "opt-out", "Opt out", "END"])
def test_one_word_that_says_stop_says_nothing_else(text: str) -> None:
    assert is_plain_stop(text)


@pytest.mark.parametrize("text", [each for each in STOPS if len(each.split()) > 1 and each.split()[0].lower() != "opt"])
def test_what_else_somebody_writes_beside_stop_is_not_lost(text: str) -> None:
    assert not is_plain_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me, I want to die",
        "I'm thinking about suicide",
        "end all",
        "End it",
        "please stop this pain",
        "I want to end it all",
        "better off dead",
        "kill myself",
        "I cant go on",
        "he OD'd",
        "my friend overdosed and is not breathing",
        "He hit me again",
        "I am scared of him",
        "she has a gun",
        "terminar todo",
        "Ya no quiero vivir",
        "quiero quitarme la vida",
        "no puedo más",
        "fue una sobredosis",
        "me pegó",
        "me amenaza",
    ],
)
def test_words_of_danger_are_to_be_read_now(text: str) -> None:
    assert is_to_read_now(text)


@pytest.mark.parametrize(
    "text",
    ["", "1", "STOP", "end", "Can you call me about the bus?", "my phone is dying", "this wait is killing me", "Ya tengo un lugar", "Todo bien"],
)  # fmt: skip
def test_other_words_are_read_in_their_turn(text: str) -> None:
    assert not is_to_read_now(text)


def test_a_very_long_text_is_read_in_no_time_and_by_a_person() -> None:
    assert read_reply("no me manden " * 50_000, is_asked=True) == OTHER
    assert not is_to_read_now("want it want it " * 50_000)


@pytest.mark.parametrize(
    "text",
    [
        "hey its me can you call me when u get this",
        "Could somebody please call?",
        "I need a call about the bed",
        "Llámeme cuando pueda por favor",
        "necesito que me llamen hoy",
    ],
)
def test_a_wish_to_be_called_is_found_among_other_words(text: str) -> None:
    assert asks_for_call(text)


@pytest.mark.parametrize(
    "text", ["don't call me", "Please do not call me at work", "no llámeme", "they called me a liar", ""]
)
def test_other_words_with_a_call_in_them_ask_for_none(text: str) -> None:
    assert not asks_for_call(text)
