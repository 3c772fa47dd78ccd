"""Do the servers of the tests hold what the tests rely on, and go when the tests do?"""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import without_postgres
from tests.faults.servers import folder_for_servers

psycopg = pytest.importorskip("psycopg", exc_type=ImportError)

HERE = Path(__file__).resolve().parent


def asked(address: str, statement: str = "SELECT current_user", **options: Any) -> Any:
    with psycopg.connect(address, **options) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_role_of_the_tests_works_without_a_password_on_the_socket(postgres_server: Any) -> None:
    assert asked(postgres_server.address()) == "depositary"


def test_over_the_network_a_password_is_asked_for(postgres_server: Any) -> None:
    address = postgres_server.guarded_address()
    assert asked(address, password=postgres_server.PASSWORD) == "depositary"
    for given in ({}, {"password": "another"}):
        with pytest.raises(psycopg.OperationalError, match="password"):
            asked(address, passfile="", **given)


def test_text_is_sorted_unlike_its_bytes_unless_one_asks(postgres_server: Any) -> None:
    assert asked(postgres_server.address(), "SELECT 'a' < 'B'") is True
    assert asked(postgres_server.address(), """SELECT 'a' < 'B' COLLATE "C" """) is False


def test_a_server_comes_back_where_it_was(postgres_server: Any) -> None:
    asked(postgres_server.address(), "SELECT 1")
    before = postgres_server.port
    postgres_server.stop("immediate")
    with pytest.raises(psycopg.OperationalError):
        asked(postgres_server.address())
    postgres_server.start()
    assert postgres_server.port == before
    assert asked(postgres_server.address()) == "depositary"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_server_goes_with_whoever_asked_for_it(postgres_binaries: Path, end: int) -> None:
    script = """if True:
        import sys, time
        from tests.faults.servers import Server, folder_for_servers
        with folder_for_servers() as folder:
            server = Server.make(folder / "one")
            print(folder, server.address(), flush=True)
            time.sleep(60)
    """
    asker = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert asker.stdout is not None
    folder, address = asker.stdout.readline().split()
    assert asked(address) == "depositary"
    asker.send_signal(end)
    asker.wait()
    asker.stdout.close()
    waited = 0
    while Path(folder).exists() and (waited := waited + 1) < 600:
        time.sleep(0.1)
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError):
        asked(address)


def test_where_postgresql_must_be_tested_nothing_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("DEPOSITARY_MUST", raising=False)
    with pytest.raises(pytest.skip.Exception, match="cannot be had here: no binaries"):
        without_postgres("no binaries")
    for name, value in (("CI", "true"), ("DEPOSITARY_MUST", "postgres")):
        with monkeypatch.context() as patched:
            patched.setenv(name, value)
            with pytest.raises(pytest.fail.Exception, match="cannot be had here: no binaries"):
                without_postgres("no binaries")


def test_a_failover_can_be_tried_by_hand(postgres_binaries: Path) -> None:
    def by_hand(word: str, folder: Path) -> list[str]:
        ran = subprocess.run(
            [sys.executable, HERE / "cluster.py", word, folder],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return [" ".join(line.split()[3:4]) or line for line in ran.stdout.splitlines()]

    with folder_for_servers() as reachable:
        folder = reachable / "three"
        try:
            address, *nodes = by_hand("up", folder)
            assert nodes == ["primary", "standby", "standby"]
            assert asked(address) == "depositary"
            assert sorted(by_hand("promote", folder)) == ["down", "primary", "standby"]
            assert asked(address, "SELECT pg_is_in_recovery()") is False
            assert sorted(by_hand("rejoin", folder)) == ["primary", "standby", "standby"]
            assert sorted(by_hand("status", folder)) == ["primary", "standby", "standby"]
        finally:
            by_hand("down", folder)
        assert not folder.exists()


def test_what_cannot_be_done_by_hand_is_said(tmp_path: Path) -> None:
    for words, said in ((("status", tmp_path), "cluster.json"), (("fly", tmp_path), "promote DIR")):
        ran = subprocess.run(
            [sys.executable, HERE / "cluster.py", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 1
        assert said in ran.stderr
        assert "Traceback" not in ran.stderr
