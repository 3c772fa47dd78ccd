"""What does a user get who signs, proves and verifies?"""

import ast
import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from domain.ledger import Ledger
from events.store.factory import open_tree
from events.transparency.note import parse_vkey
from tests.proofs.kit import (
    IN_A_FILE,
    LOG_KEY,
    WITNESS_KEY,
    Ask,
    Signed,
    add,
    establish,
    verify_checkpoint,
    well,
)


def test_a_checkpoint_is_signed_once_a_size(signed: Signed, ask: Ask) -> None:
    first = well(ask("checkpoint", "--json")).out
    assert json.loads(first)["new"] is False
    add(signed, "more")
    second = json.loads(well(ask("checkpoint", "--json")).out)
    assert (second["new"], second["size"]) == (True, 31)
    tree, _ = verify_checkpoint(second["checkpoint"].encode(), [parse_vkey(signed.vkey)])
    assert tree.size == 31
    assert ask("checkpoint").out == second["checkpoint"]


def test_a_proof_holds_for_whoever_has_the_key_and_no_ledger(
    signed: Signed, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    well(ask("prove", "@7", "-o", "7.tlog-proof"))
    vkey = signed.vkey
    shutil.rmtree(signed.folder)
    shutil.rmtree(signed.config)
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    held = well(ask("verify", "7.tlog-proof", "--vkey", vkey)).out
    assert "is @7 of 30, and was not altered since" in held
    assert "not shown: that the claims of an entry are true" in held
    assert "true" not in held.replace("that the claims of an entry are true", "")


def test_a_proof_covers_what_was_signed(signed: Signed, ask: Ask) -> None:
    add(signed, "more")
    refused = ask("prove", "@31")
    assert (refused.code, "depositary checkpoint" in refused.err) == (7, True)
    assert ask("prove", "@99").code == 3
    assert ask("prove", "@0").code == 2
    assert ask("prove").code == 2
    assert ask("prove", "@1", "--from", "2").code == 2


def test_a_changed_entry_the_neighbours_proof_and_a_wrong_key_are_told_apart(
    signed: Signed, ask: Ask
) -> None:
    for n in (7, 8):
        well(ask("prove", f"@{n}", "-o", f"{n}"))
    vkey = ("--vkey", signed.vkey)
    assert ask("verify", "7", *vkey, "--entry", "8.entry").code == 4
    Path("7.entry").write_bytes(Path("7.entry").read_bytes().replace(b"State", b"Stata"))
    changed = ask("verify", "7", *vkey)
    assert (changed.code, "ALTERED" in changed.out) == (4, True)
    assert "The entry is not @7 of the 30" in changed.out
    assert ask("verify", "8", "--vkey", LOG_KEY).code == 7
    assert ask("verify", "8").code == 2
    assert ask("verify", "8", "--vkey", "rubbish").code == 2
    Path("8.entry").unlink()
    assert ask("verify", "8", *vkey).code == 7


def test_growth_is_verified_against_the_older_checkpoint(signed: Signed, ask: Ask) -> None:
    with open_tree(signed.record) as tree:
        Path("old").write_bytes(tree.checkpoint_of(20) or b"")
    well(ask("prove", "--from", 20, "--to", 30, "-o", "growth"))
    vkey = ("--vkey", signed.vkey)
    held = well(ask("verify", "growth", "old", *vkey)).out
    assert "the first 20 of 30 entries are those of the older checkpoint" in held
    assert ask("verify", "growth", *vkey).code == 7
    assert ask("prove", "--from", 20, "--to", 29).code == 3
    newest = ask("prove", "--from", 20)
    assert newest == ask("prove", "--from", 20, "--to", 30)
    assert newest.code == 0
    assert ask("prove", "--to", 30).code == 2


@IN_A_FILE
def test_two_signed_trees_of_one_size_are_a_proof_against_the_keeper(
    signed: Signed, ask: Ask
) -> None:
    before = shutil.copytree(signed.folder, "copy")
    for folder, name in ((signed.folder, "one"), (before, "another")):
        with Ledger(Path(folder) / "record.sqlite3") as ledger:
            establish(ledger, [name])
        Path(name).write_text(well(ask("--ledger", folder, "checkpoint")).out)
        for kept in signed.config.rglob("signed.checkpoint"):
            kept.unlink()  # the keeper cheats
    found = ask("verify", "one", "another", "--vkey", signed.vkey)
    assert found.code == 4
    assert "are both signed, of 31 entries, and differ" in found.out


def test_an_audit_is_held_to_the_key_that_was_brought(signed: Signed, ask: Ask) -> None:
    held = well(ask("audit", "--vkey", signed.vkey)).out
    assert held.startswith("key pinned: ")
    found = ask("audit", "--vkey", LOG_KEY)
    assert (found.code, str(LOG_KEY) in found.out) == (4, True)
    well(ask("copy", signed.database or signed.folder, "another"))
    well(ask("--ledger", "another", "audit", "--vkey", signed.vkey))


def test_a_policy_asks_for_its_witnesses(signed: Signed, ask: Ask) -> None:
    well(ask("prove", "@7", "-o", "7"))
    Path("met").write_text(f"log {signed.vkey}\nwitness w {WITNESS_KEY}\nquorum w\n")
    held = well(ask("verify", "7", "--policy", "met")).out
    assert "witness witness.example/w signed it too" in held
    with open_tree(signed.record) as tree:
        Path("old").write_bytes(tree.checkpoint_of(20) or b"")
    lacking = ask("verify", "old", "--policy", "met")
    assert (lacking.code, "is not met" in lacking.out) == (1, True)
    Path("bad").write_text("quorum\n")
    assert ask("verify", "7", "--policy", "bad").code == 2


def test_a_bundle_is_checked_with_python_and_openssl_alone(
    signed: Signed, ask: Ask, openssl: str, tmp_path: Path
) -> None:
    well(ask("prove", "@7", "--bundle", "for-the-court"))
    folder = tmp_path / "for-the-court"

    def check(*arguments: str) -> subprocess.CompletedProcess[str]:
        # Isolated, from another folder, and without a single installed package.
        return subprocess.run(
            [sys.executable, "-I", "-S", folder / "verify.py", *arguments],
            cwd="/",
            env={"PATH": os.path.dirname(openssl)},
            capture_output=True,
            text=True,
            check=False,
        )

    held = check("--vkey", signed.vkey)
    assert held.returncode == 0, held.stdout + held.stderr
    assert "the entry is @7 of it, and was not altered since" in held.stdout
    assert "careful" in check().stdout
    assert check("--vkey", str(LOG_KEY)).returncode == 7
    entry = (folder / "entry.json").read_bytes()
    (folder / "entry.json").write_bytes(entry + b" ")
    assert check("--vkey", signed.vkey).returncode == 4
    (folder / "entry.json").write_bytes(entry)
    proof = (folder / "proof.tlog-proof").read_bytes()
    for changed in (proof.replace(b"index 6", b"index 7"), proof.replace(b"\n30\n", b"\n31\n")):
        (folder / "proof.tlog-proof").write_bytes(changed)
        assert check("--vkey", signed.vkey).returncode == 4
    (folder / "proof.tlog-proof").write_bytes(proof.replace(b"index 6", b"index 06"))
    assert check("--vkey", signed.vkey).returncode == 7
    assert ask("prove", "@7", "--bundle", "for-the-court").code == 7
    assert ask("verify", "for-the-court", "--vkey", signed.vkey).code == 7


def test_a_bundle_is_also_checked_by_the_command(signed: Signed, ask: Ask) -> None:
    well(ask("prove", "@7", "--bundle", "b"))
    assert "is @7 of 30" in well(ask("verify", "b", "--vkey", signed.vkey)).out


def test_another_ledgers_proof_decides_nothing_here(signed: Signed, ask: Ask) -> None:
    well(ask("init", "other"))
    for command in (("key", "new", "--no-passphrase"), ("checkpoint",), ("prove", "@2", "-o", "2")):
        well(ask("--ledger", "other", *command))
    found = ask("verify", "2", "--vkey", signed.vkey)
    assert (found.code, "no known key" in found.out) == (7, True)


def test_the_verifier_of_a_bundle_is_read_by_an_old_python_and_needs_no_package() -> None:
    source = files("events.transparency.proof_bundle").joinpath("verify.py").read_text("utf-8")
    parsed = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(parsed)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
