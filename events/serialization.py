"""Write an event as the bytes that are stored, and read stored bytes back.

One function writes and one reads, and an event is intact when writing it again gives the stored
bytes: what a decoder lets pass (a name twice, null, blanks, another order) is found because the
bytes differ. Raises RecordDamagedError for what is not intact, with a sentence that says why.
"""

from collections.abc import Callable
from functools import cache, lru_cache

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from events.body import Body
from events.catalogue import UnknownTypeError, body_class, type_of
from events.envelope import (
    TIME_CHARS,
    EnvelopeError,
    NotCanonicalError,
    canonical,
    envelope,
    frame,
    is_time,
    open_envelope,
    with_time,
)
from events.fields import check_fields
from events.problems import BodyError, problems
from events.store.errors import RecordDamagedError
from events.store.rows import Row

encode: Callable[[Body], bytes] = Encoder(order="sorted").encode  # a body's canonical bytes

_BEGIN = b'{"data":'
_BEHIND = b',"datacontenttype":"application/json","id":"'


class StoredEvent(Struct, frozen=True, gc=False):
    """An event read back; `data` are the bytes of its body, None stands for a newer type's."""

    position: int
    thing: str
    version: int
    topic: str
    data: bytes
    body: Body | None
    time: str


def write_event(
    thing: str, version: int, topic: str, *, ledger_id: str, data: bytes, time: str
) -> bytes:
    """Return the bytes of an event; `data` is its body in canonical form.

    Raises EventTooLargeError.
    """
    return with_time(envelope(thing, version, topic, ledger_id, data), topic, time)


def read_event(row: Row, ledger_id: str) -> StoredEvent:
    """Return the event in a row of a ledger; raise RecordDamagedError unless it is intact.

    Without a `ledger_id`, as where the first event is damaged, that of the row is believed. A body
    is held to the rules of its fields, as when it was recorded. Of a type that a newer version of
    depositary wrote, `body` is None.
    """
    position, thing, version, topic, state = row
    try:
        before, until_time, behind = _around(thing, topic, ledger_id or ledger_id_of(row))
        data = state[len(_BEGIN) : state.rindex(_BEHIND)]
        at = len(state) - len(behind)
        time = state[at - TIME_CHARS : at]
        body = body_of(topic, data)
        again = canonical(_decode_any(data)) if body is None else encode(body)
        # The same as `write`, by one formatting.
        if b"%b%b%b%d%b%b%b" % (_BEGIN, again, before, version, until_time, time, behind) == state:
            return StoredEvent(position, thing, version, topic, data, body, _time(time))
    except (ValueError, TypeError, RecursionError):
        pass
    raise RecordDamagedError(f"@{position} is damaged: {_damage(row, ledger_id)}")


@lru_cache(maxsize=4_096)
def _around(thing: str, topic: str, ledger_id: str) -> tuple[bytes, bytes, bytes]:
    """Return what stands between body and version, then up to the time, and behind the time."""
    before, behind = frame(thing, topic, ledger_id)
    at = len(behind) - len(f',"type":"{topic}"}}')
    return before, behind[:at] + b',"time":"', b'"' + behind[at:]


def ledger_id_of(first: Row | None) -> str:
    """Return the id of the ledger that begins with an event; nothing where its bytes say none."""
    try:
        source = open_envelope(first.state).source if first else ""
    except EnvelopeError:
        source = ""
    return source.removeprefix("urn:uuid:")


def body_of(topic: str, data: bytes) -> Body | None:
    """Return the body in stored bytes, None of a type not known here; raise ValueError."""
    decode = _decoder(topic)
    if decode is None:
        return None
    body = decode(data)
    check_fields(body)
    return body


_decode_any = Decoder().decode


@lru_cache(maxsize=256)
def _time(written: bytes) -> str:
    """Return a time as text: all events of one transaction share theirs."""
    time = written.decode("ascii")
    if not is_time(time):
        raise EnvelopeError(f"The time {time} is not as this ledger writes it.")
    return time


@cache
def _decoder(topic: str) -> Callable[[bytes], Body] | None:
    try:
        return Decoder(body_class(type_of(topic))).decode
    except UnknownTypeError:
        return None


def _damage(row: Row, ledger_id: str) -> str:
    """Return what is wrong with a row that is not intact."""
    try:
        opened = open_envelope(row.state)
    except EnvelopeError as error:
        return str(error)
    name = f"{row.thing}/{row.version}"
    if (opened.id, opened.subject, opened.type) != (name, row.thing, row.topic):
        return f"its bytes say {opened.type} {opened.id}"
    if ledger_id and opened.source != f"urn:uuid:{ledger_id}":
        return f"its bytes say {opened.source}, which is another ledger"
    try:
        if found := problems(body_class(type_of(row.topic)), opened.data):
            return str(BodyError(found))
        canonical(opened.data)
    except UnknownTypeError:
        pass
    except NotCanonicalError as error:
        return str(error)
    return "its bytes are not in the form in which they would be written"
