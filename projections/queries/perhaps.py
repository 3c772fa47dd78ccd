"""Write the occurrences and series of a view, each with what perhaps was public of it.

Where claims perhaps were public the fold ran twice (docs/spec/answers.md, 10): what certainly was
public is the answer, and what differs with all that perhaps was stands beside it, marked.
"""

from collections.abc import Iterator, Sequence

from domain.claims.claim import Claim
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.claims.series import ResolvedSeries
from projections.queries.document import (
    Document,
    claim_document,
    occurrence_document,
    series_document,
)


def occurrence_documents(view: Resolution) -> list[Document]:
    """Return the occurrences of which a live claim holds or may.

    Where more perhaps was public each has `perhaps`, the claims about it that perhaps were, and
    `support_perhaps`, its support with them where that differs. What is told by these alone has no
    support but that.
    """
    shown = [one for one in view.occurrences if one.shown]
    if view.perhaps is None:
        return [occurrence_document(one) for one in shown]
    return list(_occurrences(view, view.perhaps, shown))


def series_documents(view: Resolution) -> list[Document]:
    """Return the series, each with what perhaps was public of it, as the occurrences."""
    if view.perhaps is None:
        return [series_document(one) for one in view.series]
    return list(_series(view, view.perhaps))


def perhaps_claims(view: Resolution) -> tuple[Claim, ...]:
    """Return the claims, denials and resolutions that perhaps were public and no more."""
    if view.perhaps is None:
        return ()
    known = _ids(view)
    return tuple(claim for claim in _all(view.perhaps) if claim.id not in known)


def _occurrences(
    view: Resolution, second: Resolution, shown: Sequence[ResolvedOccurrence]
) -> Iterator[Document]:
    known = _ids(view)
    of_claim = {(c.id, one.field): one for one in second.occurrences for c in one.claims}
    met: set[str] = set()
    for one in shown:
        others = [of_claim.get((claim.id, one.field)) for claim in one.claims]
        other = next((found for found in others if found is not None), None)
        document = occurrence_document(one)
        if other is None:
            yield {**document, "support_perhaps": None, "perhaps": [], "perhaps_retracted": True}
            continue
        met.add(other.id)
        support = other.support if other.support != one.support else None
        said = [c for c in (*other.claims, *other.denials) if c.id not in known]
        yield {**document, "support_perhaps": support, "perhaps": list(map(claim_document, said))}
    for other in second.occurrences:
        if other.shown and other.id not in met and not any(c.id in known for c in other.claims):
            yield {
                **occurrence_document(other),
                **_of_no_certainty(other.support),
                "others": [],
                "denied_by": [],
                "perhaps": [claim_document(c) for c in (*other.claims, *other.denials)],
            }


def _series(view: Resolution, second: Resolution) -> Iterator[Document]:
    known = _ids(view)
    others = {(one.type, one.key): one for one in second.series}
    for one in view.series:
        other = others.pop((one.type, one.key), None)
        support = other.support if other and other.support != one.support else None
        more = _measured(other, known) if other else []
        yield {**series_document(one), "support_perhaps": support, "perhaps": more}
    for other in others.values():
        yield {
            **series_document(other),
            **_of_no_certainty(other.support),
            "selected": None,
            "certain": [],
            "cannot_tell": [],
            "denied_by": [],
            "perhaps": _measured(other, set()),
        }


def _of_no_certainty(support: str | None) -> Document:
    return {"support": None, "support_perhaps": support, "selected": []}


def _measured(series: ResolvedSeries, known: set[str]) -> list[Document]:
    claims = (*series.certain, *series.maybe, *series.denials)
    return [claim_document(claim) for claim in claims if claim.id not in known]


def _all(view: Resolution) -> tuple[Claim, ...]:
    stands = view.standing
    return (*stands.claims, *stands.denials, *stands.resolutions)


def _ids(view: Resolution) -> set[str]:
    return {claim.id for claim in _all(view)}
