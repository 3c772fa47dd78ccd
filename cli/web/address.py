"""Read and write the addresses of pages: the clocks and the policy come first in the path.

`/~as-of=D/~public-at=D/~known-at=@N/~policy=P/PATH`, in this order and each at most once; what is
absent is today, any publication date, the head of the log and primary-first. Values are written as
the command line takes them. There is one address for each page: others lead to it.
"""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote, urlencode

from cli.errors.exit_codes import CommandError, not_found, usage_failure
from domain.claims.ranking import BUILT_IN, DEFAULT
from events.identifiers import KINDS

CLOCKS = ("as-of", "public-at", "known-at", "policy")
OPTIONS = ("sort", "after")
SUBJECTS = tuple(kind for kind in KINDS if kind != "ledger")  # the kinds of what has pages
MOST_CHARACTERS = 200
_SAFE = "~@=:,.-_[]"
FILES = ("json", "csv", "tlog-proof", "zip", "atom")


class Clock(NamedTuple):
    """The clocks and the policy of a page, as they stand in its address; None where absent."""

    as_of: str | None = None
    public_at: str | None = None
    known_at: str | None = None
    policy: str | None = None

    @property
    def pinned(self) -> bool:
        """Say whether neither tomorrow, nor the next event, nor the settings change the page."""
        return self.as_of is not None and self.known_at is not None and is_fixed(self.policy)

    @property
    def prefix(self) -> str:
        """Return how the address of every page at these clocks begins: `/~as-of=2025-07-18`."""
        pairs = zip(CLOCKS, self, strict=True)
        return "".join(f"/~{name}={quote(value, safe=_SAFE)}" for name, value in pairs if value)

    def options(self) -> list[str]:
        """Return the options of a command at these clocks."""
        named = zip(CLOCKS, self, strict=True)
        found = {name: value for name, value in named if value}
        if chosen := found.get("policy"):
            found["policy"] = policy_option(chosen)
        return [word for name, value in found.items() for word in (f"--{name}", value)]


class PageAddress(NamedTuple):
    """What a page is asked for: its clocks, the parts of its path, a file's ending, its options.

    `options` are `~sort=` and `~after=` behind the path of a list; `query` is what a form of words
    or of two points asks for, and no clock.
    """

    clock: Clock
    parts: tuple[str, ...]
    ending: str = ""
    options: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """Return the path without clocks: `/reserve/sv/`, `/reserve.json`."""
        parts = "/".join(quote(part, safe=_SAFE) for part in self.parts)
        behind = "".join(f"~{name}={quote(value, safe=_SAFE)}/" for name, value in self.options)
        if self.ending:
            return f"/{parts}.{self.ending}"
        return f"/{parts}/{behind}" if parts else f"/{behind}"

    @property
    def rest(self) -> str:
        """Return the path without clocks, and what a form asks for: `/find/?q=memorandum`."""
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")

    def __str__(self) -> str:
        return f"{self.clock.prefix}{self.rest}"

    def option(self, name: str) -> str | None:
        """Return the value of an option or of the query; None where it is not given."""
        return dict((*self.options, *self.query)).get(name)


_ASKED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("find",): ("q",),
    ("diff",): ("axis", "a", "b", "subject"),
}


def parse(path: str, query: Sequence[tuple[str, str]] = ()) -> PageAddress:
    """Read an address, clocks in its query too, as a form sends them.

    Exits 2 for a value that is too long or given twice, and 3 for a path that is none.
    """
    if not path.startswith("/") or "//" in path:
        not_found("there is no such page", path[:MOST_CHARACTERS], "/")
    segments = [unquote(segment) for segment in path[1:].split("/")]
    if any(len(segment) > MOST_CHARACTERS for segment in segments):
        usage_failure("the address is too long", f"a part has at most {MOST_CHARACTERS}", "/")
    named, rest = _named(segments)
    clocks = {name: value for name, value in named.items() if name in CLOCKS}
    for name, value in query:
        if len(value) > MOST_CHARACTERS:
            usage_failure("the value is too long", f"{name} has at most 200 characters", "/")
        if name in CLOCKS:
            clocks[name] = value.strip()
    parts, ending = _ending([part for part in rest if part])
    # To a command it would be an option; to a browser, another page.
    if any(part.startswith("-") or part in (".", "..") for part in parts) or (
        named.keys() - {*CLOCKS, *OPTIONS}
    ):
        not_found("there is no such page", path[:MOST_CHARACTERS], "/")
    if parts[:2] == ["diff", "policy"]:
        parts[2:4] = map(_policy, parts[2:4])
    options = tuple((name, named[name]) for name in OPTIONS if named.get(name))
    names = _ASKED.get(tuple(parts), ())
    asked = {name: value for name, value in query if name in names}
    return PageAddress(clock_of(clocks), tuple(parts), ending, options, tuple(asked.items()))


def _named(segments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the clocks and options of a path by name, wherever they stand, and what is left."""
    found, rest = dict[str, str](), []
    for segment in segments:
        name, equals, value = segment.removeprefix("~").partition("=")
        if not (segment.startswith("~") and equals):
            rest.append(segment)
            continue
        if name in found:
            what = "a clock" if name in CLOCKS else "an option"
            usage_failure(f"{what} is given twice", f"~{name}", "one of each")
        found[name] = value
    return found, rest


def clock_of(found: dict[str, str]) -> Clock:
    """Return the clocks of named values, empty ones left away and a policy's party shortened."""
    found = {name: value for name, value in found.items() if value}
    policy = _policy(found["policy"]) if "policy" in found else None
    return Clock(found.get("as-of"), found.get("public-at"), found.get("known-at"), policy)


def _policy(name: str) -> str:
    """Return a policy with its party shortened; exit 2 for a file, which no address may open."""
    name = name.replace("prefer:party/", "prefer:", 1)
    if "/" in name or ".toml" in name:
        usage_failure("a policy is named here", f"'{name}' is a file's name", f"~policy={DEFAULT}")
    return name


def policy_option(name: str) -> str:
    """Return a policy as the command line takes it: of `prefer:imf`, `prefer:party/imf`."""
    if name.startswith("prefer:") and "/" not in name:
        return f"prefer:party/{name.removeprefix('prefer:')}"
    return name


def is_fixed(policy: str | None) -> bool:
    """Say whether a policy is the same next year; of the settings, one with its digest alone is."""
    built_in = policy is None or policy in BUILT_IN or policy.startswith("prefer:")
    return built_in or "@sha256:" in (policy or "")


def _ending(parts: list[str]) -> tuple[list[str], str]:
    if parts:
        stem, dot, ending = parts[-1].rpartition(".")
        if dot and stem and ending in FILES:
            return [*parts[:-1], stem], ending
    return parts, ""


def http_status(error: CommandError) -> int:
    """Return the status of HTTP for how a command ends that went wrong."""
    if error.what == "the ledger is newer":
        return 409
    return {2: 400, 3: 404, 6: 503}.get(error.exit_code, 500)
