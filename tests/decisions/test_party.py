"""Who is a party, which offices does a person hold, and what is odd about what is said?"""

import pytest

from events.body import Body
from events.kinds import party as p
from tests.decisions.kind_facts import after, findings, told

OFFICE = "party/onbtc"
ESTABLISHED = told(
    p.Established,
    "2022-11-18",
    name="Bitcoin Office",
    type="agency",
    state="party/sv",
    under="party/sv-presidency",
)
PERSON = told(p.Established, None, name="Bilal Bin Saqib", type="person")
APPOINTED = told(p.Appointed, "2025-02-25", office="chief executive", body="party/pcc")
ENDED = told(p.OfficeEnded, "2025-08-01", office="chief executive")


def test_a_party_has_a_name_a_type_and_whom_it_belongs_to() -> None:
    state = after(OFFICE, ESTABLISHED)
    assert (state.name, state.type) == ("Bitcoin Office", "agency")
    assert (state.state, state.under) == ("party/sv", "party/sv-presidency")


def test_a_party_renamed_has_its_new_name() -> None:
    renamed = told(p.Renamed, "2024-01-01", name="National Bitcoin Office")
    assert after(OFFICE, ESTABLISHED, renamed).name == "National Bitcoin Office"


def test_an_undated_establishment_does_not_undo_a_new_name() -> None:
    undated = told(p.Established, None, name="Bitcoin Office", type="agency")
    renamed = told(p.Renamed, "2024-01-01", name="National Bitcoin Office")
    state = after(OFFICE, undated, renamed)
    assert (state.name, state.type) == ("National Bitcoin Office", "agency")


def test_a_party_dissolved_stays_known() -> None:
    state = after(OFFICE, ESTABLISHED, told(p.Dissolved))
    assert (state.dissolved, state.name) == (True, "Bitcoin Office")


def test_a_person_holds_an_office_until_it_ends() -> None:
    assert after("party/saqib", PERSON, APPOINTED).offices == (
        ("chief executive", "party/pcc", "party/saqib/2"),
    )
    other = told(p.Appointed, "2025-03-01", office="special assistant")
    state = after("party/saqib", PERSON, APPOINTED, other, ENDED)
    assert state.offices == (("special assistant", None, "party/saqib/3"),)


def test_statements_are_counted() -> None:
    said = [told(p.Stated, f"2025-0{n}-01", gist="No purchases.") for n in (1, 2)]
    assert after(OFFICE, *said).statements == 2


def test_other_ids_of_one_party_gather() -> None:
    same = [told(p.SameAs, party=f"party/{name}") for name in ("bitcoin-office", "onbtcsv")]
    assert after(OFFICE, *same).same_as == {"party/bitcoin-office", "party/onbtcsv"}


def test_an_office_that_nobody_took_ends_with_a_finding() -> None:
    assert findings(after("party/saqib", PERSON), ENDED) == {
        "not-in-office": "no claim says that it was chief executive"
    }
    assert findings(after("party/saqib", PERSON, APPOINTED), ENDED) == {}


def test_what_is_no_person_takes_an_office_with_a_finding() -> None:
    assert findings(after(OFFICE, ESTABLISHED), APPOINTED) == {
        "office-of-no-person": "party/onbtc is not a person: agency"
    }
    assert findings(after("party/saqib", PERSON), APPOINTED) == {}
    assert findings(after("party/saqib"), APPOINTED) == {}


@pytest.mark.parametrize(
    "body", [told(p.Renamed, "2025-09-01", name="Another"), APPOINTED], ids=["renamed", "appointed"]
)
def test_a_party_dissolved_acts_with_a_finding(body: Body) -> None:
    gone = after("party/saqib", PERSON, told(p.Dissolved))
    assert findings(gone, body) == {"after-dissolution": "party/saqib was dissolved before"}


def test_nothing_else_is_odd() -> None:
    gone = after(OFFICE, ESTABLISHED, told(p.Dissolved))
    assert findings(gone, told(p.Stated, gist="No purchases.")) == {}
    assert findings(gone, told(p.SameAs, party="party/onbtcsv")) == {}


def test_an_office_ends_in_the_body_that_is_named() -> None:
    here = told(p.Appointed, "2025-01-01", office="chairman", body="party/pcc")
    there = told(p.Appointed, "2025-02-01", office="chairman", body="party/onbtc")
    nowhere = told(p.Appointed, "2025-03-01", office="chairman")
    held = (here, there, nowhere)

    def left(**ended: str) -> list[str | None]:
        body = told(p.OfficeEnded, "2025-08-01", office="chairman", **ended)
        return [body for _, body, _ in after("party/saqib", PERSON, *held, body).offices]

    assert left() == []
    assert left(body="party/onbtc") == ["party/pcc"]  # the third may be the same office
    assert left(body="party/imf") == ["party/pcc", "party/onbtc"]
    other = told(p.OfficeEnded, "2025-08-01", office="chairman", body="party/imf")
    assert "not-in-office" in findings(after("party/saqib", PERSON, here), other)


def test_a_party_is_continued_by_one_or_more() -> None:
    continued = [told(p.ContinuedBy, "1991-12-24", party=f"party/{name}") for name in ("ru", "xx")]
    assert after("party/su").continued_by == frozenset()
    assert after("party/su", *continued).continued_by == {"party/ru", "party/xx"}
    assert findings(after("party/su", told(p.Dissolved)), continued[0]) == {}
