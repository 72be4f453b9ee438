"""Whether a rule leads from one principal to another: every permission, every need, with proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sharedline.iam.escalation.aims import Aims, naming
from sharedline.iam.escalation.holding import (
    ADMINISTRATOR,
    RANK,
    Holding,
    Node,
    Step,
    worst,
)
from sharedline.iam.escalation.needs import FACTS, Aim, Fact
from sharedline.iam.escalation.rules import Permission, Rule
from sharedline.iam.escalation.surroundings import Surroundings, table_of

Extra = Mapping[str, str | None]
#: How many existing resources of a kind are tried before one more is taken for as good.
TRIED = 50
_ONCE_TRUSTED = "assumable-once-trusted"
#: Actions whose requests say which boundary the changed principal has.
_BOUNDED = frozenset(
    (
        *("iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachRolePolicy"),
        *("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"),
    )
)
_GLOBAL: Extra = {"aws:requestedregion": "us-east-1"}


@dataclass(frozen=True, slots=True)
class Edge:
    """One hop: from `start` to `end` (keys of nodes) by a rule.

    `answer` is yes, depends or unknown. `conditions` say on what it depends, `unknown` what is not
    known. `via` is the resource, policy, group or passed role that stands between, if any.
    """

    start: str
    end: str
    rule: Rule
    answer: str
    steps: tuple[Step, ...]
    via: str = ""
    conditions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying a rule on an aim gave: an edge, or what was missing although all is permitted."""

    edge: Edge | None = None
    missing: str = ""


class Edges:
    """Tries rules on aims; remembers what does not hang on the aim."""

    def __init__(self, holding: Holding, around: Surroundings) -> None:
        self.holding, self.around = holding, around
        self.aims = Aims(holding, around)
        self._bases: dict[tuple[str, str], tuple[Step, ...] | None] = {}

    # -- permissions that do not hang on the aim -------------------------------------------------

    def base(self, node: Node, rule: Rule) -> tuple[Step, ...] | None:
        """The permissions on new and existing resources and on `*`; None where one is missing."""
        key = (node.key, rule.id)
        if key not in self._bases:
            self._bases[key] = self._base(node, rule)
        return self._bases[key]

    def _base(self, node: Node, rule: Rule) -> tuple[Step, ...] | None:
        places: dict[str, list[Permission]] = {}
        for one in rule.permissions:
            if one.kind or one.on == "*":
                places.setdefault(one.on, []).append(one)
        steps: list[Step] = []
        for permissions in places.values():
            found = self._at(node, permissions)
            if found is None:
                return None
            steps += found
        return tuple(steps)

    def _at(self, node: Node, permissions: list[Permission]) -> tuple[Step, ...] | None:
        """All the permissions on one resource of a kind: the first best resource of those tried."""
        first = permissions[0]
        if first.on == "*":
            return self._all(node, permissions, "*", {})
        names = {one.action for one in permissions}
        unread = ""
        if first.kind == "existing":
            table = table_of(first.type)
            resources = [row["arn"] for row in self.around.of(table, node.entry.account)]
            if not resources:
                if self.around.read(table, node.entry.account):
                    return None
                unread = f"{table} was not read"
        if first.kind == "new" or unread:
            resources = list(self.holding.samples(node, sorted(names), first.type))
        best: tuple[Step, ...] | None = None
        for resource in resources[:TRIED]:
            found = self._all(node, permissions, resource, _in_region(resource))
            if found is not None and (best is None or _rank(found) < _rank(best)):
                best = found
            if best is not None and not _rank(best):
                break
        if best is not None and unread:
            best = (*best, Step("", "", "unknown", reason=unread))
        return best

    def possible(self, node: Node, permissions: list[Permission]) -> bool:
        """Whether the permissions are held together on some resource that could exist."""
        return bool(permissions) and self._at(node, permissions) is not None

    def _all(
        self, node: Node, permissions: list[Permission], resource: str, extra: Extra
    ) -> tuple[Step, ...] | None:
        steps = []
        for one in permissions:
            new = one.kind == "new"
            step = self.holding.may(node, one.action, resource, extra, new=new)
            if step is None:
                return None
            steps.append(step)
        return tuple(steps)

    # -- permissions on the aim ------------------------------------------------------------------

    def _aimed(self, node: Node, rule: Rule, aim: Aim) -> tuple[Step, ...] | None:
        steps: list[Step] = []
        for one in rule.permissions:
            if one.kind or one.on in ("*", "resource"):
                continue
            resource = {
                "self": node.arn,
                "target": aim.target.arn,
                "passed-role": aim.passed.arn if aim.passed else "",
                "policy": aim.policy,
                "group": aim.group,
            }[one.on]
            step = self._one(node, rule, one.action, resource)
            if step is None:
                return None
            steps.append(step)
        on_resource = [one for one in rule.permissions if one.on == "resource"]
        if on_resource:
            assert rule.resource is not None, "the loader refuses such a rule"
            if aim.resource:
                found = self._all(node, on_resource, aim.resource, _in_region(aim.resource))
            else:
                found = self._at(
                    node, [Permission(p.action, f"new {rule.resource.type}") for p in on_resource]
                )
            if found is None:
                return None
            steps += found
        return tuple(steps)

    def _one(self, node: Node, rule: Rule, action: str, resource: str) -> Step | None:
        if action == "iam:PassRole":
            return self._pass(node, rule, resource)
        extra: dict[str, str | None] = {}
        if action.startswith("iam:"):
            extra |= _GLOBAL
        if action in _BOUNDED:
            changed = self.holding.estate.principals.get(resource)
            if changed is not None and not changed.unreadable.get("boundary"):
                extra["iam:permissionsboundary"] = changed.boundary_arn or None
        if action.startswith("iam:Attach"):
            extra["iam:policyarn"] = ADMINISTRATOR
        return self.holding.may(node, action, resource, extra)

    def _pass(self, node: Node, rule: Rule, role: str) -> Step | None:
        """Passing a role: a service may be known by more than one name, which need not agree."""
        entry = self.holding.estate.principals[role]
        services = [s for s in rule.passed_to if s not in rule.service] or [
            s for s in rule.service if self.aims.trusts(entry, s).answer != "no"
        ]
        if set(rule.passed_to) - set(rule.service):
            services = list(rule.passed_to)
        steps = [
            self.holding.may(node, "iam:PassRole", role, {"iam:passedtoservice": service})
            for service in services
        ]
        found = [step for step in steps if step is not None]
        if not found:
            return None
        best = min(found, key=lambda step: RANK[step.answer])
        if len(found) == len(steps) or best.answer != "yes":
            return best
        names = " or ".join(services)
        told = f"iam:PassedToService, {names}, is the one that the policy allows"
        return Step(best.action, role, "depends", best.statements, (told,), best.reason)

    # -- everything together ---------------------------------------------------------------------

    def attempt(self, node: Node, rule: Rule, aim: Aim, end: str) -> Tried:
        """Tries a rule on an aim, for a principal that is not the aim itself."""
        entry, target = node.entry, aim.target
        if rule.by != "any" and entry.is_role != (rule.by == "role"):
            return Tried()
        owner = aim.passed or target
        local = rule.id != "sts/assume-role" and not aim.resource
        if local and entry.account != owner.account:
            return Tried()
        aimed = self._aimed(node, rule, aim)
        base = self.base(node, rule) if aimed is not None else None
        if aimed is None or base is None:
            return Tried()
        facts = list(self._facts(node, rule, aim))
        missing = [fact.why for fact in facts if fact.answer == "no"]
        if missing:
            return Tried(missing=missing[0])
        steps = [one for one in (*aimed, *base) if one.action]
        if aim.unread:
            facts.append(Fact("unknown", aim.unread))
        facts += [Fact("unknown", one.reason) for one in base if not one.action]
        conditions = [c for step in steps for c in step.conditions]
        conditions += [fact.why for fact in facts if fact.answer == "depends"]
        unknown = [fact.why for fact in facts if fact.answer == "unknown"]
        unknown += [step.reason for step in steps if step.answer == "unknown"]
        edge = Edge(
            start=node.key,
            end=end,
            rule=rule,
            answer=worst((*(s.answer for s in steps), *(f.answer for f in facts))),
            steps=tuple(steps),
            via=aim.resource or aim.policy or aim.group or _passed(aim),
            conditions=tuple(dict.fromkeys(conditions)),
            unknown=tuple(dict.fromkeys(unknown)),
        )
        return Tried(edge)

    def _facts(self, node: Node, rule: Rule, aim: Aim) -> Iterator[Fact]:
        if rule.service and aim.passed:
            yield self.aims.trusts_one(aim.passed, rule.service)
        if rule.target == "assumed-by-passed-role":
            assert aim.passed is not None, "such an aim has its role"
            yield self._assumes(aim)
        for need in rule.needs:
            if need != _ONCE_TRUSTED:
                yield FACTS[need](self.around, node.entry, aim)
                continue
            trust = naming(node.arn)
            step = self.holding.ask(node, "sts:AssumeRole", aim.target.arn, trust=trust)
            why = step.reason if step.answer == "unknown" else ", ".join(step.conditions)
            if step.answer == "no":
                why = f"{node.entry.name} is kept from assuming {aim.target.name}"
            yield Fact(step.answer, why)

    def _assumes(self, aim: Aim) -> Fact:
        assert aim.passed is not None, "asked only where a role is passed"
        role = Node(aim.passed.arn, aim.passed)
        step = self.holding.may(role, "sts:AssumeRole", aim.target.arn)
        if step is None:
            return Fact("no", f"{aim.passed.name} may not assume {aim.target.name}")
        why = step.reason if step.answer == "unknown" else ", ".join(step.conditions)
        return Fact(step.answer, why)


def _passed(aim: Aim) -> str:
    return aim.passed.arn if aim.passed and aim.passed.arn != aim.target.arn else ""


def _rank(steps: tuple[Step, ...]) -> int:
    return max(RANK[step.answer] for step in steps)


def _in_region(resource: str) -> Extra:
    parts = resource.split(":", 5)
    return {"aws:requestedregion": parts[3]} if len(parts) == 6 and parts[3] else {}
