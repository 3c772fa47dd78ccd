"""Ask witnesses to sign a new checkpoint.

Each is asked over HTTP (C2SP tlog-witness, add-checkpoint) with a proof that the ledger only grew
since what that witness signed last. Its answer counts when its signature is good.
"""

import http.client
from typing import NamedTuple
from urllib.parse import urlsplit

from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import parse_number
from events.transparency.merkle import consistency_proof
from events.transparency.note import Note, NoteError, VerifierKey, parse_signature
from events.transparency.proofs import ConsistencyProof
from events.transparency.signatures import good_signatures
from events.transparency.trust_policy import TrustedParty, TrustPolicy

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 100_000

_REFUSALS = {
    400: "it does not understand what it was sent",
    403: "it does not know the key that signed the checkpoint",
    404: "it does not know this ledger",
    409: "it has signed another tree of this ledger",
    422: "it does not accept the proof that the ledger only grew",
}


class WitnessAnswer(NamedTuple):
    """A witness' answer: its name, whether its signature is stored, and a sentence."""

    name: str
    cosigned: bool
    sentence: str


class NoAnswerError(Exception):
    """A witness answers within ten seconds, in the words of its protocol."""


def ask_witnesses(
    tree: TreeTables, size: int, note: Note, policy: TrustPolicy
) -> list[WitnessAnswer]:
    """Ask each witness of the policy that has an address and has not signed; store what is good."""
    done = {vkey for vkey, _ in tree.cosignatures_of(size)}
    said = []
    for name, witness in policy.witnesses.items():
        if str(witness.key) in done:
            said.append(WitnessAnswer(name, True, "has signed it before"))
        elif witness.url is not None:
            said.append(_ask(tree, size, note, name, witness))
    return said


def _ask(
    tree: TreeTables, size: int, note: Note, name: str, witness: TrustedParty
) -> WitnessAnswer:
    try:
        status, answer = _posted(tree, size, note, witness, _last_size(tree, witness.key, size))
        if status == 409 and (old := _size_in(answer)) is not None and old <= size:
            status, answer = _posted(tree, size, note, witness, old)
    except (OSError, http.client.HTTPException, NoAnswerError, NoteError) as error:
        return WitnessAnswer(name, False, f"gave no answer: {error}")
    if status != 200:
        return WitnessAnswer(
            name, False, _REFUSALS.get(status, f"it answered with status {status}")
        )
    try:
        line = _good_line(note, answer, witness.key)
    except NoteError as error:
        return WitnessAnswer(name, False, f"its answer is not good: {error}")
    tree.add_cosignature(size, str(witness.key), line)
    return WitnessAnswer(name, True, "signed it")


def _last_size(tree: TreeTables, key: VerifierKey, size: int) -> int:
    mine = [at for at, vkey, _ in tree.cosignatures() if vkey == str(key) and at <= size]
    return max(mine, default=0)


def _posted(
    tree: TreeTables, size: int, note: Note, witness: TrustedParty, old: int
) -> tuple[int, bytes]:
    proof = consistency_proof(old, size, tree.nodes)
    return _post(str(witness.url), ConsistencyProof(old, tuple(proof), note).encode())


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    at = urlsplit(url)
    if at.scheme not in ("http", "https") or not at.hostname:
        raise NoAnswerError(f"'{url}' is not an http address")
    kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
    connection = kind(at.hostname, at.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", f"{at.path.rstrip('/')}/add-checkpoint", body)
        response = connection.getresponse()
        answer = response.read(MAX_ANSWER_BYTES + 1)
    finally:
        connection.close()
    if len(answer) > MAX_ANSWER_BYTES:
        raise NoAnswerError("it said too much")
    return response.status, answer


def _size_in(answer: bytes) -> int | None:
    try:
        return parse_number(answer.decode("ascii").removesuffix("\n"))
    except (UnicodeDecodeError, NoteError):
        return None


def _good_line(note: Note, answer: bytes, key: VerifierKey) -> str:
    try:
        lines = answer.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise NoteError("it is not text") from None
    signatures = tuple(map(parse_signature, lines))
    found = good_signatures(Note(note.text, signatures), [key])
    if not found:
        raise NoteError("it is not signed by the key that the policy names")
    return str(found[0][1]).removesuffix("\n")
