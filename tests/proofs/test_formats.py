"""Is each file read in its one encoding, and written so that others read it?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.transparency.checkpoint import Checkpoint, CheckpointError, parse_checkpoint_text
from events.transparency.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
)
from events.transparency.note import Note, NoteError, SignatureError, VerifierKey, encode_base64
from events.transparency.proofs import (
    FIRST_LINE,
    ConsistencyProof,
    InclusionProof,
    parse_consistency_proof,
    parse_inclusion_proof,
)
from events.transparency.signatures import sign
from events.transparency.tiles import ENTRIES, Tile, TileError, split_hashes, tiles
from tests.proofs.kit import LOG, LOG_KEY, WITNESS_KEY, tree_over, vectors, verify_checkpoint

ENTRIES_OF_TREE = [b"entry %d" % n for n in range(300)]
READ = tree_over([leaf_hash(entry) for entry in ENTRIES_OF_TREE])
BODIES = [
    (each["text"], each["ok"]) for group in vectors("checkpoints.json").values() for each in group
]
PATHS = vectors("tile-paths.json")
SHORT_ROOT = "Log\n123\nYmFuYW5hcw==\n"  # theirs may be of any length, ours is of SHA-256


def note_over(size: int) -> Note:
    text = str(Checkpoint("example.org/ledger", size, root(size, READ)))
    return Note(text, (sign(text, LOG_KEY.name, LOG, LOG_KEY.public),))


def proof_of(index: int, size: int) -> InclusionProof:
    return InclusionProof(index, tuple(inclusion_proof(index, size, READ)), note_over(size))


@pytest.mark.parametrize(("text", "ok"), BODIES)
def test_a_checkpoint_is_read_as_others_read_it(text: str, ok: bool) -> None:
    if ok and text != SHORT_ROOT:
        assert str(parse_checkpoint_text(text)) == text
    else:
        with pytest.raises(CheckpointError):
            parse_checkpoint_text(text)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1),
    st.integers(1, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
)
def test_a_checkpoint_that_is_written_is_read_back(origin: str, size: int, root: bytes) -> None:
    tree = Checkpoint(origin, size, root)
    assert parse_checkpoint_text(str(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"o\n1\n{encode_base64(bytes(32))}\nextension\n",
        f"o\n1\n{encode_base64(bytes(32))}\n\n",
        f"o\n 1\n{encode_base64(bytes(32))}\n",
        f"o\n1_0\n{encode_base64(bytes(32))}\n",
        f"o\n\u0661\n{encode_base64(bytes(32))}\n",  # a digit, and not of ASCII
        f"o\n{2**63}\n{encode_base64(bytes(32))}\n",
        f"o\n1\n{encode_base64(bytes(31))}\n",
        f"o\n1\n{encode_base64(bytes(33))}\n",
        f"o\n1\n{encode_base64(bytes(32))[:-1]}\n",
        f"o\n0\n{encode_base64(bytes(32))}\n",  # no entries have one root
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        parse_checkpoint_text(text)


def test_the_empty_ledger_has_its_checkpoint() -> None:
    tree = Checkpoint("o", 0, EMPTY_ROOT)
    assert parse_checkpoint_text(str(tree)) == tree


def test_only_a_key_named_as_the_origin_signs_for_a_log() -> None:
    data = note_over(7).encode()
    assert verify_checkpoint(data, [LOG_KEY])[0].size == 7
    other = VerifierKey("example.org/other", LOG_KEY.algorithm, LOG_KEY.public)
    for keys in ([other], [WITNESS_KEY], []):
        with pytest.raises(SignatureError):
            verify_checkpoint(data, keys)


@given(st.text(max_size=80) | st.sampled_from([text for text, _ in BODIES]))
def test_no_text_crashes_the_reader_of_checkpoints(text: str) -> None:
    try:
        tree = parse_checkpoint_text(text)
    except NoteError:
        return
    assert str(tree) == text


@given(st.integers(1, 300).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_a_proof_that_is_written_is_read_back_and_holds(claim: tuple[int, int]) -> None:
    proof = proof_of(*claim)
    found = parse_inclusion_proof(proof.encode())
    assert found == proof
    found.check(ENTRIES_OF_TREE[claim[0]])


def test_a_proof_is_laid_out_as_the_specification_shows() -> None:
    lines = proof_of(2, 4).encode().decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    assert lines[2] == encode_base64(leaf_hash(ENTRIES_OF_TREE[3]))  # the sibling first
    assert lines[4:6] == ["", "example.org/ledger"]


def test_what_is_added_to_a_proof_for_others_is_kept_and_not_believed() -> None:
    proof = proof_of(2, 4)._replace(extra=b"said on the side")
    assert parse_inclusion_proof(proof.encode()) == proof


def test_the_neighbours_entry_is_not_proved() -> None:
    proof = proof_of(5, 300)
    for wrong in (4, 6):
        with pytest.raises(ProofError):
            proof.check(ENTRIES_OF_TREE[wrong])
        with pytest.raises(ProofError):
            proof._replace(leaf_index=wrong).check(ENTRIES_OF_TREE[5])


GOOD = proof_of(5, 300).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD.replace(b"@v1", b"@v2"),
        GOOD.replace(b"index 5", b"index 05"),
        GOOD.replace(b"index 5", b"index +5"),
        GOOD.replace(b"index 5", b"index 300"),
        GOOD.replace(b"index 5\n", b""),
        GOOD.replace(b"index 5\n", b"extra !\nindex 5\n"),
        GOOD.replace(b"index 5\n", b"index 5\nextra AAAA\n"),
        GOOD.replace(b"index 5\n", b"index 5\r\n"),
        GOOD.replace(b"index 5\n", b"index 5\nAAAA\n"),
        GOOD.replace(b"index 5\n", b"index 5\n\n"),
        GOOD.replace(b"index 5\n", b"index 5\n" + b"%s\n" % encode_base64(bytes(32)).encode() * 64),
        GOOD.replace(b"index 5", b"index \xd9\xa5"),
        GOOD + b"\n",
        GOOD[:-1],
    ],
    ids=lambda data: repr(data[:50]),
)
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_inclusion_proof(data)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: FIRST_LINE.encode() + b))
def test_no_bytes_crash_the_reader_of_proofs(data: bytes) -> None:
    try:
        proof = parse_inclusion_proof(data)
    except NoteError:
        return
    assert proof.encode() == data


@given(st.data())
def test_a_changed_proof_is_refused_or_written_as_it_was_read(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD) - 1))
    end = at + data.draw(st.integers(0, 3))
    changed = GOOD[:at] + data.draw(st.binary(max_size=3)) + GOOD[end:]
    try:
        proof = parse_inclusion_proof(changed)
        assert proof.encode() == changed
        verify_checkpoint(proof.note.encode(), [LOG_KEY])
        proof.check(ENTRIES_OF_TREE[5])
    except (NoteError, ProofError):
        return
    # It holds: then nothing that is signed or hashed was changed.
    assert proof._replace(extra=None).encode() == GOOD


def test_a_proof_of_growth_is_read_back_and_holds() -> None:
    growth = ConsistencyProof(100, tuple(consistency_proof(100, 300, READ)), note_over(300))
    found = parse_consistency_proof(growth.encode())
    assert found == growth
    found.check(root(100, READ))
    with pytest.raises(ProofError):
        found.check(root(101, READ))


@pytest.mark.parametrize("change", [(b"old 100", b"old 0100"), (b"old", b"new"), (b"\n\n", b"\n")])
def test_what_is_no_proof_of_growth_is_refused(change: tuple[bytes, bytes]) -> None:
    growth = ConsistencyProof(
        100, tuple(consistency_proof(100, 300, READ)), note_over(300)
    ).encode()
    with pytest.raises(NoteError):
        parse_consistency_proof(growth.replace(*change))
    with pytest.raises(NoteError):
        parse_consistency_proof(growth.replace(b"old 100", b"old 301"))


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader_of_growth(data: bytes) -> None:
    for begun in (data, b"old " + data):
        try:
            growth = parse_consistency_proof(begun)
        except NoteError:
            continue
        assert growth.encode() == begun


def parse_tile_path(path: str) -> Tile:
    match = re.fullmatch(r"tile/(entries|[0-9]+)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]+))?", path)
    assert match, path
    level = ENTRIES if match[1] == ENTRIES else int(match[1])
    return Tile(level, int(re.sub("[x/]", "", match[2])), int(match[3] or 256))


@pytest.mark.parametrize(("number", "path"), PATHS["c2sp index"])
def test_a_tile_is_where_the_specification_says(number: int, path: str) -> None:
    assert Tile(0, number).path == f"tile/0/{path}"
    assert Tile(ENTRIES, number).path == f"tile/entries/{path}"
    assert parse_tile_path(f"tile/0/{path}") == Tile(0, number)


@pytest.mark.parametrize("size", [256, 70_000])
def test_a_tree_has_the_tiles_that_the_specification_counts(size: int) -> None:
    counted = PATHS[f"spec example size {size}"]
    found = [tile for tile in tiles(size) if tile.level != ENTRIES]
    for level in range(3):
        full = [t for t in found if t.level == level and t.width == 256]
        partial = [t.width for t in found if t.level == level and t.width != 256]
        assert len(full) == counted.get(f"level{level}_full", 0)
        assert sum(partial) == counted.get(f"level{level}_partial", 0)
        assert len(partial) <= 1


@given(st.integers(0, 2**40), st.integers(1, 256), st.integers(0, 63) | st.just(ENTRIES))
def test_the_path_of_a_tile_is_read_back(number: int, width: int, level: int) -> None:
    tile = Tile(level, number, width)
    assert parse_tile_path(tile.path) == tile


@given(st.binary(max_size=9_000) | st.integers(0, 257).map(lambda n: bytes(32 * n)))
def test_a_tile_holds_whole_hashes(data: bytes) -> None:
    try:
        found = split_hashes(data)
    except TileError:
        assert len(data) % 32 or not 0 < len(data) <= 8_192
        return
    assert b"".join(found) == data
