"""Run an import: in whole batches, with progress, to a report, and again where it stopped."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from domain.decisions.batch import Command
from domain.importers.cells import FactOrReject, Reject, Remark, RowCells
from domain.importers.report import ImportReport
from domain.ledger import Ledger
from events.errors import StoppedError
from events.transparency.tree import Progress

_NAMING = ("party.established", "party.renamed")


class ImportStoppedError(StoppedError):
    """An import was interrupted: whole batches of it are recorded, and run again it goes on."""


def run_import(
    open_ledger: Callable[[], AbstractContextManager[Ledger]],
    given: Iterable[FactOrReject],
    total: int,
    again: str,
    *,
    as_reported: bool,
    dry_run: bool,
    unknown: Callable[[], dict[str, list[str]]] = dict,
    bind: Callable[[Callable[[str], list[str]]], None] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Record what an importer gives and return the report; close the ledger at the end.

    `total` is about how many facts there will be; `bind` is told how to find the names under which
    the ledger knows a party. Raises ImportStoppedError where it is interrupted: it leaves whole
    batches, and `again` goes on.
    """
    report, done, bulk = ImportReport(keep_places=as_reported), 0, None
    try:
        with open_ledger() as ledger:
            if bind is not None:
                bind(partial(_names_of, ledger))
            bulk = ledger.append_in_batches(
                _facts(given, report), as_reported=as_reported, dry_run=dry_run
            )
            for results in bulk:
                for result in results:
                    report.take(result)
                report.settle()
                done += len(results)
                if progress is not None:
                    progress(done, max(total, done))
            report.end()
            for found in bulk.findings() if as_reported else ():
                report.find(found)
    except KeyboardInterrupt:
        recorded = bulk.recorded if bulk is not None else 0
        raise ImportStoppedError(
            "interrupted",
            f"{recorded:,} facts are recorded, whole batches of the import; the rest is not",
            f"{again}: it goes on, and records nothing twice",
        ) from None
    report.unknown(unknown())
    return report


def _facts(given: Iterable[FactOrReject], report: ImportReport) -> Iterator[Command]:
    for one in given:
        if type(one) is Command:
            report.coming(one.where)
            yield one
        elif isinstance(one, RowCells):
            report.row(one)
        elif isinstance(one, Reject):
            report.reject(one)
        elif isinstance(one, Remark):
            report.remark(one)


def _names_of(ledger: Ledger, party: str) -> list[str]:
    """Return the names under which a ledger knows a party, the oldest first."""
    named = ledger.index(party).standing.claims
    names = [getattr(claim.body, "name", None) for claim in named if claim.type in _NAMING]
    return [name for name in names if name]
