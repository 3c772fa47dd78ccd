"""The documents cite what is there, and every decision has the same head."""

import ast
import io
import re
import tokenize
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs" / "adr"
GLOSSARY = ROOT / "docs" / "glossary.md"

SECTIONS = ["Context", "Options", "Decision", "Cost"]

ARCHITECTURE = "docs/architecture.md"
OF_THEIR_TIME = ("CHANGELOG.md", "docs/adr/")  # they may name what has moved since

_paper = re.compile(r"(?<![\w/.:-])[\w./-]*\w\.md\b").findall
_code = re.compile(r"^```.*?^```$|^ {4}[^\n]*$", re.MULTILINE | re.DOTALL)
_link = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_heading = re.compile(r"^#+ (.+)$", re.MULTILINE).findall
_status = re.compile(r"- \*\*Status:\*\* (accepted|superseded by \[)").match
_superseding = re.compile(r"superseded by \[(\d{4})\]").findall
_date = re.compile(r"- \*\*Date:\*\* 20\d\d-\d\d-\d\d").fullmatch
_cited = re.compile(r"(docs/spec/\w+\.md), (\d+(?:\.\d+)?(?:(?: to | and )\d+)?)").findall
_section = re.compile(r"^##+ (\d+(?:\.\d+)?) ", re.MULTILINE).findall
_test = re.compile(r"\b(tests/[\w/]+\.py)::(test_\w+)").findall
_word = re.compile(r"\*\*(.+?)\*\*([^:*]*)").findall
_place = re.compile(
    r"(?<![\w./<-])(?:(?:events|domain|projections|cli|tests|docs|examples|requirements)"
    r"(?!/s\b)(?:/[\w.-]*\w)+|(?:events|domain|projections|cli)(?:\.[a-z_]\w*)+)"
).findall
_package = re.compile(
    r"^\| `([a-z_]+(?:/[a-z_]+)*)` \| [^|`]+ \| ([^|]+) \|$", re.MULTILINE
).findall


@cache
def prose_of(source: str) -> list[tuple[int, str]]:
    """Return each comment and docstring of a Python file with the number of its first line.

    A file that names no document at all is not read further.
    """
    if ".md" not in source:
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            if text is not None:
                found.append((node.body[0].lineno, text))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [(one.start[0], one.string) for one in tokens if one.type == tokenize.COMMENT]
    return found + comments


def papers_cited(text: str) -> set[str]:
    """Return the names of documents in a text: every word that ends in .md."""
    return set(_paper(text))


def sections_cited(text: str) -> set[tuple[str, str]]:
    """Return the pages and numbers of the sections of the definition that a text cites."""
    return {
        (page, number)
        for page, numbers in _cited(" ".join(text.split()))
        for number in re.split(r" to | and ", numbers)
    }


def anchors_of(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub writes them."""
    bare = _code.sub("", text)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _heading(bare)
    }


def broken_links(page: Path, text: str) -> list[str]:
    """Return the relative links of a page that lead to no file, or to no heading of it."""
    broken = []
    for link in _link.findall(_code.sub("", text)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors_of(target.read_text("utf-8"))):
            broken.append(link)
    return broken


def places_named(text: str) -> set[str]:
    """Return the paths and dotted modules that a page names, without patterns such as NNNN."""
    return {place for place in _place(text) if "NNNN" not in place}


def missing_places(places: set[str], our_files: list[Path]) -> list[str]:
    """Return the paths and modules that are neither a file nor a folder of the repository."""
    there = {str(each) for path in our_files for each in (path, *path.parents)}
    return sorted(
        place
        for place in places
        if (path := place if "/" in place else place.replace(".", "/")) not in there
        and f"{path}.py" not in there
    )


def table_of_packages(text: str) -> dict[str, list[str]]:
    """Return the modules that a page lists for each package."""
    return {package: re.findall(r"\w+", modules) for package, modules in _package(text)}


def modules_of_packages(our_files: list[Path]) -> dict[str, list[str]]:
    """Return the names of the modules in each package of the four rooms, sorted."""
    found: dict[str, list[str]] = {}
    for path in sorted(our_files):
        if path.suffix == ".py" and path.parts[0] != "tests" and path.stem != "__init__":
            found.setdefault(str(path.parent), []).append(path.stem)
    return found


def wrong_head(name: str, text: str) -> str:
    """Return what is wrong with the head of a decision, empty if it is complete."""
    lines = text.split("\n")
    if not lines[0].startswith(f"# {name[:4]} "):
        return "its title does not begin with its number"
    if lines[1] != "" or not _status(lines[2]) or not _date(lines[3]):
        return "the title is not followed by its status and its date"
    if [line[3:] for line in lines if line.startswith("## ")] != SECTIONS:
        return f"its sections are not {', '.join(SECTIONS)}"
    parts = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]
    return "" if all(part.strip() for part in parts) else "a section is empty"


def gaps_in(numbers: list[int]) -> list[int]:
    """Return the numbers that do not follow the one before them by one, from 1 on."""
    return [after for before, after in pairwise([0, *numbers]) if after != before + 1]


def defined(glossary: str) -> list[str]:
    """Return the words that a glossary defines, with what tells two senses apart."""
    words = []
    for line in glossary.split("\n"):
        if line.startswith("- "):
            head = line[2:].partition(": ")[0]
            words += [f"{word}{rest.removesuffix(', or ').rstrip()}" for word, rest in _word(head)]
    return words


def decisions() -> list[Path]:
    """Return the pages of the decisions in the order of their numbers."""
    return sorted(DECISIONS.glob("[0-9]*.md"))


def pages(our_files: list[Path]) -> list[Path]:
    return [path for path in our_files if path.suffix == ".md" and path.parts[0] != "tests"]


def test_no_docstring_or_comment_cites_a_document_that_is_not_tracked(
    our_files: list[Path],
) -> None:
    papers = {str(path) for path in our_files if path.suffix == ".md"}
    unknown = [
        f"{path}:{line}: {name}"
        for path in our_files
        if path.suffix == ".py"
        for line, text in prose_of((ROOT / path).read_text("utf-8"))
        for name in sorted(papers_cited(text) - papers)
    ]
    assert unknown == []


def test_every_section_of_the_definition_that_is_cited_is_there(our_files: list[Path]) -> None:
    cited = {
        (path, *section)
        for path in our_files
        if path.suffix == ".py"
        for _, text in prose_of((ROOT / path).read_text("utf-8"))
        for section in sections_cited(text)
    }
    assert len(cited) > 10
    there = {
        (str(page.relative_to(ROOT)), number)
        for page in (ROOT / "docs" / "spec").glob("*.md")
        for number in _section(page.read_text("utf-8"))
    }
    assert [one for one in cited if one[1:] not in there] == []


def test_no_page_names_a_document_that_is_not_tracked(our_files: list[Path]) -> None:
    papers = {str(path) for path in our_files if path.suffix == ".md"}
    unknown = [
        f"{page}: {name}"
        for page in pages(our_files)
        for name in sorted(papers_cited(_link.sub("", (ROOT / page).read_text("utf-8"))))
        if name not in papers and "NNNN" not in name
    ]
    assert unknown == []


def test_every_relative_link_of_a_page_leads_somewhere(our_files: list[Path]) -> None:
    broken = {
        str(page): found
        for page in pages(our_files)
        if (found := broken_links(ROOT / page, (ROOT / page).read_text("utf-8")))
    }
    assert broken == {}


def test_every_path_and_module_that_a_page_names_is_there(our_files: list[Path]) -> None:
    places = {
        str(page): places_named((ROOT / page).read_text("utf-8"))
        for page in pages(our_files)
        if not str(page).startswith(OF_THEIR_TIME)
    }
    assert len(places["CONTRIBUTING.md"]) > 10
    assert len(places[ARCHITECTURE]) > 20
    missing = {page: missing_places(named, our_files) for page, named in places.items()}
    assert {page: names for page, names in missing.items() if names} == {}


def test_every_test_that_a_page_names_is_there(our_files: list[Path]) -> None:
    named = {
        (path, test)
        for page in pages(our_files)
        if not str(page).startswith(OF_THEIR_TIME)
        for path, test in _test((ROOT / page).read_text("utf-8"))
    }
    assert len(named) >= 14
    assert [each for each in named if f"def {each[1]}(" not in (ROOT / each[0]).read_text()] == []


def test_the_table_of_packages_lists_the_modules_that_are_there(our_files: list[Path]) -> None:
    listed = table_of_packages((ROOT / ARCHITECTURE).read_text("utf-8"))
    there = modules_of_packages(our_files)
    assert listed.keys() == there.keys()
    wrong = {
        package: {"gone": sorted(gone), "not listed": sorted(new)}
        for package, modules in there.items()
        if (gone := set(listed[package]) - set(modules))
        | (new := set(modules) - {*listed[package]})
    }
    assert wrong == {}


@pytest.mark.parametrize("page", decisions(), ids=lambda page: page.name[:4])
def test_a_decision_has_its_status_date_and_four_sections(page: Path) -> None:
    assert wrong_head(page.name, page.read_text("utf-8")) == ""


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in decisions()]
    assert len(numbers) > 20
    assert gaps_in(numbers) == []


def test_a_decision_is_superseded_by_a_later_one() -> None:
    numbers = {page.name[:4] for page in decisions()}
    for page in decisions():
        for later in _superseding(page.read_text("utf-8").split("\n")[2]):
            assert later in numbers
            assert later > page.name[:4]


def test_the_index_of_decisions_lists_each_with_its_title_and_status() -> None:
    index = (DECISIONS / "README.md").read_text("utf-8")
    for page in decisions():
        title, _, status, *_ = page.read_text("utf-8").split("\n")
        number, _, words = title.removeprefix("# ").partition(" ")
        status = status.removeprefix("- **Status:** ")
        assert f"| [{number}]({page.name}) | {words} | {status} |" in index


def test_every_word_of_the_glossary_is_defined_once() -> None:
    words = defined(GLOSSARY.read_text("utf-8"))
    assert len(words) > 50
    assert [word for word, times in Counter(words).items() if times > 1] == []


def test_a_word_of_the_glossary_has_one_sentence() -> None:
    for line in GLOSSARY.read_text("utf-8").split("\n"):
        if line.startswith("- "):
            sentence = line.partition(": ")[2]
            assert sentence.endswith("."), line
            assert re.search(r"\. [A-Z]", sentence) is None, line


def test_what_must_not_be_there_would_be_found(tmp_path: Path) -> None:
    code = '"""See other-paper' + '.md, 4."""\nx = "plain.md"  # and docs/gone' + ".md\n"
    cited = set().union(*(papers_cited(text) for _, text in prose_of(code)))
    assert cited == {"other-paper" + ".md", "docs/gone" + ".md"}

    wrapped = "(docs/spec/answers" + ".md, 2\n to 5; docs/spec/treaties" + ".md,\n 6.1)"
    assert {number for _, number in sections_cited(wrapped)} == {"2", "5", "6.1"}

    page = tmp_path / "page.md"
    page.write_text("# One head, 2\n\n[a](#one-head-2) [b](#two) [c](gone.md) [d](https://x.y)\n")
    assert broken_links(page, page.read_text()) == ["#two", "gone.md"]

    places = places_named(
        "`cli/gone.py`, domain/claims. And `projections.api`, 9 events/s, x/tests/y"
    )
    assert places == {"cli/gone.py", "domain/claims", "projections.api"}
    ours = [Path("domain/claims/claim.py"), Path("projections/api.py")]
    assert missing_places(places, ours) == ["cli/gone.py"]
    table = "| `a/b` | words | `c` `d_e` |\n| other | words |\n"
    assert table_of_packages(table) == {"a/b": ["c", "d_e"]}
    assert modules_of_packages([Path("a/b/d.py"), Path("a/b/c.py"), Path("a/__init__.py")]) == {
        "a/b": ["c", "d"]
    }

    head = "# 0001 Title\n\n- **Status:** accepted\n- **Date:** 2026-11-24\n"
    body = "".join(f"\n## {section}\n\nWords.\n" for section in SECTIONS)
    assert wrong_head("0001-title.md", head + body) == ""
    assert wrong_head("0002-title.md", head + body)
    assert wrong_head("0001-title.md", head.replace("accepted", "so") + body)
    assert wrong_head("0001-title.md", head + body.replace("## Cost", "## Price"))
    assert wrong_head("0001-title.md", head + body.replace("Words.\n\n## Cost", "\n\n## Cost"))
    assert gaps_in([1, 2, 4]) == [4]
    assert defined("- **a**, or **b**: one.\n- **a** (of c): two.") == ["a", "b", "a (of c)"]
