"""JSON Schemas of what people write, for editors: owners, waivers, lines, a check's front matter.

The program's own readers decide; these say the same while one types. Dates of TOML are texts here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sharedline.checks.load import OPTIONAL, REQUIRED
from sharedline.comply.model import KINDS, Capability
from sharedline.duties.catalogue import CATEGORIES, load
from sharedline.exercise.schema import scenario
from sharedline.model import SEVERITIES, Side
from sharedline.runbooks.schema import front_matter as runbook

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string", "minLength": 1}
_DATE: Schema = {"type": "string", "format": "date"}
_GLOBS: Schema = {
    "description": "A text or a list of texts; * and ? stand for anything and one character.",
    "oneOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}],
}


def _object(
    properties: Mapping[str, Schema], required: tuple[str, ...] = (), **more: Any
) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _duty() -> Schema:
    return {"enum": sorted(load().duties), "description": "An id of the duty catalogue."}


def owners() -> Schema:
    """`owners.toml`: teams, and rules of which the last match wins."""
    team = _object(
        {
            "person": _said({"type": "string"}, "The person to call."),
            "contact": _said({"type": "string"}, "How to reach them."),
        }
    )
    conditions = ("account", "ou", "region", "service", "resource", "duty")
    rule = _object(
        {
            "team": _said(_TEXT, "A team of this file, or nobody."),
            "team_from_tag": _said(_TEXT, "The tag whose value names the team."),
            **dict.fromkeys(conditions, _GLOBS),
            "tag": _said(
                {"type": "object", "additionalProperties": {"type": "string"}},
                "Tags that the resource must have; values may be globs.",
            ),
            "note": {"type": "string"},
        },
        oneOf=[{"required": ["team"]}, {"required": ["team_from_tag"]}],
    )
    return _object(
        {
            "team": {"type": "object", "additionalProperties": team},
            "rule": _said({"type": "array", "items": rule}, "The last rule that matches wins."),
        }
    )


def waivers() -> Schema:
    """`waivers.toml`: accepted exceptions."""
    waiver = _object(
        {
            "check": _said(_TEXT, "A glob of check ids."),
            "duty": _said(_TEXT, "A glob of duty ids."),
            "resource": _said(_TEXT, "A glob of ARNs."),
            "account": _said(_TEXT, "A glob of account ids."),
            "reason": _said(_TEXT, "Why the exception is accepted."),
            "approver": _said(_TEXT, "Who accepted it."),
            "expires": _said(_DATE, "The day it ends; an expired waiver is a gap."),
        },
        ("reason", "approver", "expires"),
        anyOf=[{"required": [key]} for key in ("check", "duty", "resource")],
    )
    return _object({"waiver": {"type": "array", "items": waiver}})


def line() -> Schema:
    """`duties/lines/<service>.toml`: who acts on each duty of a service."""
    entry = _object(
        {
            "duty": _duty(),
            "table": _said(_TEXT, "The table that the condition reads."),
            "when": _said(_TEXT, "A SQL predicate over one row of the table."),
            "side": {"enum": [s.value for s in Side if s is not Side.UNKNOWN]},
            "aws": _said(_TEXT, "What AWS does."),
            "you": _said(_TEXT, "What the customer does."),
            "source": _said(
                {"type": "string", "pattern": "^https://(docs\\.)?aws\\.amazon\\.com/."},
                "The page of AWS that says so.",
            ),
            "read": _said(_DATE, "The day it was read."),
        },
        ("duty", "side", "source", "read"),
        dependentRequired={"when": ["table"]},
        allOf=[
            _needs("aws", ("aws", "shared")),
            _needs("you", ("customer", "shared")),
        ],
    )
    return _object(
        {
            "service": _said(_TEXT, "The file's name."),
            "name": _said(_TEXT, "The service's name for people."),
            "category": {"enum": list(CATEGORIES)},
            "tables": {"type": "array", "items": _TEXT, "uniqueItems": True},
            "line": {"type": "array", "items": entry},
        },
        ("service",),
    )


def _needs(text: str, sides: tuple[str, ...]) -> Schema:
    return {
        "if": {"properties": {"side": {"enum": list(sides)}}},
        "then": {"required": [text]},
    }


def check() -> Schema:
    """The TOML at the head of `checks/<area>/<desired_state>.sql`."""
    texts = {
        "title": "The desired state, so that met reads true.",
        "why": "What goes wrong where it is unmet.",
        "fix": "What a person can paste to put it right.",
    }
    known: dict[str, Schema] = {
        **{key: _said(_TEXT, text) for key, text in texts.items()},
        "severity": {"enum": list(SEVERITIES)},
        "duty": _duty(),
        "controls": _said(
            {"type": "object", "additionalProperties": {"type": "array", "items": _TEXT}},
            "Control ids by framework.",
        ),
        "params": _said({"type": "object"}, "Values used as $name, which users may change."),
        "population": _said(
            _TEXT, "The table whose rows are judged; by default the first in FROM."
        ),
        "tolerates": _said(
            {"type": "array", "items": _TEXT, "uniqueItems": True},
            "Tables whose failed listing the query copes with itself.",
        ),
    }
    return _object({key: known[key] for key in (*REQUIRED, *OPTIONAL)}, REQUIRED)


def _framework_line() -> dict[str, Schema]:
    return {
        "duties": {"type": "array", "items": _duty(), "uniqueItems": True},
        "side": _said(
            {"enum": [s.value for s in Side if s is not Side.UNKNOWN]},
            "The duty view: who must act. Without it the side follows from the duties.",
        ),
        "capability": _said(
            {"enum": [c.value for c in Capability]}, "The capability view: what AWS offers."
        ),
        "aws": _said(_TEXT, "What AWS does; by default what it does for the duties."),
        "you": _said(_TEXT, "What the customer does; by default what the duties ask."),
        "source": _said({"type": "string", "pattern": "^https://."}, "The page that says so."),
        "read": _said(_DATE, "The day it was read."),
    }


def framework() -> Schema:
    """`frameworks/<id>/framework.toml`: whose controls, which version, and the parts."""
    texts = {"type": "array", "items": _TEXT, "uniqueItems": True}
    part = _object(
        {
            "id": _said(_TEXT, "As the publisher spells it."),
            "title": _said(_TEXT, "The publisher's where the licence lets us, else our own."),
            "text": _said(_TEXT, "Only where the licence lets it be shipped."),
            "of": _said(_TEXT, "The control whose lettered part it is; its line is taken over."),
            "in": _said(_TEXT, "The group under which it is listed."),
            "baselines": texts,
            "maps": _said(texts, "Parts of other frameworks that it restates, framework:id."),
            "withdrawn": {"type": "boolean"},
            **_framework_line(),
        },
        ("id", "title"),
    )
    head: dict[str, Schema] = dict.fromkeys(
        ("id", "title", "publisher", "version", "url", "licence", "source"), _TEXT
    )
    return _object(
        {
            **head,
            "read": _said(_DATE, "The day the publisher's page was read."),
            "text": _said({"type": "boolean"}, "Whether the publisher's own text is included."),
            "kind": _said(
                {"enum": list(KINDS)},
                "A benchmark's control is proved only by a check that names it.",
            ),
            "baselines": texts,
            "part": {"type": "array", "items": part},
        },
        ("id", "title", "publisher", "version", "url", "read", "licence"),
    )


def framework_lines() -> Schema:
    """`frameworks/<id>/lines/*.toml`: the line through controls that a catalogue holds."""
    entry = _object(
        {
            "parts": _said(
                {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True},
                "Controls (with their lettered parts, without enhancements) or single parts.",
            ),
            **_framework_line(),
        },
        ("parts", "duties"),
    )
    return _object({"line": {"type": "array", "items": entry}})


def all_schemas() -> dict[str, str]:
    """The text of every schema by its name."""
    made = {
        "owners": owners(),
        "waivers": waivers(),
        "line": line(),
        "check": check(),
        "framework": framework(),
        "framework-lines": framework_lines(),
        "runbook": runbook(),
        "scenario": scenario(),
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        name: json.dumps({**head, "title": f"Sharedline: {name}", **schema}, indent=2) + "\n"
        for name, schema in made.items()
    }
