"""Find which parties and sources an event mentions, and select events and subjects by it.

A mention holds for all clocks, because it only selects (docs/spec/answers.md, 21.1): what is
selected is folded, or asked for its days, before it stands in an answer.
"""

import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from domain.claims.claim import Claim, Clocks, as_notice, begun_by
from domain.claims.publication import publication_at
from projections.read_model.rows import READ, claims_from
from projections.read_model.schema import ALWAYS, kind_bounds

if TYPE_CHECKING:
    from projections.read_model.project_event import ProjectedEvent

NAMES, ASSERTS, CITES, ORIGIN = range(4)  # the role: where in the event the id stands
_ROLES = {"": NAMES, "asserted_by": ASSERTS, "source": CITES, "origin": ORIGIN}
_ids = re.compile('"(?:(asserted_by|source|origin)":")?((?:party|source)/[a-z0-9-]+)"').findall
_KNOWN = "FROM mentions WHERE name = ? AND role = ? AND position <= ? AND from_day <= ?"


ReadClaims = Callable[[Sequence[Sequence[Any]]], list[Claim]]
Mention = tuple[str, int, int, str, int]  # whom, the role, the position, the thing, from which day


def mentions_in(event: "ProjectedEvent") -> list[Mention]:
    """Return what an event mentions, sorted; before the day of a mention it had not begun."""
    row, claim = event
    if row.kind == "ledger":
        return []
    position, thing = row.position, row.thing
    day = as_notice(claim).dates.from_.first.toordinal() if claim else 1
    found = {(name, _ROLES[key], position, thing, day) for key, name in _ids(row.data)}
    return sorted(found)


def ids_in(data: str) -> set[str]:
    """Return the ids of parties and sources in JSON text."""
    return {name for _, name in _ids(data)}


def count_mentions(
    connection: sqlite3.Connection,
    name: str,
    role: int,
    clocks: Clocks,
    read: ReadClaims = claims_from,
) -> tuple[int, int]:
    """Return how many events mention a party or a source at the clocks, and of how many subjects.

    A day of publication, or an instant, takes a look at each of them.
    """
    if clocks.public_at is None and clocks.moment is None:
        sql = f"SELECT count(*), count(DISTINCT thing) {_KNOWN}"
        found: tuple[int, int] = connection.execute(sql, _values(name, role, clocks)).fetchone()
        return found
    claims = list(mentioning_claims(connection, name, role, clocks, read))
    return len(claims), len({claim.thing for claim in claims})


def mentioning_claims(
    connection: sqlite3.Connection,
    name: str,
    role: int,
    clocks: Clocks,
    read: ReadClaims = claims_from,
) -> Iterator[Claim]:
    """Yield the events that mention a party or a source at the clocks, the newest first.

    `read` makes claims of rows, and raises NewerVersionError.
    """
    sql = f"SELECT position {_KNOWN} ORDER BY position DESC"
    rows = connection.execute(sql, _values(name, role, clocks))
    while several := rows.fetchmany(20):
        marks = ", ".join("?" * len(several))
        found = connection.execute(
            f"SELECT {READ} FROM claims WHERE position IN ({marks}) ORDER BY position DESC",  # noqa: S608
            [position for (position,) in several],
        )
        for claim in read(found.fetchall()):
            public = publication_at(claim, clocks) in ("public", "perhaps")
            if public and begun_by(claim, clocks) != "no":
                yield claim


def agreements_of(
    connection: sqlite3.Connection, party: str, ended: Collection[str], known_at: int | None
) -> list[str]:
    """Return the agreements under which a party may have a status by a position, sorted.

    They name it, or one of the parties that have `ended` and that it may continue.
    """
    known = ALWAYS if known_at is None else known_at

    def naming(name: str, kind: str) -> list[str]:
        rows = connection.execute(
            "SELECT DISTINCT thing FROM mentions WHERE name = ? AND role = ? AND position <= ?"
            " AND thing >= ? AND thing < ?",
            (name, NAMES, known, *kind_bounds(kind)),
        )
        return [thing for (thing,) in rows]

    met, waiting = {party}, [party]
    while waiting:
        found = [one for one in naming(waiting.pop(), "party") if one in ended and one not in met]
        met.update(found)
        waiting += found
    return sorted({thing for one in met for thing in naming(one, "agreement")})


def _values(name: str, role: int, clocks: Clocks) -> tuple[str, int, int, int]:
    known = ALWAYS if clocks.known_at is None else clocks.known_at
    # The day of an instant may be the next one elsewhere.
    return name, role, known, clocks.as_of.toordinal() + (0 if clocks.moment is None else 2)
