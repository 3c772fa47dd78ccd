"""The hooks, the workflow and the Makefile call what is there, and fetch nothing of their own."""

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ENTRIES = re.findall(r"entry: \.venv/bin/(\S+)(.*)", HOOKS)
TARGETS = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)


def recipe(target: str) -> str:
    """Return the lines of a target of the Makefile."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, f"the Makefile has no {target}"
    return found[1]


def test_hooks_are_local() -> None:
    assert re.findall(r"repo: (\S+)", HOOKS) == ["local"]
    assert len(ENTRIES) == HOOKS.count("- id: ") == HOOKS.count("language: system")


def test_hooks_are_the_checks() -> None:
    checked = re.findall(r"\$\(BIN\)/(\S+)(.*)", recipe("check"))
    assert sorted(ENTRIES) == sorted((tool, rest.removesuffix(" .")) for tool, rest in checked)


@pytest.mark.parametrize(
    "tool",
    sorted(({tool for tool, _ in ENTRIES} - {"python"}) | {"mutmut", "coverage", "proselint"}),
)
def test_a_tool_that_is_called_is_in_the_lock(tool: str) -> None:
    package = {"lint-imports": "import-linter"}.get(tool, tool)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"]
    assert package in wanted
    assert re.search(rf"^{package}==", (ROOT / "requirements" / "dev.txt").read_text(), re.M)


def test_the_workflow_runs_the_gate_that_is_run_by_hand() -> None:
    assert re.search(r"^ +\.ci/run$", WORKFLOW, re.MULTILINE)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "make --no-print-directory check test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_every_target_is_there_and_described() -> None:
    assert TARGETS
    for target in TARGETS[1].split():
        assert recipe(target)
        assert f"`make {target}" in GUIDE, f"CONTRIBUTING.md does not describe make {target}"


def test_what_is_quick_is_there() -> None:
    quick = re.search(r"^QUICK := ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert quick
    named = [word for word in quick[1].split() if word.startswith("tests/")]
    assert [name for name in named if not (ROOT / name).exists()] == []
