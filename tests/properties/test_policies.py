"""A policy that is spelled selects what its written rules say, and says no more than its rules."""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import pairwise
from json import loads
from pathlib import Path
from random import Random
from re import DOTALL, findall
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.policy_file import canonical_policy, policy_from_bytes, read_policy
from domain.claims.ranking import DEFAULT, PRIMARY_FIRST, RULES, decided_by, policy
from domain.claims.resolution import fold, ranking_context
from events.body import SourceRef
from events.catalogue import body_class
from tests.effort import examples
from tests.properties.histories import (
    DAYS,
    PARTIES,
    POLICIES,
    SATS,
    USD,
    Question,
    asked_histories,
    histories,
)
from tests.properties.naive import naive_view
from tests.properties.naive_policy import ACTS, HOLDINGS, SpelledReader
from tests.properties.test_fold import as_plain

EXAMPLES = examples(50)
NARROWER = (
    "agreement",
    "agreement.described",
    "agreement.signed",
    "reserve",
    "reserve.acquired",
    "reserve.holding-reported",
    "reserve.holding-observed",
)
BASES = tuple(dict.fromkeys((*ACTS, *HOLDINGS)))
FIRST_OR_LAST = frozenset(("recorded-first", "recorded-last"))


@st.composite
def some_rules(draw: Callable[..., Any]) -> dict[str, Any]:
    """Draw what a table may say for some types, or for all."""
    lists: dict[str, Any] = {"parties": (*PARTIES, "others"), "bases": BASES, "order": RULES}
    found: dict[str, Any] = {}
    for key, words in lists.items():
        if draw(st.booleans()):
            found[key] = draw(st.lists(st.sampled_from(words), unique=True, max_size=4))
    if set(found.get("order", ())) >= FIRST_OR_LAST:
        found["order"].remove("recorded-last")
    if draw(st.booleans()):
        days = draw(st.sampled_from(("any", 0, 1, 3, 30)))
        found["window"] = days
        if days != "any" and draw(st.booleans()):
            found["window_agreeing"] = days + draw(st.sampled_from((0, 2, 30)))
    return found


@st.composite
def spelled(draw: Callable[..., Any]) -> dict[str, Any]:
    """Draw the tables of a policy."""
    found: dict[str, Any] = draw(some_rules())
    if narrower := draw(st.lists(st.sampled_from(NARROWER), unique=True, max_size=3)):
        found["for"] = {name: draw(some_rules()) for name in narrower}
    if draw(st.integers(0, 3)) == 0:
        found["contested"] = draw(st.sampled_from(("select", "no-value")))
    return found


def clocks(question: Question) -> Clocks:
    return Clocks(question.day, question.public_at, question.known_at)


@settings(max_examples=4 * EXAMPLES, deadline=None)
@given(asked_histories(), spelled())
def test_what_is_selected_is_what_the_written_rules_say(
    asked: tuple[list[Claim], Question], tables: dict[str, Any]
) -> None:
    claims, question = asked
    served = as_plain(fold(claims, clocks(question), read_policy("mine", tables)))
    named = question.day, question.public_at, question.known_at
    assert served == naive_view(claims, *named, partial(SpelledReader, tables))


@settings(max_examples=EXAMPLES, deadline=None)
@given(histories(), spelled())
def test_some_rule_decides_between_any_two(claims: list[Claim], tables: dict[str, Any]) -> None:
    view = fold(claims, Clocks(DAYS[-1]), read_policy("x", tables))
    around = ranking_context(view.standing)
    ranked = [one.ranked for one in view.occurrences]
    ranked += [tuple((claim,) for claim in series.certain) for series in view.series]
    for several in ranked:
        for better, worse in pairwise(several):
            assert "alike" not in decided_by(view.policy, better, worse, several, around)


@settings(max_examples=EXAMPLES, deadline=None)
@given(spelled(), st.randoms(use_true_random=False))
def test_a_digest_is_of_what_is_said_and_not_of_how(tables: dict[str, Any], random: Random) -> None:
    found = read_policy("mine", tables)
    text = tomli_w.dumps({key: tables[key] for key in random.sample([*tables], len(tables))})
    again = policy_from_bytes("yours", f"# other words\n{text}".encode())
    assert again.digest == found.digest
    assert read_policy("in full", as_tables(canonical_policy(found))) == again.__class__(
        "in full", found.sections, found.strict, found.digest
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(spelled(), spelled())
def test_what_has_one_digest_has_the_same_rules(one: dict[str, Any], other: dict[str, Any]) -> None:
    a, b = read_policy("a", one), read_policy("b", other)
    assert (a.digest == b.digest) == ((a.sections, a.strict) == (b.sections, b.strict))


@settings(max_examples=EXAMPLES, deadline=None)
@given(asked_histories(), st.sampled_from(POLICIES))
def test_a_built_in_policy_is_one_that_can_be_spelled(
    asked: tuple[list[Claim], Question], name: str
) -> None:
    claims, question = asked
    built_in = policy(name)
    same = read_policy(name, as_tables(canonical_policy(built_in)))
    found, other = (fold(claims, clocks(question), one) for one in (built_in, same))
    assert as_plain(found) == as_plain(other)


def as_tables(canonical: bytes) -> dict[str, Any]:
    """Return the canonical form as what a file may say."""
    found: dict[str, Any] = loads(canonical)
    del found["version"]
    return found


def test_an_empty_policy_is_primary_first() -> None:
    assert read_policy("", {}).is_default
    assert policy_from_bytes("", b"# nothing\n").sections == policy(DEFAULT).sections
    spelled_out = as_tables(canonical_policy(policy(DEFAULT)))
    assert set(spelled_out["for"]) | {""} == set(PRIMARY_FIRST)
    assert read_policy("", spelled_out).is_default
    assert not read_policy("", {"contested": "no-value"}).is_default
    assert not read_policy("", {"parties": ["party/sv"]}).is_default


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('partys = ["party/sv"]', "'partys' is not a key of a policy: did you mean parties?"),
        ('parties = "party/sv"', "a list of texts is wanted"),
        ('parties = ["sv"]', "'sv' is not a party: write party/NAME, or others"),
        ('parties = ["reserve/sv"]', "is not a party"),
        ('parties = ["party/sv", "party/sv"]', "names party/sv twice"),
        ('bases = ["oficial-record"]', "did you mean official-record?"),
        ('bases = [["press"]]', "a list of texts is wanted"),
        ('order = ["basis"]', "did you mean bases"),
        ('order = ["recorded-first", "recorded-last"]', "one of them is wanted"),
        ("window = -1", "days from 0 to 36,500"),
        ("window = true", "days from 0 to 36,500"),
        ("window = 1.5", "days from 0 to 36,500"),
        ('window = "all"', 'or "any"'),
        ("window_agreeing = 31", "window_agreeing is given without window"),
        ("window = 8\nwindow_agreeing = 7", "window_agreeing is less than window"),
        ('window = "any"\nwindow_agreeing = 7', "window_agreeing is less than window"),
        ('contested = "none"', "select or no-value is wanted"),
        ("contested = []", "select or no-value is wanted"),
        ("for = 1", "for is not a table of tables"),
        ("[for]\nreserve = 1", "for is not a table of tables"),
        ("[for.reserves]", "did you mean reserve"),
        ('[for."reserve.aquired"]', "did you mean reserve.acquired"),
        ("[for.ledger]", "is not a kind or type of facts"),
        ('[for.reserve]\ncontested = "select"', "'contested' is not a key of for.reserve"),
        ('[for.reserve]\nbases = ["x"]', "'x' is not one of for.reserve: bases"),
        ("window = ", "it is not TOML"),
        ("window = 1\nwindow = 2", "it is not TOML"),
        ("\udcff", "it is not UTF-8 text"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_not_a_policy_is_refused_with_what_comes_near(text: str, why: str) -> None:
    from domain.claims.policy_file import SpelledPolicyError

    with pytest.raises(SpelledPolicyError) as refused:
        policy_from_bytes("mine.toml", text.encode("utf-8", "surrogateescape"))
    assert why in refused.value.why
    assert refused.value.why.startswith("mine.toml: ")
    assert refused.value.what == "the policy is not understood"
    assert refused.value.then == "depositary template --policy, which has every key"


ASSERTERS = ("party/a", "party/b", "party/c")
RIVALS: dict[str, dict[str, Any]] = {
    "reserve.holding-reported": {"amount": SATS},
    "reserve.valued": {"value": USD, "method": ("market price",)},
    "agreement.described": {"kind": ("memorandum", "letter-of-intent")},
    "agreement.entered-into-force": {"mode": ("definitive",)},
}


def rivals(random: Random) -> list[Claim]:
    """Make claims that compete for one answer, and perhaps a resolution of one of the parties."""
    type_ = random.choice([*RIVALS])
    kind = type_.partition(".")[0]
    told: list[tuple[str, dict[str, Any]]] = []
    for _ in range(random.randint(2, 6)):
        own = {name: random.choice(words) for name, words in RIVALS[type_].items()}
        days = (f"2025-07-{day:02}" for day in random.choices(range(5, 17), k=2))
        effective, published = (random.choice((day, day, day, None)) for day in days)
        ref = SourceRef(source="source/s", published=published, origin=random.choice(ASSERTERS))
        told.append((type_, {**own, "effective": effective, "sources": (ref,)}))
    if random.random() < 1 / 2:
        ids = [f"{kind}/x/{n}" for n in range(1, len(told) + 1)]
        winner = random.choice(ids)
        named = {"winner": winner, "among": tuple(ids), "ground": "looked at"}
        told.append(("claim.resolved", {**named, "sources": (SourceRef(source="source/s"),)}))
    return [
        Claim(
            n,
            n,
            f"{kind}/x",
            name,
            body_class(name)(
                asserted_by=random.choice(ASSERTERS),
                basis=random.choice(("official-record", "tracker", "press")),
                relayed=random.choice((True, None)),
                **own,
            ),
        )
        for n, (name, own) in enumerate(told, 1)
    ]


def trusting(random: Random) -> dict[str, Any]:
    """Make the tables of a policy about what competes there."""
    found: dict[str, Any] = {}
    if random.random() < 1 / 2:
        found["parties"] = random.sample([*ASSERTERS, "others"], random.randint(1, 2))
    if random.random() < 1 / 2:
        found["bases"] = random.sample(["tracker", "press", "official-record"], 2)
    if random.random() < 2 / 3:
        found["window"] = random.choice((0, 1, 2, 3, 5, 8))
        found["window_agreeing"] = found["window"] + random.choice((0, 1, 3, 8))
    if random.random() < 1 / 2:
        found["order"] = random.sample(RULES[:-1], random.randint(1, 4))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_of_several_rivals_the_written_rules_select_the_same(seed: int) -> None:
    for n in range(EXAMPLES):
        random = Random(f"{seed} {n}")  # noqa: S311 - the same rivals every time
        claims, tables = rivals(random), trusting(random)
        day = DAYS[-1] if random.random() < 1 / 2 else date(2025, 7, random.randint(10, 17))
        served = as_plain(fold(claims, Clocks(day), read_policy("mine", tables)))
        assert served == naive_view(claims, day, None, None, partial(SpelledReader, tables)), tables


def test_the_worked_files_of_the_definition_are_policies() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/spec/answers.md").read_text("utf-8")
    section = page.partition("### 12.1")[2].partition("\n## ")[0]
    files = findall(r"```toml\n(.*?)```", section, DOTALL)
    assert len(files) == 2
    for text in files:
        assert not policy_from_bytes("worked.toml", text.encode()).is_default
