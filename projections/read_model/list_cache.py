"""The cached lines of lists: which hold for a question, and how one is made.

A cached line knows all claims about its thing, under the default policy, at the day from which on
no date of theirs can change it: it holds for every later day, every position from its last claim
on, and every day of publication by which all of it was public. Who asks for a list makes those
that are missing, and keeps them where the answers may be written.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.party_ends import named_parties
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from events.identifiers import kind_of
from events.store.errors import StoreError
from projections.kinds.registry import canonical_text, summary
from projections.queries.document import Document
from projections.read_model.catch_up import ALWAYS, ended_parties, read_rows, transaction
from projections.read_model.date_effects import FIRST
from projections.read_model.rows import (
    READ,
    AnswersDamagedError,
    NewerVersionError,
    claims_from,
    damaged_row,
)
from projections.read_model.schema import NEVER, kind_bounds

BATCH = 500

KEEP = (
    "INSERT INTO lines VALUES (?, ?, ?, ?, ?) ON CONFLICT (thing) DO UPDATE SET"
    " last_position = excluded.last_position, valid_from = excluded.valid_from,"
    " public_by = excluded.public_by, summary = excluded.summary"
    " WHERE excluded.last_position >= lines.last_position"
)
_MISSING = (
    "SELECT things.thing FROM things LEFT JOIN lines ON lines.thing = things.thing"
    " AND lines.last_position = things.last_position"
    " WHERE things.thing >= ? AND things.thing < ? AND things.last_position <= ?"
    " AND lines.thing IS NULL ORDER BY things.thing"
)
_READY = (
    "SELECT lines.thing, lines.summary FROM lines JOIN things ON lines.thing = things.thing"
    " AND lines.last_position = things.last_position"
    " WHERE things.thing >= ? AND things.thing < ? AND things.last_position <= ?"
    " AND lines.valid_from <= ? AND lines.valid_from < ?"
)
_PUBLIC = " AND lines.public_by <= ?"
COLUMNS = f"{READ}, published_on, settled_from"


class CachedLine(NamedTuple):
    """A thing's line, and for which clocks it holds: the first day, and of publication.

    NEVER in `valid_from` says that no line holds for long. `summary` is empty (NULL) where nothing
    that was said still stands: such a thing has no line.
    """

    thing: str
    last_position: int
    valid_from: str
    public_by: str
    summary: str | None


def line_of(
    claims: Sequence[Claim],
    settled: Iterable[str | None],
    public: Iterable[str | None],
    ended: frozenset[str],
) -> CachedLine:
    """Return the line of a thing with these claims, all there are, and their days as kept.

    None holds for long of an agreement that names one of the parties that have `ended`: it follows
    from claims about the party too.
    """
    thing, last = claims[-1].thing, claims[-1].position
    if ended and kind_of(thing) == "agreement" and not ended.isdisjoint(named_parties(claims)):
        return empty_line(thing, last)
    valid_from = max(filter(None, settled), default=FIRST)
    if valid_from == NEVER:
        return empty_line(thing, last)
    view = fold(claims, Clocks(date.fromisoformat(valid_from)), policy(DEFAULT))
    text = canonical_text(summary(thing, view)) if view.standing.claims else None
    return CachedLine(thing, last, valid_from, _public_by(claims, public), text)


def empty_line(thing: str, last: int) -> CachedLine:
    """Return what is kept of a thing for which no line holds for long."""
    return CachedLine(thing, last, NEVER, NEVER, None)


def _public_by(claims: Iterable[Claim], public: Iterable[str | None]) -> str:
    # A correction's text has days of its own, which the columns do not hold.
    if "claim.corrected" in [claim.type for claim in claims]:
        return NEVER
    return max([day or NEVER for day in public])


def store_lines(connection: sqlite3.Connection, lines: Iterable[CachedLine]) -> None:
    """Write lines, but never over one that knows more."""
    with transaction(connection):
        connection.executemany(KEEP, lines)


def cached_lines(
    connection: sqlite3.Connection, kind: str, clocks: Clocks
) -> dict[str, Document | None]:
    """Return a kind's lines that hold at these clocks, made if missing; None: none stands."""
    known = ALWAYS if clocks.known_at is None else clocks.known_at
    lost = add_missing_lines(connection, kind, known)
    values: list[Any] = [*kind_bounds(kind), known, clocks.as_of.isoformat(), NEVER]
    sql = _READY
    if clocks.public_at is not None:
        sql, values = sql + _PUBLIC, [*values, _certainly_by(clocks)]
    found = dict(connection.execute(sql, values).fetchall())
    found.update((line.thing, line.summary) for line in lost if _holds(line, clocks, known))
    return {thing: None if text is None else _read(thing, text) for thing, text in found.items()}


def _read(thing: str, text: str) -> Document:
    try:
        found: Document = json.loads(text)
    except ValueError as error:
        raise AnswersDamagedError(f"the line of {thing} in the answers: {error}") from None
    return found


def _holds(line: CachedLine, clocks: Clocks, known: int) -> bool:
    on, public = clocks.as_of.isoformat(), _certainly_by(clocks)
    valid = line.valid_from <= on and line.valid_from < NEVER
    return valid and line.last_position <= known and line.public_by <= public


def _certainly_by(clocks: Clocks) -> str:
    """Return the day by which all must have been public; of an instant, one that is over."""
    if clocks.public_at is None:
        return NEVER
    day = clocks.public_at
    return (day - timedelta(2) if clocks.public_moment else day).isoformat()


def things_without_line(
    connection: sqlite3.Connection, bounds: tuple[str, str], known: int = ALWAYS
) -> list[str]:
    """Return the things within bounds that lack their line, and have no claim after `known`."""
    return [thing for (thing,) in connection.execute(_MISSING, (*bounds, known))]


def add_missing_lines(connection: sqlite3.Connection, kind: str, known: int) -> list[CachedLine]:
    """Make the lines that things lack without a claim after `known`; return those not kept."""
    things = things_without_line(connection, kind_bounds(kind), known)
    lost: list[CachedLine] = []
    for first in range(0, len(things), BATCH):
        lines = list(make_lines(connection, things[first : first + BATCH]))
        try:
            if not lost:  # who waited in vain once does not wait again
                store_lines(connection, lines)
                continue
        except (sqlite3.Error, StoreError):
            pass
        lost += lines
    return lost


def make_lines(connection: sqlite3.Connection, things: Sequence[str]) -> Iterator[CachedLine]:
    """Yield the lines of things, made from their rows; raise AnswersDamagedError."""
    ended = ended_parties(connection)
    return (_make_line(thing, read_rows(connection, COLUMNS, thing), ended) for thing in things)


def _make_line(thing: str, rows: Sequence[Any], ended: frozenset[str]) -> CachedLine:
    if not rows:  # the table of claims is damaged
        return empty_line(thing, 0)
    try:
        claims = claims_from([row[:6] for row in rows])
    except NewerVersionError:
        return empty_line(thing, rows[-1][0])
    try:
        return line_of(claims, [row[7] for row in rows], [row[6] for row in rows], ended)
    except ValueError as error:
        raise damaged_row(rows[-1], error) from None
