"""Secrets that are handed out once (links, session cookies, recovery codes): their form, and what is stored in their place.

Random bytes and keys come in as arguments. Only hashes are stored, so that who reads the database can use none of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta

TOKEN_BYTES = 32
"""256 bits, far beyond guessing; OWASP's Session Management Cheat Sheet asks for 64 at least."""
INVITATION, RESET, SECOND_FACTOR, ONCE = "invitation", "reset", "second-factor", "once"
OPENINGS, ROLE = "openings", "role"
"""What a link is for. `role` offers one more role to somebody who has an account; `openings` is one report of one level, and signs
nobody in; `once` is the token of a form, which is kept so that the same form is taken only once."""
LIFETIME = {
    INVITATION: timedelta(hours=72),
    RESET: timedelta(hours=1),
    SECOND_FACTOR: timedelta(hours=24),
    OPENINGS: timedelta(hours=24),
    ONCE: timedelta(days=1),
    ROLE: timedelta(hours=72),
}

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, which has none of the letters that are taken for one another, and no U, so that no word comes of it."""
_ALIKE = str.maketrans("OIL", "011")
CODES = 10
CODE_BYTES, CODE_LETTERS = 10, 16
"""80 bits for each recovery code. NIST SP 800-63B (revision 3), 5.1.2.2 asks for 20 at least, and under 112 for a slow hash; here a keyed
one stands in its place, whose key is not in the database."""


def token_text(random: bytes) -> str:
    """A token as it stands in an address or a cookie: 43 signs."""
    if len(random) != TOKEN_BYTES:
        raise ValueError("a token is made of 32 random bytes")
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """What is stored in its place; "" for what cannot be a token. Plain SHA-256, since nobody can try out 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else ""


def hours_of(purpose: str) -> int:
    """The whole hours for which a link of this purpose is good."""
    return int(LIFETIME[purpose] / timedelta(hours=1))


def key_for(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes of its own for each purpose, out of the one secret of the settings."""
    return hmac.digest(secret.encode(), f"footbridge/{purpose}".encode(), "sha256")


def keyed_hash(key: bytes, text: str) -> str:
    """A hash that only who has the key can make: for what is short enough to be tried out, such as an address."""
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def letters_of(number: int, count: int) -> str:
    """The last 5 bits of a number for each of so many letters, the highest first."""
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(count)))


def in_fours(letters: str) -> str:
    """Letters as they are printed: `XXXX-XXXX-XX`."""
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def letters_read(text: str, count: int) -> str:
    """So many letters as somebody typed them, whatever the case, blanks and dashes; "" for what they cannot be."""
    letters = re.sub(r"[\s.\-\u2013\u2014]", "", text).upper().translate(_ALIKE)
    return letters if len(letters) == count and set(letters) <= set(LETTERS) else ""


def code_text(random: bytes) -> str:
    """A recovery code as it is shown: 16 letters in fours."""
    if len(random) != CODE_BYTES:
        raise ValueError("a recovery code is made of 10 random bytes")
    return in_fours(letters_of(int.from_bytes(random), CODE_LETTERS))


def code_read(text: str) -> str:
    """A recovery code as somebody typed it, in the form that is hashed; "" for what cannot be one."""
    return letters_read(text, CODE_LETTERS)
