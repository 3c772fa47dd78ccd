"""Is it found out when an older backup of the database takes the place of the newest?

PostgreSQL itself cannot tell: both are whole. A checkpoint that was kept elsewhere can, and so can
the one that lies beside the key.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.servers import Server, folder_for_servers
from tests.faults.told import a_state


@pytest.fixture
def server(postgres_binaries: Path) -> Iterator[Server]:
    """Give a server for this test alone: its data is taken back to an earlier state."""
    with folder_for_servers() as folder:
        yield Server.make(folder / "one")


def taken_back(server: Server, backup: Path) -> None:
    """Put an older copy of the data in the place of the newest, as who restores a backup does."""
    server.stop()
    shutil.rmtree(server.data)
    backup.rename(server.data)
    server.start()


def copied(server: Server) -> Path:
    """Return a copy of the data, made while the server stood still."""
    server.stop()
    backup = server.data.with_name("backup")
    shutil.copytree(server.data, backup)
    owner = server.data.stat()
    for path in (backup, *backup.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    server.start()
    return backup


def test_an_older_backup_is_found_by_a_checkpoint_from_elsewhere(
    server: Server, depositary: Any, tmp_path: Path
) -> None:
    here = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "DEPOSITARY_LEDGER": server.address()}

    def ask(*words: str | Path, **options: Any) -> Any:
        return depositary(*words, env={**here, **options.pop("env", {})}, **options)

    def well(*words: str | Path, **options: Any) -> str:
        done = ask(*words, **options)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    well("init", server.address(), "--name", "example.org/ledger")
    well("key", "new", "--no-passphrase")
    well("append", "-", input=a_state("bt"))
    well("checkpoint")
    backup = copied(server)
    well("append", "-", input=a_state("kz"))
    kept = tmp_path / "kept.checkpoint"
    kept.write_text(well("checkpoint"), "utf-8")
    well("audit", "--against", kept)

    taken_back(server, backup)
    assert "party/kz" not in well("party", "list")
    audited = ask("audit", "--against", kept)
    assert (audited.returncode, "kept.checkpoint" in audited.stdout) == (8, True)
    assert "BEHIND" in audited.stdout
    elsewhere = {"XDG_CONFIG_HOME": str(tmp_path / "another")}
    assert ask("audit", "--against", kept, env=elsewhere).returncode == 8
    assert ask("audit", env=elsewhere).returncode == 0  # alone it holds: nothing in it is wrong
    signed = ask("checkpoint")
    assert signed.returncode == 8
    assert signed.stdout == ""
