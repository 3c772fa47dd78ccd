"""Do tables of members, of prices and of anything, and other ledgers, become facts?"""

import json
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope
from tests.faults.sqlite_statements import after_statement

ROOT = Path(__file__).resolve().parents[2]

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]

MEMBERS = """\
Contracting Party,Treaty,Signature Date,Instrument Type,Instrument Date,Entry Into Force Date
Algeria,Beijing,,Accession,2017-07-25,2020-04-28
Fiji,Berne,,Declaration of Continued Application,1971-12-01,1970-10-10
Austria,Beijing,2013-06-19,,,
"""


def said(rows: list[Any], thing: str) -> list[tuple[str, dict[str, Any]]]:
    of = [row for row in rows if row.thing == thing]
    return [(row.topic.removesuffix(".v1"), open_envelope(row.state).data) for row in of]


def test_a_member_signs_consents_and_is_bound(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "members.csv").write_text(MEMBERS)
    ran = ask("import", "copyright-membership", tmp_path / "members.csv", "--as-reported")
    assert "13 cells read = 13 recorded" in ran.out, ran.err
    facts = said(recorded(), "agreement/wipo-beijing")
    assert [type_.partition(".")[2] for type_, _ in facts] == [
        "described", "consent-expressed", "entered-into-force-for", "signed",
    ]  # fmt: skip
    assert (facts[1][1]["mode"], facts[1][1]["effective"]) == ("accession", "2017-07-25")
    (_, continued) = said(recorded(), "agreement/wipo-berne")[1]
    assert (continued["mode"], continued["effective"]) == ("succession", "[..1971-12-01]")


def test_a_date_without_an_instrument_is_a_consent_of_no_stated_mode(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    header = MEMBERS.partition("\n")[0]
    rows = "Mali,Berne,,,1962-03-19,\nChad,Berne,1971-11-25,,,\nPeru,Berne,,Accession,,\n"
    (tmp_path / "members.csv").write_text(f"{header}\n{rows}")
    ask("import", "copyright-membership", tmp_path / "members.csv", "--as-reported")
    facts = said(recorded(), "agreement/wipo-berne")[1:]
    assert [(type_, one["party"], one["mode"]) for type_, one in facts] == [
        ("agreement.consent-expressed", "party/ml", "unstated"),
        ("agreement.signed", "party/td", "simple"),
    ]


def test_the_example_map_reads_the_example(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    table = ROOT / "examples" / "copyright-membership.csv"
    lines = table.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "some.csv").write_text("".join(lines[:150]), "utf-8")
    map_ = table.with_suffix(".toml")
    ran = ask("import", "csv", tmp_path / "some.csv", "--map", map_, "--as-reported", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)["cells"]
    assert told["read"] == sum(told.values()) - told["read"] > 150
    assert told["rejected"] == told["not_mapped"] == 0


MAP = """
[defaults]
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "reserve.acquired"
subject = "reserve/{Holder}"
when = "Day"
[fact.fields]
effective = { column = "Day", as = "date", formats = ["%d/%m/%Y"], unknown = ["31/12/9999"] }
amount = { column = "Coins", as = "amount", unit = "BTC" }
key = "{Holder} {Lot}"
mode = { column = "How", values = { P = "purchase", M = "mining" } }
"""
LOTS = """\
Holder,Lot,Day,Coins,How
El Salvador,1,06/09/2021,200,P
El Salvador,2,31/12/9999,about 5,M
El Salvador,3,1971~,5,P
El Salvador,4,99/99/2021,5,P
El Salvador,5,06/09/2021,many,P
El Salvador,6,06/09/2021,5,?
"""


def test_a_map_reads_days_amounts_words_and_what_stands_for_unknown(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "lots.csv").write_text(LOTS)
    ran = ask(
        "import", "csv", tmp_path / "lots.csv", "--map", tmp_path / "map.toml",
        "--report", tmp_path / "r.json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    lots = [data for _, data in said(recorded(), "reserve/el-salvador")]
    assert [one.get("effective") for one in lots] == ["2021-09-06", None, "1971~"]
    assert [one["amount"]["lower"] for one in lots] == [20_000_000_000, 500_000_000, 500_000_000]
    assert [one["mode"] for one in lots] == ["purchase", "mining", "purchase"]
    lines = json.loads((tmp_path / "r.json").read_text())["lines"]
    assert [(line["row"], line["name"]) for line in lines if line["what"] == "rejected"] == [
        (5, "illegible"), (6, "illegible"), (7, "illegible"),
    ]  # fmt: skip


BOUGHT = "[[fact]]\ntype = 'reserve.acquired'\nsubject = 'reserve/x'\n"


WHOLE = "fields = { mode = 'purchase', basis = 'recorder'"
AMOUNT = "fields = { amount = { column = 'Coins', "


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("fact = 1", "fact is a table of its own each time: [[fact]]"),
        ("first = 1\n" + BOUGHT, "first is a table of its own each time: [[first]]"),
        ("unknown = ['x']", "there is no [[fact]]"),
        ("other = 1\n" + BOUGHT, "the map knows no 'other', but century, codes, decimal,"),
        ("parties = 3\n" + BOUGHT, "the map: parties is to be a table"),
        ("unknown = [3]\n" + BOUGHT, "the map: unknown.0 is to be a text"),
        (BOUGHT.replace("acquired", "bought"), "fact 1: 'reserve.bought' is not a type"),
        (
            "[[fact]]\ntype = 'reserve.acquired'",
            "fact 1 needs a subject, such as agreement/{Treaty}",
        ),
        ("[[fact]]\nsubject = 'reserve/x'", "fact 1 needs a type"),
        (
            BOUGHT + "thing = 'reserve/y'",
            "fact 1 knows no 'thing', but columns, fields, once, subject,",
        ),
        (BOUGHT + "where = 1", "fact 1 knows no 'where', but columns, fields, once, subject,"),
        (BOUGHT + BOUGHT + "when = []", "fact 2: when is to be a text"),
        (BOUGHT + BOUGHT + "when = [1.5]", "fact 2: when is to be a text"),
        (BOUGHT + "fields = 3", "fact 1: fields is to be a table"),
        (f"{BOUGHT}{AMOUNT}as = 'sum' }} }}", "fact 1, amount: 'sum' is not one of amount, date,"),
        (
            f"{BOUGHT}{AMOUNT}format = 1 }} }}",
            "fact 1, amount knows no 'format', but did you mean formats? It knows as,",
        ),
        (f"{BOUGHT}{AMOUNT}formats = '%d' }} }}", "fact 1, amount: formats is to be a list"),
        (f"{BOUGHT}{AMOUNT}values = {{ A = 1 }} }} }}", "fact 1, amount: values.A is to be a text"),
        (
            f"{BOUGHT}fields = {{ amount = {{ column = [3] }} }}",
            "fact 1, amount: column is to be a text",
        ),
        (f"{BOUGHT}{WHOLE}, amount = {{ column = 'Missing' }} }}", "no column 'Missing'"),
        ("not toml", "Expected '='"),
    ],
)
def test_a_map_that_is_none_is_2_and_says_where(
    broken: str, says: str, ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "map.toml").write_text(broken)
    (tmp_path / "lots.csv").write_text(LOTS)
    ran = ask("import", "csv", tmp_path / "lots.csv", "--map", tmp_path / "map.toml")
    assert ran.code == 2, ran.err
    assert says in ran.err
    assert len(ran.err.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments", [("csv", "."), ("prices", ".", "--map", "x"), ("xml", "."), ("csv", "none")]
)
def test_what_is_no_import_is_2(arguments: tuple[str, ...], ask: Ask, ledger: Path) -> None:
    assert ask("import", *arguments).code == 2


def test_prices_are_exact_a_pair_a_thing(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "daily_prices.csv").write_text(
        "Date,BTC_USD,BTC_JPY,BTC_XYZ\n2026-08-22,78293.71,11646111.0,\n"
        "2010-07-18,0.0858393501805054,5.50,1\n2010-07-19,67123.456789012345,,\n"
    )
    ran = ask("import", "prices", tmp_path / "daily_prices.csv", "--as-reported")
    assert "4 facts recorded, 0 already recorded, 2 rejected" in ran.out, ran.err
    assert "67,123.456789012345 has 17 digits, and a price keeps 15" in ran.out
    assert ask("import", "prices", tmp_path / "daily_prices.csv", "--kind", "spot").code == 2
    (type_, usd), (_, early) = said(recorded(), "price/btc-usd")
    assert (type_, usd["value"]["lower"], usd["kind"]) == ("price.observed", 7829371, "open")
    assert (early["value"]["unit"], early["value"]["lower"]) == ("usd-e16", 858393501805054)
    (_, yen), (_, half) = said(recorded(), "price/btc-jpy")
    assert (yen["value"]["unit"], yen["value"]["lower"]) == ("jpy-minor", 11646111)
    assert (half["value"]["unit"], half["value"]["lower"]) == ("jpy-e1", 55)


PRICES = "Date,BTC_USD\n2025-03-07,86800\n"


@pytest.mark.parametrize("name", ["us", "pr", "imf", "georgia", "Strategy", "cbr"])
def test_a_file_of_prices_makes_no_party_say_them_that_has_its_name(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path, name: str
) -> None:
    ask("party", "add", "United States")
    ask("party", "add", "Strategy", "--type", "company")
    ask("party", "add", "Central Bank of Russia", "--id", "cbr", "--type", "publisher")
    table, before = tmp_path / f"{name}.csv", len(recorded())
    table.write_text(PRICES)
    ran = ask("import", "prices", table)
    assert ran.code == 2
    assert "who asserts these prices?" in ran.err
    assert f"import prices {table} --asserted-by PARTY" in ran.err
    assert len(recorded()) == before
    assert ask("import", "prices", table, "--asserted-by", "Central Bank of Russia").code == 0
    ((_, price),) = said(recorded(), "price/btc-usd")
    assert price["asserted_by"] == "party/cbr"


def test_a_column_of_days_may_be_in_small_letters(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "daily.csv").write_text(PRICES.lower())
    assert "1 fact recorded" in ask("import", "prices", tmp_path / "daily.csv").out


def test_what_a_table_makes_known_once_was_not_recorded_already(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    told = 'asserted_by = "party/recorder"\nbasis = "recorder"\n'
    once = '[[fact]]\ntype = "party.established"\nsubject = "party/{P}"\nonce = true\n'
    (tmp_path / "m.toml").write_text(
        f'[defaults]\n{told}{once}fields = {{ name = "{{P}}", type = "company" }}\n'
        '[[fact]]\ntype = "party.stated"\nsubject = "party/{P}"\nfields = { gist = "{G}" }\n'
    )
    (tmp_path / "t.csv").write_text("P,G\na,one\na,two\nb,three\n")
    words = ("import", "csv", tmp_path / "t.csv", "--map", tmp_path / "m.toml")
    ran = ask(*words)
    assert "6 cells read = 6 recorded + 0 already recorded" in ran.out, ran.err
    assert "5 facts recorded, 0 already recorded" in ran.out
    assert "0 facts recorded, 6 already recorded" in ask(*words).out


def test_what_is_unknown_is_named(ask: Ask, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[defaults]\nasserted_by = "party/mfa"\nbasis = "press"\n'
        'sources = [{ source = "source/x" }]\n[[first]]\n'
        'type = "party.established"\nsubject = "party/mfa"\n'
        'fields = { name = "MFA", type = "agency", state = "party/zz", basis = "recorder" }\n'
        '[[fact]]\ntype = "party.stated"\nsubject = "party/{P}"\nfields = { gist = "{P}" }\n'
    )
    (tmp_path / "t.csv").write_text("P\na\n")
    ran = ask("import", "csv", tmp_path / "t.csv", "--map", tmp_path / "m.toml", "--dry-run")
    assert "party/mfa: party/zz is not in this ledger" in ran.out


def test_prices_of_a_party_or_a_source_that_is_not_so_are_refused(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    ask("source", "add", "https://www.bbc.co.uk/news", "--id", "bbc")
    for name in ("bbc", "daily"):
        (tmp_path / f"{name}.csv").write_text(PRICES)
    assert "another document" in ask("import", "prices", tmp_path / "bbc.csv").err
    assert ask("import", "prices", tmp_path / "daily.csv", "--asserted-by", "nobody").code == 3
    assert ask("import", "rules", "--asserted-by", "un").code == 2


def test_thousands_of_observations_of_one_thing_are_no_matter(
    ask: Ask, ledger: Path, tmp_path: Path
) -> None:
    days = (f"{2000 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02}" for n in range(3_000))
    table = "".join(f"{day},{n}.25\n" for n, day in enumerate(days, 1))
    (tmp_path / "p.csv").write_text(f"Date,BTC_USD\n{table}")
    assert "3,000 facts recorded" in ask("import", "prices", tmp_path / "p.csv").out


@pytest.fixture
def other(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make another ledger's export, with a correction and a retraction in it."""
    assert ask("init", tmp_path / "other").code == 0
    facts = tmp_path / "facts.toml"
    told = 'asserted_by = "party/recorder"\nbasis = "recorder"\n'
    facts.write_text(
        f'[[fact]]\nlabel = "a"\ntype = "party.stated"\nsubject = "party/sv"\ngist = "one"\n{told}'
        f'[[fact]]\ntype = "claim.retracted"\nsubject = "party/sv"\ntarget = "a"\n'
        f'reason = "duplicate"\n{told}'
    )
    ran = ask("--ledger", tmp_path / "other", "append", facts)
    assert ran.code == 0, ran.err
    file = tmp_path / "other.ndjson"
    assert ask("--ledger", tmp_path / "other", "export", "-o", file).code == 0
    return file


def test_foreign_claims_are_recorded_as_they_are_and_speak_of_claims_here(
    ask: Ask, ledger: Path, recorded: Recorded, other: Path
) -> None:
    mine = ledger.with_name("mine.toml")
    mine.write_text(
        '[[fact]]\ntype = "party.stated"\nsubject = "party/sv"\ngist = "mine"\n'
        'asserted_by = "party/recorder"\nbasis = "recorder"\n'
    )
    assert ask("append", mine).code == 0
    ran = ask("import", "ndjson", other)
    assert "2 facts recorded, 0 already recorded, 1 rejected" in ran.out, ran.err
    facts = said(recorded(), "party/sv")
    assert (facts[1][1]["gist"], "key" in facts[1][1]) == ("one", False)
    assert facts[2][1]["target"] == "party/sv/2"
    after = recorded()
    assert "0 facts recorded, 2 already recorded" in ask("import", "ndjson", other).out
    assert recorded() == after


def test_ctrl_c_leaves_whole_batches_and_says_how_to_go_on(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = (f"{2000 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02}" for n in range(2_500))
    (tmp_path / "p.csv").write_text("Date,BTC_USD\n" + "".join(f"{day},1.25\n" for day in days))
    batches = count(1)

    def stopped(_: sqlite3.Connection) -> None:
        if next(batches) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        after_statement(patched, "INSERT INTO stored_events", stopped)
        ran = ask("import", "prices", tmp_path / "p.csv", "--as-reported")
    assert ran.code == 130
    assert "2,000 facts are recorded" in ran.err
    assert "run depositary import prices again" in ran.err
    assert len(recorded()) == 2_002  # with what the import wrote
    assert ask("import", "prices", tmp_path / "p.csv", "--as-reported").code == 0
    assert len(recorded()) == 2_505


def test_identical_acts_of_another_ledger_stay_as_many(
    ask: Ask, ledger: Path, recorded: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "map.toml").write_text(MAP.replace('key = "{Holder} {Lot}"\n', ""))
    (tmp_path / "lots.csv").write_text(
        "Holder,Lot,Day,Coins,How\n" + 3 * "El Salvador,1,06/09/2021,200,P\n"
    )
    ran = ask("import", "csv", tmp_path / "lots.csv", "--map", tmp_path / "map.toml")
    assert "3 facts recorded" in ran.out, ran.err
    assert ask("export", "-o", tmp_path / "lots.ndjson").code == 0
    other = tmp_path / "second"
    assert ask("init", other).code == 0
    for facts in ("3 facts recorded", "0 facts recorded, 3 already recorded"):
        assert facts in ask("--ledger", other, "import", "ndjson", tmp_path / "lots.ndjson").out
