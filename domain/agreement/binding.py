"""Do the tables of treaties apply to this paper, or is it not shown to bind?

The gate is `binding`, never `kind`: an agreement is a treaty "whatever its particular
designation" (VCLT 2(1)(a)). Only where nobody says whether it binds does the kind count, as a
presumption that the answer states (docs/spec/treaties.md, 1).
"""

from collections.abc import Iterable
from typing import Literal

Gate = Literal["binding", "open", "not-binding", "presumed-not-binding", "presumed-binding"]

PRESUMED_NOT_BINDING = frozenset(
    {"arrangement", "joint-statement", "letter-of-intent", "memorandum"}
)

BINDING: tuple[Gate, ...] = ("binding", "open", "presumed-binding")

_WORDS: dict[Gate, str] = {
    "binding": "binding",
    "open": "if binding: the claims differ, or leave it unknown",
    "not-binding": "not binding",
    "presumed-not-binding": "presumed not binding: nobody says, and its name suggests it",
    "presumed-binding": "if binding, which is presumed: nobody says",
}


def gate(bindings: Iterable[str], kind: str | None) -> Gate:
    """Return the gate from all live claims of `described.binding` and the picked kind.

    One live claim of binding or unknown opens it; without any claim the kind is presumed upon.
    """
    said = set(bindings)
    if not said:
        return "presumed-not-binding" if kind in PRESUMED_NOT_BINDING else "presumed-binding"
    if said == {"binding"}:
        return "binding"
    return "not-binding" if said == {"non-binding"} else "open"


def binds(gate: Gate) -> bool:
    """Say whether the tables of treaties apply, be it on condition (see `words`)."""
    return gate in BINDING


def words(gate: Gate) -> str:
    """Return what an answer says beside the standings: whether, and on what condition, it binds."""
    return _WORDS[gate]
