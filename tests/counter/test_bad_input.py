"""Is what cannot be recorded refused: an exit code, three lines, and nothing written?

The rows are those of the list "Bad input" that speak of a file and its facts; those about the
ledger and the machine are in test_bad_places.py.
"""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Ask = Callable[..., Any]
Recorded = Callable[[], list[Any]]
Run = Callable[..., CompletedProcess[str]]

GOOD = {
    "type": "reserve.holding-reported",
    "subject": "reserve/sv",
    "amount": "6,242 BTC",
    "scope": "unstated",
    "effective": "2025-07-17",
    "asserted_by": "party/onbtc",
    "basis": "own-publication",
    "sources": [{"source": "source/onbtc", "published": "2025-07-17"}],
}


def toml(**changes: Any) -> str:
    """Write the good fact as TOML, with fields changed, or left out where they are None."""
    fact = {**GOOD, **changes}
    lines = [f"{k} = {_value(v)}" for k, v in fact.items() if v is not None]
    return "\n".join(["[[fact]]", *lines, ""])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {_value(v)}' for k, v in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def line(text: str, *, instead_of: str = '"unstated"') -> str:
    """Write the good fact as a line of JSON, with one part of it replaced."""
    written = json.dumps(GOOD)
    assert instead_of in written
    return written.replace(instead_of, text, 1)


def test_the_good_fact_is_good(ledger: Path, ask: Ask) -> None:
    assert ask("append", "-", stdin=toml()).code == 0
    assert "already recorded" in ask("append", "-", stdin=json.dumps(GOOD)).out


MARK = "\u202e"
BAD_FACTS = {
    "an unknown type": (toml(type="reserve.holding-report"), "did you mean reserve.holding-rep"),
    "a type with its version": (toml(type="reserve.lost.v1"), "did you mean reserve.lost"),
    "a type of another kind": (toml(type="agreement.concluded", amount=None, scope=None),
                               "agreement.concluded is not recorded about reserve/sv"),
    "no type": (toml(type=None), "type: is missing"),
    "a type that is not text": (toml(type=5), "type = 5: 5 is not text"),
    "an unknown kind of thing": (toml(subject="reserves/sv"), "did you mean reserve/sv?"),
    "a thing by another code": (toml(subject="SLV"), "did you mean reserve/sv?"),
    "no thing": (toml(subject=None), "subject: is missing"),
    "an unknown field": (toml(amont="1 BTC"),
                         'amont = "1 BTC": is not a field of this type: did you mean amount?'),
    "an unknown party": (toml(asserted_by="party/onbtcs"), "did you mean party/onbtc?"),
    "a party by another code": (toml(asserted_by="SLV"), "did you mean party/sv?"),
    "an unknown source": (toml(sources=["source/obntc"]), "did you mean source/onbtc?"),
    "an unknown origin": (toml(sources=[{"source": "source/onbtc", "origin": "party/svx"}]),
                          "party/svx is not in this ledger"),
    "a missing field": (toml(amount=None, basis=None), "press, recorder; amount: is missing"),
    "a wrong unit": (toml(amount="6,242 MW"), "but BTC is wanted here"),
    "no unit": (toml(amount="6242"), "has no unit, but BTC is wanted here: write 6242 BTC"),
    "an amount that is not text": (toml(amount=6242), "write an amount as text with its unit"),
    "a float": (toml(amount=6242.5), "amount: 6242.5 is not a whole number"),
    "infinity": (toml().replace('"6,242 BTC"', "inf"), "amount: inf is not a whole number"),
    "no number": (toml().replace('"6,242 BTC"', "nan"), "amount: nan is not a whole number"),
    "a negative amount": (toml(amount="-1 BTC"), "an amount is never negative"),
    "more than all bitcoin": (toml(amount="21,000,001 BTC"), "more than all bitcoin"),
    "a ninth digit": (toml(amount="0.000000001 BTC"), "behind the point"),
    "a day that is none": (toml(effective="2025-02-30"), "'2025-02-30' is not an EDTF date"),
    "another notation": (toml(effective="07/18/2025"), "'07/18/2025' is not an EDTF date"),
    "a moment without offset": (toml().replace('"2025-07-17"', "2025-07-17T18:01:00", 1),
                                "has no offset"),
    "a reversed range": (toml(effective="2025-07-18/2025-07-16"), "effective"),
    "a reversed amount": (toml(amount="120 to 100 BTC"), "amount"),
    "a fact without source": (toml(sources=None), "a fact needs a source"),
    "an empty list of sources": (toml(sources=[]), "an empty set is not recorded"),
    "a source named twice": (toml(sources=["source/onbtc", "onbtc"]), "has each member once"),
    "a fact without asserter": (toml(asserted_by=None), "asserted_by: is missing"),
    "a fact without basis": (toml(basis=None), "basis: is missing"),
    "an unknown basis": (toml(basis="on-chan"), "did you mean on-chain?"),
    "text that is not NFC": (toml(note="San Sebastia\u0301n"), "not in Unicode normal form C"),
    "a control character": (toml(note="a\u0007b"), "character 2 is U+0007"),
    "a bidi character": (toml(note=f"a{MARK}b"), "RIGHT-TO-LEFT OVERRIDE"),
    "true for a number": (toml(amount=True), "amount = true: true is not an amount"),
    "true for a text": (toml(note=True), "note = true: is true, but text of at most"),
    "false for a mark": (toml(relayed=False), "is false: leave the field out"),
    "one name twice": (toml(scope_="all"), "scope"),
    "a label of no earlier fact": (
        toml(type="claim.retracted", amount=None, scope=None, target="a-lot", reason="duplicate"),
        "'a-lot' is the label of no earlier fact"),
    "a position that is not there": (
        toml(type="claim.retracted", amount=None, scope=None, target="@99", reason="duplicate"),
        "there is no event @99"),
    "a fact about the ledger": (toml(type="ledger.opened", subject="ledger/self"),
                                "are recorded by depositary alone"),
    "JSON: one name twice": (line('"unstated", "scope": "all"'), "scope: stands twice"),
    "JSON: null": (line("null"), "scope: is null"),
    "JSON: NaN": (line("NaN"), "scope: NaN is not a whole number"),
    "JSON: 1e400": (line("1e400"), "scope: 1e400 is not a whole number"),
    "JSON: a fraction": (line("1.0", instead_of='"6,242 BTC"'), "amount: 1.0 is not a whole"),
    "JSON: a float inside": (line('{"unit": "sat", "lower": 1.5}', instead_of='"6,242 BTC"'),
                             "1.5 is not a whole number"),
    "JSON: true for a number": (line('{"unit": "sat", "lower": true}', instead_of='"6,242 BTC"'),
                                "amount.lower"),
    "JSON: a number too large": (line(f'{{"unit": "sat", "lower": {2**53}}}',
                                      instead_of='"6,242 BTC"'), "larger than 2^53"),
    "JSON: text in a number": (line('{"unit": "sat", "lower": "1"}', instead_of='"6,242 BTC"'),
                               "amount.lower"),
    "JSON: NUL": (line('"a\\u0000b"'), "scope"),
    "JSON: half a character": (line('"\\ud800"'), "scope = \"\\ud800\": holds half a character"),
    "JSON: cut off": (line("")[:40], "the line is not JSON"),
    "JSON: a list": ("{}\n[1]", "type: is missing; subject: is missing"),
    "JSON: nested deeply": ('{"a":' + "[" * 100_000, "the line is not JSON"),
    "JSON: a table in tables": (line('{"a":' * 900 + "1" + "}" * 900,
                                     instead_of='"6,242 BTC"'), "amount: is nested too deeply"),
    "tables by dots": (toml(amount=None) + f"amount{'.a' * 5000} = 1", "amount: is nested"),
    "a number of 25 digits": (toml(amount=None) + f"amount = {{ lower = {10**25} }}", "2^53"),
    "JSON: a stored event": ('{"position": 413, "event": {"id": "party/sv/1"}}',
                             "a stored event of a log"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_FACTS)
def test_a_bad_fact_is_refused_with_its_number_and_field(what: str, turned_away: Ask) -> None:
    text, told = BAD_FACTS[what]
    ran = turned_away("append", "-", stdin=text)
    assert ran.code == 5
    assert told in ran.err
    assert ran.err.startswith("error: fact 1 of standard input, line 1 is refused: ")


def test_half_a_batch_is_no_batch(turned_away: Ask) -> None:
    ran = turned_away("append", "-", stdin=toml() + toml(effective="2025-07-18", amount="1 USD"))
    assert ran.code == 5
    assert ran.err.startswith("error: fact 2 of standard input, line 10 is refused")
    assert 'reserve/sv, reserve.holding-reported: amount = "1 USD": ' in ran.err


def test_an_asserter_corrects_and_does_not_contradict_itself(
    ledger: Path, turned_away: Ask
) -> None:
    ran = turned_away("append", "-", stdin=toml() + toml(amount="6,102 BTC"))
    assert ran.code == 5
    assert "contradicts-itself" in ran.err
    assert "correct reserve/sv/2 if it was wrong" in ran.err


def test_a_key_stands_for_one_fact(ledger: Path, turned_away: Ask) -> None:
    lot = {"type": "reserve.lost", "amount": None, "scope": None, "key": "row 1"}
    ran = turned_away("append", "-", stdin=toml(**lot, cause="a") + toml(**lot, cause="b"))
    assert ran.code == 5
    assert "key-taken" in ran.err


def test_an_event_has_65535_bytes_at_most(ledger: Path, ask: Ask, turned_away: Ask) -> None:
    addresses = [f"{n:090d}" for n in range(800)]
    disclosed = {"type": "reserve.address-disclosed", "amount": None, "scope": None, "to": "public"}
    ran = turned_away("append", "-", stdin=toml(**disclosed, addresses=addresses))
    assert ran.code == 5
    assert ran.err.startswith("error: fact 1 of standard input, line 1 is refused")
    assert "an event has at most 65,535" in ran.err
    assert ask("append", "-", stdin=toml(**disclosed, addresses=addresses[:600])).code == 0


BAD_FILES: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "there is no fact"),
    "only a remark": ("# no fact\n", "there is no fact"),
    "another table": ("[[facts]]\na = 1\n", "'facts' stands outside the tables [[fact]]"),
    "one table": ('[fact]\ntype = "reserve.lost"\n', "'fact' stands outside"),
    "no UTF-8": (toml(note="José").encode("latin-1"), "line 10: invalid"),
    "UTF-16": (toml().encode("utf-16"), "is not UTF-8 text"),
    "NUL": (toml() + "\0", "line 10 holds NUL"),
    "a line of 10 MB": (toml(note="x" * 10 * 2**20), "line 10 has 10,485,769 bytes"),
    "one label twice": (toml(label="a") + toml(label="a"), "a label stands twice"),
    "a number without end": ("[[fact]]\na = " + "9" * 5000, "is not TOML"),
    "tables in tables": ("[[fact]]\na = " + "[" * 100_000, "is not TOML"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_refused_as_a_whole(what: str, turned_away: Ask) -> None:
    text, told = BAD_FILES[what]
    ran = turned_away("append", "-", stdin=text)
    assert ran.code == 5
    assert told in ran.err


def test_a_file_of_more_than_64_mb_is_not_read(turned_away: Ask, tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    with large.open("wb") as file:
        file.truncate(65 * 2**20)
    ran = turned_away("append", large)
    assert ran.code == 5
    assert "more than 67,108,864 bytes" in ran.err


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("[[fact]]\ntype = reserve.lost\n", "2:8", "type = reserve.lost"),
        ("[[fact]]\n\n\ta = 1\n\tb = 6,240\n", "4:7", " b = 6,240"),
        ('[[fact]]\ntype = "a\n', "2:10", 'type = "a'),
        ('[[fact]]\ntype = "a', "2:10", 'type = "a'),
        ("[[fact]\n", "1:7", "[[fact]"),
        ("[[fact]]\neffective = 2025-02-30\n", "2:13", "effective = 2025-02-30"),
    ],
)
def test_a_slip_in_toml_is_shown_with_line_column_and_caret(
    text: str, place: str, shown: str, ledger: Path, ask: Ask
) -> None:
    file = ledger / "facts.toml"
    file.write_text(text)
    ran = ask("append", file)
    what, excerpt, caret, then = ran.err.splitlines()
    assert ran.code == 5
    assert what.startswith(f"error: {file}:{place} is not TOML: ")
    assert excerpt == f"  {shown}"
    assert caret == " " * (1 + int(place.partition(":")[2])) + "^"
    assert then.startswith("  next: ")


def test_a_refusal_is_told_in_json_when_json_is_asked_for(ledger: Path, ask: Ask) -> None:
    ran = ask("append", "-", "--json", stdin=toml(amount="1 USD"))
    assert (ran.code, ran.out) == (5, "")
    told = json.loads(ran.err)["error"]
    assert told["exit"] == 5
    assert told["what"].startswith("fact 1 of standard input")
    assert "'1 USD' is in USD" in told["why"]
    assert told["next"] == "depositary template reserve.holding-reported"


def test_no_terminal_is_given_what_the_file_holds(turned_away: Ask) -> None:
    ran = turned_away("append", "-", stdin=line(f'"\\u001b[31m{MARK}"'))
    assert "\x1b" not in ran.err
    assert MARK not in ran.err
