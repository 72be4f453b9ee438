"""What each field of the model may hold, read once from the model itself."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

#: Characters that no text may hold: neither CSV nor a workbook gives them back as they were.
CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f\u0085\u2028\u2029\ufffe\uffff"
#: A text of one line: what stands in a list becomes one line of a cell.
LINE = rf"^[^{CONTROL}\u000a\u0009]*$"
PARAGRAPHS = f"^[^{CONTROL}]*$"


@dataclass(frozen=True, slots=True)
class Shape:
    """One field: its name in Python and in files, its kind, and its bounds."""

    name: str
    key: str
    says: str
    required: bool
    kind: Literal["text", "number", "flag", "words", "value", "values"]
    #: The dataclass of `value` and `values`.
    of: type | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    most: int = 0
    low: int = 0
    high: int = 0
    least: int = 0
    optional: bool = False

    @property
    def lines(self) -> bool:
        """Whether a text may have several lines."""
        return self.most > 2_048


@cache
def shapes(model: type) -> Mapping[str, Shape]:
    """The fields of a dataclass by their key in files."""
    hints = typing.get_type_hints(model)
    found = [_shape(f, hints[f.name]) for f in dataclasses.fields(model)]
    return {s.key: s for s in found}


def _shape(given: dataclasses.Field[Any], hint: Any) -> Shape:
    meta = given.metadata
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
        optional = True
    required = given.default is dataclasses.MISSING
    base = Shape(
        given.name,
        meta["key"] or given.name,
        meta["says"],
        required,
        "text",
        pattern=meta.get("pattern", ""),
        most=meta["most"],
        least=meta.get("least", 0),
        optional=optional,
    )
    if hint is bool:
        return dataclasses.replace(base, kind="flag")
    if hint is int:
        return dataclasses.replace(base, kind="number", low=meta["low"], high=meta["high"])
    if typing.get_origin(hint) is Literal:
        return dataclasses.replace(base, choices=typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        if inner is str:
            return dataclasses.replace(base, kind="words")
        return dataclasses.replace(base, kind="values", of=inner)
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        return dataclasses.replace(base, kind="value", of=hint)
    assert hint is str, f"{given.name}: no shape for {hint}"
    return base
