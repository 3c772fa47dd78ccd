"""Make, rotate and revoke the keys of a ledger."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.app import OneByOne
from cli.context import AppContext, app_context
from cli.errors.exit_codes import REFUSED, CommandError, cannot
from cli.output.formats import no_table, write_json, write_lines
from cli.passphrase import new_passphrase
from domain.ledger_keys import record_about
from events.transparency.keyring import Keyring, public_of
from events.transparency.keys import Keys, keys_at, read_identity
from events.transparency.note import ED25519, VerifierKey, is_key_name
from events.transparency.trust_policy import keys_of

_EVERY = 2**63 - 1

NoPassphrase = Annotated[
    bool,
    typer.Option("--no-passphrase", help="Write the key without one: whoever reads it can sign."),
]


def new(
    context: typer.Context,
    no_passphrase: NoPassphrase = False,
    recovery: Annotated[
        bool,
        typer.Option("--recovery", help="A key that only revokes: take its file off this machine."),
    ] = False,
) -> None:
    """Make the ledger's key, and record its public half.

    The key's name is the ledger's origin. The file is written to your configuration folder, never
    into the ledger, and nobody else may read it. The verifier key printed is what others need to
    check proofs: publish it where they will find it.

    \b
    Examples:
      depositary key new
      depositary key new --no-passphrase
      depositary key new --recovery
    """
    app = app_context(context)
    no_table(app.look)
    with app.ledger() as ledger:
        origin, keyring, keys = _known(app)
        if keys.signing is not None and not recovery:
            raise CommandError(
                REFUSED,
                "there is a key already",
                f"{keys.signing} signs for this ledger",
                "depositary key rotate, which puts another in its place",
            )
        made, path = _make(keyring, origin, no_passphrase=no_passphrase)
        role = "recovery" if recovery else "signing"
        position = record_about(ledger, "ledger.key-named", {"vkey": str(made), "role": role})
    _tell(app, made, path, position, role)


def rotate(context: typer.Context, no_passphrase: NoPassphrase = False) -> None:
    """Put a new key in the place of the one that signs.

    The next checkpoint bears the signatures of both. Keep the old key's file until then.

    \b
    Examples:
      depositary key rotate
    """
    app = app_context(context)
    no_table(app.look)
    with app.ledger() as ledger:
        origin, keyring, keys = _known(app)
        old = keys.signing
        if old is None:
            cannot("there is no key to rotate", "none signs for this ledger", "depositary key new")
        made, path = _make(keyring, origin, no_passphrase=no_passphrase)
        fields = {"old": str(old), "new": str(made)}
        position = record_about(ledger, "ledger.key-rotated", fields)
    _tell(app, made, path, position, "signing")


def revoke(
    context: typer.Context,
    vkey: Annotated[str, typer.Argument(metavar="VKEY", help="The verifier key to revoke.")],
    last_good_size: Annotated[
        int,
        typer.Option(
            "--last-good-size",
            min=0,
            metavar="SIZE",
            help="The largest checkpoint of it that may be trusted.",
        ),
    ],
) -> None:
    """Record that a key is not to be trusted for trees larger than a size.

    It counts once a recovery key has signed the next checkpoint: name a new key with
    depositary key new, then run depositary checkpoint --recovery-key FILE.

    \b
    Examples:
      depositary key revoke example.org/ledger+1a2b3c4d+ARpc... --last-good-size 413
    """
    app = app_context(context)
    no_table(app.look)
    (revoked,) = keys_of([vkey], None)
    with app.ledger() as ledger:
        _, _, keys = _known(app)
        if revoked not in keys.named:
            cannot("this ledger names no such key", vkey, "depositary log --thing ledger/self")
        if not keys.recovery:
            cannot(
                "there is no recovery key",
                "a revocation counts only with the signature of one that was named before it",
                "depositary key rotate, while the key is still in your hands alone",
            )
        fields = {"vkey": str(revoked), "last_good_size": last_good_size}
        position = record_about(ledger, "ledger.key-revoked", fields)
    if app.look.format == "table":
        write_lines([f"revoked as @{position}, for more than {last_good_size} entries", vkey])
    else:
        write_json(
            {"position": position, "vkey": vkey, "last_good_size": last_good_size},
            app.look,
        )


def _known(app: AppContext) -> tuple[str, Keyring, Keys]:
    with app.record() as record:
        ledger_id, origin, events = read_identity(record)
    if not is_key_name(origin):
        cannot(
            "the ledger's name cannot name a key",
            f"'{origin}' has a space or a plus in it",
            "make a ledger with another name: depositary init --help",
        )
    return origin, Keyring(ledger_id), keys_at(events, _EVERY)


def _make(keyring: Keyring, origin: str, *, no_passphrase: bool) -> tuple[VerifierKey, Path]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    passphrase = b"" if no_passphrase else new_passphrase()
    private = Ed25519PrivateKey.generate()
    made = VerifierKey(origin, ED25519, public_of(private))
    return made, keyring.keep(made, private, passphrase)


def _tell(app: AppContext, made: VerifierKey, path: Path, position: int, role: str) -> None:
    found: dict[str, Any] = {
        "vkey": str(made),
        "role": role,
        "position": position,
        "file": str(path),
    }
    if app.look.format == "table":
        write_lines([str(made), "", f"named as @{position} ({role}); the private key is {path}"])
    else:
        write_json(found, app.look)


key = OneByOne(
    "The key that signs checkpoints: new, rotate, revoke.",
    {"new": new, "rotate": rotate, "revoke": revoke},
    ["depositary key new", "depositary key rotate"],
)
