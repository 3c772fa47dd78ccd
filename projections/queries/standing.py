"""Answer with the parties to an agreement, whether it is in force, and its reservations."""

from collections.abc import Iterable
from typing import Any

from domain.agreement.binding import binding_in_words, binds
from domain.agreement.reservations import Pair, Reservation
from domain.agreement.state import (
    Agreement,
    Extension,
    agreement_in_force,
    ceased_sides,
    not_the_computed_day,
    own_day_differs,
    phase,
    standings,
    with_ends,
)
from domain.agreement.status_table import BOUND, CONSENTED
from domain.claims.claim import Claim, Clocks
from domain.claims.publication import NONE_EXCLUDED, Excluded
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.kinds.agreement import reservations_between
from domain.kinds.registry import States, binding_of, public_states, thing_states
from projections.kinds.agreement import (
    answer_of_both,
    in_force_answer,
    is_certain,
    marked_statuses,
    party_statuses,
)
from projections.queries.alternative_answers import answer_strictly, differing_values
from projections.queries.document import (
    MOST_FOLDED,
    AnswerRows,
    Document,
    SomeRows,
    dated_by_act,
    described_value,
    occurrences_of_type,
    selected_descriptions,
)
from projections.queries.show import add_names, answer_header, known_view
from projections.read_model.database import ReadModel

CHECK = "not-the-computed-day"


def agreement_standing(answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy) -> Document:
    """Return the statuses under an agreement at D, counted; raise NotKnownError.

    `perhaps` has by name the values of the whole that differ with all that perhaps was public; the
    row of a party has its own.
    """
    view = known_view(answers, thing, clocks, chosen)
    found = thing_states(thing, view)
    answered, perhaps = _answered(thing, view), None
    if view.perhaps is not None:
        perhaps = differing_values(answered, _answered(thing, view.perhaps)) or {}
        perhaps.pop("statuses", None)
    document: Document = {
        **answer_header(answers, thing, view),
        "title": described_value(selected_descriptions(view), "title"),
        "answer": answered,
        **({"perhaps": perhaps} if perhaps else {}),
        "findings": [
            {"check": CHECK, "events": list(events), "sentence": sentence}
            for events, sentence in differing_entry_into_force(view, found.without)
        ],
    }
    return add_names(answers, document, clocks)


def standing_rows(answers: ReadModel, clocks: Clocks, chosen: Policy) -> AnswerRows:
    """Return a row for each party under each agreement at D: its status, and since when."""
    folded, excluded = _folded(answers, clocks, chosen)
    rows = [
        {
            "party": row["party"],
            "agreement": agreement,
            "status": status_of(row),
            "since": row["since"],
            "by_day_of_act": _dated_by_act(view, row["party"]),
        }
        for agreement, view, found in folded
        for row in party_statuses(found)
    ]
    return AnswerRows(rows, excluded)


def _dated_by_act(view: Resolution, party: str | None = None) -> str | None:
    """Return the acts that the day of the act dates, of one party and of the whole if one is named.

    As in the head of the answer, joined by `; `; None for none.
    """
    return "; ".join(dated_by_act(view, party)) or None


def statuses_of_party(
    answers: ReadModel, party: str, clocks: Clocks, chosen: Policy, *, most: int = MOST_FOLDED
) -> SomeRows:
    """Return a row for each agreement under which a party has a status at D, or perhaps has one.

    Of agreements of which none is ready at most so many are folded. Raises NewerVersionError.
    """
    ready, rest = answers.statuses(party, clocks, kept=chosen.is_default)
    excluded, found = NONE_EXCLUDED, dict(ready)
    for agreement in rest[:most]:
        view = answers.view(agreement, clocks, chosen)
        excluded = excluded.plus(view.standing.excluded)
        answer = answer_strictly(
            view,
            lambda one, of=agreement: {
                "statuses": marked_statuses(of, one, public_states(of, one))
            },  # type: ignore[misc]
        )
        title = described_value(selected_descriptions(view), "title")
        rows = [{**row, "title": title} for row in answer["statuses"] if row["party"] == party]
        found[agreement] = rows[0] if rows else None
    rows = [
        {
            "agreement": agreement,
            "title": row["title"],
            "status": row["status"],
            "since": row["since"],
            "presumed": "presumed" in row["flags"],
            "flags": row["flags"],
            "computed": row.get("computed"),
            "perhaps": row["perhaps"]["status"] if row["perhaps"] else None,
        }
        for agreement, row in sorted(found.items())
        if row is not None and (row["status"] != "none" or row["perhaps"])
    ]
    return SomeRows(rows, excluded, max(0, len(rest) - most))


def status_rows(answers: ReadModel, clocks: Clocks, chosen: Policy) -> AnswerRows:
    """Return a row for each agreement at D: where it stands as a whole, and whether in force."""
    folded, excluded = _folded(answers, clocks, chosen)
    rows = [
        {
            "agreement": agreement,
            "status": answer_of_both(found, phase),
            "in_force": in_force_answer(found),
            "by_day_of_act": _dated_by_act(view),
        }
        for agreement, view, found in folded
    ]
    return AnswerRows(rows, excluded)


def status_of(row: Document) -> str:
    """Return the status in a row of a party; where dates cannot tell, both: `none or party`."""
    perhaps = row["perhaps"]
    if perhaps is None or perhaps["status"] == row["status"]:
        return str(row["status"])
    return f"{row['status']} or {perhaps['status']}"


def _folded(
    answers: ReadModel, clocks: Clocks, chosen: Policy
) -> tuple[list[tuple[str, Resolution, States]], Excluded]:
    """Return the agreements of which something is known and public, and what was left out."""
    things = answers.things("agreement", clocks.known_at)
    found, excluded = [], NONE_EXCLUDED
    for thing, view in answers.folded(things, clocks, chosen):
        if view is not None:
            excluded = excluded.plus(view.standing.excluded)
            if view.standing.claims:
                found.append((thing, view, public_states(thing, view)))
    return found, excluded


def _answered(thing: str, view: Resolution) -> Document:
    return answer_strictly(view, lambda one: _standing_answer(thing, one))


def _standing_answer(thing: str, view: Resolution) -> Document:
    found = public_states(thing, view)
    ceased = ceased_sides(found.without) if found.without.bilateral else ()
    counts = count_parties(found.without)
    return {
        "counts_as": binding_in_words(binding_of(view)),
        "phase": answer_of_both(found, phase),
        **_in_force(found),
        "counts": counts,
        "statuses": marked_statuses(thing, view, found),
        "territories": [
            {"territory": one.territory, "party": one.party, "since": one.since}
            for one in sorted(territories_of(found.without), key=lambda one: one.territory)
        ],
        **({"ceased": list(ceased)} if ceased else {}),
        "certain": is_certain(found, presumed=counts["presumed"] > 0),
    }


def count_parties(state: Agreement) -> Document:
    """Return how many are recorded to have signed, to have consented, and to be parties.

    None (null) where none is recorded and how many there are is unknown; 0 only where it follows:
    no party before the entry into force or after the end, none at all under a paper. `presumed` are
    parties by VCLT 24(3) alone. Signatories are counted whatever they did since, as the depositary
    counts them; a contracting State is one whether or not the agreement is in force
    (VCLT 2(1)(f)), so parties are counted among them.
    """
    statuses = [one for _, one in standings(state)]
    names = [one.name for one in statuses]
    signed = [side for side in state.acting.values() if side.signed]
    treaty, in_force = binds(state.binding), agreement_in_force(state).answer
    ended = phase(state) == "ended"
    none_bound = 0 if in_force == "no" or not treaty else None
    return {
        "signatories": len(signed) or None,
        "contracting": sum(name in CONSENTED for name in names)
        or (0 if ended or not treaty else None),
        "parties": sum(name in BOUND for name in names) or none_bound,
        "presumed": sum(one.presumed for one in statuses),
        "participants": names.count("participant") or (0 if treaty or in_force == "no" else None),
    }


def territories_of(state: Agreement) -> tuple[Extension, ...]:
    """Return the territories to which parties extended it, by the day asked."""
    return with_ends(state, state.on).territories


def differing_entry_into_force(
    view: Resolution, state: Agreement
) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield the claims of a day of entry into force other than the computed day, with why."""
    force = agreement_in_force(state)
    claims = [
        claim
        for found in occurrences_of_type(view, "agreement.entered-into-force")
        for claim in found.pick
        if getattr(claim.body, "mode", None) == force.mode
    ]
    notes = "; ".join(claim.body.note for claim in claims if claim.body.note)
    other = not_the_computed_day(state)
    # What is recorded may lack instruments: without a note of the claim that is nothing to say.
    if other or (force.claimed and notes and state.rule is not None and force.missing):
        given = f"gives {force.computed}" if other else f"still waits for {force.missing}"
        sentence = f"in force from {force.claimed} as claimed, but its rule {given}"
        yield tuple(claim.id for claim in claims), f"{sentence} ({notes})" if notes else sentence
    for found in occurrences_of_type(view, "agreement.entered-into-force-for"):
        for claim in found.pick:
            party: str = getattr(claim.body, "party", "")
            own, by_rule = state.side(party).own, own_day_differs(state, party)
            if own and by_rule and own.text == claim.dates.text:
                sentence = f"in force for {party} from {own.text} as claimed, but the rule gives"
                yield (claim.id,), f"{sentence} {by_rule}"


def _in_force(found: States) -> Document:
    one = agreement_in_force(found.without)
    return {
        "in_force": in_force_answer(found),
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


def agreement_reservations(
    answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy
) -> Document:
    """Return the reservations at D and the matrix of their effects; raise NotKnownError.

    `since` of a pair is the day from which its effect holds; while the pair is pending, the day on
    which silence will count as acceptance (VCLT 20(5)). A State has no row before it consents.
    """
    view = known_view(answers, thing, clocks, chosen)
    found = public_states(thing, view)
    between = reservations_between(found.without)
    perhaps = {_key(pair): pair for pair in reservations_between(found.other)}
    document: Document = {
        **answer_header(answers, thing, view),
        "title": described_value(selected_descriptions(view), "title"),
        "answer": {
            "counts_as": binding_in_words(binding_of(view)),
            "reservations": _reservation_documents(view, found.other),
            "pairs": [_pair(pair, perhaps.pop(_key(pair), None)) for pair in between],
            "perhaps": [_pair(pair, pair) for pair in perhaps.values()],
            "certain": found.certain,
        },
    }
    return add_names(answers, document, clocks)


def _reservation_documents(view: Resolution, state: Agreement) -> list[Document]:
    claims = {
        getattr(claim.body, "ref", ""): claim
        for found in occurrences_of_type(view, "agreement.reservation-formulated")
        for claim in found.pick
    }
    return [_reservation(one, claims[one.ref]) for one in state.reservations if one.party]


def _reservation(one: Reservation, claim: Claim) -> Document:
    body: Any = claim.body
    return {
        "ref": one.ref,
        "party": one.party,
        "formulated": body.acted or body.effective,
        "notified": body.notified,
        "articles": list(one.articles),
        "gist": body.gist,
        "confirms": one.confirms,
        "waits_for_confirmation": one.on_signature,
        "objections": [
            {"by": each.by, "on": each.acted.text, "precludes": each.precludes}
            for each in one.objections
        ],
        "claim": claim.id,
    }


def _pair(pair: Pair, perhaps: Pair | None) -> Document:
    other = perhaps.effect if perhaps and perhaps != pair else None
    return {**pair._asdict(), "missing": pair.missing or None, "perhaps": other}


def _key(pair: Pair) -> tuple[str, str, str]:
    return pair.reserving, pair.ref, pair.other
