"""Do the questions across the ledger answer at the counter, on every clock and in every form?"""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.claims.claim import Clocks
from domain.claims.ranking import policy
from events.body import RECORDER
from events.kinds.claim_events import Corrected, Denied, Retracted
from events.kinds.source import Archived, Rechecked
from events.value import replace
from projections.queries.disputes import list_disputes
from projections.queries.show import show_subject
from projections.queries.statements import list_statements
from projections.read_model.database import ReadModel
from projections.read_model.mentions import ASSERTS
from tests.properties.histories import plain
from tests.readings.conftest import Ran
from tests.readings.served import Fact, a_record
from tests.readings.test_findings import A, B, held, kind, said, sources

Counter = Callable[..., Ran]
Document = Callable[..., Any]
TODAY = date(2026, 1, 1)
ASKED = Clocks(TODAY)
EVERY_QUESTION = (
    "disputes",
    "disputes --kind reserve --party bukele --since @100",
    "reserve total",
    "reserve total --by holder --type company",
    "reserve series sv",
    "reserve series sv --every year",
    "agreement standing --party onbtc",
    "party statements bukele",
    "party statements --changed",
    "findings --wanted reserve/sv",
    "source history onbtc",
)
CLOCKS = (
    "",
    "--as-of 2025-07-18",
    "--as-of 2025-07-31 --public-at 2025-07-31",
    "--known-at @240",
    "--policy strict",
    "--policy latest --as-of 2025-07-18T12:00:00Z",
)


@pytest.mark.parametrize("question", EVERY_QUESTION)
def test_every_question_takes_every_clock_and_can_be_asked_again(
    question: str, counter: Counter
) -> None:
    for clocks in CLOCKS:
        ran = counter(*question.split(), *clocks.split(), "--json")
        assert ran.code in (0, 1), ran.err
        found = json.loads(ran.out)
        again = counter(*found["reproduce"].split()[1:], "--json")
        assert json.loads(again.out) == found, found["reproduce"]
        rows = list(
            csv.reader(io.StringIO(counter(*question.split(), *clocks.split(), "--csv").out))
        )
        assert {len(row) for row in rows} == {len(rows[0])}, question


def test_disputes_are_the_contested_findings_of_the_same_clocks(
    document: Document, counter: Counter
) -> None:
    for clocks in ("--as-of 2025-07-31", "--known-at @240", "--policy latest"):
        found = document("disputes", *clocks.split())["rows"]
        ran = counter("findings", "--check", "contested", *clocks.split(), "--json")
        contested = json.loads(ran.out)["rows"]
        assert sorted(r["subject"] for r in found) == sorted(r["subject"] for r in contested) != []


def test_disputes_are_chosen_by_party_kind_and_when_they_arose(document: Document) -> None:
    every = document("disputes")
    for party in ("bukele", "imf", "sv-mof"):
        name = f"party/{party}"
        expected = [r for r in every["rows"] if name in (*r["claimants"], *r["denied_by"])]
        assert document("disputes", "--party", party)["rows"] == expected != []
    of_reserves = [row for row in every["rows"] if row["subject"].startswith("reserve/")]
    assert document("disputes", "--kind", "reserve")["rows"] == of_reserves
    middle = every["rows"][8]["position"]
    later = document("disputes", "--since", f"@{middle}")["rows"]
    assert later == [row for row in every["rows"] if row["position"] >= middle]
    assert len(later) < len(every["rows"])
    day = every["rows"][0]["recorded"][:10]
    assert document("disputes", "--since", day)["rows"] == every["rows"]
    instant = f"{every['rows'][0]['recorded'][:19]}Z"
    assert document("disputes", "--since", instant)["rows"] == every["rows"]
    assert document("disputes", "--since", "2100-01-01")["rows"] == []


@pytest.mark.parametrize(
    ("words", "then"),
    [
        (("disputes", "--kind", "reserves"), "depositary disputes --kind reserve"),
        (("disputes", "--since", "soon"), "depositary help dates"),
        (("reserve", "total", "--type", "staat"), "depositary reserve total --type state"),
        (("reserve", "total", "--by", "party"), "depositary reserve total --by holder"),
        (("reserve", "series", "sv", "--every", "week"), "the same command with --every month"),
        (("agreement", "standing"), "depositary agreement standing --party sv"),
        (
            ("agreement", "standing", "x", "--party", "sv"),
            "depositary agreement standing --party sv",
        ),
        (("party", "statements"), "depositary party statements --changed"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_what_is_mistyped_says_what_to_type(
    words: tuple[str, ...], then: str, turned_away: Callable[..., list[str]]
) -> None:
    assert turned_away(2, *words)[2] == then


def test_a_series_says_at_each_end_what_the_list_says_that_day(document: Document) -> None:
    found = document("reserve", "series", "sv", "--every", "year", "--as-of", "2026-03-15")
    assert [row["on"] for row in found["rows"]][-2:] == ["2025-12-31", "2026-03-15"]
    for row in found["rows"]:
        listed = document("reserve", "list", "--as-of", row["on"])
        (line,) = [one for one in listed if one["subject"] == "reserve/sv"]
        assert {name: line[name] for name in row if name != "on"} == {
            name: given for name, given in row.items() if name != "on"
        }


def test_a_figure_of_a_series_is_selected_as_on_its_day(document: Document) -> None:
    rows = document("reserve", "series", "sv", "--as-of", "2026-03-15")["rows"]
    assert [row["effective"] for row in rows[:2]] == ["2021-09-06", "2021-09-07"]
    for row in rows:
        if len(row["effective"]) == 10 and row["type"] == "reserve.holding-reported":
            shown = document("reserve", "show", "sv", "--as-of", row["effective"])
            whole = shown["answer"]["reported"]
            assert row["selected"] == (whole["claim"] == row["id"])


def test_a_party_stands_where_sql_says_that_it_stands(document: Document) -> None:
    for day in ("2025-07-16", "2025-12-31"):
        sql = "select party, agreement, status, since from standings where status != 'none'"
        expected = document("query", sql, "--as-of", day)["rows"]
        assert expected
        for party in {row["party"] for row in expected}:
            found = document("agreement", "standing", "--party", party, "--as-of", day)["rows"]
            assert [
                {"party": party, **{n: row[n] for n in ("agreement", "status", "since")}}
                for row in found
                if row["status"] != "none"
            ] == [row for row in expected if row["party"] == party]


def answers_of(*facts: Fact) -> Any:
    """Return a function that asks a ledger of these facts."""

    def ask(question: Callable[..., Any], *rest: Any, clocks: Clocks = ASKED) -> Any:
        with a_record(TODAY) as record:
            record.add(facts)
            with record.reader() as reader, ReadModel.open(reader, None) as answers:
                return question(answers, *rest, clocks, policy("primary-first"))

    return ask


def disputes(*facts: Fact, clocks: Clocks = ASKED) -> list[Any]:
    rows: list[Any] = answers_of(*facts)(list_disputes, clocks=clocks).rows
    return rows


def denied(target: str, by: str = B) -> Fact:
    thing = target.rpartition("/")[0]
    body = Denied(
        asserted_by=by, basis="press", sources=sources("source/bb"), target=target, ground="No."
    )
    return Fact(thing, "claim.denied", body)


def corrected(target: str, new: Fact, reason: str = "source-corrected") -> Fact:
    body = Corrected(
        asserted_by=A,
        basis="press",
        sources=sources("source/aa"),
        target=target,
        reason=reason,  # type: ignore[arg-type]
        data_type=f"{new.type}.v1",
        data=plain(new.body),
    )
    return Fact(new.thing, "claim.corrected", body)


def retracted(target: str) -> Fact:
    body = Retracted(asserted_by=RECORDER, basis="recorder", target=target, reason="duplicate")
    return Fact(target.rpartition("/")[0], "claim.retracted", body)


def test_a_dispute_arises_with_the_second_claim() -> None:
    (row,) = disputes(kind("treaty"), held("1 BTC", A), kind("memorandum", B))
    assert (row["position"], row["claimants"]) == (4, [A, B])


def test_a_dispute_of_figures_arises_with_the_newer_of_the_two() -> None:
    (row,) = disputes(held("1 BTC", A), kind("treaty"), held("2 BTC", B), held("2 BTC", "party/cc"))
    assert (row["position"], row["key"], row["fields"]) == (4, [""], ["figure"])
    assert row["claimants"] == [A, B, "party/cc"]


def test_a_dispute_arises_with_the_denial_and_ends_with_its_retraction() -> None:
    facts = [kind("treaty"), held("1 BTC", A), denied("agreement/x/1")]
    (row,) = disputes(*facts)
    assert (row["position"], row["claimants"], row["denied_by"]) == (4, [A], [B])
    assert disputes(*facts, clocks=Clocks(TODAY, known_at=3)) == []
    assert disputes(*facts, retracted("agreement/x/2")) == []


def test_a_dispute_arises_with_the_correction_that_makes_it() -> None:
    facts = [kind("treaty"), kind("treaty", B), held("1 BTC", A)]
    assert disputes(*facts) == []
    (row,) = disputes(*facts, corrected("agreement/x/1", kind("memorandum")))
    assert row["position"] == 5


def test_a_dispute_that_comes_back_arose_when_it_came_back() -> None:
    facts = [kind("treaty"), kind("memorandum", B), retracted("agreement/x/2"), kind("pact", B)]
    (row,) = disputes(*facts)
    assert row["position"] == 5


def changes(*facts: Fact, clocks: Clocks = ASKED) -> list[Any]:
    """Return what A changed: from which amount to which, the fields and the kind of change."""
    rows = answers_of(*facts)(
        lambda answers, asked, chosen: list_statements(answers, asked, chosen, A, changed=True),
        clocks=clocks,
    ).rows
    return [
        (
            row["previous"]["says"]["amount"]["text"],
            row["says"]["amount"]["text"],
            row["changed"],
            row["change"],
        )
        for row in rows
    ]


def amended(amount: str, reason: str, target: str = "reserve/x/1") -> Fact:
    return corrected(target, held(amount, A), reason)


SLIP, SOURCE = "recording-error", "source-corrected"


def test_a_text_corrected_for_the_source_changed_and_a_slip_did_not() -> None:
    one = held("1 BTC", A)
    assert changes(one, amended("2 BTC", SOURCE)) == [("1 BTC", "2 BTC", ["amount"], "corrected")]
    assert changes(one, amended("2 BTC", SLIP)) == []


@pytest.mark.parametrize("target", ["reserve/x/1", "reserve/x/2"])
def test_what_was_said_before_is_what_the_last_correction_of_the_source_replaced(
    target: str,
) -> None:
    def told(*reasons: str) -> list[Any]:
        first, second = reasons
        return changes(held("1 BTC", A), amended("2 BTC", first), amended("3 BTC", second, target))

    assert told(SOURCE, SOURCE) == [("2 BTC", "3 BTC", ["amount"], "corrected")]
    assert told(SLIP, SOURCE) == [("2 BTC", "3 BTC", ["amount"], "corrected")]
    assert told(SOURCE, SLIP) == [("1 BTC", "3 BTC", ["amount"], "corrected")]
    assert told(SLIP, SLIP) == []


def test_a_newer_figure_and_another_of_the_same_day_are_told_apart() -> None:
    first = figure("x", "1 BTC", "2025-06-01T08:00:00Z")
    for on, kind_of_change in (
        ("2025-06-02", "later day"),
        ("2025-06-01T09:00:00Z", "same day"),
        ("[2025-06-01..2025-06-03]", "same day"),
        (None, "unknown day"),
    ):
        ((*_, change),) = changes(first, figure("x", "2 BTC", on))
        assert change == kind_of_change, on
    assert changes(first, figure("x", "1 BTC", "2025-06-02")) == []


def test_another_statement_of_the_same_happening_is_told_as_one() -> None:
    ask = answers_of(kind("treaty"), kind("memorandum"))
    rows = ask(
        lambda answers, asked, chosen: list_statements(answers, asked, chosen, A, changed=True)
    ).rows
    assert [(row["change"], row["changed"]) for row in rows] == [("same happening", ["kind"])]


def test_a_source_is_shown_with_its_copies_its_checks_and_what_became_of_what_cites_it() -> None:
    of = {"asserted_by": RECORDER, "basis": "recorder", "effective": "2025-07-01"}
    copy = Archived(**of, sha256="0" * 64, media_type="text/html", bytes=10)  # type: ignore[arg-type]
    facts = [
        said("source.cited", None, subject="source/aa", title="A post"),
        Fact("source/aa", "source.archived", copy),
        Fact("source/aa", "source.rechecked", Rechecked(**of, outcome="alive")),  # type: ignore[arg-type]
        held("1 BTC", A),
        kind("treaty"),
        retracted("agreement/x/1"),
        held("3 BTC", B),
    ]
    found = answers_of(*facts)(lambda answers, *asked: show_subject(answers, "source/aa", *asked))
    assert [one["sha256"] for one in found["copies"]] == ["0" * 64]
    assert [one["outcome"] for one in found["checks"]] == ["alive"]
    cited = found["cited_by"]
    assert (cited["events"], cited["subjects"]) == (3, 3)
    assert [(one["id"], one["became"]) for one in cited["newest"]] == [
        ("agreement/x/1", "retracted"),
        ("reserve/x/1", "stands"),
        ("source/aa/1", "stands"),
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM mentions WHERE position = 200",
        "UPDATE mentions SET role = 3 WHERE position = 206 AND role = 1",
        "UPDATE mentions SET from_day = 1 WHERE name = 'party/bukele'",
        "UPDATE lines SET disputes = NULL WHERE thing = 'reserve/sv'",
        "UPDATE lines SET disputed_from = '2020-01-01' WHERE disputes IS NOT NULL",
        "UPDATE lines SET statuses = '{}' WHERE statuses IS NOT NULL",
        "UPDATE lines SET summary = '{}' WHERE thing = 'reserve/sv' AND last_position < 200",
    ],
)
def test_a_replay_notices_what_is_not_as_it_was_made(
    damage: str, demo_ledger: Path, counter: Counter
) -> None:
    assert counter("replay", ledger=demo_ledger).code == 0
    past = ("reserve", "list", "--as-of", "2027-01-01", "--known-at", "@199")  # its lines are kept
    assert counter(*past, ledger=demo_ledger).code == 0
    assert counter("replay", "--compare", ledger=demo_ledger).code == 0
    with closing(sqlite3.connect(demo_ledger / "answers.sqlite3")) as answers:
        assert answers.execute(damage).rowcount
        answers.commit()
    assert counter("replay", "--compare", ledger=demo_ledger).code == 4


def test_an_instant_selects_what_its_day_had_begun_elsewhere() -> None:
    purchase = said(
        "reserve.acquired", "2025-07-17", amount="1 BTC", mode="purchase", zone="Asia/Karachi"
    )
    moment = datetime(2025, 7, 16, 20, tzinfo=UTC)  # in Karachi the day has begun
    clocks = Clocks(moment.date(), moment=moment)
    ask = answers_of(purchase)
    found = ask(lambda answers, asked, _: answers.mentions(A, ASSERTS, asked), clocks=clocks)
    assert found[:2] == (1, 1)
    earlier = clocks._replace(moment=moment - timedelta(hours=2))
    found = ask(lambda answers, asked, _: answers.mentions(A, ASSERTS, asked), clocks=earlier)
    assert found[:2] == (0, 0)


def figure(
    of: str, amount: str, on: str | None, by: str = A, published: str | None = None, **more: Any
) -> Fact:
    cited = sources(f"source/{by[-2:]}", published=published)
    fields = {"subject": f"reserve/{of}", "amount": amount, "sources": cited, **more}
    return said("reserve.holding-reported", on, by, **fields)


def published(fact: Fact, day: str) -> Fact:
    (cited,) = fact.body.sources or ()
    return fact._replace(body=replace(fact.body, sources=(replace(cited, published=day),)))


def perhaps_public(fact: Fact) -> Fact:
    return published(fact, "2024-06")


def public(fact: Fact) -> Fact:
    return published(fact, "2024-05-02")


def test_a_dispute_that_a_claim_perhaps_public_joins_is_one() -> None:
    asked = Clocks(TODAY, date(2024, 6, 10))
    two = [public(held("1 BTC", A)), public(held("2 BTC", B))]
    more = perhaps_public(held("3 BTC", "party/cc"))
    (row,) = disputes(*two, more, clocks=asked)
    assert (row["perhaps"], row["claimants"]) == (False, [A, B])
    (row,) = disputes(two[0], more, clocks=asked)
    assert (row["perhaps"], row["claimants"]) == (True, [A, "party/cc"])
    kinds = [public(kind("treaty")), public(kind("memorandum", B))]
    (row,) = disputes(*kinds, perhaps_public(kind("pact", "party/cc")), clocks=asked)
    assert not row["perhaps"]
    (row,) = disputes(*kinds, perhaps_public(denied("agreement/x/1")), clocks=asked)
    assert not row["perhaps"]


def test_another_field_that_is_perhaps_in_dispute_is_another_dispute() -> None:
    asked = Clocks(TODAY, date(2024, 6, 10))

    def described(by: str, **fields: Any) -> Fact:
        return said("agreement.described", None, by, **fields)

    facts = [
        public(described(A, kind="treaty", title="One")),
        public(described(B, kind="memorandum", title="One")),
    ]
    changed = described(B, kind="memorandum", title="Two")
    correction = corrected("agreement/x/2", changed)
    rows = disputes(*facts, perhaps_public(correction), clocks=asked)
    assert [(row["fields"], row["perhaps"]) for row in rows] == [
        (["kind"], False),
        (["title"], True),
    ]


@pytest.mark.parametrize(
    ("question", "says", "then"),
    [
        ("disputes", "no dispute", "findings"),
        ("disputes --kind law", "no dispute matches", "disputes"),
        ("party statements --changed", "no party asserts anything that differs", "party list"),
        ("reserve total", "no figure is counted", "reserve list"),
        ("reserve list", "no reserve is known", "template party.established"),
        ("price list", "no price is known", "template party.established"),
    ],
)
def test_an_empty_answer_says_so_and_names_a_next_command(
    question: str, says: str, then: str, counter: Counter, tmp_path: Path
) -> None:
    counter("init", ledger=tmp_path / "empty")
    told = counter(*question.split(), ledger=tmp_path / "empty").out
    assert says in told
    assert told.splitlines()[-1] == f"next: depositary {then}"


@pytest.mark.parametrize(
    ("question", "then"),
    [
        ("disputes", "agreement show pk-sv-bitcoin-2025"),
        ("disputes --kind reserve", "reserve show sv"),
        ("reserve total", "reserve show "),
        ("reserve total --by holder --type company", "reserve show "),
        ("reserve series sv", "reserve show sv"),
        ("reserve series sv --every year", "reserve show sv"),
        ("agreement standing --party onbtc", "agreement standing "),
        ("agreement standing --party sv", "agreement standing pk-sv-bitcoin-2025"),
        ("agreement standing --party imf", "party show imf"),
        ("party statements bukele", "reserve show sv"),
        ("party statements --changed", "price show btc-usd"),
        ("party statements imf --changed", "party statements imf"),
        ("findings --wanted reserve/sv", "reserve show sv"),
    ],
)
def test_an_answer_across_the_ledger_ends_with_the_next_command(
    question: str, then: str, counter: Counter
) -> None:
    last = counter(*question.split()).out.splitlines()[-1]
    assert last.startswith(f"next: depositary {then}")
    assert counter(*last.split()[2:]).code == 0


def test_a_party_without_a_status_is_told_what_it_signs(counter: Counter) -> None:
    told = counter("agreement", "standing", "--party", "sv").out
    assert told.startswith(
        "El Salvador has no status under an agreement; it signed agreement/pk-sv-"
    )
    assert ", and signed none" in counter("agreement", "standing", "--party", "imf").out


def test_the_marks_of_a_series_have_a_legend(counter: Counter) -> None:
    told = counter("reserve", "series", "sv", "--public-at", "2025-07-19").out
    assert "~ perhaps published by 2025-07-19" in told
    assert "none: of another day than the selected" in told


def test_at_other_clocks_no_more_is_folded_than_is_said() -> None:
    facts = (held("5 BTC", A), held("6 BTC", B))
    with a_record(TODAY) as record:
        record.add([Fact(f"reserve/{n}", f.type, f.body) for n in "xyz" for f in facts])
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            latest = list_disputes(answers, ASKED, policy("latest"), most=1)
            assert ({row["subject"] for row in latest.rows}, latest.left) == ({"reserve/x"}, 2)
            then = ASKED._replace(known_at=6)  # all but the last event about reserve/z
            ready = list_disputes(answers, then, policy("primary-first"), most=0)
            assert [row["subject"] for row in ready.rows] == ["reserve/x", "reserve/y"]
            assert ready.left == 1
            assert list_disputes(answers, then, policy("primary-first")).left == 0
