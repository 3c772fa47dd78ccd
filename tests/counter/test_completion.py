"""Does a shell get the words that may stand next?"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.commands.start.help import SHELLS
from events.catalogue import all_types

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]
Words = Callable[..., list[str]]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def words(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Words:
    """Give what a shell is told that may stand in the place of the last word typed."""

    def offered(*typed: str, of: str = "bash") -> list[str]:
        line = " ".join(("depositary", *typed))
        monkeypatch.setenv("_DEPOSITARY_COMPLETE", f"complete_{of}")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(typed)))
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        ran = ask()
        assert (ran.code, ran.err) == (0, "")
        return [line for line in str(ran.out).splitlines() if line]

    return offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("agr",), ["agreement"]),
        (("re",), ["record", "retract", "resolve", "reserve", "restore", "replay"]),
        (("zzz",), []),
        (("reserve", ""), ["list", "show", "history", "reconcile", "value", "total", "series"]),
        (("event", "s"), ["show"]),
        (("reserve", "show", ""), ["sv"]),
        (("reserve", "show", "reserve/"), ["reserve/sv"]),
        (("party", "history", "on"), ["onbtc"]),
        (("reserve", "list", "--party", "on"), ["onbtc"]),
        (("log", "--subject", "reserve/"), ["reserve/sv"]),
        (("reserve", "show", "sv", "--as"), ["--as-of"]),
        (("reserve", "show", "sv", "--policy", "st"), ["strict"]),
        (("where", "--format", "js"), ["json"]),
        (("where", "--format=js"), ["json"]),
        (("--format", "n"), ["ndjson"]),
        (("help", "ex"), ["exit-codes"]),
        (("completion", "z"), ["zsh"]),
        (("schema", "reserve.acq"), ["reserve.acquired"]),
        (("record", "reserve.acq"), ["reserve.acquired"]),
        (("record", "reserve.acquired", "reserve/"), ["reserve/sv"]),
        (("record", "claim.retracted", "res"), ["reserve/sv"]),
        (("record", "reserve.acquired", "reserve/sv", "--pr"), ["--price"]),
        (("retract", "@1", "--asserted-by", "im"), ["imf"]),
        (("append", "fa"), []),
        (("reserve", "list", "--policy", "pre"), ["prefer:"]),
        (("reserve", "list", "--policy", "prefer:on"), ["prefer:onbtc"]),
        (("reserve", "list", "--policy", "prefer:party/on"), ["prefer:party/onbtc"]),
        (("findings", "--check", "zero"), ["zero-amount"]),
        (("diff", "1", "2", "--axis", "k"), ["known-at"]),
        (("explain", "reserve/sv", "hol"), ["holder"]),
        (("record", "agreement.described", "agreement/x", "--kind", "mem"), ["memorandum"]),
        (("record", "agreement.signed", "agreement/x", "--party", "on"), ["onbtc"]),
        (("record", "reserve.acquired", "reserve/sv", "--basis", "on"), ["on-chain"]),
        (("deny", "@1", "--basis", "au"), ["audit"]),
        (("retract", "@1", "--reason", "dup"), ["duplicate"]),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_what_was_begun_is_completed(
    typed: tuple[str, ...], offered: list[str], ledger: Path, words: Words
) -> None:
    assert words(*typed) == offered


def test_all_types_are_offered(ledger: Path, words: Words) -> None:
    assert words("template", "") == list(all_types())


def test_things_are_those_of_the_ledger_named(
    ledger: Path, ask: Ask, words: Words, tmp_path: Path
) -> None:
    ask("init", tmp_path / "other")
    assert words("--ledger", str(tmp_path / "other"), "party", "show", "") == []


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_an_error_is_no_answer_and_no_noise(shell: str, words: Words, tmp_path: Path) -> None:
    assert words("--ledger", str(tmp_path / "no"), "reserve", "show", "s", of=shell) == []


def test_each_shell_gets_words_in_its_own_form(words: Words) -> None:
    assert words("wh", of="bash") == ["where"]
    (line,) = words("wh", of="zsh")
    assert line.startswith('_arguments \'*: :(("where":"Show which folder')
    (line,) = words("wh", of="fish")
    assert line.startswith("where\tShow which folder")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_asks_the_program(shell: str, ask: Ask) -> None:
    ran = ask("completion", shell)
    assert ran.code == 0
    assert f"_DEPOSITARY_COMPLETE=complete_{shell}" in ran.out
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
            COMPREPLY=()
            _depositary_completion depositary
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
    assert registered.endswith("-F _depositary_completion depositary"), ran.stderr
    assert found == ["agreement", "sv", "json"]
