"""Tell a record that stopped earlier, or went another way, from one that was changed.

A root contradicts and does not say where. So what was signed is compared entry by entry, with the
print of each entry that was noted when it was signed, or with published entries. A copy that was
carried on has the entries up to some position, and from there on others, recorded at other times:
it never comes together again with what was signed. Where an entry differs, and behind it stands one
that was signed, or one with a recorded time of those, an entry was changed, and that is no fork.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from events.envelope import TIME_CHARS
from events.identifiers import is_ledger_id
from events.store.rows import Row
from events.transparency.checkpoint import Checkpoint
from events.transparency.keyring import Keyring
from events.transparency.merkle import EMPTY_ROOT, HASH_BYTES, join_peaks, leaf_hash, parents

if TYPE_CHECKING:
    from events.transparency.log_reading import AuditedLog

PRINT_BYTES = HASH_BYTES + 8
BATCH = 4_096
_AFTER_TIME = len('","type":""}')

Prints = Callable[[], bytes]  # of the entries of a signed log from the first on; empty for none


class Parting(NamedTuple):
    """How a record stands to signed entries: the same up to `common`, and then?

    `behind`: it ends there. Else it went another way, unless an entry was `changed`.
    """

    common: int
    behind: bool = False
    changed: int | None = None


def entry_print(row: Row) -> bytes:
    """Return the 40 bytes that tell an entry: its leaf hash, and 8 of the hash of its time."""
    at = len(row.state) - _AFTER_TIME - len(row.topic)
    return leaf_hash(row.state) + sha256(row.state[at - TIME_CHARS : at]).digest()[:8]


def prints_between(log: "AuditedLog", after: int, until: int) -> Iterable[bytes]:
    """Yield the prints of the events after one position and up to another, in their order."""
    for first in range(after, until, BATCH):
        yield from map(entry_print, log.rows(first, min(until, first + BATCH)))


def find_parting(
    log: "AuditedLog", last: int, signed: Checkpoint | None, known: Iterable[Prints]
) -> Parting | None:
    """Say how a record of `last` events stands to a checkpoint that it contradicts.

    None where no known prints are those of what was signed: then it cannot be told; and where they
    do not contradict. Without a checkpoint the prints are taken as they are.
    """
    for prints in known:
        found = prints()
        entries = [found[at : at + PRINT_BYTES] for at in range(0, len(found), PRINT_BYTES)]
        if signed is not None:
            hashes = [entry[:HASH_BYTES] for entry in entries[: signed.size]]
            if len(hashes) != signed.size or _root(hashes) != signed.root:
                continue
            del entries[signed.size :]
        return _compared(log, last, entries)
    return None


def _root(level: list[bytes]) -> bytes:
    peaks: list[bytes] = []
    while level:
        if len(level) & 1:
            peaks.append(level.pop())
        level = parents(level)
    return join_peaks(peaks[::-1]) if peaks else EMPTY_ROOT


def _compared(log: "AuditedLog", last: int, entries: Sequence[bytes]) -> Parting | None:
    both, common = min(last, len(entries)), 0
    mine = iter(prints_between(log, 0, last))
    for each in mine:
        if common == both or each != entries[common]:
            break
        common += 1
    if common == both:
        return Parting(both, behind=True) if last < len(entries) else None
    # Wherever they stand now: an entry that was taken out moves those behind it.
    hashes = {entry[:HASH_BYTES] for entry in entries[common:]}
    times = {entry[HASH_BYTES:] for entry in entries[common:]}
    others = chain([each], mine)
    if any(one[:HASH_BYTES] in hashes or one[HASH_BYTES:] in times for one in others):
        return Parting(common, changed=common + 1)
    # Without a common beginning it is another record, and no way that this one went.
    return Parting(common, changed=None if common else 1)


def prints_kept(ledger_id: str) -> list[Prints]:
    """Return how to read what was noted on this machine as it signed, if anything was."""
    return [Keyring(ledger_id).signed_entries] if is_ledger_id(ledger_id) else []
