"""Is the place told as exactly as it is known, and is nothing missed that was taken away?"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ledger import Ledger
from events.store.factory import open_tree
from events.transparency.keyring import no_passphrase
from events.transparency.log_audit import audit_log
from events.transparency.note import parse_vkey
from events.transparency.signatures import load_key
from tests.proofs.forging import edit, rehash, sign_anew, unguarded
from tests.proofs.kit import Ask, Signed, add, establish, keyring, settle, well

ORIGIN = "example.org/ledger"


@pytest.fixture
def signed(signed_in_file: Signed) -> Signed:
    """Give the ledger whose record is a file."""
    return signed_in_file


def forget(signed: Signed) -> None:
    """Let nothing be kept on this machine but the keys."""
    for name in ("signed.checkpoint", "stored.roots", "signed.entries"):
        for kept in signed.config.rglob(name):
            kept.unlink()


def real_key(signed: Signed) -> Ed25519PrivateKey:
    key = parse_vkey(signed.vkey)
    return load_key(keyring(signed).file_of(key), key, no_passphrase)


def audited(ask: Ask, *options: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ask("audit", "--json", *options).out)
    return told


def outcomes(told: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in told["checks"]}


def copies(signed: Signed) -> None:
    """Keep what was signed, elsewhere."""
    with open_tree(signed.record) as tree:
        for size, note in tree.checkpoints():
            Path(f"{size}.checkpoint").write_bytes(note)


def change_event(signed: Signed, position: int) -> None:
    def other(at: int, state: bytes) -> bytes:
        return state.replace(b'"name":"', b'"name":"New ') if at == position else state

    edit(signed.record, other)
    (signed.folder / "answers.sqlite3").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("position", "place"), [(3, [1, 20]), (20, [1, 20]), (21, [21, 30]), (30, [21, 30])]
)
def test_an_edit_rehashed_without_the_key_is_between_the_checkpoints_that_hold(
    position: int, place: list[int], signed: Signed
) -> None:
    change_event(signed, position)
    rehash(signed.record)
    report = audit_log(signed.record)
    [found] = [check for check in report.checks if check.outcome == "tampered"]
    assert (found.name, [found.position, found.until]) == ("checkpoints", place)
    assert f"somewhere in @{place[0]} to @{place[1]}" in found.sentence


def test_the_place_is_narrowed_by_outside_copies_that_agree_and_by_nothing_else(
    signed: Signed, ask: Ask
) -> None:
    add(signed, "one", "two", "three")
    well(ask("checkpoint"))
    copies(signed)
    forget(signed)
    change_event(signed, 25)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN, real_key(signed))  # its keeper rewrote it
    assert audited(ask)["exit"] == 0

    def place(*sizes: int) -> tuple[Any, Any]:
        given = [word for size in sizes for word in ("--against", f"{size}.checkpoint")]
        told = audited(ask, *given)
        assert told["exit"] == 4
        return told["somewhere_in"], told["first_differing"]

    assert place(33) == ([1, 33], None)
    assert place(30) == ([1, 30], None)
    assert place(30, 33) == ([1, 30], None)
    assert place(20, 33) == ([21, 33], None)
    assert place(20, 30, 33) == ([21, 30], None)
    page = ask("audit", "--against", "33.checkpoint", "--against", "20.checkpoint").out
    assert "an event differs somewhere in @21 to @33" in page


def test_an_edit_that_was_not_rehashed_is_told_exactly(signed: Signed, ask: Ask) -> None:
    copies(signed)
    change_event(signed, 25)
    assert audited(ask, "--against", "30.checkpoint")["first_differing"] == 25
    assert "first differing event: @25" in ask("audit", "--against", "30.checkpoint").out


def delete_checkpoints(signed: Signed, *sizes: int) -> None:
    with unguarded(signed.record) as connection:
        for size in sizes:
            connection.execute("DELETE FROM cosignatures WHERE size = ?", (size,))
            connection.execute("DELETE FROM checkpoints WHERE size = ?", (size,))


@pytest.mark.parametrize(
    ("deleted", "outcome"),
    [([], "holds"), ([20], "tampered"), ([20, 30], "tampered"), ([30], "finding")],
)
def test_deleted_checkpoints_are_missed(
    deleted: list[int], outcome: str, signed: Signed, ask: Ask
) -> None:
    delete_checkpoints(signed, *deleted)
    told = audited(ask)
    assert outcomes(told)["signed"] == outcome
    assert told["exit"] == {"holds": 0, "finding": 1, "tampered": 4}[outcome]
    assert told["uncovered_events"] == (0 if 30 not in deleted else 10 if 20 not in deleted else 30)


def test_checkpoints_that_were_deleted_from_a_longer_record_are_missed(
    signed: Signed, ask: Ask
) -> None:
    add(signed, "one")
    well(ask("checkpoint"))
    add(signed, "two", "three")
    assert audited(ask)["uncovered_events"] == 2
    assert "no good checkpoint covers 2 events" in ask("audit").out
    delete_checkpoints(signed, 30)
    assert outcomes(audited(ask))["signed"] == "tampered"


def test_a_checkpoint_that_was_signed_anew_is_not_the_one_that_was_signed(
    signed: Signed, ask: Ask
) -> None:
    change_event(signed, 25)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN, real_key(signed))
    next(signed.config.rglob("signed.checkpoint")).unlink()
    told = audited(ask)
    assert (told["exit"], outcomes(told)["signed"]) == (4, "tampered")
    assert outcomes(told)["checkpoints"] == "holds"


def test_the_newest_checkpoint_is_put_back(signed: Signed, ask: Ask, tmp_path: Path) -> None:
    # As after a run that was killed, or in a backup from just before it was signed.
    add(signed, "one")
    well(ask("backup", "copy.sqlite3"))
    well(ask("checkpoint"))
    well(ask("restore", "copy.sqlite3", "again"))
    told = audited(ask, "--ledger", "again")
    assert (told["exit"], outcomes(told)["signed"]) == (1, "finding")
    well(ask("--ledger", "again", "checkpoint"))
    assert outcomes(audited(ask, "--ledger", "again"))["signed"] == "holds"


def test_what_was_signed_before_it_was_remembered_is_remembered_from_then_on(
    signed: Signed, ask: Ask
) -> None:
    path = keyring(signed).folder / "stored.roots"
    path.unlink()
    well(ask("checkpoint"))
    assert set(keyring(signed).stored_roots()) == {20, 30}
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])  # cut short, as by a full disk
    assert set(keyring(signed).stored_roots()) == {20}
    add(signed, "one")
    well(ask("checkpoint"))
    assert set(keyring(signed).stored_roots()) == {20, 30, 31}


def test_a_quick_audit_reads_past_who_recorded_an_event(signed: Signed, ask: Ask) -> None:
    with Ledger(signed.record, recordedby='Ann "of" Ä') as ledger:
        establish(ledger, ["one"])
    told = audited(ask, "--quick")
    assert (told["exit"], outcomes(told)["columns"]) == (0, "holds")
    with unguarded(signed.record) as connection:
        connection.execute("UPDATE stored_events SET originator_id = 'x' WHERE position = 31")
    assert audited(ask, "--quick")["first_differing"] == 31


@pytest.mark.parametrize(
    "column",
    [
        "topic = 'party.recognized.v1'",
        "topic = 'party.establishee.v1'",
        "originator_id = 'party/state-x'",
        "originator_version = 2",
        "originator_id = 'party/stäte'",
    ],
)
def test_a_quick_audit_compares_the_columns_with_the_bytes(
    column: str, signed: Signed, ask: Ask
) -> None:
    assert outcomes(audited(ask, "--quick"))["columns"] == "holds"
    with unguarded(signed.record) as connection:
        connection.execute(f"UPDATE stored_events SET {column} WHERE position = 7")
    told = audited(ask, "--quick")
    assert (told["exit"], told["first_differing"]) == (4, 7)
    assert outcomes(told)["columns"] == "tampered"
    assert "columns" not in outcomes(audited(ask))


def test_a_bundle_and_a_proof_with_its_entry_are_copies_from_outside(
    signed: Signed, ask: Ask
) -> None:
    forget(signed)
    well(ask("prove", "@7", "--bundle", "court"))
    well(ask("prove", "@25", "-o", "25.proof"))
    told = audited(ask, "--against", "court", "--against", "25.proof")
    assert (told["exit"], told["compared_with"]) == (0, ["court", "25.proof"])
    assert {name: outcome for name, outcome in outcomes(told).items() if " " in name} == {
        "copy court": "holds",
        "copy 25.proof": "holds",
        "entry court/entry.json": "holds",
        "entry 25.proof.entry": "holds",
    }
    change_event(signed, 7)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN, real_key(signed))
    told = audited(ask, "--against", "court", "--against", "25.proof")
    assert (told["exit"], told["first_differing"]) == (4, 7)
    assert outcomes(told)["entry 25.proof.entry"] == "holds"
    Path("court/entry.json").write_text("{}")
    assert outcomes(audited(ask, "--against", "court"))["entry court/entry.json"] == "undecided"


@pytest.mark.parametrize("more", [0, 300])
def test_a_published_folder_without_its_checkpoint_is_a_copy_from_outside(
    more: int, signed: Signed, ask: Ask
) -> None:
    if more:
        add(signed, *(f"more-{n}" for n in range(more)))
        well(ask("checkpoint"))
    forget(signed)
    well(ask("publish", "mirror"))
    Path("mirror/checkpoint").unlink()
    told = audited(ask, "--against", "mirror")
    assert (told["exit"], outcomes(told)["published mirror"]) == (0, "holds")
    settle(signed.record)
    change_event(signed, 9)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN, real_key(signed))
    told = audited(ask, "--against", "mirror")
    assert (told["exit"], told["first_differing"]) == (4, 9)
    shutil.rmtree("mirror/tile")
    told = audited(ask, "--against", "mirror")
    assert (told["exit"], outcomes(told)["published mirror"]) == (7, "undecided")
