"""How fast is the ledger in PostgreSQL, beside what PostgreSQL alone can do on this machine?

Starts a server of its own whose commits reach the disk, measures in turns, each in a process of its
own, prints medians and the ratios of each turn, and decides nothing. Where PostgreSQL is absent it
says so. `make bench` runs it through tests/benchmarks/run.py, which writes the page.

    python tests/benchmarks/postgres.py [--events N] [--rounds N]
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks import startup  # noqa: E402
from tests.benchmarks.run import Once, Row, least, peak, rate, ratio  # noqa: E402
from tests.benchmarks.tasks import OF_A_THING  # noqa: E402
from tests.faults.servers import NoPostgresError, Server, binaries, folder_for_servers  # noqa: E402

TASKS = Path(__file__).resolve().with_name("postgres_tasks.py")
SETTINGS = {"shared_buffers": "256MB"}  # and commits as durable as PostgreSQL makes them
ONE_BY_ONE = 100  # appends of each writer, at most
AT_ONCE = 8


def absent() -> str:
    """Return why PostgreSQL cannot be measured here; an empty text if it can."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed (pip install 'depositary[postgres]')"
    try:
        with folder_for_servers() as folder:
            Server.make(folder / "one").stop()
    except NoPostgresError as error:
        return str(error).splitlines()[0]
    return ""


def which() -> str:
    """Return the server's version and the driver's, or why there are none."""
    if why := absent():
        return f"PostgreSQL absent: {why}"
    said = subprocess.run(
        [binaries() / "postgres", "--version"], check=True, capture_output=True, text=True
    )
    settings = ", ".join(f"{name} = {value}" for name, value in SETTINGS.items())
    return f"{said.stdout.strip()}, psycopg {version('psycopg')}; {settings}, commits durable"


@contextmanager
def server() -> Iterator[str]:
    """Give the address of a server that is there for the measurements alone."""
    with folder_for_servers() as folder:
        yield Server.make(folder / "one", SETTINGS).address()


def task(name: str, address: str, folder: Path, events: int) -> Once:
    """Run one task of tests/benchmarks/postgres_tasks.py in a process of its own."""
    found = told(name, address, folder, events)
    return Once(found["seconds"], int(found["events"]), found["peak_mb"])


def told(name: str, address: str, folder: Path, events: int) -> dict[str, float]:
    """Return all that one task tells."""
    arguments = [sys.executable, str(TASKS), name, address, str(folder), str(events)]
    ran = subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def turns(
    names: tuple[str, ...], address: str, folder: Path, events: int, rounds: int
) -> dict[str, list[Once]]:
    """Run tasks in turns; return every run of each."""
    found: dict[str, list[Once]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(task(name, address, folder, events))
    return found


def bulk(address: str, folder: Path, events: int, rounds: int) -> list[Row]:
    """Measure appending in bulk, beside COPY and beside the library as it comes."""
    runs = turns(("bulk", "store", "copy", "stock"), address, folder, events, rounds)
    ours, store, copy, stock = runs.values()
    told = f"{rate(ours):,.0f}/s, {peak(ours)}; COPY {rate(copy):,.0f}/s"
    alone = f"{rate(store):,.0f}/s: locked, numbered, told the time, notified"
    return [
        least("PostgreSQL: bulk append", told, ratio(ours, copy), 0.25, "of COPY"),
        least(
            "PostgreSQL: the same beside eventsourcing as it comes",
            f"stock {rate(stock):,.0f}/s",
            ratio(ours, stock),
            2.5,
            "of stock",
        ),
        figure("PostgreSQL: the recorder alone, 1,000 a transaction", ratio(store, copy), alone),
    ]


def singles(address: str, folder: Path, each: int) -> list[Row]:
    """Measure single appends by one writer and by eight, so many each."""
    commit = task("commit", address, folder, each * 5)
    found = []
    for n in (1, AT_ONCE):
        told = f"{writers(n, address, folder, each)}; a raw commit {1e3 / rate([commit]):.2f} ms"
        found.append(Row(f"PostgreSQL: single append, {n} at once", told, "", ""))
    return found


def writers(count: int, address: str, folder: Path, each: int) -> str:
    """Let so many write at once; return the median, the slowest hundredth, and the rate."""
    with ready(count, [f"{address}&schema=filled", str(folder), str(each)]) as processes:
        for process in processes:
            process.stdin.close()
        ended = [json.loads(process.stdout.read()) for process in processes]
    ones = sorted(1e3 * one for found in ended for one in found["ones"])
    p50, p99 = ones[len(ones) // 2], ones[len(ones) * 99 // 100]
    together = len(ones) / max(found["seconds"] for found in ended)
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {together:,.0f}/s together"


@contextmanager
def ready(count: int, arguments: list[str]) -> Iterator[list[Any]]:
    """Give processes that append as soon as their input is closed."""
    program = [sys.executable, str(TASKS), "single", *arguments]
    processes = [
        subprocess.Popen([*program, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for n in range(count)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    yield processes
    for process in processes:
        process.wait()


def replays(address: str, folder: Path, events: int, rounds: int) -> list[Row]:
    """Measure reading the whole record back, and making answers of it, beside SQLite."""
    where = f"{address}&schema=filled"
    found = []
    for what, name, goal in (
        ("reading the log", "replay", 0.0),
        ("rebuild of all answers", "rebuild", 0.0),
        ("catch-up with half of the events", "catch_up", 0.5),
    ):
        to = address if name == "catch_up" else where
        runs = turns((name, f"{name}_sqlite"), to, folder, events, rounds)
        ours, lite = runs.values()
        told = f"{rate(ours):,.0f}/s, {peak(ours)}; SQLite {rate(lite):,.0f}/s"
        title = f"PostgreSQL: {what}"
        beside = ratio(ours, lite)
        found.append(
            least(title, told, beside, goal, "of SQLite") if goal else figure(title, beside, told)
        )
    return found


def reads(address: str, folder: Path, rounds: int) -> list[Row]:
    """Measure a read's whole process, beside SQLite, and what the difference is made of."""
    where, ledger = f"{address}&schema=filled", str(folder / "copied")
    read = startup.OURS
    startup.process_s(read, "copy", where, ledger, folder=folder)
    there: list[float] = []
    here: list[float] = []
    for turn in range(max(5, rounds * 3) + 1):
        for times, at in ((there, where), (here, ledger)):
            took = startup.process_s(read, "--ledger", at, "agreement", "show", "a7", folder=folder)
            if turn:
                times.append(took)
    parts = told("meet", address, folder, 1)
    ours, lite = (1e3 * statistics.median(times) for times in (there, here))
    of = ", ".join(f"{name} {1e3 * parts[name]:.1f}" for name in ("driver", "session", "trip"))
    said = f"{ours:.0f} ms; SQLite {lite:.0f} ms; of the difference: {of} ms"
    return [figure("PostgreSQL: one read, whole process", ours / lite, said)]


def figure(what: str, found: float, told: str) -> Row:
    """Return the line of a figure that has no goal."""
    return Row(what, f"{found:.2f} times; {told}", "", "")


def rows(folder: Path, events: int, rounds: int) -> Iterator[list[Row]]:
    """Measure all, and yield the lines as they are found."""
    if why := absent():
        yield [Row("PostgreSQL", f"absent: {why}", "", "")]
        return
    with server() as address:
        yield bulk(address, folder, events, rounds)
        each = min(ONE_BY_ONE, events // OF_A_THING)
        enough = max(events, OF_A_THING * (each + 1) * AT_ONCE)
        task("fill", f"{address}&schema=filled", folder, enough)
        yield singles(address, folder, each)
        yield reads(address, folder, rounds)
        yield replays(address, folder, enough, rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for found in rows(Path(name), asked.events, asked.rounds):
            for row in found:
                print(f"{row.what:58}  {row.found:60}  {row.goal:14}  {row.met}", flush=True)


if __name__ == "__main__":
    main()
