"""Is an agreement the same act by act and by all its acts at once?"""

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.agreement.binding import Binding
from domain.agreement.state import Agreement
from domain.claims.claim import Claim
from domain.kinds.agreement import evolve, evolve_all, initial
from events.body import Body
from events.catalogue import all_types
from events.value import fields, replace
from tests.effort import examples
from tests.properties.bodies import bodies

TYPES = [name for name in all_types() if name.startswith("agreement.")]
MOVING = ["agreement.consent-expressed", "agreement.signed", "agreement.withdrawal-notified"]
GATES: list[Binding] = ["binding", "open", "not-binding"]
PARTIES = ["party/a", "party/b", "party/c"]
DAYS = [f"2025-07-{day:02}" for day in range(10, 16)]


@st.composite
def acts(draw: Callable[..., Any]) -> list[Claim]:
    """Draw acts of few parties on few days, so that they meet; their order is that of the fold."""
    names = draw(st.lists(st.sampled_from([*TYPES, *MOVING * 4]), min_size=1, max_size=12))
    return [
        Claim(n, n, "agreement/x", name, between_few(draw, draw(bodies(name))))
        for n, name in enumerate(names, 1)
    ]


def between_few(draw: Callable[..., Any], body: Body) -> Body:
    """Return the body with its parties, references and days drawn from few."""
    few: dict[str, Any] = dict.fromkeys(("party", "for_", "by"), PARTIES) | {"ref": ["r", "s"]}
    given_ = [f.name for f in fields(body) if getattr(body, f.name) is not None]
    told = {name: draw(st.sampled_from(few[name])) for name in given_ if name in few}
    if "predecessor" in given_:
        told["predecessor"] = draw(st.sampled_from([p for p in PARTIES if p != told["party"]]))
    day, acted = draw(st.sampled_from(DAYS)), draw(st.none() | st.sampled_from(DAYS))
    return replace(body, effective=day, acted=acted, zone=None, **told)


@settings(max_examples=examples(100))
@given(acts(), st.sampled_from(GATES), st.sets(st.sampled_from(PARTIES), max_size=3), st.data())
def test_acts_at_once_lead_where_they_lead_in_turn(
    claims: list[Claim], gate: Binding, sides: set[str], data: st.DataObject
) -> None:
    day = date.fromisoformat(data.draw(st.sampled_from(DAYS)))
    state: Agreement = initial("agreement/x", day, gate, frozenset(sides))
    met = [state]
    for claim in claims:
        met.append(evolve(met[-1], claim))
    for n in range(len(claims) + 1):  # and what was made by the way is not changed by it
        assert evolve_all(met[n], claims[n:]) == met[-1]
    for n, claim in enumerate(claims):
        assert evolve(met[n], claim) == met[n + 1]
