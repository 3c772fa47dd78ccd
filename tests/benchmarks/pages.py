"""How long does a page of the explorer take, beside its command and while many ask?

A page, warm, beside the whole process of the command for the same question, its processor time
beside that of its JSON, and its bytes beside what it may weigh; then clients that each ask once a
second while an import runs, beside one client alone. A ledger of generated acts, so that nothing
has to be fetched, or one that is given, which is copied. Prints the medians beside their goals;
decides nothing.

    python tests/benchmarks/pages.py [--ledger DIR] [--acts N] [--clients N] [--seconds N]
"""

import argparse
import asyncio
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cli.web.address import parse  # noqa: E402
from cli.web.render import render  # noqa: E402
from cli.web.snapshot import Snapshots  # noqa: E402
from events.store.ledger_folder import existing_location  # noqa: E402
from tests.benchmarks import startup, tables  # noqa: E402
from tests.explorer.test_pages import SIZES  # noqa: E402

STORY = {
    "/reserve/sv/": ("reserve", "show", "sv"),
    "/agreement/pk-sv-bitcoin-2025/": ("agreement", "show", "pk-sv-bitcoin-2025"),
    "/reserve/": ("reserve", "list"),
    "/contested/": ("disputes",),
    "/log/": ("log",),
    "/total/": ("reserve", "total"),
    "/explain/reserve/sv/reported/": ("explain", "reserve/sv", "reported"),
    "/reserve/sv/timeline/": ("timeline", "reserve/sv"),
    "/party/onbtc/statements/": ("party", "statements", "onbtc"),
}
MOST_BYTES = 80_000  # of a page that has no budget of its own
LISTS = ("/", "/agreement/", "/party/", "/contested/", "/log/", "/source/", "/proof/", "/help/")


class Asked(NamedTuple):
    """An answer: how long it took, its status, and whether it tells of two heads."""

    seconds: float
    status: int
    mixed: bool


def cpu_s(ledger: Path, path: str) -> float:
    """Return the processor time of a page, the best of five."""
    found = []
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots:
        for _ in range(6):
            before = time.process_time()
            with snapshots.open() as app:
                status = render(app, parse(path)).status
            found.append(time.process_time() - before)
            assert status == 200, f"{path}: {status}"
    return min(found[1:])


@contextmanager
def served(ledger: Path) -> Iterator[str]:
    """Serve a ledger, and give its address."""
    words = [sys.executable, "-c", startup.OURS, "--ledger", str(ledger), "serve", "--port", "0"]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as ran:
        assert ran.stdout is not None
        try:
            yield ran.stdout.readline().strip().rstrip("/")
        finally:
            ran.terminate()


def wall_s(url: str) -> float:
    """Return how long one answer takes, with its connection."""
    started = time.perf_counter()
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
        answer.read()
    return time.perf_counter() - started


def single_pages(folder: Path) -> None:
    """Measure pages of the story, each beside its command."""
    startup.process_s(startup.OURS, "demo", "story", folder=folder)
    ledger = folder / "story"
    print("page of the story: warm / whole process of its command (goal: at most 0.5);")
    print(
        "its processor time / that of its JSON (goal: at most 2.5), and its bytes beside the most"
    )
    with served(ledger) as address:
        for path, words in STORY.items():
            beside = [
                startup.process_s(startup.OURS, "--ledger", "story", *words, folder=folder)
                for _ in range(3)
            ]
            # Each at a day of its own: what was asked once is kept.
            warm = [wall_s(f"{address}/~as-of=2026-11-{day:02}{path}") for day in range(10, 16)]
            found = statistics.median(warm[1:]) / statistics.median(beside)
            page, json = cpu_s(ledger, path), cpu_s(ledger, f"{path.rstrip('/')}.json")
            with urllib.request.urlopen(f"{address}{path}") as answer:  # noqa: S310 - our own
                weight = f"{len(answer.read()):6} of {SIZES.get(path, MOST_BYTES)}"
            print(f"  {path:34} {found:5.2f}  {page / json:5.2f}  {page * 1e3:6.1f} ms  {weight}")


async def ask(address: str, path: str) -> Asked:
    """Ask for a page as a client does that keeps nothing."""
    host, _, port = address.removeprefix("http://").partition(":")
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    took = time.perf_counter() - started
    text = answer.decode("utf-8", "replace")
    head = re.search(r"as recorded up to @(\d+)", text)
    known = int(head[1]) if head else 0
    later = [int(one) for one in re.findall(r'href="/event/(\d+)/', text)]
    return Asked(took, int(text[9:12]), bool(head) and max(later, default=0) > known)


async def client(
    address: str, paths: list[str], seconds: float, pause_s: float, seed: int
) -> list[Asked]:
    """Ask again and again: half of the time a list, else one of many subjects."""
    chosen = random.Random(seed)  # noqa: S311 - the same pages each time
    found, ends = [], time.perf_counter() + seconds
    await asyncio.sleep(chosen.random() * pause_s)
    while (begun := time.perf_counter()) < ends:
        few = LISTS if chosen.random() < 0.5 else paths
        found.append(await ask(address, chosen.choice(few)))
        await asyncio.sleep(max(0.0, pause_s - (time.perf_counter() - begun)))
    return found


async def clients(address: str, paths: list[str], count: int, seconds: float) -> list[Asked]:
    """Let several ask at once."""
    several = [client(address, paths, seconds, 1.0, seed) for seed in range(count)]
    return [one for asked in await asyncio.gather(*several) for one in asked]


def acts_table(folder: Path, name: str, rows: list[list[str]]) -> tuple[str, ...]:
    """Write acts and the map of their columns; return the command that imports them."""
    table, map_ = folder / f"{name}.csv", folder / "acts.toml"
    tables.write_table(table, iter(rows))
    map_.write_text(tables.ACTS_MAP, encoding="utf-8")
    return ("import", "csv", str(table), "--map", str(map_))


def load(folder: Path, given: Path | None, acts: int, count: int, seconds: float) -> None:
    """Measure one client alone, and many while an import runs."""
    ledger = folder / "load"
    rows = list(tables.acts(acts + 1 if given else 2 * acts + 1))
    if given is None:
        startup.process_s(startup.OURS, "init", str(ledger), folder=folder)
        first = acts_table(folder, "first", rows[: acts + 1])
        startup.process_s(startup.OURS, "--ledger", str(ledger), *first, folder=folder)
        startup.process_s(startup.OURS, "--ledger", str(ledger), "agreement", "list", folder=folder)
    else:
        shutil.copytree(given, ledger)
    more = acts_table(folder, "more", [rows[0], *rows[-acts:]])
    with served(ledger) as address:
        for path in LISTS:
            while asyncio.run(ask(address, path)).status == 503:  # made once, at first
                time.sleep(1)
        with urllib.request.urlopen(f"{address}/agreement/") as answer:  # noqa: S310 - our own
            links = re.findall(r'href="(/agreement/[^"~]+/)"', answer.read().decode())
        paths = sorted(set(links))
        alone = asyncio.run(client(address, paths, seconds / 3, 0.05, 99))
        median = statistics.median(one.seconds for one in alone)
        words = [sys.executable, "-c", startup.OURS, "--ledger", str(ledger), *more]
        environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment) as importing:
            found = asyncio.run(clients(address, paths, count, seconds))
            running = importing.poll() is None
            importing.terminate()
    times = sorted(one.seconds for one in found)
    p99 = times[len(times) * 99 // 100]
    statuses = dict(Counter(one.status for one in found))
    print(f"one client: median {median * 1e3:.1f} ms of {len(alone)} pages")
    print(f"{count} clients while an import runs: {len(found)} pages, {statuses}")
    ended = "later" if running else "before"
    told = f"median {times[len(times) // 2] * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms"
    print(f"  {told}, longest {times[-1] * 1e3:.1f} ms; the import ended {ended}")
    print(f"{'p99 beside the median of one client':58} {p99 / median:6.1f}   goal: at most 20")
    print(f"{'pages of two heads':58} {sum(one.mixed for one in found):6}   goal: none")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ledger", type=Path, metavar="DIR", help="under load; it is copied")
    parser.add_argument("--acts", type=int, default=20_000, metavar="N")
    parser.add_argument("--clients", type=int, default=50, metavar="N")
    parser.add_argument("--seconds", type=float, default=30, metavar="N")
    parser.add_argument("--only-load", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if not given.only_load:
            single_pages(folder)
        load(folder, given.ledger, given.acts, given.clients, given.seconds)


if __name__ == "__main__":
    main()
