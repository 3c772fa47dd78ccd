"""Show the progress of a long run, on a terminal only and on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from cli.output.streams import unguarded

Progress = Callable[[int, int], None]


@contextmanager
def progress(doing: str, what: str) -> Iterator[Progress | None]:
    """Give a function that takes (done, total), or None where no terminal shows it.

    The bar is drawn from the first step after which more is left, and is gone with the last.
    """
    if not sys.stderr.isatty():
        yield None
        return
    with ExitStack() as stack:
        bars: list[Progress] = []

        def told(done: int, total: int) -> None:
            if done < total and not bars:
                bars.append(stack.enter_context(_bar(doing, what)))
            for bar in bars:
                bar(done, total)
            if done == total:
                stack.close()
                bars.clear()

        yield told


@contextmanager
def _bar(doing: str, what: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + what),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(file=unguarded(sys.stderr), stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(doing, total=0, rate="")

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if speed := bar.tasks[0].speed:
                bar.update(task, rate=f"{speed:,.0f}/s")

        yield told
