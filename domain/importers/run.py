"""Run an import: in whole batches, with progress, to a report, and again where it stopped."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from domain.decisions.batch import AppendResult, Command
from domain.importers.cells import FactOrReject, Recorded, Reject, Remark, RowCells
from domain.importers.report import ImportReport
from domain.ledger import Ledger
from domain.recorded_imports import add_span, record_import
from events.body import Body
from events.errors import StoppedError
from events.text import count_noun
from events.transparency.tree import Progress

_NAMING = ("party.established", "party.renamed", "source.cited")


class Named(NamedTuple):
    """What an import is called where it is recorded: its format, its files, what it updates."""

    format: str
    files: Sequence[Path]
    updates: Sequence[int] = ()


def run_import(
    open_ledger: Callable[[], AbstractContextManager[Ledger]],
    given: Iterable[FactOrReject],
    total: int,
    again: str,
    *,
    name: Named,
    as_reported: bool,
    dry_run: bool,
    unknown: Callable[[], dict[str, list[str]]] = dict,
    bind: Callable[[Recorded], None] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Record what an importer gives and return the report; close the ledger at the end.

    `total` is about how many facts there will be; `bind` takes the function that finds what the
    ledger knows of a party or a source. Raises StoppedError where it is interrupted: it leaves
    whole batches, and `again` goes on.
    """
    report, done, bulk = ImportReport(), 0, None
    spans: list[tuple[int, int]] = []
    try:
        with open_ledger() as ledger, _numbered(ledger, name, spans, report):
            if bind is not None:
                bind(partial(names_in_ledger, ledger))
            bulk = ledger.append_in_batches(
                _facts(given, report), as_reported=as_reported, dry_run=dry_run
            )
            try:
                for results in bulk:
                    add_span(bulk.positions, spans)
                    for result in results:
                        report.take(result)
                    report.settle()
                    done += len(results)
                    if progress is not None:
                        progress(done, max(total, done))
            finally:
                add_span(bulk.positions, spans)  # of a batch that was interrupted as it was written
            report.end()
            for found in bulk.findings():
                report.find(found)
    except KeyboardInterrupt:
        recorded = bulk.recorded if bulk is not None else 0
        told = count_noun(recorded, "fact is recorded", "facts are recorded")
        why = f"{told}, whole batches of the import; the rest is not"
        then = f"{again}: it goes on, and records nothing twice"
        if report.number is not None:
            why += f"; they are import {report.number}"
            back = f"depositary retract --import {report.number} --reason recording-error"
            then += f"; or {back}"
        raise StoppedError("interrupted", why, then) from None
    report.unknown(unknown())
    return report


@contextmanager
def _numbered(
    ledger: Ledger, name: Named, spans: list[tuple[int, int]], report: ImportReport
) -> Iterator[None]:
    """Record at the end, also of an interrupted import, which events it wrote."""
    try:
        yield
    finally:
        if spans:
            report.number = record_import(ledger, *name[:2], spans, name.updates)


def _facts(given: Iterable[FactOrReject], report: ImportReport) -> Iterator[Command]:
    for one in given:
        if type(one) is Command:
            yield one
        elif isinstance(one, RowCells):
            report.row(one)
        elif isinstance(one, AppendResult):
            report.take(one)
        elif isinstance(one, Reject):
            report.reject(one)
        elif isinstance(one, Remark):
            report.remark(one)


def names_in_ledger(ledger: Ledger, thing: str) -> list[Body]:
    """Return what names a party or a source in a ledger, the oldest first."""
    return [one.body for one in ledger.index(thing).standing.claims if one.type in _NAMING]
