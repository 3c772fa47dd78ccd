"""List the commands, the whole grammar; each is imported when asked for: a read starts fast."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import wraps
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from cli.arguments import offer_words
from cli.context import AppContext
from cli.ledger_location import named_location
from cli.output.formats import FORMATS, look
from cli.version import __version__
from events.value import replace

_NAMES = (
    *("ledger", "recorder", "format_", "as_json", "as_csv", "raw_csv", "columns", "wide"),
    *("no_color", "verbose"),
)
_TOLD = (
    "Options of every command: --ledger DIR|URL, --format FORMAT, --json, --csv, --columns A,B, "
    "--wide, --no-color, -v."
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
        case "wide":
            return replace(app, look=app.look._replace(width=None).in_format(app.look.format))
        case "columns":
            return replace(app, look=app.look._replace(columns=columns_in(value)))
    short = {"as_json": "json", "as_csv": "csv", "raw_csv": "csv"}
    chosen, raw = short.get(name) or format_of(value), name == "raw_csv" or app.look.raw_csv
    return replace(app, look=app.look._replace(raw_csv=raw).in_format(chosen))


def columns_in(text: str | None) -> tuple[str, ...]:
    """Return the names of columns that stand in one text: `a,b`."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


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
    "init": ("start.init:init", "Make an empty ledger."),
    "demo": ("start.demo:demo", "Make a ledger with the bundled story in it."),
    "template": ("record.schema:template", "Print a fact of a type to fill in."),
    "append": ("record.append:append", "Record the facts of a file, all or none."),
    "check": ("record.append:check", "Say what a file of facts would change."),
    "add": ("record.add:add", "Record one fact, question by question."),
    "record": ("record.record:record", "Record one fact."),
    "correct": ("record.claims:correct", "Replace the text of a claim."),
    "retract": ("record.claims:retract", "Take a claim back."),
    "deny": ("record.claims:deny", "Record that somebody denies a claim."),
    "resolve": ("record.claims:resolve", "Record which of several claims is right."),
    "same": ("record.claims:same", "Record that two claims speak of one happening."),
    "distinct": ("record.claims:distinct", "Record that two claims speak of two."),
    "agreement": ("ask.kinds:agreement", "What holds between parties: list, show, history."),
    "reserve": ("ask.kinds:reserve", "What is held in bitcoin: list, show, history."),
    "party": ("ask.kinds:party", "Who is who: list, show, history, find."),
    "source": ("ask.kinds:source", "Where it is written: list, show, history, add."),
    "programme": ("ask.kinds:programme", "IMF arrangements: list, show, history."),
    "allocation": ("ask.kinds:allocation", "Power set aside: list, show, history."),
    "proposal": ("ask.kinds:proposal", "What is put to who decides: list, show, history."),
    "law": ("ask.kinds:law", "Acts, decrees, orders: list, show, history."),
    "meeting": ("ask.kinds:meeting", "Who met whom: list, show, history."),
    "price": ("ask.kinds:price", "Prices observed: list, show, history."),
    "timeline": ("ask.timeline:timeline", "Tell what happened when, on all clocks."),
    "history": ("ask.history:history", "Tell how a thing came to be what it is."),
    "explain": ("ask.explain:explain", "Say why this is the answer, and whence."),
    "blame": ("ask.blame:blame", "Say which event set which value."),
    "diff": ("ask.diff:diff", "Say which answers differ between two times, and why."),
    "query": ("ask.query:query", "Ask the answers in SQL, reading only."),
    "find": ("ask.find:find", "Find things by words."),
    "findings": ("ask.findings:findings", "Say what is odd about what was recorded."),
    "disputes": ("ask.disputes:disputes", "List what is contested, and by whom."),
    "log": ("ask.log:log", "List what was recorded, in order."),
    "event": ("ask.log:event", "Show one event as it is stored."),
    "replay": ("maintain.replay:replay", "Make every answer anew from the record."),
    "follow": ("maintain.follow:follow", "Keep the answers caught up with the record."),
    "clock": ("maintain.clock:clock", "Accept a log that lies ahead of this machine's clock."),
    "status": ("start.status:status", "Say how the ledger stands."),
    "where": ("start.status:ledger_and_source", "Say where the ledger is."),
    "trust": ("start.trust:trust", "Trust a folder that names a database."),
    "schema": ("record.schema:schema", "Print the JSON Schema of a type, or all types."),
    "backup": ("move.backup:backup", "Copy the record to a file."),
    "import": ("move.import_:import_", "Record a whole data set, cell by cell."),
    "copy": ("move.copy:copy", "Clone a ledger, byte for byte."),
    "fork": ("move.copy:fork", "Begin a new ledger with the events of another."),
    "export": ("move.export:export", "Write claims out: NDJSON, CSV or a database."),
    "key": ("prove.key:key", "The key that signs checkpoints: new, rotate, revoke."),
    "pin": ("prove.pin:pin", "The keys that audits hold ledgers to: list, delete."),
    "checkpoint": ("prove.checkpoint:checkpoint", "Sign the record as it stands."),
    "prove": ("prove.prove:prove", "Prove an event, or that the ledger only grew."),
    "verify": ("prove.verify:verify", "Check proofs offline, without a ledger."),
    "audit": ("prove.audit:audit", "Say whether anything was changed."),
    "publish": ("prove.publish:publish", "Write the ledger for any web server."),
    "restore": ("move.restore:restore", "Make a ledger of a backup."),
    "completion": ("start.completion:completion", "Print the completion for a shell."),
    "help": ("start.help:help_", "Explain exit codes, dates, amounts, policies, clocks."),
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
            if turned := self.turned(args):
                return self.resolve_command(ctx, turned)
            from cli.errors.usage import no_such_command

            raise no_such_command(ctx.command_path, args[0], names)
        return super().resolve_command(ctx, args)

    def turned(self, args: list[str]) -> list[str] | None:
        """Return the words of a command in their order, where they came in another; else None."""
        del args
        return None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, each with the whole of its first sentence."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.line_of(ctx, name)) for name in self.list_commands(ctx)]
            )

    def line_of(self, ctx: Any, name: str) -> str:
        """Return the line of a command in the list."""
        command: Any = self.get_command(ctx, name)
        return str(command.get_short_help_str(200))


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
        return on_either_side(build_command(cmd_name, imported(COMMANDS[cmd_name][0])), self)

    def turned(self, args: list[str]) -> list[str] | None:
        """Return `reserve show sv` for `show reserve/sv`, `show reserve sv` and `reserves show`."""
        from cli.typed_input import verb_behind_kind

        return verb_behind_kind(args)

    def line_of(self, ctx: Any, name: str) -> str:
        """Return the line of a command in the list, without importing it."""
        del ctx
        return COMMANDS[name][1]


def imported(place: str) -> Any:
    """Return what stands at a place below cli.commands: `ask.find:find`."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"cli.commands.{module}"), name)


def build_command(name: str, what: Any) -> Any:
    """Return the command of a function, of the class in its `command_class`; a group as it is."""
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
            help="table, json, ndjson, csv, md or html.",
            metavar="FORMAT",
            autocompletion=offer_words(*FORMATS),
        ),
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
    raw_csv: Annotated[
        bool, typer.Option("--raw-csv", help="CSV, cells that begin with = + - @ as they are.")
    ] = False,
    columns: Annotated[
        str | None, typer.Option(help="Only these columns, by name or title: a,b.", metavar="NAMES")
    ] = None,
    wide: Annotated[bool, typer.Option("--wide", help="All columns, however wide.")] = False,
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
        look=look(chosen, no_color=no_color, wide=wide)._replace(
            raw_csv=raw_csv, columns=columns_in(columns)
        ),
        verbose=verbose,
    )


def root_command() -> Any:
    """Return the command that `depositary` is."""
    return typer.main.get_command(app)
