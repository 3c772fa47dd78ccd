"""Offer the words by which a shell completes what is typed.

Typer finds what stands where and speaks to the shells; here are the values it cannot know. No
answer is one too: an error would be written between the words that are being typed.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress

import typer

from cli.app import COMPLETE, command
from cli.context import AppContext
from cli.ledger_location import named
from events.identifiers import KINDS, slug_of

SHELLS = ("bash", "zsh", "fish")
_WAIT_S = "2"  # for a database: somebody is typing


def answer(instruction: str) -> int:
    """Write the words that may stand next, as Typer's script for a shell asks for them."""
    from typer.completion import completion_init, shell_complete

    completion_init()
    os.environ.setdefault("PGCONNECT_TIMEOUT", _WAIT_S)
    with suppress(Exception):
        shell_complete(command(), {}, "depositary", COMPLETE, instruction)
    return 0


def script(shell: str) -> str:
    """Return Typer's script by which a shell asks for the words."""
    from typer.completion import get_completion_script

    return get_completion_script(prog_name="depositary", complete_var=COMPLETE, shell=shell)
