"""Is an answer that is one document one line of NDJSON, and never a table?"""

import json
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = (
    ("status",),
    ("where",),
    ("schema", "reserve.acquired"),
    ("template", "reserve.acquired"),
    ("help", "dates"),
    ("completion", "bash"),
    ("reserve", "show", "sv"),
    ("explain", "reserve/sv"),
    ("event", "show", "@6"),
    ("replay",),
)


@pytest.mark.parametrize("words", DOCUMENTS, ids=" ".join)
def test_a_document_is_one_line_of_ndjson(ask: Any, ledger: Path, words: tuple[str, ...]) -> None:
    ran = ask(*words, "--format", "ndjson")
    assert ran.code == 0, ran.err
    (line,) = ran.out.splitlines()
    assert isinstance(json.loads(line), dict)


def test_names_of_types_are_objects_in_ndjson(ask: Any, ledger: Path) -> None:
    lines = ask("schema", "reserve", "--format", "ndjson").out.splitlines()
    assert "reserve.acquired" in [json.loads(line)["type"] for line in lines]


@pytest.mark.parametrize("words", DOCUMENTS, ids=" ".join)
def test_a_document_has_no_csv_form(
    ask: Any, ledger: Path, refused: Any, words: tuple[str, ...]
) -> None:
    assert "has no CSV form" in refused(ask(*words, "--csv"), 2)[0]


def test_what_would_write_is_refused_before_it_writes(
    ask: Any, ledger: Path, refused: Any, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    refused(ask("backup", copy, "--csv"), 2)
    refused(ask("init", tmp_path / "new", "--csv"), 2)
    refused(ask("audit", "--csv"), 2)
    assert not copy.exists()
    assert not (tmp_path / "new").exists()


def test_a_thing_of_which_nothing_stands_is_said_to_be_retracted(
    ask: Any, ledger: Path, refused: Any
) -> None:
    assert ask("retract", "@6", "--reason", "recording-error").code == 0
    for words in (("reserve", "show", "sv"), ("explain", "reserve/sv")):
        _, why, then = refused(ask(*words), 3)
        assert "every claim about reserve/sv was retracted" in why
        assert then == "  next: depositary reserve history reserve/sv"


def test_what_does_not_exist_is_not_an_empty_list(ask: Any, ledger: Path, refused: Any) -> None:
    assert "did you mean reserve/sv?" in refused(ask("log", "--subject", "reserve/svv"), 3)[1]
    assert ask("log", "--thing", "reserve/sv").out == ask("log", "--subject", "reserve/sv").out
    assert "reserve.acquired" in refused(ask("log", "--type", "reserve.aquired"), 3)[1]
    assert ask("log", "--type", "reserve.announced.v1").out == ask(
        "log", "--type", "reserve.announced"
    ).out.replace("reserve.announced --known", "reserve.announced.v1 --known")
    refused(ask("find", ""), 2)
    assert "reserve/sv" in ask("find", "2021-09-06").out


def test_an_option_of_one_value_is_given_once(ask: Any, ledger: Path, refused: Any) -> None:
    twice = ("--amount", "1 BTC", "--amount", "2 BTC", "--mode", "purchase")
    what = refused(ask("record", "reserve.acquired", "sv", *twice), 2)[0]
    assert what == "error: --amount is given 2 times"


def test_an_address_begins_with_a_scheme(ask: Any, ledger: Path, refused: Any) -> None:
    assert (
        "not the address of a document" in refused(ask("source", "add", "--url", "notaurl"), 2)[0]
    )
    assert ask("source", "add", "--url", "https://example.org/post", "--dry-run").code == 0
