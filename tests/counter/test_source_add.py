"""Is a document cited, and a copy kept that nobody can mistake for another?"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Add = Callable[..., Any]

REPORT = b"%PDF-1.7 a report\n"
DIGEST = hashlib.sha256(REPORT).hexdigest()


@pytest.fixture
def cite(ledger: Path, ask: Ask) -> Add:
    """Run `depositary source add` with these options; it ends with the exit code `code`."""

    def run(file: Path | None = None, code: int = 0, **given: str) -> Any:
        options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
        ran = ask("source", "add", *filter(None, [file]), *options)
        assert ran.code == code, ran.err
        return ran

    return run


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "IMF Report 2025.pdf"
    path.write_bytes(REPORT)
    return path


def data_of(row: Any) -> dict[str, Any]:
    return open_envelope(row.state).data


def test_a_document_is_cited_and_a_copy_kept_under_its_digest(
    cite: Add, report: Path, ledger: Path, recorded: Recorded
) -> None:
    cite(report, publisher="imf", published="2025-07-15", title="Report")
    cited, archived = recorded()[-2:]
    assert (cited.thing, cited.topic) == ("source/imf-report-2025", "source.cited.v1")
    assert data_of(cited) == {
        "asserted_by": "party/recorder",
        "basis": "recorder",
        "published": "2025-07-15",
        "publisher": "party/imf",
        "title": "Report",
    }
    assert data_of(archived) == {
        "asserted_by": "party/recorder",
        "basis": "recorder",
        "bytes": len(REPORT),
        "media_type": "application/pdf",
        "sha256": DIGEST,
    }
    copies = list((ledger / "sources").iterdir())
    assert [copy.name for copy in copies] == [DIGEST]
    assert copies[0].read_bytes() == REPORT
    assert copies[0].stat().st_mode & 0o777 == 0o600
    assert copies[0].parent.stat().st_mode & 0o777 == 0o700


def test_an_address_is_cited_and_nothing_fetched(
    cite: Add, ledger: Path, recorded: Recorded
) -> None:
    cite(url="https://www.example.org/posts/A-Post?x=1")
    row = recorded()[-1]
    assert row.thing == "source/example-org-posts-a-post"
    assert data_of(row)["locator"] == "https://www.example.org/posts/A-Post?x=1"
    assert list((ledger / "sources").iterdir()) == []


def test_the_same_document_is_kept_once(
    cite: Add, report: Path, ledger: Path, recorded: Recorded
) -> None:
    cite(report, id="a-report")
    before = recorded()
    cite(report, id="source/a-report")
    assert recorded() == before
    assert len(list((ledger / "sources").iterdir())) == 1


def test_a_later_copy_of_a_source_is_kept_beside_the_first(
    cite: Add, report: Path, ledger: Path, recorded: Recorded
) -> None:
    cite(report, id="a-report", title="Report")
    report.write_bytes(REPORT + b"changed\n")
    cite(report, id="a-report")
    topics = [row.topic for row in recorded()[-3:]]
    assert topics == ["source.cited.v1", "source.archived.v1", "source.archived.v1"]
    assert len(list((ledger / "sources").iterdir())) == 2


def test_the_quote_chain_keeps_its_order(cite: Add, recorded: Recorded) -> None:
    cite(url="https://example.org/1", id="one")
    cite(url="https://example.org/2", id="two", via="one,onbtc")
    assert data_of(recorded()[-1])["via"] == ["source/one", "source/onbtc"]


@pytest.mark.parametrize(
    "given",
    [
        {"publisher": "nobody"},
        {"published": "31 June 2025"},
        {"via": "source/unheard-of"},
        {"title": "x" * 301},
        {"media_type": " "},
    ],
)
def test_what_is_refused_leaves_no_copy_behind(
    given: dict[str, str], cite: Add, report: Path, ledger: Path, recorded: Recorded
) -> None:
    before = recorded()
    cite(report, code=5, **given)
    assert recorded() == before
    assert list((ledger / "sources").iterdir()) == []


def test_a_copy_is_taken_away_again_if_it_is_not_recorded(
    cite: Add, report: Path, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.commands.record.source_add.record_all", fails)
    cite(report, code=130)
    assert list((ledger / "sources").iterdir()) == []


def test_a_rehearsal_keeps_no_copy(
    ask: Ask, report: Path, ledger: Path, recorded: Recorded
) -> None:
    before = recorded()
    assert ask("source", "add", report, "--dry-run").code == 0
    assert recorded() == before
    assert list((ledger / "sources").iterdir()) == []


def test_a_document_that_is_not_there_is_not_cited(
    cite: Add, tmp_path: Path, recorded: Recorded
) -> None:
    before = recorded()
    cite(tmp_path / "missing.pdf", code=7)
    assert recorded() == before


def test_what_has_no_address_is_cited_by_its_title_and_an_id(cite: Add, recorded: Recorded) -> None:
    cite(id="letter", title="A letter in an archive", publisher="sv")
    row = recorded()[-1]
    assert (row.thing, data_of(row)["title"]) == ("source/letter", "A letter in an archive")


@pytest.mark.parametrize(
    "given", [{}, {"title": "A letter"}, {"url": "https://---/"}, {"url": "x", "id": "party/sv"}]
)
def test_a_source_needs_something_to_cite_and_a_name(
    given: dict[str, str], cite: Add, recorded: Recorded
) -> None:
    before = recorded()
    cite(code=2, **given)
    assert recorded() == before


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "HTTP://example.org:8080/a?b=c#d",
        "https://web.archive.org/web/2024/https://example.org/a",
        "doi:10.1000/182",
    ],
)
def test_a_document_is_cited_where_a_reader_can_look(
    url: str, cite: Add, recorded: Recorded
) -> None:
    cite(url=url)
    assert data_of(recorded()[-1])["locator"] == url


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("ftp://example.org/a", "https://example.org/a"),
        ("javascript:alert(1)", "https://example.org/post"),
        ("file:///etc/passwd", "https://example.org/post"),
        ("data:text/html,x", "https://example.org/post"),
        ("mailto:who@example.org", "https://example.org/post"),
        ("https://", "https://example.org/post"),
        ("https:example", "https://example.org/post"),
        ("https://user:word@example.org/", "https://example.org/post"),
        ("https://example.org/a b", "https://example.org/post"),
        ("example.org/a", "https://example.org/a"),
        ("10.1000/182", "doi:10.1000/182"),
    ],
)
def test_what_is_no_address_is_refused_with_what_may_be_meant(
    url: str, meant: str, cite: Add, recorded: Recorded
) -> None:
    before = recorded()
    for given in ({"url": url}, {"file": Path(url)} if ":" not in url else {"url": url}):
        refused = cite(code=7 if "file" in given else 2, **given)
        assert refused.err.endswith(f"next: depositary source add {meant}\n")
    assert recorded() == before
