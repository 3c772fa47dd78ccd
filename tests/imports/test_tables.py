"""Is every table read as what it is, and each of its cells counted?"""

import io
import zipfile
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

Bring = Callable[..., Any]
Data = Callable[[str], list[dict[str, Any]]]

MAP = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/x"
[fact.fields]
effective = { column = "Day", as = "date" }
amount = { column = "Coins", as = "amount", unit = "BTC" }
mode = "purchase"
"""
NOTED = MAP + 'note = "{Note}"\n'
LOTS = "Day,Coins\n2025-01-01,5\n2025-01-02,7\n"
ROWS = [("2025-01-01", 500_000_000), ("2025-01-02", 700_000_000)]


def lots(data: Data) -> list[tuple[str, int]]:
    return [(one["effective"], one["amount"]["lower"]) for one in data("reserve.acquired")]


@pytest.mark.parametrize("mark", ["\u2028", "\x0b", "\x0c", "\x85", "\u2029", "\t", " \u2028 "])
def test_only_cr_and_lf_end_a_row_and_a_text_is_one_line(
    mark: str, bring: Bring, data: Data
) -> None:
    got = bring(f"Day,Note,Coins\n2025-01-01,a{mark}b,5\n", NOTED)
    assert (got.code, got.named("finding")) == (0, [(2, "Note", "line-breaks")])
    assert lots(data) == [ROWS[0]]
    assert [one["note"] for one in data("reserve.acquired")] == ["a b"]


@pytest.mark.parametrize("mark", ["\x1c", "\x07", "\u202e"])
def test_what_no_recorded_text_may_hold_is_a_reject(mark: str, bring: Bring, data: Data) -> None:
    got = bring(f"Day,Note,Coins\n2025-01-01,a{mark}b,5\n", NOTED)
    assert got.report["cells"] == {
        "read": 3, "recorded": 0, "already": 0, "left_out": 0, "not_mapped": 0, "rejected": 3,
    }  # fmt: skip
    assert [(line["column"], line["text"]) for line in got.lines()] == [("Note", f"a{mark}b")]
    assert "no recorded text may hold" in got.lines()[0]["sentence"]
    assert bring(f"Day,Note,Coins\n2025-01-01,a{mark}b,5\n", MAP).report["cells"]["recorded"] == 2
    assert lots(data) == [ROWS[0]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_rows_end_as_they_do_anywhere(ending: str, bring: Bring, data: Data) -> None:
    assert bring(LOTS.replace("\n", ending), MAP).code == 0
    assert lots(data) == ROWS


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ('Day,Coins\n2025-01-01,"5\n2025-01-02,7\n', "line 2: a quote is opened and not closed"),
        ('Day,Coins\n2025-01-01,5\n2025-01-02,"7', "line 3: a quote is opened and not closed"),
        ('Day,Coins\n2025-01-01,"5"0\n', "line 2: ',' expected after '\"'"),
    ],
)
def test_a_quote_out_of_place_refuses_the_file_by_its_line(
    table: str, where: str, bring: Bring, recorded: Callable[[], list[Any]]
) -> None:
    got = bring(table, MAP)
    assert (got.code, got.report, len(recorded())) == (7, None, 1)
    assert where in got.err


def test_rows_within_a_cell_are_a_finding(bring: Bring) -> None:
    got = bring('Day,Coins,Note\n2025-01-01,5,"a\nb,c,d\n"\n2025-01-02,7,"e\nf"\n', NOTED)
    assert got.named("finding") == [(2, "Note", "rows-in-a-cell"), (5, "Note", "line-breaks")]


@pytest.mark.parametrize(
    ("name", "table", "top"),
    [
        ("t.tsv", LOTS.replace(",", "\t"), ""),
        ("t.csv", LOTS.replace(",", ";"), 'delimiter = ";"\n'),
        ("t.txt", LOTS.replace(",", "|"), 'delimiter = "|"\n'),
        ("t.csv", LOTS.encode("utf-16"), ""),
        ("t.csv", LOTS.encode("utf-8-sig"), ""),
        ("t.csv", LOTS.encode("utf-16-le"), 'encoding = "utf-16-le"\n'),
        ("t.csv", f"Source: é\n\n{LOTS}".encode("latin-1"), 'encoding = "latin-1"\nskip = 2\n'),
        ("t.json", '[{"Day": "2025-01-01", "Coins": 5}, {"Coins": 7.0, "Day": "2025-01-02"}]', ""),
        ("t.ndjson", '{"Day":"2025-01-01","Coins":"5"}\n\n{"Day":"2025-01-02","Coins":7}\n', ""),
    ],
)
def test_each_kind_of_table_says_the_same(
    name: str, table: str | bytes, top: str, bring: Bring, data: Data
) -> None:
    got = bring(table, top + MAP, name=name)
    assert got.code == 0, got.err
    assert lots(data) == ROWS
    assert got.report["cells"]["recorded"] == 4


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        (LOTS.replace(",", ";"), 'delimiter = ";"'),
        (LOTS.replace(",", "\t"), 'delimiter = "\\t"'),
        (f"Día{LOTS}".encode("latin-1"), 'encoding = "latin-1"'),
        (f"“Day”{LOTS}".encode("cp1252"), 'encoding = "cp1252"'),
        (LOTS.encode("utf-16-le"), 'encoding = "utf-16-le"'),
        (LOTS.encode("utf-16-be"), 'encoding = "utf-16-be"'),
        (b"PK\x03\x04 a workbook", ".xlsx"),
    ],
)
def test_what_a_table_does_not_say_is_guessed_aloud_and_never_applied(
    table: str | bytes, hint: str, bring: Bring, recorded: Callable[[], list[Any]]
) -> None:
    got = bring(table, MAP)
    assert (got.code, len(recorded())) == (7, 1)
    assert hint in got.err


@pytest.mark.parametrize(
    ("name", "table", "why"),
    [
        ("t.json", "[1, 2]", "an array of objects"),
        ("t.json", '{"rows": []}', "an array of objects"),
        ("t.json", "[{", "Expecting property name"),
        ("t.json", '{"rows": [{"Day": 1}]}', "save what stands under 'rows' alone"),
        ("t.json", '[{"Day": "2025", "Coins": 1, "Coins": 2}]', "'Coins' stands twice"),
        ("t.json", "[]", "has no row"),
        ("t.json", " [ \n ] ", "has no row"),
        ("t.json", '[{"Day": 1} {"Day": 2}]', "Expecting ',' delimiter: line 1 column 13"),
        ("t.json", '[{"Day": 1},\n]', "Expecting value: line 2 column 1"),
        ("t.json", '[{"Day": 1}', "Expecting ',' delimiter: line 1 column 12"),
        ("t.json", '[{"Day": 1}]\n[]', "Extra data"),
        ("t.json", '[{"Day": 1},\n\n 5]', "line 3: an array of objects"),
        ("t.json", '"Day"', "an array of objects"),
        ("t.ndjson", '{"Day": 1}\n{"Day":\n', "line 2: Expecting value"),
        ("t.ndjson", '{"Day": 1}\n[]\n', "line 2: one object a line"),
        ("t.csv", "", "has no header"),
    ],
)
def test_what_is_no_table_is_named(name: str, table: str, why: str, bring: Bring) -> None:
    got = bring(table, MAP, name=name)
    assert got.code == 7
    assert why in got.err


def test_a_reject_of_json_names_the_line_on_which_its_object_begins(bring: Bring) -> None:
    got = bring(
        '[\n {"Day": "2025-01-01",\n  "Coins": "bad"},\n\n'
        ' {"Day": "2025-01-02", "Coins": 1}, {"Day": "2025-01-03", "Coins": "worse"}\n]',
        MAP, name="t.json",
    )  # fmt: skip
    assert [(one["row"], one["line"], one["text"]) for one in got.lines()] == [
        (1, 2, "bad"), (3, 5, "worse"),
    ]  # fmt: skip


def test_a_number_of_json_is_read_as_it_is_written(bring: Bring, data: Data) -> None:
    bring('[{"Day": "2025-01-01", "Coins": 0.10000001}]', MAP, name="t.json")
    assert lots(data) == [("2025-01-01", 10_000_001)]


# Workbooks


def workbook(*sheets: tuple[str, str]) -> bytes:
    """Return a workbook: the rows of each sheet are written out as its XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbered = list(enumerate(sheets, 1))
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n, _ in numbered
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, (name, _) in numbered
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    links += f'<Relationship Id="s" Type="{office}/styles" Target="styles.xml"/>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f"{parts}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f"{links}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for n, (_, rows) in numbered:
        files[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
        )
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return kept.getvalue()


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def words(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def figure(place: str, value: str, style: int = 0) -> str:
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


SHEET = (
    row(1, words("A1", "Day"), words("B1", "Coins"))
    + row(2, figure("A2", "45658", 1), figure("B2", "5"))  # 2025-01-01
    + row(4, words("A4", "2025-01-02"), figure("B4", "0.1"))
)


def test_a_workbook_is_read_cell_by_cell(bring: Bring, data: Data) -> None:
    pytest.importorskip("python_calamine")
    got = bring(workbook(("Lots", SHEET)), MAP, name="t.xlsx")
    assert got.code == 0, got.err
    assert lots(data) == [("2025-01-01", 500_000_000), ("2025-01-02", 10_000_000)]


def test_an_error_and_a_formula_without_a_value_are_not_empty(bring: Bring, data: Data) -> None:
    pytest.importorskip("python_calamine")
    sheet = SHEET.replace(figure("B2", "5"), '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    sheet = sheet.replace(figure("B4", "0.1"), '<c r="B4"><f>A1&amp;1</f></c>')
    sheet += row(5, words("A5", "2025-01-03"), '<c r="B5"><f>1+1</f><v>2</v></c>')
    got = bring(workbook(("A & B", sheet)), MAP, name="t.xlsx")
    assert [(line["row"], line["text"]) for line in got.lines()] == [(2, "#DIV/0!"), (4, "=A1&1")]
    assert lots(data) == [("2025-01-03", 200_000_000)]


def test_which_sheet_is_said_and_not_guessed(bring: Bring, data: Data) -> None:
    pytest.importorskip("python_calamine")
    book = workbook(("Notes", row(1, words("A1", "See Lots"))), ("Lots", SHEET))
    got = bring(book, MAP, name="t.xlsx")
    assert got.code == 7
    assert 'sheet = "Notes"' in got.err
    assert bring(book, 'sheet = "Lots"\n' + MAP, name="t.xlsx").code == 0
    assert len(lots(data)) == 2


# Cells


def test_each_cell_is_counted_once(bring: Bring) -> None:
    table = (
        "Day,Coins,Note,By\n"
        "2025-01-01,5,first,A\n"
        "9999-12-31,6,,B\n"
        "2025-01-03,many,third,\n"
        "N/A,,,D,beyond\n"
    )
    got = bring(table, 'unknown = ["9999-12-31", "N/A"]\nignore = ["By"]\n' + MAP)
    assert got.report["cells"] == {
        "read": 13, "recorded": 2, "already": 0, "left_out": 5, "not_mapped": 2, "rejected": 4,
    }  # fmt: skip
    assert "the map has no field for Note: 2 cells" in got.out
    assert "'9999-12-31' stands for unknown 1 time\n" in got.out
    assert got.named() == [(4, "Coins", "illegible"), (5, "column 5", "no-column")]


def test_an_import_of_which_every_row_is_rejected_is_5_and_says_why(bring: Bring) -> None:
    got = bring("Day,Coins\n31/12/2025,5\n30/12/2025,6\n", MAP)
    assert got.code == 5
    assert "rejected: illegible 2" in got.out
    assert 'formats = ["%d/%m/%Y"]' in got.out
    assert bring("Day,Coins\n31/12/2025,5\n2025-12-30,6\n", MAP).code == 0
    assert bring("Day,Coins\n", MAP).code == 0


def test_a_line_is_the_one_an_editor_shows(bring: Bring) -> None:
    got = bring('Day,Coins,Note\n\n2025-01-01,5,"a\nb"\nnever,6,\n', MAP)
    assert [(one["row"], one["line"]) for one in got.lines()] == [(4, 5)]


# Repetitions


def test_identical_rows_are_as_many_acts_in_every_run(bring: Bring, data: Data) -> None:
    table = "Day,Coins\n" + 3 * "2025-01-01,5\n" + "2025-01-02,5\n"
    first = bring(table, MAP)
    assert first.report["facts"] == {"recorded": 4, "already": 0, "rejected": 0}
    again = bring(table, MAP)
    assert again.report["facts"] == {"recorded": 0, "already": 4, "rejected": 0}
    more = bring(table + "2025-01-01,5\n", MAP)
    assert more.report["facts"] == {"recorded": 1, "already": 4, "rejected": 0}
    assert len(lots(data)) == 5


def test_what_happens_once_is_said_once_however_often_a_table_says_it(
    bring: Bring, data: Data
) -> None:
    map_ = (
        '[[fact]]\ntype = "agreement.signed"\nsubject = "agreement/{T}"\n'
        'fields = { party = { column = "P", as = "party" }, mode = "simple", '
        'effective = { column = "Day", as = "date" } }\n'
    )
    got = bring("T,P,Day\na,France,2001-01-01\na,France,2001-01-01\n", map_)
    assert got.report["facts"] == {"recorded": 1, "already": 1, "rejected": 0}


def test_two_coders_of_one_act_are_named_by_key(bring: Bring, data: Data) -> None:
    map_ = (
        '[[fact]]\ntype = "agreement.consent-expressed"\nsubject = "agreement/{T}"\n'
        'fields = { party = { column = "P", as = "party" }, mode = "ratification", '
        'effective = { column = "Day", as = "date" }%s }\n'
    )
    table = "T,P,Day,By\na,France,2001-01-01,one\na,France,2001-02-01,two\n"
    got = bring(table, map_ % "")
    assert got.named() == [(3, "T", "contradicts-itself")]
    assert "name them by key" in got.lines()[0]["sentence"]
    keyed = map_ % ', key = "{By}"'
    assert bring(table.replace("a,", "b,"), keyed).report["facts"]["recorded"] == 2


def test_what_is_in_no_fact_is_counted_by_column(bring: Bring) -> None:
    got = bring("Day,Coins\n2025-01-01,5\n,6\n,7\n", MAP)
    assert got.report["cells"]["left_out"] == 2
    (line,) = got.lines("excluded")
    assert (line["column"], "2 cells" in line["sentence"]) == ("Coins", True)
