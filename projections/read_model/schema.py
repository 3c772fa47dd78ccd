"""The tables of the answers.

One row a claim, one row a thing, one for each party and source that an event mentions, an index of
the words of the events, and what is ready of a thing's answers where it was made: its line in a
list, its disputes, the status of each party. Days are ISO text, so that they compare as text; names
are compared by code point.
"""

FORMAT = 12
NEVER = "9999-12-31"  # a day that does not come
ALWAYS = 2**62  # later than any position

SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE claims (
    position INTEGER NOT NULL,
    thing TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    time TEXT NOT NULL,
    asserted_by TEXT,
    basis TEXT,
    first_on TEXT,
    last_on TEXT,
    published_on TEXT,
    moves_from TEXT,
    settled_from TEXT,
    data TEXT NOT NULL,
    recordedby TEXT,
    fallen INTEGER,
    PRIMARY KEY (thing, position)
) STRICT;
CREATE TABLE things (
    thing TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE lines (
    thing TEXT NOT NULL,
    last_position INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    public_by TEXT NOT NULL,
    disputed_from TEXT NOT NULL,
    disputes TEXT,
    summary TEXT,
    statuses TEXT,
    PRIMARY KEY (thing, last_position)
) STRICT, WITHOUT ROWID;
CREATE TABLE mentions (
    name TEXT NOT NULL,
    role INTEGER NOT NULL,
    position INTEGER NOT NULL,
    thing TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    PRIMARY KEY (name, role, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE findings (
    thing TEXT PRIMARY KEY,
    last_position INTEGER NOT NULL,
    found TEXT NOT NULL,
    told TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5(
    names, says, about, content='', columnsize=0, tokenize='ascii'
);
"""

# For a file that no other process reads yet, and that is thrown away if it is not finished.
UNFINISHED = "PRAGMA journal_mode = OFF"

# Made after the rows where there are many: sorting once is cheaper than finding each its place.
# Few claims end a party; every answer about an agreement asks which.
ENDING_TOPICS = ("party.continued-by.v1", "party.dissolved.v1")
REVISING_TOPICS = ("claim.corrected.v1", "claim.retracted.v1")
ABOUT_TOPICS = (
    *(*REVISING_TOPICS, "claim.denied.v1", "claim.resolved.v1"),
    *("claim.same-occurrence.v1", "claim.distinct-occurrence.v1"),
)
ENDING = f"topic IN {ENDING_TOPICS}"
INDEXES = (
    "CREATE UNIQUE INDEX claims_in_order ON claims (position)",
    f"CREATE INDEX ends_of_parties ON claims (thing) WHERE {ENDING}",
    "CREATE UNIQUE INDEX fallen_texts ON claims (position) WHERE fallen = 1",
    "CREATE INDEX disputed_things ON lines (thing) WHERE disputes IS NOT NULL",
)

# What SQLite keeps of it: the text of each table and index. What the index of words is kept in has
# texts of SQLite's own.
MADE = (
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND NOT"
    " (type = 'table' AND name IN ('texts_data', 'texts_idx', 'texts_config')) LIMIT 20"
)
TEXTS = frozenset(filter(None, map(str.strip, (*SCHEMA.split(";"), *INDEXES))))


def kind_bounds(kind: str) -> tuple[str, str]:
    """Return the bounds of the things of a kind: from the first on, and before the second."""
    return f"{kind}/", f"{kind}0"  # 0 is the character after the stroke


EVERYTHING = "", "~"  # bounds of the things of all kinds: names begin with a letter
