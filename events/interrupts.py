"""How is something done whole, though somebody presses Ctrl-C meanwhile?"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Let an interrupt come when what is within is done; a second one comes at once.

    Only the main thread is ever interrupted, and it only where somebody listens to Ctrl-C.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[tuple[Any, ...]] = []

    def note(*told: Any) -> None:
        came.append(told)
        if len(came) > 1:
            before(*told)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if len(came) == 1:
            before(*came[0])
