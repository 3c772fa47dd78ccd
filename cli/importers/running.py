"""How does an import run: in whole batches, with progress, to a report, and again if stopped?"""

from collections.abc import Callable, Iterable, Iterator

from cli.context import Counter
from cli.errors.exit_codes import INTERRUPTED, CounterError
from cli.importers.cells import Given, Reject
from cli.importers.report import Report
from cli.progress import progress
from domain.ledger import Command


def run(
    counter: Counter,
    given: Iterable[Given],
    total: int,
    again: str,
    *,
    as_reported: bool,
    dry_run: bool,
    unknown: Callable[[], dict[str, list[str]]] = dict,
) -> Report:
    """Record what an importer gives and return the report; the answers catch up at the end.

    `total` is about how many facts there will be. Stopped by Ctrl-C it leaves whole batches and
    says that `again` goes on.
    """
    report, done, bulk = Report(), 0, None
    try:
        with counter.ledger() as ledger:
            bulk = ledger.append_in_batches(
                _facts(given, report), as_reported=as_reported, dry_run=dry_run
            )
            with progress("importing", "facts") as shown:
                for results in bulk:
                    for result in results:
                        report.take(result)
                    done += len(results)
                    if shown is not None:
                        shown(done, max(total, done))
            for found in bulk.findings() if as_reported else ():
                report.find(found)
    except KeyboardInterrupt:
        recorded = bulk.recorded if bulk is not None else 0
        raise CounterError(
            INTERRUPTED,
            "interrupted",
            f"{recorded:,} facts are recorded, whole batches of the import; the rest is not",
            f"{again}: it goes on, and records nothing twice",
        ) from None
    report.unknown(unknown())
    return report


def _facts(given: Iterable[Given], report: Report) -> Iterator[Command]:
    for one in given:
        if isinstance(one, Reject):
            report.reject(one)
        else:
            yield one
