"""An estate made ready for questions about all its principals and resources at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sharedline.iam.access import meeting
from sharedline.iam.access.atlas import Atlas
from sharedline.iam.access.bits import members, of
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.access.estate import Estate
from sharedline.iam.access.grants import Crowd, Said
from sharedline.iam.access.organization import RCP, SCP, Levels
from sharedline.iam.access.quiet import undisturbed
from sharedline.iam.access.weighing import Reach, Tri
from sharedline.iam.language import Policy, Statement
from sharedline.iam.match import Rule
from sharedline.iam.request import Context


@dataclass(frozen=True, slots=True)
class Zone:
    """Resources to which the same special rules apply, with one of them for all."""

    account: str
    example: str
    mask: int


class Stack:
    """The policies of one layer, shared by all callers that have the same."""

    __slots__ = ("_by_service", "_shelf", "gap", "policies")

    def __init__(self, shelf: Shelf, policies: tuple[Policy, ...], *, unread: bool) -> None:
        self.policies = policies
        #: A part of it could not be read.
        self.gap = unread or not all(one.whole for one in policies)
        self._shelf = shelf
        self._by_service: dict[str, tuple[Rule, ...]] = {}

    def of(self, service: str) -> tuple[Rule, ...]:
        """The statements that may speak of a service."""
        found = self._by_service.get(service)
        if found is None:
            found = self._by_service[service] = tuple(
                self._shelf.rule(one)
                for policy in self.policies
                for one in policy.statements
                if _may_speak(one, service)
            )
        return found


class Shelf:
    """The statements of an estate made ready, one for all that say the same."""

    def __init__(self) -> None:
        self._rules: dict[tuple[object, ...], Rule] = {}
        self._stacks: dict[tuple[tuple[Policy, ...], bool], Stack] = {}

    def rule(self, one: Statement) -> Rule:
        """A statement made ready; its Sid and place play no part."""
        who = (one.principals, one.not_principal)
        what = (one.actions, one.not_action, one.resources, one.not_resource)
        key = (one.effect, *who, *what, one.conditions)
        found = self._rules.get(key)
        if found is None:
            found = self._rules[key] = Rule(one)
        return found

    def stack(self, policies: tuple[Policy, ...], *, unread: bool) -> Stack:
        """The policies of a layer."""
        key = (policies, unread)
        found = self._stacks.get(key)
        if found is None:
            found = self._stacks[key] = Stack(self, policies, unread=unread)
        return found


def _may_speak(one: Statement, service: str) -> bool:
    if one.not_action:
        return True
    for action in one.actions:
        named, colon, _ = action.prefix.partition(":")
        if not colon or named == service:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Standing:
    """What callers have in common: the account and kind, and each layer of policies."""

    account: str
    kind: str
    linked: bool
    identity: Stack
    limits: tuple[Stack, ...]
    scps: tuple[Stack, ...]


class Ready:
    """An estate made ready for questions about some of its principals and resources."""

    def __init__(
        self,
        estate: Estate,
        resources: Iterable[str],
        principals: Iterable[str] | None = None,
        assumed: Context | None = None,
    ) -> None:
        """`principals` are all unless said; `assumed` goes before what the scan knows of callers."""
        with undisturbed():
            self._prepare(estate, resources, principals, assumed)

    def _prepare(
        self,
        estate: Estate,
        resources: Iterable[str],
        principals: Iterable[str] | None,
        assumed: Context | None,
    ) -> None:
        self.estate = estate
        self.atlas = Atlas(estate, resources, assumed)
        chosen = estate.principals if principals is None else dict.fromkeys(principals)
        self.crowd = Crowd(self.atlas, (estate.principals[arn] for arn in chosen))
        self.zones = list(self._zones())
        self.shelf = Shelf()
        self.standings: dict[Standing, list[int]] = defaultdict(list)
        for at, one in enumerate(self.crowd.list):
            self.standings[self._standing(one)].append(at)
        self.layers: dict[tuple[object, ...], Tri] = {}
        self.weighed: dict[tuple[object, ...], Reach] = {}
        self.alike: dict[tuple[object, ...], Said] = {}
        self._carried: dict[str, list[tuple[tuple[Rule, ...], int]]] = {}

    def _zones(self) -> Iterator[Zone]:
        found: dict[tuple[str, ...], list[int]] = defaultdict(list)
        atlas = self.atlas
        for at, (name, account) in enumerate(zip(atlas.names.list, atlas.accounts, strict=True)):
            parts = name.split(":", 5)
            service = parts[2] if len(parts) > 5 else ""
            # Roles and keys are apart: their own policy must allow.
            kind = parts[5].partition("/")[0] if service in ("iam", "kms") else ""
            found[account, service, kind].append(at)
        for (account, _, _), some in found.items():
            yield Zone(account, atlas.names.list[some[0]], of(some, len(atlas.names)))

    def _standing(self, one: PrincipalEntry) -> Standing:
        gaps, stack = one.unreadable, self.shelf.stack
        limits: tuple[Stack, ...] = ()
        if one.boundary is not None or "boundary" in gaps:
            limits = (stack(one.boundary or (), unread="boundary" in gaps),)
        above = self.estate.organization.guardrails(one.account, SCP)
        caller = one.caller
        return Standing(
            account=caller.account,
            kind=caller.kind,
            linked=caller.service_linked,
            identity=stack(one.identity, unread="identity" in gaps),
            limits=limits,
            scps=tuple(self._levels(above.levels, unread=bool(above.unreadable))),
        )

    def _levels(self, levels: Levels, *, unread: bool) -> Iterator[Stack]:
        for several in levels or (((),) if unread else ()):
            yield self.shelf.stack(several, unread=unread)

    @cached_property
    def _carriers(self) -> Sequence[tuple[Stack, int]]:
        """The policies of resources, and those asked about that each speaks for."""
        found: dict[Policy, list[int]] = defaultdict(list)
        for at, held in enumerate(self.atlas.holders):
            if held is not None and held.policy is not None:
                found[held.policy].append(at)
        size = len(self.atlas.names)
        return [
            (Stack(self.shelf, (policy,), unread=False), of(some, size))
            for policy, some in found.items()
        ]

    def carried(self, service: str) -> Sequence[tuple[tuple[Rule, ...], int]]:
        """The statements of resource policies that may speak of a service."""
        found = self._carried.get(service)
        if found is None:
            every = ((stack.of(service), mask) for stack, mask in self._carriers)
            found = self._carried[service] = [(rules, mask) for rules, mask in every if rules]
        return found

    @cached_property
    def closed(self) -> int:
        """The resources whose own policy, if they have one, was not wholly readable."""
        found = [
            at
            for at, (name, held) in enumerate(
                zip(self.atlas.names.list, self.atlas.holders, strict=True)
            )
            if meeting.unread(name, held) or (held and held.policy and not held.policy.whole)
        ]
        return of(found, len(self.atlas.names))

    @cached_property
    def ceilings(self) -> Sequence[tuple[Stack, int]]:
        """The RCPs of each level, and the resources that they stand above."""
        masks: dict[str, list[int]] = defaultdict(list)
        for at, held in enumerate(self.atlas.holders):
            if held is not None and held.guarded:
                masks[held.account].append(at)
        found = []
        for account, some in masks.items():
            above = self.estate.organization.guardrails(account, RCP)
            mask = of(some, len(self.atlas.names))
            stacks = self._levels(above.levels, unread=bool(above.unreadable))
            found += [(one, mask) for one in stacks]
        return found

    def select(self, bits: int) -> list[str]:
        """The names of a set of resources."""
        return [self.atlas.names.list[at] for at in members(bits)]
