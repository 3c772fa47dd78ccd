"""By which key would a patient reader join the claims of one happening, and in which period?

docs/spec/answers.md, 6 and 7, followed with a pencil: the tables are copied from the page, and each
period is found by walking over all claims again.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from domain.claims.interval import Interval, interval

PARTY = ("party",)
KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "party.established",
            "party.dissolved",
            "agreement.announced",
            "agreement.text-adopted",
            "agreement.opened-for-signature",
            "agreement.concluded",
            "agreement.entry-into-force-rule-set",
            "agreement.terminated",
            "reserve.announced",
            "reserve.established",
            "programme.approved",
            "programme.cancelled",
            "programme.expired",
            "allocation.allocated",
            "allocation.withdrawn",
            "proposal.submitted",
            "proposal.withdrawn",
            "proposal.enacted",
            "law.adopted",
            "law.published",
            "law.in-force",
            "law.ceased",
            "meeting.held",
        ),
        (),
    ),
    **dict.fromkeys(
        (
            "party.continued-by",
            "party.same-as",
            "agreement.signature-confirmed",
            "agreement.consent-expressed",
            "agreement.consent-withdrawn",
            "agreement.intention-not-to-become-party",
            "agreement.provisionally-applied",
            "agreement.entered-into-force-for",
            "agreement.withdrawal-notified",
            "agreement.withdrawal-revoked",
        ),
        PARTY,
    ),
    "party.appointed": ("office", "body"),
    "party.office-ended": ("office", "body"),
    "source.cited": ("field",),
    "source.archived": ("sha256",),
    "agreement.described": ("field",),
    "agreement.signed": ("side", "signing"),
    "agreement.entered-into-force": ("mode",),
    "agreement.reservation-formulated": ("ref",),
    "agreement.reservation-withdrawn": ("ref",),
    "agreement.reservation-objected": ("ref", "by"),
    "agreement.objection-withdrawn": ("ref", "by"),
    "agreement.suspended": ("for_", "between"),
    "agreement.resumed": ("for_", "between"),
    "agreement.registered": ("with_",),
    "agreement.territory-included": ("party", "territory"),
    "agreement.territory-excluded": ("party", "territory"),
    "programme.staff-level-agreement-reached": ("review",),
    "programme.condition-set": ("ref",),
    "programme.review-completed": ("n",),
    "programme.disbursed": ("review",),
    "allocation.energised": ("phase",),
    "proposal.taken-up": ("by",),
    "proposal.rejected": ("by",),
    "proposal.returned": ("by",),
    "proposal.endorsed": ("by",),
}
# Where a field is absent the claim joins the only value there is; types of one line together.
JOIN_THE_ONLY_VALUE = (
    ("party.appointed", "party.office-ended"),
    ("allocation.energised",),
    ("proposal.taken-up", "proposal.returned"),
    ("proposal.rejected",),
    ("proposal.endorsed",),
)
WHERE_NAMED = ("programme.disbursed",)

BEGINS, ENDS, OTHERS = 0, 1, 2
MEMBERS = (
    ("consent-expressed", "signed", "entered-into-force-for"),
    ("consent-withdrawn", "terminated", "withdrawal-notified"),
    ("signature-confirmed", "intention-not-to-become-party"),
)
PROVISIONAL = (
    ("provisionally-applied",),
    ("intention-not-to-become-party", "terminated", "withdrawal-notified"),
    (),
)
PAIRS = (
    ("agreement", "suspended", "resumed"),
    ("agreement", "reservation-formulated", "reservation-withdrawn"),
    ("agreement", "reservation-objected", "objection-withdrawn"),
    ("agreement", "territory-included", "territory-excluded"),
    ("party", "appointed", "office-ended"),
    ("law", "in-force", "ceased"),
    ("proposal", "taken-up", "returned"),
)


def joining(live: Iterable[Any], distinct: set[frozenset[str]]) -> dict[tuple[str, str], Any]:
    """Return by id and field what claims of one happening have in common, None: nothing."""
    once = [said for said in live if said.type in KEYS]
    values = {(said.id, said.field): _joined_values(said, once) for said in once}
    periods = _periods(once, values, distinct)
    return {
        (said.id, said.field): None
        if said.type in WHERE_NAMED and values[said.id, said.field] == ("",)
        else (said.type, values[said.id, said.field], periods.get(said.id, 0))
        for said in once
    }


def _stated(said: Any) -> tuple[str, ...]:
    return tuple(_value(said, name) for name in KEYS[said.type])


def _value(said: Any, name: str) -> str:
    body = said.body
    if name == "field":
        return str(said.field)
    if name == "side":
        return str(body.for_ or body.party)
    if name == "signing":
        return body.mode if body.mode in ("initialling", "succession") else ""
    value = getattr(body, name, None)
    return "" if value is None else str(value)


def _joined_values(said: Any, once: list[Any]) -> tuple[str, ...]:
    mine = _stated(said)
    together = next((types for types in JOIN_THE_ONLY_VALUE if said.type in types), ())
    fuller = {
        theirs
        for theirs in (_stated(other) for other in once if other.type in together)
        if theirs != mine and all(a in ("", b) for a, b in zip(mine, theirs, strict=True))
    }
    fullest = [one for one in fuller if one.count("") == min(other.count("") for other in fuller)]
    return fullest[0] if len(fullest) == 1 else mine


# Periods


def _periods(
    once: list[Any], values: Mapping[tuple[str, str], Any], distinct: set[frozenset[str]]
) -> dict[str, int]:
    def of(kind: str, verbs: Iterable[str]) -> list[Any]:
        return [said for said in once if said.type in [f"{kind}.{verb}" for verb in verbs]]

    def key(said: Any) -> Any:
        return values[said.id, said.field]

    found: dict[str, int] = {}
    described = {party for said in once for party in getattr(said.body, "parties", None) or ()}
    parties = {key(s)[:1] for s in once if s.type.startswith("agreement.") and key(s)}
    for party in parties:
        begun, ended, others = (
            [s for s in of("agreement", verbs) if key(s)[:1] in (party, ())] for verbs in MEMBERS
        )
        notices = [s for s in ended if s.type == "agreement.withdrawal-notified"]
        revocations = [s for s in of("agreement", ("withdrawal-revoked",)) if key(s) == party]
        numbers, revoked = number_notices(notices, revocations, begun)
        found |= numbers
        effects = [
            (_effect(s), 0, s)
            for s in of("agreement", ("withdrawal-notified",))
            if len(described) == 2 and key(s)[:1] != party and key(s)[0] in described
            if s.id not in _revoked(s, of, key)
        ]
        others = [*others, *revocations, *(s for s in notices if s.id in revoked)]
        ended = [s for s in ended if s.id not in revoked]
        of_notice, numbers = numbers, _walk(begun, ended, others, distinct, effects)
        # A notice has both numbers; a termination ends every party's period and is one happening.
        apart = {s.id for s in (*notices, *revocations, *of("agreement", ("terminated",)))}
        found |= {id_: n for id_, n in numbers.items() if id_ not in apart}
        both = {id_: (numbers[id_], n) for id_, n in of_notice.items()}
        places = sorted(set(both.values()))
        found |= {id_: places.index(pair) for id_, pair in both.items()}
        begun, ended, _ = (
            [s for s in of("agreement", verbs) if key(s)[:1] in (party, ())]
            for verbs in PROVISIONAL
        )
        ending = {s.id for s in ended}
        numbers = _walk(begun, ended, [], distinct)
        found |= {id_: n for id_, n in numbers.items() if id_ not in ending}
    if len(described) == 2:  # what the notice of one ended may enter into force again
        over = [
            (_effect(s), 0, s)
            for s in of("agreement", ("withdrawal-notified",))
            if key(s)[0] in described and s.id not in _revoked(s, of, key)
        ]
        entries = of("agreement", ("entered-into-force",)) if over else []
        for mode in {key(s) for s in entries}:
            found |= _walk([s for s in entries if key(s) == mode], [], [], distinct, over)
    for kind, begins, ends in PAIRS:
        begun, ended = of(kind, (begins,)), of(kind, (ends,))
        whole = [s for s in ended if ends == "resumed" and not any(key(s))]
        for one in {key(s) for s in begun + ended}:
            mine = [s for s in begun if key(s) == one]
            mine_ended = [s for s in ended if key(s) == one or s in whole]
            numbers = _walk(mine, mine_ended, [], distinct)
            found |= {id_: n for id_, n in numbers.items() if id_ not in {s.id for s in whole}}
        numbers = _walk(begun, whole, [], distinct, own_ends=False)
        found |= {s.id: numbers[s.id] for s in whole}
    return found


def _walk(
    begun: list[Any],
    ended: list[Any],
    others: list[Any],
    distinct: set[frozenset[str]],
    effects: Iterable[tuple[Interval, int, Any]] = (),
    *,
    own_ends: bool = True,
) -> dict[str, int]:
    """Number the claims of one key in the order of their first days, endings before beginnings."""
    steps = [(_ended(s), 0, s) for s in ended] + [(_began(s), 1, s) for s in begun]
    steps += effects
    steps += [(_ended(s) if "withdrawal" in s.type else _began(s), 2, s) for s in others]
    if own_ends:
        steps += [(end, 0, s) for s in begun if (end := _own_end(s)) is not None]
    steps.sort(key=lambda step: (step[0].first, step[1], step[2].version))
    numbers: dict[str, int] = {}
    period: list[tuple[Interval, int, Any]] = []  # what there is of the current period
    number = 0
    for when, rank, said in steps:
        over = any(rank == 0 and end.last <= when.first for end, rank, _ in period)
        apart = any(r == 1 and frozenset((s.id, said.id)) in distinct for _, r, s in period)
        if rank == 1 and (over or apart):
            number, period = number + 1, []
        period.append((when, rank, said))
        if rank > 0 or said in ended:
            numbers[said.id] = number
    return numbers


def number_notices(
    notices: list[Any], revocations: list[Any], begun: list[Any]
) -> tuple[dict[str, int], set[str]]:
    """Number one party's notices and revocations, and say which notices were taken back."""
    steps = [(_ended(s), 0, s) for s in notices] + [(_ended(s), 1, s) for s in revocations]
    steps += [(_began(s), 2, s) for s in begun]
    earliest = min((_ended(s).first for s in notices), default=date.min)

    def place(step: tuple[Interval, int, Any]) -> tuple[date, int, int]:
        when, rank, said = step
        # A revocation before every notice comes after those of the first day.
        return max(when.first, earliest) if rank == 1 else when.first, rank, said.version

    steps.sort(key=place)
    groups: list[list[tuple[Interval, Any]]] = []
    numbers: dict[str, int] = {}
    revoked: set[str] = set()
    again = True
    for when, rank, said in steps:
        if rank == 0:
            if again:
                groups.append([])
            again = False
            groups[-1].append((when, said))
        elif rank == 1:
            again = True
            revoked |= {s.id for _, s in groups[-1]} if groups else set()
        elif groups and any(given.last <= when.first for given, _ in groups[-1]):
            again = True
        if rank < 2:
            numbers[said.id] = max(len(groups) - 1, 0)
    return numbers, revoked


def _revoked(notice: Any, of: Callable[..., list[Any]], key: Callable[[Any], Any]) -> set[str]:
    """Return which notices of the same party were taken back."""
    notices, revocations, begun = (
        [s for s in of("agreement", verbs) if key(s)[:1] == key(notice)[:1]]
        for verbs in (("withdrawal-notified",), ("withdrawal-revoked",), MEMBERS[0])
    )
    return number_notices(notices, revocations, begun)[1]


def _effect(notice: Any) -> Interval:
    effective = notice.body.effective
    return interval(effective, notice.body.zone) if effective else Interval(date.min, date.max)


def _began(said: Any) -> Interval:
    effective, acted = said.body.effective, said.body.acted
    succeeds = said.type == "agreement.consent-expressed" and said.body.mode == "succession"
    if effective is None and acted and succeeds:  # by the day of the notification, or before
        return Interval(date.min, interval(acted, said.body.zone).last)
    return interval(effective or acted, said.body.zone)


def _ended(said: Any) -> Interval:
    return interval(said.body.acted or said.body.effective, said.body.zone)


def _own_end(said: Any) -> Interval | None:
    text = said.body.effective or ""
    end = text.partition("/")[2]
    lasting = ("provisionally-applied", "suspended", "appointed", "in-force")
    if end in ("", "..") or said.type.partition(".")[2] not in lasting:
        return None
    return interval(end, said.body.zone)
