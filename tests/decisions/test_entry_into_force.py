"""On which day does a rule bring an agreement into force, and whom does it bind from when?"""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agreement.state import Agreement, computed_days, standing_of
from domain.agreement.state import agreement_in_force as whether
from domain.claims.interval import (
    NEVER,
    Interval,
    before,
    earliest,
    interval,
    latest,
    may_be_one_day,
    shift,
)
from events.kinds import agreement as e
from events.kinds.entry_into_force_rule import Later, Rule, Trigger
from tests.decisions.treaty_facts import (
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
    ruled,
    signed,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "treaty"
LATER_THAN_ALL = date(2015, 12, 31)


def by(when: Trigger, *bodies: Any, on: date = date(1990, 1, 1), **rule: Any) -> Agreement:
    """Return an agreement between A and B under a rule."""
    rule_set = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=when, **rule))
    return fold([rule_set, *bodies], on, sides=(A, B))


def day(state: Agreement) -> tuple[str | None, str]:
    """Return the computed day, and what is missing for it."""
    answer = whether(state)
    return answer.computed, answer.missing


def deposits(*days: str, mode: str = "accession") -> list[Any]:
    return [consented(on, mode, f"party/p{n}") for n, on in enumerate(days)]


def many(when: Trigger, *days: str, on: date = date(1990, 1, 1), **rule: Any) -> Agreement:
    """Return a multilateral agreement under a rule, with an accession a day."""
    rule_set = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=when, **rule))
    return fold([rule_set, *deposits(*days)], on)


N3 = Trigger(on="instruments", n=3)


def test_the_nth_instrument_and_a_delay_make_the_day() -> None:
    days = ("1980-01-01", "1980-02-01", "1980-03-01", "1980-04-01")
    assert day(many(N3, *days)) == ("1980-03-01", "")
    assert day(many(N3, *days, delay="P90D")) == ("1980-05-30", "")
    assert day(many(N3, *days[:2])) == (None, "1 more instrument")
    assert day(many(N3)) == (None, "3 more instruments")
    assert whether(many(N3, *days[:2])).answer == "no"
    assert whether(many(N3, *days)).answer == "yes"
    assert whether(many(N3, *days, delay="P90D", on=date(1980, 5, 29))).answer == "no"


def test_instruments_are_counted_by_the_day_they_were_deposited_not_by_their_effect() -> None:
    successor = consented("[..1989-01-01]", "succession", acted="1989-01-01", party=C)
    rule = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=N3))
    state = fold([rule, *deposits("1980-01-01", "1980-02-01"), successor])
    assert day(state) == ("1989-01-01", "")


def test_the_rule_counts_the_acts_it_names_of_the_parties_it_does_not_exclude() -> None:
    only = Trigger(on="instruments", n=1, acts=("ratification",))
    assert day(many(only, "1980-01-01")) == (None, "1 more instrument")
    without = Trigger(on="instruments", n=1, not_counted=("party/p0",))
    assert day(many(without, "1980-01-01", "1980-02-01")) == ("1980-02-01", "")


def test_nobody_is_counted_twice_and_no_signature_is_an_instrument() -> None:
    twice = [consented("1980-01-01", "accession"), consented("1981-01-01", "accession")]
    state = by(Trigger(on="instruments", n=2), *twice, signed("1980-01-01", "definitive", B))
    assert day(state) == (None, "1 more instrument")


def test_a_consent_taken_back_is_not_counted() -> None:
    back = fact(e.ConsentWithdrawn, "1980-02-01", party="party/p0")
    rule = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=N3))
    state = fold([rule, *deposits("1980-01-01", "1980-03-01", "1980-04-01"), back])
    assert day(state) == (None, "1 more instrument")


def test_an_unsure_day_makes_the_entry_into_force_unsure_only_between_its_ends() -> None:
    state = many(N3, "1980-01-01", "1980-02-01", "1980-03", delay="P30D")
    assert day(state) == (None, "a certain day (it lies within [1980-03-31..1980-04-30])")
    answers = [
        whether(many(N3, "1980-01-01", "1980-02-01", "1980-03", delay="P30D", on=on)).answer
        for on in (date(1980, 3, 30), date(1980, 3, 31), date(1980, 4, 30))
    ]
    assert answers == ["no", "cannot tell", "yes"]


def test_months_clamp_then_the_day_snaps_then_not_before_holds() -> None:
    one = Trigger(on="instruments", n=1)
    assert day(many(one, "1980-11-30", delay="P3M"))[0] == "1981-02-28"
    assert day(many(one, "1979-11-30", delay="P3M"))[0] == "1980-02-29"
    assert day(many(one, "1980-02-29", delay="P1Y"))[0] == "1981-02-28"
    assert day(many(one, "1980-02-29", snap="month-start:1"))[0] == "1980-03-01"
    assert day(many(one, "1980-03-01", snap="month-start:1"))[0] == "1980-04-01"
    assert day(many(one, "1980-11-15", snap="month-start:2"))[0] == "1981-01-01"
    assert day(many(one, "1980-01-15", snap="none"))[0] == "1980-01-15"
    assert day(many(one, "1980-01-15", not_before="1985-01-01"))[0] == "1985-01-01"
    assert day(many(one, "1986-01-15", not_before="1985-01-01"))[0] == "1986-01-15"


def test_not_before_may_be_a_time_after_the_opening() -> None:
    rule = {"when": Trigger(on="instruments", n=1), "not_before": "P1Y"}
    set_ = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(**rule))  # type: ignore[arg-type]
    opened = fact(e.OpenedForSignature, "1980-01-01")
    assert day(fold([set_, opened, *deposits("1980-02-01")])) == ("1981-01-01", "")
    unopened = fold([set_, *deposits("1980-02-01")])
    assert day(unopened) == (None, "the day of opening for signature")
    assert whether(unopened).answer == "cannot tell"


def test_a_not_before_in_other_words_is_not_computed() -> None:
    state = many(Trigger(on="instruments", n=1), "1980-01-01", not_before="the harvest")
    assert whether(state).answer == "cannot tell"
    assert "'the harvest'" in whether(state).missing


@pytest.mark.parametrize("whose", ["negotiating", "sides"])
def test_the_consents_of_all_sides_are_needed(whose: Any) -> None:
    trigger = Trigger(on="consents-of", whose=whose)
    one, two = consented("1980-01-01"), consented("1981-01-01", party=B)
    assert day(by(trigger, one)) == (None, f"the consent of {B}")
    assert day(by(trigger, one, two)) == ("1981-01-01", "")


def test_without_a_rule_all_must_consent_and_who_they_are_must_be_known() -> None:
    assert day(fold([consented("1980-01-01")], sides=(A, B, C))) == (
        None,
        f"the consent of {B}, {C}",
    )
    unknown = whether(fold([consented("1980-01-01")]))
    assert unknown.answer == "cannot tell"
    assert (
        unknown.missing == "the list of parties whose consent is needed (no description names them)"
    )
    assert whether(fold([])).answer == "no"


def test_the_consents_of_all_signatories_are_needed() -> None:
    trigger = Trigger(on="consents-of", whose="signatories")
    signatures = (signed(), signed(party=B))
    assert day(by(trigger, *signatures, consented()))[1] == f"the consent of {B}"
    both_in = by(trigger, *signatures, consented(), consented("1986-01-01", party=B))
    assert day(both_in) == ("1986-01-01", "")


def test_a_signature_may_be_enough_the_first_or_the_last() -> None:
    first = Trigger(on="signature", which="first")
    last = Trigger(on="signature", which="last")
    one, two = signed("1980-01-01", "definitive"), signed("1981-01-01", "definitive", B)
    assert day(by(first)) == (None, "a signature")
    assert day(by(first, one, two)) == ("1980-01-01", "")
    assert day(by(last, one)) == (None, f"the signature of {B}")
    assert day(by(last, one, two)) == ("1981-01-01", "")
    assert both(by(last, one, two)) == ("party", "party")


def test_an_exchange_of_instruments_makes_the_day_for_both() -> None:
    trigger = Trigger(on="exchange")
    exchange = consented("1980-01-01", established_by="exchange")
    assert day(by(trigger)) == (None, "the exchange of instruments")
    assert day(by(trigger, exchange, delay="P30D")) == ("1980-01-31", "")
    assert both(by(trigger, exchange, delay="P30D")) == ("party", "party")
    assert both(by(trigger, exchange, delay="P30D", on=date(1980, 1, 30))) == (
        "contracting",
        "contracting",
    )


def test_a_reply_note_makes_the_day_for_both() -> None:
    trigger = Trigger(on="reply-note")
    first, reply = consented("1980-01-01", "exchange"), consented("1980-02-01", "exchange", B)
    assert day(by(trigger, first)) == (None, "a reply note")
    assert day(by(trigger, first, reply)) == ("1980-02-01", "")
    assert both(by(trigger, first, reply)) == ("party", "party")


def test_notifications_count_on_receipt() -> None:
    last = Trigger(on="notifications", counted="received")
    one = consented("1980-01-01", "notification")
    two = consented("1980-02-01", "notification", B)
    assert day(by(last)) == (None, "a notification")
    assert day(by(last, one)) == (None, f"the notification of {B}")
    assert day(by(last, one, two, delay="P30D")) == ("1980-03-02", "")
    first = Trigger(on="notifications", n=1, counted="received")
    assert day(by(first, one, two)) == ("1980-01-01", "")
    sent = Trigger(on="notifications", counted="sent")
    unsent = whether(by(sent, one, two))
    assert unsent.answer == "cannot tell"
    assert unsent.missing == "the days of sending (only days of receipt are recorded)"


def test_a_notification_about_the_entry_into_force_is_no_consent_but_feeds_the_rule() -> None:
    trigger = Trigger(on="notifications", n=1, counted="received")
    about = fact(e.NotificationMade, "1980-01-01", party=A, purpose="Entry into force, art. 25")
    other = fact(e.NotificationMade, "1980-01-01", party=A, purpose="change of address")
    assert day(by(trigger, about)) == ("1980-01-01", "")
    assert name(by(trigger, about)) == "none"
    assert day(by(trigger, other)) == (None, "1 more notification")


def test_a_rule_may_name_the_day() -> None:
    assert day(by(Trigger(on="date", day="1985-01-01"))) == ("1985-01-01", "")
    assert whether(by(Trigger(on="date", day="1985"), on=date(1985, 6, 1))).answer == "cannot tell"


@pytest.mark.parametrize(
    ("trigger", "missing"),
    [
        (Trigger(on="decision", by="party/council"), "the decision of party/council"),
        (
            Trigger(on="entry-into-force-of", thing="agreement/y"),
            "the entry into force of agreement/y",
        ),
        (
            Trigger(on="words", words="in good time"),
            "a claimed day (the rule is in words: in good time)",
        ),
    ],
)
def test_what_the_record_of_one_agreement_cannot_know_only_a_claimed_day_answers(
    trigger: Trigger, missing: str
) -> None:
    answer = whether(by(trigger))
    assert (answer.answer, answer.computed, answer.missing) == ("cannot tell", None, missing)
    claimed = whether(by(trigger, consented(), in_force("1986-01-01")))
    assert (claimed.answer, claimed.claimed) == ("yes", "1986-01-01")


def test_all_of_and_first_of_join_triggers() -> None:
    one = Trigger(on="instruments", n=1)
    dated = Trigger(on="date", day="1985-01-01")
    told = Trigger(on="words", words="when it suits")
    both_ = Trigger(on="all-of", of=(one, dated))
    either = Trigger(on="first-of", of=(one, dated))
    assert day(many(both_, "1980-01-01")) == ("1985-01-01", "")
    assert day(many(either, "1980-01-01")) == ("1980-01-01", "")
    assert day(many(both_)) == (None, "1 more instrument")
    exchanged = Trigger(on="all-of", of=(one, Trigger(on="exchange")))
    assert day(many(exchanged)) == (None, "1 more instrument; the exchange of instruments")
    assert day(many(either)) == ("1985-01-01", "")
    unsure = many(Trigger(on="first-of", of=(dated, told)), on=date(1984, 1, 1))
    assert whether(unsure).answer == "cannot tell"
    by_then = many(Trigger(on="first-of", of=(dated, told)), on=date(1985, 1, 1))
    assert whether(by_then).answer == "yes"


def test_a_claimed_day_stands_beside_the_computed_one_and_goes_first() -> None:
    answer = whether(
        many(N3, "1980-01-01", "1980-02-01", "1980-03-01", delay="P30D", on=date(1980, 3, 31))
    )
    assert (answer.answer, answer.claimed, answer.computed) == ("yes", None, "1980-03-31")
    rule = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=N3))
    state = fold([rule, *deposits("1980-01-01"), in_force("1980-06-01")])
    found = whether(state)
    assert (found.answer, found.claimed, found.missing) == (
        "yes",
        "1980-06-01",
        "2 more instruments",
    )


def test_an_ended_agreement_is_not_in_force() -> None:
    ended = fact(e.Terminated, "1989-01-01", ground="by consent")
    assert whether(fold([consented(), in_force(), ended])).answer == "no"


def test_a_paper_comes_into_operation_by_its_rule() -> None:
    rule = Rule(when=Trigger(on="date", day="1982-01-01"))
    rule_set = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=rule)
    state = fold([rule_set, signed(), signed(party=B)], gate="presumed-not-binding", sides=(A, B))
    assert whether(state).mode == "operation"
    assert (whether(state).computed, standing_of(state, A).since) == ("1982-01-01", "1982-01-01")


# From when a State is bound that consents (VCLT 24(3)).

ONE = Trigger(on="instruments", n=1)


def later_party(**rule: Any) -> str | None:
    """Return since when C is a party that acceded on 1985-01-15, five years after another."""
    rule_set = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=Rule(when=ONE, **rule))
    accessions = [consented("1980-01-01", "accession", A), consented("1985-01-15", "accession", C)]
    standing = standing_of(fold([rule_set, *accessions]), C)
    return standing.since if standing.name == "party" else None


def test_a_later_instrument_binds_at_once_unless_the_rule_says_otherwise() -> None:
    assert later_party() == "1985-01-15"
    assert later_party(delay="P90D") == "1985-01-15"
    assert later_party(delay="P90D", later=Later(same=True)) == "1985-04-15"
    assert later_party(later=Later(delay="P30D")) == "1985-02-14"
    assert later_party(later=Later(delay="P30D", snap="month-start:1")) == "1985-03-01"
    assert later_party(later=Later(delay="P10Y")) is None


def test_who_consents_between_the_trigger_and_the_day_waits_for_its_own() -> None:
    rule = Rule(when=ONE, delay="P90D", later=Later(same=True))
    rule_set = fact(e.EntryIntoForceRuleSet, "1979-01-01", rule=rule)
    given_facts = [
        rule_set,
        consented("1980-01-01", "accession", A),
        consented("1980-02-01", "accession", B),
    ]
    assert standing_of(fold(given_facts), A).since == "1980-03-31"
    assert standing_of(fold(given_facts), B).since == "1980-05-01"
    assert both(fold(given_facts, date(1980, 3, 31))) == ("party", "contracting")


def test_a_successor_is_a_party_from_the_succession_of_states() -> None:
    known = consented("1983-07-01", "succession", acted="1988-01-01", party=C)
    base = [consented("1980-01-01", "accession", A), in_force("1981-01-01")]
    assert standing_of(fold([*base, known]), C).since == "1983-07-01"
    unknown = consented("[..1988-01-01]", "succession", acted="1988-01-01", party=C)
    assert standing_of(fold([*base, unknown]), C).since == "[1981-01-01..1988-01-01]"


def test_no_rule_in_words_keeps_a_claimed_entry_into_force_from_binding() -> None:
    state = after(fold([consented("1980-01-01", "accession"), ruled()]), in_force("1985-01-01"))
    assert standing_of(state, A).since == "1985-01-01"


# The seven conventions whose rule is known, from the lists as of 2015.

_cell = re.compile(r"(\d{1,2} \w{3} \d{4})(?: (\w+))?").fullmatch
_MODES = {"a": "accession", "A": "acceptance", "AA": "approval", "c": "formal-confirmation"}


def instruments(path: Path) -> Iterator[Any]:
    """Yield a consent for each dated cell that stands under no signature."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        for n, row in enumerate(csv.DictReader(text)):
            for column, cell in row.items():
                if column in ("Participant", "Signature") or not (match := _cell(cell or "")):
                    continue
                on = datetime.strptime(match[1], "%d %b %Y").date().isoformat()  # noqa: DTZ007 - a day
                party = f"party/list-{n}"
                if match[2] == "d":
                    yield consented(f"[..{on}]", "succession", party, acted=on)
                else:
                    yield consented(on, _MODES.get(match[2], "ratification"), party)


def known_rules() -> list[dict[str, str]]:
    path = DATA / "eif-rules.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def test_the_lists_of_the_seven_conventions_are_at_hand() -> None:
    if not known_rules():
        pytest.skip("the UN lists do not lie beside the repository in ../shared/data/treaty")
    assert len(known_rules()) == 7


@pytest.mark.parametrize("row", known_rules(), ids=lambda row: row["short_name"])
def test_the_lists_give_the_day_of_entry_into_force(row: dict[str, str]) -> None:
    listed = DATA / "un-mtdsg" / "treaties" / f"{row['mtdsg_file']}.csv"
    if not listed.is_file():
        pytest.skip(f"the UN list {row['mtdsg_file']} does not lie beside the repository")
    delay, _, start = row["delay"].partition("+")
    snap = {"snap": "month-start:1"} if start == "next-month-start" else {}
    rule = Rule(when=Trigger(on="instruments", n=int(row["n_instruments"])), delay=delay, **snap)  # type: ignore[arg-type]
    rule_set = fact(e.EntryIntoForceRuleSet, "1940-01-01", rule=rule)
    state = fold([rule_set, *instruments(listed)], LATER_THAN_ALL)
    assert computed_days(state).when.day == date.fromisoformat(row["date_computed_from_data"])
    assert whether(state).answer == "yes"


# Days that may be several.


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1980-02", date(1980, 2, 1), date(1980, 2, 29)),
        ("[..1980-02-03]", date.min, date(1980, 2, 3)),
        ("[1980-02-03..]", date(1980, 2, 3), NEVER),
        ("1980-02-03?", date(1980, 2, 2), date(1980, 2, 4)),
        ("1980-02~", date(1980, 1, 1), date(1980, 3, 29)),
        ("1980%", date(1979, 1, 1), date(1981, 12, 31)),
        ("1980-02/1981-03", date(1980, 2, 1), date(1980, 2, 29)),
        ("../1981-03", date.min, date(1981, 3, 31)),
        (None, date.min, NEVER),
    ],
)
def test_a_date_spans_the_days_it_may_mean(text: str | None, first: date, last: date) -> None:
    assert interval(text) == (first, last)


DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
SPANS = st.tuples(DATES, DATES).map(lambda pair: Interval(min(pair), max(pair)))


@given(SPANS, SPANS)
def test_order_is_certain_only_where_every_reading_has_it(a: Interval, b: Interval) -> None:
    readings = {x < y for x in a for y in b}
    answer = before(a, b)
    assert (answer == "yes") == (readings == {True})
    assert (answer == "no") == (readings == {False})
    assert may_be_one_day(a, b) == (a.first <= b.last and b.first <= a.last)


@given(st.lists(SPANS, min_size=1, max_size=4), DATES)
def test_the_first_and_the_last_of_several_come_as_they_must(
    spans: list[Interval], on: date
) -> None:
    answers = [one.by(on) for one in spans]
    assert (latest(*spans).by(on) == "yes") == (set(answers) == {"yes"})
    assert (earliest(*spans).by(on) == "yes") == ("yes" in answers)
    assert (latest(*spans).by(on) == "no") == ("no" in answers)
    assert (earliest(*spans).by(on) == "no") == (set(answers) == {"no"})


def test_a_delay_beyond_the_calendar_never_ends() -> None:
    assert shift(interval("9998-01-01"), "P9999Y", None) == (NEVER, NEVER)
    assert shift(interval("9999-12-30"), "P90D", "month-start:1") == (NEVER, NEVER)
    assert shift(interval(None), "P90D", None) == interval(None)
