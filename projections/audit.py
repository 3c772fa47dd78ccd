"""Audit a whole ledger: its record, copies from outside, its answers and its archived sources."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from events.store.errors import StoreError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation
from events.transparency.audit import Check, audit_log
from events.transparency.audit_copies import check_published, check_sources, copies_of, own_copy
from events.transparency.keys import read_identity
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy
from projections.read_model.database import make_answers, stored_answers
from projections.read_model.rows import NewerVersionError

# Takes what is done and what is counted, and gives a function of (done, total), or None.
ShowProgress = Callable[[str, str], AbstractContextManager[Progress | None]]


class LedgerAudit(NamedTuple):
    """What an audit found, check by check; `last_good` is the size of the last good checkpoint."""

    checks: list[Check]
    last_good: int | None

    @property
    def first_differing(self) -> int | None:
        """Return the position of the first event that is not what was recorded."""
        tampered = (c.position for c in self.checks if c.outcome == "tampered" and c.position)
        return min(tampered, default=None)


@contextmanager
def no_progress(doing: str, what: str) -> Iterator[None]:
    """Show nothing of how far a long run is."""
    del doing, what
    yield None


def audit_ledger(
    place: LedgerLocation,
    against: Sequence[Path] = (),
    trust: TrustPolicy | None = None,
    *,
    quick: bool = False,
    show: ShowProgress = no_progress,
) -> LedgerAudit:
    """Compute everything anew and say, check by check, whether it is what was recorded.

    `against` are checkpoints, proofs and published folders that others kept. A quick audit leaves
    out the text of events, the answers and the sources.
    """
    kept = [copy for ledger_id in _ledger_id(place) for copy in own_copy(ledger_id)]
    copies = [*kept, *copies_of(against)]
    with show("auditing", "events") as progress:
        report = audit_log(place.record, copies, trust, progress, in_full=not quick)
    checks = list(report.checks)
    if (found := report.found) is None:
        return LedgerAudit(checks, report.last_good)
    for path in filter(Path.is_dir, against):
        checks += check_published(place.record, found, path)
    if not quick and not any(check.outcome == "tampered" for check in report.checks):
        # Answers are made from the record: first it must hold.
        with show("replaying", "events") as progress:
            checks.append(check_answers(place, progress))
        checks.append(check_sources(place, found.archived))
    return LedgerAudit(checks, report.last_good)


def _ledger_id(place: LedgerLocation) -> list[str]:
    # None where the record is too broken to say.
    try:
        with open_reader(place.record) as record:
            return [read_identity(record).ledger_id]
    except Exception:
        return []


def check_answers(place: LedgerLocation, progress: Progress | None) -> Check:
    """Say whether the stored answers are what comes out of the record."""
    with open_reader(place.record) as record:
        try:
            there = stored_answers(record, place.answers)
        except (sqlite3.Error, StoreError) as error:
            sentence = f"those stored cannot be read: {error}; depositary replay makes them anew"
            return Check("answers", "finding", sentence)
        if there is None:
            return Check("answers", "skipped", "none are stored; they are made from the record")
        try:
            made = make_answers(record, None, until=there.position, progress=progress)
        except NewerVersionError as error:
            return Check("answers", "undecided", str(error))
    if made != tuple(there):
        sentence = f"those stored at @{there.position} are not what comes out of the record"
        return Check("answers", "tampered", sentence)
    return Check("answers", "holds", f"equal to a replay of @1 to @{there.position}")
