"""Remember whose key signs for which ledger, as ssh remembers the keys of hosts.

A pin stands in `pins.toml` of the user's configuration, one table a ledger by its id: the key that
is believed from then on, since when, and how it came there. It is the reader's own word, kept
outside the ledger: a record that was forged as a whole names a key of its own.
"""

import tomllib
from datetime import UTC, datetime
from typing import NamedTuple

from events.errors import NotFoundError, NotUnderstoodError
from events.identifiers import is_ledger_id
from events.store.user_config import config_folder, config_lock, read_config, write_config
from events.transparency.note import ED25519, NoteError, VerifierKey, parse_vkey

PINS = "pins.toml"
MADE_HERE, FIRST_USE, GIVEN = "made on this machine", "on first use", "given by the reader"
ROTATED, REVOKED = "by a rotation that the pinned key signed", "after a revocation"
_HOW = (MADE_HERE, FIRST_USE, GIVEN, ROTATED, REVOKED)
_COMMENT = "# Whose key signs for which ledger: depositary pin list\n"


class PinsError(NotUnderstoodError):
    """pins.toml has one table a ledger id, each with the fields that this program writes."""


class NoPinError(NotFoundError):
    """A pin is named by the whole id of its ledger."""


Former = tuple[VerifierKey, int]  # a key, and the size from which on another signs


class Pin(NamedTuple):
    """The key that is believed for a ledger; `since` is a time (UTC), `how` one of five words.

    `former` are the keys that a rotation replaced: an older state of the ledger is signed by them.
    """

    ledger_id: str
    key: VerifierKey
    since: str
    how: str
    former: tuple[Former, ...] = ()


def pins() -> dict[str, Pin]:
    """Return all pins by the id of their ledger; raise PinsError and ConfigFileError."""
    text = read_config(PINS)
    if text is None:
        return {}
    try:
        return {id_: _pin(id_, table) for id_, table in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, NoteError, ValueError) as error:
        why = f"{config_folder() / PINS}: {error}"
        then = "repair the file, or move it away: then every key is pinned again on its first use"
        raise PinsError("the pinned keys are not understood", why, then) from None


def pin_key(ledger_id: str, key: VerifierKey, how: str, former: tuple[Former, ...] = ()) -> Pin:
    """Believe this key for a ledger from now on; a pin that was there is replaced."""
    pinned = Pin(ledger_id, key, datetime.now(UTC).isoformat(timespec="seconds"), how, former)
    with config_lock():
        _write({**pins(), ledger_id: pinned})
    return pinned


def unpin_key(ledger_id: str) -> Pin:
    """Forget the key of a ledger; raise NoPinError where none is pinned."""
    with config_lock():
        kept = pins()
        forgotten = kept.pop(ledger_id, None)
        if forgotten is None:
            why = f"{config_folder() / PINS} has no {ledger_id}"
            raise NoPinError("no key is pinned for that ledger", why, "depositary pin list")
        _write(kept)
    return forgotten


def _pin(ledger_id: str, table: object) -> Pin:
    if not is_ledger_id(ledger_id):
        raise ValueError(f"'{ledger_id[:60]}' is not a ledger's id")
    match table:
        case {"vkey": str(vkey), "since": str(since), "how": str(how), **more} if (
            not more.keys() - {"former"}
        ):
            key, former = parse_vkey(vkey), _former(more.get("former", {}))
            if how in _HOW and key.algorithm == ED25519:
                return Pin(ledger_id, key, since, how, former)
    raise ValueError(f"the table of {ledger_id} has not vkey, since and how as they are written")


def _former(table: object) -> tuple[Former, ...]:
    if not isinstance(table, dict) or not all(type(size) is int for size in table.values()):
        raise ValueError("former keys have each a size")
    return tuple((parse_vkey(each), size) for each, size in table.items())


def _write(kept: dict[str, Pin]) -> None:
    import tomli_w

    tables = {
        each.ledger_id: {
            "vkey": str(each.key),
            "since": each.since,
            "how": each.how,
            **({"former": {str(key): size for key, size in each.former}} if each.former else {}),
        }
        for each in sorted(kept.values())
    }
    write_config(PINS, _COMMENT + tomli_w.dumps(tables))
