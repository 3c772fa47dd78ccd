"""Is a whole published log checked offline: root, tiles, growth and texts?"""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from events.store.factory import open_tree
from events.transparency.tiles import decode_entries, encode_entries
from tests.proofs.forging import edit, forge, key_named, rehash, sign_anew
from tests.proofs.kit import LOG_KEY, WITNESS_KEY, Ask, Signed, add, settle, well

ORIGIN = "example.org/ledger"
ENTRIES, HASHES = "tile/entries/000.p/30", "tile/0/000.p/30"


@pytest.fixture
def signed(signed_in_file: Signed, ask: Ask) -> Signed:
    """Give the ledger whose record is a file, published, and what was signed before."""
    with open_tree(signed_in_file.record) as tree:
        for size, note in tree.checkpoints():
            Path(f"{size}.checkpoint").write_bytes(note)
    well(ask("publish", "web"))
    return signed_in_file


def told(ask: Ask, vkey: object, *options: Any) -> tuple[int, dict[str, str]]:
    """Return the exit code, and the outcome of each sentence by its first word."""
    ran = ask("verify", "--published", "web", "--vkey", vkey, "--json", *options)
    found: list[dict[str, str]] = json.loads(ran.out)
    return ran.code, {each["sentence"]: each["outcome"] for each in found}


def sentence(found: dict[str, str], beginning: str) -> str:
    return next(each for each in found if each.startswith(beginning))


def republish(signed: Signed, ask: Ask) -> None:
    shutil.rmtree("web")
    well(ask("publish", "web"))


def test_a_published_log_holds_for_whoever_has_the_key_and_no_ledger(
    signed: Signed, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    vkey = signed.vkey
    shutil.rmtree(signed.folder)
    shutil.rmtree(signed.config)
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    code, found = told(ask, vkey, "--since", "20.checkpoint")
    assert (code, set(found.values())) == (0, {"holds"})
    assert set(found) >= {
        "root: the 30 entries are those that were signed",
        "growth: the first 20 entries are those of the older checkpoint",
        "tiles: every tile has the hashes of the entries",
        "texts: every event is as this program writes it, @1 to @30",
    }
    Path("keys").write_text(f"{vkey}\n")
    assert told(ask, "keys")[0] == 0
    assert told(ask, LOG_KEY)[0] == 7
    assert ask("verify", "--published", "web").code == 2
    assert ask("verify").code == 2
    assert ask("verify", "20.checkpoint", "--since", "20.checkpoint", "--vkey", vkey).code == 2
    assert ask("verify", "--published", "none", "--vkey", vkey).code == 7


@pytest.mark.parametrize("count", [226, 227, 700])
def test_logs_of_full_and_partial_tiles_hold(count: int, signed: Signed, ask: Ask) -> None:
    add(signed, *(f"more-{n}" for n in range(count)))
    well(ask("checkpoint"))
    well(ask("publish", "web"))
    for options in ((), ("--since", "30.checkpoint")):
        assert told(ask, signed.vkey, *options)[0] == 0
    # Once the full tile is there, a partial one may go (C2SP tlog-tiles).
    shutil.rmtree("web/tile/entries/000.p")
    shutil.rmtree("web/tile/0/000.p")
    assert told(ask, signed.vkey)[0] == 0


def test_a_copy_taken_while_the_log_grew_holds(signed: Signed, ask: Ask) -> None:
    add(signed, *(f"more-{n}" for n in range(300)))
    before = Path("web/checkpoint").read_bytes()
    well(ask("checkpoint"))
    well(ask("publish", "web"))
    Path("web/checkpoint").write_bytes(before)
    shutil.rmtree("web/tile/entries/000.p")
    shutil.rmtree("web/tile/0/000.p")
    code, found = told(ask, signed.vkey)
    assert (code, set(found.values())) == (0, {"holds"})


def change_entry(position: int, old: bytes, new: bytes) -> None:
    path = Path("web", ENTRIES)
    entries = decode_entries(path.read_bytes())
    assert old in entries[position - 1]
    entries[position - 1] = entries[position - 1].replace(old, new)
    path.write_bytes(encode_entries(entries))


@pytest.mark.parametrize(("position", "place"), [(7, "@1 to @30"), (25, "@21 to @30")])
def test_a_changed_entry_is_located(position: int, place: str, signed: Signed, ask: Ask) -> None:
    change_entry(position, b'"name":"', b'"name":"New ')
    code, found = told(ask, signed.vkey, "--since", "20.checkpoint")
    assert code == 4
    assert f"@{position} is not what was hashed" in sentence(found, "tiles")
    assert place in sentence(found, "root")
    grown = sentence(found, "growth")
    assert found[grown] == ("altered" if position == 7 else "holds")


def test_entries_and_tiles_changed_together_are_found_by_the_root(signed: Signed, ask: Ask) -> None:
    vkey = signed.vkey
    edit(
        signed.record,
        lambda at, state: state.replace(b'"name":"', b'"name":"New ') if at == 25 else state,
    )
    rehash(signed.record)
    signed_before = Path("web/checkpoint").read_bytes()
    sign_anew(signed.record, ORIGIN)
    republish(signed, ask)
    assert told(ask, vkey)[0] == 7  # no key that is believed has signed it
    Path("web/checkpoint").write_bytes(signed_before)
    code, found = told(ask, vkey, "--since", "20.checkpoint")
    assert (code, "somewhere in @21 to @30" in sentence(found, "root")) == (4, True)
    assert found[sentence(found, "tiles")] == "holds"


def test_a_log_that_is_forged_as_a_whole_is_not_signed_by_the_key(signed: Signed, ask: Ask) -> None:
    vkey = signed.vkey
    forge(signed.record, vkey, ORIGIN, edits=(b"State-4", b"State-5"))
    republish(signed, ask)
    assert told(ask, vkey)[0] == 7
    assert told(ask, key_named(ORIGIN))[0] == 0
    keys = ("--vkey", vkey, "--since", "20.checkpoint")
    code, found = told(ask, key_named(ORIGIN), *keys)
    assert (code, found[sentence(found, "growth")]) == (4, "altered")


def test_growth_is_from_a_checkpoint_of_this_log_that_a_known_key_signed(
    signed: Signed, ask: Ask
) -> None:
    note = Path("20.checkpoint").read_bytes()
    Path("unsigned").write_bytes(note.replace(b"\n20\n", b"\n19\n"))
    assert told(ask, signed.vkey, "--since", "unsigned")[0] == 4  # a bad signature of a known key
    Path("rubbish").write_text("rubbish")
    assert told(ask, signed.vkey, "--since", "rubbish")[0] == 7
    add(signed, "later")
    Path("later").write_text(well(ask("checkpoint")).out)
    code, found = told(ask, signed.vkey, "--since", "later")
    assert (code, found[sentence(found, "growth")]) == (8, "behind")


def test_each_text_is_checked(signed: Signed, ask: Ask) -> None:
    edit(
        signed.record,
        lambda at, state: (
            state.replace(b'"basis":"recorder"', b'"basis":"nothing"') if at == 9 else state
        ),
    )
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN)
    republish(signed, ask)
    code, found = told(ask, key_named(ORIGIN))
    assert (code, "@9" in sentence(found, "texts")) == (4, True)
    assert found[sentence(found, "root")] == "holds"


@pytest.mark.parametrize(
    "edits",
    [
        (b'"id":"party/state-4/1"', b'"id":"party/state-4/2"'),
        (b'"subject":"party/state-4"', b'"subject":"party/state-9"'),
        (b"state-4", b"state-3"),  # a second first event of another thing
        (b'"time":"2', b'"time":"1'),
        (b'"source":"urn:uuid:', b'"source":"urn:uuid:x'),
        (b'{"data"', b'"data"'),
    ],
)
def test_an_envelope_that_is_none_of_this_log_is_found(
    edits: tuple[bytes, bytes], signed: Signed, ask: Ask
) -> None:
    edit(signed.record, lambda at, state: state.replace(*edits) if at == 7 else state)
    rehash(signed.record)
    sign_anew(signed.record, ORIGIN)
    republish(signed, ask)
    code, found = told(ask, key_named(ORIGIN))
    assert code == 4
    assert any("@7" in each for each, outcome in found.items() if outcome == "altered"), found


@pytest.mark.parametrize("name", [ENTRIES, HASHES, "checkpoint"])
def test_a_missing_file_decides_nothing_and_a_cut_one_is_altered(
    name: str, signed: Signed, ask: Ask
) -> None:
    path = Path("web", name)
    data = path.read_bytes()
    for cut in (data[:-1], data[: len(data) // 2], b"", data + data[:32]):
        path.write_bytes(cut)
        assert told(ask, signed.vkey)[0] in ((4, 7) if name == "checkpoint" else (4,)), len(cut)
    path.unlink()
    if name == "checkpoint":
        assert ask("verify", "--published", "web", "--vkey", signed.vkey).code == 7
    else:
        code, found = told(ask, signed.vkey)
        assert (code, name in sentence(found, "missing: ")) == (7, True)


def test_no_flipped_byte_of_a_published_log_is_missed(signed: Signed, ask: Ask) -> None:
    chosen = random.Random(20250716)  # noqa: S311 - the same bytes each time
    for name, times in ((ENTRIES, 40), (HASHES, 20), ("checkpoint", 20)):
        path = Path("web", name)
        data = path.read_bytes()
        # What an unknown witness signed below the log's own key is not looked at.
        end = data.index("— witness".encode()) if name == "checkpoint" else len(data)
        for _ in range(times):
            flipped = bytearray(data)
            at = chosen.randrange(end)
            flipped[at] ^= 1 << chosen.randrange(8)
            path.write_bytes(flipped)
            assert told(ask, signed.vkey)[0] in (4, 7), (name, at)
        path.write_bytes(data)
    assert told(ask, signed.vkey)[0] == 0


def test_the_quorum_of_a_policy_is_asked_for(signed: Signed, ask: Ask) -> None:
    Path("policy").write_text(f"log {signed.vkey}\nwitness w {WITNESS_KEY}\nquorum w\n")
    asked = ("verify", "--published", "web", "--policy", "policy")
    assert "the quorum of the policy is met" in well(ask(*asked)).out
    add(signed, "later")
    well(ask("checkpoint"))
    well(ask("publish", "web"))
    assert ask(*asked).code == 1
    settle(signed.record)
