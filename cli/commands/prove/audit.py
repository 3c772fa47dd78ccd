"""Audit a ledger: compute everything anew and compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.context import AppContext, app_context
from cli.errors.exit_codes import CANNOT, INTEGRITY, NO
from cli.output.formats import no_table, write_json, write_lines
from cli.progress import progress
from events.transparency.trust_policy import policy_of

if TYPE_CHECKING:
    from events.transparency.audit import Check
    from projections.audit import LedgerAudit

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
    from projections.audit import audit_ledger

    app = app_context(context)
    no_table(app.look)
    place = app.place
    if place.database is not None:
        with app.record():
            pass  # a server that does not answer or admit is no evidence of anything
    outside = against or []
    trust = policy_of(place.folder, policy)
    found = audit_ledger(place, outside, trust, quick=quick, show=progress)
    outcomes = {check.outcome for check in found.checks}
    code = next((code for name, code in _EXITS.items() if name in outcomes), 0)
    _tell(app, found, [str(path) for path in outside], code)
    return code


def _tell(app: AppContext, found: "LedgerAudit", outside: list[str], code: int) -> None:
    first = found.first_differing
    if app.look.format != "table":
        told: dict[str, Any] = {
            "exit": code,
            "first_differing": first,
            "last_good_checkpoint": found.last_good,
            "compared_with": outside,
            "checks": [check._asdict() for check in found.checks],
        }
        write_json(told, app.look)
        return
    write_lines(_page(found.checks, first, found.last_good, outside))


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
