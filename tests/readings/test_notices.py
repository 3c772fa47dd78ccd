"""Is a notice told on the day it was given and on the day it takes effect, and whose it is?

The cases are the depositary's: Burundi, South Africa and the Gambia under the Rome Statute
(C.N.805.2016, C.N.121.2017, C.N.62.2017), France and the Energy Charter Treaty, and the three
postponements of the withdrawal of the United Kingdom from the European Union.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from cli.output.claim_words import claim_in_words

ROME, ECT, UNION = "agreement/rome", "agreement/ect", "agreement/teu"
PARTIES = {
    "bi": "Burundi",
    "by": "Belarus",
    "fr": "France",
    "gb": "United Kingdom",
    "gm": "Gambia",
    "ru": "Russia",
    "za": "South Africa",
}
ACTS = (
    (ROME, "entered-into-force", "", 'mode = "definitive"', "", "2002-07-01"),
    (ROME, "consent-expressed", "bi", 'mode = "ratification"', "", "2004-09-21"),
    (ROME, "consent-expressed", "gm", 'mode = "ratification"', "", "2002-06-28"),
    (ROME, "consent-expressed", "za", 'mode = "ratification"', "", "2000-11-27"),
    (ROME, "withdrawal-notified", "bi", "", "2016-10-27", "2017-10-27"),
    (ROME, "withdrawal-notified", "za", "", "2016-10-19", "2017-10-19"),
    (ROME, "withdrawal-revoked", "za", "", "", "2017-03-07"),
    (ROME, "withdrawal-notified", "gm", "", "2016-11-10", "2017-11-10"),
    (ROME, "withdrawal-revoked", "gm", "", "", "2017-02-10"),
    (ROME, "signed", "gm", 'mode = "simple"', "", "1998-12-07"),
    (ROME, "signed", "za", 'mode = "simple"', "", "1998-07-17"),
    (ROME, "signed", "ru", 'mode = "simple"', "", "2000-09-13"),
    (ROME, "intention-not-to-become-party", "ru", "", "", "2016-11-30"),
    (ECT, "entered-into-force", "", 'mode = "definitive"', "", "1998-04-16"),
    (ECT, "consent-expressed", "fr", 'mode = "ratification"', "", "1999-09-28"),
    (ECT, "withdrawal-notified", "fr", "", "2022-12-07", "2023-12-08"),
    (ECT, "signed", "by", 'mode = "simple"', "", "1994-12-17"),
    (ECT, "provisionally-applied", "by", "", "", "1994-12-17"),
    (ECT, "suspended", "", 'for = "party/by"', "", "2022-06-24"),
    (ECT, "signed", "ru", 'mode = "simple"', "", "1994-12-17"),
    (ECT, "provisionally-applied", "ru", "", "", "1994-12-17"),
    (ECT, "intention-not-to-become-party", "ru", "", "2009-08-20", "2009-10-18"),
    (UNION, "entered-into-force", "", 'mode = "definitive"', "", "1993-11-01"),
    (UNION, "consent-expressed", "gb", 'mode = "ratification"', "", "1993-08-02"),
    (UNION, "withdrawal-notified", "gb", "", "2017-03-29", "2019-03-29"),
    (UNION, "withdrawal-postponed", "gb", "", "2019-03-22", "2019-04-12"),
    (UNION, "withdrawal-postponed", "gb", "", "2019-04-11", "2019-10-31"),
    (UNION, "withdrawal-postponed", "gb", "", "2019-10-29", "2020-01-31"),
)
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def notices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a ledger of these acts, all asserted by the depositary."""
    folder = tmp_path_factory.mktemp("notices")
    lines = ['[[party]]\nname = "Depositary"\ntype = "organisation"\nid = "party/depositary"']
    lines += [f'[[party]]\nname = "{name}"\ntype = "state"' for name in PARTIES.values()]
    lines.append('[[source]]\nurl = "https://treaties.un.org/x"\nid = "source/un"')
    for subject, verb, party, more, acted, effective in ACTS:
        days = (("party", party and f"party/{party}"), ("acted", acted), ("effective", effective))
        lines += ["[[fact]]", f'type = "agreement.{verb}"', f'subject = "{subject}"', more]
        lines += [f'{name} = "{given}"' for name, given in days if given]
        lines += ['asserted_by = "party/depositary"', 'basis = "official-record"']
        lines.append('sources = [{ source = "source/un", published = "2023-12-31" }]')
    (folder / "facts.toml").write_text("\n".join(lines), "utf-8")
    ledger = folder / "ledger"
    assert main(["init", str(ledger)]) == 0
    assert main(["--ledger", str(ledger), "append", str(folder / "facts.toml")]) == 0
    return ledger


@pytest.fixture
def told(notices: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command on the ledger of notices; give what it prints, with single spaces."""

    def run(*arguments: str) -> str:
        capsys.readouterr()
        assert main(["--ledger", str(notices), *arguments]) == 0
        return " ".join(capsys.readouterr().out.split())

    return run


@pytest.fixture
def rows(notices: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command as a script on the ledger of notices, and give its rows."""

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        main(["--ledger", str(notices), *arguments, "--json"])
        return json.loads(capsys.readouterr().out)["rows"]

    return run


def causes(found: Any, party: str, of: str = "status") -> list[tuple[str, str | None, list[str]]]:
    """Return the causes of a party's row: how, when and whose acts."""
    field = f"statuses.party/{party}.{of}"
    (row,) = (one for one in found if one["field"] == field)
    return [(one["how"], one["when"], one["actors"]) for one in row["why"]]


@pytest.mark.parametrize("first", ["2016-11-01", "2016-11-20", "2017-09-01"])
def test_a_withdrawal_has_the_notice_of_that_party_as_its_cause(rows: Ask, first: str) -> None:
    for asked in (
        ("diff", first, "2017-12-01", ROME),
        ("changes", "--since", "@38", "--since-as-of", first, "--as-of", "2017-12-01"),
    ):
        own = ("took effect", "2017-10-27", ["party/bi"])
        assert causes(rows(*asked), "bi") == [own], asked
        assert causes(rows(*asked), "bi", "since") == [own], asked


def test_a_notice_that_is_revoked_before_its_day_takes_no_effect(rows: Ask, told: Ask) -> None:
    found = rows("diff", "2016-12-01", "2017-12-01", ROME)
    assert causes(found, "gm") == [("took effect", "2017-02-10", ["party/gm"])]
    assert causes(found, "za") == [("took effect", "2017-03-07", ["party/za"])]
    text = told("diff", "2016-12-01", "2017-12-01", ROME)
    assert "took effect 2017-11-10" not in text
    assert "withdrawal revoked: Gambia, asserted by Depositary, @" in text


def test_a_change_on_the_day_of_the_notice_names_that_day(rows: Ask, told: Ask) -> None:
    found = rows("diff", "2022-12-01", "2022-12-31", ECT)
    assert causes(found, "fr") == [("notice given", "2022-12-07", ["party/fr"])]
    text = told("diff", "2022-12-01", "2022-12-31", ECT)
    assert "notice given 2022-12-07: withdrawal notified: France, asserted by Depositary" in text
    assert "2023" not in text.partition("from 2022")[0]
    both = told("diff", "2022-12-01", "2023-12-08", ECT)
    assert "took effect 2023-12-08 (acted 2022-12-07): withdrawal notified: France" in both


def test_no_day_that_is_asked_is_told_as_a_day_of_recording(rows: Ask, told: Ask) -> None:
    """The entry into force for France is reckoned: no act lies between the two days."""
    found = rows("diff", "1999-09-27", "1999-09-29", ECT)
    assert causes(found, "fr") == [("took effect", "1999-09-28", ["party/fr"])]
    text = told("diff", "1998-04-15", "1999-12-30", ECT)
    assert "recorded 1999" not in text
    assert "recorded 1998" not in text


def test_a_withdrawal_that_was_postponed_takes_effect_on_the_last_day_agreed(rows: Ask) -> None:
    found = rows("diff", "2019-12-01", "2020-02-01", UNION)
    assert causes(found, "gb") == [("took effect", "2020-01-31", ["party/gb"])]
    assert rows("diff", "2019-03-23", "2019-04-10", UNION) == []
    (row,) = rows("diff", "2020-01-30", "2020-01-31", UNION)[:1]
    assert row["why"][0]["position"] == max(one["position"] for one in row["why"])


def test_a_timeline_knows_the_day_of_a_notice_and_that_of_its_effect(rows: Ask, told: Ask) -> None:
    (row,) = rows("timeline", "--from", "2022-12", "--to", "2022-12")
    assert (row["acted"], row["effective"], row["within"]) == ("2022-12-07", "2023-12-08", "yes")
    assert "2023-12-08 2022-12-07 " in told("timeline", ECT)  # in a column of its own
    assert rows("timeline", "--from", "2023-12-08", "--to", "2023-12-08") == [row]
    named = rows("timeline", "--party", "fr", "--to", "2022-12-31")
    assert row["id"] in {one["id"] for one in named}


def test_before_its_effect_a_notice_is_there_and_to_come(rows: Ask) -> None:
    day = ("--as-of", "2023-06-01")
    for asked in (("timeline", ECT, *day), ("timeline", ECT, *day, "--future")):
        notice = rows(*asked)[-1]
        assert (notice["type"], notice["begun"]) == ("agreement.withdrawal-notified", "no")
    assert rows("timeline", ECT, "--as-of", "2022-12-06")[-1]["type"] != notice["type"]
    assert notice["id"] in {one["id"] for one in rows("log", "--subject", ECT, *day)}


def test_a_revoked_notice_stands_on_the_day_it_was_given(rows: Ask, told: Ask) -> None:
    found = rows("timeline", ROME, "--as-of", "2017-12-01")
    left = [one for one in found if one["type"].startswith("agreement.withdrawal-")]
    verbs = [(one["type"].partition("-")[2], one["says"]["party"][-2:]) for one in left]
    assert verbs == [
        ("notified", "za"),
        ("notified", "gm"),
        ("revoked", "gm"),
        ("revoked", "za"),
        ("notified", "bi"),
    ]
    by = {one["says"]["party"]: one["unmet_by"] for one in left if one["unmet_by"]}
    ids = {one["says"]["party"]: one["id"] for one in left if one["type"].endswith("revoked")}
    assert by == ids
    text = told("timeline", ROME, "--as-of", "2017-12-01")
    assert "never 2016-10-19" in text
    assert all(day not in text for day in ("2017-10-19", "2017-11-10"))


def test_before_it_is_revoked_a_notice_is_as_it_was_given(rows: Ask) -> None:
    found = rows("timeline", ROME, "--as-of", "2017-02-09")
    assert not [one for one in found if one["unmet_by"]]
    gambia = [one for one in found if one["says"].get("party") == "party/gm"]
    assert [one["type"].partition(".")[2] for one in gambia][-1] == "withdrawal-notified"


def test_of_a_notice_that_was_postponed_the_last_day_agreed_is_the_one_that_came(rows: Ask) -> None:
    days = [one["effective"] for one in rows("timeline", UNION) if not one["unmet_by"]]
    assert days == ["1993-08-02", "1993-11-01", "2020-01-31"]
    at = [one for one in rows("timeline", UNION, "--as-of", "2019-04-01") if one["unmet_by"]]
    assert [one["effective"] for one in at] == ["2019-03-29"]


def test_the_log_says_when_an_act_was_done(told: Ask) -> None:
    assert "notified, acted 2022-12-07" in told("log", "--subject", ECT)


def test_an_act_for_one_state_is_never_told_as_of_the_treaty(told: Ask, rows: Ask) -> None:
    """The Energy Charter Conference suspended the provisional application by Belarus in 2022."""
    (event,) = (one for one in rows("timeline", ECT) if one["type"] == "agreement.suspended")
    for asked in (
        ("cite", f"@{event['position']}"),
        ("timeline", ECT),
        ("source", "show", "un"),
        ("diff", "2022-06-23", "2022-06-24", ECT),
        ("explain", ECT, "statuses.party/by", "--as-of", "2022-07-01"),
    ):
        text = told(*asked)
        assert "suspended for Belarus" in text or "for Belarus," in text, asked
        assert "suspended; " not in text, asked
    between = ("agreement.suspended", "between", ["party/fr", "party/gb"])
    assert words(*between) == "suspended: between party/fr, party/gb"
    assert words("agreement.amended", "for", "party/fr") == "amended for party/fr"
    assert words("agreement.resumed", "for", "party/fr") == "resumed for party/fr"


def words(type_: str, name: str, value: Any) -> str:
    return claim_in_words({"type": type_, "says": {name: value}})


def test_what_a_claim_says_beside_names_is_never_a_bare_word() -> None:
    """Of an objection a bare "yes", of a reservation a bare day said nothing (VCLT 20(4)(b))."""
    says = {"by": "party/gb", "ref": "sy-annex", "precludes": True}
    text = claim_in_words({"type": "agreement.reservation-objected", "says": says})
    assert text == (
        "reservation objected: party/gb; sy-annex; precludes entry into force between the two"
    )
    says = {"party": "party/sy", "ref": "sy-annex", "gist": "No annex.", "notified": "1970-11-02"}
    text = claim_in_words({"type": "agreement.reservation-formulated", "says": says})
    told = "reservation formulated: party/sy; sy-annex; No annex.; others notified 1970-11-02"
    assert text == told
    assert words("proposal.endorsed", "in_part", True) == "endorsed: in part"
    assert words("law.extended", "until", "2026-12-31") == "extended: until 2026-12-31"
    assert words("programme.approved", "months", 37) == "approved: 37 months"
    assert words("programme.condition-assessed", "ref", "sb-1") == "condition assessed: sb-1"


def test_who_means_not_to_become_a_party_has_signed(document_of: Ask) -> None:
    """The depositary of the Rome Statute counts Russia, which signed in 2000, after 2016 too."""
    for day in ("2016-11-29", "2016-12-01", "2018-01-01"):
        found = document_of("agreement", "standing", "rome", "--as-of", day)
        assert found["answer"]["counts"]["signatories"] == 3, day


def test_what_is_applied_provisionally_may_be_suspended(document_of: Ask) -> None:
    found = document_of("agreement", "standing", "ect", "--as-of", "2022-07-01")
    (row,) = (one for one in found["answer"]["statuses"] if one["party"] == "party/by")
    assert row["flags"] == ["applies provisionally", "suspended"]
    assert row["status"] == "signatory"


def test_suspending_a_provisional_application_is_no_finding(rows: Ask) -> None:
    told = [one for one in rows("findings", ECT) if one["check"] == "order"]
    assert [one for one in told if "not-in-force" in str(one)] == []


@pytest.fixture
def document_of(notices: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Ask as a script, and give the document."""

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        assert main(["--ledger", str(notices), *arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_a_contested_status_says_what_else_it_may_be(tmp_path: Path, capsys: Any) -> None:
    """The depositary and the President of the Philippines gave two days for its withdrawal."""
    ledger = str(tmp_path / "ledger")

    def run(*arguments: str) -> str:
        capsys.readouterr()
        assert main(["--ledger", ledger, *arguments]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert main(["init", ledger]) == 0
    run("party", "add", "Philippines")
    run("party", "add", "Depositary", "--type", "organisation")
    run("party", "add", "Rodrigo Duterte", "--type", "person")
    source = ("--source", "https://treaties.un.org/x")
    un = ("--asserted-by", "depositary", "--basis", "official-record", *source)
    own = ("--asserted-by", "rodrigo-duterte", "--basis", "own-publication", *source)
    party = ("rome", "--party", "ph")
    force = ("rome", "--mode", "definitive", "--effective", "2002-07-01")
    run("record", "agreement.entered-into-force", *force, *un)
    consent = ("--mode", "ratification", "--effective", "2011-08-30")
    run("record", "agreement.consent-expressed", *party, *consent, *un)
    notice = ("record", "agreement.withdrawal-notified", *party, "--acted")
    run(*notice, "2018-03-17", "--effective", "2019-03-17", *un)
    run(*notice, "2018-03-14", "--effective", "2018-03-14", *own)
    day = ("--as-of", "2018-12-01")
    told = "contested: former since 2018-03-14"
    for asked in (("agreement", "standing", "rome"), ("agreement", "standing", "--party", "ph")):
        assert told in run(*asked, *day)
        assert told in run(*asked, *day, "--csv")
        assert told not in run(*asked, *day, "--policy", "strict")
        assert "contested" not in run(*asked, "--as-of", "2018-03-01")
    assert f"withdrawing since 2018-03-17, {told}" in run("agreement", "show", "rome", *day)
    assert "contested: former since 2018-03-14" in run("agreement", "standing", "--party", "ph")


def test_of_a_notice_with_its_day_only_the_day_of_effect_is_missing(
    tmp_path: Path, capsys: Any
) -> None:
    ledger = str(tmp_path / "ledger")
    assert main(["init", ledger]) == 0
    assert main(["--ledger", ledger, "party", "add", "Mali"]) == 0
    capsys.readouterr()
    own = ("--asserted-by", "ml", "--basis", "own-publication", "--source", "https://example.org")
    acted = ("rome", "--party", "ml", "--acted", "2025-09-22")
    assert main(["--ledger", ledger, "record", "agreement.withdrawal-notified", *acted, *own]) == 0
    told = "".join(capsys.readouterr())
    assert "no day of effect is stated" in told
    assert "no day is stated" not in told
