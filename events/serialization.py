"""Write an event as the bytes that are stored, and read stored bytes back.

One function writes and one reads, and an event is intact when writing it again gives the stored
bytes: what a decoder lets pass (a name twice, null, blanks, another order) is found because the
bytes differ. Raises RecordDamagedError for what is not intact, with a sentence that says why.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from events.body import Body
from events.catalogue import UnknownTypeError, body_class, type_of
from events.dates import Interned
from events.envelope import (
    BEGIN,
    TIME_CHARS,
    EnvelopeError,
    NotCanonicalError,
    canonical,
    ending,
    is_time,
    open_envelope,
    recorder_in,
)
from events.fields import check_fields
from events.identifiers import is_ledger_id
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from events.text import TextError, check_text
from events.validation import BodyError, problems

__all__ = ["StoredEvent", "encode", "ledger_id_of", "opened_as", "read_event"]

encode: Callable[[Body], bytes] = Encoder(order="sorted").encode  # a body's canonical bytes

_BEGIN_BYTES = len(BEGIN)
_AFTER_TIME = len('","type":""}')


class StoredEvent(Struct, frozen=True, gc=False):
    """An event read back; `data` is its body's bytes, `body` None and `type` bare if newer."""

    position: int
    thing: str
    version: int
    topic: str
    type: str
    data: bytes
    body: Body | None
    time: str
    recordedby: str | None = None


def read_event(row: Row, ledger_id: str) -> StoredEvent:
    """Return the event in a row of a ledger; raise RecordDamagedError unless it is intact.

    Without a `ledger_id`, as where the first event is damaged, that of the row is believed. A body
    is held to the rules of its fields, as when it was recorded. Of a type that a newer version of
    depositary wrote, `body` is None.
    """
    position, thing, version, topic, state = row
    recordedby = None
    try:
        at = len(state) - _AFTER_TIME - len(topic)
        time = _TIMES[state[at - TIME_CHARS : at]]
        ledger_id = ledger_id or ledger_id_of(row)
        end = ending(thing, version, topic, ledger_id, time)
        ends_so = state.endswith(end)
        if not ends_so and (recordedby := recorder_in(state)) is not None:
            end = ending(thing, version, topic, ledger_id, time, recordedby=recordedby)
            ends_so = state.endswith(end)
        data = state[_BEGIN_BYTES : -len(end)]
        type_, decode = _TYPES[topic]
        # The same as `envelope` gives, compared part by part.
        if ends_so and state.startswith(BEGIN):
            if decode is None:
                if canonical(_decode_any(data)) == data:
                    return StoredEvent(
                        position, thing, version, topic, type_, data, None, time, recordedby
                    )
            else:
                body = decode(data)
                if encode(body) == data:
                    check_fields(body)
                    return StoredEvent(
                        position, thing, version, topic, type_, data, body, time, recordedby
                    )
    except (ValueError, TypeError, RecursionError):
        pass
    name = f"@{position}" if position else f"{thing}/{version}"
    raise RecordDamagedError(f"{name} is damaged: {_damage(row, ledger_id)}")


def ledger_id_of(first: Row | None) -> str:
    """Return the id of the ledger that begins with an event; nothing where its bytes say none."""
    try:
        source = open_envelope(first.state).source if first else ""
    except EnvelopeError:
        source = ""
    return source.removeprefix("urn:uuid:")


def opened_as(first: Row) -> tuple[str, str]:
    """Return the id and the origin of the ledger that begins with an event.

    Both become names of folders and lines of files, so a stranger's record is believed only where
    they are what this program writes: a UUID, and a text of one line. Raises RecordDamagedError.
    """
    try:
        opened = open_envelope(first.state)
        found, origin = opened.source.removeprefix("urn:uuid:"), opened.data.get("origin")
        if not is_ledger_id(found) or opened.data.get("id") != found:
            raise EnvelopeError("it names no ledger by a UUID")
        if type(origin) is not str:
            raise EnvelopeError("it gives the ledger no origin")
        return found, check_text(origin)
    except (EnvelopeError, TextError) as error:
        why = f"@1 is damaged: {error}."
    raise RecordDamagedError(why)


_decode_any = Decoder().decode


def _time(written: bytes) -> str:
    """Return a time as text."""
    time = written.decode("ascii")
    if not is_time(time):
        raise EnvelopeError(f"The time {time} is not as this ledger writes it.")
    return time


def _reading(topic: str) -> tuple[str, Callable[[bytes], Body] | None]:
    """Return the type of a topic and how its bodies are decoded; None for a newer version's."""
    name = topic.rpartition(".")[0]
    try:
        return name, Decoder(body_class(type_of(topic))).decode
    except UnknownTypeError:
        return name, None


_TIMES = Interned(_time)  # all events of one transaction share theirs
_TYPES = Interned(_reading)  # a decoder is made of a class, which takes longer than to decode


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
