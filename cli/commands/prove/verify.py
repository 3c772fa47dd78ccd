"""Check proofs and checkpoints, offline and without a ledger."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, option
from cli.context import app_context
from cli.errors.exit_codes import CANNOT, INTEGRITY, NO, PARTED, settle, usage_failure
from cli.output.formats import write_json
from cli.progress import progress
from events.transparency.trust_policy import keys_of, policy_at
from events.transparency.verify import verify_files, verify_published

_EXITS = {"altered": INTEGRITY, "forked": PARTED, "behind": PARTED, "undecided": CANNOT, "no": NO}
_SHOWN = {
    "altered": "ALTERED",
    "forked": "FORKED",
    "behind": "BEHIND",
    "undecided": "cannot decide",
}
_NOT_SHOWN = "that the claims of an entry are true, or that all readers were shown the same ledger"


def verify(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, argument("[FILE...]", "Proofs, checkpoints, bundles.")
    ] = None,
    vkey: Annotated[
        list[str] | None, option("--vkey", "KEY|FILE", "A verifier key you trust; may be repeated.")
    ] = None,
    policy: Annotated[
        Path | None, option("--policy", "FILE", "Logs, witnesses and a quorum you trust.")
    ] = None,
    entry: Annotated[
        Path | None, option("--entry", "FILE", "The event's bytes; default: PROOF.entry.")
    ] = None,
    published: Annotated[
        Path | None, option("--published", "DIR", "A whole published log: all files are checked.")
    ] = None,
    since: Annotated[
        Path | None,
        option(
            "--since",
            "FILE",
            "With --published: an older checkpoint from which the log must have grown.",
        ),
    ] = None,
) -> int:
    """Check proofs and checkpoints, offline and without a ledger.

    A proof of an event needs the event's bytes beside it; a proof of growth needs the older
    checkpoint among the files. No program of a bundle is run; the result says whether its
    verify.py is the one that this version ships. --published checks a folder that depositary
    publish wrote, or a copy of one, from its entries: root, tiles, growth and the text of events.

    What holds was not altered since it was signed; its claims may still be untrue. Exit codes: 0
    holds, 4 altered, 8 the published log is behind the older checkpoint or forked from it, 1 the
    quorum is not met, 7 undecided.

    \b
    Examples:
      depositary verify 7.tlog-proof --vkey ledger.vkey
      depositary verify --published mirror --vkey ledger.vkey --since july.checkpoint
    """
    app = app_context(context, no_csv=True)
    if not files and published is None:
        usage_failure("nothing to check is named", "no file is named", "depositary verify --help")
    if since is not None and published is None:
        why = "a checkpoint and a proof of growth are named as files"
        then = "depositary verify growth.proof old.checkpoint --vkey KEY"
        usage_failure("--since needs --published", why, then)
    trust = policy_at(policy)
    keys = keys_of(vkey or [], trust)
    if not keys:
        then = "depositary verify FILE --vkey KEY, with a key that you did not get with the file"
        usage_failure(
            "missing --vkey (the ledger's public key)", "without a key nothing can be checked", then
        )
    verdicts = verify_files(files or [], keys, trust, entry)
    if published is not None:
        with progress("verifying", "events") as shown:
            verdicts += verify_published(published, keys, trust, since, shown)
    outcomes = {each.outcome for each in verdicts}
    code = next((code for name, code in _EXITS.items() if name in outcomes), 0)
    settle(code)
    if app.look.for_people:
        lines = [f"{_SHOWN.get(v.outcome, v.outcome)}: {v.file}: {v.sentence}" for v in verdicts]
        sys.stdout.write("\n".join((*lines, f"not shown: {_NOT_SHOWN}\n")))
    else:
        write_json([each._asdict() for each in verdicts], app.look)
    return code
