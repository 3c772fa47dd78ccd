"""Is a copy that went on a fork, an older one behind, and whatever was changed still tampered?

A copy goes on by the program itself; an attacker edits, moves, removes and re-signs, hashes anew
and takes the checkpoints away that tell, and never comes to a fork.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ledger import Ledger
from events.transparency.keyring import no_passphrase
from events.transparency.note import parse_vkey
from events.transparency.pins import pins
from events.transparency.signatures import load_key
from tests.proofs.forging import edit, rehash, sign_anew, unguarded
from tests.proofs.kit import Ask, Signed, add, establish, keyring, settle, well

ORIGIN = "example.org/ledger"


@pytest.fixture
def signed(signed_in_file: Signed) -> Signed:
    """Give the ledger whose record is a file."""
    return signed_in_file


@pytest.fixture
def elsewhere(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return how to be a reader on a machine where nothing of this ledger is known."""
    del signed
    return lambda: monkeypatch.setenv("XDG_CONFIG_HOME", str(Path("reader").absolute()))


def copied(signed: Signed, to: str = "copy") -> Signed:
    settle(signed.record)
    shutil.copytree(signed.folder, to)
    return signed._replace(folder=Path(to).absolute())


def audited(ask: Ask, ledger: Signed, *options: Any) -> dict[str, Any]:
    ran = ask("--ledger", ledger.folder, "audit", "--json", *options)
    told: dict[str, Any] = json.loads(ran.out)
    assert told["exit"] == ran.code
    return told


def verdict(told: dict[str, Any]) -> tuple[int, int | None]:
    return told["exit"], told["parted_at"]


def keep(ask: Ask, name: str) -> None:
    Path(name).write_text(well(ask("checkpoint")).out)


def test_a_copy_that_went_on_is_forked_from_where_it_parted(signed: Signed, ask: Ask) -> None:
    add(signed, "before", "both")
    copy = copied(signed)
    add(signed, "one", "two")
    add(copy, "another")
    keep(ask, "new")
    assert verdict(audited(ask, copy)) == (8, 32)  # it is shorter as well
    add(copy, "more", "and", "more-still")
    for options in ((), ("--against", "new"), ("--quick",)):
        told = audited(ask, copy, *options)
        assert verdict(told) == (8, 32)
        assert told["first_differing"] is told["somewhere_in"] is None
    page = ask("--ledger", copy.folder, "audit").out
    assert "FORKED" in page
    assert "next: go on with the record that was signed last" in page
    refused = ask("--ledger", copy.folder, "checkpoint")
    assert (refused.code, "the log is FORKED" in refused.err) == (8, True)
    assert "depositary fork FROM TO" in refused.err
    assert audited(ask, signed)["exit"] == 0


def test_a_copy_without_a_key_is_forked_also_for_others_with_published_entries(
    signed: Signed, ask: Ask, elsewhere: Callable[[], None]
) -> None:
    copy = copied(signed)
    add(signed, "one", "two")
    keep(ask, "new")
    well(ask("publish", "mirror"))
    elsewhere()
    add(copy, "another", "and-more", "and-one-more")
    assert verdict(audited(ask, copy, "--against", "mirror")) == (8, 30)
    assert verdict(audited(ask, copy, "--against", "new", "--against", "mirror")) == (8, 30)
    # A checkpoint alone does not tell a fork from a change, and so it is a change until shown.
    told = audited(ask, copy, "--against", "new")
    assert (told["exit"], told["somewhere_in"]) == (4, [1, 32])
    assert pins() == {}


def test_a_fork_that_was_signed_with_the_key_elsewhere_is_one(
    signed: Signed, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(signed.config, "config-2")
    copy = copied(signed)
    add(signed, "one")
    keep(ask, "new")
    with monkeypatch.context() as there:
        there.setenv("XDG_CONFIG_HOME", str(Path("config-2").absolute()))
        add(copy, "another", "and-more")
        well(ask("--ledger", copy.folder, "checkpoint"))
        well(ask("--ledger", copy.folder, "publish", "web"))
        assert audited(ask, copy)["exit"] == 0
        assert audited(ask, copy, "--against", "new")["exit"] == 4
    assert verdict(audited(ask, copy)) == (8, 30)
    well(ask("publish", "mirror"))
    assert ask("--ledger", copy.folder, "publish", "mirror").code == 8
    found = ask("verify", "--published", "web", "--vkey", signed.vkey, "--since", "new")
    assert (found.code, "FORKED: web: growth: up to @30" in found.out) == (8, True)


def test_an_older_copy_is_behind_as_far_as_it_was_signed(
    signed: Signed, ask: Ask, elsewhere: Callable[[], None]
) -> None:
    copy = copied(signed)
    add(copy, "in-both")
    later = copied(copy, "later")
    add(later, "more")
    shutil.rmtree(signed.folder)
    shutil.copytree(later.folder, signed.folder)
    keep(ask, "new")
    well(ask("publish", "mirror"))
    for ledger, position in ((copied(copy, "again"), 31), (later, None)):
        told = audited(ask, ledger)
        assert verdict(told) == ((8, position) if position else (1, None))
    refused = ask("--ledger", copy.folder, "checkpoint")
    assert (refused.code, "BEHIND" in refused.err) == (8, True)
    assert ask("--ledger", copy.folder, "publish", "mirror").code == 8
    elsewhere()
    assert verdict(audited(ask, copy, "--against", "mirror")) == (8, 31)
    # Of @31, which no checkpoint of its own covers, a checkpoint alone does not tell.
    assert audited(ask, copy, "--against", "new")["exit"] == 7
    with unguarded(copy.record) as connection:
        connection.execute("DELETE FROM stored_events WHERE position > 30")
        connection.execute("DELETE FROM tree_nodes")
    assert verdict(audited(ask, copy, "--against", "new")) == (8, 30)


def test_published_files_that_are_older_are_behind(signed: Signed, ask: Ask) -> None:
    well(ask("publish", "old"))
    add(signed, "one")
    keep(ask, "new")
    found = ask("verify", "--published", "old", "--vkey", signed.vkey, "--since", "new")
    assert (found.code, "BEHIND: old: growth: " in found.out) == (8, True)


def test_a_reader_whose_pin_a_rotation_moved_finds_an_older_state_behind(
    signed: Signed, ask: Ask, elsewhere: Callable[[], None]
) -> None:
    old = copied(signed)
    well(ask("key", "rotate", "--no-passphrase"))
    well(ask("checkpoint"))
    forged = copied(signed, "forged")
    private = load_key(
        keyring(signed).file_of(parse_vkey(signed.vkey)), parse_vkey(signed.vkey), no_passphrase
    )
    settle(signed.record)
    elsewhere()
    assert audited(ask, old)["exit"] == 0
    assert audited(ask, signed)["exit"] == 0
    [pin] = pins().values()
    assert [(str(key), size) for key, size in pin.former] == [(signed.vkey, 31)]
    told = audited(ask, old)
    assert (told["exit"], told["checks"][0]["outcome"]) == (8, "behind")
    # The old key counts for the states before it was replaced, and for no others.
    edit(forged.record, lambda at, state: state.replace(b"key-rotated", b"key-rotatee"))
    rehash(forged.record)
    sign_anew(forged.record, ORIGIN, private)
    assert audited(ask, forged)["exit"] == 4


def renamed(at: int) -> Callable[[Signed], None]:
    def change(ledger: Signed) -> None:
        def other(position: int, state: bytes) -> bytes:
            return state.replace(b'"name":"', b'"name":"New ') if position == at else state

        edit(ledger.record, other)

    return change


def retimed(ledger: Signed) -> None:
    with unguarded(ledger.record) as connection:
        (state,) = connection.execute(
            "SELECT state FROM stored_events WHERE position = 25"
        ).fetchone()
        at = state.rindex(b'Z","type"')
        digit = b"%d" % ((state[at - 1] - 47) % 10)
        changed = state[: at - 1] + digit + state[at:]
        changed = changed.replace(b'"name":"', b'"name":"New ')
        connection.execute("UPDATE stored_events SET state = ? WHERE position = 25", (changed,))


def removed(ledger: Signed) -> None:
    with unguarded(ledger.record) as connection:
        connection.execute("DELETE FROM stored_events WHERE position = 25")
        connection.execute("UPDATE stored_events SET position = -position WHERE position > 25")
        connection.execute("UPDATE stored_events SET position = -position - 1 WHERE position < 0")


def swapped(ledger: Signed) -> None:
    with unguarded(ledger.record) as connection:
        for one, other in ((24, -1), (29, 24), (-1, 29)):
            connection.execute(
                "UPDATE stored_events SET position = ? WHERE position = ?", (other, one)
            )


def cut_short(change: Callable[[Signed], None]) -> Callable[[Signed], None]:
    def changed(ledger: Signed) -> None:
        change(ledger)
        with unguarded(ledger.record) as connection:
            connection.execute("DELETE FROM stored_events WHERE position > 28")

    return changed


def carried_on(change: Callable[[Signed], None]) -> Callable[[Signed], None]:
    def changed(ledger: Signed) -> None:
        change(ledger)
        with Ledger(ledger.record) as opened:
            establish(opened, [f"later-{n}" for n in range(6)])

    return changed


ATTACKS = {
    **{f"an edit of @{at}": renamed(at) for at in (3, 20, 21, 25, 30)},
    "an edit with its time": retimed,
    "an event taken out of a shorter record": removed,
    "two events swapped": swapped,
    "an edit and a shorter record": cut_short(renamed(25)),
    "an event taken out of a still shorter record": cut_short(removed),
    "an early edit and a shorter record": cut_short(renamed(7)),
    "an edit and more events": carried_on(renamed(25)),
    "an edit of the last and more events": carried_on(renamed(30)),
    "an event taken out and more events": carried_on(removed),
}


def without_checkpoints(ledger: Signed, after: int) -> None:
    with unguarded(ledger.record) as connection:
        for table in ("cosignatures", "checkpoints"):
            connection.execute(f"DELETE FROM {table} WHERE size > ?", (after,))
    (ledger.folder / "answers.sqlite3").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("attack", "after"),
    [(name, 20) for name in ATTACKS]
    + [pytest.param(name, 0, marks=pytest.mark.long) for name in ATTACKS],
)
def test_no_change_of_what_was_signed_becomes_a_fork(
    attack: str, after: int, signed: Signed, ask: Ask, elsewhere: Callable[[], None]
) -> None:
    keep(ask, "kept")
    well(ask("publish", "mirror"))
    ATTACKS[attack](signed)
    without_checkpoints(signed, after)
    rehash(signed.record)
    assert audited(ask, signed, "--quick")["exit"] == 4
    assert ask("checkpoint").code == 4
    elsewhere()
    assert audited(ask, signed, "--quick", "--against", "mirror")["exit"] == 4
    # Cut short and without a checkpoint that tells, it cannot be told from an older copy.
    code = audited(ask, signed, "--quick", "--against", "kept")["exit"]
    assert code in ((4, 7) if "shorter" in attack else (4,))


@pytest.mark.parametrize(
    "attack", ["an edit of @25", "an event taken out of a shorter record", "an edit of @30"]
)
def test_no_keeper_makes_a_fork_of_an_edit_by_signing_it(
    attack: str, signed: Signed, ask: Ask, elsewhere: Callable[[], None]
) -> None:
    keep(ask, "kept")
    well(ask("publish", "mirror"))
    ATTACKS[attack](signed)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN, real_key(signed), sizes=[20, 29])
    (signed.folder / "answers.sqlite3").unlink()
    assert audited(ask, signed, "--quick")["exit"] == 4
    elsewhere()
    for copies in (("kept",), ("mirror",), ("kept", "mirror")):
        against = [word for copy in copies for word in ("--against", copy)]
        code = audited(ask, signed, "--quick", *against)["exit"]
        # That a keeper went back to 29 entries of its own is behind, unless entries are compared.
        assert code == (8 if copies == ("kept",) and "shorter" in attack else 4)


def real_key(signed: Signed) -> Ed25519PrivateKey:
    key = parse_vkey(signed.vkey)
    return load_key(keyring(signed).file_of(key), key, no_passphrase)


@pytest.mark.parametrize("damage", ["lost", "cut", "garbage", "of others", "a longer one"])
def test_notes_that_do_not_fit_tell_nothing_and_are_made_anew(
    damage: str, signed: Signed, ask: Ask
) -> None:
    path = keyring(signed).folder / "signed.entries"
    whole = path.read_bytes()
    assert len(whole) == 30 * 40
    bad = {
        "lost": b"",
        "cut": whole[:-13],
        "garbage": b"x" * 1_200,
        "of others": whole[::-1],
        "a longer one": whole + whole[:80],
    }[damage]
    copy = copied(signed)
    add(copy, "another", "more")
    add(signed, "one")
    path.write_bytes(bad)
    well(ask("checkpoint"))
    assert path.read_bytes()[: len(whole)] == whole
    assert len(path.read_bytes()) == 31 * 40
    assert verdict(audited(ask, copy)) == (8, 30)
    path.write_bytes(bad[:1_239])
    assert audited(ask, copy)["exit"] == 4
    assert ask("--ledger", copy.folder, "checkpoint").code == 4
    assert audited(ask, signed)["exit"] == 0


def test_appending_to_a_fork_warns(signed: Signed, ask: Ask) -> None:
    copy = copied(signed)
    add(signed, "one")
    well(ask("checkpoint"))
    who = ("--asserted-by", "recorder", "--basis", "recorder")
    said = ("record", "party.established", "party/x", "--name", "X", "--type", "state", *who)
    assert "make a fork of the ledger" in well(ask("--ledger", copy.folder, *said)).err
    again = ("record", "party.established", "party/y", "--name", "Y", "--type", "state", *who)
    assert "@31 is not the event that was signed" in well(ask("--ledger", copy.folder, *again)).err
    assert "careful" not in well(ask(*again)).err


def test_what_cannot_be_noted_names_its_file(signed: Signed, ask: Ask) -> None:
    add(signed, "one")
    path = keyring(signed).folder / "signed.entries"
    path.unlink()
    path.symlink_to("/dev/full")
    refused = ask("checkpoint")
    assert (refused.code, "signed.entries" in refused.err) == (7, True)
    assert "error: cannot read or write" in refused.err
