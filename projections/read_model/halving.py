"""How do two processes take half of a record each, thing by thing?"""

from collections.abc import Callable
from pathlib import Path

from events.second import Second, there_is_one
from events.store.sqlite.reader import RecordReader
from projections.read_model.catch_up import Progress

MANY = 20_000  # events from which on a second process is worth its start
HEAD_START = 4_000  # events, about, that are done here while a second process starts
_SAMPLES = 401
_GOLDEN = 0.6180339887498949

DOT = b"."  # sent by the second process for each batch that it has done

Between = tuple[str, str | None]  # from a thing on, and before another; None: to the end


def can_be_halved(record: RecordReader, last: int) -> bool:
    """Say whether a second process is worth its start, and there is one that can read these."""
    return last >= MANY and isinstance(record.where, Path) and there_is_one()


def middle_of(record: RecordReader, last: int) -> str:
    """Return a thing before which about half of the events are, by some that are looked at.

    It is a little more than half: the second process starts later.
    """
    share = 0.5 + min(0.1, HEAD_START / last / 2)
    # Not evenly: things that are spoken of in turns would be met again and again.
    places = (1 + int(n * _GOLDEN % 1 * last) for n in range(_SAMPLES))
    things = sorted(event.thing for event in map(record.event, places) if event)
    # Of a record that lost events fewer are found; where none is, the other half is all there is.
    return things[int(len(things) * share)] if things else ""


class Told:
    """How many events are done, here and in the second process, told to who waits."""

    def __init__(self, progress: Progress | None, last: int) -> None:
        self.done, self._progress, self._last = 0, progress, last

    def here(self, count: int, elsewhere: int = 0) -> None:
        """Say that so many more are done here, and about how many there are done elsewhere."""
        self.done += count
        if self._progress is not None and count:
            self._progress(min(self.done + elsewhere, self._last), self._last)

    def beside(self, second: Second, batch: int) -> Callable[[int], None]:
        """Return what is told of events done here, while another does batches of its share."""
        return lambda count: self.here(count, second.so_far().count(DOT) * batch)
