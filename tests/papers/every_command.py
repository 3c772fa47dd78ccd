"""The output of every command on the bundled story, written down and compared.

The commands stand in `command_lines.py`, in chapters. Each chapter starts from a new ledger with
the bundled story and runs its commands in order, in this process, on a terminal of 80 columns, at
an hour, with ids and with keys that never change: so every byte printed can be compared, digests,
proofs and signatures too. Of each command `commands/index.txt` keeps the exit code and a SHA-256
of what it printed; `commands/CHAPTER.txt` keeps the text itself where it is short enough to read.

    python tests/papers/every_command.py                    write all of it anew (make transcripts)
    python tests/papers/every_command.py CHAPTER 'COMMAND'  print what a command of a chapter prints
    python tests/papers/every_command.py --all FOLDER       write every text, the long ones too

To see how a long output changed, write every text in the commit before and in this one, and compare
the two folders.
"""

import hashlib
import importlib
import io
import os
import pkgutil
import re
import shlex
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
if str(ROOT) not in sys.path:  # when it is run as a script
    sys.path.insert(0, str(ROOT))

from cli.main import main  # noqa: E402 - the path comes first
from tests.papers import command_lines  # noqa: E402

KEPT = HERE / "commands"
INDEX = KEPT / "index.txt"
ROOMS = ("cli", "projections", "domain", "events")
LONGEST = 6_000  # characters of a text that is kept whole
# The answers are disposable, and their file is as large as it happens to be.
ANSWERS_SIZE = re.compile(r'(answers\.sqlite3(?:",\s+"bytes":)? +)[0-9,]+')
TODAY = datetime(2026, 12, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 24, 18, 30, tzinfo=UTC)  # from the line `at later` of a chapter on


class Printed(NamedTuple):
    """What a command printed, and its exit code."""

    command: str
    code: int
    text: str

    @property
    def digest(self) -> str:
        """Return the first half of the SHA-256 of what was printed."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]

    @property
    def is_short(self) -> bool:
        """Say whether the text is kept, and not only its digest."""
        return len(self.text) <= LONGEST and not command_lines.is_one_of_many(self.command)


class Terminal(io.TextIOWrapper):
    """A terminal that remembers what was written to it."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        """Say that this is a terminal: tables are fitted to its columns."""
        return True

    def text(self) -> str:
        """Return what was written, as text."""
        self.flush()
        held: Any = self.buffer
        return str(held.getvalue().decode("utf-8", "backslashreplace"))


def chapter(name: str, folder: Path) -> Iterator[Printed]:
    """Run the commands of a chapter in an empty folder, and yield what each printed."""
    with fixed(folder) as hour:
        yield run("demo story", folder)
        for line in command_lines.CHAPTERS[name](asking(folder)):
            if line == command_lines.AT_LATER:
                hour(LATER)
            elif line.startswith(command_lines.FILE):
                put(line, folder)
            else:
                yield run(line, folder)


def asking(folder: Path) -> Callable[[str], str]:
    """Return a function that gives the output of a command which is not written down."""
    return lambda line: run(line, folder).text


def put(line: str, folder: Path) -> None:
    """Write a file that the commands after it read: its name, then its text."""
    name, _, text = line.removeprefix(command_lines.FILE).partition("\n")
    (folder / name).write_text(text, "utf-8")


def run(line: str, folder: Path) -> Printed:
    """Run `depositary LINE`; what went to standard error stands after what went to output."""
    out, err = Terminal(), io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    empty = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with mock.patch.multiple(sys, stdout=out, stderr=err, stdin=empty):
        code = main(shlex.split(line))
    errors: Any = err.buffer
    text = out.text() + errors.getvalue().decode("utf-8", "backslashreplace")
    return Printed(line, code, ANSWERS_SIZE.sub(r"\1…", text.replace(str(folder), "/place")))


@contextmanager
def fixed(folder: Path) -> Iterator[Callable[[datetime], None]]:
    """Stand in a folder where the hour, new ids and new keys are always the same.

    Yields a function that sets the hour. Whatever module of the product looks at the clock or
    makes an id: the names are found, not listed, so that none is forgotten when modules move.
    """
    hour, before = Hour(TODAY), Path.cwd()
    ids, keys = iter(range(1, 1_000_000)), iter(range(1, 256))
    environment = {
        "PATH": os.environ["PATH"],
        "COLUMNS": "80",
        "LINES": "50",
        "PAGER": "cat",
        "NO_COLOR": "1",
        "TERM": "xterm",
        "TZ": "UTC",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_STATE_HOME": str(folder / "state"),
        "DEPOSITARY_LEDGER": "story",
    }

    def new_id() -> uuid.UUID:
        return uuid.UUID(int=next(ids) << 80 | 0x4000_8000_0000_0000_0000, version=4)

    def new_key() -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([next(keys)]) * 32)

    with ExitStack() as stack:
        stack.callback(os.chdir, before)
        os.chdir(folder)
        stack.enter_context(mock.patch.dict(os.environ, environment, clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", ["depositary"]))
        stack.enter_context(mock.patch.object(Ed25519PrivateKey, "generate", new_key))
        stack.enter_context(mock.patch.object(uuid, "uuid4", new_id))
        for module in product():
            if vars(module).get("datetime") is datetime:
                stack.enter_context(mock.patch.object(module, "datetime", hour.clock))
            if hasattr(module, "uuid4"):
                stack.enter_context(mock.patch.object(module, "uuid4", new_id))
        yield hour.set


class Hour:
    """An hour that stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        hour = self
        self.now = now

        class Kind(type):
            def __instancecheck__(cls, instance: object) -> bool:
                return isinstance(instance, datetime)

        class Clock(datetime, metaclass=Kind):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return hour.now.astimezone(tz)

        self.clock = Clock

    def set(self, now: datetime) -> None:
        """Let it be another hour."""
        self.now = now


def product() -> list[Any]:
    """Return every module of the product, imported."""
    found = []
    for room in ROOMS:
        package = importlib.import_module(room)
        found.append(package)
        found += [
            importlib.import_module(each.name)
            for each in pkgutil.walk_packages(package.__path__, f"{room}.")
            if not each.name.endswith("__main__")
        ]
    return found


def index_lines(name: str, printed: list[Printed]) -> list[str]:
    """Return the lines of the index for a chapter."""
    return [f"{name} {each.code} {each.digest} {each.command}" for each in printed]


def text_of(printed: list[Printed], *, all_of_them: bool = False) -> str:
    """Return the texts of a chapter, each below its command."""
    parts = []
    for each in printed:
        if all_of_them or each.is_short:
            code = f"[exit {each.code}]\n" if each.code else ""
            parts.append(f"$ depositary {each.command}\n{each.text}{code}")
    return "\n".join(parts)


def kept_index(name: str) -> list[str]:
    """Return the lines of the index that was kept, for one chapter."""
    lines_kept = INDEX.read_text("utf-8").splitlines()
    return [line for line in lines_kept if line.startswith(f"{name} ")]


def write_anew(into: Path = KEPT, *, all_of_them: bool = False) -> None:
    """Run every chapter and write what is kept of it."""
    into.mkdir(parents=True, exist_ok=True)
    index = []
    for name in command_lines.CHAPTERS:
        with tempfile.TemporaryDirectory() as place:
            printed = list(chapter(name, Path(place).resolve()))
        index += index_lines(name, printed)
        (into / f"{name}.txt").write_text(text_of(printed, all_of_them=all_of_them), "utf-8")
    (into / "index.txt").write_text("\n".join(index) + "\n", "utf-8")


def print_one(name: str, command: str) -> None:
    """Print what a command prints where it stands in its chapter."""
    with tempfile.TemporaryDirectory() as place:
        for each in chapter(name, Path(place).resolve()):
            if each.command == command:
                sys.stdout.write(each.text)
                return
    sys.exit(f"the chapter {name} has no command '{command}'")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            write_anew()
        case ["--all", folder]:
            write_anew(Path(folder), all_of_them=True)
        case [name, command]:
            print_one(name, command)
        case _:
            sys.exit(__doc__)
