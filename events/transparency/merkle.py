"""Hash a list of entries into a Merkle tree, and prove inclusion and consistency.

RFC 6962, section 2.1 (the same tree as RFC 9162, 2.1), with SHA-256. This module stores nothing:
proofs are made from a reader of stored nodes. A node is named by its level (0: leaves) and its
index in that level; only nodes over a whole power of two of leaves are ever stored.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_SIZE = 2**63 - 1

Node = tuple[int, int]  # level, index
ReadNodes = Callable[[Sequence[Node]], list[bytes]]


class ProofError(ValueError):
    """A proof holds only for the entry, index, size and root that it was made for."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of one entry, prefixed 0x00 (RFC 6962, 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash over two nodes, prefixed 0x01 (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the hashes one level up; an odd last one waits for its sibling."""
    pairs = zip(hashes[::2], hashes[1::2], strict=False)
    return [sha256(b"".join((b"\x01", left, right))).digest() for left, right in pairs]


def peaks(start: int, end: int) -> list[Node]:
    """Return the stored nodes that cover the leaves from `start` to before `end`, left to right.

    `start` is a multiple of a power of two that is not less than the number of leaves.
    """
    found, at = [], start
    while at < end:
        level = (end - at).bit_length() - 1
        found.append((level, at >> level))
        at += 1 << level
    return found


def root(size: int, read: ReadNodes) -> bytes:
    """Return the 32-byte root of the first `size` leaves, from at most 63 nodes."""
    return join_peaks(read(peaks(0, size))) if size else EMPTY_ROOT


def join_peaks(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over peaks, the rightmost two joined first."""
    top = hashes[-1]
    for left in reversed(hashes[:-1]):
        top = node_hash(left, top)
    return top


def inclusion_proof(index: int, size: int, read: ReadNodes) -> list[bytes]:
    """Return the hashes from the leaf's sibling upward (RFC 6962, 2.1.1); `index` counts from 0."""
    if not 0 <= index < size:
        raise ProofError(f"A tree of {size} entries has none with the index {index}.")
    return _hashed(list(_siblings(index, 0, size))[::-1], read)


def consistency_proof(old: int, new: int, read: ReadNodes) -> list[bytes]:
    """Return the proof that the first `old` leaves of `new` are as they were (RFC 6962, 2.1.2)."""
    if not 0 <= old <= new:
        raise ProofError(f"A tree of {new} entries did not grow from one of {old}.")
    if old in (0, new):
        return []
    return _hashed(list(_grown(old, new))[::-1], read)


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Raise ProofError unless the leaf is entry `index` under the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"A tree of {size} entries has none with the index {index}.")
    _check_hashes(leaf, root_hash, *proof)
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError(f"The proof has more hashes than a tree of {size} entries needs.")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofError(f"The proof has fewer hashes than a tree of {size} entries needs.")
    if found != root_hash:
        raise ProofError(f"The entry is not @{index + 1} of the {size} under this root.")


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise ProofError unless the tree of `new` leaves begins with that of `old`.

    RFC 9162, 2.1.4.2. Every tree begins with the empty one, whose root is EMPTY_ROOT; its proof is
    empty.
    """
    if not 0 <= old <= new:
        raise ProofError(f"A tree of {new} entries did not grow from one of {old}.")
    _check_hashes(old_root, new_root, *proof)
    if old in (0, new):
        _check_trivial(old, new, old_root, new_root, proof)
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofError("The proof of growth is empty.")
    _check_path(old, new, old_root, new_root, path)


def _check_trivial(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise ProofError(f"From {old} to {new} there is nothing to prove, and the proof is long.")
    if old == new and old_root != new_root:
        raise ProofError(f"Two roots differ for one size, {old}.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("The root of no entries is not that of the empty tree.")


def _check_path(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError(f"The proof has more hashes than growth from {old} to {new} needs.")
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofError(f"The proof has fewer hashes than growth from {old} to {new} needs.")
    if (before, after) != (old_root, new_root):
        raise ProofError(f"The tree of {new} entries does not begin with that of {old}.")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError("A hash of a proof has 32 bytes.")


def _split(start: int, end: int) -> int:
    """Return where the left subtree ends: the largest power of two below the number of leaves."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _siblings(index: int, start: int, end: int) -> Iterator[list[Node]]:
    # From the root down: at each step the half that the leaf is not in.
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            yield peaks(middle, end)
            end = middle
        else:
            yield peaks(start, middle)
            start = middle


def _grown(old: int, new: int) -> Iterator[list[Node]]:
    # SUBPROOF of RFC 6962, 2.1.2, from the root down.
    start, end = 0, new
    while old != end:
        middle = _split(start, end)
        if old <= middle:
            yield peaks(middle, end)
            end = middle
        else:
            yield peaks(start, middle)
            start = middle
    if start:
        yield peaks(start, end)


def _hashed(subtrees: Sequence[list[Node]], read: ReadNodes) -> list[bytes]:
    hashes = read([node for subtree in subtrees for node in subtree])
    found, at = [], 0
    for subtree in subtrees:
        found.append(join_peaks(hashes[at : at + len(subtree)]))
        at += len(subtree)
    return found
