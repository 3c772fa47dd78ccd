"""Does a price stay without a state, however often it is observed?"""

from domain.kinds.price import JUDGED
from events.kinds import price as p
from tests.decisions.kind_facts import after, amount, findings, told

OBSERVED = told(
    p.Observed, "2025-07-17T00:00:00Z", pair="btc-usd", value=amount("118,698 USD"), kind="open"
)


def test_a_measurement_moves_nothing() -> None:
    assert after("price/btc-usd", OBSERVED) == after("price/btc-usd")


def test_no_measurement_is_odd() -> None:
    assert findings(after("price/btc-usd", OBSERVED), OBSERVED) == {}
    assert JUDGED == ()
