"""The JSON Schema of a scenario for editors, made from the model."""

from __future__ import annotations

from typing import Any

from sharedline.exercise.model import Scenario
from sharedline.exercise.shape import LINE, PARAGRAPHS, Shape, shapes

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario() -> Schema:
    """What the reader accepts, but for what only the whole can tell (`coherent`)."""
    definitions: dict[str, Schema] = {}
    _define(Scenario, definitions)
    top = definitions.pop("scenario")
    return {"$schema": DIALECT, "title": "A scenario of an exercise", **top, "$defs": definitions}


def _define(model: type, into: dict[str, Schema]) -> str:
    name = model.__name__.lower()
    if name not in into:
        into[name] = {}
        known = shapes(model)
        into[name] |= {
            "type": "object",
            "description": (model.__doc__ or "").strip(),
            "properties": {k: _property(s, into) for k, s in known.items()},
            "required": [k for k, s in known.items() if s.required],
            "additionalProperties": False,
        }
    return name


def _property(shape: Shape, into: dict[str, Schema]) -> Schema:
    said: Schema = {"description": shape.says}
    if shape.kind == "number":
        return {**said, "type": "integer", "minimum": shape.low, "maximum": shape.high}
    if shape.kind == "flag":
        return {**said, "type": "boolean"}
    if shape.kind == "text":
        return {**said, **_text(shape)}
    if shape.kind == "words":
        return {**said, "type": "array", "items": _text(shape), "minItems": shape.least}
    assert shape.of is not None
    ref = {"$ref": f"#/$defs/{_define(shape.of, into)}"}
    if shape.kind == "value":
        return {**said, **ref}
    return {**said, "type": "array", "items": ref, "minItems": shape.least}


def _text(shape: Shape) -> Schema:
    if shape.choices:
        return {"enum": list(shape.choices)}
    several = shape.lines and shape.kind != "words"
    out: Schema = {
        "type": "string",
        "maxLength": shape.most,
        # What the field asks for is stricter than being plain text.
        "pattern": shape.pattern or (PARAGRAPHS if several else LINE),
    }
    if shape.required or shape.kind == "words":
        out["minLength"] = 1
    return out
