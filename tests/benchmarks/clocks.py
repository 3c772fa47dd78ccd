"""How fast are answers on all clocks, where a ledger is large?

Fills a ledger with events about a hundredth as many things, the kinds in turn and every thing's
events spread over the whole record, a tenth of them claims about claims. Then whole processes are
timed, in turns with the same command on the bundled story, and what runs inside one. Prints the
figures beside their goals; decides nothing.

    python tests/benchmarks/clocks.py [--events N] [--rounds N]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from eventsourcing.persistence import StoredEvent  # noqa: E402

from domain.ledger import Ledger  # noqa: E402
from events.envelope import envelope  # noqa: E402
from events.store.sqlite.reader import RecordReader  # noqa: E402
from events.store.sqlite.recorder import SQLiteRecorderFactory, sqlite_environment  # noqa: E402
from projections.read_model.database import ReadModel  # noqa: E402
from projections.read_model.rebuild import make_answers  # noqa: E402

BATCH = 10_000
EVENTS_A_THING = 100
KINDS = ("reserve", "agreement", "party", "source")
LAUNCH = "import sys; from cli.main import run; sys.exit(run())"
FIRST_DAY = date(2020, 1, 1)
PEAK = """
import resource, sys
from cli.main import main
code = main()
sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
sys.exit(code)
"""


def say(what: str, found: str, goal: str = "") -> None:
    """Print one line: what was measured, what came out, what is wanted."""
    print(f"{what:<50}{found:>14}{'   goal: ' + goal if goal else ''}", flush=True)


def facts(first: int, count: int, things: int) -> Iterator[tuple[str, int, str, dict[str, Any]]]:
    """Yield thing, version, type and data of events, numbered from `first` over the record."""
    for n in range(first, first + count):
        thing, version = n % things, n // things + 1
        kind = KINDS[thing % len(KINDS)]
        yield f"{kind}/t-{thing}", version, *_said(kind, thing, version)


def _said(kind: str, thing: int, version: int) -> tuple[str, dict[str, Any]]:
    day = (FIRST_DAY + timedelta(days=version * 20 + thing % 20)).isoformat()
    common: dict[str, Any] = {
        "asserted_by": f"party/t-{2 + 4 * (version % 5)}",
        "basis": ("own-publication", "press", "tracker")[version % 3],
        "sources": [{"published": day, "source": f"source/t-{3 + 4 * (version % 7)}"}],
    }
    if version % 10 == 0:
        name = f"{kind}/t-{thing}/{version - 1}"
        return "claim.retracted", {**common, "reason": "other", "target": name}
    dated = {**common, "effective": day}
    amount = {"lower": 10**8 * version, "unit": "sat", "upper": 10**8 * version}
    if kind == "reserve":
        if version % 2:
            return "reserve.acquired", {**dated, "amount": amount, "mode": "purchase"}
        return "reserve.holding-reported", {**dated, "amount": amount, "scope": "unstated"}
    if kind == "agreement":
        return "agreement.declaration-made", {**dated, "gist": "so it is", "party": "party/t-2"}
    if kind == "party":
        if version == 1:
            return "party.established", {**common, "name": f"Party {thing}", "type": "agency"}
        return "party.stated", {**dated, "gist": "that it is so"}
    if version == 1:
        return "source.cited", {**common, "title": f"Source {thing}"}
    return "source.rechecked", {**dated, "outcome": "alive"}


def fill(folder: Path, events: int) -> Path:
    """Make a ledger of so many events in a folder; return the ledger's folder."""
    ledger = folder / "large"
    ledger.mkdir()
    (ledger / "depositary.toml").write_text('format = 1\norigin = "example.org/large"\n')
    with Ledger.create(ledger / "record.sqlite3", origin="example.org/large") as opened:
        ledger_id = opened.ledger_id
    add(ledger, ledger_id, 0, events - 1, max(1, events // EVENTS_A_THING))
    return ledger


def add(ledger: Path, ledger_id: str, first: int, count: int, things: int) -> None:
    """Record facts in transactions of 10,000, past all deciding."""
    recorder = SQLiteRecorderFactory(
        sqlite_environment(ledger / "record.sqlite3")
    ).application_recorder()
    for start in range(first, first + count, BATCH):
        several = min(BATCH, first + count - start)
        stored = [
            StoredEvent(thing, version, f"{name}.v1", _state(ledger_id, thing, version, name, data))
            for thing, version, name, data in facts(start, several, things)
        ]
        recorder.insert_events(stored)
    recorder.datastore.close()


def _state(ledger_id: str, thing: str, version: int, name: str, data: dict[str, Any]) -> bytes:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return envelope(thing, version, f"{name}.v1", ledger_id, text.encode())


def process_s(*arguments: str) -> float:
    """Return how many seconds one command took as a whole process."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", LAUNCH, *arguments],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", os.defpath)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def peak_mb(*arguments: str) -> float:
    """Return the largest memory that one command had, in megabytes."""
    ran = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", os.defpath)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(ran.stderr.split()[-1]) / 1024


def shows(large: Path, small: Path, position: int, rounds: int) -> None:
    """Time `reserve show ID` on both ledgers in turns, at several clocks."""
    past = ("--as-of", "2024-03-13", "--public-at", "2024-03-13", "--known-at")
    for what, of_large, of_small in (
        ("reserve show, today", (), ()),
        ("reserve show, past (D, P, K)", (*past, f"@{position // 2}"), (*past, "@300")),
    ):
        ours, theirs = [], []
        for _ in range(rounds + 1):
            theirs.append(process_s("--ledger", str(small), "reserve", "show", "sv", *of_small))
            ours.append(process_s("--ledger", str(large), "reserve", "show", "t-4", *of_large))
        a, b = statistics.median(theirs[1:]), statistics.median(ours[1:])
        say(f"{what}: story / large", f"{a * 1000:.0f} / {b * 1000:.0f} ms")
        say("  ratio", f"{b / a:.2f}", "at most 1.5")


def lists(large: Path, position: int, rounds: int) -> None:
    """Time the list of each kind as a whole process, at a past day and position, and today."""
    past = ("--as-of", "2024-03-13", "--known-at", f"@{position // 2}")
    for what, when in (("today", ()), ("past (D, K)", past)):
        for kind in KINDS:
            command = ("--ledger", str(large), kind, "list", *when)
            took = statistics.median(process_s(*command) for _ in range(min(rounds, 5)))
            say(f"{kind} list, {what}", f"{took:.2f} s", "at most 1 s")


def walks(large: Path, position: int) -> None:
    """Time what walks the clocks of all things, or all events of one, as whole processes."""
    known = ("--known-at", f"@{position // 2}")
    for words in (
        ("diff", "2022-01-01", "2022-01-03"),
        ("diff", "2022-01-01", "2022-01-03", *known),
        ("diff", f"@{max(1, position - 1000)}", f"@{position}", "--axis", "known-at"),
        ("timeline", "--kind", "reserve", "--late", "2000d", *known),
        ("blame", "reserve/t-4"),
        ("explain", "reserve/t-4", "ledger_balance"),
    ):
        said = " ".join(words).replace(str(position), "LAST")
        say(said, f"{process_s('--ledger', str(large), *words):.2f} s")


def catching_up(large: Path, events: int, spread: bool) -> None:
    """Record 1,000 events, about 1,000 things or ten, and time what a read does to catch up."""
    things = max(1, events // EVENTS_A_THING) if spread else 10
    with RecordReader(large / "record.sqlite3") as record:
        last, first = record.last_position(), record.first()
    assert first is not None
    ledger_id = json.loads(first.state)["source"].removeprefix("urn:uuid:")
    start = last - 1 if spread else 0
    if not spread:
        _few(large, ledger_id)
    else:
        add(large, ledger_id, start, 1000, things)
    started = time.perf_counter()
    with (
        RecordReader(large / "record.sqlite3") as record,
        ReadModel.open(record, large / "answers.sqlite3") as answers,
    ):
        assert answers.position == last + 1000
    took = time.perf_counter() - started
    say(f"catching up 1,000 events about {things:,} things", f"{took:.2f} s", "at most 0.2 s")


def _few(large: Path, ledger_id: str) -> None:
    recorder = SQLiteRecorderFactory(
        sqlite_environment(large / "record.sqlite3")
    ).application_recorder()
    stored = []
    for n in range(1000):
        thing, version = f"reserve/new-{n % 10}", n // 10 + 1
        name, data = _said("reserve", n % 10, version)
        data = {k: v.replace("t-", "new-") if k == "target" else v for k, v in data.items()}
        stored.append(
            StoredEvent(thing, version, f"{name}.v1", _state(ledger_id, thing, version, name, data))
        )
    recorder.insert_events(stored)
    recorder.datastore.close()


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    given = parser.parse_args()
    events, rounds = max(1_000, given.events), max(1, given.rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        large = fill(folder, events)
        took = time.perf_counter() - started
        say(f"recorded {events:,} events", f"{events / took:,.0f} /s")
        started = time.perf_counter()
        with RecordReader(large / "record.sqlite3") as record:
            position, _ = make_answers(record, large / "answers.sqlite3")
        took = time.perf_counter() - started
        say("all answers made anew", f"{position / took:,.0f} /s")
        small = folder / "story"
        process_s("demo", str(small))
        shows(large, small, position, rounds)
        lists(large, position, rounds)
        walks(large, position)
        for words in (("reserve", "show", "t-4"), ("reserve", "list")):
            peak = peak_mb("--ledger", str(large), *words, "--known-at", f"@{position // 2}")
            say(f"peak memory of {' '.join(words)}", f"{peak:.0f} MB", "at most 60 MB")
        catching_up(large, events, spread=False)
        catching_up(large, events, spread=True)


if __name__ == "__main__":
    main()
