"""How is an event shown to a stranger to be in the ledger?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import Counter, at_hand
from cli.errors.exit_codes import INTEGRITY, CounterError, cannot, not_found, usage
from cli.output.formats import no_table, write_json, write_lines
from cli.signing import stored_note
from events.transparency.merkle import ProofError, consistency_proof, inclusion_proof
from events.transparency.proofs import ConsistencyProof, InclusionProof

if TYPE_CHECKING:
    from events.store.sqlite.tree import TreeTables

ENTRY_SUFFIX = ".entry"


def prove(
    context: typer.Context,
    position: Annotated[
        str | None, typer.Argument(metavar="[@N]", help="The event's position.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it there, and FILE.entry."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="DIR", help="Make a folder with all that a check needs."),
    ] = None,
    from_size: Annotated[
        int | None, typer.Option("--from", min=0, metavar="SIZE", help="Prove growth since then.")
    ] = None,
    to_size: Annotated[
        int | None, typer.Option("--to", min=1, metavar="SIZE", help="A checkpoint's size.")
    ] = None,
) -> None:
    """Prove that an event is in the ledger, or that the ledger only grew.

    The proof leads to the newest checkpoint that covers the event. With -o the event's stored
    bytes are written beside it; a bundle also holds a verifier of one file that needs Python and
    openssl and nothing else. It shows that the event was not altered since the checkpoint was
    signed, and never that what it says is true.

    \b
    Examples:
      depositary prove @7 -o 7.tlog-proof
      depositary prove @7 --bundle for-the-court
      depositary prove --from 6 --to 413
    """
    counter = at_hand(context)
    no_table(counter.look)
    if (position is None) == (from_size is None and to_size is None):
        usage("what is to be proved?", "either @N, or --from and --to", "depositary prove --help")
    with counter.tree() as tree, tree.snapshot():
        if position is not None:
            proof, entry = _inclusion(tree, _number(position))
            _hand_out(counter, proof, entry, output, bundle)
        else:
            if from_size is None or to_size is None or bundle is not None:
                usage(
                    "growth is from a size to a size", "--from and --to", "depositary prove --help"
                )
            _write(counter, _growth(tree, from_size, to_size).encode(), output)


def _inclusion(tree: "TreeTables", position: int) -> tuple[InclusionProof, bytes]:
    entry = next(iter(tree.rows(position - 1, position)), None)
    if entry is None:
        last = tree.last_position()
        not_found(
            f"there is no event @{position}", f"the record has @1 to @{last}", "depositary log"
        )
    found = tree.checkpoint(at_least=position)
    if found is None:
        cannot(
            "no checkpoint covers it yet",
            f"@{position} was recorded after the last one was signed",
            "depositary checkpoint",
        )
    size, data = found
    hashes = tuple(inclusion_proof(position - 1, size, tree.nodes))
    proof = InclusionProof(position - 1, hashes, stored_note(tree, size, data))
    try:
        proof.check(entry.state)
    except ProofError as error:
        why = f"@{position}: {error}"
        raise CounterError(INTEGRITY, "the event was changed", why, "depositary audit") from None
    return proof, entry.state


def _growth(tree: "TreeTables", old: int, new: int) -> ConsistencyProof:
    data = tree.checkpoint_of(new)
    if data is None or old > new:
        sizes = [size for size, _ in tree.checkpoints()][-5:]
        not_found(
            f"there is no checkpoint of {new} entries that grew from {old}",
            f"the last ones are of {', '.join(map(str, sizes)) or 'no size yet'}",
            "depositary checkpoint",
        )
    hashes = tuple(consistency_proof(old, new, tree.nodes))
    return ConsistencyProof(old, hashes, stored_note(tree, new, data))


def _hand_out(
    counter: Counter, proof: InclusionProof, entry: bytes, output: Path | None, bundle: Path | None
) -> None:
    if bundle is not None:
        from cli.bundling import make_bundle

        make_bundle(bundle, proof, entry, _vkeys(counter))
        write_lines([f"{bundle}: check it with python3 {bundle / 'verify.py'}"])
    elif counter.look.format == "table" or output is not None:
        _write(counter, proof.encode(), output, entry)
    else:
        write_json(
            {"index": proof.leaf_index, "entry": entry.decode(), "proof": proof.encode().decode()},
            counter.look,
        )


def _write(counter: Counter, data: bytes, output: Path | None, entry: bytes | None = None) -> None:
    if output is None:
        if counter.look.format == "table":
            sys.stdout.write(data.decode())
        else:
            write_json({"proof": data.decode()}, counter.look)
        return
    written = [output]
    output.write_bytes(data)
    if entry is not None:
        written.append(output.with_name(output.name + ENTRY_SUFFIX))
        written[1].write_bytes(entry)
    write_lines([str(path) for path in written])


def _vkeys(counter: Counter) -> list[str]:
    from cli.about_ledger import identity
    from events.transparency.keys import keys_at

    with counter.record() as record:
        return [str(key) for key in keys_at(identity(record).keys, record.last_position()).named]


def _number(position: str) -> int:
    digits = position.removeprefix("@")
    if not (digits.isascii() and digits.isdecimal() and 0 < len(digits) < 16 and int(digits)):
        usage("that is no position", f"'{position}'", "depositary prove @7")
    return int(digits)
