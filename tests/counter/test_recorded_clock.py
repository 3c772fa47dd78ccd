"""Is a log that lies ahead of the machine's clock told, accepted once, and gone on with?"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.ledger_location import find_ledger
from domain.facts import drafts
from domain.ledger import Ledger

Ask = Callable[..., Any]
FACT = ("--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
ACCEPT = ("clock", "accept", "--by", "recorder", "--reason", "The clock was a year fast.")
YEAR = timedelta(days=365)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def at(ledger: Path) -> Callable[..., None]:
    """Record a party while the machine's clock says another time: so far from now."""

    def record(offset: timedelta, *names: str) -> None:
        now = datetime.now(UTC) + offset
        with Ledger(find_ledger(ledger).record, clock=lambda: now) as opened:
            for name in names:
                fact = {"type": "party.established", "thing": name, "name": name, "type_": "state"}
                own = {"asserted_by": "recorder", "basis": "recorder"}
                opened.append(drafts([{**fact, **own}]))

    return record


@pytest.fixture
def times(ask: Ask) -> Callable[[], list[str]]:
    """Return the recorded time of every event."""

    def read() -> list[str]:
        lines = ask("log", "--format", "ndjson").out.splitlines()
        return [json.loads(line)["event"]["time"] for line in lines]

    return read


def said(ask: Ask, name: str) -> Any:
    return ask("record", "party.established", name, "--name", name, *FACT)


def status(ask: Ask) -> Any:
    return json.loads(ask("status", "--json").out)["ahead"]


def test_a_log_that_lies_ahead_is_named_with_its_event_its_time_and_the_way_on(
    ask: Ask, at: Any, turned_away: Any, times: Any
) -> None:
    at(YEAR, "a")
    command = ("record", "party.established", "b", "--name", "b", *FACT)
    refusal = turned_away(*command)
    assert refusal.code == 7
    assert "the log is ahead of this machine's clock" in refusal.err
    assert "@7 party/a/1" in refusal.err
    assert times()[-1] in refusal.err
    assert "depositary clock accept --by PARTY --reason TEXT" in refusal.err
    assert turned_away(*command).code == 7  # until it is accepted
    facts = '{"type":"source.cited","thing":"x","asserted_by":"recorder","basis":"recorder"}'
    assert turned_away("append", "-", stdin=facts).code == 7
    assert turned_away("retract", "@7", "--reason", "duplicate", *FACT[2:]).code == 7


def test_a_log_that_was_accepted_goes_on_in_the_smallest_steps(
    ask: Ask, at: Any, times: Any
) -> None:
    at(YEAR, "a")
    before = datetime.now(UTC)
    ran = ask(*ACCEPT)
    assert (ran.code, ran.err) == (0, "")
    assert "accepted as @8: party/a/1 was recorded at" in ran.out
    for name in "bcd":
        assert said(ask, name).code == 0
    ahead = [datetime.fromisoformat(time) for time in times()[6:]]
    assert ahead == [ahead[0] + n * MICROSECOND for n in range(5)]
    event = json.loads(ask("event", "show", "@8", "--format", "ndjson").out)
    assert event["type"] == "ledger.clock-accepted.v1"
    data = event["data"]
    assert data["reason"] == "The clock was a year fast."
    assert (data["asserted_by"], data["basis"]) == ("party/recorder", "recorder")
    assert before <= datetime.fromisoformat(data["clock"]) <= datetime.now(UTC)
    for command in (("audit",), ("replay", "--compare")):
        assert ask(*command).code == 0


def test_events_of_one_transaction_share_their_time_ahead_too(
    ask: Ask, at: Any, times: Any
) -> None:
    at(YEAR, "a")
    assert ask(*ACCEPT).code == 0
    one = {"asserted_by": "recorder", "basis": "recorder", "type": "source.cited"}
    facts = "\n".join(json.dumps({**one, "thing": f"s{n}"}) for n in range(5))
    assert ask("append", "-", stdin=facts).code == 0
    assert said(ask, "b").code == 0
    first, *rest = (datetime.fromisoformat(time) for time in times()[6:])
    assert rest == [first + n * MICROSECOND for n in (1, 2, 2, 2, 2, 2, 3)]


def test_when_the_clock_has_caught_up_it_gives_the_time_again(
    ask: Ask, at: Any, times: Any, turned_away: Any
) -> None:
    at(timedelta(seconds=30), "a")
    assert ask(*ACCEPT).code == 0
    assert said(ask, "b").code == 0
    at(timedelta(seconds=60), "c")
    first, _, step, later = (datetime.fromisoformat(time) for time in times()[6:])
    assert step == first + 2 * MICROSECOND
    assert later - first > timedelta(seconds=20)
    # What was accepted is past: the clock was set back once more, and nobody accepted that.
    refusal = turned_away("record", "party.established", "d", "--name", "d", *FACT)
    assert refusal.code == 7
    assert status(ask)["accepted"] is None
    assert ask(*ACCEPT).code == 0
    assert said(ask, "d").code == 0


def test_with_nothing_ahead_nothing_is_written(ask: Ask, recorded: Any) -> None:
    before = recorded()
    ran = ask(*ACCEPT)
    assert (ran.code, ran.err) == (0, "")
    assert "the log is not ahead" in ran.out
    found = json.loads(ask("--json", *ACCEPT).out)
    assert found == {"position": None, "already": False, "ahead": None}
    assert recorded() == before


def test_what_is_accepted_is_not_accepted_again(ask: Ask, at: Any, recorded: Any) -> None:
    at(YEAR, "a")
    assert json.loads(ask("--json", *ACCEPT).out)["position"] == 8
    assert said(ask, "b").code == 0
    before = recorded()
    assert "accepted already, as @8" in ask(*ACCEPT).out
    assert json.loads(ask("--json", *ACCEPT).out)["already"] is True
    assert recorded() == before


def test_status_says_how_the_log_lies_ahead(ask: Ask, at: Any, times: Any) -> None:
    assert status(ask) is None
    assert "ahead" not in ask("status").out
    at(YEAR, "a")
    found = status(ask)
    assert (found["position"], found["event"], found["recorded"]) == (7, "party/a/1", times()[-1])
    assert found["accepted"] is None
    assert found["clock"] < found["recorded"]
    assert "depositary clock accept" in ask("status").out
    assert ask(*ACCEPT).code == 0
    assert status(ask)["accepted"] == 8
    assert "accepted as @8" in ask("status").out


@pytest.mark.parametrize("seconds", [0, 3])
def test_a_clock_that_is_a_little_behind_is_no_log_ahead(
    seconds: int, ask: Ask, at: Any, times: Any
) -> None:
    at(timedelta(seconds=seconds), "a")
    assert status(ask) is None
    assert said(ask, "b").code == 0
    assert times()[-1] >= times()[-2]


def test_a_finding_names_what_is_recorded_ahead(ask: Ask, at: Any) -> None:
    asked = ("findings", "--check", "recorded-ahead")
    assert ask(*asked).code == 0
    at(YEAR, "a")
    ran = ask(*asked, "--json")
    assert ran.code == 1
    text = json.loads(ran.out)
    (found,) = text if isinstance(text, list) else text["rows"]
    assert (found["check"], found["events"]) == ("recorded-ahead", ["party/a/1"])
    assert ask(*asked).code == 1
    assert ask(*ACCEPT).code == 0
    assert ask(*asked).code == 1  # it lies ahead all the same


def test_a_day_says_which_positions_lie_ahead_of_it(ask: Ask, at: Any) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert ask("log", "--known-at", tomorrow).err == ""
    at(YEAR, "a", "b")
    ran = ask("log", "--known-at", tomorrow, "--json")
    assert ran.code == 0
    rows = json.loads(ran.out)
    assert len(rows if isinstance(rows, list) else rows["rows"]) == 6
    assert "excludes @7 to @8" in ran.err
    assert "--known-at @8 includes them" in ran.err
    for words in (("party", "list"), ("agreement", "list"), ("history", "party/sv")):
        assert "@7 to @8" in ask(*words, "--known-at", tomorrow).err, words
    assert ask("log", "--known-at", "@8").err == ""
    assert ask("log").err == ""


def test_what_was_accepted_tells_later_which_positions_lay_ahead(ask: Ask, at: Any) -> None:
    at(YEAR, "a")
    assert ask(*ACCEPT).code == 0
    at(2 * YEAR, "b")  # the clock has caught up
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    # By tomorrow the machine's own clock will have seen all of them.
    assert "excludes @7 to @9" in ask("log", "--known-at", tomorrow).err
    assert ask("log", "--known-at", yesterday).code == 3


def test_a_log_that_lies_ahead_as_a_whole_says_so(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    future = datetime.now(UTC) + YEAR
    with Ledger.create(folder / "record.sqlite3", origin="example.org/x", clock=lambda: future):
        (folder / "depositary.toml").write_text('format = 1\norigin = "example.org/x"\n')
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    ran = ask("--ledger", folder, "log", "--known-at", tomorrow)
    assert ran.code == 3
    assert "the log was ahead" in ran.err
    assert "--known-at @1" in ran.err


@pytest.fixture
def accepting(ask: Ask, at: Any) -> Callable[..., Any]:
    """Accept a log that lies ahead."""
    at(YEAR, "a")
    return lambda *options: ask("clock", "accept", "--reason", "It was fast.", *options)


@pytest.mark.parametrize(
    ("by", "source", "code", "why"),
    [
        ("onbtc", "source/onbtc,published=2025-07-16", 0, ""),
        ("party/recorder", None, 0, ""),
        ("onbtc", None, 5, "a fact needs a source"),
        ("nobody", "source/onbtc", 5, "party/nobody is not in this ledger"),
        ("onbtc", "source/none", 5, "source/none is not in this ledger"),
        ("source/onbtc", None, 5, "asserted_by"),
    ],
)
def test_who_accepts_it_says_so_as_any_claim_does(
    by: str, source: str | None, code: int, why: str, accepting: Any
) -> None:
    ran = accepting("--by", by, *(("--source", source) if source else ()))
    assert ran.code == code, ran.err
    assert why in ran.err


@pytest.mark.parametrize("reason", ["", " ", "x" * 2_001])
def test_a_reason_is_words(reason: str, turned_away: Any, at: Any) -> None:
    at(YEAR, "a")
    assert turned_away("clock", "accept", "--by", "recorder", "--reason", reason).code == 5
