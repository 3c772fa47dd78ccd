"""Does every command explain itself, with an example?"""

import re
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess
from typing import Any

import pytest
import typer.main

from cli.app import app
from tests.each import each

EXAMPLE = re.compile(r"\bExamples?\b|^\s*(\$ )?depositary ", re.MULTILINE)

Run = Callable[..., CompletedProcess[str]]


def commands(
    command: Any, parent: Any = None, name: str = "depositary"
) -> Iterator[tuple[str, Any]]:
    """Yield each command below one, groups before what is in them, by the words a user types."""
    # With its settings: a command makes its --help once, from the first context that asks for it.
    context = command.context_class(
        command, info_name=name, parent=parent, **command.context_settings
    )
    yield context.command_path, command
    for below in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from commands(command.get_command(context, below), context, below)


TREE = dict(commands(typer.main.get_command(app)))
LEAVES = {words: each for words, each in TREE.items() if not hasattr(each, "list_commands")}


@each("words", TREE)
def test_every_command_says_what_it_does(words: str) -> None:
    assert (TREE[words].help or "").strip()


@each("words", LEAVES)
def test_every_command_shows_an_example(words: str) -> None:
    text = f"{LEAVES[words].help}\n{LEAVES[words].epilog or ''}"
    assert EXAMPLE.search(text), text
    assert words in text


@each("words", TREE)
def test_every_option_is_explained(words: str) -> None:
    silent = [
        option.name
        for option in TREE[words].params
        if option.param_type_name == "option" and not option.hidden and not option.help
    ]
    assert silent == []


def test_the_grammar_has_the_words_that_users_script() -> None:
    reads = {f"{kind} {verb}" for kind in KINDS for verb in ("list", "show", "history")}
    expected = {f"depositary {words}" for words in reads | WORDS}
    assert expected - set(LEAVES) == set()


KINDS = (
    *("agreement", "reserve", "party", "source", "programme"),
    *("allocation", "proposal", "law", "meeting", "price"),
)
WORDS = {
    *("init", "demo", "template", "append", "check", "record"),
    *("correct", "retract", "deny", "resolve", "same", "distinct"),
    *("agreement standing", "agreement reservations", "reserve reconcile", "reserve value"),
    *("source add", "find", "log", "event show", "replay"),
    *("timeline", "history", "diff", "explain", "blame", "query"),
    *("status", "where", "schema", "backup", "completion"),
    *("key new", "key rotate", "key revoke", "checkpoint", "prove", "verify", "audit"),
    *("publish", "restore", "fork"),
}


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_printed_to_stdout(flag: str, depositary: Run) -> None:
    asked = depositary(flag)
    assert asked.returncode == 0, asked.stderr
    assert asked.stderr == ""
    for word in ("agreement", "append", "replay"):
        assert word in asked.stdout


def test_help_fits_eighty_columns(depositary: Run) -> None:
    for words in ((), ("append",), ("reserve", "show")):
        asked = depositary(*words, "--help")
        assert [line for line in asked.stdout.splitlines() if len(line) > 80] == []
