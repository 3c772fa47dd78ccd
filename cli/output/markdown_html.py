"""Write an answer as Markdown or HTML, to be pasted into an article, with its sources.

The lines of a page become headings, tables and paragraphs. What a ledger holds is escaped: in
Markdown no mark of it has a meaning (CommonMark 0.31, 2.4), in HTML no character; nothing is
loaded from elsewhere, and a link stands only where a source's address is one of the web.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Any, NamedTuple

from cli.output.claim_words import published_in_words
from cli.output.streams import Bold
from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from events.hidden_text import visible
from events.identifiers import KINDS, SLUG, kind_of
from projections.kinds.registry import answer

MOST_SOURCES = 40
_named = re.compile(r"(\S.*?)? {2,}(\S.*)").fullmatch
_address = re.compile(r"https?://[^\s<>\"'`|\\]+").fullmatch
_command = re.compile(r"((?:reproduce|next): )(.*)").fullmatch
_ids = re.compile(rf'"((?:{"|".join(KINDS)})/{SLUG})(/[1-9][0-9]*)?"').findall
_marks = re.compile(r"([\\`*_\[\]<>|~#&])")
_at_the_start = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))")


class Grid(str):
    """A table that stands among the lines of a page: titles, rows, and which are numbers."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[bool]

    @classmethod
    def of(
        cls, titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
    ) -> "Grid":
        """Return a table of texts."""
        made = cls("table")
        made.titles, made.rows, made.numbers = titles, rows, numbers
        return made


class _Form(NamedTuple):
    """How the parts of a page are written in one of the two formats."""

    heading: Any
    table: Any
    paragraph: Any
    begins: str = ""
    ends: str = ""


def paper(lines: Sequence[str], form: str) -> str:
    """Return the lines of a page as Markdown (`md`) or HTML (`html`)."""
    how = _FORMS[form]
    parts = [part for part in (how.begins, *_parts(lines, how), how.ends) if part]
    return "\n".join(parts) if form == "html" else "\n\n".join(parts)


def _parts(lines: Sequence[str], how: _Form) -> Iterator[str]:
    first = True
    for sort, several in groupby(_sorted(lines), lambda found: found[0]):
        group = [line for _, line in several]
        if sort == "heading":
            for line in group:
                yield how.heading(line, 3 if first else 4)
                first = False
        elif sort == "grid":
            grids = (line for line in group if isinstance(line, Grid))
            yield from (how.table(one.titles, one.rows, one.numbers) for one in grids)
        elif sort == "pair":
            pairs = [_pair(line) for line in group]
            yield how.table(("", ""), pairs, (False, False))
        elif sort == "text":
            yield how.paragraph(group)


def _sorted(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line behind what it is; a value without a name goes on with the one before it."""
    before = ""
    for line in lines:
        named = _named(line)
        if isinstance(line, Grid):
            before = "grid"
        elif isinstance(line, Bold):
            before = "heading"
        elif not line.strip():
            before = "none"
        elif named and not named[2].startswith("[") and (named[1] or before == "pair"):
            before = "pair"
        else:
            before = "text"
        yield before, line


def _pair(line: str) -> tuple[str, str]:
    found = _named(line)
    assert found is not None
    return found[1] or "", " ".join(found[2].split())


def _md_text(text: str) -> str:
    plain = " ".join(visible(text).split())
    if _address(plain):
        return f"<{plain}>"
    marked = _marks.sub(r"\\\1", plain)
    return _at_the_start.sub(lambda m: f"{m[1]}\\", marked)


def _md_heading(text: str, level: int) -> str:
    return f"{'#' * level} {_md_text(text)}"


def _md_table(titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]) -> str:
    rule = ["---:" if number else "---" for number in numbers]
    written = [[_md_text(cell) for cell in row] for row in (titles, *rows)]
    every = [written[0], rule, *written[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in every)


def _md_paragraph(lines: Sequence[str]) -> str:
    return "\\\n".join(_md_line(line.strip()) for line in lines)


def _md_line(line: str) -> str:
    if found := _command(line):
        ticks = "`" * (max(map(len, re.findall("`+", found[2])), default=0) + 1)
        room = " " if found[2].startswith("`") or found[2].endswith("`") else ""
        return f"{found[1]}{ticks}{room}{visible(found[2])}{room}{ticks}"
    return _md_text(line)


def _html_text(text: str) -> str:
    plain = " ".join(visible(text).split())
    written = escape(plain)
    return f'<a href="{written}">{written}</a>' if _address(plain) else written


def _html_heading(text: str, level: int) -> str:
    return f"<h{level}>{_html_text(text)}</h{level}>"


def _html_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> str:
    head = "".join(f"<th>{_html_text(title)}</th>" for title in titles)
    lines = ["<table>", *([f"<tr>{head}</tr>"] if any(titles) else [])]
    right = ' style="text-align:right"'
    for row in rows:
        cells = zip(row, numbers, strict=True)
        written = (f"<td{right if n else ''}>{_html_text(cell)}</td>" for cell, n in cells)
        lines.append(f"<tr>{''.join(written)}</tr>")
    return "\n".join((*lines, "</table>"))


def _html_paragraph(lines: Sequence[str]) -> str:
    return f"<p>{'<br>'.join(_html_line(line.strip()) for line in lines)}</p>"


def _html_line(line: str) -> str:
    if found := _command(line):
        return f"{found[1]}<code>{escape(visible(found[2]))}</code>"
    return _html_text(line)


_FORMS = {
    "md": _Form(_md_heading, _md_table, _md_paragraph),
    "html": _Form(
        _html_heading, _html_table, _html_paragraph, '<section class="depositary">', "</section>"
    ),
}


def source_lines(app: Any, found: Any) -> list[str]:
    """Return a table of the sources behind a document: of the events that it names, else subjects.

    Nothing where it names none, or where there is no ledger to ask.
    """
    events, subjects, cited = set[str](), set[str](), set[str]()
    told = (
        {n: one for n, one in found.items() if n != "names"} if isinstance(found, dict) else found
    )
    for id_, version in _ids(json.dumps(told, default=str)):
        sort = events if version else cited if kind_of(id_) == "source" else subjects
        sort.add(f"{id_}{version}")
    if not events | subjects | cited:
        return []
    with app.answers() as answers:
        claims = [
            claim
            for thing in {event.rpartition("/")[0] for event in events}
            for claim in answers.claims(thing)
            if claim.id in events
        ]
        if not claims and not cited:
            claims = [claim for thing in subjects for claim in answers.claims(thing)]
        cited.update(s.source for claim in claims for s in claim.body.sources or ())
        rows = [_source_row(answers, one) for one in sorted(cited)[:MOST_SOURCES]]
    if not rows:
        return []
    titles = ("source", "published by", "on", "address", "id")
    grid = Grid.of(titles, rows, [False] * len(titles))
    more = len(cited) - MOST_SOURCES
    tail = [f"and {more} more: depositary source list"] if more > 0 else []
    return ["", Bold("Sources"), grid, *tail]


def _source_row(answers: Any, source: str) -> tuple[str, ...]:
    clocks = Clocks(datetime.now(UTC).date())
    told = answer(source, answers.view(source, clocks, policy(DEFAULT)))
    publisher = told["publisher"] or ""
    name = answers.plain_names([publisher], clocks).get(publisher, publisher) if publisher else ""
    title = told["title"] or source.partition("/")[2]
    return title, name, published_in_words(told["published"]), told["locator"] or "", source
