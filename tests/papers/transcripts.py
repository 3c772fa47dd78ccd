"""Do the papers show what the commands print?

A block fenced as `console` is a session at a terminal of 80 columns: each line after `$ ` is run,
in one folder for the whole paper, and what follows is what it prints. `export` names the ledger for
the lines after it; a paper that exports nothing asks the demo's. What differs from run to run
(times, digests, ids) is masked as `…`. Write the outputs anew with

    python tests/papers/transcripts.py README.md docs/story.md
"""

import os
import pty
import re
import shlex
import struct
import sys
import tempfile
from datetime import UTC, datetime
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # when it is run as a script
    sys.path.insert(0, str(ROOT))

from tests import forked  # noqa: E402 - the path comes first

COLUMNS, LINES = 80, 500
FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A line to run, or a file that is written: `$ cat > NAME <<'END'`.
COMMAND = re.compile(
    r"^\$ (cat > (\S+) <<'END'|.*)$(?:(?<='END')\n((?:.*\n)*?)END$)?", re.MULTILINE
)
MASKS = (
    (re.compile(r"…T[0-9:]{8}(\.[0-9]+)?Z"), "…"),
    (re.compile(r"\b[0-9a-f]{16,64}\b"), "…"),
    (re.compile(r"\+[0-9a-f]{8}\+[0-9A-Za-z+/]{44}"), "+…"),  # a verifier key
    (re.compile(r"\b[0-9a-f]{8}\.key\b"), "….key"),
    (re.compile(r"[0-9A-Za-z+/]{43,}={0,2}"), "…"),  # a root, a signature, a fingerprint
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "…"),
)
# A bar of progress comes and goes as the machine is fast or slow: it leaves nothing to read.
BAR = re.compile(r"[^\n]*━[^\n]*\n?")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def session(block: str, folder: Path, variables: dict[str, str]) -> str:
    """Return a block as it is when its commands are run now, in the folder given."""
    lines: list[str] = []
    for command, file, text in COMMAND.findall(block):
        lines.append(f"$ {command}")
        if file:
            (folder / file).write_text(text, "utf-8")
            lines += [*text.splitlines(), "END"]
        elif command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            variables[name] = value
        else:
            lines += printed(command, folder, variables).splitlines()
    return "\n".join(lines) + "\n"


def printed(command: str, folder: Path, variables: dict[str, str]) -> str:
    """Return what a command prints at a terminal, with what differs from run to run masked."""
    program, *words = shlex.split(command)
    if program == "cat":
        text = "".join((folder / word).read_text("utf-8") for word in words)
    elif program == "depositary":
        text = _at_a_terminal(words, folder, environment(folder) | variables)
    else:
        raise ValueError(f"a transcript runs depositary and cat, not {program}")
    output = CONTROL.sub("", BAR.sub("", text))
    output = output.replace(str(folder), ".")
    output = output.replace(datetime.now(UTC).date().isoformat(), "…")
    for pattern, mask in MASKS:
        output = pattern.sub(mask, output)
    return "\n".join(line.rstrip() for line in output.splitlines())


def _at_a_terminal(words: list[str], folder: Path, variables: dict[str, str]) -> str:
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = forked.start(words, folder, variables, [slave] * 3)
    os.close(slave)
    output = _all_of(master).replace("\r\n", "\n").replace("\r", "")
    process.join(60)
    return output


def environment(folder: Path) -> dict[str, str]:
    """Return an environment that says nothing of the machine, and names no ledger."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "TERM": "xterm",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def _all_of(terminal: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # the other side was closed
            break
        if not part:
            break
        parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


def rewritten(paper: Path, folder: Path) -> str:
    """Return a paper with all its sessions as they are when run now.

    One that does not make the demo itself finds it made.
    """
    text = paper.read_text("utf-8")
    variables: dict[str, str] = {}
    if "$ export " not in text:
        variables["DEPOSITARY_LEDGER"] = str(folder / "depositary-demo")
        if "$ depositary demo\n" not in text:
            printed("depositary demo", folder, variables)
    return FENCE.sub(lambda match: f"```console\n{session(match[1], folder, variables)}```", text)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as place:
            Path(name).write_text(rewritten(Path(name), Path(place)), "utf-8")
