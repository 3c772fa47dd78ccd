"""Add up amounts that may have bounds or be unknown, as intervals.

All in whole units: satoshis, or hundredths of an SDR. Sums are never cut on the way; what is shown
is cut at 0 (docs/spec/answers.md, 15).
"""

from typing import NamedTuple

from events.amounts import Quantity, widened


class Ends(NamedTuple):
    """The least and the most that an amount may be (`upper` None: without end)."""

    lower: int
    upper: int | None
    lower_open: bool = False
    upper_open: bool = False


class Balance(NamedTuple):
    """From `lower` to `upper` (None: without end), each end open or not.

    `unknown` counts the flows whose amount no claim names, `flows` all flows in view: without one
    nothing is known of the balance, and it is not 0.
    """

    lower: int | None = 0
    upper: int | None = 0
    lower_open: bool = False
    upper_open: bool = False
    unknown: int = 0
    flows: int = 0

    def plus(self, amount: Quantity | None, repeated: int = 0) -> "Balance":
        """Return the balance after an inflow (None: unknown), less what may be repeated."""
        low, high, low_open, high_open = ends_of(amount)
        moved = Balance(low - repeated, high, low_open, high_open, amount is None, 1)
        return self.together(moved)

    def minus(self, amount: Quantity | None, repeated: int = 0) -> "Balance":
        """Return the balance after an outflow; it may fall below 0, which is a finding."""
        low, high, low_open, high_open = ends_of(amount)
        least = None if high is None else -high
        return self.together(Balance(least, repeated - low, high_open, low_open, amount is None, 1))

    def together(self, other: "Balance") -> "Balance":
        """Return what both hold together."""
        lower = None if self.lower is None or other.lower is None else self.lower + other.lower
        upper = None if self.upper is None or other.upper is None else self.upper + other.upper
        return Balance(
            lower,
            upper,
            lower is not None and (self.lower_open or other.lower_open),
            upper is not None and (self.upper_open or other.upper_open),
            self.unknown + other.unknown,
            self.flows + other.flows,
        )

    def covers(self, amount: Quantity | None) -> bool:
        """Say whether an outflow may be within the balance: only a certain no is a no."""
        low, _, low_open, _ = ends_of(amount)
        if low == 0 or self.upper is None:
            return True
        return low < self.upper or (low == self.upper and not (low_open or self.upper_open))

    @property
    def shown(self) -> Ends:
        """Return the ends as they are shown: nothing is less than 0."""
        lower, upper = self.lower, self.upper
        cut = lower is None or lower < 0
        return Ends(
            0 if lower is None or cut else lower,
            None if upper is None else max(upper, 0),
            self.lower_open and not cut,
            self.upper_open and upper is not None and upper > 0,
        )

    @property
    def missing(self) -> int:
        """Return by how much more left than came in, at the least: 0 where it adds up."""
        return max(0, -self.upper) if self.upper is not None else 0


NOTHING = Balance()


def exact(amount: Quantity | None) -> int | None:
    """Return an amount that is one number; None of every other."""
    one = amount is not None and amount.lower == amount.upper and not amount.approximate
    return amount.lower if one and amount else None


def ends_of(amount: Quantity | None) -> Ends:
    """Return the ends of an amount, widened where it is approximate; None is from 0 without end."""
    if amount is None:
        return Ends(0, None)
    if (one := exact(amount)) is not None:
        return Ends(one, one)
    low, high = widened(amount)
    low_open = low is not None and bool(amount.lower_open)
    return Ends(low or 0, high, low_open, high is not None and bool(amount.upper_open))
