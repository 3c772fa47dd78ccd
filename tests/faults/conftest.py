"""What do the tests of faults start from?

Records in PostgreSQL, alone or with standbys, and writers in processes of their own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import load

HERE = Path(__file__).resolve().parent
cluster, writers = load(HERE / "cluster.py"), load(HERE / "writers.py")
load(HERE / "told.py")

from servers import folder_for_servers  # noqa: E402 - loaded by tests/conftest.py


@pytest.fixture(scope="module")
def postgres_cluster(postgres_binaries: Path) -> Iterator[Any]:
    """Give a primary and two synchronous standbys; see tests/faults/cluster.py."""
    with folder_for_servers() as folder:
        yield cluster.Cluster.make(folder)


@pytest.fixture
def several_writers() -> Iterator[Any]:
    """Give a function that starts writers, and end those that still run when the test ends."""
    started: list[Any] = []

    def start(where: object, *things: str, batch: int = 1) -> list[Any]:
        new = [writers.Writer(where, thing, batch) for thing in things]
        started.extend(new)
        return new

    yield start
    for writer in started:
        writer.stop()
