"""How is what was found out about a class kept?"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

Found = TypeVar("Found")


def per_class(find: Callable[[Any], Found]) -> Callable[[Any], Found]:
    """Return the function with its answers remembered, one for each class.

    As `functools.cache`, but typed: mypy takes a class whose instances have no hash for one that
    has none itself.
    """
    return cache(find)
