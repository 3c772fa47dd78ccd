"""Is everything in its room, and is each room as simple as it says?"""

import ast
import importlib.metadata
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("events", "domain", "projections", "cli")
EXPECTED = {
    *(".ci", ".editorconfig", ".gitattributes", ".gitignore"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"),
    *("Makefile", "pyproject.toml", "requirements"),
    *ROOMS,
    *("docs", "tests"),
}
WELCOME = {".github", ".pre-commit-config.yaml", ".python-version", "examples"}
DOORS = sorted(path for room in ROOMS for path in (ROOT / room).rglob("__init__.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_top_level_has_the_rooms_of_the_design_and_nothing_else(our_files: list[Path]) -> None:
    assert {path.parts[0] for path in our_files} - WELCOME == EXPECTED


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_distribution_owns_the_name_of_a_room(room: str) -> None:
    owners = importlib.metadata.packages_distributions().get(room, [])
    assert set(owners) <= {"depositary"}
    found = importlib.util.find_spec(room)
    assert found is not None
    assert found.origin == str(ROOT / room / "__init__.py")


def test_entering_a_room_runs_nothing() -> None:
    bodies = {name_of(path): ast.parse(path.read_text("utf-8")).body for path in DOORS}
    run = {name for name, body in bodies.items() for line in body if not isinstance(line, ast.Expr)}
    assert len(bodies) > len(ROOMS)
    assert run == set()


def test_folders_of_tests_are_no_packages() -> None:
    assert [name_of(path) for path in (ROOT / "tests").rglob("__init__.py")] == []
    assert {path.name for path in (ROOT / "tests").iterdir()} & set(ROOMS) == set()
