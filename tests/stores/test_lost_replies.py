"""What comes of an append whose connection is cut at any moment, before the commit or after it?"""

import contextlib
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from eventsourcing.utils import Environment

from events.store.errors import StoreError, UnreachableError, VersionConflictError
from events.store.factory import library_environment, make_recorder_factory
from events.store.location import Address
from events.store.postgres import recorder as postgres_appending

PORT = 5432  # of a socket in a folder of the test's own: only a name


class Wire:
    """Stands between a client and the server, and cuts once, when it is told to.

    `cut_at` is what the client sends when it is cut, and `heard` whether the server hears it still,
    and has answered before the client finds nobody there.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.cut_at: bytes | None = None
        self.heard = True
        self.cuts = 0
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self._listener.listen()
        self._ends = [self._listener]
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._ends += [client, server]
            for way in ((client, server, True), (server, client, False)):
                thread = Thread(target=self._carry, args=way, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry(self, from_: socket.socket, to: socket.socket, asking: bool) -> None:
        with contextlib.suppress(OSError):
            while data := from_.recv(65_536):
                if asking and self.cut_at and self.cut_at in data:
                    self.cut_at = None
                    self.cuts += 1
                    self._cut(from_, to, data)
                    return
                to.sendall(data)
        _shut(from_, to)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        client.shutdown(socket.SHUT_RDWR)  # what the server still says reaches nobody
        if self.heard:
            server.sendall(data)
            server.sendall(b"X\0\0\0\x04")  # goodbye: it ends once it has done what it heard
        else:
            server.shutdown(socket.SHUT_RDWR)

    def refuse(self) -> None:
        """Let nobody in any more; who is in may stay."""
        _shut(self._listener)

    def close(self) -> None:
        _shut(*self._ends)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(tmp_path: Path, postgres_store: Any) -> Iterator[Wire]:
    where = postgres_store.where
    made = Wire(tmp_path, f"{where.host}/.s.PGSQL.{where.port}")
    yield made
    made.close()


@pytest.fixture
def recorder(wire: Wire, tmp_path: Path, postgres_store: Any) -> Iterator[Any]:
    where = postgres_store.where
    by_wire = Address(
        host=str(tmp_path), port=str(PORT), user=where.user, dbname=where.dbname,
        schema=where.schema,
    )  # fmt: skip
    factory = make_recorder_factory(
        Environment("", library_environment(by_wire)), by_wire, lambda: postgres_store.now, 20
    )
    yield factory.application_recorder()
    factory.datastore.close()  # type: ignore[attr-defined]


MOMENTS = {
    "asking for the lock": b"pg_advisory_xact_lock",
    "sending the rows": b"INSERT INTO",
    "committing": b"COMMIT",
}


@pytest.mark.parametrize("heard", [False, True], ids=["unheard", "heard"])
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_cut_is_made_good_and_nothing_is_written_twice(
    wire: Wire, recorder: Any, postgres_store: Any, moment: bytes, heard: bool
) -> None:
    store = postgres_store
    stored = [store.mapper.to_stored_event(store.fact("party/sv", n)) for n in (1, 2, 3)]
    assert list(recorder.insert_events(stored[:1])) == [1]
    wire.cut_at, wire.heard = moment, heard
    assert list(recorder.insert_events(stored[1:])) == [2, 3]
    assert wire.cuts == 1
    assert store.names() == ["party/sv/1", "party/sv/2", "party/sv/3"]


def test_the_clock_that_went_on_does_not_make_another_event_of_it(
    wire: Wire, recorder: Any, postgres_store: Any
) -> None:
    store, moments = postgres_store, iter(range(1, 9))
    recorder._clock = lambda: store.now + timedelta(seconds=next(moments))
    wire.cut_at = b"COMMIT"
    event = store.mapper.to_stored_event(store.fact("party/sv", 1))
    assert list(recorder.insert_events([event])) == [1]
    with store.reader() as reader:
        assert [row.time for row in reader.rows()] == ["2025-07-16T09:30:01.000000Z"]


def test_what_another_wrote_meanwhile_is_a_conflict(
    wire: Wire, recorder: Any, postgres_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = postgres_store
    event = store.mapper.to_stored_event(store.fact("party/sv", 1, "mine"))

    def another_first(seconds: float) -> None:
        store.save(store.fact("party/sv", 1, "another's"))
        monkeypatch.undo()

    monkeypatch.setattr(postgres_appending.time, "sleep", another_first)
    wire.cut_at, wire.heard = b"COMMIT", False
    with pytest.raises(VersionConflictError, match="party/sv/1 is written already, as @1"):
        recorder.insert_events([event])
    assert store.names() == ["party/sv/1"]


def test_another_who_took_the_positions_meanwhile_only_moves_it(
    wire: Wire, recorder: Any, postgres_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = postgres_store
    events = [store.mapper.to_stored_event(store.fact("party/sv", n)) for n in (1, 2)]

    def another_first(seconds: float) -> None:
        store.save(store.fact("party/pk", 1), store.fact("party/pk", 2))
        monkeypatch.undo()

    monkeypatch.setattr(postgres_appending.time, "sleep", another_first)
    wire.cut_at, wire.heard = b"COMMIT", False
    assert list(recorder.insert_events(events)) == [3, 4]


@pytest.mark.parametrize(
    ("moment", "known"), [("asking for the lock", True), ("committing", False)]
)
def test_who_finds_nobody_gives_up_in_the_end_and_says_what_is_known(
    wire: Wire, recorder: Any, postgres_store: Any, moment: str, known: bool
) -> None:
    recorder.datastore.lock_wait_s = 0.3
    wire.refuse()
    wire.cut_at, wire.heard = MOMENTS[moment], not known
    event = postgres_store.mapper.to_stored_event(postgres_store.fact("party/sv", 1))
    with pytest.raises(UnreachableError) as failed:
        recorder.insert_events([event])
    assert ("may be recorded" not in str(failed.value)) == known
    postgres_store.save(postgres_store.fact("party/pk", 1))  # waits for who had the lock
    assert postgres_store.names() == [*([] if known else ["party/sv/1"]), "party/pk/1"]


def test_a_commit_that_no_standby_confirms_is_not_acknowledged(postgres_store: Any) -> None:
    # What a server says when somebody ends the wait for its standbys: a warning, and then success.
    store, schema = postgres_store, f'"{postgres_store.where.schema}"'
    store.sql(
        f"CREATE FUNCTION {schema}.warn() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NEW; END$$"
    )
    store.sql(
        f"CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {schema}.stored_events"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.warn()"
    )
    with pytest.raises(StoreError, match=r"@1 is written at .* no standby has confirmed it"):
        store.save(store.fact("party/sv", 1))
