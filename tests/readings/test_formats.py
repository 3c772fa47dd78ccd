"""Does every answer fit eighty columns, and can it be pasted into an article?"""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from cli.commands.ask.list import list_columns
from cli.output.formats import write_rows
from cli.output.look import FOR_PEOPLE, FORMATS, Column, Look
from cli.output.markdown_html import Grid, paper
from cli.output.table import table

Counter = Callable[..., Any]

ANSWERS = [
    "agreement list",
    "agreement show pk-sv-bitcoin-2025 --claims",
    "agreement history pk-sv-bitcoin-2025",
    "agreement standing pk-sv-bitcoin-2025",
    "agreement standing --party sv",
    "agreement reservations pk-sv-bitcoin-2025",
    "allocation list",
    "allocation show pk-2000mw",
    "audit",
    "blame reserve/sv",
    "diff 2024-03-13 2024-03-15 reserve/sv",
    "disputes",
    "event show @170",
    "explain reserve/sv reported",
    "find bitcoin",
    "findings --check contested",
    "findings --list",
    "help",
    "help dates",
    "history reserve/sv",
    "law show sv-bitcoin-law-2021",
    "log -n 30",
    "meeting list",
    "party list",
    "party show imf",
    "party statements onbtc",
    "price show btc-usd",
    "programme show pk-eff-2024",
    "proposal list",
    "query --views",
    "reserve list",
    "reserve reconcile sv",
    "reserve series sv",
    "reserve series sv --every year",
    "reserve show sv",
    "reserve total",
    "reserve value sv --price btc-usd",
    "schema",
    "source list",
    "source show article",
    "status",
    "template reserve.acquired",
    "timeline reserve/sv",
    "where",
]
TAGS = {"section", "table", "tr", "th", "td", "p", "br", "h3", "h4", "code", "a"}


class Parsed(HTMLParser):
    """HTML as it is read: the tags that stand open, all that were met, and the texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name == "href"]
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def cells(line: str) -> int:
    """Return how many cells a row of a table in Markdown has."""
    return len(re.findall(r"(?<!\\)\|", line)) - 1


@pytest.mark.long
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_written_for_scripts_too(answer: str, counter: Counter) -> None:
    for form in set(FORMATS) - set(FOR_PEOPLE):
        ran = counter(*answer.split(), "--format", form)
        page = form == "csv" and ran.code == 2
        assert page or ran.code in (0, 1), (form, ran.err)
        assert "a fault" not in ran.err


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_fits_eighty_columns_and_an_article(
    answer: str, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for form in ("md", "html"):
        ran = counter(*answer.split(), "--format", form)
        assert ran.code in (0, 1), (form, ran.err)
        if form == "md":
            _check_markdown(ran.out)
        elif form == "html":
            _check_html(ran.out)
    monkeypatch.setenv("COLUMNS", "80")
    lines = counter(*answer.split()).out.splitlines()
    wide = [line for line in lines if len(line) > 80 and not _is_a_whole(line)]
    assert not wide


def _is_a_whole(line: str) -> bool:
    """Say whether a line is a command, or one word: neither is broken, so that it can be pasted."""
    whole = ("reproduce:", "next:", "depositary ", "at http")
    return line.lstrip().startswith(whole) or len(line.split()) <= 1


def _check_markdown(text: str) -> None:
    widths = set()
    for line in text.splitlines():
        if line.startswith("|"):
            widths.add(cells(line))
        else:
            assert len(widths) < 2
            widths.clear()
    rendered = MarkdownIt("commonmark").enable("table").render(text)
    assert "<img" not in rendered
    assert "<h1" not in rendered


def _check_html(text: str) -> None:
    found = Parsed(text)
    assert found.open == []
    assert found.tags <= TAGS
    assert found.attributes <= {"class", "href", "style"}
    assert all(link.startswith(("https://", "http://")) for link in found.links)
    assert text.startswith("<section")


def test_an_answer_on_paper_has_its_clocks_its_command_and_its_sources(counter: Counter) -> None:
    for question in (("reserve", "show", "sv"), ("disputes",), ("agreement", "list")):
        text = counter(*question, "--format", "md").out
        assert "known at @" in text
        assert "reproduce: `depositary " in text
        assert "### Sources" in text
        assert "<https://" in text
        for form in ("md", "html"):  # an article has no use for the command to run next
            assert "next: " not in counter(*question, "--format", form).out


HOSTILE = "a|b [x](javascript:y) <script>*z*</script> `q` _u_ \\ &amp; ![i](h)"


def test_what_a_ledger_says_has_no_meaning_as_a_mark() -> None:
    lines = table((Column("a", "a"), Column("b", "b")), [{"a": HOSTILE, "b": "1."}], Look("md"))
    rendered = MarkdownIt("commonmark").enable("table").render(paper([*lines, HOSTILE], "md"))
    found = Parsed(rendered)
    assert found.tags <= {"table", "thead", "tbody", "tr", "th", "td", "p"}
    assert found.text.count(HOSTILE) == 2
    html = Parsed(paper([*lines, HOSTILE], "html"))
    assert html.tags <= TAGS
    assert html.links == []
    assert html.text.count(HOSTILE) == 2


@pytest.mark.parametrize("start", ["1. x", "- x", "+ x", "# x", "> x", "=====", "---", "12) x"])
def test_the_beginning_of_a_line_is_no_mark_either(start: str) -> None:
    rendered = MarkdownIt("commonmark").render(paper(["word", start], "md"))
    assert Parsed(rendered).tags == {"p", "br"}
    assert Parsed(rendered).text == f"word\n{start}\n"


def test_only_addresses_of_the_web_are_links() -> None:
    rows = [["https://example.org/a_b", "javascript:alert(1)", 'https://x/"><b>']]
    html = paper([Grid.of(("a", "b", "c"), rows, (False,) * 3)], "html")
    assert Parsed(html).links == ["https://example.org/a_b"]


def test_hidden_columns_are_announced_and_wide_shows_them(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    narrow, wide = counter("reserve", "list").out, counter("reserve", "list", "--wide").out
    assert "4 columns hidden: status, " in narrow
    assert "(--wide, --columns)" in narrow
    assert "hidden" not in wide
    monkeypatch.delenv("COLUMNS")
    assert counter("reserve", "list").out == wide


def test_columns_are_chosen_by_their_names_or_titles(counter: Counter) -> None:
    ran = counter("reserve", "list", "--columns", "reported_lower_sat,as of,subject")
    titles = re.split(" {2,}", ran.out.splitlines()[0])
    assert titles == ["reported lower sat", "as of", "reserve"]
    rows = json.loads(counter("reserve", "list", "--columns", "holder", "--json").out)
    assert all(set(row) == {"holder"} for row in rows)
    csv = counter("reserve", "list", "--columns", "subject,holder", "--csv").out
    assert csv.splitlines()[0] == "subject,holder"
    series = counter("reserve", "series", "sv", "--columns", "amount")
    assert series.out.split()[0] == "figure"
    assert "reproduce: " in series.out


def test_an_unknown_column_brings_those_that_there_are(
    turned_away: Callable[..., list[str]],
) -> None:
    lines = turned_away(2, "reserve", "list", "--columns", "subject,holdr")
    assert lines[1].startswith("'holdr' is none: did you mean holder? ")
    assert "ledger_balance_upper_sat" in lines[1]
    lines = turned_away(2, "reserve", "show", "sv", "--columns", "holder")
    assert "only a table has columns" in lines[0]


def test_a_long_list_ends_with_its_number(
    counter: Counter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert re.search(r"^72 rows$", counter("source", "list").out, re.MULTILINE)
    for count in (10, 11):
        write_rows((Column("n", "n"),), [{"n": n} for n in range(count)], Look())
        assert ("rows" in capsys.readouterr().out) is (count > 10)


def test_titles_that_are_too_long_are_broken_as_cells_are() -> None:
    columns = [Column("a", "a title of several words", number=False) for _ in range(4)]
    lines = table(columns, [{"a": "x"}], Look(width=60))
    assert max(map(len, lines)) <= 60


def test_a_bound_of_a_day_is_no_day_among_the_sources(counter: Counter) -> None:
    text = counter("source", "show", "article", "--format", "md").out
    assert "2025-07-18 or later" in text


def test_a_party_is_shown_by_its_name_and_a_subject_by_its_id() -> None:
    columns = [Column(name, name) for name in ("subject", "by", "all", "says")]
    row = {
        "subject": "party/x",
        "by": "party/x",
        "all": ["party/x", "party/y"],
        "says": "party/x says that The Y (party/y) is party/x-2, in party/x/7",
    }
    names = {"party/x": "The X", "party/y": "The Y"}
    _, line = table(columns, [row], Look(names=names))
    told = "The X says that The Y (party/y) is party/x-2, in party/x/7"
    assert re.split(" {2,}", line) == ["party/x", "The X", "The X, The Y", told]


def test_no_word_is_broken_where_a_column_can_be_hidden() -> None:
    columns = [Column("type", "type"), Column("text", "text"), Column("last", "last", drop=1)]
    row = {"type": "agreement.signature-confirmed", "text": "cointrackdaily said", "last": "z" * 14}
    lines = table(columns, [row], Look(width=34))
    assert "1 column hidden: last" in " ".join(lines)
    words = [word for line in lines for word in line.split()]
    assert {"agreement.", "signature-", "confirmed", "cointrackdaily"} <= set(words)


def test_a_tower_of_words_stands_below_its_row() -> None:
    columns = [Column("fact", "fact", number=True), Column("id", "id", drop=1), Column("w", "why")]
    row = {"fact": 7, "id": "reserve/examplia", "w": "it differs in many respects " * 12}
    head, first, *below = table(columns, [row, {"fact": 8, "w": ""}], Look(width=50))
    assert (head.split(), first.split()) == (["fact", "id"], ["7", "reserve/examplia"])
    assert below[0].startswith("  why: it differs in many respects")
    assert all(line.startswith("    ") and len(line) <= 50 for line in below[1:-1])
    assert below[-1].split() == ["8"]
    short = {**row, "w": "it differs in many respects, " * 4}
    lines = table(columns, [short], Look(width=40))
    assert lines[0].split() == ["fact", "why"], "a column is hidden where that is enough"
    assert "1 column hidden: id" in lines[-1]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_table_of_names_fits(width: int) -> None:
    names = {f"party/{n}": f"The Ministry of Long Names of State {n}" for n in range(4)}
    columns = [Column(name, name) for name in ("subject", "one", "two")]
    row = {"subject": "agreement/a-long-name-2025", "one": [*names], "two": "party/1"}
    lines = table(columns, [row], Look(width=width, names=names))
    assert max(map(len, lines)) <= width


def test_a_column_is_asked_for_by_its_heading_however_it_is_spelled(counter: Counter) -> None:
    by_name = counter("reserve", "list", "--columns", "asserted_by,as_of").out.splitlines()[1:3]
    for typed in ("asserted by,as of", "Asserted-By,as-of", "asserted_by,as_of"):
        assert counter("reserve", "list", "--columns", typed).out.splitlines()[1:3] == by_name
    hint = counter("reserve", "list", "--columns", "asserted_bi").err
    assert "did you mean asserted_by" in hint


@pytest.mark.parametrize("kind", ["agreement", "reserve", "allocation", "programme", "party"])
def test_no_two_columns_of_a_list_have_one_heading(kind: str, counter: Counter) -> None:
    titles = [column.title for column in list_columns(kind) if column.title.strip()]
    assert len(set(titles)) == len(titles)


def test_a_series_begins_where_it_is_asked_to(counter: Counter) -> None:
    def days(name: str, *words: str) -> list[str]:
        found = counter("reserve", "series", "sv", "--json", "--as-of", "2025-08-31", *words)
        return [row[name] for row in json.loads(found.out)["rows"]]

    every = ("--every", "month")
    ends = ["2025-05-31", "2025-06-30", "2025-07-31", "2025-08-31"]
    assert days("on", *every, "--from", "2025-05-31") == ends
    assert days("on", *every, "--from", "2025-05") == ends
    assert days("on", *every, "--from", "2025-06") == ends[1:]
    assert days("on", *every, "--from", "2030") == []
    figures = days("effective")
    late = days("effective", "--from", "2025-07-19")
    assert len(late) < len(figures)
    assert {day for day in figures if "2025-07-19" <= day < "A"} <= set(late)
    assert all(day >= "2025-07-19" or day.startswith("2025-07") for day in late)  # a month may be
    assert counter("reserve", "series", "sv", "--from", "no day").code == 2


@pytest.mark.parametrize(
    "subject", ["reserve/sv", "proposal/pk-pdaa", "agreement/pk-sv-bitcoin-2025"]
)
def test_a_history_names_its_own_events_by_their_positions(subject: str, counter: Counter) -> None:
    kind, _, slug = subject.partition("/")
    text = counter(kind, "history", slug, "--columns", "position,says,became").out
    table_, _, _ = text.partition("\n\n")
    assert re.findall(rf"{subject}/[0-9]+", table_) == []
    rows = json.loads(counter(kind, "history", slug, "--json").out)["rows"]
    for row in rows:
        for id_ in row["about"]:
            at = next(one["position"] for one in rows if one["id"] == id_)
            line = next(
                one for one in table_.splitlines() if one.split()[:1] == [f"@{row['position']}"]
            )
            assert re.search(rf"@{at}\b", line), line
            assert not re.search(rf"\([^)]*@{at}\b", line), line
