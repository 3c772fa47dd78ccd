"""Do other programs read what is exported, with types: flat cells, and a panel of standings?"""

import csv
import io
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from events.identifiers import KINDS

Ask = Callable[..., Any]

_UN = {
    "asserted_by": "party/un",
    "basis": "official-record",
    "sources": [{"source": "source/list"}],
}
_OWN = {"asserted_by": "party/recorder", "basis": "recorder"}


def fact(type_: str, subject: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "subject": subject, **_UN, **fields}


FACTS = [
    {
        "type": "party.established",
        "subject": "party/un",
        **_OWN,
        "name": "UN",
        "type_": "publisher",
    },
    *(
        {
            "type": "party.established",
            "subject": f"party/{name}",
            **_OWN,
            "name": name,
            "type_": "state",
        }
        for name in ("fr", "td")
    ),
    {"type": "source.cited", "subject": "source/list", **_OWN, "publisher": "party/un"},
    fact("agreement.described", "agreement/pact", title='A "pact"; of two, or more', kind="treaty"),
    fact(
        "agreement.signed",
        "agreement/pact",
        party="party/fr",
        mode="simple",
        effective="1990-05-01",
    ),
    *(
        fact(
            "agreement.consent-expressed",
            "agreement/pact",
            party=party,
            mode="accession",
            acted=day,
            effective=day,
        )
        for party, day in (("party/fr", "1991-02-03"), ("party/td", "1992-07-01"))
    ),
    fact(
        "agreement.entry-into-force-rule-set",
        "agreement/pact",
        rule={"when": {"on": "instruments", "n": 2}, "delay": "P30D", "later": {"same": True}},
    ),
    fact("agreement.described", "agreement/other", parties=["party/fr", "party/td"]),
]


@pytest.fixture
def pact(ask: Ask, ledger: Path) -> Path:
    ran = ask("append", "-", stdin="".join(f"{json.dumps(one)}\n" for one in FACTS))
    assert ran.code == 0, ran.err
    return ledger


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("every", [(), *(("--kind", kind) for kind in KINDS)])
def test_no_cell_of_an_export_is_json(ask: Ask, pact: Path, every: tuple[str, ...]) -> None:
    cells = [cell for row in rows(ask("export", "--csv", *every).out) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("{", "[{", '["'))]


def test_what_has_parts_has_a_column_a_part_and_a_list_is_joined(ask: Ask, pact: Path) -> None:
    told = rows(ask("export", "--csv", "--kind", "agreement").out)
    (rule,) = [row for row in told if row["type"].endswith("rule-set")]
    assert (rule["rule_when_on"], rule["rule_when_n"], rule["rule_delay"]) == (
        "instruments",
        "2",
        "P30D",
    )
    assert [row["parties"] for row in told if row["parties"]] == ["party/fr; party/td"]


def test_a_panel_has_a_row_a_party_an_agreement_and_a_date(ask: Ask, pact: Path) -> None:
    ran = ask("export", "panel", "--every", "year", "--to", "1993")
    assert ran.code == 0, ran.err
    told = [
        (one["date"], one["party"], one["status"], one["in_force"], one["certain"])
        for one in rows(ran.out)
        if one["agreement"] == "agreement/pact"
    ]
    assert told == [
        ("1990-12-31", "party/fr", "signatory", "no", "1"),
        ("1991-12-31", "party/fr", "contracting", "no", "1"),
        ("1992-12-31", "party/fr", "party", "yes", "1"),
        ("1992-12-31", "party/td", "party", "yes", "1"),
        ("1993-12-31", "party/fr", "party", "yes", "1"),
        ("1993-12-31", "party/td", "party", "yes", "1"),
    ]


@pytest.mark.parametrize(
    ("every", "span", "dates"),
    [
        ("year", ("1991", "1992"), ["1991-12-31", "1992-12-31"]),
        ("year", ("1991", "1992-12-30"), ["1991-12-31"]),
        ("quarter", ("1992-02", "1992-09"), ["1992-03-31", "1992-06-30", "1992-09-30"]),
        ("month", ("1992-01-31", "1992-02"), ["1992-01-31", "1992-02-29"]),
        ("month", ("1992-02-02", "1992-02-28"), []),
    ],
)
def test_periods_end_on_their_last_day(
    ask: Ask, pact: Path, every: str, span: tuple[str, str], dates: list[str]
) -> None:
    ran = ask("export", "panel", "--every", every, "--from", span[0], "--to", span[1])
    assert ran.code == 0, ran.err
    assert list(dict.fromkeys(one["date"] for one in rows(ran.out))) == dates


def test_a_panel_is_the_standing_of_each_of_its_days(ask: Ask, pact: Path) -> None:
    panel = rows(ask("export", "panel", "--every", "month", "--from", "1992", "--to", "1992").out)
    assert len({one["date"] for one in panel}) == 12
    for day in {one["date"] for one in panel}:
        asked = ask("agreement", "standing", "pact", "--as-of", day, "--json")
        stood = {one["party"]: one["status"] for one in json.loads(asked.out)["answer"]["statuses"]}
        told = {
            one["party"]: one["status"]
            for one in panel
            if (one["date"], one["agreement"]) == (day, "agreement/pact")
        }
        assert told == {party: status for party, status in stood.items() if status != "none"}


def test_a_panel_is_as_known_and_public_by_then(ask: Ask, pact: Path) -> None:
    assert rows(ask("export", "panel", "--known-at", "@4").out) == []
    assert rows(ask("export", "panel", "--public-at", "1980-01-01").out) == []


@pytest.mark.parametrize(
    "words",
    [
        ("table",),
        ("panel", "--every", "week"),
        ("panel", "--from", "1992", "--to", "1991"),
        ("panel", "--kind", "agreement"),
        ("panel", "--format", "sqlite"),
        ("--every", "year"),
    ],
)
def test_what_is_no_export_is_not_understood(ask: Ask, pact: Path, words: tuple[str, ...]) -> None:
    assert ask("export", *words).code == 2


def test_the_database_has_standings_and_statuses(ask: Ask, pact: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ran = ask("export", "--format", "sqlite", "-o", file, "--as-of", "1992-12-31")
    assert ran.code == 0, ran.err
    with closing(sqlite3.connect(file)) as db:
        stood = db.execute(
            "SELECT party, status FROM standings WHERE agreement = 'agreement/pact' ORDER BY party"
        )
        assert stood.fetchall() == [("party/fr", "party"), ("party/td", "party")]
        statuses = db.execute("SELECT in_force FROM statuses ORDER BY agreement").fetchall()
        assert statuses[-1] == ("yes",)
        marks = "SELECT by_day_of_act FROM statuses UNION SELECT by_day_of_act FROM standings"
        assert db.execute(marks).fetchall() == [(None,)]
        listed = db.execute("SELECT parties FROM agreement_claims WHERE parties IS NOT NULL")
        assert listed.fetchall() == [("party/fr; party/td",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def written(ask: Ask, folder: Path, *words: str) -> Path:
    file = folder / "out.csv"
    ran = ask("export", *words, "--csv", "-o", file)
    assert ran.code == 0, ran.err
    return file


def other(name: str) -> Any:
    """Import a program that reads tables, or skip: these are too large to be asked of everybody."""
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed: pip install {name}")
    return import_module(name)


def test_pandas_reads_types(ask: Ask, pact: Path, tmp_path: Path) -> None:
    pandas = other("pandas")
    panel = pandas.read_csv(written(ask, tmp_path, "panel", "--to", "1993"), parse_dates=["date"])
    assert str(panel["date"].dtype).startswith("datetime64")
    assert str(panel["certain"].dtype) == "int64"
    assert set(panel["status"]) == {"signatory", "contracting", "party"}
    (tmp_path / "out.csv").unlink()
    claims = pandas.read_csv(written(ask, tmp_path, "--kind", "agreement"))
    assert str(claims["position"].dtype) == "int64"
    assert claims["rule_when_n"].max() == 2


def test_a_price_says_how_many_of_its_digits_stand_behind_the_point(
    ask: Ask, pact: Path, tmp_path: Path
) -> None:
    said = {"pair": "btc-usd", "kind": "close", **_OWN}
    prices = {"0.0858393501805054 USD": 16, "118,698.25 USD": 2, "11,646,111 JPY": 0}
    told = "".join(
        json.dumps({"type": "price.observed", "subject": f"price/x{n}", "value": one, **said})
        + "\n"
        for n, one in enumerate(prices)
    )
    assert ask("append", "-", stdin=told).code == 0
    digits = {
        row["value_words"]: row["value_digits"]
        for row in rows(ask("export", "--csv", "--kind", "price").out)
    }
    assert digits == {words: str(number) for words, number in prices.items()}
    duckdb, table = other("duckdb"), tmp_path / "price.parquet"
    assert ask("export", "--kind", "price", "--format", "parquet", "-o", table).code == 0
    found = duckdb.sql(f"SELECT value_lower / 10 ** value_digits FROM '{table}'").fetchall()
    assert [round(one, 6) for (one,) in found] == [0.085839, 118698.25, 11646111]


def test_duckdb_reads_types(ask: Ask, pact: Path, tmp_path: Path) -> None:
    duckdb = other("duckdb")
    file = written(ask, tmp_path, "panel", "--to", "1993")
    types = dict(
        duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{file}')").fetchall()
    )
    assert (types["date"], types["certain"], types["party"]) == ("DATE", "BIGINT", "VARCHAR")
    asked = f"SELECT count(*) FROM '{file}' WHERE status = 'party' AND date >= DATE '1993-01-01'"
    assert duckdb.sql(asked).fetchall() == [(2,)]


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
@pytest.mark.parametrize("words", [("panel", "--to", "1993"), ("--kind", "agreement"), ()])
def test_typed_tables_hold_what_csv_holds(
    ask: Ask, pact: Path, tmp_path: Path, form: str, words: tuple[str, ...]
) -> None:
    pandas, duckdb = other("pandas"), other("duckdb")
    plain = pandas.read_csv(written(ask, tmp_path, *words), dtype=str, keep_default_na=False)
    file = tmp_path / f"it's.{form}"
    ran = ask("export", *words, "--format", form, "-o", file)
    assert ran.code == 0, ran.err
    if form == "parquet":
        doubled = str(file).replace("'", "''")
        read = duckdb.sql(f"FROM '{doubled}'")
        found, cells = read.df(), read.fetchall()
    else:
        found = pandas.read_excel(file, engine="calamine")
        raw = pandas.read_excel(file, engine="calamine", dtype=object)
        cells = raw.itertuples(index=False)
    assert list(found) == list(plain)

    def shown(value: Any) -> str:
        if pandas.isna(value):
            return ""
        return str(value).removesuffix(" 00:00:00").replace("True", "true")

    assert [[shown(value) for value in row] for row in cells] == plain.to_numpy().tolist()
    number, day = ("certain", "date") if words[:1] == ("panel",) else ("position", "first_on")
    assert str(found[number].dtype) == "int64"
    assert str(found[day].dtype).startswith("datetime64")


def test_a_column_of_two_types_is_text(ask: Ask, pact: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("Date,BTC_USD\n2025-07-01,105000\n")
    assert ask("import", "prices", prices).code == 0
    file = tmp_path / "out.parquet"
    ran = ask("export", "--format", "parquet", "-o", file)
    assert ran.code == 0, ran.err
    asked = f"SELECT format FROM '{file}' WHERE type LIKE 'ledger.%' ORDER BY position"
    assert other("duckdb").sql(asked).fetchall()[-1] == ("prices",)


def test_days_before_1900_and_marks_have_types_in_parquet(
    ask: Ask, pact: Path, tmp_path: Path
) -> None:
    duckdb = other("duckdb")
    facts = tmp_path / "old.ndjson"
    signed = fact("agreement.signed", "agreement/old", party="party/fr", mode="simple")
    facts.write_text(
        json.dumps({**signed, "effective": "1888-05-01", "relayed": True, "note": "=1"})
    )
    assert ask("append", facts).code == 0
    file, sheet = tmp_path / "out.parquet", tmp_path / "out.xlsx"
    for path in (file, sheet):
        ran = ask("export", "--kind", "agreement", "--format", path.suffix[1:], "-o", path)
        assert ran.code == 0, ran.err
    types = dict(
        duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{file}')").fetchall()
    )
    wanted = ("BIGINT", "DATE", "BOOLEAN", "BIGINT", "VARCHAR")
    names = ("position", "first_on", "relayed", "rule_when_n", "note")
    assert tuple(types[name] for name in names) == wanted
    asked = f"SELECT year(first_on), relayed, note FROM '{file}' WHERE subject = 'agreement/old'"
    assert duckdb.sql(asked).fetchall() == [(1888, True, "=1")]
    old = other("pandas").read_excel(sheet, engine="calamine").iloc[-1]
    assert (old["first_on"], old["relayed"], old["note"]) == ("1888-05-01", True, "=1")


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_typed_tables_need_a_new_file_and_the_extra(
    ask: Ask, pact: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "needs a file" in ask("export", "--format", form).err
    file = tmp_path / f"there.{form}"
    file.write_text("mine")
    assert "there is a file already" in ask("export", "--format", form, "-o", file).err
    assert file.read_text() == "mine"
    package = {"parquet": "duckdb", "xlsx": "xlsxwriter"}[form]
    monkeypatch.setitem(sys.modules, package, None)
    new = tmp_path / f"new.{form}"
    ran = ask("export", "--format", form, "-o", new)
    assert (ran.code, new.exists()) == (7, False)
    assert "pip install 'depositary[tables]'" in ran.err


def test_a_panel_of_days_has_each_day(ask: Ask, pact: Path, tmp_path: Path) -> None:
    days = ("--every", "day", "--from", "1990-05-01", "--to", "1990-05-03")
    with written(ask, tmp_path, "panel", *days).open(encoding="utf-8") as file:
        found = [row["date"] for row in csv.DictReader(file)]
    assert sorted(set(found)) == ["1990-05-01", "1990-05-02", "1990-05-03"]
