"""Answer about a price: the newest observation of each pair and kind."""

from typing import Any

from domain.claims.claim import Claim
from domain.claims.resolution import Resolution
from domain.kinds.registry import States
from projections.queries.document import Document, json_value


def answer(view: Resolution, _: States) -> Document:
    """Return the newest observation of each pair and kind."""
    return {"newest": _newest(view)}


def summary(thing: str, view: Resolution) -> Document:
    """Return a price's row in a list."""
    del thing
    newest = _newest(view)
    return newest[0] if newest else {"pair": None, "kind": None, "value": None, "on": None}


def _newest(view: Resolution) -> list[Document]:
    return [_price(series.pick) for series in view.series if series.pick]


def _price(claim: Claim) -> Document:
    body: Any = claim.body
    return {
        "pair": body.pair,
        "kind": body.kind,
        "value": json_value(body.value),
        "on": claim.dates.written,
    }
