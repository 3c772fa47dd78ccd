"""Write the manual page, in roff, from the help of every command and topic."""

import re
from collections.abc import Iterator
from typing import Any

from cli.app import ROOT
from cli.commands.start.help import TOPICS, page
from cli.topic_texts import text_of
from cli.version import __version__

_VARIABLES = {
    "DEPOSITARY_LEDGER": "the ledger's folder or address, where --ledger is not given",
    "DEPOSITARY_RECORDER": "the name written into new events, where --recorder is not given",
    "XDG_CONFIG_HOME": "where keys, pins and trusted folders are (default: ~/.config)",
    "XDG_CACHE_HOME": "where read models of databases are (default: ~/.cache)",
    "NO_COLOR": "no colour, if it is not empty",
}
_FILES = {
    "record.sqlite3": "the event log",
    "answers.sqlite3": "the read model; it can be deleted and is rebuilt",
    "depositary.toml": "the settings of a ledger: depositary help ledgers",
    "sources/": "archived copies of documents, by SHA-256",
    "trust.policy": "witnesses, if there are any",
}


def manual_page() -> list[str]:
    """Return the lines of depositary(1)."""
    root = ROOT
    return [
        f'.TH DEPOSITARY 1 "" "depositary {__version__}" "User Commands"',
        *_section("NAME", ["depositary - a ledger of what was claimed, with three clocks"]),
        *_section("SYNOPSIS", ["depositary [OPTIONS] COMMAND [ARGS]..."]),
        *_section("DESCRIPTION", text_of("overview").splitlines()),
        *_section("OPTIONS", _options(root)),
        ".SH COMMANDS",
        *(
            line
            for words, text in _helps(root, "")
            for line in (f'.SS "depositary {words}"', ".nf", *map(_escaped, text), ".fi")
        ),
        *(
            line
            for topic in TOPICS
            if topic not in ("man", "exit-codes")
            for line in _section(topic.upper(), page(topic))
        ),
        *_section("EXIT STATUS", page("exit-codes")),
        *_section("ENVIRONMENT", [f"{name:21}{what}" for name, what in _VARIABLES.items()]),
        *_section("FILES", [f"{name:21}{what}" for name, what in _FILES.items()]),
    ]


def _section(title: str, lines: list[str]) -> list[str]:
    return [f".SH {title.replace('-', ' ')}", ".nf", *map(_escaped, lines), ".fi"]


def _escaped(line: str) -> str:
    text = line.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text)
    return f"\\&{text}" if text[:1] in (".", "'") else text


def _options(root: Any) -> list[str]:
    named = [one for one in root.params if one.help]
    texts = [(", ".join(one.opts), one.metavar or "", one.help) for one in named]
    return [f"{f'{opts} {metavar}'.strip():21}{what}" for opts, metavar, what in texts]


def _helps(group: Any, before: str, parent: Any = None) -> Iterator[tuple[str, list[str]]]:
    """Yield the words and the help of every command below a group, without what all repeat."""
    settings, named = group.context_settings, before or "depositary"
    context = group.context_class(group, info_name=named, parent=parent, **settings)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _helps(command, f"{before} {name}".strip(), context)
            continue
        settings = command.context_settings
        below = command.context_class(command, info_name=name, parent=context, **settings)
        below.terminal_width = below.max_content_width = 76
        text = re.sub(r"\n *Options of every command:.*", "", command.get_help(below), flags=re.S)
        yield f"{before} {name}".strip(), text.splitlines()
