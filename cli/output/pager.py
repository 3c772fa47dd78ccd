"""Show an answer longer than the screen in a pager.

Through the reader's pager: `PAGER`, or `less`. An empty PAGER, or `cat`, means none. A pipe, a
file and the formats for scripts never meet one.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

_PLAIN = ("", "cat")


def paged(lines: Sequence[str]) -> bool:
    """Show lines in the pager if they are longer than the screen; say whether they were shown."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if len(lines) < shutil.get_terminal_size().lines:
        return False
    return _shown("".join(f"{line}\n" for line in lines))


def _shown(text: str) -> bool:
    words = _pager()
    if not words or shutil.which(words[0]) is None:
        return False
    sys.stdout.flush()
    kind = {"LESS": "FRX", **os.environ, "LESSCHARSET": "utf-8"}
    try:
        subprocess.run(words, input=text.encode(), env=kind, check=False)  # noqa: S603 - the user's own
    except OSError:
        return False
    return True


def _pager() -> list[str]:
    wanted = os.environ.get("PAGER", "less")
    try:
        return [] if wanted.strip() in _PLAIN else shlex.split(wanted)
    except ValueError:  # a quotation that does not end
        return []
