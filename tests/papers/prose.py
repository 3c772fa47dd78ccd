"""Check the prose of the documents with proselint: without code, tables and what commands print.

python -m tests.papers.prose    (make check)
"""

import re
import sys
from pathlib import Path

from proselint.checks import __register__
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "reference.md"),
]
# Straight quotes are what a terminal takes; "enter into force" and "very" are meant.
ALLOWED = re.compile(r"^(typography|lexical_illusions|dates_times|redundancy\.misc\.after|weasel)")
_code = re.compile(r"^```.*?^```|^ {4,}[^\n]*|^\|[^\n]*|`[^`]*`|\]\([^)]*\)", re.M | re.S)


def _blank(code: re.Match[str]) -> str:
    """Return a text as long, with its line breaks and nothing else."""
    return re.sub(r"[^\n]", " ", code[0])


def complaints(page: Path) -> list[str]:
    """Return what proselint says of the prose of a page, with the line."""
    prose = LintFile(page.name, _code.sub(_blank, page.read_text("utf-8")))
    found = [one for one in prose.lint(DEFAULT) if not ALLOWED.match(one.check_result.check_path)]
    return [f"{page.name}:{one.pos[0]}: {one.check_result.message}" for one in found]


if __name__ == "__main__":
    CheckRegistry().register_many(__register__)
    wrong = [line for page in PAGES for line in complaints(page)]
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    sys.exit(bool(wrong))
