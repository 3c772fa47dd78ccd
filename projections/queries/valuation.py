"""Value a reserve at a named price, and compare the result with recorded valuations.

The computed value stands beside what others quoted and replaces none of it. It values the reported
holding: the ledger balance is another series.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_at
from domain.claims.comparison import may_be_of_one_day
from domain.claims.ranking import Policy, recency_key
from domain.claims.resolution import Resolution
from domain.kinds.price import rounding, worth
from events.amounts import Quantity, compatible
from events.identifiers import kind_of
from projections.queries.document import Document, claim_document, json_value, whole_holding
from projections.queries.show import add_names, answer_header, known_view
from projections.read_model.database import ReadModel


class NoPriceError(LookupError):
    """A price is named by its thing, or by a source that a price observed rests on."""


class NoAmountError(LookupError):
    """A reserve can be valued only where the policy selects a reported holding."""


class PriceObservation(NamedTuple):
    """A price: its subject, its claim, and its support where the policy selects it."""

    thing: str
    claim: Claim
    support: str | None


def value_reserve(
    answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy, *, price: str
) -> Document:
    """Return what a reserve's reported holding is worth at D by the newest price of `price`.

    `price` is a price thing, or a source. Raise NotKnownError, NoAmountError, NoPriceError,
    WorthTooLargeError or NoBoundError.
    """
    view = known_view(answers, thing, clocks, chosen)
    reported = whole_holding(view)
    if reported is None or reported.pick is None:
        raise NoAmountError(thing)
    observed = _find_price(answers, price, clocks, chosen)
    holding: Any = reported.pick.body
    quoted: Any = observed.claim.body
    computed = worth(holding.amount, quoted.value)
    document: Document = {
        **answer_header(answers, thing, view),
        "answer": {
            "amount": {
                **_claim_reference(reported.pick, reported.support),
                "says": json_value(holding.amount),
            },
            "price": _price(observed),
            "value": json_value(computed),
            "rounded": rounding(computed.unit),
            "of_one_day": may_be_of_one_day(reported.pick, observed.claim),
        },
        "beside": [
            _compare_valuation(claim, computed, (reported.pick, observed.claim))
            for claim in _valuations(view)
        ],
    }
    return add_names(answers, document, clocks)


def _price(observed: PriceObservation) -> Document:
    body: Any = observed.claim.body
    return {
        **_claim_reference(observed.claim, observed.support),
        "subject": observed.thing,
        "pair": body.pair,
        "kind": body.kind,
        "says": json_value(body.value),
        "sources": [ref.source for ref in body.sources or ()],
    }


def _claim_reference(claim: Claim, support: str | None) -> Document:
    return {
        "as_of": claim.dates.written,
        "asserted_by": claim.body.asserted_by,
        "support": support,
        "claim": claim.id,
    }


def _valuations(view: Resolution) -> Iterator[Claim]:
    for series in view.series:
        if series.type == "reserve.valued":
            yield from (*series.certain, *series.maybe)


def _compare_valuation(claim: Claim, computed: Quantity, days: tuple[Claim, Claim]) -> Document:
    """Return a valuation as claimed, and how ours compares where it is of the same day or price."""
    body: Any = claim.body
    if body.value.unit != computed.unit:
        compared = "other currency"
    elif not any(may_be_of_one_day(claim, other) for other in days):
        compared = "other days"
    else:
        compared = "compatible" if compatible(body.value, computed) else "not compatible"
    return {**claim_document(claim), "compared": compared}


def _find_price(answers: ReadModel, price: str, clocks: Clocks, chosen: Policy) -> PriceObservation:
    if kind_of(price) == "price":
        found = list(_selected_prices(price, answers.view(price, clocks, chosen)))
    else:
        things = answers.things("price", clocks.known_at)
        views = [(thing, answers.view(thing, clocks, chosen)) for thing in things]
        found = [one for thing, view in views for one in _prices_citing(price, thing, view)]
    if not found:
        raise NoPriceError(price)
    return min(found, key=lambda one: recency_key(one.claim))


def _selected_prices(thing: str, view: Resolution) -> Iterator[PriceObservation]:
    for series in view.series:
        if series.pick and series.pick in series.certain:
            yield PriceObservation(thing, series.pick, series.support)


def _prices_citing(source: str, thing: str, view: Resolution) -> Iterator[PriceObservation]:
    """Yield every price certainly observed by D that rests on a source, superseded or not."""
    picked = {one.claim.id: one.support for one in _selected_prices(thing, view)}
    for claim in view.standing.claims:
        sources = [ref.source for ref in claim.body.sources or ()]
        observed = claim.type == "price.observed" and source in sources
        if observed and began_at(claim, view.clocks) == "yes":
            yield PriceObservation(thing, claim, picked.get(claim.id))
