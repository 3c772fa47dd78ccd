"""What does the counter say at a standby, and who answers after a failover?"""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, CompletedProcess
from typing import Any

import pytest

from tests.faults.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., CompletedProcess[str]]

NEW = "--name New --type state --asserted-by recorder --basis recorder"
RECORD = ("record", "party.established", "party/new", *NEW.split())


def ask(depositary: Run, address: str, *words: str) -> Any:
    return depositary("--ledger", address, *words)


@pytest.fixture(scope="module")
def ledger(postgres_cluster: Cluster, demo_once: Path, depositary: Run) -> str:
    """Give the address of the story at whichever node is primary."""
    postgres_cluster.heal()
    address = f"{postgres_cluster.address()}&schema=s{uuid.uuid4().hex[:12]}"
    ran = depositary("copy", demo_once, address)
    assert ran.returncode == 0, ran.stderr
    return address


def at_standby(cluster: Cluster, address: str) -> str:
    name = next(name for name in cluster.nodes if name != cluster.primary)
    return f"{cluster.nodes[name].address()}&schema={address.rpartition('=')[2]}"


def test_a_standby_answers_and_takes_nothing(
    depositary: Run, postgres_cluster: Cluster, ledger: str
) -> None:
    postgres_cluster.wait_until_alike()
    standby = at_standby(postgres_cluster, ledger)
    for words in (("reserve", "list"), ("reserve", "show", "sv", "--json"), ("log", "-n", "3")):
        here, there = ask(depositary, ledger, *words), ask(depositary, standby, *words)
        assert (there.returncode, there.stdout) == (0, here.stdout), there.stderr
    audited = ask(depositary, standby, "audit", "--json")
    assert audited.returncode == 0, audited.stdout
    for writing in (RECORD, ("checkpoint",)):
        ran = ask(depositary, standby, *writing)
        assert (ran.returncode, ran.stdout) == (7, ""), writing
        what, why, then = ran.stderr.splitlines()
        assert what == "error: the database is a standby", ran.stderr
        assert "standby" in why
        assert "target_session_attrs=read-write" in then


def test_the_answers_are_made_from_a_standby_alone(
    depositary: Run, postgres_cluster: Cluster, ledger: str, tmp_path: Path
) -> None:
    postgres_cluster.wait_until_alike()
    standby = at_standby(postgres_cluster, ledger)
    fresh = {"XDG_CACHE_HOME": str(tmp_path)}
    for words in (("reserve", "list"), ("replay",), ("replay", "--compare")):
        there = depositary("--ledger", standby, *words, env=fresh)
        assert there.returncode == 0, there.stderr
        here = ask(depositary, ledger, *words)
        assert there.stdout == here.stdout
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_the_same_address_records_after_a_failover_and_a_follower_goes_on(
    depositary: Run, postgres_cluster: Cluster, ledger: str
) -> None:
    before = json.loads(ask(depositary, ledger, "status", "--json").stdout)["position"]
    words = [sys.executable, "-c", "from cli.main import run; run()", "--ledger", ledger, "follow"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    follower = subprocess.Popen(words, stdout=PIPE, stderr=PIPE, text=True, env=env)
    try:
        assert follower.stdout is not None
        assert follower.stdout.readline() == f"@{before}\n"
        postgres_cluster.promote()
        ran = ask(depositary, ledger, *RECORD)
        assert ran.returncode == 0, ran.stderr
        assert follower.stdout.readline() == f"@{before + 1}\n"
        follower.send_signal(signal.SIGINT)
        _, err = follower.communicate(timeout=60)
        assert follower.returncode == 0
        assert err.splitlines()[-1].startswith(f"stopped at @{before + 1}:")
    finally:
        follower.kill()
        follower.communicate()
    after = json.loads(ask(depositary, ledger, "status", "--json").stdout)
    assert (after["position"], after["answers"]) == (before + 1, {"position": before + 1})
    postgres_cluster.heal()
