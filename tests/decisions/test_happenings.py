"""Which claims speak of one happening, and what comes again (docs/spec/answers.md, 7, 9 and 17)."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import permutations
from typing import Any

import pytest

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, fold
from domain.decisions.batch import Batch, Command
from domain.decisions.decide import Fact, decide
from domain.decisions.errors import ContradictsItselfError, RuleError
from domain.decisions.stream_index import StreamIndex
from domain.kinds.registry import thing_states
from events import validation

Said = tuple[str, dict[str, Any]]
UN, MINISTRY, PRESS = (
    {"asserted_by": "party/un", "basis": "official-record"},
    {"asserted_by": "party/ministry", "basis": "own-publication"},
    {"asserted_by": "party/paper", "basis": "press"},
)


def said(who: dict[str, str], type_: str, on: str | None = None, /, **fields: Any) -> Said:
    """Return a fact as a file gives it, on the word of one source."""
    dated = {"effective": on} if on else {}
    return type_, {**who, "sources": [{"source": "source/list"}], **dated, **fields}


def consent(by: dict[str, str], on: str, **fields: Any) -> Said:
    return said(by, "agreement.consent-expressed", on, party="party/us", mode="accession", **fields)


def notice(by: dict[str, str], acted: str, on: str) -> Said:
    return said(by, "agreement.withdrawal-notified", on, party="party/us", acted=acted)


def recorded(thing: str, facts: Sequence[Said]) -> list[Claim]:
    """Record facts one after the other, and return the claims that they became."""
    index = StreamIndex(thing)
    for type_, data in facts:
        body, written = validation.admit(type_, data)
        index.add(decide(index, Fact(type_, body, written)).claim, written)
    return index.claims


def asked(thing: str, facts: Sequence[Said], on: str = "2026-06-01", **clocks: Any) -> Resolution:
    claims = recorded(thing, facts)
    return fold(claims, Clocks(date.fromisoformat(on), **clocks), policy("primary-first"))


def happenings(view: Resolution, type_: str) -> list[ResolvedOccurrence]:
    return [one for one in view.occurrences if one.claims[0].type == type_]


def told(one: ResolvedOccurrence) -> tuple[int, str]:
    return len(one.claims), one.support


PARIS = (
    consent(UN, "2016-09-03"),
    said(UN, "agreement.entered-into-force-for", "2016-11-04", party="party/us"),
    notice(UN, "2019-11-04", "2020-11-04"),
    consent(UN, "2021-01-20"),
    said(UN, "agreement.entered-into-force-for", "2021-02-19", party="party/us"),
    notice(UN, "2025-01-27", "2026-01-27"),
)


def test_a_state_that_withdrew_comes_back() -> None:
    view = asked("agreement/x", PARIS)
    for type_ in {type_ for type_, _ in PARIS}:
        assert [one.period for one in happenings(view, type_)] == [0, 1]
        assert [told(one) for one in happenings(view, type_)] == [(1, "single source")] * 2


def test_a_second_source_joins_the_period_in_which_its_day_lies() -> None:
    more = [consent(MINISTRY, "2016-09-05"), consent(MINISTRY, "2021-01-20")]
    first, second = happenings(asked("agreement/x", [*PARIS, *more]), "agreement.consent-expressed")
    assert (told(first), told(second)) == ((2, "contested"), (2, "corroborated"))
    assert [claim.body.effective for claim in first.pick] == ["2016-09-03"]


def test_two_sources_of_one_ratification_are_one_consent() -> None:
    (one,) = asked(
        "agreement/x", [consent(UN, "2000-05-01"), consent(MINISTRY, "2000-05-03")]
    ).occurrences
    assert (told(one), one.pick[0].body.effective) == ((2, "contested"), "2000-05-01")
    (one,) = asked(
        "agreement/x", [consent(UN, "2000-05-01"), consent(MINISTRY, "2000-05-01")]
    ).occurrences
    assert told(one) == (2, "corroborated")


def test_three_sources_of_one_end_are_one_end() -> None:
    ends = [
        notice(by, "2019-11-04", f"2020-11-0{day}")
        for by, day in ((UN, 4), (MINISTRY, 5), (PRESS, 6))
    ]
    view = asked("agreement/x", [PARIS[0], *ends, PARIS[3]])
    assert [told(one) for one in happenings(view, "agreement.withdrawal-notified")] == [
        (3, "contested")
    ]
    assert len(happenings(view, "agreement.consent-expressed")) == 2


def test_a_notice_that_was_revoked_ends_nothing_and_the_next_is_another() -> None:
    revoked = said(UN, "agreement.withdrawal-revoked", "2017-03-07", party="party/us")
    facts = [
        consent(UN, "2000-01-01"),
        notice(UN, "2016-11-12", "2017-11-12"),
        revoked,
        consent(MINISTRY, "2018-01-01"),
        notice(UN, "2020-01-01", "2021-01-01"),
    ]
    view = asked("agreement/x", facts)
    assert len(happenings(view, "agreement.withdrawal-notified")) == 2
    assert [told(one) for one in happenings(view, "agreement.consent-expressed")] == [
        (2, "contested")
    ]


@pytest.mark.parametrize(
    ("thing", "begins", "ends"),
    [
        ("party/x", ("party.appointed", {"office": "president"}), "party.office-ended"),
        ("law/x", ("law.in-force", {}), "law.ceased"),
        ("proposal/x", ("proposal.taken-up", {"by": "party/un"}), "proposal.returned"),
        ("agreement/x", ("agreement.suspended", {"for": "party/us"}), "agreement.resumed"),
        (
            "agreement/x",
            ("agreement.provisionally-applied", {"party": "party/us"}),
            "agreement.intention-not-to-become-party",
        ),
    ],
)
def test_what_ended_begins_again(thing: str, begins: Said, ends: str) -> None:
    type_, own = begins
    again = {"law.ceased": {"how": "repealed"}}.get(ends, own)
    facts = [
        said(UN, type_, "2019-06-01", **own),
        said(MINISTRY, type_, "2019-06-02", **own),
        said(UN, ends, "2021-01-01", **again),
        said(UN, type_, "2024-06-01", **own),
    ]
    found = happenings(asked(thing, facts), type_)
    assert [told(one) for one in found] == [(2, "contested"), (1, "single source")]


def test_a_state_that_tells_its_own_end_begins_again() -> None:
    facts = [
        said(UN, "party.appointed", "2019-06-01/2021-05-01", office="president"),
        said(UN, "party.appointed", "2024-06-01", office="president"),
    ]
    assert len(asked("party/x", facts).occurrences) == 2


def test_an_absent_key_field_joins_the_only_value_there_is() -> None:
    unsaid = said(PRESS, "proposal.rejected", "2025-07-01")
    by = [
        said(who, "proposal.rejected", "2025-07-01", by=f"party/{one}")
        for who, one in ((UN, "imf"), (MINISTRY, "pk"))
    ]
    assert [told(one) for one in asked("proposal/x", [unsaid, by[0]]).occurrences] == [
        (2, "corroborated")
    ]
    assert len(asked("proposal/x", [unsaid, *by]).occurrences) == 3


def test_staff_agree_on_a_programme_and_on_its_first_review() -> None:
    type_ = "programme.staff-level-agreement-reached"
    facts = [said(UN, type_, "2024-12-17"), said(UN, type_, "2025-05-27", review=1)]
    assert len(asked("programme/x", facts).occurrences) == 2


def test_a_disbursement_is_one_where_its_review_is_named() -> None:
    amount = {"unit": "xdr-minor", "lower": 100, "upper": 100}
    named, unnamed = (
        [said(by, "programme.disbursed", "2025-05-01", amount=amount, **own) for by in (UN, PRESS)]
        for own in ({"review": 1}, {})
    )
    assert len(asked("programme/x", named).occurrences) == 1
    assert len(asked("programme/x", unnamed).occurrences) == 2


# Which day answers.


@pytest.mark.parametrize(
    ("fact", "holds"),
    [
        (said(UN, "agreement.entered-into-force", acted="1958-05-09", mode="definitive"), "yes"),
        (said(UN, "agreement.terminated", acted="1958-05-09", ground="agreed"), "cannot tell"),
        (said(UN, "agreement.withdrawal-notified", acted="1958-05-09", party="party/us"), "yes"),
        (
            said(
                UN,
                "agreement.entry-into-force-rule-set",
                rule={"when": {"on": "signature", "which": "last"}},
            ),
            "yes",
        ),
    ],
)
def test_the_day_of_the_act_stands_in_but_for_a_notice(fact: Said, holds: str) -> None:
    (one,) = asked("agreement/x", [fact], "1958-05-09").occurrences
    assert one.holds == holds


def test_a_succession_happened_by_its_notification() -> None:
    fact = said(
        UN, "agreement.consent-expressed", acted="1993-02-22", party="party/cz", mode="succession"
    )
    days = [
        asked("agreement/x", [fact], on).occurrences[0].holds for on in ("1993-02-21", "1993-02-22")
    ]
    assert days == ["cannot tell", "yes"]


def test_a_day_that_stands_in_is_compared_with_no_other() -> None:
    by_act = said(UN, "agreement.entered-into-force", acted="1958-05-09", mode="definitive")
    effective = said(PRESS, "agreement.entered-into-force", "1959-01-01", mode="definitive")
    (one,) = asked("agreement/x", [by_act, effective]).occurrences
    assert told(one) == (2, "corroborated")


@pytest.mark.parametrize(
    ("type_", "own", "expected"),
    [
        ("agreement.entered-into-force", {"mode": "definitive"}, ("no", "yes", "yes")),
        ("agreement.signed", {"party": "party/us", "mode": "simple"}, ("no", "cannot tell", "yes")),
    ],
)
def test_an_instant_is_compared_as_one(
    type_: str, own: dict[str, Any], expected: tuple[str, ...]
) -> None:
    fact = said(UN, type_, "2024-03-14", zone="America/El_Salvador", **own)
    moments = (
        "2024-03-14T05:59:59+00:00",
        "2024-03-14T06:00:00+00:00",
        "2024-03-15T06:00:00+00:00",
    )
    found = [
        asked("agreement/x", [fact], "2024-03-14", moment=datetime.fromisoformat(moment))
        for moment in moments
    ]
    assert tuple(view.occurrences[0].holds for view in found) == expected


def test_two_instants_are_compared_as_instants() -> None:
    fact = said(UN, "agreement.signed", "2024-03-14T18:00:00Z", party="party/us", mode="simple")
    found = [
        asked("agreement/x", [fact], "2024-03-14", moment=datetime.fromisoformat(moment))
        for moment in ("2024-03-14T12:00:00+00:00", "2024-03-14T13:00:00-05:00")
    ]
    assert [view.occurrences[0].holds for view in found] == ["no", "yes"]


# What is refused.


def test_another_day_of_one_act_by_one_asserter_is_refused() -> None:
    with pytest.raises(ContradictsItselfError):
        recorded("agreement/x", [consent(UN, "2000-05-01"), consent(UN, "2000-05-03")])


IN_FORCE = "agreement.entered-into-force"
LEFT = said(UN, "agreement.withdrawal-notified", "1989-01-01", party="party/us", acted="1988-01-01")


def sides(*codes: str) -> Said:
    return said(UN, "agreement.described", "1979-12-01", parties=[f"party/{c}" for c in codes])


def entered(on: str, by: dict[str, str] = UN) -> Said:
    return said(by, IN_FORCE, on, mode="definitive")


def test_between_two_sides_a_text_that_one_ended_enters_into_force_again() -> None:
    again = [LEFT, entered("1990-08-01"), entered("1990-08-03", MINISTRY)]
    view = asked("agreement/x", [sides("sv", "us"), entered("1980-03-01"), *again])
    assert [told(one) for one in happenings(view, IN_FORCE)] == [
        (1, "single source"),
        (2, "contested"),
    ]
    with pytest.raises(ContradictsItselfError):  # of three parties the text went on
        recorded("agreement/x", [sides("mx", "sv", "us"), entered("1980-03-01"), *again])
    taken_back = said(UN, "agreement.withdrawal-revoked", "1988-06-01", party="party/us")
    with pytest.raises(ContradictsItselfError):
        recorded("agreement/x", [sides("sv", "us"), entered("1980-03-01"), taken_back, *again])


def test_who_contradicts_itself_is_given_the_command_that_corrects() -> None:
    index = StreamIndex("agreement/x")
    first, other = (
        Fact(type_, *validation.admit(type_, data))
        for type_, data in (entered("1990-08-01"), entered("1990-08-02"))
    )
    index.add(decide(index, first).claim, first.written)
    with pytest.raises(ContradictsItselfError) as in_one_file:
        decide(index, other)
    assert in_one_file.value.hint == (
        "leave one of the two out of the file, or record what ended between them"
    )
    index.claims[0].position = 1
    with pytest.raises(ContradictsItselfError) as later:
        decide(index, other)
    assert later.value.hint == (
        "depositary correct agreement/x/1 --effective 1990-08-02 --reason recording-error"
    )


def test_two_coders_of_one_asserter_may_differ_and_are_one_origin() -> None:
    facts = [consent(UN, "2000-05-01", key="one"), consent(UN, "2000-05-01", key="two")]
    (one,) = asked("agreement/x", facts).occurrences
    assert told(one) == (2, "single source")
    recorded("agreement/x", [facts[0], consent(UN, "2000-05-03", key="two")])


@pytest.mark.parametrize("order", list(permutations((0, 2, 3))))
def test_a_file_in_any_order_is_judged_over_the_whole(order: tuple[int, ...]) -> None:
    commands = [Command("agreement/x", *PARIS[at]) for at in order]
    batch = Batch(StreamIndex, set, "an-id")
    batch.prepare(commands)
    assert [batch.take(command).reason for command in commands] == [None] * 3


def ended(by: dict[str, str]) -> Said:
    return said(by, "agreement.terminated", "2001-01-01", ground="it says so")


def test_an_act_after_an_end_is_refused_only_by_who_stated_the_end() -> None:
    with pytest.raises(RuleError, match="has ended"):
        recorded("agreement/x", [ended(UN), consent(UN, "2005-01-01")])
    assert len(recorded("agreement/x", [ended(PRESS), consent(UN, "2005-01-01")])) == 2


def test_a_consent_is_refused_only_by_who_called_the_text_non_binding() -> None:
    def described(by: dict[str, str]) -> Said:
        return said(by, "agreement.described", binding="non-binding")

    with pytest.raises(RuleError, match="not shown to bind"):
        recorded("agreement/x", [described(UN), consent(UN, "2005-01-01")])
    assert len(recorded("agreement/x", [described(PRESS), consent(UN, "2005-01-01")])) == 2


def test_a_withdrawal_does_not_take_effect_before_its_notice() -> None:
    with pytest.raises(RuleError, match="before its notice"):
        recorded("agreement/x", [notice(UN, "2020-11-04", "2019-11-04")])


def test_what_is_not_recorded_is_a_finding() -> None:
    index = StreamIndex("agreement/x")
    type_, data = notice(UN, "2019-11-04", "2020-11-04")
    body, written = validation.admit(type_, data)
    assert [name for name, _ in decide(index, Fact(type_, body, written)).findings] == [
        "not-a-party"
    ]


def amounts(unit: str, figure: int) -> dict[str, Any]:
    return {"unit": unit, "lower": figure, "upper": figure}


@pytest.mark.parametrize(
    ("told", "support"),
    [  # the German sale of 2024: Saxony in EUR, a tracker in USD
        ([("eur-minor", 263_968_341_392), ("usd-minor", 288_000_000_000)], "single source"),
        ([("eur-minor", 263_968_341_392), ("eur-minor", 288_000_000_000)], "contested"),
        ([("eur-minor", 263_968_341_392), ("eur-minor", 263_968_341_392)], "corroborated"),
        ([("eur-minor", 100), ("usd-minor", 110), ("eur-minor", 100)], "corroborated"),
        ([("eur-minor", 100), ("usd-minor", 110), ("eur-minor", 101)], "contested"),
    ],
)
def test_amounts_in_two_currencies_neither_contradict_nor_corroborate(
    told: list[tuple[str, int]], support: str
) -> None:
    by = [UN, MINISTRY, PRESS]
    facts = [
        said(by[n], "reserve.disposed", "2024-07-12", mode="sale", proceeds=amounts(unit, figure))
        for n, (unit, figure) in enumerate(told)
    ]
    ends = range(2, len(facts) + 1)
    links = [
        said(
            {"asserted_by": "party/recorder", "basis": "recorder"},
            "claim.same-occurrence",
            target="reserve/x/1",
            **{"with": f"reserve/x/{n}"},
        )
        for n in ends
    ]
    (one,) = happenings(asked("reserve/x", [*facts, *links]), "reserve.disposed")
    assert one.fields["proceeds"] == one.support == support


@pytest.mark.parametrize("unit", ["usd-minor", "eur-minor"])
def test_a_holding_valued_in_two_currencies_is_not_contested(unit: str) -> None:
    facts = [
        said(
            UN, "reserve.valued", "2024-07-12", method="computed", value=amounts("usd-minor", 100)
        ),
        said(PRESS, "reserve.valued", "2024-07-12", method="computed", value=amounts(unit, 200)),
    ]
    (series,) = asked("reserve/x", facts).series
    assert series.support == ("contested" if unit == "usd-minor" else "single source")


OFFICE = {"asserted_by": "party/office", "basis": "official-record"}
RECORDER = {"asserted_by": "party/recorder", "basis": "recorder"}


def sold(by: dict[str, str], btc: float, on: str = "[2024-06-19..2024-07-12]", **more: Any) -> Said:
    amount = amounts("sat", round(btc * 10**8))
    return said(by, "reserve.disposed", on, mode="sale", amount=amount, **more)


def part_of_first(part: int) -> Said:
    first = "reserve/x/1"
    told = {"target": f"reserve/x/{part}", "with": first, "part_of": first}
    return said(RECORDER, "claim.same-occurrence", **told)


@pytest.mark.parametrize(
    ("whole", "parts", "support", "picked"),
    [  # the German sale: 49,858 BTC in all, of which 3,500 on one day, by a stronger source
        (sold(PRESS, 49_858), [sold(OFFICE, 3_500, "2024-06-25")], "single source", [1]),
        (sold(OFFICE, 49_858), [sold(PRESS, 3_500, "2024-06-25")], "single source", [1]),
        (sold(PRESS, 400), [sold(OFFICE, 200), sold(OFFICE, 150)], "single source", [1]),
        (sold(PRESS, 400), [sold(OFFICE, 200), sold(UN, 150)], "single source", [1]),
        (
            sold(PRESS, 400),
            [sold(OFFICE, 200), sold(OFFICE, 200, key="b")],
            "single source",
            [2, 3],
        ),
        (sold(PRESS, 400), [sold(OFFICE, 300), sold(OFFICE, 200)], "contested", [2, 3]),
        (
            sold(PRESS, 400, proceeds=amounts("eur-minor", 9_000)),
            [sold(OFFICE, 200, proceeds=amounts("eur-minor", 4_000))],
            "single source",
            [1],
        ),
        (
            sold(PRESS, 400, "2024-07-12"),
            [sold(OFFICE, 200, "2024-07-12"), sold(OFFICE, 200, "2024-07-12", key="b")],
            "corroborated",
            [2, 3],
        ),
    ],
)
def test_a_part_contradicts_its_whole_only_where_it_comes_to_more(
    whole: Said, parts: list[Said], support: str, picked: list[int]
) -> None:
    links = [part_of_first(n) for n in range(2, len(parts) + 2)]
    (one,) = happenings(asked("reserve/x", [whole, *parts, *links]), "reserve.disposed")
    assert (one.support, [claim.version for claim in one.pick]) == (support, picked)


BITCOIN = amounts("sat", 150 * 10**8)
SEIZED = said(PRESS, "reserve.seized", "2013-10-25", amount=amounts("sat", 200 * 10**8))


@pytest.mark.parametrize(
    ("one", "other", "part", "custody"),
    [  # coins sold from custody stay sold where who tells of the whole names no account
        (sold(PRESS, 200), sold(OFFICE, 120, account="custody"), True, 0),
        (sold(OFFICE, 150), sold(PRESS, 150, account="custody"), False, 50),
        (sold(OFFICE, 150, account="owned"), sold(PRESS, 150, account="custody"), False, 200),
        (sold(OFFICE, 150), sold(PRESS, 150), False, 200),
        (
            said(OFFICE, "reserve.forfeited", "2015", amount=BITCOIN),
            said(PRESS, "reserve.forfeited", "2015", amount=BITCOIN, seizures=["reserve/x/1"]),
            False,
            50,
        ),
    ],
)
def test_a_claim_that_names_no_account_moves_the_one_that_others_name(
    one: Said, other: Said, part: bool, custody: int
) -> None:
    told = {"target": "reserve/x/3", "with": "reserve/x/2"}
    told |= {"part_of": "reserve/x/2"} if part else {}
    link = said(RECORDER, "claim.same-occurrence", **told)
    view = asked("reserve/x", [SEIZED, one, other, link])
    state = thing_states("reserve/x", view).without
    assert state.custody.shown[:2] == (custody * 10**8, custody * 10**8)
