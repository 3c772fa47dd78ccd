"""Look up the parties that an import names, and gather the names that are unknown."""

from collections.abc import Iterator

from domain.decisions.batch import Command
from domain.importers.register import Register


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
