"""Is what was killed between two steps taken up again, and never signed twice?"""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.ledger import Ledger
from events.store.factory import open_reader, open_tree
from events.store.sqlite.tree import TreeTables
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.keyring import Keyring
from events.transparency.keys import read_identity
from events.transparency.note import VerifierKey
from events.transparency.signing import sign_newest
from tests.conftest import COUNTER, clean_environment
from tests.proofs.kit import IN_A_FILE, Ask, Signed, add, establish, well

HERE = Path(__file__).resolve().parent
STEPS = ("append", "integrate", "sign", "publish")


def killed_at(step: str, wait_s: float, signed: Signed, seed: str) -> None:
    """Let a signer run, and kill it a moment after it says that it begins a step."""
    process = subprocess.Popen(
        [sys.executable, HERE / "signer.py", str(signed.record), "published", seed],
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(HERE.parents[1]),
            "XDG_CONFIG_HOME": str(signed.config),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == f"{step}\n":
            time.sleep(wait_s)
            process.send_signal(signal.SIGKILL)
            break
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors


def roots(signed: Signed) -> dict[int, bytes]:
    with open_tree(signed.record) as tree:
        found = {size: parse_checkpoint(note)[0].root for size, note in tree.checkpoints()}
    for kept in [*signed.config.rglob("signed.checkpoint"), Path("published/checkpoint")]:
        if kept.exists():
            checkpoint, _ = parse_checkpoint(kept.read_bytes())
            assert found.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
    return found


def check(times: int, step: str, signed: Signed, ask: Ask) -> None:
    chosen = random.Random(step)  # noqa: S311 - which moment, the same each time
    before: dict[int, bytes] = {}
    for n in range(times):
        killed_at(step, chosen.uniform(0, 0.03), signed, f"{step}-{n}")
        found = roots(signed)
        assert {size: root for size, root in found.items() if size in before} == before
        before = found
        well(ask("checkpoint"))
        well(ask("publish", "published"))
    well(ask("audit", "--against", "published"))


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_signer_is_taken_up_again(step: str, signed: Signed, ask: Ask) -> None:
    check(2, step, signed, ask)


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_a_signer_killed_fifty_times_is_taken_up_again(step: str, signed: Signed, ask: Ask) -> None:
    check(50, step, signed, ask)


def test_a_checkpoint_signed_but_not_stored_is_taken_up(
    signed: Signed, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(signed.record) as ledger:
        establish(ledger, ["more"])
    with monkeypatch.context() as patched:
        patched.setattr(TreeTables, "add_checkpoint", _killed)
        with pytest.raises(KeyboardInterrupt):
            _sign(signed)
    kept = next(signed.config.rglob("signed.checkpoint")).read_bytes()
    assert parse_checkpoint(kept)[0].size == 31
    assert max(roots(signed)) == 31
    assert well(ask("checkpoint")).out.encode() == kept
    with open_tree(signed.record) as tree:
        assert tree.checkpoint_of(31) == kept


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def _sign(signed: Signed) -> None:
    with open_reader(signed.record) as reader:
        ledger = read_identity(reader)
    with open_tree(signed.record, write=True) as tree:
        sign_newest(tree, ledger, Keyring(ledger.ledger_id))


@IN_A_FILE
@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="who waits for a lock is not told")
def test_who_signs_meanwhile_waits_for_the_lock(signed: Signed, ask: Ask) -> None:
    # One signs 30 entries and is held up at its passphrase; another records and signs 31. Without
    # the lock the first would remember its older checkpoint as the one that was signed last.
    add(signed, "before")
    other: list[subprocess.Popen[bytes]] = []

    class HeldUp(Keyring):
        def file_of(self, key: VerifierKey) -> Path:
            if not other:
                with Ledger(signed.record) as ledger:
                    establish(ledger, ["meanwhile"])
                words = ("--ledger", str(signed.folder), "checkpoint")
                other.append(_command(*words, config=signed.config))
                until = time.monotonic() + 60
                while other[0].poll() is None and not _waits(other[0].pid):
                    assert time.monotonic() < until
                    time.sleep(0.02)
            return super().file_of(key)

    with open_reader(signed.record) as reader:
        ledger = read_identity(reader)
    with open_tree(signed.record, write=True) as tree:
        first = sign_newest(tree, ledger, HeldUp(ledger.ledger_id))
    assert other[0].wait(timeout=60) == 0
    kept = Keyring(ledger.ledger_id).last_signed()
    assert kept is not None
    assert parse_checkpoint(kept)[0].size == first.size + 1
    well(ask("audit"))


def _waits(pid: int) -> bool:
    """Say whether a process waits for a lock that another holds."""
    locks = Path("/proc/locks").read_text("ascii").splitlines()
    return any("->" in line and str(pid) in line.split() for line in locks)


def _command(*words: str, config: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", COUNTER, *words],
        env=clean_environment({"XDG_CONFIG_HOME": str(config)}),
        stdout=subprocess.DEVNULL,
    )


def test_two_who_sign_at_once_sign_one_root_a_size(signed: Signed, ask: Ask) -> None:
    for n in range(5):
        with Ledger(signed.record) as ledger:
            establish(ledger, [f"more-{n}"])
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(_sign, signed) for _ in range(4)]:
                done.result()
    assert sorted(roots(signed)) == [20, 30, 31, 32, 33, 34, 35]
    well(ask("audit"))
