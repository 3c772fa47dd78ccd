"""One append takes ten thousand facts and no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.decisions.batch import Command, CommandRefusedError
from domain.decisions.errors import BatchTooLargeError
from domain.ledger import Ledger
from events.body import SourceRef
from events.kinds.party import Established


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "record.sqlite3") as made:
        yield made


def facts(count: int) -> list[Command]:
    """Return facts of which the first is refused, so that none of the others need be decided."""
    ref = (SourceRef(source="source/unknown"),)
    said = Established(asserted_by="party/y", basis="press", sources=ref, name="X", type="agency")
    return [Command("party/x", "party.established", said)] * count


def test_ten_thousand_facts_are_decided_on(ledger: Ledger) -> None:
    with pytest.raises(CommandRefusedError):
        ledger.append(facts(10_000))


def test_one_more_is_too_many(ledger: Ledger) -> None:
    with pytest.raises(BatchTooLargeError, match="10,001 facts, 10,000 are allowed"):
        ledger.append(facts(10_001))
