"""Answer about an agreement: its description, signatures, entry into force and statuses.

What the day cannot tell is folded twice, without it and with it: `perhaps` is the second.
"""

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from domain.agreement.binding import binding_in_words
from domain.agreement.entry_into_force import bound_from
from domain.agreement.state import (
    Agreement,
    agreement_in_force,
    ceased_sides,
    may_differ,
    phase,
    standing_of,
    standings,
    start_in_force,
    statuses,
)
from domain.agreement.status_table import BOUND, Standing
from domain.claims.alternatives import other_views
from domain.claims.claim import Claim
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.kinds.registry import States, public_states
from projections.queries.document import (
    Document,
    described_support,
    described_value,
    json_value,
    selected_descriptions,
)

RULE_SET = "agreement.entry-into-force-rule-set"
_NONE: Mapping[str, Document] = MappingProxyType({})


def answer(view: Resolution, found: States) -> Document:
    """Return what the policy answers about an agreement at D."""
    return _agreement_document(view, found, _standings(found.without))


def answer_after(view: Resolution, found: States, before: States, answered: Document) -> Document:
    """Return the same answer; only the sides that the last act moved are computed."""
    still = unmoved(before.without, found.without)
    known = {one["party"]: one for one in answered["statuses"] if one["party"] in still}
    return _agreement_document(view, found, _standings(found.without, known))


_AROUND = attrgetter("on", "binding", "rule", "suspended", "territories", "coming")


def unmoved(before: Agreement, after: Agreement) -> frozenset[str]:
    """Return sides whose standing is what it was, perhaps not all; none of a bilateral agreement.

    Where a side stands follows from its own record and from a little of the agreement. In a
    bilateral one the notice of one side may end it for the other (VCLT 70(1)).
    """
    if before.bilateral or after.bilateral or _AROUND(before) != _AROUND(after):
        return frozenset()
    if before.ends or after.ends:
        return frozenset()
    if start_in_force(before) != start_in_force(after):
        return frozenset()
    known, acting = before.acting, after.acting
    as_before = {who for who, side in acting.items() if known.get(who) is side}
    return frozenset(as_before | (after.sides - acting.keys() - known.keys()))


def _agreement_document(view: Resolution, found: States, statuses: list[Document]) -> Document:
    described, state = selected_descriptions(view), found.without
    force = agreement_in_force(state)
    ceased = ceased_sides(state) if state.bilateral else ()
    return {
        "title": described_value(described, "title"),
        "kind": described_value(described, "kind"),
        "binding": described_value(described, "binding"),
        "counts_as": binding_in_words(state.binding),
        "parties": json_value(described_value(described, "parties")),
        "topics": json_value(described_value(described, "topics")),
        "signed": [_signature(claim) for _, claims in _signatures(view) for claim in claims],
        "declarations": [_declaration(claim) for claim in _declarations(view)],
        "phase": answer_of_both(found, phase),
        "in_force": in_force_answer(found),
        "in_force_claimed": force.claimed,
        "in_force_computed": force.computed,
        "in_force_waits_for": force.missing or None,
        "statuses": statuses,
        **({"ceased": list(ceased)} if ceased else {}),
        "certain": is_certain(found, presumed=any("presumed" in s["flags"] for s in statuses)),
    }


def summary(view: Resolution, found: States) -> Document:
    """Return an agreement's row in a list.

    `parties` are those of the day, or the participants of a paper that is not shown to bind,
    `signatories` who signed it and for whom. `others` have another status, or are described as
    parties.
    """
    signatures = _signatures(view)
    first, claims = signatures[0] if signatures else (None, [])
    bodies: list[Any] = [claim.body for _, several in signatures for claim in several]
    described, sides = selected_descriptions(view), [(b.party, b.for_) for b in bodies]
    parties: set[str] = set()
    others: set[str] = set()
    for party, status in statuses(found.without):
        (parties if status in (*BOUND, "participant") else others).add(party)
    signatories = {party for pair in sides for party in pair if party}
    return {
        "title": described_value(described, "title"),
        "kind": described_value(described, "kind"),
        "kind_support": described_support(described, "kind"),
        "signed": claims[0].dates.written if claims else None,
        "signed_support": first.support if first else None,
        "signatories": sorted(signatories),
        "status": answer_of_both(found, phase),
        "parties": sorted(parties),
        "others": sorted(others - signatories),
        "in_force": in_force_answer(found),
    }


def reckoned_days(found: States) -> set[date]:
    """Return the days of entry into force, of the whole and for each party, that a rule gives."""
    state = found.without
    started = start_in_force(state)
    own = (bound_from(state.rule, started, one.acted)[0] for one in state.consents)
    return {day for when in (started, *own) if (day := when.day) is not None}


def in_force_answer(found: States) -> str:
    """Return whether it is in force at D: yes, no or cannot tell."""
    certain = agreement_in_force(found.without).answer
    if found.without is found.including and not found.without.bilateral:
        return certain
    other = agreement_in_force(found.including, perhaps=True).answer
    return certain if certain == other else "cannot tell"


def answer_of_both(found: States, question: Callable[[Agreement], str]) -> str:
    """Return what the states answer without and with what D cannot tell, if that is the same."""
    certain = question(found.without)
    if found.without is found.including or certain == question(found.including):
        return certain
    return "cannot tell"


def is_certain(found: States, *, presumed: bool) -> bool:
    """Say whether nothing is presumed, and no claim or day of which D cannot tell changes it."""
    if presumed or not found.certain:
        return False
    return not may_differ(found.other) or (
        standings(found.without) == standings(found.other, perhaps=True)
    )


def _signatures(view: Resolution) -> list[tuple[ResolvedOccurrence, list[Claim]]]:
    """Return the signatures that hold or may, each with its selected claims."""
    found = []
    for one in view.occurrences:
        signed = [claim for claim in one.pick if claim.type == "agreement.signed"]
        if signed and one.holds != "no":
            found.append((one, signed))
    return found


def _declarations(view: Resolution) -> list[Claim]:
    """Return the declarations that hold or may, in the order of their days."""
    return [
        claim
        for one in view.occurrences
        if one.holds != "no"
        for claim in one.pick
        if claim.type == "agreement.declaration-made"
    ]


def _declaration(claim: Claim) -> Document:
    body: Any = claim.body
    return {"party": body.party, "gist": body.gist, "on": claim.dates.written, "claim": claim.id}


def _signature(claim: Claim) -> Document:
    body: Any = claim.body
    day = claim.dates.written
    return {"party": body.party, "for": body.for_, "mode": body.mode, "on": day}


def _standings(state: Agreement, known: Mapping[str, Document] = _NONE) -> list[Document]:
    """Return the standing of each side; `known` are those that need not be computed again."""
    if not known:
        return [_standing_document(state, party, one) for party, one in standings(state)]
    everybody = sorted(state.sides | state.acting.keys())
    return [
        known.get(party) or _standing_document(state, party, standing_of(state, party))
        for party in everybody
    ]


def _standing_document(state: Agreement, party: str, one: Standing) -> Document:
    return {"party": party, **standing_document(state, party, one)}


def party_statuses(found: States) -> list[Document]:
    """Return a row for each party; `perhaps` is the other status where some dates cannot tell."""
    certainly, perhaps = found.without, found.other
    certain = dict(standings(certainly))
    if certainly is perhaps and not may_differ(certainly):
        return [
            {"party": party, **standing_document(certainly, party, one), "perhaps": None}
            for party, one in certain.items()
        ]
    rows = []
    for party, one in standings(perhaps, perhaps=True):
        row = standing_document(certainly, party, certain.get(party, Standing()))
        other = standing_document(perhaps, party, one)
        rows.append({"party": party, **row, "perhaps": other if other != row else None})
    return rows


def marked_statuses(thing: str, view: Resolution, found: States) -> list[Document]:
    """Return the same; what else a status may be, by a contested act of the party, is a flag."""
    rows = party_statuses(found)
    others = contested_statuses(thing, view, rows)
    return [
        {**row, "flags": [*row["flags"], f"contested: {other}"]}
        if (other := others.get(row["party"]))
        else row
        for row in rows
    ]


def contested_statuses(thing: str, view: Resolution, rows: list[Document]) -> dict[str, str]:
    """Return by party what else its status may be by a contested act: `former since 2018-03-14`.

    Under `strict` what is contested has no value, and the answer says so.
    """
    others: dict[str, list[str]] = {}
    known = {row["party"]: (row["status"], row["since"]) for row in rows}
    for other in () if view.policy.strict else other_views(view, "agreement"):
        for party, one in standings(public_states(thing, other).without):
            told = one.name if one.since is None else f"{one.name} since {one.since}"
            several = others.setdefault(party, [])
            if known.get(party) not in (None, (one.name, one.since)) and told not in several:
                several.append(told)
    return {party: " or ".join(several) for party, several in others.items() if several}


def standing_document(state: Agreement, party: str, one: Standing) -> Document:
    """Return where a side stands, and the territories for which it is bound, if there are any."""
    found: Document = {"status": one.name, "since": one.since, "flags": flags(one)}
    if one.computed:
        found["computed"] = one.computed
    included = [
        {"territory": each.territory, "since": each.since}
        for each in state.territories
        if each.party == party
    ]
    return {**found, "territories": included} if included else found


def flags(one: Standing) -> list[str]:
    """Return what is true of a side beside its standing, in words."""
    raised = [words for words, is_so in zip(_FLAGS.values(), _raised(one), strict=True) if is_so]
    if one.continued_by is not None:
        raised.append(f"continued by {one.continued_by}")
    return raised + [f"continuing {party}" for party in one.continues]


_FLAGS = {
    "applies_provisionally": "applies provisionally",
    "suspended": "suspended",
    "intends_not": "means not to become a party",
    "offered": "offered",
    "presumed": "presumed",
    "ceased": "ceased to exist",
}
_raised = attrgetter(*_FLAGS)
