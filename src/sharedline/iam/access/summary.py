"""Who-can and what-can put short: principals and resources with one answer each, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sharedline.iam.access.bits import of
from sharedline.iam.access.estate import Estate
from sharedline.iam.access.targets import Targets
from sharedline.iam.access.weighing import Reach
from sharedline.iam.access.who_can import Access, Map, Word, ask
from sharedline.iam.actions import Action, matching, of_service, services
from sharedline.iam.language import Condition

#: Pairs of a principal that are explained one by one; beyond, one stands for those alike.
EXPLAINED = 200


@dataclass(frozen=True, slots=True)
class Holding:
    """A principal's answer for some resources. `whole`: they are all that the question was about."""

    principal: str
    answer: Word
    resources: tuple[str, ...]
    whole: bool
    conditions: tuple[Condition, ...]
    why: str


def holders(estate: Estate, action: Action, resources: Sequence[str]) -> Iterator[Holding]:
    """Everybody who can do the action on some of the resources, perhaps can, or is unknown."""
    over = Map(estate, resources)
    for principal, reach in over.reach(action.full).items():
        yield from _of(over, principal, action.full, reach, over.atlas.full)


def _answers(reach: Reach) -> Iterator[tuple[Word, int]]:
    if reach.yes:
        yield "yes", reach.yes
    if reach.depends:
        yield "depends", reach.depends
    if reach.unknown:
        yield "unknown", reach.unknown


def _of(over: Map, principal: str, action: str, reach: Reach, full: int) -> Iterator[Holding]:
    for word, bits in _answers(reach):
        names = over.select(bits)
        alike: dict[tuple[Condition, ...], list[str]] = defaultdict(list)
        found: dict[tuple[Condition, ...], Access] = {}
        for name in names[:EXPLAINED]:
            one = ask(over.estate, principal, action, name)
            key = one.conditions if word == "depends" else ()
            alike[key].append(name)
            found.setdefault(key, one)
        alike[next(iter(alike))] += names[EXPLAINED:]
        for key, some in alike.items():
            one = found[key]
            whole = len(alike) == 1 and bits == full
            yield Holding(principal, word, tuple(some), whole, one.conditions, one.decision.reason)


@dataclass(frozen=True, slots=True)
class Power:
    """Actions of one service and access level with one answer on the same resources.

    `whole`: on all of the principal's own account; `resources` are the others then.
    """

    service: str
    level: str
    answer: Word
    actions: tuple[str, ...]
    of_level: int
    resources: tuple[str, ...]
    whole: bool


def granted_services(estate: Estate, principal: str) -> list[str]:
    """The services of which some policy of the principal or of a resource may allow something."""
    found: set[str] = set()
    for policy in estate.principals[principal].identity:
        for statement in policy.allows:
            if statement.not_action:
                return sorted(services())
            for action in statement.actions:
                named = action.prefix.partition(":")
                if not named[1]:
                    found |= {one.service for one in matching(action.text)}
                else:
                    found.add(named[0])
    found |= {one.split(":", 3)[2] for one, held in estate.resources.items() if held.policy}
    if "iam" in found:  # roles carry trust policies, which speak of sts
        found.add("sts")
    return sorted(found & services())


def powers(estate: Estate, principal: str, among: Iterable[str]) -> Iterator[Power]:
    """What a principal can do in some services, alike actions together."""
    targets = Targets(estate)
    for service in among:
        yield from _in_service(estate, targets, principal, service)


def _in_service(estate: Estate, targets: Targets, principal: str, service: str) -> Iterator[Power]:
    maps: dict[tuple[str, ...], tuple[Map, int]] = {}
    home = estate.principals[principal].account
    totals: dict[str, int] = defaultdict(int)
    alike: dict[tuple[str, Word, tuple[str, ...], bool], list[str]] = defaultdict(list)
    for action in of_service(service).values():
        totals[action.access_level] += 1
        resources = targets.of(action)
        if resources not in maps:
            over = Map(estate, resources, [principal])
            owners = enumerate(over.atlas.accounts)
            own = of((at for at, one in owners if one in ("", home)), len(over.atlas.names))
            maps[resources] = (over, own)
        over, own = maps[resources]
        for word, bits in _answers(over.reach(action.full)[principal]):
            whole = bool(own) and bits & own == own
            named = tuple(over.select(bits & ~own if whole else bits))
            alike[action.access_level, word, named, whole].append(action.name)
    for (level, word, named, whole), names in sorted(alike.items()):
        yield Power(service, level, word, tuple(sorted(names)), totals[level], named, whole)
