"""Is it said in three lines what is in the way of a database, and never with which password?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.ledger_location import VARIABLE
from events.store.location import Address
from tests.faults.servers import HBA

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]
Run = Callable[..., Any]

SECRET = "hunter2-and-more"  # noqa: S105 - what must not be seen anywhere
_NEW = "party.established party/new --name New --type state --asserted-by recorder --basis recorder"
COMMANDS: list[tuple[str, ...]] = [
    ("status",),
    ("reserve", "show", "sv"),
    ("record", *_NEW.split()),
    ("replay",),
    ("audit",),
    ("follow",),
]


@pytest.fixture(autouse=True)
def unhelped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file or variable of the machine say more than the address does."""
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "no-passwords"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def told(ask: Ask, refused: Refused) -> Callable[..., list[str]]:
    """Ask an address, with and without -v: three lines, exit code 7, and no password."""

    def lines(address: str, *words: str) -> list[str]:
        found = refused(ask("--ledger", address, *words), 7)
        traced = ask("-v", "--ledger", address, *words)
        assert traced.code == 7
        for text in (*found, traced.out, traced.err):
            assert SECRET not in text
        return found

    return lines


@pytest.fixture(scope="session")
def stored(postgres_server: Any, demo_once: Path) -> Address:
    """Give a ledger with the story in it, where a password is asked for."""
    from cli.main import main

    address = f"{postgres_server.address()}&schema=errors"
    assert main(["copy", str(demo_once), address]) == 0
    return Address.parse(f"{postgres_server.guarded_address()}?schema=errors")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_wrong_password_is_told_and_not_shown(
    words: tuple[str, ...], stored: Address, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    what, why, then = told(str(stored), *words)
    assert what == "error: the database refuses the connection"
    assert why == f"  {stored} refuses the password."
    assert "PGPASSWORD" in then


def test_no_password_is_told(stored: Address, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    what, why, _ = told(str(stored), "status")
    assert what == "error: the database refuses the connection"
    assert "wants a password, and none is given" in why


def test_the_right_password_is_let_in_and_not_shown(
    stored: Address, ask: Ask, postgres_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", postgres_server.PASSWORD)
    for words in (("status",), ("where",), ("status", "--json"), ("audit",), ("log", "-n", "2")):
        ran = ask("--ledger", str(stored), *words)
        assert ran.code == 0, ran.err
        assert postgres_server.PASSWORD not in ran.out + ran.err


@pytest.mark.parametrize("words", COMMANDS[:3], ids=lambda words: words[0])
def test_a_host_that_is_not_reached_is_told(words: tuple[str, ...], told: Any) -> None:
    what, why, then = told("postgresql://me@127.0.0.1:1/ledgers", *words)
    assert what == "error: the database cannot be reached"
    assert "No server at postgresql://me@127.0.0.1:1/ledgers" in why
    assert "host and port" in then


def test_a_database_that_is_not_there_is_told(postgres_server: Any, told: Any) -> None:
    what, why, _ = told(postgres_server.address("nowhere"), "status")
    assert what == "error: this is not a ledger"
    assert 'database "nowhere" does not exist' in why


def test_a_user_that_is_not_known_is_told(postgres_server: Any, told: Any) -> None:
    what, why, _ = told(postgres_server.address(role="nobody"), "status")
    assert what == "error: the database refuses the connection"
    assert 'role "nobody" does not exist' in why


def test_a_schema_without_a_ledger_is_told(postgres_server: Any, told: Any) -> None:
    what, _, then = told(f"{postgres_server.address()}&schema=empty", "reserve", "show", "sv")
    assert what == "error: this is not a ledger"
    assert "depositary init" in then


def test_a_schema_of_somebody_else_is_told_and_left_alone(
    postgres_server: Any, told: Any, ask: Ask
) -> None:
    postgres_server.sql("CREATE SCHEMA theirs AUTHORIZATION depositary", database="depositary")
    postgres_server.sql("CREATE TABLE theirs.stored_events (id int)", database="depositary")
    address = f"{postgres_server.address()}&schema=theirs"
    assert told(address, "status")[0] == "error: this is not a ledger"
    assert ask("init", address).code == 7
    assert postgres_server.sql(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'theirs'::regnamespace",
        database="depositary",
    ) == [(1,)]


def test_a_newer_ledger_is_told(
    ask: Ask, ledger: Path, postgres_server: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{postgres_server.address()}&schema=newer"
    assert ask("copy", ledger, address).code == 0
    postgres_server.sql("INSERT INTO newer.formats VALUES (99)", database="depositary")
    monkeypatch.delenv(VARIABLE)
    what, why, then = told(address, "reserve", "show", "sv")
    assert what == "error: the ledger is newer"
    assert "has format 99" in why
    assert then == "  next: install a newer depositary"


def test_a_missing_privilege_is_told(
    ask: Ask, ledger: Path, postgres_server: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{postgres_server.address()}&schema=private"
    assert ask("copy", ledger, address).code == 0
    monkeypatch.delenv(VARIABLE)
    postgres_server.sql("CREATE ROLE visitor LOGIN")
    visitor = postgres_server.address(role="visitor") + "&schema=private"
    assert told(visitor, "status")[0] in (
        "error: a privilege is missing",
        "error: this is not a ledger",
    )
    postgres_server.sql("GRANT USAGE ON SCHEMA private TO visitor", database="depositary")
    postgres_server.sql(
        "GRANT SELECT ON ALL TABLES IN SCHEMA private TO visitor", database="depositary"
    )
    assert ask("--ledger", visitor, "reserve", "show", "sv").code == 0
    assert ask("--ledger", visitor, "replay").code == 0
    what, why, then = told(visitor, *COMMANDS[2])
    assert what == "error: a privilege is missing"
    assert "permission denied" in why
    assert "owner" in then
    assert told(visitor.replace("private", "fresh"), "status")[0] == "error: this is not a ledger"
    ran = ask("-v", "init", visitor.replace("private", "fresh"))
    assert ran.code == 7
    assert "a privilege is missing" in ran.err


def test_tls_that_is_required_is_told(postgres_server: Any, told: Any) -> None:
    address = f"{postgres_server.guarded_address()}?sslmode=require"
    what, why, _ = told(address, "status")
    assert what == "error: the database refuses the connection"
    assert "TLS" in why


def test_a_server_that_wants_tls_is_told(postgres_server: Any, told: Any) -> None:
    postgres_server.sql("CREATE ROLE over_tls LOGIN")
    refused_ = "hostnossl all over_tls 127.0.0.1/32 reject\n"
    address = postgres_server.guarded_address(role="over_tls")
    try:
        postgres_server.write("pg_hba.conf", refused_ + HBA)
        postgres_server.stop()
        postgres_server.start()
        what, why, then = told(address, "status")
    finally:
        postgres_server.write("pg_hba.conf", HBA)
        postgres_server.stop()
        postgres_server.start()
    assert what == "error: the database refuses the connection"
    assert "without TLS" in why
    assert "depositary help ledgers" in then


def test_a_parameter_that_libpq_does_not_know_is_told(postgres_server: Any, told: Any) -> None:
    assert "libpq" in told(f"{postgres_server.address()}&colour=red", "status")[1]


def test_without_the_driver_it_is_said_what_to_install(depositary: Run) -> None:
    code = "import sys; sys.modules['psycopg'] = None; from cli.main import run; sys.exit(run())"
    for words in (("status",), ("reserve", "list"), ("follow",)):
        ran = depositary("--ledger", "postgresql://h/d", *words, code=code)
        assert (ran.returncode, ran.stdout) == (7, "")
        installed = "pip install 'depositary[postgres]'"
        assert ran.stderr.splitlines() == [
            "error: the driver of PostgreSQL is missing",
            f"  A ledger in PostgreSQL needs psycopg: {installed}.",
            f"  next: {installed}, or in a checkout: pip install '.[postgres]'",
        ]


def test_completion_says_nothing_of_a_database_that_is_not_there(
    depositary: Run, tmp_path: Path
) -> None:
    env = {
        "_DEPOSITARY_COMPLETE": "complete_bash",  # what the script of Typer sets
        "COMP_WORDS": "depositary reserve show ",
        "COMP_CWORD": "3",
        VARIABLE: "postgresql://me@127.0.0.1:1/ledgers",
    }
    ran = depositary(env=env)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "me@" not in ran.stdout
