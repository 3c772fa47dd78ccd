"""What do many things answer, each by its own claims?

Their rows are read in one go, and each thing is folded on its own.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.claim import Clocks
from domain.fold import View, fold
from domain.policy import Policy
from projections.rows import READ, NewerVersionError, claim_of
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
            view = fold(map(claim_of, rows), clocks, policy)
        except NewerVersionError:
            yield Folded(thing, None)
        else:
            yield Folded(thing, view)
