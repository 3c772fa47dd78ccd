"""Is a value changed as `dataclasses.replace` would change it?"""

import dataclasses

import pytest

from domain.agreement.state import Side
from events.build import build
from events.copying import PATIENCE
from events.kinds.party import Established
from events.value import Changing, replace

PARTY = Established(name="A", type="state", asserted_by="party/recorder", basis="recorder")


def test_a_field_is_changed_in_a_new_value() -> None:
    changed = replace(PARTY, name="B")
    assert changed == dataclasses.replace(PARTY, name="B")
    assert (PARTY.name, changed.name, changed.type) == ("A", "B", "state")
    assert replace(Side(), since="1980") == Side(since="1980")


def test_what_no_field_is_called_is_refused() -> None:
    with pytest.raises(TypeError, match="no colour"):
        replace(PARTY, colour="red")


def test_what_does_not_agree_is_refused() -> None:
    with pytest.raises(ValueError, match="go together"):
        replace(PARTY, basis="press")


DATA = {"name": "A", "type": "state", "asserted_by": "party/recorder", "basis": "recorder"}


def test_the_thousandth_value_of_a_class_is_made_as_the_first() -> None:
    for n in range(PATIENCE * 3):
        changed, built = replace(PARTY, name=f"B{n}"), build(Established, {**DATA, "name": f"B{n}"})
        assert changed == built == dataclasses.replace(PARTY, name=f"B{n}")
        assert type(changed) is type(built) is Established
        assert PARTY.name == "A"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({**DATA, "colour": "red"}, KeyError),
        ({"asserted_by": "party/recorder", "basis": "recorder"}, TypeError),
        ({**DATA, "basis": "press"}, ValueError),
    ],
    ids=["a field too many", "a field too few", "fields that do not agree"],
)
def test_what_is_wrong_is_refused_however_often_it_comes(
    data: dict[str, str], error: type[Exception]
) -> None:
    for _ in range(PATIENCE * 3):
        assert build(Established, DATA) == PARTY
        with pytest.raises(error):
            build(Established, data)


def test_a_value_made_often_cannot_be_set() -> None:
    made = [build(Established, DATA) for _ in range(PATIENCE * 3)][-1]
    for change in (lambda: setattr(made, "name", "B"), lambda: delattr(made, "name")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()


def test_fields_named_beforehand_are_changed_as_any() -> None:
    changing = Changing(Established, "name", "note")
    for n in range(PATIENCE * 3):
        assert changing.to(PARTY, f"B{n}", "new") == replace(PARTY, name=f"B{n}", note="new")
        assert (PARTY.name, PARTY.note) == ("A", None)


def test_fields_named_beforehand_are_fields_and_agree() -> None:
    with pytest.raises(TypeError, match="no colour"):
        Changing(Established, "name", "colour")
    changing = Changing(Established, "basis")
    for _ in range(PATIENCE * 3):
        with pytest.raises(ValueError, match="go together"):
            changing.to(PARTY, "press")
