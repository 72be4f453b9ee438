"""YAML that people write: the types of YAML 1.2, no anchors, every value with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from sharedline.errors import ConfigError

#: Characters of a text. A scenario of an hour is 30 kB, a runbook's front matter 1 kB.
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


class _AnchorError(yaml.MarkedYAMLError):
    """An anchor or an alias stands at `problem_mark`."""


class _Loader(yaml.SafeLoader):
    """`no`, `on` and dates are texts, as editors and YAML 1.2 read them."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        # Nine lines of anchors can stand for a thousand million values.
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _AnchorError(problem_mark=event.start_mark)
        return super().compose_node(parent, index)


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


def load(text: str, where: str, what: str = "this", above: int = 0) -> tuple[Any, dict[Path, int]]:
    """Plain data, and the line on which each value begins; a text without a value is None.

    Dates are texts. `what` is what messages call the text, `above` is how many lines of the file
    stand above it.

    Raises:
        ConfigError: It is no YAML, or has anchors, tags or a key twice; it says where.
    """
    if len(text) > MOST:
        raise ConfigError(
            f"{where}: {len(text):,} characters are too many.", f"At most {MOST:,} are read."
        )
    reading = _Reading(where, above)
    try:
        node = yaml.compose(text, Loader=_Loader)
        return (None if node is None else reading.value(node, ())), reading.lines
    except _AnchorError as error:
        raise reading.refuse(
            error.problem_mark, "anchors and aliases are not read", "Write the value out."
        ) from error
    except yaml.MarkedYAMLError as error:
        mark, wrong = error.problem_mark or error.context_mark, f"is not YAML ({error.problem})"
        raise reading.refuse(mark, f"{what} {wrong}", "Correct that line.") from error
    except yaml.YAMLError as error:
        wrong = f"{what} is not YAML ({' '.join(str(error).split())})"
        advice = "Write it as UTF-8 without control characters."
        raise reading.refuse(None, wrong, advice) from error
    except RecursionError as error:
        raise reading.refuse(None, "it is nested too deeply", "Write it flat.") from error


class _Reading:
    """Nodes as plain data, each with its line in the file."""

    def __init__(self, where: str, above: int) -> None:
        self.where, self.above = where, above
        self.lines: dict[Path, int] = {}

    def refuse(self, mark: yaml.Mark | None, wrong: str, advice: str) -> ConfigError:
        line = f", line {mark.line + 1 + self.above}" if mark else ""
        return ConfigError(f"{self.where}{line}: {wrong}.", advice)

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines[path] = node.start_mark.line + 1 + self.above
        kind = node.tag.rsplit(":", 1)[-1]
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return [self.value(n, (*path, i)) for i, n in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, path)
        try:
            if isinstance(node, yaml.ScalarNode):
                return _SCALARS[kind](node.value)
        except (KeyError, ValueError):  # a tag that says what the text is not
            pass
        tag = kind if kind.startswith("!") else f"!{kind}"
        raise self.refuse(node.start_mark, f"the tag {tag} is not read", "Write a plain value.")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not isinstance(key, yaml.ScalarNode) or name in out:
                wrong = f"the key {name} stands there twice" if name else "a key is not a word"
                raise self.refuse(key.start_mark, wrong, "Keep one of them.")
            out[name] = self.value(value, (*path, name))
        return out


def _float(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan").lower())


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    # int() takes time that grows with the square of the digits
    "int": lambda text: int(text) if len(text) < 20 else _float(text),
    "float": _float,
    "bool": lambda text: text.lower() == "true",
    "null": lambda _: None,
}
