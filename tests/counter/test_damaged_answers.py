"""Are answers that are damaged made anew, in every command and without a finding?

The answers are disposable: whatever has become of their file, a command says what it says without
it, and ends as it does without it.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
Damage = Callable[[Path], None]
PAGE = 4_096
WHO = ("--asserted-by", "recorder", "--basis", "recorder", "--type", "state")
QUESTIONS: dict[str, tuple[str, ...]] = {
    "list": ("party", "list"),
    "show": ("reserve", "show", "sv"),
    "query": ("query", "select count(*) from claims"),
    "findings": ("findings",),
    "audit": ("audit",),
    "compare": ("replay", "--compare"),
    "record": ("record", "party.established", "party/x", "--name", "X", *WHO),
    "timeline": ("timeline", "reserve/sv"),
    "find": ("find", "bitcoin"),
    "status": ("status",),
    "export": ("export", "--format", "csv"),
    "diff": ("diff", "2024-03-13", "2025-07-31"),
    "history": ("reserve", "history", "sv"),
    "replay": ("replay",),
}
USUAL = ("show", "audit")


def sql(*statements: str) -> Damage:
    def change(file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return change


def written(change: Callable[[bytes], bytes]) -> Damage:
    return lambda file: void(file.write_bytes(change(file.read_bytes())))


def void(_: object) -> None:
    return None


def torn(first: int, every: int, fill: bytes) -> Damage:
    def change(data: bytes) -> bytes:
        pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
        for n in range(first, len(pages), every):
            pages[n] = fill
        return b"".join(pages)

    return written(change)


HOT = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 2")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE claims SET data = data || ' '")
connection.execute("DELETE FROM things")
os._exit(9)
"""


def hot_journal(file: Path) -> None:
    """Leave what a process leaves that is killed while it catches up."""
    subprocess.run([sys.executable, "-c", HOT, file], check=False)
    assert beside(file, "-journal").stat().st_size > 512


def hot_and_torn(file: Path) -> None:
    hot_journal(file)
    journal = beside(file, "-journal")
    journal.write_bytes(journal.read_bytes()[:600] + os.urandom(4_400))


def beside(file: Path, tail: str) -> Path:
    return file.with_name(file.name + tail)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def a_full_folder(file: Path) -> None:
    a_folder(file)
    (file / "kept").write_text("mine")


DAMAGES: dict[str, Damage] = {
    "cut short": written(lambda data: data[: len(data) // 2]),
    "cut within a page": written(lambda data: data[:5_000]),
    "emptied": written(lambda data: b""),
    "zeroed": written(lambda data: bytes(len(data))),
    "garbage": written(lambda data: os.urandom(50_000)),
    "a text": written(lambda data: b"hello\n" * 1_000),
    "pages torn": torn(3, 4, os.urandom(PAGE)),
    "pages zeroed": torn(4, 7, bytes(PAGE)),
    "the last pages torn": torn(30, 2, os.urandom(PAGE)),
    "a position in words": sql("UPDATE state SET value = 'many' WHERE name = 'position'"),
    "a position too large": sql("UPDATE state SET value = '99999' WHERE name = 'position'"),
    "a position too small": sql("UPDATE state SET value = '7' WHERE name = 'position'"),
    "no position": sql("DELETE FROM state WHERE name = 'position'"),
    "a foreign table": sql("CREATE TABLE more (a)"),
    "a view": sql("DROP TABLE claims", "CREATE VIEW claims AS SELECT 1"),
    "a table gone": sql("DROP TABLE things"),
    "rows that are not JSON": sql("UPDATE claims SET data = 'no JSON' WHERE position % 3 = 0"),
    "a hot journal": hot_journal,
    "a hot journal that is torn": hot_and_torn,
    "a log of garbage": lambda file: void(beside(file, "-wal").write_bytes(os.urandom(9_000))),
    "a folder beside it": lambda file: beside(file, "-journal").mkdir(),
    "a folder in its place": a_folder,
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.proofs.kit import run, well

    folder = tmp_path_factory.mktemp("answers") / "story"
    well(run("demo", folder))
    for kind in ("party", "reserve", "agreement"):
        well(run("--ledger", folder, kind, "list"))
    return folder


def asked(name: str, story: Path, to: Path, ask: Ask, damage: Damage | None = None) -> Any:
    ledger = to / "ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    shutil.copytree(story, ledger)
    if damage is not None:
        damage(ledger / "answers.sqlite3")
    return ask("--ledger", ledger, *QUESTIONS[name])


def same(name: str, whole: Any, found: Any) -> None:
    said = found.out[-500:] + found.err
    assert (found.code, "error:" in found.err) == (whole.code, False), said
    if name in ("audit", "status", "record"):
        assert len(found.out.splitlines()) == len(whole.out.splitlines())
        assert not {"finding", "TAMPERED", "undecided"} & set(found.out.split())
    else:
        assert found.out == whole.out


WHOLE: dict[str, Any] = {}  # what each question is answered where nothing is damaged


def check(damage: Damage, names: Sequence[str], story: Path, tmp_path: Path, ask: Ask) -> None:
    for name in names:
        if name not in WHOLE:
            WHOLE[name] = asked(name, story, tmp_path, ask)
        same(name, WHOLE[name], asked(name, story, tmp_path, ask, damage))


# Of these it can be told that they are no answers of this version about this record: that is
# nothing to compare with, and no damage.
NONE = {"emptied", "a foreign table", "a view", "a table gone", "a folder in its place"} | {
    "a folder beside it"
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_answers_are_made_anew(damage: str, story: Path, tmp_path: Path, ask: Ask) -> None:
    check(DAMAGES[damage], USUAL, story, tmp_path, ask)


@pytest.mark.long
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_answers_are_made_anew_in_every_command(
    damage: str, story: Path, tmp_path: Path, ask: Ask
) -> None:
    names = set(QUESTIONS) - set(USUAL) - ({"compare"} if damage in NONE else set())
    for name in sorted(names):
        check(DAMAGES[damage], [name], story, tmp_path, ask)
        again = ask("--ledger", tmp_path / "ledger", "replay", "--compare")
        assert again.code == 0, (name, again.err)


@pytest.mark.parametrize("page", [4, 7])
def test_a_torn_page_is_met_half_way_through(
    page: int, story: Path, tmp_path: Path, ask: Ask
) -> None:
    check(torn(page, 1_000, b"\xff" * PAGE), ("list", "find", "record"), story, tmp_path, ask)


def test_a_folder_that_holds_something_is_left(story: Path, tmp_path: Path, ask: Ask) -> None:
    whole = asked("list", story, tmp_path, ask)
    same("list", whole, asked("list", story, tmp_path, ask, a_full_folder))
    kept = tmp_path / "ledger/answers.sqlite3/kept"
    assert kept.read_text() == "mine"
    ran = ask("--ledger", tmp_path / "ledger", "replay")
    assert (ran.code, "answers.sqlite3" in ran.err) == (7, True)
    assert kept.read_text() == "mine"
