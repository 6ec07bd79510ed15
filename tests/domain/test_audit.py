from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from directory.domain.audit import Anchor, Check, Entry, Fault, body, canonical, read_anchor, seal

NOW = datetime(2026, 3, 2, 17, 0, 0, 5, tzinfo=UTC)
OLD, NEW = "an-old-key-of-more-than-32-characters", "a-new-key-of-more-than-32-characters"
DIGEST = "0123456789abcdef" * 4


def entry(seq: int = 1, **given: object) -> Entry:
    made: dict[str, object] = {
        "at": NOW,
        "by": "wren",
        "action": "edit",
        "subject": "listing lamp",
        "details": {"n": seq},
    }
    return Entry(chain="directory", seq=seq, **{**made, **given})  # type: ignore[arg-type]


def chain(length: int, *, key: str = NEW, before: Sequence[Entry] = (), by: str = "wren") -> list[Entry]:
    """So many sealed entries, which go on from those before."""
    found = list(before)
    for seq in range(len(found) + 1, len(found) + length + 1):
        made = entry(seq, by=by)
        found.append(replace(made, hash=seal(key, found[-1].hash if found else "", made)))
    return found


def head(entries: Sequence[Entry]) -> Anchor:
    return Anchor("directory", entries[-1].seq, entries[-1].hash)


def checked(
    entries: Sequence[Entry], end: Anchor | None, keys: Sequence[str] = (NEW,), anchors: Sequence[Anchor] = ()
) -> Check:
    check = Check("directory", keys, anchors)
    for each in entries:
        check.take(each)
    check.end(end)
    return check


# --- one spelling ----------------------------------------------------------------------------------------------------


def test_an_entry_is_sealed_as_the_rule_says_with_the_hash_before_and_a_body_of_one_spelling() -> None:
    sealed = entry(7, details={"b": [1, None, True], "a": "señora"})
    text = (
        '{"action":"edit","at":"2026-03-02T17:00:00.000005Z","by":"wren","chain":"directory",'
        '"details":{"a":"señora","b":[1,null,true]},"seq":7,"subject":"listing lamp"}'
    )
    assert body(sealed) == text
    assert seal(NEW, DIGEST, sealed) == hmac.new(NEW.encode(), f"{DIGEST}\n{text}".encode(), sha256).hexdigest()


def test_one_moment_has_one_spelling_in_every_time_zone() -> None:
    assert body(entry(at=NOW.astimezone(timezone(timedelta(hours=-5))))) == body(entry())


@pytest.mark.parametrize("value", [1.5, float("nan"), NOW, b"x", {1: "x"}, {"x"}, [{"a": [0.1]}], object()])
def test_a_value_that_could_come_back_in_another_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})


# --- checking --------------------------------------------------------------------------------------------------------


def test_a_whole_chain_has_no_fault() -> None:
    entries = chain(5)
    check = checked(entries, head(entries), anchors=[head(entries[:2]), head(entries)])
    assert (check.faults, check.entries, check.first_bad) == ([], 5, None)


def test_a_chain_without_entries_has_no_fault() -> None:
    assert checked([], None).faults == []
    assert checked([], Anchor("directory", 0, "")).faults == []


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, by="heron"),
        lambda one: replace(one, at=NOW + timedelta(microseconds=1)),
        lambda one: replace(one, action="remove"),
        lambda one: replace(one, subject="listing heron"),
        lambda one: replace(one, details={"n": 4}),
        lambda one: replace(one, chain="access"),
    ],
)
def test_every_part_of_an_entry_is_sealed(change: Callable[[Entry], Entry]) -> None:
    entries = chain(5)
    entries[2] = change(entries[2])
    assert checked(entries, head(entries)).faults == [Fault("changed", 3)]


def test_an_entry_that_was_sealed_anew_without_the_key_is_found_and_so_is_its_place_in_the_chain() -> None:
    entries = chain(5)
    forged = replace(entries[2], by="heron")
    entries[2] = replace(forged, hash=seal("a-key-that-somebody-made-up-for-this-one", entries[1].hash, forged))
    assert checked(entries, head(entries)).faults == [Fault("changed", 3), Fault("changed", 4)]


def test_missing_entries_are_one_gap_and_the_rest_still_counts() -> None:
    entries = chain(9)
    del entries[3:5]
    assert checked(entries, head(entries)).faults == [Fault("missing", 4, 5)]
    entries[5] = replace(entries[5], by="heron")
    assert checked(entries, head(entries)).faults == [Fault("missing", 4, 5), Fault("changed", 8)]


def test_a_missing_beginning_is_a_gap() -> None:
    entries = chain(4)[2:]
    assert checked(entries, head(entries)).faults == [Fault("missing", 1, 2)]


def test_two_entries_that_changed_places_are_found() -> None:
    entries = chain(5)
    third, fourth = entries[2:4]
    entries[2:4] = [replace(fourth, seq=3), replace(third, seq=4)]
    assert checked(entries, head(entries)).first_bad == 3


def test_an_entry_that_stands_twice_is_found() -> None:
    entries = chain(3)
    assert checked([*entries, entries[2]], head(entries)).faults == [Fault("changed", 3)]


def test_an_end_that_was_cut_off_is_found_by_the_head() -> None:
    entries = chain(5)
    assert checked(entries[:3], head(entries)).faults == [Fault("cut-off", 4, 5)]


def test_an_end_that_was_cut_off_with_the_head_set_back_is_found_by_an_anchor_alone() -> None:
    entries = chain(5)
    kept, cut = head(entries), entries[:3]
    assert checked(cut, head(cut)).faults == []
    assert checked(cut, head(cut), anchors=[kept]).faults == [Fault("cut-off", 4, 5)]


def test_a_chain_that_was_written_anew_from_some_point_by_whoever_has_the_key_is_found_by_an_anchor() -> None:
    entries = chain(5)
    other = chain(3, before=entries[:2], by="heron")
    assert checked(other, head(other)).faults == []
    assert checked(other, head(other), anchors=[head(entries)]).faults == [Fault("anchor", 5)]


def test_a_head_that_says_something_else_is_a_fault() -> None:
    entries = chain(3)
    assert checked(entries, Anchor("directory", 3, DIGEST)).faults == [Fault("head", 3)]
    assert checked(entries, Anchor("directory", 2, entries[1].hash)).faults == [Fault("head", 2)]
    assert checked(entries, None).faults == [Fault("head", 3)]


def test_entries_before_a_change_of_key_are_checked_with_the_key_of_their_time() -> None:
    entries = chain(2, key=NEW, before=chain(3, key=OLD))
    check = checked(entries, head(entries), keys=(NEW, OLD))
    assert (check.faults, check.key_changes) == ([], [4])
    assert checked(entries, head(entries), keys=(NEW,)).first_bad == 1


def test_an_old_key_counts_no_more_after_a_newer_one() -> None:
    entries = chain(1, key=OLD, before=chain(2, key=NEW, before=chain(2, key=OLD)))
    assert checked(entries, head(entries), keys=(NEW, OLD)).faults == [Fault("changed", 5)]


# --- anchors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        (f"17:{DIGEST}", Anchor("directory", 17, DIGEST)),
        (f" 17:{DIGEST.upper()} ", Anchor("directory", 17, DIGEST)),
        (f"access:3:{DIGEST}", Anchor("access", 3, DIGEST)),
    ],
)
def test_an_anchor_is_read_as_it_is_printed(text: str, anchor: Anchor) -> None:
    assert read_anchor(text) == anchor
    assert read_anchor(str(anchor)) == anchor


@pytest.mark.parametrize("text", ["", "17", f"0:{DIGEST}", f"x:{DIGEST}", "17:abc", f"a:b:1:{DIGEST}", f"²:{DIGEST}"])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an anchor"):
        read_anchor(text)
