"""Output, help, errors and documents use the words of the glossary, not those it replaced."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands.start.help import TOPICS, page
from cli.topic_texts import text_of

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("cli", "projections", "domain", "events")
GLOSSARY = ROOT / "docs" / "glossary.md"
TRANSCRIPTS = sorted(
    path for path in (ROOT / "tests/papers/commands").glob("*.txt") if path.stem != "index"
)
PAPERS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# A word that is gone, and the one that took its place.
OLD = {
    r"things?": "subject",
    r"the record": "the log",
    r"records? (?:is|are|was|has|had|holds|ends|lies|itself|alone)": "log",
    r"booked": "ledger balance",
    r"standings?": "status",
    r"pick(?:s|ed|ing)?": "select",
    r"relay(?:s|ed)?": "second-hand",
    r"spoken of|speaks? of": "about",
    r"who is who": "names",
    r"who says so|says who|nobody says": "asserted by, not stated",
    r"slips?": "data-entry error",
    r"settled": "corroborated",
    r"published whenever": "any publication date",
    r"perhaps public by then": "perhaps published",
    r"known to be drawn": "disbursed",
    r"is no table": "has no CSV form",
    r"whom do you trust": "missing --vkey",
    r"by halves": "whole or not at all",
}
# What is said in no sentence, for a reader may not know it or may misread it.
BANNED = (
    *("nobody", "somebody", "whence", "whatever", "whenever", "anew", "for ever", "at hand"),
    *("by then", "of which", "is told", "are told", "tells? of", "none shown", "never guessed"),
    *("into the bargain", "left out", "hold against", "held against", "comes? near"),
)
# Names of commands, options, keys, tables and files, which keep their spelling.
NAMES = re.compile(
    r"`[^`]*`|\{[^}]*\}|--thing\b|\bthing/x|'thing'|agreement standing|standing, reservations"
    r"|^ +standing  |\btables standings\b|(?:depositary|\$) .*query .*|^thing  .*|such column: .*"
    r"|rule\.when\.thing|depositary record\b|--(?:no-)?relayed|"
    r"(?:^#|^ +)?relayed(?:: | = | +true).*"
    r"|\"[Rr]elayed\"|^ +note  .*"
    r"|The record is append-only\."  # in the triggers of every ledger
)
_banned = re.compile(rf"\b(?:{'|'.join((*OLD, *BANNED))})\b", re.IGNORECASE).search
# Headers of everyday words, and those that are a field's own name.
EVERYDAY = set(
    """adopted, after, allocated, approved, at, authority, balance, became, before, change, changed,
    changes, check, code, column, computed value is, contradicted, contradicted in, copies,
    counted, custody change, database, dated by the act, days late, denied by, differs in, effect,
    events, fact, figure, folder, form, found by, from, held, id, in custody, in words, instead of,
    is, law, made available, meaning, means, meeting, mode, name, newest figure, notes, of, oldest
    figure, on, outcome, pair, participants, place, power, price, publisher, purposes,
    ref, reserving, rule, rule before, set, selected after, selected because, selected before,
    selected in, signed, since, state, step, terms, text, title, to, towards, under, until, value,
    valued at, view, waits for, what, what differs, what it explains, what it finds, what it is,
    where, why, why it may explain it""".replace("\n    ", " ").split(", ")
)


def old_words(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line of a text with an old or a banned word, and its number."""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _banned(NAMES.sub("", line)):
            yield number, f"{found[0]}: {line.strip()[:100]}"


def prose(text: str) -> str:
    """Return a page without what is code; sessions stay, for they are output."""
    return re.sub(r"^```(?!console|text).*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def sentences(source: str) -> Iterator[str]:
    """Yield the texts of a module that people may read: those with a space, but no docstring."""
    for first, text in _strings(_docstring.sub("", source)):
        if " " in (found := first or text).strip() and not _sql(found):
            yield found


_docstring = re.compile(r'^\s*"""(?:.|\n)*?"""|^\s*#[^\n]*$', re.MULTILINE)
_strings = re.compile(r'"""((?:.|\n)*?)"""|"((?:[^"\\\n]|\\.)*)"').findall
_sql = re.compile(
    r"\b(?:SELECT|INSERT|CREATE|WHERE|FROM|AND|LIKE|ORDER BY|AS|ON)\b|\w+, thing, "
).search


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }


_titles = re.compile(r'\bColumn\(\s*"[^"]*", "([^"]+)"').findall


def test_the_patterns_find_what_they_name() -> None:
    text = "of which day\nthe record ends\na `thing = x` key\nwho says so\nthe log\n--relayed"
    assert [number for number, _ in old_words(text)] == [1, 2, 4]


def test_no_sentence_of_the_program_has_an_old_word(sources: dict[str, str]) -> None:
    found = [
        f"{path}: {what}"
        for path, source in sources.items()
        for text in sentences(source)
        for _, what in old_words(text)
    ]
    assert found == []


def test_no_page_of_the_explorer_has_an_old_word() -> None:
    pages = {path.name: path.read_text("utf-8") for path in (ROOT / "cli/web").rglob("*.html")}
    assert len(pages) > 10
    found = [
        (name, one)
        for name, text in pages.items()
        for one in old_words(re.sub(r"\{[{%#].*?[}%#]\}", "", text, flags=re.DOTALL))
    ]
    assert found == []


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_no_output_has_an_old_word(path: Path) -> None:
    assert list(old_words(path.read_text("utf-8"))) == []


def test_no_help_has_an_old_word() -> None:
    texts = {topic: "\n".join(page(topic)) for topic in TOPICS if topic != "man"}
    texts["overview"] = text_of("overview")
    assert [(topic, found) for topic, text in texts.items() for found in old_words(text)] == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_no_document_has_an_old_word(path: Path) -> None:
    assert list(old_words(prose(path.read_text("utf-8")))) == []


def test_every_header_is_a_word_of_the_glossary(sources: dict[str, str]) -> None:
    entries = re.findall(r"^- (.+?): ", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    terms = {term for entry in entries for term in re.findall(r"\*\*(.+?)\*\*", entry)}
    assert len(terms) > 100
    known = terms | {f"{term}s" for term in terms} | EVERYDAY | {"signatories", "parties"}
    titles = {title for source in sources.values() for title in _titles(source)} - {" "}
    assert titles - known == set()
    assert EVERYDAY - titles == set(), "no table has these"
