"""Open what a command works with, only here: the ledger, its answers, the way to write."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from cli.ledger_location import find_ledger, who_records
from cli.output.look import Look, no_columns, no_table
from cli.progress import progress
from events.store.errors import CannotWriteError
from events.store.ledger_folder import LedgerLocation
from events.store.location import Location
from events.value import Value, field

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from events.store.sqlite.reader import RecordReader
    from events.store.sqlite.tree import TreeTables
    from projections.read_model.database import ReadModel

MOST_CAUGHT_UP = 5_000  # events that the answers lack, after a command that writes


class AppContext(Value):
    """The global options, and what they open."""

    ledger_option: Location | None = None
    recorder_option: str | None = None
    look: Look = field(default_factory=Look)
    verbose: bool = False

    @property
    def place(self) -> LedgerLocation:
        """Return where the ledger is; raise where there is none."""
        return find_ledger(self.ledger_option)

    @contextmanager
    def record(self) -> Iterator["RecordReader"]:
        """Open the record for reading."""
        with _reader(self.place.record) as reader:
            yield reader

    @contextmanager
    def tree(self, *, write: bool = False) -> Iterator["TreeTables"]:
        """Open the tree over the record, to read it or to let it grow."""
        from events.store.factory import open_tree

        where = self.place.record
        with _telling_how_much(where), open_tree(where, write=write) as tree:
            yield tree

    @contextmanager
    def answers(self) -> Iterator["ReadModel"]:
        """Open the answers, caught up with the record: in memory if they may not be written."""
        from projections.read_model.database import ReadModel

        place = self.place
        with (
            _reader(place.record) as reader,
            progress("catching up", "events") as shown,
            ReadModel.open(reader, place.answers, shown) as answers,
        ):
            if answers.replaced is not None:
                _tell_of_another_version(answers.position)
            yield answers

    @contextmanager
    def ledger(self) -> Iterator["Ledger"]:
        """Open the ledger for recording; the answers catch up when it is closed.

        Very many events are left to the next read (docs/adr/0033).
        """
        from cli.parted_log import warn_if_parted
        from domain.ledger import Ledger

        place = self.place
        with (
            _telling_how_much(place.record),
            Ledger(place.record, recordedby=self.recordedby(place)) as ledger,
        ):
            warn_if_parted(place.record, ledger.ledger_id)
            yield ledger
        self._catch_up()

    def recordedby(self, place: LedgerLocation) -> str | None:
        """Return the name that new events of a ledger bear, None for none; exit 2 for no name."""
        return who_records(self.recorder_option, place.folder)

    def _catch_up(self) -> None:
        # What was recorded stays recorded: a read makes up for it, and says what is in its way.
        from projections.read_model.connection import stored_position

        place = self.place
        with suppress(Exception):
            with _reader(place.record) as reader:
                behind = reader.last_position() - (stored_position(reader, place.answers) or 0)
            if behind <= MOST_CAUGHT_UP:
                with self.answers():
                    pass


@contextmanager
def _telling_how_much(where: Location) -> Iterator[None]:
    """Add to what the disk refused how much is recorded."""
    try:
        yield
    except (CannotWriteError, OSError) as error:
        with suppress(Exception), _reader(where) as record:
            error.add_note(f"The log holds @1 to @{record.last_position()}.")
        raise


def _tell_of_another_version(position: int) -> None:
    """Say on standard error that another version made the read model, and what follows from it."""
    sys.stderr.write(
        "note: another version of depositary made the read model; it is rebuilt from the log\n"
        f"  the {position:,} events of the log are unchanged, and no action is needed\n"
        "  answers may differ where their definition changed: see CHANGELOG.md\n"
        "  to make a new ledger of them: depositary export --format ndjson -o all.ndjson,\n"
        "  then init, then depositary import ndjson all.ndjson\n"
    )


def _reader(where: Location) -> "RecordReader":
    from events.store.factory import open_reader  # what opens no log needs no store

    return open_reader(where)


def app_context(
    context: typer.Context, *, no_csv: bool = False, instead: str = "--json instead"
) -> AppContext:
    """Return what the command works with; exit 2 if one that writes no rows is asked for some.

    `instead` is what to run for rows.
    """
    found = context.obj
    assert isinstance(found, AppContext)
    if no_csv:
        no_table(found.look, instead)
        no_columns(found.look)
    return found
