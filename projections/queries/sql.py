"""Ask the answers in SQL: nothing can be written, and nothing runs for ever.

Views of the answers at the clocks asked for. The lists of kinds are made when a query names them;
claims, subjects and citations are read where they stand.
"""

import json
import re
import sqlite3
import time
from functools import partial
from typing import Any, NamedTuple

from msgspec import convert

from domain.claims.claim import Claim, Clocks
from domain.claims.publication import NONE_EXCLUDED, Excluded, publication_at
from domain.claims.ranking import Policy
from events.catalogue import UnknownTypeError, all_types, body_class, topic, type_of
from events.text import amount_parts, flat_text
from projections.queries.document import Document
from projections.queries.show import count_excluded, list_lines
from projections.queries.standing import standing_rows, status_rows
from projections.read_model.database import ReadModel
from projections.read_model.rows import READ, claims_from
from projections.read_model.schema import ALWAYS

MAX_ROWS = 100_000
MAX_SECONDS = 10.0  # between two instructions of SQLite; who asks stops one that takes longer
MAX_VALUE_BYTES = 10_000_000
_STEPS = 10_000  # instructions of SQLite between two looks at the clock

Named = tuple[str, str]  # a column's name, and what it means

_CLAIM: tuple[Named, ...] = (
    ("position", "the position of the event in the log, from 1"),
    ("event", "the event's id, subject/n"),
    ("subject", "the subject it is about"),
    ("kind", "the subject's kind"),
    ("type", "what is claimed, such as reserve.acquired"),
    ("recorded", "when it was recorded, UTC"),
    ("asserted_by", "the party that asserts it"),
    ("basis", "the kind of evidence"),
    ("first_on", "the first day that its date may mean"),
    ("last_on", "the last day that its date may mean"),
    ("published_on", "the day by which it was certainly public"),
    ("data", "all its fields, as JSON"),
    ("recordedby", "who recorded it, if given"),
)
_LISTED = ("subject", "the subject's id")


def _amount(name: str, means: str) -> tuple[Named, ...]:
    return (
        (name, f"{means}, in words"),
        (f"{name}_unit", "its unit"),
        (f"{name}_lower", "its lower bound, in that unit"),
        (f"{name}_upper", "its upper bound; null: no bound"),
    )


_BY_ACT = ("by_day_of_act", "what has no effective day and is dated by its act, joined by `; `")
VIEWS: dict[str, tuple[Named, ...]] = {
    "claims": _CLAIM,
    "subjects": (
        _LISTED,
        ("kind", "its kind"),
        ("claims", "how many events are about it"),
        ("first_position", "the first of them"),
        ("last_position", "the last of them"),
    ),
    "citations": (
        ("position", "the event that cites"),
        ("subject", "the subject it is about"),
        ("source", "the source cited"),
        ("published", "when the source was published, as the claim says"),
        ("origin", "the origin of the quotations, where it is not the asserting party"),
    ),
    "agreements": (
        _LISTED,
        ("title", "its title"),
        ("kind", "what it calls itself"),
        ("kind_support", "how far sources agree on its kind"),
        ("signed", "the day of the first signature"),
        ("signed_support", "how far sources agree on it"),
        ("signatories", "the signatories and the sides they signed for, joined by `; `"),
        ("status", "announced, adopted, open, in force, in operation, suspended, ended"),
        ("parties", "its parties or participants of the day, joined by `; `"),
        ("in_force", "yes, no or cannot tell"),
    ),
    "standings": (
        ("party", "a side with a status or an act under an agreement"),
        ("agreement", "the agreement"),
        ("status", "its status: signatory, contracting, party and so on"),
        ("since", "since when it has that status (EDTF)"),
        _BY_ACT,
    ),
    "statuses": (
        ("agreement", "the agreement"),
        ("status", "its status: open, in force, ended and so on; or cannot tell"),
        ("in_force", "yes, no or cannot tell"),
        _BY_ACT,
    ),
    "reserves": (
        _LISTED,
        ("holder", "the holder"),
        ("label", "its name"),
        ("status", "established, announced, flows recorded, figure reported or mentioned only"),
        ("ledger_balance", "the ledger balance in words; null where no flow is recorded"),
        ("ledger_balance_lower_sat", "its lower bound, in satoshis"),
        ("ledger_balance_upper_sat", "its upper bound; null: no bound, or no flow"),
        ("ledger_balance_unknown_flows", "flows of unknown size"),
        ("ledger_balance_perhaps", "an alternative value, where dates are imprecise"),
        ("custody", "what is in custody, in words; null where no flow is recorded"),
        ("custody_lower_sat", "its lower bound, in satoshis"),
        ("custody_upper_sat", "its upper bound; null: no bound, or no flow"),
        ("custody_perhaps", "an alternative value, where dates are imprecise"),
        ("reported", "what is reported, in words"),
        ("reported_lower_sat", "its lower bound, in satoshis"),
        ("reported_upper_sat", "its upper bound, in satoshis"),
        ("reported_as_of", "the day of the figure"),
        ("reported_by", "the party that asserts it"),
        ("reported_holds", "yes, or cannot tell whether it is from the day asked or earlier"),
        ("reported_support", "how far sources agree on it"),
    ),
    "parties": (
        _LISTED,
        ("name", "its name"),
        ("type", "state, agency, organisation, company, publisher, person or territory"),
        ("state", "its State"),
        ("under", "the party it is under"),
    ),
    "sources": (
        _LISTED,
        ("publisher", "the party that published it"),
        ("title", "its title"),
        ("published", "its publication date, as the source says"),
        ("copies", "how many copies are archived"),
    ),
    "programmes": (
        _LISTED,
        ("status", "its status"),
        ("approved", "when it was approved"),
        *_amount("access", "its size"),
        *_amount("made_available", "how much was made available"),
        *_amount("known_drawn", "how much was disbursed"),
    ),
    "allocations": (
        _LISTED,
        ("status", "allocated, energised or withdrawn"),
        *_amount("power", "how much"),
        ("since", "from when"),
        ("authority", "the authority that allocated it"),
        ("purposes", "for what, joined by `; `"),
    ),
    "proposals": (
        _LISTED,
        ("status", "its status"),
        ("to", "the party it was put to"),
        ("acted", "who acted on it, joined by `; `"),
        ("terms", "its terms"),
    ),
    "laws": (
        _LISTED,
        ("form", "act, decree, ordinance or order"),
        ("adopted", "when"),
        ("in_force", "yes, no or cannot tell"),
        ("began", "1 once it came into force"),
        ("since", "in force since"),
        ("until", "in force until"),
        ("ceased", "how it ceased"),
        ("ceased_on", "when it ceased"),
    ),
    "meetings": (
        _LISTED,
        ("held", "when"),
        ("mode", "in person, virtual or hybrid"),
        ("place", "where"),
        ("participants", "who, joined by `; `"),
        ("topics", "about what, joined by `; `"),
    ),
    "prices": (
        _LISTED,
        ("pair", "of what, in what"),
        ("kind", "open, close or spot"),
        *_amount("value", "the newest"),
        ("on", "of when"),
    ),
}
_KINDS = {"parties": "party"}
_ROWS = {"standings": standing_rows, "statuses": status_rows}
_READ_IN_PLACE = ("claims", "subjects", "citations")
_ALONE = (*_READ_IN_PLACE, *_ROWS)  # they do not say what else perhaps was public
_BESIDE = (
    ("contested", "under strict the columns that have no value, being contested, joined by `; `"),
    _BY_ACT,
    ("perhaps", "what would differ with all that perhaps was public"),
)
VIEWS |= {view: (*named, *_BESIDE) for view, named in VIEWS.items() if view not in _ALONE}
# Views of before v0.1, so that a query written then still runs.
OLD_SPELLINGS = {
    "things": "SELECT subject AS thing, kind, claims, first_position, last_position"
    " FROM temp.subjects"
}


class QueryError(Exception):
    """A query reads, from the views and columns that there are; `meant` says which may be meant."""

    def __init__(self, why: str, wrong: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.wrong, self.known = wrong, known


class TooManyRowsError(Exception):
    """A query has ten seconds and 100,000 rows."""


class Result(NamedTuple):
    """The columns and rows of a query, and how many claims were left out of lists it names."""

    columns: list[str]
    rows: list[dict[str, Any]]
    excluded: Excluded


def run_query(answers: ReadModel, sql: str, clocks: Clocks, chosen: Policy) -> Result:
    """Return what a query finds; raise QueryError or TooMuchError."""
    connection = answers.connection
    excluded = _offer(connection, answers, sql, clocks, chosen)
    for table in _TABLES_OF_JSON:
        connection.execute(f"SELECT 1 FROM {table}('[]')")  # noqa: S608 - made while it may be
    until = time.monotonic() + MAX_SECONDS
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
    connection.set_authorizer(_allowed)
    try:
        return _result(connection.execute(sql), excluded)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _told(error) from error
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)
        connection.execute("PRAGMA query_only = OFF")
        _take_back(connection)


def _result(cursor: sqlite3.Cursor, excluded: Excluded) -> Result:
    if cursor.description is None:
        raise QueryError("a query is one SELECT, and this asks for nothing")
    columns = _named_apart([column[0] for column in cursor.description])
    rows = cursor.fetchmany(MAX_ROWS + 1)
    if len(rows) > MAX_ROWS:
        raise TooManyRowsError(f"it finds more than {MAX_ROWS:,} rows: add a LIMIT")
    found = [
        dict(zip(columns, (v.hex() if isinstance(v, bytes) else v for v in row), strict=True))
        for row in rows
    ]
    return Result(columns, found, excluded)


def _named_apart(names: list[str]) -> list[str]:
    """Return the names of columns, those that come again with a number behind them."""
    found: list[str] = []
    for name in names:
        count = 2
        other = name
        while other in found:
            other, count = f"{name}_{count}", count + 1
        found.append(other)
    return found


def _offer(
    connection: sqlite3.Connection, answers: ReadModel, sql: str, clocks: Clocks, chosen: Policy
) -> Excluded:
    """Make the lists that the query names, then the view of claims; return the left out."""
    excluded = NONE_EXCLUDED
    words = set(re.findall(r"[a-z]+", sql.lower()))
    for view in (view for view in VIEWS if view not in _READ_IN_PLACE):
        columns = ", ".join(f'"{name}"' for name, _ in VIEWS[view])
        connection.execute(f"CREATE TEMP TABLE {view} ({columns})")
        if view in words:
            excluded = excluded.plus(_fill(connection, answers, view, clocks, chosen))
    _offer_claims(connection, clocks)
    if clocks.public_at and not words.isdisjoint((*_READ_IN_PLACE, *OLD_SPELLINGS)):
        excluded = excluded.plus(_excluded_claims(connection, clocks))
    return excluded


def _excluded_claims(connection: sqlite3.Connection, clocks: Clocks) -> Excluded:
    """Return how many of the claims perhaps were public, and of how many it is unknown."""
    known = ALWAYS if clocks.known_at is None else clocks.known_at
    rows = connection.execute(
        f"SELECT {READ} FROM main.claims WHERE position <= ?"  # noqa: S608 - our own columns
        " AND (published_on IS NULL OR published_on >= ?)",
        (known, str(clocks.public_at)),
    )
    topics = {topic(name) for name in all_types()}  # a newer version may have written others
    return count_excluded(claims_from([row for row in rows if row[3] in topics]), clocks)


def _offer_claims(connection: sqlite3.Connection, clocks: Clocks) -> None:
    known = ALWAYS if clocks.known_at is None else clocks.known_at
    public = f"published_on <= '{clocks.public_at.isoformat()}'" if clocks.public_at else "1"
    if clocks.public_moment is not None:
        connection.create_function("was_public", 2, partial(_was_public, clocks))
        public = "was_public(topic, data)"
    connection.execute(  # what is put in is a number and a day
        "CREATE TEMP VIEW claims AS SELECT position, thing || '/' || version AS event,"  # noqa: S608
        " thing AS subject, kind, rtrim(rtrim(topic, '0123456789'), '.v') AS type,"
        " time AS recorded,"
        " asserted_by, basis, first_on, last_on,"
        " nullif(published_on, '0001-01-01') AS published_on, data, recordedby FROM main.claims"
        f" WHERE position <= {known} AND {public}"
    )
    connection.execute(
        "CREATE TEMP VIEW subjects AS SELECT subject, kind, count(*) AS claims,"
        " min(position) AS first_position, max(position) AS last_position"
        " FROM temp.claims GROUP BY subject, kind"
    )
    for view, spelling in OLD_SPELLINGS.items():
        connection.execute(f"CREATE TEMP VIEW {view} AS {spelling}")
    connection.execute(
        "CREATE TEMP VIEW citations AS SELECT position, subject,"
        " json_extract(j.value, '$.source') AS source,"
        " json_extract(j.value, '$.published') AS published,"
        " json_extract(j.value, '$.origin') AS origin"
        " FROM temp.claims, json_each(data, '$.sources') AS j"
    )


def _was_public(clocks: Clocks, topic: str, data: str) -> bool:
    """Say whether a claim was certainly public at an instant."""
    try:
        body = convert(json.loads(data), body_class(type_of(topic)))
    except UnknownTypeError:
        return False
    claim = Claim(0, 0, "", type_of(topic), body)
    return publication_at(claim, clocks) == "public"


def _take_back(connection: sqlite3.Connection) -> None:
    for view in (*OLD_SPELLINGS, "citations", "subjects", "claims"):
        connection.execute(f"DROP VIEW temp.{view}")
    for view in (view for view in VIEWS if view not in _READ_IN_PLACE):
        connection.execute(f"DROP TABLE temp.{view}")


def _fill(
    connection: sqlite3.Connection, answers: ReadModel, view: str, clocks: Clocks, chosen: Policy
) -> Excluded:
    names = [name for name, _ in VIEWS[view]]
    if rows := _ROWS.get(view):
        found, excluded = rows(answers, clocks, chosen)
    else:
        found, excluded = list_lines(answers, _KINDS.get(view, view[:-1]), clocks, chosen)
    connection.executemany(
        f"INSERT INTO temp.{view} VALUES ({', '.join('?' * len(names))})",  # noqa: S608 - our own
        [[_stored(line.get(name)) for name in names] for line in map(_flat, found)],
    )
    return excluded


def _flat(line: Document) -> Document:
    """Return a line with the unit and the bounds of each amount in columns of their own."""
    amounts = [name for name, given in line.items() if isinstance(given, dict) and "unit" in given]
    return {**line, **{k: v for name in amounts for k, v in amount_parts(name, line[name]).items()}}


def _stored(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        return flat_text(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


_FINE = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_TABLES_OF_JSON = ("json_each", "json_tree")
_FORBIDDEN_FUNCTIONS = frozenset(("load_extension", "fts3_tokenizer"))


def _allowed(
    action: int, table: str | None, column: str | None, database: str | None, view: str | None
) -> int:
    """Say whether a step of a query may be: it reads what is offered, and nothing else."""
    if action == sqlite3.SQLITE_FUNCTION and column in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action in _FINE:
        return sqlite3.SQLITE_OK
    offered = database != "main" and (table in VIEWS or table in OLD_SPELLINGS)
    if action == sqlite3.SQLITE_READ and (offered or table in _TABLES_OF_JSON):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and table == "claims" and view in _READ_IN_PLACE:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


# What columns were called before v0.1: a query written then is told what to write.
_RENAMED = {
    "booked_sat": "ledger_balance_lower_sat",
    "booked_unnamed": "ledger_balance_unknown_flows",
    "kind_status": "kind_support",
    "recorded_at": "recorded",
    "reported_status": "reported_support",
    "signed_status": "signed_support",
    "stage": "status",
    "standing": "status",
    "thing": "subject",
}
_NO_SUCH = re.compile(r"no such (column|table): (?:\S+\.)?(\S+)").search


def _told(error: Exception) -> Exception:
    text = str(error)
    if "interrupted" in text:
        return TooManyRowsError(f"it ran for more than {MAX_SECONDS:.0f} seconds: ask for less")
    if isinstance(error, sqlite3.DataError) or "too big" in text:
        return TooManyRowsError(f"a value is longer than {MAX_VALUE_BYTES:,} bytes")
    if "not authorized" in text or "prohibited" in text or "readonly" in text:
        return QueryError(f"a query only reads the views there are: {text}")
    if match := _NO_SUCH(text):
        columns = tuple(dict.fromkeys(name for named in VIEWS.values() for name, _ in named))
        return QueryError(
            text,
            _RENAMED.get(match[2], match[2]),
            columns if match[1] == "column" else tuple(VIEWS),
        )
    if "locked" in text:
        return error
    return QueryError(text)
