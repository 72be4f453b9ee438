"""What the resources' own policies say of all callers of an estate at once.

Most policies name accounts, roles or everybody, and many share their conditions. So callers are
kept as sets, worked out once for each list of principals and each set of conditions, and only what
differs from caller to caller is told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sharedline.iam.access.atlas import Atlas, Sets, reading
from sharedline.iam.access.bits import members, of
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.conditions import all_of
from sharedline.iam.language import Condition, Effect, Principal
from sharedline.iam.match import Rule
from sharedline.iam.principals import Match, Who, role_name
from sharedline.iam.request import Context


@dataclass(slots=True, eq=False)
class Said:
    """What resource policies say of one caller, as sets of resources.

    `allow`, `may` and `strange` have a set for each strength of naming, 1 to 3: allowed for certain
    so strongly or more; perhaps; and perhaps for another cause than a condition. `deny` is denied
    for certain, `doubt` perhaps, `odd` perhaps for another cause.
    """

    allow: list[int] = field(default_factory=lambda: [0, 0, 0])
    may: list[int] = field(default_factory=lambda: [0, 0, 0])
    strange: list[int] = field(default_factory=lambda: [0, 0, 0])
    deny: int = 0
    doubt: int = 0
    odd: int = 0

    def add(self, other: Said) -> None:
        """Adds what another says."""
        for at in range(3):
            self.allow[at] |= other.allow[at]
            self.may[at] |= other.may[at]
            self.strange[at] |= other.strange[at]
        self.deny |= other.deny
        self.doubt |= other.doubt
        self.odd |= other.odd

    def key(self) -> tuple[int, ...]:
        """What is said, as a value."""
        sets = (*self.allow, *self.may, *self.strange)
        return (*sets, self.deny, self.doubt, self.odd)

    def hears(self, rule: Rule, who: Match, sets: Sets) -> None:
        """Adds a statement that names the caller so, where it applies to these resources."""
        odd = isinstance(who.because, str) or reading(rule).strange
        if rule.statement.effect == "Deny":
            certain = sets.sure if who.certain else 0
            perhaps = (sets.sure | sets.maybe) & ~certain
            self.deny |= certain
            self.doubt |= perhaps
            self.odd |= perhaps if odd else 0
            return
        for at in range(who.possible):
            certain = sets.sure if at < who.certain else 0
            perhaps = (sets.sure | sets.maybe) & ~certain
            self.allow[at] |= certain
            self.may[at] |= perhaps
            self.strange[at] |= perhaps if odd else 0


Named = Sequence[tuple[Match, int]]


class Crowd:
    """The callers that are asked about, and which of them principals and conditions take in."""

    def __init__(self, atlas: Atlas, principals: Iterable[PrincipalEntry]) -> None:
        self.atlas = atlas
        self.list: Sequence[PrincipalEntry] = list(principals)
        self._at = {one.arn: at for at, one in enumerate(self.list)}
        alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        self._roles: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, one in enumerate(self.list):
            alike[one.account, one.caller.kind, one.boundary is not None].append(at)
            name = role_name(one.arn)
            if name:
                self._roles[name].append(at)
        self._classes = [(some[0], of(some, len(self.list))) for some in alike.values()]
        self._named: dict[tuple[object, ...], Named] = {}
        self._alike: dict[tuple[str, ...], Sequence[tuple[Context, int]]] = {}
        self._held: dict[tuple[Condition, ...], tuple[int, int]] = {}

    def named(self, rule: Rule) -> Named:
        """Which callers a statement names, by how; those that it does not are left out."""
        statement = rule.statement
        listed: tuple[Principal, ...] | None = statement.principals
        key = (listed, statement.not_principal, statement.effect)
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = list(self._work_out(rule.who, statement.effect))
        return found

    def _singled_out(self, who: Who) -> set[int]:
        """The callers that are named one by one."""
        found = {self._at[arn] for arn in who.arns if arn in self._at}
        for name in who.of_roles | {(one[1], one[2]) for one in who.sessions}:
            found.update(self._roles.get(name, ()))
        return found

    def _work_out(self, who: Who, effect: Effect) -> Iterator[tuple[Match, int]]:
        single = self._singled_out(who)
        apart = of(single, len(self.list))
        found: dict[tuple[object, ...], tuple[Match, int]] = {}

        def add(at: int, mask: int) -> None:
            one = self.list[at]
            match = who.match(one.caller, bounded=effect == "Deny" and one.boundary is not None)
            if match.possible and mask:
                kind = (match.certain, match.possible, isinstance(match.because, str))
                found[kind] = (match, found[kind][1] | mask if kind in found else mask)

        for at in single:
            add(at, 1 << at)
        for _, mask in self._classes:
            rest = mask & ~apart
            if rest:
                add(next(members(rest)), rest)
        yield from found.values()

    def alike(self, keys: tuple[str, ...]) -> Sequence[tuple[Context, int]]:
        """The callers by what is known of some condition keys."""
        found = self._alike.get(keys)
        if found is None:
            groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
            contexts = [self.atlas.context(one) for one in self.list]
            for at, context in enumerate(contexts):
                groups[tuple(context.get(key) for key in keys)].append(at)
            found = self._alike[keys] = [
                (contexts[some[0]], of(some, len(self.list))) for some in groups.values()
            ]
        return found

    def held(self, rule: Rule) -> tuple[int, int]:
        """The callers for whom a statement's conditions hold, and for whom they may.

        Of conditions and resources that do not tell of the resource only.
        """
        if not rule.conditions:
            return -1, 0
        key = rule.statement.conditions
        found = self._held.get(key)
        if found is None:
            sure = maybe = 0
            for context, mask in self.alike(reading(rule).caller):
                answer = all_of(test(context) for _, test in rule.conditions)
                sure |= mask if answer else 0
                maybe |= mask if answer is None else 0
            found = self._held[key] = (sure, maybe)
        return found


def heard(atlas: Atlas, crowd: Crowd, rules: Iterable[tuple[Rule, int]]) -> Mapping[int, Said]:
    """What statements of resource policies, each with its resources, say of each set of callers."""
    found: dict[int, Said] = defaultdict(Said)
    for rule, mask in rules:
        _hear(atlas, crowd, rule, mask, found)
    return found


def _hear(atlas: Atlas, crowd: Crowd, rule: Rule, mask: int, found: dict[int, Said]) -> None:
    named = crowd.named(rule)
    if not named:
        return
    read = reading(rule)
    if read.resource or rule.resources.varied:
        by_account = ("aws:principalaccount",) if read.resource else ()
        for context, alike in crowd.alike((*read.caller, *by_account)):
            sets = _cut(atlas.sets(rule, context), mask)
            if sets is not None:
                for who, callers in named:
                    if callers & alike:
                        found[callers & alike].hears(rule, who, sets)
        return
    fits = atlas.fits(rule) & mask
    if not fits:
        return
    sure, maybe = crowd.held(rule)
    for who, callers in named:
        if callers & sure:
            found[callers & sure].hears(rule, who, Sets(fits))
        if callers & maybe:
            found[callers & maybe].hears(rule, who, Sets(0, fits))


def _cut(sets: Sets, mask: int) -> Sets | None:
    if not (sets.sure | sets.maybe) & mask:
        return None
    return Sets(sets.sure & mask, sets.maybe & mask)
