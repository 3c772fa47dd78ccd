"""Write the claims and answers to a SQLite database that others can browse.

The file is plain SQLite, made to be opened in Datasette: subjects and claims with foreign keys,
sources, parties and amounts in tables of their own, full-text search over the claims, a flat view
for each kind, and the answers at the clocks asked for: the standings of parties too.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from msgspec import convert

from domain.claims.claim import Clocks
from domain.claims.ranking import Policy
from events.catalogue import UnknownTypeError, body_class, type_of
from events.identifiers import KINDS, kind_of
from events.references import references
from projections.export.selection import ExportColumn, Selection, columns_of, selected_claim_rows
from projections.queries.show import list_kind
from projections.queries.standing import standing_rows, status_rows
from projections.read_model.database import ReadModel

BATCH = 5_000

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE subjects (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT);
CREATE TABLE claims (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL REFERENCES subjects (id),
    type TEXT NOT NULL,
    recorded TEXT NOT NULL,
    asserted_by TEXT REFERENCES subjects (id),
    basis TEXT,
    effective TEXT,
    acted TEXT,
    first_on TEXT,
    last_on TEXT,
    published_on TEXT,
    place TEXT,
    note TEXT,
    about TEXT,
    data TEXT NOT NULL
);
CREATE TABLE claim_sources (
    position INTEGER NOT NULL REFERENCES claims (position),
    source TEXT NOT NULL REFERENCES subjects (id),
    published TEXT,
    retrieved TEXT,
    origin TEXT REFERENCES subjects (id),
    PRIMARY KEY (position, source)
);
CREATE TABLE claim_subjects (
    position INTEGER NOT NULL REFERENCES claims (position),
    subject TEXT NOT NULL REFERENCES subjects (id),
    PRIMARY KEY (position, subject)
);
CREATE TABLE amounts (
    position INTEGER NOT NULL REFERENCES claims (position),
    field TEXT NOT NULL,
    unit TEXT NOT NULL,
    lower INTEGER,
    upper INTEGER,
    lower_open INTEGER,
    upper_open INTEGER,
    approximate INTEGER,
    words TEXT,
    PRIMARY KEY (position, field)
);
CREATE TABLE answers (
    subject TEXT PRIMARY KEY REFERENCES subjects (id),
    kind TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE TABLE standings (
    party TEXT NOT NULL REFERENCES subjects (id),
    agreement TEXT NOT NULL REFERENCES subjects (id),
    status TEXT NOT NULL,
    since TEXT,
    by_day_of_act TEXT,
    PRIMARY KEY (agreement, party)
);
CREATE TABLE statuses (
    agreement TEXT PRIMARY KEY REFERENCES subjects (id),
    status TEXT NOT NULL,
    in_force TEXT NOT NULL,
    by_day_of_act TEXT
);
CREATE VIRTUAL TABLE claims_fts USING fts5 (subject, type, note, data, content="claims",
    content_rowid="position");
"""
INDEXES = """
CREATE INDEX claims_of_a_subject ON claims (subject);
CREATE INDEX claims_of_a_type ON claims (type);
CREATE INDEX claims_by_asserter ON claims (asserted_by);
CREATE INDEX claim_sources_by_source ON claim_sources (source);
CREATE INDEX claim_subjects_by_subject ON claim_subjects (subject);
INSERT INTO claims_fts (claims_fts) VALUES ('rebuild');
"""
_AMOUNT = ("unit", "lower", "upper", "lower_open", "upper_open", "approximate", "words")


def write_database(
    connection: sqlite3.Connection,
    answers: ReadModel,
    choice: Selection,
    clocks: Clocks,
    chosen: Policy,
) -> int:
    """Write claims and answers under a policy into an empty database; return how many claims."""
    connection.executescript(SCHEMA)
    connection.execute("PRAGMA foreign_keys = OFF")  # checked as a whole at the end
    connection.execute("BEGIN")
    written, found = 0, selected_claim_rows(answers, choice)
    while batch := list(islice(found, BATCH)):
        _write_batch(connection, batch)
        written += len(batch)
    _write_answers(connection, answers, choice, clocks, chosen)
    if not choice.kinds or "agreement" in choice.kinds:
        _write_standings(connection, answers, clocks, chosen)
    connection.execute(
        "UPDATE subjects SET name = (SELECT coalesce(json_extract(answer, '$.name'),"
        " json_extract(answer, '$.title')) FROM answers WHERE subject = subjects.id)"
    )
    connection.executemany("INSERT INTO about VALUES (?, ?)", _about(answers, clocks, chosen))
    connection.execute("COMMIT")
    connection.executescript(INDEXES + "".join(map(_view, KINDS)))
    return written


def _write_batch(connection: sqlite3.Connection, batch: list[dict[str, Any]]) -> None:
    sources, parties, amounts, rows = [], [], [], []
    for claim in batch:
        data, position = json.loads(claim["data"]), claim["position"]
        rows.append(_row(claim, data))
        named = _named(claim["topic"], data)
        parties += [(position, thing) for thing in sorted(named)]
        for one in data.get("sources", ()):
            parts = (one.get(name) for name in ("published", "retrieved", "origin"))
            sources.append((position, one["source"], *parts))
        amounts += [
            (position, field, *map(amount.get, _AMOUNT))
            for field, amount in data.items()
            if isinstance(amount, dict) and "unit" in amount
        ]
    things = {row[2] for row in rows} | {thing for _, thing in parties}
    things |= {thing for row in sources for thing in (row[1], row[4]) if thing}
    things |= {row[5] for row in rows if row[5]}
    _insert(
        connection, "subjects", 3, [(t, kind_of(t), None) for t in sorted(things)], "OR IGNORE "
    )
    _insert(connection, "claims", 16, rows)
    _insert(connection, "claim_sources", 5, sources)
    _insert(connection, "claim_subjects", 2, parties)
    _insert(connection, "amounts", 9, amounts)


def _insert(
    connection: sqlite3.Connection, table: str, width: int, rows: Iterable[Any], how: str = ""
) -> None:
    marks = ", ".join("?" * width)
    connection.executemany(f"INSERT {how}INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _row(claim: dict[str, Any], data: dict[str, Any]) -> tuple[Any, ...]:
    return (
        claim["position"],
        f"{claim['thing']}/{claim['version']}",
        claim["thing"],
        claim["topic"].rpartition(".")[0],
        claim["time"],
        *(data.get(name) for name in ("asserted_by", "basis", "effective", "acted")),
        *(claim[name] for name in ("first_on", "last_on", "published_on")),
        *(data.get(name) for name in ("place", "note", "target")),
        claim["data"],
    )


def _named(topic: str, data: dict[str, Any]) -> frozenset[str]:
    try:
        return references(convert(data, body_class(type_of(topic))))
    except UnknownTypeError:
        return frozenset()  # written by a newer version, which knows what it names


def _write_answers(
    connection: sqlite3.Connection,
    answers: ReadModel,
    choice: Selection,
    clocks: Clocks,
    chosen: Policy,
) -> None:
    for kind in choice.kinds or KINDS[1:]:
        for line in list_kind(answers, kind, clocks, chosen):
            text = json.dumps(line, ensure_ascii=False)
            thing = line["subject"]
            connection.execute("INSERT OR IGNORE INTO subjects VALUES (?, ?, NULL)", (thing, kind))
            connection.execute("INSERT INTO answers VALUES (?, ?, ?)", (thing, kind, text))


def _write_standings(
    connection: sqlite3.Connection, answers: ReadModel, clocks: Clocks, chosen: Policy
) -> None:
    stood = standing_rows(answers, clocks, chosen).rows
    parties = {row["party"] for row in stood}
    _insert(connection, "subjects", 3, [(p, "party", None) for p in sorted(parties)], "OR IGNORE ")
    _insert(connection, "standings", 5, [tuple(row.values()) for row in stood])
    rows = status_rows(answers, clocks, chosen).rows
    _insert(connection, "statuses", 4, [tuple(row.values()) for row in rows])


def _about(answers: ReadModel, clocks: Clocks, chosen: Policy) -> Iterator[tuple[str, str | None]]:
    known_at = answers.position if clocks.known_at is None else clocks.known_at
    yield "as_of", clocks.as_of.isoformat()
    yield "public_at", clocks.public_at_text
    yield "known_at", str(known_at)
    yield "policy", str(chosen)


def _read(column: ExportColumn) -> str:
    if column.listed:
        return f"(SELECT group_concat(value, '; ') FROM json_each(data, '{column.path}'))"  # noqa: S608
    return f"json_extract(data, '{column.path}')"


def _view(kind: str) -> str:
    own = [column for column in columns_of(kind) if column.path and column.name != "data"]
    fields = ", ".join(f'{_read(c)} AS "{c.name}"' for c in own)
    return (
        f'CREATE VIEW "{kind}_claims" AS SELECT position, id, subject, type, recorded, first_on,'  # noqa: S608
        f" last_on, published_on, {fields} FROM claims WHERE subject LIKE '{kind}/%';\n"
    )
