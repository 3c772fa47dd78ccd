"""Say what a fact would change in the ledger, and whom it would contradict."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from domain.claims.claim import Claim, Clocks
from domain.claims.comparison import fields_agree, stated_values
from domain.claims.occurrences import measurement_series, merge_alternative
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import Resolution, fold
from domain.decisions.batch import Batch
from domain.decisions.doubts import doubts
from domain.decisions.stream_index import NOT_YET
from domain.kinds.possible_events import FLOWS, looks_like
from domain.kinds.registry import possible_flows
from domain.ledger import Command, Ledger
from events.amounts import Quantity, write_quantity
from events.value import json_name

NEW, RECORDED, CONTRADICTS, REFUSED = "new", "recorded already", "contradicts", "refused"

RefusalText = Callable[[Command, Exception], str]


class PreviewedFact(Struct, frozen=True):
    """What a fact would change; `position` is where it is recorded already, if it is.

    `says` holds a sentence for each claim that it contradicts, for each finding, or why it would
    be refused.
    """

    draft: Command
    outcome: str
    says: tuple[str, ...] = ()
    position: int | None = None


def check_all(
    ledger: Ledger, drafts: Iterable[Command], told: RefusalText, *, as_reported: bool = False
) -> list[PreviewedFact]:
    """Return what each fact of a batch would change, in order; `told` words a refusal."""
    batch, drafts = ledger.batch(rules="report" if as_reported else "refuse"), list(drafts)
    batch.prepare(drafts)
    return [_previewed(batch, draft, told) for draft in drafts]


def _previewed(batch: Batch, draft: Command, told: RefusalText) -> PreviewedFact:
    result = batch.take(draft)
    if result.error is not None:
        return PreviewedFact(draft, REFUSED, (told(draft, result.error),))
    if result.already:
        return PreviewedFact(draft, RECORDED, (result.id,), result.position)
    claims = batch.index(draft.thing).claims
    view = fold(claims, Clocks(datetime.now(UTC).date()), policy(DEFAULT))
    against = tuple(_against(claims[-1], view))
    odd = (*result.findings, *doubts(claims[-1], datetime.now(UTC).date()))
    findings = tuple(f"{name}: {sentence}" for name, sentence in odd)
    alike = tuple(_alike(claims[-1], view))
    return PreviewedFact(draft, CONTRADICTS if against else NEW, against + findings + alike)


def _alike(mine: Claim, view: Resolution) -> Iterator[str]:
    """Yield which recorded flow may be the same event."""
    for group in possible_flows(mine.thing, view).groups if mine.type in FLOWS else ():
        if any(claim.id == mine.id for claim in group):
            other = looks_like(mine, (claim for claim in group if claim.id != mine.id))
            if other is not None:
                at = f"@{other.position}" if other.position < NOT_YET else other.id
                yield f"looks like {at}: `same {at} {mine.id}` or `distinct {at} {mine.id}`"


def _against(mine: Claim, view: Resolution) -> Iterator[str]:
    """Yield what the other claims say against one."""
    yield from _denied(mine, view)
    for whole, others in (*_occurrences(mine, view), *_measurements(mine, view)):
        for other in others:
            if other.body.asserted_by != whole.body.asserted_by:
                yield from _differing(whole, other)


def _occurrences(mine: Claim, view: Resolution) -> Iterator[tuple[Claim, Sequence[Claim]]]:
    """Yield the claim, with the parts it belongs to, and what else is said of its happenings."""
    for answered in view.occurrences:
        wholes = [merge_alternative(alternative) for alternative in answered.ranked]
        for n, alternative in enumerate(answered.ranked):
            if any(claim.id == mine.id for claim in alternative):
                yield wholes[n], wholes[:n] + wholes[n + 1 :]


def _measurements(mine: Claim, view: Resolution) -> Iterator[tuple[Claim, Sequence[Claim]]]:
    """Yield the measurement and those of its series that are of the same days."""
    for measured in measurement_series(view.standing).values():
        if mine.dates.effective is not None and any(claim.id == mine.id for claim in measured):
            dated = [c for c in measured if c.dates.effective]
            yield mine, [c for c in dated if fields_agree(mine, c, "effective")]


def _denied(mine: Claim, view: Resolution) -> Iterator[str]:
    units = [(one.claims, one.denials) for one in view.occurrences]
    for one in view.series:
        measured = (*one.certain, *one.maybe)
        units.append((tuple(c for c in measured if c.id in one.alike), one.denials))
    for claims, denials in units:
        speaks = any(claim.id == mine.id for claim in claims)
        for denial in denials:
            if speaks and denial.body.asserted_by != mine.body.asserted_by:
                yield f"{denial.body.asserted_by} denies it in {denial.id}"
            if denial.id == mine.id:
                others = {c.id: c.body.asserted_by for c in claims}
                yield from (f"{who} says it in {event}" for event, who in others.items())


def _differing(mine: Claim, other: Claim) -> Iterator[str]:
    if mine.type != other.type:
        yield f"{other.body.asserted_by} says {other.type} in {other.id}"
        return
    names = [
        name
        for name in {**stated_values(mine), **stated_values(other)}
        if not fields_agree(mine, other, name)
    ]
    if names:
        values = ", ".join(f"{json_name(n)} {_shown(stated_values(other)[n])}" for n in names)
        yield f"{other.body.asserted_by} says {values} in {other.id}"


def _shown(value: Any) -> str:
    if isinstance(value, Quantity):
        return write_quantity(value)
    return " and ".join(map(str, value)) if isinstance(value, tuple) else str(value)
