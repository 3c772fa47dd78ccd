"""Is what a person writes of parties, types and values understood, and what is odd of it told?"""

from pathlib import Path
from typing import Any

import pytest

PARTIES = """
[[party]]
name = "Burundi"
[[party]]
name = "Registry of Treaties"
type = "publisher"
id = "party/registry"
"""
ACT = """
[[fact]]
type = "agreement.{type}"
subject = "agreement/rome"
{fields}
asserted_by = "party/registry"
basis = "official-record"
sources = [{{ source = "source/x", published = "2025-01-01" }}]
"""
IN_FORCE = ACT.format(
    type="entered-into-force", fields='mode = "definitive"\neffective = "2002-07-01"'
)
CONSENT = ACT.format(
    type="consent-expressed",
    fields='party = "party/bi"\nmode = "accession"\neffective = "2001-09-21"',
)
CITED = '[[source]]\nurl = "https://example.org/x"\nid = "source/x"\n'


def test_a_finding_of_what_the_same_file_records_further_on_is_not_told(
    ask: Any, ledger: Path
) -> None:
    ran = ask("append", "-", stdin=PARTIES + CITED + IN_FORCE + CONSENT)
    assert ran.code == 0, ran.err
    assert "consents-not-recorded" not in ran.err + ran.out
    other = IN_FORCE.replace("agreement/rome", "agreement/paris")
    ran = ask("append", "-", stdin=other + other.replace("definitive", "provisional"))
    assert "consents-not-recorded" in ran.err


def test_a_state_of_a_file_has_the_type_and_the_code_of_the_register(
    ask: Any, ledger: Path
) -> None:
    assert " party/bi/1 " in ask("append", "-", stdin=PARTIES).out
    ran = ask("append", "-", stdin='[[party]]\nname = "ACME"\n')
    assert ran.code == 5
    assert "party/acme, party.established: type: is missing: one of agency, company" in ran.err
    ran = ask("append", "-", stdin='[[party]]\nname = "Burundi"\ntype = "nation"\n')
    assert ran.err.count("did you mean") == 1
    assert "did you mean state?" in ran.err


def test_another_party_of_a_name_is_told(ask: Any, ledger: Path) -> None:
    assert ask("append", "-", stdin=PARTIES).code == 0
    ran = ask("party", "add", "registry of treaties", "--type", "agency", "--id", "unrt")
    assert "note: party/unrt has the name of party/registry" in ran.err
    ran = ask("append", "-", stdin='[[party]]\nname = "Registry of Parties"\ntype = "agency"\n')
    assert "has the name" not in ran.err


def test_a_party_is_read_by_its_name_in_small_letters(ask: Any, ledger: Path) -> None:
    assert ask("append", "-", stdin=PARTIES + CITED).code == 0
    words = ("record", "agreement.signed", "ect", "--mode", "simple", "--effective", "1994-12-17")
    told = ("--asserted-by", "registry", "--basis", "press", "--source", "x", "--dry-run")
    ran = ask(*words, "--party", "burundi", *told)
    assert ran.code == 0, ran.err
    assert "note: burundi is read as party/bi" in ran.err
    assert ask(*words, "--party", "bi", *told).code == 0
    assert "party/nowhere is not in this ledger" in ask(*words, "--party", "nowhere", *told).err


def test_a_wrong_option_leads_to_the_help_of_the_type(ask: Any, ledger: Path) -> None:
    ran = ask("record", "reserve.valued", "us", "--amount", "15 billion USD")
    assert ran.code == 2
    assert "next: depositary record reserve.valued --help" in ran.err
    assert "next: depositary party add --help" in ask("party", "add", "X", "--colour", "red").err


@pytest.mark.parametrize(
    "field", ["statuses.bi", "statuses Burundi", "statuses Burundi status", "statuses.party/bi"]
)
def test_a_value_is_explained_by_the_name_under_which_it_is_printed(
    ask: Any, ledger: Path, field: str
) -> None:
    assert ask("append", "-", stdin=PARTIES + CITED + IN_FORCE + CONSENT).code == 0
    ran = ask("explain", "agreement/rome", field)
    assert ran.code == 0, ran.err
    assert "statuses Burundi status: party" in ran.out
    assert ask("explain", "agreement/rome", "statuses Bhutan").code == 3
