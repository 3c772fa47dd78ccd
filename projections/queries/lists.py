"""Which lines has the list of a kind?

Lines that are ready are taken as they are; the other things are folded, and where there are many
of them, half by a second process.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy, policy
from projections.kinds.registry import summary
from projections.queries.document import Document
from projections.read_model.batch_fold import Folded, folded
from projections.read_model.database import Answers
from projections.read_model.garbage import no_search

MANY = 400  # things to fold from which on a second process is worth its start


class Lines(NamedTuple):
    """The lines of a list, and how many claims were left out: publication unknown."""

    rows: list[Document]
    left_out: int


class Question(NamedTuple):
    """At which clocks, and under which policy."""

    clocks: Clocks
    policy: Policy


def listed(answers: Answers, kind: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each thing of a kind of which something is known and public by then."""
    return lines(answers, kind, clocks, chosen).rows


def lines(answers: Answers, kind: str, clocks: Clocks, chosen: Policy) -> Lines:
    """Return the list of a kind, and what its clocks left out."""
    ready = answers.ready(kind, clocks) if str(chosen) == DEFAULT else {}
    things = answers.things(kind, clocks.known_at)
    rest = [thing for thing in things if thing not in ready]
    with no_search():
        made = _made(answers, rest, Question(clocks, chosen))
    found = {thing: {"thing": thing, **line} for thing, line in ready.items() if line is not None}
    found.update((row["thing"], row) for row in made.rows)
    return Lines([found[thing] for thing in things if thing in found], made.left_out)


def _made(answers: Answers, things: Sequence[str], asked: Question) -> Lines:
    path = answers.path
    if path is None or len(things) < MANY:
        return _of(answers.folded(things, *asked))
    return _by_two(path, answers, things, asked)


def _by_two(path: Path, answers: Answers, things: Sequence[str], asked: Question) -> Lines:
    from events.second import Second, there_is_one

    if not there_is_one():
        return _of(answers.folded(things, *asked))
    middle = len(things) // 2
    clocks = asked.clocks
    known_at = answers.position if clocks.known_at is None else clocks.known_at
    public_at = clocks.public_at and clocks.public_at.isoformat()
    task = {
        "answers": str(path),
        "clocks": [clocks.as_of.isoformat(), public_at, known_at],
        "policy": str(asked.policy),
        "things": things[middle:],
    }
    with Second(__name__, task) as second:
        first = _of(answers.folded(things[:middle], *asked))
        sent = second.all()
    rest = (
        _of(answers.folded(things[middle:], *asked)) if sent is None else Lines(*json.loads(sent))
    )
    return Lines(first.rows + rest.rows, first.left_out + rest.left_out)


def half(task: dict[str, Any], send: Callable[[bytes], None]) -> None:
    """Be the second process: send the lines of some things."""
    as_of, public_at, known_at = task["clocks"]
    clocks = Clocks(
        date.fromisoformat(as_of), public_at and date.fromisoformat(public_at), known_at
    )
    uri = f"{Path(task['answers']).absolute().as_uri()}?mode=ro"
    with no_search(), closing(sqlite3.connect(uri, uri=True)) as connection:
        found = _of(folded(connection, task["things"], clocks, policy(task["policy"])))
    send(json.dumps(found).encode())


def _of(several: Iterable[Folded]) -> Lines:
    found: list[Document] = []
    left_out = 0
    for thing, view in several:
        if view is None:
            found.append({"thing": thing})  # listed, and its own page says why no more
            continue
        left_out += view.standing.unknown
        if view.standing.claims:
            found.append({"thing": thing, **summary(thing, view)})
    return Lines(found, left_out)
