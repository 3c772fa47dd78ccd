"""Is the record in PostgreSQL read and written side by side?"""

from threading import Thread
from typing import Any

import pytest

from events.store.errors import LedgerLockedError, StoreError, VersionConflictError
from events.store.factory import open_tree
from events.store.postgres import reader as postgres_reading

# Reading


def test_a_stream_is_of_one_state_however_many_pages_it_has(
    postgres_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_reading, "PAGE", 7)
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in range(1, 31)])
    with postgres_store.reader() as reader:
        stream = reader.rows()
        assert next(stream).position == 1
        postgres_store.save(postgres_store.fact("party/pk", 1))
        assert [row.position for row in stream] == list(range(2, 31))
        assert [row.position for row in reader.rows(20, 29)] == list(range(21, 30))
        assert [row.version for row in reader.rows(3, thing="party/sv")] == list(range(4, 31))


def test_who_reads_slowly_keeps_nothing_open(postgres_store: Any, sql: Any) -> None:
    postgres_store.save(*[postgres_store.fact("party/sv", n) for n in range(1, 9)])
    with postgres_store.reader() as reader:
        stream = reader.rows()
        next(stream)
        waiting = sql(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            " AND datname = current_database()"
        ).fetchone()
        assert waiting == (0,)


def test_texts_are_compared_by_their_bytes(postgres_store: Any, sql: Any) -> None:
    names = ["party/b", "party/B", "party/a-b", "party/ab", "party/a1", "party/a"]
    postgres_store.save(*[postgres_store.fact(name, 1) for name in names])
    found = sql("SELECT originator_id FROM stored_events ORDER BY originator_id").fetchall()
    assert [name for (name,) in found] == sorted(names)


def test_a_reader_survives_that_its_session_is_ended(
    postgres_store: Any, postgres_server: Any
) -> None:
    postgres_store.save(postgres_store.fact("party/sv", 1))
    with postgres_store.reader() as reader:
        assert reader.last_position() == 1
        end_sessions(postgres_server)
        assert [row.position for row in reader.rows()] == [1]


def end_sessions(server: Any) -> None:
    server.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'depositary'"
    )


# Writing


def test_a_writer_that_waits_for_ever_is_told_that_the_record_is_locked(
    postgres_store: Any,
) -> None:
    other = postgres_store.open(lock_wait_s=0.2)
    with postgres_store.recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"depositary {postgres_store.where.schema}"],
        )
        event = postgres_store.mapper.to_stored_event(postgres_store.fact("party/sv", 1))
        with pytest.raises(LedgerLockedError, match="others are writing"):
            other.insert_events([event])
    assert list(other.insert_events([event])) == [1]
    other.datastore.close()


def test_more_threads_than_sessions_wait_for_one(postgres_store: Any) -> None:
    recorder = postgres_store.open()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(5):
                recorder.max_notification_id()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.datastore.close()
    assert errors == []
    with pytest.raises(StoreError, match="has been closed"):
        recorder.max_notification_id()


def test_who_follows_is_told_of_what_is_appended(foreign: Any, postgres_store: Any) -> None:
    with foreign(postgres_store.where) as session:
        session.execute(f"LISTEN {postgres_store.where.channel}")
        postgres_store.save(*[postgres_store.fact("party/sv", n) for n in (1, 2, 3)])
        with pytest.raises(VersionConflictError):
            postgres_store.save(postgres_store.fact("party/sv", 3))
        heard = [n.payload for n in session.notifies(timeout=5, stop_after=1)]
        assert heard == ["3"]
        assert list(session.notifies(timeout=0.05)) == []


def test_a_thousand_aborted_transactions_leave_positions_dense(postgres_store: Any) -> None:
    store = postgres_store
    store.save(store.fact("party/sv", 1))
    for n in range(1_000):
        with pytest.raises(VersionConflictError):
            store.save(
                store.fact("party/pk", 1), store.fact("party/us", 1), store.fact("party/sv", 1)
            )
        if n % 100 == 0:
            store.save(store.fact("party/sv", n // 100 + 2))
    with store.reader() as reader:
        assert [row.position for row in reader.rows()] == list(range(1, 12))
    from events.transparency.tree import integrate

    with open_tree(store.where, write=True) as tree:
        assert integrate(tree)[0] == 11
        assert next(iter(tree.runs())) == (0, 0, 11 * 32)
