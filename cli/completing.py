"""What may stand next on the command line?

Asked by a shell while somebody types, so nothing here fails aloud: no answer is one too.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from typer._click.shell_completion import _is_incomplete_argument, _resolve_context

from cli.app import COMMANDS, command
from cli.context import AppContext
from cli.output.formats import FORMATS
from events.catalogue import all_types
from events.identifiers import KINDS, slug_of

Offer = tuple[str, str]  # a word, and what it means


def answer(shell: str, words: Sequence[str]) -> int:
    """Print what may stand in the place of the last word, one a line, as the shell wants it."""
    *before, incomplete = words or [""]
    with suppress(Exception), _in_haste():
        for word, meaning in offers(before, incomplete):
            sys.stdout.write(f"{_line(shell, word, meaning)}\n")
    return 0


@contextmanager
def _in_haste() -> Iterator[None]:
    """Wait for a database two seconds at most, for somebody is typing."""
    name = "PGCONNECT_TIMEOUT"
    before = os.environ.get(name)
    os.environ[name] = before or "2"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def offers(before: Sequence[str], incomplete: str) -> Iterator[Offer]:
    """Yield the words that go on with the incomplete one, each with its meaning."""
    words = [word for word in before if word != "="]  # bash takes --format=json apart
    typed = "" if incomplete == "=" else incomplete
    context = _resolve_context(command(), {}, "depositary", list(words))
    options = _options(context, words)
    name, is_, value = typed.partition("=")
    for word, meaning in _candidates(context, options, words, name, value if is_ else None):
        whole = f"{name}={word}" if is_ and name in options else word
        if whole.startswith(typed):
            yield whole, meaning


def _candidates(
    context: Any, options: dict[str, Any], words: list[str], typed: str, value: str | None
) -> Iterable[Offer]:
    last = options.get(words[-1]) if words else None
    if value is not None and typed in options:
        return _values(context, options[typed], words, value)
    if last is not None and not last.is_flag:
        return _values(context, last, words, typed)
    if typed.startswith("-") and "--" not in words:
        return [(name, option.help or "") for name, option in options.items()]
    if hasattr(context.command, "list_commands"):
        return _commands(context)
    waiting = (p for p in context.command.params if _is_incomplete_argument(context, p))
    argument = next(waiting, None)
    return _values(context, argument, words, typed) if argument else ()


def _commands(context: Any) -> Iterator[Offer]:
    if context.parent is None:
        yield from ((name, line) for name, (_, line) in COMMANDS.items())
        return
    for name in context.command.list_commands(context):
        yield name, context.command.get_command(context, name).get_short_help_str(60)


def _options(context: Any, words: Sequence[str]) -> dict[str, Any]:
    """Return the options that may stand here by their names, with those of a type of fact."""
    found = [p for p in context.command.get_params(context) if p.param_type_name == "option"]
    if hasattr(context.command, "type_named"):
        from cli import event_options as of_types

        if named := next((word for word in words if word in all_types()), None):
            found = [*of_types.options(of_types.fields_by_need(named)), *found]
    return {name: option for option in found for name in option.opts if name.startswith("--")}


def _values(context: Any, parameter: Any, words: Sequence[str], typed: str) -> Iterable[Offer]:
    meant = (parameter.metavar or "").strip("[]").removesuffix("...")
    fixed = {"TYPE": _types, "FORMAT": lambda: FORMATS, "SHELL": _shells, "TOPIC": _topics}
    if meant in fixed:
        return ((word, "") for word in fixed[meant]())
    if "--policy" in parameter.opts:
        return ((word, "") for word in ("primary-first", "latest", "strict", "prefer:party/"))
    if meant == "WORD":
        return ((word.strip(), "") for word in parameter.help.rpartition(": ")[2].split(","))
    if meant in ("ID", "THING", "PARTY", "SOURCE"):
        return ((thing, "") for thing in _things(context, parameter, words, typed))
    return ()


def _things(context: Any, parameter: Any, words: Sequence[str], typed: str) -> Iterator[str]:
    """Yield the things that may be meant, without their kind where it goes without saying."""
    from cli.event_options import with_ledger

    kind = _kind(context, parameter, words)
    with with_ledger(AppContext(), words).answers() as answers:
        found = [t for k in KINDS[1:] if kind in (None, k) for t in answers.things(k)]
    short = kind is not None and "/" not in typed
    yield from (slug_of(thing) if short else thing for thing in found)


def _kind(context: Any, parameter: Any, words: Sequence[str]) -> str | None:
    if "PARTY" in (parameter.metavar or "") or "id of a party" in (parameter.help or ""):
        return "party"
    if "--source" in parameter.opts:
        return "source"
    if "--price" in parameter.opts:
        return "price"
    if parameter.param_type_name == "argument" and parameter.metavar == "THING":
        named = next((word for word in words if word in all_types()), "claim.")
        kind = named.partition(".")[0]
        return kind if kind in KINDS else None
    parent = context.parent.info_name if context.parent else ""
    is_argument = parameter.param_type_name == "argument"
    return parent if is_argument and parent in KINDS else None


def _types() -> Sequence[str]:
    return all_types()


def _shells() -> Iterable[str]:
    from cli.commands.start.completion import SCRIPTS

    return SCRIPTS


def _topics() -> Iterable[str]:
    from cli.commands.start.help_topics import TOPICS

    return TOPICS


def _line(shell: str, word: str, meaning: str) -> str:
    first = " ".join(meaning.split())
    if shell == "zsh":
        escaped = word.replace(":", "\\:")
        return f"{escaped}:{first}" if first else escaped
    return f"{word}\t{first}" if shell == "fish" and first else word
