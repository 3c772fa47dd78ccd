"""`depositary follow`: keep the answers caught up while others record."""

import gc
import json
import sys
import time
from typing import Annotated

import typer

from cli.arguments import option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot
from cli.output.formats import write_lines
from cli.output.streams import write_for_scripts
from cli.progress import progress
from cli.typed_input import read_position
from events.store.errors import LedgerLockedError, StandbyError, UnreachableError
from events.store.sqlite.reader import RecordReader
from projections.read_model.connection import stored_position
from projections.read_model.database import ReadModel

WAKE_S = 5.0


def follow(
    context: typer.Context,
    until: Annotated[
        str | None, option("--until", "@N", "Stop when the read model has reached this position.")
    ] = None,
) -> None:
    """Keep the read model caught up with the log until interrupted.

    Reading commands then start without catching up first. Each new position is printed on a line.
    With PostgreSQL it waits for the notice of each append (LISTEN) and looks every 5 seconds, as a
    notice can be lost; it reconnects when the server returns. Ctrl-C stops it and prints the
    position reached.

    \b
    Examples:
      depositary follow --until @345
      depositary follow --until @345 --json
    """
    app = app_context(context, no_csv=True)
    wanted = None if until is None else read_position(until, "--until")
    reached = _Reached(app)
    gc.enable()  # off in a command that is soon over, which this is not
    try:
        _follow(app, reached, wanted)
    except KeyboardInterrupt:
        sys.stderr.write(f"stopped at @{reached.position}: the read model has caught up to it\n")


class _Reached:
    """How far the answers are, told whenever it is farther."""

    def __init__(self, app: AppContext) -> None:
        self.app, self.position = app, 0

    def tell(self, position: int, record: RecordReader) -> None:
        if position == self.position:
            return
        self.position = position
        if self.app.look.for_people:
            write_lines([f"@{position}"], self.app.look)
        else:
            # A line each, whatever the format: a document without an end is of no use.
            row = record.event(position)
            recorded = row.time if row else None
            write_for_scripts(f"{json.dumps({'position': position, 'recorded': recorded})}\n")
        sys.stdout.flush()


def _follow(app: AppContext, reached: _Reached, wanted: int | None) -> None:
    while True:
        try:
            if _to_the_end(app, reached, wanted):
                return
        except (UnreachableError, StandbyError, LedgerLockedError) as error:
            if not reached.position:
                raise  # it was never there: a mistake of the address, and no server that is away
            sys.stderr.write(f"{error} Trying again in {WAKE_S:.0f} seconds.\n")
            time.sleep(WAKE_S)


def _to_the_end(app: AppContext, reached: _Reached, wanted: int | None) -> bool:
    with app.record() as record, record.watching() as wait:
        while True:
            if not reached.position or record.last_position() > reached.position:
                reached.tell(_caught_up(app, record), record)
            if wanted is not None and reached.position >= wanted:
                return True
            wait(WAKE_S)


def _caught_up(app: AppContext, record: RecordReader) -> int:
    place = app.place
    with (
        progress("catching up", "events") as shown,
        ReadModel.open(record, place.answers, shown) as answers,
    ):
        position = answers.position
    if (stored_position(record, place.answers) or 0) < position:
        beside = f"what is beside {place.record}" if place.database is None else "the cache folder"
        why = f"{beside} may not be written here, or is locked"
        then = "depositary replay, which names the obstacle"
        cannot("the read model cannot be stored", why, then)
    return position
