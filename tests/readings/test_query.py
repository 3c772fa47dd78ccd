"""Does SQL read what is offered, at the clocks asked for, and can it do nothing else?"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.catalogue import all_types
from projections.queries import sql as asking
from projections.queries.sql import VIEWS

Ask = Callable[..., Any]


NO_LISTS = ("claims", "subjects", "citations", "standings", "statuses")


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_columns_that_its_description_names(view: str, document: Ask) -> None:
    names = ", ".join(f'"{name}"' for name, _ in VIEWS[view])
    rows = document("query", f"select {names} from {view}")["rows"]
    assert rows
    assert [*rows[0]] == [name for name, _ in VIEWS[view]]


@pytest.mark.parametrize("view", [v for v in VIEWS if v not in NO_LISTS])
def test_the_list_of_a_kind_is_a_view(view: str, document: Ask) -> None:
    """Every value of the list, at any clocks: lists joined, amounts in columns of their own."""
    kind = {"parties": "party"}.get(view, view[:-1])
    clocks = ("--as-of", "2025-07-19", "--public-at", "2026-12-31", "--policy", "latest")
    listed = document(kind, "list", *clocks)
    rows = document("query", f"select * from {view} order by subject", *clocks)["rows"]
    assert len(rows) == len(listed)
    for row, line in zip(rows, listed, strict=True):
        assert {*row} >= {*line} - {"label"}
        for name in line:
            value = line[name]
            if isinstance(value, dict):
                assert row[name] == value["text"]
                bounds = [row[f"{name}_{part}"] for part in ("unit", "lower", "upper")]
                assert bounds == [value["unit"], value["lower"], value["upper"]]
            elif isinstance(value, list):
                assert row[name] == "; ".join(value)
            else:
                assert row[name] == value


def test_standings_and_statuses_are_those_of_the_agreements(document: Ask) -> None:
    clocks = ("--as-of", "2025-07-19", "--public-at", "2026-12-31")
    stood = document("query", "select * from standings order by agreement, party", *clocks)["rows"]
    statuses = document("query", "select * from statuses order by agreement", *clocks)["rows"]
    expected, phases = [], []
    for one in document("agreement", "list", *clocks):
        name = one["subject"].partition("/")[2]
        told = document("agreement", "standing", name, *clocks)
        answer, acts = told["answer"], "; ".join(told.get("by_day_of_act", ())) or None
        phases.append((one["subject"], answer["phase"], answer["in_force"], acts))
        expected += [
            (each["party"], one["subject"], each["status"], each["since"])
            for each in answer["statuses"]
            if not each["perhaps"]
        ]
    assert [tuple(row.values()) for row in statuses] == phases
    certain = [tuple(row.values())[:4] for row in stood if " or " not in row["status"]]
    assert sorted(certain) == sorted(expected)
    assert certain


def test_the_types_of_claims_are_those_of_the_catalogue(document: Ask) -> None:
    rows = document("query", "select distinct type from claims")["rows"]
    assert {row["type"] for row in rows} <= set(all_types())
    assert not any(name.endswith("v") or "." not in name for name in all_types())


def test_claims_are_those_known_and_public_by_then(document: Ask) -> None:
    sql = "select max(position) as last, max(published_on) as public from claims"
    (row,) = document("query", sql, "--known-at", "@260", "--public-at", "2024-12-31")["rows"]
    assert row["last"] <= 260
    assert row["public"] <= "2024-12-31"


def test_formats_have_stable_names(counter: Ask) -> None:
    sql = "select subject, 1 as a, 2 as a from reserves order by subject limit 1"
    assert counter("query", sql, "--csv").out == "subject,a,a_2\nreserve/pk,1,2\n"
    assert counter("query", sql).out.splitlines()[:2] == [
        "subject     a  a_2",
        "reserve/pk  1    2",
    ]
    line = counter("query", sql, "--format", "ndjson").out
    assert json.loads(line) == {"subject": "reserve/pk", "a": 1, "a_2": 2}


def test_the_views_are_explained(counter: Ask) -> None:
    out = counter("query", "--views").out
    assert all(view in out for view in VIEWS)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from claims",
        "delete from reserves",
        "insert into claims values (1)",
        "update main.current set summary = ''",
        "drop table main.claims",
        "create table x (a)",
        "create temp table x as select 1",
        "create temp view x as select 1",
        "attach '/tmp/x.sqlite3' as x",
        "detach main",
        "vacuum",
        "vacuum into '/tmp/x.sqlite3'",
        "pragma query_only = off",
        "pragma writable_schema = on",
        "select * from pragma_table_info('claims')",
        "begin immediate",
        "commit",
        "reindex",
        "analyze",
        "select load_extension('x')",
        "select * from main.claims",
        "select * from current",
        "with claims as (select * from main.state) select * from claims",
        "select * from sqlite_master",
        "select * from sqlite_temp_master",
        "replace into subjects values (1)",
        "with x as (select 1) delete from main.claims",
    ],
)
def test_what_writes_attaches_or_looks_behind_is_turned_away(
    sql: str, turned_away: Ask, the_story: Path, counter: Ask
) -> None:
    counter("reserve", "list")  # catches up
    before = _bytes(the_story)
    turned_away(2, "query", sql)
    assert _bytes(the_story) == before


@pytest.mark.parametrize(
    ("function", "sql"),
    [
        ("load_extension", "select load_extension('x')"),
        ("load_extension", "select load_extension('x', 'y')"),
        ("fts3_tokenizer", "select fts3_tokenizer('simple')"),  # an address in memory
    ],
)
def test_a_function_that_reaches_out_of_the_answers_is_turned_away_by_name(
    function: str, sql: str, turned_away: Ask
) -> None:
    assert turned_away(2, "query", sql)[1].endswith(f"not authorized to use function: {function}")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select holdr from reserves", "did you mean holder"),
        ("select r.reportd from reserves r", "did you mean reported"),
        ("select * from reservs", "did you mean reserves"),
        ("select thing from claims", "did you mean subject"),
        ("select c.recorded_at from claims c", "did you mean recorded"),
        ("select booked_sat from reserves", "did you mean ledger_balance_lower_sat"),
        ("select stage from programmes", "did you mean status"),
        ("selec 1", "syntax error"),
        ("select 1; select 2", "one statement"),
        ("", "asks for nothing"),
        ("/* nothing */", "asks for nothing"),
        ("select (", "incomplete"),
        ("select nosuch(1)", "no such function"),
        ("select ?", "bind"),
    ],
)
def test_what_is_wrong_says_what_was_meant(sql: str, why: str, turned_away: Ask) -> None:
    told = turned_away(2, "query", sql)
    assert why in told[1]
    assert told[2] == "depositary query --views"


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (
            "with recursive c(x) as (select 1 union all select x+1 from c) select max(x) from c",
            "ran",
        ),
        ("with recursive c(x) as (select 1 union all select x+1 from c) select x from c", "rows"),
        ("select count(*) from claims a, claims b, claims c, claims d, claims e", "ran"),
        ("select randomblob(1000000000)", "longer"),
        ("select length(hex(zeroblob(9000000)))", "longer"),
    ],
)
def test_what_asks_for_too_much_is_stopped(
    sql: str, why: str, turned_away: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "ran":  # the others are stopped by what they find, however slow the machine
        monkeypatch.setattr(asking, "MAX_SECONDS", 0.3)
    assert why in turned_away(7, "query", sql)[1]


def test_a_query_is_wanted(turned_away: Ask) -> None:
    turned_away(2, "query")


def _bytes(ledger: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in ledger.iterdir()
        if path.suffix == ".sqlite3"
    }
