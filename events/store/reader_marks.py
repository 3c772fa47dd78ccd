"""Keep by name up to where, and on which day, the answers of a ledger were last looked at.

The marks of a ledger stand in `marks/ID.toml` of the user's state folder, one table a name. They
are the reader's own, kept outside the ledger: copies of one ledger share them.
"""

import re
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import tomli_w

from events.dates import parse_date
from events.errors import NotFoundError, NotUnderstoodError, PartedError
from events.identifiers import is_ledger_id
from events.store.errors import NotALedgerError
from events.store.sqlite.reader import RecordReader
from events.store.user_config import config_lock, read_config, state_folder, write_config
from events.value import MAX_INTEGER

_COMMENT = "# Up to where the answers of this ledger were looked at: depositary changes --marks\n"
_is_name = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}").fullmatch
_is_digest = re.compile(r"[0-9a-f]{64}").fullmatch


class Mark(NamedTuple):
    """The day as of which, the position up to which and the policy under which answers were seen.

    `entry` is the SHA-256 of the stored event at the position, in hexadecimal; `as_of` is a day or
    an instant as it is typed, `set_at` a time (UTC).
    """

    as_of: str
    position: int
    entry: str
    policy: str
    set_at: str


def check_name(name: str) -> str:
    """Return a name that a mark can have; raise NotUnderstoodError."""
    if _is_name(name) is None:
        why = f"'{name:.80}' is none: letters, digits and . _ - (64 at most)"
        raise NotUnderstoodError("a mark needs a name", why, "write --mark week")
    return name


def entry_at(record: RecordReader, position: int) -> str | None:
    """Return what tells the event at a position from any other; None where there is none."""
    row = record.event(position)
    return None if row is None else sha256(row.state).hexdigest()


def check_mark(record: RecordReader, name: str, mark: Mark) -> None:
    """Raise PartedError where a log does not go on from the event at which a mark was set."""
    found = entry_at(record, mark.position)
    if found == mark.entry:
        return
    then = f"depositary changes --mark {name} --delete, once you know why"
    if found is None:
        last = record.last_position()
        why = (
            f"the mark '{name}' stands at @{mark.position}, this log ends at @{last}: an older copy"
        )
        raise PartedError("the log is BEHIND the mark", why, then)
    why = f"@{mark.position} is not the event at which '{name}' was set: a fork, or it was changed"
    raise PartedError("the log is FORKED from the mark", why, f"depositary audit; {then}")


def marks(ledger_id: str) -> dict[str, Mark]:
    """Return the marks of a ledger by name; raise NotUnderstoodError and ConfigFileError."""
    text = read_config(f"{ledger_id}.toml", _folder(ledger_id))
    if text is None:
        return {}
    try:
        return {check_name(name): _mark(name, table) for name, table in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, ValueError, NotUnderstoodError) as error:
        why = f"{_folder(ledger_id) / ledger_id}.toml: {getattr(error, 'why', error)}"
        then = "mend the file, or move it away: then the next use of each mark sets it"
        raise NotUnderstoodError("the marks are not understood", why, then) from None


def set_mark(ledger_id: str, name: str, mark: Mark) -> None:
    """Keep a mark of a ledger; one of its name is replaced."""
    with config_lock(_folder(ledger_id)):
        _write(ledger_id, {**marks(ledger_id), check_name(name): mark})


def delete_mark(ledger_id: str, name: str) -> Mark:
    """Forget a mark of a ledger and return it; raise NotFoundError where there is none."""
    with config_lock(_folder(ledger_id)):
        kept = marks(ledger_id)
        if (found := kept.pop(name, None)) is None:
            why = f"'{name:.80}' was not set for this ledger, or was deleted"
            raise NotFoundError("there is no such mark", why, "depositary changes --marks")
        _write(ledger_id, kept)
    return found


def _folder(ledger_id: str) -> Path:
    if not is_ledger_id(ledger_id):  # it names a file
        raise NotALedgerError("The first event of the log has no id of a ledger.")
    return state_folder() / "marks"


def _mark(name: str, table: object) -> Mark:
    match table:
        case {
            "as_of": str(as_of),
            "position": int(position),
            "entry": str(entry),
            "policy": str(policy),
            "set_at": str(set_at),
            **more,
        } if not more and 0 < position <= MAX_INTEGER and _is_digest(entry):
            parse_date(as_of)
            return Mark(as_of, position, entry, policy, set_at)
    raise ValueError(f"the table of {name} has not the fields of a mark as they are written")


def _write(ledger_id: str, kept: dict[str, Mark]) -> None:
    tables = {name: mark._asdict() for name, mark in sorted(kept.items())}
    write_config(f"{ledger_id}.toml", _COMMENT + tomli_w.dumps(tables), _folder(ledger_id))
