"""Write a fact of a type to fill in.

TOML with every field: those that no fact of the type does without stand open, the others behind a
`#`, each below what it takes.
"""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any, get_origin

from events.amounts import Quantity, Units, unit_words
from events.body import Body
from events.catalogue import body_class
from events.field_texts import field_text
from events.fields import EventId, Field, fields_of
from events.intake.fact_file import OWN_KEYS
from events.intake.field_parser import describe_field
from events.value import is_value

WIDTH = 80

_SYMBOLS = {"a currency such as USD": "USD", "W, kW, MW or GW": "MW"}
_SOURCE = ("source", "published", "retrieved", "origin")
_LABEL = "label: a name with which later facts of this file may target this one; not recorded"


def fact_template(name: str) -> str:
    """Return a fact of a type to fill in, as TOML; raise UnknownTypeError."""
    cls = body_class(name)
    kind = name.partition(".")[0]
    subject = "the subject that the target is about" if kind == "claim" else f"{kind}/name"
    wanted = fields_of(cls)
    common = fields_of(Body)
    first = [field for field in wanted if wanted[field].required and field not in common]
    own = [field for field in wanted if field not in common and field not in first]
    always = [field for field in common if common[field].required]
    others = [field for field in common if field not in (*always, "sources")]
    lines = [
        *_comment(f"{name}: {' '.join((cls.__doc__ or '').split())}"),
        *(["# depositary records it itself: append refuses it."] if kind == "ledger" else []),
        "#",
        *_comment(
            'Fill in the open fields. A field behind "#" is optional: remove the "#" to use it.'
        ),
        "",
        "[[fact]]",
        f'type = "{name}"',
        *_comment(f"subject: {subject}"),
        'subject = ""',
        *(line for field in first for line in _field(name, field, wanted[field])),
        "",
        *(line for field in always for line in _field(name, field, wanted[field])),
        *_comment(f"sources: {field_text(name, 'sources')}, each with"),
        *(
            line
            for part in _SOURCE
            for line in _comment(f"  {part}: {field_text(name, f'sources.{part}')}")
        ),
        'sources = [{ source = "", published = "" }]',
        "",
        *(line for field in own for line in _field(name, field, wanted[field], "#")),
        *([""] if own else []),
        *(line for field in others for line in _field(name, field, wanted[field], "#")),
        *_comment(_LABEL),
        '#label = ""',
    ]
    return "".join(f"{line}\n" for line in lines)


def _field(type_: str, name: str, field: Field, off: str = "") -> Iterator[str]:
    key = f"{name}_" if name in OWN_KEYS else name
    for line in _explained(key, field):
        path, _, takes = line.partition(": ")
        said = field_text(type_, path.removesuffix("_") if path == key else path)
        yield from _comment(f"{path}: {said}; {takes}" if said else line)
    yield f"{off}{key} = {_empty(field)}"


def _explained(path: str, field: Field, seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """Say what a field takes, and then each of its parts if it is a table."""
    inner = field.member or field
    if not is_value(inner.inner) or inner.inner is Quantity:
        yield f"{path}: {field_sentence(field)}"
        return
    table = "a list of tables" if field.member else "a table"
    if inner.inner in seen:
        yield f"{path}: {table} as above"
        return
    parts = fields_of(inner.inner)
    needed = ", ".join(name for name, part in parts.items() if part.required)
    yield f"{path}: {table}" + (f", always with {needed}" if needed else "")
    for name, part in parts.items():
        yield from _explained(f"{path}.{name}", part, seen | {inner.inner})


def field_sentence(field: Field) -> str:
    """Say what a field takes, in the words that people write it with."""
    if field.member is not None:
        return f"one or more of: {field_sentence(field.member)}"
    if field.inner is Quantity:
        return _amount(field.marker(Units))
    if field.choices and not field.is_mark:
        return f"one of {', '.join(field.choices)}"
    if field.marker(EventId):
        return "@N, an event id subject/n, or the label of an earlier fact"
    if _is_free(field):
        return "the whole new text, with the fields of its type"
    return describe_field(field)


def _amount(units: Units | None) -> str:
    named = [unit_words(unit) for unit in units.units] if units else []
    symbol = _SYMBOLS.get(named[0], named[0]) if named else "BTC"
    unit = f"in {' or '.join(named)}" if named else "with its unit"
    exact = (
        ', "0.0645 USD" with as many digits as there are'
        if units and "price" in units.units
        else ""
    )
    return f'amount {unit}: "6,242 {symbol}", "over 6,240 {symbol}", "100 to 120 {symbol}"{exact}'


def _is_free(field: Field) -> bool:
    return get_origin(field.inner) is dict


def _empty(field: Field) -> str:
    if field.member is not None:
        return f"[{_empty(field.member)}]"
    if field.is_mark:
        return "true"
    if field.inner is int:
        return "0"
    if field.inner is Quantity or not is_value(field.inner):
        return "{}" if _is_free(field) else '""'
    parts = fields_of(field.inner)
    open_ = [f"{name} = {_empty(part)}" for name, part in parts.items() if part.required]
    return f"{{ {', '.join(open_)} }}" if open_ else "{}"


def _comment(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False)
