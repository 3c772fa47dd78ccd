"""Where the answers about a ledger in PostgreSQL are kept, and what becomes of them."""

import json
import os
import stat
import uuid
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen
from sys import executable
from typing import Any

import pytest

from cli.ledger_location import VARIABLE
from events.store.errors import CannotWriteError
from events.store.factory import open_reader
from events.store.location import Address
from projections.read_model.cache_folder import answers_file
from projections.read_model.connection import stored_position
from projections.read_model.database import ReadModel
from projections.read_model.rebuild import make_answers

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

ROOT = Path(__file__).resolve().parents[2]
COUNTER = "import sys; from cli.main import main; sys.exit(main())"
NEW = "--name New --type state --asserted-by recorder --basis recorder"
RECORD = ("record", "party.established", "party/new", *NEW.split())
DATABASE = "depositary"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the cache folder of this test's user, which is not made yet."""
    folder = tmp_path / "home" / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def at(ask: Ask, ledger_once: Path, cache: Path, postgres_server: Any, monkeypatch: Any) -> Address:
    """Give a ledger in a schema of its own; its answers are not made yet."""
    address = new_address(postgres_server)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.with_name("another")))
    assert ask("copy", ledger_once, str(address)).code == 0
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv(VARIABLE, raising=False)
    return address


def new_address(server: Any) -> Address:
    return Address.parse(f"{server.address()}&schema=t{uuid.uuid4().hex[:12]}")


@pytest.fixture
def as_role(postgres_server: Any, at: Address) -> Callable[..., str]:
    """Make a role that reads the record, and may do more; return the address for it."""

    def role(*more: str) -> str:
        name = f"r{uuid.uuid4().hex[:12]}"
        postgres_server.sql(f"CREATE ROLE {name} LOGIN")
        for grant in (
            f"USAGE ON SCHEMA {at.schema}",
            f"SELECT ON ALL TABLES IN SCHEMA {at.schema}",
        ):
            postgres_server.sql(f"GRANT {grant} TO {name}", database=DATABASE)
        for statement in more:
            postgres_server.sql(statement.format(role=name, schema=at.schema), database=DATABASE)
        return str(Address.parse(f"{postgres_server.address(role=name)}&schema={at.schema}"))

    return role


def file_of(at: Address) -> Path:
    with open_reader(at) as record:
        found = answers_file(record, at)
    assert found is not None
    return found


def kept_at(at: Address) -> int | None:
    with open_reader(at) as record:
        return stored_position(record, at)


def digest(at: Address) -> str:
    with open_reader(at) as record, ReadModel.open(record, at) as answers:
        assert (answers.position, answers.digest()) == make_answers(record, None)
        return answers.digest()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def several(words: list[str], count: int) -> None:
    """Run a command several times at once; all must say the same."""
    env = {
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
    }
    command = [executable, "-c", COUNTER, *words]
    running = [Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=env) for _ in range(count)]
    ends = [(*each.communicate(timeout=120), each.returncode) for each in running]
    assert {(err, code) for _, err, code in ends} == {("", 0)}
    assert len({out for out, _, _ in ends}) == 1


def test_a_read_makes_the_cached_file_for_its_user_alone(
    ask: Ask, at: Address, cache: Path
) -> None:
    assert not cache.exists()
    assert "El Salvador" in ask("--ledger", str(at), "party", "show", "sv").out
    file = file_of(at)
    assert files_in(cache) == [str(file.relative_to(cache))]
    assert kept_at(at) == 6
    ledger_id = json.loads(ask("--ledger", str(at), "status", "--json").out)["ledger_id"]
    assert file.parent == cache / "depositary" / ledger_id
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (file.parent, cache / "depositary", cache):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_but_the_record_is_in_the_database(
    ask: Ask, at: Address, postgres_server: Any
) -> None:
    assert ask("--ledger", str(at), *RECORD).code == 0
    assert ask("--ledger", str(at), "replay").code == 0
    found = postgres_server.sql(
        "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE %s",
        f"{at.schema}%",
        database=DATABASE,
    )
    assert found == [(at.schema,)]


def test_the_cached_file_is_caught_up_and_not_made_anew(ask: Ask, at: Address) -> None:
    before = digest(at)
    file = file_of(at)
    made = file.stat().st_ino
    assert ask("--ledger", str(at), *RECORD).code == 0
    assert "party/new" in ask("--ledger", str(at), "party", "list").out
    assert (kept_at(at), file.stat().st_ino) == (7, made)
    assert digest(at) != before


def test_two_roles_keep_their_own_and_answer_alike(
    ask: Ask, at: Address, as_role: Any, cache: Path
) -> None:
    reader = as_role()
    for words in (("reserve", "show", "sv"), ("party", "list")):
        assert ask("--ledger", reader, *words) == ask("--ledger", str(at), *words)
    assert len(files_in(cache)) == 2
    assert ask("--ledger", str(at), *RECORD).code == 0
    assert (kept_at(at), kept_at(Address.parse(reader))) == (7, 6)
    assert "party/new" in ask("--ledger", reader, "party", "list").out
    assert digest(at) == digest(Address.parse(reader))
    assert ask("--ledger", reader, "replay").code == 0
    assert ask("--ledger", reader, "replay", "--compare").code == 0


def test_a_copy_with_the_same_id_has_answers_of_its_own(
    ask: Ask, at: Address, ledger_once: Path, postgres_server: Any
) -> None:
    other = new_address(postgres_server)
    assert ask("copy", ledger_once, str(other)).code == 0
    assert file_of(at).parent == file_of(other).parent
    assert file_of(at) != file_of(other)
    for where, name in ((at, "Here"), (other, "There")):
        record = ("record", "party.established", "party/new", "--name", name, *NEW.split()[2:])
        assert ask("--ledger", str(where), *record).code == 0
    for where, name in ((at, "Here"), (other, "There"), (at, "Here")):
        assert name in ask("--ledger", str(where), "party", "show", "new").out
        assert digest(where)


def test_a_file_of_another_server_at_the_same_address_is_made_anew(
    ask: Ask, at: Address, ledger_once: Path, postgres_server: Any
) -> None:
    assert ask("--ledger", str(at), *RECORD).code == 0
    assert kept_at(at) == 7
    postgres_server.sql(f"DROP SCHEMA {at.schema} CASCADE", database=DATABASE)
    assert ask("copy", ledger_once, str(at)).code == 0  # an older state is brought back
    assert "party/new" not in ask("--ledger", str(at), "party", "list").out
    assert kept_at(at) == 6
    # As many events as before, and the last is another.
    named = ("record", "party.established", "party/new", "--name", "Other", *NEW.split()[2:])
    file = file_of(at)
    older = file.read_bytes()
    assert ask("--ledger", str(at), *named).code == 0
    newer = file.read_bytes()
    postgres_server.sql(f"DROP SCHEMA {at.schema} CASCADE", database=DATABASE)
    file.write_bytes(older)
    assert ask("copy", ledger_once, str(at)).code == 0
    assert ask("--ledger", str(at), *RECORD).code == 0
    file.write_bytes(newer)
    assert "Other" not in ask("--ledger", str(at), "party", "show", "new").out
    assert digest(at)


@pytest.mark.parametrize("damage", [b"", b"What was I? " * 1_000], ids=["empty", "no database"])
def test_a_damaged_file_is_made_anew(ask: Ask, at: Address, damage: bytes) -> None:
    before = digest(at)
    file_of(at).write_bytes(damage)
    assert ask("--ledger", str(at), "reserve", "show", "sv").code == 0
    assert kept_at(at) == 6
    assert digest(at) == before


def unwritable(cache: Path) -> None:
    """Put a file in the place of the folder: not even root makes a folder there."""
    cache.mkdir(parents=True)
    (cache / "depositary").write_text("a file")


def test_where_nothing_can_be_kept_answers_are_right_and_forgotten(
    ask: Ask, refused: Refused, at: Address, cache: Path
) -> None:
    expected = ask("--ledger", str(at), "reserve", "show", "sv")
    for path in sorted(cache.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    cache.rmdir()
    unwritable(cache)
    assert ask("--ledger", str(at), "reserve", "show", "sv") == expected
    assert ask("--ledger", str(at), *RECORD).code == 0
    assert "party/new" in ask("--ledger", str(at), "party", "list").out
    status = json.loads(ask("--ledger", str(at), "status", "--json").out)
    assert status["answers"] == {"position": None}
    what, why, _ = refused(ask("--ledger", str(at), "replay"), 7)
    assert what == "error: cannot read or write"
    assert str(cache) in why
    assert refused(ask("--ledger", str(at), "follow"), 7)[0] == (
        "error: the read model cannot be stored"
    )
    assert files_in(cache) == ["depositary"]


def test_a_folder_that_others_may_enter_is_closed(ask: Ask, at: Address, cache: Path) -> None:
    file_of(at).parent.mkdir(parents=True)
    for folder in (cache / "depositary", file_of(at).parent):
        folder.chmod(0o777)
    assert ask("--ledger", str(at), "reserve", "show", "sv").code == 0
    for folder in (cache / "depositary", file_of(at).parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another user")
def test_a_folder_of_another_user_is_not_trusted(at: Address, cache: Path) -> None:
    (cache / "depositary").mkdir(parents=True)
    os.chown(cache / "depositary", 65_534, 65_534)
    with open_reader(at) as record, pytest.raises(CannotWriteError, match="this user's"):
        make_answers(record, at)
    with open_reader(at) as record, ReadModel.open(record, at) as answers:
        assert answers.things("reserve") == ["reserve/sv"]
    assert files_in(cache) == []


def test_a_cache_home_that_is_relative_is_passed_over(
    at: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert file_of(at).is_relative_to(tmp_path / ".cache" / "depositary")


def test_many_who_come_first_at_once_all_get_an_answer(at: Address, cache: Path) -> None:
    several(["--ledger", str(at), "reserve", "list", "--json"], 6)
    assert len(files_in(cache)) == 1
    assert kept_at(at) == 6


def test_many_who_catch_up_at_once_take_each_event_once(ask: Ask, at: Address) -> None:
    from eventsourcing.persistence import StoredEvent

    from domain.ledger import identity
    from events.envelope import envelope
    from events.store.factory import library_environment, make_recorder_factory

    assert ask("--ledger", str(at), "reserve", "list").code == 0
    data = b'{"asserted_by":"party/recorder","basis":"recorder","name":"x","type":"agency"}'
    topic, things = "party.established.v1", [f"party/t-{n}" for n in range(2_000)]
    factory: Any = make_recorder_factory(library_environment(at), at)
    ours = identity(at)
    events = [StoredEvent(t, 1, topic, envelope(t, 1, topic, ours, data)) for t in things]
    factory.application_recorder().insert_events(events)
    factory.datastore.close()
    several(["--ledger", str(at), "find", "t-1999", "--json"], 5)
    assert kept_at(at) == 2_006
    assert digest(at)
