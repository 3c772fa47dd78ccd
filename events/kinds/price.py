"""Define the observation of a price: at which moment, according to whom."""

from typing import Annotated, Literal

from events.amounts import Quantity, Units
from events.body import Body
from events.fields import Matching

Pair = Annotated[str, Matching("pair of currencies such as btc-usd", "[a-z]+-[a-z]+")]


class Observed(Body):
    """A price was observed: money for one of the pair's first currency (for one BTC)."""

    pair: Pair
    value: Annotated[Quantity, Units("price")]
    kind: Literal["close", "open", "spot"]
