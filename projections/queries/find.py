"""Find claims by words: names and titles first, each with the field that holds the words.

The definition is docs/spec/answers.md, 21.11. The index of words selects events; whether their
texts stand is kept for the last position, and is asked subject by subject at other clocks.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks, begun_by
from domain.claims.effective_claims import EffectiveClaims, effective_claims
from domain.claims.publication import NONE_EXCLUDED, Excluded
from domain.claims.ranking import UNDATED, Policy
from events.identifiers import kind_of, slug_of
from projections.kinds.registry import summary
from projections.queries.document import Document, claim_document
from projections.read_model.catch_up import claims_about_claims
from projections.read_model.database import ReadModel
from projections.read_model.mentions import NAMES
from projections.read_model.rows import READ, claims_from
from projections.read_model.schema import ALWAYS
from projections.read_model.texts import (
    NAME_EDGE,
    NAMING,
    fallen_versions,
    kept_words,
    own_texts,
    pairs_of,
    token_of,
    words_in,
)

LIMIT = 20
MOST_SUBJECTS = 500  # that are looked into at clocks of which nothing is kept
MOST_COUNTED = 10_000
_TITLES = ("name", "title", "label")
_MOST_TITLED = 200
_WIDTH = 76
_BEGINS = 3  # letters of a word that may be the beginning of a longer one
_quotes = re.compile('["“”„«»]')
_chunks = re.compile(r"\S+").finditer
_BEARING = "FROM texts WHERE texts MATCH ? AND rowid <= ?"
_STANDING = (
    f"{_BEARING} AND NOT EXISTS"  # noqa: S608 - conditions of ours
    " (SELECT 1 FROM claims WHERE fallen = 1 AND claims.position = texts.rowid)"
)
_COUNT = f"SELECT count(*) FROM (SELECT 1 {_STANDING} LIMIT ?)"  # noqa: S608 - conditions of ours


class Term(NamedTuple):
    """Words that stand one after the other; the last may `begin` a longer one."""

    words: tuple[str, ...]
    begins: bool


class Wanted(NamedTuple):
    """Which hits: of a kind, a type, a party that asserts or is named; how many at most."""

    kind: str | None = None
    type: str | None = None
    party: str | None = None
    limit: int = LIMIT


class Hits(NamedTuple):
    """The best hits, how many there are, and whether that is all: else there may be more."""

    rows: list[Document]
    total: int
    complete: bool
    excluded: Excluded


def read_terms(text: str) -> list[Term]:
    """Return the words that are looked for; what stands in double quotes is one phrase."""
    parts = _quotes.split(text)
    found = []
    for number, part in enumerate(parts):
        quoted = number % 2 == 1 and number < len(parts) - 1
        for one in [part] if quoted else part.split():
            words = tuple(pair for word in words_in(one) for pair in pairs_of(word))
            if words:
                found.append(Term(words, not quoted and _may_begin(words[-1])))
    return found


def _may_begin(word: str) -> bool:
    return len(word) >= _BEGINS if word.isascii() else len(word) == 1 or len(word) >= _BEGINS


def find_claims(
    answers: ReadModel,
    terms: Sequence[Term],
    clocks: Clocks,
    wanted: Wanted = Wanted(),  # noqa: B008 - it never changes
    *,
    dated: bool = False,
) -> Hits:
    """Return the claims that bear all words and stand at the clocks, the best first.

    Where `dated`, what certainly begins after D is left out.
    """
    known = answers.position if clocks.known_at is None else clocks.known_at
    past = dated or clocks.public_at is not None or known < answers.position
    candidates = _candidates(answers, terms, wanted, known, stands=not past)
    if past:
        asked = clocks._replace(known_at=known)
        return _asked(answers, terms, asked, candidates, wanted, dated=dated)
    claims = _claims_at(answers, list(islice(candidates, wanted.limit)))
    rows = [_row(claim, terms) for claim in claims]
    if len(rows) < wanted.limit:
        return Hits(rows, len(rows), True, NONE_EXCLUDED)
    most = max(MOST_COUNTED, len(rows))
    bearing = (_tiers(terms, wanted)[-1], known, most + 1)
    (count,) = answers.connection.execute(_COUNT, bearing).fetchone()
    return Hits(rows, min(count, most), count <= most, NONE_EXCLUDED)


def things_titled(
    answers: ReadModel, slug: str, clocks: Clocks, chosen: Policy, kind: str | None = None
) -> list[str]:
    """Return the things whose name or title, or whose holder's, makes the name of an id.

    Those of which the whole does, else those of which the beginning does.
    """
    terms = read_terms(slug.replace("-", " "))
    rows = find_claims(answers, terms, clocks, Wanted(limit=_MOST_TITLED)).rows if terms else []
    told: dict[str, list[str]] = {}
    for thing, view in answers.folded({row["subject"]: None for row in rows}, clocks, chosen):
        if view is not None and view.standing.claims:
            line = summary(thing, view)
            told[thing] = [str(line[name]) for name in _TITLES if line.get(name)]
    for fits in (str.__eq__, str.startswith):
        named = [t for t, texts in told.items() if any(fits(_slug(text), slug) for text in texts)]
        found = [thing for thing in named if kind in (None, kind_of(thing))]
        parties = {thing for thing in named if kind_of(thing) == "party"}
        if kind == "reserve":
            found += [one for party in parties for one in _reserves_of(answers, party, clocks)]
        if found:
            return sorted(set(found))
    return []


def _reserves_of(answers: ReadModel, party: str, clocks: Clocks) -> list[str]:
    """Return the reserves whose holder is a party by any live claim, dated or not.

    One that has the party's name is its own too.
    """
    own = f"reserve/{slug_of(party)}"
    found = {own} if answers.claims(own, clocks.known_at) else set()
    _, _, claims = answers.mentions(party, NAMES, clocks)
    return [*found, *(c.thing for c in claims if getattr(c.body, "holder", None) == party)]


def source_at(answers: ReadModel, address: str) -> str | None:
    """Return the source that is cited with an address, None if none is."""
    terms = read_terms(f'"{address}"')
    wanted = Wanted("source", limit=MOST_SUBJECTS)
    hits = find_claims(answers, terms, Clocks(date.max), wanted).rows if terms else []
    return next((hit["subject"] for hit in hits if hit["says"].get("locator") == address), None)


def _slug(text: str) -> str:
    from domain.importers.slugs import SlugError, title_slug  # most questions name an id

    try:
        return title_slug(text)
    except SlugError:
        return ""


def _candidates(
    answers: ReadModel, terms: Sequence[Term], wanted: Wanted, known: int, *, stands: bool
) -> Iterator[int]:
    """Yield the positions of events that bear the words, the best first, then the newest."""
    seen: set[int] = set()
    sql = f"SELECT rowid {_STANDING if stands else _BEARING} ORDER BY rowid DESC"
    for query in _tiers(terms, wanted):
        for (position,) in answers.connection.execute(sql, (query, known)):
            if position not in seen:
                seen.add(position)
                yield position


def _tiers(terms: Sequence[Term], wanted: Wanted) -> list[str]:
    """Return what is asked of the index, in its syntax: all words are quoted, and so are data.

    The name that is these words and no more; names; then any text: the words one after the other,
    the words themselves, and longer words that they begin.
    """
    words = " ".join(word for term in terms for word in term.words)
    whole = " AND ".join(f'"{" ".join(term.words)}"' for term in terms)
    begins = " AND ".join(
        f'"{" ".join(term.words)}"{" *" if term.begins else ""}' for term in terms
    )
    named = f'"{NAME_EDGE}" AND '
    asked = [f'names : "{NAME_EDGE} {words} {NAME_EDGE}"', f"names : ({named}{whole})"]
    asked += [f"names : ({named}{begins})", f'{{names says}} : "{words}"']
    asked += [f"{{names says}} : ({whole})", f"{{names says}} : ({begins})"]
    given = [token_of(one) for one in (wanted.kind, wanted.type, wanted.party) if one is not None]
    only = "".join(f' AND about : "{token}"' for token in given)
    return [f"({one}){only}" for one in dict.fromkeys(asked)]


def _claims_at(answers: ReadModel, positions: Sequence[int]) -> list[Claim]:
    """Return the claims as they stand whose texts are those of some events, in the same order."""
    marks = ", ".join("?" * len(positions))
    sql = f"SELECT {READ} FROM claims WHERE position IN ({marks})"  # noqa: S608
    found: dict[int, Claim] = {}
    for claim in claims_from(answers.connection.execute(sql, positions).fetchall()):
        if claim.type == "claim.corrected":
            stands = effective_claims(answers.claims(claim.thing))
            found[claim.position] = _by_text(stands)[claim.position]
        else:
            found[claim.position] = claim
    return [found[position] for position in positions]


def _by_text(stands: EffectiveClaims) -> dict[int, Claim]:
    """Return what stands by the position of the event that bears its text."""
    several = (*stands.claims, *stands.denials, *stands.resolutions)
    return {(c.corrected_by or c).position: c for c in several}


def _asked(
    answers: ReadModel,
    terms: Sequence[Term],
    clocks: Clocks,
    candidates: Iterator[int],
    wanted: Wanted,
    *,
    dated: bool,
) -> Hits:
    """Return the hits among candidates, each subject looked into at the clocks."""
    known = ALWAYS if clocks.known_at is None else clocks.known_at
    rows: list[Document] = []
    count, excluded = 0, NONE_EXCLUDED
    looked: set[str] = set()
    fallen: dict[str, list[int]] = {}  # by subject, what is enough to count by the log alone
    subjects: dict[str, tuple[dict[int, Claim], dict[int, Claim]]] = {}
    for position in candidates:
        thing, version = answers.connection.execute(
            "SELECT thing, version FROM claims WHERE position = ?", (position,)
        ).fetchone()
        looked.add(thing)
        if len(looked) > MOST_SUBJECTS:
            return Hits(rows, count, False, excluded)
        if len(rows) == wanted.limit and clocks.public_at is None and not dated:
            if thing not in fallen:
                about = claims_about_claims(answers.connection, thing, known)
                fallen[thing] = fallen_versions(thing, about)
            count += version not in fallen[thing]
            continue
        if thing not in subjects:
            claims = answers.claims(thing, clocks.known_at)
            stands = effective_claims(claims, clocks)
            excluded = excluded.plus(stands.excluded)
            more = stands
            if stands.excluded.perhaps:
                more = effective_claims(claims, clocks, perhaps=True)
            subjects[thing] = _by_text(stands), _by_text(more)
        certain, perhaps = subjects[thing]
        claim = certain.get(position) or perhaps.get(position)
        if claim is None:
            continue
        if dated and claim.type not in UNDATED and begun_by(claim, clocks) == "no":
            continue
        count += 1
        if len(rows) < wanted.limit:
            rows.append(_row(claim, terms, perhaps=position not in certain))
    return Hits(rows, count, True, excluded)


def _row(claim: Claim, terms: Sequence[Term], *, perhaps: bool = False) -> Document:
    where, text = _best(claim, terms)
    return {
        **claim_document(claim),
        "subject": claim.thing,
        "where": where,
        "snippet": _snippet(text, terms),
        "perhaps": perhaps,
    }


def _best(claim: Claim, terms: Sequence[Term]) -> tuple[str, str]:
    """Return the field that holds most of the words, with its text; names before other fields."""
    found = own_texts(
        claim.thing, claim.body, first=claim.version == 1 or claim.corrected_by is not None
    )

    def held(one: tuple[str, str]) -> tuple[int, bool]:
        words = kept_words(one[1])
        return sum(_holds(words, term) for term in terms), one[0] in NAMING

    return max(found, key=held, default=("", ""))


def _holds(words: Sequence[str], term: Term) -> bool:
    size, last = len(term.words), term.words[-1]
    for at in range(len(words) - size + 1):
        end = words[at + size - 1]
        ends = end.startswith(last) if term.begins else end == last
        if ends and tuple(words[at : at + size - 1]) == term.words[:-1]:
            return True
    return False


def _snippet(text: str, terms: Sequence[Term]) -> str:
    """Return a text, of a long one what stands around the first of the words."""
    if len(text) <= _WIDTH:
        return text
    at = next((place for place in _places(text, terms)), 0)
    first = max(0, min(at - _WIDTH // 3, len(text) - _WIDTH))
    if first and (space := text.find(" ", first, at)) >= 0:
        first = space + 1
    last = first + _WIDTH
    if last < len(text) and (space := text.rfind(" ", at + 1, last)) >= 0:
        last = space
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def _places(text: str, terms: Sequence[Term]) -> Iterator[int]:
    """Yield where in a text the words begin, as near as their folding lets it be said."""
    for chunk in _chunks(text):
        words = kept_words(chunk[0])
        for term in terms:
            if any(word.startswith(term.words[0]) for word in words):
                sign = chunk[0].find(term.words[0][0]) if len(chunk[0]) > _WIDTH else 0
                yield chunk.start() + max(0, sign)
