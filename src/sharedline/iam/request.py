"""What is asked of the engine, and what it answers: callers, requests, policies, decisions.

Source: "Policy evaluation logic" of the IAM User Guide,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
(read 2026-11-21).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sharedline.iam.language import Condition, Layer, Policy, Statement

CallerKind = Literal["user", "role", "session", "federated", "root", "service", "anonymous"]


class Answer(enum.Enum):
    """What AWS would do with a request, as far as it can be told."""

    ALLOWED = "Allowed"
    EXPLICITLY_DENIED = "ExplicitlyDenied"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    #: Allowed or denied by what the request carries: `Decision.depends` lists those conditions.
    DEPENDS = "Depends"
    #: A policy could not be read or understood: `Decision.reason` says which.
    UNKNOWN = "Unknown"


class Unknown(enum.Enum):
    """The value of a condition key of which nothing is known, not even whether it is there."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    `arn` is the principal's own: of a session
    `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`. `role` is then the role's ARN with its
    path. A service is its name (`s3.amazonaws.com`), an anonymous caller `*`, both without account.
    Who comes with the token of an identity provider is `federated` and has the provider's ARN; of a
    federated user's session `role` may be the ARN of the user who asked for it.
    """

    arn: str
    kind: CallerKind
    account: str = ""
    role: str = ""
    service_linked: bool = False


_ARN = re.compile(r"arn:([\w-]+):(iam|sts)::(\d{12}):(.+)", re.DOTALL)
#: Identity providers that AWS knows by a name; those of an account have an ARN.
PROVIDERS = frozenset(
    (
        *("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com"),
        "www.amazon.com",
    )
)


def caller_of(principal: str, *, role: str = "") -> Caller:
    """The caller that an ARN, a service's name or `*` names.

    `role` is the ARN of a session's role where it has a path, which the session's ARN leaves out.
    ValueError for anything else.
    """
    if principal == "*":
        return Caller("*", "anonymous")
    if principal in PROVIDERS:
        return Caller(principal, "federated")
    found = _ARN.fullmatch(principal)
    if found is None:
        if principal.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")):
            return Caller(principal, "service")
        raise ValueError(f"{principal!r} is no principal's ARN")
    partition, _, account, rest = found.groups()
    kind, _, name = rest.partition("/")
    kinds: Mapping[str, CallerKind] = {
        "user": "user",
        "role": "role",
        "assumed-role": "session",
        "federated-user": "federated",
        "oidc-provider": "federated",
        "saml-provider": "federated",
        "root": "root",
    }
    if kind not in kinds:
        raise ValueError(f"{principal!r} is no principal's ARN")
    if kind == "assumed-role":
        role = role or f"arn:{partition}:iam::{account}:role/{name.partition('/')[0]}"
    elif kind == "role":
        role = principal
    linked = ":role/aws-service-role/" in role
    return Caller(principal, kinds[kind], account, role, linked)


@dataclass(frozen=True, slots=True)
class Context:
    """The condition keys of a request, in lower case, each with its values (text, one or more).

    `complete`: a key that is not here is absent. Otherwise nothing is known of it, except that
    those in `absent` are absent.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    complete: bool = True
    absent: frozenset[str] = frozenset()

    def get(self, key: str) -> tuple[str, ...] | Unknown | None:
        """The values of a key (lower case); None where it is absent."""
        found = self.values.get(key)
        if found is not None:
            return found
        return None if self.complete or key in self.absent else UNKNOWN


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `action` as `service:Name` in any case, `resource` an ARN or `*`.

    `resource_account` is the account that owns the resource; empty for the caller's.
    """

    caller: Caller
    action: str
    resource: str
    context: Context = Context()
    resource_account: str = ""


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that take part in a request.

    `boundary`, `session` and `vpce` are None where there is none (an empty one allows nothing).
    `scps` and `rcps` have one entry a level, the root of the organisation first, each with the
    policies attached there; () is no organisation. `unreadable` names what could not be read.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    vpce: tuple[Policy, ...] | None = None
    unreadable: Mapping[Layer, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deciding:
    """A statement that decided, with its policy and what the policy is attached to."""

    layer: Layer
    policy: Policy
    statement: Statement
    level: int = 0

    def __str__(self) -> str:
        """`policy X, statement 'Y'`."""
        return f"{self.policy.name}, statement {self.statement.name}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a request.

    `deciding` are the statements that gave it. `blocking` is the layer that denied, or that said
    nothing where it had to allow. `depends` are the conditions that are not known. `reason` is one
    sentence for people.
    """

    answer: Answer
    deciding: tuple[Deciding, ...] = ()
    blocking: Layer | None = None
    depends: tuple[Condition, ...] = ()
    reason: str = ""
