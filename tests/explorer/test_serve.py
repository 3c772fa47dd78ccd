"""Does `depositary serve` say where it is, end when it is told to, and start late?"""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import COUNTER, clean_environment

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_answers_and_ends(story: Path, number: signal.Signals) -> None:
    words = [sys.executable, "-c", COUNTER, "--ledger", str(story), "serve", "--port", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=clean_environment({})
    ) as ran:
        assert ran.stdout is not None
        address = ran.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}reserve/sv/") as page:  # noqa: S310 - our own
            assert b"El Salvador" in page.read()
        os.kill(ran.pid, number)
        assert ran.wait(30) == 0
        assert ran.stdout.read() == ""


def test_a_port_that_is_taken_is_said(depositary: Run, story: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = depositary("--ledger", story, "serve", "--port", port)
    assert (ran.returncode, ran.stdout) == (7, "")
    assert ran.stderr.splitlines()[2] == f"  next: depositary serve --port {port + 1}"


def test_the_extra_is_named_where_it_is_missing(depositary: Run, story: Path) -> None:
    code = f"import sys; sys.modules['starlette'] = None; {COUNTER}"
    ran = depositary("--ledger", story, "serve", code=code)
    assert (ran.returncode, ran.stdout) == (7, "")
    wanted = "pip install 'depositary[web]', or in a checkout: pip install '.[web]'"
    assert ran.stderr.splitlines()[2] == f"  next: {wanted}"


def test_others_are_let_in_by_name_alone(depositary: Run, story: Path) -> None:
    ran = depositary("--ledger", story, "serve", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert ran.returncode == 2
    assert "--allow-host NAME" in ran.stderr


def test_a_ledger_that_is_not_there_is_said_before_anything_listens(
    depositary: Run, tmp_path: Path
) -> None:
    ran = depositary("--ledger", tmp_path, "serve")
    assert (ran.returncode, ran.stdout) == (7, "")
