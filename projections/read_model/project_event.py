"""Make an event a row for answering: its days on the three clocks beside its data as stored."""

import json
from datetime import date
from typing import NamedTuple

from domain.claims.claim import Claim, published_on
from events.build import build
from events.catalogue import UnknownTypeError, body_class, type_of
from events.dates import Interned
from events.identifiers import kind_of
from events.kinds.claim_events import Corrected
from events.serialization import StoredEvent, read_event
from events.store.errors import RecordDamagedError
from events.store.rows import Row
from projections.read_model.date_effects import RECKONING, date_effects, effects_of_dates
from projections.read_model.rows import ClaimRow


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
    claim, thing, topic, body = _claim(event), event.thing, event.topic, event.body
    first = last = public = None
    if claim is not None:
        first, last = _ISO[claim.dates.first], _ISO[claim.dates.last]
        public = _ISO[published_on(claim)]
    if claim is None or isinstance(body, Corrected) or topic.startswith(RECKONING):
        data = json.loads(event.data)
        moved = date_effects(topic, data, known=claim is not None)
        of_whom = data.get("asserted_by"), data.get("basis")
    else:
        own = getattr(body, "span", None), getattr(body, "until", None)
        moved = effects_of_dates((claim.body.effective, claim.body.acted, *own))
        of_whom = claim.body.asserted_by, claim.body.basis
    named = (event.position, thing, event.version, kind_of(thing), topic, event.time)
    return ProjectedEvent(
        ClaimRow(
            *named,
            *of_whom,
            first,
            last,
            public,
            *moved,
            event.data.decode(),
            event.recordedby,
        ),
        claim,
    )


def _claim(event: StoredEvent) -> Claim | None:
    body = event.body
    if body is None:
        return None
    if isinstance(body, Corrected):
        try:
            build(body_class(type_of(body.data_type)), body.data)
        except UnknownTypeError:
            return None
    type_ = event.type
    return Claim(event.position, event.version, event.thing, type_, body, event.time)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_ISO = Interned(_iso)
