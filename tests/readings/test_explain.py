"""Is every value shown led back to its events, and is it said why this claim before that?"""

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import decided_by, policy
from domain.claims.resolution import fold, ranking_context
from events.store.sqlite.tree import TreeTables
from events.value import replace
from projections.kinds.registry import answer
from projections.queries.blame import trace_values
from projections.queries.fields import answer_values, flatten_answer
from projections.queries.selection import asserted_claims, selected_claims
from tests.effort import examples
from tests.properties.histories import Question, asked_histories

Ask = Callable[..., Any]

PAPER = "agreement/pk-sv-bitcoin-2025"
NOTHING = "nothing: they are alike"
Asked = tuple[list[Claim], Question]


def viewed(asked: Asked) -> Any:
    claims, question = asked
    clocks = Clocks(question.day, question.public_at, question.known_at)
    return fold(claims, clocks, policy(question.policy))


@settings(max_examples=examples(100))
@given(asked_histories())
def test_every_value_shown_is_reachable_from_its_events(asked: Asked) -> None:
    """What names no event is what is answered where nothing is heard; all else names its own."""
    thing, view = asked[0][0].thing, viewed(asked)
    live = {claim.id for claim in view.standing.claims}
    nothing = replace(view.standing, claims=())
    silent = replace(view, occurrences=(), series=(), standing=nothing)
    traced = trace_values(thing, view)
    told = answer_values(thing, view.certainly_public)
    assert {one.field: one.value for one in traced} == told
    for one in traced:
        assert {claim.id for unit in one.by for claim in asserted_claims(unit)} <= live
        assert {claim.id for unit in one.by for claim in selected_claims(unit)} <= live
        if not one.by:
            assert flatten_answer(answer(thing, silent))[one.field] == one.value


@settings(max_examples=examples(100))
@given(asked_histories())
def test_why_this_before_that_is_always_a_criterion(asked: Asked) -> None:
    view = viewed(asked)
    around = ranking_context(view.standing)
    for found in view.occurrences:
        for better, worse in pairwise(found.ranked):
            assert decided_by(view.policy, better, worse, found.ranked, around) != NOTHING
    for series in view.series:
        ranked = [(claim,) for claim in series.certain]
        for one, other in pairwise(ranked):
            assert decided_by(view.policy, one, other, ranked, around) != NOTHING


def test_the_kind_of_the_paper_by_whom_before_whom_and_why(document: Ask) -> None:
    found = document("explain", PAPER, "kind")
    assert [one["value"] for one in found["values"]] == ["letter-of-intent"]
    (reason,) = found["reasons"]
    first, second = reason["ranked"]
    assert (first["selected"], second["selected"]) == (True, False)
    assert first["claims"][0]["asserted_by"] == "party/onbtc"
    assert second["claims"][0]["asserted_by"] == "party/article-publisher"
    assert first["before_next_by"] == "on a stronger basis, its own or a resolution's"


@pytest.mark.parametrize(
    ("policy_name", "why"),
    [
        ("prefer:party/article-publisher", "asserted or resolved by the party preferred"),
        ("latest", "published later"),
    ],
)
def test_another_policy_has_another_reason(policy_name: str, why: str, document: Ask) -> None:
    found = document("explain", PAPER, "kind", "--policy", policy_name)
    first = found["reasons"][0]["ranked"][0]
    assert first["before_next_by"] == why
    assert found["values"][0]["value"] == "memorandum"


def test_sources_come_with_their_quote_chain_and_origin(document: Ask) -> None:
    found = document("explain", PAPER, "kind", "--policy", "prefer:party/article-publisher")
    (source,) = (one for one in found["reasons"][0]["sources"] if one["selected"])
    assert source["source"] == "source/article"
    assert [one["source"] for one in source["chain"]] == ["source/newsbit", "source/cointelegraph"]
    assert source["origin"].startswith("party/")


def test_a_balance_names_every_step(document: Ask) -> None:
    (booked,) = document("explain", "reserve/sv", "ledger_balance", "--as-of", "2022-12-31")[
        "values"
    ]
    steps = document("history", "reserve/sv", "--as-of", "2022-12-31")["rows"]
    assert booked["events"] == [step["id"] for step in steps]


def test_a_page_is_one_screen(counter: Ask) -> None:
    for words in (
        (PAPER, "kind"),
        ("reserve/sv", "reported"),
        ("reserve/sv", "ledger_balance"),
        (PAPER,),
    ):
        lines = counter("explain", *words, "--as-of", "2025-07-19").out.splitlines()
        assert len(lines) <= 34
        whole = ("reproduce:", "  at https://")  # what is copied is not broken
        assert all(len(line) <= 80 for line in lines if not line.startswith(whole))


def test_the_copy_that_was_kept_is_named(
    the_story: Path, tmp_path: Path, counter: Ask, document: Ask
) -> None:
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    facts = tmp_path / "copy.toml"
    digest = "ab" * 32
    facts.write_text(
        f"""
[[fact]]
type = "source.archived"
subject = "source/the-block"
sha256 = "{digest}"
media_type = "text/html"
bytes = 10
asserted_by = "party/recorder"
basis = "recorder"
""",
        "utf-8",
    )
    ran = counter("append", str(facts), ledger=ledger)
    assert ran.code == 0, ran.err
    words = ("explain", "reserve/sv", "reported", "--as-of", "2025-07-19")
    assert document(*words, ledger=ledger)["reasons"][0]["sources"][0]["copies"] == [digest]
    assert f"copy {digest}" in counter(*words, ledger=ledger).out


def test_the_proof_is_named_where_a_signed_tree_holds_the_event(
    the_story: Path, tmp_path: Path, counter: Ask, document: Ask
) -> None:
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    words = ("explain", PAPER, "kind")
    assert document(*words, ledger=ledger)["reasons"][0]["proofs"] == []
    with TreeTables(ledger / "record.sqlite3", write=True) as tree:
        tree.add_checkpoint(200, b"signed")
    (proof,) = document(*words, ledger=ledger)["reasons"][0]["proofs"]
    assert (proof["position"], proof["checkpoint"]) == (172, 200)
    assert (
        "proof: in the signed tree of 200 events; depositary prove @172"
        in counter(*words, ledger=ledger).out
    )
    then = document(*words, "--known-at", "@199", ledger=ledger)
    assert then["reasons"][0]["proofs"] == []


def test_an_unknown_value_brings_those_that_may_be_meant(turned_away: Ask) -> None:
    assert "did you mean kind?" in turned_away(3, "explain", PAPER, "kinds")[1]
    assert "ledger_balance" in turned_away(3, "explain", "reserve/sv", "zzz")[1]
    turned_away(2, "explain", PAPER, "kind", "--csv")
    turned_away(3, "explain", "law/nobody-knows")


def test_under_a_strict_policy_what_is_contested_has_no_value(document: Ask) -> None:
    found = document("explain", PAPER, "--policy", "strict")
    values = {one["field"]: (one["value"], one["support"]) for one in found["values"]}
    assert values["kind"] == ("contested", "contested")


def test_what_is_contested_has_the_sources_of_both_sides(document: Ask, counter: Ask) -> None:
    (reason,) = document("explain", PAPER, "kind")["reasons"]
    claims = {c["id"]: c for place in reason["ranked"][:4] for c in place["claims"]}
    assert {one["for"] for one in reason["sources"]} == set(claims)
    assert {s for c in claims.values() for s in c["sources"]} == {
        one["source"] for one in reason["sources"]
    }
    chosen = [one["selected"] for one in reason["sources"]]
    assert chosen == sorted(chosen, reverse=True)
    told = counter("explain", PAPER, "kind").out
    assert all(f"@{claim['position']}: " in told for claim in claims.values())


def test_a_figure_that_is_no_value_of_the_page_is_explained_too(
    the_story: Path, tmp_path: Path, counter: Ask, document: Ask
) -> None:
    """A valuation stands under a heading of its own; so may a count at addresses."""
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    facts = tmp_path / "valued.toml"
    one = (
        '[[fact]]\ntype = "reserve.valued"\nsubject = "reserve/sv"\nvalue = "{}"\n'
        'method = "quoted"\nasserted_by = "party/{}"\nbasis = "press"\n'
        'effective = "2026-06-01"\nsources = [{{ source = "source/the-block" }}]\n'
    )
    facts.write_text(one.format("3 bn GBP", "sv") + one.format("2 bn GBP", "onbtc"), "utf-8")
    ran = counter("append", str(facts), ledger=ledger)
    assert ran.code == 0, ran.err
    found = document("explain", "reserve/sv", "valued", ledger=ledger)
    (value,) = found["values"]
    assert value["support"] == "contested"
    assert len(found["reasons"][0]["ranked"]) >= 2
    everything = document("explain", "reserve/sv", ledger=ledger)
    assert value in everything["values"]
    rows = document("blame", "reserve/sv", ledger=ledger)["rows"]
    assert [one["support"] for one in rows if one["field"] == "valued"] == ["contested"]
    strict = document("explain", "reserve/sv", "valued", "--policy", "strict", ledger=ledger)
    assert [one["value"] for one in strict["values"]] == ["contested"]
