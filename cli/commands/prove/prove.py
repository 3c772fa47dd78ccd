"""Prove that an event is in the log, or that the log only grew."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.output.formats import write_json, write_lines
from cli.output.streams import write_exactly
from cli.typed_input import event_understood, read_position
from events.store.atomic_files import is_taken, write_new_file
from events.transparency.keys import keys_at, read_identity
from events.transparency.proofs import ENTRY_SUFFIX, make_bundle, prove_event, prove_growth


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
    with app.record() as record:
        keys = keys_at(read_identity(record).keys, record.last_position())
    return [str(key) for key in keys.named]
