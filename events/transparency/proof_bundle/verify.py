"""Check offline whether an event was in the ledger when the checkpoint was signed.

One file, for a machine without a network: Python 3.8 or newer, its standard library, and `openssl`
(3.0 or newer) for the signature. Run it in the folder of a bundle:

    python3 verify.py [--vkey KEY|FILE ...]

Without --vkey it takes the keys that lie in the folder, and so believes whoever gave it to you.
First everything is read: what is not in its one form cannot be decided. Then the signatures are
checked, and then the proof. Exit code 0: it holds. 4: something was altered. 7: it cannot be
decided. 2: --vkey is no verifier key.
"""

from __future__ import annotations  # so that Python 3.8 reads it

import argparse
import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import NamedTuple

HOLDS, NO_KEY, ALTERED, UNDECIDED = 0, 2, 4, 7
PRIME = 2**255 - 19
ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
LOW_ORDER = {0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8}
MAX_FILE_BYTES, MAX_NOTE_BYTES, MAX_SIGNATURES, MAX_HASHES = 2_000_000, 1_000_000, 100, 63
SPKI = bytes.fromhex("302a300506032b6570032100")  # what comes before an Ed25519 key (RFC 8410)


class AlteredError(Exception):
    """What was checked is not what was signed."""


class UndecidedError(Exception):
    """What was given is not enough, or not understood."""


class Key(NamedTuple):
    """A public key trusted under a name; kind 1 is a log's, kind 4 a witness'."""

    name: str
    kind: int
    public: bytes


def decoded(text: str) -> bytes:
    """Return the bytes of base64 written in its one way."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise UndecidedError(f"'{text[:60]}' is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise UndecidedError(f"'{text[:60]}' is not the one base64 of its bytes")
    return data


def number(text: str) -> int:
    """Return a number written in its one way."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >= 2**63:
        raise UndecidedError(f"'{text[:40]}' is not a number")
    return int(text)


def key_of(vkey: str) -> Key:
    """Return the key of name+id+base64."""
    name, _, rest = vkey.partition("+")
    key_id, _, material = rest.partition("+")
    raw = decoded(material)
    well_named = is_name(name) and not re.search("[\x00-\x1f]", name)
    if not well_named or len(raw) != 33 or raw[0] not in (1, 4):
        raise UndecidedError(f"'{vkey[:80]}' is not an Ed25519 verifier key")
    key = Key(name, raw[0], raw[1:])
    y = int.from_bytes(key.public, "little") & (2**255 - 1)
    if id_of(key).hex() != key_id or y >= PRIME or y in LOW_ORDER:
        raise UndecidedError(f"'{vkey[:80]}' is not a good verifier key")
    return key


def is_name(name: str) -> bool:
    """Say whether a key may have this name: not empty, no white space, no plus."""
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def keys_in(text: str) -> list[Key]:
    """Return the keys of lines; empty ones and those that begin with # are passed over."""
    lines = [line.strip() for line in text.split("\n") if not line.startswith("#")]
    found = [key_of(line) for line in lines if line]
    if not found:
        raise UndecidedError("no verifier key is named")
    return found


def keys_given(text: str) -> list[Key]:
    """Return the key that was written, or the keys of the file that was named."""
    if "+" in text and not os.path.isfile(text):
        return [key_of(text)]
    with open(text, "rb") as file:
        return keys_in(file.read(MAX_NOTE_BYTES).decode())


def id_of(key: Key) -> bytes:
    """Return the four bytes by which signatures name a key."""
    named = key.name.encode() + b"\n" + bytes([key.kind]) + key.public
    return hashlib.sha256(named).digest()[:4]


def split_note(data: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return a note's text, and of each signature the name, key id and rest."""
    if len(data) > MAX_NOTE_BYTES:
        raise UndecidedError("the checkpoint is too large")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise UndecidedError("the checkpoint is not text") from None
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n") or re.search("[\x00-\x09\x0b-\x1f]", whole):
        raise UndecidedError("the checkpoint is not a signed note")
    lines = below[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise UndecidedError("the checkpoint has too many signatures")
    signatures = []
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "\u2014" or not is_name(name):
            raise UndecidedError("a signature line is not understood")
        blob = decoded(encoded)
        if len(blob) <= 4:
            raise UndecidedError("a signature is no longer than the id of its key")
        signatures.append((name, blob[:4], blob[4:]))
    return text + "\n", signatures


def signed_by_openssl(message: bytes, signature: bytes, public: bytes) -> bool:
    """Let openssl say whether an Ed25519 signature is good."""
    body = base64.encodebytes(SPKI + public).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, data in (("key", pem.encode()), ("msg", message), ("sig", signature)):
            paths[name] = os.path.join(folder, name)
            with open(paths[name], "wb") as file:
                file.write(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", paths["key"]]
        command += ["-rawin", "-in", paths["msg"], "-sigfile", paths["sig"]]
        try:
            ran = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words
        except OSError as error:
            raise UndecidedError(f"openssl cannot be run: {error}") from None
    if b"Signature Verified Successfully" in ran.stdout and ran.returncode == 0:
        return True
    if b"Signature Verification Failure" in ran.stdout + ran.stderr:
        return False
    raise UndecidedError(
        "openssl cannot check it: {}".format(ran.stderr.decode("utf-8", "replace").strip())
    )


def good(text: str, blob: bytes, key: Key) -> bool:
    """Say whether a key signed a text, as a log or as a witness."""
    if key.kind == 1:
        return len(blob) == 64 and signed_by_openssl(text.encode(), blob, key.public)
    time = int.from_bytes(blob[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}"
    return len(blob) == 72 and signed_by_openssl(message.encode(), blob[8:], key.public)


def signers(text: str, signatures: list[tuple[str, bytes, bytes]], keys: list[Key]) -> list[Key]:
    """Return the known keys that signed a text, each of them well."""
    known: dict[tuple[str, bytes], Key] = {(key.name, id_of(key)): key for key in keys}
    found = []
    for name, key_id, blob in signatures:
        key = known.get((name, key_id))
        if key is not None:
            if not good(text, blob, key):
                raise AlteredError(f"the signature of {name} is bad")
            found += [] if key in found else [key]
    return found


def joined(left: bytes, right: bytes) -> bytes:
    """Return the hash over two nodes (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(index: int, size: int, leaf: bytes, hashes: list[bytes]) -> bytes | None:
    """Return the root that a proof leads to, None if its length is wrong (RFC 9162, 2.1.3.2)."""
    at, last, found = index, size - 1, leaf
    for sibling in hashes:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = joined(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = joined(found, sibling)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def check(proof: bytes, keys: list[Key], entry: Callable[[], bytes]) -> list[str]:
    """Return what holds, line by line; raise one of the errors."""
    head, blank, note = proof.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise UndecidedError("the proof is not ASCII down to its checkpoint") from None
    if lines.pop(0) != "c2sp.org/tlog-proof@v1" or not blank:
        raise UndecidedError("the proof does not begin as one")
    if lines and lines[0].startswith("extra "):
        decoded(lines.pop(0)[6:])
    if not lines or not lines[0].startswith("index "):
        raise UndecidedError("the proof names no index")
    index, hashes = number(lines.pop(0)[6:]), [decoded(line) for line in lines]
    text, signatures = split_note(note)
    fields = text.split("\n")
    if len(fields) != 4 or not fields[0]:
        raise UndecidedError("the checkpoint is not origin, size and root")
    origin, size, root = fields[0], number(fields[1]), decoded(fields[2])
    if any(len(each) != 32 for each in [root, *hashes]) or len(hashes) > MAX_HASHES:
        raise UndecidedError("a hash has 32 bytes, and a proof at most 63 of them")
    if not index < size:
        raise UndecidedError("the proof is about an entry that its checkpoint does not count")
    found = signers(text, signatures, keys)
    logs = [key for key in found if key.kind == 1 and key.name == origin]
    if not logs:
        raise UndecidedError(f"no known key of {origin} signed the checkpoint")
    leaf = hashlib.sha256(b"\x00" + entry()).digest()
    if root_of(index, size, leaf, hashes) != root:
        raise AlteredError(f"the entry is not @{index + 1} of the {size} under the checkpoint")
    said = [f"the checkpoint of {size} entries is signed by the key of {origin}"]
    said += [f"witness {key.name} has signed it too" for key in found if key.kind == 4]
    said.append(f"the entry is @{index + 1} of it, and was not altered since")
    return said


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that this file lies in, and say what holds."""
    asked = argparse.ArgumentParser(description="Check that an event was in a ledger.")
    asked.add_argument(
        "--vkey", action="append", metavar="KEY|FILE", help="a verifier key you trust"
    )
    asked.add_argument("--folder", default=os.path.dirname(os.path.abspath(__file__)))
    given = asked.parse_args(arguments)
    try:
        keys = [key for text in given.vkey or [] for key in keys_given(text)]
    except (UndecidedError, OSError, ValueError) as why:
        print(f"error: that is not a verifier key: {why}", file=sys.stderr)
        return NO_KEY

    def content(name: str) -> bytes:
        path = os.path.join(given.folder, name)
        if os.path.exists(path) and not os.path.isfile(path):
            raise UndecidedError(f"{name} is not a file")  # a FIFO would keep us waiting
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise UndecidedError(f"{name} has more than {MAX_FILE_BYTES} bytes")
        return data

    try:
        keys = keys or keys_in(content("keys.txt").decode())
        proof = content("proof.tlog-proof")
        for line in check(proof, keys, lambda: content("entry.json")):
            print("holds: " + line)
    except AlteredError as why:
        print(f"ALTERED: {why}")
        return ALTERED
    except (UndecidedError, OSError, UnicodeDecodeError) as why:
        print(f"cannot decide: {why}")
        return UNDECIDED
    print("not shown: that what the entry says is true, or that all were shown the same ledger")
    if not given.vkey:
        print("careful: the key came with the bundle; give one found elsewhere with --vkey")
    return HOLDS


if __name__ == "__main__":
    sys.exit(main())
