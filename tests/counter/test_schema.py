"""Do schema and template say what a fact of a type may hold?"""

import csv
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import validation
from events.amounts import SHOWN, Quantity, Units
from events.catalogue import all_types, body_class
from events.fields import Day, EventId, Field, Matching, Thing, Whole, fields_of
from events.intake.fact_file import fact_of, no_positions
from events.intake.template import fact_template
from events.value import is_value
from tests.each import each

Ask = Callable[..., Any]
Refused = Callable[[Any, int], list[str]]

FOR_PEOPLE = [name for name in all_types() if not name.startswith("ledger.")]
OFF = re.compile(r"^#(?=\w+ = )", re.MULTILINE)

# What the types' own rules want of several fields together, and no field says alone.
TOGETHER: dict[str, dict[str, Any]] = {
    "agreement.described": {"title": "A paper"},
    "agreement.entry-into-force-rule-set": {"rule": {"when": {"on": "exchange"}}},
    "agreement.consent-expressed": {"predecessor": None},  # it goes with succession alone
    "agreement.territory-included": {"territory": "party/hk"},
    "agreement.territory-excluded": {"territory": "party/hk"},
    "reserve.disposed": {"mode": "sale"},  # what is returned was in custody, not owned
    "claim.corrected": {
        "data_type": "party.dissolved.v1",
        "data": {"asserted_by": "party/recorder", "basis": "recorder"},
    },
    "claim.denied": {"target": "reserve/sv/1", "type_": None, "span": None},
    "claim.resolved": {"winner": "reserve/sv/1", "among": ["reserve/sv/1", "reserve/sv/2"]},
    "claim.same-occurrence": {
        "target": "reserve/sv/1",
        "with": "reserve/sv/2",
        "part_of": "reserve/sv/1",
    },
    "claim.distinct-occurrence": {"target": "reserve/sv/1", "with": "reserve/sv/2"},
}
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)


def filled(field: Field) -> st.SearchStrategy[Any]:
    """Return values that a person might write into a field."""
    if field.member is not None:
        return filled(field.member).map(lambda one: [one])
    if field.choices:
        return st.sampled_from(field.choices)
    if field.inner is Quantity:
        units = field.marker(Units)
        unit = units.units[0] if units else "sat"
        return st.just(f"1 {SHOWN[unit][0] if unit in SHOWN else 'USD'}".strip())
    if is_value(field.inner):
        parts = fields_of(field.inner)
        return st.fixed_dictionaries({n: filled(p) for n, p in parts.items() if p.required})
    if field.inner is int:
        whole = field.marker(Whole)
        return st.integers(whole.low, whole.high)
    return texts(field)


def texts(field: Field) -> st.SearchStrategy[str]:
    """Return texts of a field's own form."""
    if thing := field.marker(Thing):
        return st.sampled_from([f"{kind}/x" for kind in thing.kinds])
    if field.marker(EventId):
        return st.just("reserve/sv/1")
    if field.marker(Day):
        return st.sampled_from(["2025-07-18", "2025-07", "[..2025-07-18]"])
    matching = field.marker(Matching)
    if matching is None:
        return st.text(PRINTABLE, min_size=4, max_size=20)
    if "time zone" in matching.words:
        return st.just("Asia/Karachi")
    pattern = matching.json_schema.get("pattern", "^[a-z]{4}[+][a-z]{4}[+][a-z]{4}$")
    return st.from_regex(pattern, fullmatch=True, alphabet=PRINTABLE).filter(matching.test)


def table_of(name: str, *, whole: bool) -> dict[str, Any]:
    """Return the template's table: what stands open, or everything."""
    (table,) = tomllib.loads(OFF.sub("", fact_template(name)) if whole else fact_template(name))[
        "fact"
    ]
    found: dict[str, Any] = table
    return found


def fill(name: str, table: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    wanted = fields_of(body_class(name))
    kind = name.partition(".")[0]
    given_: dict[str, Any] = {
        "type": name,
        "subject": f"{'reserve' if kind == 'claim' else kind}/sv",
    }
    for key in table.keys() - {"type", "subject", "label"}:
        given_[key] = data.draw(filled(wanted[key.removesuffix("_")]), label=key)
    given_["basis"] = "press"  # basis recorder goes with an asserter of its own
    given_ |= TOGETHER.get(name, {})
    return {key: value for key, value in given_.items() if value is not None}


@pytest.mark.parametrize("whole", [False, True], ids=["what stands open", "every field"])
@pytest.mark.parametrize("name", FOR_PEOPLE)
@settings(max_examples=3)
@given(data=st.data())
def test_a_template_that_was_filled_in_is_accepted(
    name: str, whole: bool, data: st.DataObject
) -> None:
    facts = fill(name, table_of(name, whole=whole), data)
    body = validation.read_body(name, fact_of(facts, no_positions)({}))
    written = validation.body_data(body)
    assert written.keys() == {
        key.removesuffix("_") for key in facts if key not in ("type", "subject")
    }


@each("name", all_types())
def test_a_template_has_every_field_and_is_toml_either_way(name: str) -> None:
    wanted = fields_of(body_class(name))
    needed = {field for field, spec in wanted.items() if spec.required} | {"sources"}
    shown = {"type", "subject"}
    assert {key.removesuffix("_") for key in table_of(name, whole=False)} == needed | shown
    whole = {key.removesuffix("_") for key in table_of(name, whole=True)}
    assert whole == {*wanted, *shown, "label"}


@each("name", all_types())
def test_a_template_names_what_may_be_chosen_within_eighty_columns(name: str) -> None:
    text = fact_template(name)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    words = " ".join(line.lstrip("# ") for line in text.splitlines())
    for field, spec in fields_of(body_class(name)).items():
        inner = spec.member or spec
        if inner.choices and not inner.is_mark:
            assert ", ".join(inner.choices) in words, field


def test_a_template_names_the_unit_of_an_amount() -> None:
    text = fact_template("reserve.acquired")
    assert "# amount: how much; amount in BTC:" in text
    assert "# price: the price of one BTC; amount in a currency such as USD:" in text


def test_a_template_that_was_not_filled_in_is_refused(
    ask: Ask, refused: Refused, ledger: Any
) -> None:
    text = ask("template", "reserve.acquired").out
    refused(ask("append", "-", stdin=text), 5)


def test_a_template_goes_into_the_record(ask: Ask, ledger: Any) -> None:
    text = ask("template", "reserve.holding-reported").out
    for field, value in {
        "subject": "reserve/sv",
        "amount": "over 6,240 BTC",
        "scope": "unstated",
        "asserted_by": "party/onbtc",
        "basis": "own-publication",
    }.items():
        text = text.replace(f'\n{field} = ""', f'\n{field} = "{value}"')
    text = text.replace('source = "", published = ""', 'source = "onbtc", published = "2025"')
    text = text.replace('#effective = ""', 'effective = "2025-07-17"')
    ran = ask("append", "-", stdin=text)
    assert ran.code == 0, ran.err
    assert "over 6,240 BTC" in ask("reserve", "show", "sv").out


@each("columns", ["40", "80", "100"])
def test_a_template_is_toml_however_narrow_the_lines(
    columns: str, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "buys.csv"
    table.write_text(f"Date,BTC bought,{'a long heading ' * 6}\n2024-01-02,12,x\n", "utf-8")
    for words in (["--map", table], ["--policy"], ["reserve.acquired"]):
        monkeypatch.delenv("COLUMNS", raising=False)
        whole = ask("template", *words).out
        monkeypatch.setenv("COLUMNS", columns)
        assert ask("template", *words).out == whole
        tomllib.loads(whole)


def test_all_types_are_listed_one_a_line_with_what_each_means(ask: Ask) -> None:
    _, *lines = [re.split(" {2,}", line) for line in ask("schema").out.splitlines()[:-1]]
    assert [line[0] for line in lines] == list(all_types())
    assert all(len(line) == 2 and line[1].endswith((".", ":", ";")) for line in lines), lines
    assert json.loads(ask("schema", "--json").out) == list(all_types())
    lines = ask("schema", "--format", "ndjson").out.splitlines()
    assert [json.loads(line)["type"] for line in lines] == list(all_types())
    rows = csv.DictReader(ask("schema", "--format", "csv").out.splitlines())
    assert [row["type"] for row in rows if row["means"]] == list(all_types())


def test_the_types_of_a_kind_are_listed(ask: Ask) -> None:
    found = [line.split()[0] for line in ask("schema", "claim").out.splitlines()[1:]]
    assert found == [name for name in all_types() if name.startswith("claim.")]


@each("name", all_types())
def test_a_type_has_its_json_schema(name: str, ask: Ask) -> None:
    found = json.loads(ask("schema", name).out)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["properties"].keys() == set(body_class(name).__struct_encode_fields__)
    assert ask("schema", f"{name}.v1").out == ask("schema", name).out


@pytest.mark.parametrize("command", ["schema", "template"])
@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("reserve.aquired", "reserve.acquired"),
        ("acquired", "reserve.acquired"),
        ("agreement.acquired", "reserve.acquired"),
        ("zzz", ""),
    ],
)
def test_an_unknown_type_brings_the_one_that_was_meant(
    command: str, given_: str, meant: str, ask: Ask, refused: Refused
) -> None:
    lines = refused(ask(command, given_), 3)
    assert lines[0] == f"error: there is no type '{given_}'"
    assert f"did you mean {meant}" in lines[1] or not meant
    assert lines[2] == f"  next: depositary {f'template {meant}' if meant else 'schema'}"


def test_only_a_table_has_no_free_field() -> None:
    # The one field without a form of its own is a correction's new text.
    free = {
        f"{name}.{key}"
        for name in all_types()
        for key, field in fields_of(body_class(name)).items()
        if get_origin(field.inner) is dict
    }
    assert free == {"claim.corrected.data"}
