"""Make an event a row for answering: its days on the three clocks beside its data as stored."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from msgspec import convert

from domain.claims.claim import Claim
from domain.claims.publication import published_on
from events.catalogue import UnknownTypeError, body_class, topic, type_of
from events.identifiers import kind_of
from events.kinds.claim_events import Corrected
from events.serialization import StoredEvent, read_event
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from projections.read_model.date_effects import Moves, date_effects, effects_of_dates
from projections.read_model.rows import ClaimRow

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
    moves = effects_of_dates((body.effective, body.acted))
    return _projected(event, claim, body.asserted_by, body.basis, moves)


def _looked_into(event: StoredEvent) -> ProjectedEvent:
    """Return the same of an event that has other days too, or is of a type not known here."""
    claim, data = _claim(event), json.loads(event.data)
    moves = date_effects(event.topic, data, known=claim is not None)
    return _projected(event, claim, data.get("asserted_by"), data.get("basis"), moves)


def _projected(
    event: StoredEvent, claim: Claim | None, asserted_by: Any, basis: Any, moves: Moves
) -> ProjectedEvent:
    thing = event.thing
    first = last = public = None
    if claim is not None:
        first, last = claim.dates.first_text, claim.dates.last_text
        public = published_on(claim)
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
        public and public.isoformat(),
        *moves,
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


# Their days stand in other fields too, in a text put in, or in a rule.
_APART = frozenset(
    map(
        topic,
        (
            *("agreement.entry-into-force-rule-set", "agreement.opened-for-signature"),
            *("claim.corrected", "claim.denied", "law.extended", "law.in-force"),
        ),
    )
)
