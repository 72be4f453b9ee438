"""Actions that stand for all actions, known and yet to come, as far as statements tell them apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sharedline.iam import actions as catalogue
from sharedline.iam.compare.algebra import step
from sharedline.iam.compare.candidates import texts_apart
from sharedline.iam.compare.resource_forms import templates
from sharedline.iam.globs import Glob, glob
from sharedline.iam.language import Statement
from sharedline.iam.match import takes_no_resource

#: Actions that everybody knows, to show what a bare `*` gives; beside those of the services named.
USUAL = (
    *("s3:GetObject", "s3:ListBucket", "ec2:RunInstances", "ec2:DescribeInstances"),
    *("iam:CreateUser", "iam:PassRole", "sts:AssumeRole", "kms:Decrypt", "sqs:SendMessage"),
    *("lambda:InvokeFunction", "dynamodb:GetItem", "secretsmanager:GetSecretValue"),
)
#: No policy decides on it.
FREE = "sts:getcalleridentity"
_FORM = glob("?*:?*", fold=True)


@dataclass(slots=True)
class ActionClass:
    """Actions of which the same statements speak, given as bits; `bare`: they take no resource."""

    statements: int
    bare: bool
    examples: list[str] = field(default_factory=list)

    def places(self) -> Iterator[int]:
        """The places of its statements."""
        mask = self.statements
        while mask:
            yield (mask & -mask).bit_length() - 1
            mask &= mask - 1

    def forms(self) -> list[Glob]:
        """The ARNs of the kinds of resource that they take."""
        return list(dict.fromkeys(form for one in self.examples for form in templates(one)))

    def taking(self, form: Glob) -> ActionClass:
        """Those of them that take resources of one kind."""
        mine = [one for one in self.examples if form in templates(one)]
        return ActionClass(self.statements, self.bare, mine)


@lru_cache(maxsize=5_000)
def _known(pattern: str) -> tuple[str, ...]:
    """The catalogue's actions of a pattern that names its service."""
    return tuple(one.full for one in catalogue.matching(pattern))


def _service(one: Glob) -> str:
    """The service that a glob names whole; empty for a wildcard there."""
    service, colon, _ = one.prefix.partition(":")
    return service if colon else ""


def _examples(globs: Sequence[Glob]) -> Iterator[str]:
    """Literal actions, those of the catalogue, the usual ones, and then invented ones."""
    patterns = [one for one in globs if not one.literal]
    literals = [one for one in globs if one.literal]
    for one in literals:
        known = catalogue.find(one.prefix)
        yield known.full if known else one.prefix
    for one in patterns:
        step()
        if _service(one):
            yield from _known(one.text)
    if any(not _service(one) for one in patterns):
        yield from USUAL
    wide = [one for one in patterns if not _service(one)]
    by_service: dict[str, list[Glob]] = defaultdict(list)
    for one in patterns:
        by_service[_service(one)].append(one)
    for service, mine in by_service.items():
        within = glob(f"{service}:?*", fold=True) if service else _FORM
        several = [*mine, *wide] if service else mine
        yield from texts_apart(several, literals, within=within)
    if not patterns:
        yield "example:Example"


def classes(statements: Sequence[Statement]) -> Iterator[ActionClass]:
    """Every class of actions that some statement speaks of differently; bit n is statement n."""
    globs = list(dict.fromkeys(one for it in statements for one in it.actions))
    negated = [it for it in statements if it.not_action]
    if negated and not any(one.everything for one in globs):
        globs.append(glob("*", fold=True))
    found: dict[tuple[int, bool], ActionClass] = {}
    masks = _Masks(statements)
    for action in dict.fromkeys(_examples(globs)):
        step()
        lower = action.lower()
        if lower == FREE:
            continue
        bare = takes_no_resource(lower)
        key = (masks.of(lower), bare)
        one = found.get(key)
        if one is None:
            one = found[key] = ActionClass(*key)
        one.examples.append(action)
    for one in found.values():
        one.examples.sort(key=lambda action: action not in USUAL)
    return iter(found.values())


class _Masks:
    """Which statements speak of an action."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        """Gather for each glob the statements that have it."""
        self.negated = 0
        places: dict[Glob, int] = defaultdict(int)
        for at, statement in enumerate(statements):
            self.negated |= statement.not_action << at
            for one in statement.actions:
                places[one] |= 1 << at
        self.literal: dict[str, int] = defaultdict(int)
        for one, mask in places.items():
            if one.literal:
                self.literal[one.prefix] |= mask
        self.patterns = [(one, mask) for one, mask in places.items() if not one.literal]

    def of(self, lower: str) -> int:
        """The statements, as bits."""
        mask = self.literal.get(lower, 0)
        for one, more in self.patterns:
            if lower.startswith(one.prefix) and one.matches(lower):
                mask |= more
        return mask ^ self.negated
