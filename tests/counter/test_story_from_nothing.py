"""Is a story of twelve facts recorded from nothing, by sixteen commands or by one file?"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

# The United States and the Paris Agreement: the Secretary-General's status page, and the order of
# 20 January 2025, by which the withdrawal is "effective immediately" upon its notification.
UN = (
    "https://treaties.un.org/Pages/ViewDetails.aspx?src=TREATY&mtdsg_no=XXVII-7-d&chapter=27"
    "&clang=_en"
)
ORDER = (
    "https://www.whitehouse.gov/presidential-actions/2025/01/"
    "putting-america-first-in-international-environmental-agreements/"
)
DEPOSITARY, US = "Secretary-General of the United Nations", "United States"
ACCEPTED = {"party": US, "mode": "acceptance"}
FACTS: list[tuple[str, dict[str, str]]] = [
    ("described", {"title": "Paris Agreement", "kind": "treaty"}),
    ("text-adopted", {"effective": "2015-12-12"}),
    ("opened-for-signature", {"effective": "2016-04-22"}),
    ("signed", {"party": US, "mode": "simple", "effective": "2016-04-22"}),
    ("consent-expressed", {**ACCEPTED, "effective": "2016-09-03"}),
    ("entered-into-force", {"mode": "definitive", "effective": "2016-11-04"}),
    ("entered-into-force-for", {"party": US, "effective": "2016-11-04"}),
    ("withdrawal-notified", {"party": US, "acted": "2019-11-04", "effective": "2020-11-04"}),
    ("consent-expressed", {**ACCEPTED, "effective": "2021-01-20"}),
    ("entered-into-force-for", {"party": US, "effective": "2021-02-19"}),
    ("withdrawal-notified", {"party": US, "acted": "2025-01-27", "effective": "2026-01-27"}),
    ("withdrawal-notified", {"party": US, "acted": "2025-01-27", "effective": "2025-01-27"}),
]
IDS = {DEPOSITARY: "secretary-general-of-the-united-nations", US: "us"}


def by_whom(number: int) -> tuple[str, str, str]:
    """Return who asserts a fact, on what basis and where: the last is the order's."""
    last = number == len(FACTS)
    return (US, "own-publication", ORDER) if last else (DEPOSITARY, "official-record", UN)


def commands() -> Iterator[list[str]]:
    yield ["init"]
    yield ["party", "add", DEPOSITARY, "--type", "organisation"]
    yield ["party", "add", US]
    for number, (verb, fields) in enumerate(FACTS, 1):
        by, basis, source = by_whom(number)
        words = [f"--{name}={IDS.get(value, value)}" for name, value in fields.items()]
        words += ["--asserted-by", IDS[by], "--basis", basis, "--source", source]
        yield ["record", f"agreement.{verb}", "paris-2015", *words]


def written() -> str:
    tables = [f'[[party]]\nname = "{DEPOSITARY}"\ntype = "organisation"\n']
    tables.append(f'[[party]]\nname = "{US}"\nid = "party/us"\ntype = "state"\n')
    for number, (verb, fields) in enumerate(FACTS, 1):
        by, basis, source = by_whom(number)
        told = {"type": f"agreement.{verb}", "subject": "paris-2015", **fields}
        told |= {"asserted_by": by, "basis": basis}
        lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]
        tables.append("\n".join(("[[fact]]", *lines, f"sources = [{json.dumps(source)}]", "")))
    return "\n".join(tables)


@pytest.fixture
def told(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Return how to ask where the United States stand, in the ledger of a folder."""
    monkeypatch.delenv("DEPOSITARY_LEDGER", raising=False)
    (tmp_path / "one").mkdir()
    monkeypatch.chdir(tmp_path / "one")

    def answer(day: str) -> Any:
        ran = ask("agreement", "standing", "paris-2015", "--as-of", day, "--json")
        assert ran.code == 0, ran.err
        return json.loads(ran.out)["answer"]["statuses"]

    return answer


DAYS = (
    *("2016-10-01", "2016-11-04", "2020-11-03", "2020-11-04", "2021-01-25", "2021-02-19"),
    *("2025-06-01", "2026-01-27"),
)


def test_twelve_facts_take_at_most_twenty_commands_or_one_file(
    told: Callable[[str], Any], ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = list(commands())
    assert len(typed) <= 20
    for words in typed:
        ran = ask(*words)
        assert ran.code == 0, (words, ran.err)
    answers = [told(day) for day in DAYS]
    assert [one["party"] for one in answers[0]] == ["party/us"]
    assert len({json.dumps(one) for one in answers}) > 4

    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "two")
    (tmp_path / "two" / "paris.toml").write_text(written(), "utf-8")
    assert ask("init").code == 0
    ran = ask("append", "paris.toml")
    assert ran.code == 0, ran.err
    assert [told(day) for day in DAYS] == answers
    assert "nothing is new" in ask("append", "paris.toml").err

    disputes = json.loads(ask("disputes", "--json").out)["rows"]
    assert [(one["type"], one["fields"]) for one in disputes] == [
        ("agreement.withdrawal-notified", ["effective"])
    ]


def test_what_is_wrong_in_a_file_is_told_by_its_own_number_and_line(
    told: Callable[[str], Any], ask: Ask, refused: Callable[[Any, int], list[str]]
) -> None:
    del told
    ask("init")
    Path("wrong.toml").write_text(written().replace('"acceptance"', '"accepting"', 1), "utf-8")
    lines = refused(ask("append", "wrong.toml"), 5)
    assert lines[0].startswith("error: fact 5 of wrong.toml, line ")
    Path("wrong.toml").write_text(written().replace('"organisation"', '"body"', 1), "utf-8")
    lines = refused(ask("append", "wrong.toml"), 5)
    assert lines[0].startswith("error: party 1 of wrong.toml, line 1 ")
    Path("wrong.toml").write_text(written().replace("[[party]]", "[[parties]]", 1), "utf-8")
    lines = refused(ask("append", "wrong.toml"), 5)
    assert lines[2] == "  next: write [[party]]"


BANK = "Bank of Central African States"
LAW_STORY = f"""
[[party]]
name = "{BANK}"
id = "party/beac"
type = "organisation"

[[party]]
name = "RFI"
type = "publisher"

[[party]]
name = "Central African Republic"
type = "state"

[[fact]]
type = "party.stated"
subject = "{BANK}"
gist = "The law does not agree with the conventions of the union."
asserted_by = "RFI"
basis = "press"
sources = [{{ source = "https://example.org/1", published = "2023-03-20", origin = "{BANK}" }}]

[[fact]]
type = "meeting.held"
subject = "meeting/bangui"
mode = "unstated"
topics = ["bitcoin-law"]
participants = [{{ party = "{BANK}" }}, {{ party = "Central African Republic" }}]
asserted_by = "RFI"
basis = "press"
sources = ["https://example.org/1,published=2023-03-20"]
"""


def test_a_name_of_the_file_stands_for_its_party_wherever_a_party_may_stand(
    told: Callable[[str], Any], ask: Ask
) -> None:
    """As the subject, in a table in a list, and as the origin of a source that is new."""
    del told
    ask("init")
    ran = ask("append", "-", stdin=LAW_STORY)
    assert ran.code == 0, ran.err
    rows = json.loads(ask("log", "--party", "beac", "--json").out)["rows"]
    assert [row["type"] for row in rows] == ["party.established", "party.stated", "meeting.held"]
    assert rows[1]["subject"] == "party/beac"
    took_part = [one["party"] for one in rows[2]["says"]["participants"]]
    assert took_part == ["party/beac", "party/cf"], "of a State the code, as party add gives it"
    stated = json.loads(ask("event", "show", f"@{rows[1]['position']}", "--json").out)
    assert stated["event"]["data"]["sources"][0]["origin"] == "party/beac"


def test_an_agreement_without_a_title_is_called_by_its_kind_its_sides_and_its_day(
    told: Callable[[str], Any], ask: Ask
) -> None:
    del told
    ask("init")
    for name in ("Lugano", "Tether"):
        assert ask("party", "add", name, "--type", "organisation").code == 0
    by = (
        "--asserted-by",
        "lugano",
        "--basis",
        "own-publication",
        "--source",
        "https://lugano.ch/1",
    )
    signed = ("--mode", "unstated", "--effective", "2022-03-03", *by)
    for party in ("lugano", "tether"):
        ran = ask("record", "agreement.signed", "plan-b", "--party", party, *signed)
        assert ran.code == 0, ran.err
    heading = "of Lugano and Tether, signed 2022-03-03"
    for words in (("agreement", "show"), ("agreement", "standing"), ("cite",), ("explain",)):
        named = "plan-b" if len(words) == 2 else "agreement/plan-b"
        text = " ".join(ask(*words, named).out.split())
        assert f"Agreement {heading} (agreement/plan-b)" in text
    described = ("--kind", "memorandum", "--parties", "lugano,tether", *by)
    assert ask("record", "agreement.described", "plan-b", *described).code == 0
    assert f"Memorandum {heading}" in ask("agreement", "show", "plan-b").out
    titled = ("--title", "Plan B", "--key", "title", *by)
    assert ask("record", "agreement.described", "plan-b", *titled).code == 0
    assert ask("agreement", "show", "plan-b").out.startswith("Plan B (agreement/plan-b)\n")


def test_a_party_may_be_named_as_it_is_called_on_the_command_line(
    told: Callable[[str], Any], ask: Ask
) -> None:
    for words in list(commands())[:4]:
        assert ask(*words).code == 0
    signed = list(commands())[6]
    named = [DEPOSITARY if word == IDS[DEPOSITARY] else word for word in signed]
    named = [f"--party={US}" if word == "--party=us" else word for word in named]
    ran = ask(*named)
    assert ran.code == 0, ran.err
    assert f"note: {DEPOSITARY} is read as party/{IDS[DEPOSITARY]}\n" in ran.err
    assert f"note: {US} is read as party/us\n" in ran.err
    assert "nothing is new" in ask(*signed).err
    assert told("2016-10-01")[0]["party"] == "party/us"


def test_a_reserve_is_found_by_its_holder_also_where_that_has_no_date(
    told: Callable[[str], Any], ask: Ask, refused: Callable[[Any, int], list[str]]
) -> None:
    del told
    ask("init")
    said = ("--asserted-by", "bt", "--basis", "own-publication", "--source", "https://example.bt/1")
    assert ask("party", "add", "Bhutan").code == 0
    assert ask("record", "reserve.established", "reserve/druk", "--holder", "bt", *said).code == 0
    for typed in ("bhutan", "Bhutan"):
        ran = ask("reserve", "show", typed)
        assert (ran.code, ran.err) == (0, f"note: {typed} is read as druk\n")
    lines = refused(ask("reserve", "show", "bhutan", "--policy", "prefer:xy"), 3)
    assert lines[0] == "error: no such party"  # and no fourth line for the word that was understood
    wrong = ("source", "url", "ftp://example.bt/1")
    Path("wrong.toml").write_text('[[{}]]\n{} = "{}"\n'.format(*wrong), "utf-8")
    assert "https, http or doi" in refused(ask("append", "wrong.toml"), 5)[1]
