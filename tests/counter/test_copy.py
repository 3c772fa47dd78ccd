"""Is a clone the same ledger, to the byte?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from events.store.reading import RecordReader

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
