"""What do the rules say of everything that was recorded about a thing, in one pass?

`decide` asks of one fact whether any world allows it; a whole import cannot pay that for each of
its facts. Here a thing is folded once, each act judged on its own day by the state that the acts
before it made, in the one world in which each happened on the last day that it may mean.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from domain.claims.claim import FAR_FUTURE, Claim, Clocks, as_notice, days
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from domain.decisions.errors import Verdict
from domain.kinds.registry import evolved, folded, is_judged, judge, judged, on_day


def review(thing: str, claims: Iterable[Claim]) -> Iterator[tuple[Claim, Verdict]]:
    """Yield each dated act that a policy picks with what the rules say of it, if anything."""
    known = tuple(claims)
    if not any(is_judged(claim) for claim in known):
        return
    view = fold(known, Clocks(max((_last(c) for c in known), default=date.min)), policy(DEFAULT))
    state = folded(thing, view, ())
    for claim in sorted(view.holding(maybe=True), key=_order):
        earliest, latest = days(claim)
        if latest is not None:
            state = on_day(state, latest)
        if earliest is None or latest is None or not is_judged(claim):
            state = evolved(state, claim)
            continue
        if earliest == latest:
            verdict, state = judged(state, claim)
        else:
            verdict = judge(state, claim.body)
            state = evolved(state, claim)
        if verdict.refusal or verdict.findings:
            yield claim, verdict


def _order(claim: Claim) -> tuple[date, int]:
    return days(as_notice(claim))[1] or FAR_FUTURE, claim.position


def _last(claim: Claim) -> date:
    return days(claim)[1] or date.min
