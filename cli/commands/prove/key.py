"""Make, rotate and revoke the keys of a ledger."""

from typing import Annotated

import typer

from cli.app import OneByOne
from cli.arguments import argument, flag, option
from cli.context import AppContext, app_context
from cli.output.formats import write_page
from cli.passphrase import new_passphrase
from domain.ledger_keys import NewKey, name_key, revoke_key, rotate_key, without_passphrase
from events.transparency.trust_policy import keys_of

NoPassphrase = Annotated[
    bool, flag("--no-passphrase", "Write the key without one: every reader of the file can sign.")
]


def new(
    context: typer.Context,
    no_passphrase: NoPassphrase = False,
    recovery: Annotated[
        bool, flag("--recovery", "A key that only revokes: take its file off this machine.")
    ] = False,
) -> None:
    """Make the ledger's key, and record its public half.

    The key's name is the ledger's origin. The file is written to your configuration folder, never
    into the ledger, and only you may read it. Others need the verifier key printed here to check
    proofs: publish it where they can find it.

    \b
    Examples:
      depositary key new --no-passphrase
      depositary key new --recovery --no-passphrase
    """
    app = app_context(context, no_csv=True)
    passphrase = without_passphrase if no_passphrase else new_passphrase
    with app.ledger() as ledger:
        made = name_key(ledger, passphrase, recovery=recovery)
    _tell(app, made, "recovery" if recovery else "signing")


def rotate(context: typer.Context, no_passphrase: NoPassphrase = False) -> None:
    """Put a new key in the place of the one that signs.

    The next checkpoint carries the signatures of both. Keep the old key's file until then.

    \b
    Examples:
      depositary key rotate --no-passphrase
      depositary key rotate --no-passphrase --json
    """
    app = app_context(context, no_csv=True)
    with app.ledger() as ledger:
        made = rotate_key(ledger, without_passphrase if no_passphrase else new_passphrase)
    _tell(app, made, "signing")


def revoke(
    context: typer.Context,
    vkey: Annotated[str, argument("VKEY", "The verifier key to revoke.")],
    last_good_size: Annotated[
        int,
        option(
            "--last-good-size", "SIZE", "The largest checkpoint of it that may be trusted.", min=0
        ),
    ],
) -> None:
    """Record that a key is not to be trusted for trees larger than a size.

    It counts once a recovery key has signed the next checkpoint: name a new key with
    depositary key new, then run depositary checkpoint --recovery-key FILE.

    \b
    Examples:
      depositary key revoke ledger.vkey --last-good-size 345
      depositary key revoke ledger.vkey --last-good-size 345 --json
    """
    app = app_context(context, no_csv=True)
    (revoked,) = keys_of([vkey], None)
    with app.ledger() as ledger:
        position = revoke_key(ledger, revoked, last_good_size)
    lines = [f"revoked as @{position}, for more than {last_good_size} entries", vkey]
    found = {"position": position, "vkey": vkey, "last_good_size": last_good_size}
    write_page(lines, found, app.look)


def _tell(app: AppContext, made: NewKey, role: str) -> None:
    key, path, position = made
    found = {"vkey": str(key), "role": role, "position": position, "file": str(path)}
    write_page(
        [str(key), "", f"named as @{position} ({role}); the private key is {path}"], found, app.look
    )


key = OneByOne(
    "The key that signs checkpoints: new, rotate, revoke.",
    {"new": new, "rotate": rotate, "revoke": revoke},
    ["depositary key new", "depositary key rotate"],
)
