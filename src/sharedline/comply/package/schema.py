"""NIST's own JSON schema of OSCAL 1.2.1: what a document must be by itself.

The file in `schema/` is NIST's complete schema, which is in the public domain (17 U.S.C. 105).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from sharedline.errors import Error

if TYPE_CHECKING:
    import jsonschema_rs

#: So many faults of one document are named; the first says what is wrong with the builder.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document."""

    document: str
    rule: str
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.document} {self.path}: {self.text} [{self.rule}]"


@cache
def _whole() -> dict[str, Any]:
    file = resources.files("sharedline.comply.package") / "schema" / "oscal_complete_1.2.1.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


@cache
def _validator(model: str) -> jsonschema_rs.Draft7Validator:
    """The validator of one model, so that a fault is told from being another model."""
    import jsonschema_rs

    whole = _whole()
    models = {m: one for one in whole["oneOf"] for m in one["required"]}
    if model not in models:
        raise Error(f"OSCAL has no model {model!r}.", f"It has {', '.join(sorted(models))}.")
    rest = {k: v for k, v in whole.items() if k not in ("oneOf", "$id")}
    return jsonschema_rs.Draft7Validator({**rest, **models[model]})


def problems(name: str, document: dict[str, Any]) -> Iterator[Problem]:
    """What the schema finds wrong with a document."""
    models = [k for k in document if k != "$schema"]
    try:
        validator = _validator(models[0] if len(models) == 1 else "")
    except Error as error:
        yield Problem(name, "schema", "/", error.message)
        return
    for number, fault in enumerate(validator.iter_errors(document)):
        if number >= SHOWN:
            return
        where = "/" + "/".join(str(step) for step in fault.instance_path)
        yield Problem(name, "schema", where, fault.message[:300])
