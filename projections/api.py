"""Use a ledger from Python: make or open it, append facts, ask, prove, audit.

    with open_ledger("ledgers/pk-sv") as ledger:
        ledger.append([{"type": "party.established", "subject": "party/sv", ...}])
        ledger.show("party/sv", as_of=date(2025, 7, 18))
        ledger.checkpoint()
        proof, entry = ledger.prove(1)

Facts are tables as people write them, answers are documents as `depositary ... --json` has them.
What goes wrong raises an exception with a sentence: a Refusal within a CommandRefusedError, or
a class of a family of events/errors.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy, policy
from domain.create_ledger import created_ledger
from domain.decisions.batch import AppendResult
from domain.facts import drafts, positions, read_files
from domain.ledger import Ledger
from domain.ledger_keys import NewKey, name_key
from domain.ledger_names import check_origin
from events.store.factory import open_reader, open_tree
from events.store.ledger_folder import LedgerLocation, existing_location, new_location
from events.store.location import parse_location
from events.store.sqlite.reader import RecordReader
from events.transparency.keyring import AskPassphrase, Keyring, no_passphrase
from events.transparency.keys import read_identity
from events.transparency.note import Note
from events.transparency.pins import Believed
from events.transparency.proofs import InclusionProof, prove_event
from events.transparency.signing import sign_newest
from events.transparency.trust_policy import keys_of
from projections.ledger_audit import LedgerAudit, audit_ledger
from projections.queries.show import list_history, list_lines, show_subject
from projections.queries.sql import Result, run_query
from projections.read_model.database import ReadModel

Document = dict[str, Any]


def create_ledger(where: str | Path, name: str | None = None) -> "OpenLedger":
    """Make and open a ledger in a folder or at an address; `name` is its name for ever."""
    place = new_location(parse_location(str(where)), "create_ledger")
    with created_ledger(place, None if name is None else check_origin(name)):
        pass
    return OpenLedger(place)


def open_ledger(where: str | Path) -> "OpenLedger":
    """Open the ledger in a folder, or at an address of PostgreSQL; raise NoLedgerError."""
    return OpenLedger(existing_location(parse_location(str(where)), "open_ledger"))


class OpenLedger:
    """A ledger to append to and to ask; use it as a context manager."""

    def __init__(self, place: LedgerLocation) -> None:
        self.place = place
        self._ledger: Ledger | None = None

    def __enter__(self) -> "OpenLedger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened for recording."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def append(
        self,
        facts: Iterable[Mapping[str, Any]],
        *,
        as_reported: bool = False,
        rehearse: bool = False,
    ) -> list[AppendResult]:
        """Record facts, all or none, and return what came of each.

        `rehearse` decides and writes nothing; `as_reported` records what a rule would refuse, with
        a finding. Raises CommandRefusedError for the fact that was refused.
        """
        batch = drafts(map(dict, facts), positions(self.record))
        return self._writing().append(batch, as_reported=as_reported, dry_run=rehearse)

    def append_files(self, *paths: str | Path, as_reported: bool = False) -> list[AppendResult]:
        """Record the facts of files as one batch: TOML with [[fact]] tables, or NDJSON."""
        batch = read_files([str(path) for path in paths], positions(self.record))
        return self._writing().append(batch, as_reported=as_reported)

    def show(
        self,
        thing: str,
        *,
        as_of: date | None = None,
        public_at: date | None = None,
        known_at: int | None = None,
        policy_name: str | Policy = DEFAULT,
    ) -> Document:
        """Return what holds of a thing, who says so, and whether others say otherwise.

        `as_of` is the day asked about, today if left out; `public_at` leaves out what was public
        later, `known_at` what was recorded after a position. A policy is named, or spelled by
        `policy_from_bytes`. Raises NotKnownError.
        """
        with self.answers() as answers:
            clocks = _clocks(answers, as_of, public_at, known_at)
            return show_subject(answers, thing, clocks, _policy(policy_name))

    def list_subjects(
        self,
        kind: str,
        *,
        as_of: date | None = None,
        public_at: date | None = None,
        known_at: int | None = None,
        policy_name: str | Policy = DEFAULT,
    ) -> Sequence[Document]:
        """Return a row for each subject of a kind, with what the policy answers about it."""
        with self.answers() as answers:
            clocks = _clocks(answers, as_of, public_at, known_at)
            return list_lines(answers, kind, clocks, _policy(policy_name)).rows

    def history(self, thing: str) -> Sequence[Any]:
        """Return every event about a thing in the order recorded; raise NotKnownError."""
        with self.answers() as answers:
            return list_history(answers, thing, _clocks(answers, None, None, None)).rows

    def query(self, sql: str, *, as_of: date | None = None) -> Result:
        """Ask the answers in SQL, reading only: claims, subjects, and a view of each kind."""
        with self.answers() as answers:
            clocks = _clocks(answers, as_of, None, None)
            return run_query(answers, sql, clocks, policy(DEFAULT))

    def new_key(self) -> NewKey:
        """Make the key that signs checkpoints, in your configuration folder, unencrypted."""
        return name_key(self._writing())

    def checkpoint(self, ask: AskPassphrase = no_passphrase) -> Note:
        """Sign the record as it stands; raise ForkError, CannotSignError or KeyFileError."""
        with self.record() as record:
            ledger = read_identity(record)
        with open_tree(self.place.record, write=True) as tree:
            return sign_newest(tree, ledger, Keyring(ledger.ledger_id, ask)).note

    def prove(self, position: int) -> tuple[InclusionProof, bytes]:
        """Return the proof of the event at a position, and the event's stored bytes."""
        with open_tree(self.place.record) as tree, tree.snapshot():
            return prove_event(tree, position)

    def audit(
        self, against: Sequence[Path] = (), vkeys: Sequence[str] = (), *, quick: bool = False
    ) -> LedgerAudit:
        """Compute everything anew and say, check by check, whether it is what was recorded.

        One of `vkeys`, if any are given, must have signed; the key is pinned as `depositary audit`
        pins it.
        """
        keys = tuple(keys_of(list(vkeys), None))
        believed = [Believed(keys, "given")] if keys else []
        return audit_ledger(self.place, against, None, believed, quick=quick)

    @contextmanager
    def record(self) -> Iterator[RecordReader]:
        """Open the record for reading: its events, in order."""
        with open_reader(self.place.record) as reader:
            yield reader

    @contextmanager
    def answers(self) -> Iterator[ReadModel]:
        """Open the answers, caught up with the record, for any module of projections/queries."""
        with self.record() as reader, ReadModel.open(reader, self.place.answers) as answers:
            yield answers

    def _writing(self) -> Ledger:
        if self._ledger is None:
            self._ledger = Ledger(self.place.record)
        return self._ledger


def _policy(given: str | Policy) -> Policy:
    return given if isinstance(given, Policy) else policy(given)


def _clocks(
    answers: ReadModel, as_of: date | None, public_at: date | None, known_at: int | None
) -> Clocks:
    position = answers.record.last_position() if known_at is None else known_at
    return Clocks(as_of or datetime.now(UTC).date(), public_at, position)
