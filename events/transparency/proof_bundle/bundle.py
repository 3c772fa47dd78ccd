"""Write a folder with which a stranger checks a proof on a machine of their own."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from events.errors import NotPossibleError
from events.transparency.proofs import InclusionProof

PROOF, ENTRY, KEYS, VERIFIER, README = (
    "proof.tlog-proof",
    "entry.json",
    "keys.txt",
    "verify.py",
    "README.txt",
)

_README = """\
This folder shows that an event was in a ledger when a checkpoint was signed.

  {entry}        the event, byte for byte
  {proof}  the way from it to the checkpoint (c2sp.org/tlog-proof@v1)
  {keys}          the ledger's verifier keys, as the ledger itself names them
  {verifier}         checks all this with Python 3 and openssl, and without a network

    python3 {verifier}
    python3 {verifier} --vkey KEY

The first takes the keys from this folder, and so from whoever gave it to you. The second takes a
key that you found elsewhere, and is the check that counts: compare the key with what the ledger
publishes, or with what somebody else has kept.

What it shows: the event was not altered since the checkpoint was signed. What it does not show:
that what the event says is true, or that the ledger showed the same to everybody. For the latter,
compare the checkpoint with one that somebody else holds.
"""


class BundleError(NotPossibleError):
    """A bundle is a new folder, or one that is empty."""


def make_bundle(folder: Path, proof: InclusionProof, entry: bytes, vkeys: Sequence[str]) -> None:
    """Write a folder with the event, its proof, the ledger's keys and a verifier.

    Raises BundleError where something is there already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        why = f"{folder} is left as it is"
        raise BundleError("there is something already", why, "name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ENTRY).write_bytes(entry)
    (folder / PROOF).write_bytes(proof.encode())
    (folder / KEYS).write_text("".join(f"{vkey}\n" for vkey in vkeys), "utf-8")
    verifier = files("events.transparency.proof_bundle") / VERIFIER
    (folder / VERIFIER).write_bytes(verifier.read_bytes())
    said = _README.format(entry=ENTRY, proof=PROOF, keys=KEYS, verifier=VERIFIER)
    (folder / README).write_text(said, "utf-8")
