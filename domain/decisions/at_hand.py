"""What was said of the things that were recorded about last, kept for the next time?

A service that records about the same things again and again reads of each only what is new.
What is taken is no longer at hand until it is put back: whatever goes wrong meanwhile leaves no
trace, and no two threads have the same.
"""

from threading import Lock

from domain.decisions.stream_index import Known

MAX_KEPT = 20_000  # claims of some 2 KB each


class AtHand:
    """The things recorded about last, as many as together have so many claims."""

    def __init__(self, most: int = MAX_KEPT) -> None:
        self._most = most
        self._kept = 0
        self._things: dict[str, Known] = {}  # the last one put back is the last
        self._lock = Lock()

    def take(self, thing: str) -> Known | None:
        """Return what is known of a thing, and keep it no longer; None if it is not at hand."""
        with self._lock:
            known = self._things.pop(thing, None)
            if known is not None:
                self._kept -= _size(known)
        return known

    def put_back(self, known: Known) -> None:
        """Keep what is known of a thing, and let go of the things that were kept longest.

        A thing with more claims than may be kept is not kept.
        """
        with self._lock:
            before = self._things.pop(known.thing, None)
            self._kept -= _size(before) if before else 0
            if _size(known) > self._most:
                return
            self._things[known.thing] = known
            self._kept += _size(known)
            while self._kept > self._most:
                self._kept -= _size(self._things.pop(next(iter(self._things))))


def _size(known: Known) -> int:
    return known.version + 1  # one of which nothing is known takes room too
