"""What a reserve is worth, as a reader of docs/spec/answers.md would find it.

What is reported, times the newest price that was certainly observed; valuations stand beside it and
are replaced by nothing. Written apart from `projections.queries.valuation`, slow and plain.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from domain.claims.claim import Claim
from events.amounts import Quantity, compatible, widened
from tests.properties.naive import age, begun, naive_live, naive_view, same_days
from tests.properties.naive_claims import Said
from tests.properties.naive_reconcile import whole

SAT_PER_BTC = 100_000_000
MOST = 2**53 - 1
Answer = dict[str, Any] | str


class Price(NamedTuple):
    """A price, the thing it is told of, and its status where the policy picks it."""

    said: Said
    thing: str
    status: str | None


def naive_value(
    claims: Mapping[str, Iterable[Claim]],
    day: date,
    public_at: date | None,
    known_at: int | None,
    policy: str,
    *,
    price: str,
) -> Answer:
    """Return what reserve/x is worth by a price or a source, or the name of the error."""
    told = {thing: list(of) for thing, of in claims.items()}
    asked = day, public_at, known_at, policy
    said = {one.id: one for one in naive_live(told["reserve/x"], public_at, known_at)[0]}
    if not said:
        perhaps = naive_live(told["reserve/x"], public_at, known_at, perhaps=True)[0]
        return "NoAmountError" if perhaps else "NotKnownError"
    view = naive_view(told["reserve/x"], *asked)
    reported = whole(said, view, "reserve.holding-reported")
    if reported is None:
        return "NoAmountError"
    prices = [
        one
        for thing in told
        if (thing == price or price.startswith("source/")) and thing.startswith("price/")
        for one in _prices(thing, told[thing], asked, price)
    ]
    if not prices:
        return "NoPriceError"
    chosen = max(prices, key=lambda one: age(one.said))
    value = _worth(reported[0].body.amount, chosen.said.body.value)
    if isinstance(value, str):
        return value
    return {
        "amount": (reported[0].id, reported[1]),
        "price": (chosen.said.id, chosen.thing, chosen.status),
        "value": value,
        "of_one_day": same_days(reported[0], chosen.said),
        "beside": {
            one: _compared(said[one], value, reported[0], chosen.said)
            for key, series in view["series"].items()
            if key[0] == "reserve.valued"
            for one in series["certain"] | series["maybe"]
        },
    }


def _prices(
    thing: str, told: list[Claim], asked: tuple[date, date | None, int | None, str], price: str
) -> list[Price]:
    """Return the prices of a thing that certainly were by the day: the picked, or a source's."""
    day, public_at, known_at, _ = asked
    live = naive_live(told, public_at, known_at)[0]
    statuses = {one["pick"]: one["support"] for one in naive_view(told, *asked)["series"].values()}
    certain = [said for said in live if begun(said, day) == "yes"]
    if price == thing:
        return [Price(said, thing, statuses[said.id]) for said in certain if said.id in statuses]
    return [
        Price(said, thing, statuses.get(said.id))
        for said in certain
        if price in [ref.source for ref in said.body.sources or ()]
    ]


def _worth(amount: Quantity, price: Quantity) -> Quantity | str:
    """Return amount times price, each end to the nearest unit, halves up, or why there is none."""
    (low, high), (cheap, dear) = widened(amount), widened(price, 1)
    currency, _, digits = price.unit.partition("-e")
    parts = SAT_PER_BTC * 10 ** (int(digits) - 1 if digits else 1)  # here all are of cents
    lower, upper = _times(low, cheap, parts), _times(high, dear, parts)
    if max(lower or 0, upper or 0) > MOST:
        return "WorthTooLargeError"
    if lower is None and upper is None:
        return "NoBoundError"
    marks: dict[str, Any] = {}
    if lower is not None and lower != upper and (amount.lower_open or price.lower_open):
        marks["lower_open"] = True
    if upper and lower != upper and (amount.upper_open or price.upper_open):
        marks["upper_open"] = True
    unit = f"{currency}-minor" if digits else price.unit
    return Quantity(unit=unit, lower=lower, upper=upper, **marks)


def _times(sat: int | None, price: int | None, parts: int) -> int | None:
    if sat is None or price is None:
        return None
    return floor(Fraction(sat * price, parts) + Fraction(1, 2))


def _compared(valued: Said, value: Quantity, *others: Said) -> str:
    if valued.body.value.unit != value.unit:
        return "other currency"
    if not any(same_days(valued, other) for other in others):
        return "other days"
    return "compatible" if compatible(valued.body.value, value) else "not compatible"
