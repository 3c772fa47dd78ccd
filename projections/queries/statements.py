"""List what rests on a source, what a party says, and where it changed what it said.

The definition is docs/spec/answers.md, 21.1. Events are selected by their mentions; what became of
each is read from the claims about its subject.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks, begun_by, days
from domain.claims.comparison import compatible_claims, fields_agree, figures_agree, stated_values
from domain.claims.effective_claims import as_corrected, effective_claims
from domain.claims.occurrences import measurement_series
from domain.claims.publication import NONE_EXCLUDED, corrects_data_entry, publication_at
from domain.claims.ranking import Policy, recency_key
from domain.claims.resolution import Resolution
from events.identifiers import kind_of
from events.kinds.claim_events import Corrected
from events.value import json_name
from projections.queries.document import (
    AnswerRows,
    Document,
    claim_document,
    json_value,
    perhaps_claims,
)
from projections.read_model.database import ReadModel
from projections.read_model.mentions import ASSERTS, CITES

NEWEST = 20  # events that a page shows
LATER_DAY, SAME_DAY, UNDATED = "later day", "same day", "unknown day"
OF_ONE_OCCURRENCE, CORRECTED = "same happening", "corrected"
_MAY_COUNT = ("public", "perhaps")
_BESIDE = {"source": ("cited_by", CITES), "party": ("asserts", ASSERTS)}


def mentions_beside(answers: ReadModel, thing: str, view: Resolution) -> Document:
    """Return what stands beside the answer about a source or a party: the events that mention it.

    Of a source its copies and its checks too, each with its day.
    """
    name, role = _BESIDE[kind_of(thing)]
    events, subjects, newest = answers.mentions(thing, role, view.clocks, NEWEST)
    states = _States(answers, view.clocks)
    found: Document = {
        name: {
            "events": events,
            "subjects": subjects,
            "newest": [
                {"subject": claim.thing, **claim_document(claim), "became": states.of(claim)}
                for claim in newest
            ],
        }
    }
    if name == "cited_by":
        held = [claim for one in view.occurrences if one.holds != "no" for claim in one.claims]
        found["copies"] = [_own(c) for c in held if c.type == "source.archived"]
        found["checks"] = [_own(c) for c in held if c.type == "source.rechecked"]
    return found


def citing_events(answers: ReadModel, source: str, clocks: Clocks) -> list[Document]:
    """Return the events that cite a source, as rows of its history, in the order recorded."""
    _, _, claims = answers.mentions(source, CITES, clocks)
    states = _States(answers, clocks)
    return [_history(claim, *states.became(claim)) for claim in reversed(claims)]


class _States:
    """What became of events; the claims about each subject are read once."""

    def __init__(self, answers: ReadModel, clocks: Clocks) -> None:
        self._answers, self._clocks = answers, clocks
        self._known: dict[str, tuple[dict[str, Claim], dict[str, Claim]]] = {}

    def became(self, claim: Claim) -> tuple[Claim | None, Claim | None]:
        """Return the event that took a claim back, and the one that replaced its text."""
        if claim.thing not in self._known:
            claims = self._answers.claims(claim.thing, self._clocks.known_at)
            stands = effective_claims(claims, self._clocks)
            self._known[claim.thing] = stands.retracted, stands.corrected
        retracted, corrected = self._known[claim.thing]
        return retracted.get(claim.id), corrected.get(claim.id)

    def of(self, claim: Claim) -> str:
        """Return what became of a claim in a word."""
        retracted, corrected = self.became(claim)
        return "retracted" if retracted else "corrected" if corrected else "stands"


def _own(claim: Claim) -> Document:
    document = claim_document(claim)
    names = ("id", "position", "effective", "asserted_by")
    return {**document["says"], **{name: document[name] for name in names}}


def _history(claim: Claim, retracted: Claim | None, corrected: Claim | None) -> Document:
    return {
        **claim_document(claim),
        "about": [claim.thing],
        "retracted_by": retracted.id if retracted else None,
        "corrected_by": corrected.id if corrected else None,
    }


class Statement(NamedTuple):
    """What a party says of one occurrence or series, and what it said of it before."""

    claim: Claim
    previous: Claim | None
    changed: tuple[str, ...]
    change: str | None  # what kind of change; None where nothing changed
    perhaps: bool


def list_statements(
    answers: ReadModel, clocks: Clocks, chosen: Policy, party: str | None, *, changed: bool = False
) -> AnswerRows:
    """Return what a party, or with None every party, says of each subject at the clocks."""
    things = (
        answers.everything(clocks.known_at)
        if party is None
        else sorted({one.thing for one in answers.mentions(party, ASSERTS, clocks)[2]})
    )
    rows: list[Document] = []
    excluded = NONE_EXCLUDED
    for thing in things:
        if kind_of(thing) == "ledger":
            continue
        view = answers.view(thing, clocks, chosen)
        excluded = excluded.plus(view.standing.excluded)
        told = statements_of(view, answers.claims(thing, clocks.known_at), party)
        rows += [_statement(thing, one) for one in told if one.changed or not changed]
    return AnswerRows(rows, excluded)


def statements_of(
    view: Resolution, recorded: Iterable[Claim], party: str | None
) -> Iterator[Statement]:
    """Yield what a party says of a subject, by occurrence or series, then by day and position."""
    texts = _Texts(recorded, view)
    perhaps = {claim.id for claim in perhaps_claims(view)}
    for together, is_series in _together(view.perhaps or view):
        last: dict[str, Claim] = {}
        for claim in together:
            by = claim.body.asserted_by
            if (party is None or by == party) and begun_by(claim, view.clocks) != "no":
                previous = last.get(by)
                names = _differing(previous, claim, figures=is_series) if previous else ()
                change = _kind_of_change(previous, claim, figures=is_series) if previous else ""
                if (replaced := texts.before(claim)) is not None:
                    previous, names = replaced, _differing(replaced, claim) or ("text",)
                    change = CORRECTED
                yield Statement(
                    claim, previous, names, change if names else None, claim.id in perhaps
                )
                last[by] = claim


def _together(view: Resolution) -> Iterator[tuple[list[Claim], bool]]:
    """Yield the claims of each occurrence, then of each series, each by day and position."""
    stands = {claim.id: claim for claim in view.standing.claims}
    seen: set[str] = set()  # a description is split by field, and is one statement
    for one in view.occurrences:
        claims = [stands[c.id] for c in one.claims if c.id not in seen]
        seen.update(claim.id for claim in claims)
        if claims:
            yield sorted(claims, key=lambda claim: claim.order), False
    for several in measurement_series(view.standing).values():
        yield sorted(several, key=recency_key, reverse=True), True
    for claim in (*view.standing.denials, *view.standing.resolutions):
        yield [claim], False


class _Texts:
    """The texts that the claims about a subject had, one after the other."""

    def __init__(self, recorded: Iterable[Claim], view: Resolution) -> None:
        self._original: dict[str, Claim] = {}
        self._corrections: dict[str, list[Claim]] = {}
        roots: dict[str, str] = {}  # a correction may itself be corrected
        retracted = (view.perhaps or view).standing.retracted
        for claim in recorded:
            self._original[claim.id] = claim
            if not isinstance(claim.body, Corrected):
                continue
            root = roots.get(claim.body.target, claim.body.target)
            roots[claim.id] = root
            if claim.id not in retracted and publication_at(claim, view.clocks) in _MAY_COUNT:
                self._corrections.setdefault(root, []).append(claim)

    def before(self, claim: Claim) -> Claim | None:
        """Return the text that the last correction replaced that mends no data-entry error.

        None where there was no such correction, or the text is again what it was.
        """
        by, original = claim.corrected_by, self._original.get(claim.id)
        if by is None or original is None:
            return None
        found, text = None, original
        for correction in self._corrections.get(claim.id, ()):
            if correction.position > by.position:
                break
            if not corrects_data_entry(correction.body):
                found = text
            text = as_corrected(original, {claim.id: correction})
        return found if found is None or found.body != claim.body else None


def _kind_of_change(before: Claim, after: Claim, *, figures: bool) -> str:
    """Return what kind of change it is where two statements of a party differ."""
    if not figures:
        return OF_ONE_OCCURRENCE
    if before.dates.effective is None or after.dates.effective is None:
        return UNDATED
    (one_first, one_last), (first, last) = days(before), days(after)
    apart = bool(one_last and first and one_last < first) or bool(
        last and one_first and last < one_first
    )
    return LATER_DAY if apart else SAME_DAY


def _differing(before: Claim, after: Claim, *, figures: bool = False) -> tuple[str, ...]:
    """Return the names of the fields in which two claims are incompatible."""
    if figures:
        return () if figures_agree(before, after) else ("figure",)
    if before.type != after.type:
        return ("type",)
    if compatible_claims(before, after):
        return ()
    names = (name for name in stated_values(after) if not fields_agree(before, after, name))
    return tuple(map(json_name, names))


def _statement(thing: str, one: Statement) -> Document:
    before = one.previous
    return {
        "subject": thing,
        **claim_document(one.claim),
        "changed": list(one.changed),
        "change": one.change,
        "previous": before
        and {
            "id": before.id,
            "effective": before.body.effective,
            "says": {
                json_name(n): json_value(v)
                for n, v in stated_values(before).items()
                if n not in ("effective", "acted")
            },
        },
        "perhaps": one.perhaps,
    }
