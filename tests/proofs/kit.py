"""What do the tests of proofs share that is no test?

Trees in memory, keys that everybody may know, and ways to make and ask a ledger.
"""

import hashlib
import io
import json
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.main import main
from domain.ledger import Command, Ledger
from events import validation
from events.store.factory import open_reader
from events.store.location import Address
from events.transparency.checkpoint import Checkpoint, log_keys, parse_checkpoint
from events.transparency.keyring import Keyring
from events.transparency.keys import read_identity
from events.transparency.merkle import Node
from events.transparency.note import (
    COSIGNATURE,
    ED25519,
    Note,
    Signature,
    SignatureError,
    VerifierKey,
    cosigned_message,
)
from events.transparency.signatures import good_signatures, public_of
from events.transparency.tree import completed_nodes

# For tests of what only a record in a file has: a copy of the folder, a backup, a restore.
IN_A_FILE = pytest.mark.parametrize("signed", ["sqlite"], indirect=True)
VECTORS = Path(__file__).with_name("vectors")
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
WITNESS_KEY = VerifierKey("witness.example/w", COSIGNATURE, public_of(WITNESS))
LOG = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
LOG_KEY = VerifierKey("example.org/ledger", ED25519, public_of(LOG))


class Ran(NamedTuple):
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


class Signed(NamedTuple):
    """A ledger's folder, and the folder of its keeper's configuration."""

    folder: Path
    config: Path
    database: Address | None = None

    @property
    def record(self) -> Any:
        """Return where its record is: a file of the folder, or a database."""
        return self.database or self.folder / "record.sqlite3"

    @property
    def vkey(self) -> str:
        with open_reader(self.record) as record:
            return str(read_identity(record).keys[0].data["vkey"])


Ask = Callable[..., Ran]


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


def tree_over(leaves: Sequence[bytes]) -> Callable[[Sequence[Node]], list[bytes]]:
    """Return a reader of the nodes over leaf hashes, kept in memory."""
    kept: dict[Node, bytes] = {}

    def read(wanted: Sequence[Node]) -> list[bytes]:
        return [kept[node] for node in wanted]

    for level, first, hashes in completed_nodes(0, list(leaves), read):
        kept.update({(level, first + n): each for n, each in enumerate(hashes)})
    return read


def leaves(count: int) -> list[bytes]:
    """Return leaf hashes that differ from each other."""
    return [hashlib.sha256(b"\x00%d" % n).digest() for n in range(count)]


def establish(ledger: Ledger, names: Sequence[str]) -> None:
    """Record that parties exist, one event each, in one append."""
    said = {"asserted_by": "party/recorder", "basis": "recorder", "type": "state"}

    def draft(name: str) -> Command:
        body = validation.read_body("party.established", {**said, "name": name.title()})
        return Command(f"party/{name}", "party.established", lambda _: body)

    ledger.append([draft(name) for name in names])


def settle(record: Path) -> None:
    """Bring all that was written into the one file, as it is when nobody has it open."""
    with closing(sqlite3.connect(record)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not record.with_name(f"{record.name}-wal").exists()


def run(*arguments: Any) -> Ran:
    """Run `depositary ARGUMENTS` in this process."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdout, sys.stderr, sys.stdin
    sys.stdout, sys.stderr, sys.stdin = out, err, io.StringIO()
    try:
        code = main([str(argument) for argument in arguments])
    finally:
        sys.stdout, sys.stderr, sys.stdin = before
    return Ran(code, out.getvalue(), err.getvalue())


def well(ran: Ran) -> Ran:
    assert ran.code == 0, ran.out + ran.err
    return ran


def mode(path: Path) -> int:
    """Return who may read, write and enter."""
    return stat.S_IMODE(path.stat().st_mode)


def keyring(signed: Signed) -> Keyring:
    with open_reader(signed.record) as record:
        return Keyring(read_identity(record).ledger_id)


def add(signed: Signed, *names: str) -> None:
    """Record that more parties exist."""
    with Ledger(signed.record) as ledger:
        establish(ledger, names)


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> list[tuple[VerifierKey, Signature]]:
    """Return the good signatures, one a key; raise SignatureError for a bad one or none."""
    found = good_signatures(note, keys)
    if not found:
        names = ", ".join(sorted({each.name for each in note.signatures}))
        raise SignatureError(f"No known key signed this; it bears the names {names}.")
    return found


def verify_checkpoint(data: bytes, keys: Iterable[VerifierKey]) -> tuple[Checkpoint, Note]:
    """Return the checkpoint if a known log key named as its origin signed it; raise NoteError."""
    checkpoint, note = parse_checkpoint(data)
    verify_note(note, log_keys(checkpoint.origin, keys))
    return checkpoint, note


def cosign(text: str, name: str, private: Ed25519PrivateKey, public: bytes, time: int) -> Signature:
    """Return a witness' signature of a checkpoint at a time (seconds since 1970)."""
    made = private.sign(cosigned_message(text, time))
    key_id = VerifierKey(name, COSIGNATURE, public).id
    return Signature(name, key_id, time.to_bytes(8, "big") + made)
