"""What do many things answer, each by its own claims?

A query a thing: reading all claims of a kind in one go was hardly faster, and kept the file from
who writes.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from domain.claims.claim import Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, fold
from projections.read_model.catch_up import rows_of
from projections.read_model.rows import READ, NewerVersionError, claims_from


class Folded(NamedTuple):
    """A thing's answer; no view of a thing of which a newer version has written."""

    thing: str
    view: Resolution | None


def folded(
    connection: sqlite3.Connection, things: Iterable[str], clocks: Clocks, policy: Policy
) -> Iterator[Folded]:
    """Yield the answers of things, of those that were spoken of by then."""
    for thing, rows in _spoken_of(connection, things, clocks):
        try:
            view = fold(claims_from(rows), clocks, policy)
        except NewerVersionError:
            yield Folded(thing, None)
        else:
            yield Folded(thing, view)


def folded_twice(
    connection: sqlite3.Connection,
    things: Iterable[str],
    ends: tuple[Clocks, Clocks],
    policy: Policy,
) -> Iterator[tuple[str, Resolution, Resolution]]:
    """Yield the answers of things at two ends of a clock; the later knows no less.

    Raises NewerVersionError.
    """
    before, after = ends
    for thing, rows in _spoken_of(connection, things, after):
        claims = claims_from(rows)
        yield thing, fold(claims, before, policy), fold(claims, after, policy)


def _spoken_of(
    connection: sqlite3.Connection, things: Iterable[str], clocks: Clocks
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    for thing in things:
        if rows := rows_of(connection, READ, thing, clocks.known_at):
            yield thing, rows
