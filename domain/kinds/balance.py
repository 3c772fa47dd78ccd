"""Add up booked amounts that may have bounds or be missing.

All in satoshis. A booked amount is an interval; an unnamed amount is counted, so that
no total claims more than it knows.
"""

from typing import NamedTuple

from events.amounts import Quantity


class Balance(NamedTuple):
    """From `lower` to `upper` satoshis (`upper` None: no bound), and `unnamed` flows beside."""

    lower: int = 0
    upper: int | None = 0
    unnamed: int = 0

    def plus(self, amount: Quantity | None) -> "Balance":
        """Return the balance after an inflow; an unnamed amount is only counted."""
        if amount is None:
            return self._replace(unnamed=self.unnamed + 1)
        upper = None if self.upper is None or amount.upper is None else self.upper + amount.upper
        return Balance(self.lower + (amount.lower or 0), upper, self.unnamed)

    def minus(self, amount: Quantity | None) -> "Balance":
        """Return the balance after an outflow; it may fall below nothing, which is a finding."""
        if amount is None:
            return self._replace(unnamed=self.unnamed + 1)
        upper = None if self.upper is None else self.upper - (amount.lower or 0)
        if amount.upper is not None:
            return Balance(self.lower - amount.upper, upper, self.unnamed)
        lower = min(0, self.lower) if upper is None else min(0, self.lower, upper)
        return Balance(lower, upper, self.unnamed)

    def covers(self, amount: Quantity | None) -> bool:
        """Say whether an outflow may be within what is booked: only a certain no is a no."""
        if amount is None or amount.lower is None or self.unnamed:
            return True
        return self.upper is None or amount.lower <= self.upper


NOTHING = Balance()
