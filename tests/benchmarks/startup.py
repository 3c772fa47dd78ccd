"""Compare whole processes, a read and an append, with the smallest program of their kind.

`depositary reserve show sv` and `depositary append`, on the bundled story, beside a program of one
Typer command that prints one line, in turns, so that all meet the same machine. Prints the medians
of the ratios beside their goals; decides nothing.

    python tests/benchmarks/startup.py [--rounds N]
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Waiting and all, then processor time: of a read, and of an append.
GOALS = {
    "reserve show sv": 1.35,
    "reserve show sv, processor time": 1.35,
    "append of one fact": 1.8,
    "append of one fact, processor time": 1.7,
}
FACT = """
[[fact]]
type = "party.stated"
subject = "party/sv"
gist = "declared {}"
asserted_by = "party/recorder"
basis = "recorder"
"""

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
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def children_s() -> float:
    """Return the seconds of processor time of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(rounds: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Run a read, an append and the smallest program in turns; return ratios and their goals.

    Each runs once before, which is not counted. Ratios are the medians of those of each turn.
    """
    (folder / "smallest.py").write_text(SMALLEST, encoding="utf-8")
    process_s(OURS, "demo", "story", folder=folder)
    read = ("--ledger", "story", "reserve", "show", "sv")
    append = ("--ledger", "story", "append", "fact.toml")
    taken: list[list[tuple[float, float]]] = []
    for turn in range(rounds + 1):
        (folder / "fact.toml").write_text(FACT.format(turn), encoding="utf-8")
        commands = ((LAUNCH, "sv"), (OURS, *read), (OURS, *append))
        found = []
        for command in commands:
            before = children_s()
            wall_s = process_s(*command, folder=folder)
            found.append((wall_s, children_s() - before))
        taken.append(found)
    ratios = {}
    for at, (what, goal) in enumerate(GOALS.items()):
        which, clock = 1 + at // 2, at % 2
        found_s = [turn[which][clock] / turn[0][clock] for turn in taken[1:]]
        ratios[f"{what} beside a Typer program"] = (statistics.median(found_s), goal)
    return ratios


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--rounds", type=int, default=40, metavar="N", help="runs of each, at least 1"
    )
    rounds = max(1, parser.parse_args().rounds)
    with tempfile.TemporaryDirectory() as folder:
        for what, (found, goal) in measure(rounds, Path(folder)).items():
            print(f"{what:58} {found:6.2f}   goal: at most {goal}")


if __name__ == "__main__":
    main()
