"""How do tests here share what is no test?

Test folders are no packages and stand on no path: the examples are loaded once, under names of
their own.
"""

from pathlib import Path

from tests.conftest import load

HERE = Path(__file__).resolve().parent

for shared in (
    "transcripts",
    "every_command",
    "reference",
    "examples_told",
    "examples_of_parties",
    "examples_of_agreements",
    "examples_of_reserves",
    "examples_of_programmes",
    "examples_of_claims",
    "examples",
):
    load(HERE / f"{shared}.py")
