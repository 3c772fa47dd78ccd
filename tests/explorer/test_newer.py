"""Does an event of a newer version refuse what rests on its subject, and nothing else?"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from eventsourcing.persistence import StoredEvent
from starlette.testclient import TestClient

from cli.web.application import application
from cli.web.snapshot import Snapshots
from domain.ledger import identity
from events.envelope import envelope
from events.store.factory import library_environment, make_recorder_factory, open_reader
from events.store.ledger_folder import existing_location
from tests.explorer.conftest import HOST, printed

NEWER = "party.melted.v1"
RESERVE = "reserve.melted.v1"


def write_newer(ledger: Path, *several: tuple[str, str]) -> int:
    """Write events of types that are not known here, each about a subject; return the last's place.

    They say who asserts them, as any version would.
    """
    where = existing_location(ledger, "here").record
    with open_reader(where) as reader:
        versions = {thing: sum(1 for _ in reader.rows(thing=thing)) for thing, _ in several}
    data = b'{"asserted_by":"party/pk","basis":"recorder"}'
    factory: Any = make_recorder_factory(library_environment(where), where)
    try:
        events = [
            StoredEvent(thing, at, topic, envelope(thing, at, topic, identity(where), data))
            for thing, topic in several
            for at in [versions[thing] + 1]
        ]
        return int(list(factory.application_recorder().insert_events(events) or ())[-1])
    finally:
        factory.datastore.close()


@pytest.fixture(scope="module")
def ledger(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the small ledger with a reserve of which a newer version has written."""
    folder = shutil.copytree(small, tmp_path_factory.mktemp("newer") / "ledger")
    write_newer(folder, ("reserve/pk", RESERVE))
    return folder


@pytest.fixture(scope="module")
def pages(ledger: Path) -> Iterator[TestClient]:
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots:
        yield TestClient(application(snapshots), base_url=HOST)


WHY = "is a reserve.melted.v1, written by a newer version of depositary"
NOT_READ = "Not read: "


@pytest.mark.parametrize("clock", ["", "/~as-of=2025-12-31", "/~policy=latest"])
@pytest.mark.parametrize("path", ["/", "/reserve/", "/contested/", "/total/", "/findings/"])
def test_what_is_about_everything_says_what_it_leaves_out(
    path: str, clock: str, pages: TestClient
) -> None:
    shown = pages.get(f"{clock}{path}")
    assert shown.status_code == 200, shown.text
    assert f"{NOT_READ}<a href=" in shown.text
    assert WHY in shown.text
    others = {"/contested/": "/agreement/paper/", "/findings/": "Data-quality problems"}
    assert others.get(path, "/reserve/sv/") in shown.text


@pytest.mark.parametrize(
    "path",
    [
        *("/reserve/sv/", "/agreement/paper/", "/party/sv/", "/log/", "/event/5/", "/proof/"),
        *(
            "/~as-of=2025-12-31/log/",
            "/party/pk/statements/",
            "/find/?q=gazette",
            "/source/gazette/",
        ),
        "/diff/as-of/2025-01-01/2025-12-31/reserve/sv/",
    ],
)
def test_what_rests_on_others_is_as_it_was(path: str, pages: TestClient) -> None:
    assert pages.get(path).status_code == 200


@pytest.mark.parametrize("ending", ["/", ".json", "/timeline/", "/history/", "/series/"])
def test_the_subject_itself_is_refused_with_its_reason(ending: str, pages: TestClient) -> None:
    refused = pages.get(f"/reserve/pk{ending}")
    assert refused.status_code == 409
    assert f"@10 {WHY}" in refused.text


def test_the_files_are_what_the_command_prints(pages: TestClient, ledger: Path) -> None:
    """A command gives all or nothing: scripts read no notes."""
    assert pages.get("/contested.json").status_code == 409
    assert printed("--ledger", ledger, "disputes", "--json") == ""
    lists = printed("--ledger", ledger, "reserve", "list", "--json")
    assert pages.get("/reserve.json").text == lists


def test_before_it_was_recorded_nothing_was_left_out(pages: TestClient, small: Path) -> None:
    then = pages.get("/~as-of=2025-12-31/~known-at=@9/")
    assert then.status_code == 200
    assert NOT_READ not in then.text


def test_a_change_to_what_is_not_read_is_no_change_to_nothing(small: Path, tmp_path: Path) -> None:
    """Of a subject with claims a newer version wrote: they did not vanish."""
    folder = shutil.copytree(small, tmp_path / "ledger")
    write_newer(folder, ("reserve/sv", RESERVE), ("party/sv", NEWER))
    with Snapshots(existing_location(folder, "here"), 60) as snapshots:
        client = TestClient(application(snapshots), base_url=HOST)
        for path in ("/changes/@9/", "/diff/known-at/@9/@11/", "/total/", "/"):
            shown = client.get(path)
            assert shown.status_code == 200, shown.text
            assert NOT_READ in shown.text
            assert "<del>" not in shown.text
        assert "100 BTC" not in client.get("/total/").text
        feed = client.get("/feed.atom")
        assert feed.status_code == 200
        titles = [one.text or "" for one in ElementTree.fromstring(feed.content).iter()]  # noqa: S314
        assert any("reserve.melted" in title for title in titles)
        assert [title for title in titles if "100 BTC →" in title] == []
