"""The logic of `evaluate` on sets of resources: what each layer says, and what follows from all.

Each function does for sets what its counterpart in `evaluate` and `layers` does for one resource;
a test compares the two pair by pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sharedline.iam.access.atlas import Atlas, reading
from sharedline.iam.access.grants import Said
from sharedline.iam.match import Rule
from sharedline.iam.request import Context


@dataclass(frozen=True, slots=True, eq=False)
class Tri:
    """What one layer says: where it allows for certain, where perhaps, where perhaps for a cause
    that is no condition; and the same of a Deny.
    """

    allow: int = 0
    may: int = 0
    strange: int = 0
    deny: int = 0
    doubt: int = 0
    odd: int = 0

    def within(self, mask: int, full: int) -> Tri:
        """As a layer that takes part for these resources only, and allows all others."""
        if mask == full:
            return self
        return Tri(
            self.allow & mask | full & ~mask,
            self.may & mask,
            self.strange & mask,
            self.deny & mask,
            self.doubt & mask,
            self.odd & mask,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """The resources on which a principal can do an action, by answer; the others are a *no*."""

    yes: int = 0
    depends: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What is special about resources for a kind of caller and an action, as sets.

    `take`: the resource's own policy takes part. `cross`: of another account. `gated`: that policy
    must allow or delegate. `free`: no policy is needed; `shut`: none helps.
    """

    take: int
    cross: int
    gated: int
    free: int
    shut: int
    scps: bool
    rcps: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """The layers that speak of one caller."""

    identity: Tri
    limits: tuple[Tri, ...]
    guards: tuple[Tri, ...]


def layer(atlas: Atlas, rules: Iterable[Rule], context: Context, *, gap: bool) -> Tri:
    """What the statements of a layer (not a resource's) say to a caller.

    `gap`: a part of the layer could not be read, so that it may allow or deny more.
    """
    allow = may = strange = deny = doubt = odd = 0
    for rule in rules:
        found = atlas.sets(rule, context)
        bare = rule.resources.absent  # malformed, and so never certain
        strangely = bare or reading(rule).strange
        sure, maybe = (0, found.sure | found.maybe) if bare else (found.sure, found.maybe)
        if rule.statement.effect == "Deny":
            deny |= sure
            doubt |= maybe
            odd |= maybe if strangely else 0
            continue
        allow |= sure
        may |= maybe
        strange |= maybe if strangely else 0
    if gap:
        may = strange = odd = atlas.full
    may &= ~allow
    return Tri(allow, may, strange & may, deny, doubt, odd)


@dataclass(slots=True)
class _Truth:
    """A three-valued answer of many resources: true, false; the others are not known."""

    true: int
    false: int

    def both(self, *others: _Truth) -> _Truth:
        """AND."""
        found = _Truth(self.true, self.false)
        for one in others:
            found.true &= one.true
            found.false |= one.false
        return found

    def either(self, *others: _Truth) -> _Truth:
        """OR."""
        found = _Truth(self.true, self.false)
        for one in others:
            found.true |= one.true
            found.false &= one.false
        return found


def weigh(full: int, scope: Scope, caller: Caller, said: Said, closed: int) -> Reach:
    """Where a caller is allowed, by certainty.

    `closed` are the resources whose own policy was not wholly readable.
    """
    tris = (caller.identity, *caller.limits, *caller.guards)
    closed &= scope.take
    deny, doubt, odd = said.deny & scope.take, said.doubt & scope.take, said.odd & scope.take
    odd |= closed
    strange = 0
    for one in tris:
        deny |= one.deny
        doubt |= one.doubt
        odd |= one.odd
        strange |= one.strange
    named = _named(full, closed, said)
    granted = _granted(full, scope, caller, [one for one, _ in named])
    guards = _Truth(full, 0).both(*(_truth(one, full) for one in caller.guards))
    no = (deny | guards.false | granted.false | scope.shut) & ~scope.free
    yes = granted.true & guards.true & ~(doubt | odd | no) | scope.free
    rest = full & ~(no | yes)
    for _, odder in named:
        strange |= odder & scope.take
    unknown = rest & (odd | strange)
    return Reach(yes, rest & ~unknown, unknown)


def _truth(one: Tri, full: int) -> _Truth:
    return _Truth(one.allow, full & ~(one.allow | one.may))


def _named(full: int, closed: int, said: Said) -> list[tuple[_Truth, int]]:
    """What resource policies allow at each strength, and where that is strange."""
    found = []
    for allow, may, strange in zip(said.allow, said.may, said.strange, strict=True):
        perhaps = (may | closed) & ~allow
        found.append((_Truth(allow, full & ~(allow | perhaps)), (strange | closed) & perhaps))
    return found


def _granted(full: int, scope: Scope, caller: Caller, named: Sequence[_Truth]) -> _Truth:
    """Whether identity and resource policies allow together."""
    identity = _truth(caller.identity, full)
    within = _Truth(full, 0).both(*(_truth(one, full) for one in caller.limits))
    account, limited, direct = named
    own = identity.both(within)
    if not scope.take:
        return own
    across = account.both(own)
    rest = direct.either(limited.both(within))
    gated = rest.either(across)
    plain = rest.either(own)
    true = false = 0
    left = full
    for mask, answer in (
        (full & ~scope.take, own),
        (scope.cross, across),
        (scope.gated, gated),
        (full, plain),
    ):
        true |= answer.true & mask & left
        false |= answer.false & mask & left
        left &= ~mask
    return _Truth(true, false)
