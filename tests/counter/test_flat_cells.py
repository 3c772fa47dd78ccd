"""Is every cell of every command with --csv one value, and never JSON?"""

import csv
import io
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.each import each
from tests.house.test_commands import LEAVES
from tests.proofs.kit import run, well

Ask = Callable[..., Any]

KINDS = (
    *("agreement", "reserve", "party", "source", "programme"),
    *("allocation", "proposal", "law", "meeting", "price"),
)
PAPER = "pk-sv-bitcoin-2025"
STRICT = "--as-of 2025-07-18 --policy strict"

# Every command that has rows, and what it is asked here.
ROWS: dict[str, tuple[str, ...]] = {
    **{f"{kind} list": (STRICT,) for kind in KINDS},
    "agreement list": ("", STRICT),
    "reserve list": ("", STRICT, "--public-at 2025-07-17"),
    **{f"{kind} history": () for kind in KINDS},  # one code for all kinds: three are asked
    "agreement history": (PAPER,),
    "agreement standing": (PAPER, f"{PAPER} {STRICT}", "--party sv", "--party pk --policy strict"),
    "agreement reservations": (PAPER,),
    "reserve history": ("sv",),
    "reserve reconcile": ("sv",),
    "reserve value": ("sv --price price/btc-usd",),
    "reserve total": ("", "--by holder", "--type company", "--policy strict"),
    "reserve series": ("sv", "sv --every year --public-at 2025-07-17"),
    "party history": ("imf",),
    "party find": ("sv",),
    "party statements": ("sv", "--changed"),
    "source history": ("article",),
    "meeting history": ("saqib-bukele-2025",),
    "timeline": ("reserve/sv", f"agreement/{PAPER} --late 30d"),
    "history": ("reserve/sv",),
    "blame": ("reserve/sv --policy strict", f"agreement/{PAPER}"),
    "diff": (
        "2024-03-13 2025-07-15 reserve/sv",
        f"@50 @345 agreement/{PAPER} --axis known-at",
        "primary-first latest reserve/sv --axis policy",
    ),
    "changes": ("--since @300 --policy strict", "--marks"),
    "query": (
        "'select * from claims'",
        "'select * from agreements'",
        "'select * from meetings'",
        "'select * from programmes' --policy strict",
        "--views",
    ),
    "find": ("bitcoin",),
    "findings": ("", "--wanted", "--check single-source"),
    "disputes": ("", "--public-at 2025-07-17 --policy strict"),
    "log": ("",),
    "append": ("FILE --dry-run",),
    "check": ("FILE",),
    "record": ("party.stated party/sv --gist x --asserted-by recorder --basis recorder --dry-run",),
    "schema": ("",),
    "help": ("", "exit-codes"),
    "export": ("", "--kind reserve", "panel --every year"),
}
# What prints one document or page, or the same rows as `record`.
PAGES = {
    *(f"{kind} show" for kind in KINDS),
    *(
        "correct",
        "retract",
        "deny",
        "resolve",
        "same",
        "distinct",
        "add",
        "source add",
        "party add",
    ),
    *("init", "demo", "template", "explain", "event show", "replay", "follow", "clock accept"),
    *("status", "where", "trust", "backup", "import", "copy", "fork", "restore", "completion"),
    *("key new", "key rotate", "key revoke", "pin list", "pin show", "pin delete"),
    *("checkpoint", "prove", "verify", "audit", "publish", "cite", "serve", "title"),
}
NOT_FLAT = re.compile(r"""[{\[]\s*["']|["']\s*:\s|[{}]|\[\]|\bNone\b|\bTrue\b|\bFalse\b""")
ASKED = [f"{name} {more}".strip() for name, several in ROWS.items() for more in several]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the bundled story once, for all questions."""
    folder = tmp_path_factory.mktemp("flat") / "story"
    well(run("demo", folder))
    return folder


def test_every_command_has_its_cells_looked_at_or_has_none() -> None:
    found = {words.partition(" ")[2] for words in LEAVES}
    assert found == ROWS.keys() | PAGES


@each("asked", ASKED)
def test_no_cell_is_json_and_a_list_is_joined(
    asked: str, ask: Ask, story: Path, tmp_path: Path
) -> None:
    fact = {"type": "party.stated", "subject": "party/sv", "gist": "x", "about": ["law/a", "law/b"]}
    by = {"asserted_by": "party/recorder", "basis": "recorder"}
    (tmp_path / "FILE").write_text(json.dumps(fact | by))
    words = [str(tmp_path / one) if one == "FILE" else one for one in shlex.split(asked)]
    export = words[0] == "export"
    ran = ask("--ledger", story, *words, *(("--format", "csv") if export else ("--csv",)))
    assert ran.code in (0, 1), ran.err
    header, *rows = csv.reader(io.StringIO(ran.out))
    assert all(len(row) == len(header) for row in rows)
    wrong = {
        (name, cell)
        for row in rows
        for name, cell in zip(header, row, strict=True)
        if NOT_FLAT.search(cell)
    }
    assert wrong == set()
    if export:
        return
    document = json.loads(ask("--ledger", story, *words, "--json").out)
    told = document.get("rows") if isinstance(document, dict) else document
    for row, one in zip(rows, told or (), strict=told is not None):
        cells = dict(zip(header, row, strict=True))
        for name in cells if isinstance(one, dict) else ():
            value = one.get(name)
            if isinstance(value, list) and all(isinstance(part, str) for part in value):
                assert cells[name] == "; ".join(value), name
