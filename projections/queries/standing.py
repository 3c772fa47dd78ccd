"""Show the standing of each party to an agreement, and whether it is in force."""

from collections.abc import Iterable

from domain.agreement.binding import binding_in_words, binds
from domain.agreement.state import not_the_computed_day
from domain.agreement.status_table import BOUND, CONSENTED, Standing
from domain.claims.claim import Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.kinds.agreement import Agreement, agreement_in_force, phase, standings
from domain.kinds.registry import States, binding_of, thing_states
from projections.kinds.agreement import standing_document
from projections.queries.document import (
    Document,
    described_value,
    occurrences_of_type,
    selected_descriptions,
)
from projections.queries.lists import ListLines
from projections.queries.show import add_names, answer_header, known_view
from projections.read_model.database import ReadModel

CHECK = "not-the-computed-day"


def agreement_standing(answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return the standings under an agreement at D, counted; raise NotKnownError."""
    view = known_view(answers, thing, clocks, chosen)
    found = thing_states(thing, view)
    document: Document = {
        **answer_header(answers, thing, view),
        "title": described_value(selected_descriptions(view), "title"),
        "answer": {
            "counts_as": binding_in_words(binding_of(view)),
            "phase": phase(found.without) if _is_certain(found, phase) else "cannot tell",
            **_in_force(found),
            "counts": count_parties(found.without),
            "statuses": _standings(found),
            "certain": found.certain,
        },
        "findings": [
            {"check": CHECK, "events": list(events), "sentence": sentence}
            for events, sentence in differing_entry_into_force(view, found.without)
        ],
    }
    return add_names(answers, document, clocks)


def standing_rows(answers: ReadModel, clocks: Clocks, chosen: Policy) -> ListLines:
    """Return a row for each party under each agreement at D: its status, and since when."""
    folded, excluded = _folded(answers, clocks, chosen)
    rows = [
        {
            "party": party,
            "agreement": agreement,
            "status": one.name if found.certain else _either(found, party, one),
            "since": one.since,
        }
        for agreement, found in folded
        for party, one in standings(found.including)
    ]
    return ListLines(rows, excluded)


def status_rows(answers: ReadModel, clocks: Clocks, chosen: Policy) -> ListLines:
    """Return a row for each agreement at D: where it stands as a whole, and whether in force."""
    folded, excluded = _folded(answers, clocks, chosen)
    rows = [
        {
            "agreement": agreement,
            "status": phase(found.without) if _is_certain(found, phase) else "cannot tell",
            "in_force": _in_force(found)["in_force"],
        }
        for agreement, found in folded
    ]
    return ListLines(rows, excluded)


def _folded(
    answers: ReadModel, clocks: Clocks, chosen: Policy
) -> tuple[list[tuple[str, States]], int]:
    """Return the agreements of which something is known and public, and what was left out."""
    things = answers.things("agreement", clocks.known_at)
    found, excluded = [], 0
    for thing, view in answers.folded(things, clocks, chosen):
        if view is not None:
            excluded += view.standing.unknown
            if view.standing.claims:
                found.append((thing, thing_states(thing, view)))
    return found, excluded


def _either(found: States, party: str, perhaps: Standing) -> str:
    """Return the status of a party where some dates cannot tell: one, or one of two."""
    certain = dict(standings(found.without)).get(party, Standing())
    return perhaps.name if certain.name == perhaps.name else f"{certain.name} or {perhaps.name}"


def count_parties(state: Agreement) -> Document:
    """Return how many have signed, have consented to be bound, and are parties.

    Signatories are counted whatever they did since, except those that mean not to become a party;
    a contracting State is one whether or not the agreement is in force (VCLT 2(1)(f)), so parties
    are counted among them. `participants` are those of an agreement that is not binding.
    """
    names = [one.name for _, one in standings(state)]
    signed = [side for side in state.acting.values() if side.signed and not side.intends_not]
    return {
        "signatories": len(signed),
        "contracting": sum(name in CONSENTED for name in names),
        "parties": sum(name in BOUND for name in names),
        "participants": names.count("participant"),
    }


def differing_entry_into_force(
    view: Resolution, state: Agreement
) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield the claims of a day of entry into force other than the computed day, with why."""
    if not not_the_computed_day(state):
        return
    force = agreement_in_force(state)
    claims = [
        claim
        for found in occurrences_of_type(view, "agreement.entered-into-force")
        for claim in found.pick
        if getattr(claim.body, "mode", None) == force.mode
    ]
    by_rule = f"gives {force.computed}" if force.computed else f"waits for {force.missing}"
    notes = "; ".join(claim.body.note for claim in claims if claim.body.note)
    why = f" ({notes})" if notes else ""
    ids = tuple(claim.id for claim in claims)
    yield ids, f"in force from {force.claimed} as claimed, but its rule {by_rule}{why}"


def _in_force(found: States) -> Document:
    one, other = agreement_in_force(found.without), agreement_in_force(found.including)
    return {
        "in_force": one.answer if one.answer == other.answer else "cannot tell",
        "mode": one.mode,
        "in_force_claimed": one.claimed,
        "in_force_computed": one.computed,
        "in_force_waits_for": one.missing or None,
        "computed_by": _computed_by(found.without),
    }


def _computed_by(state: Agreement) -> str:
    if state.rule is not None:
        return "its rule"
    # VCLT 24(2): failing a rule, when consent is established for all the negotiating States.
    return "VCLT 24(2), no rule being recorded" if binds(state.binding) else "the last signature"


def _standings(found: States) -> list[Document]:
    certainly, perhaps = found.without, found.including
    certain = dict(standings(certainly))
    rows = []
    for party, one in standings(perhaps):
        row = standing_document(certainly, party, certain.get(party, Standing()))
        other = standing_document(perhaps, party, one)
        rows.append({"party": party, **row, "perhaps": other if other != row else None})
    return rows


def _is_certain(found: States, question: object) -> bool:
    return callable(question) and bool(question(found.without) == question(found.including))
