"""Let one parameter of a command stand for the options that many commands share.

A parameter whose type is a named tuple becomes one option a field, each as the field is annotated,
in the place where the parameter stands; the command gets the tuple.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

Command = Callable[..., None]
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def spread(function: Command) -> Command:
    """Return the command with an option for each field of its named tuples; else as it is."""
    own = inspect.signature(function).parameters.values()
    groups = {p.name: p.annotation for p in own if _is_group(p.annotation)}
    if not groups:
        return function

    @wraps(function)
    def command(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(*(given.pop(field) for field in group._fields))
        function(**given)

    options = [o for p in own for o in (_options(groups[p.name]) if p.name in groups else [p])]
    named = [option.replace(kind=_KEYWORD) for option in options]
    command.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in named}
    return command


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and hasattr(annotation, "_field_defaults")


def _options(group: Any) -> list[inspect.Parameter]:
    defaults = group._field_defaults
    return [
        inspect.Parameter(
            name,
            _KEYWORD,
            default=defaults.get(name, inspect.Parameter.empty),
            annotation=annotation,
        )
        for name, annotation in group.__annotations__.items()
    ]
