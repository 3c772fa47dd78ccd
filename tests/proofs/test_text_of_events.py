"""An audit in full finds each event whose bytes are not what would be written for it."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import canonical
from events.store.rows import NewRow, Row, complete_new
from events.transparency.log_reading import Check, read_log

LEDGER = "00000000-0000-4000-8000-000000000000"
TOLD = {"asserted_by": "party/recorder", "basis": "recorder"}
OPENED = {**TOLD, "format": 1, "id": LEDGER, "origin": f"localhost/{LEDGER}"}
SIGNED = {**TOLD, "effective": "2025-07-16", "mode": "simple", "note": "«ä»", "party": "party/sv"}
AMOUNT = {"lower": 100, "unit": "sat", "upper": 100}
BOUGHT = {**TOLD, "amount": AMOUNT, "effective": "2025", "mode": "purchase"}


class Rows:
    """A record that is a list of rows, over which no tree has grown."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def last_position(self) -> int:
        return len(self._rows)

    def rows(self, after: int, until: int) -> Sequence[Row]:
        return self._rows[after:until]

    def size(self) -> int:
        return 0

    def run(self, level: int, first: int, count: int) -> bytes:
        return b""

    def runs(self) -> Iterator[tuple[int, int, int]]:
        return iter(())


def appended(thing: str, topic: str, data: bytes) -> NewRow:
    return thing, 1, topic, data


def record(*more: NewRow) -> list[Row]:
    opened = appended("ledger/self", "ledger.opened.v1", canonical(OPENED))
    signed = appended("agreement/a", "agreement.signed.v1", canonical(SIGNED))
    bought = appended("reserve/a", "reserve.acquired.v1", canonical(BOUGHT))
    new = [opened, signed, bought, *more]
    return complete_new(new, LEDGER)(None, datetime(2026, 1, 1, tzinfo=UTC))


def audited(rows: Sequence[Row]) -> tuple[dict[str, Check], list[int]]:
    found = read_log(cast("Any", Rows(rows)), [], in_full=True)
    return found.faults, found.newer


def test_what_was_written_is_found_as_written() -> None:
    newer = appended("agreement/a", "agreement.signed.v2", b'{"a":1}')
    assert audited(record(newer)) == ({}, [4])


@pytest.mark.parametrize("position", [2, 3])
@pytest.mark.parametrize("to", [b"", b" ", b"0", b'"', b"z", b"\\", b"\x80", b"}"])
def test_a_byte_that_became_others_is_found(position: int, to: bytes) -> None:
    rows = record()
    row, seen = rows[position - 1], 0
    for at in range(len(row.state)):
        state = row.state[:at] + to + row.state[at + 1 :]
        rows[position - 1] = row._replace(state=state)
        faults, newer = audited(rows)
        seen += (faults, newer) != ({}, [])
        if not faults:  # what stands there now might have been written: then the hashes tell
            assert rfc8785.dumps(json.loads(state)) == state
    assert seen > len(row.state) // 2


@given(st.sampled_from(["thing", "version", "topic"]), st.sampled_from(["agreement/b", "x", "ü"]))
def test_a_column_that_is_another_is_found(column: str, to: str) -> None:
    rows = record()
    values: dict[str, Any] = {column: 2 if column == "version" else to}
    rows[1] = rows[1]._replace(**values)
    assert audited(rows) != ({}, [])


@pytest.mark.parametrize(
    "data",
    [
        b'{%b,"mode":"simple","party":"party/sv" }',
        b'{"basis":"recorder","asserted_by":"party/recorder","mode":"simple","party":"party/sv"}',
        b'{%b,"mode":"a","mode":"simple","party":"party/sv"}',
        b'{%b,"mode":"simple","note":null,"party":"party/sv"}',
        b'{%b,"mode":"simple","party":"party\\/sv"}',
        b'{%b,"mode":"simple"}',
        b'{%b,"mode":"s","party":"party/sv"}',
    ],
)
def test_what_validation_lets_in_otherwise_is_found(data: bytes) -> None:
    told = b'"asserted_by":"party/recorder","basis":"recorder"'
    signed = appended("agreement/b", "agreement.signed.v1", data.replace(b"%b", told))
    assert set(audited(record(signed))[0]) == {"text"}
