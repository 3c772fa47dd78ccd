"""Does `agreement standing` say where each party stands, and hold claimed against computed?"""

import json
from pathlib import Path
from typing import Any

import pytest

HEAD = 'asserted_by = "party/onbtc"\nbasis = "official-record"\nsources = ["source/onbtc"]\n'
THING = 'subject = "agreement/convention"\n'


def act(type_: str, on: str, **fields: str) -> str:
    """Return a fact of the convention in TOML; `fields` are written as TOML has them."""
    own = "".join(f"{name.rstrip('_')} = {text}\n" for name, text in fields.items())
    day = f'effective = "{on}"\n' if on else ""
    return f'[[fact]]\ntype = "agreement.{type_}"\n{THING}{day}{HEAD}{own}\n'


SV, IMF, OFFICE = '"party/sv"', '"party/imf"', '"party/onbtc"'
RULE = '{ when = { on = "instruments", n = 2 }, delay = "P30D", clause = "30 days after the 2nd" }'
CONVENTION = "".join(
    [
        act("described", "2000-01-01", kind='"convention"', binding='"binding"'),
        act("entry-into-force-rule-set", "2000-01-01", rule=RULE),
        act("signed", "2000-01-02", party=SV, mode='"simple"'),
        act("signed", "2000-01-02", party=IMF, mode='"simple"'),
        act("signed", "2000-01-02", party=OFFICE, mode='"simple"'),
        act("consent-expressed", "2001-01-01", party=SV, mode='"ratification"'),
        act("consent-expressed", "2001-03-01", party=IMF, mode='"ratification"'),
    ]
)
CLAIMED = act("entered-into-force", "2001-03-31", mode='"definitive"')
OTHERWISE = act("entered-into-force", "2001-06-01", mode='"definitive"')


@pytest.fixture
def standing(ask: Any, ledger: Path) -> Any:
    """Record facts, and ask for the standings as a script."""

    def asked(facts: str, *options: str) -> Any:
        assert ask("append", "-", stdin=facts).code == 0
        ran = ask("--json", "agreement", "standing", "convention", *options)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return asked


def of(found: Any, party: str) -> tuple[str, str | None]:
    (one,) = [each for each in found["answer"]["statuses"] if each["party"] == f"party/{party}"]
    return one["status"], one["since"]


def test_parties_are_counted_among_the_contracting_states_and_these_among_signatories(
    standing: Any,
) -> None:
    found = standing(CONVENTION, "--as-of", "2001-03-31")
    counts = {"signatories": 3, "contracting": 2, "parties": 2, "participants": 0}
    assert found["answer"]["counts"] == counts
    assert of(found, "sv") == ("party", "2001-03-31")
    assert of(found, "onbtc") == ("signatory", "2000-01-02")


def test_the_day_before_its_rule_lets_it_enter_into_force_nobody_is_a_party(standing: Any) -> None:
    found = standing(CONVENTION, "--as-of", "2001-03-30")
    assert found["answer"]["in_force"] == "no"
    assert found["answer"]["counts"]["parties"] == 0
    assert of(found, "imf") == ("contracting", "2001-03-01")


def test_what_its_rule_still_waits_for_is_said(standing: Any) -> None:
    found = standing(CONVENTION, "--as-of", "2001-02-01")
    assert found["answer"]["in_force_computed"] is None
    assert found["answer"]["in_force_waits_for"] == "1 more instrument"


def test_a_claimed_day_that_is_the_computed_one_is_no_finding(standing: Any) -> None:
    found = standing(CONVENTION + CLAIMED, "--as-of", "2002-01-01")
    answer = found["answer"]
    assert (answer["in_force_claimed"], answer["in_force_computed"]) == ("2001-03-31",) * 2
    assert found["findings"] == []


def test_a_claimed_day_that_is_not_the_computed_one_is_a_finding(standing: Any, ask: Any) -> None:
    found = standing(CONVENTION + OTHERWISE, "--as-of", "2002-01-01")
    (finding,) = found["findings"]
    assert finding["check"] == "not-the-computed-day"
    assert finding["events"] == ["agreement/convention/8"]
    assert "2001-06-01 as claimed, but its rule gives 2001-03-31" in finding["sentence"]
    told = ask("findings", "--check", "not-the-computed-day", "--as-of", "2002-01-01")
    assert (told.code, "agreement/convention/8" in told.out) == (1, True)


def test_a_claimed_day_where_the_rule_still_waits_is_a_finding(standing: Any) -> None:
    facts = CONVENTION.rpartition("[[fact]]")[0] + OTHERWISE
    (finding,) = standing(facts, "--as-of", "2002-01-01")["findings"]
    assert finding["sentence"].endswith("its rule waits for 1 more instrument")


def test_without_a_recorded_rule_a_claimed_day_is_held_against_none(standing: Any) -> None:
    facts = CONVENTION.replace(act("entry-into-force-rule-set", "2000-01-01", rule=RULE), "")
    found = standing(facts + OTHERWISE, "--as-of", "2002-01-01")
    assert found["answer"]["computed_by"] == "VCLT 24(2), no rule being recorded"
    assert found["findings"] == []


def test_where_a_day_cannot_tell_both_standings_are_shown(standing: Any, ask: Any) -> None:
    vague = act("consent-expressed", "2001-05", party=OFFICE, mode='"ratification"')
    found = standing(CONVENTION + vague, "--as-of", "2001-05-10")
    (one,) = [each for each in found["answer"]["statuses"] if each["perhaps"]]
    assert (one["status"], one["perhaps"]["status"]) == ("signatory", "party")
    assert found["answer"]["certain"] is False
    assert (
        "signatory, or party"
        in ask("agreement", "standing", "convention", "--as-of", "2001-05-10").out
    )


def test_in_force_cannot_tell_where_the_claimed_day_may_have_come(standing: Any) -> None:
    vague = act("entered-into-force", "2001-03", mode='"definitive"')
    found = standing(CONVENTION + vague, "--as-of", "2001-03-20")
    assert found["answer"]["in_force"] == "cannot tell"


def test_a_paper_that_binds_nobody_has_participants(standing: Any) -> None:
    facts = CONVENTION.partition('[[fact]]\ntype = "agreement.consent')[0]
    facts = facts.replace('"binding"', '"non-binding"')
    facts = facts.replace(
        '{ on = "instruments", n = 2 }, delay = "P30D"', '{ on = "signature", which = "first" }'
    )
    found = standing(facts, "--as-of", "2001-01-01")
    assert found["answer"]["mode"] == "operation"
    assert found["answer"]["counts"] == {
        "signatories": 3,
        "contracting": 0,
        "parties": 0,
        "participants": 3,
    }


def test_who_means_not_to_become_a_party_is_no_signatory(standing: Any) -> None:
    unsigned = act("intention-not-to-become-party", "2001-01-01", party=OFFICE)
    found = standing(CONVENTION + unsigned, "--as-of", "2001-02-01")
    assert found["answer"]["counts"]["signatories"] == 2


def test_a_page_has_each_party_with_its_name(ask: Any, standing: Any) -> None:
    standing(CONVENTION)
    page = ask("agreement", "standing", "convention", "--as-of", "2001-04-01").out
    assert "in force  yes" in page
    assert "counts    3 signatories, 2 contracting States, 2 parties" in page
    assert "party/sv" in page
    assert "El Salvador" in page
    csv = ask("--csv", "agreement", "standing", "convention", "--as-of", "2001-04-01").out
    assert csv.splitlines()[0] == "party,name,status,since,flags,perhaps"


def test_what_was_not_known_or_public_by_then_is_not_told(standing: Any, ask: Any) -> None:
    standing(CONVENTION)
    assert ask("agreement", "standing", "convention", "--known-at", "@6").code == 3
    assert ask("agreement", "standing", "convention", "--public-at", "2025-01-01").code == 3
    assert ask("agreement", "standing", "convention", "--as-of", "yesterday").code == 2
