"""Read and write the addresses of pages: the clocks and the policy come first in the path.

`/~as-of=D/~public-at=D/~known-at=@N/~policy=P/PATH`, in this order and each at most once; what is
absent is today, any publication date, the head of the log and primary-first. Values are written as
the command line takes them. There is one address for each page: others lead to it.
"""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote, urlencode

from cli.errors.exit_codes import CommandError, not_found, usage_failure
from domain.claims.ranking import DEFAULT

CLOCKS = ("as-of", "public-at", "known-at", "policy")
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
        """Say whether neither tomorrow nor the next event changes the page."""
        return self.as_of is not None and self.known_at is not None

    @property
    def prefix(self) -> str:
        """Return how the address of every page at these clocks begins: `/~as-of=2025-07-18`."""
        pairs = zip(CLOCKS, self, strict=True)
        return "".join(f"/~{name}={quote(value, safe=_SAFE)}" for name, value in pairs if value)

    def options(self) -> list[str]:
        """Return the options of a command at these clocks."""
        named = zip(CLOCKS, self, strict=True)
        found = {name: value for name, value in named if value}
        if (chosen := found.get("policy")) and chosen.startswith("prefer:") and "/" not in chosen:
            found["policy"] = f"prefer:party/{chosen.removeprefix('prefer:')}"
        return [word for name, value in found.items() for word in (f"--{name}", value)]


class PageAddress(NamedTuple):
    """What a page is asked for: its clocks, the parts of its path, a file's ending, its options.

    `options` are `~after=` and `~sort=` behind the path of a list; `query` is what a form of words
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

    def __str__(self) -> str:
        asked = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.clock.prefix}{self.path}{asked}"

    def option(self, name: str) -> str | None:
        """Return the value of an option or of the query; None where it is not given."""
        return dict((*self.options, *self.query)).get(name)


_ASKED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("find",): ("q",),
    ("diff",): ("axis", "a", "b", "subject"),
}


def parse(path: str, query: Sequence[tuple[str, str]] = ()) -> PageAddress:
    """Read an address, clocks in its query too, as a form sends them.

    Exits 2 for a value that is too long or a clock given twice, and 3 for a path that is none.
    """
    if not path.startswith("/") or "//" in path:
        not_found("there is no such page", path[:MOST_CHARACTERS], "/")
    segments = [unquote(segment) for segment in path[1:].split("/")]
    if any(len(segment) > MOST_CHARACTERS for segment in segments):
        usage_failure("the address is too long", f"a part has at most {MOST_CHARACTERS}", "/")
    clocks, rest = _clocks(segments)
    for name, value in query:
        if len(value) > MOST_CHARACTERS:
            usage_failure("the value is too long", f"{name} has at most 200 characters", "/")
        if name in CLOCKS:
            clocks[name] = value.strip()
    options = [
        (name[1:], value)
        for part in rest
        for name, equals, value in [part.partition("=")]
        if equals and name.startswith("~")
    ]
    parts, ending = _ending([part for part in rest if part and not _is_option(part)])
    if any(part.startswith("-") for part in parts):  # to a command it would be an option
        not_found("there is no such page", path[:MOST_CHARACTERS], "/")
    names = _ASKED.get(tuple(parts), ())
    asked = tuple((name, value) for name, value in query if name in names)
    return PageAddress(clock_of(clocks), tuple(parts), ending, tuple(options), asked)


def _clocks(segments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the clocks at the beginning of a path, and what follows them."""
    found: dict[str, str] = {}
    for n, segment in enumerate(segments):
        name, _, value = segment[1:].partition("=")
        if not (_is_option(segment) and name in CLOCKS):
            return found, list(segments[n:])
        if name in found:
            usage_failure("a clock is given twice", f"~{name}", "one of each")
        found[name] = value
    return found, []


def _is_option(segment: str) -> bool:
    return segment.startswith("~") and "=" in segment


def clock_of(found: dict[str, str]) -> Clock:
    """Return the clocks of named values, empty ones left away and a policy's party shortened."""
    found = {name: value for name, value in found.items() if value}
    policy = found.get("policy")
    if policy and policy.startswith("prefer:party/"):
        policy = f"prefer:{policy.removeprefix('prefer:party/')}"
    if policy and ("/" in policy or ".toml" in policy):
        usage_failure(
            "a policy is named here", f"'{policy}' is a file's name", f"~policy={DEFAULT}"
        )
    return Clock(found.get("as-of"), found.get("public-at"), found.get("known-at"), policy)


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
