"""Read a table of daily prices as observations.

A column `Date`, in capitals or not, and one column a pair, such as `BTC_USD`. The file is the
source. Who asserts it is said, or is a publisher that has the file's name and nothing else's. Each
pair is a thing of its own, and its prices follow each other.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from domain.decisions.batch import Command
from domain.importers.cell_numbers import Marks, amount_reader
from domain.importers.cells import (
    FactOrReject,
    Recorded,
    Reject,
    RowCells,
    beyond_header,
    layout_of,
    recorder_data,
    row_of,
)
from domain.importers.register import Register, fold_name
from domain.importers.tables import ImportFileError, read_table
from events.amounts import Quantity, QuantityError
from events.errors import NotUnderstoodError
from events.value import replace

_is_pair = re.compile(r"([A-Za-z]{3,5})[_/-]([A-Za-z]{3})").fullmatch


class Tellers:
    """Finds who asserts a table: the party that is said, else a publisher of the file's name.

    No party of another name or type than that asserts prices for having its id: us.csv is no
    statement of the United States.
    """

    def __init__(self, said: str | None = None) -> None:
        self._said, self._register = said, Register()
        self._recorded: Recorded = lambda thing: []

    def bind(self, recorded: Recorded) -> None:
        """Take up how to find what the ledger knows of a party or a source."""
        self._recorded = recorded

    def of(self, path: Path, slug: str) -> tuple[str, list[Command]]:
        """Return the id of the party and what makes it known; raise NotUnderstoodError."""
        self._check_source(path, slug)
        if self._said is not None:
            return self._said, []
        party, name = f"party/{slug}", path.stem[:300]
        named = self._register.find(path.stem) or self._register.find(slug)
        known: list[Any] = list(self._recorded(party))
        others = [one.name for one in known if getattr(one, "type", "publisher") != "publisher"]
        if known and fold_name(name) not in map(fold_name, (one.name for one in known)):
            others.append(known[-1].name)
        if named or others:
            other = others[0] if others else named and named.name
            why = f"{path.name} does not say who made it, and {other} is not meant by its name"
            then = f"depositary import prices {path} --asserted-by PARTY"
            raise NotUnderstoodError("who asserts these prices?", why, then)
        made = recorder_data(name=name, type="publisher")
        return party, [Command(party, "party.established", made, introduces=True)]

    def _check_source(self, path: Path, slug: str) -> None:
        cited: list[Any] = list(self._recorded(f"source/{slug}"))
        if cited and all(one.title != path.name[:300] for one in cited):
            why = f"source/{slug} is another document in this ledger, and {path.name} would be it"
            raise NotUnderstoodError(
                "the source has this name already", why, "give the file another name"
            )


def read_prices(
    paths: Iterable[Path], tellers: Tellers, kind: str = "open", published: str | None = None
) -> Iterator[FactOrReject]:
    """Yield the observations of each file, pair by pair; `kind` is open or close.

    `published` is the day of the files (EDTF), where it is known.
    """
    day = {"published": published} if published else {}
    for path in paths:
        slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:80]
        source, (party, made) = f"source/{slug}", tellers.of(path, slug)
        yield from made
        cited = recorder_data(publisher=party, title=path.name[:300])
        yield Command(source, "source.cited", cited, introduces=True)
        told = {"asserted_by": party, "basis": "tracker", "sources": [{"source": source, **day}]}
        yield from _of_file(path, {**told, "kind": kind})


def count_prices(paths: Iterable[Path]) -> int:
    """Return how many cells there may be."""
    found = 0
    for path in paths:
        table = read_table(path)
        found += table.length * (len(table.header) - 1)
    return found


def _of_file(path: Path, told: dict[str, Any]) -> Iterator[FactOrReject]:
    header, numbered, *_ = read_table(path)
    pairs = {name: match for name in header if (match := _is_pair(name))}
    days = [at for at, name in enumerate(header) if name.strip().casefold() == "date"]
    if len(days) != 1 or not pairs:
        why = f"{path} needs a column Date and one such as BTC_USD"
        then = "depositary import csv FILE --map FILE.toml, for any other table"
        raise ImportFileError("this is not a table of prices", why, then)
    layout = layout_of(path.name, header, (header[days[0]], *pairs))
    rows = [row_of(layout, row) for row in numbered]
    for row in rows:
        yield from beyond_header(row)
    for name, pair in pairs.items():
        at, dated = header.index(name), days[0]
        of_pair = {**told, "pair": f"{pair[1]}-{pair[2]}".lower()}
        read = amount_reader(pair[2].upper(), Marks(), None)
        for row in rows:
            if row.cells[at]:
                yield _observed(row, at, dated, of_pair, read)
    yield from rows


def _observed(
    row: RowCells, at: int, dated: int, told: dict[str, Any], read: Callable[[str], Quantity]
) -> FactOrReject:
    cell, text, day = row.fact(at, dated), row.cells[at], row.cells[dated]
    try:
        date.fromisoformat(day)
        value = replace(read(text), words=text)
    except QuantityError as error:
        return Reject(cell, "illegible", str(error))
    except ValueError:
        return Reject(cell, "illegible", f"'{day}' is no day such as 2025-07-16")
    data = {**told, "effective": day, "value": value}
    return Command(f"price/{told['pair']}", "price.observed", data, cell)
