"""A value is frozen, equal by its fields, and changed by making another."""

from typing import Any

import pytest
from msgspec import convert

from domain.agreement.state import Side
from events.kinds.party import Established
from events.value import replace

PARTY = Established(name="A", type="state", asserted_by="party/recorder", basis="recorder")
DATA: dict[str, Any] = {
    "name": "A",
    "type": "state",
    "asserted_by": "party/recorder",
    "basis": "recorder",
}


def test_a_field_is_changed_in_a_new_value() -> None:
    changed = replace(PARTY, name="B")
    assert changed == Established(**{**DATA, "name": "B"})
    assert (PARTY.name, changed.name, changed.type) == ("A", "B", "state")
    assert replace(Side(), since="1980") == Side(since="1980")


def test_values_are_equal_by_class_and_fields() -> None:
    assert PARTY == Established(**DATA) != Established(**{**DATA, "name": "B"})
    assert hash(PARTY) == hash(Established(**DATA))


def test_what_no_field_is_called_is_refused() -> None:
    with pytest.raises(TypeError, match="no field 'colour'"):
        replace(PARTY, colour="red")


def test_what_does_not_agree_is_refused() -> None:
    with pytest.raises(ValueError, match="go together"):
        replace(PARTY, basis="press")


@pytest.mark.parametrize(
    "data",
    [
        {**DATA, "colour": "red"},
        {"asserted_by": "party/recorder", "basis": "recorder"},
        {**DATA, "basis": "press"},
    ],
    ids=["a field too many", "a field too few", "fields that do not agree"],
)
def test_what_is_wrong_is_not_built(data: dict[str, Any]) -> None:
    assert convert(DATA, Established) == PARTY
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec says which
        convert(data, Established)


def test_a_value_cannot_be_set() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(PARTY, "name", "B")  # noqa: B010 - mypy refuses it written plainly
    with pytest.raises(AttributeError, match="immutable"):
        delattr(PARTY, "name")
