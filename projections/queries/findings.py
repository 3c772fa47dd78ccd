"""List data-quality problems, by named checks.

A finding is no error: a depositary records and does not adjudicate (VCLT 77(2)). Each check
examines one thing under the clocks and the policy asked for, and names the events concerned.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from domain.agreement.binding import binds
from domain.claims.claim import LEGAL_EFFECTS, Claim, Clocks, as_notice, chronological, days
from domain.claims.comparison import origins
from domain.claims.publication import NONE_EXCLUDED, Excluded, publication_text, published_on
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution
from domain.claims.series import ResolvedSeries, figures_agree
from domain.kinds.law import law_in_force
from domain.kinds.registry import (
    binding_of,
    evolve_claims,
    fold_claims,
    initial_state,
    is_judged,
    judge,
    on_day,
    thing_states,
)
from events.dates import days_at_place, overlap, parse_date
from events.identifiers import kind_of
from events.store.clock import is_ahead
from projections.queries.document import REPORTED, occurrences_of_type, whole_holding
from projections.queries.reserve_findings import (
    Found,
    find_above_all_bitcoin,
    find_impossible_sums,
    find_possible_duplicates,
    find_unexplained_falls,
    find_unreconciled,
    find_zero_amounts,
)
from projections.queries.standing import differing_entry_into_force
from projections.read_model.database import ReadModel


class Finding(NamedTuple):
    """A finding: check, subject, events, sentence; `perhaps` with perhaps public claims alone."""

    check: str
    subject: str
    events: tuple[str, ...]
    sentence: str
    perhaps: bool = False


class FindingList(NamedTuple):
    """The findings, how many claims the day of publication excluded, and a count by check.

    The counts have what is counted and not listed too, and no check of which nothing was found.
    """

    found: list[Finding]
    excluded: Excluded
    counts: dict[str, int]


class CheckContext:
    """What a check may read: the thing's view, and what is asked of other things.

    Answers about other things are kept for all checks: many claims rest on one source.
    """

    def __init__(
        self,
        answers: ReadModel,
        thing: str,
        view: Resolution,
        others: dict[tuple[str, object], str | None],
    ) -> None:
        self.answers, self.thing, self.view, self.others = answers, thing, view, others

    @cached_property
    def ruled(self) -> list["Found"]:
        """Return what the rules of its kind find of each act, at its place in time."""
        return list(_ruled(self))

    def told(self, question: Callable[[str, Resolution], str | None], thing: str) -> str | None:
        """Return what a question about another thing has for an answer at the same clocks."""
        if (thing, question) not in self.others:
            view = self.answers.view(thing, self.view.clocks, self.view.policy)
            self.others[thing, question] = question(thing, view)
        return self.others[thing, question]


FindingCheck = Callable[[CheckContext], Iterator[Found]]


def list_findings(
    answers: ReadModel,
    clocks: Clocks,
    chosen: Policy,
    *,
    thing: str | None = None,
    checks: tuple[str, ...] = (),
) -> FindingList:
    """Return the findings about one thing or all, of the checks named.

    Without a name, of all but those that are asked by name; what needs no person is counted alone.
    """
    named = checks or tuple(name for name in CHECKS if name not in ASKED_BY_NAME)
    found: list[Finding] = []
    excluded = NONE_EXCLUDED
    others: dict[tuple[str, object], str | None] = {}
    for each in [thing] if thing else answers.everything(clocks.known_at):
        if kind_of(each) != "ledger":
            asking = CheckContext(answers, each, answers.view(each, clocks, chosen), others)
            excluded = excluded.plus(asking.view.standing.excluded)
            certain = list(_found(asking, named))
            found += certain
            if asking.view.perhaps is not None:
                second = CheckContext(answers, each, asking.view.perhaps, others)
                more = [one for one in _found(second, named) if not _is_known(one, certain)]
                found += [one._replace(perhaps=True) for one in more]
    counted = Counter(one.check for one in found)
    listed = found if checks else [one for one in found if one.check not in COUNTED]
    return FindingList(listed, excluded, {name: counted[name] for name in named if counted[name]})


def _found(asking: CheckContext, checks: tuple[str, ...]) -> Iterator[Finding]:
    for name in checks:
        for events, sentence in (CHECKS | WANTED)[name][0](asking):
            yield Finding(name, asking.thing, events, sentence)


def _is_known(one: Finding, certain: list[Finding]) -> bool:
    """Say whether a finding is certain already: the same, or with events perhaps public more."""
    return any(
        one == other
        or (
            (one.check, one.sentence) == (other.check, other.sentence)
            and set(other.events) < set(one.events)
            and bool(other.events)
        )
        for other in certain
    )


def _contested(asking: CheckContext) -> Iterator[Found]:
    for found in asking.view.occurrences:
        if found.support == "contested" and found.shown:
            fields = [name for name, status in found.fields.items() if status == "contested"]
            why = f"claims differ in {', '.join(fields)}" if fields else "it is denied"
            events = (*(c.id for c in found.claims), *(d.id for d in found.denials))
            yield events, f"{_verb(found.claims[0])}: {why}"
    for series in asking.view.series:
        if series.support == "contested":
            ids = (*sorted(series.alike), *(denial.id for denial in series.denials))
            why = "it is denied" if series.denials else "measurements of the same days differ"
            verb = series.type.partition(".")[2]
            yield ids, f"{verb}: {why}"


def _compatible(asking: CheckContext) -> Iterator[Found]:
    for series in asking.view.series:
        alike = [c for c in (*series.certain, *series.maybe) if c.id in series.alike]
        values = {repr(getattr(c.body, "amount", getattr(c.body, "value", None))) for c in alike}
        if series.support != "contested" and len(values) > 1:
            ids = tuple(c.id for c in alike)
            sentence = f"{series.type.partition('.')[2]}: {len(alike)} claims differ and agree"
            yield ids, sentence


def _single_source(asking: CheckContext) -> Iterator[Found]:
    for found in asking.view.occurrences:
        if found.shown and len(origins(found.claims)) == 1:
            if found.claims[0].body.basis == "recorder":
                continue
            ids = tuple(c.id for c in found.claims)
            origin = min(origins(found.claims))
            sentence = f"{_verb(found.claims[0])}: all claims go back to {origin}"
            yield ids, sentence


def _order(asking: CheckContext) -> Iterator[Found]:
    return (one for one in asking.ruled if one[1].partition(":")[0] not in _OF_THEIR_OWN)


def _ruled(asking: CheckContext) -> Iterator[Found]:
    """Yield what the rules of its kind find of each act, at its place in time."""
    view = asking.view
    held = view.holding(maybe=True)
    if not any(map(is_judged, held)):
        return
    after = initial_state(asking.thing, view)
    for claim in held:
        before, after = after, evolve_claims(after, claim)
        if None in days(claim) or not is_judged(claim):
            continue  # what came before it is unknown, or nothing is said of it
        state = before
        if last := days(as_notice(claim))[1]:
            state = on_day(state, min(last, view.clocks.as_of))
        verdict = judge(state, claim.body)
        problems = list(verdict.findings)
        if verdict.refusal is not None:
            problems.append((verdict.refusal.name, str(verdict.refusal)))
        for name, sentence in problems:
            yield (claim.id,), f"{name}: {sentence}"


def _cannot_tell(asking: CheckContext) -> Iterator[Found]:
    for found in asking.view.occurrences:
        if found.holds == "cannot tell":
            ids = tuple(c.id for c in found.folded)
            day = asking.view.clocks.as_of
            yield ids, f"{_verb(found.claims[0])}: by {day} or not?"


def _dead_source(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        sources = [source.source for source in claim.body.sources or ()]
        dead = [s for s in sources if asking.told(_outcome, s) in _DEAD]
        if sources and len(dead) == len(sources):
            state = asking.told(_outcome, dead[0])
            yield (claim.id,), f"rests on {', '.join(dead)}: {state}"


def _source_differs(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        for source in claim.body.sources or ():
            own = asking.told(_cited, source.source)
            if own and source.published and not _may_be_one_day(own, source.published):
                sentence = f"carries {source.published}, {source.source} itself says {own}"
                yield (claim.id,), sentence


def _published_later(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        published = published_on(claim)
        if published and claim.time and published.isoformat() > claim.time[:10]:
            day = publication_text(claim)
            sentence = f"recorded on {claim.time[:10]}, published on {day} only"
            yield (claim.id,), sentence


def _overdrawn(asking: CheckContext) -> Iterator[Found]:
    acts = [found for found in asking.ruled if found[1].startswith("overdrawn:")]
    return iter(acts) if acts else find_impossible_sums(asking.thing, asking.view)


def _consents_not_recorded(asking: CheckContext) -> Iterator[Found]:
    if kind_of(asking.thing) == "agreement":
        for events, found in asking.ruled:
            name, _, sentence = found.partition(": ")
            if name == CONSENTS:
                yield events, sentence


def _no_subject(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        if claim.type not in _CONSENTING:
            continue
        party: str = getattr(claim.body, "party", "")
        type_ = asking.told(_type_of_party, party)
        if type_ in ("person", "publisher"):
            sentence = f"{_verb(claim)}: {party} is a {type_}, which is bound by no agreement"
            yield (claim.id,), sentence


def _type_of_party(party: str, view: Resolution) -> str | None:
    type_: str | None = thing_states(party, view).without.type
    return type_


def _published_early(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        first = _first_day_of_act(claim)
        if first is None:
            continue
        for source in claim.body.sources or ():
            last = parse_date(source.published).latest if source.published else None
            if last is not None and last < first:
                sentence = f"{source.source} was published {source.published}, before {first}"
                yield (claim.id,), sentence


def _far_ahead(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        first = _first_day_of_act(claim)
        if first is not None and claim.time and first > _latest_day_at(claim.time):
            sentence = f"{_verb(claim)}: dated {first}, recorded on {claim.time[:10]}"
            yield (claim.id,), sentence


def _first_day_of_act(claim: Claim) -> date | None:
    """Return the first day on which a past act may have been done; None of what may lie ahead.

    An effect may lie ahead of what is published and recorded, and so may a state or the day named
    in a description; the act itself may not.
    """
    if claim.type in _MAY_LIE_AHEAD and claim.body.acted is None:
        return None
    done = claim.dates.acted or claim.dates.when
    if done is None or done.is_span:
        return None
    return days_at_place(done, claim.body.zone)[0]


def _latest_day_at(recorded: str) -> date:
    """Return the last day that it is anywhere at a recorded time."""
    return date.fromisoformat(recorded[:10]) + timedelta(1)


def _not_the_computed_day(asking: CheckContext) -> Iterator[Found]:
    if kind_of(asking.thing) == "agreement":
        state: Any = fold_claims(asking.thing, asking.view, asking.view.holding(maybe=False))
        yield from differing_entry_into_force(asking.view, state)


def _past_its_day(asking: CheckContext) -> Iterator[Found]:
    if kind_of(asking.thing) != "law":
        return
    ceased = any(True for _ in occurrences_of_type(asking.view, "law.ceased"))
    state: Any = fold_claims(asking.thing, asking.view, asking.view.holding(maybe=False))
    if state.until and not ceased and law_in_force(state) == "no":
        ids = tuple(c.id for f in occurrences_of_type(asking.view, "law.in-force") for c in f.pick)
        sentence = f"ran to {state.until}; no claim says that it was extended or ceased"
        yield ids, sentence


def _lapsed(asking: CheckContext) -> Iterator[Found]:
    for resolution in asking.view.lapsed:
        winner = getattr(resolution.body, "winner", "")
        yield (resolution.id,), f"its winner {winner} is not live"


def _recorded_ahead(asking: CheckContext) -> Iterator[Found]:
    now = datetime.now(UTC)
    claims = asking.view.standing.claims
    if claims and is_ahead(max(claim.time for claim in claims), now):
        ahead = [claim for claim in claims if is_ahead(claim.time, now)]
        first = min(claim.time for claim in ahead)
        sentence = f"recorded at {first} or later, ahead of this machine's clock"
        yield tuple(c.id for c in ahead), sentence


CONSENTS = "consents-not-recorded"
ASKED_BY_NAME = ("single-source",)
_DEAD = ("gone", "changed", "retracted")
COUNTED = ("compatible", "cannot-tell")  # they need no person
_OF_THEIR_OWN = (CONSENTS, "not-the-computed-day")
_CONSENTING = ("agreement.consent-expressed", "agreement.reservation-formulated")
_MAY_LIE_AHEAD = LEGAL_EFFECTS | {
    *("agreement.described", "agreement.entry-into-force-rule-set"),
    *("agreement.withdrawal-notified", "agreement.withdrawal-postponed", "law.extended"),
    *("party.dissolved", "party.continued-by", "programme.expired", "reserve.policy-set"),
}
CHECKS: dict[str, tuple[FindingCheck, str]] = {
    "order": (_order, "an act that does not fit the order of acts"),
    "contested": (_contested, "incompatible claims about one occurrence, or a denial"),
    "compatible": (_compatible, "measurements that differ in figures but are compatible in bounds"),
    "single-source": (_single_source, "an occurrence with only one independent origin"),
    "cannot-tell": (_cannot_tell, "an occurrence whose dates do not tell whether it had begun"),
    "dead-source": (_dead_source, "a claim whose sources are all gone, changed or retracted"),
    "source-differs": (
        _source_differs,
        "a claim that dates its source differently from the source itself",
    ),
    "recorded-before-published": (_published_later, "a claim recorded before it was published"),
    "overdrawn": (_overdrawn, "more drawn or moved than the ledger balance or the access"),
    "not-the-computed-day": (
        _not_the_computed_day,
        "an agreement in force from another day than its rule gives",
    ),
    CONSENTS: (
        _consents_not_recorded,
        "an entry into force without a consent recorded for that day",
    ),
    "no-subject": (_no_subject, "a publisher or a person that consents or makes a reservation"),
    "published-before-it-happened": (
        _published_early,
        "a claim with a source that was published before the act",
    ),
    "day-far-ahead": (_far_ahead, "an act dated later than it was recorded"),
    "past-its-day": (_past_its_day, "a law past the day on which it lapses"),
    "possible-duplicate": (
        lambda of: find_possible_duplicates(of.thing, of.view),
        "claims that may be about one event but are counted as several",
    ),
    "unexplained-fall": (
        lambda of: find_unexplained_falls(of.view),
        "a party's next figure is less than half, without a disposal between",
    ),
    "zero-amount": (lambda of: find_zero_amounts(of.view), "a flow of 0"),
    "unreconciled": (
        lambda of: find_unreconciled(of.thing, of.view),
        "ledger balance and reported holding differ by more than their bounds explain",
    ),
    "above-all-bitcoin": (
        lambda of: find_above_all_bitcoin(of.thing, of.view),
        "a balance above all bitcoin that can exist",
    ),
    "lapsed-resolution": (_lapsed, "a resolution whose winner was retracted"),
    "recorded-ahead": (_recorded_ahead, "a claim recorded later than this machine's clock"),
}


def _no_day(asking: CheckContext) -> Iterator[Found]:
    undated = [
        claim
        for one in asking.view.occurrences
        if one.holds == "cannot tell"
        for claim in one.folded
        if claim.dates.when is None
    ]
    undated += [c for one in asking.view.series for c in one.maybe if c.dates.when is None]
    for claim in undated:
        yield (claim.id,), f"{_verb(claim)}: no day is stated"


def _no_source(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        if not claim.body.sources and claim.type not in _ON_THE_RECORDERS_WORD:
            sentence = f"{_verb(claim)}: asserted by the recorder, without a source"
            yield (claim.id,), sentence


def _no_second_origin(asking: CheckContext) -> Iterator[Found]:
    view = asking.view
    told: list[tuple[str, tuple[Claim, ...], str | None]] = []
    told += [(one.claims[0].type, one.claims, one.support) for one in view.occurrences if one.shown]
    whole = [one for one in view.series if not any(one.key) or one.type != REPORTED]
    told += [(one.type, _agreeing(one), one.support) for one in whole]
    for type_, claims, support in told:
        by_recorder = claims[0].body.basis == "recorder"
        if support != "single source" or by_recorder or type_ in _OF_ONE_ORIGIN:
            continue
        if len(origins(claims)) == 1:
            ids = tuple(claim.id for claim in claims)
            sentence = f"{_verb(claims[0])}: its only origin is {min(origins(claims))}"
            yield ids, sentence


def _agreeing(series: ResolvedSeries) -> tuple[Claim, ...]:
    """Return the selected figure, and those of the same days that agree with it."""
    best = series.best
    alike = [c for c in (*series.certain, *series.maybe) if c.id in series.alike and c is not best]
    return best, *(claim for claim in alike if figures_agree(claim, best))


def _no_rule(asking: CheckContext) -> Iterator[Found]:
    if kind_of(asking.thing) != "agreement" or not binds(binding_of(asking.view)):
        return
    types = {claim.type for claim in asking.view.standing.claims}
    if types.isdisjoint(("agreement.entry-into-force-rule-set", "agreement.entered-into-force")):
        sentence = "no rule and no day of entry into force is recorded"
        yield (), sentence


def _no_holder(asking: CheckContext) -> Iterator[Found]:
    is_reserve = kind_of(asking.thing) == "reserve"
    if is_reserve and thing_states(asking.thing, asking.view).without.holder is None:
        yield (), "no claim names the holder"


def _no_figure(asking: CheckContext) -> Iterator[Found]:
    if kind_of(asking.thing) == "reserve" and whole_holding(asking.view) is None:
        yield (), "no holding of the whole is reported"


_OF_ONE_ORIGIN = frozenset(("party.established", "party.renamed", "party.stated", "source.cited"))
_OF_ONE_ORIGIN |= {"source.archived", "source.rechecked"}
_ON_THE_RECORDERS_WORD = _OF_ONE_ORIGIN | {"agreement.described"}
WANTED: dict[str, tuple[FindingCheck, str]] = {
    "no-day": (_no_day, "a claim without a day, of a type that needs one"),
    "no-source": (_no_source, "a claim of the recorder without a source"),
    "no-second-origin": (_no_second_origin, "an occurrence or a figure with only one origin"),
    "no-rule": (_no_rule, "an agreement without a rule or a day of entry into force"),
    "no-holder": (_no_holder, "a reserve without a claim that names the holder"),
    "no-figure": (_no_figure, "a reserve without a reported holding"),
}


def _verb(claim: Claim) -> str:
    return claim.type.partition(".")[2]


def _outcome(_: str, view: Resolution) -> str | None:
    cited = [c for c in view.standing.claims if c.type == "source.cited"]
    if not cited and view.standing.retracted:
        return "retracted"
    checked = [c for c in view.standing.claims if c.type == "source.rechecked"]
    last: Any = max(checked, key=chronological, default=None)
    return last.body.outcome if last else None


def _cited(_: str, view: Resolution) -> str | None:
    for claim in view.standing.claims:
        published: str | None = getattr(claim.body, "published", None)
        if published:
            return published
    return None


def _may_be_one_day(a: str, b: str) -> bool:
    return overlap(parse_date(a), None, parse_date(b), None)
