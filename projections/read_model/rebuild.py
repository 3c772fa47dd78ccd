"""Make all answers anew from the record.

Thing by thing: a thing's events are read together, so that its rows, its line, what is found of it
and its digest are made from claims already read, and rows are written in the order in which lists
read them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import date
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, fold
from events.identifiers import kind_of
from events.serialization import ledger_id_of
from events.store.atomic_files import beside, remove_database
from events.store.rows import Row
from events.store.sqlite.connection import sqlite_errors
from events.store.sqlite.reader import RecordReader
from projections.queries.finding_context import Others
from projections.queries.findings import findings_to_keep
from projections.read_model.cache_folder import writable_file
from projections.read_model.catch_up import (
    INSERT_CLAIM,
    INSERT_MENTION,
    Progress,
    identity_of,
    set_position,
)
from projections.read_model.connection import TEMPORARY, make_answer_tables, make_room, open_answers
from projections.read_model.digest import digest_rows, digest_things
from projections.read_model.list_cache import (
    KEEP,
    KEEP_FINDINGS,
    CachedLine,
    FoldedLine,
    KeptFindings,
    empty_line,
    line_of,
)
from projections.read_model.mentions import Mention, mentions_in
from projections.read_model.project_event import ProjectedEvent, project_event
from projections.read_model.rows import ClaimRow, NewerVersionError, newer_version
from projections.read_model.schema import ENDING_TOPICS, INDEXES, UNFINISHED, kind_bounds
from projections.read_model.texts import (
    INSERT_TEXT,
    TextRow,
    fallen_versions,
    text_row,
    texts_digest,
)

if TYPE_CHECKING:
    from events.store.location import Location

BATCH = 2_000
_THING = "INSERT INTO things VALUES (?, ?, ?, ?)"
# They come thing by thing, and are kept by name and by position: sorting them once is cheaper.
_GATHERED = (
    "CREATE TEMP TABLE gathered (name TEXT, role INT, position INT, thing TEXT, day INT)",
    "CREATE TEMP TABLE gathered_texts (position INT, names TEXT, says TEXT, about TEXT)",
)
_SORTED = (
    "INSERT INTO mentions SELECT * FROM temp.gathered ORDER BY name, role, position",
    "DROP TABLE temp.gathered",
    f"{INSERT_TEXT.partition('VALUES')[0]} SELECT * FROM temp.gathered_texts ORDER BY position",  # noqa: S608
    "DROP TABLE temp.gathered_texts",
)


class ThingRows(NamedTuple):
    """All rows that are kept of a thing, and the digest over them; that leaves out the findings."""

    claims: list[ClaimRow]
    thing: tuple[str, str, int, int]
    line: CachedLine
    findings: KeptFindings | None
    mentions: list[Mention]
    texts: list[TextRow]
    digest: bytes


def make_answers(
    record: RecordReader,
    where: "Location | None",
    *,
    until: int | None = None,
    progress: Progress | None = None,
) -> tuple[int, str]:
    """Make the answers anew from the record; return the position reached and the digest.

    A new file is written and then takes the old one's place, so that a reader always finds whole
    answers; without a place they are made and forgotten.
    """
    last = record.last_position() if until is None else min(until, record.last_position())
    path = writable_file(record, where)
    if path is None:
        with closing(open_answers(TEMPORARY)) as connection:
            return last, _build(connection, record, last, progress, texts_alone=True)
    with beside(path) as building, sqlite_errors(building, "write", path):
        with closing(open_answers(str(building))) as connection:
            found = _build(connection, record, last, progress)
        make_room(path)
        remove_database(path)  # first the file: without its journal it may be a half
        building.replace(path)
    return last, found


def _build(
    connection: sqlite3.Connection,
    record: RecordReader,
    last: int,
    progress: Progress | None,
    *,
    texts_alone: bool = False,
) -> str:
    connection.execute(UNFINISHED)
    make_answer_tables(connection, identity_of(record))
    connection.execute("BEGIN")
    things = _rebuild(record, last, connection, progress, texts_alone=texts_alone)
    for index in INDEXES:
        connection.execute(index)
    if newest := record.event(last):
        set_position(connection, newest)
    connection.execute("COMMIT")
    return digest_things((*things, texts_digest(connection)))


def _rebuild(
    record: RecordReader,
    last: int,
    connection: sqlite3.Connection,
    progress: Progress | None = None,
    *,
    texts_alone: bool = False,
) -> list[bytes]:
    """Make all answers up to a position, and return the things' digests.

    They are written, or the index of words alone. Raises RecordDamagedError where an
    event is missing or is not what validation lets in.
    """

    def write(several: list[ThingRows], done: int) -> int:
        if not texts_alone:
            _write(connection, several)
        texts = chain.from_iterable(each.texts for each in several)
        connection.executemany("INSERT INTO temp.gathered_texts VALUES (?, ?, ?, ?)", texts)
        done += sum(len(each.claims) for each in several)
        if progress is not None:
            progress(done, last)
        return done

    digests: list[bytes] = []
    waiting: list[ThingRows] = []
    done = count = 0
    for sql in _GATHERED:
        connection.execute(sql)
    for each in _things(record, last, None if texts_alone else _others(record, last)):
        digests.append(each.digest)
        waiting.append(each)
        count += len(each.claims)
        if count >= BATCH:
            done = write(waiting, done)
            waiting, count = [], 0
    if waiting:
        done = write(waiting, done)
    require_all(record, done, last)
    for sql in _SORTED:
        connection.execute(sql)
    return digests


def require_all(record: RecordReader, done: int, last: int) -> None:
    """Raise RecordDamagedError, which names the event, where fewer were read than there are."""
    if done != last:
        for _ in record.rows(until=last):
            pass


def _things(record: RecordReader, last: int, others: Others | None) -> Iterator[ThingRows]:
    ledger_id = ledger_id_of(record.first())
    ended = record.things_of_types(ENDING_TOPICS, kind_bounds("party"), last)
    for thing, events in groupby(record.by_thing(last), itemgetter(1)):
        yield _of(thing, [project_event(row, ledger_id) for row in events], ended, others)


def _others(record: RecordReader, last: int) -> Others:
    """Return what is asked of other things as findings are made: by all that is recorded."""
    ledger_id = ledger_id_of(record.first())

    def view_of(thing: str) -> Resolution:
        claims = _known_claims(record.rows(until=last, thing=thing), ledger_id)
        return fold(claims, Clocks(date.max), policy(DEFAULT))

    return Others(view_of)


def _known_claims(rows: Iterable[Row], ledger_id: str) -> Iterator[Claim]:
    for row in rows:
        if (claim := project_event(row, ledger_id).claim) is None:
            raise newer_version(row.position, row.topic)
        yield claim


def _of(
    thing: str, found: list[ProjectedEvent], ended: frozenset[str], others: Others | None
) -> ThingRows:
    rows = [each.row for each in found]
    claims = [each.claim for each in found if each.claim is not None]
    first, last = rows[0].position, rows[-1].position
    findings = None
    folded = FoldedLine(empty_line(thing, last))  # if some are of a newer version
    if len(claims) == len(rows):
        settled, public = [row.settled_from for row in rows], [row.published_on for row in rows]
        folded = line_of(claims, settled, public, ended, judging=others is not None)
    line, view, judged = folded
    if view is not None and others is not None and kind_of(thing) != "ledger":
        with suppress(NewerVersionError):  # who asks for findings is told
            findings = findings_to_keep(thing, view, last, others, judged)
    row = (thing, kind_of(thing), first, last)
    for version in fallen_versions(thing, claims):
        rows[version - 1] = rows[version - 1]._replace(fallen=1)
    named = [mentions_in(each) for each in found]
    mentions = list(chain.from_iterable(named))
    texts = list(filter(None, map(text_row, found, named)))
    digest = digest_rows((*rows, row, line, *mentions))
    return ThingRows(rows, row, line, findings, mentions, texts, digest)


def _write(connection: sqlite3.Connection, several: list[ThingRows]) -> None:
    rows = map(tuple, chain.from_iterable(each.claims for each in several))  # bind faster plain
    connection.executemany(INSERT_CLAIM, rows)
    connection.executemany(_THING, (each.thing for each in several))
    connection.executemany(KEEP, (each.line for each in several))
    connection.executemany(KEEP_FINDINGS, filter(None, (each.findings for each in several)))
    mentions = chain.from_iterable(each.mentions for each in several)
    connection.executemany(INSERT_MENTION.replace("mentions", "temp.gathered"), mentions)
