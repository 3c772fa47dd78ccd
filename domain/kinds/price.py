"""Value amounts of bitcoin at a price, of which there are only measurements: it has no state."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.amounts import (
    MAX_INTEGER,
    Quantity,
    display_of,
    money_of,
    widened,
    write_amount,
    write_quantity,
)
from events.body import Body
from events.value import Value

SAT_PER_BTC = 100_000_000


class WorthTooLargeError(ArithmeticError):
    """A value is below 2^53 of its unit: above it, readers of JSON would round."""


class NoBoundError(ArithmeticError):
    """A value is bounded on one side at least: "up to 1 BTC" at "over 1 USD" is worth anything."""


class Price(Value):
    """A price: its series say all there is to say."""

    id: str
    on: date


initial = Price


def evolve(state: Price, claim: Claim) -> Price:
    """Return the price: measurements move nothing."""
    del claim
    return state


JUDGED = ()


def judge(state: Price, body: Body) -> Findings:
    """Return no finding: a price forbids nothing."""
    del state, body
    return ()


def worth(amount: Quantity, price: Quantity) -> Quantity:
    """Return amount (`sat`) times price (money for one BTC), from bound to bound.

    Each bound is rounded once, to the nearest whole minor unit of the currency, halves up; an
    approximate figure counts from end to end of what it reaches (`widened`). Raise
    WorthTooLargeError, NoBoundError.
    """
    (low, high), (cheap, dear) = widened(amount), widened(price, 1)
    unit, digits = money_of(price.unit)
    parts = SAT_PER_BTC * 10 ** (digits + 1 - display_of(unit, 0)[1])
    lower = _product(low, cheap, unit, parts)
    upper = _product(high, dear, unit, parts)
    if lower is None and upper is None:
        of, at = write_quantity(amount), write_quantity(price)
        raise NoBoundError(f"{of} at {at} has neither a least value nor a most")
    exact = lower == upper
    return Quantity(
        unit=unit,
        lower=lower,
        upper=upper,
        lower_open=None if exact or lower is None else amount.lower_open or price.lower_open,
        upper_open=None if exact or not upper else amount.upper_open or price.upper_open,
    )


def rounding(unit: str) -> str:
    """Return how a value in a unit is rounded, in words."""
    return f"to the nearest {write_amount(1, unit)}, halves up"


def _product(sat: int | None, price: int | None, unit: str, parts: int) -> int | None:
    if sat is None or price is None:
        return None
    found = (2 * sat * price + parts) // (2 * parts)
    if found > MAX_INTEGER:
        raise WorthTooLargeError(f"{write_amount(found, unit)} is more than is counted here")
    return found
