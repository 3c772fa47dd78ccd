"""Warn where a log is not, or not up to its end, what was signed on this machine."""

import sys
from contextlib import suppress

from events.store.factory import open_reader
from events.store.location import Location
from events.store.user_config import key_folder


def warn_if_parted(where: Location, ledger_id: str) -> None:
    """Say on standard error that appending to a log makes a fork of what was signed here."""
    with suppress(Exception):  # what cannot be read of it, checkpoint and audit say
        if not key_folder(ledger_id).exists():
            return  # as of most: what reads checkpoints is not imported
        from events.transparency import checkpoint, divergence, keyring

        keys = keyring.Keyring(ledger_id)
        if (kept := keys.last_signed()) is None:
            return
        size = checkpoint.parse_checkpoint(kept)[0].size
        with open_reader(where) as record:
            last, row = record.last_position(), record.event(size)
        print_bytes = divergence.PRINT_BYTES
        noted = keys.signed_entries((size - 1) * print_bytes, print_bytes)
        if last < size:
            sys.stderr.write(
                f"careful: {size} entries were signed on this machine, and this log has {last}:"
                " events appended to an older state make a fork of the ledger\n"
            )
        elif row is not None and noted and divergence.entry_print(row) != noted:
            sys.stderr.write(
                f"careful: @{size} is not the event that was signed on this machine: this log is"
                " a fork of the ledger, or was changed: depositary audit\n"
            )
