"""Accept a log that lies ahead of the machine's clock, as an event of the ledger itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from domain.ledger import Ledger, tried_again
from events import validation
from events.store.ahead import LogAhead, log_ahead
from events.store.clock import format_instant
from events.store.factory import open_reader

TYPE = "ledger.clock-accepted"


class AcceptedClock(NamedTuple):
    """How the log lay ahead (None: it does not), what accepted it, and whether `already`."""

    ahead: LogAhead | None
    position: int | None = None
    already: bool = False


def accept_clock(ledger: Ledger, said: Mapping[str, Any]) -> AcceptedClock:
    """Record that a log which lies ahead is accepted; write nothing where none does.

    `said` is who accepts it, on which basis, with which sources, and the reason, as JSON data.
    Raises BodyError, UnknownReferenceError, and VersionConflictError when others kept being faster.
    """

    def attempt() -> AcceptedClock:
        now = ledger.clock()
        with open_reader(ledger.where) as record:
            ahead = log_ahead(record, now)
        if ahead is None or ahead.accepted is not None:
            at = ahead.accepted if ahead else None
            return AcceptedClock(ahead, at, already=at is not None)
        body = validation.read_body(TYPE, {**said, "clock": format_instant(now)})
        return AcceptedClock(ahead, ledger.write_own(TYPE, body, accepting=True))

    return tried_again(attempt)
