"""Does what leaves the ledger say what is in it, for programs of others?"""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.catalogue import all_types
from events.identifiers import KINDS
from projections.export.selection import column_names, columns_of

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Refused = Callable[[Any, int], list[str]]

MORE = """
[[fact]]
type = "reserve.holding-reported"
subject = "reserve/sv"
amount = "6,240 BTC"
scope = "total"
effective = "2025-07-18"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{ source = "source/onbtc", published = "2025-07-19" }]
"""


@pytest.fixture
def holding(ask: Ask, ledger: Path) -> Path:
    ran = ask("append", "-", stdin=MORE)
    assert ran.code == 0, ran.err
    return ledger


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_ndjson_is_the_stored_bytes_one_event_a_line(
    ask: Ask, holding: Path, recorded: Recorded
) -> None:
    ran = ask("export")
    assert ran.code == 0, ran.err
    assert ran.out.encode() == b"".join(row.state + b"\n" for row in recorded())


def test_a_kind_and_the_clocks_choose_the_claims(ask: Ask, holding: Path) -> None:
    def ids(*options: str) -> list[str]:
        return [json.loads(line)["id"] for line in ask("export", *options).out.splitlines()]

    assert ids("--kind", "reserve") == ["reserve/sv/1", "reserve/sv/2"]
    assert ids("--kind", "reserve", "--kind", "source")[0] == "source/onbtc/1"
    assert ids("--kind", "reserve", "--known-at", "@6") == ["reserve/sv/1"]
    assert ids("--kind", "reserve", "--as-of", "2025-07-17") == ["reserve/sv/1"]
    assert ids("--kind", "reserve", "--public-at", "2025-07-18") == []
    assert ids("--kind", "reserve", "--public-at", "2025-07-19") == ["reserve/sv/2"]


def test_csv_has_whole_sats_and_a_column_for_each_field(ask: Ask, holding: Path) -> None:
    found = rows(ask("export", "--format", "csv", "--kind", "reserve").out)
    assert tuple(found[0]) == column_names("reserve")
    assert [row["amount_lower"] for row in found] == ["", "624000000000"]
    assert found[1]["amount_unit"] == "sat"
    assert (found[1]["effective"], found[1]["first_on"]) == ("2025-07-18", "2025-07-18")
    assert found[1]["sources"] == "source/onbtc"


def test_csv_of_several_kinds_has_the_columns_of_all(ask: Ask, holding: Path) -> None:
    found = rows(ask("export", "--csv").out)
    assert len(found) == 7
    assert tuple(found[0]) == column_names(None)
    assert found[-1]["amount_lower"] == "624000000000"
    assert {row["published_on"] for row in found[:5]} == {""}


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_columns_of_a_kind_have_one_name(kind: str) -> None:
    assert len(set(column_names(kind))) == len(column_names(kind))


def test_a_field_is_a_column_of_the_same_type_in_every_kind() -> None:
    types: dict[str, set[str]] = {}
    for kind in KINDS:
        for column in columns_of(kind):
            types.setdefault(column.name, set()).add(column.type)
    assert {name for name, found in types.items() if len(found) > 1} == set()
    assert all_types()


def test_the_database_has_keys_search_and_views(ask: Ask, holding: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ran = ask("export", "--format", "sqlite", "-o", file)
    assert ran.code == 0, ran.err
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM claims").fetchone() == (7,)
        search = "SELECT rowid FROM claims_fts WHERE claims_fts MATCH 'salvador'"
        assert db.execute(search).fetchall() == [(2,), (3,)]
        sats = "SELECT amount_lower FROM reserve_claims WHERE amount_unit = 'sat'"
        assert db.execute(sats).fetchall() == [(624000000000,)]
        named = db.execute("SELECT name FROM subjects WHERE id = 'party/sv'").fetchone()
        assert named == ("El Salvador",)
        state = db.execute("SELECT answer FROM answers WHERE subject = 'reserve/sv'").fetchone()
        assert json.loads(state[0])["subject"] == "reserve/sv"
        views = db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'view'").fetchone()
        assert views == (len(KINDS),)


def test_the_answers_in_the_database_know_nothing_later(
    ask: Ask, holding: Path, tmp_path: Path
) -> None:
    file = tmp_path / "early.db"
    assert ask("export", "--format", "sqlite", "-o", file, "--known-at", "@5").code == 0
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT count(*) FROM answers WHERE kind = 'reserve'").fetchone() == (0,)
        assert db.execute("SELECT max(position) FROM claims").fetchone() == (5,)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--format", "sqlite"), 2),
        (("--format", "xml"), 2),
        (("--kind", "nation"), 2),
        (("--known-at", "@99"), 2),
    ],
)
def test_what_cannot_be_exported_is_said(
    arguments: tuple[str, ...], code: int, ask: Ask, refused: Refused, ledger: Path
) -> None:
    refused(ask("export", *arguments), code)


@pytest.mark.parametrize("form", ["ndjson", "csv", "sqlite"])
def test_a_file_that_is_there_is_left_as_it_is(
    form: str, ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("mine")
    assert ask("export", "--format", form, "-o", tmp_path / "mine").code == 7
    assert (tmp_path / "mine").read_text() == "mine"
