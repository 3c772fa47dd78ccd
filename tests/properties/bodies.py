"""Which bodies can there be?

A strategy for every type, made from what its fields say of themselves: their plain types and the
markers beside them. What a body's fields ask of each other is drawn so, never filtered.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.claims.claim import Claim
from events import validation
from events.amounts import MAX_INTEGER, MAX_SAT, MONEY, UNITS, Quantity, Units, money_of
from events.body import RECORDER, Body, SourceRef
from events.catalogue import all_types, body_class, topic, types_for
from events.dates import DateError, is_zone, parse_date
from events.envelope import envelope, with_time
from events.fields import Day, EventId, Listed, Marker, Matching, Sorted, Text, Thing, Whole
from events.identifiers import KINDS
from events.kinds.claim_events import Corrected
from events.kinds.entry_into_force_rule import Trigger
from events.store.rows import Row
from events.text import TextError, check_text
from events.value import fields, is_value, json_name, replace

Strategy = st.SearchStrategy[Any]

LEDGER_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
TIME = "2025-07-19T12:00:00.000000Z"

ZONES = ("America/El_Salvador", "Asia/Karachi", "Europe/Vienna", "UTC", "America/Argentina/Salta")
# Days of any year, and days that meet.
DAYS = st.one_of(st.dates(), st.dates(date(2025, 7, 10), date(2025, 7, 25))).map(date.isoformat)
UNSURE = st.sampled_from(("", "?", "~", "%"))
ACTS = st.one_of(
    DAYS,
    st.builds(str.__add__, DAYS, UNSURE),
    st.builds(lambda day, mark: day[:7] + mark, DAYS, UNSURE),
    st.builds(lambda day, mark: day[:4] + mark, DAYS, UNSURE),
    st.sampled_from(("2025-07-1X", "2025-XX", "198X", "19XX", "2024-02-XX")),
    st.builds(lambda day: f"[..{day}]", DAYS),
    st.builds(lambda day: f"[{day[:7]}..]", DAYS),
    st.builds(
        lambda at, offset: f"{at.replace(microsecond=0).isoformat()}{offset}",
        st.datetimes(),
        st.sampled_from(("Z", "-06:00", "+05:00", "+05:45")),
    ).filter(lambda text: "0002" <= text[:4] <= "9998"),
    st.tuples(DAYS, DAYS).filter(lambda two: two[0] != two[1]).map(lambda two: span(two, "[..]")),
)
SPANS = st.one_of(
    st.builds(lambda day, mark: f"{day}{mark}/..", DAYS, UNSURE),
    st.builds(lambda day: f"../{day[:7]}", DAYS),
    st.tuples(DAYS, DAYS).map(lambda two: span(two, "/")),
)
PRINTABLE = st.characters(max_codepoint=0x24F, exclude_categories=("Cc", "Cf", "Zs"))
SLUGS = st.sampled_from(("sv", "pk", "0", "a-1-b", "pk-sv-bitcoin-2025", "x" * 109)) | st.text(
    "abz019", min_size=1, max_size=4
)
LINES = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")),
    min_size=1,
    max_size=12,
)
SAYINGS = st.sampled_from(("letter of intent", "Tratado de San Salvador", "پاکستان", "«2 000 МВт»"))


def span(days: tuple[str, str], form: Literal["/", "[..]"]) -> str:
    """Return the two days as a span, the earlier one first."""
    first, last = sorted(days)
    return f"{first}/{last}" if form == "/" else f"[{first}..{last}]"


def is_text(text: str) -> bool:
    try:
        return bool(check_text(text))
    except TextError:
        return False


def is_date(text: str) -> bool:
    try:
        return bool(parse_date(text))
    except DateError:
        return False


FINER = frozenset(
    unit
    for money in ("usd", "jpy", "kwd", "xdr")
    for digits in (1, 3, 4, 8, 16, 99)
    if money_of(unit := f"{money}-e{digits}")[0]
)
TEXTS = SAYINGS | LINES.filter(is_text)


def bodies(name: str) -> Strategy:
    """Return a strategy for the bodies of a type."""
    return _bodies(name, corrected=True)


def any_body() -> Strategy:
    """Return a strategy for the bodies of all types."""
    return st.sampled_from(all_types()).flatmap(bodies)


@cache
def _bodies(name: str, *, corrected: bool) -> Strategy:
    cls = body_class(name)
    drawn = of(cls)
    if cls is Corrected:
        return drawn.flatmap(_correcting if corrected else st.just)
    return drawn


def _correcting(body: Any) -> Strategy:
    """Return corrections whose new text is a body of another type; one level deep."""
    names = [name for name in types_for("reserve") if name != "claim.corrected"]

    def replaced(name: str, new: Body) -> Any:
        given = {f.name: getattr(body, f.name) for f in fields(body)}
        return type(body)(**{**given, "data_type": topic(name), "data": validation.body_data(new)})

    return st.sampled_from(names).flatmap(
        lambda name: _bodies(name, corrected=False).map(lambda new: replaced(name, new))
    )


@cache
def of(cls: Any) -> Strategy:
    """Return a strategy for a body, or for a value in it."""
    if cls is Quantity:
        return quantities(UNITS | FINER)
    if cls is Trigger:
        return triggers()
    must, may = _fields(cls)
    return st.fixed_dictionaries(must, optional=may).map(lambda drawn: cls(**_held(cls, drawn)))


def quantities(units: frozenset[str]) -> Strategy:
    """Return a strategy for amounts: exact, approximate, a range, or with one bound."""

    def amounts(unit: str) -> Strategy:
        bound = st.integers(1, MAX_SAT if unit == "sat" else MAX_INTEGER)
        if unit not in UNITS:  # as few digits as are exact: the last one counts
            bound = st.integers(0, MAX_INTEGER // 10 - 1).map(lambda n: n * 10 + 1 + n % 9)
        two = st.tuples(bound, bound).filter(lambda pair: pair[0] != pair[1]).map(sorted)
        true = st.none() | st.just(True)
        bounds = st.one_of(
            st.builds(lambda n, mark: {"lower": n, "upper": n, "approximate": mark}, bound, true),
            st.builds(lambda n, mark: {"lower": n, "lower_open": mark}, bound, true),
            st.builds(lambda n, mark: {"upper": n, "upper_open": mark}, bound, true),
            st.builds(
                lambda pair, a, b: {
                    "lower": pair[0],
                    "upper": pair[1],
                    "lower_open": a,
                    "upper_open": b,
                },
                two,
                true,
                true,
            ),
            *([st.just({"lower": 0, "upper": 0})] if unit in UNITS else []),
        )
        words = st.none() | TEXTS
        return st.builds(
            lambda given, said: Quantity(unit=unit, words=said, **given), bounds, words
        )

    return st.sampled_from(sorted(units)).flatmap(amounts)


# What each trigger needs, and what it may have besides (docs/spec/treaties.md, 6).
TRIGGERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "instruments": (("n",), ("acts", "not_counted")),
    "consents-of": (("whose",), ()),
    "signature": (("which",), ()),
    "exchange": ((), ()),
    "reply-note": ((), ()),
    "notifications": (("counted",), ("n",)),
    "date": (("day",), ()),
    "entry-into-force-of": (("thing",), ()),
    "decision": (("by",), ()),
    "words": (("words",), ()),
}


def triggers() -> Strategy:
    """Return a strategy for what sets an entry into force going, nested at most three deep."""
    parts = {**_fields(Trigger)[0], **_fields(Trigger)[1]}

    def leaf(on: str) -> Strategy:
        needs, may = TRIGGERS[on]
        drawn = st.fixed_dictionaries(
            {name: parts[name] for name in needs}, optional={name: parts[name] for name in may}
        )
        return drawn.map(lambda given: Trigger(on=on, **given))  # type: ignore[arg-type]

    def tree(inner: Strategy) -> Strategy:
        some = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.builds(
            lambda on, of_: Trigger(on=on, of=of_), st.sampled_from(("all-of", "first-of")), some
        )

    leaves = st.sampled_from(sorted(TRIGGERS)).flatmap(leaf)
    return st.recursive(leaves, tree, max_leaves=4)


def _fields(cls: Any) -> tuple[dict[str, Strategy], dict[str, Strategy]]:
    """Return strategies for a class's fields, those that must be given and those that may."""
    hints = get_type_hints(cls, include_extras=True)
    if cls is Trigger:
        hints.pop("of")  # its own kind: see triggers
    must, may = dict[str, Strategy](), dict[str, Strategy]()
    optional = {f.name for f in fields(cls) if f.default is None}
    for name, hint in hints.items():
        if not name.startswith("__"):
            (may if name in optional else must)[name] = _value(hint, ())
    return must, may


def _value(hint: Any, markers: tuple[Marker, ...]) -> Strategy:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner, *found = arguments
        return _value(inner, (*found, *markers))
    if origin in (Union, UnionType):
        (inner,) = (part for part in arguments if part is not type(None))
        return _value(inner, markers)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return _several(_value(arguments[0], ()), markers)
    if origin is dict:
        return st.just({})  # the new body of a correction: see _correcting
    if is_value(hint):
        return _amounts(markers) if hint is Quantity else st.deferred(lambda: of(hint))
    return _plain(hint, markers)


def _several(member: Strategy, markers: tuple[Marker, ...]) -> Strategy:
    (marker,) = [m for m in markers if isinstance(m, Sorted)]
    if isinstance(marker, Listed):
        return st.lists(member, min_size=1, max_size=3).map(tuple)
    found = st.lists(member, min_size=1, max_size=3, unique_by=marker.key)
    return found.map(lambda members: tuple(sorted(members, key=marker.key)))


def _amounts(markers: tuple[Marker, ...]) -> Strategy:
    units = {unit for m in markers if isinstance(m, Units) for unit in m.units} or set(UNITS)
    if "money" in units:
        units = units - {"money"} | set(MONEY)
    if "price" in units:
        units = units - {"price"} | set(MONEY) | FINER
    return quantities(frozenset(units))


def _plain(hint: Any, markers: tuple[Marker, ...]) -> Strategy:
    drawn: Callable[[Any], Strategy]
    for marker in markers:
        for kind, drawn in _OF_MARKERS.items():
            if isinstance(marker, kind):
                return drawn(marker)
    if hint is str:
        return TEXTS
    raise TypeError(f"no strategy for {hint} with {markers}")


def _matching(marker: Matching) -> Strategy:
    if marker.test is is_zone:
        return st.sampled_from(ZONES)
    found = st.from_regex(marker.pattern, fullmatch=True, alphabet=PRINTABLE)
    return found.filter(marker.test)


_OF_MARKERS: dict[type[Marker], Callable[[Any], Strategy]] = {
    Thing: lambda m: st.builds("{}/{}".format, st.sampled_from(m.kinds), SLUGS),
    EventId: lambda m: st.builds(
        "{}/{}/{}".format, st.sampled_from(KINDS), SLUGS, st.integers(1, 999_999_999)
    ),
    Day: lambda m: (ACTS | SPANS if m.span else ACTS).filter(is_date),
    Text: lambda m: TEXTS,
    Matching: _matching,
    Whole: lambda m: st.integers(m.low, m.high),
}


def _held(cls: Any, drawn: dict[str, Any]) -> dict[str, Any]:
    """Return what was drawn, with what its fields ask of each other put right."""
    if not issubclass(cls, Body):
        return drawn
    if drawn["basis"] == "recorder":
        drawn["asserted_by"] = RECORDER
    elif drawn["asserted_by"] == RECORDER:
        drawn["asserted_by"] = "party/onbtc"
    if drawn["basis"] != "recorder" and drawn.get("sources") is None:
        drawn["sources"] = (SourceRef(source="source/article"),)
    if drawn.get("effective") is None and drawn.get("acted") is None:
        drawn.pop("zone", None)
    own = _OWN.get(cls.__name__)
    return {**drawn, **own(drawn)} if own else drawn


def _denied(drawn: dict[str, Any]) -> dict[str, Any]:
    if drawn.get("target"):
        return {"type": None, "span": None}
    return {"type": drawn.get("type", "reserve.acquired"), "span": drawn.get("span", "2025/..")}


def _linked(drawn: dict[str, Any]) -> dict[str, Any]:
    thing, _, n = drawn["target"].rpartition("/")
    other = f"{thing}/{1 if n != '1' else 2}"
    return {"with_": other, "part_of": other} if drawn.get("part_of") else {"with_": other}


def _succeeding(drawn: dict[str, Any]) -> dict[str, Any]:
    other = drawn["party"] != drawn["predecessor"]
    return {"mode": "succession", "predecessor": drawn["predecessor"] if other else "party/su"}


def _extended(drawn: dict[str, Any]) -> dict[str, Any]:
    return {"territory": f"{drawn['party'][:100]}-island"}


def _with_others(winner: str, among: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*among, winner, "party/pk/1", "party/sv/1"}))


_DESCRIBED = {json_name(f) for f in ("title", "kind", "binding", "parties", "topics")}

_OWN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "Described": lambda drawn: {} if drawn.keys() & _DESCRIBED else {"kind": "memorandum"},
    "Denied": _denied,
    "Resolved": lambda drawn: {"among": _with_others(drawn["winner"], drawn["among"])},
    "SameOccurrence": _linked,
    "DistinctOccurrence": _linked,
    "ConsentExpressed": lambda drawn: _succeeding(drawn) if drawn.get("predecessor") else {},
    "TerritoryIncluded": _extended,
    "TerritoryExcluded": _extended,
    "Disposed": lambda drawn: {"account": None} if drawn["mode"] == "return" else {},
}


@st.composite
def said_of_a_kind(
    draw: Callable[..., Any], days: tuple[str | None, ...], longest: int = 8
) -> list[Claim]:
    """Draw claims about a subject of any kind, on some of the days; None leaves what was drawn."""
    kind = draw(st.sampled_from([kind for kind in KINDS if kind != "ledger"]))
    types = [name for name in all_types() if name.startswith(f"{kind}.")]
    names = draw(st.lists(st.sampled_from(types), min_size=1, max_size=longest))
    claims = []
    for n, name in enumerate(names, 1):
        body, day = draw(bodies(name)), draw(st.sampled_from(days))
        if day is not None:
            body = replace(body, effective=day, acted=None, zone=None)
        claims.append(Claim(n, n, f"{kind}/x", name, body))
    return claims


def row_of(name: str, data: bytes, version: int = 1) -> Row:
    """Return a row of the record whose event has these bytes as its body."""
    kind = name.partition(".")[0]
    thing = f"{'reserve' if kind == 'claim' else kind}/x"
    of = f"{name}.v{version}"
    state = with_time(envelope(thing, 7, of, LEDGER_ID, data), of, TIME)
    return Row(41, thing, 7, of, state)
