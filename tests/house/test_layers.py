"""Do imports run one way, and are decisions pure?"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("events", "domain", "projections", "cli")
NOT_DECISIONS = {
    "domain.decisions.batch",
    "domain.decisions.preview",
    "domain.facts",
    "domain.ledger",
    "domain.create_ledger",
    "domain.fork",
    "domain.ledger_names",
    "domain.importers",
    "domain.recorded_imports",
    "domain.ledger_keys",
}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Hold the contracts of `root`'s pyproject.toml against the rooms beside it."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root), "PYTHONUTF8": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def contract(beginning: str) -> dict[str, list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts: list[dict[str, list[str]]] = settings["tool"]["importlinter"]["contracts"]
    return next(each for each in contracts if str(each["name"]).startswith(beginning))


def modules_of(room: str) -> set[str]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / room).rglob("*.py")
        if path.name != "__init__.py"
    }


def is_under(module: str, packages: Iterable[str]) -> bool:
    return any(f"{module}.".startswith(f"{name}.") for name in packages)


def test_imports_keep_the_contracts() -> None:
    held = lint_imports(ROOT)
    assert held.returncode == 0, held.stdout + held.stderr


def test_the_purity_contract_lists_every_decision_module() -> None:
    listed = contract("Decisions are pure")["source_modules"]
    decisions = {one for one in modules_of("domain") if not is_under(one, NOT_DECISIONS)}
    assert sorted(one for one in decisions if is_under(one, listed)) == sorted(decisions)
    assert [one for one in NOT_DECISIONS if is_under(one, listed)] == []


def test_every_room_has_its_layer() -> None:
    assert sorted(contract("Imports run")["layers"]) == sorted(ROOMS)


AGAINST = (  # a module, what it must not import, and how the rule that says so begins
    ("events.identifiers", "cli.version", "Imports run"),
    ("domain.facts", "typer", "Only the command line"),
    ("events.identifiers", "pydantic", "What happened is written down"),
    ("domain.kinds.party", "sqlite3", "Decisions are pure"),
    ("domain.kinds.party", "events.store.rows", "Claims, kinds"),
    ("domain.claims.claim", "events.store.sqlite.recorder", "Decisions are pure"),
)


def test_an_import_against_the_rules_is_noticed(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, other, _ in AGAINST:
        path = tmp_path / f"{module.replace('.', '/')}.py"
        with path.open("a", encoding="utf-8") as text:
            text.write(f"\nimport {other}\n")
    held = lint_imports(tmp_path)
    assert held.returncode == 1, held.stdout + held.stderr
    _, *parts = re.split(r"\n([A-Z][^\n]+)\n-+\n", held.stdout.partition("Broken contracts")[2])
    told = dict(zip(parts[::2], parts[1::2], strict=True))
    for module, other, rule in AGAINST:
        (title,) = (title for title in told if title.startswith(rule))
        assert f"{module} -> {other} (" in told[title], held.stdout
