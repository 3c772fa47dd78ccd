"""Write to standard output and standard error: the one way by which anything is printed.

While a command runs both are guarded: what a record, a file's name or an argument says is printed
without a control, escape or bidirectional character, whoever prints it. What scripts read is UTF-8
on the bytes of the stream, whatever the locale.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, TextIO

from events.hidden_text import visible

_AT_ONCE = 2_000
_PASSWORDS = ("password", "passwd", "pwd", "passphrase", "oauth_client_secret")


class Bold(str):
    """A line of our own that is printed in bold: a heading."""

    __slots__ = ()


class TableLine(str):
    """A line of a table: it is as wide as the table is, and is broken nowhere."""

    __slots__ = ()


_said = [False]


class Capture:
    """What a command answers, kept instead of printed: its text, or what the text is made of.

    With `values`, `document` is what JSON would hold, and `columns` and `rows` are those of a
    table, if it is one; else `text` has all that was written.
    """

    def __init__(self, *, values: bool) -> None:
        self.values, self.parts = values, list[str]()
        self.document: Any = None
        self.columns: Sequence[Any] = ()
        self.rows: Sequence[dict[str, Any]] = ()

    @property
    def text(self) -> str:
        """Return all that was written, as it would stand in a file."""
        return "".join(self.parts)


_kept: ContextVar[Capture | None] = ContextVar("kept", default=None)


@contextmanager
def captured(*, values: bool = False) -> Iterator[Capture]:
    """Keep what is written in this thread meanwhile, and print none of it."""
    kept = Capture(values=values)
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


def capture() -> Capture | None:
    """Return what keeps the answer in this thread; None where it is printed."""
    return _kept.get()


_notes: list[str] = []


def note(text: str) -> None:
    """Say how a word was read, on standard error before anything else is written there or printed.

    Where the command fails it is not said: an error has three lines. What is kept has no notes.
    """
    if capture() is None:
        _notes.append(f"note: {text}\n")


def say_notes() -> None:
    """Write the notes that are not written yet."""
    while _notes:
        sys.stderr.write(_notes.pop(0))


def has_written() -> bool:
    """Say whether the command has written anything to standard output, if only to its buffer."""
    return _said[0]


class _Guarded:
    """A stream that shows hidden characters, without passwords where `secret`: as errors are."""

    def __init__(self, stream: TextIO, *, secret: bool, keep: str = "\n") -> None:
        self.unguarded, self._secret, self._keep = stream, secret, keep

    def write(self, text: str) -> int:
        """Write a text; line breaks, and tabs for a shell, are the only control characters."""
        say_notes()
        _said[0] = _said[0] or not self._secret
        said = without_passwords(text) if self._secret else text
        self.unguarded.write(visible(said, keep=self._keep))
        return len(text)

    def writelines(self, lines: Sequence[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


@contextmanager
def tabs_kept() -> Iterator[None]:
    """Let tabs through to standard output: a shell separates words from their help by them."""
    before = sys.stdout
    sys.stdout = _Guarded(unguarded(before), secret=False, keep="\n\t")
    try:
        yield
    finally:
        sys.stdout = before


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Guard standard output and standard error while a command runs."""
    before = sys.stdout, sys.stderr
    _said[0] = False
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr, secret=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _guarded(stream: Any, *, secret: bool = False) -> Any:
    if stream is None or isinstance(stream, _Guarded):
        return stream
    return _Guarded(stream, secret=secret)


def without_passwords(text: str) -> str:
    """Return a text without what stands where addresses and parameters have their passwords."""
    if not any(each in text for each in "=%") and not any(
        ":" in word.rpartition("@")[0] for word in text.split()
    ):
        return text  # as most: the patterns take two milliseconds to compile
    named = "|".join("".join(f"(?:{c}|%{ord(c):02x})" for c in name) for name in _PASSWORDS)
    said = re.sub(rf"(?i)((?:{named})\s*(?:=|%3d)\s*)(['\"][^\n]*|[^\s&'\"]+)", r"\1...", text)
    user = r"(?:[\w+.-]+:/*)?[^\s:@/]*(?::(?!/)|%3[aA])"
    return re.sub(rf"((?<![^\s'\"(=]){user})\S*(?=@)", r"\1...", said)


def unguarded(stream: Any) -> Any:
    """Return what is behind a guard: for what draws on a terminal itself."""
    return stream.unguarded if isinstance(stream, _Guarded) else stream


def shown_lines(lines: Sequence[str]) -> str:
    """Return lines as they are printed, each of them one, hidden characters seen."""
    return "".join(
        f"\x1b[1m{visible(line)}\x1b[0m\n" if isinstance(line, Bold) else f"{visible(line)}\n"
        for line in lines
    )


def json_text(document: Any, indent: int | None = None) -> str:
    """Return a document as JSON; of what stands in it a terminal may be given no character yet."""
    import json  # three milliseconds of every page that is for a person

    return json.dumps(document, ensure_ascii=False, indent=indent)


def write_for_people(text: str) -> None:
    """Write what `shown_lines` returned to standard output."""
    if kept := capture():
        kept.parts.append(text)
        return
    say_notes()
    _said[0] = True
    unguarded(sys.stdout).write(text)


def write_for_scripts(text: str) -> None:
    """Write JSON, CSV or other text for scripts to standard output, as UTF-8."""
    if kept := capture():
        kept.parts.append(visible(text, keep="\n"))
        return
    _as_utf8(sys.stdout)
    sys.stdout.write(text)


def write_exactly(text: str) -> None:
    """Write what is hashed or signed to the byte; on a terminal hidden characters are seen."""
    if kept := capture():
        kept.parts.append(text)
        return
    say_notes()
    _as_utf8(sys.stdout)
    _said[0] = True
    stream = sys.stdout if sys.stdout.isatty() else unguarded(sys.stdout)
    stream.write(text)


def write_in_parts(texts: Iterable[str], write: Callable[[str], object] = write_exactly) -> None:
    """Write many short texts, several thousand at a time."""
    texts = iter(texts)
    while part := "".join(islice(texts, _AT_ONCE)):
        write(part)


def write_error(text: str, *, as_json: bool) -> None:
    """Write the lines of an error to standard error, and no note; as JSON in UTF-8."""
    _notes.clear()
    if as_json:
        _as_utf8(sys.stderr)
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _as_utf8(guarded: Any) -> None:
    stream = unguarded(guarded)
    if hasattr(stream, "reconfigure") and stream.encoding.lower() not in ("utf-8", "utf8"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
