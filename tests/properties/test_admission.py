"""Do facts in bulk meet the same door and the same checks as facts one by one?"""

from typing import Any

from bodies import any_body, bodies
from histories import histories
from hypothesis import given
from hypothesis import strategies as st

from domain.claims.claim import Claim
from domain.decisions.decide import Decision, decide
from domain.decisions.errors import Refusal
from domain.decisions.stream import History
from domain.decisions.stream_index import Known
from events import validation
from events.body import Body
from events.catalogue import all_types, family
from events.value import replace


def type_of(body: Body) -> str:
    return next(name for name in all_types() if isinstance(body, validation.body_class(name)))


@given(any_body())
def test_one_pass_admits_and_writes_as_two_do(body: Body) -> None:
    name, data = type_of(body), validation.plain(body)
    assert validation.admission(name)(data) == (body, validation.write(body))


@given(bodies("agreement.signed"), st.sampled_from(("place", "note", "for", "zone")))
def test_an_absent_field_may_be_none_but_is_never_written(body: Body, name: str) -> None:
    data = {**validation.plain(body), name: None}
    without = {key: value for key, value in data.items() if key != name}
    found, written = validation.admission("agreement.signed")(data)
    assert (found, written) == (
        validation.read("agreement.signed", without),
        validation.write(found),
    )
    assert b"null" not in written or b"null" in validation.write(found)


@given(
    bodies("agreement.signed"),
    st.sampled_from(
        [{"mode": 5}, {"mode": 1.5}, {"extra": "x"}, {"party": None}, {"relayed": False}]
    ),
)
def test_what_the_door_refuses_is_refused_in_bulk(body: Body, wrong: dict[str, Any]) -> None:
    data = {**validation.plain(body), **wrong}
    for enter in (
        validation.admission("agreement.signed"),
        lambda d: validation.read("agreement.signed", d),
    ):
        try:
            enter(data)
        except validation.BodyError:
            continue
        raise AssertionError(f"{wrong} was let in")


def outcome(history: History, claim: Claim) -> Decision | str:
    try:
        return decide(history, claim.type, claim.body, as_reported=True)
    except Refusal as why:
        return f"{why.name}: {why}"


def indexed(known: Known, claim: Claim) -> str | None:
    data = validation.write(claim.body)
    if repeated := known.repeated(claim.type, data):
        return repeated.id
    try:
        known.check(claim, family(claim.type).name)
    except Refusal as why:
        return f"{why.name}: {why}"
    return None


@given(histories(), st.data())
def test_the_index_finds_what_a_look_through_everything_finds(
    claims: list[Claim], draw: st.DataObject
) -> None:
    plain = [claim for claim in claims if not claim.type.startswith("claim.")]
    known, history = Known(claims[0].thing), History(claims[0].thing)
    for claim in plain:
        one = replace(claim, version=known.version + 1)
        if draw.draw(st.booleans()):
            one = replace(one, body=replace(one.body, key=draw.draw(st.sampled_from("ab"))))
        decided, found = outcome(history, one), indexed(known, one)
        if isinstance(decided, str):
            assert found == decided
        elif decided.already is not None:
            assert found == decided.already.id
        else:
            assert found is None
            assert decided.event is not None
            known.add(one, validation.write(one.body), family(one.type).name)
            history = History(history.id, (*history.claims, one))
