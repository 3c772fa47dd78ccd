"""Explain the words and numbers of this program."""

from typing import Annotated, Any

import typer

from cli.commands.start.help_topics import TOPICS, page
from cli.completion_values import offer_words
from cli.context import AppContext, app_context
from cli.errors.exit_codes import EXIT_CODES, not_found
from cli.errors.usage import meant_by
from cli.output.formats import Column, write_json, write_lines, write_rows

_COLUMNS = (Column("topic", "topic", fixed=True), Column("about", "what it explains"))


def help_(
    context: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOPIC]", help="A topic, or a command.", autocompletion=offer_words(*TOPICS)
        ),
    ] = None,
) -> None:
    """Explain a topic or a command; without one, list the topics.

    \b
    Examples:
      depositary help
      depositary help exit-codes
      depositary help dates
    """
    app = app_context(context)
    if topic is None:
        rows = [{"topic": name, "about": line} for name, line in TOPICS.items()]
        write_rows(_COLUMNS, rows, app.look)
    elif topic in TOPICS:
        _write(app, topic)
    else:
        _explain_command(context, topic)


def _write(app: AppContext, topic: str) -> None:
    if app.look.format == "table":
        write_lines(page(topic))
    elif topic == "exit-codes":
        columns = (Column("code", "code", number=True), Column("meaning", "meaning"))
        rows = [{"code": code, "meaning": meaning} for code, meaning in EXIT_CODES.items()]
        write_rows(columns, rows, app.look)
    else:
        write_json({"topic": topic, "text": "\n".join(page(topic))}, app.look)


def _explain_command(context: typer.Context, name: str) -> None:
    root = context.find_root()
    group: Any = root.command
    known = group.list_commands(root)
    if name in known:
        command = group.get_command(root, name)
        below = command.context_class(command, info_name=name, parent=root)
        write_lines(command.get_help(below).splitlines())
        return
    meant = meant_by(name, [*TOPICS, *known])
    not_found(
        f"there is no topic '{name}'",
        f"did you mean {' or '.join(meant)}?"
        if meant
        else f"the topics are {', '.join(TOPICS)}, and every command",
        f"depositary help {meant[0]}" if meant else "depositary help",
    )
