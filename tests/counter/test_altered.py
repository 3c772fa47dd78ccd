"""Is an event that says it is another's, or of another ledger, met by whatever reads it?"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

READERS = [("replay",), ("replay", "--compare"), ("replay", "--as-of", "2025-07-20"), ("audit",)]
ALTERED = {  # up to where, and what stands there then
    "another ledger": (b'"source":"urn:uuid:', b"not-one-"),
    "another thing": (b'"id":"', b"other"),
}


@pytest.mark.parametrize("how", ALTERED)
@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_an_altered_envelope_is_met(
    words: tuple[str, ...], how: str, ask: Ask, demo_ledger: Path
) -> None:
    before, put = ALTERED[how]
    with closing(sqlite3.connect(demo_ledger / "record.sqlite3")) as foreign:
        foreign.execute("DROP TRIGGER stored_events_update")
        (position, state) = foreign.execute(
            "SELECT position, state FROM stored_events WHERE originator_version = 3"
            " ORDER BY position LIMIT 1"
        ).fetchone()
        at = state.rindex(before) + len(before)
        new = state[:at] + put + state[at + len(put) :]
        foreign.execute("UPDATE stored_events SET state = ? WHERE position = ?", (new, position))
        foreign.commit()
    assert ask("--ledger", demo_ledger, *words).code == 4
