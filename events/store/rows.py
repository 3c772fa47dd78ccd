"""What is a row of the record, and what becomes one?"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from events.store.errors import RecordDamagedError


class Row(NamedTuple):
    """One event as it is stored; `state` is its bytes: stored, hashed and exported as they are."""

    position: int
    thing: str
    version: int
    topic: str
    state: bytes

    @property
    def text(self) -> str:
        """The stored bytes as text; raises RecordDamagedError if they are none."""
        try:
            return self.state.decode()
        except UnicodeDecodeError as error:
            raise RecordDamagedError(f"@{self.position} is damaged: {error}") from None

    @property
    def time(self) -> str:
        """When it was recorded; raises RecordDamagedError if the bytes do not say."""
        from events.envelope import EnvelopeError, time_of  # a read of answers looks at no bytes

        try:
            return time_of(self.state, self.topic)
        except EnvelopeError as error:
            raise RecordDamagedError(f"@{self.position} is damaged: {error}") from None


# A tuple with names, without the call that takes the names: one is made for each event.
_new: Callable[[type[Row], Iterable[Any]], Row] = tuple.__new__


def checked_row(values: Sequence[Any]) -> Row:
    """Return the row, or raise RecordDamagedError where a value changed its kind.

    STRICT tables refuse it on writing, but one flipped bit in the file turns bytes into text, and
    the database's own check finds nothing wrong with that.
    """
    position, thing, version, topic, state = values
    if (
        type(state) is bytes
        and type(thing) is type(topic) is str
        and type(position) is type(version) is int
    ):
        return _new(Row, values)
    raise RecordDamagedError(f"@{position} is damaged: a value is not of its column's kind.")
