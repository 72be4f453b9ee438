"""Texts with wildcards and policy variables, parsed once and matched with IAM's rules.

Source: "IAM JSON policy elements: Resource", "Policy variables" and "Condition operators" of the
IAM User Guide, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
and .../reference_policies_elements_resource.html (read 2026-11-21).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal

#: How many parts an ARN has; a wildcard in one of the first five does not reach into the next.
ARN_PARTS = 6


class Wild(enum.Enum):
    """A wildcard. The `IN_PART` ones stop at a colon, as in the first five parts of an ARN."""

    ANY = ".*"
    ONE = "."
    ANY_IN_PART = "[^:]*"
    ONE_IN_PART = "[^:]"

    @property
    def many(self) -> bool:
        """Whether it stands for any number of characters, none among them."""
        return self in (Wild.ANY, Wild.ANY_IN_PART)


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key, 'default'}`: `key` in lower case; `default` is None where there is none."""

    key: str
    default: str | None = None


Part = str | Wild | Variable
#: `plain`: one text, wildcards reach anywhere. `arn`: six parts, matched part by part (the ARN
#: operators of conditions). `resource`: so too, but a `*` that ends a part reaches beyond it.
Kind = Literal["plain", "arn", "resource"]

_WILDCARD = re.compile(r"[*?]")
_SPECIAL = re.compile(r"[*?]|\$\{[^{}]*\}")
_WILD = {"*": Wild.ANY, "?": Wild.ONE}
_INSIDE = {Wild.ANY: Wild.ANY_IN_PART, Wild.ONE: Wild.ONE_IN_PART}
_DEFAULT = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'((?:[^']|'')*)'\s*)?", re.DOTALL)
_ESCAPES = {"*": "*", "?": "?", "$": "$"}


@dataclass(frozen=True, slots=True, eq=False)
class Glob:
    """A parsed text. Two of the same `text`, `kind` and flags are one object: compare with `is`.

    `prefix` is the literal beginning (all of it where nothing else follows).
    """

    text: str
    kind: Kind
    fold: bool
    parts: tuple[Part, ...]
    prefix: str = field(init=False)
    literal: bool = field(init=False)
    variables: tuple[Variable, ...] = field(init=False)
    _regex: re.Pattern[str] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        """Work out what matching needs."""
        first = self.parts[0] if self.parts else ""
        variables = tuple(p for p in self.parts if isinstance(p, Variable))
        literal = not self.parts or (len(self.parts) == 1 and isinstance(first, str))
        object.__setattr__(self, "prefix", first if isinstance(first, str) else "")
        object.__setattr__(self, "variables", variables)
        object.__setattr__(self, "literal", literal)

    @property
    def everything(self) -> bool:
        """Whether every text matches."""
        return self.parts == (Wild.ANY,)

    def matches(self, text: str) -> bool:
        """Whether the text matches. A glob with variables must be filled first: ValueError."""
        if self.fold:
            text = text.lower()
        if self.literal:
            return text == self.prefix
        if self._regex is None:
            if self.variables:
                raise ValueError(f"the variables of {self.text!r} have not been filled in")
            # Not before it is needed: most globs of a policy are never matched with a text.
            object.__setattr__(self, "_regex", re.compile(_pattern(self.parts), re.DOTALL))
            assert self._regex is not None
        return self._regex.fullmatch(text) is not None

    def fill(self, value_of: Callable[[Variable], str | None]) -> Glob | None:
        """With each variable's value as literal text; None where one has no value."""
        if not self.variables:
            return self
        parts: list[Part] = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = value_of(part)
                if value is None:
                    return None
                parts.append(value.lower() if self.fold else value)
            else:
                parts.append(part)
        return Glob(self.text, self.kind, self.fold, _joined(parts))


def _pattern(parts: tuple[Part, ...]) -> str:
    """The regular expression of parts without variables.

    What stands between two `*` is taken at its first place, and never tried at another one: where
    the next `*` reaches as far as this one does, no later place matches more. Without that a text
    such as `*a*a*a…` takes time without bound.
    """
    many = [at for at, part in enumerate(parts) if isinstance(part, Wild) and part.many]
    following = dict(pairwise(many))
    body, until = "", -1
    for at, part in enumerate(parts):
        if at == until:
            body, until = f"{body})", -1
        if not isinstance(part, Wild):
            body += re.escape(str(part))
            continue
        after = following.get(at)
        if after is not None and Wild.ANY_IN_PART in (part, parts[after]) and part is Wild.ANY:
            after = None  # the next one stops at a colon, this one does not
        if after is not None:
            body, until = f"{body}(?>{part.value}?", after
        else:
            body += part.value
    return body


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """Neighbouring texts as one, runs of the same `*` as one, empty texts gone."""
    found: list[Part] = []
    for part in parts:
        if part == "":
            continue
        if found and isinstance(part, str) and isinstance(found[-1], str):
            found[-1] += part
        elif not (found and isinstance(part, Wild) and part.many and found[-1] is part):
            found.append(part)
    return tuple(found)


def _variable(inner: str) -> Part | None:
    if inner in _ESCAPES:
        return _ESCAPES[inner]
    found = _DEFAULT.fullmatch(inner)
    if found is None:
        return None
    return Variable(found[1].lower(), found[2])


def _split(text: str, *, variables: bool) -> list[Part]:
    """Literal texts, `*`, `?` and variables in order; wildcards as `Wild.ANY` and `.ONE`."""
    parts: list[Part] = []
    at = 0
    for found in (_SPECIAL if variables else _WILDCARD).finditer(text):
        if at < found.start():
            parts.append(text[at : found.start()])
        at = found.end()
        if found[0] in _WILD:
            parts.append(_WILD[found[0]])
        else:
            one = _variable(found[0][2:-1])
            parts.append(found[0] if one is None else one)
    if at < len(text):
        parts.append(text[at:])
    return parts


def _in_parts(parts: list[Part], kind: Kind) -> list[Part]:
    """The wildcards of the first five parts of an ARN stop at a colon.

    In a Resource a `*` at the end of a part does not: "Using wildcards in resource ARNs",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html.
    A text with fewer parts (`*`, `arn:aws:s3*`) is no ARN: there a wildcard reaches anywhere.
    """
    left = ARN_PARTS - 1
    if sum(part.count(":") for part in parts if isinstance(part, str)) < left:
        return parts
    found: list[Part] = []
    for at, part in enumerate(parts):
        if left <= 0:
            return [*found, *parts[at:]]
        if isinstance(part, str):
            left -= part.count(":")
        elif isinstance(part, Wild):
            following = parts[at + 1]  # there is one: the colons that are left
            ends = isinstance(following, str) and following.startswith(":")
            reaches = kind == "resource" and part is Wild.ANY and ends
            found.append(part if reaches else _INSIDE[part])
            continue
        found.append(part)
    return found


@lru_cache(maxsize=200_000)
def glob(
    text: str,
    kind: Kind = "plain",
    *,
    fold: bool = False,
    variables: bool = False,
    wildcards: bool = True,
) -> Glob:
    """The parsed text.

    `fold`: compared without regard to case. `variables`: `${…}` is read (policies of version
    2012-10-17; in others it is literal text). `wildcards`: `*` and `?` are read.
    """
    parts = _split(text, variables=variables)
    if not wildcards:
        parts = [
            {Wild.ANY: "*", Wild.ONE: "?"}.get(p, p) if isinstance(p, Wild) else p for p in parts
        ]
    elif kind != "plain":
        parts = _in_parts(parts, kind)
    if fold:
        parts = [p.lower() if isinstance(p, str) else p for p in parts]
    return Glob(text, kind, fold, _joined(parts))
