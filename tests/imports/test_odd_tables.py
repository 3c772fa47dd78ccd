"""Are tables as people keep them recorded rightly, or refused with a hint that works?

The kinds are those of bug reports of programs that read tables: pandas, DuckDB, readr, OpenRefine,
importers of banks' statements. Many cells stand in one table, so that each costs little.
"""

import bz2
import gzip
import io
import lzma
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from domain.importers.csv_map import read_mapped_table
from domain.importers.map_language import ImportMapError, read_map
from domain.importers.register import Parties, Register
from domain.importers.tables import ImportFileError, open_table

Bring = Callable[..., Any]
Data = Callable[[str], list[dict[str, Any]]]

MAP = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/x"
when = "Line"
[fact.fields]
effective = { column = "Day", as = "date"%s }
amount = { column = "Coins", as = "amount", unit = "BTC"%s }
mode = "purchase"
note = "{Line}"
"""
PLAIN = MAP % ("", "")


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def of_coins(cells: list[str]) -> str:
    rows = (f"{n},2025-01-01,{quoted(cell)}\n" for n, cell in enumerate(cells))
    return "Line,Day,Coins\n" + "".join(rows)


def of_days(cells: list[str]) -> str:
    return "Line,Day,Coins\n" + "".join(f"{n},{quoted(c)},5\n" for n, c in enumerate(cells))


# Figures

EXACT = {  # a cell, and the satoshis that it says
    "\u20bf5": 5e8, "5\u20bf": 5e8, "BTC 5": 5e8, "5 BTC": 5e8, "0.5 bitcoin": 5e7, "500 sat": 500,
    "1'000": 1e11, "1 000": 1e11, "1\u202f000": 1e11, "1\u00a0000": 1e11, "1,00,000": 1e13,
    "12,34,567": 123456700000000, "1.000": 1e8, "1e3": 1e11, "5e-1": 5e7, "5k": 5e11, ".5": 5e7,
    "5.": 5e8, "\u0665": 5e8, "\u096b": 5e8, "\uff15": 5e8, "00005": 5e8, "\u200b5\ufeff": 5e8,
    "1 234 567.89": 123456789000000, '="5"': 5e8,
}  # fmt: skip
BOUNDS = {
    "1,000\u20132,000": (1e11, 2e11, None), "1,000-2,000": (1e11, 2e11, None),
    "c. 5": (5e8, 5e8, True), "ca. 5": (5e8, 5e8, True), "approx. 5": (5e8, 5e8, True),
    "~5": (5e8, 5e8, True), "over 5": (5e8, None, None), "up to 5": (None, 5e8, None),
}  # fmt: skip
SAID = {  # a cell that is no amount of BTC, and what is said of it
    "50%": "is in %", "$5": "is in USD", "5 \u20ac": "is in EUR", "-5": "never negative",
    "\u22125": "never negative", "(5)": "never negative", "5-": "never negative",
    "1,5": 'decimal = ","', "5 000,5": 'decimal = ","', "1.567890123": "digits behind the point",
}  # fmt: skip
NAMED = [
    "n/a", "N/A", "\u2014", "-", "TBD", "nan", "null", "#N/A", "true", "5*", "5 [1]", "5\u2020",
    "5\u00b9", "5(1)", "1_000", "1/2", "5\u00b11", "\u00bd", "=5+1", "5+",
]  # fmt: skip


def test_a_figure_is_exact_however_it_is_written(bring: Bring, data: Data) -> None:
    assert bring(of_coins(list(EXACT)), PLAIN).code == 0
    amounts = [one["amount"] for one in data("reserve.acquired")]
    assert [one["lower"] for one in amounts] == list(EXACT.values())
    assert amounts[0]["words"] == "\u20bf5"  # the unit is not said twice


def test_a_range_and_an_about_keep_their_sense(bring: Bring, data: Data) -> None:
    assert bring(of_coins(list(BOUNDS)), PLAIN).code == 0
    keys = ("lower", "upper", "approximate")
    found = [one["amount"] for one in data("reserve.acquired")]
    assert [tuple(map(one.get, keys)) for one in found] == list(BOUNDS.values())


def test_what_is_no_amount_says_why(bring: Bring, data: Data) -> None:
    lines = bring(of_coins(list(SAID)), PLAIN).lines()
    assert [line["text"] for line in lines] == list(SAID)
    for line, says in zip(lines, SAID.values(), strict=True):
        assert says in line["sentence"], line
    assert data("reserve.acquired") == []


def test_a_cell_without_a_figure_is_answered_with_what_the_map_can_say(
    bring: Bring, data: Data
) -> None:
    lines = bring(of_coins(NAMED), PLAIN).lines()
    assert [line["text"] for line in lines] == NAMED
    hints = [re.findall(r"unknown = \[(.+)\] if|values = \{ (.+) \}", x["sentence"]) for x in lines]
    values = ", ".join(both[1][1] for both in hints)
    pasted = bring(of_coins(NAMED), MAP % ("", f", values = {{ {values} }}"), "--dry-run")
    assert sum("FIGURE" in line["sentence"] for line in pasted.lines()) == values.count("FIGURE")
    values = values.replace("FIGURE", "5")
    assert bring(of_coins(NAMED), MAP % ("", f", values = {{ {values} }}")).code == 0
    assert len(data("reserve.acquired")) == len(NAMED)
    unknown = ", ".join(both[0][0] for both in hints)
    assert bring(of_coins(NAMED), MAP % ("", f", unknown = [{unknown}]"), "--dry-run").code == 0


def test_a_cell_in_another_currency_than_its_column_is_a_reject(bring: Bring, data: Data) -> None:
    map_ = """\
[[fact]]
type = "price.observed"
subject = "price/btc-eur"
[fact.fields]
pair = "btc-eur"
kind = "close"
effective = "{Day}"
value = { column = "Close", as = "amount", unit = "EUR" }
"""
    cells = ["\u20ac 91,234.50", "91'234.50", "EUR 7.1234", "$5", "5 USD", "(5.00)"]
    table = "Day,Close\n" + "".join(f"2025-07-0{n},{quoted(c)}\n" for n, c in enumerate(cells, 1))
    got = bring(table, map_)
    units = [(one["value"]["unit"], one["value"]["lower"]) for one in data("price.observed")]
    assert units == [("eur-minor", 9_123_450), ("eur-minor", 9_123_450), ("eur-e4", 71_234)]
    assert [line["text"] for line in got.lines()] == ["$5", "5 USD", "(5.00)"]
    assert "'$5' is not in EUR: leave unit out if the cells name it" in got.lines()[0]["sentence"]


# Days

NO_DAYS = [
    "n/a", "-", "\u2014", "TBD", "pending", "today", "early 1999", "FY2020", "MMXX", "2020-W05",
    "44 BC", "=TODAY()", "0001-01-01", "9999-12-31", "2020-06-05 x", "Total", "31 juin 2020",
    "5 Marraskuuta 2020", "Mars 5 mai 2020",
]  # fmt: skip
OTHER_DAYS = {  # a cell that may be a day in EDTF, as the hint says
    "1999-2000": "[1999..2000]", "1999\u20132000": "[1999..2000]", "until 1999": "[..1999]",
    "since 1999-05": "[1999-05..]", "H1 2020": "[2020-01..2020-06]",
    "2020 Q3": "[2020-07..2020-09]",
    "2020-06-05 - 2020-06-07": "[2020-06-05..2020-06-07]", "2020-06-05*": "2020-06-05",
    "5 juin 2020": "2020-06-05", "5. Juni 2020": "2020-06-05", "June 5th, 2020": "2020-06-05",
    "5 \u044f\u043d\u0432\u0430\u0440\u044f 2020": "2020-01-05", "Sept 5, 2020": "2020-09-05",
    "12 janvier 2020": "2020-01-12", "1er mars 2020": "2020-03-01",
    "12. M\u00e4rz 2020": "2020-03-12", "5 pa\u017adziernika 2001": "2001-10-05",
    "3 de mayo de 2021": "2021-05-03", "2 \u043c\u0430\u044f 2020 \u0433.": "2020-05-02",
    "Ao\u00fbt 1999": "1999-08", "Sept. 5, 2020": "2020-09-05",
    "2020-06-05 (a)": "2020-06-05", "2020-06-05[1]": "2020-06-05", "~1999": "1999~",
}  # fmt: skip
BY_FORMAT = {  # a cell, the format that the hint names, and the day
    "43831": ("excel", "2020-01-01"), "1577836800": ("unix", "2020-01-01T00:00:00Z"),
    "1577836800000": ("unix-ms", "2020-01-01T00:00:00Z"), "06/2020": ("%m/%Y", "2020-06"),
    "2020 June": ("%Y %B", "2020-06"), "1 Jan. 1999": ("%d %b. %Y", "1999-01-01"),
    "Fri, 5 Jun 2020": ("%a, %d %b %Y", "2020-06-05"),
    "2020\u5e746\u67085\u65e5": ("%Y\u5e74%m\u6708%d\u65e5", "2020-06-05"),
    "2020\u201306\u201305": ("%Y\u2013%m\u2013%d", "2020-06-05"),
    "2020\u201006\u201005": ("%Y\u2010%m\u2010%d", "2020-06-05"),
}  # fmt: skip


def test_what_is_no_day_is_answered_with_what_the_map_can_say(bring: Bring, data: Data) -> None:
    lines = bring(of_days(NO_DAYS), PLAIN).lines()
    assert [line["text"] for line in lines] == NO_DAYS
    unknown = [re.search(r"unknown = \[(.+?)\]", line["sentence"]) for line in lines]
    said = ", ".join(found[1] for found in unknown if found)
    assert bring(of_days(NO_DAYS), MAP % (f", unknown = [{said}]", "")).code == 0
    assert len(data("reserve.acquired")) == len(NO_DAYS)


def test_a_day_in_words_is_answered_with_its_day_in_edtf(bring: Bring, data: Data) -> None:
    lines = bring(of_days(list(OTHER_DAYS)), PLAIN).lines()
    said = [re.search(r"values = \{ (.+) \}", line["sentence"]) for line in lines]
    values = ", ".join(found[1] for found in said if found)
    assert bring(of_days(list(OTHER_DAYS)), MAP % (f", values = {{ {values} }}", "")).code == 0
    assert [one["effective"] for one in data("reserve.acquired")] == list(OTHER_DAYS.values())


def test_a_day_in_another_form_is_answered_with_its_format(bring: Bring, data: Data) -> None:
    lines = bring(of_days(list(BY_FORMAT)), PLAIN).lines()
    for line, (form, _) in zip(lines, BY_FORMAT.values(), strict=True):
        assert f'formats = ["{form}"]' in line["sentence"]
    forms = ", ".join(f'"{form}"' for form, _ in BY_FORMAT.values() if not form.startswith("unix"))
    other = {cell: day for cell, (form, day) in BY_FORMAT.items() if not form.startswith("unix")}
    assert bring(of_days(list(other)), MAP % (f", formats = [{forms}]", "")).code == 0
    assert [one["effective"] for one in data("reserve.acquired")] == list(other.values())


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("excel", "43831.5", "2020-01-01"),
        ("excel", "61", "1900-03-01"),
        ("excel", "60", None),  # 29 February 1900, which a spreadsheet has and no calendar
        ("unix", "1577836800.0", "2020-01-01T00:00:00Z"),
        ("unix", "0", "1970-01-01T00:00:00Z"),
        ("unix", "1577836800.5", None),
        ("unix-ms", "1577836800001", None),
        ("unix", "99999999999999", None),
    ],
)
def test_a_counted_day_is_exact(
    form: str, cell: str, day: str | None, bring: Bring, data: Data
) -> None:
    got = bring(of_days([cell]), MAP % (f', formats = ["{form}"]', ""))
    assert got.code == (5 if day is None else 0)
    assert [one["effective"] for one in data("reserve.acquired")] == ([day] if day else [])


def test_a_hint_names_both_readings_of_a_day_that_has_two(bring: Bring) -> None:
    (line,) = bring(of_days(["5/6/2020"]), PLAIN).lines()
    assert 'say formats = ["%d/%m/%Y"] or formats = ["%m/%d/%Y"]' in line["sentence"]


def test_a_hint_says_that_the_formats_of_a_day_in_braces_stand_at_the_top(bring: Bring) -> None:
    cited = 'sources = [{ source = "source/x", published = "{Day}" }]\n'
    day = PLAIN.replace('{ column = "Day", as = "date" }', '"{Day}"')
    undated = PLAIN.replace('effective = { column = "Day", as = "date" }', cited)
    for braces in (day, undated):
        (line,) = bring(of_days(["20/6/2020"]), braces).lines()
        assert line["sentence"].endswith('say formats = ["%d/%m/%Y"], at the top of the map')


# Names

KNOWN = {
    "FRANCE": "fr", "T\u00fcrkiye": "tr", "Ivory Coast": "ci", "Korea, Rep.": "kr", "DPRK": "kp",
    "Congo, Dem. Rep.": "cd", "Zaire": "cd", "Burma": "mm", "FYROM": "mk", "Czechoslovakia": "cs",
    "USSR": "su", "East Germany": "dd", "South Vietnam": "vd", "Gambia, The": "gm", "Siam": "th",
    "France\u00b9": "fr", "France [1]": "fr", "Lao People\u2019s Dem. Rep.": "la", "Britain": "gb",
    "Western Samoa": "ws", "Tanganyika": "tz", "\u200bFrance\u200e": "fr", "Venezuela, RB": "ve",
}  # fmt: skip
UNKNOWN = {
    "England": "no name is similar", "Ottoman Empire": "no name is similar", "Total": "no name",
    "Prussia": "Russian", "Sri Lanka (Ceylon)": "Sri Lanka (party/lk)", "RUS": 'codes = "iso3"',
    "New Zealand (incl. Tokelau)": "New Zealand (party/nz)", "Marocco": "Morocco (party/ma)",
    "\u0413\u0435\u0440\u043c\u0430\u043d\u0438\u044f": "no name is similar",
}  # fmt: skip


def test_names_are_of_countries_and_never_of_letters(bring: Bring, data: Data) -> None:
    map_ = """\
[[fact]]
type = "agreement.declaration-made"
subject = "agreement/t"
fields = { party = { column = "State", as = "party" }, gist = "{N}" }
"""
    names = [*KNOWN, *UNKNOWN]
    got = bring("N,State\n" + "".join(f"{n},{quoted(c)}\n" for n, c in enumerate(names)), map_)
    found = [one["party"] for one in data("agreement.declaration-made")]
    assert found == [f"party/{code}" for code in KNOWN.values()]
    near = {line["text"]: line["sentence"] for line in got.lines("unknown name")}
    assert all(says in near[name] for name, says in UNKNOWN.items()), near
    assert '[parties] "England" = "party/…"' in got.lines()[0]["sentence"]


def test_a_party_in_values_is_introduced_too(bring: Bring, data: Data) -> None:
    map_ = """\
[[fact]]
type = "agreement.signed"
subject = "agreement/t"
fields = { party = { column = "S", as = "party", values = { X = "party/fr" } }, mode = "simple" }
"""
    got = bring("S\nSpain\nX\n", map_)
    assert [one["party"] for one in data("agreement.signed")] == ["party/es"]
    assert got.named() == [(3, "S", "unknown-reference")]


# Files

ROWS = "Day,Coins\n2025-01-01,5\n2025-01-02,7\n"
OBJECTS = b'{"Day":"2025-01-01","Coins":5}\r\n\r\n{"Day":"2025-01-02","Coins":7}\r\n'
BARE = [["2025-01-01", "5"], ["2025-01-02", "7"]]


def read(tmp_path: Path, table: bytes, name: str = "t.csv") -> tuple[list[str], list[list[str]]]:
    path = tmp_path / name
    path.write_bytes(table)
    found = open_table(path)
    return found.header, [[cell.strip("\u200b\ufeff ") for cell in row.cells] for row in found.rows]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("t.csv", b"\xef\xbb\xbf" + ROWS.encode()),
        ("t.csv", b"\xef\xbb\xbf\xef\xbb\xbf" + ROWS.encode()),
        ("t.csv", ROWS.encode("utf-16")),
        ("t.csv", ROWS.encode("utf-32")),
        ("t.csv", b"\xef\xbb\xbf" + ROWS.replace("Day", '"Day"').encode()),
        ("t.csv", ROWS.replace("\n", "\r\r\n").encode()),
        ("t.csv", ROWS.replace(",", ' , "').replace("\n", '"\n').encode()),
        ("t.csv", ROWS.replace("Day", "\u200bDay\u00a0").encode()),
        ("t.csv", (ROWS + "\x1a").encode()),
        ("t.csv", ROWS.rstrip().encode()),
        ("t.csv", ROWS.replace("5\n", '="5"\n').encode()),
        ("t.csv.gz", gzip.compress(ROWS.encode(), mtime=0)),
        ("t.csv", gzip.compress(ROWS.encode(), mtime=0)),
        ("t.tsv", ROWS.replace(",", "\t").encode()),
        ("t.tsv.gz", gzip.compress(ROWS.replace(",", "\t").encode(), mtime=0)),
        ("t.ndjson", b"\xef\xbb\xbf" + OBJECTS),
        ("t.json", b'[{"Day":"2025-01-01","Coins":5},{"Coins":7,"Day":"2025-01-02"}]'),
    ],
)  # fmt: skip
def test_a_file_is_the_same_table(name: str, table: bytes, tmp_path: Path) -> None:
    assert read(tmp_path, table, name) == (["Day", "Coins"], BARE)


def test_rows_of_json_may_be_lists(tmp_path: Path) -> None:
    found = read(tmp_path, b"[[1577836800000, 7200.10],[1577923200000, 6985.4]]", "t.json")
    assert found == (["1", "2"], [["1577836800000", "7200.10"], ["1577923200000", "6985.4"]])


def test_a_long_cell_is_a_cell(tmp_path: Path) -> None:
    _, (row,) = read(tmp_path, f"Day,Text\n2025,{'x' * 200_000}\n".encode())
    assert len(row[1]) == 200_000


ZERO = (ROWS + "2025-01-03,6\0\n").encode()


@pytest.mark.parametrize(
    ("name", "table", "why", "then"),
    [
        ("t.csv", ZERO, "line 4: it holds a zero byte", "take the zero byte out"),
        ("t.csv", ROWS.encode("utf-16-le"), "looks like utf-16-le", 'encoding = "utf-16-le"'),
        ("t.csv", "S\nC\u00f4te\n".encode("cp1252"), "looks like latin-1", 'encoding = "latin-1"'),
        ("t.csv.bz2", bz2.compress(ROWS.encode()), "packed by bzip2", "unpack it"),
        ("t.csv.xz", lzma.compress(ROWS.encode()), "packed by xz", "unpack it"),
        ("t.csv.gz", gzip.compress(ROWS.encode(), mtime=0)[:-9], "t.csv.gz", "fetch it again"),
        ("t.csv", b"PK\x03\x04", "a workbook or a zip", ".xlsx or .ods"),
        ("t.csv", b"%PDF-1.7", "a PDF", "as CSV"),
        ("t.csv", b"SQLite format 3\0", "an SQLite database", "as CSV"),
        ("t.parquet", b"PAR1\0\0", "Parquet", "as CSV"),
        ("t.csv", b"\n<!DOCTYPE html><table>", "HTML or XML", "as CSV"),
        ("t.xml", b'<?xml version="1.0"?>', "HTML or XML", "as CSV"),
        ("t.csv", b'[{"Day": "2025"}]', "JSON", "end its name in .json"),
        ("t.json", b'{"D":1}\n{"D":2}\n', "Extra data: line 2", "end its name in .ndjson"),
        ("t.ndjson", b'{"D":1},\n{"D":2}\n', "line 1: Extra data", "one object a line"),
        ("t.json", b'[{"D":"\\ud800"}]', "line 1: half a character", "check it"),
        ("t.json", b'{"prices":[[1,2]]}', "an array of objects", "under 'prices' alone"),
        ("t.xlsx", ROWS.encode(), "t.xlsx", "end its name in .csv"),
        ("t.csv", b'D,N\n1,"say \\"hi\\""\n', "line 2", "not doubled within a cell"),
    ],
)  # fmt: skip
def test_what_is_no_table_says_what_it_is_and_what_to_do(
    name: str, table: bytes, why: str, then: str, tmp_path: Path
) -> None:
    if name.endswith("xlsx"):
        pytest.importorskip("python_calamine")
    with pytest.raises(ImportFileError) as refused:
        read(tmp_path, table, name)
    assert why in refused.value.why
    assert then in refused.value.then


@pytest.mark.parametrize(
    ("above", "line"), [("sep=,\n", 2), ("# made by X\n# on Y\n", 3), ("Purchases of X,\n\n", 3)]
)
def test_a_header_further_down_is_answered_with_skip(
    above: str, line: int, bring: Bring, data: Data
) -> None:
    table = above + "Line,Day,Coins\n1,2025-01-01,5\n"
    got = bring(table, PLAIN)
    assert (got.code, f"say skip = {line - 1} in the map" in got.err) == (2, True)
    assert bring(table, f"skip = {line - 1}\n{PLAIN}").code == 0
    assert len(data("reserve.acquired")) == 1


@pytest.mark.parametrize(
    ("header", "meant"), [("line,day,coins", "'line'"), ("Line (no.),Day,Coins", "'Line (no.)'")]
)
def test_a_column_in_other_letters_is_named(header: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n1,2025-01-01,5\n", "utf-8")
    (tmp_path / "m.toml").write_text(f'[defaults]\nbasis = "recorder"\n{PLAIN}', "utf-8")
    with pytest.raises(ImportMapError) as refused:
        list(
            read_mapped_table(
                [tmp_path / "t.csv"], read_map(tmp_path / "m.toml"), Parties(Register())
            )
        )
    assert f"did you mean {meant}?" in refused.value.why


def test_a_row_with_a_delimiter_too_many_makes_no_fact(bring: Bring, data: Data) -> None:
    got = bring("Line,Day,Coins\n1,2025-01-01,1,500\n2,2025-01-02,5,\n", PLAIN)
    assert got.named() == [(2, "column 4", "no-column")]
    assert [one["amount"]["lower"] for one in data("reserve.acquired")] == [500_000_000]


def test_two_files_in_one_say_the_header_once_more(bring: Bring, data: Data) -> None:
    one = "Line,Day,Coins\n1,2025-01-01,5\n"
    got = bring(one + "\ufeff" + one, PLAIN)
    assert got.named() == [(3, "Line", "header-again")]
    assert len(data("reserve.acquired")) == 2


def test_a_first_column_that_is_always_empty_is_a_finding(bring: Bring) -> None:
    map_ = 'delimiter = "|"\n' + PLAIN.replace('when = "Line"\n', "")
    got = bring("| Line | Day | Coins |\n| 1 | 2025-01-01 | 5 |\n", map_)
    (line,) = got.lines("finding")
    assert line["sentence"].startswith("column 1 is empty in every row: say on which one")


def test_many_columns_that_no_field_reads_are_counted_and_not_all_shown(bring: Bring) -> None:
    names = ",".join(f"c{n}" for n in range(500))
    got = bring(f"Line,Day,Coins,{names}\n1,2025-01-01,5{',x' * 500}\n", PLAIN)
    assert len(got.lines("not mapped")) == 500
    assert len(got.out.splitlines()) < 40
    assert "and 480 more" in got.out


# Workbooks


def test_a_workbook_as_people_keep_it(bring: Bring, data: Data) -> None:
    pytest.importorskip("python_calamine")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, hidden = book.add_worksheet("Lots"), book.add_worksheet("Notes")
        hidden.hide()
        day, percent = book.add_format({"num_format": "d mmm yyyy"}), book.add_format()
        percent.set_num_format("0%")
        sheet.write_row(0, 0, ["Line", "Day", "Coins"])
        sheet.merge_range(1, 0, 2, 0, 1)  # of merged cells the first has the value
        sheet.write(1, 1, 45658, day)
        sheet.write(1, 2, 5)
        sheet.write_row(2, 1, ["2025-01-02", "7"])
        sheet.write_row(3, 0, ["3", "2025-01-03", 0.1 + 0.2])
        sheet.write_row(5, 0, [5, 45662, 9])
        sheet.write_row(6, 0, [6, "2025-01-06"])
        sheet.write(6, 2, 0.5, percent)
    sheets = bring(file.getvalue(), PLAIN, name="t.xlsx")
    assert (sheets.code, 'say sheet = "Lots" in the map' in sheets.err) == (7, True)
    got = bring(file.getvalue(), f'sheet = "Lots"\n{PLAIN}', name="t.xlsx")
    lines = [(line["row"], line["column"], line["text"]) for line in got.lines()]
    assert lines == [(6, "Day", "45662"), (7, "Coins", "50%")]
    assert got.named("finding") == [(2, "Line", "merged-cells")]
    found = [(one["effective"], one["amount"]["lower"]) for one in data("reserve.acquired")]
    assert found == [("2025-01-01", 500_000_000), ("2025-01-03", 30_000_000)]
    assert "excluded from Coins: 1 cell, ignored, or in rows that give no fact" in got.out


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="A">%s</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def ods(*rows: str) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", ODS % "".join(f"<table:table-row{row}" for row in rows))
    return file.getvalue()


def xlsx() -> bytes:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        shown = book.add_format({"num_format": "0.0%;[Red]-0.0%"})
        words = book.add_format({"num_format": '0" % of all"'})
        sheet.write_row(0, 0, ["Day", "Coins"])
        sheet.merge_range(1, 0, 2, 0, "2025-01-01")
        sheet.write(1, 1, 0.07, shown)
        sheet.write(2, 1, 5, words)
        sheet.write(3, 0, "2025-01-03")
        sheet.write(3, 1, 6)
    return file.getvalue()


@pytest.mark.parametrize("name", ["t.xlsx", "t.ods"])
def test_a_percentage_says_what_people_see_and_merged_cells_are_told(
    name: str, bring: Bring, data: Data
) -> None:
    pytest.importorskip("python_calamine")
    text = '<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>'
    cell = '<table:table-cell office:value-type="%s" office:value="%s"/>'
    sheet = xlsx() if name == "t.xlsx" else ods(
        f">{text % 'Day'}{text % 'Coins'}</table:table-row>",
        f">{text % '2025-01-01'}{cell % ('percentage', 0.07)}</table:table-row>".replace(
            "-cell ", '-cell table:number-rows-spanned="2" ', 1
        ),
        f"><table:covered-table-cell/>{cell % ('float', 5)}</table:table-row>",
        f">{text % '2025-01-03'}{cell % ('float', 6)}</table:table-row>",
    )  # fmt: skip
    got = bring(sheet, PLAIN.replace("Line", "Coins"), name=name)
    assert [(line["row"], line["text"]) for line in got.lines()] == [(2, "7%")]
    assert got.named("finding") == [(2, "Day", "merged-cells")]
    assert "row 2 to 3" in got.lines("finding")[0]["sentence"]
    days = [one.get("effective") for one in data("reserve.acquired")]
    assert days == [None, "2025-01-03"]
