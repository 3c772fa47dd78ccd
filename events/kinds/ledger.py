"""Define the events of the ledger itself."""

from typing import Annotated, Literal

from events.body import Body
from events.fields import Line, Matching, Whole
from events.identifiers import LEDGER_ID, is_ledger_id
from events.text import check_text

# It names folders outside the ledger, of keys and of answers: nothing else may be read as one.
LedgerUuid = Annotated[str, Matching(is_ledger_id, "UUID in lower case", LEDGER_ID)]
VerifierKey = Annotated[
    str,
    Matching(
        lambda text: check_text(text, 500),
        "verifier key: name+id+base64",
        r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}",
    ),
]


class Opened(Body):
    """The ledger was opened: always its first event."""

    id: LedgerUuid
    origin: Line
    format: Annotated[int, Whole(1, 1_000)]


class KeyNamed(Body):
    """A key that signs checkpoints was named (C2SP signed-note, verifier key)."""

    vkey: VerifierKey
    role: Literal["signing", "recovery"]


class KeyRotated(Body):
    """A signing key took the place of another."""

    old: VerifierKey
    new: VerifierKey


class KeyRevoked(Body):
    """A key is no longer to be trusted for trees larger than `last_good_size` entries."""

    vkey: VerifierKey
    last_good_size: Annotated[int, Whole(0, 2**53 - 1)]
