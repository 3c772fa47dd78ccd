"""List data-quality problems, by named checks.

A finding is no error: a depositary records and does not adjudicate (VCLT 77(2)). Each check
examines one thing under the clocks and the policy asked for, and names the events concerned.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from domain.agreement.binding import binds
from domain.claims.claim import Claim, Clocks
from domain.claims.comparison import figures_agree, origins
from domain.claims.publication import (
    NONE_EXCLUDED,
    Excluded,
    publication_text,
    published_on,
    source_public_on,
)
from domain.claims.ranking import DEFAULT, Policy, policy
from domain.claims.resolution import Resolution
from domain.claims.series import ResolvedSeries
from domain.decisions.doubts import far_ahead, published_early
from domain.kinds.law import law_in_force
from domain.kinds.registry import WITH_FLOWS, binding_of, fold_claims
from events.dates import overlap, parse_date
from events.identifiers import kind_of
from events.store.clock import is_ahead
from projections.queries.document import (
    REPORTED,
    canonical_text,
    occurrences_of_type,
    whole_holding,
)
from projections.queries.finding_context import CheckContext, FoldedStates, Found, Others, Told
from projections.queries.reserve_findings import (
    find_above_all_bitcoin,
    find_impossible_sums,
    find_possible_duplicates,
    find_unexplained_falls,
    find_unreconciled,
    find_zero_amounts,
)
from projections.queries.standing import differing_entry_into_force
from projections.read_model.catch_up import Progress
from projections.read_model.database import ReadModel
from projections.read_model.list_cache import KeptFindings, keep_findings, stored_findings


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


class FindingCheck(NamedTuple):
    """How findings of a name are found, what they are, and in which kinds; () is in every kind."""

    find: Callable[[CheckContext], Iterable[Found]]
    what: str
    kinds: tuple[str, ...] = ()


def list_findings(
    answers: ReadModel,
    clocks: Clocks,
    chosen: Policy,
    *,
    thing: str | None = None,
    checks: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> FindingList:
    """Return the findings about one thing or all, of the checks named.

    Without a name, of all but those that are asked by name; what needs no person is counted alone.
    Under the default policy what was found of a thing is kept, and holds where its line does.
    """
    named = checks or tuple(name for name in CHECKS if name not in ASKED_BY_NAME)
    found: list[Finding] = []
    excluded = NONE_EXCLUDED
    others = _others(answers, clocks, chosen)
    holding: dict[str, int] = {}
    kept: dict[str, KeptFindings] = {}
    new: list[KeptFindings] = []
    if thing is None and chosen.is_default and set(named) <= {*KEPT, AHEAD}:
        holding, kept = answers.kept_findings(clocks)
    things = [thing] if thing else answers.everything(clocks.known_at)
    folded = 0
    for done, each in enumerate(things, 1):
        if kind_of(each) == "ledger":
            continue
        if (ready := kept.get(each)) and (told := _still_found(ready, clocks, others)) is not None:
            found += [one for one in told if one.check in named]
            continue
        asking = CheckContext(each, answers.view(each, clocks, chosen), others)
        excluded = excluded.plus(asking.view.standing.excluded)
        every = list(_found(asking, KEPT if each in holding else named))
        if each in holding:
            new.append(_kept(asking, holding[each], every))
        certain = [one for one in every if one.check in named]
        found += [*certain, *_perhaps(asking, named, certain, others)]
        folded += 1
        if progress is not None and folded % _AT_ONCE == 0:
            progress(done, len(things))
        if len(new) == _AT_ONCE:
            keep_findings(answers.connection, new)
            new = []
    if new:
        keep_findings(answers.connection, new)
    if progress is not None:
        progress(len(things), len(things))
    counted = Counter(one.check for one in found)
    listed = found if checks else [one for one in found if one.check not in COUNTED]
    return FindingList(listed, excluded, {name: counted[name] for name in named if counted[name]})


def _others(
    answers: ReadModel, clocks: Clocks, chosen: Policy, known: Told | None = None
) -> Others:
    return Others(lambda thing: answers.view(thing, clocks, chosen), known)


def _still_found(kept: KeptFindings, clocks: Clocks, others: Others) -> list[Finding] | None:
    """Return the findings that are kept of a thing, None where others answer otherwise since."""
    told: Told = json.loads(kept.told)
    if any(others.answer(key) != answer for key, answer in told.items()):
        return None
    return [
        Finding(
            check,
            kept.thing,
            tuple(events),
            _cannot_tell_by(sentence, clocks.as_of) if check == CANNOT_TELL else sentence,
        )
        for check, events, sentence in json.loads(kept.found)
    ]


def find_wrong(answers: ReadModel) -> str | None:
    """Return a thing of which other findings are kept than are found anew; None for none."""
    for day, kept in stored_findings(answers.connection):
        clocks, chosen = Clocks(day), policy(DEFAULT)
        others = _others(answers, clocks, chosen, json.loads(kept.told))
        view = answers.view(kept.thing, clocks, chosen)
        if findings_to_keep(kept.thing, view, kept.last_position, others) != kept:
            return kept.thing
    return None


def findings_to_keep(
    thing: str, view: Resolution, last: int, others: Others, folded: FoldedStates | None = None
) -> KeptFindings:
    """Return what is kept of what is found of a thing, at a view of its `last` claim.

    `folded` are the states of the view, where they were folded and judged already.
    """
    asking = CheckContext(thing, view, others, folded)
    return _kept(asking, last, list(_found(asking, KEPT)))


def _kept(asking: CheckContext, last: int, found: list[Finding]) -> KeptFindings:
    """Return the same of findings; of what D cannot tell without the day."""
    plain = [
        (n, events, said.partition(":")[0] if n == CANNOT_TELL else said)
        for n, _, events, said, _ in found
    ]
    return KeptFindings(asking.thing, last, canonical_text(plain), canonical_text(asking.told))


def _found(asking: CheckContext, checks: tuple[str, ...]) -> Iterator[Finding]:
    kind = kind_of(asking.thing)
    for name in checks:
        check = _EVERY[name]
        # Of a description each field is an occurrence, and of several the same may be found.
        for events, sentence in dict.fromkeys(
            check.find(asking) if kind in (check.kinds or (kind,)) else ()
        ):
            yield Finding(name, asking.thing, events, sentence)


def _perhaps(
    asking: CheckContext, checks: tuple[str, ...], certain: list[Finding], others: Others
) -> list[Finding]:
    """Return what is found with all that perhaps was public, and not without."""
    if asking.view.perhaps is None:
        return []
    second = CheckContext(asking.thing, asking.view.perhaps, others)
    found = (one for one in _found(second, checks) if not _is_known(one, certain))
    return [one._replace(perhaps=True) for one in found]


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
        alone = len(found.claims) == 1 and not found.denials
        if not alone and found.shown and found.support == "contested":
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


def _cannot_tell(asking: CheckContext) -> Iterator[Found]:
    for found in asking.view.occurrences:
        if found.holds == "cannot tell":
            ids = tuple(c.id for c in found.folded)
            yield ids, _cannot_tell_by(_verb(found.claims[0]), asking.view.clocks.as_of)


def _cannot_tell_by(verb: str, day: date) -> str:
    return f"{verb}: by {day} or not?"


def _dead_source(asking: CheckContext) -> Iterator[Found]:
    sources = dict.fromkeys(ref.source for ref in asking.cited)
    dead = {source for source in sources if asking.ask("outcome", source) in _DEAD}
    for claim in asking.view.standing.claims if dead else ():
        cited = [ref.source for ref in claim.body.sources or ()]
        if cited and dead.issuperset(cited):
            yield (claim.id,), f"rests on {', '.join(cited)}: {asking.ask('outcome', cited[0])}"


def _source_differs(asking: CheckContext) -> Iterator[Found]:
    differing = {
        ref: own
        for ref in asking.cited
        if ref.published and (own := asking.ask("cited", ref.source))
        if not overlap(parse_date(own), None, parse_date(ref.published), None)
    }
    for claim in asking.view.standing.claims if differing else ():
        for ref in claim.body.sources or ():
            if ref in differing:
                sentence = f"carries {ref.published}, {ref.source} itself says {differing[ref]}"
                yield (claim.id,), sentence


def _published_later(asking: CheckContext) -> Iterator[Found]:
    claims = asking.view.standing.claims
    days = [last for ref in asking.cited if (last := source_public_on(ref))]
    if not any(claim.published_by for claim in claims) and (
        not days or max(days).isoformat() <= claims[0].time[:10]  # the first that was recorded
    ):
        return
    for claim in claims:
        published = published_on(claim)
        if published and published.isoformat() > claim.time[:10] > "":
            day = publication_text(claim)
            sentence = f"recorded on {claim.time[:10]}, published on {day} only"
            yield (claim.id,), sentence


def _overdrawn(asking: CheckContext) -> Iterator[Found]:
    acts = [found for found in asking.ruled if found[1].startswith("overdrawn:")]
    return iter(acts) if acts else find_impossible_sums(asking)


def _consents_not_recorded(asking: CheckContext) -> Iterator[Found]:
    for events, found in asking.ruled:
        name, _, sentence = found.partition(": ")
        if name == CONSENTS:
            yield events, sentence


def _no_subject(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        if claim.type not in _CONSENTING:
            continue
        party: str = getattr(claim.body, "party", "")
        type_ = asking.ask("type", party)
        if type_ in ("person", "publisher"):
            sentence = f"{_verb(claim)}: {party} is a {type_}, which is bound by no agreement"
            yield (claim.id,), sentence


def _published_early(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        if claim.body.sources:
            yield from (((claim.id,), sentence) for sentence in published_early(claim))


def _far_ahead(asking: CheckContext) -> Iterator[Found]:
    for claim in asking.view.standing.claims:
        if claim.time and (sentence := far_ahead(claim, date.fromisoformat(claim.time[:10]))):
            yield (claim.id,), sentence


def _not_the_computed_day(asking: CheckContext) -> Iterable[Found]:
    types = ("agreement.entered-into-force", "agreement.entered-into-force-for")
    if not any(True for _ in occurrences_of_type(asking.view, *types)):
        return ()  # as of most: no day is claimed
    state: Any = fold_claims(asking.thing, asking.view, asking.view.holding(maybe=False))
    return differing_entry_into_force(asking.view, state)


def _past_its_day(asking: CheckContext) -> Iterator[Found]:
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


_AT_ONCE = 500  # subjects whose findings are kept together
CONSENTS = "consents-not-recorded"
ASKED_BY_NAME = ("single-source",)
_DEAD = ("gone", "changed", "retracted")
CANNOT_TELL, AHEAD = "cannot-tell", "recorded-ahead"
COUNTED = ("compatible", CANNOT_TELL)  # they need no person
_OF_THEIR_OWN = (CONSENTS, "not-the-computed-day", "overdrawn")
_CONSENTING = ("agreement.consent-expressed", "agreement.reservation-formulated")
CHECKS: dict[str, FindingCheck] = {
    "order": FindingCheck(_order, "an act that does not fit the order of acts"),
    "contested": FindingCheck(_contested, "incompatible claims about one occurrence, or a denial"),
    "compatible": FindingCheck(
        _compatible, "measurements that differ in figures but are compatible in bounds"
    ),
    "single-source": FindingCheck(_single_source, "an occurrence with only one independent origin"),
    CANNOT_TELL: FindingCheck(
        _cannot_tell, "an occurrence whose dates do not tell whether it had begun"
    ),
    "dead-source": FindingCheck(
        _dead_source, "a claim whose sources are all gone, changed or retracted"
    ),
    "source-differs": FindingCheck(
        _source_differs, "a claim that dates its source differently from the source itself"
    ),
    "recorded-before-published": FindingCheck(
        _published_later, "a claim recorded before it was published"
    ),
    "overdrawn": FindingCheck(
        _overdrawn, "more drawn or moved than the ledger balance or the access", WITH_FLOWS
    ),
    "not-the-computed-day": FindingCheck(
        _not_the_computed_day,
        "an agreement in force from another day than its rule gives",
        ("agreement",),
    ),
    CONSENTS: FindingCheck(
        _consents_not_recorded,
        "an entry into force without a consent recorded for that day",
        ("agreement",),
    ),
    "no-subject": FindingCheck(
        _no_subject, "a publisher or a person that consents or makes a reservation", ("agreement",)
    ),
    "published-before-it-happened": FindingCheck(
        _published_early, "a claim with a source that was published before the act"
    ),
    "day-far-ahead": FindingCheck(_far_ahead, "an act that is dated after its recording"),
    "past-its-day": FindingCheck(_past_its_day, "a law past the day on which it lapses", ("law",)),
    "possible-duplicate": FindingCheck(
        find_possible_duplicates, "claims that may be about one event but are counted as several"
    ),
    "unexplained-fall": FindingCheck(
        find_unexplained_falls,
        "a party's next figure is less than half, without a disposal between",
        ("reserve",),
    ),
    "zero-amount": FindingCheck(find_zero_amounts, "a flow of 0", WITH_FLOWS),
    "unreconciled": FindingCheck(
        find_unreconciled,
        "ledger balance and reported holding differ by more than their bounds explain",
        ("reserve",),
    ),
    "above-all-bitcoin": FindingCheck(
        find_above_all_bitcoin, "a balance above all bitcoin that can exist", ("reserve",)
    ),
    "lapsed-resolution": FindingCheck(_lapsed, "a resolution whose winner was retracted"),
    AHEAD: FindingCheck(_recorded_ahead, "a claim recorded later than this machine's clock"),
}

# What is found of a thing's own claims and of what others are told to be: it is kept.
KEPT = tuple(name for name in CHECKS if name not in (*ASKED_BY_NAME, AHEAD))


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
    if not binds(binding_of(asking.view)):
        return
    types = {claim.type for claim in asking.view.standing.claims}
    if types.isdisjoint(("agreement.entry-into-force-rule-set", "agreement.entered-into-force")):
        sentence = "no rule and no day of entry into force is recorded"
        yield (), sentence


def _no_holder(asking: CheckContext) -> Iterator[Found]:
    claims = asking.view.standing.claims
    named = any(getattr(claim.body, "holder", None) for claim in claims)
    if not named:
        yield (), "no claim names the holder"


def _no_figure(asking: CheckContext) -> Iterator[Found]:
    if whole_holding(asking.view) is None:
        yield (), "no holding of the whole is reported"


_OF_ONE_ORIGIN = frozenset(("party.established", "party.renamed", "party.stated", "source.cited"))
_OF_ONE_ORIGIN |= {"source.archived", "source.rechecked"}
_ON_THE_RECORDERS_WORD = _OF_ONE_ORIGIN | {"agreement.described"}
WANTED: dict[str, FindingCheck] = {
    "no-day": FindingCheck(_no_day, "a claim without a day, of a type that needs one"),
    "no-source": FindingCheck(_no_source, "a claim of the recorder without a source"),
    "no-second-origin": FindingCheck(
        _no_second_origin, "an occurrence or a figure with only one origin"
    ),
    "no-rule": FindingCheck(
        _no_rule, "an agreement without a rule or a day of entry into force", ("agreement",)
    ),
    "no-holder": FindingCheck(
        _no_holder, "a reserve without a claim that names the holder", ("reserve",)
    ),
    "no-figure": FindingCheck(_no_figure, "a reserve without a reported holding", ("reserve",)),
}
_EVERY = CHECKS | WANTED


def _verb(claim: Claim) -> str:
    return claim.type.partition(".")[2]
