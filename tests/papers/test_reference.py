"""Does the reference say what the code does?"""

from tests.papers.reference import reference
from tests.papers.transcripts import ROOT


def test_the_reference_is_written_from_the_code() -> None:
    paper = ROOT / "docs" / "reference.md"
    told = "python tests/papers/reference.py > docs/reference.md"
    assert paper.read_text("utf-8") == reference(), f"write it anew: {told}"
