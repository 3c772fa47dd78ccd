"""Write and open the envelope of an event: the bytes that are stored.

What is stored is what is hashed, exported and published: one CloudEvents 1.0 object in the
canonical form of RFC 8785, its members sorted:

    data, datacontenttype, id, recordedby, source, specversion, subject, time, type

`recordedby` says who recorded it, an extension attribute that may be absent. All but the time is
known beforehand; the store adds the time while it holds the write lock.
"""

import re
from typing import Any

from msgspec import Struct
from msgspec.json import decode
from msgspec.json import encode as _encode

from events.text import TextError, check_recorder
from events.value import MAX_INTEGER

MAX_EVENT_BYTES = 65_535  # what an entry of a tile can hold (C2SP tlog-tiles)

TIME_CHARS = len("2025-07-16T09:30:00.000000Z")
_TIME_MEMBER_BYTES = len(',"time":""') + TIME_CHARS
_MOST_LEVELS = 254  # of lists and objects within each other
is_time = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z").fullmatch

BEGIN = b'{"data":'  # how an event begins
SOURCE = b',"source":"urn:uuid:%b","specversion":"1.0"'  # of whose ledger it is


class NotCanonicalError(ValueError):
    """A fact is text, whole numbers below 2**53, true, lists and objects with ASCII names."""


class EventTooLargeError(ValueError):
    """An event has at most 65,535 bytes; a document is cited by its digest."""


class EnvelopeError(ValueError):
    """Stored bytes are one envelope as this ledger writes it."""


class Envelope(Struct, frozen=True):
    """One stored event, opened; `data` is the body as JSON data."""

    id: str
    source: str
    subject: str
    time: str
    type: str
    data: dict[str, Any]
    recordedby: str | None = None


def canonical(obj: Any) -> bytes:
    """Return the RFC 8785 bytes of JSON data, or raise NotCanonicalError.

    Fractions are refused, for amounts are text or whole numbers. Names are ASCII, for only then is
    sorting by bytes (msgspec) the same as sorting by UTF-16 units (RFC 8785, 3.2.3).
    """
    _check(obj)
    try:
        return _encode(obj, order="sorted")
    except UnicodeEncodeError as error:
        raise NotCanonicalError(
            f"This cannot be written as JSON: str is not valid UTF-8: {error.reason}."
        ) from None


def envelope(
    thing: str,
    version: int,
    topic: str,
    ledger_id: str,
    data: bytes,
    *,
    time: str | None = None,
    recordedby: str | None = None,
) -> bytes:
    """Return an event's bytes, `data` a body in canonical form; raise EventTooLargeError.

    Without a time they are as a store completes them.
    """
    end = ending(thing, version, topic, ledger_id, time, recordedby=recordedby)
    state = b"%b%b%b" % (BEGIN, data, end)
    size_bytes = len(state) + (_TIME_MEMBER_BYTES if time is None else 0)
    _check_size(size_bytes, f"{thing}/{version}")
    return state


def ending(
    thing: str,
    version: int,
    topic: str,
    ledger_id: str,
    time: str | None,
    *,
    recordedby: str | None = None,
) -> bytes:
    """Return what stands behind the data of an event; without a `time` that member is left out.

    All of it follows from the event's columns, its time and who recorded it. Raises
    UnicodeEncodeError for a name that is not ASCII, which no event bears.
    """
    timed = "" if time is None else f',"time":"{time}"'
    before = f',"datacontenttype":"application/json","id":"{thing}/{version}"'
    behind = (
        f',"source":"urn:uuid:{ledger_id}","specversion":"1.0","subject":"{thing}"{timed}'
        f',"type":"{topic}"}}'
    )
    if recordedby is None:
        return (before + behind).encode("ascii")
    by = _encode(recordedby)
    return b"%b%b%b%b" % (before.encode("ascii"), _RECORDER, by, behind.encode("ascii"))


def with_time(state: bytes, topic: str, time: str) -> bytes:
    """Return an event's bytes completed with its time, which stands before the type."""
    end = b',"type":"%b"}' % topic.encode("ascii")
    if not state.endswith(end):
        raise EnvelopeError(f"An event of type {topic} does not end as one.")
    _check_size(len(state) + _TIME_MEMBER_BYTES, topic)
    return b'%b,"time":"%b"%b' % (state[: -len(end)], time.encode("ascii"), end)


def time_of(state: bytes, topic: str) -> str:
    """Return the time of completed bytes without parsing them, or raise EnvelopeError."""
    end = b'","type":"%b"}' % topic.encode()
    start = len(state) - len(end) - TIME_CHARS
    time = state[start : -len(end)].decode("ascii", "replace")
    if not (state.endswith(end) and state[:start].endswith(b',"time":"') and is_time(time)):
        raise EnvelopeError(f"An event of type {topic} does not end with its time.")
    return time


def open_envelope(state: bytes) -> Envelope:
    """Return what the stored bytes say, or raise EnvelopeError unless they are an envelope."""
    import json  # a short read does without

    try:
        members = json.loads(state)
    except (ValueError, RecursionError) as error:
        raise EnvelopeError(f"Stored bytes are not JSON: {error}.") from None
    _check_members(members)
    del members["datacontenttype"], members["specversion"]
    return Envelope(**members)


def recorder_in(state: bytes) -> str | None:
    """Return who recorded an event, as its bytes say; None where they do not say it well."""
    source = state.rfind(b',"source":"urn:uuid:')
    start = state.rfind(_RECORDER, 0, source)
    try:
        found = decode(state[start + len(_RECORDER) : source], type=str) if start >= 0 else None
        return None if found is None else check_recorder(found)
    except ValueError:
        return None


_RECORDER = b',"recordedby":'
_CONSTANT = {"datacontenttype": "application/json", "specversion": "1.0"}
_MEMBERS = _CONSTANT.keys() | set(Envelope.__struct_fields__) - {"recordedby"}


def _check_members(members: Any) -> None:
    if type(members) is not dict or members.keys() - {"recordedby"} != _MEMBERS:
        raise EnvelopeError(f"An envelope has the members {', '.join(sorted(_MEMBERS))}.")
    for name, value in members.items():
        if type(value) is not (dict if name == "data" else str):
            raise EnvelopeError(f"The member {name} of an envelope is not of its kind.")
        if name in _CONSTANT and value != _CONSTANT[name]:
            raise EnvelopeError(f"The member {name} of an envelope is not {_CONSTANT[name]}.")
    try:
        check_recorder(members.get("recordedby", "-"))
    except TextError as error:
        raise EnvelopeError(f"The member recordedby of an envelope: {error}.") from None
    if not is_time(members["time"]):
        raise EnvelopeError(f"The time {members['time'][:40]} is not as this ledger writes it.")


def _check_size(size_bytes: int, what: str) -> None:
    if size_bytes > MAX_EVENT_BYTES:
        raise EventTooLargeError(
            f"{what} would have {size_bytes:,} bytes, and an event has at most"
            f" {MAX_EVENT_BYTES:,}: cite a document by its digest."
        )


def _check(obj: Any) -> None:
    # Without recursion, level by level.
    level = [obj]
    for _ in range(_MOST_LEVELS + 1):
        below: list[Any] = []
        for value in level:
            _check_one(value, below)
        if not below:
            return
        level = below
    raise NotCanonicalError("This cannot be written as JSON: Recursion limit reached.")


def _check_one(value: Any, below: list[Any]) -> None:
    kind = type(value)
    if kind is dict:
        for name in value:
            if type(name) is not str or not name.isascii():
                raise NotCanonicalError(f"The name {name!r} is not plain ASCII.")
        below.extend(member for member in value.values() if type(member) is not str)
    elif kind is list or kind is tuple:
        below.extend(value)
    elif kind is int:
        if abs(value) > MAX_INTEGER:
            raise NotCanonicalError("This cannot be written as JSON: Integer exceeds 53-bit range.")
    elif kind is float:
        raise NotCanonicalError(f"{value} is not a whole number: amounts are text or integers.")
    elif kind is not str and kind is not bool and value is not None:
        raise NotCanonicalError(f"This cannot be written as JSON: it holds a {kind.__name__}.")
