"""Write the pages of a ledger as files that any web server, or a browser alone, can show.

The pages are those that lead from the start page on, at the size of the newest checkpoint, as of a
day that is given: no clock and no host name is in them. Of each subject the days on its strips and
the policies of its bar have pages too. Links are relative; a link to what has no file is plain
text. Nothing but the log, the day and the options decides the bytes.
"""

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cli.web.address import SUBJECTS, Clock, PageAddress, parse
from cli.web.render import HTML, STYLE, TYPES, Rendered, render
from cli.web.site_folder import SUMS
from cli.web.snapshot import MOST_STOPS, ServedContext
from domain.claims.ranking import DEFAULT
from events.value import replace

MOST_EVENTS = 10_000
_LINK = re.compile(rb'<a ([^>]*?)href="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
_HEAD = re.compile(rb'(<link [^>]*href=")(/[^"]*)("[^>]*>\n?)')
_LEFT_OUT = ("changes", "cite", "copy", "diff")
_SAME_ON_EVERY_DAY = ("event", "help", "proof")

Told = Callable[[int, int], None]


class SitePlan(NamedTuple):
    """What a site holds: its day, its size, its address if it has one, and how much of it."""

    as_of: str
    size: int
    base_url: str = ""
    events: bool = True
    stops: int = MOST_STOPS


def site_files(app: ServedContext, plan: SitePlan, told: Told | None = None) -> dict[str, bytes]:
    """Return the files of a site by their path in it: every page that another leads to."""
    site = Clock(as_of=plan.as_of, known_at=f"@{plan.size}")
    events = plan.events and plan.size <= MOST_EVENTS
    app = replace(app, site=site, most_stops=plan.stops)
    made: dict[str, Rendered] = {}
    waiting = deque(["/", "/find/", "/help/", "/proof/", "/feed.atom"])
    seen = set(waiting)
    while waiting:
        path = waiting.popleft()
        found = render(app, _with_site(path, site))
        if found.status != 200:  # a subject of which nothing stands on that day
            continue
        made[path] = found
        if told is not None and len(made) % 20 == 0:
            told(len(made), len(made) + len(waiting))
        if found.type != HTML:
            continue
        stop = path.startswith("/~")
        for link in _links(found.body):
            if link not in seen and _belongs(link, events=events, beside_stop=stop):
                seen.add(link)
                waiting.append(link)
    files = {"style.css": STYLE}
    for path, found in made.items():
        name = _file_name(path)
        files[name] = _relative(found, name, made, plan)
        parts = path.strip("/").split("/")
        if found.type == HTML and len(parts) == 2 and parts[0] in SUBJECTS:
            pinned = site._replace(policy=DEFAULT).prefix.lstrip("/")
            files[f"{pinned}/{name}"] = _relative(found, f"{pinned}/{name}", made, plan)
    sums = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return {**files, SUMS: "".join(sums).encode()}


def _with_site(path: str, site: Clock) -> PageAddress:
    """Return the address of a path of the site, with the clocks that its files leave away."""
    found = parse(path)
    clocks = (own or given for own, given in zip(found.clock, site, strict=True))
    return found._replace(clock=Clock(*clocks))


def _links(body: bytes) -> Iterator[str]:
    for match in (*_LINK.finditer(body), *_HEAD.finditer(body)):
        path = match[2].decode()
        if path.startswith("/") and not path.startswith("//"):
            yield path


def _belongs(path: str, *, events: bool, beside_stop: bool) -> bool:
    """Say whether a path has a file: of another day or policy, one subject's page alone."""
    if "?" in path or "/~sort=" in path or "/~known-at=" in path:
        return False
    first, *rest = path.strip("/").split("/")
    if first.startswith("~"):
        one_subject = len(rest) == 2 and rest[0] in SUBJECTS and path.endswith("/")
        return one_subject and not beside_stop
    if beside_stop or first in _LEFT_OUT or first == "style.css":
        return False
    return events if first == "event" else True


def _file_name(path: str) -> str:
    return path.lstrip("/") + ("index.html" if path.endswith("/") else "")


def _relative(found: Rendered, name: str, made: dict[str, Rendered], plan: SitePlan) -> bytes:
    """Return a file with its links relative to where it is; those that lead nowhere are text."""
    if found.type == TYPES["atom"]:
        base = plan.base_url.rstrip("/").encode()
        return re.sub(rb'href="(?=/)', b'href="' + base, found.body)
    if found.type != HTML:
        return found.body
    links = _Links(name.split("/")[:-1], made)
    return _HEAD.sub(links.in_head, _LINK.sub(links.in_body, found.body))


class _Links:
    """Turns links between addresses into links between files, for a page in one folder."""

    def __init__(self, here: list[str], made: dict[str, Rendered]) -> None:
        self._here, self._made = here, made

    def in_body(self, match: re.Match[bytes]) -> bytes:
        """Return a link, or its text alone."""
        path = match[2].decode()
        if not path.startswith("/"):
            return match[0]
        if (to := self._target(path)) is not None:
            return b'<a %shref="%s"%s>%s</a>' % (match[1], to.encode(), match[3], match[4])
        tag = b"g" if match[4].startswith(b"<title>") else b"span"
        return b"<%s>%s</%s>" % (tag, match[4], tag)

    def in_head(self, match: re.Match[bytes]) -> bytes:
        """Return a link in the head of a page, or nothing."""
        to = self._target(match[2].decode())
        return b"" if to is None else match[1] + to.encode() + match[3]

    def _target(self, path: str) -> str | None:
        if path == "/style.css":
            return self._from_here("style.css")
        if path not in self._made:
            parts = [one for one in path.strip("/").split("/") if one and not one.startswith("~")]
            if parts and parts[0] not in _SAME_ON_EVERY_DAY:
                return None
            path = "/" + "".join(f"{part}/" for part in parts)
        return self._from_here(_file_name(path)) if path in self._made else None

    def _from_here(self, name: str) -> str:
        """Return how the folder of the page leads to a file.

        A sign that is escaped in the file's name is so once more here: a web server, and a browser
        of a folder, undo it once, and of %2F they would make another folder.
        """
        parts, shared = name.split("/"), 0
        for one, other in zip(parts[:-1], self._here, strict=False):
            if one != other:
                break
            shared += 1
        return "/".join([*[".."] * (len(self._here) - shared), *parts[shared:]]).replace("%", "%25")
