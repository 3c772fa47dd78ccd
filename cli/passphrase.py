"""Ask for a passphrase at the terminal."""

from cli.errors.exit_codes import cannot


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
        cannot("a passphrase is asked for at a terminal", "standard input is none", then)
    return getpass(f"{visible(what)}: ").encode()
