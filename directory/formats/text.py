"""What every importer does to text: markup and stray signs out, blanks squeezed.

It also takes people's own numbers and e-mail addresses out of free text; which texts are free is the reader's to know.
"""

from __future__ import annotations

import html
import re
from math import isfinite

NUMBER_LEFT_OUT = "[number left out]"
EMAIL_LEFT_OUT = "[e-mail left out]"
LONGEST = 50_000
"""Characters of one text that are read at all; no honest field comes near."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Control signs, direction marks and half characters: nobody sees them, and databases refuse some."""
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(?:script|style)\b[^<>]*>[^<]*", re.IGNORECASE)
_TAG = re.compile(r"<[/!?]?[a-z-][^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_NEW_LINE = re.compile("\r\n?|[\u2028\u2029]")


def as_text(value: object) -> str:
    """A text or a number as text (19094.0 is "19094"); "" for anything else, so that no odd value passes for a field."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float):
        if not isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value) if abs(value) < 10**30 else ""


def is_odd(value: object) -> bool:
    """Whether something stands there that is neither a text nor a number, such as an object where a name should be."""
    return value is not None and not isinstance(value, str) and as_text(value) == ""


def scrub(text: str) -> str:
    """The text without control signs, in one kind of line break."""
    return _UNSEEN.sub("", _NEW_LINE.sub("\n", text[:LONGEST]))


def _unescape(text: str) -> str:
    # With the semicolon only: html.unescape alone would read "Arts&centre" as "Arts¢re".
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def plain(text: str) -> str:
    """Plain text of several lines: tags gone (a break is a new line), entities decoded, blanks squeezed."""
    text = scrub(text)
    for _ in range(2):  # what was escaped twice is common in feeds of web sites
        text = _unescape(_TAG.sub("", _HIDDEN.sub("", _BREAK.sub("\n", text))))
    text = scrub(_TAG.sub("", _BREAK.sub("\n", text)))
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def one_line(text: str) -> str:
    """Plain text of one line."""
    return " ".join(plain(text).split())


def cut(text: str, longest: int) -> str:
    """The text if it is no longer than so many characters, else its beginning with an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_AMERICAN = r"(?<![\w+])(?:\+?1[\s.-]{0,3})?(?:\(\d{3}\)\s{0,2}|\d{3}[\s./-]{0,3})\d{3}[\s.-]{0,3}\d{4}(?!\d)"
_BRITISH = r"(?<![\w.,+-])\(?0\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,4}(?!\d)"
_PRIVATE = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)"
    rf"|(?P<email>{_EMAIL.pattern})"
    rf"|(?P<number>(?<!\w)\+1?[\s.-]?\d[\d\s().-]{{6,18}}\d(?!\w)|{_AMERICAN}|{_BRITISH}"
    r"|(?<![\w.-])(?<!\d )\d{3}-\d{4}(?!\d)(?![\s.-]\d))"
)
_MEETING_NUMBER = re.compile(
    r"(?:\bid|\bpmi|\bpass(?:code|word)?|\bpwd|\bpw|\bpc|\bpin|\bcode|\bzoom|\bdial[- ]?in(?:[- ](?:phone|number))?)"
    r"(?:\s(?:number|no|is))?(?P<joint>[\s.:#=–-]{0,4})$",
    re.IGNORECASE,
)
"""What stands before the number of a meeting, or before a public dial-in number."""


def mask_emails(text: str) -> str:
    """The text without e-mail addresses."""
    return _EMAIL.sub(EMAIL_LEFT_OUT, text)


def mask(text: str) -> str:
    """The text without e-mail addresses and telephone numbers.

    Web addresses stay (without an e-mail address inside), and so do numbers named as a meeting's: an ID, a passcode, a dial-in.
    """
    return _PRIVATE.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    if found["url"]:
        return mask_emails(found[0])
    if found["email"]:
        return EMAIL_LEFT_OUT
    return found[0] if _is_of_a_meeting(found) else NUMBER_LEFT_OUT


def _is_of_a_meeting(found: re.Match[str]) -> bool:
    before = _MEETING_NUMBER.search(found.string, max(0, found.start() - 40), found.start())
    if found.string.startswith(",,", found.end()):  # a one-tap dial string
        return True
    if before is None:
        return False
    # "for the passcode 215-555-0100" is somebody's telephone; "passcode: 215-555-0100" is a passcode.
    return bool(re.search("[:#=]", before["joint"])) or not re.search(r"\d[-.()/]", found[0])
