"""Is nothing written, whoever asks, and is one state of the log read for each page?"""

import hashlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cli.web.application import application
from cli.web.snapshot import Snapshots
from events.store.ledger_folder import existing_location
from tests.conftest import COUNTER, clean_environment
from tests.explorer.conftest import HOST, printed
from tests.faults.test_permissions import AS_OTHERS

FACT = """
[[fact]]
type = "reserve.holding-reported"
subject = "reserve/sv"
amount = "7,777 BTC"
effective = "2026-03-01"
asserted_by = "party/recorder"
basis = "recorder"
"""
ANOTHER = 12_345  # a user and a group that are not ours
PATHS = ("/", "/reserve/sv/", "/contested/", "/agreement/", "/party/onbtc/", "/log/", "/proof/")


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the digest and the time of change of each file of a ledger."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
def ledger(story: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the story; at the end it may be removed again."""
    folder = shutil.copytree(story, tmp_path / "ledger")
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(stat.S_IRWXU)


def statuses(folder: Path, paths: tuple[str, ...] = PATHS) -> list[int]:
    """Ask the pages of a ledger; return their statuses."""
    with Snapshots(existing_location(folder, "here"), 60) as snapshots:
        client = TestClient(application(snapshots), base_url=HOST)
        return [client.get(path).status_code for path in paths]


def test_pages_write_nothing(ledger: Path) -> None:
    before = contents(ledger)
    assert statuses(ledger) == [200] * len(PATHS)
    assert contents(ledger) == before


def test_pages_of_answers_that_are_behind_or_missing_write_nothing(ledger: Path) -> None:
    (ledger / "answers.sqlite3").unlink()
    before = contents(ledger)
    assert statuses(ledger) == [200] * len(PATHS)
    assert contents(ledger) == before


def test_a_folder_that_may_not_be_written_is_served(ledger: Path) -> None:
    for path in (ledger, *ledger.rglob("*")):
        path.chmod(stat.S_IRUSR | (stat.S_IXUSR if path.is_dir() else 0))
    before = contents(ledger)
    if os.geteuid() == 0:  # whom no mode stops: the digests say that nothing was written
        assert statuses(ledger) == [200] * len(PATHS)
    else:
        assert statuses(ledger) == [200] * len(PATHS)
        with pytest.raises(PermissionError):
            (ledger / "new").touch()
    assert contents(ledger) == before


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root gives a folder to another user; setpriv takes away what else root may",
)
def test_the_folder_of_another_user_is_served(ledger: Path) -> None:
    for path in (ledger, *ledger.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.chown(path, ANOTHER, ANOTHER)
    before = contents(ledger)
    words = [*AS_OTHERS, sys.executable, "-c", COUNTER, "--ledger", str(ledger), "serve"]
    with subprocess.Popen(
        [*words, "--port", "0"], stdout=subprocess.PIPE, text=True, env=clean_environment({})
    ) as serving:
        try:
            assert serving.stdout is not None
            address = serving.stdout.readline().strip()
            for asked in PATHS:
                with urllib.request.urlopen(f"{address}{asked[1:]}") as page:  # noqa: S310 - our own
                    assert page.status == 200
        finally:
            serving.terminate()
    assert contents(ledger) == before


def test_answers_that_are_broken_are_made_elsewhere(ledger: Path) -> None:
    (ledger / "answers.sqlite3").write_bytes(b"no database")
    before = contents(ledger)
    assert statuses(ledger) == [200] * len(PATHS)
    assert contents(ledger) == before


def test_what_is_recorded_meanwhile_is_on_the_next_page(ledger: Path) -> None:
    facts = ledger.with_name("facts.toml")
    facts.write_text(FACT, "utf-8")
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots:
        client = TestClient(application(snapshots), base_url=HOST)
        first = client.get("/reserve/sv/")
        assert "7,777 BTC" not in first.text
        printed("--ledger", ledger, "append", facts)
        second = client.get("/reserve/sv/")
        assert "7,777 BTC" in second.text
        assert first.headers["etag"] != second.headers["etag"]
        pinned = "/~as-of=2026-11-30/~known-at=@346/reserve/sv/"
        assert "7,777 BTC" not in client.get(pinned).text


def test_what_is_signed_meanwhile_is_on_the_next_page(ledger: Path) -> None:
    """Though nothing was recorded: no page of before is given, and no 304."""
    facts = ledger.with_name("facts.toml")
    facts.write_text(FACT, "utf-8")
    printed("--ledger", ledger, "append", facts)
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots:
        client = TestClient(application(snapshots), base_url=HOST)
        start = client.get("/")
        head = re.search(r", @(\d+)</span>", start.text)
        assert head is not None
        event = client.get(f"/event/{head[1]}/")
        said = {"1 later event is not covered yet": start, "No checkpoint covers it yet": event}
        assert [words for words, page in said.items() if words not in page.text] == []
        printed("--ledger", ledger, "checkpoint")
        for words, page in said.items():
            after = client.get(page.url.path, headers={"if-none-match": page.headers["etag"]})
            assert after.status_code == 200
            assert words not in after.text


def test_a_page_is_of_one_head_while_others_write(ledger: Path) -> None:
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots, snapshots.open() as app:
        facts = ledger.with_name("facts.toml")
        facts.write_text(FACT, "utf-8")
        writer = threading.Thread(target=printed, args=("--ledger", ledger, "append", facts))
        with app.answers() as answers:
            head = answers.record.last_position()
            writer.start()
            writer.join()
            assert answers.record.last_position() == head
            assert answers.record.event(head + 1) is None
            assert [row.position for row in answers.record.rows(head - 1)] == [head]
            with pytest.raises(sqlite3.OperationalError):
                answers.connection.execute("DELETE FROM claims")


@pytest.mark.parametrize("seconds", [1e-9, 0.02])
def test_a_page_has_its_time_and_no_more(seconds: float, story: Path) -> None:
    with Snapshots(existing_location(story, "here"), seconds) as snapshots:
        asked = TestClient(application(snapshots), base_url=HOST).get("/reserve/sv/")
    assert (asked.status_code, asked.headers["retry-after"]) == (503, "2")
    assert "the page takes too long" in asked.text
