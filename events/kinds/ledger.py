"""Define the events of the ledger itself."""

from datetime import date
from typing import Annotated, Literal

from events.body import Body
from events.fields import Line, Listed, Matching, Prose, Whole
from events.identifiers import LEDGER_ID
from events.text import check_text

# It names folders outside the ledger, of keys and of answers: nothing else may be read as one.
LedgerUuid = Annotated[str, Matching("UUID in lower case", LEDGER_ID)]
VerifierKey = Annotated[
    str,
    Matching(
        "verifier key: name+id+base64",
        r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}",
        lambda text: check_text(text, 500),
    ),
]


def _is_day(time: str) -> bool:
    """Say whether the day of a time stands in the calendar."""
    try:
        return bool(date.fromisoformat(time[:10]))
    except ValueError:
        return False


Span = Annotated[
    str,
    Matching(
        "position, or two as in 12-400", "[1-9][0-9]*(-[1-9][0-9]*)?", lambda text: len(text) <= 31
    ),
]
RecordedTime = Annotated[
    str,
    Matching(
        "UTC time with microseconds, as recorded times are written",
        r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z",
        _is_day,
    ),
]


class Opened(Body):
    """The ledger was opened: its first event, unless it is a fork."""

    id: LedgerUuid
    origin: Line
    format: Annotated[int, Whole(1, 1_000)]


class Forked(Body):
    """The ledger was begun from another, its parent: then its first event, and `Opened` is not.

    Up to `parted_at` its events are the parent's, at their positions and with their recorded times;
    the keys that they name are the parent's and sign for it alone.
    """

    id: LedgerUuid
    origin: Line
    format: Annotated[int, Whole(1, 1_000)]
    parent: LedgerUuid
    parted_at: Annotated[int, Whole(1, 2**53 - 1)]


class Titled(Body):
    """The ledger was given a title, which says what it is about; the newest one holds."""

    title: Line


class KeyNamed(Body):
    """A key that signs checkpoints was named (C2SP signed-note, verifier key)."""

    vkey: VerifierKey
    role: Literal["signing", "recovery"]


class KeyRotated(Body):
    """A signing key took the place of another."""

    old: VerifierKey
    new: VerifierKey


class KeyRevoked(Body):
    """A key is no longer to be trusted for trees larger than `last_good_size` entries."""

    vkey: VerifierKey
    last_good_size: Annotated[int, Whole(0, 2**53 - 1)]


class Imported(Body):
    """A data set was imported: its format, its files, and the events that it wrote.

    Imports are numbered from 1 in the order of these events. `spans` are positions, in their
    order: one, or the first and the last of a run. `updates` are the numbers of the imports of
    earlier editions of the same table.
    """

    format: Line
    files: Annotated[tuple[Line, ...], Listed()]
    spans: Annotated[tuple[Span, ...], Listed()]
    updates: Annotated[tuple[Annotated[int, Whole(1, 2**53 - 1)], ...], Listed()] | None = None


class ClockAccepted(Body):
    """A log that is ahead of the machine's clock was accepted.

    `clock` is the machine's time at that moment; the event's own time is the log's
    (docs/spec/answers.md, 11).
    """

    reason: Prose
    clock: RecordedTime
