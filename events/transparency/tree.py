"""Grow the Merkle tree after the event log.

Every stored event that has no leaf yet gets one: leaf index = position - 1. No row stores the
progress: the size of the tree is the number of its leaves, and to continue at most 63 stored nodes
are needed. It is safe to call again, and while others do the same: each batch is one transaction
that begins by reading the size.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

from events.store.errors import RecordDamagedError
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.merkle import Node, join_peaks, leaf_hash, node_hash, parents, peaks, root

if TYPE_CHECKING:
    from events.store.sqlite.tree import TreeTables

BATCH = 32_768  # leaves a transaction: others wait for it a fifth of a second

Progress = Callable[[int, int], None]


def integrate(store: "TreeTables", progress: Progress | None = None) -> tuple[int, bytes]:
    """Append each event without a leaf; return (size, 32-byte root). It may be repeated."""
    while True:
        with store.transaction():
            size = store.size()
            last = store.last_position()
            until = min(last, size + BATCH)
            if until > size:
                _append(store, size, until)
        if progress is not None:
            progress(until, last)
        if until == last or last < size:
            return tree_head(store)


def tree_head(store: "TreeTables") -> tuple[int, bytes]:
    """Return the size and root of the tree as far as it is integrated."""
    size = store.size()
    return size, root(size, store.nodes)


def covered_root(store: "TreeTables", size: int) -> tuple[bytes, dict[str, Any] | None]:
    """Return the root of the first `size` events, and the smallest checkpoint that covers them.

    Events that have no leaf yet are hashed for it.
    """
    nodes = peaks(0, min(store.size(), size))
    stack = [(level, node) for (level, _), node in zip(nodes, store.nodes(nodes), strict=True)]
    count = sum(1 << level for level, _ in nodes)
    for state in store.states(count, size):
        count += 1
        stack.append((0, leaf_hash(state)))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (level, left), (_, right) = stack[-2:]
            stack[-2:] = [(level + 1, node_hash(left, right))]
    if count != size:
        raise RecordDamagedError(f"Of the events up to @{size} some are missing.")
    found = join_peaks([node for _, node in stack])
    signed = store.first_checkpoint(size, store.last_position())
    if signed is None:
        return found, None
    checkpoint, _ = parse_checkpoint(store.checkpoint_of(signed) or b"")
    return found, {"size": signed, "root": checkpoint.root.hex()}


def _append(store: "TreeTables", size: int, until: int) -> None:
    try:
        hashes = [sha256(b"\x00" + state).digest() for state in store.states(size, until)]
    except TypeError:
        raise RecordDamagedError(f"An event after @{size} is not bytes.") from None
    if len(hashes) != until - size:
        raise RecordDamagedError(f"Of the events @{size + 1} to @{until} some are missing.")
    for level, first, nodes in completed_nodes(size, hashes, store.nodes):
        store.add_nodes(level, first, nodes)


def completed_nodes(
    size: int, leaves: list[bytes], read: Callable[[Sequence[Node]], list[bytes]]
) -> Iterator[tuple[int, int, list[bytes]]]:
    """Yield (level, first index, hashes) of nodes that leaves complete after a tree of `size`."""
    hashes = leaves
    for level in count():
        if not hashes:
            return
        first = size >> level
        yield level, first, hashes
        left = read([(level, first - 1)]) if first & 1 else []
        hashes = parents([*left, *hashes])
