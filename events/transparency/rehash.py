"""Refuse to pass on a record whose events are not those that were hashed and signed.

Backing up, restoring, copying and replaying read every byte: so every leaf, node and signed root is
computed anew there, and what does not fit is said with its place. Whose key signed is not asked.
"""

from events.errors import TamperingError
from events.store.factory import open_tree
from events.store.location import Location
from events.transparency.checkpoint_checks import check_stored
from events.transparency.log_reading import read_log
from events.transparency.tree import Progress


class OtherEventsError(TamperingError):
    """What is copied or replayed has the events that were hashed, in their order."""


def check_hashes(where: Location, progress: Progress | None = None) -> int:
    """Return a record's last position, its tree computed anew; raise OtherEventsError."""
    with open_tree(where) as record, record.snapshot():
        stored = tuple(record.checkpoints())
        found = read_log(record, (size for size, _ in stored), progress)
    checks = [*found.faults.values(), *check_stored(found, stored).checks]
    wrong = [check for check in checks if check.outcome == "tampered"]
    if wrong:
        # An exact position says more than the range between two checkpoints.
        first = min(wrong, key=lambda each: (each.position is None, each.until or 0))
        why = f"{where}: {first.sentence}"
        then = "depositary audit, before anything else; find a copy from before it was changed"
        raise OtherEventsError("the record is not what was hashed and signed", why, then)
    return found.last
