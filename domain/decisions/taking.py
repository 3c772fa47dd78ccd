"""What comes of one fact of very many?

It passes the door, is held against what was said of its thing before, by an index
(stream_index), and gets its number and its bytes. A thing is loaded when it is first met.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from domain.claims.claim import Claim
from domain.decisions.batch import SELF, UnknownReferenceError
from domain.decisions.decide import decide
from domain.decisions.errors import Refusal, RuleError
from domain.decisions.stream import NOT_YET
from domain.decisions.stream_index import ABOUT_CLAIMS, Known
from events import validation
from events.body import RECORDER, Body
from events.catalogue import UnknownTypeError, family, topic, type_of, types_for
from events.envelope import EventTooLargeError, envelope
from events.envelope_slices import Frames
from events.identifiers import check_thing, kind_of
from events.kinds.claim_events import Corrected
from events.references import other_references
from events.store.row_reader import Opener
from events.store.rows import Bare
from events.store.sqlite.reader import RecordReader

Data = Mapping[str, Any] | Callable[[Mapping[str, str]], Mapping[str, Any]]
Told = tuple[tuple[str, str], ...]
What = Literal["recorded", "already recorded", "refused"]


class Fact(NamedTuple):
    """A fact to be recorded: JSON data, or how to make it once earlier labels have event ids.

    `where` says where it comes from, in whatever way who hands it in likes. `introduces`: it is
    of no use where anything is known of the thing already.
    """

    thing: str
    type: str
    data: Data
    where: Any = None
    label: str | None = None
    introduces: bool = False


class Taken(NamedTuple):
    """What came of a fact: `id` and `position` where it stands, `why` (name, sentence) if not.

    `findings` are pairs of a name and a sentence.
    """

    fact: Fact
    what: What
    id: str | None = None
    position: int | None = None
    why: tuple[str, str] | None = None
    findings: Told = ()


class Taking:
    """Takes facts in their order; what it took counts as said, whether it is written yet or not.

    `kept` counts the claims that it holds in memory.
    """

    def __init__(self, reader: RecordReader, ledger_id: str, *, as_reported: bool) -> None:
        self._reader, self._ledger_id, self._as_reported = reader, ledger_id, as_reported
        self._opener = Opener(Frames(ledger_id))
        self._labels: dict[str, str] = {}
        self.forget()

    def forget(self) -> None:
        """Let go of what is known of things: each is read again when it is next met."""
        self._known: dict[str, Known] = {}
        self._forms: dict[tuple[str, str], _Form] = {}
        self._there: set[str | None] = {None, SELF, RECORDER}
        self.kept = 0

    def unlabel(self, label: str | None) -> None:
        """Forget the event that bears a label, for its fact is taken again."""
        if label is not None:
            self._labels.pop(label, None)

    def take(self, fact: Fact, events: list[Bare]) -> Taken | Told:
        """Return what came of a fact, or add the event that it becomes and return the findings."""
        thing, type_, data, _, _, introduces = fact
        try:
            if introduces and self.of(thing).version:
                return Taken(fact, "already recorded", f"{thing}/1")
            if type(data) is not dict:
                data = self._made(data)
            form = self._forms.get((thing, type_))
            if form is None:
                way = _way(type_, kind_of(thing))
                body, written = way.admit(data)
                form = self._form(thing, type_, way)
            else:
                body, written = form.admit(data)
            return self._taken(fact, form, body, written, events)
        except (Refusal, ValueError, LookupError) as why:
            return Taken(fact, "refused", why=(_name(why), str(why)))

    def of(self, thing: str) -> Known:
        """Return what is known of a thing, with what was taken of it."""
        found = self._known.get(thing)
        if found is None:
            found = self._known[check_thing(thing)] = self._loaded(thing)
            self.kept += found.version
        return found

    def _taken(
        self, fact: Fact, form: "_Form", body: Body, written: bytes, events: list[Bare]
    ) -> Taken | Told:
        thing, type_, _, _, label, _ = fact
        known = form.known
        already = known.repeated(type_, written)  # retracted or not: a second run is no revival
        findings: Told = ()
        if already is None:
            number = known.version + 1
            claim = _new(Claim, (NOT_YET + number, number, thing, type_, body, "", None, None))
            if len(written) > _SURELY_FITS_BYTES:
                envelope(thing, number, form.topic, self._ledger_id, written)  # it may be too large
            already, findings = self._checked(known, claim, form)
        if already is not None:
            if label is not None:
                self._labels[label] = already.id
            position = already.position if already.position < NOT_YET else None
            return Taken(fact, "already recorded", already.id, position)
        named = other_references(body, self._there)
        if named or type(body) is Corrected:
            self._check_references(thing, body, named)
        events.append(_new(Bare, (thing, number, form.topic, written)))
        known.add(claim, written, form.how)
        if number == 1:
            self._there.add(thing)
        self.kept += 1
        if label is not None:
            self._labels[label] = claim.id
        return findings

    def _made(self, data: Data) -> dict[str, Any]:
        return dict(data(self._labels) if callable(data) else data)

    def _form(self, thing: str, type_: str, way: "_Way") -> "_Form":
        known = self.of(thing)
        form = _Form(way.admit, way.topic, known, family(type_).name)
        return self._forms.setdefault((thing, type_), form)

    def _checked(self, known: Known, claim: Claim, form: "_Form") -> tuple[Claim | None, Told]:
        """Return the claim that says the same already, or what is odd; raise a Refusal."""
        if not known.plain or form.how == ABOUT_CLAIMS:
            history = known.history()
            decision = decide(history, claim.type, claim.body, as_reported=self._as_reported)
            return decision.already, () if self._as_reported else decision.findings
        known.check(claim, form.how)
        if self._as_reported:
            return None, ()
        verdict = known.judged(claim)
        if verdict.refusal is not None:
            raise verdict.refusal
        return None, verdict.findings

    def _check_references(self, thing: str, body: Body, named: list[str]) -> None:
        if type(body) is Corrected:
            named += other_references(
                validation.read(type_of(body.data_type), body.data), self._there
            )
        for name in named:
            if name != thing and kind_of(name) in _MUST_BE_THERE:
                if not self.of(name).version:
                    raise UnknownReferenceError(name)
                self._there.add(name)

    def _loaded(self, thing: str) -> Known:
        known = Known(thing)
        known.read(self._opener.opened(self._reader.rows(thing=thing)))
        return known


_new = tuple.__new__  # a named tuple is made in half the time
_SURELY_FITS_BYTES = 32_768  # in any envelope of an event
_MUST_BE_THERE = frozenset(("party", "source"))


class _Way(NamedTuple):
    """How facts of a type about things of a kind come in."""

    admit: validation.Admission
    topic: str


class _Form(NamedTuple):
    """How facts of a type about one thing come in, and what is known of it."""

    admit: validation.Admission
    topic: str
    known: Known
    how: str  # claims of the type join


@cache
def _way(type_: str, kind: str) -> _Way:
    if kind == "ledger" or type_ not in types_for(kind):
        raise RuleError("type-of-another-kind", f"{type_} is not recorded about a {kind}")
    return _Way(validation.admission(type_), topic(type_))


def _name(why: Exception) -> str:
    if isinstance(why, Refusal):
        return why.name
    if isinstance(why, EventTooLargeError):
        return "too-large"
    missing = isinstance(why, LookupError) and not isinstance(why, UnknownTypeError)
    return "no-such-target" if missing else "not-well-formed"
