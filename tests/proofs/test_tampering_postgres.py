"""Is whatever somebody changed in a record in PostgreSQL found, and where?

The same ledger as in `test_tampering`, brought over by a copy; its owner takes the triggers away,
changes something, and puts them back.
"""

from collections.abc import Callable
from typing import Any

import pytest

from events.errors import TamperingError
from events.store.copy import copy_record
from events.store.location import Address
from events.transparency.checkpoint_checks import check_hashes
from events.transparency.log_audit import AuditReport, audit_log
from tests.proofs.kit import Signed

TABLES = ("stored_events", "tree_nodes", "checkpoints", "cosignatures")
TEXT = "convert_from(state, 'UTF8')"
ZEROS = r"'\x" + "00" * 32 + "'::bytea"


@pytest.fixture
def record(signed_once: Signed, address: Address) -> Address:
    copy_record(signed_once.record, address)
    return address


@pytest.fixture
def change(record: Address, foreign: Any) -> Callable[..., AuditReport]:
    """Return how to change the record with a database tool, unseen by its triggers."""

    def changed(*statements: str) -> AuditReport:
        with foreign(record) as session, session.transaction():
            for table in TABLES:
                session.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_stay")
            for statement in statements:
                session.execute(statement)
            for table in TABLES:
                session.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stay")
        return audit_log(record, in_full=True)

    return changed


def tampered(report: AuditReport) -> set[str]:
    return {check.name for check in report.checks if check.outcome == "tampered"}


def first_at(report: AuditReport) -> int | None:
    found = [check for check in report.checks if check.outcome == "tampered" and not check.until]
    return min(filter(None, (check.position for check in found)), default=None)


def test_an_unchanged_record_holds(record: Address) -> None:
    report = audit_log(record, in_full=True)
    outcomes = {check.name: check.outcome for check in report.checks}
    assert {name for name, outcome in outcomes.items() if outcome != "holds"} == {"file", "kinds"}
    assert outcomes["file"] == outcomes["kinds"] == "skipped"  # these are the server's
    assert report.last_good == 30


OTHER_TEXT = (
    f"UPDATE stored_events SET state = convert_to(replace({TEXT}, 'State-4', 'State-5'), 'UTF8')"
    " WHERE position = 7"
)
OTHER_TIME = (
    f"UPDATE stored_events SET state = convert_to(regexp_replace({TEXT},"
    " '\"time\":\"....', '\"time\":\"1999'), 'UTF8') WHERE position = 9"
)
SWAPPED_TEXTS = (
    "UPDATE stored_events a SET state = b.state FROM stored_events b"
    " WHERE a.position IN (12, 13) AND b.position = 25 - a.position"
)
BEFORE_THE_FIRST = "INSERT INTO stored_events VALUES (0, 'party/x', 1, 't', 'x')"
OTHER_LEAF = "UPDATE tree_nodes SET hashes = set_byte(hashes, 20, 7) WHERE level = 0 AND idx = 0"
OTHER_NODE = "UPDATE tree_nodes SET hashes = set_byte(hashes, 20, 7) WHERE level = 2"
OTHER_NOTE = "UPDATE checkpoints SET note = set_byte(note, 20, 1) WHERE size = 30"


@pytest.mark.parametrize(
    ("statement", "checks", "position"),
    [
        (OTHER_TEXT, {"hashes", "checkpoints"}, 7),
        (OTHER_TIME, {"hashes", "clock"}, 9),
        (SWAPPED_TEXTS, {"hashes", "text"}, 12),
        ("UPDATE stored_events SET state = 'x' WHERE position = 4", {"hashes", "text"}, 4),
        ("UPDATE stored_events SET topic = 'x.y.v1' WHERE position = 4", {"text"}, 4),
        ("UPDATE stored_events SET originator_version = 5 WHERE position = 8", {"versions"}, 8),
        ("UPDATE stored_events SET originator_id = 'party/x' WHERE position = 8", {"text"}, 8),
        ("DELETE FROM stored_events WHERE position = 1", {"events"}, 1),
        ("DELETE FROM stored_events WHERE position = 15", {"events"}, 15),
        ("DELETE FROM stored_events WHERE position > 25", {"events", "checkpoints"}, None),
        ("UPDATE stored_events SET position = 31 WHERE position = 12", {"events"}, 12),
        (BEFORE_THE_FIRST, {"versions"}, None),
        (OTHER_LEAF, {"hashes"}, 1),
        (OTHER_NODE, {"hashes"}, None),
        ("DELETE FROM tree_nodes WHERE level = 1", {"hashes"}, None),
        (f"INSERT INTO tree_nodes VALUES (-1, 0, {ZEROS})", {"events"}, None),
        (f"INSERT INTO tree_nodes VALUES (9, 0, {ZEROS})", {"events"}, None),
        (f"INSERT INTO tree_nodes VALUES (0, 30, {ZEROS})", {"events"}, None),
        (OTHER_NOTE, {"checkpoints", "cosignatures"}, None),
        ("UPDATE cosignatures SET size = 20", {"cosignatures"}, None),
        ("DROP TRIGGER formats_stay ON formats", {"schema"}, None),
    ],
)
def test_what_was_changed_is_found(
    statement: str, checks: set[str], position: int | None, change: Callable[..., AuditReport]
) -> None:
    report = change(statement)
    assert checks <= tampered(report)
    if position is not None:
        assert first_at(report) == position


def test_a_record_is_hashed_anew_before_it_is_passed_on(
    change: Callable[..., AuditReport], record: Address
) -> None:
    assert check_hashes(record) == 30
    change(OTHER_TEXT)
    with pytest.raises(TamperingError, match="@7 is not what was hashed"):
        check_hashes(record)
