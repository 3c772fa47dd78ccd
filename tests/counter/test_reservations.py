"""Does `agreement reservations` say what each does between every two States, and from when?"""

import json
from pathlib import Path
from typing import Any

import pytest

HEAD = 'asserted_by = "party/onbtc"\nbasis = "official-record"\nsources = ["source/onbtc"]\n'


def act(type_: str, on: str, own: str) -> str:
    """Return a fact of the convention in TOML."""
    return (
        f'[[fact]]\ntype = "agreement.{type_}"\nsubject = "agreement/convention"\n'
        f'effective = "{on}"\n{HEAD}{own}\n\n'
    )


CONSENTS = act("described", "1984-01-01", 'kind = "convention"\nbinding = "binding"') + "".join(
    act("consent-expressed", "1985-01-01", f'party = "party/{who}"\nmode = "accession"')
    for who in ("sv", "imf", "onbtc")
)
RESERVED = 'party = "party/sv"\nref = "r1"\ngist = "not article 5"\narticles = ["5"]\n'
NOTIFIED = act("reservation-formulated", "1985-01-01", f'{RESERVED}notified = "1985-02-10"')
UNTOLD = act("reservation-formulated", "1985-01-01", RESERVED)
OBJECTED = act("reservation-objected", "1985-06-01", 'ref = "r1"\nby = "party/imf"')
PRECLUDES = act(
    "reservation-objected", "1985-06-01", 'ref = "r1"\nby = "party/imf"\nprecludes = true'
)


@pytest.fixture
def matrix(ask: Any, ledger: Path) -> Any:
    """Record facts, and ask for the matrix as a script."""

    def asked(facts: str, as_of: str) -> Any:
        ran = ask("append", "-", stdin=facts)
        assert ran.code == 0, ran.err
        ran = ask("--json", "agreement", "reservations", "convention", "--as-of", as_of)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return asked


def effects(found: Any) -> dict[str, tuple[str, str | None]]:
    """Return the effect towards each other State, and since when."""
    pairs = found["answer"]["pairs"]
    assert {(pair["reserving"], pair["ref"]) for pair in pairs} == {("party/sv", "r1")}
    return {pair["other"]: (pair["effect"], pair["since"]) for pair in pairs}


def test_silence_accepts_twelve_months_after_notice(matrix: Any) -> None:
    found = matrix(CONSENTS + NOTIFIED, "1986-02-10")
    accepted = ("accepted", "1986-02-10")
    assert effects(found) == {"party/imf": accepted, "party/onbtc": accepted}


def test_the_day_before_it_is_pending_and_the_day_is_named(matrix: Any, ask: Any) -> None:
    found = matrix(CONSENTS + NOTIFIED, "1986-02-09")
    assert effects(found)["party/imf"] == ("pending", "1986-02-10")
    page = ask("agreement", "reservations", "convention", "--as-of", "1986-02-09").out
    assert "from 1986-02-10" in page


def test_without_a_day_of_notice_nobody_can_tell(matrix: Any) -> None:
    found = matrix(CONSENTS + UNTOLD, "1990-01-01")
    (one, _) = found["answer"]["pairs"]
    assert (one["effect"], one["since"]) == ("cannot tell", None)
    assert one["missing"] == "the day on which party/imf was notified"


def test_an_objection_holds_for_its_pair_alone(matrix: Any) -> None:
    found = matrix(CONSENTS + NOTIFIED + OBJECTED, "1990-01-01")
    assert effects(found) == {
        "party/imf": ("objected", "1985-06-01"),
        "party/onbtc": ("accepted", "1986-02-10"),
    }
    (one,) = found["answer"]["reservations"]
    assert one["objections"] == [{"by": "party/imf", "on": "1985-06-01", "precludes": False}]


def test_one_that_precludes_keeps_the_agreement_from_being_in_force_between_them(
    matrix: Any,
) -> None:
    found = matrix(CONSENTS + NOTIFIED + PRECLUDES, "1990-01-01")
    assert effects(found)["party/imf"] == ("not in force between", "1985-06-01")


def test_a_reservation_withdrawn_has_no_row(matrix: Any, ask: Any) -> None:
    gone = act("reservation-withdrawn", "1987-01-01", 'ref = "r1"')
    found = matrix(CONSENTS + NOTIFIED + gone, "1988-01-01")
    assert (found["answer"]["reservations"], found["answer"]["pairs"]) == ([], [])
    page = ask("agreement", "reservations", "convention", "--as-of", "1988-01-01").out
    assert "no reservation is in effect" in page
    before = ask("agreement", "reservations", "convention", "--as-of", "1986-12-31").out
    assert "not article 5" in before


def test_an_acceptance_that_an_unsure_objection_may_undo_is_shown_with_it(matrix: Any) -> None:
    vague = act("reservation-objected", "1985-06", 'ref = "r1"\nby = "party/imf"')
    found = matrix(CONSENTS + NOTIFIED + vague, "1985-06-15")
    (one,) = [pair for pair in found["answer"]["pairs"] if pair["other"] == "party/imf"]
    assert (one["effect"], one["perhaps"]) == ("pending", "objected")
    assert found["answer"]["certain"] is False


def test_pairs_are_rows_for_a_spreadsheet(matrix: Any, ask: Any) -> None:
    matrix(CONSENTS + NOTIFIED, "1990-01-01")
    csv = ask("--csv", "agreement", "reservations", "convention", "--as-of", "1990-01-01").out
    assert csv.splitlines() == [
        "reserving,ref,other,effect,since,missing,perhaps",
        "party/sv,r1,party/imf,accepted,1986-02-10,,",
        "party/sv,r1,party/onbtc,accepted,1986-02-10,,",
    ]
