"""Does a stranger get an answer whatever is asked, also of a ledger without any facts?"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import anyio
import pytest
from starlette.testclient import TestClient

from cli.web.application import HEADERS, application
from cli.web.snapshot import Snapshots
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
            asked = client.get(path)
            # What the story has is not there; a list, a search and a comparison are.
            assert asked.status_code in (200, 400, 404), path
            if asked.headers["content-type"].startswith("text/html"):
                read(asked.text)
        assert client.get("/reserve.json").json() == []


@pytest.mark.parametrize("path", ["/feed.atom", "/reserve/sv/feed.atom", "/party/onbtc/feed.atom"])
def test_a_feed_has_what_a_reader_of_feeds_needs(path: str, client: TestClient) -> None:
    asked = client.get(path)
    assert asked.headers["content-type"] == "application/atom+xml"
    feed = ElementTree.fromstring(asked.content)  # noqa: S314 - our own
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


def answered(client: TestClient, method: str, raw_path: bytes, query: bytes) -> dict[str, Any]:
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
    anyio.run(client.app, scope, receive, send)
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
        asked = answered(client, method, raw_path, query)
        assert asked["status"] == status
        assert {name: asked["headers"][name] for name in HEADERS} == HEADERS
        where = asked["headers"].get("location", "/")
        assert where.startswith("/")
        assert not where.startswith("//")


def test_head_of_a_redirect_and_of_an_error_is_as_get(client: TestClient) -> None:
    for path in ("/reserve/sv", "/nowhere/", "/style.css", "/event/172.json", "/feed.atom"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers == got.headers
