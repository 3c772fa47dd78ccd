"""Can what the world does be said in a command, and is it shown where a reader looks for it?"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BY = ("--asserted-by", "onbtc", "--basis", "official-record")
Say = Callable[..., Any]


@pytest.fixture
def say(ask: Any, ledger: Path) -> Say:
    """Record one fact by its options, published on the day on which it was done."""

    def record(type_: str, thing: str, acted: str, *options: Any) -> Any:
        source = ("--source", f"source/onbtc,published={acted}", "--acted", acted)
        ran = ask("record", type_, thing, *BY, *source, *options)
        assert ran.code == 0, ran.err
        return ran

    return record


@pytest.fixture
def shown(ask: Any) -> Say:
    """Ask a question, and read the answer as a script does."""

    def read(*question: str) -> Any:
        ran = ask("--json", *question)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return read


@pytest.fixture
def events(ask: Any) -> Say:
    """Return the stored events, in order, each with its position."""

    def read(*options: Any) -> list[Any]:
        return [
            json.loads(line) for line in ask(*options, "log", "--format", "ndjson").out.splitlines()
        ]

    return read


@pytest.fixture
def treaty(say: Say) -> str:
    """Record a binding agreement in force, to which one State is a party."""
    day = ("--effective", "2000-01-01")
    say("agreement.described", "treaty", "2000-01-01", *day, "--binding", "binding")
    for who in ("sv", "imf"):
        own = ("--party", who, "--mode", "ratification")
        say("agreement.consent-expressed", "treaty", "2000-01-01", *day, *own)
    say("agreement.entered-into-force", "treaty", "2000-01-01", *day, "--mode", "definitive")
    return "treaty"


def of(found: Any, party: str) -> Any:
    (one,) = [each for each in found["answer"]["statuses"] if each["party"] == f"party/{party}"]
    return one


def test_a_territory_is_shown_beside_the_party_that_includes_it(
    ask: Any, say: Say, shown: Say, treaty: str
) -> None:
    own = ("--party", "sv", "--territory", "island", "--effective")
    say("party.established", "island", "1999-01-01", "--name", "An Island", "--type", "territory")
    say("agreement.territory-included", treaty, "2001-01-01", *own, "2001-02-01")
    say("agreement.territory-excluded", treaty, "2005-01-01", *own, "2005-02-01")
    included = [{"territory": "party/island", "since": "2001-02-01"}]
    for day, wanted in (
        ("2001-01-31", None),
        ("2001-02-01", included),
        ("2005-01-31", included),
        ("2005-02-01", None),
    ):
        for command in ("standing", "show"):
            found = shown("agreement", command, treaty, "--as-of", day)
            assert of(found, "sv").get("territories") == wanted, (command, day)
            assert "territories" not in of(found, "imf")
    asked = ("agreement", "standing", treaty, "--as-of", "2001-03-01")
    assert "includes An Island since 2001-02-01" in " ".join(ask(*asked).out.split())
    page = ask("agreement", "show", treaty, "--as-of", "2001-03-01").out
    assert "includes An Island since 2001-02-01" in page
    (row, _) = sorted(csv.DictReader(io.StringIO(ask("--csv", *asked).out)), key=by_territory)
    assert (row["party"], row["territories"]) == ("party/sv", "party/island")
    types = ask("--csv", "query", "select type from parties where subject = 'party/island'").out
    assert types.splitlines() == ["type", "territory"]


def by_territory(row: dict[str, str]) -> bool:
    return row["territories"] == ""


def test_a_withdrawal_is_postponed_and_earlier_readers_knew_the_earlier_day(
    say: Say, shown: Say, treaty: str
) -> None:
    own = ("--party", "sv", "--effective")
    say("agreement.withdrawal-notified", treaty, "2017-03-29", *own, "2019-03-29")
    say("agreement.withdrawal-postponed", treaty, "2019-03-22", *own, "2019-04-12")
    say("agreement.withdrawal-postponed", treaty, "2019-04-11", *own, "2019-10-31")
    say("agreement.withdrawal-postponed", treaty, "2019-10-28", *own, "2020-01-31")

    def standing(day: str, *clocks: str) -> Any:
        return of(shown("agreement", "standing", treaty, "--as-of", day, *clocks), "sv")["status"]

    assert [standing(day) for day in ("2017-03-28", "2017-03-29", "2020-01-30", "2020-01-31")] == [
        "party",
        "withdrawing",
        "withdrawing",
        "former",
    ]
    assert standing("2019-06-01", "--public-at", "2019-04-11") == "withdrawing"
    assert standing("2019-06-01", "--public-at", "2019-04-10") == "former"
    assert standing("2019-04-11", "--public-at", "2019-04-10") == "withdrawing"
    assert standing("2019-04-01", "--public-at", "2019-03-21") == "former"


def test_an_operation_is_resumed_for_whom_it_was_suspended(
    say: Say, shown: Say, treaty: str
) -> None:
    say("party.established", "third", "1999-01-01", "--name", "A Third", "--type", "state")
    for who in ("onbtc", "third"):
        own = ("--party", who, "--mode", "accession", "--effective", "2000-06-01")
        say("agreement.consent-expressed", treaty, "2000-06-01", *own)
    day = ("--effective", "2003-01-01")
    say("agreement.suspended", treaty, "2003-01-01", *day, "--for", "sv")
    say("agreement.suspended", treaty, "2003-01-01", *day, "--between", "imf,onbtc")
    later = ("--effective", "2004-01-01")
    say("agreement.resumed", treaty, "2004-01-01", *later, "--between", "onbtc,imf")
    found = shown("agreement", "standing", treaty, "--as-of", "2004-06-01")
    halted = [one["party"] for one in found["answer"]["statuses"] if "suspended" in one["flags"]]
    assert halted == ["party/sv"]


@pytest.mark.parametrize(
    ("kind", "binds"),
    [
        ("minutes", False),
        ("declaration", False),
        ("communique", False),
        ("exchange-of-letters", True),
        ("covenant", True),
        ("pact", True),
    ],
)
def test_a_kind_of_paper_is_presumed_to_bind_or_not(
    kind: str, binds: bool, say: Say, shown: Say
) -> None:
    say("agreement.described", "paper", "2000-01-01", "--kind", kind)
    answer = shown("agreement", "show", "paper")["answer"]
    assert answer["kind"] == kind
    assert answer["counts_as"].startswith("if binding" if binds else "legal effect not")
    (row,) = [r for r in shown("agreement", "list") if r["subject"] == "agreement/paper"]
    assert row["kind"] == kind


def test_a_party_ends_and_another_continues_it(ask: Any, say: Say, shown: Say) -> None:
    name = ("--name", "The Soviet Union", "--type", "state")
    say("party.established", "su", "1922-12-30", "--effective", "1922-12-30", *name)
    say("party.established", "ru", "1991-12-24", "--name", "Russia", "--type", "state")
    own = ("--party", "ru", "--effective", "1991-12-24")
    say("party.continued-by", "su", "1991-12-24", *own)
    say("party.dissolved", "su", "1991-12-26", "--effective", "1991-12-26")
    assert shown("party", "show", "su", "--as-of", "1991-12-23")["answer"]["continued_by"] == []
    found = shown("party", "show", "su")["answer"]
    assert (found["continued_by"], found["dissolved"]) == (["party/ru"], True)
    page = ask("party", "show", "su").out
    assert "by Russia, from 1991-12-24" in page
    assert found["dissolved_on"] == "1991-12-26"
    assert "1991-12-26, its last day" in page


def test_a_forfeiture_names_its_seizures_by_position_id_or_label(
    ask: Any, say: Say, events: Say, ledger: Path, tmp_path: Path
) -> None:
    say("reserve.seized", "us", "2020-01-01", "--amount", "10 BTC", "--effective", "2020-01-01")
    own = ("--amount", "10 BTC", "--effective", "2021-01-01", "--seizures")
    at = events()[-1]["position"]
    say("reserve.forfeited", "us", "2021-01-01", *own, f"@{at}")
    assert events()[-1]["event"]["data"]["seizures"] == ["reserve/us/1"]
    facts = """
[[fact]]
type = "reserve.seized"
thing = "us"
label = "second"
amount = "5 BTC"
effective = "2022-01-01"
asserted_by = "onbtc"
basis = "official-record"
sources = ["source/onbtc"]

[[fact]]
type = "reserve.forfeited"
thing = "us"
amount = "15 BTC"
seizures = ["second", "reserve/us/1"]
effective = "2023-01-01"
asserted_by = "onbtc"
basis = "official-record"
sources = ["source/onbtc"]
"""
    assert ask("append", "-", stdin=facts).code == 0
    assert events()[-1]["event"]["data"]["seizures"] == ["reserve/us/1", "reserve/us/3"]
    exported = tmp_path / "all.ndjson"
    exported.write_text(ask("--format", "ndjson", "log").out)
    other = tmp_path / "other"
    assert ask("init", other).code == 0
    seized = {"acted": "2019-01-01", "asserted_by": "party/sv", "basis": "official-record"}
    told = {**seized, "type": "reserve.seized", "thing": "us", "sources": ["source/onbtc"]}
    recorder = {"asserted_by": "recorder", "basis": "recorder"}
    state = {"type": "party.established", "thing": "sv", "name": "El Salvador", "type_": "state"}
    known = [{**state, **recorder}, {"type": "source.cited", "thing": "onbtc", **recorder}]
    lines = "\n".join(json.dumps(one) for one in (*known, told))
    before = ask("--ledger", other, "append", "-", stdin=lines)
    assert before.code == 0, before.err
    assert ask("--ledger", other, "import", "ndjson", exported).code == 0
    there = [one["event"]["data"] for one in events("--ledger", other)]
    ids = [data["seizures"] for data in there if "seizures" in data]
    assert ids == [["reserve/us/2"], ["reserve/us/2", "reserve/us/4"]]


def test_only_a_seizure_that_stands_is_forfeited(
    ask: Any, say: Say, turned_away: Any, events: Say
) -> None:
    say("reserve.acquired", "us", "2020-01-01", "--amount", "1 BTC", "--mode", "mining")
    say("reserve.seized", "us", "2020-01-01", "--amount", "1 BTC")
    seized = f"@{events()[-1]['position']}"
    say("reserve.forfeited", "us", "2021-01-01", "--amount", "1 BTC")
    forfeited = f"@{events()[-1]['position']}"

    def wrong(*given: str) -> str:
        refusal = turned_away(*given, *BY, "--source", "source/onbtc")
        assert (refusal.code, "no-such-target" in refusal.err) == (5, True), refusal.err
        return str(refusal.err)

    own = ("record", "reserve.forfeited", "reserve/us", "--amount", "2 BTC", "--seizures")
    assert "only what was seized is forfeited" in wrong(*own, "reserve/us/1")
    assert "there is no event reserve/us/9" in wrong(*own, "reserve/us/9")
    assert "party/sv/1 is no event of reserve/us" in wrong(*own, "party/sv/1")
    correcting = ("correct", forfeited, "--reason", "recording-error", "--seizures")
    assert "only what was seized is forfeited" in wrong(*correcting, "reserve/us/1")
    mended = (*correcting, seized, "--asserted-by", "recorder", "--basis", "recorder")
    assert ask(*mended).code == 0
    taken_back = ("--reason", "duplicate", "--asserted-by", "recorder", "--basis", "recorder")
    assert ask("retract", seized, *taken_back).code == 0
    assert "was retracted" in wrong(*own, "reserve/us/2")


@pytest.mark.parametrize(
    ("type_", "options"),
    [
        ("reserve.acquired", ("--mode", "purchase", "--spent", "1.2 billion USD")),
        ("reserve.announced", ("--planned", "5,000 BTC")),
        ("reserve.announced", ("--planned", "up to 1 billion USD")),
        ("reserve.disposed", ("--mode", "sale", "--account", "custody")),
        ("reserve.disposed", ("--mode", "return", "--account", "custody")),
        ("reserve.transferred", ("--reason", "split", "--account", "custody")),
        ("reserve.lost", ("--cause", "a lost key", "--account", "owned")),
        ("reserve.pledged", ("--amount", "100 BTC", "--to", "imf", "--purpose", "a loan")),
        ("reserve.released", ("--to", "imf")),
        ("reserve.holding-reported", ("--amount", "5 BTC", "--effective", "2024-01-01")),
        ("programme.disbursed", ("--amount", "SDR 5 million", "--review", "2")),
        ("allocation.energised", ("--power", "5 MW", "--phase", "first")),
        ("party.office-ended", ("--office", "president", "--body", "imf")),
    ],
)
def test_what_is_said_is_recorded_found_and_written_out(
    type_: str, options: tuple[str, ...], ask: Any, say: Say, events: Say
) -> None:
    thing = f"{type_.partition('.')[0]}/new"
    say(type_, thing, "2024-01-01", *options)
    event = events()[-1]["event"]
    assert (event["type"], event["subject"]) == (f"{type_}.v1", thing)
    names = [word.removeprefix("--").replace("-", "_") for word in options[::2]]
    assert set(names) <= event["data"].keys()
    assert "scope" not in event["data"]
    kind = type_.partition(".")[0]
    for command in ((kind, "show", "new"), (kind, "list"), ("history", thing), ("timeline", thing)):
        assert ask(*command).code == 0
    written = ask("--json", "query", f"select data from claims where subject = '{thing}'").out
    assert set(names) <= json.loads(json.loads(written)["rows"][0]["data"]).keys()


@pytest.mark.parametrize(
    ("type_", "options", "why"),
    [
        (
            "reserve.disposed",
            ("--mode", "return", "--account", "owned"),
            "what is returned was in custody",
        ),
        (
            "reserve.disposed",
            ("--mode", "sale", "--account", "held"),
            "'held' is not one of 'custody' or 'owned'",
        ),
        ("reserve.announced", ("--planned", "5 MW"), "planned"),
        ("reserve.acquired", ("--mode", "purchase", "--spent", "5 BTC"), "spent"),
        (
            "agreement.consent-expressed",
            ("--party", "sv", "--mode", "accession", "--predecessor", "cs"),
            "only a consent of mode succession has a predecessor",
        ),
        (
            "agreement.consent-expressed",
            ("--party", "sv", "--mode", "succession", "--predecessor", "sv"),
            "a party does not succeed itself",
        ),
        (
            "agreement.territory-included",
            ("--party", "sv", "--territory", "sv"),
            "a territory is another party",
        ),
        ("reserve.forfeited", ("--seizures", "@99"), "there is no event @99"),
        ("programme.disbursed", ("--amount", "SDR 5", "--review", "0"), "review"),
    ],
)
def test_what_cannot_be_so_is_turned_away(
    type_: str, options: tuple[str, ...], why: str, turned_away: Any, ledger: Path
) -> None:
    source = ("--source", "source/onbtc")
    ran = turned_away("record", type_, f"{type_.partition('.')[0]}/new", *BY, *source, *options)
    assert ran.code == 5
    assert why in ran.err


def test_a_ledgers_own_type_is_not_recorded_by_hand(turned_away: Any, ledger: Path) -> None:
    options = ("--reason", "because", "--clock", "2025-07-16T09:30:00.000000Z")
    ran = turned_away("record", "ledger.clock-accepted", "ledger/self", *BY, *options)
    assert ran.code == 5
