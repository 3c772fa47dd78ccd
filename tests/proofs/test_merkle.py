"""Is the tree that of RFC 6962, for every size and whatever is asked of it?"""

from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.transparency.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    peaks,
    root,
)
from tests.each import each
from tests.proofs.kit import leaves, tree_over, vectors

SIZES = (0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000)
REFERENCE = vectors("reference-tree.json")
ROOTS = [bytes.fromhex(each) for each in REFERENCE["roots_hex_by_size"]]
ENTRIES = [bytes.fromhex(each) for each in REFERENCE["leaf_inputs_hex"]]
LEAVES = leaves(70_000)
READ = tree_over(LEAVES)


def plain_root(hashes: list[bytes]) -> bytes:
    """Return the root as RFC 6962, 2.1 defines it, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return sha256(b"\x01" + plain_root(hashes[:middle]) + plain_root(hashes[middle:])).digest()


def plain_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """Return the proof as RFC 6962, 2.1.1 defines it."""
    if len(hashes) == 1:
        return []
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    if index < middle:
        return [*plain_path(index, hashes[:middle]), plain_root(hashes[middle:])]
    return [*plain_path(index - middle, hashes[middle:]), plain_root(hashes[:middle])]


def plain_growth(old: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """Return the proof of growth as RFC 6962, 2.1.2 defines it."""
    if old == len(hashes):
        return [] if whole else [plain_root(hashes)]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    if old <= middle:
        return [*plain_growth(old, hashes[:middle], whole), plain_root(hashes[middle:])]
    return [*plain_growth(old - middle, hashes[middle:], False), plain_root(hashes[:middle])]


@pytest.mark.parametrize("size", range(9))
def test_the_reference_tree_has_the_roots_that_others_computed(size: int) -> None:
    read = tree_over([leaf_hash(entry) for entry in ENTRIES[:size]])
    assert root(size, read) == ROOTS[size]


def test_the_reference_tree_has_the_nodes_that_others_computed() -> None:
    read = tree_over([leaf_hash(entry) for entry in ENTRIES])
    for level, hashes in enumerate(REFERENCE["nodes_hex_by_level"]):
        found = read([(level, index) for index in range(len(hashes))])
        assert [each.hex() for each in found] == hashes


def test_hashes_are_those_that_others_computed() -> None:
    known = REFERENCE["hasher"]
    assert EMPTY_ROOT.hex() == known["empty_root"]
    assert leaf_hash(b"").hex() == known["empty_leaf"]
    assert leaf_hash(b"L123456").hex() == known["leaf 'L123456'"]
    assert node_hash(b"N123", b"N456").hex() == known["node('N123','N456')"]


@each("size", range(1, 34))
def test_small_trees_are_the_definition_word_for_word(size: int) -> None:
    assert root(size, READ) == plain_root(LEAVES[:size])
    for index in range(size):
        assert inclusion_proof(index, size, READ) == plain_path(index, LEAVES[:size])
    for old in range(1, size + 1):
        assert consistency_proof(old, size, READ) == plain_growth(old, LEAVES[:size])


@each("size", SIZES)
def test_the_root_of_every_size_is_that_of_the_definition(size: int) -> None:
    assert root(size, READ) == plain_root(LEAVES[:size])


@each("size", SIZES[1:])
def test_first_middle_and_last_entry_are_proved(size: int) -> None:
    whole = root(size, READ)
    for index in {0, size // 2, size - 1}:
        proof = inclusion_proof(index, size, READ)
        check_inclusion(index, size, LEAVES[index], proof, whole)
        assert len(proof) <= (size - 1).bit_length()


@each(("old", "new"), product(SIZES, SIZES))
def test_growth_is_proved_from_every_size_to_every_larger(old: int, new: int) -> None:
    if old > new:
        with pytest.raises(ProofError):
            consistency_proof(old, new, READ)
        return
    proof = consistency_proof(old, new, READ)
    check_consistency(old, new, root(old, READ), root(new, READ), proof)


@st.composite
def claims(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, len(LEAVES)) | st.sampled_from(SIZES[1:]))
    return draw(st.integers(0, size - 1)), size


@given(claims())
def test_any_entry_of_any_tree_is_proved(claim: tuple[int, int]) -> None:
    index, size = claim
    check_inclusion(
        index, size, LEAVES[index], inclusion_proof(index, size, READ), root(size, READ)
    )


@given(claims(), st.data())
def test_a_proof_holds_for_its_own_entry_alone(claim: tuple[int, int], data: st.DataObject) -> None:
    index, size = claim
    proof, whole = inclusion_proof(index, size, READ), root(size, READ)
    other = data.draw(st.integers(0, size).filter(lambda n: n != index), "another index")
    with pytest.raises(ProofError):
        check_inclusion(other, size, LEAVES[index], proof, whole)
    with pytest.raises(ProofError):
        check_inclusion(index, size, leaf_hash(b"another entry"), proof, whole)
    with pytest.raises(ProofError):
        check_inclusion(index, size, LEAVES[index], [*proof, whole], whole)
    if proof:
        with pytest.raises(ProofError):
            check_inclusion(index, size, LEAVES[index], proof[:-1], whole)
        at = data.draw(st.integers(0, len(proof) - 1), "the changed hash")
        changed = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
        with pytest.raises(ProofError):
            check_inclusion(index, size, LEAVES[index], changed, whole)


@given(claims(), st.data())
def test_a_proof_of_growth_holds_for_its_own_trees_alone(
    claim: tuple[int, int], data: st.DataObject
) -> None:
    old, new = claim
    if old == 0:
        return
    proof = consistency_proof(old, new, READ)
    before, after = root(old, READ), root(new, READ)
    check_consistency(old, new, before, after, proof)
    for wrong in (
        (old, new, leaf_hash(b"x"), after, proof),
        (old, new, before, leaf_hash(b"x"), proof),
        (old, new, before, after, [*proof, before]),
        (old, new, before, after, proof[:-1]),
        (new, old, after, before, proof),
    ):
        with pytest.raises(ProofError):
            check_consistency(*wrong)
    at = data.draw(st.integers(0, len(proof) - 1), "the changed hash")
    changed = [*proof[:at], leaf_hash(b"x"), *proof[at + 1 :]]
    with pytest.raises(ProofError):
        check_consistency(old, new, before, after, changed)


def test_every_tree_begins_with_the_empty_one_and_with_itself() -> None:
    check_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    check_consistency(0, 3, EMPTY_ROOT, root(3, READ), [])
    check_consistency(3, 3, root(3, READ), root(3, READ), [])


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "proof"),
    [
        (0, 3, LEAVES[0], LEAVES[1], []),
        (0, 3, EMPTY_ROOT, LEAVES[1], [LEAVES[2]]),
        (3, 3, LEAVES[0], LEAVES[1], []),
        (3, 3, LEAVES[0], LEAVES[0], [LEAVES[0]]),
        (1, 2, LEAVES[0], LEAVES[1], []),
        (-1, 2, LEAVES[0], LEAVES[1], []),
        (1, 2, LEAVES[0], LEAVES[1], [b"short"]),
    ],
)
def test_what_proves_no_growth_is_refused(
    old: int, new: int, before: bytes, after: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(ProofError):
        check_consistency(old, new, before, after, proof)


def test_an_index_beyond_the_tree_is_not_proved() -> None:
    for index, size in ((0, 0), (1, 1), (-1, 5)):
        with pytest.raises(ProofError):
            inclusion_proof(index, size, READ)
        with pytest.raises(ProofError):
            check_inclusion(index, size, LEAVES[0], [], LEAVES[0])


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ProofError):
        check_inclusion(0, 2, LEAVES[0], [LEAVES[1][:31]], LEAVES[0])


@given(st.integers(1, MAX_SIZE))
def test_a_root_needs_at_most_63_nodes(size: int) -> None:
    found = peaks(0, size)
    assert len(found) <= 63
    assert sum(1 << level for level, _ in found) == size
