"""How do tests here share what is no test?

Test folders are no packages and stand on no path: the second opinion and the strategies are
loaded once, under names of their own.
"""

from pathlib import Path

from tests.conftest import load

HERE = Path(__file__).resolve().parent

SHARED = ("naive_claims", "naive", "naive_decide", "histories", "bodies", "ledgers")
SHARED += ("naive_timeline", "naive_reconcile", "naive_value")

for shared in SHARED:
    load(HERE / f"{shared}.py")
