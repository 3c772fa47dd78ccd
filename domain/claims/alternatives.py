"""Give what may have happened under `strict`, one contested occurrence at a time.

Each alternative in turn (docs/spec/answers.md, 13), the others as primary-first selects them.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from domain.claims.claim import Clocks
from domain.claims.occurrences import Alternative
from domain.claims.ranking import eligible
from domain.claims.resolution import Resolution, ResolvedOccurrence, all_hold
from events.value import replace

MOST = 64


def strict_views(view: Resolution) -> tuple[Resolution, ...]:
    """Return a view with each alternative of what is contested in turn; none: nothing is.

    What is contested of the end of a party that an agreement names counts too. Of more than 64 the
    first 64, and one more without all that is contested.
    """
    if not contested_occurrences(view):
        return ()
    found = tuple(islice(_in_turn(view), MOST + 1))
    if len(found) <= MOST:
        return found
    return (*found[:MOST], _mapped(view, lambda one: None if _is_contested(one) else one))


def other_views(view: Resolution, kind: str) -> Iterator[Resolution]:
    """Yield a view with each alternative that is not selected of what is contested, one at a time.

    Of each occurrence of acts of a kind but descriptions, under any policy; at most 64.
    """
    found = (
        _mapped(view, lambda each, one=one, other=other: _instead(each, one, other, view.clocks))  # type: ignore[misc]
        for one in view.occurrences
        if one.support == "contested" and one.shown and one.ranked[0][0].type.startswith(f"{kind}.")
        for other in (*one.ranked, *(() for _ in one.denials[:1]))
        if other != one.pick and one.ranked[0][0].type != f"{kind}.described"
    )
    return islice(found, MOST)


def _instead(
    each: ResolvedOccurrence, one: ResolvedOccurrence, other: Alternative, clocks: Clocks
) -> ResolvedOccurrence:
    return _with(one, other, clocks) if each is one else each


def contested_occurrences(view: Resolution) -> list[ResolvedOccurrence]:
    """Return what has no value under `strict`, in a view and in those of the parties it names."""
    parts = (view, *view.parties)
    return [one for part in parts for one in part.occurrences if _is_contested(one)]


def _is_contested(one: ResolvedOccurrence) -> bool:
    return bool(one.instead) and one.shown


def _in_turn(view: Resolution) -> Iterator[Resolution]:
    """Yield the view as primary-first selects, then with each other alternative of each in turn."""
    contested = contested_occurrences(view)
    chosen = {id(one): _with(one, one.instead, view.clocks) for one in contested}

    def chosen_view() -> Resolution:
        return _mapped(view, lambda one: chosen.get(id(one), one))

    yield chosen_view()
    for one in contested:
        selected = chosen[id(one)]
        for other in _others(one):
            chosen[id(one)] = _with(one, other, view.clocks)
            yield chosen_view()
        chosen[id(one)] = selected


def _mapped(
    view: Resolution, choose: Callable[[ResolvedOccurrence], ResolvedOccurrence | None]
) -> Resolution:
    """Return a view with each occurrence as chosen, in the views of the parties too."""
    return replace(
        view,
        occurrences=tuple(filter(None, map(choose, view.occurrences))),
        parties=tuple(_mapped(party, choose) for party in view.parties),
    )


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
