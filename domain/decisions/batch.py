"""Decide on a batch of commands, each on what is recorded and on those before it.

Nothing is written here: what becomes an event waits in `claims` and `rows` until the ledger writes
it, and the index of its thing has grown by it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from domain.claims.claim import Claim, Clocks
from domain.claims.periods import REPEATED
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from domain.decisions.decide import Decision, Fact, Rules, decide, foreign_type, state_by_folding
from domain.decisions.errors import Refusal, SaidTwiceError, UnknownReferenceError
from domain.decisions.stream_index import NOT_YET, StreamIndex
from domain.kinds.possible_events import FLOWS
from domain.kinds.registry import judge
from events import validation
from events.body import RECORDER, Body, SourceRef
from events.catalogue import UnknownTypeError, repeatable, topic, type_of
from events.envelope import EventTooLargeError, envelope
from events.identifiers import SELF, check_thing, is_thing, kind_of
from events.kinds.claim_events import Corrected
from events.references import named_ids
from events.value import replace

Data = Mapping[str, Any] | Body
Outcome = Literal["recorded", "already recorded", "refused"]

NewEvent = tuple[str, int, str, bytes]
"""An event to be written: thing, version, topic, and its body in canonical form."""

_SURELY_FITS_BYTES = 32_768  # in any envelope of an event
_EXISTING = frozenset(("party", "source"))


MAX_JUDGED_AGAIN = 100  # facts of a file, each by a fold of its thing


class Command(NamedTuple):
    """A fact to be recorded: JSON data, a body, or how to make one of these from earlier labels.

    `data` as a function gets the event ids of the labels before it. `where` says where the fact
    comes from, in whatever way suits who hands it in, `number` which of a file's it is, and
    `repetition` how often the file has said the same up to here, where each time is another act.
    `introduces`: it is of no use where anything is known of the thing already. `recordedby`: who
    recorded it elsewhere (absent: who records it here). `carried`: it is carried over from another
    ledger, and its citations stay as they are.
    """

    thing: str
    type: str
    data: Data | Callable[[Mapping[str, str]], Data]
    where: Any = None
    label: str | None = None
    number: int = 1
    introduces: bool = False
    recordedby: str | None = None
    repetition: int = 1
    carried: bool = False


class AppendResult(Struct):
    """What came of a command: its `claim` or `error`, (name, sentence) findings, and notes."""

    command: Command
    outcome: Outcome
    claim: Claim | None = None
    findings: tuple[tuple[str, str], ...] = ()
    error: Exception | None = None
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the id of the event that says the fact; nothing where it is refused."""
        return "" if self.claim is None else self.claim.id

    @property
    def position(self) -> int | None:
        """Return the position of that event, None until it is written."""
        claim = self.claim
        return None if claim is None or claim.position >= NOT_YET else claim.position

    @property
    def type(self) -> str:
        """Return the type of the fact."""
        return self.command.type

    @property
    def already(self) -> bool:
        """Say whether the fact was recorded before."""
        return self.outcome == "already recorded"

    @property
    def reason(self) -> tuple[str, str] | None:
        """Return why it is refused: the name of the rule, and a sentence."""
        return None if self.error is None else (_rule(self.error), str(self.error))


class CommandRefusedError(Exception):
    """A command of a batch is refused, and the batch with it."""

    def __init__(self, command: Command, why: Exception) -> None:
        super().__init__(str(why))
        self.command, self.why = command, why


class Batch:
    """Decides on commands one after the other; what it decided counts as recorded.

    `load` returns the index of a thing as it is recorded, `exist` those of some things of which
    anything is. `rules` and `rerun` are those of `decide`. `recorders` says who recorded the events
    that are carried over from elsewhere, by their place in `rows`; `recordedby` who records others.
    """

    def __init__(
        self,
        load: Callable[[str], StreamIndex],
        exist: Callable[[Sequence[str]], set[str]],
        ledger_id: str,
        *,
        rules: Rules = "refuse",
        rerun: bool = False,
        recordedby: str | None = None,
    ) -> None:
        self._recordedby = recordedby
        self._load, self._exist, self._ledger_id = load, exist, ledger_id
        self._rules: Rules = rules
        self._rerun = rerun
        self._tells = rules in ("refuse", "report")  # what is odd; an import tells it at its end
        self._labels: dict[str, str] = {}
        self._prepared: Sequence[Command] = ()
        self._coming: dict[str, list[Command]] | None = None  # made of these when asked for
        self.forget()

    def forget(self) -> None:
        """Let go of what is known of things and of what was not written: each is loaded again."""
        self.let_go()
        self._indexes: dict[str, StreamIndex] = {}
        self._own_days: dict[str, tuple[int, str | None]] = {}  # of sources, at a version
        self._unrecorded: set[str] = set()  # things not loaded, for there is nothing to load
        self._existing = {SELF, RECORDER, None}  # None: no name
        self.held = 0  # claims in memory

    def forget_oldest(self, most: int) -> Iterator[StreamIndex]:
        """Let go of what is known of the things met longest ago, of all but `most` claims.

        Yield each before; nothing may wait to be written. The thing met last is kept.
        """
        assert not self.claims, "what waits to be written is decided on what is held"
        for thing in list(self._indexes)[:-1]:
            if self.held <= most:
                break
            index = self._indexes.pop(thing)
            self.held -= index.version
            yield index

    def holds(self, thing: str) -> bool:
        """Say whether what is known of a thing is in memory."""
        return thing in self._indexes

    def forget_label(self, command: Command) -> None:
        """Forget which event bears a label, for its command is decided on again."""
        if command.label is not None:
            self._labels.pop(command.label, None)

    def prepare(self, commands: Sequence[Command]) -> None:
        """Look at commands before they are taken: the whole of a file, or a part of a large one.

        Of which things nothing is recorded is asked at once, and none of these is loaded. What can
        come again is kept: in which period a fact lies may be told by one that follows it.
        """
        self._prepared, self._coming = commands, None
        named = {command.thing for command in commands}
        for thing in named & self._indexes.keys():
            self._indexes[thing] = self._indexes.pop(thing)  # met last
        things = [t for t in named - self._indexes.keys() if is_thing(t)]
        self._unrecorded = set(things) - self._exist(things)

    def take(self, command: Command) -> AppendResult:
        """Return what comes of the next command; one that is refused leaves the others alone."""
        thing, type_, data, _, label, _, introduces, recordedby, repetition, carried = command
        try:
            if introduces and self.index(thing).version:
                return AppendResult(command, "already recorded", self.index(thing).claims[0])
            if callable(data):
                data = data(self._labels)
            index = self._indexes.get(thing) or self.index(thing)
            if type(data) is not dict and isinstance(data, Body):
                body, written = data, validation.write_body(data)
            elif type_ in index.recordable:
                body, written = validation.admit(type_, data)
            else:
                raise foreign_type(index, type_)
            notes: tuple[str, ...] = ()
            if body.sources is not None and not carried:
                body, written, notes = self._dated(body, written)
            decision = decide(
                index,
                Fact(type_, body, written),
                rules=self._rules,
                rerun=self._rerun,
                repetition=repetition,
                coming=self._follow,
            )
            claim = decision.claim
            if decision.repeats:
                self._refuse_said_twice(command, claim)
                notes = (*notes, *_redated(decision, body))
                result = AppendResult(command, "already recorded", claim, notes=notes)
            else:
                self._take_up(index, claim, written, recordedby)
                findings = decision.findings
                if self._tells and claim.type in FLOWS:
                    findings = (*findings, *_odd(claim))
                result = AppendResult(command, "recorded", claim, findings, None, notes)
        except (Refusal, ValueError, LookupError) as error:
            return AppendResult(command, "refused", error=error)
        if label is not None:
            self._labels[label] = claim.id
        return result

    def judge_together(self, results: Sequence[AppendResult]) -> None:
        """Leave of what the rules found those findings that stand when the whole file is known.

        A fact may stand in a file before what it rests on. Of very many the first are asked about.
        """
        found = (one for one in results if one.findings and one.claim is not None)
        for result in islice(found, MAX_JUDGED_AGAIN):
            claim = result.claim
            assert claim is not None
            index = self._indexes[claim.thing]
            if index.version > claim.version:  # more was said of its thing
                state = state_by_folding((c for c in index.claims if c.id != claim.id), claim)
                names = {name for name, _ in (*judge(state, claim.body), *_odd(claim))}
                result.findings = tuple(one for one in result.findings if one[0] in names)

    def _refuse_said_twice(self, command: Command, claim: Claim) -> None:
        """Raise SaidTwiceError where a repeatable fact stands twice in a file, without a key."""
        if self._rerun or claim.position < NOT_YET or claim.family != repeatable:
            return
        raise SaidTwiceError(f"an earlier fact of the file says the same of {command.thing}")

    def _follow(self, index: StreamIndex) -> Iterator[Claim]:
        """Yield the claims that the commands prepared about a thing would become, well formed."""
        if self._coming is None:
            self._coming = {}
            for command in self._prepared:
                if command.type in REPEATED:
                    self._coming.setdefault(command.thing, []).append(command)
        version = index.version + 1
        for command in self._coming.get(index.thing, ()):
            data = command.data
            try:
                if callable(data):
                    data = data(self._labels)
                if not isinstance(data, Body):
                    data, _ = validation.admit(command.type, data)
            except (ValueError, LookupError):
                continue  # it is refused when its turn comes
            version += 1
            yield Claim(NOT_YET + version, version, index.thing, command.type, data)

    def settle(self, positions: Sequence[int]) -> None:
        """Give the claims the positions at which they were written."""
        for claim, position in zip(self.claims, positions, strict=True):
            claim.position = position
        self.let_go()

    def let_go(self) -> None:
        """Let go of what was to be written, but not of what is known of its things."""
        self.claims: list[Claim] = []
        self.recorders: dict[int, str] = {}
        self.rows: list[NewEvent] = []  # the same in the form in which they are written

    def index(self, thing: str) -> StreamIndex:
        """Return what is known of a thing, with what was decided of it."""
        found = self._indexes.get(thing)
        if found is None:
            new = check_thing(thing) in self._unrecorded
            found = self._indexes[thing] = StreamIndex(thing) if new else self._load(thing)
            self.held += found.version
        return found

    def _dated(self, body: Body, written: bytes) -> tuple[Body, bytes, tuple[str, ...]]:
        """Return a body whose citations have days: without one, that of the source's own record.

        And a sentence for each day taken from there.
        """
        bare = [ref for ref in body.sources or () if not ref.published]
        if not bare:
            return body, written, ()
        days = {ref: replace(ref, published=self._own_day(ref.source)) for ref in bare}
        taken = [dated for ref, dated in days.items() if dated != ref]
        if not taken:
            return body, written, ()
        dated = replace(body, sources=tuple(days.get(ref, ref) for ref in body.sources or ()))
        notes = tuple(
            f"{ref.source} is cited without a day: its own, {ref.published}, is recorded with it"
            for ref in taken
        )
        return dated, validation.write_body(dated), notes

    def _own_day(self, source: str) -> str | None:
        """Return when a source was published, by its own record as it stands now."""
        if source in self._unrecorded and source not in self._indexes:
            return None
        index = self.index(source)
        version, day = self._own_days.get(source, (-1, None))
        if version != index.version:
            version, day = index.version, _published(index.claims)
            self._own_days[source] = version, day
        return day

    def _take_up(
        self, index: StreamIndex, claim: Claim, written: bytes, recordedby: str | None
    ) -> None:
        """Make a claim one of its thing's, to be written; raise a Refusal if it cannot be."""
        thing, version, stored = index.thing, claim.version, topic(claim.type)
        if len(written) > _SURELY_FITS_BYTES:
            by = recordedby or self._recordedby
            envelope(thing, version, stored, self._ledger_id, written, recordedby=by)
        body = claim.body
        named = named_ids(body)
        if isinstance(body, Corrected):
            named += named_ids(validation.read_body(type_of(body.data_type), body.data))
        if not self._existing.issuperset(named):
            self._refuse_unknown_reference(thing, named)
        index.add(claim, written)
        if recordedby is not None:
            self.recorders[len(self.rows)] = recordedby
        self.claims.append(claim)
        self.rows.append((thing, version, stored, written))
        if version == 1:
            self._existing.add(thing)
        self.held += 1

    def _refuse_unknown_reference(self, thing: str, named: Iterable[str | None]) -> None:
        """Raise UnknownReferenceError where a fact names a party or source of which none knows."""
        new = set(filter(None, named)) - self._existing
        asked = {one for one in new if one != thing and kind_of(one) in _EXISTING}
        found = self._exist(sorted(asked))
        for missing in sorted(asked - found):
            raise UnknownReferenceError(missing)
        self._existing |= found


def _odd(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield what is odd about a flow whatever else is known."""
    amount = getattr(claim.body, "amount", None)
    if amount is not None and amount.upper == 0:
        yield "zero-amount", "an amount of 0"


def _published(claims: Sequence[Claim]) -> str | None:
    """Return when a source was published, as primary-first selects among the claims about it."""
    if not any(claim.type == "source.cited" for claim in claims):
        return None
    view = fold(claims, Clocks(date.max), policy(DEFAULT))
    for one in view.occurrences:
        if one.field == "published" and one.pick:
            day: str | None = getattr(one.pick[0].body, "published", None)
            return day
    return None


def _redated(decision: Decision, body: Body) -> Iterator[str]:
    """Yield what to do where the same fact was recorded with other days of publication."""
    claim = decision.claim
    if not decision.redated or _with_days(body) == _with_days(claim.body):
        return
    at = f"@{claim.position}" if claim.position < NOT_YET else claim.id
    given = " ".join(f"--source {ref.source},published={ref.published}" for ref in _with_days(body))
    said = ", ".join(f"{ref.source} {ref.published}" for ref in _with_days(claim.body)) or "no day"
    then = f"depositary correct {at} {given or '--help'}"
    yield f"{at} is the same fact, with other days of publication ({said}); to change them: {then}"


def _with_days(body: Body) -> list[SourceRef]:
    return [replace(ref, retrieved=None) for ref in body.sources or () if ref.published]


def _rule(error: Exception) -> str:
    if isinstance(error, Refusal):
        return error.name
    if isinstance(error, EventTooLargeError):
        return "too-large"
    missing = isinstance(error, LookupError) and not isinstance(error, UnknownTypeError)
    return "no-such-target" if missing else "not-well-formed"
