"""Explain the words and numbers of this program, and complete them in a shell."""

import os
import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any, NoReturn

import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script
from typer.completion import shell_complete

from cli.app import COMPLETE, ROOT
from cli.arguments import argument, offer_words
from cli.context import AppContext, app_context
from cli.errors.exit_codes import EXIT_CODES, not_found
from cli.errors.usage import check_choice, did_you_mean, meant_by
from cli.output.formats import write_json, write_lines, write_page, write_rows
from cli.output.look import Column
from cli.output.streams import tabs_kept
from cli.topic_texts import text_of

TOPICS = {
    "facts": "A file of facts, with parties and sources in it.",
    "ledgers": "Where a ledger is: folders, databases, passwords.",
    "exit-codes": "What the exit code of a command means.",
    "dates": "How dates are written, and what they mean.",
    "amounts": "How amounts are written, and how they are kept.",
    "policies": "Which of several claims is selected, and what support means.",
    "clocks": "Effective, published, recorded: asking about the past.",
    "map": "What the columns of a table mean, for import csv.",
    "glossary": "The words, one sentence each.",
    "man": "The manual page: depositary help man | man -l -",
}


def page(topic: str) -> list[str]:
    """Return the lines that explain a topic of TOPICS."""
    if topic == "map":
        from domain.importers.map_keys import explained

        return explained()
    if topic == "glossary":
        return _glossary()
    if topic == "man":
        from cli.commands.start.manual import manual_page

        return manual_page()
    codes = "\n".join(f"{code:>5}  {meaning}" for code, meaning in EXIT_CODES.items())
    return text_of(topic).replace("{codes}", codes).splitlines()


def _glossary() -> list[str]:
    """Return docs/glossary.md as lines for a terminal; a wheel has it beside the commands."""
    packed = files("cli") / "glossary.md"
    here = packed if packed.is_file() else Path(__file__).parents[3] / "docs" / "glossary.md"
    lines: list[str] = []
    for line in here.read_text("utf-8").split("\n## ", 1)[1].splitlines():
        plain = re.sub(r"\*\*|`|\[([^]]*)\]\([^)]*\)", r"\1", line)
        if plain.startswith("- "):
            lines += wrap(plain[2:], 80, initial_indent="  ", subsequent_indent="    ")
        elif plain:
            lines += ["", plain.removeprefix("## ")]
    return lines[1:]


_COLUMNS = (Column("topic", "topic", fixed=True), Column("about", "what it explains"))


def help_(
    context: typer.Context,
    topic: Annotated[
        list[str] | None, argument("[TOPIC]", "A topic, or a command.", offer_words(*TOPICS))
    ] = None,
) -> None:
    """Explain a topic or a command; without one, list the topics.

    \b
    Examples:
      depositary help glossary
      depositary help reserve total
    """
    app = app_context(context)
    if not topic:
        rows = [{"topic": name, "about": line} for name, line in TOPICS.items()]
        write_rows(_COLUMNS, rows, app.look)
    elif topic[0] in TOPICS:
        _write(app, topic[0])
    else:
        _explain_command(context, topic)


def _write(app: AppContext, topic: str) -> None:
    if app.look.for_people:
        write_lines(page(topic), app.look)
    elif topic == "exit-codes":
        columns = (Column("code", "code", number=True), Column("meaning", "meaning"))
        rows = [{"code": code, "meaning": meaning} for code, meaning in EXIT_CODES.items()]
        write_rows(columns, rows, app.look)
    else:
        write_json({"topic": topic, "text": "\n".join(page(topic))}, app.look)


def _explain_command(context: typer.Context, words: list[str]) -> None:
    root = context.find_root()
    command: Any = root.command
    below: Any = root
    for name in words:
        known = command.list_commands(below) if hasattr(command, "list_commands") else []
        if name not in known:
            _no_topic(" ".join(words), meant_by(name, [*(TOPICS if below is root else ()), *known]))
        command = command.get_command(below, name)
        settings = command.context_settings
        below = command.context_class(command, info_name=name, parent=below, **settings)
    write_lines(command.get_help(below).splitlines(), app_context(context).look)


def _no_topic(name: str, meant: list[str]) -> NoReturn:
    not_found(
        f"there is no topic '{name}'",
        did_you_mean(meant) or f"the topics are {', '.join(TOPICS)}, and every command",
        f"depositary help {meant[0]}" if meant else "depositary help",
    )


SHELLS = ("bash", "zsh", "fish")
_WAIT_S = "2"  # for a database, while a person types


def completion(
    context: typer.Context,
    shell: Annotated[str, argument("SHELL", "bash, zsh or fish.", offer_words(*SHELLS))],
) -> None:
    """Print the completion script of a shell: commands, options, types and subjects.

    \b
    Examples:
      depositary completion bash > ~/.local/share/bash-completion/completions/depositary
      depositary completion fish > ~/.config/fish/completions/depositary.fish
    """
    check_choice("shell to complete for", shell, SHELLS, "depositary completion bash")
    script = get_completion_script(prog_name="depositary", complete_var=COMPLETE, shell=shell)
    write_page(
        script.splitlines(),
        {"shell": shell, "script": f"{script}\n"},
        app_context(context, no_csv=True).look,
    )


def answer(instruction: str) -> int:
    """Write the words that may stand next; nothing where anything is wrong, an answer too."""
    completion_init()
    os.environ.setdefault("PGCONNECT_TIMEOUT", _WAIT_S)
    with suppress(Exception), tabs_kept():
        shell_complete(ROOT, {}, "depositary", COMPLETE, instruction)
    return 0
