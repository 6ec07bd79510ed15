"""The people of the story of the line, of whom one carries marks, and the search for these in all that the story leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from time import monotonic, sleep
from urllib.parse import unquote_plus, urlsplit

from tests.browser import live
from tests.browser.waiting import Town
from tests.post_office import MailHost


@dataclass
class Client:
    """Somebody who is taken on: what they tell, and later their number and the code on their card."""

    called: str
    facts: dict[str, str] = field(default_factory=dict)
    name: str = ""
    phone: str = "215-555-0111"
    born: str = ""
    note: str = ""
    email: str = ""
    upi: str = ""
    code: str = ""

    @property
    def marks(self) -> tuple[str, ...]:
        """What tells who somebody is, as it may be written down."""
        phone = self.phone.replace("-", "")
        return (*self.name.split(), self.called, self.phone, phone, phone[3:], self.born, self.note, self.email)


ALDER = Client("Alder", name="Alder Fold")
BRIAR = Client("Briar", name="Briar Fold")
MARKED = Client(
    "Zanzibara",
    {"injecting-30d": "yes"},
    "Zanzibara Quillfeather",
    "215-555-0177",
    "1987-11-23",
    "Ask for the heronry key",
    "quillfeather@post.example",
)
PIPIT = Client("Pipit", {"pregnant": "yes"}, "Pipit Fold")
CLIENTS = (ALDER, BRIAR, MARKED, PIPIT)
"""As they ask, one after the other: the later the earlier in the order of the law."""


def found_in(text: str, *clients: Client) -> list[str]:
    """The marks of these people that stand in this text."""
    return [mark for each in clients for mark in each.marks if mark and mark.lower() in text.lower()]


def assert_no_trace(town: Town, mail: MailHost) -> None:
    """Issue 6: a marked name, number, note and fact are looked for in all that is left behind but the pages that may show them."""
    assert_nothing_asked(town)
    assert_nothing_kept(town)
    assert_nothing_stored(town)
    letters = " ".join(_words(each) for each in _arrived(mail))
    assert "You have an update" in letters
    assert not found_in(letters, *CLIENTS)
    assert not told_of_care(letters)
    assert not any(each.upi in letters or each.code in letters for each in CLIENTS)
    log = (town.folder / "log").read_text(encoding="utf-8", errors="replace")
    assert not found_in(log, *CLIENTS)
    assert not told_of_care(log)


def _arrived(mail: MailHost) -> list[EmailMessage]:
    """What was sent, once one of these messages is for the marked person: the worker looks every few seconds."""
    deadline = monotonic() + live.PATIENCE
    while not any(readers == [MARKED.email] for _, readers, _ in mail.arrived) and monotonic() < deadline:
        sleep(0.1)
    return mail.messages


def _words(message: EmailMessage) -> str:
    parts = [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
    return " ".join([str(message["subject"]), str(message["from"]), *parts])


def assert_nothing_asked(town: Town) -> None:
    """No address holds a mark, a code or a fact, and nothing that held one is kept by a browser (WAITLIST 4.2)."""
    assert len(town.urls) > 100
    urls = " ".join(unquote_plus(url) for url in dict.fromkeys(town.urls))
    assert not found_in(urls, *CLIENTS)
    assert not any(code in urls for each in CLIENTS for code in (each.code, each.code.replace("-", "")))
    assert not told_of_care(urls)
    kept = {urlsplit(url).path for url, rule in town.answers if rule != "no-store"}
    assert kept <= {"/"}


def assert_nothing_kept(town: Town) -> None:
    """No cookie tells of anybody."""
    cookies = " ".join(str(each) for context in town.visits.contexts for each in context.cookies()) + str(town.cookies)
    assert "session" in cookies
    assert not found_in(cookies, *CLIENTS)
    assert not told_of_care(cookies)


def assert_nothing_stored(town: Town) -> None:
    """No row of any table has who somebody is in the clear, and none of what was done or sent has a fact (WAITLIST 4.3, 4.4)."""
    tables = [str(name) for (name,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert [name for name in tables if found_in(str(town.rows(f'SELECT * FROM "{name}"')), MARKED)] == []
    for name in ("audit_entry", "access_entry", "entry_event", "outbox", "task"):
        assert not told_of_care(str(town.rows(f"SELECT * FROM {name}"))), name
    assert len(town.rows("SELECT 1 FROM access_entry")) > 20
    town.rows("PRAGMA wal_checkpoint(TRUNCATE)")  # what was taken out since the last one stands in the file until then
    for file in town.folder.glob(f"{live.DATABASE}*"):
        raw = file.read_bytes().lower()
        assert [mark for mark in MARKED.marks if mark.lower().encode() in raw] == [], file.name


def told_of_care(text: str) -> list[str]:
    """What tells of somebody's health in this text: facts, in words or as codes."""
    return [word for word in ("inject", "pregnan", "overdose", "opioid", "heroin") if word in text.lower()]
