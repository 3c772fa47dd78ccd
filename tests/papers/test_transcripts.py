"""Do README and docs show what the commands print?"""

from pathlib import Path

import pytest

from tests.papers.transcripts import FENCE, ROOT, rewritten

PAPERS = sorted(
    str(paper.relative_to(ROOT))
    for paper in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    if paper.is_file() and FENCE.search(paper.read_text("utf-8"))
)


@pytest.mark.parametrize("name", PAPERS)
def test_the_sessions_in_a_paper_are_what_the_commands_print(name: str, tmp_path: Path) -> None:
    paper = ROOT / name
    assert rewritten(paper, tmp_path).splitlines() == paper.read_text("utf-8").splitlines()


def test_the_readme_has_a_session() -> None:
    assert "README.md" in PAPERS
