"""Hold what modules are called, how long they are, and how many lie together."""

import ast
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("events", "domain", "projections", "cli")
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
NAMED = [path for path in MODULES if path.name != "__init__.py"]

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MOST_LINES = 600
MOST_MODULES = 30
# Bodies of different kinds that are named as their topics are: `allocation.amended`.
HOMONYMS = {"Amended", "Announced", "Established", "Withdrawn"}
# It goes into every bundle byte for byte, where it stands alone: its names and words are kept.
SHIPPED = "events/transparency/proof_bundle/verify.py"
# What several modules define by agreement: one of each kind of thing, found by this name.
BY_AGREEMENT = {
    *("answer", "summary", "evolve", "evolve_all", "judge", "initial", "moves", "page", "rows")
}


class Module(NamedTuple):
    """A module: its number of lines, the first of its docstring, its functions and classes."""

    lines: int
    first_line: str
    defined: set[str]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    found = {}
    for path in MODULES:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
        first, *_ = (ast.get_docstring(tree) or "").splitlines() or [""]
        defined = {node.name for node in tree.body if isinstance(node, DEFINITIONS)}
        found[name_of(path)] = Module(len(text.splitlines()), first, defined)
    return found


def test_a_first_line_is_a_statement(modules: dict[str, Module]) -> None:
    firsts = {name: modules[name].first_line for name in map(name_of, NAMED) if name != SHIPPED}
    assert modules[SHIPPED].first_line
    assert {name: line for name, line in firsts.items() if not line.endswith(".")} == {}
    assert {name: line for name, line in firsts.items() if "?" in line} == {}


def test_a_public_name_means_one_thing(modules: dict[str, Module]) -> None:
    places = defaultdict(list)
    for module, told in modules.items():
        for name in told.defined - BY_AGREEMENT:
            if module != SHIPPED and not name.startswith("_"):
                places[name].append(module)
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert set(twice) <= HOMONYMS, twice


def test_a_module_is_as_long_as_its_subject_and_no_longer(modules: dict[str, Module]) -> None:
    assert {name: told.lines for name, told in modules.items() if told.lines > MOST_LINES} == {}


def test_a_folder_can_be_looked_through() -> None:
    held = Counter(str(path.parent.relative_to(ROOT)) for path in NAMED)
    assert {folder: count for folder, count in held.items() if count > MOST_MODULES} == {}
