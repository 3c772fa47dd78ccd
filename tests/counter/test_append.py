"""Do the facts of a file get into the record as people wrote them, all or none?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.envelope import open_envelope
from tests.counter.held_and_signed import HELD, SIGNED

Ask = Callable[..., Any]
PUBLISHED_EARLY = "published-before-it-happened"
Recorded = Callable[[], list[Any]]


def data_of(row: Any) -> dict[str, Any]:
    return open_envelope(row.state).data


def test_a_fact_is_recorded_and_told_with_its_position_id_and_type(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    ran = ask("append", "-", stdin=HELD)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[1].split() == [
        "@7", "reserve/sv/2", "reserve.holding-reported", "recorded",
    ]  # fmt: skip
    assert "depositary retract @7 --reason recording-error" in ran.err
    assert [row.position for row in recorded()] == list(range(1, 8))


def test_people_s_words_become_the_bytes_of_the_catalogue(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    assert ask("append", "-", stdin=HELD).code == 0
    assert data_of(recorded()[-1]) == {
        "amount": {
            "unit": "sat",
            "lower": 624_000_000_000,
            "lower_open": True,
            "words": "over 6,240 BTC",
        },
        "asserted_by": "party/onbtc",
        "basis": "own-publication",
        "effective": "2025-07-17",
        "scope": "unstated",
        "sources": [{"source": "source/onbtc"}],
    }


def test_toml_and_ndjson_say_the_same(ledger: Path, ask: Ask) -> None:
    assert ask("append", "-", stdin=HELD).code == 0
    line = {
        "type": "reserve.holding-reported",
        "subject": "reserve/sv",
        "amount": "over 6,240 BTC",
        "scope": "unstated",
        "effective": "2025-07-17",
        "asserted_by": "party/onbtc",
        "basis": "own-publication",
        "sources": [{"source": "source/onbtc"}],
    }
    again = ask("append", "-", stdin="\ufeff" + json.dumps(line) + "\r\n\n")
    assert again.code == 0, again.err
    assert again.out.split()[-4:] == ["already", "recorded", "as", "@7"]


def test_thing_is_read_as_the_subject(
    ledger: Path, ask: Ask, recorded: Recorded, tmp_path: Path
) -> None:
    old = HELD.replace("subject = ", "thing = ")
    assert old != HELD
    assert ask("append", "-", stdin=old).code == 0
    assert ask("append", "-", stdin=HELD).err == "nothing is new: 1 fact, already recorded\n"
    both = HELD.replace("[[fact]]", "[[fact]]\nthing = 'reserve/pk'")
    ran = ask("append", "-", stdin=both)
    assert ran.code == 5
    assert "subject: stands twice" in ran.err
    new_text = old.replace("thing = ", "note = 'Corrected.'\nthing = ")
    corrected_file = tmp_path / "new.toml"
    corrected_file.write_text(new_text, "utf-8")
    last = f"@{recorded()[-1].position}"
    corrected = ask("correct", last, corrected_file, "--reason", "recording-error")
    assert corrected.code == 0, corrected.err


def test_what_is_recorded_already_is_left_alone(ledger: Path, ask: Ask, recorded: Recorded) -> None:
    first = ask("append", "-", stdin=HELD + HELD)
    before = recorded()
    again = ask("append", "-", stdin=HELD + SIGNED)
    assert (first.code, again.code) == (0, 0)
    assert first.out.splitlines()[2].endswith("already recorded as @7")
    assert again.out.splitlines()[1].endswith("already recorded as @7")
    assert again.err.startswith("recorded: 2 facts; already recorded: 1 fact\n")
    assert recorded()[:7] == before
    assert ask("append", "-", stdin=HELD).err == "nothing is new: 1 fact, already recorded\n"


def test_what_was_retracted_is_revived_and_not_repeated(ledger: Path, ask: Ask) -> None:
    assert ask("append", "-", stdin=SIGNED).code == 0
    again = ask("append", "-", stdin=SIGNED)
    assert again.code == 5
    assert "to revive it, retract agreement/a-paper/2" in again.err


def test_a_label_names_an_earlier_fact_of_the_file(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    assert ask("append", "-", stdin=SIGNED).code == 0
    assert data_of(recorded()[-1])["target"] == "agreement/a-paper/1"


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ('label = "Strategic Reserve"', True),
        ('label = "Strategic Reserve"\nlabel_ = "Strategic Reserve"', False),
        ('label = "opened"', False),  # a label for targets, not used this time
        ('label_ = "Strategic Reserve"', False),
    ],
)
def test_a_label_that_was_meant_as_the_subjects_name_is_told(
    own: str, told: bool, ledger: Path, ask: Ask
) -> None:
    opened = f"""
        [[fact]]
        type = "reserve.announced"
        subject = "reserve/sv"
        {own}
        holder = "sv"
        asserted_by = "imf"
        basis = "other-public-body"
        sources = ["onbtc"]
    """
    note = "note at fact 1: label is no part of the fact"
    for command in ("check", "append"):
        ran = ask(command, "-", stdin=opened)
        assert ran.code == 0, ran.err
        assert (note in ran.err, "label_ = 'Strategic Reserve'" in ran.err) == (told, told)


def test_a_position_names_an_event(ledger: Path, ask: Ask, recorded: Recorded) -> None:
    assert ask("append", "-", stdin=HELD).code == 0
    denied = """
        [[fact]]
        type = "claim.denied"
        subject = "reserve/sv"
        target = "@7"
        ground = "It says so."
        asserted_by = "imf"
        basis = "other-public-body"
        sources = ["onbtc"]
    """
    assert ask("append", "-", stdin=denied).code == 0
    assert data_of(recorded()[-1])["target"] == "reserve/sv/2"


def test_a_set_may_be_given_in_any_order(ledger: Path, ask: Ask, recorded: Recorded) -> None:
    described = """
        [[fact]]
        type = "agreement.described"
        subject = "a-paper"
        parties = ["sv", "party/imf", "onbtc"]
        topics = "energy"
        asserted_by = "onbtc"
        basis = "own-publication"
        sources = ["source/onbtc"]
    """
    assert ask("append", "-", stdin=described).code == 0
    assert data_of(recorded()[-1])["parties"] == ["party/imf", "party/onbtc", "party/sv"]
    assert data_of(recorded()[-1])["topics"] == ["energy"]


def test_a_correction_s_new_text_is_in_people_s_words_too(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    corrected = """
        [[fact]]
        type = "claim.corrected"
        subject = "reserve/sv"
        target = "@7"
        reason = "recording-error"
        data_type = "reserve.holding-reported"
        asserted_by = "recorder"
        basis = "recorder"
        [fact.data]
        amount = "6,242 BTC"
        scope = "unstated"
        effective = 2025-07-17
        asserted_by = "onbtc"
        basis = "own-publication"
        sources = "onbtc"
    """
    ran = ask("append", "-", stdin=HELD + corrected.replace('"@7"', '"reserve/sv/2"'))
    assert ran.code == 0, ran.err
    data = data_of(recorded()[-1])
    assert data["data_type"] == "reserve.holding-reported.v1"
    assert data["data"]["amount"]["upper"] == 624_200_000_000


def test_an_instant_keeps_its_offset(ledger: Path, ask: Ask, recorded: Recorded) -> None:
    instant = HELD.replace("2025-07-17\n", "2025-07-17T18:01:00-06:00\n")
    assert ask("append", "-", stdin=instant).code == 0
    assert data_of(recorded()[-1])["effective"] == "2025-07-17T18:01:00-06:00"


def test_several_files_are_one_batch(
    ledger: Path, ask: Ask, recorded: Recorded, tmp_path: Path
) -> None:
    good, bad = tmp_path / "1.toml", tmp_path / "2.toml"
    good.write_text(HELD)
    bad.write_text(HELD.replace("over 6,240 BTC", "6,240 USD"))
    before = recorded()
    assert ask("append", good, bad).code == 5
    assert recorded() == before
    assert ask("append", good).code == 0


def test_a_rehearsal_decides_and_writes_nothing(ledger: Path, ask: Ask, recorded: Recorded) -> None:
    before = recorded()
    ran = ask("append", "-", "--dry-run", stdin=SIGNED)
    assert ran.code == 0
    assert ran.out.count("would be recorded") == 2
    assert ran.err.startswith("nothing was written")
    assert recorded() == before


@pytest.mark.parametrize("format_", ["json", "ndjson", "csv"])
def test_scripts_get_the_position_as_a_number(ledger: Path, ask: Ask, format_: str) -> None:
    ran = ask("append", "-", "--format", format_, stdin=HELD)
    if format_ == "csv":
        assert ran.out.splitlines() == [
            "position,id,type,outcome,findings",
            "7,reserve/sv/2,reserve.holding-reported,recorded,",
        ]
        return
    told = json.loads(ran.out)
    assert (told[0] if format_ == "json" else told) == {
        "position": 7,
        "id": "reserve/sv/2",
        "type": "reserve.holding-reported",
        "outcome": "recorded",
        "findings": [],
    }


def test_a_finding_is_told_and_the_fact_recorded(ledger: Path, ask: Ask) -> None:
    disposed = """
        [[fact]]
        type = "reserve.disposed"
        subject = "reserve/sv"
        amount = "3 BTC"
        mode = "sale"
        effective = "2025-07-18"
        asserted_by = "onbtc"
        basis = "own-publication"
        sources = "onbtc"
    """
    ran = ask("append", "-", stdin=disposed)
    assert ran.code == 0
    assert "finding at @7, reserve/sv/2: overdrawn: 3 BTC leaves" in ran.err
    assert ran.out.splitlines()[1].endswith("overdrawn")


CONSENT = """
[[fact]]
type = "agreement.described"
subject = "agreement/a-paper"
binding = "non-binding"
effective = "2025-07-01"
asserted_by = "onbtc"
basis = "own-publication"
sources = "onbtc"

[[fact]]
type = "agreement.consent-expressed"
subject = "agreement/a-paper"
party = "party/sv"
mode = "ratification"
effective = "2025-07-18"
asserted_by = "onbtc"
basis = "own-publication"
sources = "onbtc"
"""


@pytest.mark.parametrize("how", [("append",), ("append", "--dry-run"), ("check",)])
@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ('sources = [{ source = "source/onbtc", published = "2025-07-01" }]', PUBLISHED_EARLY),
        ('effective = "2300-01-01"', "day-far-ahead"),
        ('amount = "0 BTC"', "zero-amount"),
    ],
)
def test_what_is_odd_about_a_fact_by_itself_is_told(
    ledger: Path, ask: Ask, how: tuple[str, ...], wrong: str, name: str
) -> None:
    fact = HELD.replace("holding-reported", "acquired").replace('scope = "unstated"', "")
    right = [line for line in fact.splitlines() if not line.startswith(wrong.split(maxsplit=1)[0])]
    ran = ask(*how, "-", stdin="\n".join([*right, 'mode = "purchase"', wrong]))
    assert f"{name}: " in ran.out + ran.err
    assert "day-far-ahead" not in ask(*how, "-", stdin=HELD).err


def test_as_reported_records_what_a_rule_would_refuse(
    ledger: Path, ask: Ask, recorded: Recorded
) -> None:
    before = recorded()
    refused = ask("append", "-", stdin=CONSENT)
    assert (refused.code, recorded()) == (5, before)
    assert "not-binding" in refused.err
    taken = ask("append", "-", "--as-reported", stdin=CONSENT)
    assert taken.code == 0, taken.err
    assert "not-binding" in taken.err
    assert len(recorded()) == len(before) + 2


def test_the_answers_have_caught_up_when_an_append_is_done(ledger: Path, ask: Ask) -> None:
    ask("append", "-", stdin=HELD)
    assert json.loads(ask("status", "--json").out)["answers"] == {"position": 7}


def test_a_thing_that_looks_like_another_is_asked_about(ledger: Path, ask: Ask) -> None:
    ran = ask("append", "-", stdin=HELD.replace('"sv"', '"reserve/slv"'))
    assert ran.code == 0
    assert "reserve/slv is new in this ledger: did you mean reserve/sv?" in ran.err


def test_the_bundled_story_is_recorded_in_the_order_of_its_files(ledger: Path, ask: Ask) -> None:
    story = sorted((Path(__file__).parents[2] / "cli" / "story").glob("*.toml"))
    folder = ledger.parent / "story"
    assert ask("init", folder).code == 0
    ran = ask("--ledger", folder, "append", *story)
    assert ran.code == 0, ran.err
    assert "already recorded" not in ran.out
    again = ask("--ledger", folder, "append", *story)
    assert again.err.startswith("nothing is new")


BOUGHT = """
[[fact]]
type = "reserve.acquired"
subject = "reserve/sv"
amount = "1 BTC"
mode = "mining"
effective = "2025-07-17"
asserted_by = "party/recorder"
basis = "recorder"
"""


@pytest.mark.parametrize(("command", "code"), [("append", 5), ("check", 1)])
def test_two_acts_alike_in_one_file_need_a_key(
    command: str, code: int, ledger: Path, ask: Ask
) -> None:
    ran = ask(command, "-", stdin=BOUGHT * 2)
    assert ran.code == code
    assert "an earlier fact of the file says the same of reserve/sv" in ran.out + ran.err
    assert command == "check" or "give each a key" in ran.err
    keyed = f'{BOUGHT}key = "1"\n{BOUGHT}key = "2"\n'
    assert ask(command, "-", stdin=keyed).code == 0
    if command == "append":
        assert ask("append", "-", stdin=BOUGHT).code == 0
        assert "already recorded" in ask("append", "-", stdin=BOUGHT).out
        assert ask("append", "-", stdin=HELD * 2).code == 0  # measured twice, it is one figure


def test_all_that_is_refused_in_a_file_is_counted(ledger: Path, turned_away: Ask) -> None:
    place = """
        [[party]]
        name = "Saxony"
        type = "subdivision"
    """
    act = """
        [[fact]]
        type = "reserve.disposed"
        subject = "reserve/sv"
    """
    one = turned_away("append", "-", stdin=place)
    assert "did you mean agency?" in one.err
    assert "more fact" not in one.err
    several = turned_away("append", "-", stdin=place + act + act)
    assert several.code == 5
    assert "; 2 more facts would be refused\n" in several.err
    assert "next: depositary check -, which names them all" in several.err


@pytest.mark.parametrize(
    ("amount", "note"),
    [
        ("12.000 BTC", "note: '12.000 BTC' is read as 12 BTC"),
        ("about 49.857 BTC", "note: 'about 49.857 BTC' is read as about 49.857 BTC"),
        ("over 3.500 and under 4.500 BTC", "is read as over 3.5 and under 4.5 BTC"),
        ("0.125 BTC", ""),
        ("12.5 BTC", ""),
        ("12,000 BTC", ""),
        ("1,234.500 BTC", ""),
    ],
)
def test_an_amount_whose_point_may_set_thousands_off_is_told(
    amount: str, note: str, ledger: Path, ask: Ask
) -> None:
    words = ("record", "reserve.holding-reported", "reserve/sv", "--amount", amount)
    said = ("--effective", "2025", "--asserted-by", "imf", "--basis", "press", "--source", "onbtc")
    ran = ask(*words, *said, "--dry-run")
    assert ran.code == 0, ran.err
    told = ran.err
    assert note in told
    assert ("is read as" in told) == bool(note)
