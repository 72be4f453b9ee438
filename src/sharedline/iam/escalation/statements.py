"""What Allow statements name: whether a resource may be meant, which ones are, and an example."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.globs import Glob
from sharedline.iam.language import Statement

_USER_NAME: Final = "${aws:username}"
#: A Region to ask about where a policy does not name one.
REGION: Final = "us-east-1"


@lru_cache(maxsize=100_000)
def _named(one: Glob, name: str | None) -> Glob | None:
    """A pattern with the caller's user name in it; None where it has other variables too.

    `name` is None for a role, of which there is no user name: then nothing matches.
    """
    if not one.variables or (name is None and _USER_NAME in one.text):
        return one
    return one.fill(lambda variable: name if variable.key == "aws:username" else None)


def speaks_of(statement: Statement, resource: str, entry: PrincipalEntry) -> bool:
    """Whether an Allow statement may mean a resource; variables other than its name may be it."""
    name = None if entry.is_role else entry.name
    for one in statement.resources or ():
        if not resource.startswith(one.prefix):
            continue
        if name is None and _USER_NAME in one.text:
            continue
        found = _named(one, name)
        if one.everything or found is None or found.matches(resource):
            # What NotResource excludes is excluded, unless a variable leaves it open.
            return not statement.not_resource or bool(one.variables)
    return statement.not_resource or statement.resources is None


def names_of(statement: Statement, entry: PrincipalEntry) -> set[str] | None:
    """The last parts of the ARNs that a statement names; None where it names no few of them."""
    if statement.not_resource or statement.resources is None:
        return None
    found = set()
    for one in statement.resources:
        parts = one.text.split(":", 5)
        if _USER_NAME in one.text and entry.is_role:
            continue
        last = parts[-1].replace(_USER_NAME, entry.name)
        if len(parts) < 6 or set(last) & set("*?$"):
            return None
        found.add(last)
    return found


def plain(template: str, entry: PrincipalEntry, region: str) -> str:
    """An ARN of a kind that the principal could choose, from the kind's pattern."""
    parts = template.split(":", 5)
    fill = ("arn", entry.arn.split(":", 2)[1], parts[2], region, entry.account, "any")
    return ":".join(
        part.replace("*", fill[at]) if "*" in part else part for at, part in enumerate(parts)
    )


def sample(one: Glob, template: Glob, entry: PrincipalEntry) -> str | None:
    """A text that both match: the statement's words where it has some, else plain ones."""
    usual_text = plain(template.text, entry, REGION)
    if one.everything:
        return usual_text
    text = one.text.replace("${aws:username}", entry.name)
    parts, usual = text.split(":", 5), usual_text.split(":", 5)
    if "${" in text or len(parts) < 6:
        return usual_text if not one.variables and one.matches(usual_text) else None
    made = [
        usual[at] if part == "*" else part.replace("*", "any").replace("?", "x")
        for at, part in enumerate(parts)
    ]
    found = ":".join(made)
    if template.matches(found) and (one.variables or one.matches(found)):
        return found
    return usual_text if not one.variables and one.matches(usual_text) else None
