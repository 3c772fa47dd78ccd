"""Does an event say who recorded it, and is it shown, kept, carried over and never counted?"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.ledger_location import RECORDER_VARIABLE
from events.envelope import canonical

FACT = ("--name", "Pakistan", "--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
TAKEN_BACK = ("--reason", "duplicate", "--asserted-by", "recorder", "--basis", "recorder")
NAMES = ("Jane Doe", "Zoë Ångström", 'desk 7, "the quick" one \\ night shift', "x" * 120, "司書")
Ask = Callable[..., Any]


@pytest.fixture
def events(ask: Ask, ledger: Path) -> Callable[..., list[Any]]:
    """Return the stored events, as `log` writes them."""

    def read(*options: Any) -> list[Any]:
        ran = ask("log", "--format", "ndjson", *options)
        assert ran.code == 0, ran.err
        return [json.loads(line)["event"] for line in ran.out.splitlines()]

    return read


def said(ask: Ask, *options: Any, name: str = "pk") -> Any:
    ran = ask(*options, "record", "party.established", name, *FACT)
    assert ran.code == 0, ran.err
    return ran


@pytest.mark.parametrize("name", NAMES)
def test_an_event_bears_who_recorded_it_between_id_and_source(
    name: str, ask: Ask, events: Any
) -> None:
    said(ask, "--recorder", name)
    event = events()[-1]
    assert event["recordedby"] == name
    assert list(event) == sorted(event)
    line = ask("log", "-n", 1, "--format", "ndjson").out
    assert line.encode() == b'{"position":7,"event":%b}\n' % canonical(event)
    for command in (("audit",), ("replay", "--compare"), ("party", "show", "pk")):
        assert ask(*command).code == 0, command


def test_an_event_recorded_without_a_name_bears_none(ask: Ask, events: Any) -> None:
    said(ask)
    assert [event for event in events() if "recordedby" in event] == []
    assert "recorded by" not in ask("log").out


def test_a_command_a_variable_and_the_settings_name_it_in_this_order(
    ask: Ask, events: Any, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (ledger / "depositary.toml").open("a") as settings:
        settings.write('recorder = "the settings"\n')
    said(ask, name="a")
    monkeypatch.setenv(RECORDER_VARIABLE, "the variable")
    said(ask, name="b")
    said(ask, "--recorder", "the command", name="c")
    ran = ask("record", "party.established", "d", *FACT, "--recorder", "behind it")
    assert ran.code == 0
    monkeypatch.setenv(RECORDER_VARIABLE, "")
    said(ask, name="e")
    found = [event.get("recordedby") for event in events()[-5:]]
    assert found == ["the settings", "the variable", "the command", "behind it", "the settings"]


@pytest.mark.parametrize("name", ["", " ", " a", "a\nb", "a\tb", "e\u0301", "a\u202eb", "x" * 121])
def test_what_is_no_name_is_turned_away(
    name: str, ask: Ask, turned_away: Any, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("record", "party.established", "pk", *FACT)
    assert turned_away("--recorder", name, *command).code == 2
    if name:
        monkeypatch.setenv(RECORDER_VARIABLE, name)
        refusal = turned_away(*command)
        assert (refusal.code, RECORDER_VARIABLE in refusal.err) == (2, True)
        monkeypatch.delenv(RECORDER_VARIABLE)
        with (ledger / "depositary.toml").open("a") as settings:
            settings.write(f"recorder = {json.dumps(name)}\n")
        assert ask(*command).code == 2


def test_every_command_that_records_says_who(ask: Ask, events: Any, tmp_path: Path) -> None:
    by = ("--recorder", "Jane Doe")
    source = ("--source", "source/onbtc", "--asserted-by", "onbtc", "--basis", "official-record")
    lots = ("acquired", "acquired", "transferred")
    for n, verb in enumerate(lots, 1):
        own = ("--reason", "split") if verb == "transferred" else ("--mode", "purchase")
        given = ("--amount", f"{n} BTC", "--effective", "2024-01-01", *own)
        assert ask("record", f"reserve.{verb}", "reserve/sv", *given, *source, *by).code == 0
    facts = tmp_path / "facts.ndjson"
    facts.write_text(json.dumps({"type": "source.cited", "thing": "x", **RECORDER}))
    for command in (
        ("append", facts),
        ("correct", "@7", "--amount", "9 BTC", "--reason", "recording-error", *source),
        ("retract", "@8", *TAKEN_BACK),
        ("deny", "@9", "--ground", "No.", *source),
        ("distinct", "@7", "@9", *source),
        ("same", "@7", "@9", *source),
        ("resolve", "@7", "@9", "--ground", "The first.", *source),
        ("source", "add", "--url", "https://example.org/y", "--id", "source/y"),
        ("key", "new", "--no-passphrase"),
    ):
        ran = ask(*command, *by)
        assert ran.code == 0, (command, ran.err)
    recorded = events()[6:]
    assert len(recorded) == 12
    assert {event.get("recordedby") for event in recorded} == {"Jane Doe"}
    new = tmp_path / "new"
    assert ask("init", new, *by).code == 0
    first = json.loads(ask("--ledger", new, "log", "--format", "ndjson").out)
    assert first["event"]["recordedby"] == "Jane Doe"


RECORDER = {"asserted_by": "recorder", "basis": "recorder"}


def test_log_shows_and_selects_by_it(ask: Ask, events: Any) -> None:
    said(ask, "--recorder", "Jane Doe", name="a")
    said(ask, "--recorder", "Jane", name="b")
    said(ask, name="c")
    assert [event["id"] for event in events("--recorder", "Jane Doe")] == ["party/a/1"]
    assert [event["id"] for event in events("--recorder", "jane")] == []
    assert "Jane Doe" in ask("log", "--recorder", "Jane Doe").out
    rows = json.loads(ask("log", "--json").out)
    found = rows if isinstance(rows, list) else rows["rows"]
    assert [row["recordedby"] for row in found][-4:] == [None, "Jane Doe", "Jane", None]
    assert ask("log", "--csv").out.splitlines()[0].endswith(",recordedby")
    shown = json.loads(ask("event", "show", "party/a/1", "--json").out)
    assert shown["recordedby"] == shown["event"]["recordedby"] == "Jane Doe"
    assert "by Jane Doe" in ask("event", "show", "party/a/1").out
    assert json.loads(ask("event", "show", "party/c/1", "--json").out)["recordedby"] is None


def test_the_histories_and_sql_show_it(ask: Ask, ledger: Path) -> None:
    said(ask, "--recorder", "Jane Doe")
    source = ("--source", "source/onbtc", "--asserted-by", "onbtc", "--basis", "official-record")
    lot = ("--amount", "1 BTC", "--effective", "2024-01-01", "--mode", "purchase", *source)
    assert ask("--recorder", "Jo", "record", "reserve.acquired", "reserve/sv", *lot).code == 0
    for words, name in (
        (("history", "party/pk"), "Jane Doe"),
        (("party", "history", "pk"), "Jane Doe"),
        (("history", "reserve/sv"), "Jo"),
        (("reserve", "history", "sv"), "Jo"),
    ):
        assert name in ask(*words).out, words
        table = ask(*words, "--csv").out.splitlines()
        assert ("recordedby" in table[0].split(","), name in table[-1]) == (True, True), words
    query = "select recordedby from claims where recordedby is not null order by position"
    assert ask("--csv", "query", query).out.splitlines() == ["recordedby", "Jane Doe", "Jo"]
    assert ask("replay").code == 0
    assert ask("--csv", "query", query).out.splitlines() == ["recordedby", "Jane Doe", "Jo"]


def test_the_same_fact_by_another_hand_is_already_recorded(ask: Ask, recorded: Any) -> None:
    said(ask, "--recorder", "Jane Doe")
    before = recorded()
    assert "already recorded" in said(ask, "--recorder", "Jo").out
    assert "already recorded" in said(ask).out
    assert recorded() == before


def test_it_changes_no_answer(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    said(ask, "--recorder", "Jane Doe")
    found = json.loads(ask("party", "show", "pk", "--json").out)
    assert "Jane" not in json.dumps(found)


def test_an_export_carries_it_over(ask: Ask, events: Any, ledger: Path, tmp_path: Path) -> None:
    said(ask, "--recorder", "Jane Doe", name="a")
    said(ask, name="b")
    exported = tmp_path / "all.ndjson"
    exported.write_text(ask("export", "--format", "ndjson").out, "utf-8")
    other = tmp_path / "other"
    assert ask("init", other).code == 0
    ran = ask("--ledger", other, "--recorder", "Jo", "import", "ndjson", exported)
    assert ran.code == 0, ran.err
    there = {
        (event := json.loads(line)["event"])["id"]: event.get("recordedby")
        for line in ask("--ledger", other, "log", "--format", "ndjson").out.splitlines()
    }
    assert (there["party/a/1"], there["party/b/1"]) == ("Jane Doe", "Jo")
    assert ask("--ledger", other, "audit").code == 0


def test_a_bundle_with_it_is_verified(
    ask: Ask, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = ("--recorder", 'Zoë "the desk"')
    said(ask, *by)
    assert ask("key", "new", "--no-passphrase", *by).code == 0
    assert ask("checkpoint").code == 0
    bundle = tmp_path / "bundle"
    ran = ask("prove", "@7", "--bundle", bundle)
    assert ran.code == 0, ran.err
    assert json.loads((bundle / "entry.json").read_text("utf-8"))["recordedby"] == by[1]
    ran = subprocess.run([sys.executable, bundle / "verify.py"], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert b"was not altered since" in ran.stdout
