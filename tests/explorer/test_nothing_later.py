"""Does a page of the past say only what was recorded and public by then?"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from cli.web.application import application
from cli.web.snapshot import Snapshots
from domain.claims.claim import Clocks
from domain.claims.publication import publication_at
from events.store.ledger_folder import existing_location
from tests.explorer.conftest import HOST

HEAD = 346
PATHS = (
    *("/reserve/sv/", "/agreement/pk-sv-bitcoin-2025/", "/contested/", "/", "/reserve/", "/log/"),
    *("/reserve/sv/series/", "/reserve/sv/timeline/", "/party/onbtc/", "/source/article/"),
    *("/agreement/pk-sv-bitcoin-2025/standing/", "/total/", "/feed.atom", "/findings/"),
    *("/explain/reserve/sv/", "/reserve/sv/history/", "/find/?q=bitcoin", "/party/"),
)
DAYS = ("2021-12-31", "2024-03-13", "2025-07-18", "2025-11-17", "2026-11-24")


def cut(story: Path, folder: Path, last: int) -> Path:
    """Return a copy of a ledger as it was when its last event was @last."""
    shutil.copytree(story, folder)
    (folder / "answers.sqlite3").unlink()
    with closing(sqlite3.connect(folder / "record.sqlite3")) as record:
        triggers = record.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        kept = triggers.fetchall()
        for name, _ in kept:
            record.execute(f'DROP TRIGGER "{name}"')
        record.execute("DELETE FROM stored_events WHERE position > ?", (last,))
        for _, sql in kept:
            record.execute(sql)
        record.commit()
    return folder


@pytest.fixture(scope="module", params=[120, 240])
def once(
    request: pytest.FixtureRequest, unsigned: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, TestClient]]:
    """Give a position, and the pages of the ledger as it was then."""
    folder = cut(unsigned, tmp_path_factory.mktemp("cut") / "ledger", request.param)
    with Snapshots(existing_location(folder, "here"), 60) as snapshots:
        yield request.param, TestClient(application(snapshots), base_url=HOST)


@pytest.mark.parametrize("path", PATHS)
def test_a_pinned_page_is_what_it_was_when_nothing_later_was_recorded(
    path: str, once: tuple[int, TestClient], client: TestClient
) -> None:
    position, then = once
    day = DAYS[len(path) % len(DAYS)]
    address = f"/~as-of={day}/~known-at=@{position}{path}"
    now, before = client.get(address), then.get(address)
    assert (now.status_code, now.text) == (before.status_code, before.text)


@settings(max_examples=12)
@given(st.dates(date(2021, 9, 1), date(2026, 8, 1)), st.sampled_from(PATHS))
def test_what_was_public_later_is_not_on_a_page(
    client: TestClient, story: Path, day: date, path: str
) -> None:
    with (
        Snapshots(existing_location(story, "here"), 60) as snapshots,
        snapshots.open() as app,
        app.answers() as answers,
    ):
        clocks = Clocks(as_of=day, public_at=day, known_at=HEAD)
        every = (c for s in answers.everything() for c in answers.claims(s))
        later = [c.position for c in every if publication_at(c, clocks) == "not public"]
    assert later
    text = client.get(f"/~as-of={day}/~public-at={day}{path}", follow_redirects=True).text
    assert [one for one in later if f"/event/{one}/" in text] == []
