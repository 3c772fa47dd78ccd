"""Look up which party a name in a list means.

Names are looked up, never guessed: the English names of ISO 3166-1 and the UN, former States,
organisations and territories, and the other names under which lists know them. What is not found
is reported once, with what comes near. A code is looked up in the list that its map names, of ISO
3166-1, of the Correlates of War, or of Gleditsch and Ward: 345 is Yugoslavia in one and Serbia in
another.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from domain.decisions.batch import Command
from domain.importers.cells import Recorded
from events.body import RECORDER

_STATES = "country-codes.csv"
_OTHERS = "others.csv"
SCHEMES = ("iso2", "iso3", "numeric", "cow", "gw")
_ISO = {"iso2": "ISO3166-1-Alpha-2", "iso3": "ISO3166-1-Alpha-3", "numeric": "ISO3166-1-numeric"}
_NAMES = ("UNTERM English Short", "UNTERM English Formal", "official_name_en", "CLDR display name")

_words = re.compile(r"[\w']+").findall
_SMALL_WORDS = {"and", "republic", "state", "states", "kingdom"}
_SMALL_WORDS |= {"democratic", "people's"}
_initials = re.compile(r"\b(?:\w\.){2,}").sub
_SHORT = {"rep.": "republic", "dem.": "democratic", "is.": "islands", "st.": "saint", "st": "saint"}
_in_brackets = re.compile(r"(.+?) \((.+)\)").fullmatch
_qualified = re.compile(r"(.+?)(?: \(.+\)|, .+)").fullmatch
_footnotes = re.compile(
    r"(?:\s*(?:\[[\w, ]{1,8}\]|\([0-9]{1,2}\)|[*†‡§¶\u00b9\u00b2\u00b3\u2070-\u2079]+"
    r"|(?<=[^\W\d]) ?[0-9]{1,2}(?:, ?[0-9]{1,2})*))+$"
).sub


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
        bundled = bundled_parties()
        self._parties, self._by_name = bundled.by_id, dict(bundled.by_name)
        self._aliases = {fold_name(name): id_ for name, id_ in aliases}
        self._by_name |= self._aliases

    def find(self, name: str) -> RegisteredParty | None:
        """Return the party of a name or of its ISO 3166-1 alpha-2 code, None if there is none."""
        code = f"party/{name.lower()}" if len(name) == 2 else ""
        for said in _spellings(name):
            found = self._by_name.get(fold_name(said))
            if found:
                return self._parties.get(found) or RegisteredParty(found, name, "organisation")
        return self._parties.get(code)

    def find_code(self, text: str, scheme: str) -> RegisteredParty | None:
        """Return the party of a code, or of a name that the map itself gives; else None."""
        alias = self._aliases.get(fold_name(text))
        found = alias or party_of_code(scheme, text)
        if found is None:
            return None
        return self._parties.get(found) or RegisteredParty(found, text, "organisation")

    def is_alias(self, name: str) -> bool:
        """Say whether a name is one of the map's own."""
        return fold_name(name) in self._aliases

    def means(self, name: str, party: RegisteredParty) -> bool:
        """Say whether a name is one of a party's."""
        return fold_name(name) == fold_name(party.name) or self._by_name.get(fold_name(name)) == (
            party.id
        )

    def near(self, name: str, codes: str = "") -> list[str]:
        """Return at most three parties that may be meant, each with its id.

        A code means the State that has it in some list; a name those whose names hold its words,
        and then those that are written nearly like it.
        """
        if codes and (named := self.find(name)):
            return [f"{named.name} ({named.id}), by its name"]
        coded = schemes_with(name) if len(name) <= 3 or name.isdecimal() else []
        if coded:
            return [
                f'{self._parties[id_].name} ({id_}) by codes = "{scheme}"'
                for scheme, id_ in coded
                if id_ in self._parties and scheme != codes
            ][:3]
        if len(name) <= 3:
            return []
        words = set(_words(fold_name(name))) - _SMALL_WORDS
        holding = [one for one in self._by_name if words and words <= set(_words(one))]
        close = get_close_matches(fold_name(name), self._by_name, n=3, cutoff=0.8)
        found = dict.fromkeys(self._by_name[one] for one in (*holding, *close))
        if before := _qualified(name):
            found |= dict.fromkeys(one.id for one in [self.find(before[1])] if one)
        known = [id_ for id_ in found if id_ in self._parties][:3]
        return [f"{self._parties[id_].name} ({id_})" for id_ in known]


def _spellings(name: str) -> Iterator[str]:
    """Yield a name as it stands, without marks of footnotes, and with its inversion undone."""
    yield name
    bare = _footnotes("", name).strip()
    if bare != name:
        yield bare
    before, comma, behind = bare.partition(", ")
    if comma and behind:
        yield f"{behind} {before}"
        yield f"{before} ({behind})"
    elif inverted := _in_brackets(bare):
        yield f"{inverted[2]} {inverted[1]}"


def fold_name(name: str) -> str:
    """Return a name as it is looked up: without accents, case, `of`, articles and abbreviations."""
    plain = unicodedata.normalize("NFKD", name).replace("’", "'").casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    letters = _initials(lambda found: found[0].replace(".", ""), letters)
    words = letters.replace("(the)", "").replace("&", "and").replace("-", " ").split()
    return " ".join(_SHORT.get(one, one) for one in words if one not in ("the", "of"))


class BundledParties(NamedTuple):
    """The parties that come with the program, by id; ids by folded name, and by scheme and code."""

    by_id: dict[str, RegisteredParty]
    by_name: dict[str, str]
    by_code: dict[str, dict[str, str]]


@cache  # of three files, read when the first name is looked up
def bundled_parties() -> BundledParties:
    """Return the parties that come with the program."""
    parties: dict[str, RegisteredParty] = {}
    names: dict[str, set[str]] = {}
    for id_, type_, known in (*_states(), *_others()):
        given = [name for name in known if name]
        if given:
            name = _footnotes("", given[0]).removesuffix(" (the)")
            parties.setdefault(id_, RegisteredParty(id_, name, type_))
        for name in given:
            names.setdefault(fold_name(_footnotes("", name)), set()).add(id_)
    # A name that means two parties means none.
    by_name = {name: ids.pop() for name, ids in names.items() if len(ids) == 1}
    return BundledParties(parties, by_name, {scheme: _codes(scheme) for scheme in SCHEMES})


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


def _codes(scheme: str) -> dict[str, str]:
    known: dict[str, str] = {}
    rows = _rows("state-numbers.csv")
    if scheme in _ISO:
        for row in _rows(_STATES):
            known[row[_ISO[scheme]].lstrip("0")] = f"party/{row['ISO3166-1-Alpha-2'].lower()}"
        # Those of former States, and of what ISO 3166-1 has no name for here.
        rows = _rows("former-codes.csv")
    return known | {row[scheme]: f"party/{row['id']}" for row in rows if row[scheme]}


def party_of_code(scheme: str, code: str) -> str | None:
    """Return the id of the party that a code of a scheme means; None if it means none."""
    plain = code.strip().upper()
    if scheme in ("numeric", "cow", "gw"):
        plain = plain.lstrip("0")
    return bundled_parties().by_code[scheme].get(plain)


def schemes_with(code: str) -> list[tuple[str, str]]:
    """Return the schemes in which a text is a code, each with the party that it means."""
    found = [(scheme, party_of_code(scheme, code)) for scheme in SCHEMES]
    return [(scheme, party) for scheme, party in found if party is not None]


class NoPartyError(LookupError):
    """A name is one party's, and has the id that it has in the ledger."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


class Parties:
    """Looks names up, once each, and gathers those that no register knows.

    An id of the register that is another party in the ledger names no party here: see `bind`.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._ids: dict[tuple[str, str], str | tuple[str, str]] = {}
        self._declared: dict[str, str] = {}
        self._recorded: Recorded = lambda party: []
        self.unknown: dict[str, list[str]] = {}
        self.met: list[Command] = []

    def bind(self, recorded: Recorded) -> None:
        """Take up how to find the names under which the ledger knows a party."""
        self._recorded = recorded

    def declare(self, party: str, name: str) -> None:
        """Take up a party that the import itself makes known."""
        self._declared[party] = name

    def named(self, name: str, codes: str = "") -> str:
        """Return the id of the party that a cell names; raise NoPartyError.

        `codes` says of which list of codes the name is one.
        """
        found = self._ids.get((codes, name))
        if found is None:
            found = self._ids[codes, name] = self._found(name, codes)
        if isinstance(found, tuple):
            raise NoPartyError(*found)
        return found

    def introduced(self) -> list[Command]:
        """Return the facts by which parties become known that were met since this was asked."""
        met, self.met = self.met, []
        return met

    def _found(self, name: str, codes: str) -> str | tuple[str, str]:
        party = self._register.find_code(name, codes) if codes else self._register.find(name)
        if party is None:
            self.unknown[name] = self._register.near(name, codes)
            why = f"'{name}' is not a code of {codes}" if codes else f"no register knows '{name}'"
            why += f': say [parties] {json.dumps(name, ensure_ascii=False)} = "party/…", or unknown'
            return "unknown-party", why
        if (other := self._other(party)) is not None and not self._register.is_alias(name):
            why = f"{party.id} is '{other}' here: map {name} by [parties]"
            return "somebody-else", why
        told = party.established
        self.met.append(Command(party.id, "party.established", told, introduces=True))
        return party.id

    def _other(self, party: RegisteredParty) -> str | None:
        """Return the name of whoever has the party's id in the ledger, if it is another."""
        names = [self._declared[party.id]] if party.id in self._declared else []
        bodies: list[Any] = list(self._recorded(party.id))
        names += [body.name for body in bodies if body.name]
        if not names or any(self._register.means(one, party) for one in names):
            return None
        return names[-1]
