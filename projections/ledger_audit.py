"""Audit a whole ledger: its record, copies from outside, its answers and its archived sources."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from events.identifiers import is_ledger_id
from events.store.errors import StoreError
from events.store.factory import open_reader
from events.store.ledger_folder import LedgerLocation
from events.store.sqlite.reader import RecordReader
from events.transparency.checkpoint_checks import CheckpointCopy
from events.transparency.divergence import prints_kept
from events.transparency.keys import read_identity
from events.transparency.log_audit import (
    AuditReport,
    audit_log,
    check_outside,
    check_signed_here,
    check_sources,
    copies_of,
    own_copy,
    published_prints,
)
from events.transparency.log_reading import Check, LogReading
from events.transparency.pins import Believed, KeyVerdict, Pin, check_key, pin_key, pins
from events.transparency.tree import Progress
from events.transparency.trust_policy import TrustPolicy
from projections.read_model.rebuild import make_answers
from projections.read_model.rows import AnswersDamagedError, NewerVersionError
from projections.read_model.stored_answers import broken_part, stored_answers

PARTED = ("forked", "behind")  # outcomes

# Takes what is done and what is counted, and gives a function of (done, total), or None.
ShowProgress = Callable[[str, str], AbstractContextManager[Progress | None]]


class LedgerAudit(NamedTuple):
    """What an audit found, check by check.

    `last_good` is the size of the last good checkpoint, `uncovered` how many events no good
    checkpoint covers; `key` says whose key signed and whether it was pinned, None where the record
    could not be read; `pinning` is a sentence about what became of the pin.
    """

    checks: list[Check]
    last_good: int | None
    uncovered: int | None = None
    key: KeyVerdict | None = None
    pinning: str = ""

    @property
    def first_differing(self) -> int | None:
        """Return the position of the first event that is known not to be what was recorded."""
        found = (c.position for c in self.checks if c.outcome == "tampered" and c.until is None)
        return min(filter(None, found), default=None)

    @property
    def parted_at(self) -> int | None:
        """Return the last position up to which the record is what was signed, None if it all is."""
        found = (c.position for c in self.checks if c.outcome in PARTED)
        return min(filter(None, found), default=None)

    @property
    def somewhere(self) -> tuple[int, int] | None:
        """Return the narrowest range of positions in which an event was changed, None without."""
        ranges = [
            (check.position, check.until)
            for check in self.checks
            if check.outcome == "tampered" and check.position and check.until
        ]
        return min(ranges, key=lambda each: each[1] - each[0], default=None)


@contextmanager
def no_progress(doing: str, what: str) -> Iterator[None]:
    """Show nothing of how far a long run is."""
    del doing, what
    yield None


def audit_ledger(
    place: LedgerLocation,
    against: Sequence[Path] = (),
    trust: TrustPolicy | None = None,
    believed: Sequence[Believed] = (),
    *,
    quick: bool = False,
    show: ShowProgress = no_progress,
) -> LedgerAudit:
    """Compute everything anew and say, check by check, whether it is what was recorded.

    `against` are checkpoints, proofs, bundles and published folders that others kept; `believed`
    the keys that the reader brought, each group of which must have signed. A key that is pinned for
    the ledger is binding too; the first that is found is pinned, unless something is amiss. A quick
    audit leaves out the text of events, the answers and the sources.
    """
    ledger_id = _ledger_id(place)
    kept, pinned = own_copy(ledger_id), pins()
    keys = [key for each in believed for key in each.keys]
    with show("auditing", "events") as progress:
        report = audit_log(
            place.record,
            [*kept, *copies_of(against)],
            trust,
            progress,
            in_full=not quick,
            known=[*prints_kept(ledger_id), *published_prints(against)],
            trusted=[*keys, *(pin.key for id_, pin in pinned.items() if id_ == ledger_id)],
        )
    if (found := report.found) is None:
        return LedgerAudit([*report.checks], report.last_good)
    key = _check_key(report, found, believed, pinned)
    checks = [key.check, *report.checks]
    checks += check_signed_here(report.stored, found.ledger_id, _common(found, report, kept))
    for path in against:
        checks += check_outside(place.record, found, path)
    if not quick and not any(check.outcome == "tampered" for check in report.checks):
        # Answers are made from the record: first it must hold.
        with show("replaying", "events") as progress:
            checks.append(check_answers(place, progress))
        checks.append(check_sources(place, found.archived))
    amiss = any(check.outcome in ("tampered", *PARTED) for check in checks)
    return LedgerAudit(
        checks,
        report.last_good,
        found.last - (report.last_good or 0),
        key,
        "" if amiss else _pin(found.ledger_id, key),
    )


def _common(found: LogReading, report: AuditReport, kept: Sequence[CheckpointCopy]) -> int:
    """Return the last position up to which the record is what was signed on this machine."""
    names = {f"copy {copy.name}" for copy in kept}
    mine = (each for each in report.checks if each.name in names and each.outcome in PARTED)
    return min((each.position or 0 for each in mine), default=found.last)


def _check_key(
    report: AuditReport, found: LogReading, believed: Sequence[Believed], pinned: dict[str, Pin]
) -> KeyVerdict:
    if not is_ledger_id(found.ledger_id):
        check = Check("key", "tampered", f"{found.ledger_id:.60} is not a ledger's id", 1)
        return KeyVerdict(check, None, pinned=bool(believed))
    namesakes = (
        each
        for each in pinned.values()
        if each.ledger_id != found.ledger_id and each.key.name == found.origin
    )
    mine, other = pinned.get(found.ledger_id), next(namesakes, None)
    return check_key(found, report.stored, believed, mine, other)


def _pin(ledger_id: str, key: KeyVerdict) -> str:
    """Pin the key as the verdict says; return a sentence about it, empty if nothing changes."""
    if key.pin_as is None or key.signer is None:
        return ""
    try:
        pin_key(ledger_id, key.signer, key.pin_as, key.former)
    except OSError as error:
        return f"it cannot be pinned: {error}"
    return f"it is pinned from now on, {key.pin_as}"


def _ledger_id(place: LedgerLocation) -> str:
    # Empty where the record is too broken to say.
    try:
        with open_reader(place.record) as record:
            return read_identity(record).ledger_id
    except Exception:
        return ""


def check_answers(place: LedgerLocation, progress: Progress | None) -> Check:
    """Say whether the stored answers are what comes out of the record."""
    with open_reader(place.record) as record:
        try:
            there = stored_answers(record, place.answers)
        except AnswersDamagedError as error:
            return _made_anew(record, place, str(error), progress)
        except (sqlite3.Error, StoreError) as error:
            return Check("answers", "undecided", f"the stored tables cannot be read: {error}")
        if there is None:
            return Check("answers", "skipped", "none are stored; a read derives them from the log")
        if there.position > record.last_position():
            sentence = f"the stored tables are of @1 to @{there.position}, more than the log has"
            return Check(
                "answers", "undecided", f"{sentence}: it is an older state, or lost its last events"
            )
        try:
            made = make_answers(record, None, until=there.position, progress=progress)
        except NewerVersionError as error:
            return Check("answers", "undecided", str(error))
        if made != tuple(there) and (broken := broken_part(record, place.answers)):
            return _made_anew(record, place, broken, progress)
    if made != tuple(there):
        sentence = f"the stored tables at @{there.position} differ from what the log gives"
        return Check("answers", "tampered", sentence)
    return Check("answers", "holds", f"equal to a replay of @1 to @{there.position}")


def _made_anew(
    record: RecordReader, place: LedgerLocation, damage: str, progress: Progress | None
) -> Check:
    with suppress(OSError, sqlite3.Error, StoreError):  # else the next read does it
        make_answers(record, place.answers, progress=progress)
    return Check("answers", "skipped", f"the stored tables were damaged, and are rebuilt: {damage}")
