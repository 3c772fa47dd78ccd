"""How do tests here share what is no test?

Test folders are no packages and stand on no path: what is shared is loaded once, under names of
its own, with the strategies of tests/properties.
"""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _load(path: Path) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)


for shared in ("histories", "bodies"):
    if shared not in sys.modules:
        _load(HERE.parent / "properties" / f"{shared}.py")
_load(HERE / "served.py")
