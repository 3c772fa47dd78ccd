"""Can a map say what tables hold, and is it checked before anything is recorded?"""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.importers import map_keys, map_language

Bring = Callable[..., Any]
Data = Callable[[str], list[dict[str, Any]]]

BOUGHT = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/x"
[fact.fields]
mode = "purchase"
"""


def bought(*fields: str) -> str:
    return BOUGHT + "".join(f"{field}\n" for field in fields)


@pytest.mark.parametrize(
    ("map_", "says"),
    [
        ("[[fact]]\ntype = 'reserve.acquired'\nsubject = 'reserve/x'\n",
         "fact 1: mode is required by reserve.acquired and no column gives it"),
        (bought("amont = 'x'"), "amont is not a field of reserve.acquired: did you mean amount?"),
        (BOUGHT.replace("purchase", "theft"), "mode: 'theft' is not one of purchase, mining"),
        (bought("effective = { column = 'Dey', as = 'date' }"), "'Dey', did you mean 'Day'?"),
        (bought("effective = '{Dey}'"), "no column 'Dey', did you mean 'Day'?"),
        (bought("effective = { column = 9 }"), "no column '9'"),
        (BOUGHT.replace("reserve.acquired", "reserve.aquired"), "did you mean reserve.acquired?"),
        ("delimeter = ';'\n" + BOUGHT, "knows no 'delimeter', but did you mean delimiter?"),
        ("decimal = ',,'\n" + BOUGHT, "',,' is more than one character"),
        ("codes = 'iso4'\n" + BOUGHT, "'iso4' is not a list of codes, but iso2, iso3"),
        ("formats = ['%d/%m']\n" + BOUGHT, "'%d/%m' has no year"),
        ("ignore = ['Nope']\n" + BOUGHT, "no column 'Nope'"),
        (bought("amount = { column = 'Coins', as = 'amount', unit = 'EUR' }"), "EUR"),
        (bought("amount = { column = 'Coins', values = { a = 'b' } }").replace(
            "mode = \"purchase\"", "mode = { column = 'How', values = { a = 'theft' } }"),
         "'theft' is not one of purchase"),
        (BOUGHT.replace("mode", "basis = 'press'\nasserted_by = 'party/p'\nmode"),
         "sources are required by reserve.acquired"),
        (bought("amount = { column = 'Coins', as = 'amount', unit = 'XXX' }"),
         "fact 1, amount: unit: '1 XXX': the unit 'XXX' is not known"),
        (BOUGHT.replace("reserve/x", "law/x"), "reserve.acquired is about reserve"),
        (BOUGHT.replace("reserve/x", "{Day}"), "such as reserve/{Name}"),
        (bought("note = '{Day'"), "'{Day' has a brace without its other"),
        (bought("note = 'of Day}'"), "has a brace without its other"),
        (bought("sources = ['source/{Day']"), "has a brace without its other"),
        (bought("relayed = 'perhaps'"), "relayed"),
        (
            bought("relayed = { column = 'Day', values = { a = 'perhaps' } }"),
            "not one of true, false",
        ),
        (bought("zone = 'Mars/Base'"), "zone: 'Mars/Base'"),
        (bought("from = 'Example Corp'"), "from"),
        ("[defaults]\nbasis = 'recorder'\nmood = 'x'\n" + BOUGHT, "'mood' is a field of no type"),
    ],
)  # fmt: skip
def test_a_map_is_checked_before_the_first_write(
    map_: str, says: str, bring: Bring, recorded: Callable[[], list[Any]]
) -> None:
    got = bring("Day,Coins,How\n2025-01-01,5,a\n", map_)
    assert (got.code, len(recorded())) == (2, 1), got.out
    assert says in got.err


def test_a_map_saved_with_a_mark_of_its_encoding_is_read(
    ask: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("Day\n2025-01-01\n")
    (tmp_path / "m.toml").write_text('[defaults]\nbasis = "recorder"\n' + BOUGHT, "utf-8-sig")
    assert ask("import", "csv", tmp_path / "t.csv", "--map", tmp_path / "m.toml").code == 0


def test_a_source_of_each_row_is_made_on_the_way(bring: Bring, data: Data) -> None:
    map_ = """\
formats = ["%d/%m/%Y"]
[[first]]
type = "party.established"
subject = "party/firm"
fields = { name = "Firm", type = "company", basis = "recorder" }
[[fact]]
type = "reserve.acquired"
subject = "reserve/firm"
[fact.fields]
asserted_by = "party/firm"
basis = "own-publication"
mode = "purchase"
effective = "{Day}"
amount = "{Coins} BTC"
[[fact.fields.sources]]
source = "source/sec-{Filing}"
title = "Form {Form}"
published = "{Filed}"
locator = "{Link}"
"""
    table = (
        "Day,Coins,Filing,Form,Filed,Link\n"
        "01/02/2025,5,0001-25,8-K,03/02/2025,https://example.org/1\n"
        "02/02/2025,6,0001-25,8-K,03/02/2025,https://example.org/1\n"
        "05/02/2025,7,0002-25,10-Q,,\n"
    )
    got = bring(table, map_)
    assert got.report["facts"]["recorded"] == 3, got.report["lines"]
    assert got.report["cells"]["recorded"] == 16
    assert data("source.cited") == [
        {"asserted_by": "party/recorder", "basis": "recorder", "publisher": "party/firm",
         "title": "Form 8-K", "locator": "https://example.org/1"},
        {"asserted_by": "party/recorder", "basis": "recorder", "publisher": "party/firm",
         "title": "Form 10-Q"},
    ]  # fmt: skip
    lots = data("reserve.acquired")
    assert [one["effective"] for one in lots] == ["2025-02-01", "2025-02-02", "2025-02-05"]
    assert [one["sources"] for one in lots] == [
        [{"source": "source/sec-0001-25", "published": "2025-02-03"}],
        [{"source": "source/sec-0001-25", "published": "2025-02-03"}],
        [{"source": "source/sec-0002-25"}],
    ]


@pytest.mark.parametrize(
    ("reading", "marked"),
    [
        ("{ column = 'How' }", [True, None]),
        ("{ column = 'How', values = { x = 'true', y = 'false', yes = 'false', No = '' } }",
         [None, None, True, None]),
    ],
)  # fmt: skip
def test_a_mark_is_yes_or_no(
    reading: str, marked: list[bool | None], bring: Bring, data: Data
) -> None:
    map_ = bought(f"relayed = {reading}", "note = '{Day}'")
    got = bring("Day,How\n1,yes\n2,No\n3,x\n4,y\n", map_)
    assert [one.get("relayed") for one in data("reserve.acquired")] == marked
    assert len(got.lines()) == 4 - len(marked)


def test_an_amount_with_its_unit_is_read_as_a_text_too(bring: Bring, data: Data) -> None:
    got = bring("Coins\n5 BTC\nmany\n", bought("amount = { column = 'Coins' }"))
    assert [one["amount"]["lower"] for one in data("reserve.acquired")] == [500_000_000]
    assert got.named() == [(3, "Coins", "illegible")]


def test_a_row_that_names_no_source_of_its_own_has_none(bring: Bring, data: Data) -> None:
    own = "asserted_by = 'party/who'\nbasis = 'press'\nnote = '{Day}'"
    map_ = bought(own, "sources = [{ source = 'source/sec-{F}' }, { source = 'source/x{G}' }]")
    first = "[[first]]\ntype = 'party.established'\nsubject = 'party/who'\n"
    first += "fields = { name = 'W', type = 'publisher', basis = 'recorder' }\n"
    got = bring("Day,F,G\n1,8-K/1,\n2,8-K 1,a\n3,,b\n4,,\n", first + map_)
    cited = [[ref["source"] for ref in one["sources"]] for one in data("reserve.acquired")]
    assert cited == [
        ["source/sec-8-k-1"], ["source/sec-8-k-1", "source/xa"], ["source/xb"],
    ]  # fmt: skip
    assert got.named("finding") == [(3, "F", "two-titles-in-one-id")]
    assert "a fact needs a source" in got.lines()[0]["sentence"]


def test_a_cell_of_several_values_is_split(bring: Bring, data: Data) -> None:
    map_ = (
        '[[fact]]\ntype = "reserve.address-disclosed"\nsubject = "reserve/x"\n[fact.fields]\n'
        'to = "public"\naddresses = { column = "Where", split = ";" }\n'
    )
    a, b = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    got = bring(f"Day,Where\n2025,{a}; {b};\n2025,{b}\n", map_)
    assert [one["addresses"] for one in data("reserve.address-disclosed")] == [[b, a], [b]], (
        got.report["lines"]
    )


def test_else_stands_where_a_cell_says_nothing(bring: Bring, data: Data) -> None:
    map_ = bought(
        "effective = { column = 'Done', as = 'date', unknown = ['-'], else = '{Signed}' }",
        "note = { column = 'How', values = { a = 'as agreed' }, else = 'in another way' }",
    )
    bring("Signed,Done,How\n2025-01-01,2025-02-02,a\n2025-01-03,,b\n2025-01-04,-,\n", map_)
    lots = data("reserve.acquired")
    assert [one["effective"] for one in lots] == ["2025-02-02", "2025-01-03", "2025-01-04"]
    assert [one["note"] for one in lots] == ["as agreed", "in another way", "in another way"]


def test_columns_may_have_numbers_alone(bring: Bring, data: Data) -> None:
    fields = bought(
        "effective = { column = 1, as = 'date' }", "note = '{3}'",
        "amount = { column = 2, as = 'amount', unit = 'BTC' }",
    )  # fmt: skip
    bring("2025-01-01,5,a\n2025-01-02,6,b\n", "header = false\n" + fields)
    bring("Day,Day,Day\n2025-01-03,7,c\n", fields)
    assert [one["note"] for one in data("reserve.acquired")] == ["a", "b", "c"]
    got = bring("Day,Day\n2025-01-03,7\n", bought("effective = { column = 'Day' }"))
    assert "'Day' stands twice" in got.err


def test_wide_columns_are_one_rule(bring: Bring, data: Data) -> None:
    map_ = """\
[[fact]]
type = "reserve.holding-reported"
subject = "reserve/{Who}"
columns = ["1990…1993"]
when = "@cell"
fields = { effective = "@", amount = { column = "@cell", as = "amount", unit = "BTC" } }
""".replace('"@"', '"{@name}"')
    got = bring("Who,1990,1991,1992,1993\nA,1,2,,4\nB,,,,many\n", map_)
    held = [(one["effective"], one["amount"]["lower"]) for one in data("reserve.holding-reported")]
    assert held == [("1990", 10**8), ("1991", 2 * 10**8), ("1993", 4 * 10**8)]
    assert got.named() == [(3, "1993", "illegible")]
    assert got.report["cells"]["recorded"] == 4


def test_wide_columns_are_named_from_either_end(bring: Bring, data: Data) -> None:
    map_ = bought("amount = { column = '@cell', as = 'amount', unit = 'BTC' }")
    wide = map_.replace("[fact.fields]", 'columns = ["c3…c1"]\nwhen = "@cell"\n[fact.fields]')
    bring("c1,c2,c3\n1,2,2\n", wide)
    assert [one["amount"]["lower"] // 10**8 for one in data("reserve.acquired")] == [1, 2, 2]


def test_rows_that_say_the_same_in_other_cells_are_as_many_acts(bring: Bring, data: Data) -> None:
    map_ = BOUGHT.replace(
        '"purchase"', '{ column = "How", values = { b = "purchase", B = "purchase" } }'
    )
    for _ in range(2):
        bring("Day,How\n2025,b\n2025,B\n2025,b\n", map_ + 'effective = "{Day}"\n')
        assert len(data("reserve.acquired")) == 3


def test_a_condition_says_which_rows_count(bring: Bring, data: Data) -> None:
    kept = BOUGHT.replace(
        "[fact.fields]", "when = { column = 'How', %s }\n[fact.fields]\nnote = '{How}'"
    )
    table = "Day,How\n1,bought\n2,sold\n3,\n4,bought\n"
    got = bring(table, kept % "is = ['bought']")
    assert [one["note"] for one in data("reserve.acquired")] == ["bought", "bought"]
    assert got.report["cells"]["left_out"] == 1
    assert bring(table, kept % "not = ['bought']").report["facts"]["recorded"] == 1


def test_a_text_too_long_for_a_line_goes_whole_into_the_note(bring: Bring, data: Data) -> None:
    map_ = (
        '[[fact]]\ntype = "agreement.described"\nsubject = "agreement/x"\n'
        'fields = { title = { column = "Title", rest = "note" } }\n'
    )
    long = " ".join(["Convention"] * 40)
    assert bring(f"Title\n{long}\n", map_).code == 0
    (found,) = data("agreement.described")
    assert found["note"] == long
    assert len(found["title"]) <= 300
    assert found["title"].endswith("Convention…")


def test_an_agreement_is_described_once_though_every_row_names_it(bring: Bring, data: Data) -> None:
    map_ = (
        '[[fact]]\ntype = "agreement.described"\nsubject = "agreement/{T}"\nonce = true\n'
        'fields = { title = "{T}" }\n'
        '[[fact]]\ntype = "agreement.signed"\nsubject = "agreement/{T}"\n'
        'fields = { mode = "simple", party = { column = "P", as = "party" } }\n'
    )
    bring("T,P\nOne Treaty,France\nOne Treaty,Spain\n", map_)
    assert [one["title"] for one in data("agreement.described")] == ["One Treaty"]
    assert len(data("agreement.signed")) == 2


# What explains a map


@pytest.mark.parametrize(
    ("keys", "model"),
    [
        (map_keys.MAP, map_language.CsvMap),
        (map_keys.FACT, map_language.FactMap),
        (map_keys.CONDITION, map_language.Condition),
        (map_keys.READING, map_language.ColumnReading),
    ],
)
def test_every_key_is_explained(keys: dict[str, str], model: Any) -> None:
    assert set(keys) == {field.alias or name for name, field in model.model_fields.items()}


def test_help_map_explains_every_key(ask: Callable[..., Any]) -> None:
    shown = ask("help", "map").out
    for keys in (map_keys.MAP, map_keys.FACT, map_keys.READING, map_keys.SOURCE):
        assert all(re.search(rf"^  {name} ", shown, re.MULTILINE) for name in keys)


TABLES = {
    "purchases.csv": "Date;BTC bought;Price EUR\n31/12/2024;1,5;90000\n30/11/2024;2;88000\n",
    "holdings.csv": "As of,Bitcoin\n2025-01-01,100\n2025-02-01,200\n",
    "treaties.csv": "Treaty,State,Signed\nPact A,France,2001-01-01\nPact A,Spain,2001-01-02\n",
    "prices.csv": "Date,BTC_EUR,BTC_USD\n2025-01-01,90000.5,1\n2025-01-02,91000,2\n",
    "lots.csv": 'Date,BTC,Avg USD\n2020-08-11,21454,11652.84\n2020-12-04,2574,"$19,427.50"\n',
    "daily.csv": "time,PriceUSD\n2010-07-18,0.0858393501805054\n2010-07-19,0.0808\n",
    "actions.csv": "ccode,treaty,day\nFRA,Pact A,03/04/2001\nESP,Pact A,05/06/2001\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_map_is_guessed_to_be_corrected(
    name: str, ask: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(TABLES[name])
    ran = ask("template", "--map", tmp_path / name)
    assert ran.code == 0, ran.err
    tomllib.loads(ran.out)
    filled = ran.out.replace('published = "CHANGE-ME"', 'published = "2025-06-01"')
    modes = {"reserve.acquired": "purchase", "agreement.signed": "simple", "price.observed": "open"}
    for type_, mode in modes.items():
        if f'"{type_}"' in filled:
            filled = re.sub('(mode|kind) = "CHANGE-ME"', rf'\1 = "{mode}"', filled)
    filled = filled.replace("CHANGE-ME", "a-tracker")
    (tmp_path / "map.toml").write_text(filled)
    ran = ask("import", "csv", tmp_path / name, "--map", tmp_path / "map.toml")
    assert ran.code == 0, ran.err
    assert "2 facts recorded" in ran.out


def test_a_day_of_two_readings_is_said_in_the_map(
    ask: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(TABLES["actions.csv"])
    shown = ask("template", "--map", tmp_path / "a.csv").out
    assert "or %m/%d/%Y: the days seen do not say which" in shown
    assert 'codes = "iso3"' in shown


TWO_ACTS = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/x"
when = { column = "Act", is = ["bought"] }
[fact.fields]
mode = "purchase"
effective = "{Day}"
[[fact]]
type = "reserve.acquired"
subject = "reserve/x"
when = { column = "Act", is = ["mind", "found"], not = ["lost"] }
[fact.fields]
mode = "mining"
effective = "{Day}"
"""


def test_a_condition_that_no_row_meets_is_named(bring: Bring) -> None:
    acts = "Day,Act\n2025-01-01,bought\n2025-01-02,mined\n"
    got = bring(acts, TWO_ACTS)
    assert got.code == 0, got.err
    (line,) = got.lines("finding")
    assert (line["name"], line["column"]) == ("met-by-no-row", "Act")
    told = (
        "no row meets the condition of reserve.acquired, that Act is mind or found and Act is not"
    )
    assert line["sentence"] == f"{told} lost: no fact is made of it"
    assert bring(acts.replace("mined", "found"), TWO_ACTS).lines("finding") == []
    assert bring("Day,Act\n", TWO_ACTS).lines("finding") == []


@pytest.mark.parametrize("day", ["12/31/2024", "31 December 2024", "2024-12-31"])
def test_a_guessed_map_cites_the_address_in_each_row(day: str, ask: Bring, tmp_path: Path) -> None:
    path = tmp_path / "buys.csv"
    path.write_text(f"Date,BTC bought,Link\n{day},12,https://example.org/press/1\n", "utf-8")
    text = ask("template", "--map", path).out
    assert "source/{Link}" in text
    filled = text.replace("party/CHANGE-ME", "party/x").replace("reserve/CHANGE-ME", "reserve/x")
    filled = filled.replace("source/CHANGE-ME", "source/x").replace(
        'published = "CHANGE-ME"', 'published = "2025"'
    )
    filled = filled.replace('mode = "CHANGE-ME"', 'mode = "purchase"')
    (tmp_path / "buys.toml").write_text(filled, "utf-8")
    assert ask("init", tmp_path / "here").code == 0
    here = ("--ledger", tmp_path / "here")
    ran = ask(*here, "import", "csv", path, "--map", tmp_path / "buys.toml")
    assert ran.code == 0, ran.out + ran.err
    (claim,) = json.loads(ask(*here, "reserve", "history", "x", "--json").out)["rows"]
    assert [claim["published"], claim["effective"]] == ["2024-12-31"] * 2
    cited = json.loads(ask(*here, "source", "show", claim["sources"][0], "--json").out)
    assert cited["answer"]["locator"] == "https://example.org/press/1"
    assert cited["answer"]["title"].startswith("CHANGE-ME, ")


def test_a_draft_of_a_map_is_toml_however_narrow_the_terminal_is(
    ask: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    (tmp_path / "t.csv").write_text("Day,BTC,Price\n2025-01-01,5,100000\n")
    for words in (("template", "--map", tmp_path / "t.csv"), ("template", "reserve.acquired")):
        ran = ask(*words)
        assert ran.code == 0, ran.err
        assert tomllib.loads(ran.out)["fact"]
