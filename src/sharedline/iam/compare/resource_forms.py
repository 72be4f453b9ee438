"""Which resources an action is asked of: the ARNs of its kinds, as AWS's reference writes them.

In a Resource element a `*` that ends a part of an ARN reaches into the next ones. So a pattern
takes in texts such as `arn:aws:x:eu-west-1:1:a/b:stack/c`, whose name holds what another pattern
has as its own part, and which no resource has. A comparison leaves those out: it asks of ARNs of
the listed kinds, whose names hold no colon, and of any other text as if every part stood alone.
"""

from __future__ import annotations

from functools import lru_cache

from sharedline.iam import actions as catalogue
from sharedline.iam.globs import ARN_PARTS, Glob, Part, Wild, glob

#: Services whose names customers and callers make of any characters, colons too: keys of objects,
#: paths of requests, topics.
FREE_NAMES = frozenset(
    ("s3", "s3express", "s3-outposts", "s3-object-lambda", "execute-api", "iot", "logs")
)
ACCOUNT, REGION = "111122223333", "us-east-1"
_INSIDE = {Wild.ANY: Wild.ANY_IN_PART, Wild.ONE: Wild.ONE_IN_PART}


@lru_cache(maxsize=20_000)
def part_by_part(one: Glob) -> Glob:
    """The glob with the wildcards of an ARN's first five parts kept within their part."""
    left = ARN_PARTS - 1
    if sum(part.count(":") for part in one.parts if isinstance(part, str)) < left:
        return one
    parts: list[Part] = []
    for part in one.parts:
        if isinstance(part, str):
            left -= part.count(":")
        parts.append(_INSIDE.get(part, part) if isinstance(part, Wild) and left > 0 else part)
    return one if tuple(parts) == one.parts else Glob(one.text, "arn", one.fold, tuple(parts))


@lru_cache(maxsize=20_000)
def _strict(template: Glob, service: str) -> Glob:
    """The template with names that hold no colon, but for services whose names may."""
    if service in FREE_NAMES:
        return template
    parts = tuple(_INSIDE.get(p, p) if isinstance(p, Wild) else p for p in template.parts)
    return Glob(template.text, "arn", template.fold, parts)


@lru_cache(maxsize=20_000)
def templates(action: str) -> tuple[Glob, ...]:
    """The ARNs of the kinds of resource that an action (in any case) takes; none if unknown."""
    found = catalogue.find(action)
    if found is None:
        return ()
    arns = catalogue.resource_arns(found.service)
    return tuple(
        _strict(arns[name], found.service) for name in found.resource_types if name in arns
    )


@lru_cache(maxsize=20_000)
def usual(template: Glob) -> tuple[Glob, ...]:
    """Narrower forms to show to people: in a usual place, and there with a usual name."""
    parts = template.text.split(":", ARN_PARTS - 1)
    for at, text in ((1, "aws"), (3, REGION), (4, ACCOUNT)):
        if at < len(parts) and parts[at] == "*":
            parts[at] = text
    head, name = ":".join(parts[: ARN_PARTS - 1]), ":".join(parts[ARN_PARTS - 1 :])
    return tuple(
        glob(f"{head}:{name.replace('*', shown)}" if name else head, "arn")
        for shown in ("example", "?*")
    )
