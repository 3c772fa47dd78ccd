"""Is the SQLite file made, opened and guarded as a record should be?"""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.application import Application
from eventsourcing.utils import Environment

from events.store.errors import (
    CannotReadError,
    CannotWriteError,
    LedgerExistsError,
    NewerFormatError,
    NotALedgerError,
    RecordDamagedError,
    StoreError,
)
from events.store.sqlite.connection import create_file, open_for_reading
from events.store.sqlite.reader import RecordReader
from events.store.sqlite.recorder import SQLiteRecorderFactory, sqlite_environment
from events.store.sqlite.schema import APPLICATION_ID, FORMAT, SCHEMA
from tests.faults.sqlite_statements import opened_with

OPENERS = [RecordReader, lambda path: SQLiteRecorderFactory(sqlite_environment(path))]
OPENED_FOR = ["reading", "writing"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Making it


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_record_is_for_its_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        create_file(tmp_path / "record.sqlite3")
        recorder = SQLiteRecorderFactory(
            sqlite_environment(tmp_path / "record.sqlite3")
        ).application_recorder()
        assert recorder.insert_events([]) == []
        assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
        recorder.datastore.close()
    finally:
        os.umask(before)


def test_a_record_is_strict_and_says_whose_it_is(sqlite_store: Any) -> None:
    with closing(sqlite3.connect(sqlite_store.path)) as foreign:
        assert foreign.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert foreign.execute("PRAGMA user_version").fetchone() == (FORMAT,)
        assert foreign.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        (strict,) = foreign.execute(
            "SELECT strict FROM pragma_table_list WHERE name = 'stored_events'"
        ).fetchone()
        assert strict == 1
        with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in BLOB"):
            foreign.execute("INSERT INTO stored_events VALUES (1, 'party/sv', 1, 't', 'text')")


def test_a_record_is_not_made_where_there_is_one(sqlite_store: Any) -> None:
    sqlite_store.save(sqlite_store.fact("party/sv", 1))
    with pytest.raises(LedgerExistsError, match="exists already"):
        create_file(sqlite_store.path)
    assert sqlite_store.names() == ["party/sv/1"]


def test_a_record_is_not_made_over_another_file(tmp_path: Path) -> None:
    text, database = tmp_path / "text", tmp_path / "database"
    text.write_text("a diary\n" * 200)
    with closing(sqlite3.connect(database)) as foreign:
        foreign.execute("CREATE TABLE diary (entry)")
    for path, error in ((text, NotALedgerError), (database, LedgerExistsError)):
        before = path.read_bytes()
        with pytest.raises(error):
            create_file(path)
        assert path.read_bytes() == before


def test_what_a_killed_maker_left_is_made_into_a_record(tmp_path: Path) -> None:
    path = tmp_path / "record.sqlite3"
    path.touch(0o644)
    create_file(path)
    with RecordReader(path) as reader:
        assert reader.last_position() == 0
    assert mode(path) == 0o600


def test_a_record_is_not_made_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotWriteError, match="No such file or directory"):
        create_file(tmp_path / "nowhere" / "record.sqlite3")


def test_any_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a b?mode=memory#c%20d.sqlite3", "file:x.sqlite3", ":memory:", "ä\U0001f600"):
        create_file(Path(name))
        datastore = SQLiteRecorderFactory(sqlite_environment(Path(name)), lock_wait_s=0.2).datastore
        with datastore.transaction(commit=True), datastore.transaction(commit=False):
            pass  # the library takes some for memory, where nobody reads beside a writer
        datastore.close()
        assert (tmp_path / name).stat().st_size > 0
        with RecordReader(Path(name)) as reader:
            assert reader.last_position() == 0


# Opening it


def not_there(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("# a diary\n" * 500)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def overwritten(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 4000 + content[4100:])


def of_another_program(path: Path) -> None:
    not_there(path)
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE diary (entry)")


def of_the_library_as_it_comes(path: Path) -> None:
    not_there(path)
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute(
            "CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER,"
            " topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version))"
        )


def without_its_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("DROP TABLE stored_events")


@pytest.mark.parametrize("opener", OPENERS, ids=OPENED_FOR)
@pytest.mark.parametrize(
    "spoil",
    [
        not_there,
        empty,
        text,
        truncated,
        overwritten,
        of_another_program,
        of_the_library_as_it_comes,
        without_its_table,
    ],
)
def test_what_is_no_record_is_neither_opened_nor_touched(
    tmp_path: Path, opener: Callable[[Path], Any], spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "record.sqlite3"
    create_file(path)
    spoil(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(NotALedgerError, match=r"record\.sqlite3"):
        opener(path)
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize("opener", OPENERS, ids=OPENED_FOR)
def test_a_newer_format_is_left_to_newer_versions(
    tmp_path: Path, opener: Callable[[Path], Any]
) -> None:
    path = tmp_path / "record.sqlite3"
    create_file(path)
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(NewerFormatError, match="install a newer depositary"):
        opener(path)


@pytest.mark.parametrize(
    ("opener", "error"),
    list(zip(OPENERS, (CannotReadError, CannotWriteError), strict=True)),
    ids=OPENED_FOR,
)
def test_a_folder_is_no_record(
    tmp_path: Path, opener: Callable[[Path], Any], error: type[StoreError]
) -> None:
    with pytest.raises(error):
        opener(tmp_path)


def test_every_connection_is_set_as_the_record_needs(sqlite_store: Any) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "busy_timeout": 30_000,
    }
    with ExitStack() as stack:
        datastore = sqlite_store.recorder.datastore
        connections = [
            stack.enter_context(datastore.get_connection(commit=writes))
            for writes in (False, True, False)
        ]
        assert len({id(connection) for connection in connections}) == 3
        for connection in connections:
            cursor = connection.cursor()
            for name, value in wanted.items():
                cursor.execute(f"PRAGMA {name}")
                assert (name, cursor.fetchone()) == (name, (value,))


def test_a_reader_cannot_write(sqlite_store: Any) -> None:
    with (
        closing(open_for_reading(sqlite_store.path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("INSERT INTO stored_events VALUES (1, 'a', 1, 't', x'00')")


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_nothing_is_replaced_in_the_record(sqlite_store: Any, verb: str) -> None:
    # SQLite deletes what stands in the way without firing a trigger, unless told otherwise.
    sqlite_store.save(sqlite_store.fact("party/sv", 1))
    for values in ("1, 'party/pk', 1, 't', x'00'", "2, 'party/sv', 1, 't', x'00'"):
        with pytest.raises(CannotWriteError, match="append-only"):
            sqlite_store.sql(f"{verb} INTO stored_events VALUES ({values})")
    assert sqlite_store.names() == ["party/sv/1"]


def test_a_thing_is_found_by_index(sqlite_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Traced(sqlite3.Connection):
        def __init__(self, *how: Any, **more: Any) -> None:
            super().__init__(*how, **more)
            self.set_trace_callback(asked.append)

    with monkeypatch.context() as patched:
        opened_with(patched, Traced)
        with sqlite_store.reader() as reader:
            list(reader.rows(after=3, until=9, thing="party/sv"))
    with closing(open_for_reading(sqlite_store.path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {asked[-1]}").fetchall()
    assert any("USING INDEX" in step and "originator_id=?" in step for *_, step in plan), plan


# Trouble


def test_a_failed_opening_does_not_lock_the_next_writer_out(sqlite_store: Any) -> None:
    aside = sqlite_store.path.with_name("aside")
    recorder = sqlite_store.open(lock_wait_s=0.2)
    sqlite_store.close()
    event = sqlite_store.mapper.to_stored_event(sqlite_store.fact("party/sv", 1))
    with recorder.datastore.get_connection(commit=False):  # so that a writer needs another one
        sqlite_store.path.rename(aside)
        for _ in range(2):
            with pytest.raises(NotALedgerError, match="There is no event log"):
                recorder.insert_events([event])
        aside.rename(sqlite_store.path)
        assert recorder.insert_events([event]) == [1]
    recorder.datastore.close()


def test_a_closed_record_says_so(sqlite_store: Any) -> None:
    sqlite_store.close()
    with pytest.raises(StoreError, match="has been closed"):
        sqlite_store.save(sqlite_store.fact("party/sv", 1))


@pytest.mark.parametrize(
    "values",
    [
        "1, 'party/sv', 1, 'party.noted.v1', 'text'",
        "1, x'00', 1, 'party.noted.v1', x'00'",
        "1, 'party/sv', 'one', 'party.noted.v1', x'00'",
        "1, 'party/sv', 1, NULL, x'00'",
        "1, CAST(x'ff' AS TEXT), 1, 'party.noted.v1', x'00'",
    ],
)
def test_a_value_of_another_kind_is_evidence(tmp_path: Path, values: str) -> None:
    # A table that became ours after it was filled, for STRICT lets nobody write such a row.
    path = tmp_path / "record.sqlite3"
    with closing(sqlite3.connect(path)) as foreign:
        for statement in SCHEMA:
            foreign.execute(statement.replace(") STRICT", ")").replace(" NOT NULL", ""))
        foreign.execute(f"INSERT INTO stored_events VALUES ({values})")
        foreign.execute("PRAGMA writable_schema = ON")
        table = ("UPDATE sqlite_schema SET sql = ? WHERE name = 'stored_events'", [SCHEMA[0]])
        foreign.execute(*table)
        foreign.commit()
    with RecordReader(path) as reader:
        assert reader.last_position() == 1
        for read in (reader.first, lambda: list(reader.rows())):
            with pytest.raises(RecordDamagedError):
                read()
    recorder = SQLiteRecorderFactory(sqlite_environment(path)).application_recorder()
    with pytest.raises(RecordDamagedError):
        recorder.select_notifications(1, 10)
    recorder.datastore.close()


def test_nothing_is_appended_after_an_event_without_a_time(sqlite_store: Any) -> None:
    sqlite_store.sql("INSERT INTO stored_events VALUES (1, 'party/sv', 1, 'party.noted.v1', '')"
                     .replace("''", "x'7b7d'"))  # fmt: skip
    with pytest.raises(RecordDamagedError, match="@1 is damaged"):
        sqlite_store.save(sqlite_store.fact("party/sv", 2))
    with sqlite_store.reader() as reader, pytest.raises(RecordDamagedError, match="@1 is damaged"):
        reader.position_at("2025-07-16T09:30:00Z")


def test_a_gap_is_evidence(sqlite_store: Any) -> None:
    sqlite_store.save(*[sqlite_store.fact("party/sv", version) for version in (1, 2, 3)])
    sqlite_store.close()
    with closing(sqlite3.connect(sqlite_store.path)) as foreign:
        foreign.execute("DROP TRIGGER stored_events_delete")
        foreign.execute("DELETE FROM stored_events WHERE position = 2")
        foreign.commit()
    with sqlite_store.reader() as reader, pytest.raises(RecordDamagedError, match="no @2"):
        reader.position_at("2025-07-16T09:30:00Z")


def test_an_interrupted_writer_writes_nothing_and_lets_the_lock_go(sqlite_store: Any) -> None:
    def interrupted() -> Any:
        raise KeyboardInterrupt

    factory = SQLiteRecorderFactory(sqlite_environment(sqlite_store.path), clock=interrupted)
    event = sqlite_store.mapper.to_stored_event(sqlite_store.fact("party/sv", 1))
    with pytest.raises(KeyboardInterrupt):
        factory.application_recorder().insert_events([event])
    assert sqlite_store.save(sqlite_store.fact("party/pk", 1)) == [1]
    factory.close()
    assert sqlite_store.names() == ["party/pk/1"]


# What the shell says


class Ledger(Application[str]):
    """An application as the domain makes it: with the settings it is given, and no other."""

    def construct_env(self, name: str, env: Any = None) -> Environment:
        return Environment(name, dict(env))


@pytest.mark.parametrize("prefix", ["", "LEDGER_"])
def test_variables_of_the_shell_change_nothing(
    sqlite_store: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prefix: str
) -> None:
    for name, value in {
        "IS_SNAPSHOTTING_ENABLED": "y",
        "PERSISTENCE_MODULE": "eventsourcing.popo",
        "SQLITE_DBNAME": str(tmp_path / "elsewhere"),
        "SQLITE_LOCK_TIMEOUT": "1",
        "ORIGINATOR_ID_TYPE": "uuid",
        "CREATE_TABLE": "y",
        "COMPRESSOR_TOPIC": "zlib",
        "CIPHER_KEY": "c2VjcmV0",
        "AGGREGATE_CACHE_MAXSIZE": "10",
    }.items():
        monkeypatch.setenv(prefix + name, value)
    before = sqlite_store.tables()
    with Ledger(sqlite_environment(sqlite_store.path)) as ledger:
        ledger.mapper = ledger.events.mapper = sqlite_store.mapper
        ledger.save(sqlite_store.fact("party/sv", 1))
        assert ledger.snapshots is None
        assert ledger.repository.cache is None
        assert isinstance(ledger.factory, SQLiteRecorderFactory)
    assert sqlite_store.names() == ["party/sv/1"]
    assert sqlite_store.tables() == before == {"stored_events"}
    assert not (tmp_path / "elsewhere").exists()
