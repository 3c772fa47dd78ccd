"""Which facts are in a file, and how is one read?

A fact's own keys are `type`, `thing` and `label`; all others are fields of its type, and one that
has such a name is written with an underscore behind it: `type_`, `label_`. A fact is read when it
is decided on, for only then have the labels of the facts before it their event ids.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.tables import name_of, read_tables, refuse
from domain.decisions.errors import Refusal
from domain.ledger import Draft
from events import validation
from events.body import Body
from events.catalogue import all_types, body_class, topic
from events.envelope import envelope
from events.identifiers import IdError, check_thing, kind_of
from events.intake.field_parser import ShortNames, UnreadableValue, read_fields, strip_underscores
from events.validation import BodyError, Problem

OWN_KEYS = ("type", "thing", "label")

EventAt = Callable[[int], str]


class KeptByLedgerError(Refusal):
    """What is said of the ledger itself, it says itself: no fact from outside does."""

    name = "kept-by-the-ledger"

    def __init__(self) -> None:
        super().__init__("what is said of the ledger itself, depositary records itself")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as people wrote it: where it stands, its own keys and its fields.

    `file` is empty for a fact from the command line, `line` None where nobody can say it.
    """

    type: str
    thing: str
    own: Mapping[str, Any]
    fields: Mapping[str, Any]
    event_at: EventAt
    file: str = ""
    line: int | None = None

    def __call__(self, labels: Mapping[str, str]) -> Body:
        """Return the body, with the labels of earlier facts resolved.

        Raises BodyError with all problems, UnknownTypeError, KeptByLedgerError and
        EventTooLargeError.
        """
        body = validation.read(self.type, self.data(labels))
        # Measured here to name the fact. The store measures again: there the event has its number,
        # and with it a digit or two more.
        envelope(self.thing, 1, topic(self.type), "0" * 36, validation.write(body))
        return body

    def data(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields as JSON data, not yet held against what the type needs."""
        if problems := [Problem(*problem) for problem in self._of_own_keys()]:
            raise BodyError(problems)
        cls = body_class(self.type)
        if "ledger" in (kind_of(self.thing), kind_of_type(self.type)):
            raise KeptByLedgerError
        return read_fields(cls, self.fields, ShortNames(labels, self.event_at, typed=not self.file))

    def _of_own_keys(self) -> Iterable[tuple[str, str]]:
        if isinstance(broken := self.own.get(""), UnreadableValue):
            yield "", broken.sentence
            return
        for key in OWN_KEYS:
            given = self.own.get(key)
            if isinstance(given, UnreadableValue):
                yield key, given.sentence
            elif given is not None and not isinstance(given, str):
                yield key, f"{str(given)[:40]} is no text"
            elif not given and key != "label":
                yield key, "is missing"
        if self.thing and isinstance(self.own.get("thing"), str):
            try:
                check_thing(self.thing)
            except IdError as error:
                yield "thing", str(error)


def no_positions(position: int) -> str:
    """Raise LookupError: without a ledger no event stands at a position."""
    raise LookupError(f"@{position} is a position, and no ledger is open")


def read_files(paths: Sequence[str], event_at: EventAt = no_positions) -> list[Draft]:
    """Return the facts of several files as one batch, in order; they share their labels.

    A path `-` is standard input; `event_at` gives the event at @N. Raises CounterError (exit 5) for
    what is no file of facts, OSError for what cannot be read. A fact that is wrong in itself is
    refused when it is decided on, with its number and fields.
    """
    drafts = [
        draft(table.content, event_at, number=number, file=name_of(path), line=table.line)
        for path in paths
        for number, table in enumerate(read_tables(path), 1)
    ]
    _check_labels(drafts)
    return drafts


def draft(
    table: Any, event_at: EventAt, *, number: int = 1, file: str = "", line: int | None = None
) -> Draft:
    """Return a fact to be recorded, of a table as people wrote it."""
    if not isinstance(table, dict):
        sentence = (
            table.sentence if isinstance(table, UnreadableValue) else "a fact is a table of fields"
        )
        broken = Fact("", "", {"": UnreadableValue(sentence)}, {}, event_at, file, line)
        return Draft("", "", broken, None, number)
    own = {key: table[key] for key in OWN_KEYS if key in table}
    fields = strip_underscores({k: v for k, v in table.items() if k not in OWN_KEYS})
    type_, thing, label = (_str(own.get(key)) for key in OWN_KEYS)
    if thing and "/" not in thing and type_ in all_types() and not type_.startswith("claim."):
        thing = f"{kind_of_type(type_)}/{thing}"
    fact = Fact(type_, thing, own, fields, event_at, file, line)
    return Draft(thing, type_, fact, label or None, number)


def kind_of_type(type_: str) -> str:
    """Return the kind of things that a type is recorded about: `reserve` of `reserve.acquired`."""
    return type_.partition(".")[0]


def escaped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields under the names that no key of a fact's own has."""
    return {f"{name}_": value for name, value in fields.items()}


def _str(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _check_labels(drafts: Iterable[Draft]) -> None:
    seen: dict[str, str] = {}
    for each in drafts:
        if each.label is None:
            continue
        here = f"fact {each.number} of {getattr(each.body, 'file', '')}"
        if each.label in seen:
            why = f"'{each.label[:80]}' is {seen[each.label]} and {here}"
            refuse("a label stands twice", why, "give each fact a label of its own")
        seen[each.label] = here
