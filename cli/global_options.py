"""Let the global options stand behind the command as well as before it.

Every command gets them too, unseen in its help: its own parser then knows which words are options
and which are values of other options, or come after `--`.
"""

from copy import copy
from typing import Any

import typer

from cli.context import AppContext
from cli.ledger_location import named_location
from cli.output.formats import FORMATS, Look, look
from events.value import replace

_NAMES = ("ledger", "format_", "as_json", "as_csv", "no_color", "verbose")
_TOLD = (
    "Options of every command: --ledger DIR|URL, --format FORMAT, --json, --csv, --no-color, -v."
)


def on_either_side(command: Any, root: Any) -> Any:
    """Give a command, and those below it, the options of the root that it has not itself."""
    own = {word for parameter in command.params for word in parameter.opts}
    for parameter in root.params:
        if parameter.name in _NAMES and own.isdisjoint(parameter.opts):
            command.params.append(_behind(parameter))
    if hasattr(command, "root"):
        command.root = root
    elif getattr(command, "commands", None):
        for below in command.commands.values():
            on_either_side(below, root)
    else:
        command.epilog = command.epilog or _TOLD
    return command


def format_of(text: str) -> str:
    """Return the name of a format unchanged; exit 2 if it is none."""
    if text not in FORMATS:
        from cli.errors.usage import did_you_mean, meant_by

        meant = did_you_mean(meant_by(text, FORMATS))
        raise typer.BadParameter(
            f"'{text}' is none of {', '.join(FORMATS)}{meant}", param_hint="--format"
        )
    return text


def _behind(parameter: Any) -> Any:
    found = copy(parameter)
    found.expose_value, found.hidden, found.default = False, True, None
    found.callback = _set
    return found


def _set(context: typer.Context, parameter: Any, value: Any) -> Any:
    app = context.obj
    if value is not None and isinstance(app, AppContext):
        context.obj = _with(app, parameter.name, value)
    return value


def _with(app: AppContext, name: str, value: Any) -> AppContext:
    match name:
        case "ledger":
            return replace(app, ledger_option=named_location(value, "--ledger"))
        case "verbose":
            return replace(app, verbose=bool(value))
        case "no_color":
            return replace(app, look=look(app.look.format, no_color=True))
    short = {"as_json": "json", "as_csv": "csv"}
    chosen = short.get(name) or format_of(value)
    return replace(app, look=Look(chosen, app.look.colour, app.look.width))
