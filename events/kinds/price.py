"""Define the observation of a price: at which moment, according to whom."""

from typing import Annotated, Literal

from events.amounts import Quantity, Units
from events.body import Body
from events.fields import Matching


def _is_pair(text: str) -> bool:
    base, dash, quote = text.partition("-")
    return bool(dash) and base.isalpha() and quote.isalpha() and text.isascii() and text.islower()


Pair = Annotated[str, Matching(_is_pair, "pair of currencies such as btc-usd", "[a-z]+-[a-z]+")]


class Observed(Body):
    """A price was observed: money for one of the pair's first currency (for one BTC)."""

    pair: Pair
    value: Annotated[Quantity, Units("price")]
    kind: Literal["close", "open", "spot"]
