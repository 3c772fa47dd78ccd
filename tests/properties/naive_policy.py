"""A policy that is spelled, read as docs/spec/answers.md, 12 tells it, rule after rule.

What competes is parted by the first rule, each part by the second, and so on; within a part all
are alike so far. Nothing here is shared with domain/claims.
"""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain
from typing import Any

from tests.properties.naive import (
    Reader,
    agree_wholly,
    is_open,
    newness,
    older,
    ordinal,
    origins,
    same_figure,
)
from tests.properties.naive_claims import Alternative, Said

ACTS = [
    "official-record",
    "audit",
    "signed-statement",
    "own-publication-of-actor",
    "own-publication-of-side",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
    "on-chain",
]
HOLDINGS = [
    "audit",
    "official-record",
    "signed-statement",
    "on-chain-disclosed",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "on-chain",
    "recorder",
]
FLOWS = [one for one in ACTS if not one.startswith("own-publication-of")]
ORDER = [
    "parties",
    "window",
    "bases",
    "measured",
    "direct",
    "origins",
    "published",
    "recorded-first",
]
MEASURED = (
    "reserve.holding-reported",
    "reserve.holding-observed",
    "reserve.valued",
    "price.observed",
    "programme.condition-assessed",
)
PARTS_OF = {
    "own-publication": ("own-publication-of-actor", "own-publication-of-side"),
    "on-chain": ("on-chain-disclosed",),
}
Parts = list[list[Alternative]]


class SpelledReader(Reader):
    """Tables that spell a policy, and what they must know of the whole thing."""

    def __init__(self, tables: dict[str, Any], live: list[Said], about: list[Said]) -> None:
        contested = tables.get("contested", "select")
        super().__init__(live, about, "strict" if contested == "no-value" else "primary-first")
        self.tables = tables

    def ranked(self, group: list[Alternative]) -> list[Alternative]:
        """Return the alternatives of an occurrence, the best first."""
        first = min(chain.from_iterable(group), key=lambda said: said.position)
        return self._in_order(group, group, first.type, self._order(first.type))

    def selected(self, rivals: list[Said]) -> Said:
        """Return the measurement that the policy selects."""
        group = [[said] for said in rivals]
        type_ = rivals[0].type
        return self._in_order(group, group, type_, self._order(type_))[0][0]

    def _given(self, key: str, type_: str, otherwise: Any) -> Any:
        """Return what the narrowest table says that has a key."""
        of = self.tables.get("for", {})
        for table in (of.get(type_, {}), of.get(type_.split(".", maxsplit=1)[0], {}), self.tables):
            if key in table:
                return table[key]
        return otherwise

    def _order(self, type_: str) -> list[str]:
        given = self._given("order", type_, [])
        return [*given, *(rule for rule in ORDER if rule not in given)]

    def _window(self, type_: str) -> tuple[int | None, int]:
        """Return the days of the window, None for any age, and those for what agrees."""
        of = self.tables.get("for", {})
        for table in (of.get(type_, {}), of.get(type_.split(".", maxsplit=1)[0], {}), self.tables):
            if "window" in table:
                days = table["window"]
                return (None, 0) if days == "any" else (days, table.get("window_agreeing", days))
        if type_.startswith("reserve.holding"):
            return 7, 31
        return (0, 0) if type_ in MEASURED else (None, 0)

    def _in_order(
        self, run: list[Alternative], group: list[Alternative], type_: str, order: list[str]
    ) -> list[Alternative]:
        if not order or len(run) == 1:
            return run
        rule, *rest = order
        parts = self._parted(rule, run, group, type_, rest)
        return [one for part in parts for one in self._in_order(part, group, type_, rest)]

    def _parted(
        self,
        rule: str,
        run: list[Alternative],
        group: list[Alternative],
        type_: str,
        rest: list[str],
    ) -> Parts:
        measured = type_ in MEASURED
        if rule == "parties":
            return self._by_party(run, type_)
        if rule == "window" and measured:
            return self._by_age(run, group, type_, rest)
        if rule == "window":
            days, _ = self._window(type_)
            newest = max(map(shown, run))
            if days is None:
                return [run]
            behind = {id(one): newest - shown(one) for one in run}
            return parted(run, lambda one: behind[id(one)] if behind[id(one)] > days else 0)
        if rule == "measured":
            return parted(run, lambda one: older(one[0])) if measured else [run]
        if rule == "bases" and not measured:
            by_basis = parted(run, lambda one: max(map(self._place, one)))
            order = [one for part in by_basis for one in self._in_order(part, group, type_, rest)]
            first = self.dated_first(order)[:1]
            if first != order[:1]:
                kept = ([one for one in part if one not in first] for part in by_basis)
                return [first, *filter(None, kept)]
            return by_basis
        keys: dict[str, Callable[[Alternative], Any]] = {
            "bases": lambda one: max(map(self._place, one)),
            "direct": lambda one: any(said.body.relayed is True for said in one),
            "origins": lambda one: (
                -len(origins(other for other in group if other is one or agree_wholly(one, other)))
            ),
            "published": lambda one: -shown(one),
            "recorded-first": lambda one: min(said.position for said in one),
            "recorded-last": lambda one: -max(said.position for said in one),
        }
        return parted(run, keys[rule])

    def _by_party(self, run: list[Alternative], type_: str) -> Parts:
        named: list[str] = self._given("parties", type_, [])
        if not named:
            return [run]
        named = named if "others" in named else [*named, "others"]
        found: Parts = []
        for party in named:
            mine = [one for one in run if self._best(one, named) == party]
            if party != "others" and type_ in MEASURED:
                found += parted(mine, lambda one: (older(one[0]), -shown(one), -one[0].position))
            elif mine:
                found.append(mine)
        return found

    def _best(self, one: Alternative, named: list[str]) -> str:
        """Return the first of those named that asserts a claim or resolved for it."""
        said_by = {speaker.body.asserted_by for said in one for speaker in self._speakers(said)}
        mine = {party if party in named else "others" for party in said_by}
        return next(party for party in named if party in mine)

    def _speakers(self, said: Said) -> list[Any]:
        return [said, *(r for r in self.resolutions if r.body.winner == said.id)]

    def _place(self, said: Said) -> int:
        given: list[str] = self._given("bases", said.type, [])
        held = said.type.startswith("reserve.holding") or said.type == "reserve.valued"
        moved = said.type in ("reserve.acquired", "reserve.disposed", "reserve.transferred")
        usual = HOLDINGS if held else FLOWS if moved else ACTS
        covered = {part for basis in given for part in PARTS_OF.get(basis, ())}
        order = [*given, *(one for one in usual if one not in given and one not in covered)]
        return min(order.index(self._basis_in(s.body, order)) for s in self._speakers(said))

    def _basis_in(self, body: Any, order: list[str]) -> str:
        """Return under which name of an order a basis stands."""
        exact = body.basis
        if body.basis == "own-publication":
            acting = {getattr(body, name, None) for name in ("party", "for_", "by")} - {None}
            if body.asserted_by in (acting or self.sides):
                exact = "own-publication-of-actor"
            elif body.asserted_by in self.sides:
                exact = "own-publication-of-side"
        addresses = set(getattr(body, "addresses", None) or ())
        if body.basis == "on-chain" and addresses and addresses <= self.disclosed:
            exact = "on-chain-disclosed"
        return exact if exact in order else str(body.basis)

    def _by_age(
        self, run: list[Alternative], group: list[Alternative], type_: str, rest: list[str]
    ) -> Parts:
        days, agreeing = self._window(type_)
        if days is None:
            return [run]
        if days == 0:
            return parted(run, lambda one: older(one[0]))
        day = max(newness(one[0])[0] for one in run)
        of_the_day = [one for one in run if newness(one[0])[0] == day]
        newest = self._in_order(of_the_day, group, type_, rest)[0][0]

        def compared(said: Said) -> bool:
            last = newness(said)[1]
            unknown = day < date.min.toordinal()
            near = last >= day - agreeing and same_figure(said, newest)
            return unknown or last >= day - days or near

        near = [one for one in run if compared(one[0])]
        far = [one for one in run if one not in near]
        in_order = self._in_order(near, group, type_, rest)
        first = in_order[0][0]
        closed = [one for one in in_order if not _is_open(one[0]) and same_figure(one[0], first)]
        instead = closed[:1] if _is_open(first) else []
        near = [one for one in near if one not in instead]
        return [part for part in (instead, near, *parted(far, lambda one: older(one[0]))) if part]


def _is_open(said: Said) -> bool:
    return getattr(said.body, "amount", None) is not None and is_open(said)


def shown(one: Alternative) -> int:
    """Return the last day on which a part of it certainly became public, as a number."""
    return max(ordinal(said.published) for said in one)


def parted(run: Iterable[Alternative], key: Callable[[Alternative], Any]) -> Parts:
    """Return what a key parts, the least first."""
    found: dict[Any, list[Alternative]] = {}
    for one in run:
        found.setdefault(key(one), []).append(one)
    return [found[value] for value in sorted(found)]
