"""Is there a page for every path, and is it what a stranger may be sent?"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cli.web.application import HEADERS
from cli.web.routes import ROUTES
from events.identifiers import KINDS
from tests.each import each

NAMES = {
    "agreement": "pk-sv-bitcoin-2025",
    "allocation": "pk-2000mw",
    "law": "sv-bitcoin-law-2021",
    "meeting": "saylor-2025",
    "party": "onbtc",
    "price": "btc-usd",
    "programme": "pk-eff-2024",
    "proposal": "pk-marginal-tariff",
    "reserve": "sv",
    "source": "article",
}
POINTS = {"axis": "as-of", "first": "2024-03-13", "second": "2024-03-15", "field": "reported"}
POINTS |= {"since": "@340", "event": "172", "topic": "clocks"}
OTHERS = (
    *("/feed.atom", "/find/?q=pakistan"),
    *("/diff/policy/primary-first/latest/reserve/sv/", "/reserve/sv/feed.atom"),
    *("/~as-of=2024-03-13/", "/~known-at=@100/", "/~policy=latest/reserve/sv/"),
    *("/~public-at=2025-07-18/agreement/pk-sv-bitcoin-2025/", "/reserve/~sort=-reported/"),
    *("/~policy=prefer:article-publisher/agreement/pk-sv-bitcoin-2025/", "/event/172.tlog-proof"),
    *("/diff/known-at/@100/@345/", "/diff/public-at/2025-07-17/2025-07-31/", "/event/172.zip"),
)


def every_path() -> list[str]:
    """Return a path of every route, of each kind where a route has one."""
    found = [*OTHERS]
    for pattern in ROUTES:
        if "{kind}" not in pattern:
            kind = pattern.partition("/")[0]
            path = pattern.format(**POINTS, name=NAMES.get(kind, ""))
            found.append(f"/{path}/" if path else "/")
            continue
        for kind, name in NAMES.items():
            if "{field}" in pattern and kind != "reserve":
                continue
            found.append(f"/{pattern.format(**POINTS, kind=kind, name=name)}/")
    return [path for path in found if "policy/2024" not in path]


def test_the_story_has_a_subject_of_every_kind_that_has_pages() -> None:
    assert set(NAMES) == set(KINDS) - {"ledger"}


class _Read(HTMLParser):
    """Reads a page: its links, its text, its stops of the tab key, and what is left open."""

    VOID = frozenset(["meta", "link", "input", "br", "path", "circle", "rect"])
    STOPS = frozenset(["button", "input", "select", "summary"])  # of the tab key; and links

    def __init__(self) -> None:
        super().__init__()
        self.links, self.text, self.open = list[str](), list[str](), list[str]()
        self.tags, self.ids, self.stops = set[str](), list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.ids += [named["id"] or ""] if "id" in named else []
        assert not {name for name in named if name.startswith("on") or name == "style"}
        for name in ("href", "action", "src"):
            self.links += [named[name] or ""] if name in named else []
        here = "details" not in self.open and named.get("tabindex") != "-1"
        self.stops += here and (tag in self.STOPS or (tag == "a" and "href" in named))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> _Read:
    """Read a page; it is well formed, has no script and no style of its own."""
    found = _Read()
    found.feed(html)
    assert found.open == []
    assert not found.tags & {"script", "style", "iframe", "img"}
    assert len(set(found.ids)) == len(found.ids)
    return found


@each("path", every_path())
def test_every_route_has_a_page(path: str, client: TestClient) -> None:
    asked = client.get(path)
    if asked.status_code == 303:
        asked = client.get(asked.headers["location"])
    assert asked.status_code == 200, asked.text
    assert {name: asked.headers[name] for name in HEADERS} == HEADERS
    assert "set-cookie" not in asked.headers
    assert "access-control-allow-origin" not in asked.headers
    if asked.headers["content-type"].startswith("text/html"):
        page = read(asked.text)
        assert "As of " in "".join(page.text)
        assert page.stops <= 60
        assert "<function" not in asked.text
        assert " object at 0x" not in asked.text


@pytest.mark.parametrize(
    ("start", "most"),
    [
        ("/reserve/sv/", 1),
        ("/~as-of=2025-07-18/~known-at=@200/~policy=latest/", 1),
        pytest.param("/reserve/sv/", 3, marks=pytest.mark.long),
    ],
)
def test_no_link_within_some_steps_is_dead(start: str, most: int, client: TestClient) -> None:
    seen, waiting = {start}, [(start, 0)]
    while waiting:
        path, steps = waiting.pop()
        asked = client.get(path)
        while asked.status_code == 303:
            asked = client.get(asked.headers["location"])
        assert asked.status_code in (200, 304), f"{path}: {asked.text}"
        if steps == most or not asked.headers["content-type"].startswith("text/html"):
            continue
        links = read(asked.text).links
        # The strips lead to as many pages as there are days: some of them are enough.
        ticks = [link for link in links if link.startswith("/~") and not start.startswith("/~")]
        skipped = set(ticks) - set(ticks[:: 1 if most > 2 else 12])
        for link in links:
            if link.startswith("/") and link not in seen | skipped and "/event/" not in link:
                seen.add(link)
                waiting.append((link, steps + 1))
    assert len(seen) > 20


def test_a_link_inside_keeps_the_clocks(client: TestClient) -> None:
    clocks = "/~as-of=2025-07-18/~public-at=2025-07-18/~known-at=@300/~policy=latest"
    page = read(client.get(f"{clocks}/reserve/sv/").text)
    own = ("/style.css", "/~", "#main", "data:,")
    assert [one for one in page.links if not one.startswith(own)] == ["/reserve/sv/"] * 2
    assert sum(one.startswith(clocks) for one in page.links) > 20


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/reserve/sv", "/reserve/sv/"),
        ("/reserve/sv/?as-of=2024-03-13&public-at=&known-at=", "/~as-of=2024-03-13/reserve/sv/"),
        ("/~policy=latest/~as-of=2024/reserve/", "/~as-of=2024/~policy=latest/reserve/"),
        ("/~policy=prefer:party%2Fimf/", "/~policy=prefer:imf/"),
        ("/~as-of=2024/?as-of=", "/"),
        ("/event/@172/", "/event/172/"),
        ("/event/00172/", "/event/172/"),
        ("/reserve/~as-of=2024/", "/~as-of=2024/reserve/"),
        ("/reserve/~after=/~sort=reported/", "/reserve/~sort=reported/"),
        ("/find/?q=a&q=b%20c", "/find/?q=b+c"),
        ("/~as-of=18%20July%202025/~known-at=@9/", "/~as-of=2025-07-18/~known-at=@9/"),
        ("/changes/18%20July%202025/", "/changes/2025-07-18/"),
        ("/diff/as-of/1%20May%202024/2025/", "/diff/as-of/2024-05-01/2025/"),
        ("/diff/policy/prefer:party%2Fimf/latest/", "/diff/policy/prefer:imf/latest/"),
        ("/event/agreement/pk-sv-bitcoin-2025/5/", "/event/172/"),
        (
            "/diff/?axis=as-of&a=2024-03-13&b=2024-03-15&subject=reserve/sv",
            "/diff/as-of/2024-03-13/2024-03-15/reserve/sv/",
        ),
        ("/~as-of=2024/diff/?axis=as-of&a=2023&b=2024&subject=", "/diff/as-of/2023/2024/"),
    ],
)
def test_a_page_has_one_address(path: str, where: str, client: TestClient) -> None:
    asked = client.get(path)
    assert (asked.status_code, asked.headers["location"]) == (303, where)


def test_a_word_for_a_day_becomes_the_day(client: TestClient) -> None:
    """Or a page of `today` would be kept for good."""
    asked = client.get("/~as-of=today/~known-at=@300/reserve/sv/")
    assert re.fullmatch(r"/~as-of=[0-9-]{10}/~known-at=@300/reserve/sv/", asked.headers["location"])
    assert asked.headers["cache-control"] == "no-cache"


def test_two_policies_are_compared_over_the_whole_ledger(client: TestClient) -> None:
    path = "/diff/policy/primary-first/prefer:article-publisher/"
    form = "/diff/?axis=policy&a=primary-first&b=prefer:article-publisher&subject="
    assert client.get(form).headers["location"] == path
    page = client.get(path).text
    assert "pk-sv-bitcoin-2025" in page
    assert "memorandum" in page


def test_a_day_of_recording_becomes_a_position(client: TestClient) -> None:
    asked = client.get("/~known-at=2999-01-01/reserve/sv/")
    assert re.fullmatch(r"/~known-at=@\d+/reserve/sv/", asked.headers["location"])


@pytest.mark.parametrize(
    ("path", "status", "what"),
    [
        ("/nowhere/", 404, "there is no such page"),
        ("/reserve/atlantis/", 404, "there is no reserve/atlantis"),
        ("/event/99999/", 404, "there is no event @99999"),
        ("/~known-at=2001-01-01/", 404, "at that time"),
        ("/~known-at=@99999/", 400, "names a position that"),
        ("/~as-of=2024-02-30/", 400, "--as-of needs a date"),
        ("/~policy=whim/", 400, "no such policy"),
        ("/~policy=mine.toml/", 400, "a policy is named here"),
        ("/~as-of=2024/~as-of=2025/", 400, "a clock is given twice"),
        (f"/find/?q={'a' * 201}", 400, "the value is too long"),
        (f"/?{'&'.join('abcdefghijklmnopqrstuvwxyz')}", 400, "the address asks for too much"),
        # No address names a file that is opened.
        ("/diff/policy/mine.toml/latest/", 400, "a policy is named here"),
        ("/diff/policy/latest/%2Fetc%2Fpasswd/reserve/sv/", 400, "a policy is named here"),
        ("/diff/policy/latest/whim/", 400, "no such policy"),
        ("/reserve/~bogus=1/", 404, "there is no such page"),
        ("/reserve/~sort=holder/~sort=reported/", 400, "an option is given twice"),
        *(
            (f"/{path}/", 404, "there is no such page")
            for path in ("ledger", "ledger/self", "blame/ledger/self", "%2e%2e", "copy/%2e%2e")
        ),
        *(
            (f"/{path}.atom", 404, "there is no such file")
            for path in ("reserve", "nowhere/feed", "reserve/sv/series", "event/172", "a/b/c/feed")
        ),
        ("/reserve/sv.csv", 400, "csv"),
        ("/diff/as-of/2025/2024/", 400, "a is later than b"),
        ("/reserve/~sort=nothing/", 400, "there is no such column"),
        ("/log/~after=@0/", 404, "there is no such page"),
        ("/copy/..%2Fdepositary.toml/", 404, "there is no such copy"),
        ("/%00/", 404, "there is no such page"),
        ("/reserve/sv%0D%0AX-Evil:1/", 404, "there is no "),
        ("/log/~after=abc/", 404, "there is no such page"),
        *(
            (f"/{path}/", 404, "there is no such page")
            for path in (
                *("explain/reserve/sv/--help", "explain/reserve/sv/--ledger=%2Ftmp"),
                *("help/--json", "changes/--help", "reserve/--policy=.%2Fx.toml"),
                *("diff/as-of/--ledger=x/2024", "cite/reserve/-h"),
            )
        ),
    ],
)
def test_an_error_is_the_three_lines(path: str, status: int, what: str, client: TestClient) -> None:
    asked = client.get(path)
    assert asked.status_code == status, asked.text
    lines = "".join(read(asked.text).text).split("error: ")[1].splitlines()
    assert what in lines[0].lower()
    assert lines[2].startswith("  next: ")


def test_what_is_typed_is_shown_and_not_run(client: TestClient) -> None:
    asked = client.get("/find/?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script" not in asked.text
    assert "&lt;script&gt;" in asked.text


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "", "[::2]", "localhost."]
)
def test_a_host_that_was_not_allowed_is_misdirected(host: str, client: TestClient) -> None:
    asked = client.get("/", headers={"host": host})
    assert asked.status_code == 421
    assert asked.text.startswith("error: this host is not served\n")


@pytest.mark.parametrize("host", ["127.0.0.1:8411", "localhost", "[::1]:8411", "LOCALHOST:1"])
def test_this_machine_is_a_host(host: str, client: TestClient) -> None:
    assert client.get("/style.css", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_reading_is_a_method(method: str, client: TestClient) -> None:
    asked = client.request(method, "/")
    assert (asked.status_code, asked.headers["allow"]) == (405, "GET, HEAD")


def test_head_says_what_get_would(client: TestClient) -> None:
    got, head = client.get("/reserve/"), client.head("/reserve/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))


def test_a_page_that_is_pinned_is_kept_for_good(client: TestClient) -> None:
    pinned = client.get("/~as-of=2025-07-18/~known-at=@300/reserve/sv/")
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/reserve/sv/", "/~as-of=2025-07-18/reserve/sv/"):
        asked = client.get(path)
        assert asked.headers["cache-control"] == "no-cache"
        again = client.get(path, headers={"if-none-match": asked.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


SIZES = {
    "/": 30_000,
    "/event/172/": 10_000,
    "/agreement/pk-sv-bitcoin-2025/": 20_000,
    "/reserve/sv/": 50_000,
    "/reserve/sv/timeline/": 80_000,
    "/party/": 80_000,
    "/log/": 80_000,
    "/diff/known-at/@100/@345/": 80_000,
    "/changes/@1/": 80_000,
    "/style.css": 8_192,
}


@pytest.mark.parametrize("path", SIZES)
def test_a_page_weighs_no_more_than_it_may(path: str, client: TestClient) -> None:
    assert len(client.get(path).content) <= SIZES[path]


def test_no_template_lets_text_through_unescaped() -> None:
    templates = Path(__file__).parents[2] / "cli/web/templates"
    found = [path.name for path in templates.iterdir() if "|safe" in path.read_text("utf-8")]
    assert found == []


def test_a_source_leads_out_only_to_the_web(client: TestClient) -> None:
    page = client.get("/explain/agreement/pk-sv-bitcoin-2025/kind/").text
    out = re.findall(r'<a href="(http[^"]*)"([^>]*)>', page)
    assert out
    assert {rest for _, rest in out} == {' rel="noreferrer nofollow"'}
