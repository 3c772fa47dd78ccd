"""What grows how in PostgreSQL: bytes by events, appends by writers, and how far followers lag?

Starts servers of its own whose commits reach the disk, alone and with two synchronous standbys.
Prints the tables that docs/scale.md works with; decides nothing.

    python tests/benchmarks/scale.py sizes [--events N ...]
    python tests/benchmarks/scale.py writers [--writers N ...] [--seconds S]
    python tests/benchmarks/scale.py lag [--seconds S]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from events.store.factory import create_record, open_reader  # noqa: E402
from events.store.location import Address  # noqa: E402
from tests.benchmarks.postgres import SETTINGS, task  # noqa: E402
from tests.faults.cluster import Cluster  # noqa: E402
from tests.faults.servers import Server, folder_for_servers  # noqa: E402
from tests.faults.writers import Writer  # noqa: E402

WRITER = ROOT / "tests" / "faults" / "store_writer.py"


@contextmanager
def alone() -> Iterator[tuple[str, Any]]:
    """Give the address of one server, and the server."""
    with folder_for_servers() as folder:
        made = Server.make(folder / "one", SETTINGS)
        yield made.address(), made


@contextmanager
def with_standbys() -> Iterator[tuple[str, Any]]:
    """Give the address of a primary that waits for one of two standbys, and the primary."""
    with folder_for_servers() as folder:
        made = Cluster.make(folder, SETTINGS)
        yield made.address(), made.nodes[made.primary]


def schema(address: str) -> Address:
    """Return an empty record of its own."""
    where = Address.parse(f"{address}&schema=s{uuid.uuid4().hex[:12]}")
    create_record(where)
    return where


def sizes(counts: list[int]) -> None:
    """Print what each table and index takes, by number of events."""
    print("events     what                                  bytes  bytes an event")
    for count in counts:
        with alone() as (address, server), tempfile.TemporaryDirectory() as folder:
            began = server.sql("SELECT pg_current_wal_lsn()::text")[0][0]
            task("fill", f"{address}&schema=filled", Path(folder), count)
            where = Address.parse(f"{address}&schema=filled")
            _grow_tree(where)
            log = server.sql("SELECT pg_current_wal_lsn() - %s::pg_lsn", began)[0][0]
            task("rebuild", str(where), Path(folder), count)
            server.sql("VACUUM ANALYZE", database="depositary")
            found = server.sql(_SIZES, database="depositary")
            found.append(("write-ahead log of the record", log))
            (answers,) = Path(folder).glob("answers-*.sqlite3")
            found.append(("answers of one reader, a file", answers.stat().st_size))
            for name, size in found:
                print(f"{count:<9,}  {name:31}  {size:>12,}  {size / count:>14.1f}")


_SIZES = """
SELECT name, size FROM (
    SELECT replace(c.relname, 'originator_id_originator_version', 'thing_version') AS name,
        pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) AS size
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'filled' AND c.relkind IN ('r', 'i')
    UNION ALL SELECT 'the stored bytes alone', sum(length(state)) FROM filled.stored_events
) AS found WHERE size > 65536 ORDER BY size DESC"""


def _grow_tree(where: Address) -> None:
    from events.store.factory import open_tree
    from events.transparency.tree import integrate

    with open_tree(where, write=True) as tree:
        integrate(tree)


class Rate(NamedTuple):
    """What so many writers did: events a second, seconds of each append, CPU seconds an event."""

    events: float
    took: list[float]
    writers_cpu: float
    server_cpu: float


def writers(numbers: list[int], seconds: float) -> None:
    """Print how many events a second so many writers append, one by one and in batches."""
    print("servers       writers  batch  events/s  one append: median, slowest 1/100  CPU an event")
    for name, made in (("alone", alone), ("two standbys", with_standbys)):
        with made() as (address, server):
            for batch in (1, 100):
                for number in numbers:
                    found = appended(server, schema(address), number, batch, seconds)
                    p50, p99 = (found.took[len(found.took) * n // 100] * 1e3 for n in (50, 99))
                    ours, theirs = found.writers_cpu * 1e6, found.server_cpu * 1e6
                    cpu = f"{ours:,.0f} µs + server {theirs:,.0f} µs"
                    told = f"{name:12}  {number:>7}  {batch:>5}  {found.events:>8,.0f}"
                    print(f"{told}  {f'{p50:.1f} ms, {p99:.1f} ms':33}  {cpu}", flush=True)


def appended(server: Any, where: Address, number: int, batch: int, seconds: float) -> Rate:
    """Let so many write for a while, and see what came of it."""
    with ExitStack() as stack:
        started = [Writer(where, f"party/p{n}", batch) for n in range(number)]
        for each in started:
            stack.callback(each.stop)
        for each in started:
            each.goes_on(1)
        ours = [each.process.pid for each in started]
        theirs = [pid for (pid,) in server.sql("SELECT pid FROM pg_stat_activity")]
        began, cpu = time.monotonic(), (cpu_s(ours), cpu_s(theirs))
        had = sum(len(each.acknowledged) for each in started)
        time.sleep(seconds)
        took_s, used = time.monotonic() - began, (cpu_s(ours), cpu_s(theirs))
        count = sum(len(each.acknowledged) for each in started) - had
        answers = [answer for each in started for answer in list(each.answers)]
    took = sorted(answered - asked for asked, answered in answers if asked > began)
    return Rate(count / took_s, took, *((u - c) / count for u, c in zip(used, cpu, strict=True)))


def cpu_s(pids: list[int]) -> float:
    """Return the seconds that processes have computed, of those that still run (Linux)."""
    ticks = 0
    for pid in pids:
        path = Path(f"/proc/{pid}/stat")
        if path.exists():
            fields = path.read_text("utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def lag(seconds: float) -> None:
    """Print how old events are when a follower has read them, woken by their notification."""
    print("servers         writers  events  lag: median, slowest 1/100")
    for name, made in (("alone", alone), ("two standbys", with_standbys)):
        with made() as (address, _):
            for number in (1, 4):
                found = sorted(_followed(schema(address), number, seconds))
                p99 = found[len(found) * 99 // 100]
                told = f"{name:14}  {number:>7}  {len(found):>6}"
                print(f"{told}  {statistics.median(found) * 1e3:.1f} ms, {p99 * 1e3:.1f} ms")


def _followed(where: Address, number: int, seconds: float) -> Iterator[float]:
    import psycopg

    arguments = [sys.executable, str(WRITER), str(where)]
    parameters: dict[str, Any] = where.parameters()
    with psycopg.connect(autocommit=True, **parameters) as session, open_reader(where) as reader:
        session.execute(f"LISTEN {where.channel}".encode())
        writing = [
            subprocess.Popen(
                [*arguments, f"party/p{n}", "1000000"],
                env={"PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
            )
            for n in range(number)
        ]
        position, until = 0, float("inf")
        for _ in session.notifies(timeout=60):
            for row in reader.rows(after=position):
                position = row.position
                yield (datetime.now(UTC) - datetime.fromisoformat(row.time)).total_seconds()
            until = min(until, time.monotonic() + seconds)  # from the first that was heard of
            if time.monotonic() > until:
                break
        for each in writing:
            each.kill()
            each.wait()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("sizes", "writers", "lag"))
    parser.add_argument("--events", type=int, nargs="+", default=[20_000, 100_000, 500_000])
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 4, 8, 24])
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args()
    match asked.what:
        case "sizes":
            sizes(asked.events)
        case "writers":
            writers(asked.writers, asked.seconds)
        case _:
            lag(asked.seconds)


if __name__ == "__main__":
    main()
