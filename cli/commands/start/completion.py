"""Print the script by which a shell completes commands, and answer what the script asks."""

import os
from contextlib import suppress
from typing import Annotated

import typer

from cli.app import COMPLETE, root_command
from cli.arguments import argument, offer_words
from cli.context import app_context
from cli.errors.usage import check_choice
from cli.output.formats import write_page
from cli.output.streams import tabs_kept

SHELLS = ("bash", "zsh", "fish")
_WAIT_S = "2"  # for a database, while a person types


def completion(
    context: typer.Context,
    shell: Annotated[str, argument("SHELL", "bash, zsh or fish.", offer_words(*SHELLS))],
) -> None:
    """Print the completion script of a shell: commands, options, types and subjects.

    \b
    Examples:
      depositary completion bash > ~/.local/share/bash-completion/completions/depositary
      depositary completion fish > ~/.config/fish/completions/depositary.fish
    """
    from typer._completion_shared import get_completion_script

    check_choice("shell to complete for", shell, SHELLS, "depositary completion bash")
    script = get_completion_script(prog_name="depositary", complete_var=COMPLETE, shell=shell)
    write_page(
        script.splitlines(),
        {"shell": shell, "script": f"{script}\n"},
        app_context(context, no_csv=True).look,
    )


def answer(instruction: str) -> int:
    """Write the words that may stand next; nothing where anything is wrong, an answer too."""
    from typer._completion_classes import completion_init
    from typer.completion import shell_complete

    completion_init()
    os.environ.setdefault("PGCONNECT_TIMEOUT", _WAIT_S)
    with suppress(Exception), tabs_kept():
        shell_complete(root_command(), {}, "depositary", COMPLETE, instruction)
    return 0
