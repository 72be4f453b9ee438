"""The text of a policy as a `Policy`; what is malformed is named by its path, never guessed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
(read 2026-11-21).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sharedline.errors import Error
from sharedline.iam.globs import Glob, Kind, glob
from sharedline.iam.language import (
    CURRENT,
    OPERATORS,
    Condition,
    Policy,
    Principal,
    PrincipalKind,
    Problem,
    Quantifier,
    Statement,
)

#: Keys of a document and of a statement, by lower case: AWS's own spelling is the value.
DOCUMENT = {k.lower(): k for k in ("Version", "Id", "Statement")}
ELEMENTS = {
    k.lower(): k
    for k in (
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    )
}
PRINCIPALS: Mapping[str, PrincipalKind] = {
    k.lower(): k for k in ("AWS", "Service", "Federated", "CanonicalUser")
}
VERSIONS = (CURRENT, "2008-10-17")
_QUANTIFIERS: Mapping[str, Quantifier] = {
    "forallvalues": "forallvalues",
    "foranyvalue": "foranyvalue",
}
#: Longer texts are not policies: the largest that AWS takes (an S3 bucket policy) is 20 kB.
LONGEST = 2_000_000


class PolicyError(Error):
    """A document that is not a policy, or not wholly one: names the path and what was expected."""


class _FaultError(Exception):
    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(path, message, "fatal")


class _Repeated(dict[str, Any]):
    """An object in which a key was written twice; AWS refuses that, JSON does not."""

    keys_twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    names = [key for key, _ in pairs]
    repeated = _Repeated(made)
    repeated.keys_twice = tuple(sorted({key for key in names if names.count(key) > 1}))
    return repeated


def _once(raw: Any, path: str) -> None:
    if isinstance(raw, _Repeated):
        names = ", ".join(raw.keys_twice)
        raise _FaultError(path, f"expected each key once, found twice: {names}")


def _shape(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), names[dict] if isinstance(value, dict) else "a number")


def _texts(value: Any, path: str) -> tuple[str, ...]:
    """A text or list of texts; numbers and booleans as JSON writes them."""
    found = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, bool):
            found.append("true" if one else "false")
        elif isinstance(one, (str, int, float)):
            found.append(str(one))
        else:
            raise _FaultError(path, f"expected text or a list of texts, found {_shape(one)}")
    return tuple(found)


def _principals(value: Any, path: str) -> tuple[Principal, ...]:
    if value == "*":
        return (Principal("*", "*"),)
    if isinstance(value, (str, list)):  # not in the grammar; older documents have it
        return tuple(
            Principal("*", "*") if one == "*" else Principal("AWS", one)
            for one in _texts(value, path)
        )
    if not isinstance(value, dict):
        raise _FaultError(
            path, f'expected "*" or an object such as {{"AWS": …}}, found {_shape(value)}'
        )
    found = []
    for kind, names in value.items():
        known = PRINCIPALS.get(kind.lower())
        if known is None and kind != "*":
            raise _FaultError(
                path, f"expected AWS, Service, Federated or CanonicalUser, found {kind!r}"
            )
        found += [Principal(known or "*", one) for one in _texts(names, f"{path}.{kind}")]
    return tuple(found)


def _condition(operator: str, key: str, value: Any, path: str, *, variables: bool) -> Condition:
    lower = operator.lower()
    prefix, _, base = lower.rpartition(":")
    if_exists = base.endswith("ifexists")
    base = base.removesuffix("ifexists")
    quantifier = _QUANTIFIERS.get(prefix, "")
    if prefix and not quantifier:
        base = lower  # an unknown prefix: nothing about it is known
    return Condition(
        operator=base,
        quantifier=quantifier,
        if_exists=if_exists,
        key=key.lower(),
        values=_texts(value, path),
        variables=variables,
        written=operator,
    )


class _Reader:
    """Reads one document and gathers what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.variables = False

    def warn(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def named(self, raw: Mapping[str, Any], known: Mapping[str, str], path: str) -> dict[str, Any]:
        """The members by AWS's spelling; those that are not known are said."""
        _once(raw, path or "document")
        found: dict[str, Any] = {}
        for key, value in raw.items():
            name = known.get(key.lower())
            where = f"{path}.{key}" if path else key
            if name is None:
                raise _FaultError(where, f"expected one of {', '.join(known.values())}")
            if name != key:
                self.warn(where, f"expected the spelling {name}")
            found[name] = value
        return found

    def conditions(self, block: Any, path: str) -> tuple[Condition, ...]:
        if not isinstance(block, dict):
            raise _FaultError(path, f"expected an object of operators, found {_shape(block)}")
        _once(block, path)
        found = []
        for operator, keys in block.items():
            here = f"{path}.{operator}"
            _once(keys, here)
            if not isinstance(keys, dict):
                raise _FaultError(
                    here, f"expected an object of condition keys, found {_shape(keys)}"
                )
            for key, value in keys.items():
                one = _condition(operator, key, value, f"{here}.{key}", variables=self.variables)
                if one.operator not in OPERATORS:
                    self.problems.append(
                        Problem(here, "expected a condition operator that IAM has", "undecided")
                    )
                found.append(one)
        return tuple(found)

    def pair(self, raw: Mapping[str, Any], name: str, path: str) -> tuple[Any, bool] | None:
        """The value of an element or of its `Not` form, and which it was; None for neither."""
        both = [key for key in (name, f"Not{name}") if key in raw]
        if len(both) == 2:
            raise _FaultError(path, f"expected {name} or Not{name}, found both")
        return (raw[both[0]], both[0] != name) if both else None

    def globs(self, value: Any, path: str, kind: Kind) -> tuple[Glob, ...]:
        action = kind == "plain"
        return tuple(
            glob(one, kind, fold=action, variables=self.variables and not action)
            for one in _texts(value, path)
        )

    def statement(self, index: int, given: Any, path: str) -> Statement:
        if not isinstance(given, dict):
            raise _FaultError(path, f"expected an object, found {_shape(given)}")
        raw = self.named(given, ELEMENTS, path)
        if raw.get("Effect") not in ("Allow", "Deny"):
            raise _FaultError(f"{path}.Effect", 'expected "Allow" or "Deny"')
        action = self.pair(raw, "Action", path)
        if action is None:
            raise _FaultError(path, "expected Action or NotAction")
        resource = self.pair(raw, "Resource", path)
        who = self.pair(raw, "Principal", path)
        actions = self.globs(action[0], f"{path}.Action", "plain")
        for one in actions:
            if one.text != "*" and ":" not in one.text:
                self.warn(f"{path}.Action", f"expected service:Action, found {one.text[:80]!r}")
        return Statement(
            index=index,
            sid=str(raw.get("Sid", "")),
            effect=raw["Effect"],
            principals=_principals(who[0], f"{path}.Principal") if who else None,
            not_principal=bool(who and who[1]),
            actions=actions,
            not_action=action[1],
            resources=self.globs(resource[0], f"{path}.Resource", "resource") if resource else None,
            not_resource=bool(resource and resource[1]),
            conditions=self.conditions(raw["Condition"], f"{path}.Condition")
            if "Condition" in raw
            else (),
        )

    def statements(self, raw: Any) -> Iterator[Statement]:
        listed = raw if isinstance(raw, list) else [raw]
        for index, one in enumerate(listed):
            path = f"Statement[{index}]" if isinstance(raw, list) else "Statement"
            try:
                yield self.statement(index, one, path)
            except _FaultError as fault:
                self.problems.append(fault.problem)

    def document(self, given: Any) -> Mapping[str, Any]:
        if not isinstance(given, dict):
            raise _FaultError("document", f"expected an object, found {_shape(given)}")
        raw = self.named(given, DOCUMENT, "")
        if "Statement" not in raw:
            raise _FaultError("document", "expected a Statement")
        return raw

    def policy(self, document: Any, name: str, size: int) -> Policy:
        try:
            raw = self.document(document)
        except _FaultError as fault:
            return Policy(name, "", (), (fault.problem,), size)
        version = str(raw.get("Version", VERSIONS[1]))
        if version not in VERSIONS:
            self.warn("Version", f"expected {' or '.join(VERSIONS)}, found {version[:20]!r}")
        self.variables = version == CURRENT
        statements = tuple(self.statements(raw["Statement"]))
        return Policy(name, version, statements, tuple(self.problems), size)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def _places(text: str) -> list[tuple[int, int]]:
    """The line and column of each statement: the objects at the depth where statements stand."""
    places: list[tuple[int, int]] = []
    depth, inside, last = 0, -1, ""
    line, line_start, seen = 1, 0, 0
    for token in _TOKEN.finditer(text):
        here = token[0]
        if here[0] == '"':
            last = here if depth == 1 else last
            continue
        if here in "]}":
            depth -= 1
            inside = -1 if depth == 1 else inside
            continue
        if depth == 1 and last.lower() == '"statement"':
            inside = depth + (here == "[")
        if here == "{" and depth == inside:
            line += text.count("\n", seen, token.start())
            line_start = text.rfind("\n", 0, token.start()) + 1
            seen = token.start()
            places.append((line, token.start() - line_start + 1))
        depth += 1
    return places


def _placed(policy: Policy, text: str) -> Policy:
    places = _places(text)
    if any(one.index >= len(places) for one in policy.statements):
        return policy  # such as a document quoted twice
    statements = tuple(replace(one, place=places[one.index]) for one in policy.statements)
    return Policy(policy.name, policy.version, statements, policy.problems, policy.size)


def _load(text: str) -> Any:
    document = json.loads(text, object_pairs_hook=_object)
    # botocore leaves a document that it cannot decode as text, which is then quoted once more.
    if isinstance(document, str):
        return json.loads(document, object_pairs_hook=_object)
    return document


@lru_cache(maxsize=50_000)
def _parsed(text: str, name: str) -> Policy:
    if len(text) > LONGEST:
        problem = Problem("document", f"expected at most {LONGEST:,} characters", "fatal")
        return Policy(name, "", (), (problem,), len(text))
    try:
        document = _load(text)
    except (ValueError, RecursionError) as error:
        what = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        problem = Problem("document", f"expected JSON: {what}", "fatal")
        return Policy(name, "", (), (problem,), len(text))
    return _placed(_Reader().policy(document, name, len(text)), text)


def parse(document: str | Mapping[str, Any], name: str = "policy") -> Policy:
    """The policy that a text (or an object read from JSON) holds.

    Never raises for what a document says: what has no meaning is in `problems`, and where that is
    fatal `whole` is False. `strict` is the other way.
    """
    if isinstance(document, str):
        return _parsed(document, name)
    return _Reader().policy(document, name, len(json.dumps(document)))


def strict(document: str | Mapping[str, Any], name: str = "policy") -> Policy:
    """As `parse`, but `PolicyError` names the first part of the document that has no meaning."""
    policy = parse(document, name)
    for problem in policy.problems:
        if problem.level != "warning":
            raise PolicyError(
                f"{name} is not a policy that can be read: {problem}.",
                "Correct that place in the document and run the command again.",
            )
    return policy
