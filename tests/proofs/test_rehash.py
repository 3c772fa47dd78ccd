"""Is nothing passed on that is not what was hashed, and is the place told?"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from events.store.factory import open_reader
from events.transparency.log_audit import audit_log
from tests.proofs.forging import edit, rehash, unguarded
from tests.proofs.kit import Ask, Ran, Signed, add, settle, well


@pytest.fixture
def signed(signed_in_file: Signed) -> Signed:
    """Give the ledger whose record is a file."""
    return signed_in_file


def change_event(record: Path) -> None:
    edit(
        record, lambda at, state: state.replace(b'"name":"', b'"name":"New ') if at == 7 else state
    )


def change_and_rehash(record: Path) -> None:
    change_event(record)
    rehash(record)


def change_column(record: Path) -> None:
    with unguarded(record) as connection:
        connection.execute("UPDATE stored_events SET originator_id = 'party/x' WHERE position = 7")


def delete_event(record: Path) -> None:
    with unguarded(record) as connection:
        connection.execute("DELETE FROM stored_events WHERE position = 7")


def swap_events(record: Path) -> None:
    with unguarded(record) as connection:
        for before, after in ((7, 1000), (8, 7), (1000, 8)):
            connection.execute(
                "UPDATE stored_events SET position = ? WHERE position = ?", (after, before)
            )


def change_leaf(record: Path) -> None:
    with unguarded(record) as connection:
        connection.execute(
            "UPDATE tree_nodes SET hashes = CAST(substr(hashes, 1, 6 * 32) || zeroblob(1) ||"
            " substr(hashes, 6 * 32 + 2) AS BLOB) WHERE level = 0"
        )


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "an event": (change_event, "@7 is not what was hashed"),
    "an event, rehashed": (change_and_rehash, "somewhere in @1 to @20"),
    "a column": (change_column, "@7 is not about party/x"),
    "an event that is gone": (delete_event, "@7 is missing"),
    "two events": (swap_events, "@7 is not what was hashed"),
    "a leaf": (change_leaf, "@7 is not what was hashed"),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "backup": ("backup", "new.sqlite3"),
    "copy": ("copy", "ledger", "new"),
    "restore": ("restore", "ledger/record.sqlite3", "new"),
    "replay": ("replay",),
    "replay --compare": ("replay", "--compare"),
    "replay --until": ("replay", "--until", "@3"),
    "replay --as-of": ("replay", "--as-of", "2025-07-18"),
}


def refused(ran: Ran, place: str) -> None:
    assert (ran.code, place in ran.err) == (4, True), ran.out + ran.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("changed", CHANGES)
def test_what_was_changed_is_not_passed_on(
    changed: str, command: str, signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    change, place = CHANGES[changed]
    answers = (signed.folder / "answers.sqlite3").read_bytes()
    change(signed.record)
    refused(ask(*COMMANDS[command]), place)
    assert not [path for path in tmp_path.glob("new*") if path.is_file()]
    assert not list(tmp_path.glob("new/*.sqlite3*"))
    assert (signed.folder / "answers.sqlite3").read_bytes() == answers


def test_a_falsified_backup_is_not_restored(signed: Signed, ask: Ask) -> None:
    well(ask("backup", "copy.sqlite3"))
    change_event(Path("copy.sqlite3"))
    refused(ask("restore", "copy.sqlite3", "again"), "@7 is not what was hashed")
    assert list(Path("again").glob("record*")) == []
    well(ask("backup", "another.sqlite3"))
    well(ask("restore", "another.sqlite3", "again"))
    well(ask("--ledger", "again", "audit"))


@pytest.mark.parametrize("signed_size", [None, 30])
def test_what_no_tree_covers_yet_is_passed_on(
    signed_size: int | None, signed: Signed, ask: Ask
) -> None:
    if signed_size is None:
        shutil.rmtree("ledger")
        well(ask("init", "ledger", "--name", "example.org/new"))
    add(signed, "one", "two")
    for command in COMMANDS.values():
        well(ask(*command))
        for made in ("new", "new.sqlite3"):
            with suppress(FileNotFoundError, NotADirectoryError):
                shutil.rmtree(made)
            Path(made).unlink(missing_ok=True)


def test_a_backup_is_one_file_after_it_was_hashed(signed: Signed, ask: Ask, tmp_path: Path) -> None:
    settle(signed.record)
    well(ask("backup", "copy.sqlite3"))
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.sqlite3"]
    report = audit_log(tmp_path / "copy.sqlite3", in_full=True)
    assert {check.outcome for check in report.checks} == {"holds"}
    with open_reader(signed.record) as record:
        assert record.last_position() == 30
