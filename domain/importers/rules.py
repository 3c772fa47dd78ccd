"""Read rules of entry into force from a table: a row a treaty, with its article and official day.

The columns are COLUMNS. Without a file it is the table of the project: the rules of the best-known
treaties of the Secretary-General. The recorder states a rule, for it reads it out of the treaty;
the source is the table, and the rule was public when the treaty was. Where the rule does not give
the official day from the instruments of the lists, `why` says so, and the official day answers.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

from domain.decisions.batch import Command
from domain.importers.cells import (
    FactOrReject,
    Reject,
    RowCells,
    RowFact,
    beyond_header,
    layout_of,
    recorder_data,
    row_of,
)
from domain.importers.tables import ImportFileError, read_table

BUNDLED = "entry-into-force-rules.csv"
COLUMNS = (
    *("treaty", "title", "article", "words", "on", "n", "delay", "snap", "not_before"),
    *("not_counted", "later", "in_force", "public_by", "why"),
)
_OF_RULE = ("words", "treaty", "article", *COLUMNS[4:11], "public_by")  # the first is blamed
_OF_DAY = ("in_force", "treaty", "public_by", "why")


class TreatyRule(NamedTuple):
    """A row of the table: its cells, its texts by their columns, the id of its agreement."""

    cells: RowCells
    row: dict[str, str]
    agreement: str


def read_rules(path: Path | None = None) -> list[TreatyRule]:
    """Return the rows of a table of rules, None for the project's own; raise ImportFileError.

    `treaty` is the number of a UN treaty such as 4-9, or the id of any agreement.
    """
    if path is None:
        with as_file(files("domain.importers").joinpath("data", BUNDLED)) as own:
            return read_rules(own)
    header, numbered, *_ = read_table(path)
    missing = [column for column in COLUMNS[:5] if column not in header]
    if missing:
        why = f"{path.name} has no column {missing[0]}, of {', '.join(COLUMNS)}"
        raise ImportFileError("this is not a table of rules", why, "depositary import --help")
    layout, found = layout_of(path.name, header, COLUMNS), []
    for row in numbered:
        cells = row_of(layout, row)
        said = dict(zip(header, cells.cells, strict=False))
        texts = {column: said.get(column, "") for column in COLUMNS}
        treaty = texts["treaty"]
        found.append(TreatyRule(cells, texts, treaty if "/" in treaty else agreement_of(treaty)))
    return found


def agreement_of(treaty: str) -> str:
    """Return the id of the agreement of a UN list such as 4-9."""
    return f"agreement/un-mtdsg-{treaty.lower()}"


def rule_facts(
    rules: list[TreatyRule], agreements: Collection[str], source: str, title: str
) -> Iterator[FactOrReject]:
    """Yield the rule and the official day of each treaty among some agreements."""
    cited = recorder_data(publisher="party/recorder", title=title)
    yield Command(source, "source.cited", cited, introduces=True)
    for one in rules:
        yield from beyond_header(one.cells)
        if one.agreement in agreements:
            yield from _facts(one, source)
        yield one.cells


def source_of(path: Path | None) -> tuple[str, str]:
    """Return the id and the title of a table as a source."""
    if path is None:
        return "source/entry-into-force-rules", "Rules of entry into force of UN treaties"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"source/entry-into-force-rules-{digest}", f"Rules of entry into force: {path.name}"


def _facts(one: TreatyRule, source: str) -> Iterator[FactOrReject]:
    row = one.row
    cited = {"source": source}
    if row["public_by"]:
        cited["published"] = f"[..{row['public_by']}]"
    told = recorder_data(sources=[cited])
    if row["n"] and not row["n"].isdecimal():
        made = (*_OF_RULE, *(_OF_DAY if row["in_force"] else ()))
        where = _where(one, ("n", *made))
        yield Reject(where, "illegible", f"'{row['n']}' is not a number of instruments")
        return
    said = {**told, "rule": _rule(row)}
    yield Command(one.agreement, "agreement.entry-into-force-rule-set", said, _where(one, _OF_RULE))
    if day := row["in_force"]:
        entered = {**told, "mode": "definitive", "effective": day}
        if row["why"]:
            entered["note"] = f"not the day by the instruments recorded: {row['why']}"
        yield Command(one.agreement, "agreement.entered-into-force", entered, _where(one, _OF_DAY))


def _where(one: TreatyRule, columns: Iterable[str]) -> RowFact:
    """Return where a fact of a row comes from: the columns that there are, the first to blame."""
    header = one.cells.layout.header
    return one.cells.fact(*(header.index(column) for column in columns if column in header))


def _rule(row: dict[str, str]) -> dict[str, Any]:
    """Return a row as the data of a rule."""
    when: dict[str, Any] = {"on": row["on"]}
    if row["n"]:
        when["n"] = int(row["n"])
    if row["not_counted"]:
        when["not_counted"] = row["not_counted"].split()
    when |= {"words": {"words": row["words"]}, "notifications": {"counted": "received"}}.get(
        row["on"], {}
    )
    given = {name: row[name] for name in ("delay", "snap", "not_before") if row[name]}
    rule = {"when": when, **given, "clause": f"{row['article']}: {row['words']}"}
    return {**rule, "later": _later(row["later"])} if row["later"] else rule


def _later(text: str) -> dict[str, Any]:
    """Return when a State is bound that consents later: same, immediately, or `P30D`, with a snap.

    A snap follows its delay after a space, as in `P6M month-start:1`.
    """
    if text == "same":
        return {"same": True}
    delay, _, snap = text.partition(" ")
    delay = "P0D" if delay == "immediately" else delay
    return {"delay": delay, "snap": snap.strip()} if snap.strip() else {"delay": delay}
