"""Describe the fields of an event type, for commands: plain type, rules, and whether required."""

from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from events.amounts import Quantity, Units, unit_words
from events.body import SourceRef
from events.fields import Marker
from events.references import per_class
from events.value import fields, hints, is_value


class Field(NamedTuple):
    """What a field of a type accepts: `inner` is its plain type, `markers` are the rules for it."""

    inner: Any
    markers: tuple[Marker, ...]
    required: bool

    def marker(self, kind: type[Marker]) -> Any:
        """Return the marker of a kind, or None."""
        return next((m for m in self.markers if isinstance(m, kind)), None)

    @property
    def is_mark(self) -> bool:
        """Say whether it is true or absent."""
        return get_origin(self.inner) is Literal and get_args(self.inner) == (True,)

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the allowed values where they are few, otherwise none."""
        return get_args(self.inner) if get_origin(self.inner) is Literal else ()

    @property
    def member(self) -> "Field | None":
        """Return the field of a list's members, None for what is no list."""
        return field_of(get_args(self.inner)[0]) if get_origin(self.inner) is tuple else None


@per_class
def fields_of(cls: Any) -> dict[str, Field]:
    """Return the fields of a body by the names that people write."""
    return {f.encode_name: field_of(hints(cls)[f.name], required=f.required) for f in fields(cls)}


def field_of(hint: Any, *, required: bool = True) -> Field:
    """Return what a type hint accepts, without `| None` and `Annotated`."""
    markers: tuple[Marker, ...] = ()
    while True:
        if get_origin(hint) is Annotated:
            hint, *found = get_args(hint)
            markers += tuple(m for m in found if isinstance(m, Marker))
        elif get_origin(hint) in (Union, UnionType):
            (hint,) = (part for part in get_args(hint) if part is not type(None))
        else:
            return Field(hint, markers, required)


def describe_field(field: Field) -> str:
    """Describe what a field accepts, in a few words."""
    if field.member is not None:
        return f"list: {describe_field(field.member)}"
    if field.inner is SourceRef:
        return "source/x,published=DAY,origin=party/y"
    if field.choices:
        return "flag: given or not" if field.is_mark else ", ".join(field.choices)
    if units := field.marker(Units):
        return f"amount in {' or '.join(map(unit_words, units.units))}"
    if field.markers:
        return field.markers[0].words
    if field.inner is Quantity:
        return "amount with its unit"
    if is_value(field.inner):
        return f"table of {', '.join(tuple(fields_of(field.inner)))}"
    return "text"
