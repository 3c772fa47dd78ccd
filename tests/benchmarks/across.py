"""How fast are questions across a ledger, beside `reserve show` of one subject of it?

Two ledgers are made once: one of four kinds of subjects, a tenth of it claims about claims
(clocks.py), and one of acts of States, 46 a treaty (tables.py). Each question is a whole process,
timed by its processor time in pairs with `reserve show`. Beside them: what findings take, catching
up, the rebuild and the size of the answers, and peers: SQLite's index of words alone, DuckDB over
an exported table. Prints the figures beside their goals; decides nothing.

    python tests/benchmarks/across.py [--events N] [--acts N] [--rounds N] [--folder DIR]

With a folder the ledgers are kept there and used again.
"""

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from events.store.sqlite.reader import RecordReader  # noqa: E402
from projections.read_model.database import ReadModel  # noqa: E402
from projections.read_model.rebuild import make_answers  # noqa: E402
from tests.benchmarks import clocks, startup, tables  # noqa: E402

PAST = ("--as-of", "2024-03-13", "--known-at")
SHOW = ("reserve", "show", "t-4")
# What is asked, and how many times as long as `reserve show` it should take at most.
OF_KINDS = [
    (("reserve", "list"), 2.0),
    (("disputes",), 2.0),
    (("agreement", "standing", "--party", "t-2"), 2.0),
    (("source", "show", "t-3"), 2.0),
    (("party", "show", "t-2"), 2.0),
    (("find", "source", "7"), 2.0),
    (("find", "so it is"), 2.0),
    (("find", "purchase", "--kind", "reserve", "--known-at", "@{half}"), 5.0),
    (("reserve", "list", *PAST, "@{half}"), 5.0),
    # Every subject has an event in each month, and one in the last thousand: all are folded.
    (("timeline", "--from", "2024-03-01", "--to", "2024-03-31"), 0.0),
    (("changes", "--since", "@{recent}"), 0.0),
    (("findings",), 0.0),
]
OF_ACTS = [
    (("agreement", "list"), 2.0),
    (("disputes",), 2.0),
    (("agreement", "standing", "--party", "fr"), 2.0),
    (("source", "show", "table"), 2.0),
    (("party", "show", "coders"), 2.0),
    (("find", "accession"), 2.0),
    (("find", "simple", "--party", "fr"), 2.0),
    (("agreement", "list", *PAST, "@{half}"), 5.0),
    (("timeline", "--party", "fr"), 6.0),
    (("timeline", "--from", "2014-03-01", "--to", "2014-03-31"), 0.0),
    (("changes", "--since", "@{recent}"), 0.0),
    (("findings",), 0.0),
]
FINDINGS_S = 15.0
CATCHING_UP_S = 0.3
WORDS_ALONE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
found = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 20"
print(db.execute(found, (sys.argv[2],)).fetchall())
print(db.execute("SELECT count(*) FROM words WHERE words MATCH ?", (sys.argv[2],)).fetchone())
"""
DUCKDB = """
import sys
import duckdb
found = "SELECT count(*), count(DISTINCT thing) FROM read_csv(?) WHERE data ILIKE '%' || ? || '%'"
print(duckdb.execute(found, sys.argv[1:]).fetchall())
"""


def used_s(ledger: Path, *words: str) -> float:
    """Return the processor time of one command as a whole process; one may end with code 1."""
    before = startup.children_s()
    command = [sys.executable, "-c", startup.OURS, "--ledger", str(ledger), *words]
    told = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "80"}
    ran = subprocess.run(command, env=told, stdout=subprocess.DEVNULL, check=False)
    assert ran.returncode in (0, 1), words
    return startup.children_s() - before


def ratio(pairs: list[tuple[float, float]]) -> float:
    """Return the median over pairs of how many times the first the second is."""
    return statistics.median(b / a for a, b in pairs)


def questions(
    ledger: Path, asked: list[tuple[tuple[str, ...], float]], base: Path, rounds: int
) -> None:
    """Time each question in pairs with `reserve show`; of findings the first time too."""
    with RecordReader(ledger / "record.sqlite3") as record:
        last = record.last_position()
    named = {"half": last // 2, "recent": last - 999}
    for words, goal in asked:
        typed = tuple(word.format(**named) for word in words)
        first_s = used_s(ledger, *typed)  # what it makes ready it finds ready from then on
        pairs = [(used_s(base, *SHOW), used_s(ledger, *typed)) for _ in range(rounds)]
        shown = " ".join(words).format(half="HALF", recent="RECENT")
        times = statistics.median(b for _, b in pairs)
        if not goal:
            most = f"at most {FINDINGS_S:.0f} s" if words == ("findings",) else ""
            clocks.say(shown, f"{times:.2f} s", most)
            clocks.say("  the first time", f"{first_s:.2f} s", most)
        else:
            clocks.say(shown, f"{ratio(pairs):.2f} times", f"at most {goal:.0f}")


def made(folder: Path, events: int, acts: int) -> tuple[Path, Path]:
    """Return the two ledgers, made where they are not there."""
    if not (folder / "mixed").exists():
        clocks.fill(folder, events).rename(folder / "mixed")
    if not (folder / "acts").exists():
        tables.measure("acts", acts, folder)
    return folder / "mixed", folder / "acts"


def rebuilt(ledger: Path) -> None:
    """Make all answers anew; say how long an event takes, and how large they are."""
    record, answers = ledger / "record.sqlite3", ledger / "answers.sqlite3"
    with RecordReader(record) as reader:
        started = time.process_time()
        position, _ = make_answers(reader, answers)
        took = time.process_time() - started
    clocks.say(f"rebuild of {position:,} events", f"{took / position * 1e6:.0f} µs each")
    size = answers.stat().st_size / record.stat().st_size
    clocks.say("answers beside the record", f"{size:.2f} times", "at most 2")


def catching_up(ledger: Path, things: int) -> None:
    """Record 1,000 events about as many things as there are, and time what a read takes up."""
    path, answers = ledger / "record.sqlite3", ledger / "answers.sqlite3"
    with RecordReader(path) as record:
        last, first = record.last_position(), record.first()
    assert first is not None
    ledger_id = json.loads(first.state)["source"].removeprefix("urn:uuid:")
    clocks.add(ledger, ledger_id, last - 1, 1000, things)
    with RecordReader(path) as record:
        started = time.process_time()
        with ReadModel.open(record, answers) as opened:
            assert opened.position == last + 1000
        took = time.process_time() - started
    clocks.say("catching up 1,000 events", f"{took:.2f} s", f"at most {CATCHING_UP_S} s")


def words_alone(ledger: Path, folder: Path, rounds: int) -> None:
    """Time SQLite's own index over the bytes of the events, made and asked, beside `find`."""
    peer = folder / "words.db"
    peer.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(ledger / "record.sqlite3")) as source,
        closing(sqlite3.connect(peer, isolation_level=None)) as db,
    ):
        db.execute("CREATE VIRTUAL TABLE words USING fts5(data, content='', columnsize=0)")
        started = time.process_time()
        db.execute("BEGIN")
        rows = source.execute("SELECT position, state FROM stored_events ORDER BY position")
        db.executemany(
            "INSERT INTO words (rowid, data) VALUES (?, ?)", ((n, s.decode()) for n, s in rows)
        )
        db.execute("COMMIT")
        took = time.process_time() - started
    clocks.say("SQLite's index of all bytes, made", f"{took:.1f} s")
    pairs = []
    for _ in range(rounds):
        before = startup.children_s()
        _run(WORDS_ALONE, str(peer), '"so" "it" "is"')
        alone = startup.children_s() - before
        pairs.append((alone, used_s(ledger, "find", "so it is")))
    clocks.say("find beside SQLite's index alone", f"{ratio(pairs):.2f} times")


def duckdb_alone(ledger: Path, folder: Path, rounds: int) -> None:
    """Time a search by DuckDB through a table of the events, beside `find`."""
    if find_spec("duckdb") is None:
        clocks.say("DuckDB over the exported table", "absent")
        return
    table = folder / "claims.csv"
    with closing(sqlite3.connect(ledger / "answers.sqlite3")) as db:
        rows = db.execute("SELECT thing, position, data FROM claims ORDER BY position")
        tables.write_table(table, ([*map(str, row)] for row in (("thing", "n", "data"), *rows)))
    pairs = []
    for _ in range(rounds):
        before = startup.children_s()
        _run(DUCKDB, str(table), "so it is")
        alone = startup.children_s() - before
        pairs.append((alone, used_s(ledger, "find", "so it is")))
    clocks.say("find beside DuckDB over the table", f"{ratio(pairs):.2f} times")


def _run(code: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Make the ledgers, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--acts", type=int, default=187_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR")
    asked = parser.parse_args()
    events, rounds = max(1_000, asked.events), max(1, asked.rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = asked.folder or Path(name)
        mixed, acts = made(folder, events, asked.acts)
        for ledger, several in ((mixed, OF_KINDS), (acts, OF_ACTS)):
            rebuilt(ledger)
            questions(ledger, several, mixed, rounds)
        catching_up(mixed, max(1, events // clocks.EVENTS_A_THING))
        words_alone(mixed, Path(name), rounds)
        duckdb_alone(mixed, Path(name), rounds)


if __name__ == "__main__":
    main()
