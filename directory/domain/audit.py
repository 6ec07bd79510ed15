"""The chain of the audit trail: how an entry is sealed together with the one before it, and how a chain is checked.

`h(i) = HMAC-SHA256(key, h(i-1) + "\\n" + body(i))`, where the body is canonical JSON that holds the entry's number. A changed, missing or
swapped entry breaks the chain; that its end was cut off shows only against what was written down elsewhere (an anchor).
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

DIRECTORY = "directory"
"""The chain of changes to listings, imports, accounts."""
ACCESS = "access"
"""The chain of who read what."""

DEVELOPMENT_KEY = "development-only-and-known-to-all"
"""What seals where no key is set. It stands in public code, so that what it seals proves nothing."""
KEY_LENGTH = 32
"""Characters that a key has at least."""

_ANCHOR = re.compile(r"(?:(?P<chain>[a-z][a-z0-9-]*):)?(?P<seq>[1-9][0-9]*):(?P<hash>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed entry as it is stored. `hash` is 64 hexadecimal digits."""

    chain: str
    seq: int
    at: datetime
    by: str
    action: str
    subject: str
    details: Mapping[str, object]
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """That an entry had this number and this hash, as somebody outside has kept it."""

    chain: str
    seq: int
    hash: str

    def __str__(self) -> str:
        prefix = "" if self.chain == DIRECTORY else f"{self.chain}:"
        return f"{prefix}{self.seq}:{self.hash}"


def read_anchor(text: str) -> Anchor:
    """The anchor that is written `SEQ:HASH`, or `CHAIN:SEQ:HASH` for another chain than the directory's. Raises ValueError."""
    found = _ANCHOR.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is not an anchor such as 17: and 64 hexadecimal digits")
    return Anchor(found["chain"] or DIRECTORY, int(found["seq"]), found["hash"])


# --- sealing ---------------------------------------------------------------------------------------------------------


def canonical(value: object) -> str:
    """JSON of which there is one spelling: keys sorted, no blanks, not escaped.

    Raises TypeError for what may come back from a database in another spelling: floats, moments, anything but plain values.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: _plain(item) for name, item in value.items()}
    raise TypeError(f"an audit entry cannot hold a value of type {type(value).__name__}")


def body(entry: Entry) -> str:
    """What is sealed of an entry: all of it but the hash. The moment is in UTC to the microsecond."""
    moment = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    parts = {
        "chain": entry.chain,
        "seq": entry.seq,
        "at": moment,
        "by": entry.by,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
    }
    return canonical(parts)


def seal(key: str, before: str, entry: Entry) -> str:
    """The hash of an entry. `before` is that of the entry before it, "" for the first."""
    return hmac.new(key.encode(), f"{before}\n{body(entry)}".encode(), sha256).hexdigest()


def is_sealed(entry: Entry, before: str, key: str) -> bool:
    """Whether this key has sealed the entry as it stands, after the one with the hash `before`."""
    return hmac.compare_digest(seal(key, before, entry), entry.hash)


# --- checking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong from entry `seq` on. Codes: changed, missing (up to and with `until`), cut-off, head, anchor."""

    code: str
    seq: int
    until: int | None = None


@dataclass(slots=True)
class Check:
    """Goes along one chain: `take` each entry in the order of their numbers, then `end`. What is wrong collects in `faults`.

    `keys` are the newest first. A chain begins with any of them, and from an entry that a newer key seals no older one counts.
    `known` entries are sealed with the key for development, which proves nothing.
    """

    chain: str
    keys: Sequence[str]
    anchors: Sequence[Anchor] = ()
    entries: int = 0
    faults: list[Fault] = field(default_factory=list)
    key_changes: list[int] = field(default_factory=list)
    known: int = 0
    _seq: int = 0
    _hash: str = ""
    _key: int | None = None

    @property
    def first_bad(self) -> int | None:
        """The lowest number from which the chain cannot be believed; None where it holds."""
        return min((fault.seq for fault in self.faults), default=None)

    def take(self, entry: Entry) -> None:
        """Looks at the next entry."""
        # What is sealed over a missing entry cannot be told from what was changed: the gap says it all.
        if entry.seq > self._seq + 1:
            self.faults.append(Fault("missing", self._seq + 1, entry.seq - 1))
        elif entry.seq <= self._seq or not self._is_sealed(entry):
            self.faults.append(Fault("changed", entry.seq))
        for anchor in self.anchors:
            if anchor.seq == entry.seq and not hmac.compare_digest(anchor.hash, entry.hash):
                self.faults.append(Fault("anchor", entry.seq))
        self.entries += 1
        self._seq, self._hash = entry.seq, entry.hash

    def _is_sealed(self, entry: Entry) -> bool:
        last = len(self.keys) if self._key is None else self._key + 1
        for number in reversed(range(last)):
            if is_sealed(entry, self._hash, self.keys[number]):
                self.known += self.keys[number] == DEVELOPMENT_KEY
                if self._key is not None and number != self._key:
                    self.key_changes.append(entry.seq)
                self._key = number
                return True
        return False

    def end(self, head: Anchor | None) -> None:
        """Compares the end with where the chain is said to stand, and with the anchors that lie beyond."""
        if head is None:
            if self._seq:
                self.faults.append(Fault("head", self._seq))
        elif head.seq > self._seq:
            self.faults.append(Fault("cut-off", self._seq + 1, head.seq))
        elif (head.seq, head.hash) != (self._seq, self._hash):
            self.faults.append(Fault("head", head.seq))
        beyond = [anchor.seq for anchor in self.anchors if anchor.seq > self._seq]
        if beyond and not any(fault.code == "cut-off" for fault in self.faults):
            self.faults.append(Fault("cut-off", self._seq + 1, max(beyond)))
