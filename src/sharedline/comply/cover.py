"""What proves a control part: checks that name it, checks of parts it restates, checks of its duty.

The three are kept apart, since the first says what its author meant, the last only that somebody
looks at the same duty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sharedline.comply.catalogue import load, part_of
from sharedline.comply.model import Capability, Framework, Part
from sharedline.model import Check, Side

How = Literal["named", "mapped", "duty", "report", "statement", "unknown"]


@dataclass(frozen=True, slots=True)
class Proof:
    """The checks that prove one control part, by how they come to it."""

    part: Part
    #: Checks that name the part, the control that it belongs to, or a part of it.
    named: tuple[str, ...] = ()
    #: Checks that name a part of another framework that this one restates.
    mapped: tuple[str, ...] = ()
    #: Checks of the same duty, where settings of AWS can meet the part at all.
    duty: tuple[str, ...] = ()
    #: Checks of the same duty where they cannot: they say how things stand, and prove nothing.
    related: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """All of them, each once, the strongest first."""
        return tuple(dict.fromkeys((*self.named, *self.mapped, *self.duty)))

    @property
    def how(self) -> How:
        """The strongest proof that there can be: a check, AWS's report, or a person's statement."""
        if self.checks:
            return "named" if self.named else "mapped" if self.mapped else "duty"
        if self.part.side is Side.UNKNOWN:
            return "unknown"
        return "report" if self.part.side is Side.AWS else "statement"


def prove(framework: Framework, checks: Mapping[str, Check]) -> dict[str, Proof]:
    """The proofs of every part that is not withdrawn, by its id."""
    of_duty: dict[str, list[str]] = defaultdict(list)
    for check in checks.values():
        of_duty[check.duty].append(check.id)
    named = _named(framework, checks.values())
    others: dict[str, Mapping[str, set[str]]] = {}
    out = {}
    for part in framework.parts.values():
        if part.withdrawn:
            continue
        own = named.get(part.id, set())
        if framework.kind == "benchmark":  # one setting: no other check can speak for it
            out[part.id] = Proof(part, tuple(sorted(own)))
            continue
        mapped: set[str] = set()
        for target in part.maps:
            other, _, name = target.partition(":")
            if other not in others:
                others[other] = _named(load(other), checks.values())
            mapped |= others[other].get(name, set())
        duty = {c for d in part.duties for c in of_duty[d]} - own - mapped
        paper = part.capability is Capability.CUSTOM
        out[part.id] = Proof(
            part,
            tuple(sorted(own)),
            tuple(sorted(mapped - own)),
            () if paper else tuple(sorted(duty)),
            tuple(sorted(duty)) if paper else (),
        )
    return out


def unknown_controls(framework: Framework, checks: Iterable[Check]) -> list[tuple[str, str]]:
    """The checks that name a control which the framework does not have, with its id."""
    return [
        (check.id, name)
        for check in checks
        for name in check.controls.get(framework.id, ())
        if part_of(framework, name) is None
    ]


def _named(framework: Framework, checks: Iterable[Check]) -> dict[str, set[str]]:
    """The checks that name each part; one that names a control names its lettered parts too."""
    below: dict[str, list[str]] = defaultdict(list)
    for part in framework.parts.values():
        below[part.control].append(part.id)
    found: dict[str, set[str]] = defaultdict(set)
    for check in checks:
        for name in check.controls.get(framework.id, ()):
            whole = part_of(framework, name)
            if whole is None:
                continue
            of_control = whole.id == whole.control
            for one in below[whole.id] if of_control else (whole.id, whole.control):
                found[one].add(check.id)
    return dict(found)
