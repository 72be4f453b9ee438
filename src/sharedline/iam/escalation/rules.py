"""The rules of escalation: one TOML file a way, read and checked; the id is the path."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sharedline.errors import ConfigError
from sharedline.iam.actions import find, resource_arns

#: Whom or what a rule aims at.
TARGETS: Mapping[str, str] = {
    "self": "the holder",
    "own-policy": "a managed policy of the account that the holder has",
    "own-group": "a group that the holder is in",
    "group": "a group that the holder is not in",
    "user": "another user",
    "role": "another role",
    "policy-of-role": "a managed policy of the account that another role has",
    "passed-role": "a role that is passed to `service` and trusts it",
    "assumed-by-passed-role": "a role that the passed role may assume",
    "resource": "an existing resource with its role: see `[resource]`",
}
#: What following a rule gives.
GIVES: Mapping[str, str] = {
    "become": "acting as the target",
    "deploy": "having a template made with the target's rights",
    "raise": "any permission for the target, and acting as it",
    "join": "the permissions of the group, beside one's own",
}
#: What must be so beside the permissions; `needs.py` has one function for each.
NEEDS = (
    *("assumable-once-trusted", "cluster", "container-instance", "event-source"),
    *("instance-profile", "invoked", "key-full", "key-slot", "launched", "no-password"),
    *("notebook-running", "password", "running", "ssh", "ssm-online"),
)
#: What a permission must be held on; `new` and `existing` are followed by service:type.
PLACES = ("*", "self", "target", "passed-role", "group", "policy", "resource")
#: What an example expects: an edge and how sure, or none, and why.
EXPECTED = ("yes", "depends", "unknown", "no", "dormant", "bounded")
_KINDS = ("new", "existing")
_KEYS = {
    *("title", "covers", "technique", "source", "read", "why", "mitigation", "by", "target"),
    *("service", "passed_to", "gives", "needs", "resource", "permission", "example"),
}
_RESOURCE = {"table", "column", "type", "trusts"}
_EXAMPLE = {"says", "expect", "from", "to", "estate"}


@dataclass(frozen=True, slots=True)
class Permission:
    """An action, and what it must be held on: see `PLACES`."""

    action: str
    on: str

    @property
    def kind(self) -> str:
        """`new` or `existing` for a resource of a type; empty for another place."""
        word = self.on.partition(" ")[0]
        return word if word in _KINDS else ""

    @property
    def type(self) -> str:
        """`lambda:function` of `new lambda:function`."""
        return self.on.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Bearer:
    """The existing resources that have a role.

    `table` holds them and `column` the role; `trusts` are the services that such a role trusts,
    which narrows what is possible where the table was not read.
    """

    table: str
    column: str
    type: str
    trusts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A small estate in which the rule does or does not lead from one principal to another."""

    says: str
    expect: str
    start: str
    end: str
    estate: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One way from a principal to more than it has."""

    id: str
    title: str
    covers: tuple[str, ...]
    technique: tuple[str, ...]
    source: str
    read: date
    why: str
    mitigation: str
    target: str
    gives: str
    permissions: tuple[Permission, ...]
    by: str = "any"
    service: tuple[str, ...] = ()
    passed_to: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    resource: Bearer | None = None
    examples: tuple[Example, ...] = field(default=(), repr=False)

    @property
    def actions(self) -> frozenset[str]:
        """The actions that the holder must have."""
        return frozenset(one.action for one in self.permissions)


class _Reader:
    """Reads one file; every refusal names the file, the key and what is allowed."""

    def __init__(self, where: str, data: Mapping[str, Any]) -> None:
        self.where, self.data = where, data

    def error(self, what: str, allowed: str) -> ConfigError:
        return ConfigError(f"{self.where}: {what}.", allowed)

    def known(self, entry: Any, allowed: set[str], at: str) -> Mapping[str, Any]:
        if not isinstance(entry, dict):
            raise self.error(f"{at} is not a table", f"Allowed keys: {', '.join(sorted(allowed))}.")
        unknown = sorted(set(entry) - allowed)
        if unknown:
            raise self.error(
                f"{at} has the unknown key {', '.join(unknown)}",
                f"Allowed keys: {', '.join(sorted(allowed))}.",
            )
        return entry

    def text(self, key: str, entry: Mapping[str, Any] | None = None, at: str = "") -> str:
        value = (self.data if entry is None else entry).get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{at}{key} is not text", f'Write {key} = "…".')
        return " ".join(value.split())

    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.error(f"{key} is not a list of texts", f'Write {key} = ["…"].')
        if len(value) < least:
            raise self.error(f"{key} is missing", f'Write {key} = ["…"].')
        return tuple(value)

    def one_of(self, value: str, allowed: tuple[str, ...], at: str) -> str:
        if value not in allowed:
            raise self.error(f"{at} is {value!r}", f"Allowed: {', '.join(allowed)}.")
        return value

    def entries(self, key: str) -> list[Any]:
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.error(f"{key} is not a list", f"Write [[{key}]] above each.")
        return value

    def type(self, value: str, at: str) -> str:
        service, _, name = value.partition(":")
        types = resource_arns(service)
        if name not in types:
            known = ", ".join(sorted(types)) or "none: AWS has no such service"
            raise self.error(f"{at} names the resource type {value!r}", f"Of {service}: {known}.")
        return value

    def permission(self, entry: Any, at: str) -> Permission:
        found = self.known(entry, {"action", "on"}, at)
        action = self.text("action", found, f"{at}.")
        if find(action) is None:
            raise self.error(
                f"{at}.action is {action!r}", "Name an action as the authorization reference does."
            )
        one = Permission(action, self.text("on", found, f"{at}."))
        if one.kind:
            self.type(one.type, f"{at}.on")
        else:
            places = (*PLACES, "new SERVICE:TYPE", "existing SERVICE:TYPE")
            self.one_of(one.on, places, f"{at}.on")
        return one

    def bearer(self) -> Bearer | None:
        if "resource" not in self.data:
            return None
        found = self.known(self.data["resource"], _RESOURCE, "resource")
        trusts = found.get("trusts")
        if not isinstance(trusts, list) or not trusts:
            raise self.error("resource.trusts is not a list of services", 'Write trusts = ["…"].')
        return Bearer(
            table=self.text("table", found, "resource."),
            column=self.text("column", found, "resource."),
            type=self.type(self.text("type", found, "resource."), "resource.type"),
            trusts=tuple(trusts),
        )

    def example(self, entry: Any, at: str) -> Example:
        found = self.known(entry, _EXAMPLE, at)
        estate = found.get("estate")
        if not isinstance(estate, dict) or not all(isinstance(v, dict) for v in estate.values()):
            raise self.error(f"{at}.estate is not a table of tables", "Write [example.estate].")
        expect = self.one_of(self.text("expect", found, f"{at}."), EXPECTED, f"{at}.expect")
        said = (self.text(key, found, f"{at}.") for key in ("says", "from", "to"))
        says, start, end = said
        return Example(says, expect, start, end, estate)

    def day(self) -> date:
        value = self.data.get("read")
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error("read is not a date", "Write read = 2026-11-21, unquoted.")
        return value

    def rule(self, name: str) -> Rule:
        self.known(self.data, _KEYS, "the file")
        needs = self.texts("needs")
        for one in needs:
            self.one_of(one, NEEDS, "needs")
        permissions = tuple(
            self.permission(entry, f"permission[{n}]")
            for n, entry in enumerate(self.entries("permission"))
        )
        if not permissions:
            raise self.error("there is no permission", "Write [[permission]] with action and on.")
        source = self.text("source")
        if not source.startswith("https://"):
            raise self.error("source is no address", "Cite the AWS page that says so.")
        rule = Rule(
            id=name,
            title=self.text("title"),
            covers=self.texts("covers"),
            technique=self.texts("technique"),
            source=source,
            read=self.day(),
            why=self.text("why"),
            mitigation=self.text("mitigation"),
            target=self.one_of(self.text("target"), tuple(TARGETS), "target"),
            gives=self.one_of(self.text("gives"), tuple(GIVES), "gives"),
            permissions=permissions,
            by=self.one_of(str(self.data.get("by", "any")), ("any", "user", "role"), "by"),
            service=self.texts("service"),
            passed_to=self.texts("passed_to") or self.texts("service"),
            needs=needs,
            resource=self.bearer(),
            examples=tuple(
                self.example(e, f"example[{n}]") for n, e in enumerate(self.entries("example"))
            ),
        )
        self.whole(rule)
        return rule

    def whole(self, rule: Rule) -> None:
        """Refuses parts that do not belong together."""
        if (rule.target == "resource") != (rule.resource is not None):
            raise self.error(
                f"target is {rule.target!r}", "[resource] and target = 'resource' go together."
            )
        if rule.target.endswith("passed-role") != bool(rule.service):
            raise self.error(f"target is {rule.target!r}", "service and a passed role go together.")
        if rule.target.endswith("passed-role") != any(
            one.on == "passed-role" for one in rule.permissions
        ):
            raise self.error("no permission is on 'passed-role'", "A passed role needs one.")


def parse(text: str, name: str, where: str) -> Rule:
    """The rule of a file's text; `ConfigError` where it is none."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}.", "Correct that line.") from error
    return _Reader(where, data).rule(name)


def read(folder: Path) -> dict[str, Rule]:
    """The rules of a folder by id, which is the path without its ending."""
    found = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        try:
            found[name] = parse(path.read_text("utf-8"), name, str(path))
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    return found


@cache
def rules() -> Mapping[str, Rule]:
    """The rules that ship with the package."""
    return read(Path(str(resources.files("sharedline.iam.escalation"))) / "rules")
