"""Is there one way to write a fact, and does reading give back what was written?

Over bodies of every type, made by Hypothesis from what the fields say of themselves.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import convert

from events import validation
from events.body import Body
from events.catalogue import all_types, body_class
from events.envelope import canonical
from events.json_schema import type_schema
from events.serialization import read_event
from events.validation import BodyError
from tests.effort import examples
from tests.properties.bodies import LEDGER_ID, any_body, bodies, row_of

Data = dict[str, Any]

TYPES = {body_class(name): name for name in all_types()}
ASCII = st.text(st.characters(codec="ascii"), max_size=6)
RECORDS = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ASCII, inner, max_size=4),
    max_leaves=12,
)

each_type = pytest.mark.parametrize("name", all_types())


@cache
def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(type_schema(name))


def refused(name: str, data: Data) -> dict[str, str]:
    with pytest.raises(BodyError) as error:
        validation.read_body(name, data)
    with pytest.raises(BodyError):
        validation.admit(name, data)
    return dict(error.value.problems)


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where each value in JSON data stands."""
    if path:
        yield path
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from paths(value, (*path, key))


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def with_value(data: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Return the data with another value at one place."""
    copy = json.loads(json.dumps(data))
    at(copy, path[:-1])[path[-1]] = value
    return copy


def without(data: Data, *names: str) -> Data:
    return {name: value for name, value in data.items() if name not in names}


@given(st.dictionaries(ASCII, RECORDS, max_size=6))
def test_the_canonical_form_is_that_of_rfc_8785(record: Data) -> None:
    assert canonical(record) == rfc8785.dumps(record)


@each_type
@settings(max_examples=examples(10))
@given(st.data())
def test_what_is_written_is_canonical_and_read_back_alike(name: str, data: st.DataObject) -> None:
    body: Body = data.draw(bodies(name))
    assert schema(name).is_valid(
        validation.body_data(body)
    )  # whatever the door takes, the schema takes
    written = validation.write_body(body)
    assert written == rfc8785.dumps(json.loads(written))
    assert validation.read_body(name, json.loads(written)) == body
    assert read_event(row_of(name, written), LEDGER_ID).body == body
    assert convert(json.loads(written), body_class(name)) == body
    assert validation.write_body(convert(json.loads(written), body_class(name))) == written
    assert validation.admit(name, json.loads(written)) == (body, written)  # the way of importers


@given(st.data())
def test_the_order_and_the_spaces_of_json_do_not_matter(data: st.DataObject) -> None:
    body = data.draw(any_body())
    shuffled = dict(data.draw(st.permutations(list(validation.body_data(body).items()))))
    written = json.dumps(shuffled, indent=data.draw(st.sampled_from((None, 1, "\t"))))
    assert validation.write_body(
        validation.read_body(TYPES[type(body)], json.loads(written))
    ) == validation.write_body(body)


@given(st.data())
def test_a_value_of_another_kind_is_refused_by_the_name_of_its_field(data: st.DataObject) -> None:
    body = data.draw(any_body())
    plain = validation.body_data(body)
    inner = [p for p in paths(plain) if p[0] != "data" or len(p) == 1]
    path = data.draw(st.sampled_from(inner))
    old = at(plain, path)
    wrong = data.draw(st.sampled_from(_wrong_for(old)))
    problems = refused(TYPES[type(body)], with_value(plain, path, wrong))
    assert any(field.split(".")[0] == path[0] for field in problems), problems


def _wrong_for(value: Any) -> list[Any]:
    """Return values that are none of the kind of the one that is right."""
    wrong: list[Any] = [5.0, 0.5, float("nan"), float("inf"), 10**23, -(10**23), False, [], {}]
    if isinstance(value, str):
        wrong += ["", " ", 5, True, [value], {"text": value}, f" {value}", f"{value}\n"]
    if isinstance(value, bool):
        wrong += [1, "true", [True]]
    elif isinstance(value, int):
        wrong += [str(value), float(value), True, [value], -1]
    if isinstance(value, list):
        wrong += [value[0], [value], "", 1, True]
        if not (isinstance(value[0], dict) and "on" in value[0]):  # a rule may say a thing twice
            wrong.append([*value, value[-1]])
    if isinstance(value, dict):
        wrong += [[value], json.dumps(value), True, {**value, "colour": "blue"}]
    return wrong


@given(st.data())
def test_a_field_too_many_is_refused_by_its_name(data: st.DataObject) -> None:
    body = data.draw(any_body())
    name = data.draw(st.from_regex(r"x_[a-z]{1,8}", fullmatch=True))
    assert (
        "is not a field"
        in refused(TYPES[type(body)], {**validation.body_data(body), name: "blue"})[name]
    )


LISTS = ("via", "of", "files", "spans", "updates")  # these keep their order


@given(st.data())
def test_a_set_has_one_order_and_each_member_once(data: st.DataObject) -> None:
    body = data.draw(any_body())
    plain = validation.body_data(body)
    sets = [f for f, value in plain.items() if isinstance(value, list) and f not in LISTS]
    for field in sets:
        for wrong in ([], [*plain[field], plain[field][0]], plain[field][::-1]):
            if wrong != plain[field]:
                assert field in refused(TYPES[type(body)], {**plain, field: wrong})


MARKED = "\u0627\u202e\u0628"  # reads another way than it stands
DECOMPOSED = "Jose\u0301"
FORBIDDEN = (
    *("NUL\0NUL", "\x1b[31mred", MARKED, "a\u200fb", "\u2066a\u2069", DECOMPOSED),
    *("two\nlines", "a\u2028b", "\ue000", "\ufdd0"),
)


@given(st.data())
def test_no_text_holds_what_two_readers_would_see_differently(data: st.DataObject) -> None:
    body = data.draw(any_body())
    plain = validation.body_data(body)
    texts = [p for p in paths(plain) if isinstance(at(plain, p), str) and p[0] != "data"]
    path = data.draw(st.sampled_from(texts))
    wrong = data.draw(st.sampled_from(FORBIDDEN))
    if data.draw(st.booleans()):
        wrong = at(plain, path) + wrong
    problems = refused(TYPES[type(body)], with_value(plain, path, wrong))
    assert any(field.split(".")[0] == path[0] for field in problems), problems


SIGNED: Data = {
    "asserted_by": "party/onbtc",
    "basis": "own-publication",
    "mode": "unstated",
    "party": "party/onbtc",
    "sources": [{"published": "2025-07-16", "source": "source/arab-news"}],
}


def test_the_fact_that_these_tests_spoil_is_right() -> None:
    assert validation.body_data(validation.read_body("agreement.signed", SIGNED)) == SIGNED


@pytest.mark.parametrize(
    ("spoiled", "field", "sentence"),
    [
        ({"relayed": False}, "relayed", "false is not recorded"),
        ({"relayed": 1}, "relayed", "not '1'"),
        ({"relayed": "true"}, "relayed", "not 'true'"),
        ({"mode": "unstatd"}, "mode", "did you mean unstated?"),
        ({"mode": "initialing"}, "mode", "did you mean initialling?"),
        ({"partie": "party/sv"}, "partie", "did you mean party?"),
        ({"party": "party/SV"}, "party", "a-z, 0-9 and single hyphens"),
        ({"party": "reserve/sv"}, "party", "is a reserve, but a party is wanted"),
        ({"effective": "2025-02-30"}, "effective", "no such day"),
        ({"effective": "07/18/2025"}, "effective", "is not an EDTF date"),
        ({"effective": "2025-07-18/2025-07-16"}, "effective", "ends (2025-07-16) before"),
        ({"effective": "2025-07-16/2025-07-18"}, "effective", "an act has one day"),
        ({"zone": "Asia/Lahore", "effective": "2025"}, "zone", "is not a valid IANA time zone"),
        ({"zone": "Asia/Karachi"}, "", "a zone without a date"),
        ({"sources": []}, "sources", "an empty set is not recorded"),
        ({"sources": [{"source": "source/b"}, {"source": "source/a"}]}, "sources", "sorted"),
        ({"sources": 2 * [{"source": "source/a"}]}, "sources", "has each member once"),
        ({"sources": [{"published": "2025"}]}, "sources.0.source", "is missing"),
        ({"sources": [{"source": "party/sv"}]}, "sources.0.source", "a source is wanted"),
        ({"basis": "recorder"}, "", "basis recorder and asserter party/recorder go together"),
        ({"asserted_by": "party/recorder"}, "", "go together"),
        ({"note": "é" * 2001}, "note", "2,001 characters, 2,000 are allowed"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(spoiled: Data, field: str, sentence: str) -> None:
    assert sentence in refused("agreement.signed", {**SIGNED, **spoiled})[field]


def test_a_fact_needs_a_source_and_who_says_so() -> None:
    assert refused("agreement.signed", without(SIGNED, "sources")) == {
        "": "a fact needs a source: only basis recorder may do without"
    }
    assert refused("agreement.signed", without(SIGNED, "asserted_by", "party")) == {
        "asserted_by": "is missing",
        "party": "is missing",
    }


HOLDING: Data = {
    "amount": {"lower": 624_000_000_000, "lower_open": True, "unit": "sat"},
    "asserted_by": "party/bitcointreasuries",
    "basis": "tracker",
    "scope": "unstated",
    "sources": [{"source": "source/cointelegraph"}],
}


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ({"lower": "5"}, "amount.lower: "),
        ({"lower": 5.0}, "amount: 5.0 is not a whole number"),
        ({"lower": True}, "amount.lower: "),
        ({"lower": 10**23}, "amount: "),
        ({"lower": 2**53}, "amount: "),
        ({"lower": -1}, "amount: a bound is between 0 and 2^53 - 1"),
        ({"lower": 2_100_000_000_000_000}, "amount: 2,100,000,000,000,000 sat is more than all"),
        ({"unit": "usd-minor"}, "amount: an amount in usd-minor, but sat is wanted"),
        ({"unit": "satoshi"}, "amount: the unit 'satoshi' is not known"),
        ({"lower_open": False}, "amount.lower_open: "),
        ({"lower_open": 1}, "amount.lower_open: "),
        ({"approximate": True}, "amount: an approximate amount has one figure"),
        ({"upper": 1}, "amount: the lower bound"),
        ({"value": 7}, "amount.value: is not a field of this type"),
    ],
    ids=str,
)
def test_an_amount_is_what_it_says(amount: Data, sentence: str) -> None:
    with pytest.raises(BodyError) as error:
        validation.read_body(
            "reserve.holding-reported", {**HOLDING, "amount": {**HOLDING["amount"], **amount}}
        )
    assert str(error.value).startswith(sentence)


CORRECTED: Data = {
    "asserted_by": "party/recorder",
    "basis": "recorder",
    "target": "reserve/sv/3",
    "reason": "recording-error",
    "data_type": "reserve.holding-reported.v1",
    "data": HOLDING,
}


@pytest.mark.parametrize(
    ("spoiled", "field"),
    [
        ({"data": without(HOLDING, "amount")}, "data.amount"),
        ({"data": {**HOLDING, "colour": "blue"}}, "data.colour"),
        ({"data": {**HOLDING, "note": DECOMPOSED}}, "data.note"),
        ({"data": {**HOLDING, "note": None}}, "data"),
        ({"data": {**HOLDING, "note": 0.5}}, "data"),
        ({"data": {}}, "data.asserted_by"),
        ({"data_type": "reserve.holding-reported.v2"}, "data_type"),
        ({"data_type": "reserve.holding-reported"}, "data_type"),
        ({"data_type": "reserve.held.v1"}, "data_type"),
        ({"data_type": "agreement.signed.v1"}, "data.party"),
    ],
)
def test_the_new_text_of_a_correction_passes_the_same_door(spoiled: Data, field: str) -> None:
    assert validation.body_data(validation.read_body("claim.corrected", CORRECTED)) == CORRECTED
    assert field in refused("claim.corrected", {**CORRECTED, **spoiled})
