"""A path into an answer finds what stands there, and says so when it leads nowhere."""

import pytest

from tests.world.cases import agrees, follow

ANSWER = {
    "answer": {"in_force": "yes", "parties": None, "statuses": [{"party": "party/fr", "since": 1}]},
    "rows": [{"check": "order", "subject": "a"}, {"check": "order", "subject": "b"}],
}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("answer.in_force", "yes"),
        ("answer.parties", None),
        ("answer.statuses[party=party/fr].since", 1),
        ("answer.statuses[party=party/de].since", "absent"),
        ("rows[check=order,subject=b].subject", "b"),
        ("count(rows)", 2),
        ("count(rows[check=order])", 2),
        ("count(rows[check=order,subject=a])", 1),
        ("count(rows[check=other])", 0),
    ],
)
def test_a_path_finds_what_is_there(where: str, found: object) -> None:
    assert follow(ANSWER, where) == found


def test_a_path_into_a_list() -> None:
    assert follow(ANSWER["rows"], "[subject=b].check") == "order"
    assert follow(ANSWER["rows"], "count([check=order])") == 2


@pytest.mark.parametrize("where", ["answer.status", "answer.in_force.day", "answer..in_force", ""])
def test_a_path_that_leads_nowhere_is_no_answer(where: str) -> None:
    if where:
        with pytest.raises(LookupError):
            follow(ANSWER, where)
    else:
        assert follow(ANSWER, where) is ANSWER


def test_a_value_is_json_or_absent_or_part_of_a_text() -> None:
    assert agrees(None, "null")
    assert agrees("yes", '"yes"')
    assert not agrees("absent", "null")
    assert agrees("absent", "absent")
    assert not agrees(None, "absent")
    assert agrees("not binding", 'contains "not"')
    assert agrees(["suspended with party/pl"], 'contains "suspended"')
    assert not agrees(["suspended with party/pl"], 'lacks "suspended"')
    assert not agrees([], 'contains "suspended"')
    assert agrees([], 'lacks "suspended"')
    assert not agrees("absent", 'lacks "suspended"')
