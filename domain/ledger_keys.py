"""Name, rotate and revoke the keys of a ledger, as events of the ledger itself."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from domain.ledger import Ledger
from events.errors import NotPossibleError, NotRecordableError
from events.store.factory import open_reader
from events.transparency.keyring import Keyring
from events.transparency.keys import Keys, keys_at, read_identity
from events.transparency.note import VerifierKey, is_key_name
from events.transparency.pins import MADE_HERE, pin_key, pins
from events.transparency.signatures import new_key

_EVERY = 2**63 - 1


class NewKey(NamedTuple):
    """A key that was made: what verifies by it, its file, and where the ledger names it."""

    key: VerifierKey
    file: Path
    position: int


def without_passphrase() -> bytes:
    """Leave a key file unencrypted: whoever reads it can sign."""
    return b""


def name_key(
    ledger: Ledger, passphrase: Callable[[], bytes] = without_passphrase, *, recovery: bool = False
) -> NewKey:
    """Make a ledger's key, or a recovery key, and record its public half.

    The key is pinned for the ledger on this machine; a recovery key is not. Raises
    NotRecordableError where one signs already, NotPossibleError, and what `pins` raises.
    """
    origin, keyring, keys = _known(ledger)
    if keys.signing is not None and not recovery:
        why = f"{keys.signing} signs for this ledger"
        then = "depositary key rotate, which puts another in its place"
        raise NotRecordableError("there is a key already", why, then)
    pins()  # what cannot be read is said before anything is made
    made, path = _make(keyring, origin, passphrase)
    role = "recovery" if recovery else "signing"
    position = ledger.record_own("ledger.key-named", vkey=str(made), role=role)
    if not recovery:
        pin_key(keyring.ledger_id, made, MADE_HERE)
    return NewKey(made, path, position)


def rotate_key(ledger: Ledger, passphrase: Callable[[], bytes] = without_passphrase) -> NewKey:
    """Put a new key in the place of the one that signs; the next checkpoint bears both."""
    origin, keyring, keys = _known(ledger)
    old = keys.signing
    if old is None:
        what, why = "there is no key to rotate", "none signs for this ledger"
        raise NotPossibleError(what, why, "depositary key new")
    made, path = _make(keyring, origin, passphrase)
    position = ledger.record_own("ledger.key-rotated", old=str(old), new=str(made))
    return NewKey(made, path, position)


def revoke_key(ledger: Ledger, key: VerifierKey, last_good_size: int) -> int:
    """Record that a key is not to be trusted for larger trees; return the event's position."""
    _, _, keys = _known(ledger)
    if key not in keys.named:
        then = "depositary log --subject ledger/self"
        raise NotPossibleError("this ledger names no such key", str(key), then)
    if not keys.recovery:
        raise NotPossibleError(
            "there is no recovery key",
            "a revocation counts only with the signature of one that was named before it",
            "depositary key rotate, while the key is still in your hands alone",
        )
    return ledger.record_own("ledger.key-revoked", vkey=str(key), last_good_size=last_good_size)


def _known(ledger: Ledger) -> tuple[str, Keyring, Keys]:
    with open_reader(ledger.where) as record:
        ledger_id, origin, events = read_identity(record)
    if not is_key_name(origin):
        why = f"'{origin}' has a space or a plus in it"
        then = "make a ledger with another name: depositary init --help"
        raise NotPossibleError("the ledger's name cannot name a key", why, then)
    return origin, Keyring(ledger_id), keys_at(events, _EVERY)


def _make(
    keyring: Keyring, origin: str, passphrase: Callable[[], bytes]
) -> tuple[VerifierKey, Path]:
    made, written = new_key(origin, passphrase())
    return made, keyring.keep(made, written)
