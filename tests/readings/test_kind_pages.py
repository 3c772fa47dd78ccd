"""Do the pages of laws, proposals and meetings say what a reader wants first?"""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from cli.output.page_values import in_force_in_words

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def page(depositary: Run, demo_once: Path) -> Callable[..., str]:
    """Ask the bundled story, and give what is printed."""

    def ask(*words: str) -> str:
        ran = depositary("--ledger", demo_once, *words)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    return ask


def law(**said: Any) -> dict[str, Any]:
    absent = dict.fromkeys(("until", "ceased", "ceased_on", "to_be_adopted", "to_be_in_force"))
    return {"in_force": "yes", "began": True, **absent, **said}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (law(), "yes"),
        (law(until="2025-11-05"), "yes (until 2025-11-05)"),
        (law(in_force="no", until="2025-11-05"), "no (lapsed 2025-11-05)"),
        (law(in_force="cannot tell", until="2025~"), "cannot tell (until 2025~)"),
        (law(in_force="no", ceased="repealed", until="2025"), "no (ceased: repealed)"),
        (
            law(in_force="no", ceased="repealed", ceased_on="2023-03-23"),
            "no (ceased 2023-03-23: repealed)",
        ),
        (law(in_force="cannot tell", ceased="repealed"), "cannot tell (ceased: repealed)"),
        (
            law(in_force="no", began=False, to_be_in_force="2022-04-27"),
            "no (not yet: in force from 2022-04-27)",
        ),
        (
            law(in_force="no", began=False, to_be_adopted="2022-04-22"),
            "no (not adopted yet: adopted 2022-04-22)",
        ),
        (
            law(in_force="cannot tell", began=False),
            "cannot tell (no claim says that it came into force)",
        ),
    ],
)
def test_whether_a_law_is_in_force_is_said_with_its_reason(
    answer: dict[str, Any], words: str
) -> None:
    assert in_force_in_words(answer) == words


def test_a_law_that_lapsed_by_itself_says_so(page: Callable[..., str]) -> None:
    shown = page("law", "show", "pk-virtual-assets-ordinance-2025", "--as-of", "2025-12-01")
    assert "in force   no (lapsed [2025-11-05..2025-11-06])" in shown.splitlines()


def test_the_acts_on_a_proposal_stand_by_the_last_day_on_which_each_may_have_happened(
    page: Callable[..., str],
) -> None:
    found = json.loads(page("--json", "proposal", "show", "pk-marginal-tariff"))
    acts = [(act["on"], act["act"], act["by"]) for act in found["answer"]["acts"]]
    assert acts == [
        ("2024-11", "submitted", "party/imf"),
        ("[..2025-07-03]", "rejected", "party/imf"),
        ("[..2025-07-03]", "taken up", "party/world-bank"),
    ]
    shown = page("proposal", "show", "pk-marginal-tariff")
    assert "acts    2024-11         submitted to International Monetary Fund" in shown


def test_who_met_is_shown_by_name_and_as_what(page: Callable[..., str]) -> None:
    shown = page("meeting", "show", "saylor-2025").splitlines()
    assert "who   Muhammad Aurangzeb, chair" in shown
    assert "      Michael Saylor" in shown


def test_a_list_keeps_names_whole_and_enumerations_readable(page: Callable[..., str]) -> None:
    shown = page("law", "list", "--as-of", "2025-12-01")
    assert "law/pk-virtual-assets-ordinance-2025" in shown
    assert "no, lapsed" in shown
    csv = page("--csv", "law", "list", "--as-of", "2025-12-01").splitlines()
    assert csv[0] == (
        "subject,form,adopted,in_force,began,since,until,ceased,ceased_on,"
        "contested,by_day_of_act,perhaps"
    )
    assert csv[1].split(",")[1:5] == ["ordinance", "2025-07-08", "no", "yes"]
