"""The tree: known roots, proofs that hold, and none that holds for anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharedline.comply.evidence.merkle import (
    EMPTY,
    Tree,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
)

#: Leaves and roots that implementations of RFC 6962 share as a test.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MANY = [leaf_hash(bytes([n])) for n in range(33)]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def test_the_roots_are_the_known_ones() -> None:
    tree = Tree(leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES)
    assert [tree.root(n + 1).hex() for n in range(8)] == ROOTS
    assert Tree().root() == EMPTY


@given(st.lists(st.integers(0, 9), max_size=6))
def test_a_tree_that_grew_in_steps_is_the_tree_made_at_once(steps: list[int]) -> None:
    tree, whole = Tree(), 0
    for step in steps:
        tree.extend(MANY[whole % 33 : whole % 33 + step])
        whole = len(tree)
    leaves = [tree.leaf(i) for i in range(whole)]
    for size in range(whole + 1):
        assert tree.root(size) == by_definition(leaves[:size])


def test_every_proof_holds_at_every_size() -> None:
    tree = Tree(MANY)
    for size in range(1, 34):
        root = tree.root(size)
        for index in range(size):
            path = tree.inclusion(index, size)
            assert proves_inclusion(MANY[index], index, size, path, root)
        for old in range(size + 1):
            path = tree.consistency(old, size)
            assert proves_consistency(old, size, tree.root(old), root, path)


@given(st.integers(1, 33), st.data())
def test_no_proof_holds_for_another_leaf_index_size_or_root(size: int, data: st.DataObject) -> None:
    tree = Tree(MANY)
    index = data.draw(st.integers(0, size - 1))
    path, root = tree.inclusion(index, size), tree.root(size)
    leaf = MANY[index]
    other = leaf_hash(b"other")
    assert not proves_inclusion(other, index, size, path, root)
    assert not proves_inclusion(leaf, index, size, path, other)
    assert not proves_inclusion(leaf, index, size, [*path, other], root)
    assert not proves_inclusion(leaf, size, size, path, root)
    assert not proves_inclusion(leaf, -1, size, path, root)
    for step in range(len(path)):
        assert not proves_inclusion(leaf, index, size, path[:step] + path[step + 1 :], root)
        assert not proves_inclusion(leaf, index, size, [*path[:step], other, *path[step + 1 :]], root)
    wrong = data.draw(st.integers(0, size - 1).filter(lambda n: n != index)) if size > 1 else 1
    assert not proves_inclusion(leaf, wrong, size, path, root)


@given(st.integers(2, 33), st.data())
def test_no_rewritten_beginning_is_consistent(size: int, data: st.DataObject) -> None:
    tree = Tree(MANY)
    old = data.draw(st.integers(1, size - 1))
    path = tree.consistency(old, size)
    other = leaf_hash(b"other")
    changed = Tree([*MANY[: old - 1], other, *MANY[old:size]])
    assert not proves_consistency(old, size, tree.root(old), changed.root(), changed.consistency(old))
    assert not proves_consistency(old, size, other, tree.root(size), path)
    assert not proves_consistency(old, size, tree.root(old), other, path)
    assert not proves_consistency(old, size, tree.root(old), tree.root(size), [*path, other])
    assert not proves_consistency(old, size, tree.root(old), tree.root(size), path[:-1])
    assert not proves_consistency(size + 1, size, tree.root(old), tree.root(size), path)
    assert not proves_consistency(0, size, other, tree.root(size), [])
    assert not proves_consistency(size, size, other, tree.root(size), [])


def test_what_is_not_in_the_tree_has_no_proof() -> None:
    tree = Tree(MANY[:3])
    with pytest.raises(IndexError):
        tree.inclusion(3)
    with pytest.raises(IndexError):
        tree.consistency(4)
    with pytest.raises(IndexError):
        tree.root(4)
