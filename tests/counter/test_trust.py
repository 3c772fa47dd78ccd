"""Is a database that a folder names reached only by those who trust the folder with it?"""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.store.location import Address, AddressError, beyond_loopback, check_folder_address
from events.store.settings import settings_text
from events.store.trusted_folders import trusted_folders
from events.store.user_config import ConfigFileError
from tests.counter.conftest import KNOWN

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

SECRET = "hunter2-of-the-reader"  # noqa: S105 - what no stranger may be sent
_FACT = "party.established party/x --name X --type state --asserted-by recorder --basis recorder"
COMMANDS = [
    "status",
    "agreement list",
    "reserve show sv --json",
    f"record {_FACT}",
    "append facts.toml",
    "check facts.toml",
    "import ndjson facts.ndjson",
    "query 'select-1'",
    "log",
    "event show @1",
    "findings",
    "replay",
    "follow",
    "export",
    "backup out.sqlite3",
    "copy . elsewhere",
    "copy elsewhere .",
    "key new --no-passphrase",
    "checkpoint",
    "prove @1",
    "audit",
    "publish public",
    "source add facts.toml --id x",
]
_CLEAR_TEXT_WANTED = b"R\0\0\0\x08\0\0\0\x03"


class Stranger:
    """A server of a stranger's: it has no TLS, asks for passwords in clear, and keeps all."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port = listener.getsockname()[1]
        self.heard: list[bytes] = []

    def listen(self) -> None:
        """Take connections one after another, until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        try:
            while said := connection.recv(4096):
                self.heard.append(said)
                asks_for_tls = len(said) == 8
                connection.sendall(b"N" if asks_for_tls else _CLEAR_TEXT_WANTED)
        except OSError:
            pass


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    """Give a server that listens at every address of this machine."""
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGREQUIREAUTH", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - other machines are played
        found = Stranger(listener)
        threading.Thread(target=found.listen, daemon=True).start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder to download into, and work in it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)
    made = tmp_path / "downloaded"
    (made / "elsewhere").mkdir(parents=True)
    (made / "facts.toml").write_text(KNOWN)
    (made / "facts.ndjson").write_text("")
    monkeypatch.chdir(made)
    return made


def name_database(folder: Path, address: str) -> None:
    """Let a folder name a database."""
    (folder / "depositary.toml").write_text(settings_text("x", Address.parse(address)))


@pytest.mark.parametrize("words", COMMANDS)
def test_no_command_connects_to_what_a_folder_names(
    words: str, ask: Ask, folder: Path, stranger: Stranger
) -> None:
    address = f"postgresql://me@127.0.0.1:{stranger.port}/ledgers"
    name_database(folder, address)
    ran = ask(*words.split())
    assert ran.code == 7
    assert stranger.heard == []
    if words != "copy elsewhere .":  # which looks at FROM first
        assert "the folder names a database, and is not trusted" in ran.err
        assert address in ran.err


@pytest.mark.parametrize("by", ["--ledger", "the variable"])
def test_a_folder_that_is_named_needs_trust_too(
    *,
    by: str,
    ask: Ask,
    refused: Refused,
    folder: Path,
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name_database(folder, f"postgresql://me@127.0.0.1:{stranger.port}/ledgers")
    monkeypatch.chdir("/")
    if by == "the variable":
        monkeypatch.setenv("DEPOSITARY_LEDGER", str(folder))
    words = ("status",) if by == "the variable" else ("--ledger", folder, "status")
    _, _, then = refused(ask(*words), 7)
    assert then == f"  next: depositary trust {folder}, if that is your database"
    assert stranger.heard == []


def test_a_folder_is_shown_before_it_is_trusted(ask: Ask, folder: Path) -> None:
    name_database(folder, "postgresql://db.example.org/ledgers")
    assert "postgresql://db.example.org/ledgers" in ask("where").out


def test_a_trusted_folder_is_connected_to(ask: Ask, folder: Path, stranger: Stranger) -> None:
    name_database(folder, f"postgresql://me@127.0.0.1:{stranger.port}/ledgers?connect_timeout=2")
    assert ask("trust", ".").code == 0
    assert ask("status").code == 7
    assert stranger.heard != []


@pytest.mark.parametrize("change", ["address", "place"])
def test_trust_is_for_one_folder_and_one_address(
    change: str, ask: Ask, refused: Refused, folder: Path, stranger: Stranger
) -> None:
    name_database(folder, "postgresql://me@127.0.0.1:1/ledgers")
    assert ask("trust", folder).code == 0
    address, place = f"postgresql://me@127.0.0.1:{stranger.port}/ledgers", folder
    if change == "place":
        place = folder / "elsewhere"
    name_database(place, address)
    _, why, _ = refused(ask("--ledger", place, "status"), 7)
    assert ("it was trusted with postgresql://me@127.0.0.1:1/ledgers" in why) is (place == folder)
    assert stranger.heard == []


def test_a_link_to_a_trusted_folder_is_that_folder(
    ask: Ask, refused: Refused, folder: Path, tmp_path: Path
) -> None:
    name_database(folder, "postgresql://me@127.0.0.1:1/ledgers")
    (tmp_path / "link").symlink_to(folder)
    assert ask("trust", tmp_path / "link").code == 0
    what, _, _ = refused(ask("--ledger", folder, "status"), 7)
    assert what == "error: the database cannot be reached"


def test_trusted_folders_are_listed_and_deleted(ask: Ask, refused: Refused, folder: Path) -> None:
    assert json.loads(ask("trust", "--list", "--json").out) == []
    refused(ask("trust", folder), 7)
    name_database(folder, "postgresql://me@127.0.0.1:1/ledgers")
    assert ask("trust", folder).code == 0
    row = {"folder": str(folder), "database": "postgresql://me@127.0.0.1:1/ledgers"}
    assert json.loads(ask("trust", "--list", "--json").out) == [row]
    assert json.loads(ask("trust", "--list", folder, "--json").out) == [row]
    assert json.loads(ask("trust", "--list", folder / "elsewhere", "--json").out) == []
    assert ask("trust", "--delete", folder).code == 0
    refused(ask("trust", "--delete", folder), 7)
    assert "not trusted" in refused(ask("status"), 7)[0]
    refused(ask("trust"), 2)
    refused(ask("trust", "--list", "--delete", folder), 2)


@pytest.mark.parametrize("text", ["folder = 1\n", "[[folder]]\npath = 'x'\n", "x = [\n"])
def test_a_list_that_is_not_understood_trusts_nothing(
    text: str, ask: Ask, refused: Refused, folder: Path, tmp_path: Path
) -> None:
    name_database(folder, "postgresql://me@127.0.0.1:1/ledgers")
    assert ask("trust", folder).code == 0
    (tmp_path / "config" / "depositary" / "trusted.toml").write_text(text)
    with pytest.raises(ConfigFileError):
        trusted_folders()
    refused(ask("status"), 7)


def test_a_folder_whose_name_is_no_text_is_not_trusted(ask: Ask, folder: Path) -> None:
    odd = folder / os.fsdecode(b"od\xffd")
    odd.mkdir()
    name_database(odd, "postgresql://me@127.0.0.1:1/ledgers")
    assert ask("trust", odd).code == 7
    assert ask("--ledger", odd, "status").code == 7


@pytest.mark.parametrize("name", ["a\nb", 'a"b', "a\\b", "a]\n[[folder]]\npath = '/'"])
def test_a_folder_is_trusted_whatever_its_name(ask: Ask, folder: Path, name: str) -> None:
    odd = folder / name.replace("/", "-")
    odd.mkdir()
    name_database(odd, "postgresql://me@127.0.0.1:1/ledgers")
    assert ask("trust", odd).code == 0
    assert trusted_folders() == [(str(odd), "postgresql://me@127.0.0.1:1/ledgers")]


REFUSED_OPTIONS = [
    "hostaddr=127.0.0.1",
    "service=x",
    "passfile=/tmp/x",
    "sslkey=/tmp/x",
    "sslcert=/tmp/x",
    "sslcrl=/tmp/x",
    "options=-csearch_path%3Dx",
    "target_session_attrs=any",
    "gssencmode=disable",
    "require_auth=password",
    "channel_binding=disable",
    "requirepeer=x",
    "krbsrvname=x",
    "replication=true",
    "client_encoding=latin1",
    "nonsense=1",
]


@pytest.mark.parametrize("option", REFUSED_OPTIONS)
def test_a_folder_names_no_other_parameter_even_trusted(
    option: str, ask: Ask, refused: Refused, folder: Path, stranger: Stranger
) -> None:
    address = f"postgresql://me@127.0.0.1:{stranger.port}/ledgers?{option}"
    name_database(folder, address)
    for words in (("status",), ("trust", "."), ("where",)):
        assert f"says no {option.partition('=')[0]}" in refused(ask(*words), 2)[1]
    refused(ask("init", folder / "elsewhere", "--database", address), 2)
    assert list((folder / "elsewhere").iterdir()) == []
    assert stranger.heard == []


@pytest.mark.parametrize(
    "said",
    [
        "sslmode=verify-full",
        "sslmode=require&sslrootcert=/ca",
        "connect_timeout=3&application_name=a",
        "schema=other",
        "",
    ],
)
def test_a_folder_names_these(said: str) -> None:
    address = Address.parse(f"postgresql://me@db.example.org:5432/ledgers?{said}".rstrip("?"))
    assert check_folder_address(address) == address


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "Require", "x"])
def test_beyond_this_machine_a_folder_asks_for_tls(mode: str) -> None:
    with pytest.raises(AddressError, match="TLS"):
        check_folder_address(Address.parse(f"postgresql://db.example.org/d?sslmode={mode}"))
    check_folder_address(Address.parse(f"postgresql://localhost/d?sslmode={mode}"))


@pytest.mark.parametrize(
    ("hosts", "beyond"),
    [
        (None, False),
        ("", False),
        ("/run/postgresql", False),
        ("@abstract", False),
        ("localhost,127.0.0.1,::1,127.9.9.9", False),
        ("127.0.0.1,db", True),
        ("127.0.0.1.example.org", True),
        ("localhost.example.org", True),
        ("0.0.0.0", True),  # noqa: S104 - no address is listened on
        ("127.1", True),
        ("::ffff:10.0.0.1", True),
        ("db.example.org", True),
    ],
)
def test_what_another_machine_is(hosts: str | None, beyond: bool) -> None:
    assert beyond_loopback(hosts) is beyond


def test_beyond_this_machine_nothing_is_sent_without_tls(
    ask: Ask, refused: Refused, folder: Path, stranger: Stranger
) -> None:
    name_database(folder, f"postgresql://me@0.0.0.0:{stranger.port}/ledgers")
    assert ask("trust", folder).code == 0
    assert "TLS" in refused(ask("status"), 7)[1]
    assert all(len(said) == 8 for said in stranger.heard), "it was asked for TLS and nothing else"
    assert stranger.heard != []


@pytest.mark.parametrize("mode", ["disable", "prefer", "allow"])
def test_a_mode_of_the_shell_that_is_weaker_counts_for_nothing(
    mode: str, ask: Ask, folder: Path, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLMODE", mode)
    address = f"postgresql://me@0.0.0.0:{stranger.port}/ledgers"
    assert ask("--ledger", address, "status").code == 7
    assert all(len(said) == 8 for said in stranger.heard)


def test_no_password_is_sent_in_clear_text_unless_its_user_says_so(
    ask: Ask, refused: Refused, folder: Path, stranger: Stranger
) -> None:
    address = f"postgresql://me@0.0.0.0:{stranger.port}/ledgers?sslmode=disable"
    _, why, _ = refused(ask("--ledger", address, "status"), 7)
    assert not any(SECRET.encode() in said for said in stranger.heard), why
    assert ask("--ledger", f"{address}&require_auth=password", "status").code == 7
    assert any(SECRET.encode() in said for said in stranger.heard), "the server would have it"


def test_a_name_of_a_database_is_no_list_of_parameters(
    ask: Ask, folder: Path, stranger: Stranger
) -> None:
    name_database(folder, f"postgresql://127.0.0.1:1/host%3D127.0.0.1%20port%3D{stranger.port}")
    assert ask("trust", folder).code == 0
    assert ask("status").code == 7
    assert stranger.heard == []


def test_an_address_typed_at_init_is_trusted(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Any
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    schema = f"t{os.urandom(6).hex()}"
    address = str(Address.parse(f"{postgres_server.address()}&schema={schema}"))
    assert ask("init", tmp_path / "made", "--database", address).code == 0
    assert ask("--ledger", tmp_path / "made", "status").code == 0
    assert trusted_folders() == [(str(tmp_path / "made"), address)]
