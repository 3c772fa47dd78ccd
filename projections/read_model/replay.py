"""What do all things come to at the clocks, by the bytes of the record alone?

Every event is hashed, held against its columns and read as strictly as when it was recorded, and
its thing is folded; no answer that is stored is asked. Where there are many events, a second
process takes half of the things.
"""

from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy, policy
from domain.claims.resolution import fold
from events.catalogue import type_of
from events.second import Second, Send
from events.serialization import ledger_id_of, read
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from events.transparency.merkle import HASH_BYTES, leaf_hash
from projections.kinds.registry import canonical_text, summary
from projections.read_model.catch_up import Progress
from projections.read_model.digest import whole
from projections.read_model.garbage import no_search
from projections.read_model.halving import DOT, Between, Told, can_be_halved, middle_of

BATCH = 2_000


class Question(NamedTuple):
    """Up to which position, at which clocks, and under which policy.

    What was known is what had been recorded by that position, whatever the clocks say of it.
    """

    last: int
    clocks: Clocks
    policy: Policy


class Replayed(NamedTuple):
    """How many events of how many things were replayed, and the digest, in hexadecimal.

    It is over the hashes of all events and the lines of all things at the clocks: equal where the
    same was recorded, and the same is answered. `newer` counts the things of which a newer version
    wrote: their events are among the hashes, and they have no line.
    """

    events: int
    things: int
    newer: int
    digest: str


class _Share(NamedTuple):
    events: int
    newer: int
    digests: list[bytes]


def replayed(
    record: RecordReader, question: Question, progress: Progress | None = None
) -> Replayed:
    """Replay the events up to a position, and return what they come to.

    Raises RecordDamagedError where one is missing, or is not what the door lets in.
    """
    last = question.last
    question = question._replace(clocks=question.clocks._replace(known_at=None))
    told = Told(progress, last)
    with no_search():
        if can_be_halved(record, last):
            shares = _by_two(record, question, told)
        else:
            shares = [_share(record, ("", None), question, told.here)]
    if sum(share.events for share in shares) != last:
        for _ in record.rows(until=last):
            pass  # it says which is missing
    digests = [digest for share in shares for digest in share.digests]
    return Replayed(last, len(digests), sum(share.newer for share in shares), whole(digests))


def _by_two(record: RecordReader, question: Question, told: Told) -> list[_Share]:
    middle = middle_of(record, question.last)
    as_of, public_at, _ = question.clocks
    task = {
        "record": str(record.path),
        "last": question.last,
        "clocks": [as_of.isoformat(), public_at and public_at.isoformat()],
        "policy": str(question.policy),
        "first": middle,
    }
    with Second(__name__, task, libraries=True) as second:
        here = _share(record, ("", middle), question, told.beside(second, BATCH))
        sent = second.all()
    if sent is None:  # what went wrong there is met again
        return [here, _share(record, (middle, None), question, told.here)]
    _, counts, digests = sent.split(b"\n", 2)
    events, newer = map(int, counts.split())
    told.here(events)
    each = range(0, len(digests), HASH_BYTES)
    return [here, _Share(events, newer, [digests[at : at + HASH_BYTES] for at in each])]


def half(task: dict[str, Any], send: Send) -> None:
    """Be the second process: replay from a thing on, and send how many events, and digests."""
    as_of, public_at = task["clocks"]
    clocks = Clocks(date.fromisoformat(as_of), public_at and date.fromisoformat(public_at))
    question = Question(task["last"], clocks, policy(task["policy"]))
    with no_search(), RecordReader(Path(task["record"])) as record:
        found = _share(record, (task["first"], None), question, lambda _: send(DOT))
    send(b"\n%d %d\n%b" % (found.events, found.newer, b"".join(found.digests)))


def _share(
    record: RecordReader, between: Between, question: Question, tell: Callable[[int], None]
) -> _Share:
    ledger_id, digests = ledger_id_of(record.first()), list[bytes]()
    events = newer = waiting = 0
    for thing, stored in groupby(record.by_thing(*between, until=question.last), itemgetter(1)):
        rows = list(stored)
        claims = _claims(rows, ledger_id)
        newer += len(claims) < len(rows)
        line = _line(thing, claims, question) if len(claims) == len(rows) else ""
        digests.append(_digest(rows, line))
        events += len(rows)
        waiting += len(rows)
        if waiting >= BATCH:
            tell(waiting)
            waiting = 0
    tell(waiting)
    return _Share(events, newer, digests)


def _claims(rows: Iterable[Row], ledger_id: str) -> list[Claim]:
    """Return the claims in rows, without those of a type that is not known here."""
    return [
        Claim(e.position, e.version, e.thing, type_of(e.topic), e.body, e.time)
        for e in (read(row, ledger_id) for row in rows)
        if e.body is not None
    ]


def _line(thing: str, claims: list[Claim], question: Question) -> str:
    """Return the line of a thing as JSON, nothing where nothing stands that was public."""
    view = fold(claims, question.clocks, question.policy)
    return canonical_text(summary(thing, view)) if view.standing.claims else ""


def _digest(rows: list[Row], line: str) -> bytes:
    """Return the hash over a thing's number of events, their hashes, and its line."""
    leaves = b"".join([leaf_hash(state) for _, _, _, _, state in rows])
    return sha256(b"%d %b%b" % (len(rows), leaves, line.encode())).digest()
