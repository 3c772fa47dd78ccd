"""Does a client that shares no line with us believe what we publish, and nothing else?

Go's own packages for signed notes and tiled logs (`golang.org/x/mod/sumdb`), as Debian packages
them: golang-go and golang-golang-x-mod-dev. Built without modules, so nothing is fetched.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from events.store.factory import open_tree
from events.store.sqlite.connection import create_file
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import Checkpoint
from events.transparency.note import Note
from events.transparency.publishing import publish_ledger
from events.transparency.signatures import sign
from events.transparency.tree import integrate
from tests.proofs.kit import LOG, LOG_KEY, Ask, Signed, well

GOPATH = Path("/usr/share/gocode")
SOURCE = Path(__file__).with_name("go") / "checker.go"
Check = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.xdist_group("go")  # built once


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Check:
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed (Debian: golang-go)")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    built = subprocess.run(
        [go, "build", "-o", folder / "checker", SOURCE],
        env=settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def check(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [folder / "checker", *map(str, arguments)], capture_output=True, text=True, check=False
        )

    return check


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish 66,000 entries: tiles of three levels, a full one of the second among them."""
    folder = tmp_path_factory.mktemp("published")
    record = folder / "record.sqlite3"
    create_file(record)
    with closing(sqlite3.connect(record)) as connection, connection:
        connection.executemany(
            "INSERT INTO stored_events VALUES (?, 'party/p', ?, 'party.noted.v1', ?)",
            ((n, n, b'{"n":%d}' % n) for n in range(1, 66_001)),
        )
    with TreeTables(record, write=True) as tree:
        size, root = integrate(tree)
        text = str(Checkpoint(LOG_KEY.name, size, root))
        note = Note(text, (sign(text, LOG_KEY.name, LOG, LOG_KEY.public),))
        publish_ledger(tree, size, note, folder / "log")
    return folder / "log"


def test_it_believes_a_published_ledger_of_66000_entries(
    checker: Check, published_once: Path
) -> None:
    assert (published_once / "tile/2/000.p/1").stat().st_size == 32
    found = checker("log", published_once, LOG_KEY)
    assert found.stdout.startswith("ok 66000 "), found.stdout + found.stderr


def test_it_believes_what_a_user_publishes_and_proves(
    checker: Check, signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    well(ask("publish", "log"))
    assert checker("log", "log", signed.vkey).stdout.startswith("ok 30 ")
    for position in (1, 2, 16, 17, 30):
        name = f"{position}.tlog-proof"
        well(ask("prove", f"@{position}", "-o", name))
        found = checker("proof", name, f"{name}.entry", signed.vkey)
        assert found.stdout == f"ok {position - 1} of 30\n"
    with open_tree(signed.record) as tree:
        Path("old").write_bytes(tree.checkpoint_of(20) or b"")
    well(ask("prove", "--from", 20, "--to", 30, "-o", "growth"))
    assert checker("growth", "old", "growth", signed.vkey).stdout == "ok 20 to 30\n"


@pytest.mark.parametrize("file", ["checkpoint", "tile/0/000.p/30", "tile/entries/000.p/30"])
def test_it_refuses_a_tampered_copy(
    file: str, checker: Check, signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    well(ask("publish", "log"))
    path = tmp_path / "log" / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    found = checker("log", "log", signed.vkey)
    assert found.returncode == 1, found.stdout
    assert found.stdout.startswith("no: ")


def test_it_refuses_another_entry_another_index_and_another_key(
    checker: Check, signed: Signed, ask: Ask
) -> None:
    well(ask("prove", "@7", "-o", "7"))
    well(ask("prove", "@8", "-o", "8"))
    assert checker("proof", "7", "8.entry", signed.vkey).returncode == 1
    assert checker("proof", "7", "7.entry", LOG_KEY).returncode == 1
    Path("9").write_bytes(Path("7").read_bytes().replace(b"index 6", b"index 8"))
    assert checker("proof", "9", "7.entry", signed.vkey).returncode == 1
    assert checker("proof", "7", "7.entry", signed.vkey).returncode == 0
