"""What do the tests of faults start from?

Records in PostgreSQL, alone or with standbys, and writers in processes of their own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cluster import Cluster
from tests.faults.interrupted import make_story
from tests.faults.servers import folder_for_servers
from tests.faults.writers import Writer


@pytest.fixture(scope="session")
def postgres_cluster(postgres_binaries: Path) -> Iterator[Any]:
    """Give a primary and two synchronous standbys; see tests/faults/cluster.py.

    Who asks for it may have to heal it: the tests before took it apart.
    """
    with folder_for_servers() as folder:
        yield Cluster.make(folder)


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make what the commands of the suite begin with, once: to be copied, never touched."""
    return make_story(tmp_path_factory.mktemp("story") / "story")


@pytest.fixture
def several_writers() -> Iterator[Any]:
    """Give a function that starts writers, and end those that still run when the test ends."""
    started: list[Any] = []

    def start(where: object, *things: str, batch: int = 1) -> list[Any]:
        new = [Writer(where, thing, batch) for thing in things]
        started.extend(new)
        return new

    yield start
    for writer in started:
        writer.stop()
