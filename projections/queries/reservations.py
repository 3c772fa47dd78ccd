"""List the reservations to an agreement and their effect between every two States."""

from typing import Any

from domain.agreement.binding import binding_in_words
from domain.agreement.reservations import Pair, Reservation
from domain.claims.claim import Claim, Clocks
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.kinds.agreement import Agreement, reservations_between
from domain.kinds.registry import binding_of, public_states
from projections.queries.document import (
    Document,
    described_value,
    occurrences_of_type,
    selected_descriptions,
)
from projections.queries.show import add_names, answer_header, known_view
from projections.read_model.database import ReadModel


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
