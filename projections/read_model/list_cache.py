"""What is ready of things' answers: which holds for a question, and how it is made.

That is a thing's line in a list, its disputes, and of an agreement the status of each party.

A cached line knows the claims about its thing up to one of them, under the default policy, at the
day from which on no date of theirs can change it: it holds for every later day, every position
from that claim on and before the next, and every day of publication by which all of it was public.
Who asks for a list makes those that are missing, and keeps them where the answers may be written:
of a thing the newest, and one of the past.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from msgspec import to_builtins
from msgspec.json import Decoder

from domain.claims.claim import Claim, Clocks
from domain.claims.party_ends import named_parties
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, fold
from domain.kinds.registry import judged_states, public_states
from events.identifiers import kind_of
from events.store.clock import is_ahead
from events.store.errors import StoreError
from events.store.rows import Row
from projections.kinds.registry import side_statuses, summary
from projections.queries.disputes import disputes_of
from projections.queries.document import Document, canonical_text
from projections.queries.finding_context import FoldedStates
from projections.read_model.catch_up import ended_parties, position_of, read_rows, transaction
from projections.read_model.date_effects import FIRST, RECKONING, effects_of_dates, reckoned_from
from projections.read_model.rows import (
    READ,
    AnswersDamagedError,
    NewerVersionError,
    claims_from,
    damaged_row,
)
from projections.read_model.schema import ALWAYS, EVERYTHING, NEVER, kind_bounds

BATCH = 500
_decode = Decoder().decode

KEEP = "REPLACE INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_DROP_OTHERS = (
    "DELETE FROM lines WHERE thing = ?1 AND last_position NOT IN"
    " (?2, (SELECT last_position FROM things WHERE thing = ?1))"
)
# The line of the last claim about a thing up to a position: most often that is the last of all.
# Whether it is to be made: of a past position only where it will hold on the day.
_READY = (
    "SELECT things.thing, lines.{since}, lines.public_by, lines.thing IS NULL"
    " AND (things.last_position <= :known OR (:day <> '' AND NOT EXISTS (SELECT 1 FROM claims"
    " WHERE claims.thing = things.thing AND position <= :known AND settled_from > :day))),"
    " {columns} FROM things LEFT JOIN lines ON lines.thing = things.thing"
    " AND lines.last_position = iif(things.last_position <= :known, things.last_position,"
    " (SELECT max(position) FROM claims WHERE claims.thing = things.thing AND position <= :known))"
    " WHERE things.thing >= :first AND things.thing < :end AND things.first_position <= :known"
    " AND (:only IS NULL OR things.thing IN (SELECT value FROM json_each(:only)))"
    " ORDER BY things.thing"
)
_MISSING = (
    "SELECT thing FROM things LEFT JOIN lines USING (thing, last_position)"
    " WHERE lines.valid_from IS NULL ORDER BY thing"
)
_WITHOUT_FINDINGS = (
    "SELECT count(*) FROM things JOIN lines USING (thing, last_position)"
    " LEFT JOIN findings ON findings.thing = things.thing"
    " AND findings.last_position = things.last_position"
    " WHERE findings.found IS NULL AND kind != 'ledger' AND valid_from <= ? AND valid_from < ?"
)
KEEP_FINDINGS = (
    "INSERT INTO findings VALUES (?, ?, ?, ?) ON CONFLICT (thing) DO UPDATE SET"
    " last_position = excluded.last_position, found = excluded.found, told = excluded.told"
    " WHERE excluded.last_position >= findings.last_position"
)
COLUMNS = f"{READ}, published_on, settled_from"


class CachedLine(NamedTuple):
    """A thing's line, and for which clocks it holds: the first day, and of publication.

    NEVER in `valid_from` says that no line holds for long. `summary` is empty (NULL) where nothing
    that was said still stands: such a thing has no line. The `disputes` hold from `disputed_from`
    on, NULL where there are none; `statuses` of an agreement, by party, from `valid_from` on.
    """

    thing: str
    last_position: int
    valid_from: str
    public_by: str
    disputed_from: str
    disputes: str | None = None
    summary: str | None = None
    statuses: str | None = None


class FoldedLine(NamedTuple):
    """A thing's line, and what it was made from: None where none holds.

    That is the view and the states, with what was said of each act as they were folded.
    """

    line: CachedLine
    view: Resolution | None = None
    folded: FoldedStates | None = None


def line_of(
    claims: Sequence[Claim],
    settled: Iterable[str | None],
    public: Iterable[str | None],
    ended: frozenset[str],
    *,
    judging: bool = False,
) -> FoldedLine:
    """Return the line of a thing with these claims, and their days as kept.

    None holds for long of an agreement that names one of the parties that have `ended`: it follows
    from claims about the party too. With `judging` each act is judged as the states are folded.
    """
    thing, last = claims[-1].thing, claims[-1].position
    days = list(settled)
    disputed_from = max(filter(None, map(_settled_apart, claims, days)), default=FIRST)
    if disputed_from == NEVER:
        return FoldedLine(empty_line(thing, last))
    public_by = _public_by(claims, public)
    valid_from = _reckoned_from(claims, disputed_from)
    if ended and kind_of(thing) == "agreement" and not ended.isdisjoint(named_parties(claims)):
        valid_from = NEVER
    folded_on = disputed_from if valid_from == NEVER else valid_from
    view = fold(claims, Clocks(date.fromisoformat(folded_on)), policy(DEFAULT))
    found = disputes_of(view)
    disputes = canonical_text(found) if found else None
    if valid_from == NEVER:  # of the rest, a rule or a party's end may change the answer any day
        return FoldedLine(CachedLine(thing, last, NEVER, public_by, disputed_from, disputes))
    folded = text = statuses = None
    if kind_of(thing) != "ledger":
        folded = judged_states(thing, view) if judging else (public_states(thing, view), ())
    if view.standing.claims:
        text = canonical_text(summary(thing, view, folded and folded[0]))
        if folded and (rows := side_statuses(thing, view, folded[0])) is not None:
            statuses = canonical_text({row["party"]: row for row in rows})
    ready = disputed_from, disputes, text, statuses
    return FoldedLine(CachedLine(thing, last, valid_from, public_by, *ready), view, folded)


def _settled_apart(claim: Claim, settled: str | None) -> str | None:
    """Return from when a claim is settled; of a rule, which reckons days, by its own dates."""
    if f"{claim.type}." != RECKONING:
        return settled
    return effects_of_dates((claim.body.effective, claim.body.acted))[1]


def _reckoned_from(claims: Iterable[Claim], settled: str) -> str:
    """Return from when the rules of entry into force among some claims reckon no later day."""
    for claim in claims:
        body: Any = claim.body
        if claim.type == "claim.corrected" and body.data_type.startswith(RECKONING):
            return NEVER  # rare
        if f"{claim.type}." == RECKONING:
            settled = reckoned_from(settled, to_builtins(body.rule))
    return settled


def empty_line(thing: str, last: int) -> CachedLine:
    """Return what is kept of a thing for which no line holds for long."""
    return CachedLine(thing, last, NEVER, NEVER, NEVER)


def _public_by(claims: Iterable[Claim], public: Iterable[str | None]) -> str:
    # A correction's text has days of its own, which the columns do not hold.
    if "claim.corrected" in [claim.type for claim in claims]:
        return NEVER
    return max([day or NEVER for day in public])


def store_lines(connection: sqlite3.Connection, lines: Sequence[CachedLine]) -> None:
    """Write lines; of each thing the newest is kept, and one of the past."""
    with transaction(connection):
        connection.executemany(KEEP, lines)
        connection.executemany(_DROP_OTHERS, (line[:2] for line in lines))


def cached_lines(
    connection: sqlite3.Connection, kind: str, clocks: Clocks
) -> dict[str, Document | None]:
    """Return by thing the lines of a kind that hold at these clocks, made now where missing.

    None for a thing of which nothing stands any more.
    """
    day = clocks.as_of.isoformat() if _keeps_the_past(connection, clocks) else ""
    columns = ("valid_from", "summary")
    found, _ = _ready(connection, kind_bounds(kind), clocks, columns, day=day)
    return _read_all({thing: text for thing, (text,) in found.items()})


def _keeps_the_past(connection: sqlite3.Connection, clocks: Clocks) -> bool:
    """Say whether lines of a past position are asked for and may be kept: else a fold does less."""
    known_at = clocks.known_at
    if clocks.public_at or known_at is None or known_at >= position_of(connection):
        return False
    try:
        with transaction(connection):
            return True
    except (sqlite3.Error, StoreError):
        return False


def cached_disputes(
    connection: sqlite3.Connection, bounds: tuple[str, str], clocks: Clocks
) -> tuple[dict[str, list[Document]], list[str]]:
    """Return by thing the disputes that hold at these clocks, made now where missing.

    Beside them stand the things within bounds of which none is ready: they are to be folded.
    """
    found, rest = _ready(connection, bounds, clocks, ("disputed_from", "disputes"))
    return _read_all({thing: text for thing, (text,) in found.items() if text}), rest


def cached_statuses(
    connection: sqlite3.Connection, party: str, things: Sequence[str], clocks: Clocks
) -> dict[str, Document | None]:
    """Return by agreement a party's status and the title, as hold at these clocks, where ready.

    None where the party has none.
    """
    columns = ("valid_from", "statuses", "summary")
    ready, _ = _ready(connection, kind_bounds("agreement"), clocks, columns, only=things)
    found: dict[str, Document | None] = {}
    for thing, (statuses, line) in ready.items():
        status = _read(thing, statuses or "{}").get(party)
        found[thing] = status and {**status, "title": _read(thing, line)["title"]}
    return found


def cached_titles(
    connection: sqlite3.Connection, things: Sequence[str], clocks: Clocks
) -> dict[str, Document]:
    """Return by thing its line, which says what it is called, where one holds at these clocks."""
    ready, _ = _ready(connection, EVERYTHING, clocks, ("valid_from", "summary"), only=things)
    found = _read_all({thing: text for thing, (text,) in ready.items()})
    return {thing: line or {} for thing, line in found.items()}


def _ready(
    connection: sqlite3.Connection,
    bounds: tuple[str, str],
    clocks: Clocks,
    columns: tuple[str, ...],
    *,
    only: Sequence[str] | None = None,
    day: str = "",
) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
    """Return by thing the columns of the line that holds at the clocks, made now where missing.

    The first column says from which day on. Beside them stand the things within bounds, or `only`
    some of them, of which no line holds. With a `day` lines of a past position are made too.
    """
    since, *others = columns
    sql = _READY.format(since=since, columns=", ".join(f"lines.{name}" for name in others))
    values = {
        "first": bounds[0],
        "end": bounds[1],
        "known": ALWAYS if clocks.known_at is None else clocks.known_at,
        "only": None if only is None else canonical_text(only),
        "day": day,
    }
    found: dict[str, tuple[Any, ...]] = {}
    rest, missing = [], []
    for thing, valid_from, public_by, is_missing, *told in connection.execute(sql, values):
        if is_missing:
            missing.append(thing)
        elif valid_from is not None and _holds(valid_from, public_by, clocks):
            found[thing] = tuple(told)
        else:
            rest.append(thing)
    for line in _made(connection, missing, clocks.known_at):
        if _holds(getattr(line, since), line.public_by, clocks):
            found[line.thing] = tuple([getattr(line, name) for name in others])
        else:
            rest.append(line.thing)
    return found, sorted(rest)


def _made(
    connection: sqlite3.Connection, things: Sequence[str], known_at: int | None
) -> Iterator[CachedLine]:
    """Yield the lines of things, made now, and kept where the answers may be written."""
    may_be_kept = True
    for first in range(0, len(things), BATCH):
        lines = list(make_lines(connection, things[first : first + BATCH], known_at))
        try:
            if may_be_kept:  # who waited in vain once does not wait again
                store_lines(connection, lines)
        except (sqlite3.Error, StoreError):
            may_be_kept = False
        yield from lines


class KeptFindings(NamedTuple):
    """What checks found of a thing, and what they were told of other things, as JSON."""

    thing: str
    last_position: int
    found: str
    told: str


def cached_findings(
    connection: sqlite3.Connection, clocks: Clocks, last: Row | None
) -> tuple[dict[str, int], dict[str, KeptFindings]]:
    """Return the things whose findings hold wherever their line does, and those that are kept.

    The first with the position of the last claim about each; the second only where they are of
    all claims. They hold if what was told of other things is still so. None in a log whose `last`
    event lies ahead: what is found of that ends with the machine's clock.
    """
    if last is None or is_ahead(last.time, datetime.now(UTC)):
        return {}, {}
    ready, _ = _ready(connection, EVERYTHING, clocks, ("valid_from", "last_position"))
    holding: dict[str, int] = {thing: position for thing, (position,) in ready.items()}
    kept = map(KeptFindings._make, connection.execute("SELECT * FROM findings"))
    return holding, {one.thing: one for one in kept if holding.get(one.thing) == one.last_position}


def things_without_findings(connection: sqlite3.Connection, day: date) -> int:
    """Return of how many things no findings are kept, though their line holds on a day."""
    found = connection.execute(_WITHOUT_FINDINGS, (day.isoformat(), NEVER)).fetchone()
    return int(found[0])


def stored_findings(connection: sqlite3.Connection) -> Iterator[tuple[date, KeptFindings]]:
    """Yield the findings that are kept and may be taken, each with the first day they hold."""
    rows = connection.execute(
        "SELECT lines.valid_from, findings.* FROM findings JOIN lines USING (thing, last_position)"
        " JOIN things USING (thing, last_position) WHERE valid_from < ?",
        (NEVER,),
    )
    for day, *kept in rows.fetchall():
        yield date.fromisoformat(day), KeptFindings._make(kept)


def keep_findings(connection: sqlite3.Connection, several: Iterable[KeptFindings]) -> None:
    """Keep findings, where the answers may be written."""
    with suppress(sqlite3.Error, StoreError), transaction(connection):
        connection.executemany(KEEP_FINDINGS, several)


def _read_all(texts: dict[str, str | None]) -> dict[str, Any]:
    """Return by thing what is kept as JSON, read in one go."""
    try:
        several = _decode(f"[{','.join([text or 'null' for text in texts.values()])}]")
        return dict(zip(texts, several, strict=True))
    except ValueError:  # one of them is broken: one at a time, to say which
        return {
            thing: None if text is None else _read(thing, text) for thing, text in texts.items()
        }


def _read(thing: str, text: str) -> Any:
    try:
        return _decode(text)
    except ValueError as error:
        raise AnswersDamagedError(f"the line of {thing} in the answers: {error}") from None


def _holds(since: str, public_by: str, clocks: Clocks) -> bool:
    valid = since <= clocks.as_of.isoformat() and since < NEVER
    return valid and public_by <= _certainly_by(clocks)


def _certainly_by(clocks: Clocks) -> str:
    """Return the day by which all must have been public; of an instant, one that is over."""
    if clocks.public_at is None:
        return NEVER
    day = clocks.public_at
    return (day - timedelta(2) if clocks.public_moment else day).isoformat()


def things_without_line(connection: sqlite3.Connection) -> list[str]:
    """Return the things that lack their newest line."""
    return [thing for (thing,) in connection.execute(_MISSING)]


def make_lines(
    connection: sqlite3.Connection, things: Sequence[str], known_at: int | None = None
) -> Iterator[CachedLine]:
    """Yield the lines of things up to a position, made from rows; raise AnswersDamagedError."""
    ended = ended_parties(connection)
    for thing in things:
        yield _make_line(thing, read_rows(connection, COLUMNS, thing, known_at), ended)


def find_wrong_line(connection: sqlite3.Connection) -> str | None:
    """Return a thing of which another line of the past is kept than is made; None for none."""
    rows = connection.execute(
        "SELECT lines.* FROM lines JOIN things USING (thing)"
        " WHERE lines.last_position < things.last_position"
    )
    for kept in map(CachedLine._make, rows.fetchall()):
        if kept not in make_lines(connection, [kept.thing], kept.last_position):
            return kept.thing
    return None


def _make_line(thing: str, rows: Sequence[Any], ended: frozenset[str]) -> CachedLine:
    if not rows:  # the table of claims is damaged
        return empty_line(thing, 0)
    try:
        claims = claims_from([row[:6] for row in rows])
    except NewerVersionError:
        return empty_line(thing, rows[-1][0])
    try:
        return line_of(claims, [row[7] for row in rows], [row[6] for row in rows], ended).line
    except ValueError as error:
        raise damaged_row(rows[-1], error) from None
