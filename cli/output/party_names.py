"""Put the names of parties in the place of their ids, for a person."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_party = re.compile(r"(?<![(\w/])party/[a-z0-9-]+(?![\w/])")


def parties_mentioned(found: Any) -> set[str]:
    """Return the ids of parties that stand in the texts of a document or of rows."""
    met = set[str]()
    waiting: list[Iterable[Any]] = [[found]]
    while waiting:
        for one in waiting.pop():
            if isinstance(one, str):
                if one not in met and "party/" in one:
                    met.update(_party.findall(one))
            elif isinstance(one, dict):
                waiting.append(one.values())
            elif isinstance(one, (list, tuple, set, frozenset)):
                waiting.append(one)
    return met


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the names of parties in the place of their ids.

    An id in brackets stays, for it stands beside its name; so does one without a name.
    """
    if not names or "party/" not in text:
        return text
    return _party.sub(lambda match: names.get(match[0], match[0]), text)
