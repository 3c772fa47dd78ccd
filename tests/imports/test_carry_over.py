"""A ledger of the first edition is read as it is, and its export makes an equal ledger.

`tests/papers/older/story.ndjson` is the export of a ledger that the last commit before the second
edition made (f594e8c): the bundled story, then claims with keys, a correction, retractions, a
denial, a resolution, two happenings set apart, and a treaty with a reservation and a withdrawal. It
is never made anew.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope
from events.identifiers import KINDS
from events.store.factory import create_record

Ask = Callable[..., Any]

OLDER = Path(__file__).resolve().parents[1] / "papers" / "older" / "story.ndjson"
ANSWERS_FORMAT_OF_BEFORE = 3
# What the time of recording decides: it is another one in the ledger that was carried over.
OF_RECORDING = frozenset(("recorded", "late_days", "known_at", "reproduce"))
DAYS = ("2021-12-31", "2024-03-13", "2025-07-16", "2025-07-19", "2026-11-30")


def events() -> list[bytes]:
    """Return the bytes of each event of the fixture."""
    return OLDER.read_bytes().splitlines()


@pytest.fixture
def older(ask: Ask, tmp_path: Path) -> Path:
    """Give the older ledger as it lay on the disk: its log, its settings, answers of its format."""
    folder = tmp_path / "older"
    assert ask("init", folder).code == 0
    for left in folder.glob("*.sqlite3*"):
        left.unlink()
    create_record(folder / "record.sqlite3")
    rows = []
    for position, state in enumerate(events(), 1):
        opened = open_envelope(state)
        version = int(opened.id.rpartition("/")[2])
        rows.append((position, opened.subject, version, opened.type, state))
    record = sqlite3.connect(folder / "record.sqlite3")
    with record:
        names = [row[1] for row in record.execute("PRAGMA table_info(stored_events)")]
        marks = ", ".join("?" * len(names))
        record.executemany(f"INSERT INTO stored_events VALUES ({marks})", rows)
    record.close()
    answers = sqlite3.connect(folder / "answers.sqlite3")
    answers.execute("PRAGMA application_id = 0x44504F41")
    answers.execute(f"PRAGMA user_version = {ANSWERS_FORMAT_OF_BEFORE}")
    answers.execute("CREATE TABLE state (name TEXT, value TEXT)")
    answers.commit()
    answers.close()
    return folder


@pytest.fixture
def carried(ask: Ask, ledger: Path) -> Path:
    """Give the ledger that `import ndjson` makes of the fixture."""
    ran = ask("import", "ndjson", OLDER)
    assert (ran.code, ran.err) == (0, "")
    assert f"{len(events()) - 1} facts recorded, 0 already recorded, 1 rejected" in ran.out
    assert "rejected: kept-by-the-ledger 1" in ran.out
    return ledger


def test_an_older_ledger_says_once_that_its_answers_are_made_anew(ask: Ask, older: Path) -> None:
    first = ask("--ledger", older, "reserve", "show", "sv", "--json")
    assert first.code == 0
    note = first.err.splitlines()
    assert note[0].startswith("note: another version of depositary made the read model")
    assert f"{len(events())} events of the log are unchanged, and no action is needed" in note[1]
    assert "depositary export --format ndjson" in first.err
    assert "depositary import ndjson" in first.err
    again = ask("--ledger", older, "reserve", "show", "sv", "--json")
    assert (again.code, again.err, again.out) == (0, "", first.out)


def test_answers_that_may_not_be_replaced_are_said_to_be_another_versions(
    ask: Ask, older: Path
) -> None:
    kept = (older / "answers.sqlite3").read_bytes()
    (older / "answers.sqlite3").chmod(0o444)
    older.chmod(0o555)
    try:
        ran = ask("--ledger", older, "reserve", "list")
    finally:
        older.chmod(0o755)
    assert ran.code == 0
    assert ran.err.startswith("note: another version of depositary made the read model")
    assert kept  # as root the folder may be written all the same, and the file is replaced


def test_the_events_of_an_older_ledger_are_intact(ask: Ask, older: Path) -> None:
    ran = ask("--ledger", older, "replay", "--compare")
    assert "holds tables that another version made" in ran.err
    assert ask("--ledger", older, "replay").code == 0
    assert ask("--ledger", older, "replay", "--compare").code == 0
    ran = ask("--ledger", older, "audit")
    assert ran.code == 0, ran.out
    assert "holds  text" in ran.out
    assert ask("--ledger", older, "export", "--format", "ndjson").out.encode() == OLDER.read_bytes()


def test_every_event_is_carried_over_as_it_was(ask: Ask, carried: Path) -> None:
    lines = ask("export", "--format", "ndjson").out.splitlines()
    before, after = (list(map(json.loads, these)) for these in (events(), lines))
    kept = ("id", "subject", "type", "data")
    assert after.pop()["type"] == "ledger.imported.v1"
    assert [[one[name] for name in kept] for one in after[1:]] == [
        [one[name] for name in kept] for one in before[1:]
    ]
    assert {"row-1", "row-2"} <= {one["data"].get("key") for one in after}


def test_a_second_import_records_nothing(ask: Ask, carried: Path) -> None:
    ran = ask("import", "ndjson", OLDER)
    assert f"0 facts recorded, {len(events()) - 1} already recorded" in ran.out
    # One more than was brought over: that there was an import.
    assert len(ask("export", "--format", "ndjson").out.splitlines()) == len(events()) + 1


def test_every_answer_is_the_same_in_the_ledger_carried_over(
    ask: Ask, older: Path, carried: Path
) -> None:
    asked = questions()
    assert len(asked) > 200
    for words in asked:
        first, second = (ask("--ledger", place, *words, "--json") for place in (older, carried))
        assert first.code == second.code, words
        if first.code == 3:  # not known by that day
            assert first.err.splitlines()[0] == second.err.splitlines()[0], words
        else:
            found = [without_recording(json.loads(ran.out)) for ran in (first, second)]
            assert found[0] == found[1], words


def questions() -> list[tuple[str, ...]]:
    """Return what is asked of both ledgers: each thing, each list, each clock."""
    things = sorted({json.loads(line)["subject"] for line in events()} - {"ledger/self"})
    of_kinds = [kind for kind in KINDS if kind != "ledger"]
    found: list[tuple[str, ...]] = []
    plain: list[tuple[str, ...]] = []
    for thing in things:
        kind, _, name = thing.partition("/")
        if kind in ("party", "source"):
            plain.append((kind, "show", name))
        else:
            found.append((kind, "show", name))
            found += [(kind, "show", name, "--as-of", day) for day in DAYS]
            found += [(kind, "history", name), ("timeline", thing), ("blame", thing)]
            found += [("explain", thing, "--policy", "strict"), ("history", thing)]
            found.append((kind, "show", name, "--public-at", "2025-07-31", "--policy", "latest"))
        if kind == "agreement":
            found += [("agreement", "standing", name), ("agreement", "reservations", name)]
        if kind == "reserve":
            found.append(("reserve", "reconcile", name))
    for kind in of_kinds:
        found += [(kind, "list", "--as-of", day) for day in DAYS]
    found += [
        ("log", "--subject", "reserve/sv"),
        ("find", "letter"),
        ("diff", "2024-03-13", "2025-08-01"),
    ]
    checks = ("order", "contested", "cannot-tell", "overdrawn", "source-differs")
    found += [("findings", "--check", check) for check in checks]
    return found + plain[::5]


def without_recording(found: Any) -> Any:
    """Return a document without what the time of recording decides."""
    if isinstance(found, dict):
        return {k: without_recording(v) for k, v in found.items() if k not in OF_RECORDING}
    return [without_recording(one) for one in found] if isinstance(found, list) else found


def test_who_recorded_it_is_carried_over(
    ask: Ask, carried: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = ("--name", "New", "--type", "state", "--asserted-by", "recorder", "--basis", "recorder")
    made = ask("--recorder", "The desk in Vienna", "record", "party.established", "party/new", *new)
    assert made.code == 0, made.err
    assert ask("export", "--format", "ndjson", "-o", tmp_path / "all.ndjson").code == 0
    assert ask("init", tmp_path / "next").code == 0
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(tmp_path / "next"))
    assert ask("import", "ndjson", tmp_path / "all.ndjson").code == 0
    rows = json.loads(ask("log", "--json").out)["rows"]
    named = {row["subject"]: row["recordedby"] for row in rows if row["recordedby"]}
    assert named == {"party/new": "The desk in Vienna"}


def test_archived_copies_are_carried_with_their_folder(
    ask: Ask, carried: Path, tmp_path: Path
) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("A paper.\n")
    made = ask("source", "add", paper, "--publisher", "sv", "--title", "A paper")
    assert made.code == 0, made.err
    assert ask("export", "--format", "ndjson", "-o", tmp_path / "all.ndjson").code == 0
    assert ask("init", tmp_path / "next").code == 0
    assert ask("--ledger", tmp_path / "next", "import", "ndjson", tmp_path / "all.ndjson").code == 0
    shutil.copytree(carried / "sources", tmp_path / "next" / "sources", dirs_exist_ok=True)
    ran = ask("--ledger", tmp_path / "next", "audit")
    assert "1 archived copies, each with its digest" in ran.out, ran.out
