"""Does a folder become a ledger, whole or not at all?"""

import os
import shlex
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.ledger import Ledger

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

COMMAND = "import sys; from cli.main import run; sys.exit(run())"
ROOT = Path(__file__).resolve().parents[2]
NO_MOUNT = 77


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, where no ledger is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def mounted(options: str, script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `script` with a file system of its own, which only it sees, mounted on `folder`.

    In the script $P is Python and $D the command; root may write where a mode forbids it, but not
    where a file system is full or read-only.
    """
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here, to mount a file system of a test's own with")
    script = f'mount -t tmpfs -o {options} tmpfs "{folder}" || exit {NO_MOUNT}\n{script}'
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'd() {{ "$P" -c \'{COMMAND}\' "$@"; }}\n{script}'],
        env={
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "PATH": os.environ.get("PATH", os.defpath),
            "P": sys.executable,
        },
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == NO_MOUNT or ran.stderr.startswith("unshare:"):
        pytest.skip(f"nothing can be mounted here: {ran.stderr.strip()[-200:]}")
    return ran


def test_a_new_ledger_is_for_its_owner_alone(ask: Ask, tmp_path: Path) -> None:
    ran = ask("init", "a/ledger")
    assert ran.code == 0, ran.err
    folder = tmp_path / "a" / "ledger"
    made = {"depositary.toml", "record.sqlite3", "answers.sqlite3", "sources"}
    assert files_of(folder) == made
    assert [mode(path) for path in (folder.parent, folder, folder / "sources")] == [0o700] * 3
    assert {mode(path) for path in folder.iterdir() if path.is_file()} == {0o600}


@pytest.mark.parametrize("folder", ["ledger", "my ledger"])
def test_what_to_do_next_can_be_done(folder: str, ask: Ask) -> None:
    told = ask("init", folder).out.splitlines()
    steps = [shlex.split(line) for line in told if line.startswith("  depositary ")]
    assert [step[1:3] for step in steps] == [["--ledger", str(folder)]] * 2
    asked = ask(*steps[0][1:])
    assert (asked.code, "no terminal" in asked.err) == (2, True)
    assert ask(*steps[1][1:]).code == 0


def test_this_folder_is_made_a_ledger_and_what_is_in_it_stays(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    before = mode(tmp_path)
    assert ask("init").code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert mode(tmp_path) == before
    assert ask("status").code == 0


def test_the_settings_say_what_the_first_event_says(ask: Ask, tmp_path: Path) -> None:
    ask("init", "--name", "example.org/ledger")
    settings = tomllib.loads((tmp_path / "depositary.toml").read_text())
    assert settings == {"format": 1, "origin": "example.org/ledger"}
    assert '"origin": "example.org/ledger"' in ask("status", "--json").out


def test_a_ledger_without_a_name_has_its_number_for_one(ask: Ask, tmp_path: Path) -> None:
    ask("init")
    settings = tomllib.loads((tmp_path / "depositary.toml").read_text())
    with Ledger(tmp_path / "record.sqlite3") as ledger:
        assert settings["origin"] == f"localhost/{ledger.ledger_id}"


@pytest.mark.parametrize(
    "name",
    ["", " ", "two words", "a+b", "a\tb", "a\u2003b", 'a"b', "a\\b", "a\nb", "a\u202eb", "x" * 301],
    ids=ascii,
)
def test_a_name_that_could_not_name_a_key_is_2(
    name: str, ask: Ask, refused: Refused, tmp_path: Path
) -> None:
    refused(ask("init", "ledger", f"--name={name}"), 2)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_may_be_named_as_a_global_option(ask: Ask, refused: Refused) -> None:
    assert ask("init", "--ledger", "one").code == 0
    assert ask("--ledger", "two", "init").code == 0
    refused(ask("--ledger", "three", "init", "four"), 2)
    assert not Path("three").exists()
    assert not Path("four").exists()


def test_a_ledger_is_not_made_twice(ask: Ask, refused: Refused, tmp_path: Path) -> None:
    ask("init", "ledger")
    before = (tmp_path / "ledger" / "record.sqlite3").read_bytes()
    lines = refused(ask("init", "ledger", "--name", "example.org/other"), 7)
    assert lines[2] == "  next: depositary --ledger ledger status"
    assert (tmp_path / "ledger" / "record.sqlite3").read_bytes() == before


def test_a_file_of_somebody_else_is_left_as_it_is(
    ask: Ask, refused: Refused, tmp_path: Path
) -> None:
    (tmp_path / "record.sqlite3").write_text("something else altogether")
    refused(ask("init"), 7)
    assert files_of(tmp_path) == {"record.sqlite3"}
    assert (tmp_path / "record.sqlite3").read_text() == "something else altogether"


def test_a_path_below_a_file_is_7(ask: Ask, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(ask("init", "file/ledger"), 7)
    refused(ask("init", "file"), 7)
    assert (tmp_path / "file").read_bytes() == b""


def test_a_record_without_its_settings_is_taken_up_again(
    ask: Ask, refused: Refused, tmp_path: Path
) -> None:
    ask("init", "--name", "example.org/ledger")
    before = (tmp_path / "record.sqlite3").read_bytes()
    (tmp_path / "depositary.toml").unlink()
    shutil.rmtree(tmp_path / "sources")
    refused(ask("init", "--name", "example.org/other"), 7)
    assert not (tmp_path / "depositary.toml").exists()
    ran = ask("init")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("The event log found in this folder: example.org/ledger\n")
    assert (tmp_path / "record.sqlite3").read_bytes() == before
    assert ask("status").code == 0


def test_what_a_killed_init_left_behind_is_taken_up(ask: Ask, tmp_path: Path) -> None:
    from events.store.sqlite.connection import create_file

    create_file(tmp_path / "record.sqlite3")
    assert ask("init").code == 0
    assert ask("status").code == 0


@pytest.mark.parametrize("failing", ["write_settings", "origin_of"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_half_way_leaves_nothing_behind(
    *,
    failing: str,
    error: BaseException,
    ask: Ask,
    refused: Refused,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from domain import create_ledger

    def fails(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(create_ledger, failing, fails)
    refused(ask("init", "a/ledger"), 130 if isinstance(error, KeyboardInterrupt) else 7)
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_takes_no_ledger(tmp_path: Path, refused: Refused) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    ran = mounted("size=1m,ro", f'd init "{folder}/ledger"', folder)
    assert "Read-only" in refused(ran, 7)[1]


def test_a_ledger_in_a_read_only_folder_answers_and_takes_nothing(
    ask: Ask, ledger_once: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    script = f"""
        cp -r "{ledger_once}" "{folder}/ledger"
        rm -f "{folder}"/ledger/*-wal "{folder}"/ledger/*-shm "{folder}/ledger/answers.sqlite3"
        mount -o remount,ro "{folder}" || exit {NO_MOUNT}
        cd "{folder}/ledger"
        d reserve show sv && d status && d replay --until @3 && d log || exit 1
        d record party.dissolved sv --asserted-by recorder --basis recorder; echo $?
        d replay; echo $?
        d backup "{folder}/copy"; echo $?
    """
    ran = mounted("size=1m", script, folder)
    assert ran.returncode == 0, ran.stderr
    assert "reserve/sv" in ran.stdout
    assert ran.stdout.splitlines()[-3:] == ["7", "7", "7"]
    assert ran.stderr.count("error: ") == 3
    assert ran.stderr.count("\n") == 9


def test_a_full_disk_takes_whole_batches_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    fact = {
        "type": "party.established",
        "asserted_by": "party/recorder",
        "basis": "recorder",
        "type_": "person",
        "note": "n" * 1500,
    }
    for batch in range(9):
        lines = [
            str({**fact, "subject": f"party/p{batch}-{n}", "name": f"N {n}"}).replace("'", '"')
            for n in range(50)
        ]
        (tmp_path / f"{batch}.ndjson").write_text("\n".join(lines))
    script = f"""
        d init "{folder}/ledger" >&2
        cd "{folder}/ledger"
        for n in $(seq 0 8); do
            d append "{tmp_path}/$n.ndjson" >/dev/null || {{ echo $?; break; }}
        done
        d status --json
    """
    ran = mounted("size=600k", script, folder)
    code, status = ran.stdout.split("\n", 1)
    assert code == "7", ran.stderr
    assert "error: cannot read or write" in ran.stderr
    position = int(status.split('"position": ')[1].split(",")[0])
    assert position > 1
    assert position % 50 == 1


def test_a_ledger_is_made_on_a_full_disk_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    ran = mounted("size=20k", f'd init "{folder}/ledger"; echo $?; ls "{folder}"', folder)
    assert ran.stdout == "7\n", ran.stderr
    assert len(ran.stderr.splitlines()) == 3
