"""Read a policy that a person spells in TOML (docs/spec/answers.md, 12.1)."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from hashlib import sha256
from textwrap import wrap
from typing import Any

from domain.claims.ranking import (
    ACTS,
    GENERAL,
    HOLDINGS,
    ORDER,
    OTHERS,
    PRIMARY_FIRST,
    RULES,
    VERSION,
    Policy,
    Rules,
    effective_rules,
)
from events.catalogue import all_types
from events.errors import NotUnderstoodError
from events.identifiers import KINDS, is_thing
from events.value import replace

MAX_BYTES = 65_536
MAX_DAYS = 36_500
ANY_AGE = "any"

_BASES = tuple(dict.fromkeys((*ACTS, *HOLDINGS)))
_OF_TYPES = ("parties", "bases", "window", "window_agreeing", "order")
_KEYS = (*_OF_TYPES, "contested", "for")
_CONTESTED = ("select", "no-value")
PARTY = ("party",)


class SpelledPolicyError(NotUnderstoodError):
    """A policy has parties, bases, window, window_agreeing, order, contested, for: no other key."""


def policy_from_bytes(name: str, data: bytes) -> Policy:
    """Return the policy that the bytes of a file spell; raise SpelledPolicyError."""
    try:
        tables = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise _wrong(name, "it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(name, f"it is not TOML: {error}") from None
    except RecursionError:
        raise _wrong(name, "it is nested too deeply") from None
    return read_policy(name, tables)


def read_policy(name: str, tables: Mapping[str, Any]) -> Policy:
    """Return the policy that tables spell; raise SpelledPolicyError."""
    _known(name, tables, _KEYS, "is not a key of a policy")
    contested = tables.get("contested", _CONTESTED[0])
    if contested not in _CONTESTED:
        raise _wrong(name, f"contested is {_shown(contested)}, and select or no-value is wanted")
    whole = {key: tables[key] for key in _OF_TYPES if key in tables}
    special = tables.get("for", {})
    if not isinstance(special, dict) or not all(isinstance(of, dict) for of in special.values()):
        raise _wrong(
            name, 'for is not a table of tables: write [for.reserve] or [for."price.observed"]'
        )
    _known(name, special, (*KINDS[1:], *all_types()), "is not a kind or type of facts")
    for place, given in (("", whole), *special.items()):
        _check(name, f"for.{place}: " if place else "", given)
    sections: dict[str, Rules] = {}
    for of in sorted({"", *PRIMARY_FIRST, *special}):  # a kind comes before its types
        layers = (
            whole,
            *(special.get(key, {}) for key in dict.fromkeys((of.partition(".")[0], of))),
        )
        rules = _rules(PRIMARY_FIRST.get(of, PRIMARY_FIRST[""]), layers)
        above = sections.get(of.partition(".")[0]) or sections.get("")
        if rules != above:
            sections[of] = rules
    found = Policy(name, sections, strict=contested == "no-value")
    return replace(found, digest=sha256(canonical_policy(found)).hexdigest())


def canonical_policy(chosen: Policy) -> bytes:
    """Return the rules of a policy as JSON without white space, its keys sorted, in UTF-8.

    They are written as a file may spell them, each rule in full.
    """
    sections = {of: _spelled(rules) for of, rules in chosen.sections.items()}
    found = {
        "version": VERSION,
        "contested": _CONTESTED[chosen.strict],
        **sections.pop(""),
        "for": sections,
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _spelled(rules: Rules) -> dict[str, Any]:
    agreeing = {} if rules.agreeing is None else {"window_agreeing": rules.agreeing}
    window = ANY_AGE if rules.window is None else rules.window
    lists = {name: [*getattr(rules, name)] for name in ("order", "bases", "parties")}
    return {**lists, "window": window, **agreeing}


def _rules(of_type: Rules, layers: Sequence[Mapping[str, Any]]) -> Rules:
    """Return the rules of a type: of each key what the last of the layers gives that has it."""
    found = {key: given for layer in layers for key, given in layer.items()}
    rules = replace(of_type, order=ORDER)
    if "parties" in found:
        rules = replace(rules, parties=tuple(found["parties"]))
    if "bases" in found:
        named = found["bases"]
        rest = (b for b in of_type.bases if b not in named and GENERAL.get(b) not in named)
        rules = replace(rules, bases=(*named, *rest))
    if "order" in found:
        rules = replace(
            rules, order=(*found["order"], *(w for w in ORDER if w not in found["order"]))
        )
    last = next((layer for layer in reversed(layers) if "window" in layer), None)
    if last is not None:
        days = None if last["window"] == ANY_AGE else last["window"]
        rules = replace(rules, window=days, agreeing=last.get("window_agreeing"))
    return effective_rules(rules)


def _check(name: str, where: str, given: Mapping[str, Any]) -> None:
    _known(name, given, _OF_TYPES, f"is not a key of {where.rstrip(': ') or 'a policy'}")
    for key, known in (("parties", None), ("bases", _BASES), ("order", RULES)):
        if key in given:
            _check_list(name, f"{where}{key}", given[key], known)
    days = [key for key in ("window", "window_agreeing") if key in given]
    for key in days:
        if given[key] == ANY_AGE and key == "window":
            continue
        if type(given[key]) is not int or not 0 <= given[key] <= MAX_DAYS:
            more = ' or "any"' if key == "window" else ""
            why = f"{where}{key} is {_shown(given[key])}, and days from 0 to {MAX_DAYS:,}{more} are"
            raise _wrong(name, f"{why} wanted")
    if days == ["window_agreeing"]:
        raise _wrong(name, f"{where}window_agreeing is given without window")
    if "window_agreeing" in days and (
        given["window"] == ANY_AGE or given["window_agreeing"] < given["window"]
    ):
        raise _wrong(name, f"{where}window_agreeing is less than window")


def _check_list(name: str, where: str, given: Any, known: Sequence[str] | None) -> None:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise _wrong(name, f"{where} is {_shown(given)}, and a list of texts is wanted")
    if known is not None:
        _known(name, given, known, f"is not one of {where}")
    elif wrong := next((one for one in given if one != OTHERS and not is_thing(one, PARTY)), None):
        raise _wrong(name, f"{where}: {_shown(wrong)} is not a party: write party/NAME, or others")
    if twice := next((one for n, one in enumerate(given) if one in given[:n]), None):
        raise _wrong(name, f"{where} names {twice} twice")
    if where.endswith("order") and {"recorded-first", "recorded-last"} <= {*given}:
        raise _wrong(name, f"{where} has recorded-first and recorded-last: one of them is wanted")


def _known(
    name: str, given: Mapping[str, Any] | Sequence[str], known: Sequence[str], what: str
) -> None:
    for one in given:
        if one not in known:
            meant = get_close_matches(one, known, n=2)
            near = f": did you mean {' or '.join(meant)}?" if meant else f": {', '.join(known[:9])}"
            raise _wrong(name, f"{_shown(one)} {what}{near}")


def _shown(given: object) -> str:
    return f"{given!r:.60}"


def _wrong(name: str, why: str) -> SpelledPolicyError:
    then = "depositary template --policy, which has every key"
    return SpelledPolicyError("the policy is not understood", f"{name}: {why}", then)


def policy_template() -> str:
    """Return a policy to fill in: every key with what holds where it is left out."""
    arrays = {"bases": ACTS, "order": ORDER, "holdings": HOLDINGS}
    return _TEMPLATE.format(**{name: _array(words) for name, words in arrays.items()})


def _array(words: Sequence[str]) -> str:
    """Return an array of TOML over several lines, each a comment."""
    text = ", ".join(f'"{word}"' for word in words)
    return "\n#   ".join(["[", *wrap(text, 76, break_on_hyphens=False)]) + ",\n# ]"


_TEMPLATE = """\
# Whom I trust, and in what order: depositary help policies. Used by --policy THIS-FILE.toml.
# Each key shows what counts for acts where it is left out; take the # away to change it for all.

# Parties whose claims, and the winners of whose resolutions, go first, the most trusted first.
# "others" are all that are not named: last, if it is left out. Of one party the newest figure.
# parties = ["party/un-depositary", "others", "party/a-tracker"]

# Kinds of evidence, the strongest first. Those that are not named follow, in the order below.
# own-publication-of-actor is by who acts, -of-side by the other side, own-publication by any.
# bases = {bases}

# A claim that is newer by more than so many days outranks another: of figures by the day they are
# of, of acts by the day they were published. 0: the newest alone. "any": the age does not count.
# Left out: 7 days for holdings, the newest price, valuation and verdict, and "any" for acts.
# window = "any"

# What outranks what: the rules, the first first. Those that are not named follow, in this order.
# measured: the newer figure; direct: before second-hand; origins: more of them that agree;
# published: later; recorded-first, or recorded-last, decides what is left.
# order = {order}

# What contradicts: "select" one of the claims all the same, or give "no-value" (as strict does).
# contested = "select"

# For one kind or one type any of these keys but contested; the narrower counts.
# [for."reserve.holding-reported"]
# window = 7             # figures of at most 7 days before the newest are compared with it,
# window_agreeing = 31   # and those of at most 31 days that agree with it
# bases = {holdings}
"""
