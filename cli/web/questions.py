"""Put questions to the commands of the command line, in this process and on one snapshot.

A page asks what `depositary` asks, with the same words: its JSON and CSV are what the command
prints, and its table is the table of the command.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import typer

from cli.app import ROOT
from cli.output.look import Column, Look
from cli.output.streams import Capture, captured
from cli.web.address import Clock
from cli.web.snapshot import ServedContext
from events.value import replace

Document = dict[str, Any]
_TAKEN = {"as_of": "--as-of", "public_at": "--public-at", "known_at": "--known-at"}


class Answer:
    """What a command answers: its document, and the columns and rows of its table, if any."""

    def __init__(self, kept: Capture) -> None:
        self.document: Any = kept.document
        self.columns: Sequence[Column] = kept.columns
        self.rows: Sequence[Document] = kept.rows

    def __getitem__(self, name: str) -> Any:
        return self.document[name]


@cache  # to make the three commands that a page asks anew takes a third of the page again
def _command(words: tuple[str, ...]) -> tuple[Any, Any]:
    """Return a command of the grammar and the context of the group that it is in."""
    command: Any = ROOT
    context = command.context_class(command, info_name="depositary", **command.context_settings)
    for n, word in enumerate(words):
        command = command.get_command(context, word)
        if n < len(words) - 1:
            settings = command.context_settings
            context = command.context_class(command, info_name=word, parent=context, **settings)
    return command, context


def _run(app: ServedContext, words: Sequence[str], given: Sequence[str], clock: Clock) -> None:
    command, parent = _command(tuple(words))
    taken = {option for one in command.params for option in one.opts}
    given_clocks = clock.options()
    named = zip(given_clocks[::2], given_clocks[1::2], strict=True)
    pairs = [word for name, value in named if name in taken for word in (name, value)]
    try:
        with command.make_context(words[-1], [*pairs, *given], parent=parent, obj=app) as context:
            command.invoke(context)
    except typer.Exit:
        pass  # its exit code is part of an answer: there are findings


def ask_command(app: ServedContext, clock: Clock, *words: str, given: Sequence[str] = ()) -> Answer:
    """Return what a command answers; raise what it raises. `given` are its arguments."""
    with captured(values=True) as kept:
        _run(replace(app, look=Look("json")), words, given, clock)
    return Answer(kept)


def ask_text(
    app: ServedContext, clock: Clock, form: str, *words: str, given: Sequence[str] = ()
) -> str:
    """Return what a command prints with `--json`, or as another form that it has."""
    with captured() as kept:
        _run(replace(app, look=Look(form)), words, given, clock)
    return kept.text
