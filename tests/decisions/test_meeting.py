"""What is known of a meeting after it was said to be held?"""

from domain.kinds.meeting import JUDGED
from events.kinds import meeting as m
from tests.decisions.kind_facts import after, findings, told

HELD = told(
    m.Held,
    "2025-06-15",
    place="Islamabad",
    participants=(
        m.Participant(party="party/aurangzeb", role="minister"),
        m.Participant(party="party/saylor"),
    ),
    mode="unstated",
    topics=("bitcoin",),
)


def test_a_meeting_has_its_day_its_place_its_participants_and_its_topics() -> None:
    state = after("meeting/saylor", HELD)
    assert (state.held, state.place, state.mode) == ("2025-06-15", "Islamabad", "unstated")
    assert state.participants == (("party/aurangzeb", "minister"), ("party/saylor", None))
    assert state.topics == ("bitcoin",)


def test_a_meeting_without_topics_has_none() -> None:
    silent = told(m.Held, participants=(m.Participant(party="party/saylor"),), mode="virtual")
    assert after("meeting/saylor", silent).topics == ()


def test_of_a_meeting_nobody_spoke_of_nothing_is_known() -> None:
    state = after("meeting/saylor")
    assert (state.held, state.participants) == (None, ())


def test_no_meeting_is_odd() -> None:
    assert findings(after("meeting/saylor", HELD), HELD) == {}
    assert JUDGED == ()
