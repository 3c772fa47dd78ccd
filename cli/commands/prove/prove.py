"""Sign the log as it stands, and prove an event, or that the log only grew."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import NO, cannot, usage_failure
from cli.output.formats import write_json, write_lines
from cli.output.streams import write_exactly
from cli.progress import progress
from cli.typed_input import event_understood, read_position
from events.store.atomic_files import is_taken, write_new_file
from events.transparency.proofs import ENTRY_SUFFIX, make_bundle, prove_event, prove_growth
from events.transparency.trust_policy import policy_of

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
    from cli.commands.prove.key import ask
    from events.transparency.keyring import Keyring
    from events.transparency.keys import read_identity
    from events.transparency.signing import sign_newest, with_cosignatures
    from events.transparency.witnesses import WitnessAnswer, ask_witnesses

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


def prove(
    context: typer.Context,
    position: Annotated[str | None, argument("[@N]", "The event's position.")] = None,
    output: Annotated[
        Path | None, option("-o --output", "FILE", "Write it there, and FILE.entry.")
    ] = None,
    bundle: Annotated[
        Path | None, option("--bundle", "DIR", "Make a folder with all that a check needs.")
    ] = None,
    from_size: Annotated[
        int | None, option("--from", "SIZE", "Prove growth since then.", min=0)
    ] = None,
    to_size: Annotated[
        int | None, option("--to", "SIZE", "A checkpoint's size; else the last.", min=1)
    ] = None,
) -> None:
    """Prove that an event is in the ledger, or that the ledger only grew.

    The proof leads to the newest checkpoint that covers the event. With -o the event's stored
    bytes are written beside it; a bundle also holds a verifier of one file that needs only Python
    and openssl. It shows that the event was not altered since the checkpoint was
    signed, not that its claim is true.

    \b
    Examples:
      depositary prove @7 -o 7.tlog-proof
      depositary prove @7 --bundle for-the-court
    """
    app = app_context(context, no_csv=True)
    if (position is None) == (from_size is None and to_size is None):
        usage_failure(
            "nothing to prove is named", "either @N, or --from and --to", "depositary prove --help"
        )
    with app.tree() as tree, tree.snapshot():
        if position is not None:
            number = read_position(event_understood(position), "@N")
            proof, entry = prove_event(tree, number)
            data, told = proof.encode(), {"index": proof.leaf_index, "entry": entry.decode()}
            if bundle is not None:
                make_bundle(bundle, proof, entry, _vkeys(app))
        else:
            if to_size is None and (newest := tree.checkpoint()) is not None:
                to_size = newest[0]
            if from_size is None or to_size is None or bundle is not None:
                why = "--from SIZE of an older checkpoint, --to SIZE of a newer one; no --bundle"
                usage_failure("a proof of growth needs two sizes", why, "depositary prove --help")
            data, told, entry = prove_growth(tree, from_size, to_size).encode(), {}, b""
    if bundle is not None:
        write_lines([f"{bundle}: check it with python3 {bundle / 'verify.py'}"], app.look)
    elif output is not None:
        _write_files(output, data, entry)
        write_lines([str(output), *([str(_beside(output))] if entry else [])], app.look)
    elif app.look.for_people:
        write_exactly(data.decode())
    else:
        write_json({**told, "proof": data.decode()}, app.look)


def _beside(output: Path) -> Path:
    return output.with_name(output.name + ENTRY_SUFFIX)


def _write_files(output: Path, data: bytes, entry: bytes) -> None:
    files = {output: data, **({_beside(output): entry} if entry else {})}
    taken = [path for path in files if is_taken(path)]
    for path in taken:  # a run that was killed left one of the two
        if len(taken) == len(files) or path.is_symlink() or path.read_bytes() != files[path]:
            cannot("there is a file already", f"{path} is left as it is", "-o with another name")
    for path in files.keys() - set(taken):
        write_new_file(path, files[path])


def _vkeys(app: AppContext) -> list[str]:
    from events.transparency.keys import keys_at, read_identity

    with app.record() as record:
        keys = keys_at(read_identity(record).keys, record.last_position())
    return [str(key) for key in keys.named]
