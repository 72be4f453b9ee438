"""Sets of names as bits of a Python integer, and which names of a sorted list a glob matches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from sharedline.iam.globs import Glob, Wild


def of(indexes: Iterable[int], size: int) -> int:
    """The set with these members; one pass, where setting bits one by one copies the whole."""
    held = bytearray(size // 8 + 1)
    for at in indexes:
        held[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(held, "little")


def members(bits: int) -> Iterator[int]:
    """The members of a set in order."""
    if bits.bit_count() < 32:
        while bits:
            low = bits & -bits
            yield low.bit_length() - 1
            bits ^= low
        return
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)


class Names:
    """A sorted list of names, and the set of those that a glob matches."""

    def __init__(self, names: Iterable[str]) -> None:
        self.list: Sequence[str] = sorted(set(names))
        self.at = {name: at for at, name in enumerate(self.list)}
        self.full = (1 << len(self.list)) - 1
        self._found: dict[Glob, int] = {}
        self._ranges: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.list)

    def beginning(self, prefix: str) -> int:
        """The names that begin with a text."""
        found = self._ranges.get(prefix)
        if found is None:
            low, high = self._range(prefix)
            found = self._ranges[prefix] = ((1 << (high - low)) - 1) << low
        return found

    def _range(self, prefix: str) -> tuple[int, int]:
        low = bisect_left(self.list, prefix)
        size = len(prefix)
        return low, bisect_right(self.list, prefix, low, key=lambda name: name[:size])

    def matching_text(self, text: str) -> int:
        """The set of one name; empty where it is not in the list."""
        at = self.at.get(text)
        return 0 if at is None else 1 << at

    def matching(self, pattern: Glob) -> int:
        """The names that a glob without variables matches."""
        if pattern.literal and not pattern.fold:
            return self.matching_text(pattern.prefix)
        if pattern.everything:
            return self.full
        found = self._found.get(pattern)
        if found is None:
            found = self._found[pattern] = self._search(pattern)
        return found

    def _search(self, pattern: Glob) -> int:
        prefix = "" if pattern.fold else pattern.prefix
        if prefix and len(pattern.parts) == 2 and pattern.parts[1] is Wild.ANY:
            return self.beginning(prefix)
        low, high = self._range(prefix) if prefix else (0, len(self.list))
        matches, names = pattern.matches, self.list
        hits = [at - low for at in range(low, high) if matches(names[at])]
        return of(hits, high - low) << low
