"""Reads a scenario: from YAML or plain data to the model; an error names file, place and remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path as File
from typing import Any, cast

from sharedline.duties.catalogue import refuse_unknown
from sharedline.errors import ConfigError
from sharedline.exercise import coherent
from sharedline.exercise.model import Scenario
from sharedline.exercise.shape import LINE, PARAGRAPHS, Shape, shapes
from sharedline.yaml12 import Path, dump, load


class Reading:
    """Where a value stands, for messages."""

    def __init__(self, where: str, lines: Mapping[Path, int]) -> None:
        self.where, self.lines = where, lines

    def at(self, path: Path) -> str:
        """`FILE, injects 3, minute (line 42)`."""
        parts: list[str] = []
        for step in path:
            if isinstance(step, int) and parts:
                parts[-1] += f" {step + 1}"
            else:
                parts.append(str(step))
        line = next(
            (self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0
        )
        return ", ".join([self.where, *parts]) + (f" (line {line})" if line else "")

    def refuse(self, path: Path, what: str, advice: str) -> ConfigError:
        """An error about the value at a path."""
        return ConfigError(f"{self.at(path)}: {what}.", advice)


def read_file(path: File) -> Scenario:
    """The scenario in a file."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}).", "Name a scenario's YAML file."
        ) from error
    return read(text, str(path))


def read(text: str, where: str) -> Scenario:
    """The scenario in a YAML text."""
    data, lines = load(text, where)
    if data is None:
        raise ConfigError(f"{where}: the file is empty.", "Give it id, title, injects, ….")
    return of_data(data, where, lines)


def of_data(data: Any, where: str, lines: Mapping[Path, int] | None = None) -> Scenario:
    """The scenario in plain data: shape first, then whether its parts agree."""
    reading = Reading(where, lines or {})
    scenario = cast("Scenario", shaped(Scenario, data, (), reading))
    for path, what, advice in coherent.faults(scenario):
        raise reading.refuse(path, what, advice)
    return scenario


def shaped(model: type, data: Any, path: Path, reading: Reading) -> Any:
    """Plain data as a dataclass of the model."""
    known = shapes(model)
    if not isinstance(data, dict):
        raise reading.refuse(path, f"{_word(data)} stands where keys are needed", _keys(known))
    refuse_unknown(data, set(known), reading.at(path))
    missing = [k for k, s in known.items() if s.required and k not in data]
    if missing:
        raise reading.refuse(path, f"{', '.join(missing)} is missing", _says(known, missing))
    given = {
        known[key].name: _field(known[key], value, (*path, key), reading)
        for key, value in data.items()
    }
    return model(**given)


def _word(value: Any) -> str:
    names = {str: "a text", bool: "true or false", int: "a number", float: "a fraction"}
    names |= {list: "a list", dict: "keys", type(None): "nothing"}
    return names.get(type(value), type(value).__name__)


def _keys(known: Mapping[str, Shape]) -> str:
    return f"Allowed keys: {', '.join(known)}."


def _says(known: Mapping[str, Shape], keys: list[str]) -> str:
    return " ".join(f"{k}: {known[k].says}" for k in keys)


def _field(shape: Shape, value: Any, path: Path, reading: Reading) -> Any:
    if shape.kind == "text":
        return _text(shape, value, path, reading)
    if shape.kind == "number":
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # 5.0 is a whole number to JSON Schema too
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or not shape.low <= value <= shape.high:
            wanted = f"a whole number from {shape.low} to {shape.high}"
            raise reading.refuse(path, f"{value!r} is not {wanted}", shape.says)
        return value
    if shape.kind == "flag":
        if not isinstance(value, bool):
            raise reading.refuse(path, f"{value!r} is not true or false", "Write true or false.")
        return value
    if shape.kind == "value":
        assert shape.of is not None
        return shaped(shape.of, value, path, reading)
    return _list(shape, value, path, reading)


def _list(shape: Shape, value: Any, path: Path, reading: Reading) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise reading.refuse(path, f"{_word(value)} is not a list", shape.says)
    if len(value) < shape.least:
        raise reading.refuse(
            path, f"{len(value)} are too few", f"Give at least {shape.least}: {shape.says}"
        )
    if shape.of is None:
        return tuple(_text(shape, v, (*path, n), reading) for n, v in enumerate(value))
    return tuple(shaped(shape.of, v, (*path, n), reading) for n, v in enumerate(value))


def _text(shape: Shape, value: Any, path: Path, reading: Reading) -> str:
    if not isinstance(value, str):
        raise reading.refuse(
            path, f"{_word(value)} is not a text", f'Write it in "…": {shape.says}'
        )
    if shape.choices and value not in shape.choices:
        allowed = ", ".join(shape.choices)
        raise reading.refuse(path, f"{value!r} is none of the words", f"Allowed: {allowed}.")
    # A list's items may not be empty: an empty line of a cell says nothing.
    if not value and (shape.required or shape.kind == "words"):
        raise reading.refuse(path, "the text is empty", shape.says)
    if len(value) > shape.most:
        raise reading.refuse(
            path, f"{len(value):,} characters are too many", f"At most {shape.most:,}."
        )
    if shape.pattern and not re.fullmatch(_python(shape.pattern), value):
        raise reading.refuse(
            path, f"{value!r} is not written right", f"It must match {shape.pattern}"
        )
    lines = shape.lines and shape.kind != "words"
    alone = any("\ud800" <= c <= "\udfff" for c in value)
    if alone or not re.fullmatch(_python(PARAGRAPHS if lines else LINE), value):
        what = "it holds control characters" if lines else "it holds more than one plain line"
        raise reading.refuse(path, what, "Write plain text.")
    return value


def _python(pattern: str) -> str:
    return pattern.removeprefix("^").removesuffix("$")


def plain(value: Any) -> dict[str, Any]:
    """A value of the model as plain data: what is left out is what holds anyway."""
    model: type = type(value)
    known = {s.name: s for s in shapes(model).values()}
    out: dict[str, Any] = {}
    for one in fields(value):
        shape, given = known[one.name], getattr(value, one.name)
        if not shape.required and given == one.default:
            continue
        if shape.kind == "value":
            given = plain(given)
        elif shape.kind == "values":
            given = [plain(v) for v in given]
        elif shape.kind == "words":
            given = list(given)
        out[shape.key] = given
    return out


def written(scenario: Scenario) -> str:
    """A scenario as YAML; `read` gives it back."""
    return dump(plain(scenario))
