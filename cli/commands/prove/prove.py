"""Prove an event, or that the ledger only grew."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.output.formats import write_json, write_lines
from cli.output.streams import write_exactly
from cli.typed_input import event_understood, is_position
from events.store.atomic_files import is_taken, write_new_file
from events.transparency.proofs import (
    ENTRY_SUFFIX,
    InclusionProof,
    make_bundle,
    prove_event,
    prove_growth,
)


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
    to_size: Annotated[int | None, option("--to", "SIZE", "A checkpoint's size.", min=1)] = None,
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
            "what is to be proved?", "either @N, or --from and --to", "depositary prove --help"
        )
    with app.tree() as tree, tree.snapshot():
        if position is not None:
            proof, entry = prove_event(tree, _number(position))
            _hand_out(app, proof, entry, output, bundle)
        else:
            if from_size is None or to_size is None or bundle is not None:
                usage_failure(
                    "growth is from a size to a size", "--from and --to", "depositary prove --help"
                )
            _write(app, prove_growth(tree, from_size, to_size).encode(), output)


def _hand_out(
    app: AppContext, proof: InclusionProof, entry: bytes, output: Path | None, bundle: Path | None
) -> None:
    if bundle is not None:
        make_bundle(bundle, proof, entry, _vkeys(app))
        write_lines([f"{bundle}: check it with python3 {bundle / 'verify.py'}"], app.look)
    elif app.look.for_people or output is not None:
        _write(app, proof.encode(), output, entry)
    else:
        write_json(
            {"index": proof.leaf_index, "entry": entry.decode(), "proof": proof.encode().decode()},
            app.look,
        )


def _write(app: AppContext, data: bytes, output: Path | None, entry: bytes | None = None) -> None:
    if output is None:
        if app.look.for_people:
            write_exactly(data.decode())
        else:
            write_json({"proof": data.decode()}, app.look)
        return
    files = {output: data}
    if entry is not None:
        files[output.with_name(output.name + ENTRY_SUFFIX)] = entry
    taken = [path for path in files if is_taken(path)]
    for path in taken:  # a run that was killed left one of the two
        if len(taken) == len(files) or path.is_symlink() or path.read_bytes() != files[path]:
            cannot("there is a file already", f"{path} is left as it is", "-o with another name")
    for path in files.keys() - set(taken):
        write_new_file(path, files[path])
    write_lines([str(path) for path in files], app.look)


def _vkeys(app: AppContext) -> list[str]:
    from events.transparency.keys import keys_at, read_identity

    with app.record() as record:
        return [
            str(key) for key in keys_at(read_identity(record).keys, record.last_position()).named
        ]


def _number(position: str) -> int:
    digits = event_understood(position).removeprefix("@")
    if not is_position(digits) or not int(digits):
        usage_failure("that is not a position", f"'{position}'", "depositary prove @7")
    return int(digits)
