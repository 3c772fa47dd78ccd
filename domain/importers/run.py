"""Run an import: in whole batches, with progress, to a report, and again where it stopped."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from domain.decisions.batch import Command
from domain.importers.cells import FactOrReject, Reject
from domain.importers.report import ImportReport
from domain.ledger import Ledger
from events.errors import StoppedError
from events.transparency.tree import Progress


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
    progress: Progress | None = None,
) -> ImportReport:
    """Record what an importer gives and return the report; close the ledger at the end.

    `total` is about how many facts there will be. Raises ImportStoppedError
    where it is interrupted: it leaves whole batches, and `again` goes on.
    """
    report, done, bulk = ImportReport(), 0, None
    try:
        with open_ledger() as ledger:
            bulk = ledger.append_in_batches(
                _facts(given, report), as_reported=as_reported, dry_run=dry_run
            )
            for results in bulk:
                for result in results:
                    report.take(result)
                done += len(results)
                if progress is not None:
                    progress(done, max(total, done))
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
        if isinstance(one, Reject):
            report.reject(one)
        else:
            yield one
