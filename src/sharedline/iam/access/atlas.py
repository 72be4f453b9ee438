"""What a statement takes in of all resources of an estate at once, for one caller.

Callers are told apart only by the condition keys that a statement reads, so that what is worked out
for one of them holds for all that are alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sharedline.iam.access import meeting
from sharedline.iam.access.bits import Names, of
from sharedline.iam.access.entries import PrincipalEntry, ResourceEntry
from sharedline.iam.access.estate import Estate
from sharedline.iam.conditions import all_of, filled, keys_of
from sharedline.iam.globs import Glob
from sharedline.iam.language import OPERATORS
from sharedline.iam.match import Resources, Rule
from sharedline.iam.request import UNKNOWN, Context

#: Keys that tell of the resource and not of the caller.
_OF_RESOURCE = frozenset(
    (
        *("aws:resourceaccount", "s3:resourceaccount", "aws:resourceorgid"),
        *("aws:resourceorgpaths", "aws:requestedregion"),
    )
)


def of_resource(key: str) -> bool:
    """Whether a condition key tells of the resource."""
    return key in _OF_RESOURCE or ":resourcetag/" in key


_NOTHING = Context(complete=False)


@dataclass(frozen=True, slots=True)
class Sets:
    """Where a statement applies for certain, and where it may."""

    sure: int = 0
    maybe: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What has to be known of a request to decide a statement.

    `caller` are the keys that tell of the caller, `resource` whether it reads any of the other
    kind, `strange` whether it has an operator that IAM has not.
    """

    caller: tuple[str, ...]
    resource: bool
    strange: bool


@lru_cache(maxsize=200_000)
def reading(rule: Rule) -> Reading:
    """The keys that a statement reads."""
    keys = {v.key for one in rule.resources.varied for v in one.variables}
    for condition, _ in rule.conditions:
        keys |= keys_of(condition)
    return Reading(
        tuple(sorted(key for key in keys if not of_resource(key))),
        any(map(of_resource, keys)),
        any(one.operator not in OPERATORS for one, _ in rule.conditions),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Resources of which the same is known: their account, and the keys that a scan decides."""

    account: str
    values: meeting.Values
    absent: frozenset[str]
    mask: int


class Atlas:
    """The resources of an estate that are asked about. `*` stands for no resource."""

    def __init__(
        self, estate: Estate, resources: Iterable[str], assumed: Context | None = None
    ) -> None:
        """`assumed` has keys of the request that go before what the scan knows."""
        self.estate = estate
        self._assumed = assumed or Context(complete=False)
        self.names = Names(resources)
        self.full = self.names.full
        self.holders: Sequence[ResourceEntry | None] = [
            estate.holder(name) for name in self.names.list
        ]
        self.accounts = ["" if name == "*" else estate.account_of(name) for name in self.names.list]
        self.none = self.names.matching_text("*")
        self.places = list(self._places())
        self._sets: dict[tuple[Rule, tuple[object, ...]], Sets] = {}
        self._contexts: dict[str, Context] = {}

    def _places(self) -> Iterable[Place]:
        estate, found = self.estate, defaultdict(list)
        tags = [key for key in estate.keys if ":resourcetag/" in key]
        known: dict[object, tuple[meeting.Values, set[str]]] = {}
        for at, (account, held) in enumerate(zip(self.accounts, self.holders, strict=True)):
            tagged = tags and held is not None and held.tags is not None
            region = meeting.region_of(self.names.list[at], held)
            alike = (account, region, held.arn if tagged and held is not None else "")
            if alike not in known:
                known[alike] = meeting.of_resource(estate.organization, account, held, tags, region)
            values, absent = known[alike]
            key = (account, self.names.list[at] == "*", tuple(sorted(values.items())))
            found[(*key, frozenset(absent))].append(at)
        for (account, _, values_, absent_), members in found.items():
            yield Place(account, dict(values_), absent_, of(members, len(self.names)))

    def context(self, principal: PrincipalEntry) -> Context:
        """What a scan knows of a caller, whatever the resource."""
        found = self._contexts.get(principal.arn)
        if found is None:
            estate = self.estate
            values, absent = meeting.of_principal(estate.organization, principal, estate.keys)
            given = self._assumed
            found = Context(
                {**values, **given.values},
                complete=False,
                absent=frozenset((absent | given.absent) - given.values.keys()),
            )
            self._contexts[principal.arn] = found
        return found

    def alike(self, rule: Rule, context: Context) -> tuple[object, ...]:
        """What tells callers apart as far as a statement goes."""
        read = reading(rule)
        found: tuple[object, ...] = tuple(context.get(key) for key in read.caller)
        # `*` stands for a resource of the caller's own account.
        return (*found, context.get("aws:principalaccount")) if read.resource else found

    def sets(self, rule: Rule, context: Context) -> Sets:
        """Where a statement applies for a caller."""
        if rule.everything:
            return Sets(self.full)
        key = (rule, self.alike(rule, context))
        found = self._sets.get(key)
        if found is None:
            found = self._sets[key] = self._work_out(rule, context)
        return found

    def _work_out(self, rule: Rule, context: Context) -> Sets:
        if not reading(rule).resource:
            return self._within(rule, context, self.full)
        sure = maybe = 0
        for place in self.places:
            found = self._within(rule, self._of_place(place, context), place.mask)
            sure, maybe = sure | found.sure, maybe | found.maybe
        return Sets(sure, maybe)

    def _of_place(self, place: Place, context: Context) -> Context:
        values, absent = place.values, place.absent
        if place.mask == self.none:
            own = context.values["aws:principalaccount"][0]
            more, without = meeting.of_resource(self.estate.organization, own, None, ())
            values, absent = more, frozenset(without)
        return Context({**context.values, **values}, complete=False, absent=context.absent | absent)

    def _within(self, rule: Rule, context: Context, mask: int) -> Sets:
        held = all_of(test(context) for _, test in rule.conditions)
        if held is False:
            return Sets()
        sure, maybe = self._fits(rule.resources, context)
        if held is None:
            return Sets(0, (sure | maybe) & mask)
        return Sets(sure & mask, maybe & mask)

    def fits(self, rule: Rule) -> int:
        """Which resources a statement without variables takes in, its conditions aside."""
        return self._fits(rule.resources, _NOTHING)[0]

    def _fits(self, resources: Resources, context: Context) -> tuple[int, int]:
        """Which resources Resource or NotResource takes in, and of which that is not known."""
        if resources.everything:
            return (0 if resources.negated else self.full), 0
        if resources.absent:
            return self.full, 0
        sure = maybe = 0
        for text in resources.literal:
            sure |= self.names.matching_text(text)
        for pattern in resources.patterns:
            sure |= self.names.matching(pattern)
        for pattern in resources.varied:
            ready = filled(pattern, context)
            if ready is UNKNOWN:
                maybe |= self.names.beginning(pattern.prefix)
            elif isinstance(ready, Glob):
                sure |= self.names.matching(ready)
        maybe &= ~sure
        return (self.full & ~(sure | maybe) if resources.negated else sure), maybe
