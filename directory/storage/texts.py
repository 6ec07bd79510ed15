"""Looks for words and phrases: an index of all words on either engine, and the words that a slip of the finger may have meant.

SQLite has an FTS5 table, PostgreSQL a column of lexemes (storage/guards.py makes them). Neither takes a text apart by rules of
its own: both hold the words that domain/words.py has made, so that both give the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.domain.words import APART, plain
from directory.storage import db

FREQUENT = 10_000
"""A word that so many listings have is frequent."""
_SHORT = 3
"""A word of so few letters begins so many others that SQLite takes it for frequent unasked."""
_FORGIVEN = 4
_FORGIVEN_TWICE = 8
"""The lengths from which one slip is forgiven, and two."""
_ALIKE = 8
"""So many words may have been meant at the most."""
_ASKED = 40
"""Words spelled alike of which it is asked whether they still stand in a listing."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: any of `words`, each of which may be the beginning of a word, or a `phrase`.

    `code_ids` are the codes whose labels hold the phrase. `hits` is how many listings have it, about and `FREQUENT` at the most, None
    where nobody has counted: it decides how it is looked for, and never what is found.
    """

    words: tuple[str, ...]
    phrase: str = ""
    code_ids: tuple[int, ...] = ()
    hits: int | None = None

    @property
    def is_rare(self) -> bool:
        """Whether it is known that few listings have it."""
        return self.hits is not None and self.hits < FREQUENT


async def terms_of(words: Sequence[str], phrases: Sequence[str]) -> tuple[Term, ...]:
    """What is to be looked for, with what the database knows of it."""
    terms = [Term((word,)) for text in words for word in plain(text).split()]
    labelled = await _labelled([phrase for phrase in map(plain, phrases) if phrase])
    terms += [Term((), phrase, ids) for phrase, ids in labelled.items()]
    return await _counted(terms)


def condition(sql: db.Sql, terms: Sequence[Term], *, near: bool = False) -> str:
    """That a listing of `search_row r` has all of these.

    `near`: other conditions leave some thousands of listings at the most, as around a place. Then it is quicker to look for frequent
    words in each of them than to ask the index for all that have them.
    """
    if not terms:
        return "1 = 1"
    return _sqlite(sql, terms, near) if db.is_sqlite() else _postgres(sql, terms, near)


def _sqlite(sql: db.Sql, terms: Sequence[Term], near: bool) -> str:
    indexed = [term for term in terms if term.is_rare] or ([] if near else list(terms))
    others = [_holds(sql, term) for term in terms if term not in indexed or " " in term.phrase]
    parts = [f"r.id IN ({_select(sql, indexed)})"] if indexed else []
    if others:
        parts.append(f"EXISTS (SELECT 1 FROM listing_words w WHERE w.id = r.id AND {' AND '.join(others)})")
    return " AND ".join(parts)


def _postgres(sql: db.Sql, terms: Sequence[Term], near: bool) -> str:
    """It chooses well by itself which to ask first, the index of words or that of places, unless a word is rare: in a statement that
    is used again it does not see how large a place is, and may read the few listings anew for each that is near. IS TRUE makes it
    look each up among them, OFFSET makes it begin with them."""
    phrases = "".join(f" AND {_holds(sql, term)}" for term in terms if " " in term.phrase)
    found = f"{_select(sql, terms)}{phrases}"
    if not any(term.is_rare for term in terms):
        return f"r.id IN ({found})"
    return f"(r.id IN ({found})) IS TRUE" if near else f"r.id IN ({found} OFFSET 0)"


def _select(sql: db.Sql, terms: Sequence[Term]) -> str:
    """A SELECT of the ids to which the index leads: of a phrase, those that have all of its words."""
    if db.is_sqlite():
        return f"SELECT rowid FROM listing_text WHERE listing_text MATCH {sql(_match(terms))}"
    # Not a value: PostgreSQL chooses its plan by how frequent the words are. They are letters and digits, whatever was asked.
    return f"SELECT w.id FROM listing_words w WHERE w.lexemes @@ $q${_match(terms)}$q$::tsquery"


def _match(terms: Sequence[Term]) -> str:
    """The question in the language of the index."""
    begins, whole, both, either = (
        ('"{}" *', '"{}"', " AND ", " OR ") if db.is_sqlite() else ("'{}':*", "'{}'", " & ", " | ")
    )
    return both.join(
        both.join(whole.format(_letters(word)) for word in term.phrase.split())
        if term.phrase
        else f"({either.join(begins.format(_letters(word)) for word in term.words)})"
        for term in terms
    )


def _letters(word: str) -> str:
    """A word without the signs that mean something there; in its plain form it has none. What is nothing but signs finds nothing."""
    return re.sub(r"\W+", "", word) or "_"


def _holds(sql: db.Sql, term: Term) -> str:
    """That the words of `listing_words w` hold it."""
    position = "instr" if db.is_sqlite() else "strpos"
    texts = [f" {term.phrase} "] if term.phrase else [f" {word}" for word in term.words]
    ways = [f"{position}(w.words, {sql(text)}) > 0" for text in texts]
    if term.code_ids:
        carried = f"lc.listing_id = w.id AND lc.code_id IN ({sql.list(term.code_ids)})"
        one_by_one = "" if db.is_sqlite() else " OFFSET 0"  # else PostgreSQL reads the whole table into a hash
        ways.append(f"EXISTS (SELECT 1 FROM listing_code lc WHERE {carried}{one_by_one})")
    return f"({' OR '.join(ways)})"


async def _counted(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The same terms with their numbers of hits: counted on SQLite, on PostgreSQL as its planner expects them for all together."""
    if not terms:
        return ()
    sql = db.Sql()
    if db.is_sqlite():
        numbers = ", ".join(f"{_hits(sql, term)} AS n{number}" for number, term in enumerate(terms))
        (row,) = await db.rows(f"SELECT {numbers}", sql.values)
        return tuple(replace(term, hits=row[f"n{number}"]) for number, term in enumerate(terms))
    (row,) = await db.rows(f"EXPLAIN (FORMAT JSON) {_select(sql, terms)}")
    expected = int(db.from_json(row["QUERY PLAN"])[0]["Plan"]["Plan Rows"])
    return tuple(replace(term, hits=min(expected, FREQUENT)) for term in terms)


def _hits(sql: db.Sql, term: Term) -> str:
    """Its number of hits. The whole word is counted first, which takes a moment; what begins with it takes longer."""
    if not term.phrase and len(term.words[0]) <= _SHORT:
        return str(FREQUENT)
    whole, *begun = [
        f"(SELECT COUNT(*) FROM ({_select(sql, [asked])} LIMIT {FREQUENT}))"
        for asked in ([term] if term.phrase else [Term((), term.words[0]), term])
    ]
    return f"CASE {whole} WHEN {FREQUENT} THEN {FREQUENT} ELSE {begun[0]} END" if begun else whole


async def missing(words: Sequence[str]) -> list[str]:
    """Those of these words with which no word of any listing begins."""
    terms = {word: Term((plain(word),)) for word in words if plain(word)}
    if not terms:
        return []
    sql = db.Sql()
    parts = [f"EXISTS ({_select(sql, [term])}) AS n{number}" for number, term in enumerate(terms.values())]
    (row,) = await db.rows(f"SELECT {', '.join(parts)}", sql.values)
    return [word for number, word in enumerate(terms) if not row[f"n{number}"]]


async def _labelled(phrases: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The ids of the codes whose label, in any language, holds the phrase. One word alone is among the words of the listing."""
    found: dict[str, tuple[int, ...]] = dict.fromkeys(phrases, ())
    several = [phrase for phrase in found if " " in phrase]
    if not several:
        return found
    sql = db.Sql()
    tab, newline = sql(_TAB), sql(_NEWLINE)
    line = f"CAST(id AS TEXT) || {tab} || label_en || {tab} || label_es"
    (row,) = await db.rows(f"SELECT {_joined(line, newline)} AS lines FROM code", sql.values)
    labels = _plain_labels(row["lines"] or "")
    return found | {phrase: tuple(id for id, label in labels if f" {phrase} " in label) for phrase in several}


_TAB, _NEWLINE = "\t", "\n"


@lru_cache(maxsize=2)
def _plain_labels(lines: str) -> list[tuple[int, str]]:
    """Each code's id and labels from lines of them. There are thousands, and always the same."""
    codes = [line.split(_TAB) for line in lines.split(_NEWLINE) if line]
    return sorted((int(id), f" {APART.join(map(plain, labels))} ") for id, *labels in codes)


def _joined(expression: str, between: str) -> str:
    """An aggregate that makes one text of many: as rows of their own they would take ten times as long on their way."""
    return f"{'group_concat' if db.is_sqlite() else 'string_agg'}({expression}, {between})"


# --- words that are spelled alike ------------------------------------------------------------------------------------


async def remember(words: set[str]) -> None:
    """Adds words to those that a slip of the finger may have meant. Needs a transaction."""
    if not words:
        return
    rows = [[word, len(word)] for word in sorted(words)]
    if db.is_sqlite():
        text = "INSERT INTO name_word (word, length) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
        await db.connection().execute_many(text, rows)
    else:  # several times faster than row by row
        text = "INSERT INTO name_word (word, length) SELECT * FROM unnest($1::text[], $2::smallint[]) ON CONFLICT DO NOTHING"
        await db.execute(text, [list(column) for column in zip(*rows, strict=True)])


async def forgiven(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each word the other words that are spelled most like it: those with the fewest slips, `_ALIKE` at the most.

    A slip is a letter too many, too few or wrong, or two letters swapped (optimal string alignment). A word of 4 letters may have
    one, a word of 8 two. Numbers and shorter words have none, and words that nothing is like are left out.
    """
    found = {}
    for word in words:
        slips = _slips(word)
        near = await _near(word, slips) if slips else ()
        if near:
            found[word] = near
    return found


def _slips(word: str) -> int:
    """How many slips are forgiven in a word."""
    if len(word) < _FORGIVEN or word.isdigit():
        return 0
    return 2 if len(word) >= _FORGIVEN_TWICE else 1


async def _near(word: str, slips: int) -> tuple[str, ...]:
    sql = db.Sql()
    text = (
        f"SELECT {_joined('word', sql(' '))} AS words FROM name_word "
        f"WHERE length BETWEEN {sql(len(word) - slips)} AND {sql(len(word) + slips)} AND word <> {sql(word)}"
    )
    (row,) = await db.rows(text, sql.values)
    alike = process.extract(word, (row["words"] or "").split(), scorer=OSA.distance, score_cutoff=slips, limit=None)
    nearest = sorted((distance, other) for other, distance, _ in alike)[:_ASKED]
    # A name may be of the past: what stands in no listing any more must not hide what does.
    gone = set(await missing([other for _, other in nearest]))
    alive = [(distance, other) for distance, other in nearest if other not in gone]
    return tuple(other for distance, other in alive if distance == alive[0][0])[:_ALIKE]
