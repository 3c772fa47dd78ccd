"""Keep the private keys of a ledger, and what was signed with them.

Never in the ledger: in the user's own configuration, one folder a ledger (by its id, so that a copy
of a ledger finds the same one), 0700, each key an OpenSSH file of 0600. Beside them are the
checkpoint signed last, the size and root of each that was stored, and the print of each entry that
was signed: whoever restores an older record, or deletes checkpoints from it, does not change that.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from events.errors import NotPossibleError
from events.identifiers import is_ledger_id
from events.store.atomic_files import locked, naming, replace_file, sync_folder
from events.store.plain_files import open_plain, read_plain
from events.store.user_config import key_folder, make_own_folder
from events.transparency.note import VerifierKey, encode_base64

SIGNED, STORED, LOCK = "signed.checkpoint", "stored.roots", "lock"
_ENTRIES = "signed.entries"
MOST_NOTE_BYTES, MOST_KEY_BYTES = 1_000_000, 100_000
_is_root = re.compile(r"([1-9][0-9]{0,18}) ([A-Za-z0-9+/]{43}=)").fullmatch
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

AskPassphrase = Callable[[str], bytes]  # takes what it is for


class KeyFileError(NotPossibleError):
    """A key file is there, is read by its owner alone, and opens with its passphrase."""


def no_passphrase(what: str) -> bytes:
    """Refuse to give a passphrase: for a caller with no person to ask."""
    raise KeyFileError(
        "a passphrase is needed", f"{what}, and there is no way to ask for it", "give one"
    )


class Keyring:
    """The keys of one ledger on this machine; `ask` gives the passphrase of a key file."""

    def __init__(self, ledger_id: str, ask: AskPassphrase = no_passphrase) -> None:
        if not is_ledger_id(ledger_id):  # a record says it, and it names a folder here
            raise KeyFileError(
                "that is not a ledger's id", f"{ledger_id!a:.80} is not a UUID", "depositary audit"
            )
        self.ask, self.ledger_id = ask, ledger_id
        self.folder = key_folder(ledger_id)

    def file_of(self, key: VerifierKey) -> Path:
        """Return where a private key is kept, if it is."""
        return self.folder / f"{key.id.hex()}.key"

    def keep(self, key: VerifierKey, written: bytes) -> Path:
        """Write the file of a private key (`signatures.key_file`); return its path."""
        self._make_folder()
        replace_file(self.file_of(key), written)
        return self.file_of(key)

    def last_signed(self) -> bytes | None:
        """Return the checkpoint that was signed last on this machine, None if none was."""
        path = self.folder / SIGNED
        return read_plain(path, MOST_NOTE_BYTES) if path.exists() else None

    def remember(self, note: bytes) -> None:
        """Keep a checkpoint as the one signed last, durably."""
        self._make_folder()
        replace_file(self.folder / SIGNED, note)

    def stored_roots(self) -> dict[int, str]:
        """Return size and root (base64) of each checkpoint stored in the record on this machine."""
        path = self.folder / STORED
        lines: list[str] = []
        with suppress(FileNotFoundError, NotADirectoryError), open_plain(path) as file:
            lines = file.read().decode("ascii", "replace").split("\n")
        # A line that a kill or a full disk cut short names no root, and is left out.
        return {int(found[1]): found[2] for found in map(_is_root, lines) if found}

    def note_stored(self, roots: Iterable[tuple[int, bytes]]) -> None:
        """Remember that checkpoints of these sizes and roots are in the record."""
        lines = "".join(f"{size} {encode_base64(root)}\n" for size, root in roots)
        path, flags = self.folder / STORED, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with naming(path), open(os.open(path, flags, 0o600), "a", encoding="ascii") as file:
            file.write(f"\n{lines}")  # never behind half a line
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)

    def signed_entries(self, start_byte: int = 0, size_bytes: int = -1) -> bytes:
        """Return prints of the entries that were signed here (divergence.py), or a part."""
        with (
            suppress(FileNotFoundError, NotADirectoryError),
            open_plain(self.folder / _ENTRIES) as file,
        ):
            file.seek(start_byte)
            return file.read(size_bytes)
        return b""

    def note_entries(self, start_byte: int, prints: Iterable[bytes]) -> None:
        """Put prints from a byte on into the file of signed entries, durably."""
        path, flags = self.folder / _ENTRIES, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
        with naming(path), open(os.open(path, flags, 0o600), "wb") as file:
            file.truncate(start_byte)
            file.seek(start_byte)
            file.writelines(prints)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)

    def locked(self) -> AbstractContextManager[None]:
        """Let one process at a time sign for this ledger."""
        self._make_folder()
        return locked(self.folder / LOCK)

    def _make_folder(self) -> None:
        make_own_folder(self.folder)
        refuse_others(self.folder)


def refuse_others(path: Path) -> None:
    """Raise KeyFileError where others than its owner can reach a file or folder of keys."""
    found = path.stat()
    if found.st_mode & _OTHERS or found.st_uid != os.geteuid():
        wanted = "700" if path.is_dir() else "600"
        why = f"{path} has mode {stat.S_IMODE(found.st_mode):o} and owner {found.st_uid}"
        then = f"chmod {wanted} {path}, and consider whether to rotate the key"
        raise KeyFileError("others can reach the key", why, then)
