"""How fast is all of it, beside others and beside its goals, on this machine?

Runs each measurement in a process of its own, in turns with what it is compared with, so that both
meet the same machine; prints medians, the most memory, and the ratios of each turn. Writes them to
docs/benchmarks.md with the machine, the versions and the commit; decides nothing.

    python tests/benchmarks/run.py [--events N] [--large N] [--rounds N] [--write FILE]
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks import peers, startup, tables  # noqa: E402

HERE = Path(__file__).resolve().parent
LISTS = ROOT.parent / "shared" / "data" / "treaty" / "un-mtdsg"
IMPORT = ("import", "un-mtdsg", str(LISTS), "--as-reported")


class Once(NamedTuple):
    """One run: how long, for how many events, and the most memory (MB, 0 where not known)."""

    seconds: float
    events: int
    peak_mb: float


class Row(NamedTuple):
    """A line of the table: what was measured, the figure, the goal, and how it was met."""

    what: str
    found: str
    goal: str
    met: str


def task(name: str, folder: Path, events: int) -> Once:
    """Run one task of tests/benchmarks/tasks.py in a process and a folder of its own.

    Of a `whole` task the whole process is counted, its start and all.
    """
    own, whole = Path(tempfile.mkdtemp(dir=folder)), name.startswith("whole ")
    before = startup.children_s()
    ran = _process([str(HERE / "tasks.py"), name.removeprefix("whole "), str(own), str(events)])
    took = startup.children_s() - before
    shutil.rmtree(own)
    once = Once(**json.loads(ran.splitlines()[-1]))
    return once._replace(seconds=took) if whole else once


def turns(names: tuple[str, ...], folder: Path, events: int, rounds: int) -> dict[str, list[Once]]:
    """Run tasks or peers in turns; return every run of each."""
    found: dict[str, list[Once]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            if name in peers.PEERS:
                once = Once(peers.run_s(name, folder, events), events, 0)
            else:
                once = task(name, folder, events)
            found[name].append(once)
    return found


def rate(runs: list[Once]) -> float:
    """Return the median of events a second."""
    return statistics.median(one.events / one.seconds for one in runs)


def ratio(a: list[Once], b: list[Once]) -> float:
    """Return the median over the turns of how many times as fast a was as b."""
    pairs = zip(a, b, strict=True)
    return statistics.median((x.events / x.seconds) / (y.events / y.seconds) for x, y in pairs)


def peak(runs: list[Once]) -> str:
    """Return the most memory of any run."""
    return f"{max(one.peak_mb for one in runs):,.0f} MB"


def appends(folder: Path, events: int, rounds: int) -> list[Row]:
    """Measure appending in bulk and one by one."""
    runs = turns(("bulk", "raw", "stock"), folder, events, rounds)
    bulk, raw, stock = runs["bulk"], runs["raw"], runs["stock"]
    alone = ("single", "single consent")
    ones = turns((*alone, "commit"), folder, events, rounds)
    commit = ones["commit"]
    told = f"{rate(bulk):,.0f}/s, {peak(bulk)}; raw {rate(raw):,.0f}/s; stock {rate(stock):,.0f}/s"
    what = f"bulk append of {events:,} events, 1,000 a transaction"
    raw_ms = f"a raw commit {1e3 / rate(commit):.2f} ms"
    each = {name: f"{1e3 / rate(ones[name]):.2f} ms; {raw_ms}" for name in alone}
    single, consent = (f"{ratio(ones[name], commit):.2f} of raw; {each[name]}" for name in alone)
    return [
        least(what, told, ratio(bulk, raw), 0.45, "of raw"),
        least("the same beside eventsourcing as it comes", "", ratio(bulk, stock), 2.5, "of stock"),
        Row("single append to a subject with 50 events", single, "", ""),
        Row("the same of a consent, judged by the 50", consent, "", ""),
    ]


def replays(folder: Path, events: int, rounds: int) -> list[Row]:
    """Measure reading everything back beside SQLite and SHA-256, the floor of all reading.

    And, whole processes, beside plain-text accounting where it is installed.
    """
    others = tuple(name for name in ("ledger", "hledger", "beancount") if peers.present(name))
    names = ("floor", "replay", "audit", "rebuild", "mixed floor", "mixed replay")
    runs = turns((*names, "whole replay", *others), folder, events, rounds)
    floor, ours = runs["floor"], runs["whole replay"]
    rows = [
        _times("replay of accessions: hash, decode, fold", runs["replay"], floor, 3.5),
        _times("replay of four kinds, revised", runs["mixed replay"], runs["mixed floor"], 4.5),
        _times("audit in full: hash, tree, text and body", runs["audit"], floor, 3.5),
        _times("rebuild of all answers", runs["rebuild"], floor, 6.0),
    ]
    goals = {"ledger": 0.7}
    for name in others:
        told = f"{rate(runs[name]):,.0f} entries/s: {peers.PEERS[name].does}"
        found = ratio(ours, runs[name])
        goal = goals.get(name)
        row = Row(f"replay beside {name}", f"{found:.2f} times; {told}", "", "")
        rows.append(least(row.what, told, found, goal, "times") if goal else row)
    return rows


def _times(what: str, ours: list[Once], floor: list[Once], goal: float) -> Row:
    """Return the line of how many times as long as the floor something takes."""
    told = f"{rate(ours):,.0f}/s, {peak(ours)}; floor {rate(floor):,.0f}/s"
    return most(what, told, ratio(floor, ours), goal, "times SQLite and SHA-256")


def inserts(folder: Path, events: int, rounds: int) -> list[Row]:
    """Measure others that insert beside the bulk append, where they are installed."""
    others = {"sqlite-utils": "not durable row by row", "Emmett on SQLite": "50 a transaction"}
    rows = []
    for name, how in others.items():
        if peers.present(name):
            runs = turns(("bulk", name), folder, events, rounds)
            told = f"{ratio(runs['bulk'], runs[name]):.2f} times; {rate(runs[name]):,.0f}/s, {how}"
            rows.append(Row(f"bulk append beside {name}", told, "", ""))
    return rows


def answers(folder: Path, large: int, rounds: int) -> list[Row]:
    """Measure the rebuild of all answers, scaled to a million events."""
    runs = turns(("rebuild",), folder, large, min(rounds, 2))["rebuild"]
    million = 1e6 / rate(runs)
    told = f"{large:,} events at {rate(runs):,.0f}/s, {peak(runs)}"
    return [most("rebuild of all answers, 1,000,000 events", told, million, 25.0, "s")]


def imported(folder: Path, rounds: int) -> list[Row]:
    """Measure the UN lists, from the start of the process to readable answers."""
    if not LISTS.is_dir():
        return [Row("import of the 228 UN lists", "absent: ../shared/data/treaty", "", "")]
    found = []
    for n in range(rounds):
        ledger = str(folder / f"un-{n}")
        _counter("init", ledger)
        started = time.perf_counter()
        _counter("--ledger", ledger, *IMPORT)
        found.append(time.perf_counter() - started)
    what = "import of the 228 UN lists, 20,915 cells, whole process"
    return [most(what, "", statistics.median(found), 2.5, "s")]


def tables_in(folder: Path, lots: int) -> list[Row]:
    """Measure the import of two generated tables: lots of one reserve, acts under treaties."""
    acts = lots * 187 // 100
    lot, act = tables.measure("lots", lots, folder), tables.measure("acts", acts, folder)
    told = [
        f"{one.peak_mb:,.0f} MB; rows alone, encoded, hashed and inserted {one.floor_s:.2f} s"
        + (f"; sqlite3 .import {one.peer_s:.2f} s" if one.peer_s else "")
        for one in (lot, act)
    ]
    what = f"import csv of {lot.rows:,} lots of one reserve, whole process"
    what_act = f"import csv of {act.rows:,} acts of States, whole process"
    return [
        least(what, told[0], lot.rows / lot.seconds, 25_000, "rows/s"),
        most(what_act, told[1], act.seconds, 15.0, "s"),
    ]


def reads(folder: Path, large: int, rounds: int) -> list[Row]:
    """Measure whole processes, reads and an append, beside the smallest Typer program."""
    ledger = folder / "large"
    _counter("init", str(ledger))
    record = ledger / "record.sqlite3"
    for tail in ("", "-wal", "-shm"):
        record.with_name(record.name + tail).unlink(missing_ok=True)
    shutil.copy(folder / f"filled-{large}.sqlite3", record)
    (ledger / "answers.sqlite3").unlink()
    read = ("--ledger", str(ledger), "agreement", "show", "a7")
    _counter(*read)
    beside = startup.measure(max(5, rounds * 3), folder)
    (folder / "smallest.py").write_text(startup.SMALLEST, encoding="utf-8")
    smallest, ours = startup.LAUNCH, startup.OURS
    found, base = [], []
    for _ in range(max(5, rounds * 3)):
        base.append(startup.process_s(smallest, "x", folder=folder))
        found.append(startup.process_s(ours, *read, folder=folder))
    ratios = statistics.median(b / a for a, b in zip(base, found, strict=True))
    told = f"{statistics.median(found) * 1e3:.0f} ms; {statistics.median(base) * 1e3:.0f} ms"
    return [
        *(most(f"{what}, whole process", "", *figure, "times") for what, figure in beside.items()),
        most(f"read on {large:,} events beside a Typer program", told, ratios, 1.5, "times"),
    ]


def growth(folder: Path, large: int, rounds: int) -> list[Row]:
    """Measure how much longer an event takes in a long run than in a short one."""
    small = min(10_000, large // 2)
    pairs = [(task("bulk", folder, small), task("bulk", folder, large)) for _ in range(rounds)]
    grown = ratio([a for a, _ in pairs], [b for _, b in pairs])
    what = f"growth of the cost of an appended event, {small:,} to {large:,}"
    return [most(what, peak([b for _, b in pairs]), grown, 1.3, "times")]


def least(what: str, told: str, found: float, goal: float, unit: str) -> Row:
    """Return the line of a figure that should be at least its goal."""
    return _row(what, told, found, f"≥ {_shown(goal)} {unit}", unit, met=found >= goal)


def most(what: str, told: str, found: float, goal: float, unit: str) -> Row:
    """Return the line of a figure that should be at most its goal."""
    return _row(what, told, found, f"≤ {_shown(goal)} {unit}", unit, met=found <= goal)


def _row(what: str, told: str, found: float, goal: str, unit: str, *, met: bool) -> Row:
    figure = f"{_shown(found)} {unit}"
    return Row(what, f"{figure}; {told}" if told else figure, goal, "yes" if met else "no")


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1_000 else f"{figure:.2f}"


def _process(arguments: list[str]) -> str:
    ran = subprocess.run(
        [sys.executable, *arguments], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return ran.stdout


def _counter(*arguments: str) -> None:
    launch = startup.OURS
    subprocess.run(
        [sys.executable, "-c", launch, *arguments],
        check=True,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": os.environ.get("PATH", "")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def circumstances() -> list[str]:
    """Return the machine, the versions and the commit."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        models = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    asked = ["git", "describe", "--always", "--dirty"]
    try:
        commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except OSError:
        commit = ""
    libraries = ", ".join(f"{n} {version(n)}" for n in ("eventsourcing", "msgspec", "pydantic"))
    from tests.benchmarks import postgres

    absent = [name for name in peers.PEERS if not peers.present(name)]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"machine: {cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        f"load of the last 1, 5, 15 minutes: {load} (others at work make every figure worse)",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
        f"{postgres.which()}",
        f"commit: {commit.strip() or 'unknown'}",
        f"absent peers: {', '.join(absent) or 'none'}",
    ]


def page(rows: list[Row], told: list[str], how: str) -> str:
    """Return docs/benchmarks.md."""
    lines = ["# Benchmarks", "", f"Written by `tests/benchmarks/run.py` (`make bench`): {how}", ""]
    lines += [f"- {line}" for line in told]
    lines += ["", "| what | found | goal | met |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines += ["", "What each peer does not do that we do:", ""]
    lines += [f"- {name} {peer.does}: {peer.does_not}" for name, peer in peers.PEERS.items()]
    notes = HERE / "notes.md"
    return (
        "\n".join([*lines, "", notes.read_text("utf-8")]) if notes.is_file() else "\n".join(lines)
    )


def main() -> None:
    """Measure, print, and write the page if one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000, metavar="N")
    parser.add_argument("--large", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--write", type=Path, metavar="FILE")
    asked = parser.parse_args()
    subprocess.run([sys.executable, "-m", "compileall", "-q", *_rooms()], check=False)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for events in {asked.events, asked.large}:
            _process([str(HERE / "tasks.py"), "fill", name, str(events)])
        rows += _told(appends(folder, asked.events, asked.rounds))
        rows += _told(replays(folder, asked.events, asked.rounds))
        rows += _told(inserts(folder, asked.events, asked.rounds))
        rows += _told(imported(folder, min(3, asked.rounds)))
        rows += _told(tables_in(folder, asked.events))
        rows += _told(answers(folder, asked.large, asked.rounds))
        rows += _told(reads(folder, asked.large, asked.rounds))
        rows += _told(growth(folder, asked.large, min(2, asked.rounds)))
        from tests.benchmarks import postgres  # which measures by means of this module

        for found in postgres.rows(folder, asked.events, min(3, asked.rounds)):
            rows += _told([Row(*row) for row in found])
    how = (
        f"{asked.events:,} events, {asked.large:,} where it says so, medians of {asked.rounds}"
        " runs in turns, each a process of its own. Rates and ratios are of processor time, of"
        " single appends and whole processes with their waiting; memory is the most a process had."
    )
    if asked.write:
        asked.write.write_text(page(rows, circumstances(), how), "utf-8")


def _rooms() -> list[str]:
    return [str(ROOT / room) for room in ("events", "domain", "projections", "cli")]


def _told(rows: list[Row]) -> list[Row]:
    for row in rows:
        print(f"{row.what:58}  {row.found:60}  {row.goal:14}  {row.met}", flush=True)
    return rows


if __name__ == "__main__":
    main()
