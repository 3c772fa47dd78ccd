"""Look up a State by a code of ISO 3166-1, of the Correlates of War, or of Gleditsch and Ward.

The codes come with the program (data/country-codes.csv and data/state-numbers.csv). Which list a
column uses is said by its map, never guessed: 345 is Yugoslavia in one and Serbia in another.
"""

import csv
from functools import cache
from importlib.resources import files

SCHEMES = ("iso2", "iso3", "numeric", "cow", "gw")
_ISO = {"iso2": "ISO3166-1-Alpha-2", "iso3": "ISO3166-1-Alpha-3", "numeric": "ISO3166-1-numeric"}


def party_of_code(scheme: str, code: str) -> str | None:
    """Return the id of the party that a code of a scheme means; None if it means none."""
    plain = code.strip().upper()
    if scheme in ("numeric", "cow", "gw"):
        plain = plain.lstrip("0")
    return _codes(scheme).get(plain)


def schemes_with(code: str) -> list[tuple[str, str]]:
    """Return the schemes in which a text is a code, each with the party that it means."""
    found = [(scheme, party_of_code(scheme, code)) for scheme in SCHEMES]
    return [(scheme, party) for scheme, party in found if party is not None]


@cache
def _codes(scheme: str) -> dict[str, str]:
    if scheme in _ISO:
        rows = _rows("country-codes.csv")
        return {
            row[_ISO[scheme]].lstrip("0"): f"party/{row['ISO3166-1-Alpha-2'].lower()}"
            for row in rows
        } | _former(scheme)
    rows = _rows("state-numbers.csv")
    return {row[scheme]: f"party/{row['id']}" for row in rows if row[scheme]}


def _former(scheme: str) -> dict[str, str]:
    """Return the codes of former States and of those that ISO 3166-1 has no name for here."""
    return {row[scheme]: f"party/{row['id']}" for row in _rows("former-codes.csv") if row[scheme]}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("domain.importers") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
