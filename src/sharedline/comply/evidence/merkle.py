"""The Merkle tree of RFC 6962: roots, and proofs that an item is in it, that it only grew.

A leaf is SHA-256(0x00 || item), a node SHA-256(0x01 || left || right); a tree of n leaves splits at
the largest power of two below n. Hashes are 32 bytes; indexes count from 0.
Ref: https://www.rfc-editor.org/rfc/rfc6962#section-2.1, 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

#: The root of a tree without leaves.
EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of an item's bytes."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that grows; it keeps the hash of every complete subtree, so no question hashes all."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Take the leaves' hashes."""
        #: `_levels[k][i]` is the hash of the leaves i * 2^k to (i + 1) * 2^k.
        self._levels: list[list[bytes]] = [[]]
        self.extend(leaves)

    def __len__(self) -> int:
        return len(self._levels[0])

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Adds leaves' hashes, a level of the tree at a time."""
        self._levels[0].extend(leaves)
        level = 0
        while (pairs := len(self._levels[level]) // 2) > 0:
            below = self._levels[level]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            known = self._levels[level]
            start = 2 * len(known)
            lefts, rights = below[start : 2 * pairs : 2], below[start + 1 : 2 * pairs : 2]
            known.extend(
                [sha256(b"\1" + a + b).digest() for a, b in zip(lefts, rights, strict=True)]
            )

    def leaf(self, index: int) -> bytes:
        """The hash of a leaf."""
        return self._levels[0][index]

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The hashes of the leaves start to end."""
        return self._levels[0][start:end]

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves; over all by default."""
        return self._over(0, self._known(size))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The hashes that lead from a leaf to the root over `size` leaves (section 2.1.1)."""
        end = self._known(size)
        if not 0 <= index < end:
            raise IndexError(index)
        start, path = 0, []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """The hashes that prove that the first `old` leaves are still the first (section 2.1.2)."""
        end = self._known(size)
        if not 0 <= old <= end:
            raise IndexError(old)
        if old in (0, end):
            return []
        start, path, whole = 0, [], True
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start, whole = middle, False
        return ([] if whole else [self._over(start, end)]) + path[::-1]

    def _known(self, size: int | None) -> int:
        size = len(self) if size is None else size
        if not 0 <= size <= len(self):
            raise IndexError(size)
        return size

    def _over(self, start: int, end: int) -> bytes:
        """The hash over leaves start to end, where start is what a tree would split at."""
        count = end - start
        if count == 0:
            return EMPTY
        power = count.bit_length() - 1
        if count == 1 << power:
            return self._levels[power][start >> power]
        middle = start + _split(count)
        return node_hash(self._over(start, middle), self._over(middle, end))


def _split(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << ((count - 1).bit_length() - 1)


def proves_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether the path leads from a leaf's hash to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(
    old: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path shows one tree to be the beginning of the other (RFC 9162, 2.1.4.2)."""
    if old == size:
        return not path and old_root == root
    if old == 0:
        return not path and old_root == EMPTY
    if not 0 < old < size or not path:
        return False
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root
