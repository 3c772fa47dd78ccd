"""Is what was published or restored what was signed?"""

import shutil
from pathlib import Path

from domain.ledger import Ledger
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.note import parse_note
from tests.proofs.kit import IN_A_FILE, Ask, Signed, add, establish, keyring, mode, settle, well


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_publishing_again_adds_and_never_overwrites(
    signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    well(ask("publish", "log"))
    before = files(tmp_path / "log")
    assert set(before) == {"checkpoint", "tile/0/000.p/30", "tile/entries/000.p/30"}
    assert mode(tmp_path / "log/checkpoint") == 0o644
    assert "0 files written" in well(ask("publish", "log")).out
    add(signed, *(f"more-{n}" for n in range(300)))
    well(ask("checkpoint"))
    well(ask("publish", "log"))
    after = files(tmp_path / "log")
    assert {name: after[name] for name in before if name != "checkpoint"} == {
        name: data for name, data in before.items() if name != "checkpoint"
    }
    assert parse_checkpoint(after["checkpoint"])[0].size == 330
    assert "tile/0/000" in after


def test_what_was_published_otherwise_is_not_overwritten(
    signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "log/tile/0/000.p").mkdir(parents=True)
    (tmp_path / "log/tile/0/000.p/30").write_bytes(b"other bytes")
    refused = ask("publish", "log")
    assert (refused.code, "published with other bytes" in refused.err) == (4, True)
    assert files(tmp_path / "log") == {"tile/0/000.p/30": b"other bytes"}


def test_another_ledgers_folder_is_not_published_into(
    signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    well(ask("publish", "log"))
    well(ask("init", "other"))
    for command in (("key", "new", "--no-passphrase"), ("checkpoint",)):
        well(ask("--ledger", "other", *command))
    before = files(tmp_path / "log")
    assert ask("--ledger", "other", "publish", "log").code == 4
    assert files(tmp_path / "log") == before


@IN_A_FILE
def test_an_older_backup_is_told_and_its_fork_is_not_signed(
    signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    add(signed, "before")
    well(ask("backup", "old.sqlite3"))
    add(signed, "after")
    well(ask("checkpoint"))
    told = well(ask("restore", "old.sqlite3", "again"))
    assert "older state" in told.out
    refused = ask("--ledger", "again", "checkpoint")
    assert refused.code == 8
    assert "the log is BEHIND what was signed" in refused.err
    who = ("--asserted-by", "recorder", "--basis", "recorder")
    add_state = ("record", "party.established", "party/x", "--name", "X", "--type", "state", *who)
    warned = ask("--ledger", "again", *add_state)
    assert warned.code == 0
    assert "make a fork of the ledger" in warned.err
    with Ledger(tmp_path / "again" / "record.sqlite3") as ledger:
        establish(ledger, ["something-else"])
    forked = ask("--ledger", "again", "checkpoint")
    assert forked.code == 8
    assert "the log is FORKED from what was signed" in forked.err
    assert "nothing is signed" in forked.err
    assert keyring(signed).last_signed() == parse_note(ask("checkpoint").out.encode()).encode()
    assert "fork" not in well(ask(*add_state)).err


@IN_A_FILE
def test_a_backup_as_far_as_what_was_signed_goes_on(
    signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    well(ask("backup", "new.sqlite3"))
    shutil.rmtree(signed.folder)
    assert "begins with the 30 entries" in well(ask("restore", "new.sqlite3", "again")).out
    assert mode(tmp_path / "again") == 0o700
    with Ledger(tmp_path / "again" / "record.sqlite3") as ledger:
        establish(ledger, ["more"])
    well(ask("--ledger", "again", "checkpoint"))
    well(ask("--ledger", "again", "audit"))


@IN_A_FILE
def test_a_backup_of_a_fork_is_refused(signed: Signed, ask: Ask, tmp_path: Path) -> None:
    well(ask("backup", "old.sqlite3"))
    well(ask("restore", "old.sqlite3", "fork"))
    for folder, name in ((signed.folder, "one"), (tmp_path / "fork", "another")):
        with Ledger(folder / "record.sqlite3") as ledger:
            establish(ledger, [name])
    well(ask("checkpoint"))
    settle(tmp_path / "fork" / "record.sqlite3")
    refused = ask("restore", "fork/record.sqlite3", "again")
    assert (refused.code, "the backup is FORKED" in refused.err) == (8, True)
    assert not (tmp_path / "again" / "depositary.toml").exists()
    assert ask("restore", "old.sqlite3", signed.folder).code == 7
