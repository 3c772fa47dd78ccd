"""Is what must be whole done whole, whenever somebody presses Ctrl-C?"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from domain.ledger import defer_interrupts


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def pressed(done: list[int], times: int, *, within: bool = False) -> None:
    """Press Ctrl-C so many times, and count what is done after each."""
    with defer_interrupts(), defer_interrupts() if within else nullcontext():
        for n in range(times):
            press()
            done.append(n)


@pytest.mark.parametrize("within", [False, True])
def test_an_interrupt_comes_when_it_is_done(within: bool) -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        pressed(done, 1, within=within)
    assert done == [0]


def test_an_inner_one_leaves_it_to_the_outer() -> None:
    done: list[int] = []

    def outer() -> None:
        with defer_interrupts():
            pressed(done, 1)
            done.append(1)

    with pytest.raises(KeyboardInterrupt):
        outer()
    assert done == [0, 1]


@pytest.mark.parametrize("within", [False, True])
def test_a_second_one_comes_at_once(within: bool) -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        pressed(done, 3, within=within)
    assert len(done) < 3


def test_what_goes_wrong_within_is_raised_where_no_interrupt_came() -> None:
    with pytest.raises(ValueError, match="within"), defer_interrupts():
        raise ValueError("within")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture
def ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ignored")
def test_who_ignores_it_goes_on_ignoring_it() -> None:
    with defer_interrupts():
        press()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_in_another_thread_nothing_is_to_be_done() -> None:
    handlers = []

    def within() -> None:
        with defer_interrupts():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=within)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]
