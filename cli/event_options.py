"""Give a command an option for each field of a type of event.

`record` and `correct` take the fields of one type, known only when the type is: the command makes
their options when it reads its arguments, and no other command pays for them.
"""

import re
from collections import Counter as Counted
from collections.abc import Callable, Collection, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption

from cli.arguments import offer_things_of, offer_words
from cli.context import AppContext
from cli.errors.exit_codes import usage_failure
from cli.ledger_location import named_location
from cli.typed_input import understand_choice, understand_date
from events.amounts import Quantity
from events.body import Body, SourceRef
from events.catalogue import all_types, body_class
from events.field_texts import field_text
from events.fields import Day, EventId, Field, Matching, Thing, fields_of
from events.intake.field_parser import describe_field
from events.value import replace

GIVEN = "depositary.fields"
_PREFIX = "field_"
_DAYS_OF_SOURCE = re.compile(r"(,(?:published|retrieved)=)([^,]*)")


class FieldsCommand(TyperCommand):
    """A command with an option for each field of the type that its arguments name."""

    removable = False
    taken: Collection[str] = ()

    def type_named(self, ctx: typer.Context, args: Sequence[str]) -> str | None:
        """Return the type that the arguments name, None where they name none yet."""
        raise NotImplementedError

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the values of the type's fields out of the arguments, then the others."""
        completing = ctx.resilient_parsing  # a shell asks, and an error would be no answer
        named = next((word for word in args if word in all_types()), None)
        type_ = named if completing else self.type_named(ctx, args)
        wanted = fields_by_need(type_) if type_ else {}
        if type_:
            summary = (body_class(type_).__doc__ or "").partition("\n")[0]
            self.help = f"{type_}: {summary}\n\n{self.help}"
        self.params = [
            *self.params,
            *field_options(type_ or "", wanted, self.taken, removable=self.removable),
        ]
        if not ctx.resilient_parsing:
            self._check_once(ctx, args)
        rest = super().parse_args(ctx, args)
        values = {name: ctx.params.pop(_PREFIX + name, None) for name in wanted}
        if completing:
            return rest
        ctx.meta[GIVEN] = {
            name: _words(wanted[name], value)
            for name, value in values.items()
            if value not in (None, (), [])
        }
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


def given_fields(context: typer.Context) -> dict[str, Any]:
    """Return the fields given, by name: texts, lists, marks; `--field=` is an empty text."""
    found: dict[str, Any] = context.meta.get(GIVEN, {})
    return dict(found)


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


def field_options(
    type_: str, wanted: dict[str, Field], taken: Collection[str] = (), *, removable: bool = False
) -> list[TyperOption]:
    """Return an option for each field; one whose name is taken gets `new-` in front."""
    texts = {name: field_text(type_, name) for name in wanted}
    return [
        _option(name, field, taken, texts[name], removable=removable)
        for name, field in wanted.items()
    ]


def option_name(name: str, taken: Collection[str] = ()) -> str:
    """Return how a field's option is called: `--asserted-by`."""
    spelled = name.replace("_", "-")
    return f"--new-{spelled}" if name in taken else f"--{spelled}"


def _option(
    name: str, field: Field, taken: Collection[str], text: str, *, removable: bool
) -> TyperOption:
    spelled = option_name(name, taken)
    names = [spelled]
    if name == "sources":
        names = [spelled.removesuffix("s"), spelled]
    if field.is_mark and removable:
        names = [f"{spelled}/--no-{spelled.removeprefix('--')}"]
    need = "" if removable or not field.required else "needed: "
    return TyperOption(
        param_decls=[_PREFIX + name, *names],
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
    of_kind = offer_things_of(kind)
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
