"""Does `changes` say what changed since one looked, and does a mark lose nothing?"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.errors import NotUnderstoodError
from events.store.reader_marks import marks
from tests.conftest import COUNTER, clean_environment
from tests.readings.conftest import Ran

Counter = Callable[..., Ran]
Append = Callable[..., int]

COMMON = """\
asserted_by = "party/{by}"
basis = "{basis}"
sources = [{{ source = "source/onbtc", published = "{published}" }}]
"""


BY_BUKELE = (
    "--asserted-by",
    "bukele",
    "--basis",
    "press",
    "--source",
    "onbtc,published=2025-08-09",
)


@pytest.fixture
def ledger(the_story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a ledger with the story to write into, to a reader who has set no mark."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return shutil.copytree(the_story, tmp_path / "ledger")


@pytest.fixture
def append(ledger: Path, tmp_path: Path, counter: Counter) -> Append:
    """Record one fact and return its position."""

    def run(
        type_: str,
        subject: str,
        *fields: str,
        by: str = "onbtc",
        basis: str = "own-publication",
        published: str = "2025-08-01",
        to: Path = ledger,
    ) -> int:
        text = "\n".join(
            ("[[fact]]", f'type = "{type_}"', f'subject = "{subject}"', *fields, COMMON)
        )
        (tmp_path / "fact.toml").write_text(
            text.format(by=by, basis=basis, published=published), "utf-8"
        )
        ran = counter("append", str(tmp_path / "fact.toml"), ledger=to)
        assert ran.code == 0, ran.err
        found = counter("log", "-n", "1", "--json", ledger=to)
        return int(json.loads(found.out)["rows"][0]["position"])

    return run


@pytest.fixture
def since_mark(ledger: Path, counter: Counter) -> Callable[..., tuple[int, dict[Any, Any]]]:
    """Ask what changed since the mark `week`; give the exit code and the rows by field."""

    def run(*words: str, of: Path = ledger) -> tuple[int, dict[Any, Any]]:
        ran = counter("changes", "--mark", "week", *words, "--json", ledger=of)
        assert ran.code in (0, 1), ran.err
        rows = json.loads(ran.out)["rows"]
        return ran.code, {(row["subject"], row["field"]): row for row in rows}

    return run


def test_an_entry_into_force_recorded_for_later_changes_the_answer_on_its_day(
    append: Append, since_mark: Any
) -> None:
    position = append(
        "agreement.entered-into-force",
        "agreement/pk-sv-bitcoin-2025",
        'effective = "2026-09-01"',
        'mode = "operation"',
    )
    assert since_mark("--as-of", "2026-08-20") == (0, {})
    assert since_mark("--as-of", "2026-08-31") == (0, {})
    code, rows = since_mark("--as-of", "2026-09-01")
    assert code == 1
    assert {subject for subject, _ in rows} == {"agreement/pk-sv-bitcoin-2025"}
    for row in rows.values():
        assert row["axes"] == ["as-of"]
        assert [(one["how"], one["position"], one["axis"]) for one in row["why"]] == [
            ("took effect", position, "as-of")
        ]


def test_an_old_act_newly_recorded_is_recorded_and_no_day_that_came(
    append: Append, since_mark: Any
) -> None:
    assert since_mark("--as-of", "2026-08-20") == (0, {})
    fields = 'effective = "2025-08-01"', 'amount = "10 BTC"', 'mode = "purchase"'
    old = append("reserve.acquired", "reserve/sv", *fields)
    between = append(
        "reserve.acquired", "reserve/pk", fields[0].replace("2025", "2026"), *fields[1:]
    )
    _, rows = since_mark("--as-of", "2026-08-20")
    assert {tuple(row["axes"]) for row in rows.values()} == {("known-at",)}
    assert {one["position"] for row in rows.values() for one in row["why"]} == {old, between}
    # Of a day that came between, and that was not recorded before: it is what was recorded.
    _, rows = since_mark("--as-of", "2026-09-20")
    assert rows["reserve/pk", "ledger_balance"]["axes"] == ["known-at"]


def test_a_correction_and_a_retraction_that_brings_an_older_claim_back(
    append: Append, since_mark: Any, counter: Counter, ledger: Path
) -> None:
    def report(amount: str, day: str) -> int:
        fields = f'effective = "{day}"', f'amount = "{amount}"', 'scope = "unstated"'
        return append("reserve.holding-reported", "reserve/new", *fields)

    report("10 BTC", "2025-08-01")
    newer = report("12 BTC", "2025-08-05")
    assert since_mark() == (0, {})
    slip = "--reason", "recording-error"
    assert counter("correct", f"@{newer}", "--amount", "13 BTC", *slip, ledger=ledger).code == 0
    code, rows = since_mark("--set")
    row = rows["reserve/new", "reported.amount"]
    assert (code, row["before"]["text"], row["after"]["text"]) == (1, "12 BTC", "13 BTC")
    assert (row["why"][0]["how"], row["why"][0]["reason"]) == ("corrected", "recording-error")
    assert since_mark() == (0, {})
    assert counter("retract", f"@{newer}", *slip, ledger=ledger).code == 0
    row = since_mark()[1]["reserve/new", "reported.amount"]
    assert (row["before"]["text"], row["after"]["text"]) == ("13 BTC", "10 BTC")
    assert row["rule"] == "the claim selected before was retracted"
    assert [one["how"] for one in row["why"]] == ["retracted"]


def test_what_changes_no_value_is_told_since_a_mark_too(
    append: Append, since_mark: Any, counter: Counter, ledger: Path
) -> None:
    def report(amount: str, by: str) -> int:
        fields = 'effective = "2025-08-01"', f'amount = "{amount}"'
        basis = "own-publication" if by == "onbtc" else "press"
        return append("reserve.holding-reported", "reserve/new", *fields, by=by, basis=basis)

    report("10 BTC", "onbtc")
    rival = report("12 BTC", "bukele")
    assert since_mark() == (0, {})
    for words in (
        ("correct", f"@{rival}", "--amount", "13 BTC", "--reason", "source-corrected", *BY_BUKELE),
        (
            "deny",
            "reserve/new",
            "--type",
            "reserve.lost",
            "--span",
            "2025",
            "--ground",
            "no",
            *BY_BUKELE,
        ),
    ):
        ran = counter(*words, ledger=ledger)
        assert ran.code == 0, ran.err
        position = json.loads(counter("log", "-n", "1", "--json", ledger=ledger).out)["known_at"]
        assert since_mark() == (1, {})
        told = counter("changes", "--mark", "week", ledger=ledger)
        assert f"recorded between, without a change of a value: @{position}: " in told.out
        assert "no value changed since" in told.out
        piped = counter("changes", "--mark", "week", "--csv", "--set", ledger=ledger)
        assert (piped.code, piped.out) == (1, "")
        assert piped.err.startswith("note: recorded between, without a change of a value: ")
        assert since_mark() == (0, {})


def test_the_day_of_recording_is_called_so_beside_that_of_publication(
    append: Append, since_mark: Any, counter: Counter, ledger: Path
) -> None:
    fields = 'effective = "2025-08-01"', 'amount = "10 BTC"', 'mode = "purchase"'
    since_mark()
    position = append("reserve.acquired", "reserve/new", *fields)
    today = json.loads(counter("log", "-n", "1", "--json", ledger=ledger).out)["rows"][0]
    day = today["recorded"][:10]
    said = "new claim: acquired, asserted by Bitcoin Office of El Salvador"
    told = counter("changes", "--mark", "week", "--set", "--wide", ledger=ledger).out
    assert f"{said}, @{position}, recorded {day}, published 2025-08-01" in " ".join(told.split())
    assert (
        counter("deny", f"@{position}", "--ground", "not a sale", *BY_BUKELE, ledger=ledger).code
        == 0
    )
    told = " ".join(counter("changes", "--mark", "week", "--wide", ledger=ledger).out.split())
    days = f"@{position + 1}, recorded {day}, published 2025-08-09 (not a sale)"
    assert f" denied by Nayib Bukele, {days}" in told


def test_a_denial_shows_its_ground_and_only_from_when_what_it_denies_may_have_been(
    append: Append, counter: Counter, document: Any, ledger: Path
) -> None:
    moved = 'effective = "2025-08-01"', 'amount = "929 BTC"', 'reason = "exchange-deposit"'
    bought = 'effective = "2025-01-01"', 'amount = "1,000 BTC"', 'mode = "mining"'
    append("reserve.acquired", "reserve/new", *bought, by="ainvest")
    denied = append("reserve.transferred", "reserve/new", *moved, "to_count = 1")
    for words in (
        (f"@{denied}", "--ground", "not a sale"),
        ("reserve/new", "--type", "reserve.lost", "--span", "2025-08", "--ground", "never"),
    ):
        assert counter("deny", *words, *BY_BUKELE, ledger=ledger).code == 0
    asked = "reserve", "show", "new", "--as-of"
    page = counter(*asked, "2025-08-02", "--wide", ledger=ledger).out
    assert "transferred     929 BTC, exchange deposit, 2025-08-01  [contested]" in page
    assert "929 BTC; to 1 address; exchange deposit" in page
    assert "denies reserve/new/2: not a sale" in page
    assert "denies that any was lost: never" in page
    found = document(*asked, "2025-08-02", ledger=ledger)
    assert [one["ground"] for one in found["denials"]] == ["not a sale", "never"]
    assert document(*asked, "2025-07-31", ledger=ledger)["denials"] == []
    before = counter(*asked, "2025-07-31", ledger=ledger).out
    assert ("denies" in before, "transferred" in before) == (False, False)
    assert ("Bukele" in before, "party/bukele" in page) == (False, True)  # among the names


def test_what_a_source_published_later_says_is_no_change_of_what_was_public(
    append: Append, since_mark: Any
) -> None:
    early, late = ("--public-at", "2025-08-31"), ("--public-at", "2025-09-30")
    assert since_mark(*early) == (0, {})
    fields = 'effective = "2025-08-01"', 'amount = "10 BTC"', 'mode = "purchase"'
    append("reserve.acquired", "reserve/sv", *fields, published="2025-09-15")
    assert since_mark(*early) == (0, {})
    assert since_mark(*late)[0] == 1


def test_a_contested_figure_that_is_resolved_changes_its_support(
    append: Append, since_mark: Any, counter: Counter, ledger: Path
) -> None:
    def allocated(power: str, by: str) -> int:
        fields = 'effective = "2025-08-01"', f'power = "{power}"', 'purposes = ["mining"]'
        return append("allocation.allocated", "allocation/new", *fields, by=by)

    one, other = allocated("100 MW", "onbtc"), allocated("200 MW", "bukele")
    assert since_mark() == (0, {})
    by = "--asserted-by", "sv-mof", "--basis", "official-record", "--source", "source/onbtc"
    words = "resolve", f"@{other}", f"@{one}", "--ground", "The register says so.", *by
    ran = counter(*words, ledger=ledger)
    assert ran.code == 0, ran.err
    row = since_mark()[1]["allocation/new", "support of allocated allocation/new/1"]
    assert (row["before"], row["after"]) == ("contested", "resolved")
    assert [cause["how"] for cause in row["why"]] == ["resolved"]


def test_a_mark_keeps_its_policy_unless_another_is_typed(
    append: Append, counter: Counter, ledger: Path
) -> None:
    def ask(*words: str) -> Any:
        return json.loads(counter("changes", "--mark", "m", *words, "--json", ledger=ledger).out)

    assert ask("--policy", "strict")["policy"]["name"] == "strict"
    assert ask()["policy"]["name"] == "strict"
    assert ask("--policy", "latest")["policy"]["name"] == "latest"
    assert ask("--policy", "primary-first", "--set")["policy"]["name"] == "primary-first"
    assert ask()["policy"]["name"] == "primary-first"


def test_a_mark_finds_its_policy_file_from_any_folder_and_says_what_to_run_once_it_changed(
    counter: Counter, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, elsewhere = tmp_path / "my policy.toml", tmp_path / "elsewhere"
    elsewhere.mkdir()
    mine.write_text('bases = ["press"]\n')
    monkeypatch.chdir(tmp_path)
    ask = "changes", "--mark", "m"
    assert counter(*ask, "--policy", "./my policy.toml", ledger=ledger).code == 0
    monkeypatch.chdir(elsewhere)
    assert counter(*ask, ledger=ledger).code == 0
    mine.write_text('bases = ["tracker"]\n')
    changed = counter(*ask, ledger=ledger)
    assert (changed.code, changed.out) == (7, "")
    assert "the policy of mark 'm' is not what it was" in changed.err
    then = changed.err.rpartition("next: depositary ")[2].strip()
    assert then == f"changes --mark m --policy '{mine}' --set"
    assert counter(*shlex.split(then), ledger=ledger).code == 0
    assert counter(*ask, ledger=ledger).code == 0
    mine.unlink()
    gone = counter(*ask, ledger=ledger)
    assert gone.code == 7
    assert "No such file" in gone.err


def test_a_cron_job_reads_changes_and_nothing_else(
    append: Append, counter: Counter, ledger: Path
) -> None:
    asked = "changes", "--mark", "week", "--set"
    first = counter(*asked, ledger=ledger)
    assert (first.code, first.out) == (0, "")
    assert first.err.startswith("note: mark 'week' is set: as of ")
    for form in ("table", "csv", "ndjson"):
        again = counter(*asked, "--format", form, ledger=ledger)
        assert again == Ran(0, "", "")
    fields = 'effective = "2025-08-01"', 'amount = "10 BTC"', 'mode = "purchase"'
    append("reserve.acquired", "reserve/new", *fields)
    told = counter("changes", "--mark", "week", ledger=ledger)
    assert (told.code, told.err) == (1, "")
    assert "  ledger balance: - -> 10 BTC\n" in told.out
    assert "new claim" in told.out
    moved = counter(*asked, ledger=ledger)
    assert moved.code == 1
    assert moved.out.splitlines()[0] == "reserve/new"
    assert counter(*asked, ledger=ledger) == Ran(0, "", "")


def test_what_was_not_printed_is_told_again(append: Append, counter: Counter, ledger: Path) -> None:
    asked = "changes", "--mark", "week", "--set"
    counter(*asked, ledger=ledger)
    before = (ledger.parent / "state/depositary/marks").glob("*.toml")
    (file,) = before
    kept = file.read_bytes()
    fields = 'effective = "2025-08-01"', 'amount = "10 BTC"', 'mode = "purchase"'
    append("reserve.acquired", "reserve/new", *fields)
    command = [sys.executable, "-c", COUNTER, "--ledger", str(ledger), *asked]
    environment = clean_environment({"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]})
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(command, stdout=writing, env=environment, check=False)
    os.close(writing)
    assert (ran.returncode, file.read_bytes()) == (1, kept)
    assert counter(*asked, ledger=ledger).code == 1
    assert file.read_bytes() != kept
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_home_folder_that_is_not_there_is_not_made(
    counter: Counter, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "nonexistent"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_STATE_HOME")
    ran = counter("changes", "--mark", "q3", ledger=ledger)
    assert (ran.code, f"HOME is {home}" in ran.err) == (7, True)
    assert not home.exists()
    home.mkdir()
    assert counter("changes", "--mark", "q3", ledger=ledger).code == 0
    assert (home / ".local/state/depositary/marks").is_dir()


def test_an_older_copy_is_behind_the_mark_and_one_that_went_on_is_forked(
    append: Append, since_mark: Any, counter: Counter, ledger: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(ledger, tmp_path / "copy")
    fields = 'effective = "2025-08-01"', 'amount = "10 BTC"', 'mode = "purchase"'
    append("reserve.acquired", "reserve/new", *fields)
    assert since_mark() == (0, {})
    behind = counter("changes", "--mark", "week", ledger=copy)
    assert (behind.code, behind.out) == (8, "")
    assert behind.err.startswith("error: the log is BEHIND the mark\n")
    append("reserve.acquired", "reserve/new", fields[0], 'amount = "11 BTC"', fields[2], to=copy)
    forked = counter("changes", "--mark", "week", "--set", ledger=copy)
    assert (forked.code, forked.out) == (8, "")
    assert forked.err.startswith("error: the log is FORKED from the mark\n")
    assert since_mark() == (0, {})  # of the ledger that was carried on nothing was lost
    assert counter("changes", "--mark", "week", "--delete", ledger=copy).code == 0
    assert since_mark(of=copy) == (0, {})


def test_marks_are_listed_and_deleted(document: Any, counter: Counter, ledger: Path) -> None:
    assert "no mark is set" in counter("changes", "--marks", ledger=ledger).out
    for name, known in (("b", "@200"), ("a.1", "@100")):
        counter("changes", "--mark", name, "--known-at", known, "--as-of", "2025", ledger=ledger)
    rows = document("changes", "--marks", ledger=ledger)
    assert [(row["name"], row["position"], row["as_of"]) for row in rows] == [
        ("a.1", 100, "2025-12-31"),
        ("b", 200, "2025-12-31"),
    ]
    assert counter("changes", "--mark", "b", "--delete", ledger=ledger).code == 0
    assert [row["name"] for row in document("changes", "--marks", ledger=ledger)] == ["a.1"]
    gone = counter("changes", "--mark", "b", "--delete", ledger=ledger)
    assert (gone.code, gone.err.splitlines()[2]) == (3, "  next: depositary changes --marks")


@pytest.mark.parametrize(
    "text",
    [
        "[week",
        "week = 1",
        '[week]\nas_of = "2025"',
        '["../x"]\nas_of = "2025-01-01"\nposition = 1\nentry = "E"\npolicy = "latest"\nset_at = ""',
        '[week]\nas_of = "soon"\nposition = 1\nentry = "E"\npolicy = "latest"\nset_at = ""',
        '[week]\nas_of = "2025-01-01"\nposition = 0\nentry = "E"\npolicy = "latest"\nset_at = ""',
        '[week]\nas_of = "2025-01-01"\nposition = 1\nentry = ""\npolicy = "latest"\nset_at = ""',
        '[week]\nas_of = "2025-01-01"\nposition = 1\nentry = "E"\npolicy = 1\nset_at = ""',
    ],
)
def test_marks_that_this_program_did_not_write_are_refused(
    text: str, counter: Counter, ledger: Path
) -> None:
    counter("changes", "--mark", "week", ledger=ledger)
    (file,) = (ledger.parent / "state/depositary/marks").glob("*.toml")
    file.write_text(text.replace("E", "0" * 64), "utf-8")
    with pytest.raises(NotUnderstoodError, match="the marks are not understood"):
        marks(file.stem)
    ran = counter("changes", "--mark", "week", "--set", ledger=ledger)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == "error: the marks are not understood"
    assert file.read_text("utf-8") == text.replace("E", "0" * 64)


def test_marks_that_others_may_write_are_not_believed(counter: Counter, ledger: Path) -> None:
    counter("changes", "--mark", "week", ledger=ledger)
    (file,) = (ledger.parent / "state/depositary/marks").glob("*.toml")
    file.chmod(0o666)
    assert counter("changes", "--mark", "week", ledger=ledger).code == 7
    assert counter("changes", "--marks", ledger=ledger).code == 7


@pytest.mark.parametrize(
    "words",
    [
        ("--set",),
        ("--delete",),
        ("--mark", "../x"),
        ("--mark", ""),
        ("--mark", "a" * 65),
        ("--mark", "a", "--since", "@3"),
        ("--mark", "a", "--set", "--delete"),
        ("--marks", "--since", "@3"),
        ("--since", "2025-07-01", "--since-as-of", "2025-07-01"),
        ("--since", "@3", "--known-at", "@1"),
        ("--since", "@3", "--since-as-of", "2025-08-01", "--as-of", "2025-07-01"),
        ("--since", "@999999"),
        ("--since", "soon"),
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_turned_away(
    words: tuple[str, ...], turned_away: Callable[..., list[str]]
) -> None:
    turned_away(2, "changes", *words)


def test_a_time_is_before_its_event_or_its_day(document: Any) -> None:
    rows = document("log", "--since", "@340")["rows"]
    since = document("changes", "--since", "@340", "--as-of", "2025-07-31")
    assert since["since"] == {"as_of": "2025-07-31", "known_at": 339}
    assert {row["subject"] for row in since["rows"]} <= {row["subject"] for row in rows}
    day = rows[0]["recorded"][:10]
    assert document("changes", "--since", day)["since"]["known_at"] == 0
    assert document("changes")["since"] == document("changes", "--since", day)["since"]
    later = document("changes", "--since", "2100-01-01", "--as-of", "2025-07-31")
    assert later["rows"] == []
    last = rows[-1]["position"]
    assert later["since"]["known_at"] == last
    assert document("changes", "--since", f"@{last + 1}", "--as-of", "2025-07-31")["rows"] == []


def test_nothing_that_changed_is_said(counter: Counter) -> None:
    ran = counter("changes", "--since", "2100-01-01", "--as-of", "2025-07-31")
    assert ran.code == 0
    assert ran.out.startswith("nothing changed since as of 2025-07-31, known at @346\n")


def test_each_step_of_a_row_has_its_causes_and_the_command_gives_them_again(
    document: Any, counter: Counter
) -> None:
    asked = ("changes", "--since", "@200", "--since-as-of", "2025-06-30", "--as-of", "2025-07-31")
    found = document(*asked)
    assert {tuple(row["axes"]) for row in found["rows"]} == {
        ("as-of",),
        ("known-at",),
        ("as-of", "known-at"),
    }
    assert document(*found["reproduce"].split()[1:]) == found
    out = " ".join(counter(*asked).out.split())
    assert (
        "day reached, took effect 2025-07-16: signed by Bitcoin Office of El Salvador, @173" in out
    )
    assert "since: as of 2025-06-30, known at @199" in out


def test_the_log_since_a_day_or_an_event_and_of_a_party(document: Any, turned_away: Any) -> None:
    every = document("log")["rows"]
    assert document("log", "--since", "@300")["rows"] == every[299:]
    assert document("log", "--since", every[0]["recorded"][:10])["rows"] == every
    assert document("log", "--since", "2100-01-01")["rows"] == []
    of_imf = document("log", "--party", "imf")["rows"]
    assert {row["position"] for row in of_imf} == {
        row["position"]
        for row in every
        if '"party/imf"' in json.dumps(row) and row["subject"] != "ledger/self"
    }
    typed = document("log", "--party", "imf", "--type", "party.established")["rows"]
    assert [row["subject"] for row in typed] == ["party/imf"]
    assert document("log", "--party", "imf", "--since", "@300", "-n", "1")["rows"] == of_imf[-1:]
    turned_away(3, "log", "--party", "no-such-party")
    turned_away(2, "log", "--since", "soon")


def test_a_timeline_of_a_span_has_all_subjects_and_can_be_turned_page_by_page(
    document: Any, counter: Counter, turned_away: Any
) -> None:
    march = "timeline", "--from", "2024-03", "--to", "2024-03"
    whole = document(*march)
    assert len({row["subject"] for row in whole["rows"]}) > 1
    sure = [row for row in whole["rows"] if row["within"] == "yes"]
    assert sure
    assert {row["effective"][:7] for row in sure if "/" not in row["effective"]} <= {
        "2024-03",
        "[2024-0",
    }
    pages = [document(*march, "-n", "10", "--skip", str(n))["rows"] for n in range(0, 100, 10)]
    assert [row for page in pages for row in page] == whole["rows"]
    assert {document(*march, "-n", "10")["total"], whole["total"]} == {len(whole["rows"])}
    told = counter(*march, "-n", "2", "--skip", "2").out
    assert f"{whole['total']} rows: 3 to 4 are listed" in told
    assert "next: depositary timeline --from 2024-03 --to 2024-03 -n 2 --skip 4" in told
    of_sv = [row for row in whole["rows"] if row["subject"] == "reserve/sv"]
    assert document("timeline", "reserve/sv", *march[1:])["rows"] == of_sv
    assert document(*march, "--kind", "reserve")["rows"] == [
        row for row in whole["rows"] if row["subject"].startswith("reserve/")
    ]
    turned_away(2, "timeline", "--from", "2024-04", "--to", "2024-03")
    turned_away(2, "timeline", "reserve/sv", "--kind", "law")
    turned_away(2, "timeline")


def test_a_party_may_be_asked_of_one_subject_or_kind(document: Any) -> None:
    every = document("timeline", "--party", "bukele")["rows"]
    alone = document("timeline", "reserve/sv", "--party", "bukele")["rows"]
    assert alone == [row for row in every if row["subject"] == "reserve/sv"] != []
    of_reserves = document("timeline", "--kind", "reserve", "--party", "bukele")["rows"]
    assert of_reserves == [row for row in every if row["subject"].startswith("reserve/")]


@pytest.mark.parametrize(
    ("typed", "meant"), [("18 July 2025", "2025-07-18"), ("July 2025", "2025-07"), ("330", "@330")]
)
def test_a_since_in_words_is_the_day_or_event_that_is_meant(
    typed: str, meant: str, counter: Counter
) -> None:
    said, same = counter("changes", "--since", typed), counter("changes", "--since", meant)
    assert (said.code, said.out) == (same.code, same.out)
    assert said.err == f"note: {typed} is read as {meant}\n"


@pytest.mark.parametrize("word", ["today", "yesterday", "tomorrow"])
def test_a_since_may_be_a_day_from_now(word: str, counter: Counter) -> None:
    ran = counter("changes", "--since", word)
    assert (ran.code, ran.err.splitlines()[0].partition(" is read")[0]) == (0, f"note: {word}")
