"""Is a value changed as `dataclasses.replace` would change it?"""

import dataclasses

import pytest

from domain.sides import Side
from events.party import Established
from events.value import replace

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
