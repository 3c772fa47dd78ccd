"""How fast are others with as many entries, where they are installed?

Plain-text accounting reads a journal of so many dated postings and adds them up; `sqlite-utils`
inserts rows from NDJSON. Each is found on PATH, and named where it is absent; Emmett where node
finds its packages (npm: @event-driven-io/emmett and emmett-sqlite 0.38.5, sqlite3 5) by NODE_PATH.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import startup


class Peer(NamedTuple):
    """A program, what it is asked to do, and what we do beyond that."""

    program: str
    does: str
    does_not: str


PEERS = {
    "ledger": Peer(
        "ledger", "reads a journal and adds it up", "no hashes, no claims, no second clock"
    ),
    "hledger": Peer(
        "hledger", "reads a journal and adds it up", "no hashes, no claims, no second clock"
    ),
    "beancount": Peer("bean-check", "reads and checks a journal", "no hashes, no claims"),
    "sqlite-utils": Peer(
        "sqlite-utils", "inserts NDJSON into a table", "no schema, no decision, no envelope"
    ),
    "Emmett on SQLite": Peer("node", "appends to streams", "no canonical bytes, no claims"),
}


def present(name: str) -> bool:
    """Say whether a peer is installed."""
    program = shutil.which(PEERS[name].program)
    if program is None or name != "Emmett on SQLite":
        return program is not None
    found = [program, "-e", "require.resolve('@event-driven-io/emmett-sqlite')"]
    return subprocess.run(found, check=False, capture_output=True).returncode == 0


def run_s(name: str, folder: Path, entries: int) -> float:
    """Return how many seconds of processor time a peer took, its whole process."""
    command = _COMMANDS[name](folder, entries)
    started = startup.children_s()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return startup.children_s() - started


def _journal(folder: Path, entries: int) -> Path:
    path = folder / f"journal-{entries}.dat"
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            for n in range(entries):
                file.write(f"{_day(n)} act {n}\n    assets:p{n % 200}    1 BTC\n    equity\n\n")
    return path


def _beans(folder: Path, entries: int) -> Path:
    path = folder / f"journal-{entries}.bean"
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            names = [f"Assets:P{n}" for n in range(200)]
            file.writelines(f"1949-01-01 open {name}\n" for name in (*names, "Equity:All"))
            for n in range(entries):
                file.write(f'{_day(n)} * "act {n}"\n  Assets:P{n % 200}  1 BTC\n  Equity:All\n')
    return path


def _rows(folder: Path, entries: int) -> Path:
    path = folder / f"rows-{entries}.ndjson"
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            for n in range(entries):
                row = {"id": n, "effective": _day(n), "party": f"p{n % 200}", "mode": "accession"}
                file.write(f"{json.dumps(row)}\n")
    return path


def _day(n: int) -> str:
    return f"{1950 + n % 60}-{1 + n % 12:02}-{1 + n % 28:02}"


def _insert(folder: Path, entries: int) -> list[str]:
    database = folder / "utils.db"
    database.unlink(missing_ok=True)
    rows = _rows(folder, entries)
    return ["sqlite-utils", "insert", str(database), "rows", str(rows), "--nl", "--pk", "id"]


def _emmett(folder: Path, entries: int) -> list[str]:
    database = folder / "emmett.db"
    for tail in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + tail).unlink(missing_ok=True)
    script = Path(__file__).with_name("emmett.cjs")
    return ["node", str(script), str(database), str(entries)]


_COMMANDS: dict[str, Callable[[Path, int], list[str]]] = {
    "ledger": lambda folder, n: ["ledger", "-f", str(_journal(folder, n)), "balance"],
    "hledger": lambda folder, n: ["hledger", "-f", str(_journal(folder, n)), "balance"],
    "beancount": lambda folder, n: ["bean-check", "--no-cache", str(_beans(folder, n))],
    "sqlite-utils": _insert,
    "Emmett on SQLite": _emmett,
}
