"""Read, check and set the names of a ledger: its origin, which its key bears, and its title."""

from typing import TYPE_CHECKING

from events.envelope import open_envelope
from events.errors import NotPossibleError, NotUnderstoodError
from events.identifiers import SELF
from events.serialization import opened_as
from events.store.factory import open_reader
from events.store.location import Location
from events.text import TextError, check_text

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from events.store.sqlite.reader import RecordReader

TITLED = "ledger.titled"


def check_origin(origin: str) -> str:
    """Return a ledger's name; raise NotUnderstoodError where no key can bear it (signed-note)."""
    try:
        check_text(origin, 300)
    except TextError as error:
        what, then = "that is not a name for a ledger", "depositary init --help"
        raise NotUnderstoodError(what, f"{origin!r}: {error}", then) from None
    if any(character.isspace() or character in '+"\\' for character in origin):
        raise NotUnderstoodError(
            "that is not a name for a ledger",
            f"{origin!r} names its key too, which has no white space, plus, quote or backslash",
            "name it like a web address without its scheme: example.org/ledger",
        )
    return origin


def origin_of(record: Location) -> str:
    """Return the name of a ledger as its first event has it; raise RecordDamagedError."""
    with open_reader(record) as reader:
        first = reader.first()
    if first is None:
        what, why = "there is no ledger yet", f"{record} holds no event"
        raise NotPossibleError(what, why, "depositary init")
    return opened_as(first)[1]


def title_of(record: "RecordReader", until: int | None = None) -> str | None:
    """Return the title of a ledger, as given last up to a position; None where none was."""
    said = [row for row in record.rows(until=until, thing=SELF) if row.topic == f"{TITLED}.v1"]
    return str(open_envelope(said[-1].state).data["title"]) if said else None


def set_title(ledger: "Ledger", title: str) -> int | None:
    """Record what a ledger is about; return the position, None where its title is that already.

    Raises NotUnderstoodError.
    """
    try:
        check_text(title, 300)
    except TextError as error:
        what, then = "that is no title for a ledger", "depositary title --help"
        raise NotUnderstoodError(what, f"{title[:60]!r}: {error}", then) from None

    with open_reader(ledger.where) as record:
        if title_of(record) == title:
            return None
    return ledger.record_own(TITLED, title=title)
