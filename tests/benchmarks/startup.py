"""How much longer does a read take than the smallest program of its kind?

Compares `depositary reserve show sv`, on the bundled story, with a program of one Typer command
that prints one line: whole processes, in turns, so that both meet the same machine. Prints the
medians and their ratio (goal: at most 1.5); decides nothing.

    python tests/benchmarks/startup.py [--rounds N]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOAL = 1.5

SMALLEST = '''
import typer

app = typer.Typer(add_completion=False)


@app.command()
def show(thing: str = typer.Argument(...), as_of: str = typer.Option("", help="a day")) -> None:
    """Show one thing."""
    print(thing, as_of)


def main() -> None:
    app()
'''
# What the scripts hold that an installer makes of each.
LAUNCH = "import sys; from smallest import main; sys.exit(main())"
OURS = "import sys; from cli.main import run; sys.exit(run())"


def process_s(code: str, *arguments: str, folder: Path) -> float:
    """Return how many seconds one process took, from before its start to after its end."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}", "PYTHONUTF8": "1", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def measure(rounds: int, folder: Path) -> tuple[list[float], list[float]]:
    """Run both in turns, after one run of each that is not counted; return seconds of each."""
    (folder / "smallest.py").write_text(SMALLEST, encoding="utf-8")
    process_s(OURS, "demo", "ledger", folder=folder)
    read = ("--ledger", "ledger", "reserve", "show", "sv")
    smallest_s, read_s = [], []
    for turn in range(rounds + 1):
        a = process_s(LAUNCH, "sv", folder=folder)
        b = process_s(OURS, *read, folder=folder)
        if turn:
            smallest_s.append(a)
            read_s.append(b)
    return smallest_s, read_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--rounds", type=int, default=40, metavar="N", help="runs of each, at least 1"
    )
    rounds = max(1, parser.parse_args().rounds)
    with tempfile.TemporaryDirectory() as folder:
        smallest_s, read_s = measure(rounds, Path(folder))
    a, b = statistics.median(smallest_s), statistics.median(read_s)
    print(f"one-command Typer program   {a * 1000:7.1f} ms   median of {rounds}")
    print(f"depositary reserve show sv  {b * 1000:7.1f} ms   median of {rounds}, in turns")
    print(f"ratio                       {b / a:7.2f}      goal: at most {GOAL}")


if __name__ == "__main__":
    main()
