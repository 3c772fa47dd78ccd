"""Does a record in PostgreSQL hold when its server stops, loses a backend, or somebody dawdles?

However it is hurt: what was acknowledged is stored, what is stored was attempted, and the writers
go on by themselves. How long that took each test tells; no test is decided by it.
"""

import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.store.factory import create_record
from events.store.location import Address
from tests.faults.cluster import wait_until
from tests.faults.servers import Server, folder_for_servers
from tests.faults.writers import Writer, nothing_lost_nothing_invented, stored

THINGS = ("party/pk", "party/sv", "party/bt")
OURS = "application_name = 'depositary' AND pid <> pg_backend_pid()"


@pytest.fixture
def record(postgres_server: Any) -> Address:
    """Give an empty record in a schema that nobody else uses."""
    schema = f"s{uuid.uuid4().hex[:12]}"
    where = Address.parse(f"{postgres_server.address()}&schema={schema}")
    create_record(where)
    return where


def hurt(writers: list[Writer], blow: Callable[[], None], times: int) -> float:
    """Strike while all write, so many times; each time wait until all of them have gone on.

    Returns the longest time from the end of a blow until that, in seconds.
    """
    chance = random.Random(11)  # noqa: S311 - moments to strike at, not secrets
    took_s = []
    for writer in writers:
        writer.goes_on()
    for _ in range(times):
        time.sleep(chance.uniform(0, 0.2))
        blow()
        began = time.monotonic()
        for writer in writers:
            writer.goes_on()
        took_s.append(time.monotonic() - began)
    return max(took_s)


def power_cut(server: Any) -> None:
    server.stop("immediate")
    server.start()


def restart(server: Any) -> None:
    server.stop("fast")
    server.start()


def terminated(server: Any) -> None:
    server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")


def one_killed(server: Any) -> None:
    # The server cannot know what a killed backend left in shared memory: it begins anew.
    for (pid,) in server.sql(f"SELECT pid FROM pg_stat_activity WHERE {OURS} LIMIT 1"):
        os.kill(pid, signal.SIGKILL)


BLOWS = {
    "power_cut": (power_cut, 20),
    "restart": (restart, 20),
    "backends_terminated": (terminated, 50),
    "backend_killed": (one_killed, 20),
}


Measured = Callable[[str], None]


@pytest.fixture
def strike(
    record: Address, postgres_server: Any, several_writers: Any, measured: Measured
) -> Callable[[str, int], None]:
    """Give a function that strikes a share of the times, and looks at what is left."""

    def strike(name: str, share: int) -> None:
        blow, times = BLOWS[name]
        writers = [
            *several_writers(record, *THINGS[:2]),
            *several_writers(record, *THINGS[2:], batch=10),
        ]
        took_s = hurt(writers, lambda: blow(postgres_server), times // share)
        acknowledged = nothing_lost_nothing_invented(record, writers)
        assert acknowledged > 0
        measured(f"{acknowledged} acknowledged, {times // share} times, back after {took_s:.2f} s")

    return strike


@pytest.mark.parametrize("blow", BLOWS)
def test_nothing_acknowledged_is_lost_and_writers_go_on(
    strike: Callable[[str, int], None], blow: str
) -> None:
    strike(blow, 10)


@pytest.mark.long
@pytest.mark.parametrize("blow", BLOWS)
def test_nothing_acknowledged_is_lost_however_often(
    strike: Callable[[str, int], None], blow: str
) -> None:
    strike(blow, 1)


@pytest.fixture
def alone(postgres_binaries: Path) -> Iterator[Server]:
    """Give a server for one test, whose settings are changed."""
    with folder_for_servers() as folder:
        yield Server.make(folder / "one")


def waiting_for_standbys(server: Server) -> set[int]:
    found = server.sql("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return {pid for (pid,) in found}


def test_what_is_found_again_after_a_lost_reply_waits_for_the_standbys_too(
    alone: Server, several_writers: Any
) -> None:
    # The commit is on this server alone when its reply is lost: it is there, but not yet safe.
    where = Address.parse(alone.address())
    create_record(where)
    alone.configure({"synchronous_standby_names": "away"})
    alone.reload()
    (writer,) = several_writers(where, "party/pk")
    wait_until(lambda: bool(waiting_for_standbys(alone)))
    (first,) = waiting_for_standbys(alone)
    alone.sql("SELECT pg_terminate_backend(%s)", first)
    wait_until(lambda: bool(waiting_for_standbys(alone) - {first} or writer.acknowledged))
    assert writer.acknowledged == {}
    assert waiting_for_standbys(alone) != set()
    assert stored(where) == {"party/pk/1": 1}
    alone.configure({"synchronous_standby_names": ""})
    alone.reload()
    writer.goes_on()
    assert nothing_lost_nothing_invented(where, [writer]) > 0


def test_a_writer_that_stands_still_with_the_lock_keeps_nobody_for_ever(
    record: Address, postgres_server: Any, several_writers: Any, measured: Measured
) -> None:
    still, other = several_writers(record, "party/pk", "party/sv")
    still.goes_on(), other.goes_on()
    for _ in range(400):
        still.process.send_signal(signal.SIGSTOP)
        if holds_the_lock(postgres_server):
            break
        still.process.send_signal(signal.SIGCONT)
        time.sleep(0.003)
    else:
        pytest.fail("the writer was never met with the lock in its hand")
    waited_s = other.goes_on()
    still.process.send_signal(signal.SIGCONT)
    still.goes_on()
    assert nothing_lost_nothing_invented(record, [still, other]) > 0
    measured(f"the other went on after {waited_s:.2f} s")


def holds_the_lock(server: Any) -> bool:
    """Say whether a stopped process is in the middle of a transaction, and the server waits."""
    question = (
        "SELECT a.pid, a.state_change FROM pg_stat_activity a JOIN pg_locks l USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.granted AND a.state = 'idle in transaction'"
    )
    time.sleep(0.05)  # what was on its way to the server is done by then
    held = server.sql(question)
    time.sleep(0.2 if held else 0)  # another writer would have gone on meanwhile
    return bool(held) and held == server.sql(question)
