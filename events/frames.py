"""Which bytes of an event are its body, found without parsing what stands around it?

An envelope follows from the columns of its row: where its bytes are those, only the body is left to
be read. Where they are not, who asks parses the envelope and says what is wrong.
"""

from events.canonical import Frame, body_within, frame

REMEMBERED = 4_096  # of things and types


class Frames:
    """The envelopes of one ledger."""

    def __init__(self, ledger_id: str) -> None:
        self._ledger_id = ledger_id
        self._known: dict[tuple[str, str], Frame] = {}

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
