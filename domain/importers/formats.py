"""List the data sets that can be imported, and what reads each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from domain.importers.cells import FactOrReject
from events.errors import NotUnderstoodError

FORMATS = ("un-mtdsg", "copyright-membership", "csv", "prices", "ndjson")


class ImportFormatError(NotUnderstoodError):
    """A format is one of FORMATS, with the options that go with it."""


class Reading(NamedTuple):
    """What an importer gives, about how many facts, what its cells are, and unknown names.

    `bind` is told how to find the names under which the ledger knows a party.
    """

    given: Iterator[FactOrReject]
    total: int
    what: str = "cells"
    unknown: Callable[[], dict[str, list[str]]] = dict
    bind: Callable[[Callable[[str], list[str]]], None] | None = None


def reading_of(
    format_: str, paths: list[Path], map_: Path | None = None, kind: str = "open"
) -> Reading:
    """Return what an importer makes of the files at some paths.

    `map_` says what the columns of a csv mean, `kind` which price of the day a table has.
    Raises ImportFormatError for no such format.
    """
    if format_ not in FORMATS:
        raise ImportFormatError(
            "no such format",
            f"'{format_}' is none of {', '.join(FORMATS)}",
            "depositary import --help",
        )
    if (format_ == "csv") != (map_ is not None):
        why = "a map of the columns goes with csv, and csv with a map"
        then = "depositary import csv FILE --map FILE.toml"
        raise ImportFormatError("csv and --map go together", why, then)
    if kind not in ("open", "close"):
        why = f"'{kind}' is neither open nor close"
        raise ImportFormatError("no such price", why, "depositary import --help")
    return _prices(paths, kind) if format_ == "prices" else _READERS[format_](paths, map_)


def _un_mtdsg(paths: list[Path], _: Path | None) -> Reading:
    from domain.importers import un_mtdsg
    from domain.importers.register import Parties, Register

    parties = Parties(Register())
    lists = [treaty for path in paths for treaty in un_mtdsg.read_treaties(path)]
    total = sum(_lines(treaty.path) for treaty in lists)
    return Reading(un_mtdsg.read_un_lists(paths, parties), total, "cells", lambda: parties.unknown)


def _copyright(paths: list[Path], _: Path | None) -> Reading:
    from domain.importers import copyright_membership
    from domain.importers.register import Parties, Register

    parties = Parties(Register())
    given = copyright_membership.read_membership(paths, parties)
    return Reading(given, 2 * sum(map(_lines, paths)), "cells", lambda: parties.unknown)


def _csv(paths: list[Path], map_: Path | None) -> Reading:
    from domain.importers import csv_map
    from domain.importers.map_language import read_map
    from domain.importers.register import Parties, Register

    assert map_ is not None
    mapping = read_map(map_)
    parties = Parties(Register(mapping.parties.items()))
    total = len(mapping.fact) * sum(map(_lines, paths))

    def bind(recorded: Callable[[str], list[str]]) -> None:
        parties.recorded = recorded

    given = csv_map.read_mapped_table(paths, mapping, parties)
    return Reading(given, total, "cells", lambda: parties.unknown, bind)


def _prices(paths: list[Path], kind: str) -> Reading:
    from domain.importers import prices

    return Reading(prices.read_prices(paths, kind), prices.count_prices(paths))


def _ndjson(paths: list[Path], _: Path | None) -> Reading:
    from domain.importers import ledger_export

    return Reading(ledger_export.read_export(paths), sum(map(_lines, paths)), "events")


_READERS: dict[str, Callable[[list[Path], Path | None], Reading]] = {
    "un-mtdsg": _un_mtdsg,
    "copyright-membership": _copyright,
    "csv": _csv,
    "ndjson": _ndjson,
}


def _lines(path: Path) -> int:
    if not path.is_file():
        return 0  # a pipe is read once
    with path.open("rb") as file:
        return sum(1 for _ in file)
