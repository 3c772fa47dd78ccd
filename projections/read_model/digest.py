"""The digest over all rows of the answers: equal answers share it, however they were made.

SHA-256 over the digests of all things in the order of their names, and that of the index of words;
a thing's is over its rows, in
MessagePack, which writes a value of one kind in one way and tells kinds apart. A line of a list
that was not asked for yet is made for it, so that the digest is the same whichever lines were made
when.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from heapq import merge
from itertools import groupby
from typing import Any

from msgspec.msgpack import encode

from projections.read_model.list_cache import (
    CachedLine,
    empty_line,
    make_lines,
    things_without_line,
)
from projections.read_model.rows import AnswersDamagedError, ClaimRow
from projections.read_model.texts import texts_digest

_CLAIMS = f"SELECT {', '.join(ClaimRow._fields)} FROM claims ORDER BY thing, position"  # noqa: S608
_THINGS = "SELECT thing, kind, first_position, last_position FROM things ORDER BY thing"
_LINES = (
    f"SELECT {', '.join(f'lines.{name}' for name in CachedLine._fields)}"  # noqa: S608
    " FROM lines LEFT JOIN things ON things.thing = lines.thing"
    " WHERE things.thing IS NULL OR things.last_position = lines.last_position"
    " ORDER BY lines.thing"
)
_MENTIONS = "SELECT * FROM mentions ORDER BY thing, position, name, role"

Part = tuple[str, tuple[Any, ...]]  # the thing, and a row of it


def digest(connection: sqlite3.Connection) -> str:
    """Return the digest over all rows of the answers, in hexadecimal."""
    claims = ((row[1], row) for row in connection.execute(_CLAIMS))
    things = ((row[0], row) for row in connection.execute(_THINGS))
    lines = ((row[0], row) for row in connection.execute(_LINES))
    late = ((line.thing, line) for line in _late(connection))
    mentions = ((row[3], row) for row in connection.execute(_MENTIONS))
    found = groupby(merge(claims, things, lines, late, mentions, key=_thing), _thing)
    digests = (digest_rows(row for _, row in parts) for _, parts in found)
    return digest_things((*digests, texts_digest(connection)))


def _late(connection: sqlite3.Connection) -> Iterator[CachedLine]:
    for thing in things_without_line(connection):
        try:
            yield from make_lines(connection, (thing,))
        except AnswersDamagedError:  # what is damaged has another digest, and is asked no more
            yield empty_line(thing, 0)


def digest_rows(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Return the 32-byte digest of a thing's rows: its claims, itself, its line, its mentions."""
    return sha256(encode(list(rows))).digest()


def digest_things(things: Iterable[bytes]) -> str:
    """Return the digest over those of all things, in the order of their names."""
    found = sha256()
    for thing in things:
        found.update(thing)
    return found.hexdigest()


def _thing(part: Part) -> str:
    return part[0]
