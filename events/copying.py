"""How is a value copied with changes, when a fold copies some of its class for every act?

By plain assignments to an object whose slots are open, compiled for a class once as many were
copied field by field as take as long to copy as the function takes to compile: a short read
compiles none. A value of 15 fields takes 0.4 µs then, and took 2.0.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from events.assembling import opened

PATIENCE = 50

Change = Callable[[Any, Mapping[str, Any]], Any]

ready: dict[type, Change] = {}
_copied: dict[type, int] = {}


def change(one: Any, changes: Mapping[str, Any], names: Iterable[str], *, has_rules: bool) -> Any:
    """Return a copy with some fields changed; `names` are those of all fields of the class.

    A value that has rules of its own is held against them. Raises AttributeError for what is no
    field, and what the rules raise.
    """
    cls = type(one)
    copied = _copied[cls] = _copied.get(cls, 0) + 1
    if copied == PATIENCE:
        ready[cls] = _written_out(cls, names, has_rules=has_rules)
    new = object.__new__(opened(cls))
    for name in names:
        setattr(new, name, getattr(one, name))
    for name, value in changes.items():
        setattr(new, name, value)
    new.__class__ = cls
    if has_rules:
        new.__post_init__()
    return new


def _written_out(cls: Any, names: Iterable[str], *, has_rules: bool) -> Change:
    """Return the same as code without a loop: its names are those of fields of ours alone."""
    lines = [f" two.{name} = one.{name}" for name in names]
    lines += [" for name in changes:", "  setattr(two, name, changes[name])"]
    return _compiled(cls, "one, changes", lines, has_rules=has_rules)


def for_these(
    cls: Any, names: Iterable[str], these: Sequence[str], *, has_rules: bool
) -> Callable[..., Any]:
    """Return code that changes always the same fields, given a value and theirs in their order."""
    lines = [f" two.{name} = {name if name in these else f'one.{name}'}" for name in names]
    return _compiled(cls, ", ".join(("one", *these)), lines, has_rules=has_rules)


def _compiled(cls: Any, given: str, lines: list[str], *, has_rules: bool) -> Callable[..., Any]:
    known: dict[str, Any] = {"new": object.__new__, "open_": opened(cls), "cls": cls}
    body = [" two = new(open_)", *lines, " two.__class__ = cls"]
    if has_rules:
        body.append(" two.__post_init__()")
    code = "\n".join([f"def change({given}):", *body, " return two"])
    exec(code, known)  # noqa: S102 - as `assembling` does
    found: Callable[..., Any] = known["change"]
    return found
