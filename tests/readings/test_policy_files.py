"""A policy of one's own stands in every answer made with it, and another one is refused."""

import csv
import json
import os
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.claims.policy_file import read_policy
from domain.claims.ranking import policy
from domain.claims.series import ResolvedSeries
from events.body import SourceRef
from tests.properties.ledgers import Holding, exactly, said, told

Ask = Callable[..., Any]
PAPER = "agreement/pk-sv-bitcoin-2025"
BELIEVES_THE_ARTICLE = 'parties = ["party/article-publisher"]\n'


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """Give a policy that believes the article first."""
    path = tmp_path / "trust.toml"
    path.write_text(BELIEVES_THE_ARTICLE)
    return path


@pytest.fixture
def ledger(the_story: Path, tmp_path: Path) -> Path:
    """Give a story of one's own, whose settings may be written."""
    return shutil.copytree(the_story, tmp_path / "ledger")


def test_an_answer_bears_the_digest_and_can_be_asked_again(trust: Path, document: Ask) -> None:
    found = document("agreement", "show", PAPER, "--policy", str(trust))
    assert found["answer"]["kind"] == "memorandum"
    digest = found["policy"]["digest"].removeprefix("sha256:")
    assert (found["policy"]["name"], len(digest)) == (str(trust), 64)
    assert found["reproduce"].endswith(f"--policy {trust}@sha256:{digest}")
    assert document(*shlex.split(found["reproduce"])[1:]) == found
    trust.write_text(
        f"# I trust the article\n{BELIEVES_THE_ARTICLE}window = 'any'\n".replace("'", '"')
    )
    changed = document("agreement", "show", PAPER, "--policy", str(trust))
    assert changed["policy"]["digest"] != found["policy"]["digest"]  # holdings go by age no more
    trust.write_text(f"# I trust the article\n{BELIEVES_THE_ARTICLE}order = []\n")
    assert document("agreement", "show", PAPER, "--policy", f"{trust}@sha256:{digest[:8]}") == found


def test_another_file_of_the_name_is_refused(trust: Path, document: Ask, turned_away: Ask) -> None:
    found = document("reserve", "show", "sv", "--policy", str(trust))
    trust.write_text('parties = ["party/imf"]\n')
    what, why, _ = turned_away(7, *shlex.split(found["reproduce"])[1:])
    assert what == "the policy file has changed"
    assert found["policy"]["digest"] in why


def test_pages_and_rows_bear_it_too(trust: Path, tmp_path: Path, counter: Ask) -> None:
    asked = ("agreement", "list", "--policy", str(trust))
    (named,) = {row["policy"] for row in json.loads(counter(*asked, "--json").out)}
    digest = named.removeprefix(f"{trust}@")
    assert f"policy {trust} v1, {digest[:19]}" in counter(*asked).out
    rows = list(csv.DictReader(counter(*asked, "--csv").out.splitlines()))
    assert {row["policy"] for row in rows} == {f"{trust}@{digest}"}
    lines = counter(*asked, "--format", "ndjson").out.splitlines()
    assert {json.loads(line)["policy"] for line in lines} == {f"{trust}@{digest}"}
    built_in = counter("agreement", "list", "--policy", "latest", "--csv").out
    assert "policy" not in built_in.splitlines()[0]
    panel = tmp_path / "panel.csv"
    assert counter("export", "panel", "-o", str(panel), "--policy", str(trust)).code == 0
    told_in = csv.DictReader(panel.read_text().splitlines())
    assert {row["policy"] for row in told_in} == {f"{trust}@{digest}"}
    database = tmp_path / "story.db"
    ran = counter("export", "--format", "sqlite", "-o", str(database), "--policy", str(trust))
    assert ran.code == 0
    with closing(sqlite3.connect(database)) as connection:
        about = dict(connection.execute("SELECT * FROM about").fetchall())
        kinds = "SELECT json_extract(answer, '$.kind') FROM answers WHERE subject = ?"
        assert connection.execute(kinds, (PAPER,)).fetchone() == ("memorandum",)
    assert about["policy"] == f"{trust}@{digest}"
    assert counter("export", "--policy", str(trust)).code == 2  # selects nothing of the claims


EVERY_ANSWER = (
    "agreement list",
    "reserve list --as-of 2025-07-18 --public-at 2025-07-18",
    f"agreement show {PAPER}",
    "reserve show sv --known-at @300",
    "programme show pk-eff-2024",
    f"explain {PAPER}",
    "explain reserve/sv reported",
    "blame reserve/sv",
    "diff 2024-03-13 2025-07-31",
    "reserve total",
    "reserve series sv --every year",
    "reserve reconcile sv",
    "disputes",
    "agreement standing --party onbtc",
    f"agreement standing {PAPER}",
    "findings",
    "timeline reserve/sv",
    "party statements --changed",
    "query 'select * from reserves'",
    "query 'select * from agreements'",
)


def test_a_file_that_spells_primary_first_answers_as_it_does(tmp_path: Path, counter: Ask) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(counter("template", "--policy").out)
    for words in EVERY_ANSWER:
        found, other = (
            json.loads(counter(*shlex.split(words), "--json", "--policy", chosen).out)
            for chosen in ("primary-first", str(path))
        )
        for each in (found, other):
            for row in each if isinstance(each, list) else (each,):
                row.pop("policy", None)
                row.pop("reproduce", None)
        assert found == other, words


def test_a_name_of_the_settings_is_said_where_no_digest_is_asked_for(
    ledger: Path, counter: Ask, turned_away: Ask
) -> None:
    with (ledger / "depositary.toml").open("a") as settings:
        settings.write('[policies]\nmine = "trust.toml"\nbare = { contested = "no-value" }\n')
        settings.write('latest = "trust.toml"\n')
    (ledger / "trust.toml").write_text(BELIEVES_THE_ARTICLE)
    asked = ("agreement", "show", PAPER, "--json", "--policy")
    ran = counter(*asked, "mine", ledger=ledger)
    found = json.loads(ran.out)
    assert (found["policy"]["name"], found["answer"]["kind"]) == ("mine", "memorandum")
    pinned = f"mine@{found['policy']['digest']}"
    assert ran.err == f"note: policy mine is what {ledger} says: --policy {pinned}\n"
    assert counter(*asked, pinned, ledger=ledger) == (0, ran.out, "")
    strict = counter(*asked[:-1], "--policy", "strict", ledger=ledger)
    bare = json.loads(counter(*asked, "bare", ledger=ledger).out)
    assert bare["answer"] == json.loads(strict.out)["answer"]
    built_in = counter(*asked, "latest", ledger=ledger)  # the folder cannot say what it is
    assert (built_in.err, json.loads(built_in.out)["policy"]) == (
        "",
        {"name": "latest", "version": 1},
    )
    assert json.loads(counter(*asked[:-1], ledger=ledger).out)["policy"]["name"] == "primary-first"
    _, why, _ = turned_away(2, "reserve", "list", "--policy", "mina", ledger=ledger)
    assert "did you mean mine?" in why


@pytest.mark.parametrize(
    "place", ["../trust.toml", "link.toml", "deep/trust.toml", "/etc/hostname"]
)
def test_a_folder_names_no_file_outside_it(
    place: str, ledger: Path, tmp_path: Path, turned_away: Ask
) -> None:
    (tmp_path / "trust.toml").write_text(BELIEVES_THE_ARTICLE)
    (ledger / "link.toml").symlink_to(tmp_path / "trust.toml")
    (ledger / "deep").symlink_to(tmp_path)
    with (ledger / "depositary.toml").open("a") as settings:
        settings.write(f'[policies]\nmine = "{place}"\n')
    _, why, _ = turned_away(2, "reserve", "list", "--policy", "mine", ledger=ledger)
    assert why.endswith("is not a file of the folder")


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ('parties = ["party/imff"]', 3, "did you mean party/imf?"),
        ('parties = ["party/imf", "others"]\nbases = ["audits"]', 2, "did you mean audit"),
        ("# \n" * 30_000, 7, "longer than 65,536 bytes"),
        (None, 7, "No such file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    text: str | None, code: int, why: str, tmp_path: Path, turned_away: Ask
) -> None:
    path = tmp_path / "mine.toml"
    if text is not None:
        path.write_text(text)
    assert why in turned_away(code, "reserve", "list", "--policy", str(path))[1]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, turned_away: Ask) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert "FIFO" in turned_away(7, "reserve", "list", "--policy", str(tmp_path / "pipe.toml"))[1]
    turned_away(7, "reserve", "list", "--policy", f"{tmp_path}/")


def test_what_depends_on_the_policy_is_listed_with_its_rule(trust: Path, document: Ask) -> None:
    found = document("diff", "primary-first", str(trust), PAPER, "--axis", "policy")
    kind = next(row for row in found["rows"] if row["field"] == "kind")
    assert (kind["before"], kind["after"]) == ("letter-of-intent", "memorandum")
    assert [one["asserted_by"] for one in kind["selected_before"]] == ["party/onbtc"]
    assert [one["asserted_by"] for one in kind["selected_after"]] == ["party/article-publisher"]
    assert kind["rule_before"] == "on a stronger basis, its own or a resolution's"
    assert kind["rule"] == "asserted or resolved by the party preferred"
    counts = found["counts"]
    assert (counts["subjects"], counts["differ"]) == (1, 1)
    assert counts["values"] == len(found["rows"]) == sum(counts["by_rule"].values())
    assert document(*shlex.split(found["reproduce"])[1:]) == found


@pytest.mark.parametrize("pair", [("primary-first", "latest"), ("strict", "prefer:party/imf")])
def test_every_answer_that_differs_is_found_and_no_other(
    pair: tuple[str, str], document: Ask
) -> None:
    found = document("diff", *pair, "--axis", "policy")
    differing = {row["subject"] for row in found["rows"]}
    for kind in ("agreement", "reserve", "programme", "allocation", "law", "meeting", "party"):
        lists = [document(kind, "list", "--policy", name) for name in pair]
        other = {one["subject"] for one, two in zip(*lists, strict=True) if one != two}
        assert other <= differing
    for row in found["rows"]:
        assert row["before"] != row["after"]
    assert found["counts"]["differ"] == len(differing)


def test_nothing_depends_on_what_says_the_same(tmp_path: Path, counter: Ask) -> None:
    (tmp_path / "empty.toml").write_text("")
    asked = ("diff", "primary-first", str(tmp_path / "empty.toml"), "--axis", "policy")
    ran = counter(*asked, "--exit-code")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "nothing differs")
    assert counter("diff", "strict", "latest", "--axis", "policy", "--exit-code").code == 1
    rows = list(
        csv.DictReader(
            counter("diff", "strict", "latest", "--axis", "policy", "--csv").out.splitlines()
        )
    )
    assert rows[0].keys() >= {"selected_before", "selected_after", "rule_before", "rule"}


def test_the_policy_cannot_stand_still_and_move(turned_away: Ask) -> None:
    turned_away(2, "diff", "strict", "latest", "--axis", "policy", "--policy", "latest")
    turned_away(2, "diff", "strict", "latests", "--axis", "policy")
    assert "policy" in turned_away(2, "diff", "strict", "latest", "--axis", "polcy")[1]


# Cases of the world.

RESERVE = "reserve/x"


def reported(figure: int, day: str, by: str, basis: str) -> Any:
    ref = SourceRef(source=f"source/{by}", published=day)
    own = {"amount": exactly(figure), "basis": basis, "sources": (ref,)}
    return said("reserve.holding-reported", f"party/{by}", day, **own)


def holding(tables: dict[str, Any], *facts: Any) -> str | None:
    """Return who reports the figure that is selected."""
    ledger = told(RESERVE, *facts)
    view = Holding(ledger.claims).view(RESERVE, ledger.clocks, read_policy("mine", tables))
    (series,) = view.series
    assert isinstance(series, ResolvedSeries)
    return series.pick.body.asserted_by if series.pick else None


@pytest.mark.parametrize(
    ("days", "who"), [(30, "party/sn"), (23, "party/sn"), (22, "party/arkham"), (0, "party/arkham")]
)
def test_the_sale_of_a_state_is_older_than_the_window_or_not(days: int, who: str) -> None:
    """Germany, 2024: 49,858 on official record of 06-19, nothing at its addresses on 07-12."""
    official = reported(49_858, "2024-06-19", "sn", "official-record")
    tracker = reported(0, "2024-07-12", "arkham", "tracker")
    narrow = {"for": {"reserve.holding-reported": {"window": days}}}
    assert holding(narrow, official, tracker) == who
    assert holding({}, official, tracker) == "party/arkham"


@pytest.mark.parametrize(("agreeing", "who"), [(10, "party/a"), (9, "party/b")])
def test_what_agrees_is_compared_for_longer(agreeing: int, who: str) -> None:
    older = reported(6_240, "2025-07-08", "a", "audit")
    newer = reported(6_240, "2025-07-18", "b", "tracker")
    tables = {"window": 5, "window_agreeing": agreeing}
    assert holding(tables, older, newer) == who


def test_a_filing_or_the_tracker_of_the_day_after() -> None:
    """Strategy, 2025: the 8-K of 07-13 has 601,550, a tracker of 07-14 601,600."""
    filing = reported(601_550, "2025-07-13", "strategy", "signed-statement")
    tracker = reported(601_600, "2025-07-14", "bitcointreasuries", "tracker")
    assert holding({}, filing, tracker) == "party/strategy"
    assert holding({"order": ["measured"]}, filing, tracker) == "party/bitcointreasuries"
    assert holding({"bases": ["tracker"]}, filing, tracker) == "party/bitcointreasuries"
    assert holding({"contested": "no-value"}, filing, tracker) is None
    believed = {"parties": ["others", "party/bitcointreasuries"], "order": ["parties"]}
    assert holding({**believed, "bases": ["tracker"]}, filing, tracker) == "party/strategy"


def test_a_purchase_of_a_president_or_of_a_tracker(document: Ask, tmp_path: Path) -> None:
    """El Salvador's purchases stand as the office announced them, by whom a policy believes."""
    path = tmp_path / "imf.toml"
    path.write_text('[for.reserve]\nparties = ["party/imf", "others"]\n')
    found = document("diff", "primary-first", str(path), "reserve/sv", "--axis", "policy")
    preferred = "asserted or resolved by the party preferred"
    assert {row["rule"] for row in found["rows"]} & {preferred}
    selected = {c["asserted_by"] for row in found["rows"] for c in row["selected_after"]}
    assert "party/imf" in selected


def test_the_depositary_or_the_gazette_of_a_state() -> None:
    """The United Nations and the ministry each give the day of one ratification."""

    def ratified(by: str, day: str) -> Any:
        ref = SourceRef(source=f"source/{by}", published=day)
        own = {"party": "party/fr", "mode": "ratification", "basis": "own-publication"}
        return said("agreement.consent-expressed", f"party/{by}", day, sources=(ref,), **own)

    facts = ratified("un", "2000-05-01"), ratified("fr-ministry", "2000-05-03")
    for named, day in (("un", "2000-05-01"), ("fr-ministry", "2000-05-03")):
        spelled = {"for": {"agreement": {"parties": [f"party/{named}", "others"]}}}
        ledger = told("agreement/x", *facts)
        view = Holding(ledger.claims).view("agreement/x", ledger.clocks, read_policy("m", spelled))
        (found,) = view.occurrences
        assert [claim.body.effective for claim in found.pick] == [day]
        assert found.support == "contested"
        same = policy(f"prefer:party/{named}")
        assert Holding(ledger.claims).view("agreement/x", ledger.clocks, same).occurrences == (
            found,
        )


@pytest.mark.parametrize("window", [0, 3, 4])
def test_an_act_that_was_published_later_by_more_than_the_window_outranks(window: int) -> None:
    first = date(2025, 7, 1)
    told_on = [first, first + timedelta(4)]
    facts = [
        said(
            "agreement.described",
            by,
            kind=kind,
            basis=basis,
            sources=(SourceRef(source=f"source/{n}", published=str(day)),),
        )
        for n, (by, kind, basis, day) in enumerate(
            (
                ("party/a", "memorandum", "official-record", told_on[0]),
                ("party/b", "letter-of-intent", "press", told_on[1]),
            )
        )
    ]
    ledger = told("agreement/x", *facts)
    chosen = read_policy("mine", {"window": window})
    (found,) = Holding(ledger.claims).view("agreement/x", ledger.clocks, chosen).occurrences
    kind = getattr(found.pick[0].body, "kind", None)
    assert kind == ("memorandum" if window >= 4 else "letter-of-intent")
