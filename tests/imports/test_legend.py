"""Which act is a cell, under the header of its own list?"""

import pytest

from domain.importers.cells import IllegibleError
from domain.importers.un_mtdsg import ActColumn, acts_of_header

CONSENT = "agreement.consent-expressed"
SIGNED = "agreement.signed"


@pytest.mark.parametrize(
    ("header", "cell", "type_", "how"),
    [
        ("Signature", "13 Sep 1983", SIGNED, "simple"),
        ("Ratification, Accession(a), Succession(d)", "6 Jul 1988", CONSENT, "ratification"),
        ("Ratification, Accession(a), Succession(d)", "6 Jul 1988 a", CONSENT, "accession"),
        ("Accession(a), Succession(d), Ratification", "6 Jul 1988", CONSENT, "ratification"),
        ("Acceptance(A), Accession(a)", "6 Jul 1988 A", CONSENT, "acceptance"),
        ("Approval(AA), Acceptance(A), Ratification", "6 Jul 1988 AA", CONSENT, "approval"),
        ("Formal confirmation(c), Ratification", "6 Jul 1988 c", CONSENT, "formal-confirmation"),
        ("Signature, Succession to signature(d)", "6 Jul 1988 d", SIGNED, "succession"),
        ("Definitive signature(s), Acceptance(A)", "6 Jul 1988 s", SIGNED, "definitive"),
        ("Signature ad referendum (s)", "6 Jul 1988", SIGNED, "ad-referendum"),
        ("Participation under articles 3 (2) and (3)(P)", "6 Jul 1988 P", CONSENT, "participation"),
        ("Application", "6 Jul 1988", CONSENT, "notification"),
        ("Definitive acceptance", "6 Jul 1988", CONSENT, "acceptance"),
    ],
)
def test_a_suffix_chooses_the_act(header: str, cell: str, type_: str, how: str) -> None:
    found = ActColumn(header).meaning(cell)
    assert (found.type, found.fields["mode"], found.notes) == (type_, how, ())


def test_a_header_is_split_where_a_new_act_begins() -> None:
    words = "Participation in the Convention by virtue of ratification, accession or succession"
    assert [act.words for act in acts_of_header(f"{words}, Accession(a)")] == [words, "Accession"]


def test_a_succession_took_effect_on_an_unknown_day_by_its_notification() -> None:
    found = ActColumn("Ratification, Succession(d)").meaning("16 Jun 1975 d").fields
    assert (found["effective"], found["acted"]) == ("[..1975-06-16]", "1975-06-16")


def test_a_confirmation_is_simple_where_a_ratification_follows() -> None:
    one = ActColumn("Confirmation of signature ad referendum(C)").meaning("28 Mar 1984 C")
    two = ActColumn("Definitive signature(s), Confirmation of signature").meaning("9 Mar 1990")
    assert (one.fields["effect"], two.fields["effect"]) == ("simple", "definitive")
    assert one.type == two.type == "agreement.signature-confirmed"


def test_a_notification_to_an_agency_is_no_consent() -> None:
    found = ActColumn("Notification under article 25").meaning("6 Jul 1988")
    assert found.type == "agreement.notification-made"
    assert "entry into force" in found.fields["purpose"]


@pytest.mark.parametrize("header", ["Provisional application(n)", "Provisional acceptance"])
def test_what_is_provisional_is_no_consent(header: str) -> None:
    suffix = " n" if "(n)" in header else ""
    found = ActColumn(header).meaning(f"6 Jul 1988{suffix}")
    assert found.type == "agreement.provisionally-applied"


def test_two_acts_without_a_suffix_leave_the_mode_open() -> None:
    header = "Definitive signature of the Protocol, Acceptance of the Protocol"
    found = ActColumn(header).meaning("6 Jul 1988")
    assert (found.fields["mode"], found.fields["act_words"]) == ("unstated", header)
    assert [name for name, _ in found.notes] == ["ambiguous-act"]


def test_the_header_says_which_text() -> None:
    header = "Ratification of the Convention as amended, Accession to the Convention as amended(a)"
    found = ActColumn(header).meaning("6 Jul 1988 a").fields
    assert (found["mode"], found["version"]) == ("accession", "the Convention as amended")


def test_an_annex_names_its_agency() -> None:
    found = ActColumn("Application", alone=True, agency="Universal Postal Union (UPU)").meaning(
        "6 Jul 1988"
    )
    assert found.fields["act_words"] == "application to Universal Postal Union (UPU)"


@pytest.mark.parametrize(
    "cell", ["1983", "31 Feb 1983", "13 Set 1983", "13 Sep 1983 z", "13 Sep 1983 aaa", "n.a."]
)
def test_what_no_header_explains_is_illegible(cell: str) -> None:
    with pytest.raises(IllegibleError):
        ActColumn("Ratification, Accession(a)").meaning(cell)
