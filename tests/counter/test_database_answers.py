"""Who makes the answers beside a record in PostgreSQL, who reads them, and what stays of them?"""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen
from sys import executable
from typing import Any

import pytest

from cli.ledger_location import VARIABLE
from events.store.errors import StoreError
from events.store.factory import open_reader
from events.store.location import Address
from projections.read_model.database import Answers, make
from projections.read_model.stored import stored_position

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

ROOT = Path(__file__).resolve().parents[2]
COUNTER = "import sys; from cli.main import main; sys.exit(main())"
NEW = "--name New --type state --asserted-by recorder --basis recorder"
DATABASE = "depositary"


@pytest.fixture
def at(ask: Ask, ledger_once: Path, postgres_server: Any, monkeypatch: Any) -> Address:
    """Give a ledger in a schema of its own; its answers are not made yet."""
    address = Address.parse(f"{postgres_server.address()}&schema=t{uuid.uuid4().hex[:12]}")
    assert ask("copy", ledger_once, str(address)).code == 0
    postgres_server.sql(f"DROP SCHEMA {address.schema}_answers CASCADE", database=DATABASE)
    monkeypatch.delenv(VARIABLE, raising=False)
    return address


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


def tables_of(server: Any, schema: str) -> list[str]:
    found = server.sql(
        "SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = %s AND relkind = 'r' ORDER BY 1",
        schema,
        database=DATABASE,
    )
    return [name for (name,) in found]


def test_who_may_write_nothing_is_answered_and_nothing_is_left(
    ask: Ask, at: Address, as_role: Any, postgres_server: Any
) -> None:
    reader = as_role()
    assert "El Salvador" in ask("--ledger", reader, "party", "show", "sv").out
    assert tables_of(postgres_server, f"{at.schema}_answers") == []
    assert tables_of(postgres_server, f"{at.schema}_answers_new") == []
    assert json.loads(ask("--ledger", reader, "status", "--json").out)["answers"] == {
        "position": None
    }


def test_a_reader_reads_what_another_keeps_and_what_came_since(
    ask: Ask, at: Address, as_role: Any
) -> None:
    assert ask("--ledger", str(at), "reserve", "show", "sv").code == 0
    reader = as_role(
        "GRANT USAGE ON SCHEMA {schema}_answers TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {schema}_answers TO {role}",
    )
    assert json.loads(ask("--ledger", reader, "status", "--json").out)["answers"]["position"] == 6
    with open_reader(at) as record, Answers.open(record, at) as answers:
        kept = answers.digest()
    theirs = Address.parse(reader)
    with open_reader(theirs) as record, Answers.open(record, theirs) as answers:
        assert answers.digest() == kept
    from domain.ledger import Ledger

    with Ledger(at) as ledger:  # the answers are not caught up
        from cli.facts import draft

        fact = {
            "type": "party.stated",
            "thing": "party/sv",
            "gist": "late",
            "effective": "2025-07-19",
            "asserted_by": "party/recorder",
            "basis": "recorder",
        }
        ledger.append([draft(fact, lambda _: "", number=1)])
    assert "late" in ask("--ledger", reader, "party", "history", "sv").out
    with open_reader(theirs) as record, Answers.open(record, theirs) as answers:
        in_memory = answers.digest()
    with open_reader(at) as record:
        assert stored_position(record, at) == 6
    assert "late" in ask("--ledger", str(at), "party", "history", "sv").out
    with open_reader(at) as record, Answers.open(record, at) as answers:
        assert stored_position(record, at) == 7
        assert answers.digest() == in_memory != kept


def test_answers_made_anew_are_for_whom_the_old_ones_were(
    ask: Ask, at: Address, as_role: Any
) -> None:
    assert ask("--ledger", str(at), "replay").code == 0
    reader = as_role(
        "GRANT USAGE ON SCHEMA {schema}_answers TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {schema}_answers TO {role}",
    )
    for _ in range(2):
        assert ask("--ledger", str(at), "replay").code == 0
        told = json.loads(ask("--ledger", reader, "status", "--json").out)
        assert told["answers"] == {"position": 6}


def test_who_may_make_no_schema_fills_the_one_there_is(
    ask: Ask, refused: Refused, at: Address, as_role: Any, postgres_server: Any
) -> None:
    recorder = as_role(
        "CREATE SCHEMA {schema}_answers AUTHORIZATION {role}",
        "GRANT INSERT ON {schema}.stored_events TO {role}",
    )
    name = Address.parse(recorder).user
    reader = as_role(
        "GRANT USAGE ON SCHEMA {schema}_answers TO {role}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {name} IN SCHEMA {{schema}}_answers"
        " GRANT SELECT ON TABLES TO {role}",
    )
    ran = ask("--ledger", recorder, "record", "party.established", "party/new", *NEW.split())
    assert ran.code == 0, ran.err
    assert tables_of(postgres_server, f"{at.schema}_answers") == [
        "claims",
        "lines",
        "state",
        "things",
    ]
    for words in (("replay",), ("replay", "--compare"), ("reserve", "list")):
        assert ask("--ledger", recorder, *words).code == 0
    told = json.loads(ask("--ledger", reader, "status", "--json").out)
    assert told["answers"] == {"position": 7}
    # What a version before or after has made there is no hindrance.
    postgres_server.sql(
        f"UPDATE {at.schema}_answers.state SET value = '0' WHERE name = 'format'", database=DATABASE
    )
    assert ask("--ledger", recorder, "reserve", "list").code == 0
    assert ask("--ledger", recorder, "replay", "--compare").code == 0
    told = json.loads(ask("--ledger", reader, "status", "--json").out)
    assert told["answers"] == {"position": 7}


def test_answers_that_know_more_than_the_record_are_made_anew(
    ask: Ask, at: Address, ledger_once: Path, postgres_server: Any
) -> None:
    record = ("record", "party.established", "party/new", *NEW.split())
    assert ask("--ledger", str(at), *record).code == 0
    postgres_server.sql(f"DROP SCHEMA {at.schema} CASCADE", database=DATABASE)
    assert ask("copy", ledger_once, str(at)).code == 0  # an older state is brought back
    assert "party/new" not in ask("--ledger", str(at), "party", "list").out
    with open_reader(at) as reader:
        assert stored_position(reader, at) == 6


def test_a_schema_of_somebody_else_is_no_place_for_answers(
    ask: Ask, refused: Refused, at: Address, postgres_server: Any
) -> None:
    beside = f"{at.schema}_answers"
    postgres_server.sql(f"CREATE SCHEMA {beside} AUTHORIZATION depositary", database=DATABASE)
    postgres_server.sql(f"CREATE TABLE {beside}.letters (id int)", database=DATABASE)
    assert ask("--ledger", str(at), "reserve", "show", "sv").code == 0
    _, why, _ = refused(ask("--ledger", str(at), "replay"), 7)
    assert "holds letters" in why
    assert tables_of(postgres_server, beside) == ["letters"]


def test_many_who_come_first_at_once_all_get_an_answer(at: Address, postgres_server: Any) -> None:
    words = [executable, "-c", COUNTER, "--ledger", str(at), "reserve", "list", "--json"]
    env = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    several = [Popen(words, stdout=PIPE, stderr=PIPE, text=True, env=env) for _ in range(6)]
    ends = [(*each.communicate(timeout=120), each.returncode) for each in several]
    assert {(err, code) for _, err, code in ends} == {("", 0)}
    assert len({out for out, _, _ in ends}) == 1
    assert tables_of(postgres_server, f"{at.schema}_answers_new") == []
    with open_reader(at) as record:
        assert stored_position(record, at) == 6


def test_many_who_catch_up_at_once_take_each_event_once(
    ask: Ask, at: Address, postgres_server: Any
) -> None:
    from eventsourcing.persistence import StoredEvent

    from domain.ledger import identity
    from events.envelope import envelope
    from events.store.factory import library_environment, make_recorder_factory

    assert ask("--ledger", str(at), "reserve", "list").code == 0
    data = b'{"asserted_by":"party/recorder","basis":"recorder","name":"x","type":"agency"}'
    topic, things = "party.established.v1", [f"party/t-{n}" for n in range(5_000)]
    factory: Any = make_recorder_factory(library_environment(at), at)
    ours = identity(at)
    events = [StoredEvent(t, 1, topic, envelope(t, 1, topic, ours, data)) for t in things]
    factory.application_recorder().insert_events(events)
    factory.datastore.close()
    words = [executable, "-c", COUNTER, "--ledger", str(at), "find", "t-4999", "--json"]
    env = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    several = [Popen(words, stdout=PIPE, stderr=PIPE, text=True, env=env) for _ in range(5)]
    ends = [(*each.communicate(timeout=120), each.returncode) for each in several]
    assert {(err, code) for _, err, code in ends} == {("", 0)}
    assert len({out for out, _, _ in ends}) == 1
    with open_reader(at) as record, Answers.open(record, at) as answers:
        assert (answers.position, answers.digest()) == make(record, None)


def test_a_rebuild_that_is_broken_off_leaves_what_was_there(
    ask: Ask, at: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    from projections.read_model import postgres_making

    with open_reader(at) as record:
        before = make(record, at)

        def broken(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(postgres_making, "reach", broken)
        with pytest.raises(KeyboardInterrupt):
            make(record, at)
        monkeypatch.undo()
        with Answers.open(record, at) as answers:
            assert (answers.position, answers.digest()) == before
        assert make(record, at) == before


def test_a_rebuild_waits_for_who_reads_and_says_so_if_in_vain(
    at: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    from events.store.postgres import session as postgres_session
    from projections.read_model import postgres_making

    with open_reader(at) as record, Answers.open(record, at) as answers:
        answers.connection.execute("BEGIN")
        answers.connection.execute("SELECT thing FROM claims ORDER BY thing").fetchone()

        def impatient(*given: Any, **named: Any) -> Any:
            return postgres_session.connect(*given, lock_wait_s=0.2, **named)

        monkeypatch.setattr(postgres_making, "connect", impatient)
        with open_reader(at) as other, pytest.raises(StoreError, match="locked"):
            make(other, at)
        assert len(answers.connection.execute("SELECT thing FROM claims").fetchall()) == 6
        answers.connection.execute("ROLLBACK")
        with open_reader(at) as other:
            assert make(other, at)[0] == 6
        assert answers.things("party")  # the schema under it is another now, and as good
