"""A rule's condition as a tree over tests of fields, with what can be said of it without JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sharedline.trail.sigma.fields import Place
from sharedline.trail.sigma.matches import Test


@dataclass(frozen=True)
class Leaf:
    """One test of one field; several values of the field: any of them."""

    place: Place
    test: Test


@dataclass(frozen=True)
class Every:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Some:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Never:
    """The part does not hold; a field that is not there holds nothing."""

    part: Node


@dataclass(frozen=True)
class Known:
    """True or false whatever the event."""

    value: bool


Node = Leaf | Every | Some | Never | Known


def every(parts: list[Node]) -> Node:
    """All of them, without what is known."""
    if Known(value=False) in parts:
        return Known(value=False)
    left = tuple(dict.fromkeys(p for p in parts if p != Known(value=True)))
    return left[0] if len(left) == 1 else Every(left) if left else Known(value=True)


def some(parts: list[Node]) -> Node:
    """Any of them, without what is known."""
    if Known(value=True) in parts:
        return Known(value=True)
    left = tuple(dict.fromkeys(p for p in parts if p != Known(value=False)))
    return left[0] if len(left) == 1 else Some(left) if left else Known(value=False)


def never(part: Node) -> Node:
    """Its opposite."""
    return Known(value=not part.value) if isinstance(part, Known) else Never(part)


def weaker(node: Node, instead: Callable[[Leaf], Node | None], *, than: bool = True) -> Node:
    """A condition that holds wherever the whole one does, and stands on less.

    `instead` gives, for a test, the test itself, or one that holds wherever it does, or None.
    With `than=False` the opposite: a condition that holds only where the whole one does.
    """
    match node:
        case Leaf():
            found = instead(node)
            usable = found is not None and (than or found == node)
            return found if found is not None and usable else Known(value=than)
        case Every():
            return every([weaker(p, instead, than=than) for p in node.parts])
        case Some():
            return some([weaker(p, instead, than=than) for p in node.parts])
        case Never():
            return never(weaker(node.part, instead, than=not than))
    return node


def leaves(node: Node) -> Iterator[Leaf]:
    """All tests of a condition."""
    match node:
        case Leaf():
            yield node
        case Every() | Some():
            for part in node.parts:
                yield from leaves(part)
        case Never():
            yield from leaves(node.part)
