"""How do tests here share what is no test?

Test folders are no packages and stand on no path: what several need is loaded once, under a name
of its own.
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


_load("treaty_facts")
_load("kind_facts")
