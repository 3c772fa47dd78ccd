"""Read and write signed notes.

C2SP signed-note: a text that ends in a newline, a blank line, and lines `— name base64`. A key is
identified by its name and its 4-byte id together; signatures of unknown keys are ignored, and a
bad signature of a known key rejects the note. Ed25519 in two forms: plain (0x01) and as a witness'
cosignature with its time (0x04, C2SP tlog-cosignature).
"""

import base64
import binascii
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

ED25519, COSIGNATURE = 0x01, 0x04
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100

_ID_BYTES, _KEY_BYTES, TIME_BYTES = 4, 32, 8
_FIELD_PRIME = 2**255 - 19
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
# The y coordinates of the eight points whose order divides 8: a "signature" by such a key holds
# for many texts, or for all. Orders 4, 1, 2, and 8 twice.
_LOW_ORDER = {0, 1, _FIELD_PRIME - 1, _ORDER_8, _FIELD_PRIME - _ORDER_8}
_is_key_id = re.compile(r"[0-9a-f]{8}").fullmatch


class NoteError(ValueError):
    """A signed note is the one encoding that the specification gives, with nothing added."""


class SignatureError(NoteError):
    """A note counts only with a good signature of a known key, and no bad one of any."""


class VerifierKeyError(NoteError):
    """A verifier key is `name+id+base64`, its id that of the key, its point of full order."""


class VerifierKey(NamedTuple):
    """A public key that is trusted under a name; `algorithm` is ED25519 or COSIGNATURE."""

    name: str
    algorithm: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the 4 bytes by which signatures name the key."""
        hashed = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return sha256(hashed).digest()[:_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the key as `ssh-keygen -l` shows it for its file."""
        parts = (b"ssh-ed25519", self.public)
        blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return f"SHA256:{encode_base64(sha256(blob).digest()).rstrip('=')}"

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.algorithm]) + self.public)}"


class Signature(NamedTuple):
    """One signature line; `blob` is what follows the key's id."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode_base64(self.key_id + self.blob)}\n"

    @property
    def time(self) -> int:
        """Return when a cosignature was made, in seconds since 1970."""
        return int.from_bytes(self.blob[:TIME_BYTES], "big")


class Note(NamedTuple):
    """A text, and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def encode(self) -> bytes:
        """Return the note's bytes."""
        return str(self).encode()


def parse_note(data: bytes) -> Note:
    """Return the note, not verified; raise NoteError unless it is in the one encoding."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"A note has at most {MAX_NOTE_BYTES:,} bytes.")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteError("A note is UTF-8 text.") from None
    if any(character < " " and character != "\n" for character in whole):
        raise NoteError("A note has no control characters.")
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteError("A note is a text, a blank line, and lines of signatures.")
    lines = below[:-1].split("\n")  # never splitlines: it breaks at more than a newline
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"A note has at most {MAX_SIGNATURES} signatures.")
    return Note(f"{text}\n", tuple(map(parse_signature, lines)))


def parse_signature(line: str) -> Signature:
    """Return the signature of a line without its newline; raise NoteError."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not is_key_name(name):
        raise NoteError("A signature line is `— name base64`.")
    blob = decode_base64(encoded)
    if len(blob) <= _ID_BYTES:
        raise NoteError("A signature is longer than the id of its key.")
    return Signature(name, blob[:_ID_BYTES], blob[_ID_BYTES:])


def parse_vkey(text: str) -> VerifierKey:
    """Return the key of `name+id+base64`; raise VerifierKeyError unless it is exactly one."""
    name, _, rest = text.partition("+")
    id_hex, _, encoded = rest.partition("+")
    if not is_key_name(name) or not _is_key_id(id_hex) or any(c < " " for c in name):
        raise VerifierKeyError(f"'{text[:80]}' is not a verifier key: name+id+base64.")
    try:
        material = decode_base64(encoded)
    except NoteError:
        raise VerifierKeyError(
            f"'{text[:80]}' is not a verifier key: its end is not base64."
        ) from None
    if material[:1] not in (b"\x01", b"\x04") or len(material) != 1 + _KEY_BYTES:
        raise VerifierKeyError(f"'{text[:80]}' is not an Ed25519 key, nor a cosigner's.")
    key = VerifierKey(name, material[0], material[1:])
    if key.id.hex() != id_hex:
        raise VerifierKeyError(f"'{text[:80]}' has another key's id.")
    _check_point(key)
    return key


def cosigned_message(text: str, time: int) -> bytes:
    """Return what a cosignature signs (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def is_key_name(name: str) -> bool:
    """Say whether a key may have this name: not empty, no white space, no plus."""
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648, 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the bytes of base64 in its one encoding; raise NoteError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(f"'{text[:80]}' is not base64.") from None
    if encode_base64(data) != text:
        raise NoteError(f"'{text[:80]}' is not the one base64 of its bytes.")
    return data


def decode_hashes(lines: Sequence[str]) -> list[bytes]:
    """Return the 32-byte hashes of lines of base64; raise NoteError."""
    hashes = [decode_base64(line) for line in lines]
    if any(len(each) != 32 for each in hashes):
        raise NoteError("A hash has 32 bytes.")
    return hashes


def _check_point(key: VerifierKey) -> None:
    y = int.from_bytes(key.public, "little") & (2**255 - 1)
    if y >= _FIELD_PRIME or y in _LOW_ORDER:
        raise VerifierKeyError(
            f"The key of {key.name} is a weak point: its signatures would mean nothing."
        )
