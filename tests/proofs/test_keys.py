"""Who can sign for a ledger, and who cannot?"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from domain.ledger import Ledger
from events.store.factory import open_tree
from events.transparency.checkpoint import Checkpoint
from events.transparency.note import Note, parse_note, parse_vkey
from events.transparency.signatures import sign
from events.transparency.tree import integrate
from tests.proofs.kit import LOG, LOG_KEY, Ask, Signed, add, keyring, mode, verify_checkpoint, well


def test_a_key_is_kept_where_only_its_owner_reads_it(signed: Signed) -> None:
    kept = keyring(signed)
    file = kept.file_of(parse_vkey(signed.vkey))
    assert (mode(kept.folder), mode(file)) == (0o700, 0o600)
    assert file.read_bytes().startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert signed.config in file.parents
    inside = b"".join(path.read_bytes() for path in signed.folder.rglob("*") if path.is_file())
    assert file.read_bytes().splitlines()[2] not in inside


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_openssh_reads_the_key(signed: Signed) -> None:
    file = keyring(signed).file_of(parse_vkey(signed.vkey))
    command: list[str | Path] = ["ssh-keygen", "-y", "-P", "", "-f", file]
    read = subprocess.run(command, capture_output=True, text=True, check=False)
    assert read.stdout.startswith("ssh-ed25519 "), read.stderr


def test_the_name_of_the_key_is_the_origin_and_is_an_event(signed: Signed, ask: Ask) -> None:
    key = parse_vkey(signed.vkey)
    assert key.name == "example.org/ledger"
    logged = well(ask("log", "--thing", "ledger/self", "--format", "ndjson")).out.splitlines()
    assert json.loads(logged[1])["event"]["data"]["vkey"] == signed.vkey


def test_there_is_one_signing_key_at_a_time(signed: Signed, ask: Ask) -> None:
    again = ask("key", "new", "--no-passphrase")
    assert again.code == 5
    assert "depositary key rotate" in again.err


@pytest.mark.parametrize("reached", ["file", "folder"])
def test_a_key_that_others_can_read_signs_nothing(reached: str, signed: Signed, ask: Ask) -> None:
    add(signed, "more")
    kept = keyring(signed)
    (kept.file_of(parse_vkey(signed.vkey)) if reached == "file" else kept.folder).chmod(0o755)
    refused = ask("checkpoint")
    assert refused.code == 7
    assert "chmod" in refused.err


def test_a_passphrase_is_asked_for_at_a_terminal_only(signed: Signed, ask: Ask) -> None:
    refused = ask("key", "rotate")
    assert refused.code == 7
    assert "terminal" in refused.err


def test_a_key_with_a_passphrase_signs_when_it_is_given(
    signed: Signed, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in ("key", "checkpoint"):
        monkeypatch.setattr(f"cli.commands.prove.{command}.ask", lambda _: b"a secret")
    rotated = json.loads(well(ask("key", "rotate", "--json")).out)
    written = Path(rotated["file"]).read_text()
    well(ask("checkpoint"))
    monkeypatch.setattr("cli.commands.prove.checkpoint.ask", lambda _: b"another")
    add(signed, "more")
    wrong = ask("checkpoint")
    assert (wrong.code, wrong.err.splitlines()[0]) == (7, "error: the passphrase is wrong")
    assert written.splitlines()[1] not in wrong.err
    assert "OPENSSH" in written


def test_without_a_key_nothing_is_signed(tmp_path: Path, ask: Ask, signed: Signed) -> None:
    well(ask("init", "other"))
    refused = ask("--ledger", "other", "checkpoint")
    assert refused.code == 7
    assert "depositary key new" in refused.err


def test_a_rotated_key_is_covered_by_both_signatures(signed: Signed, ask: Ask) -> None:
    new = json.loads(well(ask("key", "rotate", "--no-passphrase", "--json")).out)["vkey"]
    note = parse_note(well(ask("checkpoint")).out.encode())
    for vkey in (signed.vkey, new):
        assert verify_checkpoint(note.encode(), [parse_vkey(vkey)])[0].size == 31
    assert len(note.signatures) == 2
    add(signed, "more")
    later = parse_note(well(ask("checkpoint")).out.encode())
    assert [each.key_id for each in later.signatures] == [parse_vkey(new).id]
    well(ask("audit"))


def test_a_rotation_without_the_old_key_is_not_signed(signed: Signed, ask: Ask) -> None:
    well(ask("key", "rotate", "--no-passphrase"))
    keyring(signed).file_of(parse_vkey(signed.vkey)).unlink()
    refused = ask("checkpoint")
    assert (refused.code, "not on this machine" in refused.err) == (7, True)


def test_an_offline_recovery_key_revokes(signed: Signed, ask: Ask, tmp_path: Path) -> None:
    recovery = json.loads(well(ask("key", "new", "--recovery", "--no-passphrase", "--json")).out)
    stick = tmp_path / "stick"
    stick.mkdir(0o700)
    away = Path(shutil.move(recovery["file"], stick))
    well(ask("checkpoint"))
    well(ask("key", "revoke", signed.vkey, "--last-good-size", "31"))
    assert ask("checkpoint").code == 7  # no key is in force
    new = json.loads(well(ask("key", "new", "--no-passphrase", "--json")).out)["vkey"]
    needed = ask("checkpoint")
    assert (needed.code, "recovery" in needed.err) == (7, True)
    note = parse_note(well(ask("checkpoint", "--recovery-key", away)).out.encode())
    assert {each.key_id for each in note.signatures} == {
        parse_vkey(new).id,
        parse_vkey(recovery["vkey"]).id,
    }
    well(ask("audit"))


def test_without_a_recovery_key_nothing_is_revoked(signed: Signed, ask: Ask) -> None:
    assert ask("key", "revoke", signed.vkey, "--last-good-size", "1").code == 7
    assert ask("key", "revoke", str(LOG_KEY), "--last-good-size", "1").code == 7
    assert ask("key", "revoke", "rubbish", "--last-good-size", "1").code == 2


def test_words_that_are_no_key_end_no_signing(signed: Signed, ask: Ask) -> None:
    with Ledger(signed.record) as ledger:
        rubbish = "example.org/ledger+00000000+AAAA"
        ledger.record_own("ledger.key-named", vkey=rubbish, role="signing")
        ledger.record_own("ledger.key-rotated", old=signed.vkey, new=rubbish)
        ledger.record_own("ledger.key-rotated", old=str(LOG_KEY), new=str(LOG_KEY))
    note = parse_note(well(ask("checkpoint")).out.encode())
    assert [each.key_id for each in note.signatures] == [parse_vkey(signed.vkey).id]
    well(ask("audit"))


def test_whoever_names_another_key_cannot_sign_with_it_alone(signed: Signed, ask: Ask) -> None:
    with Ledger(signed.record) as ledger:
        ledger.record_own("ledger.key-rotated", old=signed.vkey, new=str(LOG_KEY))
    with open_tree(signed.record, write=True) as tree:
        size, root = integrate(tree)
        text = str(Checkpoint(LOG_KEY.name, size, root))
        note = Note(text, (sign(text, LOG_KEY.name, LOG, LOG_KEY.public),))
        tree.add_checkpoint(size, note.encode())
    found = ask("audit", "--quick")
    assert (found.code, "has not signed it" in found.out) == (4, True)


def test_a_copy_signed_by_a_revoked_key_is_called_so(signed: Signed, ask: Ask) -> None:
    well(ask("key", "new", "--recovery", "--no-passphrase"))
    Path("pinned").write_text(well(ask("checkpoint")).out)
    well(ask("key", "revoke", signed.vkey, "--last-good-size", "20"))
    held = well(ask("audit", "--quick", "--against", "pinned")).out
    assert "revoked for trees of that size" in held
