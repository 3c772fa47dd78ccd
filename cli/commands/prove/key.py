"""Make, rotate and revoke the keys of a ledger; list and delete those pinned for ledgers."""

from typing import Annotated, Any

import typer

from cli.app import OneByOne
from cli.arguments import argument, flag, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, not_found
from cli.output.formats import write_page
from domain.ledger_keys import NewKey, name_key, revoke_key, rotate_key, without_passphrase
from events.transparency.pins import Pin, pins, unpin_key
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
    _tell_of(app, made, "recovery" if recovery else "signing")


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
    _tell_of(app, made, "signing")


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


def _tell_of(app: AppContext, made: NewKey, role: str) -> None:
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


LedgerId = Annotated[str, argument("ID", "The ledger's id, as depositary pin list has it.")]


def list_pins(context: typer.Context) -> None:
    """List the pinned keys: of each ledger its id, the key's name and fingerprint.

    \b
    Examples:
      depositary pin list
      depositary pin list --json
    """
    app = app_context(context, no_csv=True)
    found = [pins_ for _, pins_ in sorted(pins().items())]
    lines = [f"{each.ledger_id}  {each.key.name}  {each.key.fingerprint}" for each in found]
    nothing = ["no key is pinned: depositary audit pins the one it finds"]
    write_page(lines or nothing, [_pin_document(each) for each in found], app.look)


def show_pin(context: typer.Context, ledger_id: LedgerId) -> None:
    """Show the key that is pinned for a ledger, since when, and how it came there.

    \b
    Examples:
      depositary pin show 0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11
      depositary pin show 0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11 --json
    """
    app = app_context(context, no_csv=True)
    found = pins().get(ledger_id)
    if found is None:
        not_found("no key is pinned for that ledger", f"'{ledger_id:.60}'", "depositary pin list")
    write_page(_pin_page(found), _pin_document(found), app.look)


def delete_pin(context: typer.Context, ledger_id: LedgerId) -> None:
    """Forget the key of a ledger: the next audit pins the one that it finds, or that you give.

    Do so only when its keeper has told you, in a way that you trust, that the key is another.

    \b
    Examples:
      depositary pin delete 0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11
      depositary pin delete 7c11d2f4-8a51-4c6e-9b55-6f1f5f0a0d2f --json
    """
    app = app_context(context, no_csv=True)
    found = unpin_key(ledger_id)
    write_page(["forgotten:", *_pin_page(found)], _pin_document(found), app.look)


def _pin_document(pin: Pin) -> dict[str, Any]:
    return {
        "ledger": pin.ledger_id,
        "vkey": str(pin.key),
        "fingerprint": pin.key.fingerprint,
        "since": pin.since,
        "how": pin.how,
    }


def _pin_page(pin: Pin) -> list[str]:
    return [
        str(pin.key),
        f"fingerprint {pin.key.fingerprint}",
        f"for {pin.ledger_id}, {pin.how}, since {pin.since}",
    ]


pin = OneByOne(
    "The keys that audits expect of ledgers: list, show, delete.",
    {"list": list_pins, "show": show_pin, "delete": delete_pin},
    ["depositary pin list"],
)


def new_passphrase() -> bytes:
    """Ask twice for a passphrase at the terminal, or exit 7."""
    first = ask("passphrase for the new key")
    if not first or first != ask("the same again"):
        why = "it was empty, or the two differ"
        cannot("no passphrase", why, "try again, or depositary key new --no-passphrase")
    return first


def ask(what: str) -> bytes:
    """Ask for a secret at the terminal, or exit 7 where there is none."""
    import sys
    from getpass import getpass

    from events.hidden_text import visible

    if not sys.stdin.isatty():
        then = "run it at a terminal, or use a key made with --no-passphrase"
        cannot("a passphrase is asked for at a terminal", "standard input is not a terminal", then)
    return getpass(f"{visible(what)}: ").encode()
