"""Write claims, values and occurrences as JSON documents, and find the claims a policy selected.

A document names the clocks and the policy of its answer, how many claims were excluded, the state
of the subject, and every occurrence with the selected claim, the other claims and the support.
Where claims perhaps were public the fold ran twice (docs/spec/answers.md, 10): what certainly was
public is the answer, and what differs with all that perhaps was stands beside it, marked.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from domain.claims.claim import Claim
from domain.claims.comparison import lower_bounds, stated_values
from domain.claims.publication import Excluded, publication_text
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.claims.series import ResolvedSeries
from domain.kinds.balance import Balance
from domain.kinds.possible_events import PossibleEvents
from events.amounts import Quantity, write_amount, write_quantity
from events.value import Value, json_name

Document = dict[str, Any]

REPORTED = "reserve.holding-reported"


class AnswerRows(NamedTuple):
    """The rows of an answer, and how many claims the day of publication excluded."""

    rows: list[Document]
    excluded: Excluded


class SomeRows(Struct, frozen=True):
    """The rows of an answer that folds subjects, and how many it `left`, for they are many."""

    rows: list[Document]
    excluded: Excluded
    left: int


MOST_FOLDED = 10_000  # subjects that a question across the ledger folds


def canonical_text(document: Any) -> str:
    """Return JSON text without white space; the members keep the order they were given in."""
    return encode(document).decode()


def clocks_and_policy(view: Resolution, position: int) -> Document:
    """Return the clocks and the policy of an answer, and how many claims they excluded."""
    clocks = view.clocks
    return {
        "as_of": clocks.as_of_text,
        "public_at": clocks.public_at_text,
        "known_at": position,
        "policy": view.policy.document,
        "excluded": view.standing.excluded._asdict(),
        **({"by_day_of_act": acts} if (acts := dated_by_act(view)) else {}),
    }


def dated_by_act(view: Resolution, party: str | None = None) -> list[str]:
    """Return the verbs of what is selected and, without an effective day, dated by its act.

    With `party` those of its own acts, and of what names no party.
    """
    acts = (claim for one in view.occurrences if one.holds != "no" for claim in one.pick)
    figures = (one.pick for one in view.series if one.pick)
    dated = (claim for claim in (*acts, *figures) if claim.dates.by_act)
    return sorted(
        {c.type.partition(".")[2] for c in dated if party is None or _may_be_of(c.body, party)}
    )


def _may_be_of(body: Any, party: str) -> bool:
    named = {getattr(body, name, None) for name in ("party", "for_", "by")} - {None}
    return not named or party in named


def claim_document(one: Claim) -> Document:
    """Return a claim: who asserts it, on what basis, from which sources, and its fields.

    A denial and a resolution have the ground that they give.
    """
    body = one.body
    return {
        "id": one.id,
        "position": one.position,
        "recorded": one.time,
        "type": one.type,
        "asserted_by": body.asserted_by,
        "basis": body.basis,
        "relayed": bool(body.relayed),
        "effective": body.effective,
        "acted": body.acted,
        **({"effective_by_act": True} if one.dates.by_act else {}),
        "zone": body.zone,
        "place": body.place,
        "published": publication_text(one),
        "sources": [source.source for source in body.sources or ()],
        "corrected_by": one.corrected_by.id if one.corrected_by else None,
        **({"corrected_at": one.corrected_by.position} if one.corrected_by else {}),
        "says": {
            json_name(name): json_value(given)
            for name, given in stated_values(one).items()
            if name not in ("effective", "acted")
        },
        "note": body.note,
        **({"ground": ground} if (ground := getattr(body, "ground", None)) else {}),
    }


def json_value(given: Any) -> Any:
    """Return a field's value as JSON data; an amount keeps its integers and its text."""
    if isinstance(given, Quantity):
        parts = {name: getattr(given, name) for name in ("unit", "lower", "upper")}
        marks = ("lower_open", "upper_open", "approximate")
        parts.update({name: True for name in marks if getattr(given, name)})
        return {**parts, "text": write_quantity(given)}
    if isinstance(given, tuple):
        return [json_value(one) for one in given]
    if isinstance(given, Value):
        return {
            json_name(name): json_value(inner)
            for name in given.__struct_fields__
            if (inner := getattr(given, name)) is not None
        }
    return given


def values_of(state: Any, names: str) -> Document:
    """Return values of a state as JSON data; their names stand in one text."""
    return {name: json_value(getattr(state, name)) for name in names.split()}


def balance_in_words(one: Balance, unit: str, missing: int | None = None) -> str:
    """Return a balance in the units people use: `at least 5 BTC; 1 flow of unknown size`.

    `missing` is by how much the flows certainly do not add up, where that is not said by `one`.
    """
    missing = one.missing if missing is None else missing
    lower, upper, lower_open, upper_open = one.shown
    low, high = write_amount(lower, unit), write_amount(upper or 0, unit)
    if lower == upper:
        text = low
    elif upper is None:
        text = f"{'over' if lower_open else 'at least'} {low}" if lower else "unknown"
    elif not lower:
        text = f"{'under' if upper_open else 'at most'} {high}"
    else:
        text = f"{'over ' if lower_open else ''}{low} to {'under ' if upper_open else ''}{high}"
    if missing:
        text += f": the flows recorded do not add up ({write_amount(-missing, unit)})"
    unknown = f"{one.unknown} flow{'' if one.unknown == 1 else 's'} of unknown size"
    return f"{text}; {unknown}" if one.unknown else text


def balance_ends(one: Balance) -> Document:
    """Return the ends of a balance as shown, cut at 0, and what is known of them.

    `lower_open` and `upper_open` stand only for an open end, `cut_at_zero` where the sum may be
    below 0, `missing` (by how much it certainly is) where the flows do not add up.
    """
    lower, upper, lower_open, upper_open = one.shown
    marks = {
        "lower_open": lower_open,
        "upper_open": upper_open,
        "cut_at_zero": one.lower is None or one.lower < 0,
    }
    found: Document = {"lower": lower, "upper": upper}
    found.update({name: True for name, is_so in marks.items() if is_so})
    if one.missing:
        found["missing"] = one.missing
    return {**found, "unknown_flows": one.unknown}


def possible_duplicates(events: PossibleEvents, view: Resolution) -> list[Document]:
    """Return the groups of claims of a view that may be one event each."""
    if not events.groups:
        return []
    known = {claim.id for claim in view.standing.claims}
    groups = ([c for c in group if c.id in known] for group in events.groups)
    return [
        {"type": group[0].type, "claims": [claim.id for claim in group]}
        for group in groups
        if len(group) > 1
    ]


def occurrence_document(found: ResolvedOccurrence) -> Document:
    """Return an occurrence: the selected claims, the others, and how far sources agree.

    Where the selected claim says that it has not happened and others say that it has or may have,
    `others_since` has their days.
    """
    picked = {one.id for one in found.pick}
    since = others_since(found)
    return {
        "id": found.id,
        "type": found.ranked[0][0].type,
        "holds": found.holds,
        **({"others_since": since} if since else {}),
        "support": found.support,
        "fields": found.fields,
        "selected": [claim_document(one) for one in found.pick],
        "others": [
            claim_document(one) for ranked in found.ranked for one in ranked if one.id not in picked
        ],
        "denied_by": [claim_document(one) for one in found.denials],
    }


def others_since(found: ResolvedOccurrence) -> list[str]:
    """Return the days of the claims not selected, where the selected one says: not yet."""
    if found.holds != "no" or not found.shown:
        return []
    picked = {one.id for one in found.pick}
    days = (one.dates.written for ranked in found.ranked for one in ranked if one.id not in picked)
    return sorted({day for day in days if day})


def series_document(series: ResolvedSeries) -> Document:
    """Return a series: each asserter's newest measurement, best first.

    `key` of the whole of a reserve is `""`, of a part its scope. `cannot_tell` holds those whose
    dates leave open whether they were made by the day asked about.
    """
    return {
        "type": series.type,
        "key": list(series.key),
        "support": series.support,
        "selected": claim_document(series.pick) if series.pick else None,
        "certain": [_measurement(series, one) for one in series.certain],
        "cannot_tell": [_measurement(series, one) for one in series.maybe],
        "denied_by": [claim_document(one) for one in series.denials],
        **({"compatible_lower_bounds": bounds} if (bounds := _lower_bounds(series)) else {}),
    }


def _lower_bounds(series: ResolvedSeries) -> int:
    """Return how many figures that give a lower bound alone agree with a single one selected."""
    if series.pick is None or series.support != "single source":
        return 0
    others = (c for c in (*series.certain, *series.maybe) if c.id in series.alike)
    return lower_bounds([c for c in others if c is not series.pick], "amount")


def _measurement(series: ResolvedSeries, one: Claim) -> Document:
    return {**claim_document(one), "same_days_as_selected": one.id in series.alike}


def occurrence_documents(view: Resolution) -> list[Document]:
    """Return the occurrences that a live claim makes true, or may make true.

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


def occurrences_of_type(view: Resolution, *types: str) -> Iterator[ResolvedOccurrence]:
    """Yield the occurrences of these types whose day has come, or may have."""
    for found in view.occurrences:
        if found.holds != "no" and found.ranked[0][0].type in types:
            yield found


def selected_descriptions(view: Resolution) -> dict[str, ResolvedOccurrence]:
    """Return what describes an agreement, by field; a field that no claim states is absent."""
    found: dict[str, ResolvedOccurrence] = {}
    for one in view.occurrences:
        if one.field and one.holds != "no":  # a description alone is named by a field
            found.setdefault(one.field, one)
    return found


def described_value(described: dict[str, ResolvedOccurrence], field: str) -> Any:
    """Return what a description says under the policy, None where it gives no value."""
    found = described.get(field)
    return getattr(found.pick[0].body, field) if found and found.pick else None


def described_support(described: dict[str, ResolvedOccurrence], field: str) -> str | None:
    """Return how far sources agree on a described field."""
    found = described.get(field)
    return found.support if found else None


def whole_holding(view: Resolution) -> ResolvedSeries | None:
    """Return the series of reported holdings that speaks of the whole; None without one."""
    return next((one for one in view.series if one.type == REPORTED and one.key == ("",)), None)


def observed_holding(view: Resolution) -> ResolvedSeries | None:
    """Return the series of what was counted at addresses; None without one."""
    return next((one for one in view.series if one.type == "reserve.holding-observed"), None)
