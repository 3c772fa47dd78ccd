"""Which data sets can be imported, and what is each read by?"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cli.errors.exit_codes import usage
from cli.importers.cells import Given

FORMATS = ("un-mtdsg", "copyright-membership", "csv", "prices", "ndjson")


class Reading(NamedTuple):
    """What an importer gives, about how many facts, what its cells are, and unknown names."""

    given: Iterator[Given]
    total: int
    what: str = "cells"
    unknown: Callable[[], dict[str, list[str]]] = dict


def reading(
    format_: str, paths: list[Path], map_: Path | None = None, kind: str = "open"
) -> Reading:
    """Return what an importer makes of the files at some paths; exit 2 for no such format.

    `map_` says what the columns of a csv mean, `kind` which price of the day a table has.
    """
    if format_ not in FORMATS:
        usage(
            "no such format",
            f"'{format_}' is none of {', '.join(FORMATS)}",
            "depositary import --help",
        )
    if (format_ == "csv") != (map_ is not None):
        why = "a map of the columns goes with csv, and csv with a map"
        usage("csv and --map go together", why, "depositary import csv FILE --map FILE.toml")
    if kind not in ("open", "close"):
        usage("no such price", f"'{kind}' is neither open nor close", "depositary import --help")
    return _prices(paths, kind) if format_ == "prices" else _READERS[format_](paths, map_)


def _un_mtdsg(paths: list[Path], _: Path | None) -> Reading:
    from cli.importers import un_mtdsg
    from cli.importers.parties import Parties
    from cli.importers.register import Register

    parties = Parties(Register())
    lists = [treaty for path in paths for treaty in un_mtdsg.treaties(path)]
    total = sum(_lines(treaty.path) for treaty in lists)
    return Reading(un_mtdsg.given(paths, parties), total, "cells", lambda: parties.unknown)


def _copyright(paths: list[Path], _: Path | None) -> Reading:
    from cli.importers import copyright_membership
    from cli.importers.parties import Parties
    from cli.importers.register import Register

    parties = Parties(Register())
    given = copyright_membership.given(paths, parties)
    return Reading(given, 2 * sum(map(_lines, paths)), "cells", lambda: parties.unknown)


def _csv(paths: list[Path], map_: Path | None) -> Reading:
    from cli.importers import mapped
    from cli.importers.mapping import read_map
    from cli.importers.parties import Parties
    from cli.importers.register import Register

    assert map_ is not None
    mapping = read_map(map_)
    parties = Parties(Register(mapping.aliases.items()))
    total = len(mapping.facts) * sum(map(_lines, paths))
    return Reading(mapped.given(paths, mapping, parties), total, "facts", lambda: parties.unknown)


def _prices(paths: list[Path], kind: str) -> Reading:
    from cli.importers import prices

    return Reading(prices.given(paths, kind), prices.count(paths))


def _ndjson(paths: list[Path], _: Path | None) -> Reading:
    from cli.importers import foreign

    return Reading(foreign.given(paths), sum(map(_lines, paths)), "events")


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
