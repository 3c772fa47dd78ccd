"""What is an amount of bitcoin worth at a price, in whole numbers of the price's unit?"""

from events.amounts import MAX_INTEGER, Quantity, widened, write_amount

SAT_PER_BTC = 100_000_000


class TooMuchError(ArithmeticError):
    """A value is below 2^53 of its unit: above it, readers of JSON would round."""


def worth(amount: Quantity, price: Quantity) -> Quantity:
    """Return amount (`sat`) times price (money for one BTC), from bound to bound.

    Each bound is rounded to the nearest whole unit of the price, halves up; an approximate figure
    counts from end to end of what it reaches (`widened`). Raise TooMuchError.
    """
    (low, high), (cheap, dear) = widened(amount), widened(price)
    lower = _product(low, cheap, price.unit)
    upper = _product(high, dear, price.unit)
    exact = lower == upper
    return Quantity(
        unit=price.unit,
        lower=lower,
        upper=upper,
        lower_open=None if exact or lower is None else amount.lower_open or price.lower_open,
        upper_open=None if exact or not upper else amount.upper_open or price.upper_open,
    )


def rounding(unit: str) -> str:
    """Return how a value in a unit is rounded, in words."""
    return f"to the nearest {write_amount(1, unit)}, halves up"


def _product(sat: int | None, minor: int | None, unit: str) -> int | None:
    if sat is None or minor is None:
        return None
    found = (2 * sat * minor + SAT_PER_BTC) // (2 * SAT_PER_BTC)
    if found > MAX_INTEGER:
        raise TooMuchError(f"{write_amount(found, unit)} is more than is counted here")
    return found
