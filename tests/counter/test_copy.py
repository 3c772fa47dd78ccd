"""Is a clone the same ledger, to the byte?"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.store.sqlite.reader import RecordReader

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]


def rows_of(folder: Path) -> list[Any]:
    with RecordReader(folder / "record.sqlite3") as reader:
        return list(reader.rows())


def test_a_clone_has_the_same_bytes_positions_and_answers(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    (ledger / "sources" / "page").write_text("kept")
    ran = ask("copy", ledger, tmp_path / "clone", "--json")
    assert ran.code == 0, ran.err
    assert rows_of(tmp_path / "clone") == rows_of(ledger)
    assert (tmp_path / "clone" / "sources" / "page").read_text() == "kept"
    told = json.loads(ran.out)
    assert told["position"] == 6
    again = json.loads(ask("replay", "--json").out)
    assert told["digest"] == again["digest"]
    settings = [(f / "depositary.toml").read_text() for f in (ledger, tmp_path / "clone")]
    assert settings[0] == settings[1]


def test_a_clone_warns_of_two_continuations(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    assert "append to one of" in ask("copy", ledger, tmp_path / "clone").out


def test_a_ledger_without_facts_gives_way(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    assert ask("init", tmp_path / "clone").code == 0
    assert ask("copy", ledger, tmp_path / "clone").code == 0
    assert rows_of(tmp_path / "clone") == rows_of(ledger)
    assert ask("--ledger", tmp_path / "clone", "reserve", "show", "sv").code == 0


def test_a_ledger_with_facts_is_left_as_it_is(
    ask: Ask, refused: Refused, ledger: Path, tmp_path: Path
) -> None:
    before = rows_of(ledger)
    refused(ask("copy", ledger, ledger), 7)
    refused(ask("copy", tmp_path / "nowhere", tmp_path / "clone"), 7)
    assert rows_of(ledger) == before
    assert not (tmp_path / "clone").exists()


def test_what_names_no_ledger_is_none(ask: Ask, refused: Refused, ledger: Path) -> None:
    assert "TO is empty" in refused(ask("copy", ledger, ""), 2)[1]
    assert "FROM is empty" in refused(ask("copy", "", ledger), 2)[1]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM stored_events WHERE position = 1",
        "DELETE FROM stored_events WHERE position = 3",
        "UPDATE stored_events SET state = CAST('xx' AS BLOB) WHERE position = 3",
    ],
)
def test_of_a_damaged_ledger_no_clone_is_left(
    damage: str, ask: Ask, refused: Refused, ledger: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(ledger, tmp_path / "damaged")
    with closing(sqlite3.connect(damaged / "record.sqlite3")) as foreign:
        for verb in ("update", "delete"):
            foreign.execute(f"DROP TRIGGER stored_events_{verb}")
        foreign.execute(damage)
        foreign.commit()
    refused(ask("copy", damaged, tmp_path / "clone"), 4)
    assert not (tmp_path / "clone" / "record.sqlite3").exists()
    ran = ask("copy", ledger, tmp_path / "clone")  # into the same place
    assert ran.code == 0, ran.err
