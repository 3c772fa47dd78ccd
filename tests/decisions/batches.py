"""Commands about one subject, short to write, and what comes of them: decided on in memory."""

from collections.abc import Iterable
from typing import Any

from domain.decisions.batch import AppendResult, Batch, Command
from domain.decisions.stream_index import StreamIndex

Told = tuple[str, dict[str, Any]]

RESERVE = "reserve/sv"
CITED = {"source": "source/onbtc", "published": "2025-07-15"}


def told(type_: str, **fields: Any) -> Told:
    """Return a fact as JSON data, by the office that keeps the reserve, of a day in July 2025."""
    said = {"asserted_by": "party/sv-onbtc", "basis": "official-record", "sources": [CITED]}
    return type_, {**said, "effective": "2025-07-01", **fields}


def about(type_: str, **fields: Any) -> Told:
    """Return a claim about claims: it has no day of its own."""
    name, data = told(f"claim.{type_}", **fields)
    return name, {field: value for field, value in data.items() if field != "effective"}


def btc(whole: int) -> dict[str, Any]:
    return {"unit": "sat", "lower": whole * 10**8, "upper": whole * 10**8}


def bought(whole: int, on: str = "2025-07-01", **fields: Any) -> Told:
    return told("reserve.acquired", amount=btc(whole), mode="purchase", effective=on, **fields)


def everything_but(*unknown: str) -> Any:
    """Return how to ask what is recorded where all is but for some subjects."""
    return lambda names: {name for name in names if name not in unknown}


def batch(**how: Any) -> Batch:
    """Return a batch in a ledger that knows every party and source, and no facts."""
    return Batch(StreamIndex, everything_but(), "an-id", **how)


def take(into: Batch, facts: Iterable[Told], thing: str = RESERVE) -> list[AppendResult]:
    """Return what comes of facts about one subject that are handed in together."""
    commands = [Command(thing, name, data) for name, data in facts]
    into.prepare(commands)
    return [into.take(command) for command in commands]


def recorded(*facts: Told, thing: str = RESERVE, **how: Any) -> Batch:
    """Return a batch that has recorded the facts, at positions from 1."""
    made = batch(**how)
    for n, fact in enumerate(facts, 1):
        (result,) = take(made, [fact], thing)
        assert result.outcome == "recorded", result.reason
        made.settle([n])
    return made
