"""Read the ledger's keys from its own events, and name those that sign a tree of a given size.

The first signing key named is in force; a rotation replaces it; a revocation takes it away, and
the next signing key named follows it. The first checkpoint that covers a rotation also bears the
old key's signature, and the first that covers a revocation a recovery key's: so only the holder
of a key can change keys.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from events.identifiers import SELF
from events.serialization import opened_as
from events.store.errors import RecordDamagedError
from events.transparency.note import ED25519, VerifierKey, VerifierKeyError, parse_vkey

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader

_FIELDS: dict[str, dict[str, type]] = {
    "ledger.key-named": {"vkey": str, "role": str},
    "ledger.key-rotated": {"old": str, "new": str},
    "ledger.key-revoked": {"vkey": str, "last_good_size": int},
}


class KeyEvent(NamedTuple):
    """An event about keys: its position, its type without version, and its data."""

    position: int
    type: str
    data: dict[str, Any]


class Keys(NamedTuple):
    """The keys as of a tree size.

    `signing` is the one in force, None before one is named or after it was revoked; `recovery` may
    only revoke; `revoked` maps a key to the size up to which it may be trusted.
    """

    signing: VerifierKey | None = None
    recovery: tuple[VerifierKey, ...] = ()
    named: tuple[VerifierKey, ...] = ()
    revoked: dict[VerifierKey, int] = {}


class LedgerIdentity(NamedTuple):
    """A ledger as it names itself: its id and origin, and what happened to its keys."""

    ledger_id: str
    origin: str
    keys: list[KeyEvent]


def read_identity(record: "RecordReader") -> LedgerIdentity:
    """Return how a ledger names itself and its keys; raise RecordDamagedError."""
    rows = list(record.rows(thing=SELF))
    if not rows:
        raise RecordDamagedError("@1 is damaged: it opens no ledger.")
    ledger_id, origin = opened_as(rows[0])
    return LedgerIdentity(ledger_id, origin, key_events(rows, origin))


def key_events(rows: Iterable[Any], origin: str) -> list[KeyEvent]:
    """Return what the ledger's own events (rows of the log) say of its keys.

    A key bears the name of its ledger: those of the parent of a fork sign for that alone.
    """
    found = []
    for row in rows:
        name = row.topic.removesuffix(".v1")
        if name in _FIELDS:
            data = json.loads(row.state)["data"]
            if not all(isinstance(data.get(field), kind) for field, kind in _FIELDS[name].items()):
                raise VerifierKeyError(f"@{row.position} names no key as this program writes it.")
            if data["new" if "new" in data else "vkey"].startswith(f"{origin}+"):
                found.append(KeyEvent(row.position, name, data))
    return found


def keys_at(events: Iterable[KeyEvent], size: int) -> Keys:
    """Return the keys that a log of `size` events names."""
    keys = Keys()
    for event in events:
        if event.position <= size:
            keys = _apply_key_event(keys, event)
    return keys


def required_signers(events: Iterable[KeyEvent], before: int, size: int) -> list[VerifierKey]:
    """Return the keys that must sign the checkpoint of `size`; the last one is of size `before`.

    Empty when no signing key is in force. A revocation may be signed for by any recovery key that
    was named before it: `recovery_needed` says whether one must.
    """
    listed = list(events)
    now = keys_at(listed, size)
    if now.signing is None:
        return []
    wanted = [now.signing]
    for event in listed:
        if event.type == "ledger.key-rotated" and before < event.position <= size:
            old = keys_at(listed, event.position - 1).signing
            if old is not None and str(old) == event.data["old"] and old not in now.revoked:
                wanted += [old] if old not in wanted else []
    return wanted


def recovery_needed(
    events: Iterable[KeyEvent], before: int, size: int
) -> tuple[VerifierKey, ...] | None:
    """Return the keys of which one must sign a revocation newly covered, those named before."""
    listed = list(events)
    for event in listed:
        if event.type == "ledger.key-revoked" and before < event.position <= size:
            return keys_at(listed, event.position - 1).recovery
    return None


def _apply_key_event(keys: Keys, event: KeyEvent) -> Keys:
    # Text that is no key changes nothing: otherwise one such event would end all signing.
    key = _parse_key(event.data["new" if event.type == "ledger.key-rotated" else "vkey"])
    if key is None:
        return keys
    match event.type:
        case "ledger.key-named" if event.data["role"] == "recovery":
            return keys._replace(recovery=(*keys.recovery, key))
        case "ledger.key-named":
            return keys._replace(signing=keys.signing or key, named=(*keys.named, key))
        case "ledger.key-rotated":
            is_old = keys.signing is not None and str(keys.signing) == event.data["old"]
            signing = key if is_old else keys.signing
            return keys._replace(signing=signing, named=(*keys.named, key))
    revoked = {**keys.revoked, key: event.data["last_good_size"]}
    return keys._replace(signing=None if keys.signing == key else keys.signing, revoked=revoked)


def _parse_key(vkey: str) -> VerifierKey | None:
    try:
        key = parse_vkey(vkey)
    except VerifierKeyError:
        return None
    return key if key.algorithm == ED25519 else None
