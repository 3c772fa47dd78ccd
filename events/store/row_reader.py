"""Read rows of the record, parsing no more of each than is needed to find damage.

Where the bytes of an event are those that its columns ask for, only the body is parsed; any other
is looked at member by member, and what is wrong with it is said. No body is built: of a thing's
past most is never asked for.
"""

from collections.abc import Iterable

from msgspec.json import decode

from events.envelope import EnvelopeError, open_envelope, stored_data
from events.envelope_slices import Frames
from events.event import OpenedRow
from events.store.errors import RecordDamagedError
from events.store.rows import Row


class RowReader:
    """Opens the rows of the ledger that has these frames."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def opened(self, rows: Iterable[Row]) -> list[OpenedRow]:
        """Return what the rows say; raise RecordDamagedError if bytes are not their columns'."""
        new, within = tuple.__new__, self._frames.within
        found = []
        for row in rows:
            position, thing, version, topic, state = row
            try:
                inner = within(state, thing, version, topic)
                data = decode(inner[0]) if inner else None
            except ValueError:
                data = None
            if inner and type(data) is dict:
                written, time = inner
                found.append(new(OpenedRow, (position, version, topic, written, data, time)))
            else:
                found.append(self._looked_at(row))
        return found

    def _looked_at(self, row: Row) -> OpenedRow:
        name = f"{row.thing}/{row.version}"
        try:
            opened = open_envelope(row.state)
            written = stored_data(row.state)
        except EnvelopeError as error:
            raise RecordDamagedError(f"{name} is damaged: {error}") from None
        if (opened.subject, opened.id, opened.type) != (row.thing, name, row.topic):
            raise RecordDamagedError(f"{name} is damaged: its bytes say {opened.type} {opened.id}.")
        if not self._frames.is_ours(opened.source):
            raise RecordDamagedError(f"{name} is damaged: its bytes say {opened.source}.")
        return OpenedRow(row.position, row.version, row.topic, written, opened.data, opened.time)
