"""What is known of a price? Only measurements: no claim moves it, so it has no state."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import FINE, Verdict
from events.body import Body
from events.value import Value


class Price(Value):
    """A price: its series say all there is to say."""

    id: str
    on: date


def initial(thing: str, on: date) -> Price:
    """Return a price of which nothing is known."""
    return Price(id=thing, on=on)


def evolve(state: Price, claim: Claim) -> Price:
    """Return the price: measurements move nothing."""
    del claim
    return state


JUDGED = ()


def judge(state: Price, body: Body) -> Verdict:
    """Return no finding: a price forbids nothing."""
    del state, body
    return FINE
