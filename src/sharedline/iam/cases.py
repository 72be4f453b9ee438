"""Files of cases: requests with all their policies, one JSON record a line.

A record: `id`, `request` {`principal`, `action`, `resource`, `context`, `wildcard_only_action`},
`principal_account`, `resource_account`, `policies` {`identity`, `resource`, `boundary`, `session`,
`scps`, `rcps`, `vpce`}, and where it is known `expected`. More members may stand beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sharedline.errors import Error
from sharedline.iam.language import Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Caller, Context, Policies, Request, caller_of


class CaseError(Error):
    """A record that is not a case: names the line and what was expected."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Line {line}: {message}.", "Correct that line and run the command again.")
        self.line = line


@dataclass(frozen=True, slots=True)
class Case:
    """One record of a file, with the number of its line from 1."""

    id: str
    line: int
    record: Mapping[str, Any]

    @property
    def dubious(self) -> bool:
        """Whether those who labelled it doubt the label."""
        tags = self.record.get("tags") or ()
        return isinstance(tags, list) and "dubious" in tags


def read(path: Path) -> Iterator[Case]:
    """The cases of a file, read as they are asked for; empty lines are passed over."""
    for found in read_all(path):
        if isinstance(found, CaseError):
            raise found
        yield found


def read_all(path: Path) -> Iterator[Case | CaseError]:
    """As `read`, but a malformed line is yielded as its error, and reading goes on."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield _case(number, raw)


def _case(number: int, raw: bytes) -> Case | CaseError:
    try:
        record = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError:
        return CaseError(number, "expected UTF-8 text")
    except (ValueError, RecursionError) as error:
        return CaseError(number, f"expected a JSON object, but {error}")
    if not isinstance(record, dict):
        return CaseError(number, "expected a JSON object")
    return Case(str(record.get("id", f"line {number}")), number, record)


def agrees(answer: Answer, expected: str) -> bool:
    """Whether an answer is the expected one; `Denied` is either denial."""
    if expected == "Denied":
        return answer in (Answer.EXPLICITLY_DENIED, Answer.IMPLICITLY_DENIED)
    return answer.value == expected


def request_of(record: Mapping[str, Any], line: int = 0) -> tuple[Request, Policies]:
    """The request and the policies of a record; CaseError names what is not as expected."""
    reader = _Reader(record, line)
    return reader.request(), reader.policies()


class _Reader:
    """Reads one record; `line` is for errors only."""

    def __init__(self, record: Mapping[str, Any], line: int) -> None:
        self.record, self.line = record, line

    def fault(self, place: str, expected: str) -> CaseError:
        return CaseError(self.line, f"expected {expected} in {place}")

    def object(self, of: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
        found = of.get(name)
        if not isinstance(found, dict):
            raise self.fault(place, "an object")
        return found

    def text(self, of: Mapping[str, Any], name: str, place: str, default: str | None = None) -> str:
        found = of.get(name)
        if found is None and default is not None:
            return default
        if not isinstance(found, str) or not (found or default == ""):
            raise self.fault(place, "text")
        return found

    def request(self) -> Request:
        raw = self.object(self.record, "request", "request")
        resource = self.text(raw, "resource", "request.resource", "*")
        return Request(
            caller=self.caller(raw),
            action=self.action(raw),
            resource="*" if raw.get("wildcard_only_action") is True else resource,
            context=self.context(raw),
            resource_account=self.text(self.record, "resource_account", "resource_account", ""),
        )

    def action(self, raw: Mapping[str, Any]) -> str:
        action = self.text(raw, "action", "request.action")
        if ":" not in action:
            raise self.fault("request.action", "service:Action")
        return action

    def caller(self, raw: Mapping[str, Any]) -> Caller:
        principal = self.text(raw, "principal", "request.principal")
        try:
            return caller_of(principal, role=self.text(raw, "role", "request.role", ""))
        except ValueError:
            expected = "a principal's ARN, a service's name or *"
            raise self.fault("request.principal", expected) from None

    def context(self, raw: Mapping[str, Any]) -> Context:
        given = raw.get("context") or {}
        if not isinstance(given, dict):
            raise self.fault("request.context", "an object")
        values = {}
        for key, value in given.items():
            if value is None:
                continue  # absent
            several = value if isinstance(value, list) else [value]
            if not all(isinstance(one, (str, int, float)) for one in several):
                raise self.fault(f"request.context.{key}", "text or a list of texts")
            values[key.lower()] = tuple(_text(one) for one in several)
        return Context(values, complete=raw.get("context_complete") is not False)

    def policies(self) -> Policies:
        raw = self.object(self.record, "policies", "policies")
        resource = raw.get("resource")
        return Policies(
            identity=self.several(raw.get("identity"), "policies.identity"),
            resource=None if resource is None else self.policy(resource, "policies.resource", ""),
            boundary=self.maybe(raw, "boundary"),
            session=self.maybe(raw, "session"),
            scps=self.levels(raw, "scps"),
            rcps=self.levels(raw, "rcps"),
            vpce=self.maybe(raw, "vpce"),
        )

    def maybe(self, raw: Mapping[str, Any], name: str) -> tuple[Policy, ...] | None:
        found = raw.get(name)
        return None if found is None else self.several(found, f"policies.{name}")

    def levels(self, raw: Mapping[str, Any], name: str) -> tuple[tuple[Policy, ...], ...]:
        found = raw.get(name)
        if found is None:
            return ()
        if not isinstance(found, list):
            raise self.fault(f"policies.{name}", "a list of levels")
        return tuple(self.several(one, f"policies.{name}[{at}]") for at, one in enumerate(found))

    def several(self, given: Any, place: str) -> tuple[Policy, ...]:
        if given is None:
            return ()
        if not isinstance(given, list):
            return (self.policy(given, place, ""),)
        return tuple(
            self.policy(one, f"{place}[{at}]", f"number {at + 1}") for at, one in enumerate(given)
        )

    def policy(self, given: Any, place: str, name: str) -> Policy:
        """A policy, named by its Id or its place. The same document is the same policy."""
        if not isinstance(given, (dict, str)):
            raise self.fault(place, "a policy document")
        named = str(given.get("Id") or "") if isinstance(given, dict) else ""
        text = given if isinstance(given, str) else json.dumps(given)
        return parse(text, named or name or "of the case")


def _text(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
