"""The policy language as immutable values: policies, statements, conditions, principals.

Source: "Grammar of the IAM JSON policy language" and the element reference of the IAM User Guide,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html (read 2026-11-21).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sharedline.iam.globs import Glob

Effect = Literal["Allow", "Deny"]
#: What a policy is attached to, and so what it can do. `trust` is a role's resource policy.
Layer = Literal["identity", "resource", "trust", "boundary", "session", "scp", "rcp", "vpce"]
PrincipalKind = Literal["*", "AWS", "Service", "Federated", "CanonicalUser"]
Quantifier = Literal["", "forallvalues", "foranyvalue"]

#: The version from which policy variables are read; in a document of another they are literal.
CURRENT = "2012-10-17"

#: Every condition operator, without set prefix and `IfExists`, in lower case.
OPERATORS = frozenset(
    (
        *("stringequals", "stringnotequals", "stringlike", "stringnotlike"),
        *("stringequalsignorecase", "stringnotequalsignorecase"),
        *("numericequals", "numericnotequals", "numericlessthan", "numericlessthanequals"),
        *("numericgreaterthan", "numericgreaterthanequals"),
        *("dateequals", "datenotequals", "datelessthan", "datelessthanequals"),
        *("dategreaterthan", "dategreaterthanequals"),
        *("arnequals", "arnlike", "arnnotequals", "arnnotlike"),
        *("ipaddress", "notipaddress", "bool", "binaryequals", "null"),
    )
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a document: where (`Statement[2].Condition`), and what was expected.

    `warning`: AWS would not write it so, its meaning is plain. `undecided`: the statement is read,
    but one of its conditions can never be decided. `fatal`: a part has no meaning, so that the
    policy may say more than its statements do.
    """

    path: str
    message: str
    level: Literal["warning", "undecided", "fatal"] = "warning"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Principal:
    """One entry of `Principal`. Kind `*` is the bare star, everybody even without credentials."""

    kind: PrincipalKind
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator.

    `operator` is one of `OPERATORS`, or another text in lower case that is not known (and then
    never decided). `key` is in lower case. `values` are as written, numbers and booleans as JSON
    writes them. `variables` says whether `${…}` in them is read.
    """

    operator: str
    quantifier: Quantifier
    if_exists: bool
    key: str
    values: tuple[str, ...]
    variables: bool = False
    written: str = ""

    def __str__(self) -> str:
        values = ", ".join(self.values[:3]) + (" …" if len(self.values) > 3 else "")
        return f"{self.written or self.operator} {self.key} {values}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Exactly one of each pair is used: the `not_` flag says which.

    `principals` is None where the element is absent (identity policies), `resources` where that is
    (trust policies). `actions` are folded globs, `resources` globs of kind `resource`.
    `place` is the line and column, from 1, of the statement in its text; (0, 0) without a text.
    """

    index: int
    sid: str
    effect: Effect
    principals: tuple[Principal, ...] | None
    not_principal: bool
    actions: tuple[Glob, ...]
    not_action: bool
    resources: tuple[Glob, ...] | None
    not_resource: bool
    conditions: tuple[Condition, ...]
    place: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """How people find it: its Sid, or its place in the list from 1."""
        return f"{self.sid!r}" if self.sid else f"number {self.index + 1}"


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A parsed document. The same text with the same name is the same object.

    `name` is how a person knows it: an ARN, or `inline policy X of role Y`. `whole` is False where
    a part of it could not be understood, so that it may say more than its statements do.
    """

    name: str
    version: str
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...] = ()
    size: int = 0
    whole: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work out whether all of it was understood."""
        object.__setattr__(self, "whole", not any(one.level == "fatal" for one in self.problems))

    @property
    def allows(self) -> tuple[Statement, ...]:
        """The Allow statements."""
        return tuple(one for one in self.statements if one.effect == "Allow")

    @property
    def denies(self) -> tuple[Statement, ...]:
        """The Deny statements."""
        return tuple(one for one in self.statements if one.effect == "Deny")
