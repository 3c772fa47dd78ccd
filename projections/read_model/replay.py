"""Fold all things at the clocks, from the bytes of the record alone.

Every event is hashed, compared with its columns and read as strictly as when it was recorded, and
its thing is folded; no answer that is stored is asked.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.party_ends import with_parties
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, fold
from events.identifiers import kind_of
from events.serialization import ledger_id_of, read_event
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from projections.kinds.registry import summary
from projections.queries.document import canonical_text
from projections.read_model.catch_up import Progress
from projections.read_model.digest import digest_things
from projections.read_model.rebuild import require_all
from projections.read_model.schema import ENDING_TOPICS, kind_bounds

BATCH = 2_000


class ReplayQuestion(NamedTuple):
    """Up to which position, which was what was known, at which clocks, under which policy."""

    last: int
    clocks: Clocks
    policy: Policy


class Replayed(NamedTuple):
    """How many events of how many subjects were replayed, and the digest, in hexadecimal.

    It is over the hashes of all events and the lines of all things at the clocks: equal where the
    same was recorded, and the same is answered. `newer` counts the things of which a newer version
    wrote: their events are among the hashes, and they have no line.
    """

    events: int
    subjects: int
    newer: int
    digest: str


def replay_things(
    record: RecordReader, question: ReplayQuestion, progress: Progress | None = None
) -> Replayed:
    """Replay the events up to a position; raise RecordDamagedError for a wrong one."""
    last = question.last
    question = question._replace(clocks=question.clocks._replace(known_at=None))
    ledger_id, digests = ledger_id_of(record.first()), list[bytes]()
    done = newer = told = 0
    ended = record.things_of_types(ENDING_TOPICS, kind_bounds("party"), last)

    def view_of(party: str) -> Resolution | None:
        if party not in ended:
            return None
        claims = _claims(record.rows(until=last, thing=party), ledger_id)
        return fold(claims, question.clocks, question.policy)

    for thing, stored in groupby(record.by_thing(last), itemgetter(1)):
        rows = list(stored)
        claims = _claims(rows, ledger_id)
        newer += len(claims) < len(rows)
        of_parties = view_of if ended else None
        line = _line(thing, claims, question, of_parties) if len(claims) == len(rows) else ""
        digests.append(_digest(rows, line))
        done += len(rows)
        if progress is not None and (done >= told + BATCH or done == last):
            progress(done, last)
            told = done
    require_all(record, done, last)
    return Replayed(last, len(digests), newer, digest_things(digests))


def _claims(rows: Iterable[Row], ledger_id: str) -> list[Claim]:
    """Return the claims in rows, without those of a type that is not known here."""
    claims = []
    for row in rows:
        e = read_event(row, ledger_id)
        if e.body is not None:
            claims.append(Claim(e.position, e.version, e.thing, e.type, e.body, e.time))
    return claims


def _line(
    thing: str,
    claims: list[Claim],
    question: ReplayQuestion,
    view_of: Callable[[str], Resolution | None] | None,
) -> str:
    """Return the line of a thing as JSON, nothing where nothing stands that was public."""
    view = fold(claims, question.clocks, question.policy)
    if view_of is not None and kind_of(thing) == "agreement":
        view = with_parties(view, view_of)
    return canonical_text(summary(thing, view)) if view.standing.claims else ""


def _digest(rows: list[Row], line: str) -> bytes:
    """Return the hash over a thing's number of events, their hashes, and its line."""
    leaves = b"".join([sha256(b"\x00" + state).digest() for _, _, _, _, state in rows])
    return sha256(b"%d %b%b" % (len(rows), leaves, line.encode())).digest()
