"""Decide whether an agreement counts as binding (docs/spec/treaties.md, 1; VCLT 2(1)(a))."""

from collections.abc import Iterable
from typing import Literal

Binding = Literal["binding", "open", "not-binding", "presumed-not-binding", "presumed-binding"]

PRESUMED_NOT_BINDING = frozenset(
    {
        "arrangement",
        "communique",
        "declaration",
        "joint-statement",
        "letter-of-intent",
        "memorandum",
        "minutes",
    }
)

BINDING: tuple[Binding, ...] = ("binding", "open", "presumed-binding")

_WORDS: dict[Binding, str] = {
    "binding": "binding",
    "open": "if binding: the claims differ, or leave it unknown",
    "not-binding": "not binding",
    "presumed-not-binding": "legal effect not stated; presumed non-binding from the title",
    "presumed-binding": "if binding (presumed: its legal effect is not stated)",
}


def counts_as(bindings: Iterable[str], kind: str | None, *, consented: bool = False) -> Binding:
    """Return how an agreement counts, by all live claims of `binding` and the selected kind.

    One live claim of binding or unknown leaves it open; without any the kind gives a presumption. A
    consent to what is only presumed not to bind (`consented`) counts as a claim of unknown.
    """
    said = set(bindings)
    if not said:
        if kind not in PRESUMED_NOT_BINDING:
            return "presumed-binding"
        return "open" if consented else "presumed-not-binding"
    if said == {"binding"}:
        return "binding"
    return "not-binding" if said == {"non-binding"} else "open"


def binds(binding: Binding) -> bool:
    """Say whether the tables of treaties apply, be it on condition (see `words`)."""
    return binding in BINDING


def binding_in_words(binding: Binding) -> str:
    """Return what an answer says beside the standings: whether, and on what condition, it binds."""
    return _WORDS[binding]
