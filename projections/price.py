"""Which prices were observed? The series say all; a list shows the newest of each."""

from typing import Any

from domain.claim import Claim
from domain.fold import View
from projections.document import Document, value


def answer(thing: str, view: View) -> Document:
    """Return the newest observation of each pair and kind."""
    del thing
    return {"newest": [_newest(series.pick) for series in view.series if series.pick]}


def summary(thing: str, view: View) -> Document:
    """Return a price's line in a list."""
    newest = answer(thing, view)["newest"]
    return newest[0] if newest else {"pair": None, "kind": None, "value": None, "on": None}


def _newest(claim: Claim) -> Document:
    body: Any = claim.body
    return {
        "pair": body.pair,
        "kind": body.kind,
        "value": value(body.value),
        "on": body.effective,
    }
