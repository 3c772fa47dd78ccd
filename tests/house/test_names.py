"""Hold what modules are called, how long they are, and how many lie together."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("events", "domain", "projections", "cli")
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
NAMED = [path for path in MODULES if path.name != "__init__.py"]

MOST_LINES = 600
MOST_MODULES = 30
# Bodies of different kinds that are named as their topics are: `allocation.amended`.
HOMONYMS = {"Amended", "Announced", "Established", "Withdrawn"}
# It goes into every bundle byte for byte, where it stands alone: its names and words are kept.
SHIPPED = "events/transparency/proof_bundle/verify.py"
# What several modules define by agreement: one of each kind of thing, found by this name.
BY_AGREEMENT = {"answer", "summary", "evolve", "judge", "initial", "moves", "page", "rows"}


def first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring, f"{path.relative_to(ROOT)} has no docstring"
    return docstring.splitlines()[0]


def defined_twice() -> dict[str, list[str]]:
    """Return each public function or class of two modules, but for those of BY_AGREEMENT."""
    places = defaultdict(list)
    for path in MODULES:
        if path == ROOT / SHIPPED:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    return {
        name: sorted(set(found))
        for name, found in places.items()
        if len(set(found)) > 1 and not name.startswith("_") and name not in BY_AGREEMENT
    }


def test_a_first_line_is_a_statement() -> None:
    asking = {str(path.relative_to(ROOT)) for path in NAMED if "?" in first_line(path)}
    assert asking <= {SHIPPED}


def test_a_public_name_means_one_thing() -> None:
    found = defined_twice()
    assert set(found) <= HOMONYMS, found


@pytest.mark.parametrize("path", NAMED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_as_long_as_its_subject_and_no_longer(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_a_folder_can_be_looked_through() -> None:
    held = Counter(str(path.parent.relative_to(ROOT)) for path in NAMED)
    assert {folder: count for folder, count in held.items() if count > MOST_MODULES} == {}
