"""What may happen to the agreement itself (docs/spec/treaties.md, 8)?"""

from datetime import date
from functools import partial
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agreement.binding import (
    PRESUMED_NOT_BINDING,
    Binding,
    binding_in_words,
    binds,
    counts_as,
)
from domain.agreement.state import phase, standings
from domain.kinds.agreement import STEPS, initial, judge, reservations_between
from events.body import Body
from events.catalogue import all_types, body_class
from events.kinds import agreement as e
from events.kinds.claim_events import Retracted
from events.kinds.entry_into_force_rule import Rule, Trigger
from events.value import fields
from tests.decisions.treaty_facts import (
    GIVEN,
    ON,
    PARTY,
    A,
    B,
    C,
    after,
    both,
    consented,
    fact,
    fold,
    in_force,
    name,
    names,
    notice,
    reserved,
    ruled,
    signed,
)


def test_an_entry_into_force_by_which_no_consent_is_recorded_is_found() -> None:
    body = in_force("1990-01-01")
    for given_facts in ([], [signed()], [signed(mode="unstated")]):
        assert names(fold(given_facts), body) == ["consents-not-recorded"]
    assert names(fold([signed(mode="definitive")]), body) == []
    assert names(fold(GIVEN["C"]), body) == []
    assert phase(after(fold([]), body)) == "in force"


def test_a_registration_before_any_entry_into_force_is_found() -> None:
    body = fact(e.Registered, with_="party/un", number="1")
    early = ["registered-before-in-force"]
    assert names(fold(GIVEN["C"]), body) == early
    assert names(fold(PARTY), body) == []
    assert names(fold([signed(), in_force("1989-01-01", "provisional")]), body) == []


ACTS = [
    signed("1990-01-01"),
    consented("1990-01-01"),
    fact(e.SignatureConfirmed, party=A, effect="simple"),
    fact(e.ConsentWithdrawn, party=A),
    fact(e.IntentionNotToBecomeParty, party=A),
    fact(e.ProvisionallyApplied, party=A),
    fact(e.EnteredIntoForceFor, party=A),
    notice("1989-01-01", "1990-01-01"),
    fact(e.WithdrawalRevoked, party=A),
    fact(e.Suspended),
    reserved("1990-01-01"),
    fact(e.ReservationObjected, ref="r1", by=A),
    fact(e.Terminated, ground="again"),
    in_force("1990-01-01"),
    fact(e.Amended),
    fact(e.Announced),
    fact(e.Concluded),
    fact(e.DeclarationMade, party=A, gist="words"),
    fact(e.EntryIntoForceRuleSet, rule=ruled().rule),
    fact(e.NotificationMade, party=A, purpose="address"),
    fact(e.ObjectionWithdrawn, ref="r1", by=A),
    fact(e.OpenedForSignature),
    fact(e.ReservationWithdrawn, ref="r1"),
    fact(e.Resumed),
    fact(e.TextAdopted),
]


@pytest.mark.parametrize("body", ACTS, ids=lambda body: type(body).__name__)
def test_no_act_takes_effect_after_the_end(body: Body) -> None:
    state = fold([*PARTY, fact(e.Terminated, "1989-12-31", ground="by consent")])
    assert names(state, body) == ["after-the-end"]
    assert after(state, body) == state


def test_an_ended_agreement_is_still_registered_and_described() -> None:
    state = fold([*PARTY, fact(e.Terminated, "1989-01-01", ground="by consent")])
    assert names(state, fact(e.Registered, with_="party/un", number="1")) == []
    assert names(state, fact(e.Described, title="Convention")) == []


def test_an_act_that_may_lie_after_the_end_is_recorded_with_a_finding() -> None:
    state = fold([*PARTY, fact(e.Terminated, "1990-01-01", ground="by consent")])
    declared = fact(e.DeclarationMade, "1990", party=A, gist="words")
    assert names(state, declared) == ["order-unclear"]
    on_the_day = fact(e.DeclarationMade, party=A, gist="words")
    assert names(state, on_the_day) == []


def test_one_asserter_says_once_that_it_entered_into_force() -> None:
    assert names(fold(PARTY), in_force("1990-01-01")) == ["enters-twice"]
    state = fold([signed(), consented(), in_force("1985-06-01", "provisional")])
    assert names(state, in_force("1990-01-01")) == []


def test_a_consent_before_adoption_and_a_signature_after_closing_are_found() -> None:
    assert names(fold(GIVEN["C"]), fact(e.TextAdopted)) == ["consent-before-adoption"]
    opened = fact(e.OpenedForSignature, "1979-01-01", until="1989-12-31")
    late = signed("1990-01-01")
    assert names(fold([opened]), late) == ["signature-after-closing"]
    assert names(fold([opened]), signed("1989-12-31")) == []


def test_an_entry_into_force_on_another_day_than_the_rule_gives_is_found() -> None:
    rule = Rule(when=Trigger(on="instruments", n=1), delay="P30D")
    given = [*GIVEN["C"], fact(e.EntryIntoForceRuleSet, "1980-01-01", rule=rule)]
    assert names(fold(given), in_force("1990-01-01")) == ["not-the-computed-day"]
    assert names(fold(given), in_force("1985-01-31")) == []


def test_an_agreement_passes_through_its_phases() -> None:
    steps = [
        (fact(e.Announced, "1978-01-01"), "announced"),
        (fact(e.TextAdopted, "1979-01-01"), "adopted"),
        (fact(e.OpenedForSignature, "1979-06-01"), "open"),
        (signed(), "open"),
        (consented("1981-01-01"), "open"),
        (in_force("1982-01-01", "provisional"), "in force provisionally"),
        (in_force("1983-01-01"), "in force"),
        (fact(e.Suspended, "1984-01-01"), "suspended"),
        (fact(e.Resumed, "1985-01-01"), "in force"),
        (fact(e.Terminated, "1986-01-01", ground="by consent"), "ended"),
    ]
    state = fold([])
    assert phase(state) == "not stated"
    for body, then in steps:
        assert names(state, body) == []
        state = after(state, body)
        assert phase(state) == then


# The seeds at the end of section 4.


def test_afghanistan_in_14_7_confirms_a_signature_that_the_list_calls_simple() -> None:
    confirmation = fact(e.SignatureConfirmed, "1984-03-28", party=A, effect="simple")
    ratified = consented("1988-07-06")
    simple = fold([signed("1983-09-13")], date(1984, 3, 28))
    assert names(simple, confirmation) == ["nothing-to-confirm"]
    assert name(after(simple, confirmation)) == "signatory"
    assert name(after(after(simple, confirmation), ratified)) == "contracting"
    referendum = fold([signed("1983-09-13", "ad-referendum")], date(1984, 3, 28))
    assert name(referendum) == "signatory ad referendum"
    assert names(referendum, confirmation) == []
    assert name(after(referendum, confirmation)) == "signatory"
    assert name(after(after(referendum, confirmation), ratified)) == "contracting"


def test_brazil_in_14_7_a_is_bound_by_confirming_its_signature() -> None:
    given = [signed("1986-05-05", "ad-referendum")]
    confirmation = fact(e.SignatureConfirmed, "1990-03-09", party=A, effect="definitive")
    state = fold(given, date(1990, 3, 9))
    assert name(state) == "signatory ad referendum"
    assert names(state, confirmation) == []
    assert name(after(state, confirmation)) == "contracting"


def test_a_termination_that_takes_effect_later_leaves_the_agreement_in_force_until_then() -> None:
    given = [
        signed("1950-01-01", "definitive"),
        signed("1950-01-01", "definitive", B),
        fact(e.Terminated, "1962-09-18", acted="1962-07-18", ground="by consent"),
    ]
    assert phase(fold(given[:2], date(1962, 8, 1), sides=(A, B))) == "in force"
    assert phase(fold(given, date(1962, 9, 18), sides=(A, B))) == "ended"


def test_a_retroactive_entry_into_force_counts_from_its_effect() -> None:
    body = in_force("1951-04-01", acted="1951-12-01")
    state = fold([consented("1951-01-01", "accession")], date(1951, 4, 1))
    assert names(state, body) == ["retroactive"]
    later = fold([consented("1951-01-01", "accession"), body], date(1951, 5, 1))
    assert phase(later) == "in force"
    assert name(later) == "party"


AGREEMENT_TYPES = [body_class(name) for name in all_types() if name.startswith("agreement.")]
DAYS = st.sampled_from(
    ["1980-01-01", "1980", "[..1985-06-01]", "1985-06-01?", "1990-01-01", "1991-02-03"]
)
PARTIES = st.sampled_from([A, B, C])
TRIGGERS = st.sampled_from(
    [
        Trigger(on="instruments", n=2),
        Trigger(on="consents-of", whose="signatories"),
        Trigger(on="signature", which="last"),
        Trigger(on="reply-note"),
        Trigger(on="words", words="as agreed"),
    ]
)
RULES = st.builds(
    Rule,
    when=TRIGGERS,
    delay=st.sampled_from([None, "P30D", "P3M", "P9999Y"]),
    snap=st.sampled_from([None, "month-start:1"]),
    not_before=st.sampled_from([None, "1985-01-01", "P1Y", "some day"]),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "party": PARTIES,
    "for_": PARTIES,
    "by": PARTIES,
    "with_": PARTIES,
    "between": st.just((A, B)),
    "rule": RULES,
    "ref": st.sampled_from(["r1", "r2"]),
    "confirms": st.sampled_from(["r1", "r2"]),
    "notified": DAYS,
    "until": DAYS,
    "purpose": st.sampled_from(["entry into force", "address"]),
    "precludes": st.just(True),
    "territory": st.just("party/island"),
    "binding": st.just("binding"),
    "asserted_by": st.sampled_from(["party/un", "party/press"]),
    "acted": DAYS,
    "effective": DAYS,
}
WORDS = st.just("words")


def bodies(cls: Any) -> st.SearchStrategy[Any]:
    """Return bodies of a type, each field that may be absent now and then so."""
    wanted = {}
    for field in fields(cls):
        if field.name in ("basis", "sources", "title", "kind", "topics", "parties"):
            continue
        if "Literal" in str(field.type) and field.name in ("mode", "effect"):
            values = st.sampled_from(get_args(get_type_hints(cls)[field.name]))
        else:
            values = VALUES.get(field.name, WORDS)
        required = field.required or field.name == "binding"
        if field.name in ("zone", "place", "note", "key", "relayed", "volume", "predecessor"):
            values = st.none()
        wanted[field.name] = values if required else st.none() | values
    return st.builds(partial(fact, cls), **wanted)


HISTORIES = st.lists(st.sampled_from(AGREEMENT_TYPES).flatmap(bodies), max_size=12)


@given(
    HISTORIES,
    st.sampled_from(["binding", "open", "not-binding", "presumed-not-binding"]),
    st.sampled_from([(), (A, B), (A, B, C)]),
)
def test_any_sequence_of_acts_evolves_and_can_be_judged(
    history: list[Body], gate: Binding, sides: tuple[str, ...]
) -> None:
    state = initial("agreement/x", ON, gate, frozenset(sides))
    for body in history:
        assert all(sentence for _, sentence in judge(state, body))
        state = after(state, body)
        assert phase(state)
        assert all(standing.name for _, standing in standings(state))
        reservations_between(state)


@pytest.mark.parametrize("cls", AGREEMENT_TYPES, ids=lambda cls: cls.__name__)
def test_every_type_about_an_agreement_is_an_act_that_is_decided(cls: type[Body]) -> None:
    assert cls in STEPS


def test_a_claim_about_a_claim_changes_nothing() -> None:
    state = fold(PARTY)
    body = fact(Retracted, None, target="agreement/x/1", reason="duplicate")
    assert after(state, body) == state
    assert names(state, body) == []


@given(HISTORIES)
def test_a_finding_that_keeps_the_status_keeps_it(history: list[Body]) -> None:
    state = initial("agreement/x", ON, "binding")
    for body in history:
        found = {name for name, _ in judge(state, body)}
        then = after(state, body)
        if found & KEEPING:
            assert dict(standings(state)).items() <= dict(standings(then)).items()
        state = then


KEEPING = {"after-the-end", "signs-twice", "consents-twice", "withdraws-twice"}


def test_a_paper_may_turn_out_to_bind_and_is_then_read_from_the_start() -> None:
    given_facts = [signed(), signed(party=B), consented(), consented(party=B)]
    paper = fold(given_facts, gate=counts_as([], "memorandum"), sides=(A, B))
    assert both(paper) == ("participant", "participant")
    treaty = fold(given_facts, gate=counts_as(["binding"], "memorandum"), sides=(A, B))
    assert both(treaty) == ("party", "party")


@pytest.mark.parametrize(
    ("bindings", "kind", "then"),
    [
        ([], None, "presumed-binding"),
        ([], "treaty", "presumed-binding"),
        ([], "exchange-of-notes", "presumed-binding"),
        *(([], kind, "presumed-binding") for kind in ("covenant", "exchange-of-letters", "pact")),
        *(([], kind, "presumed-not-binding") for kind in ("communique", "declaration", "minutes")),
        *(([], kind, "presumed-not-binding") for kind in sorted(PRESUMED_NOT_BINDING)),
        (["non-binding"], "treaty", "not-binding"),
        (["binding"], "memorandum", "binding"),
        (["binding", "binding"], "memorandum", "binding"),
        (["binding", "non-binding"], "treaty", "open"),
        (["non-binding", "unknown"], "memorandum", "open"),
        (["unknown"], "letter-of-intent", "open"),
        (["binding", "unknown"], "treaty", "open"),
    ],
)
def test_the_gate_is_what_is_said_of_binding_and_the_kind_only_where_nothing_is(
    bindings: list[str], kind: str | None, then: str
) -> None:
    found = counts_as(bindings, kind)
    assert found == then
    assert binds(found) == (then in ("binding", "open", "presumed-binding"))
    assert ("if binding" in binding_in_words(found)) == (then in ("open", "presumed-binding"))


@pytest.mark.parametrize(
    ("bindings", "kind", "then"),
    [
        ([], "memorandum", "open"),
        ([], "treaty", "presumed-binding"),
        (["non-binding"], "memorandum", "not-binding"),
        (["binding"], "memorandum", "binding"),
    ],
)
def test_a_consent_opens_what_is_only_presumed_not_to_bind(
    bindings: list[str], kind: str, then: str
) -> None:
    assert counts_as(bindings, kind, consented=True) == then
