"""Is what a stranger's record says of itself looked at before it names anything here?"""

import shutil
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.envelope import canonical, envelope, open_envelope
from events.store.settings import settings_text
from events.store.settings_file import parse_settings
from events.store.sqlite.reader import RecordReader

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

_DATABASE = 'x"\ndatabase = "postgresql://evil.example/x'
ORIGINS = [
    _DATABASE,
    "x\ny",
    "x\x1b]8;;http://evil\x07",
    "x\u202ey",
    " x",
    "",
    "x" * 3_000,
    7,
    None,
]
IDS = [
    "../../x",
    "../../../../../../tmp/a-b-c-d-evil-1",
    "/srv/evil-abcdef-0123-4567-89ab-cdef",
    "ABCDEF00-0000-4000-8000-000000000000",
    "0000000g-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-000000000000\n",
    "",
]


def reopen(folder: Path, ledger_id: str | None = None, **data: Any) -> None:
    """Let the first event of a ledger say something else, in its canonical form."""
    file = folder / "record.sqlite3"
    with RecordReader(file) as reader:
        first = reader.first()
    assert first is not None
    opened = open_envelope(first.state)
    body = {**opened.data, **data}
    source = opened.source.removeprefix("urn:uuid:")
    if ledger_id is not None:
        body["id"] = source = ledger_id
    body = {name: value for name, value in body.items() if value is not None}
    state = envelope(
        "ledger/self",
        1,
        "ledger.opened.v1",
        ledger_id=source,
        data=canonical(body),
        time=opened.time,
    )
    with closing(sqlite3.connect(file)) as foreign:
        guard = "SELECT sql FROM sqlite_schema WHERE name = 'stored_events_update'"
        (trigger,) = foreign.execute(guard).fetchone()
        foreign.execute("DROP TRIGGER stored_events_update")
        foreign.execute("UPDATE stored_events SET state = ? WHERE position = 1", [state])
        foreign.execute(trigger)
        foreign.commit()


def refuses_to_take_up(ask: Ask, stranger: Path, tmp_path: Path) -> None:
    """Try each command that makes a ledger of a record; nothing is written but below tmp_path."""
    for file in ("depositary.toml", "answers.sqlite3"):
        (stranger / file).unlink()
    mine = tmp_path / "mine"
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(mine)}
    for words in (("init", stranger), ("restore", stranger / "record.sqlite3", mine)):
        ran = ask(*words)
        assert ran.code == 4, ran
        assert ran.err.startswith("error: the log ")
        assert "\x1b" not in ran.err
    (stranger / "depositary.toml").write_text(settings_text("x"))
    ran = ask("copy", stranger, mine)
    assert ran.code == 4, ran
    ran = ask("--ledger", stranger, "key", "new", "--no-passphrase")
    assert ran.code == 4, ran
    (stranger / "depositary.toml").unlink()
    assert not (mine / "depositary.toml").exists()
    after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(mine)}
    assert {path for path in after - before if not path.is_relative_to(stranger)} == set()


@pytest.fixture
def stranger(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a ledger that came from a stranger, and a configuration to write keys to."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a" / "b" / "config"))
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    return shutil.copytree(ledger, tmp_path / "stranger")


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: f"{origin!a:.30}")
def test_an_origin_is_a_text_of_one_line(
    origin: Any, ask: Ask, stranger: Path, tmp_path: Path
) -> None:
    reopen(stranger, origin=origin)
    refuses_to_take_up(ask, stranger, tmp_path)


@pytest.mark.parametrize("ledger_id", IDS, ids=lambda each: f"{each!a:.30}")
def test_an_id_is_a_uuid(ledger_id: str, ask: Ask, stranger: Path, tmp_path: Path) -> None:
    reopen(stranger, ledger_id)
    refuses_to_take_up(ask, stranger, tmp_path)


def test_a_record_that_opens_another_ledger_is_none(
    ask: Ask, stranger: Path, tmp_path: Path
) -> None:
    reopen(stranger, id="00000000-0000-4000-8000-000000000000")
    refuses_to_take_up(ask, stranger, tmp_path)


@pytest.mark.parametrize("origin", [_DATABASE, 'a"b', "a\\b", "a\nb", "a'b", "a\x7fb", "é\u2028b"])
def test_whatever_is_written_into_settings_stays_a_text(origin: str) -> None:
    written = settings_text(origin)
    assert tomllib.loads(written) == {"format": 1, "origin": origin}
    read = parse_settings(Path("depositary.toml"), written.encode())
    assert (read.origin, read.database) == (origin, None)
