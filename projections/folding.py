"""What do many things answer, each by its own claims?

Their rows are read in one go, and each thing is folded on its own.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.claim import Clocks
from domain.fold import View, fold
from domain.policy import Policy
from projections.rows import READ, NewerVersionError, claims_from
from projections.scanning import rows_by_thing


class Folded(NamedTuple):
    """A thing's answer; no view of a thing of which a newer version has written."""

    thing: str
    view: View | None


def folded(
    connection: sqlite3.Connection, things: Sequence[str], clocks: Clocks, policy: Policy
) -> Iterator[Folded]:
    """Yield the answers of things, sorted, of those that were spoken of by then."""
    for thing, rows in rows_by_thing(connection, READ, things, clocks.known_at):
        try:
            view = fold(claims_from(rows), clocks, policy)
        except NewerVersionError:
            yield Folded(thing, None)
        else:
            yield Folded(thing, view)


def folded_twice(
    connection: sqlite3.Connection,
    things: Sequence[str],
    ends: tuple[Clocks, Clocks],
    policy: Policy,
) -> Iterator[tuple[str, View, View]]:
    """Yield the answers of things, sorted, at two ends of a clock; the later knows no less.

    Raises NewerVersionError.
    """
    before, after = ends
    for thing, rows in rows_by_thing(connection, READ, things, after.known_at):
        claims = claims_from(rows)
        yield thing, fold(claims, before, policy), fold(claims, after, policy)
