"""Define the rows of claims in the read model, and read claims from them.

One row a claim, in a database of its own beside the record: disposable, made from the record at
will. A row holds the claim's data as it is stored and, for asking across things, its days on the
three clocks.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from msgspec.json import Decoder

from domain.claims.claim import Claim
from events.body import Body
from events.catalogue import UnknownTypeError, body_class, type_of
from events.dates import Interned

READ = "position, thing, version, topic, time, data"  # what the fold needs of a row


class NewerVersionError(Exception):
    """A claim was written by a newer version of depositary, which can answer about it."""


class AnswersDamagedError(Exception):
    """A row of the answers is not as it was made: `depositary replay` makes them anew."""


class ClaimRow(NamedTuple):
    """A row of the table of claims; days are ISO text, NULL where open or unknown.

    From `moves_from` on and before `settled_from` the coming of a day may change what the claim
    does to an answer; both are NULL where no day does. `fallen` is 1 where the text does not stand
    at the last position: it was retracted, or replaced.
    """

    position: int
    thing: str
    version: int
    kind: str
    topic: str
    time: str
    asserted_by: str | None
    basis: str | None
    first_on: str | None
    last_on: str | None
    published_on: str | None
    moves_from: str | None
    settled_from: str | None
    data: str
    recordedby: str | None = None
    fallen: int | None = None


def claims_from(rows: Iterable[Sequence[Any]]) -> list[Claim]:
    """Return rows of READ's columns as claims; raise NewerVersionError or AnswersDamagedError."""
    return [_claim(row) for row in rows]


def _claim(row: Sequence[Any]) -> Claim:
    position, thing, version, topic, time, data = row
    try:
        type_, read = _READERS[topic]
    except UnknownTypeError:
        raise newer_version(position, topic) from None
    try:
        return Claim(position, version, thing, type_, read(data), time)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged_row(row, error) from None


def _reader(topic: str) -> tuple[str, Callable[[str], Body]]:
    """Return the type of a topic, and what reads its bodies from JSON; raise UnknownTypeError."""
    type_ = type_of(topic)
    return type_, Decoder(body_class(type_)).decode


_READERS = Interned(_reader)  # a decoder takes longer to make than a list to read


def damaged_row(row: Sequence[Any], error: Exception) -> AnswersDamagedError:
    """Return what is to be said of a row of the answers that is not as it was made."""
    return AnswersDamagedError(f"the row of @{row[0]} in the answers: {error}")


def newer_version(position: int, topic: str) -> NewerVersionError:
    """Return what is to be said of a claim of a type that is not known here."""
    return NewerVersionError(f"@{position} is a {topic}, written by a newer version of depositary")
