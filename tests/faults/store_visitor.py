"""What does a record let somebody do who has no rights on its file or folder?

    store_visitor.py RECORD ACTION...      with the actions read, append, create_file

Gives up root's rights first, if it has them. Tells what came of each action, one a line.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from eventsourcing.persistence import StoredEvent

from events.envelope import envelope
from events.store.errors import StoreError
from events.store.sqlite.connection import create_file
from events.store.sqlite.reader import RecordReader
from events.store.sqlite.recorder import SQLiteRecorderFactory, sqlite_environment

NOBODY = 65_534


def read(path: Path) -> str:
    with RecordReader(path) as reader:
        return " ".join(f"{row.thing}/{row.version}" for row in reader.rows())


def append(path: Path) -> str:
    state = envelope("party/pk", 1, "party.noted.v1", "a-ledger", b"{}")
    recorder = SQLiteRecorderFactory(sqlite_environment(path)).application_recorder()
    recorder.insert_events([StoredEvent("party/pk", 1, "party.noted.v1", state)])
    return "appended"


def create_(path: Path) -> str:
    create_file(path)
    return "created"


ACTIONS: dict[str, Callable[[Path], str]] = {"read": read, "append": append, "create": create_}


def told(action: str, path: Path) -> str:
    try:
        return ACTIONS[action](path)
    except StoreError as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    for each in sys.argv[2:]:
        sys.stdout.write(f"{told(each, Path(sys.argv[1]))}\n")
