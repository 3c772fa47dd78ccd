"""Value a reserve at a named price, beside what others valued it at.

The computed value stands beside what others quoted and replaces none of it. It is of what is
reported: booked is another series.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_by
from domain.claims.comparison import may_be_of_one_day
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.kinds.price import rounding, worth
from events.amounts import Quantity, compatible
from events.identifiers import kind_of
from projections.queries import document as written
from projections.queries.document import Document, value
from projections.queries.selected import newest
from projections.queries.show import headed, known, with_names
from projections.read_model.database import Answers


class NoPriceError(LookupError):
    """A price is named by its thing, or by a source that a price observed rests on."""


class NoAmountError(LookupError):
    """Only what is reported by that day can be valued, and only where the policy picks it."""


class Priced(NamedTuple):
    """A price: of which thing, the claim, and how far it is settled where the policy picks it."""

    thing: str
    claim: Claim
    status: str | None


def valued(answers: Answers, thing: str, clocks: Clocks, chosen: Policy, *, price: str) -> Document:
    """Return what a reserve's reported holding is worth at D by the newest price of `price`.

    `price` is a price thing, or a source. Raise NotKnownError, NoAmountError, NoPriceError,
    TooMuchError or NoBoundError.
    """
    view = known(answers, thing, clocks, chosen)
    reported = newest(view, "reserve.holding-reported")
    if reported is None or reported.pick is None:
        raise NoAmountError(thing)
    observed = _priced(answers, price, clocks, chosen)
    holding: Any = reported.pick.body
    quoted: Any = observed.claim.body
    computed = worth(holding.amount, quoted.value)
    document: Document = {
        **headed(answers, thing, view),
        "answer": {
            "amount": {**_claimed(reported.pick, reported.status), "says": value(holding.amount)},
            "price": _price(observed),
            "value": value(computed),
            "rounded": rounding(computed.unit),
            "of_one_day": may_be_of_one_day(reported.pick, observed.claim),
        },
        "beside": [
            _beside(claim, computed, (reported.pick, observed.claim)) for claim in _valuations(view)
        ],
    }
    return with_names(answers, document, clocks)


def _price(observed: Priced) -> Document:
    body: Any = observed.claim.body
    return {
        **_claimed(observed.claim, observed.status),
        "thing": observed.thing,
        "pair": body.pair,
        "kind": body.kind,
        "says": value(body.value),
        "sources": [ref.source for ref in body.sources or ()],
    }


def _claimed(claim: Claim, status: str | None) -> Document:
    return {
        "as_of": claim.body.effective,
        "asserted_by": claim.body.asserted_by,
        "status": status,
        "claim": claim.id,
    }


def _valuations(view: Resolution) -> Iterator[Claim]:
    for series in view.series:
        if series.type == "reserve.valued":
            yield from (*series.certain, *series.maybe)


def _beside(claim: Claim, computed: Quantity, days: tuple[Claim, Claim]) -> Document:
    """Return a valuation as claimed, and how the computed value compares to it.

    Only what was valued on the days of the amount or of the price can agree with it or not.
    """
    body: Any = claim.body
    if body.value.unit != computed.unit:
        compared = "other currency"
    elif not any(may_be_of_one_day(claim, other) for other in days):
        compared = "other days"
    else:
        compared = "compatible" if compatible(body.value, computed) else "not compatible"
    return {**written.claim(claim), "compared": compared}


def _priced(answers: Answers, price: str, clocks: Clocks, chosen: Policy) -> Priced:
    if kind_of(price) == "price":
        found = list(_picked(price, answers.view(price, clocks, chosen)))
    else:
        things = answers.things("price", clocks.known_at)
        views = [(thing, answers.view(thing, clocks, chosen)) for thing in things]
        found = [one for thing, view in views for one in _resting_on(price, thing, view)]
    if not found:
        raise NoPriceError(price)
    return min(found, key=lambda one: one.claim.recency_key)


def _picked(thing: str, view: Resolution) -> Iterator[Priced]:
    for series in view.series:
        if series.pick and series.pick in series.certain:
            yield Priced(thing, series.pick, series.status)


def _resting_on(source: str, thing: str, view: Resolution) -> Iterator[Priced]:
    """Yield every price certainly observed by D that rests on a source, superseded or not."""
    picked = {one.claim.id: one.status for one in _picked(thing, view)}
    for claim in view.standing.claims:
        sources = [ref.source for ref in claim.body.sources or ()]
        observed = claim.type == "price.observed" and source in sources
        if observed and began_by(claim, view.clocks.as_of) == "yes":
            yield Priced(thing, claim, picked.get(claim.id))
