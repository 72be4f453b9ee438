"""The JSON Schema of a runbook's front matter: the reader refuses by it, editors help by it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError

if TYPE_CHECKING:
    import jsonschema_rs

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "pattern": r"\S"}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}


def _globs(what: str) -> dict[str, Any]:
    return {"type": "array", "items": _TEXT, "uniqueItems": True, "description": what}


_TEST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "on": {**_DAY, "description": "The day of the test."},
        "by": {**_TEXT, "description": "Who tried it."},
        "how": {
            **_TEXT,
            "description": "Read-through, tabletop, functional, incident; and where the record is.",
        },
    },
    "required": ["on", "by", "how"],
    "additionalProperties": False,
}
_PROPERTIES: dict[str, Any] = {
    "title": {**_TEXT, "description": "What it is for, in one line."},
    "duty": {**_TEXT, "description": "The duty that has failed when it is opened."},
    "owner": {
        "type": "string",
        "description": "The team of owners.toml that keeps it; empty while nobody does.",
    },
    "roles": {
        "type": "object",
        "additionalProperties": _TEXT,
        "description": "Who does what: a role, and what it decides or does.",
    },
    "guardduty": _globs("Globs of GuardDuty's finding types, e.g. Policy:S3/*."),
    "detections": _globs("Globs of detection rules, e.g. s3/bucket_made_public."),
    "checks": _globs("Globs of checks, e.g. s3/bucket_*."),
    "tested": {"type": "array", "items": _TEST, "description": "Every test; the newest counts."},
}
_REQUIRED = ("title", "duty")


def front_matter() -> dict[str, Any]:
    """The front matter for editors, with the duties of the catalogue named."""
    duty = {"enum": sorted(load_duties().duties), "description": "An id of the duty catalogue."}
    return {**_schema(), "properties": {**_PROPERTIES, "duty": duty}}


def _schema() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": _PROPERTIES,
        "required": list(_REQUIRED),
        "additionalProperties": False,
    }


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_schema(), validate_formats=True)


def refuse_wrong(given: Mapping[str, Any], path: str) -> None:
    """`ConfigError` naming the first thing that is wrong in a front matter, and what is allowed."""
    unknown = sorted(set(given) - set(_PROPERTIES))
    if unknown:
        raise ConfigError(
            f"{path}: unknown key {', '.join(unknown)}.", f"Allowed keys: {', '.join(_PROPERTIES)}."
        )
    for error in _validator().iter_errors(dict(given)):
        where = ".".join(str(part) for part in error.instance_path)
        raise ConfigError(
            f"{path}: {f'{where}: ' if where else ''}{error.message}.",
            "Correct the front matter; the reference has its schema.",
        )
