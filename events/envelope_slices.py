"""Slice the bytes of a body out of an event without parsing what stands around it.

An envelope follows from the columns of its row and its time: where its bytes are those, only the
body is left to be read. Where they are not, who asks parses the envelope and says what is wrong.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from events.envelope import TIME_CHARS, EnvelopeError, frame, is_time, open_envelope

if TYPE_CHECKING:
    from events.store.rows import Row

REMEMBERED = 4_096  # of things and types
_BEGIN = b'{"data":'


class _Around(NamedTuple):
    """What stands between body and version, from there up to the time, and behind the time."""

    before: bytes
    until_time: bytes
    behind: bytes


class Frames:
    """The envelopes of one ledger."""

    def __init__(self, ledger_id: str) -> None:
        self.ledger_id = ledger_id
        self._known: dict[tuple[str, str], _Around] = {}

    def is_ours(self, source: str) -> bool:
        """Say whether an envelope with this source is one of the ledger's, as far as one knows."""
        return not self.ledger_id or source == f"urn:uuid:{self.ledger_id}"

    def within(
        self, state: bytes, thing: str, version: int, topic: str
    ) -> tuple[bytes, str] | None:
        """Return the body's bytes and the time of a stored event.

        None unless all else in it is, byte for byte, what is written for these columns.
        """
        around = self._known.get((thing, topic)) or self._of(thing, topic)
        if around is None:
            return None
        before, until_time, behind = around
        at = len(state) - len(behind)
        time = state[at - TIME_CHARS : at]
        end = b"%b%d%b%b%b" % (before, version, until_time, time, behind)
        told = _told(time)
        if told is None or not (state.endswith(end) and state.startswith(_BEGIN)):
            return None
        return state[len(_BEGIN) : -len(end)], told

    def _of(self, thing: str, topic: str) -> _Around | None:
        try:
            before, behind = frame(thing, topic, self.ledger_id)
        except UnicodeEncodeError:
            return None  # no name that is let in
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        at = len(behind) - len(f',"type":"{topic}"}}')
        around = _Around(before, behind[:at] + b',"time":"', b'"' + behind[at:])
        self._known[thing, topic] = around
        return around


def frames_of(first: "Row | None") -> Frames:
    """Return the envelopes of the ledger that begins with an event; of a damaged one, of none."""
    try:
        source = open_envelope(first.state).source if first else ""
    except EnvelopeError:
        source = ""
    return Frames(source.removeprefix("urn:uuid:"))


@lru_cache(maxsize=256)
def _told(time: bytes) -> str | None:
    """Return a time as text, None for what is none: all events of one transaction share theirs."""
    text = time.decode("ascii", "replace")
    return text if is_time(text) else None
