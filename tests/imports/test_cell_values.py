"""Are days, numbers and names read exactly, and never guessed?"""

from collections.abc import Callable
from typing import Any

import pytest

Bring = Callable[..., Any]
Data = Callable[[str], list[dict[str, Any]]]


def dated(more: str = "") -> str:
    """Return a map of days, whose reading takes what is added."""
    return (
        '[[fact]]\ntype = "party.stated"\nsubject = "party/x"\n'
        f'fields = {{ gist = "said", effective = {{ column = "Day", as = "date"{more} }} }}\n'
    )


def table(*cells: str) -> str:
    return "Day\n" + "".join('"' + cell.replace('"', '""') + '"\n' for cell in cells)


# Days


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-07-16", "2025-07-16"),
        ("2025-07", "2025-07"),
        ("1966-08-1X", "1966-08-1X"),
        ("1890-12-20?", "1890-12-20?"),
        ("/1888", "[..1888]"),
        ("../1888-02", "[..1888-02]"),
        ("1888/..", "[1888..]"),
        ("1888/", "[1888..]"),
        ("2025-07-16T18:01:00Z", "2025-07-16T18:01:00Z"),
        ("2025-07-16T18:01:00.000Z", "2025-07-16T18:01:00Z"),
        ("2025-07-16T18:01:00+00:00", "2025-07-16T18:01:00Z"),
        ("2025-07-16 18:01:00.000000+00:00", "2025-07-16T18:01:00Z"),
        ("2025-07-16T10:00Z", "2025-07-16T10:00:00Z"),
        ("2025-07-16T10:00-0600", "2025-07-16T10:00:00-06:00"),
        ("2025-07-16 10:00:00 UTC", "2025-07-16T10:00:00Z"),
    ],
)
def test_a_day_is_read_as_other_programs_write_it(
    cell: str, day: str, bring: Bring, data: Data
) -> None:
    got = bring(table(cell), dated())
    assert [one["effective"] for one in data("party.stated")] == [day], got.report["lines"]


@pytest.mark.parametrize("cell", ["/1888", "1888/.."])
def test_a_state_that_lasted_keeps_its_open_end(cell: str, bring: Bring, data: Data) -> None:
    map_ = dated().replace("party.stated", "reserve.policy-set").replace("party/x", "reserve/x")
    bring(table(cell), map_.replace('gist = "said"', 'policy = "hold", words = "We hold."'))
    (found,) = data("reserve.policy-set")
    assert found["effective"] == {"/1888": "../1888", "1888/..": "1888/.."}[cell]


@pytest.mark.parametrize(
    ("cell", "hint", "day"),
    [
        ("18/07/2025", ', formats = ["%d/%m/%Y"]', "2025-07-18"),
        ("07/18/2025", ', formats = ["%m/%d/%Y"]', "2025-07-18"),
        ("18.7.99", ', formats = ["%d.%m.%y"], century = 1950', "1999-07-18"),
        ("2025-7-9", ', formats = ["%Y-%m-%d"]', "2025-07-09"),
        ("2025-7", ', formats = ["%Y-%m"]', "2025-07"),
        ("2025-07-16 00:00:00", ', formats = ["%Y-%m-%d %H:%M:%S"]', "2025-07-16"),
        ("2025-07-16T10:00:00.123Z", ', formats = ["%Y-%m-%dT%H:%M:%S.%fZ"]', "2025-07-16"),
        ("2001-21", ', values = { "2001-21" = "[2001-03..2001-05]" }', "[2001-03..2001-05]"),
        ("2001-24", ', values = { "2001-24" = "[2001-12..2002-02]" }', "[2001-12..2002-02]"),
        (
            "[1667,1668..1670]",
            ', values = { "[1667,1668..1670]" = "[1667..1670]" }',
            "[1667..1670]",
        ),
        ("{1960..1962}", ', values = { "{1960..1962}" = "[1960..1962]" }', "[1960..1962]"),
        (
            "Spring 2021",
            ', values = { "Spring 2021" = "[2021-03..2021-05]" }',
            "[2021-03..2021-05]",
        ),
        (
            "winter, 2021",
            ', values = { "winter, 2021" = "[2021-12..2022-02]" }',
            "[2021-12..2022-02]",
        ),
        ("2025/07/18", ', formats = ["%Y/%m/%d"]', "2025-07-18"),
        ("20250718", ', formats = ["%Y%m%d"]', "2025-07-18"),
        ("18 July 2025", ', formats = ["%d %B %Y"]', "2025-07-18"),
        ("18-Jul-99", ', formats = ["%d-%b-%y"], century = 1950', "1999-07-18"),
        ("Q2 2021", ', values = { "Q2 2021" = "[2021-04..2021-06]" }', "[2021-04..2021-06]"),
        ("2021-Q4", ', values = { "2021-Q4" = "[2021-10..2021-12]" }', "[2021-10..2021-12]"),
        ("c. 1890", ', values = { "c. 1890" = "1890~" }', "1890~"),
        ("1890s", ', values = { "1890s" = "189X" }', "189X"),
    ],
)
def test_what_is_not_read_is_answered_with_a_hint_that_works(
    cell: str, hint: str, day: str, bring: Bring, data: Data
) -> None:
    got = bring(table(cell), dated())
    assert got.code == 5
    assert hint.removeprefix(", ").partition(", century")[0] in got.lines()[0]["sentence"]
    assert bring(table(cell), dated(hint)).code == 0
    assert [one["effective"] for one in data("party.stated")] == [day]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("2025-02-30", "not in the calendar"),
        ("0000-00-00", "not in the calendar"),
        ("45000", "the number of a day in a spreadsheet"),
        ("9999-12-31", 'unknown = ["9999-12-31"]'),
        ("2899-01-01", 'unknown = ["2899-01-01"]'),
    ],
)
def test_what_is_no_day_is_rejected(cell: str, says: str, bring: Bring, data: Data) -> None:
    got = bring(table(cell), dated())
    assert (got.code, data("party.stated")) == (5, [])
    assert says in got.lines()[0]["sentence"]


def test_values_of_a_day_are_exceptions(bring: Bring, data: Data) -> None:
    map_ = dated(', values = { "2001-21" = "2001-03~", "n.d." = "" }')
    bring(table("2001-21", "2002-01", "n.d."), map_)
    assert [one.get("effective") for one in data("party.stated")] == ["2001-03~", "2002-01", None]


FILLED = """\
[[fact]]
type = "party.stated"
subject = "party/x"
fields = { gist = "said", effective = "{Day}", note = "{Day}" }
"""


def test_what_stands_for_unknown_is_said_in_no_text(bring: Bring, data: Data) -> None:
    map_ = FILLED.replace("[[fact]]", '[[fact]]\nwhen = "Who"')
    got = bring("Who,Day\na,9999-12-31\n", 'unknown = ["9999-12-31"]\n' + map_)
    assert got.report["cells"]["left_out"] == 1
    (found,) = data("party.stated")
    assert {"effective", "note"}.isdisjoint(found)


def test_a_reject_names_the_column_of_the_field(bring: Bring) -> None:
    map_ = FILLED.replace("{Day}", "{Other}", 1).replace("[[fact]]", '[[fact]]\nwhen = "Who"')
    got = bring("Who,Day,Other\na,b\u202ec,2025\nb,ok,2025-01/2026\n", map_)
    assert got.named() == [(2, "Day", "not-well-formed"), (3, "Other", "not-well-formed")]


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("%d %B %Y", "16 July 2025", "2025-07-16"),
        ("%B %Y", "July 2025", "2025-07"),
        ("%m/%Y", "07/2025", "2025-07"),
        ("%Y", "2025", "2025"),
        ("%Y%m%d", "20250716", "2025-07-16"),
        ("%d/%m/%Y %H:%M %z", "16/07/2025 10:00 +0200", "2025-07-16T10:00:00+02:00"),
    ],
)
def test_a_format_gives_no_more_than_it_says(
    form: str, cell: str, day: str, bring: Bring, data: Data
) -> None:
    bring(table(cell), dated(f', formats = ["{form}"]'))
    assert [one["effective"] for one in data("party.stated")] == [day]


def test_a_cell_that_two_formats_read_as_two_days_is_rejected(bring: Bring, data: Data) -> None:
    cells = table("03/04/2025", "25/04/2025", "04/04/2025")
    got = bring(cells, dated(', formats = ["%d/%m/%Y", "%m/%d/%Y"]'))
    assert got.named() == [(2, "Day", "two-readings")]
    assert [one["effective"] for one in data("party.stated")] == ["2025-04-25", "2025-04-04"]


@pytest.mark.parametrize(
    ("century", "cell", "year"),
    [(1950, "49", "2049"), (1950, "50", "1950"), (1800, "99", "1899"), (2000, "70", "2070")],
)
def test_a_year_of_two_digits_lies_in_the_century_that_the_map_names(
    century: int, cell: str, year: str, bring: Bring, data: Data
) -> None:
    formats = 'formats = ["%d.%m.%y"]\n'
    refused = bring(table(f"01.02.{cell}"), formats + dated())
    assert refused.code == 2
    assert "say century = 1950" in refused.err
    bring(table(f"01.02.{cell}"), f"{formats}century = {century}\n{dated()}")
    assert [one["effective"] for one in data("party.stated")] == [f"{year}-02-01"]


@pytest.mark.parametrize(
    ("formats", "cell"),
    [
        ('["%d.%m.%Y"]', "31.02.2024"),
        ('["%d.%m.%Y"]', "29.02.2023"),
        ('["%d.%m.%Y"]', "32.01.2024"),
        ('["%m/%d/%Y"]', "04/31/2024"),
        ('["%d %B %Y"]', "31 April 2024"),
        ('["%Y%m%d"]', "20240231"),
        ("[]", "30.02.2024"),
        ("[]", "31/11/2024"),
        ("[]", "15.13.2024"),
    ],
)
def test_a_day_that_no_month_has_is_called_so(formats: str, cell: str, bring: Bring) -> None:
    (told,) = bring(table(cell), dated(f", formats = {formats}")).lines()
    assert f"'{cell}' is not in the calendar" in told["sentence"]
    assert "say formats" not in told["sentence"]


def test_a_day_after_the_table_is_a_finding(bring: Bring) -> None:
    got = bring(table("2025-01-01", "2025-02-03"), 'published = "2025-02-01"\n' + dated())
    assert got.named("finding") == [(3, "Day", "after-the-table")]
    assert got.report["facts"]["recorded"] == 2


# Numbers


def sums(more: str = "", unit: str = "BTC") -> str:
    """Return a map of amounts, whose reading takes what is added."""
    return (
        '[[fact]]\ntype = "reserve.acquired"\nsubject = "reserve/x"\nfields = { mode = "mining", '
        f'amount = {{ column = "Day", as = "amount", unit = "{unit}"{more} }} }}\n'
    )


@pytest.mark.parametrize(
    ("cell", "more", "sat"),
    [
        ("1,500", "", 150_000_000_000),
        ("1500", "", 150_000_000_000),
        ("1,234,567.5", "", 123_456_750_000_000),
        ("1.500", ', decimal = ","', 150_000_000_000),
        ("1,500", ', decimal = ","', 150_000_000),
        ("1.234,50", ', decimal = ","', 123_450_000_000),
        ("1 234,5", ', decimal = ",", thousands = " "', 123_450_000_000),
        ("1\u00a0500", "", 150_000_000_000),
        ("1\u202f500.25", "", 150_025_000_000),
        ("1'500", "", 150_000_000_000),
        ("1’234’567", "", 123_456_700_000_000),
        ("5.1000000000000", "", 510_000_000),
        (".5", "", 50_000_000),
        ("0.00000001", "", 1),
        ("007", "", 700_000_000),
        ("1_500", ', thousands = "_"', None),
        ("1,5", "", None),
        ("1,2345", "", None),
        ("1.5.2", "", None),
        ("0.000000001", "", None),
        ("1.234,50", "", None),
        ("-5", "", None),
        ("1e3", "", 100_000_000_000),
        ("2.5E-5", "", 2_500),
        ("1e-9", "", None),
        ("1.", "", 100_000_000),
        ("1_000", "", None),
    ],
)
def test_a_number_is_exact_or_rejected(
    cell: str, more: str, sat: int | None, bring: Bring, data: Data
) -> None:
    got = bring(table(cell), sums(more))
    assert [one["amount"]["lower"] for one in data("reserve.acquired")] == ([sat] if sat else [])
    assert (got.code == 5) == (sat is None)


@pytest.mark.parametrize(
    ("cell", "how", "said"),
    [
        ("0.000764", 'unit = "USD"', ("usd-e6", 764)),  # New Liberty Standard, 2009-10-05
        ("0.06400000", 'unit = "USD"', ("usd-e3", 64)),  # as an exchange writes them
        ("26762.64800000", 'unit = "USD"', ("usd-e3", 26_762_648)),
        ("63913.9853271028", 'unit = "USD"', ("usd-e10", 639_139_853_271_028)),
        ("7.64E-4", 'unit = "USD"', ("usd-e6", 764)),
        ("$66,384.56", 'unit = ""', ("usd-minor", 6_638_456)),  # the average of a filing
        ("0,0645", 'unit = "EUR", decimal = ","', ("eur-e4", 645)),
        ("11.646.111,25", 'unit = "JPY", decimal = ","', ("jpy-e2", 1_164_611_125)),
        ("0.06-0.0645", 'unit = "USD"', ("usd-e4", 600)),
        ("67123.456789012345", 'unit = "USD"', None),  # 17 figures
        ("0.1.2", 'unit = "USD"', None),
    ],
)
def test_a_price_keeps_all_its_digits(
    cell: str, how: str, said: tuple[str, int] | None, bring: Bring, data: Data
) -> None:
    price = f'price = {{ column = "Day", as = "amount", {how} }}'
    fact = '[[fact]]\ntype = "reserve.acquired"\nsubject = "reserve/x"\n'
    bring(table(cell), f'{fact}fields = {{ mode = "purchase", {price} }}\n')
    found = [one["price"] for one in data("reserve.acquired")]
    assert [(one["unit"], one["lower"]) for one in found] == ([said] if said else [])


@pytest.mark.parametrize(
    ("field", "unit", "cell"),
    [
        ("amount", "BTC", "0.123456789"),
        ("amount", "sat", "0.5"),
        ("spent", "USD", "1250000.005"),
        ("spent", "JPY", "100.5"),
    ],
)
def test_any_other_amount_with_more_digits_than_its_unit_is_a_reject(
    field: str, unit: str, cell: str, bring: Bring, data: Data
) -> None:
    how = f'{field} = {{ column = "Day", as = "amount", unit = "{unit}" }}'
    fact = '[[fact]]\ntype = "reserve.acquired"\nsubject = "reserve/x"\n'
    got = bring(table(cell), f'{fact}fields = {{ mode = "purchase", {how} }}\n')
    digits, most = len(cell.partition(".")[2]), {"BTC": 8, "USD": 2}.get(unit, 0)
    noun = "digit" if digits == 1 else "digits"
    assert f"{digits} {noun} behind the point, but {unit} has {most} here at most" in got.out
    assert data("reserve.acquired") == []


def test_bounds_and_words_keep_their_sense(bring: Bring, data: Data) -> None:
    bring(table("over 6.240,5", "22,5–23"), sums(', decimal = ","'))
    found = [one["amount"] for one in data("reserve.acquired")]
    assert [(one.get("lower"), one.get("upper")) for one in found] == [
        (624_050_000_000, None), (2_250_000_000, 2_300_000_000),
    ]  # fmt: skip
    assert found[0]["words"] == "over 6.240,5 BTC"


def test_a_satoshi_with_a_zero_behind_the_point_is_a_satoshi(bring: Bring, data: Data) -> None:
    bring(table("1.0", "2.00"), sums("", "sat"))
    bring(table("3.0 sat"), sums())
    assert [one["amount"]["lower"] for one in data("reserve.acquired")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("cells", "odd"),
    [
        (("1,500", "0,25"), True),
        (("1,500", "1,5"), True),
        (("1.500", "1.234.567"), True),
        (("1.500", "2.345,5"), True),
        (("1,500", "1,234,567"), False),
        (("1.500", "1.25"), False),
        (("1.500", "1,250.5"), False),
        (("49.857", "12.000", "500"), True),
        (("about 49.857 BTC", "~ 3.500 BTC"), True),
        (("49.857", "0.125"), False),
        (("49.857", "1234"), False),
        (("12,000", "49,857"), False),
        (("0,125", "1,500"), True),
    ],
)
def test_a_column_with_both_readings_is_a_finding(
    cells: tuple[str, ...], odd: bool, bring: Bring
) -> None:
    names = [line["name"] for line in bring(table(*cells), sums()).lines("finding")]
    assert names == (["two-readings"] if odd else [])
    for mark in (",", ".") if odd else ():
        assert bring(table(*cells), sums(f', decimal = "{mark}"')).lines("finding") == []


def test_a_dry_run_says_how_a_point_before_three_digits_is_read(bring: Bring) -> None:
    (told,) = bring(table("12.000", "49.857"), sums(), "--dry-run").lines("finding")
    assert told["sentence"].startswith("'12.000' is read as 12, and no cell tells that from 12,000")


def test_a_line_break_in_a_text_is_a_blank_and_in_no_figure(bring: Bring, data: Data) -> None:
    fields = 'gist = { column = "Said" }, note = "{Note}", effective = "2025"'
    said = f'[[fact]]\ntype = "party.stated"\nsubject = "party/x"\nfields = {{ {fields} }}\n'
    got = bring('Said,Note\n"one\r\ntwo","a \n\n b"\n"three",c\n', said)
    found = [(one["gist"], one["note"]) for one in data("party.stated")]
    assert found == [("one two", "a b"), ("three", "c")]
    breaks = [(one["name"], one["line"]) for one in got.lines("finding")]
    assert breaks == [("line-breaks", 2)] * 2
    assert bring('[{"Said": "four\\nfive", "Note": "d"}]', said, name="t.json").code == 0
    assert data("party.stated")[-1]["gist"] == "four five"
    assert bring(table("1\n500"), sums()).lines()[0]["name"] == "illegible"


# Names


def by_party(more: str = "", subject: str = "agreement/x") -> str:
    """Return a map of parties, whose reading takes what is added."""
    return (
        f'[[fact]]\ntype = "agreement.signed"\nsubject = "{subject}"\nfields = {{ mode = "simple", '
        f'party = {{ column = "Day", as = "party"{more} }} }}\n'
    )


@pytest.mark.parametrize(
    ("codes", "cell", "party"),
    [
        ("iso2", "TR", "party/tr"),
        ("iso3", "RUS", "party/ru"),
        ("iso3", "usa", "party/us"),
        ("iso3", "YUG", "party/yu"),
        ("numeric", "4", "party/af"),
        ("numeric", "004", "party/af"),
        ("cow", "2", "party/us"),
        ("cow", "260", "party/de"),
        ("cow", "679", "party/ye"),
        ("gw", "678", "party/ye"),
        ("gw", "345", "party/yu"),
        ("gw", "340", "party/rs"),
    ],
)
def test_a_code_means_the_state_of_its_list(
    codes: str, cell: str, party: str, bring: Bring, data: Data
) -> None:
    bring(table(cell), by_party(f', codes = "{codes}"'))
    assert [one["party"] for one in data("agreement.signed")] == [party]


@pytest.mark.parametrize(
    ("cell", "party"),
    [
        ("Korea, Republic of", "party/kr"),
        ("Iran, Islamic Republic of", "party/ir"),
        ("Congo, Democratic Republic of the", "party/cd"),
        ("Tanzania, United Republic of", "party/tz"),
        ("France [1]", "party/fr"),
        ("France*", "party/fr"),
        ("France †", "party/fr"),
        ("France 1, 2", "party/fr"),
        ("France²", "party/fr"),
        ("U.S.A.", "party/us"),
        ("DPRK", "party/kp"),
        ("S. Korea", "party/kr"),
        ("Czechoslovakia", "party/cs"),
        ("Korea (Republic of)", "party/kr"),
        ("Moldova (the Republic of)", "party/md"),
        ("Egypt, Arab Rep.", "party/eg"),
        ("Korea, Dem. People's Rep.", "party/kp"),
        ("Congo, Dem. Rep.", "party/cd"),
        ("Micronesia, Fed. Sts.", "party/fm"),
        ("Marshall Is.", "party/mh"),
        ("St. Lucia", "party/lc"),
        ("Dominican Rep.", "party/do"),
    ],
)
def test_a_name_is_found_as_lists_write_it(cell: str, party: str, bring: Bring, data: Data) -> None:
    got = bring(table(cell), by_party())
    assert [one["party"] for one in data("agreement.signed")] == [party], got.report["lines"]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("RUS", 'Russian Federation (party/ru) by codes = "iso3"'),
        ("Korea", "Republic of Korea (party/kr)"),
        ("Guinea Bisau", "Guinea-Bissau (party/gw)"),
    ],
)
def test_what_is_not_known_is_answered_by_country(cell: str, hint: str, bring: Bring) -> None:
    got = bring(table(cell), by_party())
    assert got.code == 5
    assert hint in got.out


def test_an_id_of_the_register_that_is_somebody_else_here_is_refused(
    bring: Bring, data: Data
) -> None:
    made = (
        '[[fact]]\ntype = "party.established"\nsubject = "party/tr"\nonce = true\n'
        'fields = { name = "{Day}", type = "publisher" }\n'
    )
    assert bring(table("A tracker"), made).code == 0
    got = bring(table("Türkiye", "TR", "France"), by_party())
    assert [line["name"] for line in got.lines()] == ["somebody-else", "somebody-else"]
    assert "party/tr is 'A tracker' here: map Türkiye" in got.lines()[0]["sentence"]
    mapped = bring(table("Türkiye"), by_party() + '[parties]\n"Türkiye" = "party/turkiye"\n')
    assert mapped.report["facts"]["recorded"] == 1
    assert [one["party"] for one in data("agreement.signed")] == ["party/fr", "party/turkiye"]


@pytest.mark.parametrize(
    ("title", "id_"),
    [
        ("Łódź Traktat", "lodz-traktat"),
        ("Straße", "strasse"),
        ("Договор о дружбе", "dogovor-o-druzhbe"),  # noqa: RUF001 - Cyrillic is meant
        ("Côte d’Ivoire", "cote-d-ivoire"),
        ("条約", "tiaoyue"),
    ],
)
def test_an_id_keeps_every_letter(
    title: str, id_: str, bring: Bring, recorded: Callable[[], list[Any]]
) -> None:
    got = bring(f"T,Day\n{title},France\n", by_party(subject="agreement/{T}"))
    assert got.code == 0, got.report["lines"]
    assert f"agreement/{id_}" in {row.thing for row in recorded()}


def test_an_id_without_letters_is_refused_and_two_titles_in_one_are_told(bring: Bring) -> None:
    rows = "T,Day\n***,France\nCafé,France\nCafe,Spain\ncafe,Italy\n"
    got = bring(rows, by_party(subject="agreement/{T}"))
    assert got.named() == [(2, "T", "id-loses-letters")]
    assert [line for line, _, _ in got.named("finding")] == [4, 5]
    assert got.report["facts"]["recorded"] == 3
