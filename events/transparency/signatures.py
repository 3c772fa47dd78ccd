"""Make and verify Ed25519 signatures, and write and open the files of the keys that make them.

What only reads notes or keeps files of keys does not import this, nor the library behind it.
"""

from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from events.store.plain_files import read_plain
from events.transparency.keyring import (
    MOST_KEY_BYTES,
    AskPassphrase,
    KeyFileError,
    Keyring,
    refuse_others,
)
from events.transparency.note import (
    COSIGNATURE,
    ED25519,
    TIME_BYTES,
    Note,
    Signature,
    SignatureError,
    VerifierKey,
    cosigned_message,
)

_SIGNATURE_BYTES = 64


def good_signatures(note: Note, keys: Iterable[VerifierKey]) -> list[tuple[VerifierKey, Signature]]:
    """Return the good signatures of known keys, perhaps none; raise SignatureError on a bad one."""
    known = {(key.name, key.id): key for key in keys}
    found: dict[VerifierKey, Signature] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not is_signed(note.text, signature, key):
            raise SignatureError(f"The signature of {key.name} ({key.id.hex()}) is bad.")
        found.setdefault(key, signature)
    return list(found.items())


def is_signed(text: str, signature: Signature, key: VerifierKey) -> bool:
    """Say whether a key made a signature over a text."""
    message, blob = text.encode(), signature.blob
    if key.algorithm == COSIGNATURE:
        if len(blob) != TIME_BYTES + _SIGNATURE_BYTES or signature.time >= 2**63:
            return False
        message, blob = cosigned_message(text, signature.time), blob[TIME_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(blob, message)
    except InvalidSignature:
        return False
    return True


def sign(text: str, name: str, private: Ed25519PrivateKey, public: bytes) -> Signature:
    """Return the plain signature of a text, which ends in a newline."""
    assert text.endswith("\n"), "a note's text ends in a newline"
    return Signature(name, VerifierKey(name, ED25519, public).id, private.sign(text.encode()))


def new_key(name: str, passphrase: bytes) -> tuple[VerifierKey, bytes]:
    """Make a key under a name; return its public half and the file of the private one."""
    private = Ed25519PrivateKey.generate()
    return VerifierKey(name, ED25519, public_of(private)), key_file(private, passphrase)


def key_file(private: Ed25519PrivateKey, passphrase: bytes) -> bytes:
    """Return the OpenSSH file of a private key, encrypted unless the passphrase is empty."""
    cipher = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, cipher)


def kept_key(keyring: Keyring, key: VerifierKey) -> Ed25519PrivateKey:
    """Return the private key of a verifier key, or raise KeyFileError."""
    path = keyring.file_of(key)
    if not path.exists():
        why = f"{path} is missing, and {key} signs for this ledger"
        then = "bring the key file there, or revoke the key: depositary key --help"
        raise KeyFileError("the key is not on this machine", why, then)
    return load_key(path, key, keyring.ask)


def load_key(path: Path, key: VerifierKey, ask: AskPassphrase) -> Ed25519PrivateKey:
    """Return the private key in a file, or raise KeyFileError unless it is the verifier key's."""
    refuse_others(path.parent)
    refuse_others(path)
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


def public_of(private: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of a key's public half."""
    return private.public_key().public_bytes_raw()


def _opened(data: bytes, path: Path, ask: AskPassphrase) -> object:
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
