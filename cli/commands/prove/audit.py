"""Audit a ledger: compute everything anew and compare."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import flag, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import CANNOT, INTEGRITY, NO, PARTED, settle, usage_failure
from cli.output.formats import write_page
from cli.progress import progress
from events.text import count_noun
from events.transparency.note import ED25519
from events.transparency.pins import Believed
from events.transparency.signing import GO
from events.transparency.trust_policy import keys_of, policy_at, policy_of
from projections.ledger_audit import LedgerAudit, audit_ledger

_EXITS = {
    "tampered": INTEGRITY,
    "forked": PARTED,
    "behind": PARTED,
    "undecided": CANNOT,
    "finding": NO,
}
_SHOWN = {"tampered": "TAMPERED", "forked": "FORKED", "behind": "BEHIND", "skipped": "-"}

_ALONE = "this shows only that the log agrees with itself"
_PINNED = {
    "holds": "key pinned: the log is signed by a key from outside it",
    "skipped": f"key pinned, and it has signed nothing yet: {_ALONE}",
    "undecided": "key pinned; it is undecided whether it signed the log",
    "tampered": "key pinned, and another key signed the log",
    "behind": "key pinned, and the key before it signed the log",
}


def audit(
    context: typer.Context,
    against: Annotated[
        list[Path] | None,
        option(
            "--against",
            "FILE|DIR",
            "A checkpoint, proof or published copy that you kept; may be repeated.",
        ),
    ] = None,
    vkey: Annotated[
        list[str] | None,
        option(
            "--vkey",
            "KEY|FILE",
            "A verifier key you trust; one of them must have signed; may be repeated.",
        ),
    ] = None,
    quick: Annotated[
        bool, flag("--quick", "Skip the text of events, the read model and the sources.")
    ] = False,
    policy: Annotated[
        Path | None,
        option(
            "--policy",
            "FILE",
            "Logs (one must have signed) and witnesses; default: the witnesses of the ledger's"
            " trust.policy.",
        ),
    ] = None,
) -> int:
    """Check every event, hash and signature of the log, and report each check.

    A log names its own keys, and a forger of the whole log would name others: so give the key,
    with --vkey or the log lines of a --policy. Without one the key that is found is pinned for
    this ledger, as ssh does, and another key is refused afterwards (exit code 4): depositary pin
    list. An audit that begins with "key not pinned" shows only that the log agrees with itself.

    With a key that you gave, it shows that what the checkpoints cover was changed only by a holder
    of that key, if at all. If the keeper replaced the whole log or returned to an older state,
    only a copy kept by another party shows it: give one with --against. A log that ends before
    the last signed event is BEHIND; one with the same beginning and other events from some point
    on is FORKED, as far as that is shown entry by entry. Any other contradiction is TAMPERED.
    Exit codes: 0 holds, 4 evidence of tampering, 8 behind or forked, 1 findings, 7 undecided.

    \b
    Examples:
      depositary audit --vkey ledger.vkey
      depositary audit --against july.checkpoint --quick
    """
    app = app_context(context, no_csv=True)
    believed = _believed(vkey or [], policy)
    place = app.place
    if place.database is not None:
        with app.record():
            pass  # a server that does not answer or admit is no evidence of anything
    outside = against or []
    trust = policy_of(place.folder, policy)
    found = audit_ledger(place, outside, trust, believed, quick=quick, show=progress)
    outcomes = {check.outcome for check in found.checks}
    code = next((code for name, code in _EXITS.items() if name in outcomes), 0)
    settle(code)
    _tell(app, found, [str(path) for path in outside], code)
    return code


def _believed(vkeys: list[str], policy: Path | None) -> list[Believed]:
    given = keys_of(vkeys, None)
    for key in given:
        if key.algorithm != ED25519:
            then = "depositary audit --policy FILE, which names the witnesses"
            usage_failure("that is a witness' key", f"{key} signs no ledger", then)
    trust = policy_at(policy)
    groups = [(given, "given with --vkey"), (trust.log_keys if trust else [], f"of {policy}")]
    return [Believed(tuple(keys), said) for keys, said in groups if keys]


def _tell(app: AppContext, found: LedgerAudit, outside: list[str], code: int) -> None:
    key = found.key
    signer = key.signer if key else None
    document = {
        "exit": code,
        "pinned": key is not None and key.pinned,
        "vkey": None if signer is None else str(signer),
        "fingerprint": None if signer is None else signer.fingerprint,
        "pinning": found.pinning or None,
        "first_differing": found.first_differing,
        "somewhere_in": found.somewhere,
        "parted_at": found.parted_at,
        "last_good_checkpoint": found.last_good,
        "uncovered_events": found.uncovered,
        "compared_with": outside,
        "checks": [check._asdict() for check in found.checks],
    }
    write_page([*_first_lines(found), "", *_page(found, outside)], document, app.look)


def _first_lines(found: LedgerAudit) -> list[str]:
    """Return what the verdict rests on: a key that the reader gave, or only the log."""
    key = found.key
    if key is None:
        return ["the log could not be read"]
    lines = [_PINNED[key.check.outcome] if key.pinned else f"key not pinned: {_ALONE}"]
    if key.signer is not None:
        lines += [f"{key.signer}", f"fingerprint {key.signer.fingerprint}"]
    if found.pinning:
        advice = "" if key.pinned else ": compare it with what its keeper publishes elsewhere"
        lines.append(f"{found.pinning}{advice}")
    return lines


def _page(found: LedgerAudit, outside: list[str]) -> list[str]:
    width = max(len(_SHOWN.get(check.outcome, check.outcome)) for check in found.checks)
    names = max(len(check.name) for check in found.checks)
    lines = [
        f"{_SHOWN.get(c.outcome, c.outcome).ljust(width)}  {c.name.ljust(names)}  {c.sentence}"
        for c in found.checks
    ]
    lines.append("")
    if found.first_differing is not None:
        lines.append(f"first differing event: @{found.first_differing}")
    elif found.somewhere is not None:
        lines.append("an event differs somewhere in @{} to @{}".format(*found.somewhere))
    good = "none" if found.last_good is None else f"of {found.last_good} entries"
    if found.parted_at is not None:
        lines.append(f"the same as what was signed up to @{found.parted_at}")
    lines.append(f"last good checkpoint: {good}")
    if found.uncovered:
        lines.append(f"no good checkpoint covers {count_noun(found.uncovered, 'event')}")
    if {"forked", "behind"} & {check.outcome for check in found.checks}:
        lines.append(f"next: {GO}")
    if outside:
        return [*lines, f"compared with outside copies: {', '.join(outside)}"]
    return [
        *lines,
        "careful: compared with no copy from outside, so a ledger that its keeper rewrote, or",
        "an older state, would look the same: depositary audit --against FILE",
    ]
