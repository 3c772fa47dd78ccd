"""Say which claim an answer selected, and the rule by which it goes before another."""

from domain.claims.claim import Claim
from domain.claims.occurrences import Alternative
from domain.claims.ranking import decided_by
from domain.claims.resolution import Resolution, ResolvedOccurrence, ranking_context
from domain.claims.series import ResolvedSeries

Unit = ResolvedOccurrence | ResolvedSeries

NEWER_OF_ONE = "newer measurement of the same asserter"
NEVER_SELECTED = "a chain alone is never selected"
RETRACTED = "the claim selected before was retracted"
NOT_COUNTED = "the claim selected before no longer counts"


def selected_claims(unit: Unit | None) -> tuple[Claim, ...]:
    """Return the selected claims of an occurrence or series; none under strict, or of no unit."""
    if unit is None:
        return ()
    if isinstance(unit, ResolvedOccurrence):
        return unit.pick
    return (unit.pick,) if unit.pick else ()


def asserted_claims(unit: Unit) -> tuple[Claim, ...]:
    """Return all claims about an occurrence, or all measurements that a series weighs."""
    return unit.claims if isinstance(unit, ResolvedOccurrence) else (*unit.certain, *unit.maybe)


def alternatives_of(unit: Unit) -> list[Alternative]:
    """Return what competes in an occurrence or series, best first."""
    if isinstance(unit, ResolvedOccurrence):
        return list(unit.ranked)
    return [(claim,) for claim in unit.certain or unit.maybe]


def view_of_unit(view: Resolution, unit: Unit) -> Resolution:
    """Return the view to which a unit belongs: that of a party, or the one asked."""
    return next(
        (one for one in view.parties if any(unit is each for each in one.occurrences)), view
    )


def rule_between(view: Resolution, unit: Unit, better: Alternative, worse: Alternative) -> str:
    """Return the first rule that puts one alternative first (docs/spec/answers.md, 12)."""
    around = ranking_context(view_of_unit(view, unit).standing)
    return decided_by(view.policy, better, worse, alternatives_of(unit), around)


def next_alternative(unit: Unit) -> Alternative | None:
    """Return what is ranked after the alternative that is selected; None where nothing is."""
    picked, alternatives = selected_claims(unit), alternatives_of(unit)
    if not picked:
        return None
    place = _place(alternatives, picked[0])
    return alternatives[place + 1] if place is not None and place + 1 < len(alternatives) else None


def rule_of_change(after: Resolution, old: Unit | None, new: Unit | None) -> str | None:
    """Return the rule by which the claim selected now takes the place of the one selected before.

    None where the same is selected, and where the two do not compete: they are not of one
    occurrence or series, as of two flows in a sum.
    """
    before, now = selected_claims(old), selected_claims(new)
    if old is None or new is None or not before or not now or before[0].id == now[0].id:
        return None
    alternatives = alternatives_of(new)
    better, worse = _place(alternatives, now[0]), _place(alternatives, before[0])
    if better is not None and worse is not None and better != worse:
        if better > worse:
            return NEVER_SELECTED
        return rule_between(after, new, alternatives[better], alternatives[worse])
    if not is_same(old, new):
        return None
    standing = view_of_unit(after, new).standing
    if before[0].id in standing.retracted:
        return RETRACTED
    if all(claim.id != before[0].id for claim in standing.claims):
        return NOT_COUNTED
    one_asserter = before[0].body.asserted_by == now[0].body.asserted_by
    return NEWER_OF_ONE if isinstance(new, ResolvedSeries) and one_asserter else None


def is_same(old: Unit, new: Unit) -> bool:
    """Say whether two units of two views are one occurrence or one series."""
    if isinstance(old, ResolvedSeries) and isinstance(new, ResolvedSeries):
        return (old.type, old.key) == (new.type, new.key)
    ids = {claim.id for claim in asserted_claims(old)}
    return any(claim.id in ids for claim in asserted_claims(new))


def alternative_of(unit: Unit, claim: Claim) -> Alternative:
    """Return the alternative of a unit that a claim belongs to; the claim alone if it has none."""
    alternatives = alternatives_of(unit)
    place = _place(alternatives, claim)
    return (claim,) if place is None else alternatives[place]


def _place(alternatives: list[Alternative], claim: Claim) -> int | None:
    places = (n for n, one in enumerate(alternatives) if any(c.id == claim.id for c in one))
    return next(places, None)
