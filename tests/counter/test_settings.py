"""Is a ledger's depositary.toml read, and told where it is not understood?"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.ledger_location import VARIABLE
from events.errors import ExplainedError, NotPossibleError, NotUnderstoodError
from events.store.location import Address
from events.store.settings import as_written, read_settings, settings_text
from events.store.settings_file import parse_settings

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

SECRET = "hunter2"  # noqa: S105 - what must not be seen anywhere


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format = 1\nname = 'x'\n", "'name' is not one of"),
        ("format = '1'\n", "format is an empty text"),
        ("format = true\n", "format is true or false"),
        ("format = 1.0\n", "format is a number"),
        ("format = 0\n", "format is 0"),
        ("origin = 7\n", "origin is 7"),
        ("origin = ''\n", "origin is an empty text"),
        ("origin = ['a']\n", "origin is a list"),
        ("database = 2025-07-16\n", "database is a date or a time"),
        ("database = 'ledgers'\n", "database: An address of PostgreSQL begins with postgresql://"),
        ("database = 'mysql://h/d'\n", "database: An address of PostgreSQL begins with"),
        ("[database]\nhost = 'h'\n", "database is a table"),
        ("format = 1\nformat = 1\n", "it is not TOML"),
        ("format = \n", "look at line 1"),
        ("origin = 'a\n", "it is not TOML"),
        (f"# {'x' * 70_000}\n", "more than 65,536 bytes"),
    ],
    ids=lambda text: text[:30].strip(),
)
def test_settings_that_are_not_understood_are_2_with_the_file_and_the_key(
    text: str, says: str, ask: Ask, ledger: Path, refused: Refused
) -> None:
    (ledger / "depositary.toml").write_text(text)
    _, why, _ = refused(ask("status"), 2)
    assert str(ledger / "depositary.toml") in why
    assert says in why


def test_settings_that_are_no_text_are_2(ask: Ask, ledger: Path, refused: Refused) -> None:
    (ledger / "depositary.toml").write_bytes(b'origin = "\xff"\n')
    assert "not UTF-8" in refused(ask("status"), 2)[1]


def test_settings_of_a_newer_version_are_7(ask: Ask, ledger: Path, refused: Refused) -> None:
    (ledger / "depositary.toml").write_text("format = 2\nshards = 8\n")
    what, why, then = refused(ask("status"), 7)
    assert what == "error: the ledger is newer"
    assert "has format 2, and this version reads up to 1" in why
    assert then == "  next: install a newer depositary"


@pytest.mark.parametrize("text", ["", "format = 1\n", "# mine\nformat = 1 # as it was\n"])
def test_what_is_left_out_is_as_usual(text: str, ask: Ask, ledger: Path) -> None:
    (ledger / "depositary.toml").write_text(text)
    assert ask("status").code == 0


def test_what_this_program_writes_is_read_without_a_parser_of_toml(tmp_path: Path) -> None:
    import sys

    (tmp_path / "depositary.toml").write_text(settings_text("example.org/a-ledger"))
    loaded = sys.modules.pop("tomllib", None)
    try:
        found = read_settings(tmp_path)
        assert "tomllib" not in sys.modules
    finally:
        if loaded is not None:
            sys.modules["tomllib"] = loaded
    assert found is not None
    assert (found.origin, found.database) == ("example.org/a-ledger", None)


def test_an_address_is_read_as_it_was_written(tmp_path: Path) -> None:
    address = Address.parse("postgresql://me@a:1,b:2/led%22gers?schema=mine&sslmode=require")
    (tmp_path / "depositary.toml").write_text(settings_text("example.org/é", address))
    found = read_settings(tmp_path)
    assert found is not None
    assert (found.origin, found.database) == ("example.org/é", address)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://me:{SECRET}@host/db",
        f"postgres://me:{SECRET}@host/db",
        f"postgresql://host/db?user=me&password={SECRET}",
        f"postgresql://host/db?sslpassword={SECRET}",
        f"postgresql://me:{SECRET}?/x@host/db",
        f"postgresql://me:%68{SECRET}@host",
    ],
)
def test_a_password_in_an_address_is_refused_and_never_shown(
    *,
    address: str,
    ask: Ask,
    refused: Refused,
    ledger: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[tuple[Any, ...]] = [
        ("--ledger", address, "status"),
        (f"--ledger={address}", "status"),
        ("status", "--ledger", address),
        ("status", f"--ledger={address}"),
        ("init", address),
        ("init", tmp_path / "new", "--database", address),
        ("demo", address),
        ("copy", address, tmp_path / "new"),
        ("copy", ledger, address),
        ("restore", "file", address),
        (address,),
        ("show", address),
        ("reserve", "show", address),
        ("--leger", address, "status"),
    ]
    for words in commands:
        ran = ask(*words)
        refused(ran, 2)
        assert SECRET not in ran.err
        assert "PGPASSWORD" in ran.err
        with_trace = ask("-v", *words)
        assert with_trace.code == 2
        assert SECRET not in with_trace.out + with_trace.err
    assert not (tmp_path / "new").exists()
    monkeypatch.setenv(VARIABLE, address)
    for words in (("status",), ("-v", "status"), ("init",), ("where", "--json")):
        ran = ask(*words)
        assert ran.code == 2
        assert SECRET not in ran.out + ran.err
    monkeypatch.delenv(VARIABLE)
    (ledger / "depositary.toml").write_text(f'database = "{address}"\n')
    for words in (("-v", "--ledger", ledger, "status"), ("--ledger", ledger, "where", "--json")):
        ran = ask(*words)
        assert ran.code == 2
        assert SECRET not in ran.out + ran.err
        assert "PGPASSWORD" in ran.err


def test_an_address_says_where_the_ledger_is_without_asking_for_it(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "postgresql://me@nowhere.example/ledgers"
    assert ask("--ledger", address, "where").out == f"{address}\n"
    monkeypatch.setenv(VARIABLE, address)
    assert ask("where").out == f"{address}\n"
    assert f'"database": "{address}"' in ask("where", "--json").out
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "depositary.toml").write_text(f'database = "{address}"\n')
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(folder)
    assert ask("where").out == f"{folder}\n{address}\n"


@pytest.mark.parametrize(
    "address",
    [
        "mysql://host/db",
        "postgresql://host:99999/db",
        "postgresql://host/db?schema=Public",
        "postgresql://host/db?nonsense",
        "http://example.org/ledger",
    ],
)
def test_what_is_no_address_is_2(address: str, ask: Ask, refused: Refused) -> None:
    what, _, then = refused(ask("--ledger", address, "status"), 2)
    assert what == "error: the ledger's address is not understood"
    assert then == "  next: depositary help ledgers"


def test_what_needs_a_folder_says_how_a_database_gets_one(
    ask: Ask, refused: Refused, tmp_path: Path
) -> None:
    from events.store.ledger_folder import LedgerLocation

    place = LedgerLocation(None, "--ledger", Address.parse("postgresql://me@h/ledgers"))
    with pytest.raises(Exception, match="no folder") as raised:
        _ = place.sources
    assert "depositary init DIR --database 'postgresql://me@h/ledgers'" in str(
        vars(raised.value)["then"]
    )


def test_a_database_is_named_by_an_address_and_once(
    ask: Ask, refused: Refused, tmp_path: Path
) -> None:
    refused(ask("init", tmp_path / "new", "--database", tmp_path / "db"), 2)
    refused(ask("init", "postgresql://h/a", "--database", "postgresql://h/b"), 2)
    refused(ask("init", "postgresql://h/a", "--ledger", "postgresql://h/b"), 2)
    refused(ask("restore", "file", "postgresql://h/a"), 2)
    assert list(tmp_path.iterdir()) == []


LINES = st.sampled_from(
    [
        *settings_text("x").splitlines()[:3],
        *settings_text("x", Address.parse("postgresql://h/d")).splitlines()[:2],
        "",
        "format = 1",
        "format = 2",
        'origin = "example.org/x"',
        'origin = "a\\u0041"',
        'origin = "a\tb"',
        'origin = "a" # b"',
        "origin = 'b'",
        'database = "postgresql://h/d"',
        'recorder = "Jane Doe"',
        'recorder = " Jane"',
        'recorder = "a\tb"',
        "name = 1",
        "\x00",
        "é = 1",
    ]
)


WRITTEN = st.builds(
    lambda name, database, recorder: settings_text(name, database, recorder).splitlines(),
    st.sampled_from(["x", "a/b", "é", "a b"]),
    st.sampled_from([None, Address.parse("postgresql://h/d")]),
    st.sampled_from([None, "Jane Doe", "Ó", 'the "desk"', "desk = 7"]),
)


@given(WRITTEN | st.lists(LINES, max_size=7), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_what_needs_no_parser_is_read_as_the_parser_reads_it(
    lines: list[str], end: str, closed: bool
) -> None:
    data = (end.join(lines) + (end if closed else "")).encode()
    quick = as_written(data)
    if quick is not None:
        assert quick == parse_settings(Path("depositary.toml"), data)


@given(st.binary(max_size=200) | st.lists(LINES).map("\n".join).map(str.encode))
def test_any_settings_are_read_or_told(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "depositary.toml").write_bytes(data)
        told = None
        try:
            assert read_settings(Path(folder)) is not None
        except ExplainedError as error:
            told = type(error)
        assert told in (None, NotUnderstoodError, NotPossibleError)
