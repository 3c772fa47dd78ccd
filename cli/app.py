"""List the commands, and import each when it is asked for.

The list below is the whole grammar: a name, where the command stands, and its line in the help. A
command's module is imported when it is asked for, so that a read starts fast.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import wraps
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from cli.completion_values import offer_words
from cli.context import AppContext
from cli.ledger_location import named_location
from cli.output.formats import FORMATS, look
from cli.version import __version__
from events.value import replace

_NAMES = ("ledger", "recorder", "format_", "as_json", "as_csv", "raw_csv", "no_color", "verbose")
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
        case "recorder":
            return replace(app, recorder_option=value)
        case "verbose":
            return replace(app, verbose=bool(value))
        case "no_color":
            return replace(app, look=app.look._replace(colour=False))
    short = {"as_json": "json", "as_csv": "csv", "raw_csv": "csv"}
    chosen, raw = short.get(name) or format_of(value), name == "raw_csv" or app.look.raw_csv
    return replace(app, look=app.look._replace(format=chosen, raw_csv=raw))


Command = Callable[..., None]
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def spread(function: Command) -> Command:
    """Return the command with an option for each field of its named tuples; else as it is."""
    own = inspect.signature(function).parameters.values()
    groups = {p.name: p.annotation for p in own if _is_group(p.annotation)}
    if not groups:
        return function

    @wraps(function)
    def command(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(*(given.pop(field) for field in group._fields))
        function(**given)

    options = [o for p in own for o in (_options(groups[p.name]) if p.name in groups else [p])]
    named = [option.replace(kind=_KEYWORD) for option in options]
    command.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in named}
    return command


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and hasattr(annotation, "_field_defaults")


def _options(group: Any) -> list[inspect.Parameter]:
    defaults = group._field_defaults
    return [
        inspect.Parameter(
            name,
            _KEYWORD,
            default=defaults.get(name, inspect.Parameter.empty),
            annotation=annotation,
        )
        for name, annotation in group.__annotations__.items()
    ]


COMPLETE = "_DEPOSITARY_COMPLETE"  # set by the scripts that `depositary completion` prints

COMMANDS = {
    "init": ("cli.commands.start.init:init", "Make an empty ledger."),
    "demo": ("cli.commands.start.demo:demo", "Make a ledger with the bundled story in it."),
    "template": ("cli.commands.record.schema:template", "Print a fact of a type to fill in."),
    "append": ("cli.commands.record.append:append", "Record the facts of a file, all or none."),
    "check": ("cli.commands.record.append:check", "Say what a file of facts would change."),
    "record": ("cli.commands.record.record:record", "Record one fact."),
    "correct": ("cli.commands.record.claims:correct", "Replace the text of a claim."),
    "retract": ("cli.commands.record.claims:retract", "Take a claim back."),
    "deny": ("cli.commands.record.claims:deny", "Record that somebody denies a claim."),
    "resolve": ("cli.commands.record.claims:resolve", "Record which of several claims is right."),
    "same": ("cli.commands.record.claims:same", "Record that two claims speak of one happening."),
    "distinct": ("cli.commands.record.claims:distinct", "Record that two claims speak of two."),
    "agreement": (
        "cli.commands.ask.kinds:agreement",
        "What holds between parties: list, show, history.",
    ),
    "reserve": ("cli.commands.ask.kinds:reserve", "What is held in bitcoin: list, show, history."),
    "party": ("cli.commands.ask.kinds:party", "Who is who: list, show, history, find."),
    "source": ("cli.commands.ask.kinds:source", "Where it is written: list, show, history, add."),
    "programme": ("cli.commands.ask.kinds:programme", "IMF arrangements: list, show, history."),
    "allocation": ("cli.commands.ask.kinds:allocation", "Power set aside: list, show, history."),
    "proposal": (
        "cli.commands.ask.kinds:proposal",
        "What is put to who decides: list, show, history.",
    ),
    "law": ("cli.commands.ask.kinds:law", "Acts, decrees, orders: list, show, history."),
    "meeting": ("cli.commands.ask.kinds:meeting", "Who met whom: list, show, history."),
    "price": ("cli.commands.ask.kinds:price", "Prices observed: list, show, history."),
    "timeline": ("cli.commands.ask.timeline:timeline", "Tell what happened when, on all clocks."),
    "history": ("cli.commands.ask.history:history", "Tell how a thing came to be what it is."),
    "explain": ("cli.commands.ask.explain:explain", "Say why this is the answer, and whence."),
    "blame": ("cli.commands.ask.blame:blame", "Say which event set which value."),
    "diff": ("cli.commands.ask.diff:diff", "Say which answers differ between two times, and why."),
    "query": ("cli.commands.ask.query:query", "Ask the answers in SQL, reading only."),
    "find": ("cli.commands.ask.find:find", "Find things by words."),
    "findings": ("cli.commands.ask.findings:findings", "Say what is odd about what was recorded."),
    "disputes": ("cli.commands.ask.disputes:disputes", "List what is contested, and by whom."),
    "log": ("cli.commands.ask.log:log", "List what was recorded, in order."),
    "event": ("cli.commands.ask.log:event", "Show one event as it is stored."),
    "replay": ("cli.commands.maintain.replay:replay", "Make every answer anew from the record."),
    "follow": (
        "cli.commands.maintain.follow:follow",
        "Keep the answers caught up with the record.",
    ),
    "clock": (
        "cli.commands.maintain.clock:clock",
        "Accept a log that lies ahead of this machine's clock.",
    ),
    "status": ("cli.commands.start.status:status", "Say how the ledger stands."),
    "where": ("cli.commands.start.status:ledger_and_source", "Say where the ledger is."),
    "trust": ("cli.commands.start.trust:trust", "Trust a folder that names a database."),
    "schema": (
        "cli.commands.record.schema:schema",
        "Print the JSON Schema of a type, or all types.",
    ),
    "backup": ("cli.commands.move.backup:backup", "Copy the record to a file."),
    "import": ("cli.commands.move.import_:import_", "Record a whole data set, cell by cell."),
    "copy": ("cli.commands.move.copy:copy", "Clone a ledger, byte for byte."),
    "fork": ("cli.commands.move.copy:fork", "Begin a new ledger with the events of another."),
    "export": ("cli.commands.move.export:export", "Write claims out: NDJSON, CSV or a database."),
    "key": ("cli.commands.prove.key:key", "The key that signs checkpoints: new, rotate, revoke."),
    "pin": ("cli.commands.prove.pin:pin", "The keys that audits hold ledgers to: list, delete."),
    "checkpoint": ("cli.commands.prove.checkpoint:checkpoint", "Sign the record as it stands."),
    "prove": ("cli.commands.prove.prove:prove", "Prove an event, or that the ledger only grew."),
    "verify": ("cli.commands.prove.verify:verify", "Check proofs offline, without a ledger."),
    "audit": ("cli.commands.prove.audit:audit", "Say whether anything was changed."),
    "publish": ("cli.commands.prove.publish:publish", "Write the ledger for any web server."),
    "restore": ("cli.commands.move.restore:restore", "Make a ledger of a backup."),
    "completion": ("cli.commands.start.completion:completion", "Print the completion for a shell."),
    "help": (
        "cli.commands.start.help:help_",
        "Explain exit codes, dates, amounts, policies, clocks.",
    ),
}
_SETTINGS: dict[str, Any] = {
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 80}
}


class CommandGroup(TyperGroup):
    """A group that knows what was meant by a mistyped command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments name, or exit 2."""
        names = self.list_commands(ctx)
        if not ctx.resilient_parsing and args[0] not in names and not args[0].startswith("-"):
            from cli.errors.usage import no_such_command

            raise no_such_command(ctx.command_path, args[0], names)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, each with the whole of its first sentence."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(n, c.get_short_help_str(200)) for n, c in self.commands.items()])


class OneByOne(CommandGroup):
    """A group below a command: each of its commands is built when it is asked for."""

    def __init__(
        self, line: str, functions: Mapping[str, Callable[..., None]], examples: Sequence[str]
    ) -> None:
        shown = "\n".join(("\b", "Examples:", *(f"  {example}" for example in examples)))
        super().__init__(
            help=f"{line}\n\n{shown}",
            commands={},
            no_args_is_help=True,
            rich_markup_mode=None,
            **_SETTINGS,
        )
        self._functions = functions
        self.root: Any = None

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in the order they were given."""
        del ctx
        return list(self._functions)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, building it; None if there is none of that name."""
        del ctx
        if cmd_name not in self._functions:
            return None
        found = build_command(cmd_name, self._functions[cmd_name])
        return found if self.root is None else on_either_side(found, self.root)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, each with the whole of its first sentence."""
        rows = [(name, self.get_command(ctx, name)) for name in self._functions]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(200)) for name, each in rows])


class LateGroup(CommandGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, in the order of the list."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, importing its module; None if there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return on_either_side(build_command(cmd_name, getattr(import_module(module), name)), self)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def build_command(name: str, what: Any) -> Any:
    """Return the command of a function; a group as it is.

    A function may say of which class its command is, in `command_class`.
    """
    found: Any
    if isinstance(what, TyperGroup):
        found = what
    else:
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name, cls=getattr(what, "command_class", None), **_SETTINGS)(spread(what))
        found = typer.main.get_command(single)
    found.name = name
    return found


app = typer.Typer(
    cls=LateGroup, add_completion=False, rich_markup_mode=None, no_args_is_help=True, **_SETTINGS
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"depositary {__version__}")
        raise typer.Exit


@app.callback()
def depositary(
    context: typer.Context,
    ledger: Annotated[
        str | None,
        typer.Option(help="The ledger's folder, or its PostgreSQL address.", metavar="DIR|URL"),
    ] = None,
    recorder: Annotated[
        str | None,
        typer.Option(help="Who records: a name that each new event bears.", metavar="NAME"),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="table, json, ndjson or csv.",
            metavar="FORMAT",
            autocompletion=offer_words(*FORMATS),
        ),
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
    raw_csv: Annotated[
        bool, typer.Option("--raw-csv", help="CSV, cells that begin with = + - @ as they are.")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour on a terminal.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say more when something goes wrong.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """A ledger of what was claimed about agreements between States and their bitcoin.

    Every fact is a claim by somebody, with its source, on three clocks: when it took effect, when
    it was published, when it was recorded here. Nothing is edited; every answer says whose claim
    it is and whether others say otherwise.

    \b
    Examples:
      depositary demo build/demo
      depositary --ledger build/demo agreement show pk-sv-bitcoin-2025
      depositary help exit-codes
    """
    del version
    chosen = "json" if as_json else "csv" if as_csv or raw_csv else format_of(format_)
    context.obj = AppContext(
        ledger_option=None if ledger is None else named_location(ledger, "--ledger"),
        recorder_option=recorder,
        look=look(chosen, no_color=no_color)._replace(raw_csv=raw_csv),
        verbose=verbose,
    )


def root_command() -> Any:
    """Return the command that `depositary` is."""
    return typer.main.get_command(app)
