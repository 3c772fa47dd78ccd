"""Is nothing lost, and nothing doubled, when another server takes over under load?

Three servers on one machine stand in for three: see tests/faults/cluster.py. What one machine
cannot show: networks that split, disks that lie, clocks that part.
"""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.store.errors import StandbyError
from events.store.factory import (
    create_record,
    library_environment,
    make_recorder_factory,
    open_reader,
    open_tree,
)
from events.store.location import Address
from tests.faults.cluster import Cluster, wait_until
from tests.faults.servers import NoPostgresError
from tests.faults.told import a_state
from tests.faults.writers import Writer, nothing_lost_nothing_invented, stored

psycopg = pytest.importorskip("psycopg", exc_type=ImportError)

ROOT = Path(__file__).resolve().parents[2]
COUNTER = "import sys; from cli.main import main; sys.exit(main())"
THINGS = ("party/pk", "party/sv", "party/bt")


@pytest.fixture
def record(postgres_cluster: Cluster) -> Address:
    """Give an empty record at whichever node is primary, with two standbys."""
    postgres_cluster.heal()
    where = Address.parse(f"{postgres_cluster.address()}&schema=s{uuid.uuid4().hex[:12]}")
    create_record(where)
    return where


def alone(cluster: Cluster, name: str, record: Address) -> Address:
    """Return the address of a record at one node, whatever that node is."""
    return Address.parse(f"{cluster.nodes[name].address()}&schema={record.schema}")


def open_for_writing(where: Address) -> None:
    opened = make_recorder_factory(library_environment(where), where, lock_wait_s=1)
    opened.datastore.close()  # type: ignore[attr-defined]


def fail_over(cluster: Cluster, record: Address, writers: list[Writer]) -> None:
    """Promote under load; the old primary takes nothing any more, and comes back as a standby."""
    old = cluster.primary
    new = cluster.promote()
    assert new != old
    for writer in writers:
        writer.goes_on()
    cluster.nodes[old].start()  # somebody plugs it in again
    with pytest.raises(StandbyError):
        open_for_writing(alone(cluster, old, record))
    with (
        psycopg.connect(cluster.nodes[old].address(role="postgres")) as forced,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        forced.execute(f'DELETE FROM "{record.schema}".stored_events'.encode())
    cluster.rejoin(old)
    cluster.wait_for_standbys(2)


def promotions(
    cluster: Cluster,
    record: Address,
    start: Callable[..., list[Writer]],
    times: int,
    measured: Callable[[str], None],
) -> None:
    writers = [*start(record, *THINGS[:2]), *start(record, THINGS[2], batch=10)]
    for writer in writers:
        writer.goes_on()
    for _ in range(times):
        fail_over(cluster, record, writers)
    acknowledged = nothing_lost_nothing_invented(record, writers)
    everywhere = stored(record)
    cluster.wait_until_alike()
    for name in cluster.nodes:
        assert stored(alone(cluster, name, record)) == everywhere
    gap_s = max(gap for writer in writers for gap in writer.gaps_s())
    measured(f"{acknowledged} acknowledged, {times} promotions, longest gap {gap_s:.2f} s")


def test_a_promotion_under_load_loses_and_doubles_nothing(
    postgres_cluster: Cluster,
    record: Address,
    several_writers: Any,
    measured: Callable[[str], None],
) -> None:
    promotions(postgres_cluster, record, several_writers, 1, measured)


@pytest.mark.long
def test_ten_promotions_under_load_lose_and_double_nothing(
    postgres_cluster: Cluster,
    record: Address,
    several_writers: Any,
    measured: Callable[[str], None],
) -> None:
    promotions(postgres_cluster, record, several_writers, 10, measured)


def test_a_primary_that_nobody_follows_acknowledges_nothing(
    postgres_cluster: Cluster, record: Address, several_writers: Any
) -> None:
    cluster, old = postgres_cluster, postgres_cluster.primary
    (before,) = several_writers(record, "party/pk")
    before.goes_on()
    before.stop()
    cluster.promote()
    known = stored(record)
    # The fence is forgotten: it comes back as the primary that it was, for whoever asks it alone.
    (cluster.nodes[old].data / "standby.signal").unlink()
    cluster.nodes[old].start()
    (astray,) = several_writers(alone(cluster, old, record), "party/sv")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    wait_until(lambda: cluster.nodes[old].sql(waiting)[0][0] > 0)
    assert astray.acknowledged == {}
    # Not even where somebody has had enough of waiting for the standbys.
    cluster.nodes[old].sql(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    )
    astray.process.wait(timeout=60)
    astray.stop()
    assert astray.acknowledged == {}
    assert astray.attempted == {"party/sv/1"}
    cluster.rejoin(old)
    cluster.wait_for_standbys(2)
    assert stored(record) == known
    cluster.wait_until_alike()
    assert stored(alone(cluster, old, record)) == known


def test_nobody_is_promoted_while_a_standby_that_may_have_more_is_away(
    postgres_cluster: Cluster,
) -> None:
    postgres_cluster.heal()
    old = postgres_cluster.primary
    away = next(name for name in postgres_cluster.nodes if name != old)
    postgres_cluster.nodes[away].stop()
    with pytest.raises(NoPostgresError, match="may have more than the other"):
        postgres_cluster.promote()
    assert postgres_cluster.up(old)
    postgres_cluster.nodes[away].start()
    postgres_cluster.wait_for_standbys(2)


def test_the_record_is_not_written_through_a_standby(
    postgres_cluster: Cluster, record: Address
) -> None:
    standby = next(n for n in postgres_cluster.nodes if n != postgres_cluster.primary)
    postgres_cluster.wait_until_alike()  # it has on its disk what it may not have replayed yet
    with pytest.raises(StandbyError, match="standby"):
        open_for_writing(alone(postgres_cluster, standby, record))


def test_a_standby_is_read_and_no_tree_grows_there(
    postgres_cluster: Cluster, record: Address
) -> None:
    standby = next(n for n in postgres_cluster.nodes if n != postgres_cluster.primary)
    where = alone(postgres_cluster, standby, record)
    postgres_cluster.wait_until_alike()
    with pytest.raises(StandbyError, match="standby"):
        open_tree(where, write=True)
    with open_tree(where) as tree, pytest.raises(StandbyError, match="read-only"):
        tree.add_checkpoint(1, b"a note")
    with open_reader(where) as reader:
        assert reader.last_position() == len(stored(record))


@pytest.fixture
def follow() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give a function that starts a follower of a ledger; it ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(ledger: str, *options: str) -> subprocess.Popen[str]:
        program = [sys.executable, "-c", COUNTER, "--ledger", ledger, "follow", *options]
        pipe = subprocess.PIPE
        env = {"PYTHONPATH": str(ROOT)}
        started.append(subprocess.Popen(program, env=env, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


def test_the_counter_and_its_followers_go_over_to_the_new_primary(
    postgres_cluster: Cluster, depositary: Any, follow: Any
) -> None:
    ledger = f"{postgres_cluster.address()}&schema=c{uuid.uuid4().hex[:12]}"

    def ask(*words: str, **options: Any) -> str:
        done = depositary("--ledger", ledger, *words, **options)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    postgres_cluster.heal()
    depositary("init", ledger)
    ask("append", "-", input=a_state("bt"))
    follower = follow(ledger, "--until", "@3")
    assert follower.stdout.readline() == "@2\n"
    postgres_cluster.fence()
    assert follower.stderr.readline().endswith("Trying again in 5 seconds.\n")
    # Now it asks the standbys, too, of which none is primary yet.
    assert follower.stderr.readline().startswith("waiting 30 s at most: No server at ")
    postgres_cluster.promote()
    ask("append", "-", input=a_state("kz"))
    assert "party/bt" in ask("party", "list")
    said, errors = follower.communicate(timeout=60)
    assert (follower.returncode, said) == (0, "@3\n"), errors
