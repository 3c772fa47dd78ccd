"""Do the servers of the tests hold what the tests rely on, and go when the tests do?"""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

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
        from servers import Server, folder_for_servers
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
