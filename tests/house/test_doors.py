"""Tests reach the program by its public names: what they patch or read inside it is counted.

Counted are patches of functions and of private names of the program, and reads of what it calls
private. A public limit (`BATCH`, `MAX_SECONDS`) may be set lower, and is not counted.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("events", "domain", "projections", "cli")
CEILING = 15  # never to go up
# A definition, and a name that is given a value or a type, alone or among others.
_defined = re.compile(
    r"(?:def|class|as) (_\w+)|(?<!\w)(_\w+)(?=(?:, [*\w.]+)*\)* (?:=(?!=)|[-+|]=|in\b|:=)|:)"
).findall
_patches = re.compile(r"\.(?:setattr|delattr|object|patch)\(").search
_read = re.compile(r"\.(_\w+)").findall
_imported = re.compile(r"import [^\n]*\b_[a-z]").search
PATCHES = ("setattr", "delattr", "object", "patch")
OF_TUPLES = ("_asdict", "_field_defaults", "_fields", "_make", "_replace")  # public, in spite of it


def texts(folder: str) -> dict[Path, str]:
    found = sorted((ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT): path.read_text("utf-8") for path in found}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in OF_TUPLES


def own_names() -> set[str]:
    """Return the private names that the program defines: of modules, classes and objects."""
    found = {
        name
        for room in ROOMS
        for text in texts(room).values()
        for names in _defined(text)
        for name in names
    }
    return {name for name in found if is_private(name)}


def may_reach_inside(text: str, private: set[str]) -> bool:
    """Say whether a file has a word of those that are counted: most have none, and are not read."""
    return bool(_patches(text)) or not private.isdisjoint(_read(text)) or bool(_imported(text))


def ours(tree: ast.Module) -> set[str]:
    """Return the names that a file has imported from the program."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS:
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            named = [alias for alias in node.names if alias.name.split(".")[0] in ROOMS]
            found |= {alias.asname or alias.name.split(".")[0] for alias in named}
    return found


def first(node: ast.expr) -> str:
    """Return the name with which a chain of attributes begins, or the text of a dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else ""


def patched(call: ast.Call) -> str:
    """Return the name that a call patches, private with its underscore."""
    words = [one.value for one in call.args[:2] if isinstance(one, ast.Constant)]
    name = str(words[0]).rpartition(".")[2] if words else ""
    return name.lower() if is_private(name) else name


def defined(tree: ast.Module) -> set[str]:
    """Return the names of the functions that a file defines itself."""
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def inside(tree: ast.Module, private: set[str]) -> Iterator[str]:
    """Yield what a file patches in the program, and what it reads of it that is private."""
    imported, private = ours(tree), private - defined(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=how), args=[target, *_]) if how in PATCHES:
                begins = first(target)
                ends = patched(node)
                if (begins in imported or begins.split(".")[0] in ROOMS) and not ends.isupper():
                    yield f"line {node.lineno}: {ast.unparse(node)[:80]}"
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                continue
            case ast.Attribute(attr=name) if name in private:
                yield f"line {node.lineno}: {ast.unparse(node)[:80]}"
            case ast.ImportFrom(module=module, names=names):
                if (module or "").split(".")[0] in ROOMS:
                    yield from (
                        f"line {node.lineno}: {a.name}" for a in names if is_private(a.name)
                    )


def test_tests_go_through_the_doors() -> None:
    private = own_names()
    reaching = {p: text for p, text in texts("tests").items() if may_reach_inside(text, private)}
    found = {
        path: told
        for path, text in reaching.items()
        if (told := [*inside(ast.parse(text), private)])
    }
    count = sum(map(len, found.values()))
    assert count <= CEILING, "\n".join(
        f"{path}: {one}" for path, told in found.items() for one in told
    )


def test_what_is_counted_is_what_reaches_inside() -> None:
    """Both ways of patching, and reads of what the program calls private; not one's own names."""
    text = """
from events import store
from domain.x import _hidden
def test(monkeypatch, mock, one, self):
    monkeypatch.setattr(store, "x", 1)
    monkeypatch.setattr("events.store.x", 1)
    mock.patch.object(store.clock, "now")
    one._known
    monkeypatch.setattr("sys.stdin", 1)
    monkeypatch.setattr(store, "BATCH", 1)
    monkeypatch.setattr(store, "_BATCH", 1)
    self._known, one._replace, one._mine
"""
    assert len([*inside(ast.parse(text), {"_known"})]) == 6
    for line in text.splitlines()[2:8]:
        assert line.startswith("def ") or may_reach_inside(line, {"_known"}), line
    assert not may_reach_inside("self.known, one._replace, one._mine", {"_known"})
