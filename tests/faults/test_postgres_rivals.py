"""Is a record in PostgreSQL one record, however many begin it or write to it at the same moment?"""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.store.factory import create_record, open_reader
from events.store.location import Address
from tests.faults.writers import stored

HERE = Path(__file__).resolve().parent
LOCK_WAIT_S = 30

Measured = Callable[[str], None]


@pytest.fixture
def nowhere(postgres_server: Any) -> Iterator[Address]:
    """Give the address of a schema that is not there; it goes, with those named after it."""
    schema = f"r{uuid.uuid4().hex[:12]}"
    yield Address.parse(postgres_server.address()).with_schema(schema)
    sql = "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s"
    for (name,) in postgres_server.sql(sql, f"{schema}%", database="depositary"):
        postgres_server.sql(f'DROP SCHEMA "{name}" CASCADE', database="depositary")


def rivals(*arguments: object) -> list[dict[str, Any]]:
    """Let processes loose; return what each told."""
    ran = subprocess.run(
        [sys.executable, HERE / "rivals.py", *map(str, arguments)],
        env={"PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["failed"] for one in told if "failed" in one] == []
    assert (ran.returncode, ran.stderr) == (0, "")
    return told


def all_start_on_an_empty_database(nowhere: Address, rounds: int) -> None:
    told = rivals("start", nowhere, 8, rounds)
    assert len(told) == 8 * rounds
    for number in range(rounds):
        where = nowhere.with_schema(f"{nowhere.schema}_{number}")
        of_round = told[8 * number : 8 * number + 8]
        assert sum(one["made"] for one in of_round) == 1
        assert len({one["ledger"] for one in of_round}) == 1
        assert sorted(one["position"] for one in of_round) == list(range(2, 10))
        assert stored(where).keys() == {"ledger/self/1", *(f"party/p{n}/1" for n in range(8))}


def test_eight_start_at_once_and_none_fails(nowhere: Address) -> None:
    all_start_on_an_empty_database(nowhere, 2)


@pytest.mark.long
def test_eight_start_at_once_a_hundred_times_and_none_fails(nowhere: Address) -> None:
    all_start_on_an_empty_database(nowhere, 100)


def all_write(
    nowhere: Address, writers: int, seconds: float, whose: str, measured: Measured
) -> None:
    create_record(nowhere)
    told = rivals("write", nowhere, writers, seconds, whose)
    assert len(told) == writers
    won = [
        (f"{one['thing']}/{version}", position, one["number"])
        for one in told
        for version, position in one["won"].items()
    ]
    # One winner a version: nobody else was told so, and it is the winner's bytes that stand there.
    assert len({name for name, _, _ in won}) == len(won) > 0
    assert stored(nowhere) == {name: position for name, position, _ in won}
    with open_reader(nowhere) as reader:
        by = {f"{row.thing}/{row.version}": row.state for row in reader.rows()}
    assert all(by[name].startswith(b'{"data":{"by":"%d"}' % number) for name, _, number in won)
    longest_s = max(one["longest_s"] for one in told)
    assert longest_s < 2 * LOCK_WAIT_S
    conflicts = sum(one["lost"] for one in told)
    assert whose == "same" or conflicts == 0  # who writes about another thing is only waited for
    measured(
        f"{writers} writers, {whose}: {len(won)} in {seconds} s, {conflicts} conflicts,"
        f" longest wait {longest_s:.2f} s"
    )


@pytest.mark.parametrize("whose", ["same", "own"])
@pytest.mark.parametrize("writers", [2, 8, 24])
def test_a_version_has_one_winner_and_nothing_is_lost(
    nowhere: Address, writers: int, whose: str, measured: Measured
) -> None:
    all_write(nowhere, writers, 0.5, whose, measured)


@pytest.mark.long
@pytest.mark.parametrize("whose", ["same", "own"])
@pytest.mark.parametrize("writers", [2, 8, 24])
def test_a_version_has_one_winner_and_nothing_is_lost_for_long(
    nowhere: Address, writers: int, whose: str, measured: Measured
) -> None:
    all_write(nowhere, writers, 30, whose, measured)
