"""How do tests here share what is no test?

Test folders are no packages and stand on no path: the examples are loaded once, under names of
their own.
"""

import importlib.util
import sys
from pathlib import Path


def _load(name: str) -> None:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


for shared in (
    "transcripts",
    "reference",
    "examples_told",
    "examples_of_parties",
    "examples_of_agreements",
    "examples_of_reserves",
    "examples_of_programmes",
    "examples_of_claims",
    "examples",
):
    _load(shared)
