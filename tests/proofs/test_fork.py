"""Does a fork go on as a ledger of its own that says whose its beginning was?"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from events.store.factory import open_reader
from tests.proofs.forging import edit, rehash, unguarded
from tests.proofs.kit import IN_A_FILE, Ask, Signed, add, keyring, settle, well

ORIGIN = "example.org/another"


def told(ask: Ask, *words: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(well(ask(*words, "--json")).out)
    return found


def opening(ledger: Any) -> dict[str, Any]:
    with open_reader(ledger) as record:
        first = record.first()
    assert first is not None
    found: dict[str, Any] = json.loads(first.state)
    assert (first.topic, found["type"]) == ("ledger.forked.v1", "ledger.forked.v1")
    return found


def test_a_fork_has_the_events_of_its_parent_at_their_positions_and_times(
    signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    parent = keyring(signed).ledger_id
    (tmp_path / "ledger/sources").mkdir(exist_ok=True)
    found = told(ask, "fork", signed.folder, "ours", "--name", ORIGIN)
    assert (found["parent"], found["parted_at"], found["position"]) == (parent, 30, 30)
    record = tmp_path / "ours/record.sqlite3"
    first = opening(record)
    assert first["data"]["parent"] == parent
    assert (first["data"]["parted_at"], first["data"]["origin"]) == (30, ORIGIN)
    new = found["ledger_id"]
    with open_reader(record) as mine, open_reader(signed.record) as theirs:
        rows, others = list(mine.rows()), list(theirs.rows())
    assert [row[:4] for row in rows[1:]] == [row[:4] for row in others[1:]]
    assert [row.time for row in rows] == [row.time for row in others]
    assert [row.state.replace(new.encode(), parent.encode()) for row in rows[1:]] == [
        row.state for row in others[1:]
    ]
    states = told(ask, "--ledger", "ours", "audit")
    outcomes = {check["name"]: check["outcome"] for check in states["checks"]}
    assert (outcomes["fork"], outcomes["text"], states["pinned"]) == ("holds", "holds", False)
    well(ask("--ledger", "ours", "party", "list"))
    well(ask("--ledger", "ours", "replay", "--compare"))


@IN_A_FILE
def test_a_fork_signs_with_a_key_of_its_own(signed: Signed, ask: Ask) -> None:
    well(ask("fork", signed.folder, "ours", "--name", ORIGIN))
    refused = ask("--ledger", "ours", "checkpoint")
    assert (refused.code, "no key signs for this ledger" in refused.err) == (7, True)
    well(ask("--ledger", "ours", "key", "new", "--no-passphrase"))
    note = well(ask("--ledger", "ours", "checkpoint")).out
    assert note.startswith(f"{ORIGIN}\n31\n")
    Path("ours.checkpoint").write_text(note)
    audited = told(ask, "--ledger", "ours", "audit", "--against", "ours.checkpoint")
    assert audited["vkey"].startswith(f"{ORIGIN}+")
    well(ask("--ledger", "ours", "prove", "@7", "--bundle", "court"))
    well(ask("verify", "court", "--vkey", audited["vkey"]))
    assert ask("verify", "court", "--vkey", signed.vkey).code == 7
    well(ask("audit"))  # the parent is as it was
    Path("parent.checkpoint").write_text(well(ask("checkpoint")).out)
    assert ask("--ledger", "ours", "audit", "--against", "parent.checkpoint").code == 7


@IN_A_FILE
def test_a_fork_of_a_copy_that_went_on_names_where_that_parted(signed: Signed, ask: Ask) -> None:
    settle(signed.record)
    shutil.copytree(signed.folder, "copy")
    add(signed, "one", "two")
    well(ask("checkpoint"))
    add(signed._replace(folder=Path("copy")), "another", "more", "and-more")
    assert told(ask, "fork", "copy", "ours")["parted_at"] == 30
    assert told(ask, "fork", "copy", "again", "--at", "@20")["parted_at"] == 20
    assert (
        told(ask, "fork", "ours", "ours-2")["parent"]
        == opening(Path("ours/record.sqlite3"))["data"]["id"]
    )
    for wrong in ("@34", "0", "@0", "x", "@-1"):
        refused = ask("fork", "copy", "no", "--at", wrong)
        assert (refused.code, Path("no").exists()) == (2, False), wrong


@IN_A_FILE
def test_nothing_that_was_changed_is_forked(signed: Signed, ask: Ask) -> None:
    def other(at: int, state: bytes) -> bytes:
        return state.replace(b'"name":"', b'"name":"New ') if at == 25 else state

    add(signed, "one")
    edit(signed.record, other)
    assert ask("fork", signed.folder, "ours").code == 4
    rehash(signed.record)
    assert ask("fork", signed.folder, "ours").code == 4
    with unguarded(signed.record) as connection:
        connection.execute("DELETE FROM cosignatures")
        connection.execute("DELETE FROM checkpoints")
    refused = ask("fork", signed.folder, "ours")
    assert (refused.code, "@25" in refused.err) == (4, True)
    assert not Path("ours").exists()


@IN_A_FILE
def test_a_fork_has_a_name_and_a_place_of_its_own(signed: Signed, ask: Ask) -> None:
    same = ask("fork", signed.folder, "ours", "--name", "example.org/ledger")
    assert (same.code, Path("ours").exists()) == (2, False)
    well(ask("fork", signed.folder, "ours"))
    before = Path("ours/record.sqlite3").read_bytes()
    assert ask("fork", signed.folder, "ours").code == 7
    assert ask("fork", signed.folder, signed.folder).code == 7
    assert Path("ours/record.sqlite3").read_bytes() == before
    Path("ours/depositary.toml").unlink()  # as of a run that was killed before its end
    well(ask("fork", signed.folder, "ours"))
    well(ask("--ledger", "ours", "audit"))


@IN_A_FILE
def test_a_fork_goes_into_a_database(
    signed: Signed, ask: Ask, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue("address")
    parent = keyring(signed).ledger_id
    assert told(ask, "fork", signed.folder, address, "--name", ORIGIN)["position"] == 30
    assert opening(address)["data"]["parent"] == parent
    well(ask("--ledger", address, "key", "new", "--no-passphrase"))
    well(ask("--ledger", address, "checkpoint"))
    well(ask("--ledger", address, "audit"))
