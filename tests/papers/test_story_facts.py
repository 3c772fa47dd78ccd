"""Does the bundled story hang together as written, before any of our own code reads it?"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.each import each

ROOT = Path(__file__).resolve().parents[2]
STORY = ROOT / "cli" / "story"
ARTICLE = ROOT.parent / "shared" / "data" / "story" / "article.txt"

Fact = dict[str, Any]

KINDS = {
    *("party", "source", "agreement", "reserve", "programme"),
    *("allocation", "proposal", "law", "meeting", "price"),
}
THING = re.compile(rf"({'|'.join(sorted(KINDS))})/[a-z0-9]+(-[a-z0-9]+)*")
EVENT = re.compile(r"[a-z]+/[a-z0-9-]+/[1-9][0-9]*")
TYPE = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*")
INTRODUCTIONS = ("party.established", "source.cited")
OWN_WORDS = ("gist", "ground", "note", "rule", "terms", "words")
TARGETS = ("target", "with", "part_of", "winner")
BASES = {
    "official-record",
    "signed-statement",
    "audit",
    "own-publication",
    "on-chain",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
}

# Which facts tell what a row of the notes says: A the article, E better sources, C the disputes, D
# the series of holdings. A label begins with its row; a row may need others' facts beside its own.
ROWS = [*(f"A{n}" for n in range(1, 20)), *(f"E{n}" for n in range(1, 33))]
ROWS += [*(f"C{n}" for n in range(1, 12)), "D"]
TOLD_BY = {
    "A1": "a1-described",
    "A2": "a2-signed-pk a2-signed-sv",
    "A3": "a3-appointed-ceo a3-appointed-sapm",
    "A4": "a4-held",
    "A5": "a5-approved",
    "A6": "a6-stated",
    "A7": "a7-holding-reported",
    "A8": "a8-valued",
    "A9": "a9-stated",
    "A10": "a10-described",
    "A11": "a11-held",
    "A12": "a12-appointed",
    "A13": "a13-valued",
    "A14": "a14-stated",
    "A15": "a15-rejected",
    "A16": "a16-allocated",
    "A17": "a17-stated",
    "A18": "a18-stated",
    "A19": "a19-cited",
    "E1": "e1-described e1-signed-sv e1-signed-pk",
    "E2": "e2-stated",
    "E3": "e3-stated-arab-news e3-stated-we-news",
    "E4": "e4-taken-up-arab-news e4-taken-up-the-news e4-same-occurrence",
    "E5": "e5-established-coingeek e5-established-newsbytes e5-established-arab-news "
    "e5-appointed-coingeek e5-appointed-newsbytes e5-appointed-arab-news",
    "E6": "e6-appointed",
    "E7": "e7-described-cointrackdaily e7-described-humenglish e7-described-letter "
    "e7-signed-pcc-cointrackdaily e7-signed-wlf-cointrackdaily e7-signed-pcc-humenglish "
    "e7-signed-wlf-humenglish e7-signed-pcc-day e7-signed-wlf-day",
    "E8": "e8-endorsed-phoneworld e8-endorsed-techjuice e8-same-occurrence",
    "E9": "e9-allocated",
    "E10": "e10-stated-decrypto e10-stated-ecoinimist",
    "E11": "e11-appointed",
    "E12": "e12-announced e12-policy-set e12-stated",
    "E13": "e13-stated",
    "E14": "e14-held e14-held-saturday",
    "E15": "e15-established e15-holding-reported e15-valued",
    "E16": "e16-endorsed-dawn e16-endorsed-business-today e16-same-occurrence e16-established "
    "e16-adopted e16-published e16-in-force e16-adopted-as-act",
    "E17": "e17-package-submitted e17-package-endorsed e17-tariff-submitted "
    "e17-tariff-submitted-otherwise",
    "E18": "e18-appointed e18-rejected e18-taken-up e18-denied-tariff e18-denied-allocation",
    "E19": "e19-staff-level-agreement e19-approved",
    "E20": "e20-disbursed e20-review-completed",
    "E21": "e21-adopted e21-published e21-in-force",
    "E22": "e22-adopted-reuters e22-adopted-afp e22-adopted-elsalvadornow "
    "e22-in-force-reuters e22-in-force-afp e22-in-force-elsalvadornow",
    "E23": "e23-staff-level-agreement e23-approved",
    "E24": "e24-staff-level-agreement e24-condition-holdings e24-condition-chivo",
    "E25": "e25-review-completed",
    "E26": "e26-transferred e26-address-disclosed e26-same-occurrence e26-denied-bcr "
    "e26-denied-mof e26-condition-assessed",
    "E27": "e27-policy-set e27b-acquired",
    "E28": "e28-address-disclosed e28-holding-reported e28-holding-observed e28-valued",
    "E29": "e29-transferred e29-holding-reported e29-valued",
    "E30": "e30-acquired e30-holding-reported",
    "E31": "e31-stated",
    "E32": "e32-address-disclosed e32-holding-observed",
    "C1": "a1-described e1-described",
    "C2": "a2-signed-pk e1-signed-pk c2-signed-pk a2-signed-sv e1-signed-sv",
    "C3": "a1-described a2-signed-pk e1-signed-pk c2-signed-pk",
    "C4": "c4-bitcointreasuries a7-holding-reported a8-valued c4-the-block c4-the-block-valued "
    "c4-geo c4-geo-valued c4-coinpedia c4-coinpedia-valued",
    "C5": "e27b-acquired e26-transferred e26-same-occurrence e26-denied-bcr e26-denied-mof "
    "e30-acquired c5-stated",
    "C6": "a13-valued e15-valued c6-holding-reported c6-valued c6-observed-june c6-observed-july",
    "C7": "e5-established-coingeek c7-established-day c7-established-february",
    "C8": "e12-announced c8-announced",
    "C9": "c9-adopted c9-established c9-corrected",
    "C10": "c10-lot-1 c10-lot-11 c10-coincheckup-lots-1-2 c10-grindearn-total "
    "c10-blazetrends-total",
    "C11": "c11-rejected e18-rejected e18-denied-allocation",
    "D": "d-sv-established d-2021-09-06 d-2021-09-07 d-2021-09-20 d-2021-10-27 d-2021-11-26 "
    "d-2021-12-04 d-2021-12-21 d-2022-01-21 d-2022-05-09 d-2022-06-30 d-2024-02 d-2024-03-12 "
    "e28-holding-reported d-2025-01-29 d-2025-05-27 c4-bitcointreasuries c4-the-block "
    "e29-holding-reported e30-holding-reported d-2025-12-24 d-2026-02-15 e32-holding-observed",
}


def read_story() -> list[tuple[str, list[Fact]]]:
    """Return every file's name and facts, in the order in which they are appended."""
    files = sorted(STORY.glob("*.toml"))
    return [(file.name, tomllib.loads(file.read_text("utf-8"))["fact"]) for file in files]


FILES = read_story()
FACTS = [fact for _, facts in FILES for fact in facts]
LABELLED = {fact["label"]: fact for fact in FACTS if "label" in fact}

# The first fact that names a party or cites a source; what others claim of it comes later.
NAMED_BY: dict[str, Fact] = {}
for one in FACTS:
    if one["type"] in INTRODUCTIONS:
        NAMED_BY.setdefault(one["subject"], one)


def texts(value: object) -> Iterator[str]:
    """Yield every text inside a fact, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def cited(fact: Fact) -> list[str]:
    """Return the ids of a fact's sources, whether written as a table or as plain text."""
    return [ref if isinstance(ref, str) else ref["source"] for ref in fact.get("sources", [])]


def of_type(name: str, thing: str) -> list[Fact]:
    return [fact for fact in FACTS if fact["type"] == name and fact["subject"] == thing]


def btc(words: str) -> Decimal:
    """Return an exact amount of bitcoin; anything but `1,234.5 BTC` is an error."""
    number, unit = words.split(" ")
    assert unit == "BTC"
    return Decimal(number.replace(",", ""))


def sdr(words: str) -> Decimal:
    """Return an exact amount in millions of SDR; anything but `760 million SDR` is an error."""
    number, unit = words.split(" ", 1)
    assert unit == "million SDR"
    return Decimal(number.replace(",", ""))


def test_the_files_tell_of_every_kind_of_thing() -> None:
    numbers = [name.partition("-")[0] for name, _ in FILES]
    assert all(re.fullmatch("[0-9]{2}", number) for number in numbers)
    assert len(numbers) == len(set(numbers))
    assert {fact["subject"].split("/")[0] for fact in FACTS} == KINDS


@each("row", ROWS)
def test_every_row_of_the_notes_is_told(row: str) -> None:
    told = TOLD_BY[row].split()
    assert told != []
    assert [label for label in told if label not in LABELLED] == []


def test_every_fact_says_which_row_it_tells() -> None:
    assert list(TOLD_BY) == ROWS
    for fact in FACTS:
        if fact is NAMED_BY.get(fact["subject"]) and "label" not in fact:
            continue
        row = re.match(r"([ace][1-9][0-9]*|d)b?-", fact["label"])
        assert row is not None, fact["label"]
        assert row[1].upper() in TOLD_BY, fact["label"]


def test_each_file_opens_by_saying_what_it_holds() -> None:
    for file in STORY.glob("*.toml"):
        assert file.read_text("utf-8").startswith("# "), file.name


@each("fact", FACTS, lambda fact: f"{fact['type']}:{fact['subject']}")
def test_a_fact_says_what_of_which_thing_by_whom_and_from_where(fact: Fact) -> None:
    assert TYPE.fullmatch(fact["type"])
    assert THING.fullmatch(fact["subject"])
    assert fact["type"].split(".")[0] in (fact["subject"].split("/")[0], "claim")
    assert fact["asserted_by"].startswith("party/")
    assert fact["basis"] in BASES
    assert (fact["basis"] == "recorder") == (fact["asserted_by"] == "party/recorder")
    assert bool(cited(fact)) == (fact["basis"] != "recorder")
    assert len(cited(fact)) == len(set(cited(fact)))
    assert all(re.fullmatch(r"source/[a-z0-9-]+", source) for source in cited(fact))


def test_a_label_is_used_once_and_only_after_it_was_given() -> None:
    given: dict[str, str] = {}
    for name, facts in FILES:
        for fact in facts:
            for reference in [fact[key] for key in TARGETS if key in fact]:
                if not EVENT.fullmatch(reference):
                    assert given.get(reference) == fact["subject"], f"{name}: {reference}"
            label = fact.get("label")
            assert label is None or label not in given, f"{name}: {label}"
            if label is not None:
                given[label] = fact["subject"]


def test_whoever_and_whatever_is_named_was_recorded_before() -> None:
    known: set[str] = set()
    for name, facts in FILES:
        for fact in facts:
            opens = not fact["subject"].startswith(("party/", "source/"))
            if opens or fact["type"] in INTRODUCTIONS:
                known.add(fact["subject"])
            named = {text for text in texts(fact) if THING.fullmatch(text)}
            assert named <= known, f"{name}: {fact['subject']} names {sorted(named - known)}"


def test_no_party_and_no_source_is_recorded_for_nothing() -> None:
    idle = set(NAMED_BY)
    for fact in FACTS:
        introduced = fact["subject"] if fact is NAMED_BY.get(fact["subject"]) else None
        idle -= {text for text in texts(fact) if text != introduced}
    assert idle == set()


def test_no_fact_is_written_twice() -> None:
    seen = [{key: value for key, value in fact.items() if key != "label"} for fact in FACTS]
    assert [fact for n, fact in enumerate(seen) if fact in seen[:n]] == []


def test_texts_are_normalised_and_printable() -> None:
    for text in texts(FACTS):
        assert text == unicodedata.normalize("NFC", text)
        assert text.isprintable(), repr(text)


def test_a_denial_names_a_type_and_the_span_it_denies() -> None:
    denials = {fact["label"]: fact for fact in FACTS if fact["type"] == "claim.denied"}
    assert all(fact["ground"] for fact in denials.values())
    said = {
        label: (fact["asserted_by"], fact["subject"], fact["type_"], fact["span"])
        for label, fact in denials.items()
    }
    bought = ("reserve/sv", "reserve.acquired", "2025-02-26/2025-07-15")
    assert said == {
        "e26-denied-bcr": ("party/sv-bcr", *bought),
        "e26-denied-mof": ("party/sv-mof", *bought),
        "e18-denied-tariff": (
            *("party/pk-power-secretary", "proposal/pk-marginal-tariff"),
            *("proposal.withdrawn", "../2025-07-03"),
        ),
        "e18-denied-allocation": (
            *("party/pk-power-secretary", "allocation/pk-2000mw"),
            *("allocation.withdrawn", "../2025-07-03"),
        ),
    }


def test_a_correction_carries_the_whole_new_body() -> None:
    for fact in FACTS:
        if fact["type"] == "claim.corrected":
            assert re.fullmatch(r"reserve\.established\.v1", fact["data_type"])
            assert {"asserted_by", "basis", "sources", "effective"} <= fact["data"].keys()


def lots() -> list[Fact]:
    acquired = of_type("reserve.acquired", "reserve/sv")
    return [fact for fact in acquired if fact.get("key", "").startswith("lot-")]


def test_the_eleven_lots_make_2381_bitcoin() -> None:
    assert [lot["key"] for lot in lots()] == [f"lot-{n}" for n in range(1, 12)]
    assert sum(btc(lot["amount"]) for lot in lots()) == 2381


def test_the_president_reports_the_running_total_of_his_lots() -> None:
    running: dict[str, Decimal] = {}
    total = Decimal(0)
    for lot in lots():
        total += btc(lot["amount"])
        running[lot["effective"]] = total
    reported = {
        fact["effective"]: btc(fact["amount"])
        for fact in of_type("reserve.holding-reported", "reserve/sv")
        if fact["asserted_by"] == "party/bukele" and fact["effective"] < "2023"
    }
    assert reported == running


def test_coincheckups_row_of_400_has_two_lots_as_its_parts() -> None:
    parts = [fact for fact in FACTS if "part_of" in fact]
    assert [fact["target"] for fact in parts] == ["c10-lot-1", "c10-lot-2"]
    assert {fact["part_of"] for fact in parts} == {"c10-coincheckup-lots-1-2"}


def test_a_computed_value_is_its_amount_times_its_price() -> None:
    for fact in FACTS:
        if fact.get("method") == "computed":
            amount = btc(fact["of"])
            price, value = (
                fact[key].removesuffix(" USD").replace(",", "") for key in ("price", "value")
            )
            assert amount * Decimal(price) == Decimal(value)


def test_a_computed_value_takes_a_price_observed_on_its_day() -> None:
    observed = {
        (fact["effective"].partition("T")[0], fact["value"])
        for fact in of_type("price.observed", "price/btc-usd")
    }
    computed = [fact for fact in FACTS if fact.get("method") == "computed"]
    assert {(fact["effective"], fact["price"]) for fact in computed} <= observed


def test_whoever_repeats_the_article_read_it_on_one_day() -> None:
    refs = [ref for fact in FACTS for ref in fact.get("sources", []) if isinstance(ref, dict)]
    read = {
        (ref.get("published"), ref.get("retrieved"))
        for ref in refs
        if ref["source"] == "source/article"
    }
    assert read == {("[2025-07-18..]", "2026-11-24")}
    assert {fact["basis"] for fact in FACTS if "source/article" in cited(fact)} == {"press"}


def test_a_claim_dates_its_source_as_the_source_dates_itself() -> None:
    dated = {t: fact["published"] for t, fact in NAMED_BY.items() if "published" in fact}
    for fact in FACTS:
        for ref in fact.get("sources", []):
            source = ref if isinstance(ref, str) else ref["source"]
            if source in dated:
                assert isinstance(ref, dict), fact
                assert ref["published"] == dated[source]


def released(programme: str, day: str) -> Decimal:
    approved = [f for f in of_type("programme.approved", programme) if "available" in f]
    steps = approved + of_type("programme.review-completed", programme)
    return sum((sdr(f["available"]) for f in steps if f["effective"] <= day), Decimal(0))


def test_what_the_fund_made_available_is_told_apart_from_what_was_drawn() -> None:
    assert released("programme/pk-eff-2024", "2025-05-31") == 1520
    (drawn,) = of_type("programme.disbursed", "programme/pk-eff-2024")
    assert (sdr(drawn["amount"]), drawn["effective"]) == (Decimal(760), "2024-09-27")
    assert released("programme/sv-eff-2025", "2025-06-30") == Decimal("172.32")
    assert of_type("programme.disbursed", "programme/sv-eff-2025") == []


def test_access_is_twelve_times_what_el_salvador_gets_at_once() -> None:
    (approved,) = of_type("programme.approved", "programme/sv-eff-2025")
    assert sdr(approved["access"]) == 12 * sdr(approved["available"])


def test_a_condition_is_set_before_anybody_judges_it() -> None:
    set_on = {fact["ref"] for fact in of_type("programme.condition-set", "programme/sv-eff-2025")}
    assessed = of_type("programme.condition-assessed", "programme/sv-eff-2025")
    assert {fact["ref"] for fact in assessed} <= set_on == {"holdings-unchanged", "chivo-exit"}


def test_the_power_stands_and_nothing_is_withdrawn() -> None:
    allocated = of_type("allocation.allocated", "allocation/pk-2000mw")
    assert {fact["power"] for fact in allocated} == {"2,000 MW"}
    assert {fact["effective"][:7] for fact in allocated} == {"2025-05"}
    assert [fact for fact in FACTS if fact["type"].endswith(".withdrawn")] == []


def test_what_was_refused_is_three_things_and_none_of_them_the_power() -> None:
    refused = {f["subject"]: f.get("by") for f in FACTS if f["type"] == "proposal.rejected"}
    assert refused == {
        "proposal/pk-power-subsidy": None,
        "proposal/pk-marginal-tariff": "party/imf",
        "proposal/pk-2000mw-plan": "party/imf",
    }
    taken_up = of_type("proposal.taken-up", "proposal/pk-marginal-tariff")
    assert [fact["by"] for fact in taken_up] == ["party/world-bank"]


def test_a_law_is_in_force_and_lapses_on_the_days_its_words_make() -> None:
    (published,) = of_type("law.published", "law/sv-bitcoin-law-2021")
    (in_force,) = of_type("law.in-force", "law/sv-bitcoin-law-2021")
    ninety = date.fromisoformat(published["effective"]) + timedelta(days=90)
    assert in_force["effective"] == str(ninety)
    (ordinance,) = of_type("law.in-force", "law/pk-virtual-assets-ordinance-2025")
    (gazette,) = of_type("law.published", "law/pk-virtual-assets-ordinance-2025")
    ends = [
        date.fromisoformat(fact["effective"]) + timedelta(days=120) for fact in (ordinance, gazette)
    ]
    assert ordinance["until"] == f"[{ends[0]}..{ends[1]}]"


def test_nobody_takes_part_in_a_meeting_twice() -> None:
    for fact in FACTS:
        if fact["type"] == "meeting.held":
            parties = [who["party"] for who in fact["participants"]]
            assert len(parties) == len(set(parties)) > 1


def test_nothing_is_taken_over_from_the_article_word_for_word() -> None:
    if not ARTICLE.exists():
        pytest.skip("the article is read in place and is not part of the repository")
    article = " ".join(re.findall(r"\w+", ARTICLE.read_text("utf-8").lower()))
    for fact in FACTS:
        for text in (fact[key] for key in OWN_WORDS if key in fact):
            words = re.findall(r"\w+", text.lower())
            runs = [" ".join(words[n : n + 5]) for n in range(len(words) - 4)]
            assert [run for run in runs if run in article] == []


_DAY = re.compile(r"\b[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}\b|\blooked for on [0-9-]{10}\b")
_NO_ONE_DAY = ("account", "No day of publication", "in the version read", "Known are")


@pytest.mark.parametrize(
    "fact",
    [fact for fact in FACTS if fact["type"] == "source.cited" and "published" not in fact],
    ids=lambda fact: fact["subject"],
)
def test_a_source_without_a_day_says_what_is_known_of_it(fact: Fact) -> None:
    note = fact["note"]
    assert _DAY.search(note) or any(words in note for words in _NO_ONE_DAY)
