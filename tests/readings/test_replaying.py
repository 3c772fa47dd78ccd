"""Is the digest of a replay over what was recorded and what lists say of it, and nothing else?"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from events.amounts import read_quantity
from events.body import RECORDER, SourceRef
from events.kinds.claim_events import Retracted
from events.kinds.party import Established
from events.kinds.reserve import HoldingReported
from events.store.errors import RecordDamagedError
from events.store.sqlite.reader import RecordReader
from projections.queries.show import list_lines
from projections.read_model.database import ReadModel
from projections.read_model.replay import ReplayQuestion, replay_things
from tests.readings.served import Fact, Record

TODAY = date(2025, 7, 19)
BY_RECORDER: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """Give a record of seven events about five things, one retracted and one of a newer version."""
    made = Record(tmp_path / "record.sqlite3", TODAY)
    party = Established(**BY_RECORDER, name="El Salvador", type="state")
    facts = [
        Fact("party/sv", "party.established", party),
        Fact("party/pk", "party.established", party),
        Fact(
            "party/pk",
            "claim.retracted",
            Retracted(**BY_RECORDER, target="party/pk/1", reason="duplicate"),
        ),
        *(reported(day, sats) for day, sats in (("2025-07-01", 1), ("2025-07-10", 2))),
    ]
    made.add(facts)
    made.add_raw("reserve/newer", "reserve.melted.v1", b'{"asserted_by":"party/sv"}')
    yield made
    made.close()


def reported(day: str, btc: int) -> Fact:
    body = HoldingReported(
        asserted_by="party/sv",
        basis="own-publication",
        sources=(SourceRef(source="source/x", published=day),),
        effective=day,
        amount=read_quantity(f"{btc} BTC"),
        scope="unstated",
    )
    return Fact("reserve/sv", "reserve.holding-reported", body)


def asked(record: Record, clocks: Clocks, last: int | None = None, name: str = DEFAULT) -> Any:
    with record.reader() as reader:
        question = ReplayQuestion(last or reader.last_position(), clocks, policy(name))
        return replay_things(reader, question)


def by_hand(reader: RecordReader, answers: ReadModel, clocks: Clocks, name: str) -> str:
    """Return the digest from the stored bytes and from the lines that lists have."""
    # When the ledger's own events were public is not known: at no P is anything said of them.
    said: dict[str, str] = {"ledger/self": "" if clocks.public_at else "{}"}
    for kind in ("party", "reserve"):
        for line in list_lines(answers, kind, clocks, policy(name)).rows:
            # Where nothing more perhaps was public, a list says null and the line says nothing.
            unsaid = {"subject"} if line.get("perhaps") else {"subject", "perhaps"}
            rest = {field: value for field, value in line.items() if field not in unsaid}
            said[line["subject"]] = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    said["reserve/newer"] = ""
    rows = sorted(reader.rows(), key=lambda row: (row.thing, row.version))
    whole = hashlib.sha256()
    for thing, its in groupby(rows, lambda row: row.thing):
        hashes = [hashlib.sha256(b"\0" + row.state).digest() for row in its]
        shown = said.get(thing, "").encode()
        whole.update(hashlib.sha256(b"%d " % len(hashes) + b"".join(hashes) + shown).digest())
    return whole.hexdigest()


@pytest.mark.parametrize("name", [DEFAULT, "latest"])
@pytest.mark.parametrize("public_at", [None, date(2025, 7, 5)], ids=str)
@pytest.mark.parametrize("day", [date(2025, 7, 5), TODAY], ids=str)
def test_the_digest_is_over_hashes_of_events_and_lines_of_lists(
    day: date, public_at: date | None, name: str, record: Record, tmp_path: Path
) -> None:
    clocks = Clocks(day, public_at)
    found = asked(record, clocks, name=name)
    with record.reader() as reader, ReadModel.open(reader, tmp_path / "answers.sqlite3") as answers:
        known = clocks._replace(known_at=answers.position)
        assert found.digest == by_hand(reader, answers, known, name)


def test_another_day_and_another_end_give_another_digest(record: Record) -> None:
    past = date(2025, 7, 5)
    today, then, public = (
        asked(record, c) for c in (Clocks(TODAY), Clocks(past), Clocks(TODAY, past))
    )
    assert len({today.digest, then.digest, asked(record, Clocks(TODAY), 6).digest}) == 3
    assert public.digest not in {today.digest, then.digest}  # of the ledger it says nothing


@pytest.mark.parametrize(
    "damage",
    [
        "state = x'7b7d'",
        "originator_id = 'reserve/other'",
        "state = CAST(replace(CAST(state AS TEXT), 'sat', 'tas') AS BLOB)",
        "position = 1000",
    ],
)
def test_what_is_damaged_is_not_folded(damage: str, record: Record) -> None:
    with closing(sqlite3.connect(record.path)) as connection:
        connection.execute("DROP TRIGGER stored_events_update")
        connection.execute(f"UPDATE stored_events SET {damage} WHERE position = 5")
        connection.commit()
    with pytest.raises(RecordDamagedError, match=r"damaged|no @5"):
        asked(record, Clocks(TODAY), 7)


def test_progress_is_told_up_to_the_last_event(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.read_model.replay.BATCH", 3)
    told: list[tuple[int, int]] = []
    with record.reader() as reader:
        question = ReplayQuestion(7, Clocks(TODAY), policy(DEFAULT))
        replay_things(reader, question, lambda *at: told.append(at))
    assert told == [(3, 7), (7, 7)]


def test_things_are_counted_and_those_of_a_newer_version_too(record: Record) -> None:
    found = asked(record, Clocks(TODAY))
    assert (found.events, found.subjects, found.newer) == (7, 5, 1)
    assert asked(record, Clocks(TODAY), 6)[:3] == (6, 4, 0)
