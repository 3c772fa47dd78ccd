"""List, show and delete the keys that were pinned for ledgers."""

from typing import Annotated, Any

import typer

from cli.app import OneByOne
from cli.arguments import argument
from cli.context import app_context
from cli.errors.exit_codes import not_found
from cli.output.formats import write_page
from events.transparency.pins import Pin, pins, unpin_key

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
    write_page(lines or nothing, [_told(each) for each in found], app.look)


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
    write_page(_page(found), _told(found), app.look)


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
    write_page(["forgotten:", *_page(found)], _told(found), app.look)


def _told(pin: Pin) -> dict[str, Any]:
    return {
        "ledger": pin.ledger_id,
        "vkey": str(pin.key),
        "fingerprint": pin.key.fingerprint,
        "since": pin.since,
        "how": pin.how,
    }


def _page(pin: Pin) -> list[str]:
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
