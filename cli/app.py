"""Name the commands, the whole grammar; each is imported when asked for: a read starts fast."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cache, wraps
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from cli.arguments import offer_words
from cli.context import AppContext
from cli.ledger_location import named_location
from cli.output.look import FORMATS, look
from cli.version import __version__
from events.value import replace

Command = Callable[..., None]
_NAMES = (
    *("ledger", "recorder", "format_", "as_json", "as_csv", "raw_csv", "columns", "wide"),
    *("no_color", "verbose"),
)
_TOLD = (
    f"Options of every command: --ledger DIR|URL, --format {'|'.join(FORMATS)}, --json, --csv, "
    "--columns A,B, --wide, --no-color, -v."
)


def on_either_side(command: Any, root: Any) -> Any:
    """Give a command, or a group for those below it, the options of the root that it has not."""
    own = {word for parameter in command.params for word in parameter.opts}
    for parameter in root.params:
        if parameter.name in _NAMES and own.isdisjoint(parameter.opts):
            command.params.append(_behind(parameter))
    if hasattr(command, "root"):
        command.root = root
    else:
        command.epilog = command.epilog or _TOLD
    return command


def format_of(text: str) -> str:
    """Return the name of a format unchanged; exit 2 if it is none."""
    if text not in FORMATS:
        from cli.errors.usage import did_you_mean, meant_by, with_hint

        why = f"'{text}' is not one of {', '.join(FORMATS)}"
        why = with_hint(why, did_you_mean(meant_by(text, FORMATS)))
        raise typer.BadParameter(why, param_hint="--format")
    return text


def _behind(parameter: Any) -> Any:
    found = copy(parameter)
    found.expose_value, found.hidden, found.default = False, True, None
    found.callback, found.is_eager = _set, True  # before what is read from the ledger it names
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
            return replace(app, look=replace(app.look, colour=False))
        case "wide":
            return replace(app, look=replace(app.look, width=None).in_format(app.look.format))
        case "columns":
            names = tuple(name.strip() for name in value.split(",") if name.strip())
            return replace(app, look=replace(app.look, columns=names))
    short = {"as_json": "json", "as_csv": "csv", "raw_csv": "csv"}
    chosen, raw = short.get(name) or format_of(value), name == "raw_csv" or app.look.raw_csv
    return replace(app, look=replace(app.look, raw_csv=raw).in_format(chosen))


_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def spread(function: Command) -> Command:
    """Return the command with an option for each field of its named tuples; else as it is."""
    own = inspect.signature(function).parameters.values()
    groups = {p.name: p.annotation for p in own if hasattr(p.annotation, "_field_defaults")}
    if not groups:
        return function

    @wraps(function)
    def command(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(*(given.pop(field) for field in group._fields))
        function(**given)

    options = [
        option
        for p in own
        for option in (
            inspect.signature(groups[p.name]).parameters.values() if p.name in groups else [p]
        )
    ]
    named = [option.replace(kind=_KEYWORD) for option in options]
    command.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in named}
    return command


COMPLETE = "_DEPOSITARY_COMPLETE"  # set by the scripts that `depositary completion` prints

_MODULES = {  # below cli.commands, with the commands of each; their functions are called the same
    "start.init": "init title",
    "start.demo": "demo",
    "start.serve": "serve",
    "start.status": "status where",
    "start.trust": "trust",
    "start.help": "help completion",
    "record.add": "add",
    "record.append": "record append",
    "record.check": "check",
    "record.template": "template",
    "record.schema": "schema",
    "record.amendments": "correct retract deny resolve same distinct",
    "ask.kinds": ("agreement reserve party source programme allocation proposal law meeting price"),
    "ask.explain": "explain blame",
    "ask.find": "find",
    "ask.history": "history",
    "ask.timeline": "timeline",
    "ask.disputes": "disputes",
    "ask.findings": "findings",
    "ask.diff": "diff",
    "ask.changes": "changes",
    "ask.cite": "cite",
    "ask.query": "query",
    "ask.log": "log event",
    "prove.key": "key pin",
    "prove.checkpoint": "checkpoint",
    "prove.prove": "prove",
    "prove.publish": "publish",
    "prove.verify": "verify",
    "prove.audit": "audit",
    "move.import_": "import",
    "move.export": "export",
    "move.backup": "backup restore",
    "move.copy": "copy fork",
    "maintain.replay": "replay",
    "maintain.follow": "follow",
    "maintain.clock": "clock",
}
_CALLED = {"add": "add_fact", "help": "help_", "import": "import_"}  # what Python has a word for
COMMANDS = {
    name: f"{module}:{_CALLED.get(name, name)}"
    for module, names in _MODULES.items()
    for name in names.split()
}
_SETTINGS: dict[str, Any] = {
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 80}
}


Place = str | Command  # where a command stands below cli.commands, or the command itself


class CommandGroup(TyperGroup):
    """A group that builds each command when it is asked for, and knows what was mistyped."""

    places: Mapping[str, Place] = {}
    root: Any = None

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in the order they were given."""
        del ctx
        return list(self.places)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, importing its module; None if there is none of that name."""
        del ctx
        if cmd_name not in self.places:
            return None
        return on_either_side(build_command(cmd_name, self.places[cmd_name]), self.root or self)

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
        names = self.list_commands(ctx)
        every: list[tuple[str, Any]] = [(name, self.get_command(ctx, name)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(200)) for name, one in every])


class OneByOne(CommandGroup):
    """A group below the root: its help is one line and examples."""

    def __init__(self, line: str, places: Mapping[str, Place], examples: Sequence[str]) -> None:
        shown = "\n".join(("\b", "Examples:", *(f"  {example}" for example in examples)))
        super().__init__(
            help=f"{line}\n\n{shown}",
            commands={},
            no_args_is_help=True,
            rich_markup_mode=None,
            **_SETTINGS,
        )
        self.places = places

    def turned(self, args: list[str]) -> list[str] | None:
        """Return `show sv` for `sv show`."""
        from cli.typed_input import echo_understood

        if len(args) < 2 or args[1] not in self.places:
            return None
        name, verb, *rest = args
        echo_understood(f"{name} {verb}", f"{verb} {name}")
        return [verb, name, *rest]


class Root(CommandGroup):
    """The command `depositary` itself."""

    places = COMMANDS

    def turned(self, args: list[str]) -> list[str] | None:
        """Return `reserve show sv` for `show reserve/sv`, `show reserve sv` and `reserves show`."""
        from cli.typed_input import verb_behind_kind

        return verb_behind_kind(args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by task, from a text: none of them is imported."""
        self.format_usage(ctx, formatter)
        formatter.write(f"\n{text_of('overview')}\n")


def text_of(topic: str) -> str:
    """Return the text of a topic, or of the `overview` of all commands, as kept in cli/topics."""
    from importlib.resources import files  # a command that explains nothing needs it not

    return (files("cli") / "topics" / f"{topic}.txt").read_text("utf-8").removesuffix("\n")


def imported(place: str) -> Any:
    """Return what stands at a place below cli.commands: `ask.find:find`."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"cli.commands.{module}"), name)


def build_command(name: str, place: Any) -> Any:
    """Return the command of a function, of the class in its `command_class`; a group as it is."""
    what = imported(place) if isinstance(place, str) else place
    if isinstance(what, TyperGroup):
        what.name = name
        return what
    if hasattr(what, "command_class"):  # it takes up the options of the type that is asked for
        return _command(name, what, what.command_class)
    return _command_once(name, what, None)


def _command(name: str, function: Command, cls: Any) -> Any:
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, cls=cls, **_SETTINGS)(spread(function))
    found: Any = typer.main.get_command(single)
    found.name = name
    return found


# A process of pages, or a program, asks many: building one is 2 of the 11 ms that `append` takes.
_command_once = cache(_command)


app = typer.Typer(
    cls=Root, add_completion=False, rich_markup_mode=None, no_args_is_help=True, **_SETTINGS
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
        typer.Option(help="Who records: the name written into each new event.", metavar="NAME"),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="How the answer is written; md and html are for an article, with its sources.",
            metavar="|".join(FORMATS),
            autocompletion=offer_words(*FORMATS),
        ),
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
    raw_csv: Annotated[
        bool, typer.Option("--raw-csv", help="CSV; cells that begin with = + - @ unchanged.")
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
    """A ledger of what was claimed about agreements between States and about their bitcoin.

    A fact is a claim: a party asserts it, on a basis, from a source. Each has three clocks: when
    it took effect, when it was published, when it was recorded. Events are never edited; an
    answer names the selected claim and says how far sources agree.

    \b
    Examples:
      depositary demo
      depositary help reserve
    """
    del ledger, recorder, format_, as_json, as_csv, raw_csv, columns, wide, no_color, verbose
    del version
    context.obj = AppContext(look=look())
    for name in _NAMES:
        if (value := context.params[name]) not in (None, False):
            context.obj = _with(context.obj, name, value)


ROOT: Any = typer.main.get_command(app)  # the command that `depositary` is
