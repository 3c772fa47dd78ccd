"""Finish a piece of work before Ctrl-C interrupts it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Deliver an interrupt when the work within is done; deliver a second one at once.

    Only the main thread is ever interrupted, and only where Ctrl-C has a handler.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[tuple[Any, ...]] = []

    def note(*arguments: Any) -> None:
        came.append(arguments)
        if len(came) > 1:
            before(*arguments)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if len(came) == 1:
            before(*came[0])
