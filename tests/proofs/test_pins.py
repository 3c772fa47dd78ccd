"""Is what is proved proved against a key that the reader brought?"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from domain.ledger import Ledger
from events.errors import NotUnderstoodError
from events.store.user_config import ConfigFileError
from events.transparency.note import VerifierKey, parse_vkey
from events.transparency.pins import FIRST_USE, MADE_HERE, pin_key, pins
from tests.proofs.forging import FORGER, edit, forge, key_named, rehash, sign_anew
from tests.proofs.kit import LOG_KEY, WITNESS_KEY, Ask, Signed, add, keyring, settle, well

ORIGIN = "example.org/ledger"
EDIT = (b"State-4", b"State-5")
NOT_PINNED = "key not pinned: this shows only that the log agrees with itself"


@pytest.fixture
def signed(signed_in_file: Signed) -> Signed:
    """Give the ledger whose record is a file."""
    return signed_in_file


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed: Signed) -> Path:
    """Be another user, on a machine where this ledger was never seen; return their settings."""
    (signed.folder / "answers.sqlite3").unlink()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "reader"))
    return tmp_path / "reader/depositary"


def forged(signed: Signed) -> None:
    forge(signed.record, signed.vkey, ORIGIN, edits=EDIT)
    (signed.folder / "answers.sqlite3").unlink(missing_ok=True)


def first_line(told: str) -> str:
    return told.partition("\n")[0]


def key_line(told: str) -> str:
    return next(line for line in told.splitlines() if line.split()[1:2] == ["key"])


@pytest.mark.usefixtures("reader")
def test_an_audit_without_a_key_says_so_first_and_pins_the_key_it_finds(
    signed: Signed, ask: Ask
) -> None:
    first = well(ask("audit")).out
    key = parse_vkey(signed.vkey)
    assert first_line(first) == NOT_PINNED
    assert (signed.vkey in first, key.fingerprint in first) == (True, True)
    [pinned] = pins().values()
    assert (pinned.key, pinned.how, pinned.ledger_id) == (key, FIRST_USE, keyring(signed).ledger_id)
    again = well(ask("audit")).out
    assert first_line(again).startswith("key pinned: ")
    assert list(pins().values()) == [pinned]


@pytest.mark.usefixtures("reader")
def test_a_forged_record_that_names_its_own_key_agrees_with_itself_and_no_more(
    signed: Signed, ask: Ask
) -> None:
    vkey = signed.vkey
    forged(signed)
    alone = well(ask("audit"))
    assert first_line(alone.out) == NOT_PINNED
    assert str(key_named(ORIGIN)) in alone.out
    for options in (("--vkey", vkey), ("--vkey", vkey, "--quick")):
        found = ask("audit", *options)
        assert found.code == 4
        assert first_line(found.out) == "key pinned, and another key signed the log"
        assert (vkey in key_line(found.out), str(key_named(ORIGIN)) in found.out) == (True, True)


@pytest.mark.usefixtures("reader")
def test_a_key_pinned_once_is_binding_afterwards(signed: Signed, ask: Ask) -> None:
    vkey = signed.vkey
    well(ask("audit"))
    before = pins()
    forged(signed)
    found = json.loads(ask("audit", "--json").out)
    assert (found["exit"], found["pinned"]) == (4, True)
    [key] = [check for check in found["checks"] if check["name"] == "key"]
    assert (key["outcome"], vkey in key["sentence"]) == ("tampered", True)
    assert pins() == before
    # The forger's key, given, does not outweigh the pin: it has to be deleted first.
    assert ask("audit", "--vkey", key_named(ORIGIN)).code == 4
    well(ask("pin", "delete", keyring(signed).ledger_id))
    well(ask("audit", "--vkey", key_named(ORIGIN)))


@pytest.mark.usefixtures("reader")
def test_a_key_is_given_as_text_or_in_a_file_and_one_of_several_suffices(
    signed: Signed, ask: Ask
) -> None:
    Path("keys").write_text(f"# the keeper's\n\n{signed.vkey}\n")
    Path("none").write_text("# nothing\n")
    other = VerifierKey(ORIGIN, 1, LOG_KEY.public)
    for options in (("keys",), (signed.vkey,), (other, "keys")):
        told = json.loads(
            well(ask("audit", "--json", *(word for o in options for word in ("--vkey", o)))).out
        )
        assert (told["pinned"], told["vkey"]) == (True, signed.vkey)
    assert ask("audit", "--vkey", other).code == 4
    for wrong in ("none", "missing", "rubbish+x", WITNESS_KEY):
        assert ask("audit", "--vkey", wrong).code == 2


@pytest.mark.usefixtures("reader")
def test_a_key_of_another_name_is_not_this_ledgers(signed: Signed, ask: Ask) -> None:
    named_otherwise = VerifierKey("example.org/other", 1, parse_vkey(signed.vkey).public)
    assert ask("audit", "--vkey", named_otherwise).code == 4


@pytest.mark.usefixtures("reader")
def test_the_logs_of_a_policy_are_binding(signed: Signed, ask: Ask) -> None:
    Path("mine").write_text(f"log {signed.vkey}\nquorum none\n")
    Path("other").write_text(f"log {VerifierKey(ORIGIN, 1, LOG_KEY.public)}\nquorum none\n")
    Path("nobody").write_text("quorum none\n")
    assert first_line(well(ask("audit", "--policy", "nobody")).out) == NOT_PINNED
    assert first_line(well(ask("audit", "--policy", "mine")).out).startswith("key pinned: ")
    found = ask("audit", "--policy", "other")
    assert (found.code, "of other" in key_line(found.out)) == (4, True)
    assert ask("audit", "--policy", "other", "--vkey", signed.vkey).code == 4


@pytest.mark.usefixtures("reader")
def test_the_policy_in_the_ledgers_own_folder_is_no_key_from_outside(
    signed: Signed, ask: Ask
) -> None:
    (signed.folder / "trust.policy").write_text(f"log {signed.vkey}\nquorum none\n")
    assert first_line(well(ask("audit")).out) == NOT_PINNED


@pytest.mark.usefixtures("reader")
def test_nothing_is_pinned_by_an_audit_that_finds_something(signed: Signed, ask: Ask) -> None:
    edit(signed.record, lambda at, state: state.replace(*EDIT) if at == 7 else state)
    assert ask("audit").code == 4
    assert pins() == {}
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN)  # but the record does not name that key
    assert ask("audit").code == 4
    assert pins() == {}


def test_a_rotation_that_the_pinned_key_signed_moves_the_pin(
    signed: Signed, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = signed.vkey
    reader = str(tmp_path / "reader")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_CONFIG_HOME", reader)
        well(ask("audit"))
    for name in ("one", "two"):
        well(ask("key", "rotate", "--no-passphrase"))
        add(signed, name)
    new = json.loads(well(ask("key", "rotate", "--no-passphrase", "--json")).out)["vkey"]
    well(ask("checkpoint"))
    add(signed, "three")
    well(ask("checkpoint"))
    settle(signed.record)
    monkeypatch.setenv("XDG_CONFIG_HOME", reader)
    moved = well(ask("audit")).out
    assert "by a rotation that the pinned key signed" in moved
    assert [str(pin.key) for pin in pins().values()] == [new]
    assert first_line(well(ask("audit")).out).startswith("key pinned: ")
    well(ask("audit", "--vkey", old))  # the way leads from it to the new one


@pytest.mark.usefixtures("reader")
def test_a_rotation_that_the_pinned_key_did_not_sign_moves_nothing(
    signed: Signed, ask: Ask
) -> None:
    well(ask("audit"))
    before = pins()
    with Ledger(signed.record) as ledger:
        rotated = {"old": signed.vkey, "new": str(key_named(ORIGIN))}
        ledger.record_own("ledger.key-rotated", **rotated)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN, sizes=[31])
    found = json.loads(ask("audit", "--json").out)
    outcomes = {check["name"]: check["outcome"] for check in found["checks"]}
    assert (found["exit"], outcomes["key"]) == (4, "tampered")
    assert pins() == before


def test_a_revocation_is_put_to_the_reader(
    signed: Signed, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = signed.vkey
    reader = str(tmp_path / "reader")
    made = json.loads(well(ask("key", "new", "--recovery", "--no-passphrase", "--json")).out)
    well(ask("checkpoint"))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_CONFIG_HOME", reader)
        well(ask("audit"))
    well(ask("key", "revoke", old, "--last-good-size", 31))
    new = json.loads(well(ask("key", "new", "--no-passphrase", "--json")).out)["vkey"]
    well(ask("checkpoint", "--recovery-key", made["file"]))
    add(signed, "later")
    well(ask("checkpoint"))
    assert first_line(well(ask("audit")).out).startswith("key pinned: ")  # it was made here
    settle(signed.record)
    monkeypatch.setenv("XDG_CONFIG_HOME", reader)
    asked = ask("audit")
    assert (asked.code, f"depositary audit --vkey '{new}'" in asked.out) == (7, True)
    assert [str(pin.key) for pin in pins().values()] == [old]
    told = well(ask("audit", "--vkey", new)).out
    assert "after a revocation" in told
    assert [str(pin.key) for pin in pins().values()] == [new]
    assert first_line(well(ask("audit")).out).startswith("key pinned: ")


@pytest.mark.usefixtures("reader")
def test_a_revocation_by_a_recovery_key_that_the_pinned_key_never_signed_for_is_a_forgery(
    signed: Signed, ask: Ask
) -> None:
    # Whoever forges a record can name a recovery key too, and revoke the real one with it.
    well(ask("audit"))
    forged(signed)
    found = ask("audit")
    assert (found.code, "was revoked" in found.out) == (4, False)


def test_the_key_that_is_made_on_a_machine_is_pinned_there(signed: Signed, ask: Ask) -> None:
    assert [(pin.how, str(pin.key)) for pin in pins().values()] == [(MADE_HERE, signed.vkey)]
    assert first_line(well(ask("audit")).out).startswith("key pinned: ")
    forged(signed)
    for kept in signed.config.rglob("*ed.*"):
        kept.unlink()  # without what was signed the pin alone finds it
    assert ask("audit").code == 4


@pytest.mark.usefixtures("reader")
def test_nothing_signed_is_nothing_to_hold_to_a_key(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(tmp_path / "new"))
    well(ask("init", tmp_path / "new", "--name", ORIGIN))
    assert first_line(well(ask("audit")).out) == NOT_PINNED
    assert pins() == {}
    assert ask("audit", "--vkey", key_named(ORIGIN)).code == 7
    made = json.loads(well(ask("key", "new", "--no-passphrase", "--json")).out)["vkey"]
    assert first_line(well(ask("audit")).out).startswith("key pinned, and it has signed nothing")
    undecided = ask("audit", "--vkey", made)
    assert (undecided.code, "is undecided" in first_line(undecided.out)) == (7, True)
    well(ask("checkpoint"))
    well(ask("audit", "--vkey", made))


@pytest.mark.usefixtures("reader")
def test_another_ledger_of_the_same_name_is_noticed(signed: Signed, ask: Ask) -> None:
    other = "0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11"
    pin_key(other, key_named(ORIGIN), FIRST_USE)
    found = ask("audit")
    assert (found.code, other in key_line(found.out)) == (1, True)
    assert set(pins()) == {other}
    well(ask("audit", "--vkey", signed.vkey))
    assert len(pins()) == 2
    well(ask("audit"))


@pytest.mark.usefixtures("reader")
def test_pins_are_listed_shown_and_deleted(signed: Signed, ask: Ask) -> None:
    assert "no key is pinned" in well(ask("pin", "list")).out
    assert json.loads(well(ask("pin", "list", "--json")).out) == []
    well(ask("audit"))
    ledger_id, key = keyring(signed).ledger_id, parse_vkey(signed.vkey)
    assert well(ask("pin", "list")).out == f"{ledger_id}  {ORIGIN}  {key.fingerprint}\n"
    shown = json.loads(well(ask("pin", "show", ledger_id, "--json")).out)
    assert (shown["vkey"], shown["how"], shown["ledger"]) == (signed.vkey, FIRST_USE, ledger_id)
    assert key.fingerprint in well(ask("pin", "show", ledger_id)).out
    well(ask("pin", "delete", ledger_id))
    for verb in ("show", "delete"):
        assert ask("pin", verb, ledger_id).code == 3
    assert first_line(well(ask("audit")).out) == NOT_PINNED


@pytest.mark.parametrize(
    "text",
    [
        "rubbish",
        '["no-id"]\nvkey = "x"\n',
        '["0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11"]\nvkey = "x"\nsince = ""\nhow = "on first use"\n',
        '["0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11"]\nvkey = 7\n',
        'one = "0d2f4a3c"\n',
    ],
)
def test_pins_that_are_not_understood_stop_the_audit(
    text: str, reader: Path, signed: Signed, ask: Ask
) -> None:
    well(ask("audit"))
    (reader / "pins.toml").write_text(text)
    with pytest.raises(NotUnderstoodError):
        pins()
    refused = ask("audit")
    assert (refused.code, "pins.toml" in refused.err) == (2, True)
    (reader / "pins.toml").chmod(0o622)
    with pytest.raises(ConfigFileError):
        pins()
    assert ask("audit").code == 7


def test_an_audit_holds_also_where_nothing_can_be_pinned(
    reader: Path, signed: Signed, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.parent.mkdir()
    reader.write_text("a file stands where the folder would be")
    told = well(ask("audit")).out
    assert (first_line(told), "it cannot be pinned" in told) == (NOT_PINNED, True)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_the_fingerprint_is_the_one_that_openssh_shows(signed: Signed) -> None:
    key = parse_vkey(signed.vkey)
    command: list[str | Path] = ["ssh-keygen", "-l", "-f", keyring(signed).file_of(key)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.split()[1] == key.fingerprint


def test_a_pin_survives_a_name_with_quotes_and_marks(
    signed: Signed, reader: Path, ask: Ask
) -> None:
    ledger_id = keyring(signed).ledger_id
    for name in ('a"b', "ä\u200dö", "a\\b", "]\x7f", "\U0001f511"):
        key = key_named(name, FORGER)
        pin_key(ledger_id, key, FIRST_USE)
        assert pins()[ledger_id].key == key
    assert ask("audit").code == 4
