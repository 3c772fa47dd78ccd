"""Which bytes are each type's, for ever?

One hand-written example of every type with all its fields, and one with as few as it may have. The
bytes under which they are stored are the golden files: `golden/<topic>.<what it shows>.json`.

    python tests/papers/examples.py --write

writes them anew. From v0.1 on that is never right for a file that is there: a type that changes
gets a new version and a new file. Until then the commit says what changed in the bytes and why.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from events import validation
from events.body import Body
from events.catalogue import all_types, body_class, topic
from events.envelope import envelope, with_time
from tests.papers import (
    examples_of_agreements,
    examples_of_claims,
    examples_of_parties,
    examples_of_programmes,
    examples_of_reserves,
)
from tests.papers.examples_told import Example

GOLDEN = Path(__file__).with_name("golden")
LEDGER_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
VERSION = 9  # later than any target in an example
TIME = "2026-11-24T12:00:00.000000Z"

TYPES = {body_class(name): name for name in all_types()}
EXAMPLES: tuple[Example, ...] = (
    *examples_of_parties.EXAMPLES,
    *examples_of_agreements.EXAMPLES,
    *examples_of_reserves.EXAMPLES,
    *examples_of_programmes.EXAMPLES,
    *examples_of_claims.EXAMPLES,
)


def type_name(body: Body) -> str:
    """Return the name of a body's type."""
    return TYPES[type(body)]


def file_name(example: Example) -> str:
    """Return the name of an example's golden file."""
    return f"{topic(type_name(example.body))}.{example.shows}.json"


def stored(example: Example) -> bytes:
    """Return the bytes under which an example is stored: one whole event."""
    name = topic(type_name(example.body))
    data = validation.write_body(example.body)
    return with_time(envelope(example.thing, VERSION, name, LEDGER_ID, data), name, TIME)


def write() -> Iterator[str]:
    """Write the golden files that differ, drop those of no example; yield what was done."""
    wanted = {GOLDEN / file_name(example): stored(example) for example in EXAMPLES}
    for path in sorted({*wanted, *GOLDEN.iterdir()}):
        if path not in wanted:
            path.unlink()
            yield f"dropped {path.name}"
        elif not path.exists() or path.read_bytes() != wanted[path]:
            path.write_bytes(wanted[path])
            yield f"written {path.name}"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(f"usage: python {sys.argv[0]} --write")
    sys.stdout.writelines(f"{line}\n" for line in write())
