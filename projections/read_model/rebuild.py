"""How are all answers made anew from the record?

Thing by thing: a thing's events are read together, so that its rows, its line and its digest are
made from claims in hand, and rows are written in the order in which lists read them. Where there
are many events, a second process makes half.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from events.envelope_slices import frames_of
from events.identifiers import kind_of
from events.second import Second, Send
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from projections.read_model.catch_up import INSERT_CLAIM, Progress
from projections.read_model.digest import of_thing
from projections.read_model.garbage import no_search
from projections.read_model.halving import DOT, Between, Told, can_be_halved, middle_of
from projections.read_model.list_cache import KEEP, Line, line_of, no_line
from projections.read_model.project_event import Taken, taken
from projections.read_model.rows import ClaimRow
from projections.read_model.schema import SCHEMA, UNSAFE

BATCH = 2_000
_THING = "INSERT INTO things VALUES (?, ?, ?, ?)"
_DIGEST_BYTES = 32


class Made(NamedTuple):
    """All that is kept of a thing, and its digest."""

    claims: list[ClaimRow]
    thing: tuple[str, str, int, int]
    line: Line
    digest: bytes


class Making(NamedTuple):
    """What is read, up to which position, and where it is written: nowhere without a path."""

    record: RecordReader
    last: int
    path: Path | None


def rebuild(
    making: Making, connection: sqlite3.Connection | None, progress: Progress | None
) -> list[bytes]:
    """Make all answers, and write them where there is a connection; return the things' digests.

    Raises RecordDamagedError where an event is missing or is not what the door lets in.
    """
    told = Told(progress, making.last)
    with no_search():
        if not _for_two(making, connection):
            found = made(making, ("", None), connection, told.here)
        else:
            found = _by_two(making, connection, told)
    if told.done != making.last:
        for _ in making.record.rows(until=making.last):
            pass  # it says which is missing
    return found


def _for_two(making: Making, connection: sqlite3.Connection | None) -> bool:
    """Say whether a second process can read the record, and hand over what it made."""
    written = connection is None or making.path is not None
    return written and can_be_halved(making.record, making.last)


def made(
    making: Making,
    between: Between,
    connection: sqlite3.Connection | None,
    tell: Callable[[int], None],
) -> list[bytes]:
    """Make the answers about some things, and write them if there is a connection."""
    digests: list[bytes] = []
    waiting: list[Made] = []
    count = 0
    for each in _things(making, between):
        digests.append(each.digest)
        waiting.append(each)
        count += len(each.claims)
        if count >= BATCH:
            _write(connection, waiting)
            tell(count)
            waiting, count = [], 0
    _write(connection, waiting)
    tell(count)
    return digests


def _things(making: Making, between: Between) -> Iterator[Made]:
    rows = making.record.by_thing(*between, until=making.last)
    frames = frames_of(making.record.first())
    for thing, events in groupby(rows, _thing):
        yield _of(thing, [taken(row, frames) for row in events])


def _of(thing: str, found: list[Taken]) -> Made:
    rows = [each.row for each in found]
    claims = [each.claim for each in found if each.claim is not None]
    first, last = rows[0].position, rows[-1].position
    if len(claims) < len(rows):
        line = no_line(thing, last)  # some are of a newer version
    else:
        line = line_of(
            claims, (row.settled_from for row in rows), (row.published_on for row in rows)
        )
    row = (thing, kind_of(thing), first, last)
    return Made(rows, row, line, of_thing(rows, row, line))


def _write(connection: sqlite3.Connection | None, several: list[Made]) -> None:
    if connection is not None:
        rows = (tuple(row) for each in several for row in each.claims)  # plain ones bind faster
        connection.executemany(INSERT_CLAIM, rows)
        connection.executemany(_THING, (each.thing for each in several))
        connection.executemany(KEEP, (each.line for each in several))


def _by_two(making: Making, connection: sqlite3.Connection | None, told: Told) -> list[bytes]:
    middle = middle_of(making.record, making.last)
    file = making.path and making.path.with_name(f"{making.path.name}.half")
    task = {
        "record": str(making.record.path),
        "last": making.last,
        "first": middle,
        "file": file and str(file),
    }
    try:
        with Second(__name__, task) as second:
            found = made(making, ("", middle), connection, told.beside(second, BATCH))
            sent = second.all()
        if sent is None:
            return found + made(making, (middle, None), connection, told.here)
        _, count, digests = sent.split(b"\n", 2)
        if connection is not None and file is not None:
            _take_over(connection, file)
        told.here(int(count))
    finally:
        if file:
            file.unlink(missing_ok=True)
    size = _DIGEST_BYTES
    return found + [digests[at : at + size] for at in range(0, len(digests), size)]


def half(task: dict[str, Any], send: Send) -> None:
    """Be the second process: make the answers from a thing on, and send how many, and digests."""
    count = 0

    def tell(more: int) -> None:
        nonlocal count
        count += more
        send(DOT)

    file = task["file"] and Path(task["file"])
    with (
        no_search(),
        RecordReader(Path(task["record"])) as record,
        _file(file) as connection,
    ):
        making = Making(record, task["last"], file)
        digests = made(making, (task["first"], None), connection, tell)
    send(b"\n%d\n%b" % (count, b"".join(digests)))


@contextmanager
def _file(path: Path | None) -> Iterator[sqlite3.Connection | None]:
    if path is None:
        yield None
        return
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(f"{UNSAFE} {SCHEMA} BEGIN")
        yield connection
        connection.execute("COMMIT")


def _take_over(connection: sqlite3.Connection, file: Path) -> None:
    connection.execute("COMMIT")
    connection.execute("ATTACH ? AS half", (str(file),))
    connection.execute("BEGIN")
    for table in ("claims", "things", "lines"):
        connection.execute(f"INSERT INTO {table} SELECT * FROM half.{table}")  # noqa: S608
    connection.execute("COMMIT")
    connection.execute("DETACH half")
    connection.execute("BEGIN")


def _thing(row: Row) -> str:
    return row.thing
