"""Does a ledger say what it is about, and what it was said to be about before?"""

import json
from pathlib import Path

import pytest

from tests.explorer.conftest import printed

BEFORE, AFTER = "Treaties of two States", "Treaties & <bitcoin> of two States"


@pytest.fixture
def titled(tmp_path: Path) -> Path:
    """Give a ledger that got a title and then another."""
    printed("init", tmp_path / "ledger", "--title", BEFORE)
    printed("--ledger", tmp_path / "ledger", "title", AFTER)
    return tmp_path / "ledger"


def test_the_newest_title_holds_and_the_earlier_one_stays(titled: Path) -> None:
    assert printed("--ledger", titled, "title").strip() == AFTER
    assert json.loads(printed("--ledger", titled, "status", "--json"))["title"] == AFTER
    assert AFTER in printed("--ledger", titled, "status")
    events = json.loads(printed("--ledger", titled, "log", "--json"))["rows"]
    assert [one["type"] for one in events] == ["ledger.opened", "ledger.titled", "ledger.titled"]
    assert BEFORE in printed("--ledger", titled, "event", "show", "@2")


def test_the_same_title_again_writes_nothing(titled: Path) -> None:
    assert "already" in printed("--ledger", titled, "title", AFTER)
    assert json.loads(printed("--ledger", titled, "status", "--json"))["position"] == 3


def test_a_title_is_a_line_of_text(titled: Path, tmp_path: Path) -> None:
    from cli.main import main

    assert main(["--ledger", str(titled), "title", "two\nlines"]) == 2
    assert main(["init", str(tmp_path / "other"), "--title", "x" * 301]) == 2
    assert not (tmp_path / "other" / "depositary.toml").exists()
    assert json.loads(printed("--ledger", titled, "status", "--json"))["position"] == 3


def test_without_a_title_status_says_none_and_title_says_how(tmp_path: Path) -> None:
    printed("init", tmp_path)
    assert json.loads(printed("--ledger", tmp_path, "status", "--json"))["title"] is None
    assert "depositary title TEXT" in printed("--ledger", tmp_path, "title")


def test_another_ledger_keeps_its_own_title_when_events_are_carried_over(
    titled: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.ndjson"
    events.write_text(printed("--ledger", titled, "export", "--format", "ndjson"), "utf-8")
    printed("init", tmp_path / "other", "--title", "Its own")
    said = printed("--ledger", tmp_path / "other", "import", "ndjson", events)
    assert "kept-by-the-ledger 3" in said
    assert printed("--ledger", tmp_path / "other", "title").strip() == "Its own"


def test_a_fork_has_the_title_and_an_audit_reads_it(titled: Path, tmp_path: Path) -> None:
    printed("fork", titled, tmp_path / "fork")
    assert printed("--ledger", tmp_path / "fork", "title").strip() == AFTER
    assert "3 events" in printed("--ledger", titled, "audit")


def test_the_start_page_shows_the_title_of_its_position(titled: Path) -> None:
    from cli.web.address import parse
    from cli.web.render import render
    from cli.web.snapshot import Snapshots
    from events.store.ledger_folder import existing_location

    with Snapshots(existing_location(titled, "here"), 60) as snapshots, snapshots.open() as app:
        page = render(app, parse("/")).body.decode()
        before = render(app, parse("/~known-at=@2/")).body.decode()
    assert "<h1>Treaties &amp; &lt;bitcoin&gt; of two States</h1>" in page
    assert f"<h1>{BEFORE}</h1>" not in page
    # The page of a past position reads a snapshot that is pinned to the head.
    assert f"<h1>{BEFORE}</h1>" in before
