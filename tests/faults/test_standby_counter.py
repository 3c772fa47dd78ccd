"""What does the counter say at a standby, and who answers after a failover?"""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from cluster import Cluster

Run = Callable[..., CompletedProcess[str]]

NEW = "--name New --type state --asserted-by recorder --basis recorder"
RECORD = ("record", "party.established", "party/new", *NEW.split())


def ask(depositary: Run, address: str, *words: str) -> Any:
    return depositary("--ledger", address, *words)


@pytest.fixture(scope="module")
def ledger(postgres_cluster: Cluster, demo_once: Path, depositary: Run) -> str:
    """Give the address of the story at whichever node is primary."""
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
    for words in (RECORD, ("checkpoint",), ("replay",)):
        ran = ask(depositary, standby, *words)
        assert (ran.returncode, ran.stdout) == (7, ""), words
        what, why, then = ran.stderr.splitlines()
        assert what == "error: the database is a standby", ran.stderr
        assert "standby" in why
        assert "target_session_attrs=read-write" in then


def test_a_standby_answers_about_what_its_answers_do_not_hold_yet(
    depositary: Run, postgres_cluster: Cluster, ledger: str
) -> None:
    schema = ledger.rpartition("=")[2]
    node = postgres_cluster.nodes[postgres_cluster.primary]
    node.sql(f"DROP SCHEMA {schema}_answers CASCADE", database="depositary")
    postgres_cluster.wait_until_alike()
    there = ask(depositary, at_standby(postgres_cluster, ledger), "reserve", "list")
    assert there.returncode == 0, there.stderr
    assert there.stdout == ask(depositary, ledger, "reserve", "list").stdout


def test_the_same_address_records_after_a_failover(
    depositary: Run, postgres_cluster: Cluster, ledger: str
) -> None:
    before = json.loads(ask(depositary, ledger, "status", "--json").stdout)["position"]
    postgres_cluster.promote()
    ran = ask(depositary, ledger, *RECORD)
    assert ran.returncode == 0, ran.stderr
    after = json.loads(ask(depositary, ledger, "status", "--json").stdout)
    assert (after["position"], after["answers"]) == (before + 1, {"position": before + 1})
    postgres_cluster.heal()
