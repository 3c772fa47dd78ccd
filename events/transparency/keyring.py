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
from typing import TYPE_CHECKING

from events.errors import NotPossibleError
from events.identifiers import is_ledger_id
from events.store.atomic_files import locked, naming, replace_file, sync_folder
from events.store.plain_files import open_plain, read_plain
from events.store.user_config import key_folder, make_own_folder
from events.transparency.note import VerifierKey, encode_base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

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

    def keep(self, key: VerifierKey, private: "Ed25519PrivateKey", passphrase: bytes) -> Path:
        """Write a private key, encrypted unless the passphrase is empty; return its file."""
        from cryptography.hazmat.primitives import serialization as as_bytes

        cipher: as_bytes.KeySerializationEncryption = as_bytes.NoEncryption()
        if passphrase:
            cipher = as_bytes.BestAvailableEncryption(passphrase)
        written = private.private_bytes(
            as_bytes.Encoding.PEM, as_bytes.PrivateFormat.OpenSSH, cipher
        )
        self._make_folder()
        replace_file(self.file_of(key), written)
        return self.file_of(key)

    def load(self, key: VerifierKey) -> "Ed25519PrivateKey":
        """Return the private key of a verifier key, or raise KeyFileError."""
        path = self.file_of(key)
        if not path.exists():
            why = f"{path} is missing, and {key} signs for this ledger"
            then = "bring the key file there, or revoke the key: depositary key --help"
            raise KeyFileError("the key is not on this machine", why, then)
        return load_key(path, key, self.ask)

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
        _refuse_others(self.folder)


def load_key(path: Path, key: VerifierKey, ask: AskPassphrase) -> "Ed25519PrivateKey":
    """Return the private key in a file, or raise KeyFileError unless it is the verifier key's."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    _refuse_others(path.parent)
    _refuse_others(path)
    data = read_plain(path, MOST_KEY_BYTES)
    try:
        private = _opened(data, path, ask)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        then = "check the passphrase and the file"
        raise KeyFileError("the key cannot be read", f"{path}: {error}", then) from None
    if not isinstance(private, Ed25519PrivateKey) or public_of(private) != key.public:
        raise KeyFileError(
            "that is another key", f"{path} is not {key}", "depositary log --type ledger.key-named"
        )
    return private


def public_of(private: "Ed25519PrivateKey") -> bytes:
    """Return the 32 bytes of a key's public half."""
    return private.public_key().public_bytes_raw()


def _opened(data: bytes, path: Path, ask: AskPassphrase) -> object:
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        return load_ssh_private_key(data, None)
    except (TypeError, ValueError) as error:
        if "password" not in str(error).lower():
            raise
    given = ask(f"passphrase for {path}")
    try:
        return load_ssh_private_key(data, given)
    except ValueError:
        why = f"{path} does not open with it; a damaged file would not either"
        then = "try again, or see the file with ssh-keygen -y -f FILE"
        raise KeyFileError("the passphrase is wrong", why, then) from None


def _refuse_others(path: Path) -> None:
    found = path.stat()
    if found.st_mode & _OTHERS or found.st_uid != os.geteuid():
        wanted = "700" if path.is_dir() else "600"
        why = f"{path} has mode {stat.S_IMODE(found.st_mode):o} and owner {found.st_uid}"
        then = f"chmod {wanted} {path}, and consider whether to rotate the key"
        raise KeyFileError("others can reach the key", why, then)
