"""How does somebody forge a record as a whole, so that it agrees with itself?

With a database tool: the triggers are taken away, events are edited, the tree is made anew, and
every checkpoint is signed with a key of the forger's, which the record names as its own.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import Checkpoint
from events.transparency.merkle import root
from events.transparency.note import ED25519, Note, VerifierKey
from events.transparency.signatures import public_of, sign
from events.transparency.tree import integrate

FORGER = Ed25519PrivateKey.from_private_bytes(b"\x0f" * 32)

_TABLES = ("stored_events", "tree_nodes", "checkpoints", "cosignatures")


def key_named(name: str, private: Ed25519PrivateKey = FORGER) -> VerifierKey:
    """Return the verifier key of a private key under a name."""
    return VerifierKey(name, ED25519, public_of(private))


@contextmanager
def unguarded(record: Path) -> Iterator[sqlite3.Connection]:
    """Give the database with its triggers away, and put them back."""
    with closing(sqlite3.connect(record)) as connection, connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)


def edit(record: Path, change: Callable[[int, bytes], bytes]) -> None:
    """Write other bytes for events; neither the tree nor the checkpoints follow."""
    with unguarded(record) as connection:
        rows = connection.execute("SELECT position, state FROM stored_events").fetchall()
        for position, state in rows:
            other = change(position, state)
            if other != state:
                connection.execute(
                    "UPDATE stored_events SET state = ? WHERE position = ?", (other, position)
                )


def rehash(record: Path) -> None:
    """Make the tree anew over the events as they are now."""
    with unguarded(record) as connection:
        connection.execute("DELETE FROM tree_nodes")
    with TreeTables(record, write=True) as tree:
        integrate(tree)


def sign_anew(
    record: Path,
    origin: str,
    private: Ed25519PrivateKey = FORGER,
    sizes: Sequence[int] | None = None,
) -> None:
    """Put checkpoints of these sizes, or of those there were, signed with a key, and no others."""
    with TreeTables(record) as tree:
        sizes = sizes or [size for size, _ in tree.checkpoints()]
        texts = {size: str(Checkpoint(origin, size, root(size, tree.nodes))) for size in sizes}
    with unguarded(record) as connection:
        connection.execute("DELETE FROM cosignatures")
        connection.execute("DELETE FROM checkpoints")
        for size, text in texts.items():
            note = Note(text, (sign(text, origin, private, public_of(private)),)).encode()
            connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, note))


def forge(
    record: Path, vkey: str, origin: str, *, position: int = 7, edits: tuple[bytes, bytes]
) -> None:
    """Change one event, name the forger's key in the place of the real one, and make all fit."""
    forged = str(key_named(origin)).encode()

    def change(at: int, state: bytes) -> bytes:
        state = state.replace(vkey.encode(), forged)
        return state.replace(*edits) if at == position else state

    edit(record, change)
    rehash(record)
    sign_anew(record, origin)
