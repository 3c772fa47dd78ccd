"""Does whatever people hand over become a fact, or a sentence that says why not?"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors.rejections import rejection
from domain.decisions.errors import Refusal
from domain.facts import draft_of
from domain.ledger import CommandRefusedError
from events import validation
from events.amounts import UNITS
from events.catalogue import all_types, body_class
from events.fields import fields_of
from events.intake.fact_file import FactFileError, fact_of, no_positions, read_tables
from tests.each import each

WORDS = ["", "sv", "party/sv", "source/x", "@1", "true", "recorder", "party/recorder", "unstated"]
WORDS += ["over 6,240 BTC", "1 USD", "2025-07-16", "[..2025]", "2025/2026", "duplicate", "state"]
TEXT = st.sampled_from(WORDS) | st.text(max_size=8)
PLAIN = TEXT | st.integers() | st.booleans()
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["unit", "lower", "source", "on", "a"]) | TEXT, inner)
    ),
    max_leaves=6,
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Make a table that has a type, and for most of its fields something or other."""
    type_ = draw(st.sampled_from(all_types()))
    kind = type_.partition(".")[0]
    names = draw(st.sets(st.sampled_from(sorted(fields_of(body_class(type_))))))
    fields = {f"{name}_": draw(ANYTHING) for name in names}
    own = {"type": type_, "subject": draw(st.just(f"{kind}/a") | TEXT)}
    return {**own, **fields, "asserted_by": "party/recorder", "basis": "recorder"}


@given(tables(), st.booleans())
def test_a_table_is_a_fact_or_is_refused_in_three_lines(table: dict[str, Any], typed: bool) -> None:
    fact = fact_of(table, no_positions, file="" if typed else "facts.toml", line=1)
    try:
        body = validation.read_body(fact.type, fact({}))
    except (Refusal, ValueError, LookupError) as error:
        lines = (
            rejection(CommandRefusedError(draft_of(fact), error)).text(as_json=False).splitlines()
        )
        assert len(lines) == 3
        assert "".join(lines).isprintable()
        return
    assert validation.read_body(fact.type, validation.body_data(body)) == body


@given(st.text() | st.binary() | ANYTHING.map(json.dumps).map(lambda line: f'{{"a": {line}}}'))
def test_a_file_is_facts_or_is_refused_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory, text: str | bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    refused, found = "", []
    try:
        found = read_tables(str(file))
    except FactFileError as error:
        refused = error.why
    assert found or refused


@each("type_", all_types())
def test_every_amount_of_every_type_is_read_with_the_units_of_its_field(type_: str) -> None:
    examples = {"sat": "1 BTC", "money": "1 USD", "w": "1 MW", "count": "1", "bp": "1 %"}
    examples["price"] = "0.00001 USD"
    for name, field in fields_of(body_class(type_)).items():
        if getattr(field.inner, "__name__", "") != "Quantity":
            continue
        for unit, example in examples.items():
            fact = fact_of({"type": type_, "subject": "a", name: example}, no_positions, file="f")
            units = field.marker(type(field.markers[0])).units if field.markers else examples
            if unit in units or (unit == "money" and "price" in units):
                assert fact({})[name]["unit"] in UNITS | {"usd-e5"}
            else:
                why = "has 5 digits behind the point" if unit == "price" else "is wanted here"
                with pytest.raises(validation.BodyError, match=why):
                    fact({})
