"""Is a copy of the record whole, as of one moment, and there only if it is?"""

import json
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.ledger import Command, Ledger
from events.body import RECORDER
from events.kinds.party import Established
from events.store.errors import CannotWriteError, StoreError
from events.store.sqlite import backup
from events.store.sqlite.reader import RecordReader
from tests.faults.sqlite_statements import opened_with

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


def person(number: int) -> Command:
    body = Established(
        name=f"Person {number}", type="person", asserted_by=RECORDER, basis="recorder"
    )
    return Command(f"party/p{number}", "party.established", lambda _: body)


def rows_of(record: Path) -> list[Any]:
    with RecordReader(record) as reader:
        return list(reader.rows())


def test_a_copy_holds_what_the_record_holds_for_its_owner_alone(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    ran = ask("backup", copy)
    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{copy}: @1 to @6, ")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"copy.sqlite3", "ledger"}
    assert rows_of(copy) == rows_of(ledger / "record.sqlite3")


def test_scripts_learn_the_position_of_a_copy(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    found = json.loads(ask("backup", tmp_path / "copy", "--json").out)
    assert found == {
        "file": str(tmp_path / "copy"),
        "position": 6,
        "bytes": (tmp_path / "copy").stat().st_size,
    }


def test_a_copy_becomes_a_ledger_again(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    ask("backup", other / "record.sqlite3")
    assert ask("init", other).code == 0
    asked = ("reserve", "show", "sv", "--as-of", "2025-07-19")
    assert ask("--ledger", other, *asked).out == ask(*asked).out


def test_a_file_that_is_there_is_left_as_it_is(
    ask: Ask, refused: Refused, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("copy", "link", "ledger", "ledger/record.sqlite3"):
        refused(ask("backup", tmp_path / name), 7)
    assert (tmp_path / "copy").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(CannotWriteError):
        backup.back_up(ledger / "record.sqlite3", tmp_path / "copy")


def test_a_copy_into_no_folder_is_7(ask: Ask, refused: Refused, ledger: Path) -> None:
    refused(ask("backup", ledger / "none" / "copy"), 7)


def test_a_copy_is_of_one_moment_while_others_write(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A page a step, and a fact recorded between two of them, again and again.
    monkeypatch.setattr(backup, "PAGES_A_STEP", 1)
    record, copy = ledger / "record.sqlite3", tmp_path / "copy"
    with Ledger(record) as writing:
        writing.append([person(n) for n in range(100)])
        before, numbers = rows_of(record), iter(range(100, 10_000))
        backup.back_up(record, copy, lambda done, total: _append(writing, next(numbers)))
    assert rows_of(copy) == before
    assert len(rows_of(record)) > len(before)


def _append(ledger: Ledger, number: int) -> None:
    # The library's connections belong to threads; the copy's own goes on in this one.
    writer = threading.Thread(target=ledger.append, args=([person(number)],))
    writer.start()
    writer.join()


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), sqlite3.OperationalError("disk I/O error")], ids=repr
)
def test_a_copy_that_fails_half_way_leaves_no_file(
    error: BaseException, ledger: Path, tmp_path: Path
) -> None:
    def fails(*_: int) -> None:
        raise error

    with pytest.raises((KeyboardInterrupt, StoreError)):
        backup.back_up(ledger / "record.sqlite3", tmp_path / "copy", fails)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger"]


def test_a_copy_that_is_not_whole_does_not_count(
    ask: Ask, refused: Refused, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Torn(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **how: Any) -> None:
            super().backup(target, **how)
            # A page of an index: every event can still be read and hashed.
            (page,) = target.execute(
                "SELECT rootpage FROM sqlite_schema WHERE type = 'index'"
            ).fetchone()
            (size,) = target.execute("PRAGMA page_size").fetchone()
            _, _, name = target.execute("PRAGMA database_list").fetchone()
            target.execute("PRAGMA journal_mode = DELETE")
            target.commit()
            with Path(name).open("r+b") as file:
                file.seek((page - 1) * size)
                file.write(b"\xff" * size)

    opened_with(monkeypatch, Torn)
    said = refused(ask("backup", tmp_path / "copy"), 7)
    assert "did not come out as a whole database" in said[1]
    assert [path.name for path in tmp_path.iterdir()] == ["ledger"]


def test_a_copy_that_lacks_the_last_fact_does_not_count(
    ask: Ask, refused: Refused, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **how: Any) -> None:
            super().backup(target, **how)
            target.execute("DROP TRIGGER stored_events_delete")
            target.execute("DELETE FROM stored_events WHERE position = 6")
            target.commit()

    opened_with(monkeypatch, Short)
    assert "@5" in refused(ask("backup", tmp_path / "copy"), 7)[1]
    assert not (tmp_path / "copy").exists()
