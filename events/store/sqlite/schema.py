"""Define the tables of a record in SQLite, and compare those of a file with them.

A stranger's file may have a view in place of a table, or a trigger that runs on each insert. So
what a file has is compared, type and text, before anything of it is read or run.
"""

import sqlite3
from pathlib import Path

from events.store.errors import NotALedgerError, RecordDamagedError

APPLICATION_ID = 0x44504F53  # "DPOS": what `file` and other programs see in the header
FORMAT = 1
COLUMNS = ("position", "originator_id", "originator_version", "topic", "state")

_EVENTS = """CREATE TABLE stored_events (
    position INTEGER PRIMARY KEY,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (originator_id, originator_version)
) STRICT"""
_TREE = {
    "tree_nodes": """CREATE TABLE tree_nodes (
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    UNIQUE (level, idx)
) STRICT""",
    "checkpoints": """CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT""",
    "cosignatures": """CREATE TABLE cosignatures (
    size INTEGER NOT NULL,
    vkey TEXT NOT NULL,
    line TEXT NOT NULL,
    UNIQUE (size, vkey)
) STRICT""",
}
TREE_TABLES = tuple(_TREE)
TABLES: dict[str, tuple[str, ...]] = {
    "stored_events": COLUMNS,
    "tree_nodes": ("level", "idx", "hashes"),
    "checkpoints": ("size", "note"),
    "cosignatures": ("size", "vkey", "line"),
}


def _guarded(name: str, table: str, why: str) -> dict[str, tuple[str, str]]:
    """Return a table and its triggers by name: the type and the text of each."""
    found = {name: ("table", table)}
    for verb in ("UPDATE", "DELETE"):
        guard = f"{name}_{verb.lower()}"
        refuse = f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        found[guard] = "trigger", f"CREATE TRIGGER {guard} BEFORE {verb} ON {name}\n{refuse}"
    return found


_RECORD = _guarded("stored_events", _EVENTS, "The record is append-only.")
_GROWN = [_guarded(name, table, "The tree only grows.") for name, table in _TREE.items()]

SCHEMA = (
    *(text for _, text in _RECORD.values()),
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)
TREE_SCHEMA = tuple(text for each in _GROWN for _, text in each.values())

# What SQLite makes for itself: the indexes of our keys, and what ANALYZE found.
_AUTOMATIC = {
    f"sqlite_autoindex_{name}_1": ("index", name, None)
    for name in ("stored_events", "tree_nodes", "cosignatures")
}
_ANALYZED = {
    "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
OURS: dict[str, tuple[str, str, str | None]] = {
    **{
        name: (kind, next(iter(each)), text)
        for each in (_RECORD, *_GROWN)
        for name, (kind, text) in each.items()
    },
    **_AUTOMATIC,
    **{name: ("table", name, text) for name, text in _ANALYZED.items()},
}
_MOST = len(OURS)


def missing_objects(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return type and name of each table, index and trigger of ours that a file has not.

    Those of the tree only where it has its first table.
    """
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    wanted = {"stored_events", *(TREE_TABLES if "tree_nodes" in found else ())}
    ours = ((kind, name) for name, (kind, table, _) in OURS.items() if table in wanted)
    return sorted(each for each in ours if each[1] not in found)


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise RecordDamagedError for anything in a file that this program does not make.

    What is missing `audit` says; but without the table of events it is no ledger.
    """
    sql = f"SELECT name, type, tbl_name, sql FROM sqlite_schema LIMIT {_MOST + 1}"  # noqa: S608
    found = connection.execute(sql).fetchall()
    for name, *known in found:
        if name not in OURS or tuple(known) != OURS[name]:
            kind = known[0] if known[0] in ("table", "view", "index", "trigger") else "thing"
            raise RecordDamagedError(
                f"{path} is damaged: its {kind} {name!a:.80} is not one that this program makes."
            )
    names = [name for name, *_ in found]
    if len(set(names)) < len(names):
        raise RecordDamagedError(f"{path} is damaged: it has a table twice.")
    if "stored_events" not in names:
        raise NotALedgerError(f"{path} has no event table made by depositary.")
