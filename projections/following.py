"""How do the answers keep up with the record?

Each batch of events is one transaction with the position it reaches, so that whatever stops a run
leaves answers that are right for some position. A thing's current row is made anew once a batch.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from domain.claim import Claim, Clocks
from domain.fold import fold
from domain.policy import DEFAULT, policy
from events.dates import parse
from events.ids import kind_of
from events.store.reading import RecordReader
from projections.rows import COLUMNS, ClaimRow, NewerVersionError, claim_of, claim_row
from projections.summary import canonical_text, summary

BATCH = 2_000
MARGIN = timedelta(days=366)
ALWAYS = 2**62  # later than any position
_DATED = ("effective", "acted", "span", "until")  # the fields whose day may change a line

Progress = Callable[[int, int], None]

_INSERT = f"INSERT INTO claims VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608


def catch_up(
    connection: sqlite3.Connection,
    record: RecordReader,
    *,
    until: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Take up every event of the record that the answers lack; return the position reached.

    Where there are many, the lines of lists are made once at the end and not once a batch.
    """
    last = record.last_position() if until is None else min(until, record.last_position())
    position = position_of(connection)
    while last - position > BATCH:
        position = _take_batch(connection, record, last, renew=False)
        if progress is not None:
            progress(position, last)
    _renew_missing(connection)
    position = -1
    while (reached := _take_batch(connection, record, last)) > position:
        position = reached
        if progress is not None:
            progress(position, last)
    return position


def position_of(connection: sqlite3.Connection) -> int:
    """Return the position up to which the answers know the record."""
    found = connection.execute("SELECT value FROM state WHERE name = 'position'").fetchone()
    return int(found[0]) if found else 0


def claims_of(
    connection: sqlite3.Connection, thing: str, known_at: int | None = None
) -> tuple[Claim, ...]:
    """Return a thing's claims up to a position, in order; raise NewerVersionError."""
    rows = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM claims"  # noqa: S608 - names of our own
        " WHERE thing = ? AND position <= ? ORDER BY position",
        (thing, ALWAYS if known_at is None else known_at),
    )
    return tuple(map(claim_of, rows))


class transaction:  # noqa: N801 - used like a function
    """Begin, then commit if all went well, else undo."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _take_batch(
    connection: sqlite3.Connection, record: RecordReader, last: int, *, renew: bool = True
) -> int:
    # The position is read under the lock: another process may be catching up as well.
    with transaction(connection):
        position = position_of(connection)
        rows = list(map(claim_row, record.rows(after=position, until=min(position + BATCH, last))))
        if rows:
            position = rows[-1].position
            _take(connection, rows, renew=renew)
    return position


def _take(connection: sqlite3.Connection, rows: list[ClaimRow], *, renew: bool) -> None:
    connection.executemany(_INSERT, rows)
    connection.executemany(
        "INSERT OR IGNORE INTO things VALUES (?, ?, ?)",
        [(row.thing, row.kind, row.position) for row in rows],
    )
    last_day = {row.thing: row.time[:10] for row in rows}
    if renew:
        for thing, day in last_day.items():
            _renew(connection, thing, date.fromisoformat(day))
    else:
        drop = "DELETE FROM current WHERE thing = ?"
        connection.executemany(drop, [(thing,) for thing in last_day])
        mark = "INSERT OR REPLACE INTO state VALUES ('lines', ?)"
        connection.execute(mark, (str(rows[-1].position),))
    connection.execute(
        "INSERT INTO state VALUES ('position', ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (str(rows[-1].position),),
    )


def _renew_missing(connection: sqlite3.Connection) -> None:
    """Make the lines that a long run left out, some at a time; a killed run goes on here.

    It is killed before the last batch was taken, so that the next read finds work to do.
    """
    while marked := connection.execute("SELECT value FROM state WHERE name = 'lines'").fetchone():
        missing = connection.execute(
            "SELECT thing, max(time) FROM claims WHERE thing NOT IN (SELECT thing FROM current)"
            " GROUP BY thing ORDER BY thing"
        ).fetchall()
        for first in range(0, len(missing), BATCH):
            with transaction(connection):
                for thing, time in missing[first : first + BATCH]:
                    _renew(connection, thing, date.fromisoformat(time[:10]))
        # Another process may have left out more meanwhile: then the mark has another value.
        connection.execute("DELETE FROM state WHERE name = 'lines' AND value = ?", marked)


def _renew(connection: sqlite3.Connection, thing: str, on: date) -> None:
    try:
        claims = claims_of(connection, thing)
    except NewerVersionError:
        connection.execute("DELETE FROM current WHERE thing = ?", (thing,))
        return
    view = fold(claims, Clocks(on), policy(DEFAULT))
    if not view.standing.claims:  # all that was said of it was taken back
        connection.execute("DELETE FROM current WHERE thing = ?", (thing,))
        return
    connection.execute(
        "INSERT OR REPLACE INTO current VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            thing,
            kind_of(thing),
            claims[0].position,
            claims[-1].position,
            on.isoformat(),
            int(steady(claims, on)),
            canonical_text(summary(thing, view)),
        ),
    )


def steady(claims: Iterable[Claim], on: date) -> bool:
    """Say whether no day after `on` can change the answer: all that is dated lies behind it.

    Careful rather than clever: an open or qualified date, a rule or a delay near the day is
    enough to say no, and the list then folds the thing.
    """
    for claim in claims:
        if claim.type == "agreement.entry-into-force-rule-set":
            return False
        if not all(_behind(text, on) for text in _dates(claim.body)):
            return False
    return True


def _dates(body: Any) -> Iterator[str]:
    yield from filter(None, (getattr(body, name, None) for name in _DATED))
    text = getattr(body, "data", None)
    while isinstance(text, dict):  # what a correction puts in, which may be a correction again
        yield from (text[name] for name in _DATED if name in text)
        text = text.get("data")


def _behind(text: str, on: date) -> bool:
    edtf = parse(text)
    if edtf.latest is None:
        return edtf.is_span and edtf.earliest is not None and on - edtf.earliest >= MARGIN
    margin = MARGIN if edtf.margin_unit or edtf.is_span else timedelta(days=2)
    return on - edtf.latest >= margin
