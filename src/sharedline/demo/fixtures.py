"""Reads the fixture folder: answers of AWS as data, each checked against botocore's shapes.

The path says what a file answers: `<account or _all>/<region or _all>/<service>.<Operation>.yaml`.
The most specific file that has a matching case wins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import botocore.loaders
import yaml
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, OperationModel, ServiceModel, StructureShape

from sharedline.demo.shapes import Conform, ShapeError, fill
from sharedline.errors import ConfigError

ALL = "_all"
SUFFIXES = (".yaml", ".yml", ".json")
ACCOUNT = re.compile(r"\d{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
CASE_KEYS = {"when", "keep", "output", "error"}
ERROR_KEYS = {"code", "message", "status"}

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Failure:
    """An error answer: AWS's code, its message and the HTTP status."""

    code: str
    message: str = ""
    status: int = 400


@dataclass(frozen=True)
class Case:
    """One answer and the request parameters it is for; exactly one of `output` and `error`.

    `keep` narrows a batch answer to what was asked for: `{Findings: {Id: FindingIds}}` keeps
    the items of `Findings` whose `Id` is in the request's `FindingIds`.
    """

    when: Mapping[str, Any] = field(default_factory=dict)
    keep: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    output: Mapping[str, Any] | None = None
    error: Failure | None = None

    def answer(
        self, params: Mapping[str, Any], account: str, region: str
    ) -> Mapping[str, Any] | Failure | None:
        """The output or error for these parameters; None when the case is not for them."""
        names = {"account": account, "region": region}
        if not _matches(fill(self.when, names), params):
            return None
        if self.error:
            return self.error
        return self._kept(fill(self.output or {}, names), params)

    def _kept(self, output: dict[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
        for member, rule in self.keep.items():
            for name, asked_for in rule.items():
                wanted = params.get(asked_for)
                if wanted is not None and member in output:
                    output[member] = [i for i in output[member] if i.get(name) in wanted]
        return output


@dataclass(frozen=True)
class Fixtures:
    """All cases, by account, Region, service and operation."""

    cases: Mapping[Key, tuple[Case, ...]] = field(default_factory=dict)

    def find(self, service: str, operation: str, account: str, region: str) -> Iterator[Case]:
        """The cases for this operation, the most specific first."""
        for where in ((account, region), (account, ALL), (ALL, region), (ALL, ALL)):
            yield from self.cases.get((*where, service, operation), ())


def load(folder: Path | None, now: datetime) -> Fixtures:
    """Read and check a whole folder; a ConfigError names the first file that is wrong."""
    if folder is None:
        return Fixtures()
    if not folder.is_dir():
        raise ConfigError(f"There is no fixture folder {folder}.", "Create it, or leave it out.")
    cases: dict[Key, tuple[Case, ...]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.suffix == ".md" or path.name.startswith("."):
            continue
        key = _key(path, folder)
        if key in cases:
            raise _error(path, "", f"another file answers {key[2]}.{key[3]} here too")
        cases[key] = _cases(path, _operation(path, key[2], key[3]), now)
    return Fixtures(cases)


def _key(path: Path, folder: Path) -> Key:
    parts = path.relative_to(folder).parts
    service, _, operation = path.stem.partition(".")
    if len(parts) != 3 or path.suffix not in SUFFIXES or not operation:
        wanted = "<account or _all>/<region or _all>/<service>.<Operation>.yaml"
        raise _error(path, "", f"is not named {wanted}")
    account, region, _ = parts
    if account != ALL and not ACCOUNT.fullmatch(account):
        raise _error(path, "", f"the folder {account!r} is neither 12 digits nor {ALL}")
    if region != ALL and not REGION.fullmatch(region):
        raise _error(path, "", f"the folder {region!r} is neither a Region nor {ALL}")
    return account, region, service, operation


@cache
def service_model(service: str) -> ServiceModel:
    """The description of a service that comes with botocore."""
    loader = botocore.loaders.create_loader()
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def _operation(path: Path, service: str, operation: str) -> OperationModel:
    try:
        model = service_model(service)
    except UnknownServiceError as error:
        raise _error(path, "", f"boto3 has no service {service!r}") from error
    if operation not in model.operation_names:
        raise _error(path, "", f"{service} has no operation {operation!r}")
    return model.operation_model(operation)


def _cases(path: Path, operation: OperationModel, now: datetime) -> tuple[Case, ...]:
    try:
        data = _Loader(path.read_text("utf-8")).get_single_data()
    except yaml.YAMLError as error:
        raise _error(path, "", " ".join(str(error).split())) from error
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise _error(path, "", "must hold a list of {when, output or error}")
    try:
        return tuple(_case(item, operation, now, f"[{i}]") for i, item in enumerate(data))
    except ShapeError as error:
        raise _error(path, error.path, error.problem) from error


def _case(item: dict[str, Any], operation: OperationModel, now: datetime, at: str) -> Case:
    _only(item, CASE_KEYS, at)
    if ("output" in item) == ("error" in item):
        raise ShapeError(at, "needs either output or error")
    when = item.get("when", {})
    if operation.input_shape is not None:
        when = Conform(now, partial=True)(when, operation.input_shape, f"{at}.when")
    elif when:
        raise ShapeError(f"{at}.when", f"{operation.name} has no parameters")
    keep = item.get("keep", {})
    _check_keep(keep, operation, f"{at}.keep")
    if "error" in item:
        return Case(when, keep, error=_failure(item["error"], f"{at}.error"))
    if operation.output_shape is None:
        if item["output"]:
            raise ShapeError(f"{at}.output", f"{operation.name} answers nothing; write {{}}")
        return Case(when, keep, output={})
    output = Conform(now)(item["output"], operation.output_shape, f"{at}.output")
    return Case(when, keep, output=output)


def _failure(item: Any, at: str) -> Failure:
    if not isinstance(item, dict) or not isinstance(item.get("code"), str):
        raise ShapeError(at, "must be {code, message, status} with at least the code")
    _only(item, ERROR_KEYS, at)
    failure = Failure(**item)
    if not isinstance(failure.message, str):
        raise ShapeError(f"{at}.message", "must be a string (quote it)")
    if not isinstance(failure.status, int) or not 400 <= failure.status <= 599:
        raise ShapeError(f"{at}.status", "must be an HTTP status from 400 to 599")
    return failure


def _check_keep(keep: Any, operation: OperationModel, at: str) -> None:
    shapes = operation.output_shape, operation.input_shape
    outputs, inputs = (shape.members if shape else {} for shape in shapes)
    if not isinstance(keep, dict):
        raise ShapeError(at, "must be {list in the output: {its member: parameter}}")
    for member, rule in keep.items():
        items = outputs.get(member)
        entry = items.member if isinstance(items, ListShape) else None
        if not isinstance(entry, StructureShape) or not isinstance(rule, dict):
            raise ShapeError(f"{at}.{member}", "is not a list of structures in the output")
        _only(rule, set(entry.members), f"{at}.{member}")
        for name, asked_for in rule.items():
            if asked_for not in inputs:
                raise ShapeError(f"{at}.{member}.{name}", f"no parameter {asked_for!r}")


def _only(item: Mapping[str, Any], allowed: set[str], at: str) -> None:
    for name in item:
        if name not in allowed:
            known = ", ".join(sorted(allowed)[:20])
            raise ShapeError(f"{at}.{name}", f"unknown key; allowed: {known}")


def _matches(pattern: Any, value: Any) -> bool:
    """Whether a request value fits: mappings by their named members, all else by equality."""
    if isinstance(pattern, Mapping):
        return isinstance(value, Mapping) and all(
            _matches(item, value.get(name)) for name, item in pattern.items()
        )
    return bool(pattern == value)


def _error(path: Path, place: str, problem: str) -> ConfigError:
    at = f" at {place}" if place else ""
    return ConfigError(f"Fixture {path}{at}: {problem}.", "Correct the file and start again.")


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice, and knows `!json` for members that hold JSON text."""

    def compose_mapping_node(self, anchor: Any) -> Any:
        """A mapping whose keys all differ, checked before merge keys (`<<`) are resolved."""
        node = super().compose_mapping_node(anchor)
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                problem = f"the key {key!r} is given twice"
                raise yaml.composer.ComposerError(None, None, problem, node.start_mark)
        return node


def _json_text(loader: _Loader, node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return json.dumps(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return json.dumps(loader.construct_sequence(node, deep=True))
    problem = "!json stands before a mapping or a list"
    raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


_Loader.add_constructor("!json", _json_text)
