"""Look up which party a name in a list means.

Names are looked up, never guessed: the English names of ISO 3166-1 and the UN, former States,
organisations and territories, and the other names under which lists know them. What is not found
is reported once, with what comes near.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from domain.decisions.batch import Command
from events.body import RECORDER

_STATES = "country-codes.csv"
_OTHERS = "others.csv"
_NAMES = (
    "UNTERM English Short",
    "UNTERM English Formal",
    "official_name_en",
    "CLDR display name",
)


class RegisteredParty(NamedTuple):
    """A party as the register has it: its id in a ledger, its name and what it is."""

    id: str
    name: str
    type: str

    @property
    def established(self) -> dict[str, str]:
        """Return the fact by which a ledger comes to know it."""
        told = {"asserted_by": RECORDER, "basis": "recorder"}
        return {"name": self.name, "type": self.type, **told}


class Register:
    """Names and what they mean; `aliases` are more names for ids of the register or of others."""

    def __init__(self, aliases: Iterable[tuple[str, str]] = ()) -> None:
        self._parties, self._by_name = bundled_parties()
        self._by_name = dict(self._by_name)
        for name, id_ in aliases:
            self._by_name[fold_name(name)] = id_

    def find(self, name: str) -> RegisteredParty | None:
        """Return the party of a name or of its ISO 3166-1 alpha-2 code, None if there is none."""
        code = f"party/{name.lower()}" if len(name) == 2 else ""
        found = self._by_name.get(fold_name(name), code)
        if not found or (found == code and code not in self._parties):
            return None
        return self._parties.get(found) or RegisteredParty(found, name, "organisation")

    def near(self, name: str) -> list[str]:
        """Return at most three names of the register that come near, each with its id."""
        close = get_close_matches(fold_name(name), self._by_name, n=3, cutoff=0.7)
        found = dict.fromkeys(self._by_name[one] for one in close)
        return [f"{self._parties[id_].name} ({id_})" for id_ in found if id_ in self._parties]


@cache
def fold_name(name: str) -> str:
    """Return a name as it is looked up: without accents, case, articles and kinds of quotes."""
    plain = unicodedata.normalize("NFKD", name).replace("’", "'").casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.sub(r"\s*\(the\)$", "", letters.strip())
    words = re.sub(r"\bst\.? ", "saint ", words).replace("&", "and").removeprefix("the ")
    return " ".join(words.replace("-", " ").split())


@cache
def bundled_parties() -> tuple[dict[str, RegisteredParty], dict[str, str]]:
    """Return the parties that come with the program by id, and ids by folded name."""
    parties: dict[str, RegisteredParty] = {}
    names: dict[str, set[str]] = {}
    for id_, type_, known in (*_states(), *_others()):
        given = [name for name in known if name]
        if given:
            parties.setdefault(id_, RegisteredParty(id_, re.sub(r" \(the\)$", "", given[0]), type_))
        for name in given:
            names.setdefault(fold_name(name), set()).add(id_)
    # A name that means two parties means none.
    return parties, {name: ids.pop() for name, ids in names.items() if len(ids) == 1}


def _states() -> Iterator[tuple[str, str, list[str]]]:
    for row in _rows(_STATES):
        yield f"party/{row['ISO3166-1-Alpha-2'].lower()}", "state", [row[n] for n in _NAMES]


def _others() -> Iterator[tuple[str, str, list[str]]]:
    for row in _rows(_OTHERS):
        # A line without a name gives other names to a State that has one.
        yield f"party/{row['id']}", row["type"], [row["name"], *row["aliases"].split("|")]


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("domain.importers") / "data" / name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


class Parties:
    """Looks names up, once each, and gathers those that no register knows."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._ids: dict[str, str | None] = {}
        self.unknown: dict[str, list[str]] = {}

    def known(self, name: str) -> Iterator[Command]:
        """Yield the fact that makes a party known, the first time that its name is met."""
        if name in self._ids:
            return
        party = self._register.find(name)
        self._ids[name] = party.id if party else None
        if party is None:
            self.unknown[name] = self._register.near(name)
        else:
            yield Command(party.id, "party.established", party.established, introduces=True)

    def id_of(self, name: str) -> str | None:
        """Return the id of a party whose name was met, None if no register knows it."""
        return self._ids[name]


def no_party(name: str) -> tuple[str, str]:
    """Return why a cell becomes no fact when no register knows the name in its row."""
    return "unknown-party", f"no register knows '{name}'"
