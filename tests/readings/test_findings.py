"""Does every check find what it is for, and nothing where there is nothing?"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from domain.claims.claim import Clocks
from domain.claims.ranking import policy
from events.amounts import read_quantity
from events.body import SourceRef
from events.catalogue import body_class
from events.kinds.entry_into_force_rule import Rule, Trigger
from events.value import replace
from projections.queries.findings import CHECKS, WANTED, Finding, FindingList, list_findings
from projections.read_model.database import ReadModel
from tests.readings.served import Fact, a_record

Run = Callable[..., CompletedProcess[str]]
RECORDED_ON, ASKED = date(2026, 1, 1), Clocks(date(2025, 12, 31))
A, B = "party/aa", "party/bb"


def said(type_: str, on: str | None = "2025-06-01", by: str = A, **fields: Any) -> Fact:
    """Return a fact; `thing` is that of its kind, amounts are written as people do."""
    thing = fields.pop("subject", f"{type_.partition('.')[0]}/x")
    amounts = ("amount", "value", "power", "access")
    own = {k: read_quantity(v) if k in amounts else v for k, v in fields.items()}
    common: dict[str, Any] = {
        "asserted_by": by,
        "basis": "press",
        "sources": sources(f"source/{by[-2:]}"),
        "effective": on,
    }
    return Fact(thing, type_, body_class(type_)(**{**common, **own}))


def sources(*names: str, published: str | None = None) -> tuple[SourceRef, ...]:
    return tuple(SourceRef(source=name, published=published) for name in names)


def found(
    *facts: Fact, checks: tuple[str, ...] = (), clocks: Clocks = ASKED, name: str = "primary-first"
) -> list[Finding]:
    """Return what is found on a ledger of these facts."""
    return listing(*facts, checks=checks, clocks=clocks, name=name).found


def listing(
    *facts: Fact, checks: tuple[str, ...] = (), clocks: Clocks = ASKED, name: str = "primary-first"
) -> FindingList:
    """Return the same with its counts."""
    with a_record(RECORDED_ON) as record:
        record.add(facts)
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            return list_findings(answers, clocks, policy(name), checks=checks)


def bought(amount: str, by: str = A) -> Fact:
    return said("reserve.acquired", amount=amount, mode="purchase", by=by)


def sold(amount: str) -> Fact:
    return said("reserve.disposed", "2025-07-01", amount=amount, mode="sale")


def bought_in(amount: str, on: str) -> Fact:
    return said("reserve.acquired", on, B, amount=amount, mode="purchase")


def seized(amount: str, on: str, by: str = A) -> Fact:
    return said("reserve.seized", on, by, amount=amount)


def policy_set(words: str, by: str = A) -> Fact:
    return said("reserve.policy-set", by=by, policy="hold", words=words)


def held(amount: str, by: str, on: str = "2025-06-01") -> Fact:
    return said("reserve.holding-reported", on, by, amount=amount, scope="unstated")


def kind(name: str, by: str = A) -> Fact:
    return said("agreement.described", None, by, kind=name)


def in_force(on: str) -> list[Fact]:
    rule = Rule(when=Trigger(on="instruments", n=1))
    return [
        said("agreement.described", None, binding="binding"),
        said("agreement.entry-into-force-rule-set", "2025-01-01", rule=rule),
        said("agreement.consent-expressed", "2025-02-01", party=A, mode="accession"),
        said("agreement.entered-into-force", on, mode="definitive"),
    ]


def cited(published: str | None = None) -> Fact:
    return said("source.cited", None, publisher=A, published=published)


def gone(outcome: str = "gone") -> Fact:
    return said("source.rechecked", "2025-07-01", outcome=outcome)


def of_type(type_: str) -> list[Fact]:
    """Return that a party of a type consents to an agreement."""
    return [
        said("party.established", None, subject="party/pp", name="P", type=type_),
        said("agreement.consent-expressed", party="party/pp", mode="accession"),
    ]


def bought_by(source: str, on: str = "2025-06-01") -> Fact:
    """Return a purchase of a day, by a source published on another."""
    of = sources("source/aa", published=source)
    return said("reserve.acquired", on, amount="1 BTC", mode="purchase", sources=of)


def resting_on(*names: str, published: str | None = None) -> Fact:
    return said("agreement.announced", sources=sources(*names, published=published))


def law_until(until: str | None) -> Fact:
    return said("law.in-force", "2025-07-09", until=until)


def denied(type_: str) -> Fact:
    span = "2025-05-01/2025-06-30"
    return said("claim.denied", subject="reserve/x", by=B, type=type_, span=span, ground="None.")


KINDS = ("agreement/x/1", "agreement/x/2")
RESOLVED = said(
    "claim.resolved", subject="agreement/x", winner=KINDS[1], among=KINDS, ground="Read."
)
RETRACTED = said("claim.retracted", subject="agreement/x", target=KINDS[1], reason="duplicate")
BOTH = ("reserve/x/1", "reserve/x/2")
TWO_KINDS = [kind("treaty"), kind("memorandum", B)]

# Of each check: the facts on which it fires and the events it names; the facts on which not.
FIRES: dict[str, list[tuple[list[Fact], tuple[str, ...]]]] = {
    "order": [
        ([said("agreement.withdrawal-notified", party=A)], ("agreement/x/1",)),  # a refusal
        ([said("allocation.withdrawn")], ("allocation/x/1",)),  # a finding
    ],
    "contested": [
        (TWO_KINDS, KINDS),
        ([bought("1 BTC"), denied("reserve.acquired")], ("reserve/x/1", "reserve/x/2")),
        ([held("1 BTC", A), held("2 BTC", B)], ("reserve/x/1", "reserve/x/2")),
    ],
    "compatible": [([held("over 1 BTC", A), held("2 BTC", B)], ("reserve/x/2", "reserve/x/1"))],
    "single-source": [([bought("1 BTC")], ("reserve/x/1",))],
    "cannot-tell": [
        ([said("agreement.announced", "[2025-06-01..2026-06-01]")], ("agreement/x/1",)),
        ([said("agreement.announced", None)], ("agreement/x/1",)),
    ],
    "dead-source": [
        ([cited(), gone(), resting_on("source/x")], ("agreement/x/1",)),
        ([cited(), gone("changed"), resting_on("source/x")], ("agreement/x/1",)),
        (
            [
                cited(),
                said(
                    "claim.retracted", subject="source/x", target="source/x/1", reason="duplicate"
                ),
                resting_on("source/x"),
            ],
            ("agreement/x/1",),
        ),
    ],
    "source-differs": [
        ([cited("2025-06-02"), resting_on("source/x", published="2025-06-03")], ("agreement/x/1",))
    ],
    "recorded-before-published": [
        ([resting_on("source/x", published="2026-01-02")], ("agreement/x/1",))
    ],
    "overdrawn": [
        ([bought("1 BTC"), sold("2 BTC")], ("reserve/x/2",)),
        (  # the flows do not add up, and which of them came first is unknown
            [
                bought("1 BTC"),
                said("reserve.disposed", "[..2025-07-01]", amount="2 BTC", mode="sale"),
            ],
            ("reserve/x/2", "reserve/x/1"),
        ),
    ],
    "possible-duplicate": [
        ([bought("1 BTC"), bought("1 BTC", B)], BOTH),
        ([policy_set("It stays."), policy_set("It stays.", B)], BOTH),
        # One size and no sure day near each other: one happening, or counted twice.
        ([seized("61,000 BTC", "2018-10"), seized("over 61,000 BTC", "2021-07", B)], BOTH),
        ([bought("1 BTC"), bought_in("1 BTC", "2025-06")], BOTH),
        # Two roundings of one figure.
        ([seized("94,636 BTC", "2022-02"), seized("94,640 BTC", "2022", B)], BOTH),
        ([bought("5,200 BTC"), bought("5,216 BTC", B)], BOTH),
        ([bought("2,381 BTC"), bought_in("2,380 BTC", "2025")], BOTH),
    ],
    "unexplained-fall": [([held("10 BTC", A), held("4 BTC", A, "2025-08-01")], BOTH)],
    "zero-amount": [([bought("0 BTC")], ("reserve/x/1",))],
    "unreconciled": [([bought("1 BTC"), held("2 BTC", A, "2025-06-02")], ("reserve/x/2",))],
    "above-all-bitcoin": [([bought("20,000,000 BTC"), bought("1,500,000 BTC")], BOTH)],
    "not-the-computed-day": [(in_force("2025-03-01"), ("agreement/x/4",))],
    "past-its-day": [([law_until("2025-11-05")], ("law/x/1",))],
    "lapsed-resolution": [([*TWO_KINDS, RESOLVED, RETRACTED], ("agreement/x/3",))],
    "consents-not-recorded": [
        ([said("agreement.entered-into-force", mode="definitive")], ("agreement/x/1",))
    ],
    "no-subject": [
        (of_type("publisher"), ("agreement/x/1",)),
        (of_type("person"), ("agreement/x/1",)),
    ],
    "published-before-it-happened": [
        ([bought_by("2025-05-31")], ("reserve/x/1",)),
        ([bought_by("2025-05")], ("reserve/x/1",)),
        ([bought_by("2024", on="2025-06")], ("reserve/x/1",)),
    ],
    "day-far-ahead": [
        ([bought_by("2026-03-01", on="2026-02-01")], ("reserve/x/1",)),
        ([said("agreement.announced", "2026-03")], ("agreement/x/1",)),
    ],
}
SILENT: dict[str, list[list[Fact]]] = {
    "order": [
        [bought("1 BTC"), sold("1 BTC")],
        [said("agreement.withdrawal-notified", None, party=A)],
    ],
    "contested": [
        [kind("treaty"), kind("treaty", B)],
        [bought("1 BTC"), denied("reserve.lost")],
        [held("1 BTC", A), held("2 BTC", B, "2025-06-03")],
    ],
    "compatible": [
        [held("2 BTC", A), held("2 BTC", B)],
        [held("1 BTC", A), held("2 BTC", B)],
        [held("over 1 BTC", A), held("2 BTC", B, "2025-06-03")],
    ],
    "single-source": [
        [kind("treaty"), kind("treaty", B)],
        [said("agreement.announced", basis="recorder", by="party/recorder", sources=None)],
    ],
    "cannot-tell": [
        [said("agreement.announced", "[2025-06-01..2025-12-31]")],
        [said("agreement.announced", "2026-01-01")],
    ],
    "dead-source": [
        [cited(), gone("alive"), resting_on("source/x")],
        [cited(), gone(), resting_on("source/x", "source/y")],
    ],
    "source-differs": [
        [cited("2025-06-02"), resting_on("source/x", published="2025-06-02")],
        [cited("2025-06"), resting_on("source/x", published="2025-06-03")],
        [cited(), resting_on("source/x", published="2025-06-03")],
    ],
    "recorded-before-published": [[resting_on("source/x", published="2026-01-01")]],
    "overdrawn": [[bought("2 BTC"), sold("2 BTC")], [sold("up to 2 BTC")]],
    "possible-duplicate": [
        [bought("1 BTC"), bought("2 BTC", B)],
        [bought("1 BTC"), said("reserve.acquired", "2025-06-03", B, amount="1 BTC", mode="mining")],
        [policy_set("It stays."), policy_set("It is kept.", B)],
        [held("1 BTC", A), held("1 BTC", B)],
        [seized("61,000 BTC", "2018-10"), seized("61,000 BTC", "2021-07")],
        [seized("61,000 BTC", "2018-10"), seized("61,700 BTC", "2018-10", B)],
        [bought("5,200 BTC"), bought("5,216 BTC")],
        [bought("1 BTC"), bought_in("1 BTC", "2025-08")],
    ],
    "unexplained-fall": [
        [held("10 BTC", A), held("4 BTC", A, "2025-08-01"), sold("6 BTC")],
        [held("10 BTC", A), held("5 BTC", A, "2025-08-01")],
        [held("10 BTC", A), held("4 BTC", B, "2025-08-01")],
        [held("over 10 BTC", A), held("over 4 BTC", A, "2025-08-01")],
    ],
    "zero-amount": [[bought("1 BTC")], [held("0 BTC", A)]],
    "unreconciled": [
        [bought("over 1 BTC"), held("2 BTC", A, "2025-06-02")],
        [bought("1 BTC"), held("0 BTC", A, "2025-05-31")],
        [held("2 BTC", A)],
    ],
    "above-all-bitcoin": [[bought("20,000,000 BTC")]],
    "not-the-computed-day": [
        in_force("2025-02-01"),
        in_force("2025-02"),
        in_force("2025-03-01")[2:],
    ],
    "past-its-day": [
        [law_until("2025-12-31")],
        [law_until(None)],
        [law_until("2025-11-05"), said("law.extended", "2025-11-01", until="2026-03-05")],
        [law_until("2025-11-05"), said("law.ceased", "2025-11-05", how="lapsed")],
    ],
    "lapsed-resolution": [[*TWO_KINDS, RESOLVED]],
    "consents-not-recorded": [in_force("2025-02-01")],
    "no-subject": [
        of_type("state"),
        of_type("organisation"),
        [said("agreement.consent-expressed", party=A, mode="accession")],
    ],
    "published-before-it-happened": [
        [bought_by("2025-06-01")],
        [bought_by("2025-06", on="2025-06-30")],
        [said("law.in-force", "2025-07-09", sources=sources("source/aa", published="2025-06-01"))],
    ],
    "day-far-ahead": [
        [bought_by("2026-01-02", on="2026-01-02")],
        [bought_by("2026-03-01", on="[2025-12-01..2026-02-01]")],
        [said("law.in-force", "2026-07-09")],
    ],
}  # fmt: skip


# It needs a clock behind the log: tests/counter/test_recorded_clock.py.
TRIED_ELSEWHERE = {"recorded-ahead"}


def rows(cases: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(check, case, id=f"{check}-{n}")
        for check, several in cases.items()
        for n, case in enumerate(several, 1)
    ]


def test_every_check_has_a_ledger_on_which_it_fires_and_one_on_which_it_does_not() -> None:
    assert list(FIRES) == list(SILENT)
    assert sorted({*FIRES, *TRIED_ELSEWHERE}) == sorted(CHECKS)


@pytest.mark.parametrize(("check", "case"), rows(FIRES))
def test_a_check_finds_what_it_is_for(check: str, case: Any) -> None:
    facts, events = case
    (one,) = found(*facts, checks=(check,))
    assert (one.check, one.events) == (check, events)
    assert one.subject == events[0].rpartition("/")[0]
    assert one.sentence.strip()


@pytest.mark.parametrize(("check", "facts"), rows(SILENT))
def test_a_check_is_silent_where_there_is_nothing(check: str, facts: list[Fact]) -> None:
    assert found(*facts, checks=(check,)) == []


def test_without_a_name_all_checks_are_asked_but_what_is_asked_by_name() -> None:
    facts = [bought("1 BTC"), sold("2 BTC")]
    assert {one.check for one in found(*facts)} == {"overdrawn"}


def test_what_needs_no_person_is_counted_and_listed_by_its_name() -> None:
    facts = [bought("2 BTC"), held("over 1 BTC", A), held("2 BTC", B), sold("3 BTC")]
    facts += [said("reserve.policy-set", None, policy="hold", words="hold")]
    listed = listing(*facts)
    assert {one.check for one in listed.found} == {"overdrawn"}
    assert listed.counts == {"overdrawn": 1, "compatible": 1, "cannot-tell": 1}
    assert [one.check for one in found(*facts, checks=("compatible",))] == ["compatible"]


WANTING: dict[str, tuple[list[Fact], tuple[str, ...]]] = {
    "no-day": ([said("reserve.announced", None)], ("reserve/x/1",)),
    "no-source": (
        [said("reserve.announced", by="party/recorder", basis="recorder", sources=None)],
        ("reserve/x/1",),
    ),
    "no-second-origin": ([bought("1 BTC")], ("reserve/x/1",)),
    "no-rule": ([kind("treaty")], ()),
    "no-holder": ([held("1 BTC", A)], ()),
    "no-figure": ([bought("1 BTC")], ()),
}
NOT_WANTING: dict[str, list[Fact]] = {
    "no-day": [said("reserve.announced"), kind("treaty")],
    "no-source": [cited(), said("reserve.announced"), of_type("state")[0]],
    "no-second-origin": [held("1 BTC", A), held("1 BTC", B), cited()],
    "no-rule": [kind("treaty"), said("agreement.entered-into-force", mode="definitive")],
    "no-holder": [said("reserve.announced", holder=A)],
    "no-figure": [held("1 BTC", A)],
}


@pytest.mark.parametrize("check", WANTED)
def test_what_is_wanted_is_found_where_it_is_lacking(check: str) -> None:
    facts, events = WANTING[check]
    assert [one.events for one in found(*facts, checks=(check,))] == [events]
    assert found(*NOT_WANTING[check], checks=(check,)) == []


def test_a_paper_that_is_presumed_not_to_bind_needs_no_rule() -> None:
    assert found(kind("memorandum"), checks=("no-rule",)) == []
    assert len(found(kind("treaty"), kind("memorandum", B), checks=("no-rule",))) == 1


def test_what_takes_effect_later_is_not_found_before() -> None:
    facts = [bought("1 BTC"), sold("2 BTC")]
    assert found(*facts, checks=("overdrawn",), clocks=Clocks(date(2025, 6, 30))) == []


def test_what_was_public_or_known_later_is_not_found_before() -> None:
    early, late = (
        sources(f"source/{who}", published=f"2025-0{n}-01") for n, who in ((6, "a"), (8, "b"))
    )
    first, second = kind("treaty"), kind("memorandum", B)
    facts = [
        first._replace(body=replace(first.body, sources=early)),
        second._replace(body=replace(second.body, sources=late)),
    ]
    asked: dict[str, Any] = {"checks": ("contested",)}
    assert len(found(*facts, **asked)) == 1
    assert found(*facts, clocks=ASKED._replace(public_at=date(2025, 7, 1)), **asked) == []
    assert found(*facts, clocks=ASKED._replace(known_at=2), **asked) == []


def test_the_policy_asked_for_picks_what_is_checked() -> None:
    facts = [bought("1 BTC"), bought("3 BTC", B), sold("2 BTC")]
    linked = said(
        "claim.same-occurrence", subject="reserve/x", target="reserve/x/1", with_="reserve/x/2"
    )
    names = (f"prefer:{A}", f"prefer:{B}")
    assert [len(found(*facts, linked, checks=("overdrawn",), name=name)) for name in names] == [
        1,
        0,
    ]


def test_findings_are_exit_code_1_and_none_are_silence_and_0(
    depositary: Run, demo_once: Path
) -> None:
    def asked(*words: str) -> tuple[int, str]:
        ran = depositary("--ledger", demo_once, "findings", *words)
        assert ran.stderr == ""
        return ran.returncode, ran.stdout

    code, told = asked("--check", "past-its-day", "--as-of", "2025-11-07")
    assert (code, "law/pk-virtual-assets-ordinance-2025" in told) == (1, True)
    assert asked("--check", "past-its-day", "--as-of", "2025-11-04") == (0, "")
    assert asked("--subject", "reserve/pk", "--check", "overdrawn") == (0, "")
    code, told = asked("--list")
    _, *checks, count = told.splitlines()
    every = [*CHECKS, *WANTED]
    assert (code, [line.split()[0] for line in checks]) == (0, every)
    assert count == f"{len(every)} rows"
    code, told = asked("--subject", "source/article", "--wanted")
    assert (code, told) == (0, "")
    code, told = asked("reserve/sv", "--wanted")
    assert (code, "no-second-origin" in told, "contested" in told) == (1, True, False)


def test_what_is_counted_alone_is_no_reason_to_fail(depositary: Run, demo_once: Path) -> None:
    ran = depositary("--ledger", demo_once, "findings", "party/arkham")
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[0] == "found: 1 cannot-tell"
    asked = depositary("--ledger", demo_once, "findings", "--wanted", "--check", "order")
    assert asked.returncode == 2
    assert "depositary findings --wanted" in asked.stderr.splitlines()[-1]


def test_a_check_that_is_none_is_exit_code_2(depositary: Run, demo_once: Path) -> None:
    ran = depositary("--ledger", demo_once, "findings", "--check", "overdrawm")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "did you mean overdrawn?" in ran.stderr.splitlines()[1]


def test_a_figure_of_another_day_from_another_origin_is_no_second_origin() -> None:
    def wanted(*facts: Fact) -> list[tuple[str, ...]]:
        return [one.events for one in found(*facts, checks=("no-second-origin",))]

    def reported(amount: str, on: str, by: str = A) -> Fact:
        return said("reserve.holding-reported", on, by, amount=amount)

    older, newest = reported("1 BTC", "2025-01-01", B), reported("2 BTC", "2025-06-01")
    assert wanted(newest) == [("reserve/x/1",)]
    assert wanted(older, newest) == [("reserve/x/2",)]
    assert wanted(reported("2 BTC", "2025-05-31", B), newest) == []
    assert wanted(reported("over 1 BTC", "2025-06-01", B), newest) == []


def test_a_claim_without_a_day_or_of_a_later_one_names_the_holder_too() -> None:
    for on in (None, "2030-01-01"):
        named = said("reserve.established", on, holder="party/aa")
        assert found(held("1 BTC", A), named, checks=("no-holder",)) == []


def test_a_description_of_several_fields_is_found_once() -> None:
    fields: dict[str, Any] = {
        "title": "A paper",
        "kind": "memorandum",
        "parties": ("party/aa", "party/bb"),
    }
    described = said("agreement.described", "2025-01-01", **fields)
    for check in ("single-source", "no-second-origin"):
        assert [one.events for one in found(described, checks=(check,))] == [("agreement/x/1",)]


def test_a_finding_that_a_claim_perhaps_public_joins_is_one() -> None:
    def told(fact: Fact, day: str) -> Fact:
        cited = sources(f"source/{fact.body.asserted_by[-2:]}", published=day)
        return fact._replace(body=replace(fact.body, sources=cited))

    two = [told(held("1 BTC", A), "2025-06-02"), told(held("2 BTC", B), "2025-06-02")]
    more = told(held("3 BTC", "party/cc"), "2025-07")
    asked = Clocks(ASKED.as_of, date(2025, 7, 10))
    (row,) = found(*two, more, checks=("contested",), clocks=asked)
    assert (row.events, row.perhaps) == (("reserve/x/1", "reserve/x/2"), False)
    (row,) = found(two[0], more, checks=("contested",), clocks=asked)
    assert row.perhaps
