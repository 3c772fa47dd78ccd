"""Does every answer use the names of docs/spec/answers.md, 20, and none of before?"""

import csv
import io
import json
import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projections.queries.sql import OLD_SPELLINGS, VIEWS
from tests.house.test_commands import LEAVES
from tests.papers.every_command import fixed, run

OLD = {
    *("thing", "things", "standing", "standings", "stage", "again", "time"),
    *("kind_status", "signed_status", "reported_status"),
    *("booked", "booked_perhaps", "booked_sat", "booked_unnamed"),
    *("booked_lower_sat", "booked_upper_sat", "unnamed", "balance_unnamed"),
    *("picked", "may_be_picked", "same_days_as_picked"),
    *("left_out", "publication_unknown", "recorded_at", "last_recorded"),
}
OLD_VALUES = {"settled", "booked", "no claim picked", "amount unnamed"}
SUPPORT = {"corroborated", "single source", "contested"}
STORED = {"event", "says", "data"}  # what an event holds keeps its names

PAPER = "agreement/pk-sv-bitcoin-2025"
EXAMPLES = {
    "agreement": "pk-sv-bitcoin-2025",
    "reserve": "sv",
    "party": "onbtc",
    "source": "article",
    "programme": "pk-eff-2024",
    "allocation": "pk-2000mw",
    "proposal": "pk-marginal-tariff",
    "law": "sv-bitcoin-law-2021",
    "meeting": "saylor-2025",
    "price": "btc-usd",
}
ABOUT = (PAPER, "reserve/sv")
# What is asked of the story, by command; every other command is in QUIET.
ASKED = {
    **{
        f"{kind} {verb}": (f"{kind} {verb} {name if verb != 'list' else ''}".strip(),)
        for kind, name in EXAMPLES.items()
        for verb in ("list", "show", "history")
    },
    **{
        verb: tuple(f"{verb} {one}" for one in ABOUT)
        for verb in ("timeline", "history", "explain", "blame")
    },
    "party find": ("party find RUS", "party find France"),
    "party statements": ("party statements bukele", "party statements --changed"),
    "reserve total": ("reserve total", "reserve total --by holder"),
    "reserve series": ("reserve series sv", "reserve series sv --every year"),
    "cite": ("cite reserve/sv", "cite source/article", "cite @7"),
    "disputes": ("disputes", "disputes --kind reserve"),
    "agreement standing": (f"agreement standing {PAPER}", "agreement standing --party onbtc"),
    "agreement reservations": (f"agreement reservations {PAPER}",),
    "reserve reconcile": ("reserve reconcile sv",),
    "reserve value": ("reserve value sv --price btc-usd --as-of 2025-07-19",),
    "diff": (
        "diff 2024-03-13 2025-07-31",
        "diff 2025-07-17 2025-07-31 --axis public-at",
        "diff @170 @175 --axis known-at",
        "diff primary-first latest --axis policy",
    ),
    "changes": ("changes --since @300 --as-of 2025-07-31", "changes"),
    "query": ("query --views", *(f"query 'select * from {view}'" for view in VIEWS)),
    "find": ("find bitcoin",),
    "findings": ("findings", "findings --list", "findings --wanted"),
    "log": ("log",),
    "event show": ("event show @7",),
    "status": ("status",),
    "where": ("where",),
    "replay": ("replay", "replay --as-of 2026-01-01"),
    "demo": ("demo another",),
    "export": ("export", "export --kind reserve", "export --kind agreement"),
    "append": ("append facts.toml --dry-run",),
    "check": ("check facts.toml",),
    "help": ("help", "help exit-codes"),
    "audit": ("audit",),
}
# They say nothing about subjects, or record something, or need a key or another ledger.
QUIET = {
    *("init", "template", "schema", "completion", "follow", "backup", "restore", "copy", "import"),
    "fork",
    *(
        "add",
        "party add",
        "record",
        "correct",
        "retract",
        "deny",
        "resolve",
        "same",
        "distinct",
        "source add",
    ),
    *("key new", "key rotate", "key revoke", "checkpoint", "prove", "verify", "publish"),
    *("pin list", "pin show", "pin delete", "clock accept", "trust", "serve", "title"),
}
FACTS = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/sv"
amount = "1 BTC"
mode = "purchase"
effective = "2026-01-02"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{ source = "source/onbtc", published = "2026-01-02" }]
"""


def keys(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key of a document with its value, but for what stored events hold."""
    if isinstance(document, dict):
        for key, given in document.items():
            yield key, given
            if key not in STORED:
                yield from keys(given)
    elif isinstance(document, list):
        for one in document:
            yield from keys(one)


def wrong(pairs: Iterator[tuple[str, Any]]) -> set[str]:
    """Return the keys of before among some, and the keys whose value is one of before."""
    found = set()
    for key, given in pairs:
        is_value = isinstance(given, str) and given in OLD_VALUES
        is_support = key == "status" and isinstance(given, str) and given in SUPPORT
        if key in OLD or is_value or is_support:
            found.add(key)
    return found


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    folder = tmp_path_factory.mktemp("keys").resolve()
    found = {}
    with fixed(folder):
        run("demo story", folder)
        (folder / "facts.toml").write_text(FACTS, "utf-8")
        for commands in ASKED.values():
            for command in commands:
                for form in ("json", "csv"):
                    line = command.replace("demo another", f"demo another-{form}")
                    ran = run(f"{line} --format {form}", folder)
                    found[f"{command} --format {form}"] = ran.code, ran.text
        run("export --output story.db --format sqlite", folder)
        database = sqlite3.connect(folder / "story.db")
        found["database"] = 0, json.dumps(_columns(database))
        database.close()
    return found


def _columns(database: sqlite3.Connection) -> dict[str, list[str]]:
    tables = [
        n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type != 'index'")
    ]
    return {
        table: [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        for table in tables
    }


def test_every_command_is_asked_or_quiet() -> None:
    leaves = {words.removeprefix("depositary ") for words in LEAVES}
    assert leaves == set(ASKED) | QUIET


@pytest.mark.parametrize("name", ASKED)
def test_no_answer_has_a_key_of_before(name: str, texts: dict[str, tuple[int, str]]) -> None:
    read = 0
    for command in ASKED[name]:
        code, text = texts[f"{command} --format json"]
        if text.startswith(("{", "[")):
            assert wrong(keys(_first(text))) == set(), command
            read += 1
        code, text = texts[f"{command} --format csv"]
        if code < 2:
            header = next(csv.reader(io.StringIO(text)))
            assert OLD.intersection(header) == set(), command
            read += 1
    assert read


def _first(text: str) -> Any:
    """Return the document at the beginning of a text: notes to standard error come after it."""
    return json.JSONDecoder().raw_decode(text.replace('"bytes": …', '"bytes": 0'))[0]


def test_no_view_and_no_export_has_a_column_of_before(texts: dict[str, tuple[int, str]]) -> None:
    exported = json.loads(texts["database"][1])
    columns = {table: set(names) for table, names in exported.items()}
    columns |= {view: {name for name, _ in named} for view, named in VIEWS.items()}
    assert {"subjects", "claims", "reserves", "reserve_claims"} <= set(columns)
    names = {name for named in columns.values() for name in named} | set(columns)
    assert names - {"standings"} & OLD == set()  # the view of that name has a row a party


def test_the_names_of_before_are_found_where_they_stand() -> None:
    before: dict[str, Any] = {
        "thing": "reserve/sv",
        "answer": {"reported": {"status": "single source"}, "booked": None},
        "series": [{"picked": None, "support": "settled"}],
        "event": {"time": "2025-07-18T00:00:00Z"},
        "standings": [{"status": "party"}],
    }
    expected = {"thing", "status", "booked", "picked", "support", "standings"}
    assert wrong(keys(before)) == expected


@pytest.mark.parametrize("view", OLD_SPELLINGS)
def test_an_old_view_still_answers(view: str, tmp_path: Path) -> None:
    with fixed(tmp_path):
        run("demo story", tmp_path)
        sql = shlex.quote(f"select thing, claims from {view} order by 1")
        old = run(f"query {sql} --csv", tmp_path)
        new = run("query 'select subject, claims from subjects order by 1' --csv", tmp_path)
    assert (old.code, new.code) == (0, 0)
    assert old.text.splitlines()[1:] == new.text.splitlines()[1:] != []
