"""How does a shell complete what is typed?"""

from typing import Annotated

import typer

from cli.app import COMPLETE
from cli.context import app_context
from cli.errors.exit_codes import usage
from cli.output.formats import write_json, write_lines

# Each asks `depositary` itself, with the words typed so far; without an answer it offers files.
_BASH = f"""\
_depositary_complete() {{
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <({COMPLETE}=bash "$1" "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null)
}}
complete -o bashdefault -o default -F _depositary_complete depositary
"""
_ZSH = f"""\
#compdef depositary
_depositary() {{
    local -a found
    found=("${{(@f)$({COMPLETE}=zsh "${{words[1]}}" "${{(@)words[2,CURRENT]}}" 2>/dev/null)}}")
    if [[ -n "${{found[1]}}" ]]; then
        _describe -V depositary found
    else
        _files
    fi
}}
if [[ "${{funcstack[1]}}" == _depositary ]]; then
    _depositary "$@"
else
    compdef _depositary depositary
fi
"""
_FISH = f"""\
function __depositary_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l found (env {COMPLETE}=fish $words[1] $words[2..-1] "$token" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$token"
    end
end
complete --command depositary --no-files --arguments '(__depositary_complete)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def completion(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the script by which a shell completes commands, options, types and things.

    \b
    Examples:
      depositary completion bash > ~/.local/share/bash-completion/completions/depositary
      depositary completion zsh > ~/.zfunc/_depositary
      depositary completion fish > ~/.config/fish/completions/depositary.fish
    """
    if shell not in SCRIPTS:
        usage(
            "there is no completion for that shell",
            f"'{shell}' is none of {', '.join(SCRIPTS)}",
            "depositary completion bash",
        )
    if app_context(context).look.format == "table":
        write_lines(SCRIPTS[shell].splitlines())
    else:
        write_json({"shell": shell, "script": SCRIPTS[shell]}, app_context(context).look)
