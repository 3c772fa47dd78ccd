"""Make an event a row for answering: its days on the three clocks beside its data as stored."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from msgspec import convert

from domain.claims.claim import Claim
from domain.claims.publication import published_on
from events.catalogue import UnknownTypeError, body_class, topic, type_of
from events.dates import Interned
from events.fields import Getter, getter
from events.identifiers import kind_of
from events.kinds.claim_events import Corrected
from events.serialization import StoredEvent, read_event
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from projections.read_model.date_effects import date_effects, effects_of_dates
from projections.read_model.rows import ClaimRow

_Days = tuple[str | None, str | None, str | None, str | None]  # first, last, and when it moves

# A tuple with names, without the call that takes the names: one is made for each event.
_new: Callable[[type[ClaimRow], Iterable[Any]], ClaimRow] = tuple.__new__


class ProjectedEvent(NamedTuple):
    """An event as it is taken up: its row, and the claim; None of a type not known here."""

    row: ClaimRow
    claim: Claim | None


def project_event(row: Row, ledger_id: str) -> ProjectedEvent:
    """Return the row for answering of a row of the record, and the claim that it makes.

    A type that this version does not know is listed without its days. Raises RecordDamagedError
    where the event is not intact.
    """
    event = read_event(row, ledger_id)
    try:
        return _taken(event)
    except ValueError as error:
        raise RecordDamagedError(f"@{row.position} is damaged: {error}") from None


def _taken(event: StoredEvent) -> ProjectedEvent:
    body = event.body
    if body is None or event.topic in _APART:
        return _looked_into(event)
    claim = Claim(event.position, event.version, event.thing, event.type, body, event.time)
    dates, moves = claim.dates, effects_of_dates(_DATED[type(body)](body))
    days = (_ISO[dates.first], _ISO[dates.last], *moves)
    return _projected(event, claim, (body.asserted_by, body.basis), days)


def _looked_into(event: StoredEvent) -> ProjectedEvent:
    """Return the same of an event whose days do not all stand in the fields of its body."""
    claim = _claim(event)
    data = json.loads(event.data)
    first, last = (claim.dates.first, claim.dates.last) if claim else (None, None)
    moves = date_effects(event.topic, data, known=claim is not None)
    of_whom = data.get("asserted_by"), data.get("basis")
    return _projected(event, claim, of_whom, (_ISO[first], _ISO[last], *moves))


def _projected(
    event: StoredEvent, claim: Claim | None, of_whom: tuple[Any, Any], days: _Days
) -> ProjectedEvent:
    thing, asserted_by, basis, first, last, moves_from, settled_from = event.thing, *of_whom, *days
    row = (
        event.position,
        thing,
        event.version,
        kind_of(thing),
        event.topic,
        event.time,
        asserted_by,
        basis,
        first,
        last,
        _ISO[published_on(claim)] if claim else None,
        moves_from,
        settled_from,
        event.data.decode(),
        event.recordedby,
        None,
    )
    return ProjectedEvent(_new(ClaimRow, row), claim)


def _claim(event: StoredEvent) -> Claim | None:
    body = event.body
    if body is None:
        return None
    if isinstance(body, Corrected):
        try:
            convert(body.data, body_class(type_of(body.data_type)))
        except UnknownTypeError:
            return None
    return Claim(event.position, event.version, event.thing, event.type, body, event.time)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _dated(cls: type) -> Getter:
    """Return how to get the dates of a body as written."""
    own = (name for name in ("span", "until") if name in getattr(cls, "__struct_fields__", ()))
    return getter(("effective", "acted", *own))


_APART = frozenset((topic("claim.corrected"), topic("agreement.entry-into-force-rule-set")))
_ISO = Interned(_iso)
_DATED = Interned(_dated)
