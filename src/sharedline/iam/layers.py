"""What each layer of policies says to a request: a Deny, an Allow, nothing, or not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sharedline.iam.conditions import keys_of
from sharedline.iam.language import OPERATORS, Condition, Layer, Policy
from sharedline.iam.match import Rule, index
from sharedline.iam.principals import Match, Strength
from sharedline.iam.request import UNKNOWN, Answer, Deciding, Decision
from sharedline.iam.special import Situation

#: How a layer is named in a sentence.
WORDS: dict[Layer, str] = {
    "identity": "identity policy",
    "resource": "resource policy",
    "trust": "trust policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "scp": "SCP",
    "rcp": "RCP",
    "vpce": "VPC endpoint policy",
}

#: Layers whose statements name resources always; in the others the policy is attached to one.
_NAMED = frozenset(("identity", "boundary", "session", "scp", "rcp"))
#: In the policy of a gateway endpoint (S3, DynamoDB) an account stands for its root user only.
#: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html (read 2026-11-21).
_BY_GATEWAY = ("s3:", "dynamodb:")
_GATEWAY = "whether an account in the endpoint's policy means more than its root user is not known"
_EVERYBODY = Match(Strength.DIRECT, Strength.DIRECT)
Cause = Condition | str


def called(layer: Layer, name: str, level: int = 0) -> str:
    """A policy in a sentence: `the SCP X at level 2`, `the inline policy X of role Y`."""
    kind = "" if name.startswith(("inline ", "managed ")) else f"{WORDS[layer]} "
    return f"the {kind}{name}{f' at level {level}' if level else ''}"


def told(deciding: Deciding) -> str:
    """A deciding statement in a sentence."""
    policy = called(deciding.layer, deciding.policy.name, deciding.level)
    return f"{policy}, statement {deciding.statement.name}"


@dataclass(slots=True)
class Allows:
    """Whether a layer allows: by which statement, or on what that hangs."""

    layer: Layer
    level: int = 0
    value: bool | None = False
    by: Deciding | None = None
    causes: list[Cause] = field(default_factory=list)


class Run:
    """One evaluation. `doubts` are the causes for which a Deny may apply."""

    __slots__ = ("doubts", "here")

    def __init__(self, here: Situation) -> None:
        self.here = here
        self.doubts: list[Cause] = []

    # Deny

    def deny(self) -> Deciding | None:
        """The first Deny that applies for certain, in whatever layer."""
        here = self.here
        for layer, level, policies in self._all():
            for policy in policies:
                for rule in index(policy).of(here.action)[0]:
                    found = self._denies(layer, rule)
                    if found:
                        return Deciding(layer, policy, rule.statement, level)
        return None

    def _all(self) -> Iterator[tuple[Layer, int, Sequence[Policy]]]:
        """The layers that take part, with what of them could not be read as doubts."""
        here, policies = self.here, self.here.policies
        found: list[tuple[Layer, int, Sequence[Policy]]] = []
        if here.scps_apply:
            found += [("scp", at, level) for at, level in enumerate(policies.scps, 1)]
        if here.rcps_apply:
            found += [("rcp", at, level) for at, level in enumerate(policies.rcps, 1)]
        if policies.vpce:
            found.append(("vpce", 0, policies.vpce))
        if here.resource_takes_part and policies.resource is not None and not here.root_keeps:
            found.append((here.resource_layer, 0, (policies.resource,)))
        if not here.resource_alone and here.caller.kind != "root":
            found.append(("identity", 0, policies.identity))
            if policies.boundary:
                found.append(("boundary", 0, policies.boundary))
        if policies.session and not here.resource_alone:
            found.append(("session", 0, policies.session))
        for layer, _, several in found:
            for one in several:
                if not one.whole:
                    self.doubts += _gaps(layer, several)
                    break
        if policies.unreadable:
            self.doubts += self._unreadable()
        return iter(found)

    def _unreadable(self) -> Iterator[str]:
        """What the caller of the engine could not read of the layers that take part."""
        here = self.here
        for layer, why in here.policies.unreadable.items():
            organised = (layer == "scp" and not here.scps_apply) or (
                layer == "rcp" and not here.rcps_apply
            )
            own = layer in ("identity", "boundary", "session") and here.resource_alone
            of_resource = layer in ("resource", "trust")
            if organised or own or (of_resource and not here.resource_takes_part):
                continue
            yield f"the {WORDS[layer]} could not be read: {why}"

    def _denies(self, layer: Layer, rule: Rule) -> bool:
        who = self._who(layer, rule)
        if not who.possible:
            return False
        applies = self._applies(layer, rule)
        if applies and who.certain:
            return True
        if applies is not False:
            self.doubts += self._causes(layer, rule, who)
        return False

    # Allow

    def plain(self, layer: Layer, policies: Sequence[Policy], level: int = 0) -> Allows:
        """Whether one of the policies allows; principals play no part."""
        here = self.here
        found = Allows(layer, level)
        for policy in policies:
            for rule in index(policy).of(here.action)[1]:
                applies = self._applies(layer, rule)
                if applies:
                    found.value = True
                    found.by = Deciding(layer, policy, rule.statement, level)
                    return found
                if applies is None:
                    found.value = None
                    found.causes += self._causes(layer, rule, _EVERYBODY)
        return self._with_gaps(found, policies)

    def levels(self, layer: Layer, levels: Sequence[Sequence[Policy]]) -> list[Allows]:
        """Each level of an organisation; one of nothing where they could not be read."""
        found = [self.plain(layer, level, at) for at, level in enumerate(levels, 1)]
        if not found and layer in self.here.policies.unreadable:
            found.append(self._with_gaps(Allows(layer), ()))
        return found

    def endpoint(self) -> Allows:
        """Whether the endpoint's policy lets the caller through."""
        best = self._by_principal("vpce", self.here.policies.vpce or ())
        return best[0]

    def resource(self) -> tuple[Allows, Allows, Allows]:
        """Whether the resource's policy allows: in any way, at least limited, directly."""
        policy, layer = self.here.policies.resource, self.here.resource_layer
        if policy is None and not self.here.policies.unreadable:
            nothing = Allows(layer)
            return nothing, nothing, nothing
        return self._by_principal(layer, () if policy is None else (policy,))

    def _by_principal(
        self, layer: Layer, policies: Sequence[Policy]
    ) -> tuple[Allows, Allows, Allows]:
        here = self.here
        found = (Allows(layer), Allows(layer), Allows(layer))
        for policy in policies:
            for rule in index(policy).of(here.action)[1]:
                who = self._who(layer, rule)
                if not who.possible:
                    continue
                applies = self._applies(layer, rule)
                if applies is False:
                    continue
                for strength, one in zip((1, 2, 3), found, strict=True):
                    if strength > who.possible or one.value:
                        continue
                    if applies and strength <= who.certain:
                        one.value, one.by = True, Deciding(layer, policy, rule.statement)
                    else:
                        one.value = None
                        one.causes += self._causes(layer, rule, who)
        for one in found:
            self._with_gaps(one, policies)
        return found

    # Both

    def _who(self, layer: Layer, rule: Rule) -> Match:
        here = self.here
        if layer in ("resource", "trust"):
            bounded = here.policies.boundary is not None and rule.statement.effect == "Deny"
            return rule.who.match(here.caller, bounded=bounded)
        if layer != "vpce" or rule.who.absent:
            return _EVERYBODY
        found = rule.who.match(here.caller)
        if found.certain is Strength.ACCOUNT and here.action.startswith(_BY_GATEWAY):
            return Match(Strength.NO, found.possible, _GATEWAY)
        return found

    def _applies(self, layer: Layer, rule: Rule) -> bool | None:
        applies = rule.applies(self.here.resource, self.here.context)
        if applies and rule.resources.absent and layer in _NAMED:
            return None
        return applies

    def _causes(self, layer: Layer, rule: Rule, who: Match) -> list[Cause]:
        """Why it is not known whether a statement applies; never nothing."""
        here, name = self.here, rule.statement.name
        found: list[Cause] = [] if who.because is None else [who.because]
        if rule.resources.absent and layer in _NAMED:
            found.append(f"statement {name} has no Resource")
        for one in rule.undecided(here.resource, here.context):
            if one.operator not in OPERATORS:
                found.append(f"the operator of the condition {one} is not one that IAM has")
            elif any(here.context.get(key) is UNKNOWN for key in keys_of(one)):
                found.append(one)
            else:
                found.append(f"AWS does not say how the condition {one} is decided here")
        return found or [f"AWS does not say how the Resource of statement {name} is read here"]

    def _with_gaps(self, found: Allows, policies: Iterable[Policy]) -> Allows:
        """A layer that could not be wholly read may allow more than it seems to."""
        unread = self.here.policies.unreadable
        if found.value or (not unread and all(one.whole for one in policies)):
            return found
        gaps = list(_gaps(found.layer, policies))
        layer = "resource" if found.layer == "trust" else found.layer
        gaps += [
            f"the {WORDS[one]} could not be read: {unread[one]}"
            for one in {found.layer, layer} & set(unread)
        ]
        if gaps:
            found.value = None
            found.causes += gaps
        return found

    def undecided(self, asked: Iterable[Allows]) -> Decision:
        """The answer where it is not known: DEPENDS on conditions, UNKNOWN for all else."""
        causes = [*self.doubts, *(c for one in asked if one.value is None for c in one.causes)]
        unknown = list(dict.fromkeys(one for one in causes if isinstance(one, str)))
        depends = tuple(dict.fromkeys(one for one in causes if isinstance(one, Condition)))
        if unknown:
            reason = f"Not known: {'; '.join(unknown[:3])}."
            return Decision(Answer.UNKNOWN, depends=depends, reason=reason)
        shown = "; ".join(str(one) for one in depends[:3])
        more = f" and {len(depends) - 3} more" if len(depends) > 3 else ""
        return Decision(Answer.DEPENDS, depends=depends, reason=f"Depends on {shown}{more}.")


def _gaps(layer: Layer, policies: Iterable[Policy]) -> Iterator[str]:
    for policy in policies:
        if not policy.whole:
            first = next(one for one in policy.problems if one.level == "fatal")
            yield f"{called(layer, policy.name)} could not be understood, {first}"
