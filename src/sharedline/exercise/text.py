"""YAML as exercises use it: the types of YAML 1.2, no anchors, every value with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from sharedline.errors import ConfigError

#: A scenario of an hour is 30 kB; what is much larger is no scenario.
MOST = 2_000_000
Path = tuple[str | int, ...]

_PATTERNS = (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$",
        "-+0123456789.",
    ),
)


class _Loader(yaml.SafeLoader):
    """`no`, `on` and dates are texts, as editors and YAML 1.2 read them."""


class _Dumper(yaml.SafeDumper):
    """Quotes what `_Loader` would not read as a text; long texts are blocks."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


for _class in (_Loader, _Dumper):
    _class.yaml_implicit_resolvers = {}
    for _tag, _pattern, _first in _PATTERNS:
        _class.add_implicit_resolver(_tag, re.compile(_pattern), list(_first.replace("\0", "")))
    _class.yaml_implicit_resolvers.setdefault("", []).append(
        ("tag:yaml.org,2002:null", re.compile("^$"))
    )


def _block(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _block)


def dump(data: Mapping[str, Any]) -> str:
    """YAML of plain data, keys in their order."""
    return yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def load(text: str, where: str) -> tuple[Any, dict[Path, int]]:
    """Plain data, and the line on which each value begins; `ConfigError` says what is wrong."""
    if len(text) > MOST:
        raise ConfigError(
            f"{where}: {len(text):,} characters are no scenario.", f"At most {MOST:,} are read."
        )
    try:
        node = yaml.compose(text, Loader=_refusing_anchors(text, where))
        lines: dict[Path, int] = {}
        if node is None:
            raise ConfigError(f"{where}: the file is empty.", "Give it id, title, injects, ….")
        return _value(node, (), lines, where), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{where}{at}: this is not YAML ({error.problem}).", "Correct that line."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{where}: this is not YAML ({error}).", "Write it as UTF-8 without control characters."
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{where}: it is nested too deeply.", "Write it flat.") from error


def _refusing_anchors(text: str, where: str) -> type[yaml.SafeLoader]:
    # Nine lines of anchors can stand for a thousand million values.
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise ConfigError(
                f"{where}, line {line}: anchors and aliases are not read.", "Write the value out."
            )
    return _Loader


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], where: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_value(n, (*path, i), lines, where) for i, n in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not isinstance(key, yaml.ScalarNode) or name in out:
                wrong = f"the key {name} stands there twice" if name else "a key is not a word"
                raise ConfigError(
                    f"{where}, line {key.start_mark.line + 1}: {wrong}.", "Keep one of them."
                )
            out[name] = _value(value, (*path, name), lines, where)
        return out
    return _scalar(node, where)


def _scalar(node: yaml.Node, where: str) -> Any:
    kind, text = node.tag.rsplit(":", 1)[-1], str(node.value)
    if kind == "str":
        return text
    if kind == "int" and len(text) < 20:
        return int(text)
    if kind in ("int", "float"):
        return float(text.replace(".inf", "inf").replace(".nan", "nan").lower())
    if kind == "bool":
        return text.lower() == "true"
    if kind == "null":
        return None
    raise ConfigError(
        f"{where}, line {node.start_mark.line + 1}: the tag !{kind} is not read.",
        "Write a plain value.",
    )
