"""How are the claims about many things read in one go?

In the order of the things, as the rows lie after a rebuild, and not one query a thing.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from projections.following import ALWAYS

FEW = 64  # things for which a query each is cheaper than reading past all others
Rows = list[tuple[Any, ...]]

_thing = itemgetter(1)


def rows_by_thing(
    connection: sqlite3.Connection, columns: str, things: Sequence[str], known_at: int | None
) -> Iterator[tuple[str, Rows]]:
    """Yield each thing with its rows up to a position, in order; those that have any.

    They come in the order of their names, a few in the order given; the second of `columns` is
    the thing.
    """
    known = ALWAYS if known_at is None else known_at
    if len(things) <= FEW:
        for thing in things:
            rows = _one(connection, columns, thing, known)
            if rows:
                yield thing, rows
        return
    wanted = frozenset(things)
    found: Iterable[Any] = connection.execute(
        f"SELECT {columns} FROM claims WHERE thing >= ? AND thing <= ? AND position <= ?"  # noqa: S608
        " ORDER BY thing, position",
        (min(things), max(things), known),
    )
    for thing, group in groupby(found, _thing):
        if thing in wanted:
            yield thing, list(group)


def _one(connection: sqlite3.Connection, columns: str, thing: str, known: int) -> Rows:
    return connection.execute(
        f"SELECT {columns} FROM claims WHERE thing = ? AND position <= ? ORDER BY position",  # noqa: S608
        (thing, known),
    ).fetchall()
