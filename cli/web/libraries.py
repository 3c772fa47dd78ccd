"""Require the libraries of the pages, which are an extra: depositary[web]."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.errors.exit_codes import cannot

NAMES = ("anyio", "jinja2", "markupsafe", "starlette", "uvicorn")


@contextmanager
def require_web() -> Iterator[None]:
    """Import what needs the libraries of the pages; exit 7 where one is not installed."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in NAMES:
            raise
        why = f"{error.name} is not installed"
        then = "pip install 'depositary[web]', or in a checkout: pip install '.[web]'"
        cannot("the pages need more libraries", why, then)
