"""Which bytes of an event are its body, found without parsing what stands around it?

An envelope follows from the columns of its row: where its bytes are those, only the body is left to
be read. Where they are not, who asks parses the envelope and says what is wrong.
"""

from events.canonical import TIME_CHARS, Frame, body_within, frame, is_time

REMEMBERED = 4_096  # of things and types

_DATA = b'{"data":'
_Ends = tuple[bytes, bytes, bytes]  # before the version, from there to the time, behind the time


class Frames:
    """The envelopes of one ledger."""

    def __init__(self, ledger_id: str) -> None:
        self._ledger_id = ledger_id
        self._known: dict[tuple[str, str], Frame] = {}
        self._ends: dict[tuple[str, str], _Ends] = {}
        self._time = b"", ""  # the last one met: events of one batch share theirs

    def of(self, thing: str, topic: str) -> Frame:
        """Return what stands around the events of a type about a thing."""
        around = self._known.get((thing, topic))
        if around is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            around = self._known[thing, topic] = frame(thing, topic, self._ledger_id)
        return around

    def body(self, state: bytes, thing: str, version: int, topic: str, time: str) -> bytes | None:
        """Return the body's bytes of an event of these columns, None where others stand around."""
        return body_within(state, self.of(thing, topic), version, topic, time)

    def within(
        self, state: bytes, thing: str, version: int, topic: str
    ) -> tuple[bytes, str] | None:
        """Return the body's bytes of an event of these columns and its time, None as for `body`."""
        ends = self._ends.get((thing, topic))
        before, middle, last = ends or self._ends_of(thing, topic)
        stop = len(state) - len(last)
        time = state[stop - TIME_CHARS : stop]
        end = b"%b%d%b%b%b" % (before, version, middle, time, last)
        if not (state.startswith(_DATA) and state.endswith(end)):
            return None
        known, text = self._time
        if time != known:
            text = time.decode("ascii", "replace")
            if not is_time(text):
                return None
            self._time = time, text
        return state[len(_DATA) : -len(end)], text

    def _ends_of(self, thing: str, topic: str) -> _Ends:
        if len(self._ends) >= REMEMBERED:
            self._ends.clear()
        before, behind = frame(thing, topic, self._ledger_id)
        last = b'","type":"%b"}' % topic.encode()
        ends = self._ends[thing, topic] = before, behind[: 1 - len(last)] + b',"time":"', last
        return ends
