"""One test over many things: each that fails is told by its name.

A test of its own for each of a thousand types or rows costs more time than what most of them hold:
six milliseconds of the processor before its first line, and its part of every collection. Where a
thing needs a ledger or a folder of its own, `pytest.mark.parametrize` stays.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., None]


def each(
    names: str | Sequence[str], things: Iterable[Any], told: Callable[[Any], object] = str
) -> Callable[[Test], Test]:
    """Run a test with every one of some things, named by `told`, and fail with all that fail.

    `names` are the parameters of the test that a thing stands for: one, or one for each of its
    parts. The others are fixtures, which all things share.
    """
    own, all_things = ([names] if isinstance(names, str) else list(names)), list(things)

    def decorate(test: Test) -> Test:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            assert all_things, "there is nothing to try it on"
            failed = []
            for thing in all_things:
                parts = [thing] if isinstance(names, str) else thing
                try:
                    test(**dict(zip(own, parts, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"with {told(thing)}")
                    failed.append(error)
            if failed:
                message = f"{len(failed)} of {len(all_things)} fail"
                raise BaseExceptionGroup(message, failed)

        kept = [p for p in inspect.signature(test).parameters.values() if p.name not in own]
        run.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
        return run

    return decorate
