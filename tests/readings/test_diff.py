"""Does a diff say all that differs, nothing else, and why?"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy, policy
from domain.claims.resolution import Resolution, fold
from events.catalogue import topic
from events.validation import body_data, read_body
from projections.kinds.registry import summary
from projections.queries.diff import AXES, Axis, differences_of_views
from projections.queries.fields import values_and_support
from projections.read_model.date_effects import ALWAYS, date_effects, moves_between
from tests.effort import examples
from tests.properties.bodies import said_of_a_kind
from tests.properties.histories import DAYS, POLICIES, histories

Ask = Callable[..., Any]

PAPER = "agreement/pk-sv-bitcoin-2025"
LATER, SOURCE = date(2025, 7, 17), {"source": "source/arab-news"}
FIELD = {"as-of": "as_of", "public-at": "public_at", "known-at": "known_at"}


@dataclass
class Pair:
    """A history, a clock, and two questions that differ in it alone."""

    claims: list[Claim]
    axis: Axis
    before: Clocks
    after: Clocks
    policy: str

    def views(self) -> tuple[Resolution, Resolution]:
        chosen: Policy = policy(self.policy)
        return fold(self.claims, self.before, chosen), fold(self.claims, self.after, chosen)


@st.composite
def pairs(draw: Callable[..., Any]) -> Pair:
    claims = draw(histories())
    axis = draw(st.sampled_from(AXES))
    last = claims[-1].position
    days = st.sampled_from(sorted(DAYS))
    points = st.integers(0, last) if axis == "known-at" else days
    first, second = sorted((draw(points), draw(points)))
    clocks = Clocks(draw(days), draw(st.none() | days), last)
    name = FIELD[axis]
    before, after = (clocks._replace(**{name: point}) for point in (first, second))
    return Pair(claims, axis, before, after, draw(st.sampled_from(POLICIES)))


def apply_differences(old: dict[str, Any], rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the values after the differences are applied to them."""
    found = dict(old)
    for row in rows:
        if row["after"] is None:
            found.pop(row["field"], None)
        else:
            found[row["field"]] = row["after"]
    return found


def test_an_outcome_that_is_nothing_beside_one_with_parts_stays_whole() -> None:
    """A sale of unknown size that is denied: under strict nothing, or an amount without an end."""
    common = {"asserted_by": "party/pcc", "basis": "official-record", "sources": [SOURCE]}
    sold = {**common, "mode": "sale", "effective": "2025-07-16"}
    denied = {
        **common,
        "type": "reserve.disposed",
        "span": "2025-07-15/2025-07-17",
        "ground": "It never happened.",
    }
    claims = [
        Claim(n, n, "reserve/x", type_, read_body(type_, body))
        for n, (type_, body) in enumerate(
            (("reserve.disposed", sold), ("claim.denied", denied)), start=1
        )
    ]
    before, after = (
        fold(claims, Clocks(day), policy("strict")) for day in (date(2024, 12, 31), LATER)
    )
    rows = differences_of_views("reserve/x", before, after, "as-of")
    assert "support of disposed reserve/x/1" in {row["field"] for row in rows}
    told = [values_and_support("reserve/x", view) for view in (before, after)]
    assert apply_differences(told[0], rows) == told[1]


@settings(max_examples=examples(100))
@given(pairs())
def test_the_first_answer_and_the_differences_give_the_second(pair: Pair) -> None:
    thing = pair.claims[0].thing
    before, after = (view.certainly_public for view in pair.views())
    rows = differences_of_views(thing, before, after, pair.axis)
    assert apply_differences(values_and_support(thing, before), rows) == values_and_support(
        thing, after
    )
    assert all(row["before"] != row["after"] for row in rows)
    assert len({row["field"] for row in rows}) == len(rows)


@settings(max_examples=examples(100))
@given(pairs())
def test_every_difference_says_why(pair: Pair) -> None:
    thing = pair.claims[0].thing
    before, after = pair.views()
    known = {claim.id: claim for claim in pair.claims}
    for row in differences_of_views(thing, before, after, pair.axis):
        assert row["why"], row
        for cause in row["why"]:
            assert cause["event"] in known
            if pair.axis == "known-at" and cause["how"].startswith("new claim"):
                assert cause["position"] > (pair.before.known_at or 0)


@settings(max_examples=examples(60))
@given(pairs())
def test_what_was_selected_is_there_at_its_end_and_a_rule_is_between_two(pair: Pair) -> None:
    thing = pair.claims[0].thing
    before, after = pair.views()
    for row in differences_of_views(thing, before, after, pair.axis):
        ends = (row["selected_before"], before), (row["selected_after"], after)
        for selected, view in ends:
            live = {claim.id for claim in view.standing.claims}
            assert {claim["id"] for claim in selected} <= live
        if row["rule"] is not None:
            old, new = ([claim["id"] for claim in selected] for selected, _ in ends)
            assert old
            assert new
            assert old[0] != new[0]


@settings(max_examples=examples(60))
@given(pairs())
def test_a_list_moves_only_where_a_difference_is_told(pair: Pair) -> None:
    """Whose answers are all the same has the same line in the list, where it has one at all.

    A difference is told of what certainly is public; what perhaps is stands beside a line.
    """
    thing = pair.claims[0].thing
    before, after = pair.views()
    lines = [{**summary(thing, view), "perhaps": None} for view in (before, after)]
    if lines[0] != lines[1]:
        assert differences_of_views(thing, before, after, pair.axis)


SOME_DAYS = ("2025-07-17", "2025-07-18", "2025-07-19", "2025-07-18?", "2025-07", None)


def may_move(claims: list[Claim], before: date, after: date) -> bool:
    """Say whether a diff of all things would look at this one, between two days."""
    first, last = sorted((before.isoformat(), after.isoformat()))
    return any(
        date_effects(topic(claim.type), data) == ALWAYS or moves_between(data, first, last)
        for claim in claims
        for data in [body_data(claim.body)]
    )


@settings(max_examples=examples(150))
@given(
    histories() | said_of_a_kind(SOME_DAYS),
    st.sampled_from(sorted(DAYS)),
    st.sampled_from(sorted(DAYS)),
    st.sampled_from(POLICIES),
)
def test_no_day_changes_an_answer_of_which_no_claim_says_that_it_may(
    claims: list[Claim], one: date, other: date, name: str
) -> None:
    before, after = (fold(claims, Clocks(day), policy(name)) for day in (one, other))
    if differences_of_views(claims[0].thing, before, after, "as-of"):
        assert may_move(claims, one, other)


@pytest.mark.parametrize(
    ("data", "moved"),
    [
        ({"effective": "2025-07-18"}, ["18"]),
        ({"effective": "2025-07-17", "acted": "2025-07-16"}, ["16", "17"]),
        ({"until": "2025-07-17"}, ["18"]),
        ({"data": {"data": {"effective": "2025-07-17"}}}, ["17"]),
        ({"effective": "2025-07-17T20:00:00-06:00"}, ["15", "16", "17", "18", "19"]),
        ({"words": "2025-07-17"}, []),
    ],
    ids=str,
)
def test_a_plain_day_moves_what_it_says_when_it_comes(data: Any, moved: list[str]) -> None:
    days = [str(day) for day in range(14, 20)]
    pairs = pairwise(days)
    found = [new for old, new in pairs if moves_between(data, f"2025-07-{old}", f"2025-07-{new}")]
    assert found == moved


# The story


def fields(found: Any) -> dict[tuple[str, str], Any]:
    return {(row["subject"], row["field"]): row for row in found["rows"]}


def test_what_became_public_between_the_13th_and_the_15th(document: Ask) -> None:
    found = document("diff", "2024-03-13", "2024-03-15", "reserve/sv", "--axis", "public-at")
    row = fields(found)["reserve/sv", "reported.amount"]
    assert (row["before"]["text"], row["after"]["text"]) == ("2,861 BTC", "5,689.68 BTC")
    (cause,) = row["why"]
    assert (cause["how"], cause["when"]) == ("disclosed", "2024-03-14")
    assert cause["asserted_by"] == "party/bukele"


def test_the_claim_selected_before_and_now_are_named_with_the_rule(
    document: Ask, counter: Ask
) -> None:
    asked = ("diff", "2024-03-13", "2024-03-15", "reserve/sv")
    row = fields(document(*asked))["reserve/sv", "reported.amount"]
    (before,), (after,) = row["selected_before"], row["selected_after"]
    assert (before["asserted_by"], before["position"]) == ("party/unnamed-tracker", 248)
    assert before["says"]["amount"] == row["before"]
    assert (after["asserted_by"], after["position"]) == ("party/bukele", 203)
    assert after["says"]["amount"] == row["after"]
    assert row["rule"] == "on a stronger basis, its own or a resolution's"
    assert [cause["position"] for cause in row["why"]] == [203]  # @246 was never selected here
    out = " ".join(counter(*asked).out.split())
    assert (
        "selected before: an unnamed tracker, tracker, @248; "
        "now: Nayib Bukele, own publication, second-hand, @203: on a stronger basis, its own or a "
        "resolution's"
    ) in out
    (cells,) = [
        line for line in counter(*asked, "--csv").out.splitlines() if ",reported.claim," in line
    ]
    assert ",reserve/sv/64,reserve/sv/19," in cells


def test_what_had_no_value_before_had_nothing_selected(document: Ask) -> None:
    rows = document("diff", "2024-03-13", "2024-03-15", "reserve/sv")["rows"]
    fresh = [row for row in rows if row["before"] is None]
    assert any(row["field"].startswith("support of address-disclosed") for row in fresh)
    assert [row["selected_before"] for row in fresh] == [[] for _ in fresh]


def test_two_flows_of_a_sum_take_no_place_of_each_other(document: Ask, counter: Ask) -> None:
    asked = ("diff", "2021-09-06", "2021-09-08", "reserve/sv")
    row = fields(document(*asked))["reserve/sv", "ledger_balance"]
    assert row["selected_before"] != row["selected_after"]
    assert row["rule"] is None
    assert counter(*asked).out.count("selected before") == 1  # of what is reported


REPORT = """
[[fact]]
type = "reserve.holding-reported"
subject = "reserve/new"
scope = "unstated"
amount = "{amount}"
effective = "{day}"
asserted_by = "party/{by}"
basis = "{basis}"
sources = [{{ source = "source/onbtc", published = "2025-08-01" }}]
"""


def test_each_way_to_take_a_place_has_its_rule(
    the_story: Path, tmp_path: Path, document: Ask, counter: Ask
) -> None:
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    facts = tmp_path / "facts.toml"

    def report(amount: str, day: str, by: str, basis: str) -> int:
        facts.write_text(REPORT.format(amount=amount, day=day, by=by, basis=basis), "utf-8")
        assert counter("append", str(facts), ledger=ledger).code == 0
        return int(document("status", ledger=ledger)["position"])

    def rule(position: int) -> tuple[Any, Any, Any]:
        ends = (f"@{position - 1}", f"@{position}")
        asked = ("diff", *ends, "reserve/new", "--axis", "known-at")
        row = fields(document(*asked, ledger=ledger))["reserve/new", "reported.amount"]
        before, after = row["selected_before"], row["selected_after"]
        return row["rule"], [one["position"] for one in before], [one["position"] for one in after]

    first = report("10 BTC", "2025-08-01", "onbtc", "press")
    assert rule(first) == (None, [], [first])
    newer = report("12 BTC", "2025-08-05", "onbtc", "press")
    assert rule(newer) == ("newer measurement of the same asserter", [first], [newer])
    better = report("13 BTC", "2025-08-05", "sv", "audit")
    assert rule(better) == ("on a stronger basis, its own or a resolution's", [newer], [better])
    reason = ("--reason", "recording-error")
    assert counter("retract", f"@{better}", *reason, ledger=ledger).code == 0
    assert rule(better + 1) == ("the claim selected before was retracted", [better], [newer])


def test_what_happened_between_the_15th_and_the_18th(document: Ask, counter: Ask) -> None:
    found = document("diff", "2025-07-15", "2025-07-18", PAPER)
    row = fields(found)[PAPER, "kind"]
    assert (row["before"], row["after"]) == (None, "letter-of-intent")
    assert row["why"][0]["how"] == "took effect"
    out = counter("diff", "2025-07-15", "2025-07-18", PAPER).out
    assert "  kind: - -> letter of intent\n" in out
    assert "took effect 2025-07-16: described by Bitcoin Office of El Salvador" in out
    assert "from 2025-07-15 to 2025-07-18 on the clock as-of" in out


def test_the_command_of_a_diff_gives_it_again(document: Ask) -> None:
    found = document("diff", "@100", "@200", PAPER, "--axis", "known-at", "--as-of", "2025-07-18")
    words = found["reproduce"].split()[1:]
    assert words == [
        *("diff", "@100", "@200", PAPER, "--axis", "known-at", "--as-of", "2025-07-18")
    ]
    assert document(*words) == found


def test_exit_code_says_whether_anything_differs(counter: Ask) -> None:
    assert counter("diff", "2025-07-15", "2025-07-18", PAPER, "--exit-code").code == 1
    same = counter("diff", "2030-01-01", "2030-01-02", PAPER, "--exit-code")
    assert (same.code, same.out.splitlines()[0]) == (0, "nothing differs")
    assert counter("diff", "2025-07-15", "2025-07-18", PAPER).code == 0


@pytest.fixture
def mended(the_story: Path, tmp_path: Path, counter: Ask) -> Path:
    """Give the story with one purchase more, whose amount was corrected."""
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    facts = tmp_path / "facts.toml"
    facts.write_text(
        """
[[fact]]
label = "slip"
type = "reserve.acquired"
subject = "reserve/sv"
amount = "100 BTC"
mode = "purchase"
effective = "2025-08-01"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{ source = "source/onbtc", published = "2025-08-01" }]
""",
        "utf-8",
    )
    assert counter("append", str(facts), ledger=ledger).code == 0
    (row,) = counter("log", "-n", "1", "--csv", ledger=ledger).out.splitlines()[1:]
    at = f"@{row.partition(',')[0]}"
    ran = counter(
        *("correct", at, "--amount", "10 BTC", "--reason", "recording-error"), ledger=ledger
    )
    assert ran.code == 0, ran.err
    return ledger


def test_a_correction_report_names_the_correction_and_its_reason(
    mended: Path, document: Ask, counter: Ask
) -> None:
    last = document("log", "-n", "1", ledger=mended)["rows"][0]["position"]
    ends = (f"@{last - 1}", f"@{last}")
    found = document("diff", *ends, "--axis", "known-at", ledger=mended)
    assert {row["subject"] for row in found["rows"]} == {"reserve/sv"}
    row = fields(found)["reserve/sv", "ledger_balance"]
    assert row["before"]["lower_sat"] - row["after"]["lower_sat"] == 90 * 10**8
    (cause,) = row["why"]
    assert cause["how"] == "corrected"
    assert (cause["reason"], cause["position"]) == ("recording-error", last)
    out = counter("diff", *ends, "--axis", "known-at", ledger=mended).out
    assert "(recording error)" in out


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, ("2025-07-18", "2025-07-15")),
        (2, ("@200", "@100", "--axis", "known-at")),
        (2, ("2025-02-30", "2025-07-15")),
        (2, ("2025-07-15", "31/31/2025")),
        (2, ("@1", "@999999", "--axis", "known-at")),
        (3, ("1999-01-01", "@5", "--axis", "known-at")),
        (2, ("2025-07-15", "2025-07-18", "--axis", "effective")),
        (2, ("2025-07-15", "2025-07-18", "--as-of", "2025")),
        (2, ("2025-07-15", "2025-07-18", "no-kind")),
        (3, ("2025-07-15", "2025-07-18", "law/nobody-knows")),
        (2, ("2025-07-15", "2025-07-18", "--policy", "newest")),
        (2, ("2025-07-15",)),
    ],
    ids=str,
)
def test_what_is_no_difference_is_turned_away(
    code: int, words: tuple[str, ...], turned_away: Ask
) -> None:
    turned_away(code, "diff", *words)


def test_days_are_compared_at_their_ends(document: Ask) -> None:
    whole = document("diff", "2025-06", "2025-07", "reserve/sv")
    assert (whole["from"], whole["to"]) == (
        date(2025, 6, 30).isoformat(),
        date(2025, 7, 31).isoformat(),
    )


@pytest.mark.parametrize("how", ["correct", "retract"])
def test_what_changes_no_value_is_named_beside_the_differences(
    how: str, the_story: Path, tmp_path: Path, counter: Ask, document: Ask
) -> None:
    """The losing claim of the kind is corrected or taken back: the answer stays what it was."""
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    (reason,) = document("explain", PAPER, "kind", ledger=ledger)["reasons"]
    loser = reason["ranked"][-1]["claims"][0]["position"]
    given = {"correct": ("--kind", "pact"), "retract": ()}[how]
    ran = counter(how, f"@{loser}", *given, "--reason", "recording-error", ledger=ledger)
    assert ran.code == 0, ran.err
    last = document("log", "-n", "1", ledger=ledger)["known_at"]
    ends = ("diff", f"@{last - 1}", f"@{last}")
    for about in ((), (PAPER,)):
        found = document(*ends, *about, "--axis", "known-at", ledger=ledger)
        named = {cause["position"] for row in found["rows"] for cause in row["why"]}
        assert set(found["without_difference"]) == {last} - named
    other = document(*ends, "reserve/sv", "--axis", "known-at", ledger=ledger)
    assert (other["rows"], other["without_difference"]) == ([], [])
    since = document("changes", "--since", f"@{last}", ledger=ledger)
    assert since["without_difference"] == found["without_difference"]
    if since["without_difference"]:
        line = f"without a change of a value: @{last}"
        assert line in counter("changes", "--since", f"@{last}", ledger=ledger).out
        assert line in counter(*ends, "--axis", "known-at", ledger=ledger).out
    assert "without_difference" not in document("diff", "2025-07-01", "2025-07-19", ledger=ledger)
