"""Do facts in bulk meet the same door and the same checks as facts one by one?"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events import validation
from events.body import Body
from events.catalogue import all_types, body_class
from tests.properties.bodies import any_body, bodies


def type_of(body: Body) -> str:
    return next(name for name in all_types() if isinstance(body, body_class(name)))


@given(any_body())
def test_one_pass_admits_and_writes_as_two_do(body: Body) -> None:
    name, data = type_of(body), validation.body_data(body)
    assert validation.admit(name, data) == (body, validation.write_body(body))


@given(bodies("agreement.signed"), st.sampled_from(("place", "note", "for", "zone")))
def test_an_absent_field_may_be_none_but_is_never_written(body: Body, name: str) -> None:
    data = {**validation.body_data(body), name: None}
    without = {key: value for key, value in data.items() if key != name}
    found, written = validation.admit("agreement.signed", data)
    assert (found, written) == (
        validation.read_body("agreement.signed", without),
        validation.write_body(found),
    )
    assert b"null" not in written or b"null" in validation.write_body(found)


@given(
    bodies("agreement.signed"),
    st.sampled_from(
        [{"mode": 5}, {"mode": 1.5}, {"extra": "x"}, {"party": None}, {"relayed": False}]
    ),
)
def test_what_the_door_refuses_is_refused_in_bulk(body: Body, wrong: dict[str, Any]) -> None:
    data = {**validation.body_data(body), **wrong}
    for enter in (
        lambda d: validation.admit("agreement.signed", d),
        lambda d: validation.read_body("agreement.signed", d),
    ):
        try:
            enter(data)
        except validation.BodyError:
            continue
        raise AssertionError(f"{wrong} was let in")
