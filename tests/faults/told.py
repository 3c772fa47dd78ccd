"""What is told at the counter, while something else is tried?"""


def a_state(name: str) -> str:
    """Return a file of one fact: that a State of this name exists."""
    return f"""
[[fact]]
type = "party.established"
subject = "party/{name}"
name = "{name}"
type_ = "state"
asserted_by = "party/recorder"
basis = "recorder"
"""
