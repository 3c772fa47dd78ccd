"""Is a ledger in PostgreSQL asked, copied and taken care of as one in files is?"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.ledger_location import VARIABLE, find_ledger, named_location
from events.store.factory import open_reader
from events.store.location import Address

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]
Run = Callable[..., Any]

QUESTIONS = [
    "agreement show pk-sv-bitcoin-2025",
    "agreement list --json",
    "agreement list --as-of 2025-07-17 --public-at 2025-07-17",
    "agreement standing pk-sv-bitcoin-2025",
    "reserve show sv",
    "reserve show sv --as-of 2024-03-15 --public-at 2024-03-13 --json",
    "reserve list --known-at @200",
    "reserve history sv",
    "reserve value sv --json",
    "reserve reconcile sv",
    "party list --csv",
    "timeline reserve/sv",
    "timeline --party pk",
    "history reserve/sv",
    "explain reserve/sv ledger_balance",
    "blame reserve/sv",
    "diff 2025-07-15 2025-07-18",
    "diff --axis known-at @100 @200",
    "diff --axis public-at 2025-07-15 2025-07-18",
    "findings",
    "log -n 5",
    "event show @7",
    "source history the-block",
    "export --format csv --kind reserve",
    "export --public-at 2025-07-19",
    "replay --compare",
    "replay --until @100",
    "replay --as-of 2025-07-18",
    "reserve show svv",
    "reserve show sv --known-at @999",
]
WORDS = [
    ("find", "letter of INTENT"),
    ("find", "100% _ !"),
    ("query", "select subject, reported from reserves"),
    ("query", "select count(*) from claims where data like '%btc%'"),
    ("query", "select source, count(*) from citations group by source order by 2 desc, 1 limit 3"),
    ("query", "select subject from subjects order by 1 limit 3", "--known-at", "@50"),
    ("query", "select 1 from nothing"),
    ("query", "delete from claims"),
]


@pytest.fixture
def address(postgres_server: Any) -> str:
    """Give the address of a schema that is not there yet."""
    from uuid import uuid4

    return str(Address.parse(f"{postgres_server.address()}&schema=t{uuid4().hex[:12]}"))


@pytest.fixture(scope="session")
def both(demo_once: Path, tmp_path_factory: pytest.TempPathFactory, postgres_server: Any) -> Any:
    """Give the story in a folder and its copy in a database: asked, never written to."""
    from cli.main import main

    folder = shutil.copytree(demo_once, tmp_path_factory.mktemp("both") / "ledger")
    address = str(Address.parse(f"{postgres_server.address()}&schema=story"))
    assert main(["copy", str(folder), address]) == 0
    return folder, address


@pytest.mark.parametrize("words", [*(tuple(q.split()) for q in QUESTIONS), *WORDS], ids=" ".join)
def test_every_question_has_the_same_answer(words: tuple[str, ...], both: Any, ask: Ask) -> None:
    folder, address = both
    in_files, in_database = ask("--ledger", folder, *words), ask("--ledger", address, *words)
    assert in_database == in_files


def test_an_empty_database_becomes_a_ledger_and_takes_facts(ask: Ask, address: str) -> None:
    ran = ask("init", address, "--name", "example.org/ledger")
    assert ran.code == 0, ran.err
    assert f"An empty ledger in {address}: example.org/ledger\n" in ran.out
    record = ("record", "party.established", "party/sv", "--name", "El Salvador", "--type", "state")
    ran = ask("--ledger", address, *record, "--asserted-by", "recorder", "--basis", "recorder")
    assert ran.code == 0, ran.err
    assert "@2" in ran.out
    assert "El Salvador" in ask("--ledger", address, "party", "show", "sv").out
    status = json.loads(ask("--ledger", address, "status", "--json").out)
    assert (status["folder"], status["database"], status["position"]) == (None, address, 2)
    assert status["answers"] == {"position": 2}


def test_a_ledger_in_a_database_is_not_made_twice(ask: Ask, refused: Refused, address: str) -> None:
    assert ask("init", address).code == 0
    what, _, then = refused(ask("init", address), 7)
    assert what == "error: there is a ledger already"
    assert then == f"  next: depositary --ledger '{address}' status"
    refused(ask("init", address, "--name", "example.org/other"), 7)
    assert refused(ask("demo", address), 7)[0] == "error: there is a ledger already"


def test_a_folder_keeps_what_a_database_has_no_place_for(
    ask: Ask, refused: Refused, address: str, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<p>kept</p>")
    cite = ("source", "add", tmp_path / "page.html", "--id", "page", "--url", "https://example.org")
    assert ask("init", address).code == 0
    why = refused(ask("--ledger", address, *cite), 7)
    assert "no folder" in why[0]
    assert f"depositary init DIR --database '{address}'" in why[2]
    assert ask("init", tmp_path / "ledger", "--database", address).code == 0
    assert ask("--ledger", tmp_path / "ledger", *cite).code == 0
    assert len(list((tmp_path / "ledger" / "sources").iterdir())) == 1
    assert ask("--ledger", tmp_path / "ledger", "source", "show", "page").code == 0
    audited = ask("--ledger", tmp_path / "ledger", "audit", "--json")
    assert audited.code == 0, audited.out
    assert "a ledger without a folder holds none" in ask("--ledger", address, "audit").out


def test_a_ledger_goes_to_a_database_and_back_and_stays_itself(
    ask: Ask, ledger: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "keys"))
    assert ask("key", "new", "--no-passphrase").code == 0
    assert ask("checkpoint").code == 0
    told = [json.loads(ask("copy", ledger, address, "--json").out)]
    told.append(json.loads(ask("copy", address, tmp_path / "back", "--json").out))
    first = json.loads(ask("replay", "--compare", "--json").out)
    same = {(each["position"], each["root"], each["digest"]) for each in told}
    assert same == {(first["position"], told[0]["root"], first["digest"])}
    rows = []
    for where in (ledger, named_location(address, "here"), tmp_path / "back"):
        with open_reader(find_ledger(where).record) as record:
            rows.append(list(record.rows()))
    assert rows[0] == rows[1] == rows[2]
    monkeypatch.setenv(VARIABLE, address)
    proof = ask("prove", "@2")
    assert proof.code == 0, proof.err
    assert ask("--ledger", ledger, "prove", "@2") == proof
    assert ask("--ledger", tmp_path / "back", "prove", "@2") == proof
    assert json.loads(ask("checkpoint", "--json").out)["new"] is False
    assert "TAMPERED" not in ask("audit").out
    assert ask("publish", tmp_path / "public").code == 0
    assert ask("audit", "--against", tmp_path / "public", "--json").code == 0


def test_an_init_that_fails_leaves_no_folder(
    ask: Ask, refused: Refused, tmp_path: Path, postgres_server: Any
) -> None:
    for address in ("postgresql://me@127.0.0.1:1/ledgers", postgres_server.address("nowhere")):
        refused(ask("init", tmp_path / "new" / "ledger", "--database", address), 7)
        refused(ask("init", address), 7)
        assert list(tmp_path.iterdir()) == []


def test_a_status_weighs_the_schemas(ask: Ask, both: Any) -> None:
    files = json.loads(ask("--ledger", both[1], "status", "--json").out)["files"]
    schema, cached = files
    assert schema["name"] == "story"
    assert Path(cached["name"]).stat().st_size == cached["bytes"]
    assert all(file["bytes"] > 100_000 for file in files)
    assert cached["name"] in ask("--ledger", both[1], "status").out


def test_letters_have_no_case_and_no_accents_in_a_search(
    ask: Ask, ledger: Path, address: str
) -> None:
    name = ("--name", "École X", "--type", "agency", "--asserted-by", "recorder")
    record = ("record", "party.established", "party/ecole", *name, "--basis", "recorder")
    assert ask(*record).code == 0
    assert ask("copy", ledger, address).code == 0
    for word, found in (("École", True), ("éCOLE", True), ("COLE x", False), ("ecole x", True)):
        in_files, in_database = ask("find", word), ask("--ledger", address, "find", word)
        assert in_files == in_database
        assert ("party/ecole" in in_files.out) is found


def test_a_database_to_browse_is_the_same_from_either(ask: Ask, both: Any, tmp_path: Path) -> None:
    import sqlite3

    found = []
    for number, where in enumerate(both):
        file = tmp_path / f"{number}.db"
        assert ask("--ledger", where, "export", "--format", "sqlite", "-o", file).code == 0
        with closing(sqlite3.connect(file)) as connection:
            found.append(list(connection.iterdump()))
    assert found[0] == found[1]


def test_a_copy_is_refused_where_anything_was_recorded(
    ask: Ask, refused: Refused, ledger: Path, address: str
) -> None:
    assert ask("init", address).code == 0
    assert refused(ask("copy", ledger, address), 7)[0] == "error: there is a ledger already"
    assert refused(ask("copy", address, ledger), 7)[0] == "error: there is a ledger already"
    refused(ask("copy", address, address), 7)
    assert json.loads(ask("--ledger", address, "status", "--json").out)["position"] == 1


@pytest.mark.parametrize("into", ["folder", "database"])
def test_an_interrupted_copy_leaves_nothing(
    *, into: str, ask: Ask, both: Any, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events.store import copy

    def interrupted(*_: Any) -> Iterator[Any]:
        yield from ()
        raise KeyboardInterrupt

    monkeypatch.setattr(copy, "_check_rows", interrupted)
    target = tmp_path / "new" / "ledger" if into == "folder" else address
    source = both[1] if into == "folder" else both[0]
    assert ask("copy", source, target).code == 130
    assert not (tmp_path / "new").exists()
    monkeypatch.undo()
    assert ask("copy", source, target).code == 0


@pytest.mark.parametrize("into", ["folder", "database"])
def test_a_copy_interrupted_while_it_is_compared_says_how_to_go_on(
    *, into: str, ask: Ask, both: Any, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cli.commands.move import copy

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(copy, "compare_ledgers", interrupted)
    target = tmp_path / "new" if into == "folder" else address
    source = both[1] if into == "folder" else both[0]
    ran = ask("copy", source, target)
    assert (ran.code, len(ran.err.splitlines())) == (130, 3)
    assert "@1 to @346 are in" in ran.err
    assert "not yet compared with the source" in ran.err
    assert "repeat the same depositary copy" in ran.err
    monkeypatch.undo()
    assert ask("copy", source, target).code == 0
    assert ask("--ledger", target, "reserve", "show", "sv").code == 0
    assert ask("--ledger", target, "audit").code == 0


def test_a_copy_that_is_not_the_same_is_told(
    ask: Ask, refused: Refused, both: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events.store.sqlite.reader import RecordReader
    from projections import compare_ledgers

    with monkeypatch.context() as patched:
        patched.setattr(compare_ledgers, "_digest", lambda place, *_: str(place.name))
        what = refused(ask("copy", both[1], tmp_path / "one"), 7)[0]
        assert what == "error: the copy gives other answers"
    rows = RecordReader.rows
    with monkeypatch.context() as patched:  # the file's reader, and not the database's
        patched.setattr(
            RecordReader,
            "rows",
            lambda self, **how: (
                row._replace(state=row.state + b" ") if row.position == 7 else row
                for row in rows(self, **how)
            ),
        )
        what, why, _ = refused(ask("copy", both[1], tmp_path / "two"), 7)
        assert what == "error: the copy differs"
        assert "@7 of" in why


def test_a_backup_says_how_a_database_is_saved(ask: Ask, refused: Refused, both: Any) -> None:
    _, why, then = refused(ask("--ledger", both[1], "backup", "file"), 7)
    assert "pg_dump -n story" in why
    assert then.startswith(f"  next: depositary copy '{both[1]}' DIR")


def test_an_audit_asks_a_database_what_it_can_say(ask: Ask, both: Any) -> None:
    checks = json.loads(ask("--ledger", both[1], "audit", "--json").out)["checks"]
    outcomes = {check["name"]: check["outcome"] for check in checks}
    assert {outcomes[name] for name in ("schema", "versions", "events", "text", "answers")} == {
        "holds"
    }


def test_answers_that_were_changed_are_found_and_made_anew(
    ask: Ask, refused: Refused, ledger: Path, address: str
) -> None:
    assert ask("copy", ledger, address).code == 0
    *_, cached = json.loads(ask("--ledger", address, "status", "--json").out)["files"]
    with closing(sqlite3.connect(cached["name"])) as answers:
        answers.execute("UPDATE claims SET first_on = '2021-09-07' WHERE position = 6")
        answers.commit()
    refused(ask("--ledger", address, "replay", "--compare"), 4)
    assert "TAMPERED  answers" in ask("--ledger", address, "audit").out
    assert ask("--ledger", address, "replay").code == 0
    assert ask("--ledger", address, "replay", "--compare").code == 0
    Path(cached["name"]).unlink()
    refused(ask("--ledger", address, "replay", "--compare"), 7)
    assert ask("--ledger", address, "reserve", "show", "sv").code == 0
    assert ask("--ledger", address, "replay", "--compare").code == 0
