"""Serve the pages of a ledger: what may be asked, by whom, how often, and what every answer bears.

Nothing is written, there is no login, and no script is sent. A Host that was not allowed is
answered with 421, a method other than GET and HEAD with 405.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cli.errors.exit_codes import CommandError, usage_failure
from cli.web.address import PageAddress, http_status, parse
from cli.web.render import CSS, STYLE, Rendered, etag, failed, is_immutable, refused, render
from cli.web.snapshot import Snapshots
from events.store.plain_files import open_plain

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
AT_ONCE = 2
MOST_WAIT_S = 0.5  # for one of these two places
SECONDS_OLD = 10.0  # how old a page may be where both are taken
MOST_KEPT = 32_000_000  # bytes of pages
MOST_VALUES = 20  # behind the `?` of an address
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """The first that a request meets: the host it names, and its method."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421 or 405, or let the request through."""
        if scope["type"] != "http":
            return
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        host = named[0].lower() if len(named) == 1 else ""
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        if bare not in self._hosts:
            return _plain(421, "this host is not served", "--allow-host names those that are")
        if scope["method"] not in ("GET", "HEAD"):
            found = _plain(405, "pages are read only", "GET and HEAD are answered")
            found.headers["allow"] = "GET, HEAD"
            return found
        return None


def _plain(status: int, what: str, why: str) -> Response:
    text = f"error: {what}\n  {why}\n  next: depositary serve --help\n"
    return Response(text, status, headers=HEADERS, media_type="text/plain")


class _Kept(NamedTuple):
    """A page that was made: its answer, its tag, and when its making began."""

    page: Rendered
    tag: str
    begun_at: float


class Pages:
    """The pages of one ledger: made two at a time, and kept while they are true.

    Where both places are taken, a page that was made some seconds ago will do.
    """

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._kept: OrderedDict[PageAddress, _Kept] = OrderedDict()
        self._bytes, self._lock = 0, threading.Lock()
        self._places: anyio.Semaphore | None = None

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        if request.scope["path"] == "/style.css":
            return Response(STYLE, headers={**HEADERS, "cache-control": "no-cache"}, media_type=CSS)
        try:
            address, as_written = _address(request)
        except CommandError as error:
            return _response(failed(error, http_status(error)), request, None)
        if not as_written:
            return _redirect(str(address))
        came, kept = time.monotonic(), self._kept.get(address)
        if kept is not None and (is_immutable(address) or self._will_do(kept)):
            return _answered(kept.page, request, kept.tag, address)
        if self._places is None:
            self._places = anyio.Semaphore(AT_ONCE)
        with anyio.move_on_after(MOST_WAIT_S) as waiting:
            await self._places.acquire()
        if waiting.cancelled_caught:
            if kept is not None:
                return _answered(kept.page, request, kept.tag, address)
            return _response(_busy(), request, None)
        try:
            # What was begun while this request waited is as new as it would be.
            if (made := self._kept.get(address)) is not None and made.begun_at >= came:
                return _answered(made.page, request, made.tag, address)
            answer: Awaitable[Response] = anyio.to_thread.run_sync(
                partial(self._answer, request, address)
            )
            return await answer
        finally:
            self._places.release()

    def _will_do(self, kept: _Kept) -> bool:
        taken = self._places is not None and self._places.value == 0
        return taken and time.monotonic() - kept.begun_at < SECONDS_OLD

    def _answer(self, request: Request, address: PageAddress) -> Response:
        begun = time.monotonic()
        try:
            if address.parts[:1] == ("copy",):
                return _response(_copy(self._snapshots, address), request, None)
            with self._snapshots.open(findings=address.parts == ("findings",)) as app:
                tag = etag(app, address, f"{datetime.now(UTC).date()}")
                kept = self._kept.get(address)
                if kept is not None and kept.tag == tag:
                    found = kept.page
                else:
                    found = render(app, address)
                    if found.status == 200:
                        self._keep(address, _Kept(found, tag, begun))
        except Exception as error:
            if (known := refused(error)) is None:
                raise
            return _response(known, request, None)
        if found.where is not None:
            return _redirect(found.where)
        return _answered(found, request, tag if found.status == 200 else None, address)

    def _keep(self, address: PageAddress, kept: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(address, None)
            self._kept[address] = kept
            self._bytes += len(kept.page.body) - (len(before.page.body) if before else 0)
            while self._bytes > MOST_KEPT:
                _, old = self._kept.popitem(last=False)
                self._bytes -= len(old.page.body)


def _answered(found: Rendered, request: Request, tag: str | None, address: PageAddress) -> Response:
    """Return a page, or that who asks has it."""
    given = request.headers.get("if-none-match", "").split(",")
    if tag and tag in [one.strip().removeprefix("W/") for one in given]:
        return Response(status_code=304, headers={**HEADERS, "etag": tag, **_cache(address)})
    return _response(found, request, tag, _cache(address))


def _address(request: Request) -> tuple[PageAddress, bool]:
    """Return the address that is asked for, and whether it is written as it should be.

    The scope says it byte for byte, where an URL that is made of it may end at a `#`.
    """
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.decode("latin-1").partition("?")[0]
    asked = request.scope["query_string"].decode("utf-8", "replace")
    try:
        query = parse_qsl(asked, keep_blank_values=True, max_num_fields=MOST_VALUES)
    except ValueError:
        usage_failure("the address asks for too much", f"at most {MOST_VALUES} values", "/")
    found = parse(path, query)
    return found, str(found._replace(query=())) == path and len(query) == len(found.query)


def _redirect(where: str) -> Response:
    return Response(
        status_code=303, headers={**HEADERS, "location": where, "cache-control": "no-cache"}
    )


def _busy() -> Rendered:
    why = f"{AT_ONCE} are made at once, and none was done within {MOST_WAIT_S:g} s"
    return failed(CommandError(6, "too many pages are asked for", why, "try again"), 503)


def _cache(address: PageAddress) -> dict[str, str]:
    if is_immutable(address):
        return {"cache-control": "public, max-age=31536000, immutable"}
    return {"cache-control": "no-cache"}


def _response(
    found: Rendered, request: Request, tag: str | None, cache: dict[str, str] | None = None
) -> Response:
    headers = {**HEADERS, "cache-control": "no-cache", **(cache or {} if tag else {})}
    if tag:
        headers["etag"] = tag
    if found.name:
        headers["content-disposition"] = f'attachment; filename="{found.name}"'
    if found.status == 503:
        headers |= {"retry-after": "2", "refresh": "3"}
    body = b"" if request.method == "HEAD" else found.body
    response = Response(body, found.status, headers=headers, media_type=found.type)
    if request.method == "HEAD":
        response.headers["content-length"] = str(len(found.body))
    return response


def _copy(snapshots: Snapshots, address: PageAddress) -> Rendered:
    """Return an archived copy of a source, to be saved and never shown."""
    digest = address.parts[1] if len(address.parts) == 2 else ""
    path = snapshots.place.sources / digest.removeprefix("sha256:")
    if not (len(path.name) == 64 and path.name.isalnum() and path.is_file()):
        return failed(
            CommandError(3, "there is no such copy", digest, "depositary source list"), 404
        )
    with open_plain(path, follow=False) as file:
        return Rendered(200, "application/octet-stream", file.read(), name=path.name)


def application(snapshots: Snapshots, hosts: Iterable[str] = LOOPBACK) -> ASGIApp:
    """Return the application that answers for a ledger, to requests for the hosts named."""
    pages = Pages(snapshots)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await pages(Request(scope, receive))
        await response(scope, receive, send)

    return Guard(answer, hosts)
