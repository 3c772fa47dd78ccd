"""Write answers as documents, for a script and for a page to lay out.

One JSON document: the clocks and the policy it was asked under, what was left out, the state of
the thing, and every occurrence with the claim picked, the others, and the status.
"""

import json
from datetime import date
from typing import Any

from domain.claims.claim import Claim, published_on
from domain.claims.comparison import said
from domain.claims.ranking import VERSION
from domain.claims.resolution import Resolution, ResolvedOccurrence, ResolvedSeries
from events.amounts import Quantity, write_quantity
from events.value import Value, json_name

Document = dict[str, Any]


def canonical_text(document: Any) -> str:
    """Return JSON text without white space, its members in the order they were given."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def asked(view: Resolution, position: int) -> Document:
    """Return the clocks and the policy of an answer, and what they left out."""
    clocks = view.clocks
    return {
        "as_of": clocks.as_of.isoformat(),
        "public_at": clocks.public_at.isoformat() if clocks.public_at else None,
        "known_at": position,
        "policy": {"name": str(view.policy), "version": VERSION},
        "left_out": {"publication_unknown": view.standing.unknown},
    }


def claim(one: Claim) -> Document:
    """Return a claim: who says so, on what basis, from which sources, and what."""
    body = one.body
    public = published_on(one)
    return {
        "id": one.id,
        "position": one.position,
        "recorded": one.time,
        "type": one.type,
        "asserted_by": body.asserted_by,
        "basis": body.basis,
        "relayed": bool(body.relayed),
        "effective": body.effective,
        "acted": body.acted,
        "zone": body.zone,
        "place": body.place,
        # What the recorder says is public at every day, so that it has none of its own.
        "published": public.isoformat() if public and public != date.min else None,
        "sources": [source.source for source in body.sources or ()],
        "corrected_by": one.corrected_by.id if one.corrected_by else None,
        "says": {
            json_name(name): value(given)
            for name, given in said(one).items()
            if name not in ("effective", "acted")
        },
        "note": body.note,
    }


def resolution(one: Claim) -> Document:
    """Return a resolution: the claim that it is, and the ground it gives."""
    return {**claim(one), "ground": getattr(one.body, "ground", None)}


def value(given: Any) -> Any:
    """Return a field's value as JSON data; an amount keeps its integers and its words."""
    if isinstance(given, Quantity):
        parts = {name: getattr(given, name) for name in ("unit", "lower", "upper")}
        marks = ("lower_open", "upper_open", "approximate")
        parts.update({name: True for name in marks if getattr(given, name)})
        return {**parts, "text": write_quantity(given)}
    if isinstance(given, tuple):
        return [value(one) for one in given]
    if isinstance(given, Value):
        return {
            json_name(name): value(inner)
            for name in given.__struct_fields__
            if (inner := getattr(given, name)) is not None
        }
    return given


def occurrence(found: ResolvedOccurrence) -> Document:
    """Return an occurrence: what was picked, what else is claimed, and how far it is settled."""
    picked = {one.id for one in found.pick}
    return {
        "id": found.id,
        "type": found.ranked[0][0].type,
        "holds": found.holds,
        "status": found.status,
        "fields": found.fields,
        "picked": [claim(one) for one in found.pick],
        "others": [claim(one) for ranked in found.ranked for one in ranked if one.id not in picked],
        "denied_by": [claim(one) for one in found.denials],
    }


def measurements(series: ResolvedSeries) -> Document:
    """Return a series: each asserter's newest measurement, and those that may be of the day."""
    return {
        "type": series.type,
        "key": list(series.key),
        "status": series.status,
        "picked": claim(series.pick) if series.pick else None,
        "certain": [_measurement(series, one) for one in series.certain],
        "cannot_tell": [_measurement(series, one) for one in series.maybe],
    }


def _measurement(series: ResolvedSeries, one: Claim) -> Document:
    return {**claim(one), "same_days_as_picked": one.id in series.alike}
