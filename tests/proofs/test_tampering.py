"""Is whatever somebody changed in the record found, and where?

The oracle for a flipped byte: the audit finds it, or the record holds the very same values of the
very same types. What no audit can find alone is found with a copy that somebody else kept.
"""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from domain.ledger import Ledger
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import Checkpoint
from events.transparency.keyring import Keyring
from events.transparency.log_audit import AuditReport, audit_log
from events.transparency.merkle import root
from events.transparency.note import Note
from events.transparency.signatures import sign
from events.transparency.tree import integrate
from tests.proofs.kit import LOG, LOG_KEY, Ask, Signed, establish, settle, well

SAMPLE = 300
TABLES = ("stored_events", "tree_nodes", "checkpoints", "cosignatures")
UNGUARDED = [f"DROP TRIGGER {table}_{verb}" for table in TABLES for verb in ("update", "delete")]


def tampered(report: AuditReport) -> set[str]:
    return {check.name for check in report.checks if check.outcome == "tampered"}


def is_found(report: AuditReport) -> bool:
    return any(check.outcome in ("tampered", "undecided", "finding") for check in report.checks)


def dump(path: Path) -> list[Any]:
    """Return all that a record says: its marks, its schema, and every value with its type."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        found: list[Any] = [
            connection.execute(f"PRAGMA {name}").fetchone()
            for name in ("application_id", "user_version", "encoding")
        ]
        found += connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
        ).fetchall()
        for table in TABLES:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kinds = ", ".join(f"typeof({name}), {name}" for name in names)
            found += connection.execute(f"SELECT {kinds} FROM {table} ORDER BY 2, 4").fetchall()
    return found


@pytest.fixture
def flipped(signed_once: Signed, tmp_path: Path) -> Callable[[int, int], str | None]:
    """Return how to flip bits of one byte; what comes back is None if the oracle is content."""
    whole = signed_once.record.read_bytes()
    before = dump(signed_once.record)
    path = tmp_path / "flipped.sqlite3"

    def flip(at: int, bits: int) -> str | None:
        for tail in ("-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bits]) + whole[at + 1 :])
        if is_found(audit_log(path, in_full=True)) or dump(path) == before:
            return None
        return f"byte {at} ^ {bits:#x} is not found"

    return flip


def test_an_unchanged_record_holds(signed_once: Signed) -> None:
    report = audit_log(signed_once.record, in_full=True)
    assert {check.outcome for check in report.checks} == {"holds"}
    assert report.last_good == 30


def test_a_flipped_byte_is_found_or_changes_nothing(
    signed_once: Signed, flipped: Callable[[int, int], str | None]
) -> None:
    chosen = random.Random(20250716)  # noqa: S311 - the same bytes each time
    size_bytes = signed_once.record.stat().st_size
    for _ in range(SAMPLE):
        assert flipped(chosen.randrange(size_bytes), chosen.randrange(1, 256)) is None


@pytest.mark.long
@pytest.mark.parametrize("part", range(16))
def test_every_flipped_byte_is_found_or_changes_nothing(
    part: int, signed_once: Signed, flipped: Callable[[int, int], str | None]
) -> None:
    chosen = random.Random(part)  # noqa: S311 - the same bits each time
    for at in range(part, signed_once.record.stat().st_size, 16):
        assert flipped(at, chosen.randrange(1, 256)) is None


@pytest.fixture
def signed(signed_in_file: Signed) -> Signed:
    """Give the ledger whose record is a file."""
    return signed_in_file


@pytest.fixture
def change(signed: Signed) -> Callable[..., AuditReport]:
    """Return how to change the record with a database tool, unseen by its triggers."""

    def changed(*statements: str | tuple[str, tuple[Any, ...]]) -> AuditReport:
        with closing(sqlite3.connect(signed.record)) as connection, connection:
            triggers = connection.execute(
                "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"
            ).fetchall()
            for statement in UNGUARDED:
                connection.execute(statement)
            for each in statements:
                connection.execute(*(each if isinstance(each, tuple) else (each,)))
            for (trigger,) in triggers:
                connection.execute(trigger)
        return audit_log(signed.record, in_full=True)

    return changed


def first_at(report: AuditReport) -> int | None:
    """Return the first position that is known, and not only that it is one of a range."""
    found = [check for check in report.checks if check.outcome == "tampered" and not check.until]
    return min(filter(None, (check.position for check in found)), default=None)


def test_another_text_is_located(change: Callable[..., AuditReport]) -> None:
    report = change(
        "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'State-4', 'State-5')"
        " AS BLOB) WHERE position = 7"
    )
    assert tampered(report) == {"hashes", "checkpoints"}
    assert first_at(report) == 7


def test_another_time_is_located(change: Callable[..., AuditReport]) -> None:
    for name, digits in (("hashes", "00:00:00.000000Z"), ("clock", "00:00:00.000000Z")):
        report = change(
            "UPDATE stored_events SET state = CAST(substr(CAST(state AS TEXT), 1,"
            ' instr(CAST(state AS TEXT), \'"time":"\') + 18) || '
            f"'{digits}' || substr(CAST(state AS TEXT), instr(CAST(state AS TEXT), '\"time\":\"')"
            " + 35) AS BLOB) WHERE position = 9"
        )
        assert name in tampered(report)
        assert first_at(report) == 9


@pytest.mark.parametrize("position", [1, 15, 29])
def test_a_deleted_event_is_located(position: int, change: Callable[..., AuditReport]) -> None:
    report = change(f"DELETE FROM stored_events WHERE position = {position}")
    assert "events" in tampered(report)
    assert first_at(report) == position


def test_deleted_last_events_are_found(change: Callable[..., AuditReport]) -> None:
    report = change("DELETE FROM stored_events WHERE position > 25")
    assert {"events", "checkpoints"} <= tampered(report)
    assert report.last_good == 20


def test_swapped_events_are_located(change: Callable[..., AuditReport]) -> None:
    report = change(
        "UPDATE stored_events SET position = 1000 WHERE position = 12",
        "UPDATE stored_events SET position = 12 WHERE position = 13",
        "UPDATE stored_events SET position = 13 WHERE position = 1000",
    )
    assert "hashes" in tampered(report)
    assert first_at(report) == 12


def test_swapped_texts_are_located(change: Callable[..., AuditReport]) -> None:
    report = change(
        "CREATE TEMP TABLE kept AS SELECT position, state FROM stored_events",
        "UPDATE stored_events SET state = (SELECT k.state FROM kept k"
        " WHERE k.position = 25 - stored_events.position) WHERE position IN (12, 13)",
    )
    assert {"hashes", "text"} <= tampered(report)
    assert first_at(report) == 12


def test_an_inserted_event_is_located(change: Callable[..., AuditReport]) -> None:
    report = change(
        "UPDATE stored_events SET position = position + 1000 WHERE position >= 14",
        "UPDATE stored_events SET position = position - 999 WHERE position > 1000",
        "INSERT INTO stored_events SELECT 14, 'party/other', 1, topic, state"
        " FROM stored_events WHERE position = 5",
    )
    assert {"hashes", "text"} <= tampered(report)
    assert first_at(report) == 14


@pytest.mark.parametrize("position", [0, -7])
def test_an_event_before_the_first_is_found(
    position: int, change: Callable[..., AuditReport]
) -> None:
    report = change(
        f"INSERT INTO stored_events SELECT {position}, 'party/other', 1, topic, state"
        " FROM stored_events WHERE position = 5"
    )
    assert tampered(report) == {"versions"}


def test_another_version_is_located(change: Callable[..., AuditReport]) -> None:
    report = change("UPDATE stored_events SET originator_version = 5 WHERE position = 8")
    assert {"versions", "text"} <= tampered(report)
    assert first_at(report) == 8


def test_a_changed_node_is_found(change: Callable[..., AuditReport]) -> None:
    for level in (0, 2):
        report = change(
            f"UPDATE tree_nodes SET hashes = CAST(substr(hashes, 1, 5 * 32) || x'00' ||"
            f" substr(hashes, 5 * 32 + 2) AS BLOB) WHERE level = {level} AND idx = 0"
        )
        assert "hashes" in tampered(report)


def test_lost_nodes_are_found(change: Callable[..., AuditReport]) -> None:
    assert "hashes" in tampered(change("DELETE FROM tree_nodes WHERE level = 1"))


@pytest.mark.parametrize("level", [-1, 9, 2**62])
def test_nodes_of_no_level_are_found(level: int, change: Callable[..., AuditReport]) -> None:
    report = change(f"INSERT INTO tree_nodes VALUES ({level}, 0, zeroblob(32))")
    assert tampered(report) == {"events"}


@pytest.mark.parametrize("index", [-1, 30, 2**40])
def test_nodes_beside_the_tree_are_found(index: int, change: Callable[..., AuditReport]) -> None:
    report = change(f"INSERT INTO tree_nodes VALUES (0, {index}, zeroblob(32))")
    assert "events" in tampered(report)


def test_a_changed_checkpoint_is_found(change: Callable[..., AuditReport]) -> None:
    report = change(
        "UPDATE checkpoints SET note = CAST(replace(CAST(note AS TEXT), '30', '29') AS BLOB)"
        " WHERE size = 30"
    )
    assert tampered(report) == {"checkpoints", "cosignatures"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET state = CAST(state AS TEXT)",
        "UPDATE stored_events SET topic = CAST(topic AS BLOB)",
        "UPDATE stored_events SET originator_version = CAST(originator_version AS BLOB)",
        "UPDATE tree_nodes SET hashes = CAST(hashes AS TEXT)",
        "UPDATE tree_nodes SET idx = CAST(idx AS BLOB)",
        "UPDATE checkpoints SET note = CAST(note AS TEXT)",
        "UPDATE cosignatures SET vkey = CAST(vkey AS BLOB)",
        "UPDATE cosignatures SET line = CAST(line AS BLOB)",
    ],
)
def test_a_value_of_another_kind_is_found(
    statement: str, change: Callable[..., AuditReport], signed: Signed, ask: Ask
) -> None:
    def schema(before: str, after: str) -> None:
        # SQLite refuses it in a strict table, and a flipped bit in the file asks nobody.
        with closing(sqlite3.connect(signed.record)) as connection, connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table'",
                (before, after),
            )

    schema("STRICT", "/*****/")
    change(statement)
    schema("/*****/", "STRICT")
    report = audit_log(signed.record, in_full=True)
    assert "kinds" in tampered(report)
    assert ask("audit").code == 4


def checkpoint_of(signed: Signed, size: int) -> bytes:
    with TreeTables(signed.record) as tree:
        return tree.checkpoint_of(size) or b""


@pytest.mark.parametrize("at", [-5, -60, -100])
def test_a_changed_signature_is_found(
    at: int, signed: Signed, change: Callable[..., AuditReport]
) -> None:
    note = bytearray(checkpoint_of(signed, 30))
    note[at] ^= 1
    report = change(("UPDATE checkpoints SET note = ? WHERE size = 30", (bytes(note),)))
    assert "checkpoints" in tampered(report)
    assert report.last_good == 20


def test_a_checkpoint_signed_with_another_key_is_found(
    signed: Signed, change: Callable[..., AuditReport]
) -> None:
    text = checkpoint_of(signed, 30).decode().partition("\n\n")[0] + "\n"
    forged = Note(text, (sign(text, LOG_KEY.name, LOG, LOG_KEY.public),)).encode()
    report = change(("UPDATE checkpoints SET note = ? WHERE size = 30", (forged,)))
    assert "checkpoints" in tampered(report)


def test_a_changed_cosignature_is_found(change: Callable[..., AuditReport]) -> None:
    report = change("UPDATE cosignatures SET line = replace(line, 'w ', 'v ')")
    assert tampered(report) == {"cosignatures"}
    report = change("UPDATE cosignatures SET size = 20")
    assert tampered(report) == {"cosignatures"}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (a)",
        "CREATE TRIGGER more AFTER INSERT ON stored_events BEGIN SELECT 1; END",
        "CREATE INDEX more ON stored_events (topic)",
        "DROP TRIGGER stored_events_delete",
        "PRAGMA user_version = 0",
        "PRAGMA application_id = 7",
    ],
)
def test_another_schema_is_found(statement: str, signed: Signed) -> None:
    with closing(sqlite3.connect(signed.record)) as connection, connection:
        connection.execute(statement)
    assert tampered(audit_log(signed.record))


def test_a_truncated_file_is_found(signed: Signed) -> None:
    data = signed.record.read_bytes()
    for size_bytes in (0, 100, 4_096, len(data) - 4_096, len(data) - 1):
        signed.record.write_bytes(data[:size_bytes])
        assert is_found(audit_log(signed.record, in_full=True)), size_bytes


def without_trail(signed: Signed, after: int) -> None:
    """Take the record back to an older state, as an older backup would be."""
    with closing(sqlite3.connect(signed.record)) as connection, connection:
        triggers = [
            sql
            for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
        ]
        for statement in UNGUARDED:
            connection.execute(statement)
        connection.execute("DELETE FROM stored_events WHERE position > ?", (after,))
        connection.execute("DELETE FROM tree_nodes")
        connection.execute("DELETE FROM checkpoints WHERE size > ?", (after,))
        connection.execute("DELETE FROM cosignatures WHERE size > ?", (after,))
        for sql in triggers:
            connection.execute(sql)
    with TreeTables(signed.record, write=True) as tree:
        integrate(tree)


def rewritten_and_signed(signed: Signed) -> None:
    """Rewrite the record from @21 on and sign it anew with the real key: its keeper cheats.

    What was remembered beside the key is removed.
    """
    kept = next(signed.config.rglob("*.key"))
    without_trail(signed, 20)
    with Ledger(signed.record) as ledger:
        establish(ledger, [f"other-{n}" for n in range(10)])
        ledger_id = ledger.ledger_id
    assert Keyring(ledger_id).folder in kept.parents
    for name in ("signed.checkpoint", "stored.roots", "signed.entries"):
        for trail in signed.config.rglob(name):
            trail.unlink()
    shutil.rmtree(signed.folder / "sources", ignore_errors=True)


def test_an_older_state_is_found_with_what_is_kept_beside_the_key_or_outside(
    signed: Signed, ask: Ask
) -> None:
    Path("pinned").write_text(ask("checkpoint").out)
    without_trail(signed, 20)
    shutil.copy(signed.folder / "answers.sqlite3", "kept")
    (signed.folder / "answers.sqlite3").unlink()
    assert tampered(audit_log(signed.record, in_full=True)) == set()  # alone it looks well
    found = ask("audit")
    assert (found.code, "kept beside the key" in found.out) == (8, True)
    for trail in signed.config.rglob("signed.checkpoint"):
        trail.unlink()
    alone = ask("audit")
    assert (alone.code, "compared with no copy from outside" in alone.out) == (0, True)
    pinned = ask("audit", "--against", "pinned", "--json")
    assert pinned.code == 8
    told = json.loads(pinned.out)
    assert (told["compared_with"], told["last_good_checkpoint"]) == (["pinned"], 20)
    found_at = told["first_differing"], told["somewhere_in"], told["parted_at"]
    assert found_at == (None, None, 20)


def test_a_rewrite_signed_with_the_real_key_is_found_with_an_outside_copy(
    signed: Signed, ask: Ask
) -> None:
    Path("pinned").write_text(ask("checkpoint").out)
    well(ask("publish", "mirror"))
    rewritten_and_signed(signed)
    (signed.folder / "answers.sqlite3").unlink()
    well(ask("checkpoint"))
    alone = well(ask("audit"))
    assert "compared with no copy from outside" in alone.out
    pinned = ask("audit", "--against", "pinned")
    assert (pinned.code, "its root is not that of the first 30 entries" in pinned.out) == (4, True)
    mirrored = json.loads(ask("audit", "--against", "mirror", "--json").out)
    # Entry by entry it is what a copy that was carried on is: all is other from @21 on.
    assert (mirrored["exit"], mirrored["parted_at"]) == (8, 20)
    assert ask("publish", "mirror").code == 8


def test_a_changed_published_copy_is_located(signed: Signed, ask: Ask, tmp_path: Path) -> None:
    well(ask("publish", "mirror"))
    assert "every file of 30 entries" in well(ask("audit", "--against", "mirror")).out
    path = tmp_path / "mirror/tile/entries/000.p/30"
    path.write_bytes(path.read_bytes().replace(b"State-9", b"State-8"))
    found = json.loads(ask("audit", "--against", "mirror", "--json").out)
    assert (found["exit"], found["first_differing"]) == (4, 12)
    path.unlink()
    assert ask("audit", "--against", "mirror").code == 1


def test_a_copy_of_another_ledger_decides_nothing(signed: Signed, ask: Ask) -> None:
    text = str(Checkpoint("example.org/other", 5, root(1, lambda _: [bytes(32)])))
    signature = sign(text, "example.org/other", LOG, LOG_KEY.public)
    Path("other").write_bytes(Note(text, (signature,)).encode())
    assert ask("audit", "--against", "other").code == 7
    Path("rubbish").write_text("rubbish")
    assert ask("audit", "--against", "rubbish").code == 7


def test_answers_that_are_not_of_the_record_are_found(signed: Signed, ask: Ask) -> None:
    well(ask("audit"))
    with closing(sqlite3.connect(signed.folder / "answers.sqlite3")) as connection, connection:
        connection.execute("UPDATE claims SET data = replace(data, 'State-4', 'State-5')")
    found = ask("audit")
    assert (found.code, "answers" in found.out) == (4, True)
    assert ask("audit", "--quick").code == 0


def test_an_archived_source_that_was_changed_or_lost_is_found(signed: Signed, ask: Ask) -> None:
    Path("report.txt").write_text("what was said")
    well(ask("source", "add", "report.txt", "--publisher", "party/state-1"))
    settle(signed.record)
    well(ask("audit"))
    copy = next(signed.folder.joinpath("sources").iterdir())
    copy.chmod(0o600)
    copy.write_text("what was not said")
    assert ask("audit").code == 4
    copy.unlink()
    lost = ask("audit")
    assert (lost.code, "1 copies are missing" in lost.out) == (1, True)


def test_every_check_has_its_line(signed: Signed, ask: Ask) -> None:
    lines = well(ask("audit")).out.splitlines()
    said = {line.split()[1] for line in lines if line.startswith("holds")}
    assert said == {
        *("file", "schema", "kinds", "versions", "events", "hashes", "clock", "text"),
        *("key", "checkpoints", "copy", "cosignatures", "signed", "answers", "sources"),
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET state = state || x'20' WHERE position = 7",
        "UPDATE checkpoints SET note = x'00'",
        "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 20)",
        "UPDATE cosignatures SET line = 'rubbish'",
    ],
)
def test_nothing_is_proved_or_published_of_what_was_changed(
    statement: str, change: Callable[..., AuditReport], signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    change(statement.replace("state || x'20'", "CAST(state || x'20' AS BLOB)"))
    for command in (("prove", "@7"), ("publish", "log")):
        refused = ask(*command)
        assert refused.code == 4, refused.out + refused.err
    assert not (tmp_path / "log" / "checkpoint").exists()
