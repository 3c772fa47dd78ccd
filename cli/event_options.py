"""Give a command an option for each field of a type of event.

`deny` and `source add` are of one type. `record` and `correct` take the fields of a type that is
known only when their words are read: they make its options then, and no other command pays for it.
"""

import re
from collections import Counter as Counted
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption

from cli.arguments import offer_from_ledger, offer_words
from cli.context import AppContext
from cli.errors.exit_codes import usage_failure
from cli.ledger_location import named_location
from cli.typed_input import understand_choice, understand_date
from events.amounts import Quantity
from events.body import RECORDER, Body, SourceRef
from events.catalogue import all_types, body_class
from events.field_texts import field_text
from events.fields import Day, EventId, Field, Matching, Thing, fields_of
from events.intake.field_parser import describe_field
from events.value import replace

_DAYS_OF_SOURCE = re.compile(r"(,(?:published|retrieved)=)([^,]*)")
SAID = "asserted_by basis sources note"  # who says something of a claim, on what, and where
SAID_OR_RECORDER = "asserted_by? basis? sources note"  # the same, if it is not the recorder
BY_RECORDER = {"asserted_by": RECORDER, "basis": "recorder"}


class FieldsCommand(TyperCommand):
    """A command with an option for fields of a type: of its own, and of the one its words name.

    `own_type` and `own_names` are the fields that it has whatever is typed, a name with `?` where
    the recorder may stand for it; a field of the type named that has the name of one of these gets
    `new-` in front.
    """

    removable = False
    own_type = ""
    own_names: Sequence[str] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        fields = fields_by_need(self.own_type) if self.own_type else {}
        self.own = {name: fields[name] for name in (n.removesuffix("?") for n in self.own_names)}
        asked = {
            n: replace(field, required=f"{n}?" not in self.own_names and field.required)
            for n, field in self.own.items()
        }
        options = [_option(f"own_{name}", self.own_type, name, asked[name]) for name in asked]
        arguments = [one for one in self.params if one.param_type_name == "argument"]
        self.params = [*arguments, *options, *(p for p in self.params if p not in arguments)]

    def type_named(self, ctx: typer.Context, args: Sequence[str]) -> str | None:
        """Return the type that the words name; None where they name none, or none is wanted."""
        del ctx, args
        return None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the values of the fields out of the arguments, then the others."""
        asked = ctx.resilient_parsing  # by a shell, to which an error would be no answer
        type_ = next((w for w in args if w in all_types()), None) if asked else None
        type_ = type_ or (None if asked else self.type_named(ctx, args))
        wanted = fields_by_need(type_) if type_ else {}
        if type_:
            ctx.meta["type"] = type_
            self.help = f"{type_}: {type_summary(type_)}\n\n{self.help}"
            for name, field in wanted.items():
                key = f"field_{name}"
                option = _option(key, type_, name, field, self.own, removable=self.removable)
                self.params.append(option)
        if not asked:
            self._check_once(ctx, args)
        rest = super().parse_args(ctx, args)
        for sort, fields in (("own", self.own), ("field", wanted)):
            typed = {name: ctx.params.pop(f"{sort}_{name}", None) for name in fields}
            given = {name: value for name, value in typed.items() if value not in (None, (), [])}
            ctx.meta[sort] = given if asked else {n: _words(fields[n], v) for n, v in given.items()}
        return rest

    def _check_once(self, ctx: Any, args: Sequence[str]) -> None:
        """Exit 2 where an option that has one value is given twice: which of them is meant?"""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        for option, times in Counted(filter(_once, order)).items():
            if times > 1:
                why = "it has one value: which is meant?"
                then = f"{ctx.command_path} --help"
                usage_failure(f"{option.opts[0]} is given {times} times", why, then)


def _once(option: Any) -> bool:
    return isinstance(option, TyperOption) and not (option.multiple or option.is_flag)


def takes_fields(type_: str, names: str) -> Callable[[Any], Any]:
    """Give a command an option for some fields of one type, named in one text: `ground basis?`."""

    def mark(function: Any) -> Any:
        told = {"own_type": type_, "own_names": names.split()}
        function.command_class = type("FieldsOfOneType", (FieldsCommand,), told)
        return function

    return mark


def given_fields(context: typer.Context) -> dict[str, Any]:
    """Return the given fields of the type named: texts, lists, marks; `--field=` is ""."""
    return dict(context.meta.get("field", {}))


def own_fields(context: typer.Context) -> dict[str, Any]:
    """Return the given fields of the command's own type."""
    return dict(context.meta.get("own", {}))


def missing_options(wanted: Mapping[str, Field], given: Mapping[str, Any]) -> list[str]:
    """Return the options that a fact needs and has not been given, with the words they take."""
    missing = [
        option_name(name) + (f" ({words})" if (words := words_of(field)) else "")
        for name, field in wanted.items()
        if field.required and name not in given
    ]
    needs_source = "sources" in wanted and given.get("basis") != "recorder"
    return [*missing, "--source"] if needs_source and "sources" not in given else missing


def type_summary(type_: str) -> str:
    """Return what a fact of a type says, in one sentence."""
    return (body_class(type_).__doc__ or "").partition("\n")[0]


def words_of(field: Field) -> str:
    """Return the words that a field may have, with commas between; "" where any text may stand."""
    return "" if field.is_mark else ", ".join(field.choices or ())


def fields_by_need(type_: str) -> dict[str, Field]:
    """Return a type's fields: those it needs, its other own ones, those of every fact."""
    wanted, common = fields_of(body_class(type_)), fields_of(Body)
    order = sorted(wanted, key=lambda name: (not wanted[name].required, name in common))
    return {name: wanted[name] for name in order}


def with_ledger(app: AppContext, args: Sequence[str]) -> AppContext:
    """Return the context for a ledger named behind the command, where nothing is read yet."""
    for word, value in zip(args, (*args[1:], ""), strict=True):
        name, is_, behind = word.partition("=")
        if name == "--ledger":
            return replace(app, ledger_option=named_location(behind if is_ else value, name))
    return app


def option_name(name: str, taken: Collection[str] = ()) -> str:
    """Return how a field's option is called: `--asserted-by`."""
    spelled = name.replace("_", "-")
    return f"--new-{spelled}" if name in taken else f"--{spelled}"


def _option(
    key: str,
    type_: str,
    name: str,
    field: Field,
    taken: Collection[str] = (),
    *,
    removable: bool = False,
) -> TyperOption:
    spelled = option_name(name, taken)
    names = [spelled.removesuffix("s"), spelled] if name == "sources" else [spelled]
    if field.is_mark and removable:
        names = [f"{spelled}/--no-{spelled.removeprefix('--')}"]
    need = "" if removable or not field.required else "needed: "
    text = field_text(type_, name)
    return TyperOption(
        param_decls=[key, *names],
        metavar=_metavar(field),
        multiple=field.member is not None,
        is_flag=field.is_mark or None,
        help=f"{need}{text}{text and '; '}{describe_field(field)}",
        autocompletion=_offer(field.member or field),
    )


def _offer(field: Field) -> Callable[[Any, Any, str], list[str]] | None:
    """Return what a shell offers for a field: its words, or the subjects that it may name."""
    thing = field.marker(Thing)
    kind = "source" if field.inner is SourceRef else thing.kinds[0] if thing else None
    if field.choices and not field.is_mark:
        offer = offer_words(*field.choices)
        return lambda context, words, incomplete: offer(incomplete)
    if kind is None:
        return None
    of_kind = offer_from_ledger(kind)
    return lambda context, words, incomplete: of_kind(context, incomplete)


def _metavar(field: Field) -> str | None:
    inner = field.member or field
    if inner.is_mark:
        return None
    kinds = {Day: "DATE", EventId: "@N", Thing: "ID"}
    marked = (shown for kind, shown in kinds.items() if inner.marker(kind))
    plain = {Quantity: "AMOUNT", SourceRef: "SOURCE", int: "N"}
    return next(marked, plain.get(inner.inner, "WORD" if inner.choices else "TEXT"))


def _words(field: Field, value: Any) -> Any:
    """Return a list's members apart: what holds no comma may be given with commas between.

    A day, or one of several words, is taken as a person types it.
    """
    if field.member is None:
        return _understood(field, value)
    several = [_understood(field.member, one) for one in value]
    if any(field.member.marker(kind) for kind in (EventId, Matching, Thing)):
        return [part.strip() for one in several for part in one.split(",")]
    return several


def _understood(field: Field, value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    if field.inner is SourceRef:
        return _DAYS_OF_SOURCE.sub(lambda m: m[1] + understand_date(m[2].strip()), value)
    if field.marker(Day):
        return understand_date(value)
    return understand_choice(value, field.choices) if field.choices else value
