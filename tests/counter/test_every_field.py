"""Is a mistake in any field of any type refused: an exit code, three lines, and nothing written?"""

import io
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from events import validation
from events.body import Body
from events.catalogue import all_types, body_class
from events.fields import fields_of
from tests.counter.mistakes import KINDS_OF_MISTAKE, NOBODY, OWN_KEYS, Mistake, mistakes
from tests.each import each
from tests.papers.examples import EXAMPLES, type_name

TYPES = [name for name in all_types() if not name.startswith("ledger.")]
# Some types have no example with all fields: of a denial, either a target or a type is given.
MOST = {type_name(one.body): one for one in EXAMPLES if one.shows != "least"}


def written(name: str) -> dict[str, Any]:
    """Return the example of a type with as many fields as it may have, as people write it."""
    example = MOST[name]
    own = {
        f"{k}_" if k in OWN_KEYS else k: v for k, v in validation.body_data(example.body).items()
    }
    return {"type": name, "subject": example.thing, **own}


# What may be said first of a thing of each kind, so that a fact may name it.
FIRST: dict[str, dict[str, Any]] = {
    "party": {"type": "party.established", "name": "A party", "type_": "state"},
    "source": {"type": "source.cited"},
    "agreement": {"type": "agreement.announced"},
    "reserve": {"type": "reserve.announced"},
    "programme": {"type": "programme.approved"},
    "allocation": {"type": "allocation.amended"},
    "proposal": {"type": "proposal.submitted"},
    "law": {"type": "law.published"},
    "meeting": {"type": "meeting.held", "participants": [{"party": "sv"}], "mode": "unstated"},
}
# What the examples of claims about claims speak of.
LATER: list[dict[str, Any]] = [
    {
        "type": "reserve.holding-reported",
        "subject": "reserve/sv",
        "amount": "1 BTC",
        "scope": "unstated",
    },
    *(
        {
            "type": "reserve.acquired",
            "subject": "reserve/sv",
            "amount": f"{n} BTC",
            "mode": "mining",
        }
        for n in range(1, 6)
    ),
    *({"type": "reserve.seized", "thing": "reserve/model", "amount": f"{n} BTC"} for n in (2, 3)),
    *(
        {
            "type": "agreement.declaration-made",
            "subject": "agreement/pk-sv-bitcoin-2025",
            "party": "party/sv",
            "gist": f"Declaration {n}.",
        }
        for n in range(1, 12)
    ),
    *(
        {
            "type": "claim.same-occurrence",
            "subject": "agreement/pk-sv-bitcoin-2025",
            "target": "agreement/pk-sv-bitcoin-2025/6",
            "with": f"agreement/pk-sv-bitcoin-2025/{n}",
        }
        for n in (2, 8)
    ),
]
COMMON = frozenset(fields_of(Body))
# One definition makes the common fields of all types: they are put wrong in one type of each kind.
WITH_COMMON = {name.partition(".")[0]: name for name in TYPES}.values()


def things(value: Any) -> set[str]:
    """Return the ids of things, and the things of events, that stand in a value."""
    if isinstance(value, dict):
        return set().union(*map(things, value.values()))
    if isinstance(value, list):
        return set().union(*map(things, value))
    kind, _, slug = value.partition("/") if isinstance(value, str) else ("", "", "")
    return {f"{kind}/{slug.partition('/')[0]}"} if kind in FIRST else set()


@pytest.fixture(scope="module")
def full_ledger(ledger_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a ledger in which everything is known that an example names."""
    ledger = shutil.copytree(ledger_once, tmp_path_factory.mktemp("fields") / "ledger")
    said = {"asserted_by": "party/recorder", "basis": "recorder"}
    named = sorted(set().union(*(things(written(name)) for name in TYPES)))
    facts = [{**FIRST[thing.partition("/")[0]], "subject": thing, **said} for thing in named]
    known = {"party/sv", "party/onbtc", "party/imf", "source/onbtc", "party/recorder"}
    fresh = [fact for fact in facts if fact["subject"] not in known]
    fresh.sort(key=lambda fact: not fact["subject"].startswith("party/"))
    code, _, err = appended(ledger, *fresh, *({**fact, **said} for fact in LATER))
    assert code == 0, err
    return ledger


def appended(ledger: Path, *facts: dict[str, Any]) -> tuple[int, str, str]:
    """Run `depositary append` on facts; return the exit code and what was written.

    They are taken as reported, so that no rule of their kind is in the way of the mistake.
    """
    lines = b"".join(json.dumps(fact).encode() + b"\n" for fact in facts)
    sys.stdin = io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8")
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(["--ledger", str(ledger), "append", "--as-reported", "-"])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give standard input back after a test."""
    monkeypatch.setattr(sys, "stdin", sys.stdin)


@pytest.mark.usefixtures("stdin")
@each("name", TYPES)
def test_a_mistake_in_any_field_is_refused_and_named(name: str, full_ledger: Path) -> None:
    record = full_ledger / "record.sqlite3"
    before = record.read_bytes()
    tried = set(COMMON) if name not in WITH_COMMON else set()
    for mistake in _to_try(name):
        code, out, err = appended(full_ledger, mistake.fact)
        said = f"{name} {mistake.field} ({mistake.sort}): exit {code}\n{out}{err}"
        assert code in (2, 5), said
        assert out == "", said
        assert err.startswith("error: "), said
        assert [line[:8] for line in err.splitlines()[2:]] == ["  next: "], said
        assert mistake.field in err or NOBODY in err, said
        tried.add(mistake.field)
    assert tried == set(fields_of(body_class(name)))
    assert record.read_bytes() == before


def _to_try(name: str) -> Iterator[Mistake]:
    """Yield the mistakes in a type's own fields, and where they are tried in those common to all.

    Of the common ones a sort is tried once a field.
    """
    seen = set()
    for mistake in mistakes(body_class(name), written(name)):
        place = (mistake.field, mistake.sort)
        if mistake.field not in COMMON or (name in WITH_COMMON and place not in seen):
            seen.add(place)
            yield mistake


def test_every_sort_of_mistake_is_tried() -> None:
    tried = {m.sort for name in TYPES for m in mistakes(body_class(name), written(name))}
    assert tried == set(KINDS_OF_MISTAKE)
