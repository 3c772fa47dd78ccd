"""Is whatever is printed seen as it is, and never heeded by a terminal or a spreadsheet?"""

import csv
import io
import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import canonical, envelope, open_envelope
from events.hidden_text import hidden_characters, spreadsheet_cell, visible, visible_json
from events.store.sqlite.reader import RecordReader
from events.text import TextError, check_text
from tests import forked
from tests.conftest import COUNTER, clean_environment

Ask = Callable[..., Any]
Run = Callable[..., Any]

HOSTILE = {
    "ESC": "\x1b[2J\x1b[31m",
    "OSC 8": "\x1b]8;;http://evil.example\x1b\\x",
    "BEL": "\x07",
    "CR": "good\rbad",
    "BS": "a\x08b",
    "CSI in one byte": "\x9b31m",
    "DEL": "\x7f",
    "BOM": "\ufeff",
    "no width": "a\u200bb",
    "a joiner of nothing": "a\u200db",
    "a word joiner": "a\u2060b",
    "bidi": "\u202edrowssap",
    "isolate": "\u2066a\u2069",
    "tags": "a\U000e0041\U000e0042",
    "soft hyphen": "a\u00adb",
    "a line": "a\u2028b",
    "a filler": "a\u3164b",
    "a selector": "a\U000e0101",
    "private": "\ue000",
}


def hidden(text: str) -> list[str]:
    """Return the hidden characters of what was printed, but for the ends of lines."""
    return [text[at] for at in hidden_characters(text) if text[at] != "\n"]


def forge(folder: Path, text: str) -> None:
    """Let @3 of a ledger hold a text that no writer of this program lets pass."""
    file = folder / "record.sqlite3"
    with RecordReader(file) as reader:
        row = reader.event(3)
    assert row is not None
    opened = open_envelope(row.state)
    body = {**opened.data, "name": text}
    state = envelope(
        row.thing,
        row.version,
        row.topic,
        ledger_id=opened.source.removeprefix("urn:uuid:"),
        data=canonical(body),
        time=opened.time,
    )
    with closing(sqlite3.connect(file)) as foreign:
        query = "SELECT sql FROM sqlite_schema WHERE name = 'stored_events_update'"
        (guard,) = foreign.execute(query).fetchone()
        foreign.execute("DROP TRIGGER stored_events_update")
        foreign.execute("UPDATE stored_events SET state = ? WHERE position = 3", [state])
        foreign.execute(guard)
        foreign.commit()


# What is typed, or found in the name of a file: {} is the hostile text.
PLACES = [
    ("{}",),
    ("agreement", "{}"),
    ("--ledger", "{}", "status"),
    ("--format", "{}", "status"),
    ("party", "show", "{}"),
    ("party", "show", "sv", "--as-of", "{}"),
    ("party", "show", "sv", "--known-at", "{}"),
    ("party", "show", "sv", "--policy", "{}"),
    ("party", "list", "--{}"),
    ("find", "{}"),
    ("explain", "party/sv", "{}"),
    ("event", "show", "{}"),
    ("log", "--type", "{}"),
    ("log", "--subject", "{}"),
    ("query", "select '{}' as \"{}\""),
    ("query", "select '{}' as \"{}\"", "--csv"),
    ("query", "select '{}' as \"{}\"", "--json"),
    ("query", "select {} from nothing"),
    ("query", 'select * from "{}"'),
    ("append", "{}"),
    ("append", "name-{}.toml"),
    ("check", "name-{}.toml"),
    ("record", "{}"),
    ("record", "party.established", "party/x", "--name", "{}", "--type", "state"),
    ("record", "party.established", "party/x", "--name", "X", "--type", "{}"),
    ("record", "reserve.acquired", "reserve/sv", "--amount", "{}"),
    ("template", "{}"),
    ("schema", "{}"),
    ("help", "{}"),
    ("completion", "{}"),
    ("source", "add", "name-{}.toml"),
    ("source", "add", "--url", "{}"),
    ("import", "{}", "x"),
    ("import", "csv", "name-{}.toml"),
    ("import", "ndjson", "name-{}.toml"),
    ("backup", "name-{}.toml"),
    ("backup", "nowhere-{}/x"),
    ("copy", "{}", "{}-2"),
    ("restore", "name-{}.toml", "{}-3"),
    ("init", "made-{}"),
    ("init", "other", "--name", "{}"),
    ("verify", "name-{}.toml"),
    ("verify", "name-{}.toml", "--vkey", "{}"),
    ("audit", "--against", "name-{}.toml"),
    ("audit", "--policy", "name-{}.toml"),
    ("prove", "{}"),
    ("prove", "@2", "--since", "{}"),
    ("publish", "name-{}.toml"),
    ("export", "--format", "{}"),
    ("export", "-o", "name-{}.toml"),
    ("replay", "--until", "{}"),
    ("trust", "{}"),
    ("key", "revoke", "{}"),
]


MODES = ((), ("-v",), ("--json",))


@pytest.mark.parametrize(
    "modes",
    [
        pytest.param(1, id="each place in one mode, in turn"),
        pytest.param(3, id="in every mode", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_hidden_character_is_printed_of_what_is_typed(
    *,
    name: str,
    modes: int,
    ask: Ask,
    ledger: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = HOSTILE[name].replace("/", "-")
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"name-{text}.toml").write_text(f"{text}\nx = \x1b {text}")
    for at, words in enumerate(PLACES, list(HOSTILE).index(name)):
        filled = [word.replace("{}", text) for word in words]
        for more in (MODES * 2)[at % 3 :][:modes]:
            ran = ask(*more, *filled)
            assert hidden(ran.out) == [], (more, words)
            assert hidden(ran.err) == [], (more, words)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hidden_character_is_printed_of_a_record(name: str, ask: Ask, ledger: Path) -> None:
    forge(ledger, HOSTILE[name])
    for words in (
        ("event", "show", "@3"),
        ("event", "show", "@3", "--json"),
        ("log",),
        ("log", "--csv"),
        ("log", "--json"),
        ("party", "list"),
        ("audit",),
        ("audit", "--json"),
        ("replay",),
        ("status",),
    ):
        ran = ask(*words)
        assert hidden(ran.out + ran.err) == [], words
    shown = json.loads(ask("event", "show", "@3", "--json").out)
    assert shown["event"]["data"]["name"] == HOSTILE[name], "JSON means the same"


def on_a_terminal(*words: str, **environment: str) -> str:
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    process = forked.start(words, Path.cwd(), clean_environment(environment), [theirs] * 3)
    os.close(theirs)
    found = b""
    try:
        while part := os.read(ours, 65_536):
            found += part
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    process.join()
    return found.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("name", ["ESC", "OSC 8", "BEL", "tags", "CSI in one byte"])
def test_a_terminal_is_sent_no_sequence_but_ours(name: str, ledger: Path) -> None:
    forge(ledger, HOSTILE[name])
    shows = (["event", "show", "@3"], ["event", "show", "@3", "--format", "ndjson"], ["log"])
    for words in (*shows, ["party", "show", HOSTILE[name]]):
        out = on_a_terminal("--ledger", str(ledger), *words, TERM="xterm", PAGER="cat")
        assert hidden(out.replace("\x1b[1m", "").replace("\x1b[0m", "")) == [], words
    assert "\x1b[1m" in on_a_terminal("--ledger", str(ledger), "log", TERM="xterm", PAGER="cat")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_recorded_text_has_a_hidden_character(name: str, ask: Ask, ledger: Path) -> None:
    with pytest.raises(TextError):
        check_text(f"a{HOSTILE[name]}b")
    words = ("--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
    ran = ask("record", "party.established", "party/x", "--name", f"a{HOSTILE[name]}b", *words)
    assert ran.code in (2, 5)


@pytest.mark.parametrize(
    "text",
    [
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbd\u0d82\u0d9a\u0dcf",  # Sri Lanka, in Sinhala
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian: I want
        "\u062c\u0645\u0647\u0648\u0631\u06cc \u0627\u0633\u0644\u0627\u0645\u06cc",
        "\u0928\u0947\u092a\u093e\u0932",
        "\u0915\u094d\u200d\u0937",
        "\u0e1b\u0e23\u0e30\u0e40\u0e17\u0e28\u0e44\u0e17\u0e22",
        "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
        "C\u00f4te d\u2019Ivoire \u2013 \u20bf 1\u00a0000\u202f000",
        "Vi\u1ec7t Nam \u65e5\u672c\u56fd \ub300\ud55c\ubbfc\uad6d",
        "\u2764\ufe0f 1\ufe0f\u20e3 \u845b\U000e0100",
    ],
)
def test_texts_of_every_script_are_recorded_and_printed(text: str) -> None:
    assert check_text(text) == text
    assert visible(text) == text
    assert visible_json(f'"{text}"') == f'"{text}"'


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("\u200d\u0dbb", 0),
        ("\u0dc1\u200d\u0dbb", 1),  # no virama before it
        ("\u0627\u200c\u0645", 1),  # alef joins nothing behind it
        ("\u0645\u200cx", 1),
        ("\u0645\u200c", 1),
        ("\u0645\u200c\u200c\u0645", 1),
        ("e" + "\u0302" * 9, 9),
        ("\u2764\ufe0f\ufe0f", 2),
    ],
)
def test_a_joiner_a_mark_or_a_selector_too_many_is_found(text: str, at: int) -> None:
    assert next(hidden_characters(text)) == at


@given(st.text())
def test_what_is_made_visible_has_nothing_hidden(text: str) -> None:
    assert hidden(visible(text, keep="\n")) == []
    assert visible(visible(text)) == visible(text)


@given(st.recursive(st.text() | st.integers() | st.none(), lambda s: st.lists(s, max_size=4)))
def test_json_that_is_made_visible_means_the_same(value: Any) -> None:
    for indent in (None, 2):
        written = visible_json(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(written) == value
        assert hidden(written) == []


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\uff1d1", "=", "-", "--1"]
NUMBERS = ["-5", "+1.5", "-1,000", "-1e-5", "5", "a=b", "", "'=1"]


def test_no_cell_is_a_formula_and_a_number_stays_one(ask: Ask, ledger: Path) -> None:
    for text in (*FORMULAS, *NUMBERS):
        asked = ("query", f"select '{text.replace(chr(39), chr(39) * 2)}' as \"{text or 'x'}\"")
        rows = list(csv.reader(io.StringIO(ask(*asked, "--csv").out)))
        raw = list(csv.reader(io.StringIO(ask(*asked, "--raw-csv").out)))
        assert raw[1] == [text] or text == ""
        assert rows[1:] == ([[f"'{text}"]] if text in FORMULAS else raw[1:])
        assert not rows[0][0].startswith(tuple("=@")), "a name of a column is a cell too"
    assert ask("query", "select -5 as n", "--csv").out == "n\n-5\n"


def test_an_export_has_no_formula_either(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    words = ("--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
    assert ask("record", "party.established", "party/x", "--name", "=1+1", *words).code == 0
    exported = ("export", "--format", "csv", "--kind", "party")
    assert ",'=1+1," in ask(*exported).out
    assert ",=1+1," in ask(*exported, "--raw-csv").out
    assert ask(*exported, "-o", tmp_path / "out.csv").code == 0
    assert ",'=1+1," in (tmp_path / "out.csv").read_text("utf-8")


@given(st.text(max_size=20))
def test_a_cell_is_changed_by_one_apostrophe_at_most(text: str) -> None:
    assert spreadsheet_cell(text) in (text, f"'{text}")


MACHINE = [
    "party list --json",
    "party list --format ndjson",
    "party list --csv",
    "party show x --json",
    "event show @7 --format ndjson",
    "event show @7 --json",
    "log --format ndjson",
    "log --json",
    "export --format ndjson",
    "export --format csv --kind party",
    "query select(name)from(parties) --json",
    "prove @7",
    "prove @7 --json",
    "checkpoint",
    "party show \u00e9cole --json",
]


def test_what_scripts_read_is_utf8_whatever_the_locale(
    ledger: Path, tmp_path: Path, ask: Ask, depositary: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    words = ("--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
    name = "C\u00f4te d\u2019Ivoire \u65e5\u672c"
    assert ask("record", "party.established", "party/x", "--name", name, *words).code == 0
    assert ask("key", "new", "--no-passphrase").code == 0
    assert ask("checkpoint").code == 0
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    for command in MACHINE:
        usual = depositary("--ledger", ledger, *command.split(), env=home)
        found = {(usual.returncode, usual.stdout.encode(), usual.stderr.encode())}
        for encoding in ("ascii", *(("latin-1", "utf-16") if command == MACHINE[0] else ())):
            ran = subprocess.run(
                [sys.executable, "-c", COUNTER, "--ledger", str(ledger), *command.split()],
                env=clean_environment({**home, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}),
                capture_output=True,
                check=False,
            )
            found.add((ran.returncode, ran.stdout, ran.stderr))
        assert len(found) == 1, command
        (_, out, err) = found.pop()
        (out + err).decode("utf-8")


def test_an_entry_is_proved_whatever_the_locale(depositary: Run, ledger: Path) -> None:
    ascii_ = {"PYTHONIOENCODING": "ascii"}
    words = ("--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
    record = ("record", "party.established", "party/x", "--name", "\u00e9", *words)
    made = {}
    for command in (record, ("key", "new", "--no-passphrase", "--json"), ("checkpoint",)):
        made[command[0]] = depositary(*command, cwd=ledger, env=ascii_)
        assert made[command[0]].returncode == 0
    vkey = json.loads(made["key"].stdout)["vkey"]
    proof = depositary("prove", "@7", cwd=ledger, env=ascii_)
    entry = depositary("event", "show", "@7", "--format", "ndjson", cwd=ledger, env=ascii_)
    (ledger / "7.proof").write_text(proof.stdout, "utf-8")
    (ledger / "7.entry").write_bytes(entry.stdout.encode().removesuffix(b"\n"))
    asked = ("verify", "7.proof", "--entry", "7.entry", "--vkey", vkey)
    ran = depositary(*asked, cwd=ledger, env=ascii_)
    assert "ALTERED" not in ran.stdout
    assert "was not altered since" in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["a\nerror: all is well", "a\r\nnext: rm", "a\u2028b", "a\x85b"])
def test_a_line_break_in_a_name_makes_no_line_of_an_error(
    name: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (("--ledger", name, "log"), ("verify", name, "--vkey", name), ("append", name)):
        ran = ask(*words)
        assert (ran.code in (2, 7), len(ran.err.splitlines())) == (True, 3), (words, ran)
    monkeypatch.setenv("DEPOSITARY_LEDGER", name)
    assert len(ask("log").err.splitlines()) == 3
