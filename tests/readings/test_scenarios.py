"""Does the first page of the story say what the sources say, and no more?

Asked at the counter, of a ledger that was made by `depositary demo` and replayed from its events.
The facts and their ids (A7, C4, E30, …) are those of the notes on the story.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Document = dict[str, Any]
Ask = Callable[..., Any]

BTC = 10**8
PAPER = "pk-sv-bitcoin-2025"
ARTICLE, OFFICE = "party/article-publisher", "party/onbtc"
# What became public or happened in November 2025 and later (E30), in any way it may be written.
NOVEMBER = r"7,?474|747,?437|1,?090|109,?000,?000,?000|2025-1[12]|ainvest"


@pytest.fixture(scope="module")
def story(demo_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a ledger with the bundled story, for the questions of this file."""
    return shutil.copytree(demo_once, tmp_path_factory.mktemp("story") / "ledger")


@pytest.fixture(scope="module")
def page(depositary: Any, story: Path) -> Callable[..., str]:
    """Ask as a person, and give the page."""

    def ask(*words: str, ledger: Path = story) -> str:
        answered = depositary("--ledger", ledger, *words)
        assert (answered.returncode, answered.stderr) == (0, "")
        text: str = answered.stdout
        return text

    return ask


@pytest.fixture(scope="module")
def ask(page: Callable[..., str]) -> Ask:
    """Ask as a script, and give the document."""
    return lambda *words, **options: json.loads(page("--json", *words, **options))


def occurrence(found: Document, type_: str, **says: str) -> Document:
    """Return the one occurrence of a type of which some claim says so."""
    one: Document
    (one,) = [
        each
        for each in found["occurrences"]
        if each["type"] == type_ and any(says.items() <= c["says"].items() for c in claims(each))
    ]
    return one


def described(found: Document, field: str) -> Document:
    """Return the occurrence of a described field."""
    one: Document
    (one,) = [each for each in found["occurrences"] if each["id"].endswith(f"#{field}")]
    return one


def claims(each: Document) -> list[Document]:
    """Return all claims of an occurrence, that picked first."""
    return [*each["selected"], *each["others"]]


def who_says(each: Document, field: str) -> dict[str, str]:
    """Return what each asserter says, of the day or of a field."""
    return {c["asserted_by"]: c.get(field) or c["says"][field] for c in claims(each)}


def series(found: Document, type_: str) -> Document:
    one: Document
    (one,) = [each for each in found["series"] if each["type"] == type_]
    return one


def bounds(claim: Document) -> tuple[int | None, int | None, bool]:
    """Return the bounds of the amount that a claim states, and whether the lower one is open."""
    amount = claim["says"]["amount"]
    return amount["lower"], amount["upper"], amount.get("lower_open", False)


# What kind of paper is it, who signed it, and when? (C1, C2, C3)


@pytest.fixture(scope="module")
def paper(ask: Ask) -> Document:
    found: Document = ask("agreement", "show", PAPER)
    return found


def test_the_kind_of_the_paper_is_contested(paper: Document) -> None:
    kind = described(paper, "kind")
    assert (kind["support"], kind["fields"]["kind"]) == ("contested", "contested")
    assert who_says(kind, "kind") == {OFFICE: "letter-of-intent", ARTICLE: "memorandum"}


def test_a_signatory_s_own_publication_comes_before_the_press(paper: Document) -> None:
    (picked,) = described(paper, "kind")["selected"]
    assert (picked["asserted_by"], picked["basis"]) == (OFFICE, "own-publication")
    assert paper["answer"]["kind"] == "letter-of-intent"
    assert paper["policy"] == {"name": "primary-first", "version": 1}


def test_two_agencies_signed_on_the_16th_each_for_its_side(paper: Document) -> None:
    assert paper["answer"]["signed"] == [
        {"party": OFFICE, "for": "party/sv", "mode": "unstated", "on": "2025-07-16"},
        {"party": "party/pcc", "for": "party/pk", "mode": "unstated", "on": "2025-07-16"},
    ]


def test_others_say_the_17th_and_the_18th_and_the_page_says_who(paper: Document) -> None:
    for_pakistan = occurrence(paper, "agreement.signed", party="party/pcc")
    assert for_pakistan["fields"]["effective"] == "contested"
    assert who_says(for_pakistan, "effective") == {
        OFFICE: "2025-07-16",
        "party/ecoinimist": "2025-07-17",
        ARTICLE: "2025-07-18",
    }
    for_el_salvador = occurrence(paper, "agreement.signed", party=OFFICE)
    assert who_says(for_el_salvador, "effective") == {OFFICE: "2025-07-16", ARTICLE: "2025-07-18"}


def test_for_pakistan_the_council_signed_or_the_state(paper: Document) -> None:
    signed = occurrence(paper, "agreement.signed", party="party/pcc")
    assert signed["fields"]["party"] == "contested"
    assert who_says(signed, "party") == {
        OFFICE: "party/pcc",
        ARTICLE: "party/pcc",
        "party/ecoinimist": "party/pk",
    }


def test_the_article_and_the_outlet_it_repeats_are_one_witness(paper: Document) -> None:
    """Newsbit is where the article has it from: two outlets, and still a single source (A1, A2)."""
    (article,) = described(paper, "kind")["others"]
    assert (article["asserted_by"], article["relayed"]) == (ARTICLE, True)


def test_whoever_prefers_the_article_reads_memorandum_and_the_18th(ask: Ask) -> None:
    found = ask("agreement", "show", PAPER, "--policy", f"prefer:{ARTICLE}")
    assert found["answer"]["kind"] == "memorandum"
    assert {signed["on"] for signed in found["answer"]["signed"]} == {"2025-07-18"}
    assert found["answer"]["parties"] == ["party/pk", "party/sv"]
    assert described(found, "kind")["support"] == "contested"


def test_strictly_there_is_no_value_but_the_claims(ask: Ask, paper: Document) -> None:
    found = ask("agreement", "show", PAPER, "--policy", "strict")
    assert found["answer"]["kind"] is None
    assert {one["on"] for one in found["answer"]["signed"]} == {None}  # shown, without a day
    for strict, picked in zip(found["occurrences"], paper["occurrences"], strict=True):
        assert (strict["support"], strict["selected"]) == ("contested", [])
        assert sorted(c["id"] for c in claims(strict)) == sorted(c["id"] for c in claims(picked))


def test_the_page_tells_a_person_the_same(page: Callable[..., str]) -> None:
    text = page("agreement", "show", PAPER)
    assert re.search(r"^kind +letter of intent +\[contested\]$", text, re.MULTILINE)
    onbtc, publisher = "Bitcoin Office of El Salvador", "the unnamed publisher of the article"
    for day, who in (("16", onbtc), ("17", "Ecoinimist"), ("18", publisher)):
        assert re.search(rf"2025-07-{day} .*Pakistan.* {who} ", text)


def test_before_it_was_signed_nothing_was(ask: Ask) -> None:
    found = ask("agreement", "show", PAPER, "--as-of", "2025-07-15")
    assert (found["answer"]["signed"], found["answer"]["kind"]) == ([], None)
    assert found["occurrences"] == []


# What did El Salvador hold in the middle of July 2025, according to whom? (C4)


@pytest.fixture(scope="module")
def july(ask: Ask) -> Document:
    found: Document = ask("reserve", "show", "sv", "--as-of", "2025-07-19")
    return found


def test_four_figures_stand_side_by_side(july: Document) -> None:
    holding = series(july, "reserve.holding-reported")
    said = {c["asserted_by"]: bounds(c) for c in holding["certain"] + holding["cannot_tell"]}
    wanted = {
        "party/bitcointreasuries": (6_240 * BTC, None, True),
        "party/the-block": (6_242 * BTC, 6_242 * BTC, False),
        "party/geo": (6_237 * BTC, None, True),
        "party/coinpedia": (6_089 * BTC, None, True),
    }
    assert {who: said[who] for who in wanted} == wanted


def test_they_are_compatible_and_only_one_is_exact(july: Document) -> None:
    holding = series(july, "reserve.holding-reported")
    assert holding["support"] == "single source"  # an open amount corroborates nothing
    assert july["answer"]["reported"]["asserted_by"] == "party/the-block"
    assert july["answer"]["reported"]["amount"]["lower"] == 6_242 * BTC
    alike = [c for c in holding["cannot_tell"] if c["same_days_as_selected"]]
    assert {c["asserted_by"] for c in alike} == {"party/geo", "party/coinpedia", ARTICLE}
    assert {c["effective"] for c in alike} == {"2025-07~"}


def test_what_they_are_said_to_be_worth_is_not_compatible(july: Document) -> None:
    valued = series(july, "reserve.valued")
    assert valued["support"] == "contested"
    assert {c["says"]["value"]["text"] for c in valued["certain"] + valued["cannot_tell"]} >= {
        "737,000,000 USD",
        "over 760,000,000 USD",
        "722,000,000 USD",
        "about 740,000,000 USD",
    }


def test_whether_it_was_bought_or_moved_is_contested_and_denied(july: Document) -> None:
    """The Office bought, the Fund says it was moved, and two authorities deny it (C5, E26)."""
    (growth,) = [o for o in july["occurrences"] if o["fields"].get("type") == "contested"]
    assert {c["asserted_by"]: c["type"] for c in claims(growth)} == {
        OFFICE: "reserve.acquired",
        "party/imf": "reserve.transferred",
    }
    assert [c["asserted_by"] for c in growth["denied_by"]] == ["party/sv-bcr", "party/sv-mof"]
    assert (growth["support"], growth["selected"][0]["type"]) == ("contested", "reserve.acquired")


def test_the_eleven_lots_are_booked_and_what_was_moved_is_not(july: Document) -> None:
    booked = july["answer"]["ledger_balance"]
    assert (booked["lower_sat"], booked["upper_sat"]) == (2_381 * BTC, None)
    assert booked["text"] == "at least 2,381 BTC; 1 flow of unknown size"


# What was public on the 13th of March 2024, and what on the 15th? (D, E28)


def test_on_the_13th_of_march_a_tracker_was_all_there_was(ask: Ask) -> None:
    found = ask("reserve", "show", "sv", "--public-at", "2024-03-13")
    reported = found["answer"]["reported"]
    assert (reported["asserted_by"], reported["basis"]) == ("party/unnamed-tracker", "tracker")
    assert reported["amount"]["lower"] == reported["amount"]["upper"] == 2_861 * BTC
    assert found["answer"]["addresses"] == []


def test_on_the_15th_the_holder_had_disclosed_twice_as_much(ask: Ask) -> None:
    found = ask("reserve", "show", "sv", "--public-at", "2024-03-15")
    reported = found["answer"]["reported"]
    assert (reported["asserted_by"], reported["basis"]) == ("party/bukele", "own-publication")
    assert reported["amount"]["lower"] == reported["amount"]["upper"] == 568_968_000_000
    assert reported["as_of"] == "[2024-03-12..2024-03-14]"
    assert found["answer"]["addresses"] == ["32ixEdVJWo3kmvJGMTZq5jAQVZZeuwnqzo"]


def test_the_disclosure_revised_what_was_held_on_the_12th(ask: Ask) -> None:
    """A later publication changes the past, and both answers can be asked for."""
    then = ask("reserve", "show", "sv", "--as-of", "2024-03-14", "--public-at", "2024-03-13")
    now = ask("reserve", "show", "sv", "--as-of", "2024-03-14", "--public-at", "2024-03-15")
    assert then["answer"]["reported"]["amount"]["lower"] == 2_861 * BTC
    assert now["answer"]["reported"]["amount"]["lower"] == 568_968_000_000
    assert series(now, "reserve.holding-reported")["support"] == "contested"


# Nothing of November 2025 shows in July


IN_JULY = [
    ("reserve", "show", "sv", "--as-of", "2025-07-19"),
    ("reserve", "show", "sv", "--as-of", "2025-07-19", "--claims"),
    ("reserve", "show", "sv", "--public-at", "2025-07-19"),
    ("reserve", "show", "sv", "--as-of", "2025-07-19", "--public-at", "2025-07-19"),
    ("reserve", "show", "sv", "--as-of", "2025-07-19", "--policy", "latest"),
    ("reserve", "list", "--as-of", "2025-07-19"),
    ("reserve", "list", "--public-at", "2025-07-19"),
    ("reserve", "history", "sv", "--public-at", "2025-07-19"),
    ("party", "show", "onbtc", "--as-of", "2025-07-19"),
]


@pytest.mark.parametrize("words", IN_JULY, ids=" ".join)
def test_nothing_of_november_shows_in_july(page: Callable[..., str], words: tuple[str]) -> None:
    assert re.findall(NOVEMBER, page(*words)) == []
    assert re.findall(NOVEMBER, page("--json", *words)) == []


def test_it_shows_in_november(page: Callable[..., str]) -> None:
    on = "2025-11-18"
    text = page("reserve", "show", "sv", "--claims", "--as-of", on, "--public-at", on)
    assert "7,474.37 BTC" in text
    assert "1,090 BTC" in text
    assert re.search(r"^reported +7,474\.37 BTC", text, re.MULTILINE)


def test_the_purchase_of_the_17th_at_six_in_new_york_is_of_the_17th(ask: Ask) -> None:
    """E30: 2025-11-17T18:01-05:00. No source states a zone, so its day is that at its offset."""
    before = ask("reserve", "show", "sv", "--as-of", "2025-11-16")
    after = ask("reserve", "show", "sv", "--as-of", "2025-11-17")
    bought = [
        found["answer"]["ledger_balance"]["lower_sat"] - 2_381 * BTC for found in (before, after)
    ]
    assert bought == [0, 1_090 * BTC]


# Pakistan's reserve: announced, and nothing in it (E12, C8)


def test_pakistan_announced_a_reserve_with_nothing_in_it(
    ask: Ask, page: Callable[..., str]
) -> None:
    found = ask("reserve", "show", "pk")
    answer = found["answer"]
    assert (answer["announced"], answer["established"]) == ("reserve/pk/1", None)
    assert (answer["ledger_balance"], answer["custody"]) == (None, None)
    assert (answer["reported"], found["series"]) == (None, [])
    assert re.search(r"^status +announced$", page("reserve", "show", "pk"), re.MULTILINE)


def test_on_which_day_it_was_announced_is_contested(ask: Ask) -> None:
    announced = occurrence(ask("reserve", "show", "pk"), "reserve.announced", holder="party/pk")
    assert announced["fields"]["effective"] == "contested"
    assert who_says(announced, "effective") == {
        "party/saqib": "2025-05-28",
        "party/sovereign-bitcoin-reserve-monitor": "2026-04-01",
    }
    assert announced["selected"][0]["asserted_by"] == "party/saqib"


def test_before_the_office_s_statement_nothing_of_it_was_public(
    depositary: Any, story: Path
) -> None:
    asked = ("--ledger", story, "reserve", "show", "pk", "--public-at", "2025-05-28")
    assert depositary(*asked).returncode == 3
    assert depositary(*asked[:-1], "2025-05-29").returncode == 0


# Strategy: a value that had gone stale (A13, E15, C6)


def test_strategy_s_value_in_july_is_computed_and_the_press_repeats_that_of_june(ask: Ask) -> None:
    valued = series(ask("reserve", "show", "strategy", "--as-of", "2025-07-20"), "reserve.valued")
    pick = valued["selected"]["says"]
    assert (pick["method"], pick["value"]["text"]) == ("computed", "71,402,781,900 USD")
    assert pick["value"]["lower"] == 601_550 * 118_698 * 100
    repeated = [c for c in valued["certain"] if c["asserted_by"] == ARTICLE]
    assert [c["says"]["value"]["text"] for c in repeated] == ["over 62,000,000,000 USD"]


# A slip, and what it leaves behind


@pytest.fixture(scope="module")
def slip(depositary: Any, demo_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give a ledger in which a slip was recorded and then retracted, and both positions."""
    ledger = shutil.copytree(demo_once, tmp_path_factory.mktemp("slip") / "ledger")

    def do(*words: str) -> int:
        done = depositary("--ledger", ledger, *words)
        assert done.returncode == 0, done.stderr
        status = json.loads(depositary("--ledger", ledger, "status", "--json").stdout)
        position: int = status["position"]
        return position

    recorded = do(
        *("record", "reserve.holding-reported", "reserve/sv", "--amount", "62,420 BTC"),
        *("--scope", "unstated", "--effective", "2025-07-20", "--asserted-by", "the-block"),
        *("--basis", "press", "--source", "the-block,published=2025-07-20"),
    )
    retracted = do("retract", f"@{recorded}", "--reason", "recording-error")
    assert retracted == recorded + 1
    return ledger, recorded, retracted


def reported(ask: Ask, ledger: Path, *words: str) -> int:
    found = ask("reserve", "show", "sv", "--as-of", "2025-07-21", *words, ledger=ledger)
    lower: int = found["answer"]["reported"]["amount"]["lower"]
    return lower


def test_what_was_retracted_is_not_known_now(ask: Ask, slip: Any) -> None:
    ledger, _, retracted = slip
    assert reported(ask, ledger) == 6_242 * BTC
    assert reported(ask, ledger, "--known-at", f"@{retracted}") == 6_242 * BTC


def test_what_was_known_before_the_retraction_is_answered_as_it_was(ask: Ask, slip: Any) -> None:
    ledger, recorded, _ = slip
    assert reported(ask, ledger, "--known-at", f"@{recorded}") == 62_420 * BTC
    assert reported(ask, ledger, "--known-at", f"@{recorded - 1}") == 6_242 * BTC


def test_a_slip_was_never_public_knowledge(ask: Ask, slip: Any) -> None:
    """A recording error is taken back at every day of publication, that of the slip too."""
    ledger, _, _ = slip
    assert reported(ask, ledger, "--public-at", "2025-07-20") == 6_242 * BTC


def test_history_keeps_the_slip_and_its_retraction(ask: Ask, slip: Any) -> None:
    ledger, recorded, retracted = slip
    *_, wrong, taken_back = ask("reserve", "history", "sv", ledger=ledger)["rows"]
    assert (wrong["position"], taken_back["position"]) == (recorded, retracted)
    assert wrong["says"]["amount"]["text"] == "62,420 BTC"
    assert wrong["became"] == f"retracted by {taken_back['id']}"
    assert wrong["retracted_by"] == taken_back["id"]
    assert taken_back["type"] == "claim.retracted"


def test_history_as_known_before_knows_no_retraction(ask: Ask, slip: Any) -> None:
    ledger, recorded, _ = slip
    *_, wrong = ask("reserve", "history", "sv", "--known-at", f"@{recorded}", ledger=ledger)["rows"]
    assert (wrong["position"], wrong["became"]) == (recorded, "")


# Answers are made from the record


EVERYTHING = [
    ("agreement", "show", PAPER),
    ("reserve", "show", "sv", "--as-of", "2025-07-19"),
    ("reserve", "show", "pk"),
    ("reserve", "list"),
    ("party", "list"),
    ("source", "list"),
    ("agreement", "history", PAPER),
    ("find", "memorandum"),
]


def test_answers_deleted_are_answers_made_again(
    page: Callable[..., str], demo_ledger: Path, depositary: Any
) -> None:
    before = [page("--json", *words, ledger=demo_ledger) for words in EVERYTHING]
    (demo_ledger / "answers.sqlite3").unlink()
    assert [page("--json", *words, ledger=demo_ledger) for words in EVERYTHING] == before
    assert depositary("--ledger", demo_ledger, "replay", "--compare").returncode == 0


def test_the_record_alone_is_enough_for_every_answer(
    page: Callable[..., str], story: Path, tmp_path: Path
) -> None:
    for name in ("depositary.toml", "record.sqlite3"):
        shutil.copy(story / name, tmp_path)
    for words in EVERYTHING:
        assert page("--json", *words, ledger=tmp_path) == page("--json", *words)
