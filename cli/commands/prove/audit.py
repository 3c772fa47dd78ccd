"""Is anything in the ledger other than it was recorded?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.context import Counter, at_hand
from cli.errors.exit_codes import CANNOT, INTEGRITY, NO
from cli.output.formats import no_table, write_json, write_lines
from cli.progress import progress
from cli.trusting import policy_of

if TYPE_CHECKING:
    from events.transparency.audit import AuditReport, Check

_EXITS = {"tampered": INTEGRITY, "undecided": CANNOT, "finding": NO}
_SHOWN = {
    "holds": "holds",
    "tampered": "TAMPERED",
    "undecided": "undecided",
    "finding": "finding",
    "skipped": "-",
}


def audit(
    context: typer.Context,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against",
            metavar="FILE|DIR",
            help="A checkpoint, proof or published copy that you kept; may be repeated.",
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Without the text of events, the answers and the sources."),
    ] = False,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="Whose witness; the ledger's trust.policy if left out."
        ),
    ] = None,
) -> int:
    """Compute everything anew and say, check by check, whether it is what was recorded.

    A ledger shows by itself that somebody without the key changed it. That its own keeper replaced
    all of it, or went back to an older state, shows only against a copy that somebody else kept:
    give one with --against. Exit codes: 0 holds, 4 evidence of tampering, 1 findings, 7 cannot
    decide.

    \b
    Examples:
      depositary audit
      depositary audit --against 2025-07-16.checkpoint --against mirror
      depositary audit --quick --json
    """
    from cli.auditing import copies_of, own_copy
    from events.transparency.audit import audit_log as of_the_record

    counter = at_hand(context)
    no_table(counter.look)
    place = counter.place
    if place.database is not None:
        with counter.record():
            pass  # a server that does not answer or admit is no evidence of anything
    outside = against or []
    trust = policy_of(place.folder, policy)
    kept = [copy for ledger_id in _ledger_id(counter) for copy in own_copy(ledger_id)]
    copies = [*kept, *copies_of(outside)]
    with progress("auditing", "events") as shown:
        report = of_the_record(place.record, copies, trust, None if quick else _rewritten, shown)
    checks = [*report.checks, *_more(counter, report, outside, quick=quick)]
    outcomes = {check.outcome for check in checks}
    code = next((code for name, code in _EXITS.items() if name in outcomes), 0)
    _tell(counter, checks, report, [str(path) for path in outside], code)
    return code


def _ledger_id(counter: Counter) -> list[str]:
    # None where the record is too broken to say.
    from cli.about_ledger import identity

    try:
        with counter.record() as record:
            return [identity(record).ledger_id]
    except Exception:
        return []


def _rewritten(topic: str, data: bytes) -> bytes:
    from events import validation

    return validation.rewritten(topic, data)


def _more(
    counter: Counter, report: "AuditReport", outside: list[Path], *, quick: bool
) -> "list[Check]":
    from cli.auditing import check_answers, check_published, check_sources

    found, place = report.found, counter.place
    if found is None:
        return []
    checks = [
        check
        for path in outside
        if path.is_dir()
        for check in check_published(place.record, found, path)
    ]
    if quick or any(check.outcome == "tampered" for check in report.checks):
        return checks  # answers are made from the record: first it must hold
    with progress("replaying", "events") as shown:
        checks.append(check_answers(place, shown))
    return [*checks, check_sources(place, found.archived)]


def _tell(
    counter: Counter, checks: "list[Check]", report: "AuditReport", outside: list[str], code: int
) -> None:
    first = min(
        (c.position for c in checks if c.outcome == "tampered" and c.position), default=None
    )
    if counter.look.format != "table":
        found: dict[str, Any] = {
            "exit": code,
            "first_differing": first,
            "last_good_checkpoint": report.last_good,
            "compared_with": outside,
            "checks": [check._asdict() for check in checks],
        }
        write_json(found, counter.look)
        return
    write_lines(_page(checks, first, report.last_good, outside))


def _page(
    checks: "list[Check]", first: int | None, last_good: int | None, outside: list[str]
) -> list[str]:
    width = max(len(_SHOWN[check.outcome]) for check in checks)
    names = max(len(check.name) for check in checks)
    shown = ((_SHOWN[check.outcome].ljust(width), check) for check in checks)
    lines = [f"{word}  {check.name.ljust(names)}  {check.sentence}" for word, check in shown]
    lines.append("")
    if first is not None:
        lines.append(f"first differing event: @{first}")
    good = "none" if last_good is None else f"of {last_good} entries"
    lines.append(f"last good checkpoint: {good}")
    if outside:
        return [*lines, f"compared with outside copies: {', '.join(outside)}"]
    return [
        *lines,
        "careful: compared with no copy from outside, so a ledger that its keeper rewrote, or",
        "an older state, would look the same: depositary audit --against FILE",
    ]
