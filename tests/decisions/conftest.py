"""How do tests here share what is no test?

Test folders are no packages and stand on no path: what several need is loaded once, under a name
of its own.
"""

from pathlib import Path

from tests.conftest import load

HERE = Path(__file__).resolve().parent

for shared in ("treaty_facts", "kind_facts"):
    load(HERE / f"{shared}.py")
