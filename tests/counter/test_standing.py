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
    counts = {"signatories": 3, "contracting": 2, "parties": 2, "presumed": 0, "participants": 0}
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


def test_a_claimed_day_where_the_rule_still_waits_is_no_finding(standing: Any) -> None:
    facts = CONVENTION.rpartition("[[fact]]")[0] + OTHERWISE
    found = standing(facts, "--as-of", "2002-01-01")
    assert found["answer"]["in_force_waits_for"] == "1 more instrument"
    assert found["findings"] == []


def test_a_claimed_day_answers_before_it_too(standing: Any) -> None:
    facts = act("entered-into-force", "2001-06-01", mode='"definitive"')
    before = standing(facts, "--as-of", "2001-05-31")["answer"]
    assert (before["in_force"], before["counts"]["parties"]) == ("no", 0)
    after = standing(facts, "--as-of", "2001-06-01")["answer"]
    assert (after["in_force"], after["counts"]["parties"]) == ("yes", None)
    assert after["counts"]["contracting"] is None


OWN = act("entered-into-force-for", "2002-06-01", party=OFFICE)
LATER = act("consent-expressed", "2002-01-01", party=OFFICE, mode='"ratification"')


def test_a_later_consent_without_a_day_is_presumed_to_bind_and_counted_so(
    standing: Any, ask: Any
) -> None:
    found = standing(CONVENTION + LATER, "--as-of", "2002-05-31")
    assert of(found, "onbtc") == ("party", "2002-01-01")
    assert (found["answer"]["certain"], found["answer"]["counts"]["presumed"]) == (False, 1)
    page = ask("agreement", "standing", "convention", "--as-of", "2002-05-31").out
    assert "3 parties (1 of them presumed)" in page


def test_an_own_day_answers_before_it_too_and_beats_what_is_presumed(standing: Any) -> None:
    before = standing(CONVENTION + LATER + OWN, "--as-of", "2002-05-31")
    assert of(before, "onbtc") == ("contracting", "2002-01-01")
    assert before["answer"]["certain"] is True
    after = standing(CONVENTION + LATER + OWN, "--as-of", "2002-06-01")
    assert of(after, "onbtc") == ("party", "2002-06-01")
    assert after["findings"] == []


def test_an_own_day_other_than_the_rules_is_shown_with_both_days(standing: Any, ask: Any) -> None:
    rule = RULE.replace("clause =", 'later = { delay = "P30D" }, clause =')
    found = standing(CONVENTION.replace(RULE, rule) + LATER + OWN, "--as-of", "2002-06-01")
    (one,) = [each for each in found["answer"]["statuses"] if each["party"] == "party/onbtc"]
    assert (one["since"], one["computed"]) == ("2002-06-01", "2002-01-31")
    (finding,) = found["findings"]
    assert finding["check"] == "not-the-computed-day"
    assert finding["events"] == ["agreement/convention/9"]
    page = ask("agreement", "standing", "convention", "--as-of", "2002-06-01").out
    assert "by the rule since 2002-01-31" in " ".join(page.split())


def test_the_list_has_who_signed_who_is_a_party_and_what_became_of_it(
    standing: Any, ask: Any
) -> None:
    standing(CONVENTION)

    def row(day: str, *options: str) -> Any:
        ran = ask("--json", "agreement", "list", "--as-of", day, *options)
        rows = [r for r in json.loads(ran.out) if r["subject"] == "agreement/convention"]
        return rows[0] if rows else None

    first = row("2000-01-02")
    assert (first["status"], first["parties"]) == ("open", [])
    assert first["signatories"] == ["party/imf", "party/onbtc", "party/sv"]
    assert row("2001-03-31")["parties"] == ["party/imf", "party/sv"]
    assert row("2001-03-31")["status"] == "in force"
    assert row("2000-01-01", "--party", "sv") is None
    assert row("2000-01-02", "--party", "sv")


def test_a_party_that_ceased_to_exist_is_former_whenever_that_is_recorded(
    standing: Any, ask: Any
) -> None:
    standing(CONVENTION)

    def parties(*options: str) -> Any:
        ran = ask("--json", "agreement", "list", "--as-of", "2003-01-01", *options)
        return [r["parties"] for r in json.loads(ran.out) if r["subject"] == "agreement/convention"]

    assert parties() == [["party/imf", "party/sv"]]
    position = json.loads(ask("--json", "status").out)["position"]
    ended = '[[fact]]\ntype = "party.dissolved"\nsubject = "party/sv"\neffective = "2002-12-31"\n'
    found = standing(ended + HEAD, "--as-of", "2003-01-01")
    (one,) = [each for each in found["answer"]["statuses"] if each["party"] == "party/sv"]
    assert (one["status"], one["since"], one["flags"]) == (
        "former",
        "2003-01-01",
        ["ceased to exist"],
    )
    assert parties() == [["party/imf"]]
    assert parties("--known-at", f"@{position}") == [["party/imf", "party/sv"]]
    assert parties("--as-of", "2002-12-31") == [["party/imf", "party/sv"]]
    before = ask("--json", "agreement", "standing", "convention", "--as-of", "2002-12-31")
    assert of(json.loads(before.out), "sv")[0] == "party"


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
        "presumed": 0,
        "participants": 3,
    }


def test_who_means_not_to_become_a_party_has_signed_and_is_counted(standing: Any) -> None:
    unsigned = act("intention-not-to-become-party", "2001-01-01", party=OFFICE)
    found = standing(CONVENTION + unsigned, "--as-of", "2001-02-01")
    assert found["answer"]["counts"]["signatories"] == 3


def test_a_page_has_each_party_with_its_name(ask: Any, standing: Any) -> None:
    standing(CONVENTION)
    page = ask("agreement", "standing", "convention", "--as-of", "2001-04-01").out
    assert "in force  yes" in page
    assert "recorded  3 signatories, 2 contracting States, 2 parties" in page
    assert "party/sv" in page
    assert "El Salvador" in page
    csv = ask("--csv", "agreement", "standing", "convention", "--as-of", "2001-04-01").out
    assert csv.splitlines()[0] == "party,name,status,since,computed,flags,perhaps,territories"


def test_what_was_not_known_or_public_by_then_is_not_told(standing: Any, ask: Any) -> None:
    standing(CONVENTION)
    assert ask("agreement", "standing", "convention", "--known-at", "@6").code == 3
    assert ask("agreement", "standing", "convention", "--public-at", "2025-01-01").code == 3
    assert ask("agreement", "standing", "convention", "--as-of", "last year").code == 2
