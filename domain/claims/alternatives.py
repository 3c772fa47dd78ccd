"""Give what may have happened under `strict`, one contested occurrence at a time.

A contested occurrence has no value and is never folded as if nothing had happened
(docs/spec/answers.md, 13): each of its alternatives is taken in turn, and where it is denied also
that it did not happen; the other occurrences are as primary-first selects them.
"""

from collections.abc import Iterator
from itertools import islice

from domain.claims.claim import Clocks
from domain.claims.occurrences import Alternative
from domain.claims.ranking import eligible
from domain.claims.resolution import Resolution, ResolvedOccurrence, all_hold
from events.value import replace

MOST = 64


def strict_views(view: Resolution) -> tuple[Resolution, ...]:
    """Return a view with each alternative of what is contested in turn; none: nothing is.

    Of more than 64 the first 64, and one more without all that is contested.
    """
    contested = [n for n, one in enumerate(view.occurrences) if one.instead and one.shown]
    if not contested:
        return ()
    found = tuple(islice(_in_turn(view, contested), MOST + 1))
    return found if len(found) <= MOST else (*found[:MOST], _without(view, contested))


def _in_turn(view: Resolution, contested: list[int]) -> Iterator[Resolution]:
    """Yield the view as primary-first selects, then with each other alternative of each in turn."""
    occurrences, clocks = list(view.occurrences), view.clocks
    for n in contested:
        occurrences[n] = _with(occurrences[n], occurrences[n].instead, clocks)
    yield view._replace(occurrences=tuple(occurrences))
    for n in contested:
        for other in _others(view.occurrences[n]):
            changed = _with(occurrences[n], other, clocks)
            yield view._replace(occurrences=(*occurrences[:n], changed, *occurrences[n + 1 :]))


def _without(view: Resolution, contested: list[int]) -> Resolution:
    left_out = set(contested)
    kept = [one for n, one in enumerate(view.occurrences) if n not in left_out]
    return view._replace(occurrences=tuple(kept))


def _others(one: ResolvedOccurrence) -> Iterator[Alternative]:
    """Yield what may have happened instead; nothing (an empty one) where it is denied."""
    for alternative in one.ranked:
        if alternative is not one.instead and all(map(eligible, alternative)):
            yield alternative
    if one.denials:
        yield ()


def _with(one: ResolvedOccurrence, selected: Alternative, clocks: Clocks) -> ResolvedOccurrence:
    holds = all_hold(selected, clocks) if selected else "no"
    return replace(one, pick=selected, instead=(), holds=holds)
