"""Does a shell get the words that may stand next?"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.commands.start.completion import SCRIPTS
from cli.completing import offers
from events.catalogue import all_types

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

ROOT = Path(__file__).resolve().parents[2]


def words(*typed: str) -> list[str]:
    """Return what may stand in the place of the last word typed."""
    return [word for word, _ in offers(typed[:-1], typed[-1])]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("agr",), ["agreement"]),
        (("re",), ["record", "retract", "resolve", "reserve", "replay", "restore"]),
        (("zzz",), []),
        (("reserve", ""), ["list", "show", "history", "reconcile", "value"]),
        (("event", "s"), ["show"]),
        (("reserve", "show", ""), ["sv"]),
        (("reserve", "show", "reserve/"), ["reserve/sv"]),
        (("party", "history", "on"), ["onbtc"]),
        (("reserve", "list", "--party", "on"), ["onbtc"]),
        (("log", "--thing", "reserve/"), ["reserve/sv"]),
        (("reserve", "show", "sv", "--as"), ["--as-of"]),
        (("reserve", "show", "sv", "--policy", "st"), ["strict"]),
        (("where", "--fo"), ["--format"]),
        (("where", "--format", "js"), ["json"]),
        (
            (
                "where",
                "--format=js",
            ),
            ["--format=json"],
        ),
        (("where", "--format", "=", "js"), ["json"]),
        (("--format", "n"), ["ndjson"]),
        (("help", "ex"), ["exit-codes"]),
        (("completion", "z"), ["zsh"]),
        (("schema", "reserve.acq"), ["reserve.acquired"]),
        (("record", "reserve.acq"), ["reserve.acquired"]),
        (("record", "reserve.acquired", ""), ["sv"]),
        (("record", "claim.retracted", "res"), ["reserve/sv"]),
        (("record", "reserve.acquired", "reserve/sv", "--pr"), ["--price"]),
        (("record", "reserve.acquired", "reserve/sv", "--mode", "p"), ["purchase"]),
        (("record", "reserve.acquired", "reserve/sv", "--asserted-by", "im"), ["imf"]),
        (("append", "fa"), []),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_what_was_begun_is_completed(
    typed: tuple[str, ...], offered: list[str], ledger: Path
) -> None:
    assert words(*typed) == offered


def test_all_types_are_offered(ledger: Path) -> None:
    assert words("template", "") == list(all_types())


def test_things_are_those_of_the_ledger_named(ledger: Path, ask: Ask, tmp_path: Path) -> None:
    ask("init", tmp_path / "other")
    assert words("--ledger", str(tmp_path / "other"), "party", "show", "") == []
    assert words("party", "show", f"--ledger={tmp_path / 'other'}", "") == []


@pytest.mark.parametrize("shell", SCRIPTS)
def test_an_error_is_no_answer_and_no_noise(
    shell: str, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("_DEPOSITARY_COMPLETE", shell)
    assert ask("reserve", "show", "--ledger", tmp_path / "none", "s") == (0, "", "")


def test_each_shell_gets_words_in_its_own_form(
    ask: Ask, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(shell: str, *typed: str) -> str:
        monkeypatch.setenv("_DEPOSITARY_COMPLETE", shell)
        return str(ask(*typed).out)

    assert answer("bash", "wh") == "where\n"
    assert answer("zsh", "wh") == "where:Say where the ledger is.\n"
    assert answer("fish", "wh") == "where\tSay where the ledger is.\n"
    assert answer("zsh", "log", "--policy", "x") == ""
    assert answer("zsh", "reserve", "show", "sv", "--policy", "pre") == "prefer\\:party/\n"


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_asks_the_program(shell: str, ask: Ask) -> None:
    ran = ask("completion", shell)
    assert ran.code == 0
    assert f"_DEPOSITARY_COMPLETE={shell}" in ran.out
    assert ran.out.count("depositary") >= 3


def test_a_shell_that_is_not_known_is_2(ask: Ask, refused: Refused) -> None:
    assert "bash, zsh, fish" in refused(ask("completion", "csh"), 2)[1]


def test_bash_completes_from_the_script(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here, to complete with")
    script = tmp_path / "completion.bash"
    script.write_text(ask("completion", "bash").out)
    assert subprocess.run([bash, "-n", script], check=False).returncode == 0
    command = tmp_path / "bin" / "depositary"
    command.parent.mkdir()
    command.write_text(
        f"#!{sys.executable}\nimport sys\nfrom cli.main import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)
    asked = f"""
        source {script}
        complete -p depositary
        for typed in agr 'reserve show s' 'where --format js'; do
            COMP_WORDS=(depositary $typed)
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _depositary_complete depositary
            echo "${{COMPREPLY[@]}}"
        done
    """
    ran = subprocess.run(
        [bash, "--norc", "-c", asked],
        env={
            "PATH": f"{command.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "DEPOSITARY_LEDGER": str(ledger),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    registered, *found = ran.stdout.splitlines()
    assert registered.endswith("-F _depositary_complete depositary"), ran.stderr
    assert found == ["agreement", "sv", "json"]
