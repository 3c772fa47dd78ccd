"""How fast does a whole process import a table, from its start until answers can be read?

Two tables are generated: lots of one reserve, and acts of States under very many treaties, a fifth
of them dated by month or year, a tenth with a rival row of another coder. Beside each stands the
floor: to read the rows, encode, hash and insert as many bytes, in the same language.

    python tests/benchmarks/tables.py [--lots N] [--acts N]
"""

import argparse
import csv
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from msgspec.json import encode  # noqa: E402

from tests.benchmarks import startup  # noqa: E402

ACTS_OF_A_TREATY = 46
FIRST = """
[[first]]
type = "party.established"
subject = "party/coders"
fields = { name = "Coders", type = "organisation", basis = "recorder" }

[[first]]
type = "source.cited"
subject = "source/table"
fields = { publisher = "party/coders", title = "A table", basis = "recorder" }

[defaults]
asserted_by = "party/coders"
basis = "tracker"
sources = [{ source = "source/table", published = "2026-01-01" }]
"""
LOTS_MAP = f"""{FIRST}
[[fact]]
type = "reserve.acquired"
subject = "reserve/holder"

[fact.fields]
effective = {{ column = "Date", as = "date" }}
amount = {{ column = "BTC", as = "amount", unit = "BTC" }}
price = {{ column = "Price", as = "amount", unit = "USD" }}
mode = {{ column = "Mode" }}
"""
_ACT = """
[[fact]]
type = "%s"
subject = "agreement/t-{treaty}"
when = { column = "action", is = ["%s"] }

[fact.fields]
party = { column = "state", as = "party", codes = "iso3" }
effective = { column = "date", as = "date" }
mode = "%s"
key = "{state} {action}, coder {coder}"
"""
ACTS = {
    "signed": ("agreement.signed", "simple"),
    "ratified": ("agreement.consent-expressed", "ratification"),
    "acceded": ("agreement.consent-expressed", "accession"),
}
ACTS_MAP = FIRST + "".join(_ACT % (type_, word, mode) for word, (type_, mode) in ACTS.items())


class Figure(NamedTuple):
    """What a table took: processor time and the most memory of the import; floor and peer.

    The peer is `sqlite3 .import` of the same file, 0 where it is not installed.
    """

    rows: int
    seconds: float
    peak_mb: float
    floor_s: float
    peer_s: float


def lots(rows: int) -> Iterator[list[str]]:
    """Yield the header and the rows of lots of one reserve."""
    chosen = random.Random(7)  # noqa: S311 - the same table each time
    yield ["Date", "BTC", "Price", "Mode"]
    for n in range(rows):
        day = date(2020, 1, 1) + timedelta(n % 2_000)
        amount = f"{chosen.randrange(1, 50_000_000) / 1e4:.4f}"
        yield [day.isoformat(), amount, str(chosen.randrange(10_000, 99_999)), "purchase"]


def acts(rows: int) -> Iterator[list[str]]:
    """Yield the header and the rows of acts of States under treaties."""
    yield ["treaty", "state", "action", "date", "coder"]
    yield from islice(_acts(), rows)


def _acts() -> Iterator[list[str]]:
    chosen = random.Random(11)  # noqa: S311 - the same table each time
    with (ROOT / "domain" / "importers" / "data" / "country-codes.csv").open(
        "r", encoding="utf-8"
    ) as file:
        states = [row["ISO3166-1-Alpha-3"] for row in csv.DictReader(file)]
    for treaty in count():
        begins = date(1900, 1, 1) + timedelta(chosen.randrange(36_000))
        party = iter(chosen.sample(states, ACTS_OF_A_TREATY))
        rows = 0
        while rows < ACTS_OF_A_TREATY:
            state, day = next(party), begins + timedelta(chosen.randrange(4_000))
            action = chosen.choice(tuple(ACTS))
            for coder in ("A", "B") if chosen.random() < 0.1 else ("A",):
                exact = 10 if chosen.random() < 0.8 else chosen.choice((4, 7))
                yield [str(treaty), state, action, day.isoformat()[:exact], coder]
                day += timedelta(chosen.randrange(1, 60))
                rows += 1


def write_table(path: Path, rows: Iterator[list[str]]) -> None:
    """Write a table as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def floor_s(table: Path, folder: Path, event_bytes: int) -> float:
    """Return how long it takes to read a table's rows and to store an event of each, no more.

    An event is of so many bytes: encoded as JSON, hashed, and inserted, 1,000 a transaction.
    """
    path = folder / "floor.sqlite3"
    path.unlink(missing_ok=True)
    started = time.process_time()
    with (
        table.open(encoding="utf-8", newline="") as file,
        closing(sqlite3.connect(path, isolation_level=None)) as db,
    ):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE e (n INTEGER PRIMARY KEY, a, b, c, state, hash, UNIQUE (a, b))")
        reader = csv.reader(file)
        header = next(reader)
        numbered = enumerate(reader)
        while batch := list(islice(numbered, 1_000)):
            rows = []
            for n, cells in batch:
                state = encode(dict(zip(header, cells, strict=True)))
                state += b" " * (event_bytes - len(state))
                rows.append((n, "a", n, "t", state, sha256(state).digest()))
            db.execute("BEGIN")
            db.executemany("INSERT INTO e VALUES (?, ?, ?, ?, ?, ?)", rows)
            db.execute("COMMIT")
    return time.process_time() - started


def measure(name: str, rows: int, folder: Path) -> Figure:
    """Return what the import of a generated table takes, the whole process, beside its floor."""
    made, mapping = TABLES[name]
    table, map_, ledger = folder / f"{name}.csv", folder / f"{name}.toml", folder / name
    write_table(table, made(rows))
    map_.write_text(mapping, encoding="utf-8")
    startup.process_s(startup.OURS, "init", str(ledger), folder=folder)
    command = ("--ledger", str(ledger), "import", "csv", str(table), "--map", str(map_))
    launched = [sys.executable, "-c", startup.OURS, *command]
    told = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    child = subprocess.Popen(launched, env=told, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, command
    seconds, peak_mb = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    with closing(sqlite3.connect(ledger / "record.sqlite3")) as db:
        (bytes_,) = db.execute("SELECT avg(length(state)) FROM stored_events").fetchone()
    floor = floor_s(table, folder, int(bytes_))
    return Figure(rows, seconds, peak_mb, floor, _peer_s(table, folder))


def _peer_s(table: Path, folder: Path) -> float:
    if shutil.which("sqlite3") is None:
        return 0.0
    before = startup.children_s()
    command = ["sqlite3", str(folder / f"{table.stem}.db"), ".mode csv", f".import {table} t"]
    subprocess.run(command, check=True, capture_output=True)
    return startup.children_s() - before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lots", type=int, default=100_000, metavar="N")
    parser.add_argument("--acts", type=int, default=187_000, metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("lots", asked.lots), ("acts", asked.acts)):
            found = measure(name, rows, Path(folder))
            print(
                f"{name}: {found.rows:,} rows, {found.seconds:.2f} s, "
                f"{found.rows / found.seconds:,.0f} rows/s, {found.peak_mb:,.0f} MB; "
                f"floor {found.floor_s:.2f} s"
            )


TABLES: dict[str, tuple[Callable[[int], Iterator[list[str]]], str]] = {
    "lots": (lots, LOTS_MAP),
    "acts": (acts, ACTS_MAP),
}

if __name__ == "__main__":
    main()
