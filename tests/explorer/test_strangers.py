"""Does a stranger get an answer whatever is asked, also of a ledger without any facts?"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import anyio
import pytest
from starlette.testclient import TestClient

from cli.web.application import HEADERS, application
from cli.web.snapshot import ServedContext, Snapshots
from events.store.ledger_folder import existing_location
from tests.explorer.conftest import HOST, printed
from tests.explorer.test_pages import NAMES, every_path, read

ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_ledger_in_which_nothing_is_recorded_has_its_pages(tmp_path: Path) -> None:
    printed("init", tmp_path / "ledger", "--title", "Nothing yet")
    with Snapshots(existing_location(tmp_path / "ledger", "here"), 60) as snapshots:
        client = TestClient(application(snapshots), base_url=HOST)
        start = client.get("/")
        assert "Nothing yet" in start.text
        for link in read(start.text).links:
            if link.startswith("/"):
                assert client.get(link).status_code == 200, link
        others = tuple(f"/{kind}/" for kind in NAMES if kind not in ("reserve", "agreement"))
        for path in [one for one in every_path() if not any(kind in one for kind in others)]:
            found = client.get(path)
            # What the story has is not there; a list, a search and a comparison are.
            assert found.status_code in (200, 400, 404), path
            if found.headers["content-type"].startswith("text/html"):
                read(found.text)
        assert client.get("/reserve.json").json() == []


@pytest.mark.parametrize("path", ["/feed.atom", "/reserve/sv/feed.atom", "/party/onbtc/feed.atom"])
def test_a_feed_has_what_a_reader_of_feeds_needs(path: str, client: TestClient) -> None:
    given = client.get(path)
    assert given.headers["content-type"] == "application/atom+xml"
    feed = ElementTree.fromstring(given.content)  # noqa: S314 - our own
    entries = feed.findall(f"{ATOM}entry")
    assert 1 <= len(entries) <= 50
    for one in (feed, *entries):
        found = {name: one.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated")}
        assert all(found.values()), found
        assert (found["id"] or "").startswith("urn:uuid:")
    links = [one.find(f"{ATOM}link").attrib["href"] for one in entries]  # type: ignore[union-attr]
    assert client.get(links[0]).status_code == 200
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    assert len(set(ids)) == len(ids)


async def asked(client: TestClient, method: str, raw_path: bytes, query: bytes) -> dict[str, Any]:
    """Ask byte for byte, as no client of a library would; return the status and the headers."""
    found: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found["status"] = message["status"]
            found["headers"] = {n.decode(): v.decode() for n, v in message["headers"]}
        else:
            found["body"] += message.get("body", b"")

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw_path.decode("latin-1"),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1:8411")],
        "server": ("127.0.0.1", 8411),
        "client": ("127.0.0.1", 1),
    }
    app: Any = client.app
    await app(scope, receive, send)
    return found


@pytest.mark.parametrize(
    ("raw_path", "query", "status"),
    [
        (b"//evil.example/", b"", 404),
        (b"http://evil.example/", b"", 404),
        (b"*", b"", 404),
        (b"/reserve/sv", b"as-of=\xff\xfe", 303),
        (b"/find/", b"q=atlantis#b", 404),
        (b"/reserve/\xc3\xa9/", b"", 303),
        (b"/reserve/sv#x", b"as-of=2024", 303),
        (b"/\\evil.example", b"", 303),
    ],
)
def test_bytes_that_no_browser_sends_have_an_answer(
    raw_path: bytes, query: bytes, status: int, client: TestClient
) -> None:
    for method in ("GET", "HEAD"):
        found = anyio.run(asked, client, method, raw_path, query)
        assert found["status"] == status
        assert {name: found["headers"][name] for name in HEADERS} == HEADERS
        where = found["headers"].get("location", "/")
        assert where.startswith("/")
        assert not where.startswith("//")


def test_head_of_a_redirect_and_of_an_error_is_as_get(client: TestClient) -> None:
    for path in ("/reserve/sv", "/nowhere/", "/style.css", "/event/172.json", "/feed.atom"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers == got.headers


class SlowSnapshots(Snapshots):
    """Snapshots that take their time, and are counted."""

    opened = 0

    @contextmanager
    def open(self, **options: Any) -> Iterator[ServedContext]:
        """Open one, slowly."""
        self.opened += 1
        time.sleep(0.05)
        with super().open(**options) as app:
            yield app


def test_who_waits_for_a_page_gets_what_was_made_meanwhile(story: Path) -> None:
    found: list[int] = []
    snapshots = SlowSnapshots(existing_location(story, "here"), 60)
    with snapshots:
        client = TestClient(application(snapshots), base_url=HOST)
        client.get("/help/dates/")  # the first page of a process reads the templates
        snapshots.opened = 0

        async def ask() -> None:
            found.append((await asked(client, "GET", b"/help/", b""))["status"])

        async def ask_at_once() -> None:
            async with anyio.create_task_group() as several:
                for _ in range(12):
                    several.start_soon(ask)

        anyio.run(ask_at_once)
    assert found == [200] * 12
    assert snapshots.opened <= 4
