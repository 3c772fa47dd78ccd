"""How is a long run spared the search for garbage?

Claims, bodies and rows refer to each other in one direction only, and are freed as they are let
go. Looking through all of them for cycles costs more than reading them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search() -> Iterator[None]:
    """Search for no cycles meanwhile."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
