"""Write and open the envelope of an event: the bytes that are stored.

What is stored is what is hashed, exported and published: one CloudEvents 1.0 object in the
canonical form of RFC 8785, its members sorted:

    data, datacontenttype, id, recordedby, source, specversion, subject, time, type

`recordedby` says who recorded it, an extension attribute that may be absent. All but the time is
known beforehand; the store adds the time while it holds the write lock.
"""

import json
import re
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec.json import encode as _encode

from events.text import TextError, check_text

MAX_RECORDER = 120  # characters of the name of who records
MAX_EVENT_BYTES = 65_535  # what an entry of a tile can hold (C2SP tlog-tiles)

TIME_CHARS = len("2025-07-16T09:30:00.000000Z")
_TIME_MEMBER_BYTES = len(',"time":""') + TIME_CHARS
_MOST_WITHOUT_TIME = MAX_EVENT_BYTES - _TIME_MEMBER_BYTES
MAX_INTEGER = 2**53 - 1  # above it, other readers of JSON round (RFC 8785)
_MOST_LEVELS = 254  # of lists and objects within each other
is_time = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z").fullmatch

BEGIN = b'{"data":'  # how an event begins
SOURCE = b',"source":"urn:uuid:%b","specversion":"1.0"'  # of whose ledger it is

Frame = tuple[bytes, bytes]  # what stands between data and version, and behind the version


class NotCanonicalError(ValueError):
    """A fact is text, whole numbers below 2**53, true, lists and objects with ASCII names."""


class EventTooLargeError(ValueError):
    """An event has at most 65,535 bytes; a document is cited by its digest."""


class EnvelopeError(ValueError):
    """Stored bytes are one envelope as this ledger writes it."""


class Envelope(NamedTuple):
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
    recordedby: str | None = None,
) -> bytes:
    """Return an event's bytes without its time, `data` canonical; raise EventTooLargeError."""
    return framed(frame(thing, topic, ledger_id, recordedby), version, data)


@lru_cache(maxsize=4_096)
def frame(thing: str, topic: str, ledger_id: str, recordedby: str | None = None) -> Frame:
    """Return what stands around data and version in events of a type: plain ASCII."""
    return (
        f',"datacontenttype":"application/json","id":"{thing}/'.encode("ascii"),
        f'"{_recorder_member(recordedby)},"source":"urn:uuid:{ledger_id}","specversion":"1.0"'
        f',"subject":"{thing}","type":"{topic}"}}'.encode(),
    )


def _recorder_member(recordedby: str | None) -> str:
    return "" if recordedby is None else f',"recordedby":{_encode(recordedby).decode()}'


def framed(around: Frame, version: int, data: bytes) -> bytes:
    """Return an event's bytes without its time; see `envelope`."""
    state = b'{"data":%b%b%d%b' % (data, around[0], version, around[1])
    if len(state) > _MOST_WITHOUT_TIME:
        subject = around[0].rpartition(b'"')[2].decode()
        _check_size(len(state) + _TIME_MEMBER_BYTES, f"{subject}{version}")
    return state


def ending(
    thing: str, version: int, topic: str, *, ledger_id: str, time: str, recordedby: str
) -> bytes:
    """Return what stands behind the data of an event that says who recorded it."""
    before, behind = frame(thing, topic, ledger_id, recordedby)
    return with_time(b"%b%d%b" % (before, version, behind), topic, time)


def plain_ending(thing: str, version: int, topic: str, ledger_id: str, time: str) -> bytes:
    """Return what stands behind the data of an event that does not say who recorded it.

    All of it follows from the event's columns and its time. Raises UnicodeEncodeError for a name
    that is not ASCII, which no event bears.
    """
    return (
        f',"datacontenttype":"application/json","id":"{thing}/{version}"'
        f',"source":"urn:uuid:{ledger_id}","specversion":"1.0","subject":"{thing}"'
        f',"time":"{time}","type":"{topic}"}}'
    ).encode("ascii")


def timed_envelope(
    thing: str,
    version: int,
    topic: str,
    *,
    ledger_id: str,
    data: bytes,
    time: str,
    recordedby: str | None = None,
) -> bytes:
    """Return an event's bytes; `data` is a body in canonical form. Raises EventTooLargeError."""
    if recordedby is None:
        end = plain_ending(thing, version, topic, ledger_id, time)
    else:
        end = ending(thing, version, topic, ledger_id=ledger_id, time=time, recordedby=recordedby)
    state = b"%b%b%b" % (BEGIN, data, end)
    if len(state) > MAX_EVENT_BYTES:
        _check_size(len(state), f"{thing}/{version}")
    return state


def with_time(state: bytes, topic: str, time: str) -> bytes:
    """Return an event's bytes completed with its time, which stands before the type."""
    end, at, timed = _ends(topic, time)
    if not state.endswith(end):
        raise EnvelopeError(f"An event of type {topic} does not end as one.")
    if len(state) > _MOST_WITHOUT_TIME:
        _check_size(len(state) + _TIME_MEMBER_BYTES, topic)
    return state[:at] + timed


@lru_cache(maxsize=256)
def _ends(topic: str, time: str) -> tuple[bytes, int, bytes]:
    """Return how an event of a type ends without its time, where, and how it ends with it."""
    end = b',"type":"%b"}' % topic.encode("ascii")
    return end, -len(end), b',"time":"%b"%b' % (time.encode("ascii"), end)


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
        found = json.loads(state[start + len(_RECORDER) : source]) if start >= 0 else None
        return check_recorder(found) if isinstance(found, str) else None
    except ValueError:
        return None


def check_recorder(name: str) -> str:
    """Return the name of who records unchanged; raise TextError for more than 120 characters."""
    return check_text(name, MAX_RECORDER)


_RECORDER = b',"recordedby":'
_CONSTANT = {"datacontenttype": "application/json", "specversion": "1.0"}
_MEMBERS = _CONSTANT.keys() | set(Envelope._fields) - {"recordedby"}


def _check_members(members: Any) -> None:
    if type(members) is not dict or members.keys() - {"recordedby"} != _MEMBERS:
        raise EnvelopeError(f"An envelope has the members {', '.join(sorted(_MEMBERS))}.")
    for name, value in members.items():
        if type(value) is not (dict if name == "data" else str):
            raise EnvelopeError(f"The member {name} of an envelope is not of its kind.")
        if name in _CONSTANT and value != _CONSTANT[name]:
            raise EnvelopeError(f"The member {name} of an envelope is not {_CONSTANT[name]}.")
    if "recordedby" in members:
        _check_recorder(members["recordedby"])
    if not is_time(members["time"]):
        raise EnvelopeError(f"The time {members['time'][:40]} is not as this ledger writes it.")


def _check_recorder(name: str) -> None:
    try:
        check_recorder(name)
    except TextError as error:
        raise EnvelopeError(f"The member recordedby of an envelope: {error}.") from None


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
