"""Sign the log as it stands."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import option
from cli.commands.prove.key import ask
from cli.context import app_context
from cli.errors.exit_codes import NO
from cli.output.formats import write_json
from cli.output.streams import write_exactly
from cli.progress import progress
from events.transparency.keyring import Keyring
from events.transparency.keys import read_identity
from events.transparency.signing import sign_newest
from events.transparency.stored_checkpoint import with_cosignatures
from events.transparency.trust_policy import policy_of
from events.transparency.witnesses import WitnessAnswer, ask_witnesses

Policy = Annotated[
    Path | None, option("--policy", "FILE", "Witnesses to ask; default: the ledger's trust.policy.")
]


def checkpoint(
    context: typer.Context,
    policy: Policy = None,
    recovery_key: Annotated[
        Path | None, option("--recovery-key", "FILE", "Needed once after a revocation.")
    ] = None,
) -> int:
    """Sign the size and root of the log, and print the signed checkpoint.

    Give it to others: its holder can check later whether anything was changed. A log is signed
    only if it grew from what was signed last: an older copy is BEHIND, one with other events is
    FORKED (exit code 8), and any other difference is a change (exit code 4). Witnesses with an
    address in the policy are asked to sign too; if their quorum is not met, the exit code is 1.

    \b
    Examples:
      depositary checkpoint > july.checkpoint
      depositary checkpoint --json
    """
    app = app_context(context, no_csv=True)
    trust = policy_of(app.place.folder, policy)
    with app.record() as record:
        ledger = read_identity(record)
    said: list[WitnessAnswer] = []
    met = True
    with app.tree(write=True) as tree:
        # Gone before a passphrase is asked for: a bar that is drawn again erases the prompt.
        with progress("hashing", "events") as shown:
            keyring = Keyring(ledger.ledger_id, ask)
            signed = sign_newest(tree, ledger, keyring, recovery_key, shown)
        if trust is not None:
            said = ask_witnesses(tree, signed.size, signed.note, trust)
            stored = {vkey for vkey, _ in tree.cosignatures_of(signed.size)}
            met = trust.is_met([key for key in trust.witness_keys if str(key) in stored])
        note = with_cosignatures(tree, signed.size, signed.note)
    with app.record() as record:
        last = record.event(signed.size)
    recorded = last.time if last else None
    if app.look.for_people:
        write_exactly(str(note))
        sys.stderr.write(f"signed up to @{signed.size}, recorded {recorded}\n")
    else:
        document = {"size": signed.size, "recorded": recorded, "new": signed.new}
        write_json({**document, "checkpoint": str(note)}, app.look)
    for each in said:
        sys.stderr.write(f"witness {each.name}: {each.sentence}\n")
    if not met:
        sys.stderr.write("the policy's quorum is not met; run depositary checkpoint again later\n")
    return 0 if met else NO
