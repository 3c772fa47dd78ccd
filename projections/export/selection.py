"""Select the claims to export, by kind and by clock.

Selected are those recorded by K, public by P, and not certainly begun later than D. The exported
form of a claim never depends on a clock.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from projections.read_model.database import ReadModel


class Selection(NamedTuple):
    """The kinds and the clocks to select by; None and an empty choice of kinds exclude nothing."""

    kinds: tuple[str, ...] = ()
    as_of: date | None = None
    public_at: date | None = None
    known_at: int | None = None

    @property
    def plain(self) -> bool:
        """Say whether the event log alone decides what is selected."""
        return self.as_of is None and self.public_at is None


# The columns of a claim in the read model: its days and its data, as text.
FIELDS = (
    "position",
    "thing",
    "version",
    "kind",
    "topic",
    "time",
    "first_on",
    "last_on",
    "published_on",
    "data",
)

_ALWAYS = date.min.isoformat()  # the recorder's own claims are always public: no day to show


def selected_rows(
    record: RecordReader, answers: ReadModel | None, choice: Selection
) -> Iterator[Row]:
    """Yield the selected events as they are stored; `answers` is read where days count."""
    wanted = None if answers is None or choice.plain else _positions(answers, choice)
    for row in record.rows(until=choice.known_at):
        of_kind = not choice.kinds or row.thing.partition("/")[0] in choice.kinds
        if of_kind and (wanted is None or row.position in wanted):
            yield row


def selected_claim_rows(answers: ReadModel, choice: Selection) -> Iterator[dict[str, Any]]:
    """Yield the selected claims as the read model keeps them, in the order recorded."""
    where, values = _where(choice)
    sql = f"SELECT {', '.join(FIELDS)} FROM claims WHERE {where} ORDER BY position"  # noqa: S608
    for found in answers.connection.execute(sql, values):
        claim = dict(zip(FIELDS, found, strict=True))
        if claim["published_on"] == _ALWAYS:
            claim["published_on"] = None
        yield claim


def _positions(answers: ReadModel, choice: Selection) -> frozenset[int]:
    where, values = _where(choice)
    found = answers.connection.execute(f"SELECT position FROM claims WHERE {where}", values)  # noqa: S608
    return frozenset(position for (position,) in found)


def _where(choice: Selection) -> tuple[str, Sequence[Any]]:
    parts: list[str] = ["position > 0"]
    values: list[Any] = []
    if choice.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(choice.kinds))})")
        values += choice.kinds
    if choice.known_at is not None:
        parts.append("position <= ?")
        values.append(choice.known_at)
    if choice.as_of is not None:
        parts.append("(first_on IS NULL OR first_on <= ?)")
        values.append(choice.as_of.isoformat())
    if choice.public_at is not None:
        parts.append("published_on <= ?")
        values.append(choice.public_at.isoformat())
    return " AND ".join(parts), values
