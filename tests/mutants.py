"""Try changes of the code, one at a time, and say which of them no test notices: make mutants.

mutmut writes the changes and runs the tests. Here it is told which modules to change, and to run
the quick tests first: most changes are noticed within a second.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pytest
from click import Abort

STATS = Path("mutmut-stats.json")  # where the changed copy of the code lies


@lru_cache(maxsize=1)  # as each change runs in a copy of one process, the file is read once
def durations() -> dict[str, float]:
    """Return how long each test took unchanged, in seconds; nothing before that is known."""
    if not STATS.exists():
        return {}
    known: dict[str, float] = json.loads(STATS.read_text("utf-8"))["duration_by_test"]
    return known


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the quick tests first."""
    items.sort(key=lambda item: durations().get(item.nodeid, 0.0))


def pattern(path: str) -> str:
    """Return which files a module or a folder of them means."""
    return path if path.endswith(".py") else f"{path.rstrip('/')}/*"


def tell() -> None:
    """Print each change that was tried and not noticed, and how many came to what."""
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.stats import status_by_exit_code
    from mutmut.utils.file_utils import walk_mutatable_files

    counts = Counter[str]()
    for path in walk_mutatable_files():
        changes = SourceFileMutationData(path=path)
        changes.load()
        for name, code in changes.exit_code_by_key.items():
            status = status_by_exit_code[code]
            counts[status] += 1
            if status not in ("killed", "not checked"):
                sys.stdout.write(f"{name}: {status}\n")
    sys.stdout.write(", ".join(f"{count:,} {status}" for status, count in counts.items()) + "\n")


def main(paths: Sequence[str]) -> None:
    """Change what the paths name, go on where an earlier run stopped, and print what is not killed.

    Each path is a folder or a module, from the root of the repository. An interrupt, as at the end
    of the time that make gives, ends the trying; what was found till then is printed and kept.
    """
    from mutmut.__main__ import cli  # it sets how processes are started
    from mutmut.configuration import config

    config().only_mutate = [pattern(path) for path in paths]
    try:
        cli(["run"], standalone_mode=False)
    except (Abort, KeyboardInterrupt):
        sys.stdout.write("\nthe time is over: the next run goes on from here\n")
    tell()


if __name__ == "__main__":
    main(sys.argv[1:])
